"""A Word file that its author goes on writing: opened part by part, refused where it must not be changed, kept before.

It is read without python-docx, which would write every part anew: parts that are not changed keep their bytes.
"""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from docx.opc.oxml import serialize_part_xml
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from sgsurvey.errors import DataError
from sgsurvey.files import write_whole
from sgsurvey.messages import message

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # what .doc and encrypted .docx files begin with
_CHANGES = [
    qn(f"w:{tag}")
    for tag in (
        *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "numberingChange"),
        *("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblGridChange", "trPrChange", "tcPrChange"),
    )
]
# Of an archive, of its first parts and of their XML; StopIteration where no part is the main one.
_FAULTS = (zipfile.BadZipFile, KeyError, StopIteration, SyntaxError, NotImplementedError, ValueError, OSError)
_OFF = {"0", "false", "off"}


@dataclass
class Thesis:
    """The author's file in memory.

    ``parts`` holds the bytes of every part, ``main`` is the name of the one with the text, ``root`` its tree,
    ``targets`` the parts that its relationships name.
    """

    path: Path
    entries: list[zipfile.ZipInfo]
    parts: dict[str, bytes]
    main: str
    root: Any
    targets: dict[str, str]

    def is_shared(self, part: str) -> bool:
        """Whether another part than the main one uses ``part`` as well."""
        own = _relations(self.main)
        name = posixpath.basename(part).encode()
        return any(name in content for other, content in self.parts.items() if other.endswith(".rels") and other != own)

    def archive(self) -> bytes:
        """The whole file, with the tree as it is now."""
        self.parts[self.main] = serialize_part_xml(self.root)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for entry in self.entries:
                target.writestr(entry, self.parts[entry.filename], compress_type=entry.compress_type)
        return out.getvalue()

    def keep_before(self) -> Path:
        """A copy of the file as it still is on the disk, under a name that is free."""
        stem, suffix = self.path.stem, self.path.suffix
        copy, count = self.path.with_name(f"{stem}.before{suffix}"), 1
        while copy.exists():
            count += 1
            copy = self.path.with_name(f"{stem}.before-{count}{suffix}")
        return write_whole(copy, self.path.read_bytes())


def open_thesis(path: Path) -> Thesis:
    """Read the Word file at ``path``.

    Raises
    ------
    DataError
        It is not there, no .docx file, damaged, has a password, is open in Word or LibreOffice, is protected or signed,
        or has tracked changes.
    """
    path = path.resolve()
    if not path.is_file():
        _refuse("SG162.absent", path)
    if _is_open(path):
        _refuse("SG162.open", path)
    if not path.stat().st_mode & stat.S_IWUSR:
        _refuse("SG162.protected", path)
    content = path.read_bytes()
    if content.startswith(_OLD_OR_LOCKED):
        _refuse("SG162.password", path)
    try:
        thesis = _read(path, content)
    except _FAULTS:
        _refuse("SG162.damaged", path)
    _check_may_be_changed(thesis)
    return thesis


def _read(path: Path, content: bytes) -> Thesis:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        parts = {entry.filename: archive.read(entry) for entry in entries}
    kinds = parse_xml(parts["_rels/.rels"])
    main = next(each.get("Target") for each in kinds if each.get("Type", "").endswith("/officeDocument")).lstrip("/")
    relations = parts.get(_relations(main))
    targets = {
        each.get("Id"): posixpath.normpath(posixpath.join("/", posixpath.dirname(main), each.get("Target"))).lstrip("/")
        for each in ([] if relations is None else parse_xml(relations))
        if each.get("TargetMode") != "External"
    }
    return Thesis(path, entries, parts, main, parse_xml(parts[main]), targets)


def _relations(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _is_open(path: Path) -> bool:
    """Whether Word or LibreOffice has laid its sign beside the file."""
    name = path.name  # Word drops the first letters of long names
    signs = [f"~${name}", f"~${name[1:]}", f"~${name[2:]}", f".~lock.{name}#"]
    return any(path.with_name(sign).exists() for sign in signs)


def _check_may_be_changed(thesis: Thesis) -> None:
    if thesis.root.tag != qn("w:document"):
        _refuse("SG162.strict" if thesis.root.tag.endswith("}document") else "SG162.damaged", thesis.path)
    settings = thesis.parts.get(posixpath.join(posixpath.dirname(thesis.main), "settings.xml"))
    rules = {} if settings is None else {node.tag: node for node in parse_xml(settings)}
    protection = rules.get(qn("w:documentProtection"))
    is_enforced = protection is not None and protection.get(qn("w:enforcement"), "0") not in _OFF
    if is_enforced or any(name.startswith("_xmlsignatures") for name in thesis.parts):
        _refuse("SG162.protected", thesis.path)
    tracking = rules.get(qn("w:trackRevisions"))
    is_tracking = tracking is not None and tracking.get(qn("w:val"), "1") not in _OFF
    if is_tracking or next(thesis.root.iter(*_CHANGES), None) is not None:
        _refuse("SG162.changes", thesis.path)


def _refuse(name: str, path: Path) -> NoReturn:
    found = message(name)
    raise DataError(found.what, where=str(path), remedy=found.remedy, code=found.code)
