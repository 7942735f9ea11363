"""Grids as an Excel workbook: one sheet a table, three rules, numbers as numbers at full precision.

A number's format shows it as the page does: its digits, its zero, its stars.  The two ends of an interval stand in
neighbouring columns, whose formats print the brackets.  Words are typed as words, so that none becomes a formula.
"""

import io
import re
from collections.abc import Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from sgsurvey.files import write_whole
from sgsurvey.tables.archive import timeless
from sgsurvey.tables.format import BOUNDED, MEMBER, MINUS
from sgsurvey.tables.grid import Grid, GridCell, GridRow
from sgsurvey.tables.table import Kind
from sgsurvey.text import Language

_SIDES = {"thick": Side(style="medium"), "middle": Side(style="thin"), "thin": Side(style="hair")}
_WIDEST = 60


def save_excel(grids: Sequence[Grid], path: Path, *, numbers: Sequence[str] = ()) -> Path:
    """One sheet per grid; ``numbers`` ("Table 1.1") go before the titles."""
    book = Workbook()
    book.remove(book.active)
    labels = numbers or [""] * len(grids)
    for grid, number in zip(grids, labels, strict=True):
        _Sheet(book.create_sheet(_sheet_name(grid.id, book.sheetnames)), grid).write(number)
    return write_workbook(book, path)


