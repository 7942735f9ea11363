"""A sound export with some of its cells changed and written again: damage that leaves the format whole."""

import csv
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
from ingest.witness import Files

# What people and programs put in the place of an answer.
ANSWERS = (
    "", " ", "0", "1", "2", "4", "6", "9", "99", "-9", "-3", "4.0", " 4", "'4", "４", "④", "四", "4分", "4,0", "1e3",
    "NA", "无", "(空)", "(跳过)", "同意", "Agree", "不同意 ", "4 同意", "同  意", "=1+1", "@x", "x",
    "N/A", "{question_not_shown}", "13800138000",
    "2026-03-04", "\u202e4", "1 2", "1;2", "是", "Y",
)  # fmt: skip
NUMBERS = (0.0, 1.0, 2.0, 4.0, 4.5, 6.0, 9.0, 99.0, -9.0, float("nan"))


def rewritten(source: str, files: Files, first: str, chance: random.Random) -> Files:
    """The files with a few cells of one of them changed."""
    if source == "forms":
        hurt = chance.randrange(len(files))
        return tuple((n, _form(c, chance) if k == hurt else c) for k, (n, c) in enumerate(files))
    ((name, content),) = files
    return ((name, _whole(source, content, first, chance)),)


def _whole(source: str, content: bytes, first: str, chance: random.Random) -> bytes:
    if source in ("spss", "stata", "parquet"):
        return _typed(source, content, first, chance)
    if not content.startswith(b"PK"):
        return _text(content, chance)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if source != "odk":
            return _sheet(content, chance)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for part in archive.namelist():
                own = part.endswith(".csv") and "/" not in part and "-" not in part
                new.writestr(part, _text(archive.read(part), chance) if own else archive.read(part))
    return out.getvalue()


def _changed(columns: int, rows: int, chance: random.Random) -> set[tuple[int, int]]:
    """Some cells, by row and column."""
    return {(chance.randrange(rows), chance.randrange(columns)) for _ in range(chance.choice((1, 2, 3, 8)))}


def _text(content: bytes, chance: random.Random) -> bytes:
    encoding = _decoding(content)
    text = content.decode(encoding)
    top = text[:2000]
    separator = max((",", ";", "\t"), key=top.count)
    quoting = csv.QUOTE_ALL if top.startswith('"') else csv.QUOTE_MINIMAL
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    body = next(k for k, line in enumerate(lines) if k and any(cell.isdigit() or "20" in cell for cell in line))
    for row, column in _changed(len(lines[0]), len(lines) - body, chance):
        if column < len(lines[body + row]):
            donor = chance.choice([c for line in lines[body:] for c in line] or [""])
            lines[body + row][column] = chance.choice((*ANSWERS, donor))
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=quoting).writerows(lines)
    return out.getvalue().encode(encoding)


def _decoding(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"


def _sheet(content: bytes, chance: random.Random) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = max(book.worksheets, key=lambda ws: ws.max_column)
    for row, column in _changed(sheet.max_column, sheet.max_row - 2, chance):
        words = chance.choice(ANSWERS)
        value = chance.choice((float(words), int(words))) if words.isdecimal() and chance.random() < 0.5 else words
        sheet.cell(row + 3, column + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _form(content: bytes, chance: random.Random) -> bytes:
    record = json.loads(content)
    for name in chance.sample(sorted(record["items"]), 3):
        entry = record["items"][name]
        answers = (1, 2, 6, 99, -9, 4.5, "4", "x", True, None, [], [1, 2], [1, 1], {}, 10**400, "同意", "13800138000")
        match chance.randrange(3):
            case 0:
                entry["answer"] = chance.choice(answers)
            case 1:
                entry["state"] = chance.choice(("answered", "empty", "not_shown", "x", None))
            case _:
                entry.update(state="answered", answer=chance.choice(answers))
    return json.dumps(record, ensure_ascii=False).encode()


def _typed(source: str, content: bytes, first: str, chance: random.Random) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / first
        path.write_bytes(content)
        if source == "parquet":
            frame = _cells(pd.read_parquet(path), chance)
            frame.to_parquet(path)
            return path.read_bytes()
        spss = source == "spss"
        read: Callable = pyreadstat.read_sav if spss else pyreadstat.read_dta
        frame, meta = read(path, **({"user_missing": True} if spss else {}))
        kept = {"column_labels": meta.column_labels, "variable_value_labels": meta.variable_value_labels}
        frame = _cells(frame, chance)
        if spss:
            pyreadstat.write_sav(frame, path, compress=first.endswith("zsav"), **kept)
        else:
            pyreadstat.write_dta(frame, path, version=15, **kept)
        return path.read_bytes()


def _cells(frame: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    frame = frame.copy()
    for row, column in _changed(frame.shape[1], len(frame), chance):
        name = frame.columns[column]
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(object)
        if pd.api.types.is_numeric_dtype(frame[name]):
            number = chance.choice(NUMBERS)
            whole = pd.api.types.is_integer_dtype(frame[name])
            frame.loc[frame.index[row], name] = (
                pd.NA if whole and number != number else int(number) if whole else number
            )
        else:
            frame.loc[frame.index[row], name] = chance.choice(ANSWERS)
    return frame
