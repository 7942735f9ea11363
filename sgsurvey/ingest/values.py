"""Words to codes: what one cell means for one question, by declared codes and labels alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import numpy as np

from sgsurvey.ingest.garbled import is_lost
from sgsurvey.ingest.names import plain, scale_words, wording
from sgsurvey.ingest.reading import EMPTY, NOT_SHOWN, Reading
from sgsurvey.questionnaire.model import Item
from sgsurvey.tables.format import is_typed_as_words

LONGEST_TEXT = 32_767
NO_ANSWER = frozenset(
    [
        "na",
        "n/a",
        "#n/a",
        "nan",
        "none",
        "null",
        "nil",
        "无",
        "缺失",
        "未填",
        "/",
        "\\",
        "-",
        "--",
        "—",
        "——",
        ".",
        "(空)",
    ]
)
NOT_SHOWN_WORDS = frozenset(["(跳过)", "{question_not_shown}"])
YES = frozenset(["1", "1.0", "true", "yes", "y", "是", "对", "√", "✓", "checked", "选中"])
NO = frozenset(["0", "0.0", "false", "no", "n", "否", "错", "×", "unchecked", "未选中"])
WHOLE = re.compile(r"[+-]?\d{1,9}(?:\.0+)?")
NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
WITH_LABEL = re.compile(r"(-?\d{1,6})\s*[.、:=\-\s]\s*(.+)", re.S)
CHINESE = re.compile("[\u3400-\u9fff]")
DATE_LIKE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
SURVEY_MISSING = frozenset({-9, -8, -7, -99, -98, -999, 77, 88, 97, 98, 99, 777, 888, 998, 999})


def no_answer(bare: str) -> Reading | None:
    """What a word for no answer means; None for any other word."""
    word = bare.casefold()
    if word in NOT_SHOWN_WORDS:
        return Reading(None, NOT_SHOWN)
    return Reading(None, "SG125.cell") if word in NO_ANSWER else None


def _label_in(words: str) -> str:
    """The message for a label that was read as its code, by the language of the label."""
    return "SG123.chinese" if CHINESE.search(words) else "SG123.english"


def code_reader(item: Item, synonyms: Mapping[str, int] | None = None) -> Callable[[str], Reading]:
    """Reads an answer to a rating or a choice of one: a declared code, or a declared label in any language.

    ``synonyms`` are further words with their codes, where the package has words of its own.
    """
    words = {**(synonyms or {}), **scale_words(item.scale)}
    codes = {c.code for c in item.scale.choices} if item.scale else set()
    codes |= set(item.missing)

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'").strip("\"'")
        if not bare:
            return EMPTY
        labelled = words.get(wording(text))
        if WHOLE.fullmatch(bare):
            code = int(float(bare))
            if code in codes:
                return Reading(float(code), "" if text == str(code) else "SG124.cell")
            return Reading(None, "SG129.cell" if code in SURVEY_MISSING else "SG120.cell")
        if labelled is not None:
            return Reading(float(labelled), _label_in(bare))
        if (nothing := no_answer(bare)) is not None:
            return nothing
        both = WITH_LABEL.fullmatch(bare)
        if both and words.get(wording(both[2])) == int(both[1]):
            return Reading(float(both[1]), _label_in(both[2]))
        return Reading(None, "SG130.cell" if DATE_LIKE.fullmatch(bare) else "SG122.cell")

    return read


def number_reader(
    item: Item, synonyms: Mapping[str, int] | None = None, decimal: str = "."
) -> Callable[[str], Reading]:
    """Reads a number within the item's limits; codes for no answer, and their words, are kept as codes."""

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'").strip("\"'")
        if not bare:
            return EMPTY
        if (nothing := no_answer(bare)) is not None:
            return nothing
        if (code := (synonyms or {}).get(wording(text))) is not None:
            return Reading(float(code), _label_in(bare))
        if decimal == ",":
            bare = bare.replace(".", "").replace(",", ".") if THOUSANDS.fullmatch(bare) else bare.replace(",", ".")
        if not NUMBER.fullmatch(bare):
            return Reading(None, "SG130.cell" if DATE_LIKE.fullmatch(bare) else "SG132.cell")
        number = float(bare)
        fixed = "" if bare == text else "SG124.cell"
        if number in item.missing_codes or number in item.assign:
            return Reading(number, fixed)
        low, high = item.limits or (-np.inf, np.inf)
        if not low <= number <= high or (item.type == "integer" and number != int(number)):
            return Reading(None, "SG120.cell")
        return Reading(number, fixed)

    return read


def assigned_reader(item: Item) -> Callable[[str], Reading]:
    """Reads the value that was drawn for a respondent."""

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'")
        if not bare:
            return EMPTY
        if WHOLE.fullmatch(bare) and int(float(bare)) in item.assign:
            return Reading(float(bare), "" if bare == text else "SG124.cell")
        return Reading(None, "SG120.cell")

    return read


def read_words(text: str) -> Reading:
    """Open text as it is, without unseen characters; very long ones are cut, lost characters are no words."""
    trimmed = text.strip()
    if not trimmed:
        return EMPTY
    if (nothing := no_answer(plain(trimmed))) is not None:
        return nothing
    if is_lost(trimmed):
        return Reading(None, "SG103.cell")
    if is_typed_as_words(trimmed):
        return Reading(trimmed[1:], "SG139.guard")
    return Reading(trimmed[:LONGEST_TEXT], "SG128.cell") if len(trimmed) > LONGEST_TEXT else Reading(trimmed)


