"""Text files with separators: bytes to lines of cells, whatever encoding and separator they were written with."""

from __future__ import annotations

import codecs
import csv
import gc
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sgsurvey.ingest.blocks import block_of
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import TITLE_LINES, Block, Line, Prepare, Raw, lay_out
from sgsurvey.ingest.limits import LARGEST_CELL, refuse_large
from sgsurvey.ingest.names import Names, wording

SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 200_000
CHUNK = 1 << 14
# Lines that are taken one by one before the others may come in parts of so many bytes.
LEAD, PART = 1000, 1 << 22
# First bytes of the characters that each encoding lists as common, and of its punctuation.
COMMON = {"gb18030": {0xA1, 0xA3, *range(0xB0, 0xD8)}, "big5": {0xA1, *range(0xA4, 0xC7)}}


@dataclass(frozen=True)
class Decoded:
    """Bytes and the encoding in which they are text.

    Attributes
    ----------
    sample : str
        The beginning of the text.
    whole : bool
        The text ends with a line break.
    """

    content: bytes
    encoding: str
    sample: str
    whole: bool

    def lines(self, start: int = 0, end: int | None = None) -> io.TextIOWrapper:
        """The text between two bytes as a stream, line ends as they stand."""
        # Only at its beginning is a mark of the byte order no character of the text.
        encoding = "utf-8" if start and self.encoding == "utf-8-sig" else self.encoding
        return io.TextIOWrapper(io.BytesIO(self.content[start:end]), encoding=encoding, newline="")


def read_text(content: bytes, names: Names, events: Events, *, prepare: Prepare | None = None) -> Raw:
    """Columns of a CSV or other separated text, no cell of which changes on the way."""
    text = decode(content, names, events)
    separator = _separator(text.sample, names)
    if separator != ",":
        events.add("SG100.separator", separator=repr(separator), value=separator)
    return read_separated(text, separator, names, events, prepare=prepare)


def read_separated(
    text: Decoded, separator: str, names: Names, events: Events, *, prepare: Prepare | None = None
) -> Raw:
    """Columns of a text whose separator is known."""
    before = len(events.lines)

    def read(*, strict: bool) -> Raw:
        records = _records(text, separator, events, strict=strict)
        return lay_out(records, names, events, whole=text.whole, prepare=prepare)

    with _many_large_cells():
        try:
            return read(strict=True)
        except csv.Error:
            del events.lines[before:]
            events.add("SG109.quotes")
            return read(strict=False)


# Encoding -----------------------------------------------------------------------------------------


def decode(content: bytes, names: Names, events: Events) -> Decoded:
    """The text under the strict encoding in which most declared heads and labels are found."""
    refuse_large(len(content), events)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: tuple[str, ...] = ("utf-16",)
    elif content[:SAMPLE].count(0) > len(content[:SAMPLE]) / 10:
        raise events.error("SG101.binary")
    else:
        candidates = ("utf-8-sig", "gb18030", "big5")
    found: list[tuple[Decoded, int]] = []
    for encoding in candidates:
        text, cut = _strictly(content, encoding)
        if text is not None:
            found.append((text, cut))
            # Bytes that are strict UTF-8 by chance are not met in practice; the others decode nearly anything.
            if encoding == "utf-8-sig" and not cut:
                break
    if not found:
        raise events.error("SG101.binary")
    known = names.known_words()
    text, cut = max(found, key=lambda pair: (_familiar(pair[0].sample, known), _common(pair[0])))
    if cut:
        raise events.error("SG106.character", row=cut)
    if not text.sample.strip():
        raise events.error("SG107.empty")
    if text.encoding != "utf-8-sig":
        events.add("SG100.encoding", encoding=text.encoding, value=text.encoding)
    return text


