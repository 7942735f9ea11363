"""Fresh tables and pictures in the author's own Word file: found by their names, replaced where they stand."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn

from sgsurvey.files import write_whole
from sgsurvey.report.blocks import Figure
from sgsurvey.report.numbering import Placed
from sgsurvey.report.thesis import Thesis, open_thesis
from sgsurvey.report.word import LANDSCAPE_SIZES
from sgsurvey.tables.format import printable
from sgsurvey.tables.widths import fit, squeeze
from sgsurvey.tables.word import TABLE_TEXT, TWIPS, note_paragraphs, table_element
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.report.report import Report

_MARK = re.compile(r"\[(tab_\w+)\]\s*$")
_PICTURE = re.compile(r"fig_\w+")
_PNG = b"\x89PNG\r\n\x1a\n"
_SLACK = 0.01  # two pictures whose shapes differ by less are of one shape
# What an author or a reader may have put into a table of ours, and would be lost with it.
_THEIRS = {
    "commentRangeStart": Text("批注", "a comment"),
    "commentRangeEnd": Text("批注", "a comment"),
    "commentReference": Text("批注", "a comment"),
    "footnoteReference": Text("脚注", "a footnote"),
    "endnoteReference": Text("尾注", "an endnote"),
    "sectPr": Text("分节符", "a section break"),
    "fldChar": Text("域", "a field"),
    "fldSimple": Text("域", "a field"),
    "sdt": Text("内容控件", "a content control"),
    "drawing": Text("图片", "a picture"),
    "object": Text("嵌入对象", "an embedded object"),
    "pict": Text("图片", "a picture"),
    "bookmarkEnd": Text("书签", "a bookmark"),
}
_HOLDS = Text("其中有{what}，刷新会将其删除", "it holds {what}, which would be lost")
_NOTES = Text("表已刷新；表注与当初写的不同，未动", "the table is fresh; its notes are not as we wrote them, and stay")
_FORMAT = Text("图片已不是PNG格式", "its picture is no PNG file any more")
_SHARED = Text("它的图片文件还用在别处", "its picture is used in another place too")


@dataclass(frozen=True)
class Refreshed:
    """What ``Report.update`` did to a Word file.

    Attributes
    ----------
    path : Path
        The author's file.
    backup : Path or None
        The file as it was before; None where nothing had to change, or none was asked for.
    refreshed : tuple of str
        Names of the tables (``tab_means``) and figures (``fig_bars``) that are now those of the report.
    missing : tuple of str
        Names of the report that are not in the file.
    unknown : tuple of str
        Names in the file that the report does not have; left as they are.
    kept : mapping of str to Text
        Names of which something was left as the author has it, and why.
    """

    path: Path
    backup: Path | None
    refreshed: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    kept: dict[str, Text] = field(default_factory=dict)

    def lines(self) -> list[Text]:
        """What was done, to be read by a person."""
        said = [Text("已刷新：{n}", "Refreshed: {n}").format(n=_listed(self.refreshed))]
        if self.backup is not None:
            said.append(Text("原文件保存为：{path}", "As it was before: {path}").format(path=str(self.backup)))
        if self.missing:
            said.append(Text("文档中没有：{n}", "Not in the document: {n}").format(n=_listed(self.missing)))
        if self.unknown:
            said.append(Text("报告中没有：{n}", "Not in the report: {n}").format(n=_listed(self.unknown)))
        kept = Text("保留 {name}：{why}。", "Left {name}: {why}.")
        return said + [kept.format(name=name, why=why) for name, why in self.kept.items()]


def _listed(names: Sequence[str]) -> Text:
    return Text("、".join(names) or "无", ", ".join(names) or "none")


def refresh(report: Report, path: Path, *, backup: bool = True) -> Refreshed:
    """Put the tables and figures of ``report`` in the place of those with the same names in the Word file ``path``."""
    thesis = open_thesis(path)
    before = thesis.archive()
    placed = {each.anchor: each for each in report.placed if each.label is not None}
    kept: dict[str, Text] = {}
    done: list[str] = []
    found: list[str] = []
    for name, node in [*_tables(thesis.root), *_pictures(thesis.root)]:
        found.append(name)
        if name not in placed:
            continue
        renew = _renew_picture if isinstance(placed[name].block, Figure) else _renew_table
        if renew(thesis, node, placed[name], report, kept):
            done.append(name)
    after, copy = thesis.archive(), None
    if after != before:
        copy = thesis.keep_before() if backup else None
        write_whole(thesis.path, after)
    return Refreshed(
        thesis.path,
        copy,
        refreshed=tuple(dict.fromkeys(done)),
        missing=tuple(name for name in placed if name not in found),
        unknown=tuple(dict.fromkeys(name for name in found if name not in placed)),
        kept=kept,
    )


# Tables ---------------------------------------------------------------------------------------


def _tables(root: Any) -> list[tuple[str, Any]]:
    """The tables that bear a name of ours in their alternative text, or stand in our style below a caption of ours."""
    named = ((_marked(table) or _captioned(table), table) for table in root.iter(qn("w:tbl")))
    return [(name, table) for name, table in named if name]


def _marked(table: Any) -> str:
    found = _MARK.search(_described(table, "tblDescription"))
    return found[1] if found else ""


def _described(table: Any, what: str) -> str:
    node = table.find(f"{qn('w:tblPr')}/{qn(f'w:{what}')}")
    return "" if node is None else str(node.get(qn("w:val"), ""))


def _captioned(table: Any) -> str:
    caption = next(_blocks(table, preceding=True), None)
    if caption is None or _style(table).lower() != TABLE_TEXT.replace(" ", ""):
        return ""
    names = (str(mark.get(qn("w:name"), "")) for mark in caption.iter(qn("w:bookmarkStart")))
    return next((name for name in names if name.startswith("tab_")), "")


def _blocks(node: Any, *, preceding: bool = False) -> Iterator[Any]:
    """What stands before or after ``node``, but for marks that take no place."""
    for each in node.itersiblings(preceding=preceding):
        if each.tag not in {qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:proofErr")}:
            yield each


def _style(node: Any) -> str:
    """The id of the style of the first paragraph in ``node``."""
    paragraph = next(node.iter(qn("w:p")), None)
    style = None if paragraph is None else paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else str(style.get(qn("w:val"), ""))


def _renew_table(_: Thesis, old: Any, placed: Placed, report: Report, kept: dict[str, Text]) -> bool:
    """Put a fresh table where ``old`` stands, in its width and styles; fresh notes too where those are still ours."""
    if placed.table is None:
        raise TypeError("what is no figure has a table")
    notes = _notes(old)
    theirs = _theirs([old, *(notes or [])])
    if theirs is not None:
        kept[placed.anchor] = _HOLDS.format(what=theirs)
        return False
    grid = placed.table.grid()
    room = sum(int(column.get(qn("w:w"), 0)) for column in old.iter(qn("w:gridCol"))) / TWIPS
    fitted = fit(grid, room, LANDSCAPE_SIZES) or squeeze(grid, room, LANDSCAPE_SIZES[-1])
    style = _style(old)
    fresh = table_element(grid, fitted, style, placed.anchor)
    if notes is None:
        kept[placed.anchor] = _NOTES
    else:
        last = notes[-1] if notes else old
        last_style = _style(last) if notes else style
        for note in reversed(note_paragraphs(grid, last_style)):
            last.addnext(note)
        for note in notes:
            note.getparent().remove(note)
    old.getparent().replace(old, fresh)
    return True


def _notes(table: Any) -> list[Any] | None:
    """The paragraphs below ``table`` that are its notes as we wrote them; None where the author has changed them."""
    told = _MARK.sub("", _described(table, "tblDescription"))
    rest = _squeezed(told.removeprefix(_described(table, "tblCaption")))
    notes = []
    for block in _blocks(table):
        text = _squeezed("".join(node.text or "" for node in block.iter(qn("w:t"))))
        if block.tag != qn("w:p") or not text or not rest.startswith(text):
            break
        notes.append(block)
        rest = rest[len(text) :]
    return None if rest or not told else notes


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _theirs(nodes: Sequence[Any]) -> Text | None:
    """What in ``nodes`` is not ours and would be lost; Word's own sign of the last edit is not missed."""
    passing = set()
    for node in (each for root in nodes for each in root.iter() if each is not nodes[0]):
        name = str(node.tag).rpartition("}")[2]
        if name == "bookmarkStart" and node.get(qn("w:name")) == "_GoBack":
            passing.add(node.get(qn("w:id")))
        elif name == "tbl":
            return Text("另一张表", "another table")
        elif name in _THEIRS and node.get(qn("w:id")) not in passing:
            return _THEIRS[name]
    return None