def read_date(text: str) -> Reading:
    """A day as ``YYYY-MM-DD``: ISO or year-first dates with or without time, or a spreadsheet's day number."""
    bare = plain(text).replace("年", "-").replace("月", "-").replace("日", "")
    if not bare:
        return EMPTY
    if (nothing := no_answer(bare)) is not None:
        return nothing
    if re.fullmatch(r"[2-7]\d{4}(?:\.\d+)?", bare):
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(bare)))
        return Reading(day.isoformat(), "SG124.cell")
    first = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(.*)", bare, re.S)
    if first:
        try:
            day = dt.date(int(first[1]), int(first[2]), int(first[3]))
            moment = (
                dt.datetime.fromisoformat(f"{day.isoformat()}T{first[4].lstrip(' T')}") if first[4].strip() else None
            )
        except ValueError:
            return Reading(None, "SG133.cell")
        if moment is not None and moment.tzinfo is not None:
            day = moment.astimezone(dt.UTC).date()
        return Reading(day.isoformat(), "" if bare == day.isoformat() else "SG124.cell")
    if re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", bare):
        return Reading(None, "SG131.ambiguous")
    return Reading(None, "SG133.cell")


def option_reader(item: Item, code: int) -> Callable[[str], Reading]:
    """Reads the column of one choice: chosen or not, or its rank; the choice's own label counts as chosen."""
    own = {
        wording(t)
        for c in (item.scale.choices if item.scale else ())
        if c.code == code
        for t in (c.label.zh, c.label.en)
    }
    places = len(item.scale.valid) if item.scale else 0
    missing = {str(code): float(code) for code in item.missing_codes}

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'").casefold()
        if not bare:
            return EMPTY
        if bare in missing:
            return Reading(missing[bare])
        if item.type == "rank" and WHOLE.fullmatch(bare):
            place = int(float(bare))
            return Reading(float(place)) if 0 <= place <= places else Reading(None, "SG120.cell")
        if bare in YES or wording(text) in own:
            # Chosen, but in which place?
            return Reading(None, "SG122.cell") if item.type == "rank" else Reading(1.0)
        if bare in NO:
            return Reading(0.0)
        if (nothing := no_answer(bare)) is not None:
            return nothing
        return Reading(None, "SG120.cell" if WHOLE.fullmatch(bare) else "SG122.cell")

    return read


def several_reader(item: Item, synonyms: Mapping[str, int] | None = None) -> Callable[[str], Reading]:
    """Reads all choices from one cell: codes, or labels (longest first), between ``; , | ┋ → 、`` or spaces.

    A code for no answer alone is kept as that code.
    """
    words = {**(synonyms or {}), **scale_words(item.scale)}
    longest_first = sorted(words, key=len, reverse=True)
    missing = set(item.missing_codes)
    codes = {c.code for c in item.scale.choices} | missing if item.scale else missing

    def read(text: str) -> Reading:
        bare = plain(text)
        if not bare:
            return EMPTY
        picked, event = _codes_in(bare, codes), ""
        if picked is None:
            picked, event = _labels_in(bare, words, longest_first), _label_in(bare)
        if picked is None:
            if (nothing := no_answer(bare)) is not None:
                return nothing
            return Reading(None, "SG130.cell" if DATE_LIKE.fullmatch(bare) else "SG122.cell")
        if not picked:
            # Separators alone choose nothing; what was written beside no choice is set aside.
            return Reading(None, "SG122.cell") if re.search(r"\w", bare) else EMPTY
        if set(picked) & missing:
            return Reading(float(picked[0]), event) if len(picked) == 1 else Reading(None, "SG120.cell")
        if item.most is not None and len(picked) > item.most:
            event = "SG135.cell"
        return Reading(picked, event)

    return read


def _codes_in(text: str, codes: set[int]) -> tuple[int, ...] | None:
    tokens = [t for t in re.split(r"[\s;,|┋→、/]+", text) if t]
    if not all(WHOLE.fullmatch(t) for t in tokens):
        return None
    found = tuple(dict.fromkeys(int(float(t)) for t in tokens))
    return found if set(found) <= codes else None


def _labels_in(text: str, words: dict[str, int], longest_first: list[str]) -> tuple[int, ...] | None:
    # What a respondent wrote beside a choice (问卷星: 选项〖文字〗) is not part of the choice.
    rest = re.sub(r"\s+", "", re.sub(r"〖[^〗]*〗", "", text)).casefold()
    found: list[int] = []
    while rest := rest.lstrip(";,|┋→、/.。"):
        word = next((w for w in longest_first if rest.startswith(w)), None)
        if word is None:
            return None
        found.append(words[word])
        rest = rest[len(word) :]
    return tuple(dict.fromkeys(found))


def read_flag(text: str) -> Reading:
    """Yes or no, as this package writes it."""
    bare = plain(text).casefold()
    if not bare:
        return EMPTY
    return Reading(float(bare in YES)) if bare in YES | NO else Reading(None, "SG122.cell")


def read_seconds(text: str) -> Reading:
    """A duration: seconds, ``2分3秒``, ``1小时2分``, or ``h:mm:ss``."""
    bare = re.sub(r"\s+", "", plain(text))
    if not bare:
        return EMPTY
    if NUMBER.fullmatch(bare):
        return Reading(float(bare)) if float(bare) >= 0 else Reading(None, "SG120.cell")
    parts = re.fullmatch(r"(?:(\d+)(?:小时|时|h|:))??(?:(\d+)(?:分钟|分|min|m|:))?(?:(\d+(?:\.\d+)?)(?:秒|s)?)?", bare)
    if parts is None:
        return Reading(None, "SG132.cell")
    hours, minutes, seconds = (float(p or 0) for p in parts.groups())
    return Reading(hours * 3600 + minutes * 60 + seconds)
