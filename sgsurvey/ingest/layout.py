"""From lines of cells to columns under heads: where the header stands, which lines have its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.garbled import mended
from sgsurvey.ingest.names import Names, plain, wording

Line = Sequence[str]
Prepare = Callable[[Iterator[Line]], Iterator[Line]]
Numbered = Iterator[tuple[int, "Line | Block"]]
Value = TypeVar("Value")
TITLE_LINES = 10
MOST_RAGGED = 0.2
BLOCK = 4096
# Stands before a formula: no program's text begins with this character of the private use area.
FORMULA = "\ue000"


@dataclass(frozen=True)
class Cells:
    """A column of a file: its different texts, and which of them stands in each row.

    Attributes
    ----------
    texts : tuple of str, length k
        In the order in which they first occur.
    codes : ndarray of int32, shape (n,)
    """

    texts: tuple[str, ...]
    codes: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Cells:
        """The column that holds ``texts``."""
        growing = _Growing(1)
        for text in texts:
            growing.add((text,))
        return growing.done()[0]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int | np.integer) -> str:
        return self.texts[self.codes[row]]

    def __iter__(self) -> Iterator[str]:
        return (self.texts[code] for code in self.codes)

    def rewritten(self, change: Callable[[str], str]) -> Cells:
        """The column with each different text changed once."""
        return Cells(tuple(change(text) for text in self.texts), self.codes)

    def spread(self, values: Sequence[Value]) -> npt.NDArray[np.object_]:
        """A value for each row from one for each different text."""
        boxed = np.empty(len(values) + 1, dtype=object)
        boxed[: len(values)] = values
        return boxed[self.codes]

    def put(self, rows: npt.NDArray[np.bool_], text: str) -> Cells:
        """The column with ``text`` in some rows."""
        if not rows.any():
            return self
        return Cells.of(text if put else own for put, own in zip(rows, self, strict=True))

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """The rows whose cell is not empty; shape (n,)."""
        return np.array([*(bool(text.strip()) for text in self.texts), False], dtype=bool)[self.codes]

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How often each text occurs; shape (k,)."""
        return np.bincount(self.codes, minlength=len(self.texts))

    @cached_property
    def first(self) -> npt.NDArray[np.int64]:
        """The row in which each text first occurs; shape (k,)."""
        first = np.full(len(self.texts), len(self.codes), dtype=np.int64)
        np.minimum.at(first, self.codes, np.arange(len(self.codes)))
        return first


@dataclass(frozen=True)
class Block:
    """Lines of one length, each with a filled cell, as the columns that they make; far below the top of a file."""

    columns: tuple[Cells, ...]

    def __len__(self) -> int:
        return len(self.columns[0])

    def lines(self) -> Iterator[Line]:
        """The lines one by one."""
        return zip(*self.columns, strict=True)


@dataclass(frozen=True)
class Raw:
    """A file as text: columns under heads, nothing yet understood.

    Attributes
    ----------
    header : tuple of str, length p
    columns : tuple of Cells, each of length n
    rows : ndarray of int, shape (n,)
        Number of each row in the file, as a spreadsheet shows it.
    ragged : tuple of (row, cells, reason)
        Lines that do not have the header's shape: set aside.
    reasons : ndarray of str or None, shape (n,)
        Why a tool's own columns set a row aside (a draft); empty where they do not; None where no tool says so.
    context : mapping of name to DataFrame
        What a tool knows beside the answers (times); the index is the place, from 0, of the row it belongs to.
    """

    header: tuple[str, ...]
    columns: tuple[Cells, ...]
    rows: npt.NDArray[np.int64]
    ragged: tuple[tuple[int, tuple[str, ...], str], ...] = ()
    reasons: npt.NDArray[np.object_] | None = None
    context: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def rewritten(self, column: int, change: Callable[[str], str]) -> Raw:
        """The file with each different text of one column changed once."""
        changed = self.columns[column].rewritten(change)
        return replace(self, columns=(*self.columns[:column], changed, *self.columns[column + 1 :]))


