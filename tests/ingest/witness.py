"""Each format read by a road that is not the package's: what stands in which cell of a file, damaged or not."""

import csv
import datetime as dt
import io
import json
import math
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet
import pyreadstat

Files = tuple[tuple[str, bytes], ...]
FIRST_LINES = 10
TIMINGS = ("ms", "first", "last", "order")


class Unreadable(Exception):
    """The independent road cannot read the file either."""


@dataclass(frozen=True)
class Told:
    """What the package said about the file as a whole: that is not silent, and the witness may follow it."""

    encoding: str = "utf-8-sig"
    separator: str = ","
    quotes: bool = False
    second: frozenset[int] = frozenset()

    @classmethod
    def by(cls, events: pd.DataFrame) -> "Told":
        """From the events of the log."""

        def value(words: str, otherwise: str) -> str:
            found = events.loc[(events["code"] == "SG100") & events["message"].str.contains(words), "value"]
            return str(found.iloc[0]) if len(found) else otherwise

        heads = events[(events["code"] == "SG108") & (events["row"] > 1)]
        second = {row for start, n in zip(heads["row"], heads["n"], strict=True) for row in range(start, start + n)}
        return cls(
            value("encoding", "utf-8-sig"),
            value("separator", ","),
            bool((events["code"] == "SG109").any()),
            frozenset(second),
        )


@dataclass(frozen=True)
class Grid:
    """Cells under heads; ``rows`` numbers the lines as the file does."""

    header: tuple[str, ...]
    rows: dict[int, tuple[str, ...]]

    def places(self, head: str) -> list[int]:
        """Where this head stands."""
        return [place for place, own in enumerate(self.header) if own == head]

    def text(self, row: int, places: list[int]) -> str:
        """The cell of a row, or the filled one of several columns with one head; empty where the line is too short."""
        cells = [self.rows[row][place] for place in places if place < len(self.rows[row])]
        return next((cell for cell in cells if cell.strip()), cells[0] if cells else "")


def grid(source: str, files: Files, first: str, heads: set[str], told: Told) -> Grid:
    """The file as cells.

    Parameters
    ----------
    heads : set of str
        Heads of the sound file: the line with most of them is the header.
    """
    try:
        return _grid(source, files, first, heads, told)
    except Exception as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _grid(source: str, files: Files, first: str, heads: set[str], told: Told) -> Grid:
    content = dict(files).get(first, b"")
    if source == "forms":
        return _forms(files)
    if source in ("spss", "stata", "parquet"):
        return _table(source, content, first)
    if source == "odk" and content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            own = [name for name in archive.namelist() if name.endswith(".csv") and "/" not in name]
            content = archive.read(min(own, key=len))
    lines = _sheet(content, heads) if content.startswith(b"PK") else _text(content, told, source)
    filled = [number for number, line in lines if any(line)][:FIRST_LINES]
    by_number = dict(lines)
    top = max(filled, key=lambda number: len(heads & {c.strip() for c in by_number[number]}))
    header = tuple(cell.strip() for cell in by_number[top])
    return Grid(header, {n: tuple(line) for n, line in lines if n > top and any(line) and n not in told.second})


def _text(content: bytes, told: Told, source: str) -> list[tuple[int, list[str]]]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else told.encoding
    text = content.decode(encoding)
    second = text.split("\n", 2)[1:2]
    vv = source == "limesurvey" and second and second[0].lstrip('"').startswith(("id\t", 'id"\t'))
    separator = "\t" if vv else told.separator
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=not told.quotes)
    return list(enumerate(reader, start=1))


def _sheet(content: bytes, heads: set[str]) -> list[tuple[int, list[str]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = [
        [(number, [plain(cell) for cell in row]) for number, row in enumerate(ws.iter_rows(values_only=True), start=1)]
        for ws in book.worksheets
    ]

    def known(lines: list[tuple[int, list[str]]]) -> int:
        return max((len(heads & set(line)) for _, line in lines[:FIRST_LINES]), default=0)

    return max(sheets, key=known)


def _table(source: str, content: bytes, first: str) -> Grid:
    if source == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        names, columns = table.column_names, [column.to_pylist() for column in table.columns]
    elif source == "stata":
        frame = pd.read_stata(io.BytesIO(content), convert_categoricals=False)
        names, columns = list(frame), [frame[name].tolist() for name in frame]
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / first
            path.write_bytes(content)
            frame, _ = pyreadstat.read_sav(path, user_missing=True)
        names, columns = list(frame), [frame[name].tolist() for name in frame]
    rows = zip(*columns, strict=True)
    return Grid(tuple(names), {n: tuple(map(plain, row)) for n, row in enumerate(rows, start=1)})


def _forms(files: Files) -> Grid:
    """A column for each item: its entry without the times."""
    rows = {}
    heads: dict[str, None] = {}
    for number, (_, content) in enumerate(sorted(files), start=1):
        try:
            items = json.loads(content)["items"]
            rows[number] = {name: {k: v for k, v in entry.items() if k not in TIMINGS} for name, entry in items.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # No form at all; the package must set it aside.
            rows[number] = {}
        heads.update(dict.fromkeys(rows[number]))
    told = {n: tuple(json.dumps(row.get(h), ensure_ascii=False) for h in heads) for n, row in rows.items()}
    return Grid(tuple(heads), told)


def plain(value: object) -> str:
    """A value as words: whole numbers without a point."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)
