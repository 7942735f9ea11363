"""A report as one self-contained HTML page: no script, no address outside, pictures as inline SVG."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading, Paragraph, TableBlock
from sgsurvey.report.numbering import Placed, labels, pieces, place, title
from sgsurvey.report.phrases import CALLOUTS, CONTENTS, FIGURES, NUMBERS, SKIP, TABLES
from sgsurvey.tables.archive import write_whole
from sgsurvey.tables.captions import Label
from sgsurvey.tables.format import printable
from sgsurvey.tables.html import LANG, STYLE, to_html
from sgsurvey.tables.result import SIMULATED
from sgsurvey.text import Language, words

if TYPE_CHECKING:
    from sgsurvey.report.report import Report

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"


def save_html(report: Report, path: Path) -> Path:
    """Write ``report`` as one HTML file."""
    return write_whole(path, to_page(report).encode())


def to_page(report: Report) -> str:
    """The HTML page of ``report``."""
    language = report.language
    placed = place(report.blocks, report.language)
    page = _Page(language, labels(placed))
    environment = Environment(
        loader=PackageLoader("sgsurvey.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html").render(
        lang=LANG[language],
        title=page.plain(report.title),
        subtitle=page.plain(report.subtitle),
        author=page.plain(report.author),
        simulated=page.plain(SIMULATED) if report.simulated else "",
        words={
            name: text.to(language)
            for name, text in {"contents": CONTENTS, "tables": TABLES, "figures": FIGURES, "skip": SKIP}.items()
        },
        table_style=Markup(STYLE),
        sections=page.headings(placed),
        tables=page.captions(placed, TableBlock),
        figures=page.captions(placed, Figure),
        blocks=[page.block(each) for each in placed],
    )


class _Page:
    """Blocks to Markup; what is not made here or in ``tables/html.py`` is escaped by the template."""

    def __init__(self, language: Language, known: dict[str, Label]) -> None:
        self.language, self.known = language, known
        self.pictures = count(1)

    def plain(self, text: object) -> str:
        return printable(words(text, self.language))

    def prose(self, text: object) -> Markup:
        parts = [
            Markup('<a href="#{}">{}</a>').format(part.anchor, part.to(self.language))
            if isinstance(part, Label)
            else escape(part)
            for part in pieces(self.plain(text), self.known)
        ]
        return Markup("").join(parts)

    def headings(self, placed: list[Placed]) -> list[dict[str, object]]:
        return [
            {"anchor": p.anchor, "number": p.number, "words": self.plain(p.block.words), "level": p.block.level}
            for p in placed
            if isinstance(p.block, Heading)
        ]

    def captions(self, placed: list[Placed], kind: type[TableBlock] | type[Figure]) -> list[dict[str, str]]:
        return [
            {"anchor": p.anchor, "number": p.label.to(self.language), "words": self.plain(title(p))}
            for p in placed
            if isinstance(p.block, kind) and p.label is not None
        ]

    def block(self, placed: Placed) -> Markup:
        writers: dict[type, Callable[..., Markup]] = {
            Heading: self._heading,
            Paragraph: self._paragraph,
            Bullets: self._bullets,
            Callout: self._callout,
            TableBlock: self._table,
            Figure: self._figure,
        }
        return writers[type(placed.block)](placed.block, placed)

    def _heading(self, block: Heading, placed: Placed) -> Markup:
        tag = f"h{block.level + 1}"
        return Markup('<{0} id="{1}"><span class="number">{2}</span> {3}</{0}>').format(
            tag, placed.anchor, placed.number, self.plain(block.words)
        )

    def _paragraph(self, block: Paragraph, _: Placed) -> Markup:
        return Markup("<p>{}</p>").format(self.prose(block.words))

    def _bullets(self, block: Bullets, _: Placed) -> Markup:
        points = Markup("").join(Markup("<li>{}</li>").format(self.prose(point)) for point in block.points)
        return Markup("<ul>{}</ul>").format(points)

    def _callout(self, block: Callout, _: Placed) -> Markup:
        return Markup('<aside class="callout {}"><p><strong>{}</strong> {}</p></aside>').format(
            block.kind, CALLOUTS[block.kind].to(self.language), self.prose(block.words)
        )

    def _table(self, _: TableBlock, placed: Placed) -> Markup:
        if placed.table is None or placed.label is None:
            raise TypeError("every table has been placed with its number")
        number = placed.label.to(self.language)
        table = Markup(to_html(placed.table.grid(), number=number))
        # Wide tables scroll by themselves, also from the keyboard.
        return Markup('<div class="table" id="{}" role="region" aria-label="{}" tabindex="0">{}</div>').format(
            placed.anchor, number, table
        )

    def _figure(self, block: Figure, placed: Placed) -> Markup:
        number = placed.label.to(self.language) if placed.label else ""
        caption = self.plain(block.caption)
        alternative = self.plain(block.alternative(self.language))
        drawn = block.drawn(self.language)
        picture = Markup(inline_svg(drawn.save("svg"), f"p{next(self.pictures)}", caption, alternative))
        table = block.numbers(self.language)
        details = Markup("")
        if table is not None:
            details = Markup('<details><summary>{}</summary><div class="table">{}</div></details>').format(
                NUMBERS.to(self.language), Markup(to_html(table.grid()))
            )
        return Markup('<figure id="{}">{}<figcaption>{} {}</figcaption>{}</figure>').format(
            placed.anchor, picture, number, caption, details
        )


def inline_svg(svg: bytes, prefix: str, title: str, description: str) -> str:
    """``svg`` for use inside a page: titled, described, with ids that are unique in the page and always the same."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    for unused in root.findall(f"{{{SVG}}}metadata"):
        root.remove(unused)
    names = {node.attrib["id"]: f"{prefix}-{index}" for index, node in enumerate(root.iter()) if "id" in node.attrib}
    for node in root.iter():
        _rename(node, names)
    for index, (tag, text) in enumerate((("title", title), ("desc", description))):
        child = ElementTree.Element(f"{{{SVG}}}{tag}", id=f"{prefix}-{tag}")
        child.text = text
        root.insert(index, child)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    return ElementTree.tostring(root, encoding="unicode")


def _rename(node: ElementTree.Element, names: dict[str, str]) -> None:
    for key, value in list(node.attrib.items()):
        if key == "id":
            node.set(key, names[value])
        elif value.startswith("#") and value[1:] in names and key in {f"{{{XLINK}}}href", "href"}:
            node.set(key, f"#{names[value[1:]]}")
        elif "url(#" in value:
            before, _, rest = value.partition("url(#")
            name, _, after = rest.partition(")")
            node.set(key, f"{before}url(#{names[name]}){after}")
