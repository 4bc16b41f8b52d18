"""What people write about themselves: names, mobile numbers, resident IDs, companies' credit codes; and their masks.

Resident IDs (GB 11643-1999) and credit codes (GB 32100-2015) are checked by python-stdnum.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from gatekeeper.formats.characters import BIDI, is_han, latin, visible
from gatekeeper.formats.errors import FormatInvalid
from gatekeeper.rules.values import Text

MAX_NAME = 40
# GB/T 2260, and 83 in the residence permits of people from Taiwan.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_MOBILE = re.compile("1[3-9][0-9]{9}")
_SEPARATORS = str.maketrans("", "", "-‐‑‒–—()·.")
_NAME_MARKS = frozenset(" ·'-.")
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc"})
_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
    "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 "
    "微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 "
    "南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split(" "))


def phone(text: str) -> str:
    """The eleven ASCII digits of a mainland mobile number; ``+86``/``0086``, spaces and hyphens are dropped.

    Raises ``FormatInvalid``: ``phone.empty``, ``phone.characters``, ``phone.length``, ``phone.range``.
    """
    digits = _compact(text).removeprefix("+")
    if not digits:
        raise FormatInvalid("phone.empty", Text("请填写手机号", "Enter the mobile number"))
    if not _ascii_digits(digits):
        raise FormatInvalid("phone.characters", Text("手机号只能是数字", "A mobile number has digits only"))
    digits = digits.removeprefix("00")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if len(digits) != 11:
        raise FormatInvalid("phone.length", Text("手机号应为 11 位数字", "A mobile number has 11 digits"))
    if not _MOBILE.fullmatch(digits):
        raise FormatInvalid("phone.range", Text("手机号应以 13 至 19 开头", "A mobile number begins with 13 to 19"))
    return digits


def id_number(text: str) -> str:
    """The 18 characters of a resident ID (last one may be X), its province, birth date and check digit tested.

    Its county is not: numbers carry codes of counties made after the birth, which ``ric.validate`` would refuse.
    Raises ``FormatInvalid``: ``id_number.empty``, ``.length``, ``.characters``, ``.checksum``, ``.content``.
    """
    value = _compact(text)
    if not value:
        raise FormatInvalid("id_number.empty", Text("请填写身份证号", "Enter the ID number"))
    if len(value) != 18:
        raise FormatInvalid("id_number.length", Text("身份证号应为 18 位", "An ID number has 18 characters"))
    if not _ascii_digits(value[:17]) or value[17] not in "0123456789X":
        raise FormatInvalid(
            "id_number.characters",
            Text("身份证号为 17 位数字加一位数字或 X", "An ID number is 17 digits and a digit or X"),
        )
    if value[17] != ric.calc_check_digit(value):
        raise FormatInvalid(
            "id_number.checksum",
            Text("身份证号校验位不对，请逐位核对", "The check digit does not fit; compare each digit"),
        )
    try:
        born = ric.get_birth_date(value)
    except ValidationError:
        born = None
    if born is None or born.year < 1850 or not _PROVINCES.fullmatch(value[:2]):
        raise FormatInvalid(
            "id_number.content", Text("身份证号中的省份或出生日期不存在", "The province or birth date does not exist")
        )
    return value


def credit_code(text: str) -> tuple[str, Text | None]:
    """The 18 characters of a unified social credit code, and a warning or None.

    Issued codes that fail their own check exist, so a wrong check digit is a warning for the admin to confirm.
    Raises ``FormatInvalid``: ``credit_code.empty``, ``.length``, ``.characters``.
    """
    value = _compact(text)
    if not value:
        raise FormatInvalid("credit_code.empty", Text("请填写统一社会信用代码", "Enter the unified social credit code"))
    if len(value) != 18:
        raise FormatInvalid("credit_code.length", Text("统一社会信用代码应为 18 位", "A credit code has 18 characters"))
    if not re.fullmatch("[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}", value):
        raise FormatInvalid(
            "credit_code.characters",
            Text("只能是数字和大写字母，第 3 至 8 位是数字", "Digits and capitals only; characters 3 to 8 are digits"),
        )
    try:
        return str(uscc.validate(value)), None
    except ValidationError:
        return value, Text("校验位不符，请核对营业执照后确认", "The check character does not fit; compare and confirm")


def name(text: str) -> str:
    """A person's name: NFKC, invisible and direction marks dropped, letters of any script with `` ·'-.`` between them.

    Raises ``FormatInvalid``: ``name.empty``, ``name.length`` (more than 40), ``name.characters``.
    """
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(c for c in folded if c.isspace() or visible(c)).replace("•", "·").replace("・", "·")
    value = " ".join(shown.split())
    if not value:
        raise FormatInvalid("name.empty", Text("请填写姓名", "Enter the name"))
    if len(value) > MAX_NAME:
        raise FormatInvalid("name.length", Text("姓名最多 40 个字", "A name has at most 40 characters"))
    if not any(_letter(c) for c in value) or not all(_letter(c) or c in _NAME_MARKS for c in value):
        raise FormatInvalid("name.characters", Text("姓名只能是文字和间隔号", "A name has letters and dots only"))
    return value


def clean_text(text: str, max: int) -> str:
    """Free text safe to store and show: NFC, direction marks removed, U+0000, other controls and surrogates as U+FFFD.

    Line breaks become ``\\n`` and tabs one space; outer space is trimmed; at most ``max`` characters are kept.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    shown = "".join(_printable(c) for c in lines if c not in BIDI)
    return unicodedata.normalize("NFC", shown).strip()[:max].rstrip()


def mask_phone(value: str) -> str:
    """``138****5678``; anything that is no eleven digits becomes asterisks wholly."""
    return f"{value[:3]}****{value[-4:]}" if _MOBILE.fullmatch(value) else "*" * min(len(value), 11)


def mask_id(value: str) -> str:
    """``330182********0016``: region and serial stay, the birth date does not; other lengths are hidden wholly."""
    return f"{value[:6]}********{value[-4:]}" if len(value) == 18 and value.isascii() else "*" * min(len(value), 18)


def mask_name(value: str) -> str:
    """``张*``, ``张**``, ``欧阳*``; a name in another script keeps its first letter; at most three asterisks."""
    kept = 2 if len(value) > 2 and value[:2] in COMPOUND_SURNAMES else 1
    hidden = max(len(value) - kept, 0)
    if value and not is_han(value[0]):
        hidden = 3
    if not hidden:
        return "*" if value else ""
    return value[:kept] + "*" * min(hidden, 3)


def mask_plate(value: str) -> str:
    """``浙A**345``: the first two and last three characters of a plate stay; keys under seven characters keep two."""
    if len(value) < 7:
        return value[:2] + "*" * max(len(value) - 2, 0)
    return value[:2] + "*" * (len(value) - 5) + value[-3:]


def _compact(text: str) -> str:
    return latin(unicodedata.normalize("NFKC", visible(text)).upper()).translate(_SEPARATORS)


def _ascii_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _letter(char: str) -> bool:
    return unicodedata.category(char) in _LETTERS


def _printable(char: str) -> str:
    if char == "\n":
        return char
    if char == "\t":
        return " "
    return "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char
