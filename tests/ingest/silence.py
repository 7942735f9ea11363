"""Whether a damaged file was changed in silence: every cell is read as a correct reader reads it, or is told.

The correct reader here is the exporter turned round: what it writes for each answer is known, so each cell's meaning is
known without the package.  The file itself is read by ``witness.py``.
"""

import inspect
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import combinations

import pandas as pd
from ingest.witness import Files, Grid, Told, Unreadable, grid
from layouts.entries import SEVERAL, Entries, Entry, entries
from layouts.matrix import COUNTY, county

from sgsurvey.answers.responses import Responses
from sgsurvey.forms.form import TIMES
from sgsurvey.questionnaire.model import CODED, Item

Values = tuple[object, ...]
Texts = tuple[str, ...]
TYPED = ("spss", "stata", "parquet")
# Written apart from the package's own list: what people write where there is no answer.
NOTHING = {
    "", "na", "n/a", "#n/a", "nan", "none", "null", "nil", "无", "缺失", "未填", "/", "\\", "-", "--", "—", "——", ".",
    "(空)",
    "(跳过)", "{question_not_shown}", "-2", "-3", "-99",
}  # fmt: skip
YES = {"1", "true", "yes", "y", "是", "对", "√", "✓", "checked", "选中"}
NO = {"", "0", "false", "no", "n", "否", "错", "×", "unchecked", "未选中"}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# A column that the file lacks, or has twice, is told under one of these.
COLUMN_CODES = {"SG110", "SG111", "SG115", "SG118"}


@dataclass(frozen=True)
class Meaning:
    """What an item's cells say.

    Attributes
    ----------
    heads : tuple of str
        The columns that hold it.
    known : mapping of cells to values
        All the ways in which the exporter writes an answer.
    options : mapping of head to (column of the answers, meaning of its texts)
        Columns of one choice each.
    alone : mapping of head to meaning of its texts
        Columns that say all by themselves, where a tool writes the same answer twice.
    """

    item: Item
    columns: tuple[str, ...]
    heads: Texts
    known: dict[Texts, Values]
    options: dict[str, tuple[str, dict[str, float]]]
    alone: dict[str, dict[str, Values]]


@dataclass(frozen=True)
class Sound:
    """A sound export and the meaning of its cells."""

    source: str
    first: str
    grid: Grid
    meanings: tuple[Meaning, ...]

    @property
    def heads(self) -> set[str]:
        return set(self.grid.header)


def sound(source: str, variant: str, role: str, first: str, files: Files) -> Sound:
    """The meaning of each item's cells in an export."""
    layout = import_module(f"layouts.{source}")
    given = entries(county(), role)
    frame = county().frame[county().frame["role"] == role].reset_index(drop=True)
    how = layout.VARIANTS[variant]
    # 问卷星 has its own way to write when a form was begun and ended.
    items = [item for item in given.items if source != "wjx" or item.name not in TIMES]
    made = tuple(_meaning(source, how, given, item, frame) for item in items)
    every = set().union(*(meaning.heads for meaning in made))
    told = Told(how.get("encoding", "gb18030" if how.get("old") else "utf-8-sig"), _separator(source, how))
    found = grid(source, files, first, every, told)
    return Sound(source, first, found, made)


def _separator(source: str, how: dict) -> str:
    return how.get("separator", ";" if source in ("kobo", "limesurvey") else ",")


