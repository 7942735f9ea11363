"""Workbooks: bytes to lines of cells, with limits checked before anything is parsed."""

from __future__ import annotations

import datetime as dt
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from sgsurvey.errors import DataError
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import TITLE_LINES, Raw, lay_out
from sgsurvey.ingest.names import Names

LARGEST_FILE = 50_000_000
LARGEST_UNPACKED = 200_000_000
LARGEST_RATIO = 100
SMALL_PART = 1_000_000
MOST_PARTS = 100
MOST_COLUMNS = 1_000
MOST_WIDE_ROWS = 100
MOST_ROWS = 500_000
MOST_CELLS = 30_000_000
CHUNK = 1 << 16
# A workbook never has a document type; entities that expand or read other files are declared in one.
DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
# What openpyxl, zipfile and the XML parser raise on damaged parts: there is no common class below Exception.
DAMAGE = (
    LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError, EOFError, SyntaxError,
    NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip

Reader = Callable[[], Iterator[list[str]]]


def read_workbook(content: bytes, names: Names, events: Events, *, sheet: str | None = None) -> Raw:
    """Columns of the sheet whose header is known (or of ``sheet``); formulas count as cells that cannot be read."""
    unpack_safely(content, events)
    import openpyxl

    formulas: list[tuple[int, int, str]] = []
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it leaves out: nothing to do with the answers.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            chosen = _choose(book, sheet, names, events)
            events.sheet = chosen.title
            records = list(_lines(chosen, events, formulas))
    except DataError:
        raise
    except DAMAGE as error:
        raise events.error(
            "SG106",
            f"the workbook is damaged ({type(error).__name__}).",
            "Open it in Excel or LibreOffice, save it again as .xlsx, or export it once more.",
        ) from error
    for row, column, text in formulas:
        place = f"{openpyxl.utils.get_column_letter(column)}{row}"
        events.add("SG134", "invalid", f"formula in {place}: not read", row=row, column=place, value=text)
    width = max((len(record) for record in records), default=0)
    return lay_out([record + [""] * (width - len(record)) for record in records], names, events)


def unpack_safely(content: bytes, events: Events) -> None:
    """Refuse what is no workbook, damaged, or would fill the memory: counted while inflating, as headers lie."""
    if len(content) > LARGEST_FILE:
        raise _bomb(f"the file has {len(content):,} bytes", events)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise _bomb(f"it has {len(parts)} parts", events)
            if "xl/workbook.xml" not in archive.namelist():
                raise events.error(
                    "SG101", "this is a zip file, but not a workbook.", "Save the data as .xlsx or CSV UTF-8."
                )
            total = 0
            for part in parts:
                total = _inflate(archive, part, total, events)
    except DataError:
        raise
    except DAMAGE as error:
        raise events.error("SG106", f"the workbook is not whole ({error}).", "Download or export it again.") from error


def _inflate(archive: zipfile.ZipFile, part: zipfile.ZipInfo, total: int, events: Events) -> int:
    size, tail = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if total + size > LARGEST_UNPACKED:
                raise _bomb(f"it unpacks to more than {LARGEST_UNPACKED:,} bytes", events)
            if size > SMALL_PART and size > LARGEST_RATIO * max(part.compress_size, 1):
                raise _bomb(
                    f"its part '{part.filename[:60]}' unpacks to more than {LARGEST_RATIO} times its size", events
                )
            if any(word in tail + chunk for word in DECLARATIONS):
                raise events.error(
                    "SG142",
                    f"its part '{part.filename[:60]}' declares entities, which no spreadsheet program writes.",
                    "Do not trust this file; ask for the data from their source.",
                )
            tail = chunk[-32:]
    return total + size


def _bomb(what: str, events: Events) -> DataError:
    return events.error("SG140", f"{what}: refused unread.", "Save only the answers as .xlsx or CSV UTF-8.")


# Sheets -------------------------------------------------------------------------------------------


def _choose(book: Any, sheet: str | None, names: Names, events: Events) -> Any:
    """The named sheet, or the one whose first lines hold most known heads."""
    sheets = {ws.title: ws for ws in book.worksheets}
    if sheet is not None:
        if sheet not in sheets:
            raise events.error("SG145", f"there is no sheet '{sheet}'.", f"Its sheets: {', '.join(sheets) or 'none'}.")
        return sheets[sheet]
    if not sheets:
        raise events.error("SG107", "the workbook has no sheet with cells.", "Export it again.")
    scores = {title: _known_heads(ws, names, events) for title, ws in sheets.items()}
    best = max(scores.values())
    near = [title for title, score in scores.items() if score and score >= best / 2]
    visible = [title for title in near if sheets[title].sheet_state == "visible"]
    if len(visible) > 1:
        raise events.error(
            "SG145", f"several sheets hold answers: {', '.join(visible)}.", "Name one of them with sheet=."
        )
    title = (visible or sorted(near, key=lambda t: -scores[t]) or list(sheets))[0]
    if near and not visible:
        events.add("SG145", "warn", f"the answers were read from the hidden sheet '{title}'", value=title)
    return sheets[title]


def _known_heads(ws: Any, names: Names, events: Events) -> int:
    best = seen = 0
    for line in _lines(ws, events, []):
        best = max(best, names.count(line))
        seen += any(line)
        if seen == TITLE_LINES:
            break
    return best


def _lines(ws: Any, events: Events, formulas: list[tuple[int, int, str]]) -> Iterator[list[str]]:
    """Lines of a sheet as text, trimmed on the right; stops at a far cell before it costs memory."""
    ws.reset_dimensions()
    cells = wide = 0
    for number, row in enumerate(ws.iter_rows(), start=1):
        cells += len(row)
        wide += len(row) > MOST_COLUMNS
        if number > MOST_ROWS or cells > MOST_CELLS or wide > MOST_WIDE_ROWS:
            raise events.error(
                "SG141",
                f"the sheet '{ws.title}' reaches beyond row {MOST_ROWS:,} or column {MOST_COLUMNS:,}.",
                "Delete the empty rows and columns beyond the answers, or save it as CSV UTF-8.",
            )
        line = [_text(cell, number, place, formulas) for place, cell in enumerate(row, start=1)]
        while line and not line[-1]:
            line.pop()
        if len(line) > MOST_COLUMNS:
            raise events.error(
                "SG141",
                f"row {number} of the sheet '{ws.title}' reaches to column {len(line)}.",
                f"Delete what stands beyond column {MOST_COLUMNS}.",
                row=number,
            )
        yield line


def _text(cell: Any, row: int, column: int, formulas: list[tuple[int, int, str]]) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        formulas.append((row, column, str(value)))
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)
