"""A grid as a native, editable Word table with three rules, and what goes with it: caption, bookmark, notes.

Rules are cell borders, numbers stand on a decimal tab, neighbouring spanners are parted by a gap column, fields carry
their cached value, so that the page is right before anybody presses F9.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from sgsurvey.files import write_whole
from sgsurvey.tables.archive import timeless
from sgsurvey.tables.captions import SEQUENCE, Label, anchor
from sgsurvey.tables.grid import Align, Grid, GridCell, GridColumn
from sgsurvey.tables.widths import CHARACTER, GAP, MARGIN, Fit, fit, squeeze
from sgsurvey.tables.wordprocessing import (
    HEI,
    LATIN,
    SONG,
    add_paragraph,
    element,
    field,
    fonts,
    free_bookmark,
    run,
    type_size,
)
from sgsurvey.text import Language

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

LANG = {"zh": "zh-CN", "en": "en-GB"}
SIZES = (10.5, 9.0, 7.5)  # Chinese type sizes no. 5, small 5 and 6
TABLE_TEXT, TABLE_NOTE = "sgsurvey table text", "sgsurvey table note"
THICK, MIDDLE, THIN = 12, 6, 4  # eighths of a point: 1.5, 0.75 and 0.5 pt
TWIPS = 20
LEADING = 1.35
SHORT = 15  # a table with no more lines is kept on one page


def save_word(grid: Grid, path: Path) -> Path:
    """``grid`` alone in a Word file."""
    document = Document()
    prepare(document, grid.language)
    table_styles(document)
    room, label = text_width(document), Label("table", 0, 1, anchor("table", grid.id))
    fitted = fit(grid, room, SIZES) or squeeze(grid, room, SIZES[-1])
    add_table(document, grid, label, fitted=fitted, bookmark=free_bookmark(document))
    return write_document(document, path, title=grid.title)


def write_document(document: WordDocument, path: Path, *, title: str, author: str = "") -> Path:
    """Write ``document`` whole, with fixed dates: the same content gives the same bytes."""
    properties = document.core_properties
    properties.title, properties.author = title[:255], author[:255]
    properties.comments = properties.last_modified_by = ""
    buffer = io.BytesIO()
    document.save(buffer)
    return write_whole(path, timeless(buffer.getvalue()))


# Styles ---------------------------------------------------------------------------------------


def prepare(document: WordDocument, language: Language) -> None:
    """A4 and our fonts for a document that came from no template."""
    for name, relation in list(document.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):  # what Word 2007 would read in place of our styles
            document.part.drop_rel(name)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin = section.bottom_margin = Cm(2.6)
    style_fonts(document, "Normal", 12 if language == "zh" else 11, SONG)
    style_fonts(document, "Caption", 10.5, HEI)
    document.styles["Caption"].font.bold = language == "en"


def style_fonts(document: WordDocument, name: str, size: float, east_asian: str) -> None:
    """Fonts, size and black for a style that is there; theme fonts, which would win, are taken out."""
    style = document.styles[name]
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    style.font.name = LATIN
    properties.replace(properties.find(qn("w:rFonts")), fonts(east_asian))
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties.append(element("lang", val=LANG["en"], eastAsia=LANG["zh"]))


def no_border(style: Any) -> None:
    """Take the rule off a paragraph style that has one."""
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def table_styles(document: WordDocument) -> None:
    """Our two paragraph styles, made if absent and never changed if there."""
    for name, size, before, after in ((TABLE_TEXT, SIZES[0], 1, 1), (TABLE_NOTE, 9, 2, 0)):
        if name in document.styles:
            continue
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.name = LATIN
        style.element.rPr.replace(style.element.rPr.find(qn("w:rFonts")), fonts())
        style.font.size = Pt(size)
        layout = style.paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.0
        layout.first_line_indent = layout.left_indent = Pt(0)


# Caption --------------------------------------------------------------------------------------


def add_caption(
    document: WordDocument, label: Label, title: str, language: Language, *, bookmark: int, keep_next: bool
) -> None:
    """``表1-2  title``: fields for chapter and number, the bookmark of that number around them, the style Caption."""
    word, chapter, separator, ordinal = label.parts(language)
    paragraph = add_paragraph(document, style="Caption")
    paragraph.paragraph_format.keep_with_next = keep_next
    paragraph.alignment = 1 if language == "zh" else 0
    sequence = f"SEQ {SEQUENCE[label.sequence].to(language)} \\* ARABIC"
    parts: list[Any] = [run(word)]
    if chapter:
        parts += [*field("STYLEREF 1 \\s", chapter), run(separator)]
        # LibreOffice does not know \s, which restarts the count after a heading, but it knows \r.
        sequence += " \\s 1 \\r 1" if label.ordinal == 1 else " \\s 1"
    parts += field(sequence, ordinal)
    parts.insert(0, element("bookmarkStart", id=bookmark, name=label.anchor))
    parts.append(element("bookmarkEnd", id=bookmark))
    paragraph._p.extend([*parts, run(f"  {title}")])


# Table ----------------------------------------------------------------------------------------


def text_width(document: WordDocument) -> float:
    """Points between the margins of the last section."""
    section = document.sections[-1]
    return float((section.page_width - section.left_margin - section.right_margin) / Pt(1))


def add_table(document: WordDocument, grid: Grid, label: Label, *, fitted: Fit, bookmark: int) -> None:
    """Caption, table and notes at the end of a document that has ``table_styles``."""
    add_caption(document, label, grid.title, grid.language, bookmark=bookmark, keep_next=True)
    text, note = (document.styles[name].style_id for name in (TABLE_TEXT, TABLE_NOTE))
    body = document.element.body
    for node in (table_element(grid, fitted, text, label.anchor), *note_paragraphs(grid, note)):
        body.insert(len(body) - 1, node)  # before the section's properties
    add_paragraph(document, style=TABLE_NOTE)  # Word would join two tables that touch


def table_element(grid: Grid, fitted: Fit, style: str, name: str) -> Any:
    """The table alone.  ``style`` is the id of its cells' paragraph style, ``name`` the one it is found by later on."""
    return _Writer(grid, fitted, style, name).table()