def lay_out(
    records: Iterable[Line | Block], names: Names, events: Events, *, whole: bool = True, prepare: Prepare | None = None
) -> Raw:
    """Find the header, drop titles, second headers and blank lines, and set lines of another length aside.

    Lines are taken as they come and encoded block by block, so that a long file never stands in memory as lines.

    Parameters
    ----------
    records : iterable of lines and of blocks of lines
        No block stands among the first ``TITLE_LINES`` filled lines.
    names : Names
    events : Events
    whole : bool
        The file ends with a line break; if not, a short last line means that the file was cut.
    prepare : callable (lines) -> lines, optional
        A tool's own heads put right; a line that is taken away leaves an empty one, so that rows keep their numbers.
    """
    filled = _filled(iter(records) if prepare is None else prepare(_one_by_one(records)))
    top = [(row, record) for row, record in islice(filled, TITLE_LINES) if not isinstance(record, Block)]
    if not top:
        raise events.error("SG107.empty")
    scores = [names.count(record) for _, record in top]
    best = int(np.argmax(scores))
    if not scores[best]:
        raise _no_header(top[0][1], names, events)
    header = tuple(plain(cell) for cell in top[best][1])
    if best:
        title = " ".join(cell for cell in top[0][1] if cell)
        events.add("SG108.titles", lines=best, n=best, row=top[0][0], value=title)
    return _Body(header, names, events, whole).read(chain(top[best + 1 :], filled))


def _one_by_one(records: Iterable[Line | Block]) -> Iterator[Line]:
    for record in records:
        if isinstance(record, Block):
            yield from record.lines()
        else:
            yield record


def _filled(records: Iterable[Line | Block]) -> Numbered:
    """The lines and blocks that are not blank, with the number of each, or of the first line of each."""
    row = 1
    for record in records:
        if isinstance(record, Block):
            yield row, record
            row += len(record)
        else:
            if any(record):
                yield row, record
            row += 1


class _Growing:
    """Columns while lines are added to them: a number for each different text, given when it first comes."""

    def __init__(self, width: int) -> None:
        self.known: list[dict[str, int]] = [{} for _ in range(width)]
        self.parts: list[list[npt.NDArray[np.int32]]] = [[] for _ in range(width)]
        self.waiting: list[Line] = []

    def add(self, line: Line) -> None:
        self.waiting.append(line)
        if len(self.waiting) == BLOCK:
            self._encode()

    def join(self, block: Block) -> None:
        self._encode()
        for known, parts, cells in zip(self.known, self.parts, block.columns, strict=True):
            codes = np.array([known.setdefault(text, len(known)) for text in cells.texts], np.int32)
            parts.append(codes[cells.codes])

    def _encode(self) -> None:
        lines, self.waiting = self.waiting, []
        for known, parts, cells in zip(self.known, self.parts, zip(*lines, strict=True), strict=bool(lines)):
            try:
                codes = np.fromiter(map(known.__getitem__, cells), np.int32, len(cells))
            except KeyError:
                # After a few blocks an answer column has shown all its texts, and this is no longer needed.
                for text in dict.fromkeys(cells):
                    known.setdefault(text, len(known))
                codes = np.fromiter(map(known.__getitem__, cells), np.int32, len(cells))
            parts.append(codes)

    def done(self) -> tuple[Cells, ...]:
        self._encode()
        return tuple(
            Cells(tuple(known), np.concatenate(parts) if parts else np.empty(0, np.int32))
            for known, parts in zip(self.known, self.parts, strict=True)
        )


