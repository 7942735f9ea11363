"""Building blocks of WordprocessingML: elements, runs, fields, paragraphs, bookmarks."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import oxml_parser

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

LATIN, SONG, HEI = "Times New Roman", "宋体", "黑体"

_W = {"w": nsmap["w"]}
_name = cache(lambda tag: qn(f"w:{tag}"))


def element(tag: str, *children: Any, **attributes: object) -> Any:
    """``<w:tag w:name="value">`` with children; a trailing underscore keeps Python's own words free."""
    attrib = {_name(name.rstrip("_")): str(value) for name, value in attributes.items()}
    node = oxml_parser.makeelement(_name(tag), attrib, nsmap=_W)
    node.extend(child for child in children if child is not None)
    return node


def run(
    text: str, *, raised: bool = False, bold: bool = False, size: float | None = None, colour: str | None = None
) -> Any:
    """A run of text; ``size`` in points and ``colour`` (``808080``) where they differ from its paragraph's."""
    node = deepcopy(_empty_run(raised, bold, size, colour))
    node[-1].text = text
    return node


@cache
def _empty_run(raised: bool, bold: bool, size: float | None, colour: str | None) -> Any:
    """To be copied: a copy takes a fraction of the time that its elements take one by one."""
    words = element("t")
    words.set(qn("xml:space"), "preserve")
    return element(
        "r",
        element(
            "rPr",
            *([element("b"), element("bCs")] if bold else []),
            *([element("color", val=colour)] if colour else []),
            *type_size(size),
            *([element("vertAlign", val="superscript")] if raised else []),
        ),
        words,
    )


def type_size(points: float | None) -> list[Any]:
    """Type size for Latin and complex scripts, in the half points of the format."""
    return [] if points is None else [element(tag, val=round(points * 2)) for tag in ("sz", "szCs")]


def field(code: str, cached: str) -> list[Any]:
    """A field with the value it will have when Word computes it."""
    instruction = element("instrText")
    instruction.text = f" {code} "
    instruction.set(qn("xml:space"), "preserve")
    return [
        element("r", element("fldChar", fldCharType="begin")),
        element("r", instruction),
        element("r", element("fldChar", fldCharType="separate")),
        run(cached),
        element("r", element("fldChar", fldCharType="end")),
    ]


def fonts(east_asian: str = SONG) -> Any:
    """Latin letters in Times New Roman, Chinese ones in ``east_asian``."""
    return element("rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=east_asian, cs=LATIN)


def free_bookmark(document: WordDocument) -> int:
    """The first number above those of all bookmarks; it takes a walk through the whole document."""
    return max(map(int, document.element.body.xpath(".//w:bookmarkStart/@w:id")), default=0) + 1


def add_paragraph(document: WordDocument, text: str = "", *, style: str) -> Paragraph:
    """A paragraph at the end; python-docx would look through all styles for the default one each time."""
    paragraph = document.add_paragraph(text)
    paragraph._p.style = document.styles[style].style_id
    return paragraph