def _strictly(content: bytes, encoding: str) -> tuple[Decoded | None, int]:
    """The text if it is in this encoding, and the line in which it stops inside its last character (0: it does not)."""
    decoder = codecs.getincrementaldecoder(encoding)()
    sample, end = "", ""
    try:
        for start in range(0, max(len(content), 1), CHUNK):
            part = decoder.decode(content[start : start + CHUNK])
            sample += part[: SAMPLE - len(sample)]
            end = part[-1:] or end
    except UnicodeDecodeError:
        return None, 0
    try:
        end = decoder.decode(b"", final=True)[-1:] or end
    except UnicodeDecodeError:
        return Decoded(content, encoding, sample, False), content.decode(encoding, "ignore").count("\n") + 1
    return Decoded(content, encoding, sample, end in ("\n", "\r")), 0


def _familiar(sample: str, known: set[str]) -> int:
    """How many declared words stand among the cells of the text's beginning."""
    cells = re.split(r"[,;|\t\r\n\"]+", sample)
    return len({wording(cell) for cell in set(cells)} & known)


def _common(text: Decoded) -> float:
    """Share of the first characters beyond ASCII that the encoding holds among its common ones.

    Text of one encoding read as the other is full of rare characters: this decides where the declared words do not.
    """
    rows = COMMON.get(text.encoding)
    beyond = [character for character in text.sample if character > "\x7f"]
    if rows is None or not beyond:
        return 1.0
    return sum(character.encode(text.encoding)[0] in rows for character in beyond) / len(beyond)


# Lines --------------------------------------------------------------------------------------------


def _separator(sample: str, names: Names) -> str:
    """The separator under which one of the first lines has most known heads; then most cells."""

    def best(separator: str) -> tuple[int, int]:
        lines = _first_lines(sample, separator)
        return max(((names.count(line), len(line)) for line in lines), default=(0, 0))

    return max(SEPARATORS, key=best)


def _first_lines(sample: str, separator: str) -> list[list[str]]:
    lines = []
    with _many_large_cells():
        try:
            for line in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                if any(line):
                    lines.append(line)
                if len(lines) == TITLE_LINES:
                    break
        except csv.Error:
            return lines
    return lines


def _records(text: Decoded, separator: str, events: Events, *, strict: bool) -> Iterator[Line | Block]:
    """All lines, one by one or in blocks; a quote that is never closed means that the file was cut.

    Raises
    ------
    csv.Error
        When ``strict``: stray quotes, which a spreadsheet would read.
    """
    read = 0
    try:
        for record in _split(text, separator, strict=strict):
            read += len(record) if isinstance(record, Block) else 1
            yield record
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise events.error("SG106.quote", row=read + 1) from error
        if "field larger" in str(error):
            raise events.error("SG136.cell", row=read + 1, most=f"{LARGEST_CELL:,}") from error
        if strict:
            raise
        raise events.error("SG101.cells", row=read + 1, error=str(error)) from error


def _split(text: Decoded, separator: str, *, strict: bool) -> Iterator[Line | Block]:
    """The first lines one by one, then blocks for as long as the text is plain, and the rest one by one."""
    start, width, filled = _end_of(LEAD, text), 0, 0
    for record in csv.reader(text.lines(end=start), delimiter=separator, strict=strict):
        width, filled = len(record), filled + any(record)
        yield record
    while filled > TITLE_LINES and (end := text.content.rfind(b"\n", start, start + PART) + 1):
        block = block_of(text.content[start:end], separator, width)
        if block is None:
            break
        yield block
        start = end
    yield from csv.reader(text.lines(start), delimiter=separator, strict=strict)


def _end_of(lines: int, text: Decoded) -> int:
    """Where the first lines of a longer text in UTF-8 end, in bytes; 0 where a quote may reach beyond them."""
    end = 0
    for _ in range(lines if text.encoding == "utf-8-sig" else 0):
        end = text.content.find(b"\n", end) + 1
        if not end:
            return 0
    return 0 if b'"' in text.content[:end] else end


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
