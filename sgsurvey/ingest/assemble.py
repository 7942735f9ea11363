"""Columns understood become the frame of answers; what cannot be understood is counted, and too much of it refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.mode import mode_codes
from sgsurvey.errors import DataError
from sgsurvey.ingest import values
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.match import Binding, asked_of
from sgsurvey.ingest.names import CARRIED
from sgsurvey.questionnaire.model import CODED, Item, Questionnaire

MOST_INVALID = 0.05
FEW_INVALID = 2
SWAPPED = 0.3
PLACES = ("township_id", "village_id")
Reads = dict[str, tuple[Item, values.ColumnRead]]


def assemble(
    raw: Raw, binding: Binding, questionnaire: Questionnaire, roles: Cells | None, events: Events
) -> pd.DataFrame:
    """Carried columns, then those of all items that were asked or answered, missing where the file has none."""
    columns: dict[str, pd.Series] = {}
    for name in CARRIED:
        if name == "role" and roles is not None:
            columns[name] = as_text(roles)
        elif name in binding.carried and name not in ("role", "version"):
            item = next((item for item in questionnaire.items if item.name == name and item.type != "text"), None)
            reader = _carried_reader(name, item, questionnaire)
            columns[name] = _typed(item, name, _read(reader, raw, binding.carried[name], events), len(raw.rows))
    reads: Reads = {}
    asked = asked_of(questionnaire, roles)
    for item in questionnaire.items:
        if item.identifier == "direct" or item.name in columns or not (item.name in asked or binding.holds(item.name)):
            continue
        if item.type in ("select_multiple", "rank"):
            columns |= _several(item, raw, binding, reads, events)
        else:
            columns |= _one(item, raw, binding, reads, events)
    _refuse_strangers(reads, raw, binding, events)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(raw.rows)))


def as_text(cells: Cells) -> pd.Series:
    """Strings, missing where None."""
    return pd.Series(cells, dtype="str")


def as_codes(numbers: npt.NDArray[np.float64], codes: Sequence[int] = ()) -> pd.Series:
    """Nullable integers, 16 bits where all possible codes fit."""
    return pd.Series(numbers).astype("Int16" if all(abs(c) < 2**15 for c in codes) else "Int64")


def _carried_reader(name: str, item: Item | None, questionnaire: Questionnaire) -> Callable[[str], values.Reading]:
    if name == "seconds":
        return values.read_seconds
    if name == "mode" and item is not None and item.scale is not None:
        return values.code_reader(item, mode_codes(questionnaire))
    return _reader(item) if item is not None and name not in PLACES else values.read_words


def _one(item: Item, raw: Raw, binding: Binding, reads: Reads, events: Events) -> dict[str, pd.Series]:
    """The column of an item with one answer, and of the value assigned to it."""
    place = binding.answers.get(item.name)
    read = None if place is None else _read(_reader(item), raw, place, events)
    if read is not None:
        reads[item.name] = (item, read)
    columns = {item.name: _typed(item, item.name, read, len(raw.rows))}
    if item.assign:
        where = binding.assigned.get(item.name)
        numbers = np.full(len(raw.rows), np.nan)
        if where is not None:
            numbers = _read(values.assigned_reader(item), raw, where, events).numbers()
        columns[f"{item.name}_assigned"] = as_codes(numbers, item.assign)
    return columns


def _reader(item: Item) -> Callable[[str], values.Reading]:
    if item.type in CODED:
        return values.code_reader(item) if item.scale else values.number_reader(item)
    if item.type in ("integer", "decimal"):
        return values.number_reader(item)
    return values.read_date if item.type == "date" else values.read_words


def _read(reader: Callable[[str], values.Reading], raw: Raw, place: int, events: Events) -> values.ColumnRead:
    try:
        return values.read_column(raw.columns[place], reader, raw.header[place], raw.rows, events)
    except DataError as error:
        raise events.error(error.code, error.what, error.remedy, column=raw.header[place]) from error


def _typed(item: Item | None, name: str, read: values.ColumnRead | None, n: int) -> pd.Series:
    """The column in its type; ``item`` is None for a carried column that no item defines."""
    if name in PLACES or (item is None and name != "seconds") or (item and item.type in ("text", "date")):
        return as_text(np.full(n, None, dtype=object) if read is None else read.column())
    numbers = np.full(n, np.nan) if read is None else read.numbers()
    if item is not None and item.type in CODED and item.scale is not None:
        return as_codes(numbers, [*(c.code for c in item.scale.choices), *item.missing])
    return pd.Series(numbers)


def _several(item: Item, raw: Raw, binding: Binding, reads: Reads, events: Events) -> dict[str, pd.Series]:
    """One column per choice, from one column per choice or from one cell with all of them."""
    codes = item.scale.codes if item.scale else ()
    n = len(raw.rows)
    options = binding.options.get(item.name, {})
    if options and (len(options) == len(codes) or item.name not in binding.answers):
        table = np.full((n, len(codes)), np.nan)
        for j, code in enumerate(codes):
            if code in options:
                table[:, j] = _read(values.option_reader(item, code), raw, options[code], events).numbers()
        answered = ~np.isnan(table).all(axis=1)
        have = [j for j, code in enumerate(codes) if code in options]
        table[:, have] = np.where(answered[:, None] & np.isnan(table[:, have]), 0.0, table[:, have])
    else:
        table = np.full((n, len(codes)), np.nan)
        place = binding.answers.get(item.name)
        if place is not None:
            read = _read(values.several_reader(item), raw, place, events)
            reads[item.name] = (item, read)
            table = _spread(item, read, codes)
    return {column: as_codes(table[:, j]) for j, column in enumerate(item.columns)}


def _spread(item: Item, read: values.ColumnRead, codes: Sequence[int]) -> npt.NDArray[np.float64]:
    """Rows of 0/1, or of ranks, from the choices picked in each different cell."""
    patterns = np.full((len(read.values) + 1, len(codes)), np.nan)
    for k, picked in enumerate(read.values):
        if isinstance(picked, tuple):
            order = {code: place for place, code in enumerate(picked, start=1)}
            ranks = np.array([order.get(code, 0) for code in codes], dtype=float)
            patterns[k] = ranks if item.type == "rank" else np.minimum(ranks, 1.0)
    return patterns[read.codes]


def _refuse_strangers(reads: Reads, raw: Raw, binding: Binding, events: Events) -> None:
    """Refuse the file when a column holds too many cells that are no answers to its question."""
    over = {
        name: read for name, (_, read) in reads.items() if read.invalid > max(FEW_INVALID, MOST_INVALID * read.filled)
    }
    if not over:
        return
    first = next(iter(over))
    item, read = reads[first]
    parts = [
        f"{name} {r.invalid} of {r.filled} (such as {', '.join(map(repr, r.examples))})" for name, r in over.items()
    ]
    what = f"cells that are no answers to their question: {'; '.join(parts[:6])}"
    what += f"; and {len(parts) - 6} more columns." if len(parts) > 6 else "."
    code, remedy = "SG120", f"Declare these codes or labels, or export codes: {first} takes {_allowed(item)}."
    low = item.scale.limits[0] if item.scale else None
    if low is not None and _counts_from(low - 1, item, read):
        code = "SG121"
        remedy = f"The file seems to count from {low - 1}; export the codes {_allowed(item)}."
    swapped = _swapped(over, reads)
    if swapped:
        code, remedy = "SG112", f"Did {swapped[0]} and {swapped[1]} change places?"
    head = raw.header[binding.answers[first]]
    row = int(raw.rows[int(np.argmax(np.isin(raw.columns[binding.answers[first]], list(read.examples))))])
    raise events.error(code, what, remedy, row=row, column=head)


def _allowed(item: Item) -> str:
    if item.scale:
        return ", ".join(str(c.code) for c in item.scale.choices)
    return f"{item.limits[0]:g} to {item.limits[1]:g}" if item.limits else f"a {item.type}"


def _counts_from(below: int, item: Item, read: values.ColumnRead) -> bool:
    """All strangers are one below the lowest code, and the highest code never occurs."""
    highest = item.scale.limits[1] if item.scale else None
    return all(text.strip() in (str(below), f"{below}.0") for text in read.examples) and highest not in read.values


def _swapped(over: dict[str, values.ColumnRead], reads: Reads) -> tuple[str, str] | None:
    """Two columns each of whose values suit the other's question better."""
    far = [name for name, read in over.items() if read.invalid > SWAPPED * max(read.filled, 1)]
    for a in far:
        for b in far:
            if a < b and _suits(reads[a], reads[b]) and _suits(reads[b], reads[a]):
                return a, b
    return None


def _suits(column: tuple[Item, values.ColumnRead], question: tuple[Item, values.ColumnRead]) -> bool:
    if column[0].scale == question[0].scale and column[0].limits == question[0].limits:
        return False
    read = _reader(question[0])
    filled = [text for text in column[1].texts if text.strip()]
    return bool(filled) and sum(read(text).value is not None for text in filled) > 0.9 * len(filled)
