"""A report as a Word file: cover, lists of contents, numbered headings, native tables, pictures with words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from sgsurvey.errors import SurveyError
from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading, Paragraph, TableBlock
from sgsurvey.report.numbering import Placed, labels, pieces, title, told
from sgsurvey.report.phrases import CALLOUTS, CONTENTS, FIGURES, TABLES
from sgsurvey.report.sides import on_their_side
from sgsurvey.tables.captions import SEQUENCE, Label
from sgsurvey.tables.format import printable
from sgsurvey.tables.result import SIMULATED
from sgsurvey.tables.widths import fit, squeeze
from sgsurvey.tables.word import (
    SIZES,
    add_caption,
    add_table,
    no_border,
    prepare,
    style_fonts,
    table_styles,
    text_width,
    write_document,
)
from sgsurvey.tables.wordprocessing import HEI, SONG, add_paragraph, element, field, free_bookmark, run
from sgsurvey.text import words

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

    from sgsurvey.report.report import Report
    from sgsurvey.tables.table import Table

HEADINGS = ((1, 16), (2, 14), (3, 12))  # level, points
LANDSCAPE_SIZES = (10.5, 9.0, 7.5, 6.5)  # Chinese type sizes no. 5 to small 6
BORDERS = {"finding": "00558C", "note": "55595E", "warning": "C4480F"}


def save_word(report: Report, path: Path, *, template: str | Path | None = None) -> Path:
    """Write ``report`` as a Word file, with the styles and margins of ``template`` where one is given."""
    writer = _Writer(report, _open(template))
    writer.write()
    return write_document(writer.document, path, title=writer.plain(report.title), author=writer.plain(report.author))


def _open(template: str | Path | None) -> WordDocument:
    if template is None:
        return Document()
    path = Path(template)
    if not path.is_file():
        raise SurveyError("the template is not there.", where=str(path), remedy="Name a .docx file.")
    try:
        return Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as fault:
        raise SurveyError(
            "the template is no Word file.", where=str(path), remedy="Save it as .docx with Word or LibreOffice."
        ) from fault


class _Writer:
    def __init__(self, report: Report, document: WordDocument) -> None:
        self.report, self.document, self.language = report, document, report.language
        self.placed = report.placed
        self.known = labels(self.placed)

    def plain(self, text: object) -> str:
        return printable(words(text, self.language))

    def write(self) -> None:
        is_ours = len(self.document.element.body) <= 1  # nothing but the section's properties
        if is_ours:
            self._styles()
            self._page_numbers()
        self._ensure_styles()
        table_styles(self.document)
        self.numbering = _heading_numbers(self.document)
        self.bookmarks = count(free_bookmark(self.document))
        self.upright = text_width(self.document)
        self._cover()
        self._lists()
        writers: dict[type, Callable[..., None]] = {
            Heading: self._heading,
            Paragraph: self._paragraph,
            Bullets: self._bullets,
            Callout: self._callout,
            TableBlock: self._table,
            Figure: self._figure,
        }
        self.turned = False
        turned = on_their_side(self.placed, self._is_wide)
        for each, on_its_side in zip(self.placed, turned, strict=True):
            self._turn(on_its_side)
            writers[type(each.block)](each.block, each)
            if (said := told(each)) is not None:
                self._paragraph(said, each)

    def _is_wide(self, table: Table) -> bool:
        return fit(table.grid(), self.upright, SIZES) is None

    # Styles and page ------------------------------------------------------------------------

    def _styles(self) -> None:
        document, zh = self.document, self.language == "zh"
        prepare(document, self.language)
        for name, size, face in (("Title", 22, HEI), ("Subtitle", 14, SONG), ("TOC Heading", 14, HEI)):
            style_fonts(document, name, size, face)
            document.styles[name].font.italic = False
            layout = document.styles[name].paragraph_format
            layout.alignment = None if name == "TOC Heading" else 1
            layout.space_before, layout.space_after = Pt(150 if name == "Title" else 12), Pt(12)
        for level, size in HEADINGS:
            style_fonts(document, f"Heading {level}", size, HEI)
            layout = document.styles[f"Heading {level}"].paragraph_format
            layout.space_before, layout.space_after = Pt(18 - 3 * level), Pt(6)
        for name in ("Body Text", "List Bullet"):
            style_fonts(document, name, 12 if zh else 11, SONG)
            layout = document.styles[name].paragraph_format
            layout.line_spacing, layout.space_after = (1.5, Pt(0)) if zh else (1.25, Pt(8))
        if zh:
            document.styles["Body Text"].paragraph_format.first_line_indent = Pt(24)
            # Two characters, should the user change the size of type; LibreOffice reads the points only.
            document.styles["Body Text"].element.pPr.ind.set(qn("w:firstLineChars"), "200")
        no_border(document.styles["Title"])

    def _ensure_styles(self) -> None:
        """A template may lack the styles that we write in; those it has stay as they are."""
        names = {style.name for style in self.document.styles}
        wanted = ["Title", "Subtitle", "Caption", "Body Text", "List Bullet", "TOC Heading", "table of figures"]
        wanted += ["toc 1", "toc 2"]
        for name in [*wanted, *(f"Heading {level}" for level, _ in HEADINGS)]:
            if name not in names:
                style = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
                style.base_style = self.document.styles["Normal"] if "Normal" in names else None
                if name in {"table of figures", "toc 1", "toc 2"}:
                    style.paragraph_format.space_after = Pt(2)
                    style.paragraph_format.left_indent = Pt(21 if name == "toc 2" else 0)

    def _page_numbers(self) -> None:
        footer = self.document.sections[0].footer
        paragraph = footer.paragraphs[0]
        paragraph.alignment = 1
        paragraph._p.extend(field("PAGE", "1"))

    # Cover and lists ------------------------------------------------------------------------

    def _cover(self) -> None:
        report = self.report
        add_paragraph(self.document, self.plain(report.title), style="Title")
        for line in (report.subtitle, report.author):
            if self.plain(line):
                add_paragraph(self.document, self.plain(line), style="Subtitle")
        if report.simulated:
            self._boxed([run(self.plain(SIMULATED), bold=True)], BORDERS["warning"])

    def _lists(self) -> None:
        headings = [
            (p.anchor, f"{p.number}  {self.plain(p.block.words)}", f"toc {p.block.level}")
            for p in self.placed
            if isinstance(p.block, Heading) and p.block.level <= 2
        ]
        self._list(CONTENTS, 'TOC \\o "1-2" \\h \\z', headings)
        for heading, kind in ((TABLES, TableBlock), (FIGURES, Figure)):
            entries = [
                (p.label.anchor, f"{p.label.to(self.language)}  {self.plain(title(p))}", "table of figures")
                for p in self.placed
                if isinstance(p.block, kind) and p.label is not None
            ]
            sequence = SEQUENCE["table" if kind is TableBlock else "figure"].to(self.language)
            self._list(heading, f'TOC \\h \\z \\c "{sequence}"', entries)

    def _list(self, title: object, code: str, entries: Sequence[tuple[str, str, str]]) -> None:
        """A field with its entries as links; Word alone knows the pages, and adds them when it renews the field.

        It is not marked as out of date: Word would ask the reader a question each time the file is opened.
        """
        if not entries:
            return
        heading = add_paragraph(self.document, self.plain(title), style="TOC Heading")
        heading.paragraph_format.page_break_before = True
        begin, instruction, separate, _, end = field(code, "")
        for index, (anchor, text, style) in enumerate(entries):
            paragraph = add_paragraph(self.document, style=style)._p
            if index == 0:
                paragraph.extend([begin, instruction, separate])
            paragraph.append(element("hyperlink", run(text), anchor=anchor, history=1))
            if index == len(entries) - 1:
                paragraph.append(end)

    # Blocks ---------------------------------------------------------------------------------

    def _heading(self, block: Heading, placed: Placed) -> None:
        paragraph = add_paragraph(self.document, style=f"Heading {block.level}")
        if self.numbering is not None:
            levels = element("ilvl", val=block.level - 1), element("numId", val=self.numbering)
            paragraph._p.get_or_add_pPr().append(element("numPr", *levels))
        paragraph.paragraph_format.page_break_before = block.level == 1
        number = next(self.bookmarks)
        paragraph._p.extend(
            [
                element("bookmarkStart", id=number, name=placed.anchor),
                run(self.plain(block.words)),
                element("bookmarkEnd", id=number),
            ]
        )

    def _prose(self, text: object) -> list[Any]:
        nodes: list[Any] = []
        for part in pieces(self.plain(text), self.known):
            if isinstance(part, Label):
                nodes += field(f"REF {part.anchor} \\h", part.to(self.language))
            else:
                nodes.append(run(part))
        return nodes

    def _paragraph(self, block: Paragraph, _: Placed) -> None:
        add_paragraph(self.document, style="Body Text")._p.extend(self._prose(block.words))

    def _bullets(self, block: Bullets, _: Placed) -> None:
        for point in block.points:
            add_paragraph(self.document, style="List Bullet")._p.extend(self._prose(point))

    def _callout(self, block: Callout, placed: Placed) -> None:
        head = [] if placed.continued else [run(f"{CALLOUTS[block.kind].to(self.language)}  ", bold=True)]
        self._boxed([*head, *self._prose(block.words)], BORDERS[block.kind])

    def _boxed(self, runs: Sequence[Any], colour: str) -> None:
        paragraph = add_paragraph(self.document, style="Body Text")
        paragraph.paragraph_format.first_line_indent = Pt(0)
        properties = paragraph._p.get_or_add_pPr()
        properties.get_or_add_ind().set(qn("w:firstLineChars"), "0")
        border = element("pBdr", element("left", val="single", sz=24, space=8, color=colour))
        properties.insert_element_before(border, *_AFTER_BORDER)
        paragraph._p.extend(runs)

    def _table(self, _: TableBlock, placed: Placed) -> None:
        if placed.table is None or placed.label is None:
            raise TypeError("every table has been placed with its number")
        grid, room = placed.table.grid(), text_width(self.document)
        sizes = LANDSCAPE_SIZES if self.turned else SIZES
        fitted = fit(grid, room, sizes) or squeeze(grid, room, sizes[-1])
        add_table(self.document, grid, placed.label, fitted=fitted, bookmark=next(self.bookmarks))

    def _turn(self, wide: bool) -> None:
        """A new section, if its pages are to stand the other way than those before."""
        if wide == self.turned:
            return
        self.turned = wide
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        # python-docx ends a section with an empty line, which may need a page of its own: the line before ends it.
        extra = self.document.element.body[-2]
        last = extra.getprevious()
        if last is not None and last.tag == qn("w:p") and last.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is None:
            last.get_or_add_pPr().append(extra.pPr.find(qn("w:sectPr")))
            self.document.element.body.remove(extra)
        short, long = sorted((section.page_width, section.page_height))
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (long, short) if wide else (short, long)

    def _figure(self, block: Figure, placed: Placed) -> None:
        if placed.label is None:
            raise TypeError("every figure has been placed with its number")
        drawn = block.drawn(self.language)
        wide, high = drawn.inches
        width = min(wide, text_width(self.document) / 72)
        width *= min(1.0, 8.5 * wide / (width * high))  # a page is 8.5 inches high between its margins and a caption
        paragraph = self.document.add_paragraph()
        paragraph.alignment, paragraph.paragraph_format.keep_with_next = 1, True
        picture = paragraph.add_run().add_picture(BytesIO(drawn.save("png")), width=Inches(width))
        properties = picture._inline.docPr
        properties.set("name", placed.anchor)
        properties.set("descr", self.plain(block.alternative(self.language)))
        title, bookmark = self.plain(block.caption), next(self.bookmarks)
        add_caption(self.document, placed.label, title, self.language, bookmark=bookmark, keep_next=False)


# What the schema puts after a paragraph's border, among what a paragraph of ours can have.
_AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _heading_numbers(document: WordDocument) -> int | None:
    """The id of a new list 1, 1.1, 1.1.1 for headings; None where the template numbers its headings itself."""
    style = document.styles["Heading 1"].element
    if style.pPr is not None and style.pPr.numPr is not None:
        return None
    numbering = document.part.numbering_part.element
    lists = numbering.findall(qn("w:abstractNum"))
    identifier = max((int(each.get(qn("w:abstractNumId"))) for each in lists), default=-1) + 1
    levels = [
        element(
            "lvl",
            element("start", val=1),
            element("numFmt", val="decimal"),
            element("suff", val="space"),
            element("lvlText", val=".".join(f"%{n + 1}" for n in range(level + 1))),
            element("lvlJc", val="left"),
            element("pPr", element("ind", left=0, firstLine=0)),
            ilvl=level,
        )
        for level in range(len(HEADINGS))
    ]
    new = element("abstractNum", element("multiLevelType", val="multilevel"), *levels, abstractNumId=identifier)
    if lists:
        lists[-1].addnext(new)  # the schema wants all abstract lists before the lists
    else:
        numbering.insert(0, new)
    return int(numbering.add_num(identifier).numId)
