import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats import people
from gatekeeper.formats.characters import BIDI
from gatekeeper.formats.errors import FormatInvalid
from tests.formats.vectors import rows

VECTORS = rows("people")
FIELDS = ("phone", "id_number", "name")


@pytest.mark.parametrize(("field", "written", "kept"), [(f, *row) for f in FIELDS for row in VECTORS[f]])
def test_a_good_value_is_kept_in_one_form(field, written, kept):
    assert getattr(people, field)(written) == kept


@pytest.mark.parametrize(
    ("field", "written", "code"), [(f, *row) for f in (*FIELDS, "credit_code") for row in VECTORS[f"{f}_refused"]]
)
def test_a_bad_value_is_refused_with_its_reason(field, written, code):
    with pytest.raises(FormatInvalid) as refusal:
        getattr(people, field)(written)
    assert refusal.value.code == code
    assert refusal.value.text.zh and refusal.value.text.en


@pytest.mark.parametrize(("written", "kept", "warned"), VECTORS["credit_code"])
def test_a_credit_code_that_fails_its_check_is_kept_with_a_warning(written, kept, warned):
    value, warning = people.credit_code(written)
    assert value == kept
    assert (warning is not None) == warned


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [(f, *row) for f in ("mask_phone", "mask_id", "mask_name", "mask_plate") for row in VECTORS[f]],
)
def test_a_mask_shows_what_the_vectors_say(mask, value, shown):
    assert getattr(people, mask)(value) == shown


@pytest.mark.parametrize(("written", "kept"), VECTORS["clean_text"])
def test_free_text_is_cleaned(written, kept):
    assert people.clean_text(written, 100) == kept


@given(st.from_regex("1[3-9][0-9]{9}", fullmatch=True))
def test_a_masked_phone_never_holds_its_hidden_digits(number):
    shown = people.mask_phone(number)
    assert shown == number[:3] + "****" + number[7:]
    assert sum(c.isdigit() for c in shown) == 7


@given(st.from_regex("[0-9]{17}[0-9X]", fullmatch=True))
def test_a_masked_id_never_holds_the_birth_date(number):
    shown = people.mask_id(number)
    assert shown[6:14] == "********" and shown[:6] == number[:6] and shown[14:] == number[14:]


@given(st.text(min_size=1, max_size=30))
def test_a_mask_of_anything_hides_most_of_it(text):
    assert people.mask_phone(text) == "*" * min(len(text), 11)
    assert set(people.mask_name(text)[2:]) <= {"*"}
    assert people.mask_name(text) != text or text.startswith("*")


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=60), st.integers(min_value=0, max_value=40))
def test_cleaned_text_can_be_stored_shown_and_cleaned_again(text, limit):
    kept = people.clean_text(text, limit)
    assert len(kept) <= limit
    assert "\x00" not in kept and not BIDI & set(kept)
    kept.encode("utf-8")
    assert people.clean_text(kept, limit) == kept


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_phone_id_or_name_is_one_form_or_a_clear_refusal(text):
    for read in (people.phone, people.id_number, people.name):
        try:
            value = read(text)
        except FormatInvalid as refusal:
            assert refusal.text.zh
        else:
            assert read(value) == value
