"""Workbooks: bytes to lines of cells."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from sgsurvey.errors import DataError
from sgsurvey.ingest.archive import DAMAGE, unpack_safely
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import FORMULA, TITLE_LINES, Prepare, Raw, lay_out
from sgsurvey.ingest.limits import LARGEST_CELL, MOST_CELLS, MOST_ROWS
from sgsurvey.ingest.names import Names

MOST_COLUMNS = 1_000
MOST_WIDE_ROWS = 100


def read_workbook(
    content: bytes, names: Names, events: Events, *, sheet: str | None = None, prepare: Prepare | None = None
) -> Raw:
    """Columns of the sheet whose header is known (or of ``sheet``); formulas are marked, and never read."""
    records = workbook_lines(content, events, lambda book: _choose(book, sheet, names, events))
    width = max((len(record) for record in records), default=0)
    return lay_out((record + [""] * (width - len(record)) for record in records), names, events, prepare=prepare)


def workbook_lines(content: bytes, events: Events, choose: Callable[[Any], Any]) -> list[list[str]]:
    """The lines of the sheet that ``choose`` takes from the workbook, as text and trimmed on the right."""
    if "xl/workbook.xml" not in unpack_safely(content, events):
        raise events.error("SG101.zip")
    import openpyxl

    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it leaves out: nothing to do with the answers.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            chosen = choose(book)
            events.sheet = chosen.title
            return list(_lines(chosen, events))
    except DataError:
        raise
    except DAMAGE as error:
        raise events.error("SG106.workbook", error=type(error).__name__) from error


# Sheets -------------------------------------------------------------------------------------------


def _choose(book: Any, sheet: str | None, names: Names, events: Events) -> Any:
    """The named sheet, or the one whose first lines hold most known heads."""
    sheets = {ws.title: ws for ws in book.worksheets}
    if sheet is not None:
        if sheet not in sheets:
            raise events.error("SG145.no_sheet", sheet=sheet, sheets=", ".join(sheets) or "-")
        return sheets[sheet]
    if not sheets:
        raise events.error("SG107.no_sheet")
    scores = {title: _known_heads(ws, names, events) for title, ws in sheets.items()}
    best = max(scores.values())
    near = [title for title, score in scores.items() if score and score >= best / 2]
    visible = [title for title in near if sheets[title].sheet_state == "visible"]
    if len(visible) > 1:
        raise events.error("SG145.several", sheets=", ".join(visible))
    title = (visible or sorted(near, key=lambda t: -scores[t]) or list(sheets))[0]
    if near and not visible:
        events.add("SG145.hidden", sheet=title, value=title)
    return sheets[title]


def _known_heads(ws: Any, names: Names, events: Events) -> int:
    best = seen = 0
    for line in _lines(ws, events):
        best = max(best, names.count(line))
        seen += any(line)
        if seen == TITLE_LINES:
            break
    return best


def _lines(ws: Any, events: Events) -> Iterator[list[str]]:
    """Lines of a sheet as text, trimmed on the right; stops at a far cell before it costs memory."""
    ws.reset_dimensions()
    cells = wide = 0
    for number, row in enumerate(ws.iter_rows(), start=1):
        cells += len(row)
        wide += len(row) > MOST_COLUMNS
        if number > MOST_ROWS or cells > MOST_CELLS or wide > MOST_WIDE_ROWS:
            raise _far(ws, number, events)
        line = [_text(cell) for cell in row]
        if any(len(text) > LARGEST_CELL for text in line):
            raise events.error("SG136.cell", row=number, most=f"{LARGEST_CELL:,}")
        while line and not line[-1]:
            line.pop()
        if len(line) > MOST_COLUMNS:
            raise _far(ws, number, events)
        yield line


def _far(ws: Any, row: int, events: Events) -> DataError:
    return events.error("SG141.far", row=row, sheet=ws.title, rows=f"{MOST_ROWS:,}", columns=f"{MOST_COLUMNS:,}")


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return f"{FORMULA}{value}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)