def note_paragraphs(grid: Grid, style: str) -> list[Any]:
    """The notes, which stay on one page: together with one another, each whole."""
    last = len(grid.notes) - 1
    return [
        element(
            "p",
            element(
                "pPr",
                _styled(style),
                element("keepNext") if index < last else None,
                element("keepLines"),
            ),
            run(note),
        )
        for index, note in enumerate(grid.notes)
    ]


def mark(name: str) -> str:
    """What ends the alternative text of a table, by which it is found whatever its author does around it."""
    return f"[{name}]"


def _styled(style: str) -> Any:
    """A paragraph's style; none where the id is empty."""
    return element("pStyle", val=style) if style else None


@dataclass(frozen=True, slots=True)
class _Look:
    """Rules above and below a line in eighths of a point, and how its paragraphs stand."""

    top: int = 0
    bottom: int = 0
    header: bool = False
    bold: bool = False
    keep: bool = False


@dataclass(frozen=True)
class _Writer:
    """Writes one grid; ``style`` is the id of the paragraph style of its cells, ``name`` the table's own.

    ``empty`` keeps the cells without their words, which are copied: many cells of a table look the same.
    """

    grid: Grid
    fitted: Fit
    style: str
    name: str
    empty: dict[tuple[Align, int, tuple[int, ...], _Look], Any] = dataclasses.field(default_factory=dict)

    def table(self) -> Any:
        grid = self.grid
        widths = list(self._widths(range(len(grid.columns))))
        return element(
            "tbl",
            element(
                "tblPr",
                element("tblW", w=sum(widths), type="dxa"),
                element("jc", val="center"),
                element("tblLayout", type="fixed"),
                element(
                    "tblCellMar", *(element(side, w=round(MARGIN * TWIPS), type="dxa") for side in ("left", "right"))
                ),
                element("tblCaption", val=grid.title),
                element("tblDescription", val=" ".join([grid.title, *grid.notes, mark(self.name)])),
            ),
            element("tblGrid", *(element("gridCol", w=width) for width in widths)),
            *self._head(),
            *self._body(),
        )

    def _widths(self, columns: Sequence[int]) -> Iterator[int]:
        """Widths in twips of ``columns`` and the gaps before them; all together they fill their place exactly."""
        for column in columns:
            if column in self.grid.gaps:
                yield round(GAP * TWIPS)
            yield self._edges[column + 1] - self._edges[column]

    @cached_property
    def _edges(self) -> list[int]:
        return [round(edge * TWIPS) for edge in accumulate(self.fitted.widths, initial=0.0)]

    def _head(self) -> list[Any]:
        grid = self.grid
        bottom = MIDDLE if grid.rows else THICK  # without a body the head ends the table
        heads = self._row(grid.heads, _Look(top=0 if grid.spanners else THICK, bottom=bottom, header=True, keep=True))
        if not grid.spanners:
            return [heads]
        return [self._row(grid.spanners, _Look(top=THICK, header=True, keep=True), spanner=True), heads]

    def _body(self) -> list[Any]:
        last = len(self.grid.rows) - 1
        return [
            self._row(
                row.cells,
                _Look(
                    top=THIN if row.ruled else 0,
                    bottom=THICK if index == last else 0,
                    bold=row.kind == "group",
                    # A short table stays on one page; a long one keeps at least its first lines, its groups'
                    # headings and its notes with what they belong to.
                    keep=(last < SHORT and index < last)
                    or index == 0
                    or row.kind == "group"
                    or (index >= last - 1 and bool(self.grid.notes)),
                ),
            )
            for index, row in enumerate(self.grid.rows)
        ]

    def _row(self, cells: Sequence[GridCell], look: _Look, *, spanner: bool = False) -> Any:
        row = element("tr", element("trPr", element("cantSplit"), element("tblHeader") if look.header else None))
        at = 0
        for cell in cells:
            if at in self.grid.gaps:
                row.append(self._cell(GridCell(""), at, [round(GAP * TWIPS)], look))
            inside = list(self._widths(range(at, at + cell.span)))[at in self.grid.gaps :]
            row.append(self._cell(cell, at, inside, replace(look, bottom=THIN) if spanner and cell.text else look))
            at += cell.span
        return row

    def _cell(self, cell: GridCell, at: int, widths: Sequence[int], look: _Look) -> Any:
        size, key = self.fitted.size, (cell.align, at, tuple(widths), look)
        if key not in self.empty:
            self.empty[key] = self._empty(cell.align, at, widths, look)
        node = deepcopy(self.empty[key])
        if cell.text:
            node[-1].append(run(_unbroken(cell), bold=look.bold, size=size))
        node[-1].extend(run(part, raised=True, bold=look.bold, size=size) for part in (cell.stars, cell.mark) if part)
        return node

    def _empty(self, align: Align, at: int, widths: Sequence[int], look: _Look) -> Any:
        rules = [("top", look.top), ("bottom", look.bottom)]
        borders = [element(side, val="single", sz=size, space=0, color="auto") for side, size in rules if size]
        return element(
            "tc",
            element(
                "tcPr",
                element("tcW", w=sum(widths), type="dxa"),
                element("gridSpan", val=len(widths)) if len(widths) > 1 else None,
                element("tcBorders", *borders) if borders else None,
                element("vAlign", val="bottom" if look.header else "top"),
            ),
            self._paragraph(align, self.grid.columns[at], sum(widths) / TWIPS, look),
        )

    def _paragraph(self, align: Align, column: GridColumn, width: float, look: _Look) -> Any:
        size = self.fitted.size
        decimal = element("tab", val="decimal", pos=self._decimal(column, width))
        # Exact lines: Chinese and Latin letters of neighbouring cells stand on one base line.
        spacing = element("spacing", line=round(LEADING * size * TWIPS), lineRule="exact")
        return element(
            "p",
            element(
                "pPr",
                _styled(self.style),
                element("keepNext") if look.keep else None,
                element("tabs", decimal) if align == "decimal" else None,
                spacing,
                element("jc", val="center") if align == "centre" else None,
                element("rPr", *type_size(size)),  # the paragraph mark decides how high an empty cell is
            ),
        )

    def _decimal(self, column: GridColumn, width: float) -> int:
        """Where the decimal tab stands, so that the column's widest number is centred."""
        character = CHARACTER * self.fitted.size
        block = (column.before + column.after + column.hanging / 2) * character
        left = max((width - 2 * MARGIN - block) / 2, 0)
        return max(round((left + column.before * character) * TWIPS), 1)


def _unbroken(cell: GridCell) -> str:
    """Numbers do not break over two lines."""
    return cell.text.replace(" ", "\u00a0") if cell.numbers else cell.text