# Pictures -------------------------------------------------------------------------------------


def _pictures(root: Any) -> list[tuple[str, Any]]:
    """The frames of the pictures that bear a name of ours."""
    return [(name, frame) for name, frame in _frames(root) if _PICTURE.fullmatch(name)]


def _renew_picture(thesis: Thesis, frame: Any, placed: Placed, report: Report, kept: dict[str, Text]) -> bool:
    """Put fresh bytes behind the picture in ``frame``, which keeps its width; its height follows a change of shape."""
    if not isinstance(placed.block, Figure):
        raise TypeError("what has no table is a figure")
    part = _part(thesis, frame)
    old = thesis.parts.get(part, b"")
    if not old.startswith(_PNG):
        kept[placed.anchor] = _FORMAT
        return False
    if thesis.is_shared(part) or any(
        _part(thesis, other) == part and name != placed.anchor for name, other in _frames(thesis.root)
    ):
        kept[placed.anchor] = _SHARED
        return False
    new = placed.block.drawn(report.language).save("png")
    stretch = _shape(new) / _shape(old)
    if abs(stretch - 1) > _SLACK:
        for size in [*frame.iter(qn("wp:extent")), *frame.iter(qn("a:ext"))]:
            if size.get("cy") is not None:
                size.set("cy", str(round(int(size.get("cy")) * stretch)))
    frame.find(qn("wp:docPr")).set("descr", printable(placed.block.alternative(report.language)))
    thesis.parts[part] = new
    return True


def _frames(root: Any) -> list[tuple[str, Any]]:
    return [(str(node.get("name", "")), node.getparent()) for node in root.iter(qn("wp:docPr"))]


def _part(thesis: Thesis, frame: Any) -> str:
    """The part that holds the bytes of the picture in ``frame``; empty where it has none of its own."""
    picture = next(frame.iter(qn("a:blip")), None)
    return "" if picture is None else thesis.targets.get(picture.get(qn("r:embed"), ""), "")


def _shape(png: bytes) -> float:
    """Height by width."""
    width, height = struct.unpack(">II", png[16:24])
    return float(height / width)
