"""Words to codes: what one cell means for one question, by declared codes and labels alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.ingest.events import Action, Events
from sgsurvey.ingest.layout import Cells
from sgsurvey.ingest.names import UNSEEN, plain, scale_words, wording
from sgsurvey.questionnaire.model import Item

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
        "(跳过)",
        "{question_not_shown}",
    ]
)
YES = frozenset(["1", "1.0", "true", "yes", "y", "是", "对", "√", "✓", "checked", "选中"])
NO = frozenset(["0", "0.0", "false", "no", "n", "否", "错", "×", "unchecked", "未选中"])
WHOLE = re.compile(r"[+-]?\d{1,9}(?:\.0+)?")
NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
WITH_LABEL = re.compile(r"(-?\d{1,6})\s*[.、:=\-\s]\s*(.+)", re.S)
DATE_LIKE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
SURVEY_MISSING = frozenset({-9, -8, -7, -99, -98, -999, 77, 88, 97, 98, 99, 777, 888, 998, 999})

Value = float | str | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell means: its value, and the code of the event if it was not plainly so."""

    value: Value
    event: str = ""


MESSAGES: dict[str, tuple[Action, str]] = {
    "SG120": ("invalid", "outside the allowed codes or limits"),
    "SG122": ("invalid", "neither a declared code nor a declared label"),
    "SG123": ("fix", "labels read as codes"),
    "SG124": ("fix", "numbers in another form (full-width, 4.0, with an apostrophe)"),
    "SG125": ("fix", "words for no answer read as empty"),
    "SG127": ("fix", "unseen control characters removed"),
    "SG128": ("warn", f"text cut at {LONGEST_TEXT} characters"),
    "SG129": ("invalid", "looks like a code for no answer that is not declared under missing:"),
    "SG130": ("invalid", "a date where a code is expected: a spreadsheet changed it"),
    "SG132": ("invalid", "not a number (decimal comma, thousands, unit or words)"),
    "SG133": ("invalid", "not a date"),
    "SG135": ("warn", "more choices than allowed"),
}
EMPTY = Reading(None)


@dataclass(frozen=True)
class Distinct:
    """A column as its different values: shape of ``codes`` (n,), of ``counts`` and ``first`` (k,)."""

    values: list[str]
    codes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]

    @classmethod
    def of(cls, column: Cells) -> Distinct:
        """The different values of ``column`` in the order they occur."""
        codes, values = pd.factorize(column)
        first = np.full(len(values), len(codes), dtype=np.int64)
        np.minimum.at(first, codes, np.arange(len(codes)))
        return cls([str(v) for v in values], codes, np.bincount(codes, minlength=len(values)), first)


@dataclass(frozen=True)
class ColumnRead:
    """One column understood: a value per row, and how many filled cells could not be."""

    values: list[Value]
    codes: npt.NDArray[np.int64]
    filled: int
    invalid: int
    examples: tuple[str, ...]
    texts: tuple[str, ...]

    def column(self) -> Cells:
        """A value (or None) per row."""
        return self._spread(self.values)

    def numbers(self) -> npt.NDArray[np.float64]:
        """A number (or nan) per row."""
        return (
            np.array([np.nan if v is None else v for v in self.values], dtype=np.float64)[self.codes]
            if (self.values)
            else np.full(len(self.codes), np.nan)
        )

    def _spread(self, values: list[Value]) -> Cells:
        boxed = np.empty(len(values) + 1, dtype=object)
        boxed[: len(values)] = values
        return boxed[self.codes]


def read_column(
    column: Cells, read: Callable[[str], Reading], head: str, rows: npt.NDArray[np.int64], events: Events
) -> ColumnRead:
    """Apply ``read`` to each different value once, and write down what was not plain."""
    distinct = Distinct.of(column)
    seen: dict[str, list[int]] = {}
    readings = []
    for k, text in enumerate(distinct.values):
        shown = UNSEEN.sub("", text) if UNSEEN.search(text) else text
        if shown is not text:
            seen.setdefault("SG127", []).append(k)
        reading = read(shown)
        readings.append(reading)
        if reading.event:
            seen.setdefault(reading.event, []).append(k)
    unread = [k for code, ks in seen.items() if MESSAGES[code][0] == "invalid" for k in ks]
    for code, ks in seen.items():
        action, message = MESSAGES[code]
        # Each value that was set aside has its own line; repairs are counted together.
        for group in [[k] for k in ks] if action == "invalid" else [ks]:
            first = min(group, key=lambda k: distinct.first[k])
            events.add(
                code,
                action,
                message,
                n=int(distinct.counts[group].sum()),
                row=int(rows[distinct.first[first]]),
                column=head,
                value=distinct.values[first],
            )
    blank = [k for k, r in enumerate(readings) if r.value is None and k not in set(unread)]
    return ColumnRead(
        [r.value for r in readings],
        distinct.codes,
        int(distinct.counts.sum() - distinct.counts[blank].sum()),
        int(distinct.counts[unread].sum()),
        tuple(distinct.values[k] for k in unread[:3]),
        tuple(distinct.values),
    )


# One cell -----------------------------------------------------------------------------------------


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
                return Reading(float(code), "" if text == str(code) else "SG124")
            return Reading(None, "SG129" if code in SURVEY_MISSING else "SG120")
        if labelled is not None:
            return Reading(float(labelled), "SG123")
        if bare.casefold() in NO_ANSWER:
            return Reading(None, "SG125")
        both = WITH_LABEL.fullmatch(bare)
        if both and words.get(wording(both[2])) == int(both[1]):
            return Reading(float(both[1]), "SG123")
        return Reading(None, "SG130" if DATE_LIKE.fullmatch(bare) else "SG122")

    return read


