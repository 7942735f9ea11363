"""Personal data in free text: numbers and addresses that name somebody are found, masked and counted; words stay."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sgsurvey.text import Language, Text

PersonalKind = Literal["id", "phone", "landline", "email", "card", "wechat", "qq", "link"]
MARKS: dict[PersonalKind, Text] = {
    "id": Text("[身份证号]", "[id number]"),
    "phone": Text("[手机号]", "[phone]"),
    "landline": Text("[固定电话]", "[landline]"),
    "email": Text("[邮箱]", "[e-mail]"),
    "card": Text("[银行卡号]", "[bank card]"),
    "wechat": Text("[微信号]", "[WeChat id]"),
    "qq": Text("[QQ号]", "[QQ number]"),
    "link": Text("[网址]", "[link]"),
}

# Formulas -----------------------------------------------------------------------------------------

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_check_digit(seventeen: str) -> str:
    """The last character of a citizen's 18-place number; GB 11643-1999, which takes ISO 7064 MOD 11-2."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True))
    return "10X98765432"[total % 11]


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others; ISO/IEC 7812-1, annex B."""
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_day(digits: str) -> bool:
    try:
        return 1900 <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year < 2100
    except ValueError:
        return False


def is_citizen_id(digits: str) -> bool:
    """Whether 18 places are a citizen's number: a district, a day of birth and the check digit."""
    return digits[0] in "12345678" and _is_day(digits[6:14]) and digits[17] == id_check_digit(digits[:17])


def is_old_citizen_id(digits: str) -> bool:
    """Whether 15 digits may be a citizen's number as given out before 1999: a district and a day of birth."""
    return digits[0] in "12345678" and _is_day("19" + digits[6:12])


# Patterns, for text in narrow forms; a number may be written in groups -------------------------------

_START, _END = r"(?<![\d.])", r"(?!\d)"
_SIGN = r"[ \xa0\-‐–—·.]"


def _grouped(first: str, *sizes: str) -> str:
    """A number in groups with the same sign between all of them: ``first`` a pattern, then patterns of digits."""
    return first + f"(?P<sign>{_SIGN})" + "(?P=sign)".join(sizes)


def _written(*patterns: str) -> str:
    """Any of the ways to write a number; the signs of each are kept apart."""
    return "|".join(
        pattern.replace("<sign>", f"<sign{k}>").replace("=sign", f"=sign{k}") for k, pattern in enumerate(patterns)
    )


_D2, _D3, _D4 = r"\d\d", r"\d{3}", r"\d{4}"
_MOBILE = _written(
    r"1[3-9]\d{9}",
    _grouped(r"1[3-9]\d", _D4, _D4),
    _grouped(r"1[3-9]\d", _D3, r"\d{5}"),
    _grouped(r"1[3-9]\d\d", _D3, _D4),
    _grouped(r"1[3-9]\d\d", _D4, _D3),
    _grouped("1", r"[3-9]", *[r"\d"] * 9),
)
_LAST = r"\d{3}[\dx]"
_CITIZEN = _written(
    r"\d{17}[\dx]",
    _grouped(r"\d{6}", r"\d{8}", _LAST),
    _grouped(r"\d{6}", _D4, _D4, _LAST),
    _grouped(r"\d{6}", _D4, _D2, _D2, _LAST),
    _grouped(_D4, _D4, _D4, _D4, r"\d[\dx]"),
    _grouped(_D3, _D3, _D4, _D4, _LAST),
)
_ISSUER = r"(?:6[02]\d\d|9558|4\d{3}|5[1-5]\d\d|35\d\d)"
_CARD = _written(
    _ISSUER + r"\d{12,15}", _grouped(_ISSUER, _D4, _D4, _D4, _D3), _grouped(_ISSUER, _D4, _D4, r"\d{4}(?:\d{3})?")
)
_IS = r"(?:号码?|id|账号|帐号|number|no\.?)?\s*(?:[:是为]|is)?\s*"
_WECHAT = r"(?:微信|weixin|wechat|(?<![a-z])[vw]x)"


def _finder(kind: PersonalKind, pattern: str, holds: Callable[[str], bool] = lambda places: True) -> _Finder:
    return _Finder(kind, re.compile(pattern, re.IGNORECASE), holds)


