"""Grid: a page laid out in text.  Spans, spanners, stars, notes and alignment are resolved here and nowhere else."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Literal

from sgsurvey.errors import SurveyError
from sgsurvey.tables.format import (
    DIGITS,
    MEMBER,
    STARS_LEGEND,
    SUPPRESSED,
    SUPPRESSED_LEGEND,
    is_missing,
    is_words,
    printable,
    show,
    width,
)
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.text import Language, Text

Align = Literal["left", "centre", "decimal"]
RowKind = Literal["body", "group", "stat", "threshold"]

_WORDS = re.compile(r"[!-~]+|[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class GridCell:
    """What is printed: ``text``, then ``stars`` and a raised ``mark``.

    ``numbers`` holds the one number, or the two of an interval, behind the text at full precision, for formats that
    can hold numbers; it is empty for words, for what is infinite, for missing and for suppressed cells.
    """

    text: str
    stars: str = ""
    mark: str = ""
    span: int = 1
    align: Align = "left"
    numbers: tuple[float, ...] = ()
    kind: Kind = "text"
    digits: int = 0

    @property
    def full(self) -> str:
        """All that is printed, as plain text."""
        return self.text + self.stars + self.mark


@dataclass(frozen=True, slots=True)
class GridColumn:
    """How a column stands, in characters.

    ``before`` and ``after`` count what is left of the decimal point and what is right of it with the point itself,
    ``hanging`` the stars and marks after that; ``natural`` is the width of the widest line, ``least`` the width below
    which a number would break or words become a thin thread.
    """

    align: Align
    before: int
    after: int
    hanging: int
    natural: int
    least: int


@dataclass(frozen=True, slots=True)
class GridRow:
    """A printed line; ``ruled`` asks for a thin rule above it."""

    cells: tuple[GridCell, ...]
    kind: RowKind
    ruled: bool = False


@dataclass(frozen=True)
class Grid:
    """A page laid out in text.

    ``spanners`` is empty or a first head line, whose cells with an empty text stand over columns without a spanner;
    ``heads`` has one cell per column.
    """

    id: str
    title: str
    language: Language
    columns: tuple[GridColumn, ...]
    spanners: tuple[GridCell, ...]
    heads: tuple[GridCell, ...]
    rows: tuple[GridRow, ...]
    notes: tuple[str, ...]

    @cached_property
    def gaps(self) -> frozenset[int]:
        """The columns before which a gap must part two neighbouring spanners."""
        starts, at = set(), 0
        for left, right in zip(self.spanners, self.spanners[1:], strict=False):
            at += left.span
            if left.text and right.text:
                starts.add(at)
        return frozenset(starts)


def lay_out(table: Table) -> Grid:
    """The grid of ``table`` in its language."""
    language = table.language
    rows: list[GridRow] = []
    for index, row in enumerate(table.rows):
        _check_spans(table, index, row)
        ruled = row.kind in {"stat", "threshold"} and bool(rows) and rows[-1].kind in {"body", "group"}
        rows.append(GridRow(_cells(row, table), row.kind, ruled))
    heads = tuple(
        GridCell(printable(c.head.to(language)), align="left" if _align(c.kind) == "left" else "centre")
        for c in table.columns
    )
    spanners = _spanners(table.columns, language)
    cells = _by_column(rows, len(table.columns))
    columns = [_column(*each) for each in zip(table.columns, heads, cells, strict=True)]
    return Grid(
        id=printable(table.id),
        title=printable(table.title.to(language)),
        language=language,
        columns=tuple(_under(spanners, columns)),
        spanners=spanners,
        heads=heads,
        rows=tuple(rows),
        notes=tuple(note for note in (printable(note.to(language)) for note in _notes(table)) if note),
    )


def _check_spans(table: Table, index: int, row: Row) -> None:
    covered = sum(cell.span for cell in row.cells)
    if covered != len(table.columns):
        raise SurveyError(
            f"the row covers {covered} columns, the table has {len(table.columns)}.",
            where=f"table {table.id!r}, row {index + 1}",
            remedy="Let the spans of its cells add up to the number of columns.",
        )


def _align(kind: Kind) -> Align:
    if kind == "text":
        return "left"
    return "centre" if kind in MEMBER else "decimal"


def _cells(row: Row, table: Table) -> tuple[GridCell, ...]:
    cells, at = [], 0
    for cell in row.cells:
        cells.append(_cell(cell, table, at, row.kind))
        at += cell.span
    return tuple(cells)


def _cell(cell: Cell, table: Table, at: int, row_kind: RowKind) -> GridCell:
    if cell.suppressed:
        return GridCell(SUPPRESSED.format(k=table.smallest), span=cell.span, align="centre")
    column, language = table.columns[at], table.language
    text = printable(show(cell.value, cell.kind, language, cell.digits))
    numbers = _numbers(cell)
    align = _align(cell.kind if numbers else column.kind)
    if row_kind == "group":
        align = "left"
    elif cell.span > 1:
        align = "centre" if at else "left"
    elif align == "decimal" and len(numbers) != 1:
        align = "centre"
    digits = DIGITS.get(cell.kind, 0) if cell.digits is None else cell.digits
    return GridCell(text, cell.stars, printable(cell.mark), cell.span, align, numbers, cell.kind, digits)


def _numbers(cell: Cell) -> tuple[float, ...]:
    if cell.kind == "text" or is_words(cell.value):
        return ()
    members = cell.value if isinstance(cell.value, tuple) else (cell.value,)
    if any(is_missing(member) for member in members):
        return ()
    numbers = tuple(float(str(member)) for member in members)
    return numbers if all(map(math.isfinite, numbers)) else ()


def _spanners(columns: Sequence[Column], language: Language) -> tuple[GridCell, ...]:
    if not any(column.spanner for column in columns):
        return ()
    cells: list[GridCell] = []
    for spanner, members in groupby(columns, key=lambda column: column.spanner):
        span = len(list(members))
        if spanner is None:
            cells.extend([GridCell("")] * span)
        else:
            cells.append(GridCell(printable(spanner.to(language)), span=span, align="centre"))
    return tuple(cells)


def _by_column(rows: Sequence[GridRow], count: int) -> list[list[GridCell]]:
    """The cells of each of ``count`` columns, without those that span several."""
    columns: list[list[GridCell]] = [[] for _ in range(count)]
    for row in rows:
        at = 0
        for cell in row.cells:
            if cell.span == 1:
                columns[at].append(cell)
            at += cell.span
    return columns


def _column(column: Column, head: GridCell, cells: Sequence[GridCell]) -> GridColumn:
    natural, least = width(head.text), _unbroken(head.text)
    before = after = hanging = 0
    for cell in cells:
        wide = width(cell.full)
        natural = max(natural, wide)
        least = max(least, wide if cell.numbers else _thread(cell.full))
        if cell.align == "decimal":
            whole, _, _ = cell.text.partition(".")
            before = max(before, len(whole))
            after = max(after, len(cell.text) - len(whole))
            hanging = max(hanging, len(cell.stars + cell.mark))
    decimal = before + after + hanging
    least = max(least, decimal)
    return GridColumn(_align(column.kind), before, after, hanging, max(natural, least), least)


def _under(spanners: Sequence[GridCell], columns: Sequence[GridColumn]) -> Iterator[GridColumn]:
    """The columns, wide enough together that no word of the spanner above them must break."""
    at = 0
    for spanner in spanners:
        members = columns[at : at + spanner.span]
        at += spanner.span
        lacking = _unbroken(spanner.text) - sum(column.least for column in members)
        more = max(0, -(-lacking // spanner.span))
        yield from (replace(c, least=c.least + more, natural=max(c.natural, c.least + more)) for c in members)
    yield from columns[at:]


def _unbroken(text: str) -> int:
    """Width of the longest part that no line break can split; Chinese may break after three characters.

    Capitals and the per cent sign are wider than the figures that widths are counted in.
    """
    words = _WORDS.findall(text)
    wide = (sum(char.isupper() or char == "%" for char in word) for word in words)
    parts = (width(w) + (n + 1) // 2 if w.isascii() else min(width(w), 6) for w, n in zip(words, wide, strict=True))
    return max(parts, default=1)


def _thread(text: str) -> int:
    """Width below which a paragraph in a column looks like a thread: three lines, unless it is very long."""
    return max(_unbroken(text), min(width(text), max(12, min(width(text) // 3 + 1, 32))))


def _notes(table: Table) -> tuple[Text, ...]:
    """The table's own notes, and the legends that its stars and suppressed cells ask for."""
    cells = [cell for row in table.rows for cell in row.cells]
    notes = list(table.notes)
    if any(cell.suppressed for cell in cells):
        notes.append(SUPPRESSED_LEGEND.format(k=table.smallest))
    if any(cell.stars for cell in cells) and not any(note.en.startswith("*") for note in notes):
        notes.append(STARS_LEGEND)
    return tuple(notes)
