"""Zip files, workbooks among them: refused before anything in them is parsed when they would do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from sgsurvey.errors import DataError
from sgsurvey.ingest.events import Events

LARGEST_FILE = 50_000_000
LARGEST_UNPACKED = 200_000_000
LARGEST_RATIO = 100
SMALL_PART = 1_000_000
MOST_PARTS = 100
CHUNK = 1 << 16
# A workbook never has a document type; entities that expand or read other files are declared in one.
DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
# Parts that no XML parser sees: what a respondent wrote may stand in them.
TEXTS = (".csv", ".json")
# What openpyxl, zipfile and the XML parser raise on damaged parts: there is no common class below Exception.
DAMAGE = (
    LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError, EOFError, SyntaxError,
    NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip


def unpack_safely(content: bytes, events: Events, *, most_parts: int = MOST_PARTS) -> list[str]:
    """Names of the parts; refuses what is damaged or would fill the memory: counted while inflating, as headers lie."""
    if len(content) > LARGEST_FILE:
        raise events.error("SG140.size", size=f"{len(content):,}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > most_parts:
                raise events.error("SG140.parts", parts=len(parts))
            total = 0
            for part in parts:
                total = _inflate(archive, part, total, events)
            return archive.namelist()
    except DataError:
        raise
    except DAMAGE as error:
        raise events.error("SG106.archive", error=str(error)[:80]) from error


def _inflate(archive: zipfile.ZipFile, part: zipfile.ZipInfo, total: int, events: Events) -> int:
    size, tail = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if total + size > LARGEST_UNPACKED:
                raise events.error("SG140.unpacked", size=f"{LARGEST_UNPACKED:,}")
            if size > SMALL_PART and size > LARGEST_RATIO * max(part.compress_size, 1):
                raise events.error("SG140.ratio", part=part.filename[:60], ratio=LARGEST_RATIO)
            if not part.filename.endswith(TEXTS) and any(word in tail + chunk for word in DECLARATIONS):
                raise events.error("SG142.entities", part=part.filename[:60])
            tail = chunk[-32:]
    return total + size