def _meaning(source: str, how: dict, given: Entries, item: Item, frame: pd.DataFrame) -> Meaning:
    columns = item.columns[:-1] if item.assign else item.columns
    if source == "forms":
        return Meaning(item, columns, (item.name,), dict(_as_json(item, columns, given, frame)), {}, {})
    write = _writer(source, how)
    if write is None:
        known = {_typed(values): values for values in (_truth(frame, k, columns) for k in range(len(frame)))}
        options = {column: (column, {}) for column in columns} if item.type in SEVERAL else {}
        return Meaning(item, columns, columns, known, options, {})
    asked = [(_truth(frame, k, columns), row[item.name]) for k, row in enumerate(given.rows)]
    tried = [*_answers(item), *asked, (None, Entry(True)), (None, Entry(False))]
    # One row for each answer, all else as in the first.
    first = replace(given, rows=given.rows[:1] * len(tried), drawn=given.drawn[:1] * len(tried))
    header, *lines = write(
        replace(first, rows=[{**row, item.name: e} for row, (_, e) in zip(first.rows, tried, strict=True)])
    )
    lines, still = lines[-len(tried) :], write(first)[-len(tried) :]
    moved = [j for j in range(len(header)) if len({own[j] for own in lines}) > len({own[j] for own in still}) == 1]
    known = {
        tuple(line[j] for j in moved): values
        for (values, _), line in zip(tried, lines, strict=True)
        if values is not None
    }
    heads = tuple(header[j].strip() for j in moved)
    alone = {}
    for k, head in enumerate(heads):
        said = {(texts[k], values) for texts, values in known.items()}
        if len(said) == len({text for text, _ in said}) == len(set(known.values())):
            alone[head] = dict(said)
    return Meaning(item, columns, heads, known, _options(item, header, tried, lines), alone)


def _writer(source: str, how: dict):
    """Writes entries as this source's lines; None where it has names of its own as heads and values as cells."""
    layout = import_module(f"layouts.{source}")
    if source == "xlsx" or (source == "parquet" and how.get("labels")):
        layout = import_module("layouts.csv")
    elif source in TYPED:
        return None
    taken = inspect.signature(layout.lines).parameters
    return lambda given: layout.lines(given, **{name: value for name, value in how.items() if name in taken})


def _answers(item: Item) -> Iterator[tuple[Values, Entry]]:
    """Answers that can be given to an item with choices, with the values that they are."""
    if item.type in SEVERAL:
        codes = [choice.code for choice in item.scale.valid]
        for size in (1, 2, len(codes)):
            for picked in combinations(codes, size):
                for order in {picked, picked[::-1]}:
                    yield _picked(item, order), Entry(True, tuple(map(str, order)))
    elif item.type in CODED and item.scale is not None:
        for choice in item.scale.choices:
            yield (choice.code,), Entry(True, (str(choice.code),))
    elif item.type == "text":
        yield ("词",), Entry(True, ("词",))


def _picked(item: Item, order: tuple[int, ...]) -> Values:
    ranks = {code: place for place, code in enumerate(order, start=1)}
    return tuple(ranks.get(c.code, 0) if item.type == "rank" else int(c.code in ranks) for c in item.scale.valid)


def _options(item: Item, header: list[str], tried, lines) -> dict[str, tuple[str, dict[str, float]]]:
    """Heads under which one choice alone is written."""
    if item.type not in SEVERAL:
        return {}
    found = {}
    for j, head in enumerate(header):
        for place, column in enumerate(item.columns):
            pairs = {(line[j], values[place] or 0.0) for line, (values, _) in zip(lines, tried, strict=True) if values}
            if len(pairs) == len({text for text, _ in pairs}) == len({value for _, value in pairs}) > 1:
                found[head.strip()] = column, dict(pairs)
    return found


def _as_json(item: Item, columns: Texts, given: Entries, frame: pd.DataFrame) -> Iterator[tuple[Texts, Values]]:
    def told(entry: dict) -> Texts:
        return (json.dumps(entry, ensure_ascii=False),)

    for values, entry in _answers(item):
        if item.type in (*SEVERAL, *CODED):
            codes = [int(code) for code in entry.given]
            yield told({"state": "answered", "answer": codes if item.type in SEVERAL else codes[0]}), values
    for k, row in enumerate(given.rows):
        words = row[item.name].given
        if words and item.type not in (*SEVERAL, *CODED):
            number = float(words[0]) if item.type in ("integer", "decimal") else None
            answer = words[0] if number is None else int(number) if number.is_integer() else number
            yield told({"state": "answered", "answer": answer}), _truth(frame, k, columns)