@dataclass(frozen=True, slots=True)
class _Finder:
    """One kind of personal data: how it is written, and what its digits must satisfy."""

    kind: PersonalKind
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]


# In this order: what is longer or surer first, so that no number is taken for a part of another.
_FINDERS = (
    _finder("link", r"(?:https?://|www\.)[^\s,;!。、)】》」\"'<>]+"),
    _finder("email", r"(?<![a-z\d._%+\-])[a-z\d._%+\-]{1,64}@[a-z\d\-]{1,63}(?:\.[a-z\d\-]{1,63})+"),
    _finder("wechat", _WECHAT + _IS + r"(?P<value>(?=[a-z_\-]*[\d_\-])[a-z][a-z\d_\-]{5,19})(?![a-z\d_])"),
    _finder("wechat", _WECHAT + r"(?:号码?|id)?\s*:\s*(?P<value>[a-z][a-z\d_\-]{5,19})(?![a-z\d_])"),
    _finder("qq", r"(?:qq|扣扣)" + _IS + r"(?P<value>[1-9]\d{4,11})" + _END),
    _finder("id", rf"{_START}(?:{_CITIZEN}){_END}", is_citizen_id),
    _finder("id", rf"(?:身份证|证件)\D{{0,8}}(?P<value>{_CITIZEN}){_END}"),
    _finder("card", rf"{_START}(?:{_CARD}){_END}", passes_luhn),
    _finder("id", rf"{_START}\d{{15}}{_END}", is_old_citizen_id),
    _finder("phone", rf"{_START}(?:(?:\+|00)?86{_SIGN}?)?(?:{_MOBILE}){_END}"),
    _finder("landline", r"(?<!\d)\(0\d{2,3}\) ?\d{3,4}[ \-]?\d{4}(?:-\d{1,5})?" + _END),
    _finder(
        "landline",
        _START + rf"(?<!\d{{4}}{_SIGN})0\d{{2,3}}[ \-]?[2-9]\d{{2,3}}[ \-]?\d{{4}}(?:-\d{{1,5}})?(?! ?\d)",
    ),
)

# Masking ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Masked:
    """A text without personal data.

    Attributes
    ----------
    text : str
    found : mapping of kind to count
        What was masked; empty where nothing was.
    """

    text: str
    found: Mapping[PersonalKind, int]


def mask(text: str, language: Language = "en") -> Masked:
    """The text with phone numbers, citizens' numbers, addresses, cards and accounts replaced by words in brackets.

    Found are mobile and landline numbers, citizens' numbers of 18 places (by their check digit, or by the word 身份证
    before them) and of 15, bank cards (by their check digit), e-mail and web addresses, WeChat and QQ accounts that are
    called so.  Digits may be full-width or stand in groups.  Names of persons are not found.

    Examples
    --------
    >>> mask("Call 138 0013 8000 before 2026-05-01.").text
    'Call [phone] before 2026-05-01.'
    """
    found: Counter[PersonalKind] = Counter()
    if _worth_reading(text):
        narrow = _narrow(text)
        for finder in _FINDERS:
            if finder.pattern.search(narrow):
                text = _replaced(text, narrow, finder, found, language)
                narrow = _narrow(text)
    return Masked(text, found)


def _worth_reading(text: str) -> bool:
    """Whether anything personal can stand in it: a few digits, or a sign of an address or an account."""
    return sum(character.isdigit() for character in text) >= 4 or any(sign in text for sign in "@＠:：.．")


def _narrow(text: str) -> str:
    """Full-width characters made narrow, one for one, so that places in the text stay what they are."""
    if text.isascii():
        return text
    forms = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(form if len(form) == 1 else own for form, own in zip(forms, text, strict=True))


def _replaced(text: str, narrow: str, finder: _Finder, found: Counter[PersonalKind], language: Language) -> str:
    mark, parts, at = MARKS[finder.kind].to(language), [], 0
    for match in finder.pattern.finditer(narrow):
        start, end = match.span("value" if "value" in match.re.groupindex else 0)
        if finder.holds("".join(c for c in narrow[start:end].upper() if c.isdigit() or c == "X")):
            found[finder.kind] += 1
            parts += [text[at:start], mark]
            at = end
    return "".join([*parts, text[at:]])
