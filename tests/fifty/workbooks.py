"""Bad inputs 41 to 45: workbooks and archives that would do harm, or are something else."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
from fifty.case import Bad
from fifty.text_files import four
from small_files import as_csv, as_xlsx, sound_cells

from sgsurvey.ingest.options import ReadOptions

SOUND = as_xlsx({"data": sound_cells()})
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def repacked(change: Callable[[str, bytes], bytes], content: bytes = SOUND) -> bytes:
    """The workbook with each part passed through ``change(name, bytes)``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    return out.getvalue()


def swollen(part: str, size: int) -> bytes:
    """``size`` spaces at the end of one part."""
    return repacked(lambda name, content: content + b" " * size if name == part else content)


def declaring(words: str, encoding: str = "utf-8") -> bytes:
    def poisoned(name: str, content: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return content
        return f'<?xml version="1.0" encoding="{encoding}"?>{words}{content.decode()}'.encode(encoding)

    return repacked(poisoned)


def with_parts(number: int) -> bytes:
    out = io.BytesIO(SOUND)
    with zipfile.ZipFile(out, "a") as archive:
        for k in range(number):
            archive.writestr(f"xl/media/{k}", b"")
    return out.getvalue()


def far(place: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(SOUND))
    book.active[place] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hidden_first() -> bytes:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "old", "hidden"
    for line in [sound_cells()[0], ["x", "villager", 1, 1, 1, 1, 1, 1, 20]]:
        book.active.append(line)
    sheet = book.create_sheet("new")
    for line in sound_cells():
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lying_header() -> bytes:
    """A zip whose directory says that a part of 30 MB holds 10 bytes."""
    content = bytearray(swollen("xl/styles.xml", 30_000_000))
    at = content.rfind(b"xl/styles.xml") - 46
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


CASES = [
    Bad(41, "a part that swells a thousand times", "refuse", "SG140", swollen("xl/styles.xml", 20_000_000), "a.xlsx",
        places=["a.xlsx"]),
    Bad(41, "more than 100 parts", "refuse", "SG140", with_parts(101), "a.xlsx", places=["a.xlsx"]),
    Bad(41, "a directory that lies about sizes", "refuse", "SG106", lying_header(), "a.xlsx", places=["a.xlsx"]),
    Bad(41, "a file over 50 MB", "refuse", "SG140", b"PK\x03\x04" + bytes(50_000_001), "a.xlsx", places=["a.xlsx"]),
    Bad(42, "a cell at XFD1048576", "refuse", "SG141", far("XFD1048576"), "a.xlsx", places=["a.xlsx", "row "]),
    Bad(42, "a cell at XFD3", "refuse", "SG141", far("XFD3"), "a.xlsx", places=["row 3"]),
    Bad(43, "entities that grow", "refuse", "SG142", declaring(ENTITIES), "a.xlsx", places=["a.xlsx"]),
    Bad(43, "entities that grow, in UTF-16", "refuse", "SG142", declaring(ENTITIES, "utf-16"), "a.xlsx"),
    Bad(43, "an entity that reads another file", "refuse", "SG142", declaring(OUTSIDE), "a.xlsx"),
    Bad(44, "CSV under the name of a workbook", "fix", "SG101", as_csv(sound_cells()).encode(), "a.xlsx", then=four),
    Bad(44, "an old workbook, or one with a password", "refuse", "SG143",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx", places=["a.xlsx"]),
    Bad(44, "a web page", "refuse", "SG144", b"\xef\xbb\xbf<!DOCTYPE html><html><table>", "a.xlsx", places=["a.xlsx"]),
    Bad(44, "a PDF", "refuse", "SG101", b"%PDF-1.7", "a.xlsx", places=["a.xlsx"]),
    Bad(44, "another zip", "refuse", "SG101", b"PK\x05\x06" + bytes(18), "a.xlsx", places=["a.xlsx"]),
    Bad(45, "answers on the second sheet", "read", "",
        as_xlsx({"notes": [["made", "by", "hand"]], "data": sound_cells()}), "a.xlsx", then=four),
    Bad(45, "a hidden sheet first", "read", "", hidden_first(), "a.xlsx", then=four),
    Bad(45, "two sheets with answers", "refuse", "SG145",
        as_xlsx({"one": sound_cells(), "two": sound_cells()}), "a.xlsx", places=["a.xlsx"]),
    Bad(45, "two sheets, one of them named", "read", "", as_xlsx({"one": sound_cells()[:3], "two": sound_cells()}),
        "a.xlsx", how={"options": ReadOptions(sheet="two")}, then=four),
    Bad(45, "a sheet that is not there", "refuse", "SG145", SOUND, "a.xlsx",
        how={"options": ReadOptions(sheet="three")}),
    Bad(45, "a workbook with macros", "read", "", SOUND, "a.xlsm", then=four),
]  # fmt: skip
