"""One table to a file: the suffix decides the format."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.errors import SurveyError, did_you_mean
from sgsurvey.files import write_whole
from sgsurvey.tables.format import is_missing, is_words, printable, show, typed_as_words

if TYPE_CHECKING:
    from sgsurvey.tables.table import Cell, Table

_BOM = "\ufeff"  # without it Excel reads Chinese as noise


def save_table(table: Table, path: Path) -> Path:
    """Write ``table`` whole to ``path`` and give the path back.

    Raises
    ------
    SurveyError
        The suffix is none of ``.docx .xlsx .tex .md .html .csv``.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise SurveyError(
            f"a table cannot be saved as {path.suffix or 'a file without suffix'!r}."
            + did_you_mean(path.suffix, list(_WRITERS)),
            where=str(path),
            remedy=f"Choose one of {' '.join(_WRITERS)}.",
        )
    return writer(table, path)


def to_csv(table: Table) -> str:
    """The table's rows at full precision: keys as heads, intervals as two columns, groups as a first column.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    pairs = [":" in column.key for column in table.columns]
    heads = [part for column in table.columns for part in column.key.split(":")]
    grouped = any(row.kind == "group" for row in table.rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(["group"] if grouped else []), *(_plain(head) for head in heads)])
    group = ""
    for row in table.rows:
        if row.kind == "group":
            group = _plain(show(row.cells[0].value, "text", table.language))
            continue
        line = [group if row.kind == "body" else ""] if grouped else []
        at = 0
        for cell in row.cells:
            places = sum(1 + pair for pair in pairs[at : at + cell.span])
            values = _values(cell, table, places)
            line += [*values, *[""] * (places - len(values))]
            at += cell.span
        writer.writerow(line)
    return out.getvalue()


def _values(cell: Cell, table: Table, places: int) -> list[str]:
    members = cell.value if isinstance(cell.value, tuple) else (cell.value,)
    if cell.suppressed or len(members) > places:
        return [_plain(show(cell.value, cell.kind, table.language, cell.digits))] if not cell.suppressed else [""]
    return [_value(member, cell, table) for member in members]


def _value(member: object, cell: Cell, table: Table) -> str:
    if is_missing(member):
        return ""
    if cell.kind == "text" or is_words(member):
        return _plain(show(member, "text", table.language))
    return repr(float(str(member))).removesuffix(".0")


def _plain(text: str) -> str:
    return typed_as_words(printable(text))


def _word(table: Table, path: Path) -> Path:
    from sgsurvey.tables.word import save_word

    return save_word(table.grid(), path)


def _excel(table: Table, path: Path) -> Path:
    from sgsurvey.tables.excel import save_excel

    return save_excel([table.grid()], path)


def _latex(table: Table, path: Path) -> Path:
    return write_whole(path, table.to_latex().encode())


def _markdown(table: Table, path: Path) -> Path:
    return write_whole(path, table.to_markdown().encode())


def _html(table: Table, path: Path) -> Path:
    from sgsurvey.tables.html import page

    return write_whole(path, page(table.grid()).encode())


def _csv(table: Table, path: Path) -> Path:
    return write_whole(path, (_BOM + to_csv(table)).encode())


_WRITERS: dict[str, Callable[[Table, Path], Path]] = {
    ".docx": _word,
    ".xlsx": _excel,
    ".tex": _latex,
    ".md": _markdown,
    ".html": _html,
    ".csv": _csv,
}
