"""Where answers come from: each tool's own reader, by name; what a file looks like is only ever a suggestion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.ingest.csv import read_text
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.excel import read_workbook
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.names import Names
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

SourceName = Literal["csv", "xlsx"]
Reader = Callable[[Path, Names, Events, "ReadOptions"], Raw]


@dataclass(frozen=True, slots=True)
class Source:
    """A tool, or a kind of file.

    Attributes
    ----------
    label : Text
        What people call it.
    read : callable (path, Names, Events, ReadOptions) -> Raw
        Turns its export into columns of canonical cells: declared codes or labels as they stand, ``""`` for a question
        left empty, ``{question_not_shown}`` for one that was not shown.
    known_by : callable (heads) -> bool, optional
        Whether a header looks like this tool's: said to the user, never decided for them.
    """

    label: Text
    read: Reader
    known_by: Callable[[Sequence[str]], bool] | None = None


def content_of(path: Path, events: Events) -> bytes:
    """The bytes of a file; its hash goes to the log."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise events.error("SG160.open", reason=error.strerror or type(error).__name__) from error
    if not content:
        raise events.error("SG107.empty")
    events.inputs[path.name] = hashlib.sha256(content).hexdigest()
    return content


def table(path: Path, names: Names, events: Events, options: ReadOptions, *, only: str = "") -> Raw:
    """A CSV or a workbook, told apart by content: what most tools export.

    Parameters
    ----------
    only : "csv" or "xlsx", optional
        Refuse the other.
    """
    content = content_of(path, events)
    found = kind_of(content, events)
    if only and only != found:
        raise events.error("SG101.source", source=only, found=found)
    if found == "xlsx":
        return read_workbook(content, names, events, sheet=options.sheet)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        events.add("SG101.named_xlsx", value=path.name)
    return read_text(content, names, events)


def kind_of(content: bytes, events: Events) -> Literal["csv", "xlsx"]:
    """What the bytes are; the name of the file is only a hint."""
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise events.error("SG143.old")
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")):
        raise events.error("SG144.html")
    if content.startswith(b"%PDF"):
        raise events.error("SG101.pdf")
    return "xlsx" if content.startswith(b"PK") else "csv"


def _only(kind: str) -> Reader:
    return lambda path, names, events, options: table(path, names, events, options, only=kind)


SOURCES: dict[str, Source] = {
    "csv": Source(Text("CSV文件", "a CSV file"), _only("csv")),
    "xlsx": Source(Text("Excel工作簿", "an Excel workbook"), _only("xlsx")),
}


def source_called(name: str) -> Source:
    """The source of that name; an error with the nearest name if there is none."""
    if name not in SOURCES:
        near = did_you_mean(name, list(SOURCES)).strip()
        known = ", ".join(SOURCES)
        raise DataError(
            Text(f"不认识来源“{name}”。", f"source='{name}' is not known."),
            remedy=Text(f"可用：{known}。", near or f"Use one of {known}, or leave it out."),
        )
    return SOURCES[name]


def suggest(raw: Raw, events: Events) -> None:
    """Say which tool the header looks like, where the user named none."""
    for name, source in SOURCES.items():
        if source.known_by is not None and source.known_by(raw.header):
            events.add("SG147.suggest", tool=source.label, source=name)
            return