@dataclass
class _Body:
    """The lines under the header while they are read."""

    header: tuple[str, ...]
    names: Names
    events: Events
    whole: bool
    rows: list[int] = field(default_factory=list)
    ragged: list[tuple[int, tuple[str, ...], str]] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)

    def read(self, lines: Iterable[tuple[int, Line | Block]]) -> Raw:
        growing = _Growing(len(self.header))
        first = last = 0
        length = len(self.header)
        for row, record in self._answers(lines):
            first = first or row
            if isinstance(record, Block):
                last, length = row + len(record) - 1, len(record.columns)
                self.rows.extend(range(row, last + 1))
                growing.join(record)
            else:
                last, length = row, len(record)
                kept = self._shaped(row, record)
                if kept is not None:
                    self.rows.append(row)
                    growing.add(kept)
        self._tell(last, length, blank=last - first + 1 - len(self.rows) - len(self.ragged) if first else 0)
        return Raw(self.header, growing.done(), np.array(self.rows, dtype=np.int64), tuple(self.ragged))

    def _answers(self, lines: Iterable[tuple[int, Line | Block]]) -> Numbered:
        """The lines without further headers at their top; a block of another length as the lines that it holds."""
        top = True
        for row, record in lines:
            if isinstance(record, Block):
                top, alike = False, len(record.columns) == len(self.header)
                yield from [(row, record)] if alike else enumerate(record.lines(), start=row)
                continue
            top = top and _second_header(record, self.header, self.names)
            if top:
                self.events.add("SG108.second_header", row=row, value=str(record[0]))
            else:
                yield row, record

    def _shaped(self, row: int, record: Line) -> Line | None:
        """The line if it has the header's length, with empty cells beyond it cut off; None where it is set aside."""
        width = len(self.header)
        if len(record) == width:
            return record
        if len(record) > width and not _surplus(record, self.header):
            self.cut.append(row)
            return record[:width]
        self.ragged.append((row, tuple(record), "short_row" if len(record) < width else "long_row"))
        return None

    def _tell(self, last: int, length: int, *, blank: int) -> None:
        width, bad, total = len(self.header), len(self.ragged), len(self.rows) + len(self.ragged)
        if total and not self.whole and length < width:
            raise self.events.error("SG106.row", row=last, cells=length, width=width)
        if blank:
            self.events.add("SG109.blank", n=blank, lines=blank)
        if self.cut:
            self.events.add("SG109.surplus", n=len(self.cut), row=self.cut[0], lines=len(self.cut))
        if total > 1 and bad == total and all(why == "long_row" for _, _, why in self.ragged):
            raise self.events.error("SG105.longer", row=self.ragged[0][0], width=width)
        if bad > max(MOST_RAGGED * total, 1):
            raise self.events.error("SG104.ragged", row=self.ragged[0][0], bad=bad, total=total, width=width)
        for row, cells, _ in self.ragged:
            self.events.add("SG116.row", row=row, cells=len(cells), width=width)


def _surplus(record: Line, header: tuple[str, ...]) -> int:
    """Filled cells beyond the header.

    Kobo's exporter adds a stale 0 or 1 for each choice no longer in the form, from its first submission on.
    """
    beyond = [cell for cell in record[len(header) :] if cell.strip()]
    kobo = "_uuid" in header or "_submission_time" in header
    return 0 if kobo and set(beyond) <= {"0", "1"} else len(beyond)


def _second_header(record: Line, header: tuple[str, ...], names: Names) -> bool:
    """Tags (#…), import ids, or the labels of the heads above, standing under the header."""
    pairs = [(head, cell.strip()) for head, cell in zip(header, record, strict=False) if cell.strip()]
    if pairs and all(cell.startswith(("#", '{"ImportId"')) for _, cell in pairs):
        return True
    same = 0
    for head, cell in pairs:
        target = names.target(head)
        same += wording(cell) != wording(head) and target is not None and target == names.target(cell)
        same += wording(cell) == wording(head)
    return len(pairs) > 1 and same > len(pairs) / 2


def _no_header(first: Line, names: Names, events: Events) -> DataError:
    garbled = mended(first, lambda head: bool(names.count([head])))
    if garbled:
        return events.error("SG103.garbled", sample=garbled[0][:30], mended=garbled[1][:30])
    begins = ", ".join(repr(cell[:20]) for cell in list(first)[:4])
    return events.error("SG102.no_heads", questionnaire=names.questionnaire.id, begins=begins)
