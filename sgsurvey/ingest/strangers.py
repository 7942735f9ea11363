"""Too many cells that are no answers to their question: the file is refused, and the likely reason named.

A share beyond ``MOST_INVALID`` refuses the file.  Two columns that seem to have changed places are beyond it as a rule,
and are then the reason of the refusal; where there are too few cells to refuse a file for, they are told as a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.garbled import mended
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.reading import ColumnRead, Reading, is_invalid
from sgsurvey.questionnaire.model import Item
from sgsurvey.text import Text

MOST_INVALID = 0.05
FEW_INVALID = 2
SWAPPED = 0.3
MOST_NAMED = 6

Read = tuple[int, Item, ColumnRead]
Reader = Callable[[Item], Callable[[str], Reading]]


def refuse_strangers(reads: Sequence[Read], raw: Raw, reader: Reader, events: Events) -> None:
    """Refuse the file when a column holds too many cells that are no answers to its question; tell of swapped columns.

    Parameters
    ----------
    reads : sequence of (place in the file, Item, ColumnRead)
    raw : Raw
    reader : callable
        Gives what understands the cells of an item.
    events : Events
    """
    over = [read for read in reads if read[2].invalid > max(FEW_INVALID, MOST_INVALID * read[2].filled)]
    swapped = _swapped(reads, reader)
    if not over:
        if swapped:
            _tell_swapped(*swapped, raw, events)
        return
    place, item, read = over[0]
    row = int(raw.rows[int(np.argmax(read.rows_of(is_invalid)))])
    head, found = raw.header[place], _columns(over)
    wrong = mended(read.examples, lambda text: reader(item)(text).value is not None)
    if wrong:
        raise events.error("SG103.garbled", row=row, column=head, sample=wrong[0][:30], mended=wrong[1][:30])
    if swapped:
        first, second = (item.name for _, item, _ in swapped)
        raise events.error("SG112.swapped", row=row, column=head, columns=found, first=first, second=second)
    low = item.scale.limits[0] if item.scale else None
    if low is not None and _counts_from(low - 1, item, read):
        raise events.error("SG121.offset", row=row, column=head, columns=found, below=low - 1, allowed=_allowed(item))
    raise events.error("SG120.column", row=row, column=head, columns=found, item=item.name, allowed=_allowed(item))


def _columns(over: Sequence[Read]) -> Text:
    """Each column with how many of its cells are strangers, and examples."""
    named = over[:MOST_NAMED]
    en = [f"{item.name} {r.invalid} of {r.filled} (such as {_quoted(r)})" for _, item, r in named]
    zh = [f"{item.name}有{r.invalid}/{r.filled}格（如{_quoted(r)}）" for _, item, r in named]
    more = len(over) - len(named)
    if more:
        en.append(f"and {more} more columns")
        zh.append(f"另有{more}列")
    return Text("；".join(zh), "; ".join(en))


def _quoted(read: ColumnRead) -> str:
    return ", ".join(repr(text[:40]) for text in read.examples)


def _allowed(item: Item) -> Text | str:
    if item.scale:
        return ", ".join(str(choice.code) for choice in item.scale.choices)
    if item.limits:
        return f"{item.limits[0]:g}–{item.limits[1]:g}"
    return Text("数字", "a number") if item.type in ("integer", "decimal") else Text("日期", "a date")


def _counts_from(below: int, item: Item, read: ColumnRead) -> bool:
    """All strangers are one below the lowest code, and the highest code never occurs."""
    highest = item.scale.limits[1] if item.scale else None
    found = {reading.value for reading in read.readings}
    return all(text.strip() in (str(below), f"{below}.0") for text in read.examples) and highest not in found


def _tell_swapped(first: Read, second: Read, raw: Raw, events: Events) -> None:
    """Two columns seem to have changed places, in too few cells to refuse a file for."""
    place, item, read = first
    row = int(raw.rows[int(np.argmax(read.rows_of(is_invalid)))])
    n = read.invalid + second[2].invalid
    found = _columns([first, second])
    events.add(
        "SG112.suspected",
        n=n,
        row=row,
        column=raw.header[place],
        columns=found,
        first=item.name,
        second=second[1].name,
    )


def _swapped(reads: Sequence[Read], reader: Reader) -> tuple[Read, Read] | None:
    """Two columns each of which holds answers to the other's question instead of its own."""
    far = [read for read in reads if read[2].invalid and read[2].invalid >= SWAPPED * read[2].filled]
    for a in far:
        for b in far:
            if a[1].name < b[1].name and _strays(a, b[1], reader) and _strays(b, a[1], reader):
                return a, b
    return None


def _strays(column: Read, other: Item, reader: Reader) -> bool:
    """Whether a large share of the cells are no answers here, but are to another question, of another kind."""
    _, item, read = column
    if item.scale == other.scale and item.limits == other.limits:
        return False
    understand = reader(other)
    cells = zip(read.cells.texts, read.readings, read.cells.counts.tolist(), strict=True)
    stray = sum(n for text, own, n in cells if is_invalid(own) and understand(text).value is not None)
    return stray >= SWAPPED * read.filled
