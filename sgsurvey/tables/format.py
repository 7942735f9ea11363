"""Numbers to text, by language and kind.

Chinese keeps the leading zero (GB/T 15835: 0.46); English drops it, as APA asks, only where the number cannot exceed
one: kinds ``bounded`` and ``p``.  The minus is U+2212, zero has no sign, and p is never 0.000.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sgsurvey.tables.table import Kind
from sgsurvey.text import LANGUAGES, Language, Text, without_controls, words

MINUS = "−"
MISSING = "–"
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
SUPPRESSED = "‹{k}"
SUPPRESSED_LEGEND = Text(
    f"{SUPPRESSED}：不足{{k}}人，或可由此推算出不足{{k}}人的数值，不予显示。",
    f"{SUPPRESSED}: not shown, because fewer than {{k}} persons stand behind it or could be worked out from it.",
)
YES_NO = {True: Text("是", "Yes"), False: Text("否", "No")}

DIGITS: dict[Kind, int] = {
    "count": 0,
    "estimate": 2,
    "bounded": 3,
    "percent": 1,
    "p": 3,
    "statistic": 2,
    "df": 1,
    "interval": 2,
    "bounded_interval": 3,
    "percent_interval": 1,
}
# Intervals print as their members do.
MEMBER: dict[Kind, Kind] = {"interval": "estimate", "bounded_interval": "bounded", "percent_interval": "percent"}
BOUNDED: frozenset[Kind] = frozenset({"bounded", "p"})

STAR_LEVELS = (0.05, 0.01, 0.001)


def is_missing(value: Any) -> bool:
    """None, nan, NA and NaT; a word or a pair is never missing."""
    return value is None or (not isinstance(value, str | Text | tuple) and bool(pd.isna(value)))


def is_words(value: object) -> bool:
    """Words, and yes or no, are printed as words whatever the kind of their column."""
    return isinstance(value, str | Text | bool | np.bool_)


def show(value: object, kind: Kind, language: Language, digits: int | None = None) -> str:
    """``value`` as the page prints it.

    Words and Texts are printed as words whatever the kind.  A missing number is an en dash, missing words are nothing.
    """
    if isinstance(value, bool | np.bool_):
        return YES_NO[bool(value)].to(language)
    if isinstance(value, tuple):
        return _interval(value, kind, language, digits)
    if is_missing(value):
        return "" if kind == "text" else MISSING
    if kind == "text" or isinstance(value, str | Text):
        return words(value, language)
    return number(float(str(value)), kind, language, digits)


def number(value: float, kind: Kind, language: Language, digits: int | None = None) -> str:
    """A number that is there, as text."""
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    places = DIGITS.get(kind, 2) if digits is None else digits
    if kind == "p":
        return _p(value, places, language)
    if kind == "percent":
        value *= 100
    if kind == "df" and digits is None and abs(value - round(value)) < 1e-9:
        places = 0
    text = f"{abs(value):,.{places}f}" if kind == "count" and language == "en" else f"{abs(value):.{places}f}"
    sign = MINUS if value < 0 and any(figure in "123456789" for figure in text) else ""
    return sign + _zero(text, kind, language)


def _p(value: float, places: int, language: Language) -> str:
    least = 10.0**-places
    if value < least:
        return f"< {_zero(f'{least:.{places}f}', 'p', language)}"
    if round(value, places) >= 1:
        return f"> {_zero(f'{1 - least:.{places}f}', 'p', language)}"
    return _zero(f"{value:.{places}f}", "p", language)


def _zero(text: str, kind: Kind, language: Language) -> str:
    """Without its leading zero where the language and the kind ask for that."""
    return text.removeprefix("0") if language == "en" and kind in BOUNDED and text.startswith("0.") else text


def _interval(pair: tuple[object, ...], kind: Kind, language: Language, digits: int | None) -> str:
    if all(is_missing(end) for end in pair):
        return MISSING
    places = DIGITS.get(kind, 2) if digits is None else digits
    return f"[{', '.join(show(end, MEMBER.get(kind, kind), language, places) for end in pair)}]"


def in_prose(value: object, kind: Kind, digits: int | None = None) -> Text:
    """``value`` for a sentence, in both languages: percents get their sign, p-values say ``p = .012``.

    Examples
    --------
    >>> in_prose(0.0004, "p").to("zh")
    'p < 0.001'
    """
    shown = [show(value, kind, language, digits) for language in LANGUAGES]
    if kind == "percent" and not is_missing(value):
        shown = [f"{text}%" for text in shown]
    if kind == "percent_interval":
        shown = [NUMBER.sub(r"\g<0>%", text) for text in shown]
    if kind == "p" and not is_missing(value):
        shown = [f"p {text}" if text[0] in "<>" else f"p = {text}" for text in shown]
    return Text(*shown)


def stars(p: object, levels: Sequence[float] = STAR_LEVELS) -> str:
    """One star for each of ``levels`` that ``p`` lies below; none for a missing p."""
    return "" if is_missing(p) else "*" * sum(float(str(p)) < level for level in levels)


def stars_legend(levels: Sequence[float] = STAR_LEVELS) -> Text:
    """What the stars mean; ``lay_out`` puts the default legend under every table that has stars."""
    zh, en = (
        [f"{'*' * (i + 1)} p < {_zero(f'{level:g}', 'p', language)}" for i, level in enumerate(levels)]
        for language in LANGUAGES
    )
    return Text(f"{'，'.join(zh)}（双侧检验）。", f"{', '.join(en)} (two-tailed).")


STARS_LEGEND = stars_legend()

# Control characters, lone surrogates, non-characters and the marks that reverse the reading direction: no page needs
# them, and some formats cannot hold them.
# What a spreadsheet takes for the beginning of a formula, full-width forms among it, behind apostrophes or none.
_CALCULATED = re.compile("'*[=+\\-@\t\r＝＋－＠]")
_LINE_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")


def typed_as_words(text: str) -> str:
    """Words that a spreadsheet must not take for a formula: an apostrophe stands before them; numbers stay as they are.

    OWASP, "CSV injection": a cell that begins with ``= + - @``, a tab or a carriage return may be run.
    """
    return f"'{text}" if _CALCULATED.match(text) and not NUMBER.fullmatch(text) else text


def is_typed_as_words(text: str) -> bool:
    """Whether the first apostrophe was put there by ``typed_as_words``."""
    return text.startswith("'") and _CALCULATED.match(text) is not None


def printable(text: str) -> str:
    """``text`` as one line that every format can hold."""
    return _LINE_BREAKS.sub(" ", without_controls(text)).strip()


def width(text: str) -> int:
    """How many columns of a fixed-width page ``text`` takes: Chinese characters count two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