def number_reader(item: Item) -> Callable[[str], Reading]:
    """Reads a number within the item's limits; codes for no answer are kept."""

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'").strip("\"'")
        if not bare:
            return EMPTY
        if bare.casefold() in NO_ANSWER:
            return Reading(None, "SG125")
        if not NUMBER.fullmatch(bare):
            return Reading(None, "SG132")
        number = float(bare)
        fixed = "" if bare == text else "SG124"
        if number in item.missing_codes or number in item.assign:
            return Reading(number, fixed)
        low, high = item.limits or (-np.inf, np.inf)
        if not low <= number <= high or (item.type == "integer" and number != int(number)):
            return Reading(None, "SG120")
        return Reading(number, fixed)

    return read


def assigned_reader(item: Item) -> Callable[[str], Reading]:
    """Reads the value that was drawn for a respondent."""

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'")
        if not bare:
            return EMPTY
        if WHOLE.fullmatch(bare) and int(float(bare)) in item.assign:
            return Reading(float(bare), "" if bare == text else "SG124")
        return Reading(None, "SG120")

    return read


def read_words(text: str) -> Reading:
    """Open text as it is, without unseen characters; very long ones are cut."""
    trimmed = text.strip()
    if not trimmed:
        return EMPTY
    if trimmed.casefold() in NO_ANSWER:
        return Reading(None, "SG125")
    return Reading(trimmed[:LONGEST_TEXT], "SG128") if len(trimmed) > LONGEST_TEXT else Reading(trimmed)


def read_date(text: str) -> Reading:
    """A day as ``YYYY-MM-DD``: ISO or year-first dates with or without time, or a spreadsheet's day number.

    Raises
    ------
    DataError
        Day and month cannot be told apart.
    """
    bare = plain(text).replace("年", "-").replace("月", "-").replace("日", "")
    if not bare:
        return EMPTY
    if bare.casefold() in NO_ANSWER:
        return Reading(None, "SG125")
    if re.fullmatch(r"[2-7]\d{4}(?:\.\d+)?", bare):
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(bare)))
        return Reading(day.isoformat(), "SG124")
    first = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(.*)", bare, re.S)
    if first:
        try:
            day = dt.date(int(first[1]), int(first[2]), int(first[3]))
            moment = (
                dt.datetime.fromisoformat(f"{day.isoformat()}T{first[4].lstrip(' T')}") if first[4].strip() else None
            )
        except ValueError:
            return Reading(None, "SG133")
        if moment is not None and moment.tzinfo is not None:
            day = moment.astimezone(dt.UTC).date()
        return Reading(day.isoformat(), "" if bare == day.isoformat() else "SG124")
    if re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", bare):
        raise DataError(
            f"'{bare[:20]}' does not say which number is the day.",
            remedy="Write dates as 2026-04-30.",
            code="SG131",
        )
    return Reading(None, "SG133")


def option_reader(item: Item, code: int) -> Callable[[str], Reading]:
    """Reads the column of one choice: chosen or not, or its rank; the choice's own label counts as chosen."""
    own = {
        wording(t)
        for c in (item.scale.choices if item.scale else ())
        if c.code == code
        for t in (c.label.zh, c.label.en)
    }
    places = len(item.scale.valid) if item.scale else 0

    def read(text: str) -> Reading:
        bare = plain(text).lstrip("'").casefold()
        if not bare:
            return EMPTY
        if item.type == "rank" and WHOLE.fullmatch(bare):
            place = int(float(bare))
            return Reading(float(place)) if 0 <= place <= places else Reading(None, "SG120")
        if bare in YES or wording(text) in own:
            return Reading(1.0)
        if bare in NO:
            return Reading(0.0)
        if bare in NO_ANSWER:
            return Reading(None, "SG125")
        return Reading(None, "SG120" if WHOLE.fullmatch(bare) else "SG122")

    return read


def several_reader(item: Item) -> Callable[[str], Reading]:
    """Reads all choices from one cell: codes, or labels (longest first), between ``; , | ┋ → 、`` or spaces."""
    words = scale_words(item.scale)
    longest_first = sorted(words, key=len, reverse=True)
    codes = {c.code for c in item.scale.choices} if item.scale else set()
    missing = set(item.missing_codes)

    def read(text: str) -> Reading:
        bare = plain(text)
        if not bare:
            return EMPTY
        picked, event = _codes_in(bare, codes), ""
        if picked is None:
            picked, event = _labels_in(bare, words, longest_first), "SG123"
        if picked is None:
            if bare.casefold() in NO_ANSWER:
                return Reading(None, "SG125")
            return Reading(None, "SG130" if DATE_LIKE.fullmatch(bare) else "SG122")
        if not picked or set(picked) & missing:
            return Reading(None, "SG125")
        if item.most is not None and len(picked) > item.most:
            event = "SG135"
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


def read_seconds(text: str) -> Reading:
    """A duration: seconds, ``2分3秒``, ``1小时2分``, or ``h:mm:ss``."""
    bare = re.sub(r"\s+", "", plain(text))
    if not bare:
        return EMPTY
    if NUMBER.fullmatch(bare):
        return Reading(float(bare)) if float(bare) >= 0 else Reading(None, "SG120")
    parts = re.fullmatch(r"(?:(\d+)(?:小时|时|h|:))??(?:(\d+)(?:分钟|分|min|m|:))?(?:(\d+(?:\.\d+)?)(?:秒|s)?)?", bare)
    if parts is None:
        return Reading(None, "SG132")
    hours, minutes, seconds = (float(p or 0) for p in parts.groups())
    return Reading(hours * 3600 + minutes * 60 + seconds)