def _truth(frame: pd.DataFrame, row: int, columns: Texts) -> Values:
    return tuple(_value(frame[column].iloc[row]) if column in frame else None for column in columns)


def _value(value: object) -> object:
    if value is None or value is pd.NA or pd.isna(value):
        return None
    return value if isinstance(value, str) else float(value)


def _typed(values: Values) -> Texts:
    return tuple(
        "" if v is None else str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in values
    )


# The damaged file ---------------------------------------------------------------------------------


def changed(sound: Sound, files: Files, answers: Responses) -> tuple[list[str], int]:
    """Cells that were changed in silence, and how many were compared.

    Raises
    ------
    Unreadable
        The independent road cannot read the file.
    """
    seen = grid(sound.source, files, sound.first, sound.heads, Told.by(answers.log.events))
    aside = set(answers.log.quarantine["row"])
    rows = [number for number in seen.rows if number not in aside]
    if len(rows) != len(answers):
        return [f"{len(rows)} rows stand in the file, {len(answers)} came in"], 0
    found, compared = [], 0
    # A carried column that no item of the file's own defines is logged under its head alone.
    log = answers.log.invalid
    invalid = {
        (row, name) for row, *names in zip(log["row"], log["item"], log["column"], strict=True) for name in names
    }
    codes = set(answers.log.events["code"])
    for meaning in sound.meanings:
        frame = answers.frame.reindex(columns=list(meaning.columns))
        lost = [h for h in meaning.heads if len(seen.places(h)) < len(sound.grid.places(h))]
        if lost and frame.isna().all(axis=None):
            if not codes & COLUMN_CODES:
                found.append(f"{meaning.item.name}: the column is gone, and nobody is told")
            continue
        # A head that changed, and is known all the same, stands where it stood.
        where = sound.grid if lost and len(sound.grid.header) == len(seen.header) else seen
        for place, row in enumerate(rows):
            texts = tuple(seen.text(row, where.places(head)) for head in meaning.heads)
            values = _truth(frame, place, meaning.columns)
            compared += len(values)
            if lost and codes & COLUMN_CODES and all(value is None for value in values):
                continue
            if not _as_it_should_be(meaning, texts, values, (row, meaning.item.name) in invalid):
                found.append(f"{meaning.item.name}, row {row}: {texts} came in as {values}")
    return found, compared


def _as_it_should_be(meaning: Meaning, texts: Texts, values: Values, told: bool) -> bool:
    item = meaning.item
    nothing = all(value is None or value == 0 for value in values)
    expected = meaning.known.get(texts)
    if expected is not None and (_same(values, expected) or (nothing and not any(expected))):
        return True
    if told and all(value is None for value in values):
        return True
    if item.type in SEVERAL:
        return _several(meaning, texts, values, told)
    return any(_same(values, (one,)) for text in texts for one in _single(meaning, text)) or (
        values == (None,) and all(bare(text).casefold() in NOTHING or '"state": "' in text for text in texts)
    )


def _same(values: Values, expected: Values) -> bool:
    return len(values) == len(expected) and all(
        a == b or (isinstance(a, str) and isinstance(b, str) and a[:19] == b[:19])
        for a, b in zip(values, expected, strict=True)
    )


def bare(text: str) -> str:
    """A cell as a person reads it: narrow forms, nothing unseen, no quotes round it."""
    return unicodedata.normalize("NFKC", UNSEEN.sub("", text)).strip().lstrip("'").strip("\"'").strip()


