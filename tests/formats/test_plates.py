import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.formats.plates import MAX_KEY, PROVINCES, Plate, PlateClass, classify, lookalikes, parse
from tests.formats.vectors import rows

VECTORS = rows("plates")
GOOD = [row["plate"] for row in VECTORS if row["class"] != "other"]
CYRILLIC = dict(zip("ABEKMHOPCTYX", "АВЕКМНОРСТУХ", strict=True))
GREEK = dict(zip("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", strict=True))
TRADITIONAL = dict(zip("沪云辽鲁苏赣晋陕闽贵粤宁琼学领应", "滬雲遼魯蘇贛晉陝閩貴粵寧瓊學領應", strict=True))
JUNK = [
    "",
    "",
    "",
    " ",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2060",
    "·",
    "•",
    ".",
    "-",
    "—",
    "\u202e",
    "\u00a0",
    "\u3000",
    "\ufe0f",
]


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["written"])
def test_a_plate_is_read_as_the_vectors_say(row):
    plate = parse(row["written"])
    assert (plate.plate, plate.cls) == (row["plate"], row["class"])
    assert (plate.note is not None) == row["note"]
    assert plate.written == row["written"]


def test_the_vectors_hold_every_class_and_every_province():
    assert len(VECTORS) >= 120
    assert {row["class"] for row in VECTORS} == {cls.value for cls in PlateClass}
    assert {row["plate"][0] for row in VECTORS if row["class"] == "ordinary"} == set(PROVINCES)


def test_every_class_has_a_name_and_a_colour_in_both_languages():
    for cls in PlateClass:
        assert all(cls.label) and all(cls.colour)
    assert PlateClass.NEW_ENERGY_LARGE.colours == ("yellow_green",)
    assert PlateClass.OTHER.colours == ()


def test_a_vehicle_without_a_plate_is_told_apart():
    assert parse("--").missing and parse("无牌").missing
    assert not parse("浙A12345").missing


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A good plate and a way to write it that a person or a camera might use to get past a list."""
    plate = draw(st.sampled_from(GOOD))
    written = []
    for char in plate:
        forms = [char, char.lower(), CYRILLIC.get(char, char), GREEK.get(char, char), TRADITIONAL.get(char, char)]
        if char.isascii():
            forms.append(chr(ord(char) + 0xFEE0))
        if char.isdigit():
            forms.extend([chr(0x660 + int(char)), chr(0x1D7CE + int(char))])
        written.append(draw(st.sampled_from(JUNK)) + draw(st.sampled_from(forms)))
    return plate, "".join(written) + draw(st.sampled_from(JUNK))


@settings(max_examples=5000, deadline=None)
@given(disguised())
def test_a_disguised_plate_has_the_same_key_or_is_other_with_a_note(pair):
    plate, written = pair
    read = parse(written)
    assert honest(read, plate)
    if read.plate == plate:
        assert read.cls is parse(plate).cls


def honest(read: Plate, plate: str) -> bool:
    """The same key, or class other with a note."""
    return read.plate == plate or (read.cls is PlateClass.OTHER and read.note is not None)


def test_a_reader_that_trusts_any_digit_or_letter_is_caught():
    def naive(written: str) -> Plate:
        fits = re.fullmatch(r"\w\w\d{5}", written)
        return Plate(written, written, PlateClass.ORDINARY if fits else PlateClass.OTHER, None)

    assert not honest(naive("浙A１２３４５"), "浙A12345")
    assert not honest(naive("浙\u041012345"), "浙A12345")
    assert not honest(naive("浙A\u200b12345"), "浙A12345")


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=80))
@example("\ud800")
@example("\x00")
@example("ﷺ" * 40)
@example("ß" * 40)
def test_anything_at_all_is_written_down(text):
    plate = parse(text)
    assert 1 <= len(plate.plate) <= MAX_KEY
    assert plate.cls is not PlateClass.OTHER or plate.note is not None
    plate.written.encode("utf-8")
    plate.plate.encode("utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in plate.plate)
    if len(plate.plate) < MAX_KEY:
        assert parse(plate.plate).plate == plate.plate


def test_full_width_digits_outside_normalisation_are_no_digits_of_a_plate():
    assert classify("浙A１２３４５") is PlateClass.OTHER


def test_a_very_long_text_is_kept_with_a_note():
    plate = parse("浙A12345" * 50_000)
    assert plate.cls is PlateClass.OTHER and plate.note is not None and len(plate.plate) == MAX_KEY
    assert plate.written == "浙A12345" * 50_000


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("浙AO2345", "浙A02345"),
        ("浙AI2345", "浙A12345"),
        ("州A12345", "川A12345"),
        ("浙A8B234", "浙ABB234"),
        ("浙A12Z45", "浙A12245"),
        ("浙AS1234", "浙A51234"),
        ("浙A17345", "浙A1T345"),
        ("浙A012345", "浙AD12345"),
        ("浙AOI345", "浙A01345"),
    ],
)
def test_a_misread_plate_suggests_the_one_meant(seen, meant):
    assert meant in lookalikes(seen)


def test_suggestions_are_well_formed_and_differ_from_the_plate():
    for plate in GOOD:
        guesses = lookalikes(plate)
        assert plate not in guesses
        assert all(classify(guess) is not PlateClass.OTHER for guess in guesses)


def test_nothing_is_suggested_for_a_vehicle_without_a_plate_or_for_a_long_text():
    assert lookalikes("无牌") == ()
    assert lookalikes("0" * 100) == ()
