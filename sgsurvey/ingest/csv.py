"""Text files with separators: bytes to lines of cells, whatever encoding and separator they were written with."""

from __future__ import annotations

import codecs
import csv
import gc
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import TITLE_LINES, Raw, lay_out
from sgsurvey.ingest.names import Names, wording

LARGEST_FILE = 500_000_000
LARGEST_CELL = 1_000_000
SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 200_000


def read_text(content: bytes, names: Names, events: Events) -> Raw:
    """Columns of a CSV or other separated text; pandas has no part in it, so that no cell changes on the way."""
    if len(content) > LARGEST_FILE:
        raise events.error("SG140", f"the file has {len(content):,} bytes.", "Split it into smaller files.")
    text = _decoded(content, names, events)
    if not text.strip():
        raise events.error("SG107", "the file is empty.", "Export it again, or choose another file.")
    separator = _separator(text, names)
    if separator != ",":
        events.add("SG100", "fix", "another separator than the comma", value=repr(separator))
    return lay_out(_records(text, separator, events), names, events, whole=text.endswith(("\n", "\r")))


# Encoding -----------------------------------------------------------------------------------------


def _decoded(content: bytes, names: Names, events: Events) -> str:
    """The text under the strict encoding in which most declared heads and labels are found."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    elif content[:SAMPLE].count(0) > len(content[:SAMPLE]) / 10:
        raise events.error("SG101", "this is not a text file that can be read.", "Save it as CSV UTF-8.")
    else:
        candidates = ("utf-8-sig", "gb18030", "big5")
    texts: list[tuple[str, str, bool]] = []
    for encoding in candidates:
        text, cut = _strictly(content, encoding)
        if text is not None:
            texts.append((encoding, text, cut))
            # Bytes that are strict UTF-8 by chance are not met in practice; the others decode nearly anything.
            if encoding == "utf-8-sig" and not cut:
                break
    if not texts:
        raise events.error("SG101", "this is not a text file that can be read.", "Save it as CSV UTF-8.")
    known = names.known_words()
    encoding, text, cut = max(texts, key=lambda found: _familiar(found[1], known))
    if cut:
        raise events.error(
            "SG106", "the file ends in the middle of a character.", "Download or export it again.", row=text.count("\n")
        )
    if encoding != "utf-8-sig":
        events.add("SG100", "fix", "read under another encoding than UTF-8", value=encoding)
    return text


def _strictly(content: bytes, encoding: str) -> tuple[str | None, bool]:
    """The decoded text, and whether it stops inside its last character; None if it is not this encoding."""
    try:
        return content.decode(encoding), False
    except UnicodeDecodeError as error:
        at_end = error.end >= len(content) - 1 and len(content) - error.start <= 4
        unfinished = "unexpected end" in error.reason or "incomplete" in error.reason or "truncated" in error.reason
        if not (at_end and unfinished):
            return None, False
        return content[: error.start].decode(encoding), True


def _familiar(text: str, known: set[str]) -> int:
    """How many declared words stand among the cells of the text's beginning."""
    cells = re.split(r"[,;|\t\r\n\"]+", text[:SAMPLE])
    return len({wording(cell) for cell in set(cells)} & known)


# Lines --------------------------------------------------------------------------------------------


def _separator(text: str, names: Names) -> str:
    """The separator under which one of the first lines has most known heads; then most cells."""

    def best(separator: str) -> tuple[int, int]:
        lines = _first_lines(text, separator)
        return max(((names.count(line), len(line)) for line in lines), default=(0, 0))

    return max(SEPARATORS, key=best)


def _first_lines(text: str, separator: str) -> list[list[str]]:
    lines = []
    with _many_large_cells():
        try:
            for line in csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=separator):
                if any(line):
                    lines.append(line)
                if len(lines) == TITLE_LINES:
                    break
        except csv.Error:
            return lines
    return lines


def _records(text: str, separator: str, events: Events) -> list[list[str]]:
    """All lines; a quote that is never closed means that the file was cut."""
    records: list[list[str]] = []
    with _many_large_cells():
        try:
            records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        except csv.Error as error:
            _raise_if_cut(error, len(records), events)
            records = _leniently(text, separator, events)
    return records


def _leniently(text: str, separator: str, events: Events) -> list[list[str]]:
    """Lines with stray quotes, as spreadsheets read them."""
    events.add("SG109", "warn", "stray quotes in cells: read as a spreadsheet would")
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        _raise_if_cut(error, len(records), events)
        raise events.error(
            "SG101", f"it cannot be split into cells ({error}).", "Save it as CSV UTF-8.", row=len(records) + 1
        ) from error
    return records


def _raise_if_cut(error: csv.Error, read: int, events: Events) -> None:
    if "unexpected end of data" in str(error):
        raise events.error(
            "SG106", "the file ends inside a quoted cell.", "Download or export it again.", row=read + 1
        ) from error
    if "field larger" in str(error):
        raise events.error(
            "SG136",
            f"a cell holds more than {LARGEST_CELL:,} characters.",
            "Look for a quote that is not closed, or remove the cell.",
            row=read + 1,
        ) from error


@contextmanager
def _many_large_cells() -> Iterator[None]:
    """The csv module's cap of 131,072 characters raised and the garbage collector resting; both put back at the end.

    The collector looks at every line again and again while lines are made (100,000 x 60: 3.5 s with it, 1.3 s without),
    and there are no cycles to be found.
    """
    before, collecting = csv.field_size_limit(LARGEST_CELL), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        csv.field_size_limit(before)
        if collecting:
            gc.enable()