def write_workbook(book: Workbook, path: Path) -> Path:
    """Write ``book`` whole, with fixed dates: the same content gives the same bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    return write_whole(path, timeless(buffer.getvalue()))


def plain_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The bytes of a workbook of one sheet: heads, then cells as they are; None leaves a cell empty."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for i, row in enumerate((header, *rows), start=1):
        for j, value in enumerate(row, start=1):
            if isinstance(value, str):
                type_words(sheet.cell(i, j), value)
            elif value is not None:
                sheet.cell(i, j).value = value
    sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return timeless(buffer.getvalue())


def type_words(cell: Any, text: str) -> None:
    """Put ``text`` into ``cell`` as words: ``=1+1`` is no formula, now or after somebody has edited the cell."""
    if text:
        cell.value = text
        cell.data_type = "s"
        if text[0] in "=+-@":
            cell.quotePrefix = True


def number_format(cell: GridCell, language: Language) -> str:
    """The format in which Excel shows the one number of ``cell`` as the page does."""
    return _format(cell.numbers[0], cell.kind, cell.digits, language, suffix=cell.stars + cell.mark)


def interval_formats(cell: GridCell, language: Language) -> tuple[str, str]:
    """The formats of the two ends: ``[0.24,`` and ``0.36]``."""
    low, high = cell.numbers
    kind = MEMBER.get(cell.kind, cell.kind)
    return (
        _format(low, kind, cell.digits, language, prefix="[", suffix=","),
        _format(high, kind, cell.digits, language, suffix="]" + cell.stars + cell.mark),
    )


def _format(value: float, kind: Kind, digits: int, language: Language, *, prefix: str = "", suffix: str = "") -> str:
    whole = "#,##0" if kind == "count" and language == "en" else "0"
    if kind in BOUNDED and language == "en" and digits and abs(round(value, digits)) < 1:
        whole = ""
    if kind == "df" and float(value).is_integer():
        digits = 0
    pattern = f"{whole}.{'0' * digits}" if digits else whole
    before, after = _quoted(prefix), _quoted(suffix)
    if kind == "p":
        least = 10.0**-digits
        zero = "" if language == "en" else "0"
        below, above = f"{least:.{digits}f}"[1:], f"{1 - least:.{digits}f}"[1:]
        return (
            f"[<{least:.{digits}f}]{_quoted(f'< {zero}{below}')}{after};"
            f"[>={1 - least / 2:.{digits + 1}f}]{_quoted(f'> {zero}{above}')}{after};{pattern}{after}"
        )
    # A negative number that rounds to zero has no sign on the page.
    minus = _quoted(MINUS) if round(abs(value), digits + 2 * (kind == "percent")) else ""
    return f"{before}{pattern}{after};{before}{minus}{pattern}{after}"


def _quoted(text: str) -> str:
    return "".join(f'"{part}"' if part != '"' else '\\"' for part in re.split('(")', text) if part)


def _sheet_name(identifier: str, taken: Sequence[str]) -> str:
    """At most 31 characters, none that Excel forbids, no name twice whatever its case."""
    name = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "_", identifier).strip()[:31] or "table"
    candidate, count = name, 1
    while candidate.lower() in {other.lower() for other in taken}:
        count += 1
        candidate = f"{name[: 31 - len(f' {count}')]} {count}"
    return candidate


class _Sheet:
    """One sheet; an interval column of the grid is two columns of the sheet."""

    def __init__(self, sheet: Any, grid: Grid) -> None:
        self.sheet, self.grid = sheet, grid
        pairs = [_is_pair(grid, column) for column in range(len(grid.columns))]
        self.starts = [1 + index + sum(pairs[:index]) for index in range(len(pairs) + 1)]
        self.line = 0
        self.looks: dict[tuple[object, ...], Any] = {}

    def write(self, number: str) -> None:
        grid = self.grid
        self.sheet.sheet_view.showGridLines = False
        self._words(f"{number}  {grid.title}".strip(), bold=True)
        first = self.line + 1
        if grid.spanners:
            self._row(grid.spanners)
            at = 0
            for spanner in grid.spanners:
                if spanner.text:
                    self._rule(self.line, "bottom", "thin", at, at + spanner.span)
                at += spanner.span
        self._row(grid.heads)
        self._rule(first, "top", "thick")
        self._rule(self.line, "bottom", "middle")
        self.sheet.freeze_panes = self.sheet.cell(self.line + 1, 2)
        for row in grid.rows:
            self._row(row.cells, row)
            if row.ruled:
                self._rule(self.line, "top", "thin")
        # Without rows the last rule would fall on that of the head: an empty line keeps them apart.
        self.line += not grid.rows
        self._rule(self.line, "bottom", "thick")
        for note in grid.notes:
            self._words(note)
        self._widths()

    def _words(self, text: str, *, bold: bool = False) -> None:
        self.line += 1
        type_words(self.sheet.cell(self.line, 1), text)
        self.sheet.cell(self.line, 1).font = _font(bold)

    def _row(self, cells: Sequence[GridCell], row: GridRow | None = None) -> None:
        self.line += 1
        at = 0
        for cell in cells:
            first, last = self.starts[at], self.starts[at + cell.span] - 1
            self._cell(cell, first, last, bold=row is not None and row.kind == "group")
            at += cell.span

    def _cell(self, cell: GridCell, first: int, last: int, *, bold: bool) -> None:
        place, *others = (self.sheet.cell(self.line, column) for column in range(first, last + 1))
        if len(cell.numbers) == 2 and last == first + 1:
            (end,) = others
            place.value, end.value = _values(cell)
            self._dress(place, bold, horizontal="right")
            self._dress(end, bold, horizontal="left")
            place.number_format, end.number_format = interval_formats(cell, self.grid.language)
            return
        horizontal = {"left": "left", "centre": "center", "decimal": "right"}[cell.align]
        self._dress(place, bold, horizontal=horizontal, vertical="top", wrap_text=not cell.numbers)
        for other in others:
            self._dress(other, bold)
        if len(cell.numbers) == 1:
            (place.value,) = _values(cell)
            place.number_format = number_format(cell, self.grid.language)
        else:
            type_words(place, cell.full)
        if last > first:
            self.sheet.merge_cells(start_row=self.line, end_row=self.line, start_column=first, end_column=last)

    def _dress(self, place: Any, bold: bool, **alignment: str | bool) -> None:
        """Font and alignment of a cell without looks, copied where they were given before.

        openpyxl would hash both for every cell.
        """
        look = bold, *alignment.items()
        if look in self.looks:
            place._style = copy(self.looks[look])
            return
        place.font = _font(bold)
        if alignment:
            place.alignment = Alignment(**alignment)
        self.looks[look] = copy(place._style)

    def _rule(self, line: int, side: str, weight: str, start: int = 0, end: int | None = None) -> None:
        stop = self.starts[len(self.grid.columns) if end is None else end]
        for column in range(self.starts[start], stop):
            cell = self.sheet.cell(line, column)
            sides = {"top": cell.border.top, "bottom": cell.border.bottom, side: _SIDES[weight]}
            cell.border = Border(**sides)

    def _widths(self) -> None:
        for index, column in enumerate(self.grid.columns):
            places = range(self.starts[index], self.starts[index + 1])
            for place in places:
                letter = get_column_letter(place)
                self.sheet.column_dimensions[letter].width = min(column.natural / len(places) + 3, _WIDEST)


def _values(cell: GridCell) -> list[float]:
    """The numbers in the unit of their head: Excel multiplies by 100 only where it also prints a percent sign."""
    return [number * 100 for number in cell.numbers] if "percent" in cell.kind else list(cell.numbers)


def _is_pair(grid: Grid, column: int) -> bool:
    for row in grid.rows:
        at = 0
        for cell in row.cells:
            if at == column and cell.span == 1 and len(cell.numbers) == 2:
                return True
            at += cell.span
    return False


def _font(bold: bool) -> Font:
    return Font(name="Times New Roman", size=10.5, bold=bold)