def _single(meaning: Meaning, text: str) -> Iterator[object]:
    """What one cell can mean."""
    item, words = meaning.item, bare(text)
    for known, values in meaning.known.items():
        if words in map(bare, known):
            yield values[0]
    if item.type in (*CODED, "integer", "decimal"):
        codes = {c.code: c for c in (*(item.scale.choices if item.scale else ()), *COUNTY.missing)}
        for code, choice in codes.items():
            said = {bare(choice.label.zh).casefold(), bare(choice.label.en).casefold()}
            if _squeezed(words) in {_squeezed(s) for s in said if s}:
                yield float(code)
        number = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", words)
        positions = any(bare(k[0]).isdigit() and float(bare(k[0])) != v[0] for k, v in meaning.known.items() if v[0])
        if number and not positions:
            yield float(words)
        both = re.fullmatch(r"(-?\d+)\s*[.、:=\-\s]\s*(.+)", words, re.S)
        if both and int(both[1]) in codes:
            yield float(both[1])
    else:
        seen = UNSEEN.sub("", text).strip()
        yield seen
        yield seen[1:] if seen.startswith("'") else seen
        yield re.sub(r"1[3-9]\d{9}", "[手机号]", seen)
        # As LimeSurvey's VV file writes it.
        for meant, written in (
            ("\n", "{newline}"),
            ("\r", "{cr}"),
            ("\t", "{tab}"),
            ('"', "{quote}"),
            ("{", "{lbrace}"),
        ):
            seen = seen.replace(written, meant)
        yield seen.strip()
        yield seen[:10].replace("/", "-")
        yield seen.replace(" ", "T", 1)


def _squeezed(words: str) -> str:
    return re.sub(r"[\s。.?!:;,*]+", "", words).casefold()


def _several(meaning: Meaning, texts: Texts, values: Values, told: bool) -> bool:
    """Columns of one choice each, or all choices in one cell."""
    for head, text in zip(meaning.heads, texts, strict=True):
        if head in meaning.alone and (
            _same(values, meaning.alone[head].get(text, ()))
            or (bare(text).casefold() in NOTHING and all(value is None for value in values))
        ):
            return True
    cells = [(*meaning.options[h], text) for h, text in zip(meaning.heads, texts, strict=True) if h in meaning.options]
    if cells:
        own = {column: _ticked(meaning, column, text, known) for column, known, text in cells}
        return all(value in own.get(column, {None, 0.0}) for column, value in zip(meaning.columns, values, strict=True))
    own = {str(choice.code): place for place, choice in enumerate(meaning.item.scale.valid)}
    for text in texts:
        tokens = [t.removesuffix(".0") for t in re.split(r"[\s;,|┋→、/]+", bare(text)) if t]
        if tokens and all(token in own for token in tokens):
            return {own[token] for token in tokens} == {place for place, v in enumerate(values) if v}
    # What is left must at least stand in the cells.
    for choice, value in zip(meaning.item.scale.valid, values, strict=True):
        said = {_squeezed(choice.label.zh), _squeezed(choice.label.en), str(choice.code)}
        if value and not any(word and word in _squeezed(bare(text)) for word in said for text in texts):
            return bool(meaning.item.type == "rank")
    return told or any(values) or all(bare(text).casefold() in NOTHING or '"state"' in text for text in texts)


def _ticked(meaning: Meaning, column: str, text: str, known: dict[str, float]) -> set[float | None]:
    """What the cell of one choice can mean."""
    words, item = bare(text).casefold(), meaning.item
    choice = next(c for c in item.scale.valid if column.endswith(f"_{c.code}"))
    own = {bare(choice.label.zh).casefold(), bare(choice.label.en).casefold(), str(choice.code)}
    if text in known:
        # Nothing was picked at all: not asked, or left empty.
        return {known[text]} | ({None} if not known[text] else set())
    if words in NO | NOTHING:
        return {0.0, None} if words in NO else {None}
    number = re.fullmatch(r"[+-]?\d+(\.0+)?", words)
    if number and float(words) in item.missing_codes:
        return {float(words)}
    if item.type == "rank":
        return {float(words), None} if number and 0 <= float(words) <= len(item.scale.valid) else {None}
    return {1.0, None} if words in own | YES else {None}


__all__ = ["Sound", "Unreadable", "changed", "sound"]
