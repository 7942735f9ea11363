"""A file's bytes, and a table in it, whether text or a workbook."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sgsurvey.ingest.csv import read_text
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.excel import read_workbook
from sgsurvey.ingest.layout import Prepare, Raw
from sgsurvey.ingest.names import Names

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions


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


def table(
    path: Path,
    names: Names,
    events: Events,
    options: ReadOptions,
    *,
    only: str = "",
    prepare: Prepare | None = None,
) -> Raw:
    """A CSV or a workbook, told apart by content: what most tools export.

    Parameters
    ----------
    only : "csv" or "xlsx", optional
        Refuse the other.
    prepare : callable (lines) -> lines, optional
        A tool's own heads put right before columns find their questions.
    """
    content = content_of(path, events)
    found = kind_of(content, events)
    if only and only != found:
        raise events.error("SG101.source", source=only, found=found)
    if found == "xlsx":
        return read_workbook(content, names, events, sheet=options.sheet, prepare=prepare)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        events.add("SG101.named_xlsx", value=path.name)
    return read_text(content, names, events, prepare=prepare)


def kind_of(content: bytes, events: Events) -> Literal["csv", "xlsx"]:
    """What the bytes are; the name of the file is only a hint."""
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise events.error("SG143.old")
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")):
        raise events.error("SG144.html")
    if content.startswith(b"$FL"):
        raise events.error("SG101.spss")
    if content.startswith(b"%PDF"):
        raise events.error("SG101.pdf")
    return "xlsx" if content.startswith(b"PK") else "csv"
