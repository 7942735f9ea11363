"""A report as one self-contained HTML page: nothing is loaded, pictures are inline SVG.

One small script of its own, allowed by its hash and by nothing else, sorts and copies tables; without it the page says
the same.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sgsurvey.files import write_whole
from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading, Paragraph, TableBlock
from sgsurvey.report.numbering import Placed, labels, pieces, title, told
from sgsurvey.report.phrases import (
    CALLOUTS,
    CONTENTS,
    COPIED,
    COPY,
    FIGURES,
    NAMES,
    NUMBERS,
    ROWS,
    SKIP,
    SORT,
    TABLES,
)
from sgsurvey.report.sides import on_their_side
from sgsurvey.tables.captions import Label
from sgsurvey.tables.format import printable
from sgsurvey.tables.html import LANG, STYLE, to_html
from sgsurvey.tables.result import SIMULATED
from sgsurvey.tables.widths import fit
from sgsurvey.text import Language, words

if TYPE_CHECKING:
    from sgsurvey.report.report import Report
    from sgsurvey.tables.table import Table

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
LONG = 40  # lines beyond which a table is folded on the screen
UPRIGHT = (500.0, (8.5,))  # points that a printed page is wide, and its size of type in tables


def save_html(report: Report, path: Path) -> Path:
    """Write ``report`` as one HTML file."""
    return write_whole(path, to_page(report, others=_others(report, path)).encode())


def _others(report: Report, path: Path) -> dict[Language, str]:
    """Names of the files beside ``path`` that hold the report's other languages: NAME.zh.html and NAME.en.html."""
    own = f".{report.language}.html"
    if not path.name.endswith(own):
        return {}
    others = [language for language in report.languages if language != report.language]
    return {language: f"{path.name.removesuffix(own)}.{language}.html" for language in others}


def to_page(report: Report, *, others: Mapping[Language, str] = MappingProxyType({})) -> str:
    """The HTML page of ``report``, with links to the files in ``others`` that hold its other languages."""
    language = report.language
    placed = report.placed
    page = _Page(language, labels(placed))
    turned = on_their_side(placed, _is_wide)
    environment = Environment(
        loader=PackageLoader("sgsurvey.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    script = environment.get_template("report.js").render()
    return environment.get_template("report.html").render(
        script=Markup(script),
        allowed=b64encode(sha256(script.encode()).digest()).decode(),
        others=[{"lang": LANG[other], "name": NAMES[other], "file": quote(file)} for other, file in others.items()],
        lang=LANG[language],
        title=page.plain(report.title),
        subtitle=page.plain(report.subtitle),
        author=page.plain(report.author),
        simulated=page.plain(SIMULATED) if report.simulated else "",
        words={name: text.to(language) for name, text in _WORDS.items()},
        table_style=Markup(STYLE),
        sections=page.headings(placed),
        tables=page.captions(placed, TableBlock),
        figures=page.captions(placed, Figure),
        blocks=[page.block(each, across=across) for each, across in zip(placed, turned, strict=True)],
    )


_WORDS = {
    **{"contents": CONTENTS, "tables": TABLES, "figures": FIGURES, "skip": SKIP},
    **{"copy": COPY, "copied": COPIED, "sort": SORT},
}
_ACROSS = Markup('<div class="across">{}</div>')


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

    def headings(self, placed: Sequence[Placed]) -> list[dict[str, object]]:
        return [
            {"anchor": p.anchor, "number": p.number, "words": self.plain(p.block.words), "level": p.block.level}
            for p in placed
            if isinstance(p.block, Heading)
        ]

    def captions(self, placed: Sequence[Placed], kind: type[TableBlock] | type[Figure]) -> list[dict[str, str]]:
        return [
            {"anchor": p.anchor, "number": p.label.to(self.language), "words": self.plain(title(p))}
            for p in placed
            if isinstance(p.block, kind) and p.label is not None
        ]

    def block(self, placed: Placed, *, across: bool) -> Markup:
        """One block; the words around a table printed ``across`` the page are printed on its page."""
        writers: dict[type, Callable[..., Markup]] = {
            Heading: self._heading,
            Paragraph: self._paragraph,
            Bullets: self._bullets,
            Callout: self._callout,
            TableBlock: self._table,
            Figure: self._figure,
        }
        block = writers[type(placed.block)](placed.block, placed)
        return _ACROSS.format(block) if across and placed.table is None else block

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

    def _callout(self, block: Callout, placed: Placed) -> Markup:
        head = Markup("<strong>{}</strong> ").format(CALLOUTS[block.kind].to(self.language))
        return Markup('<div class="callout {}{}" role="note"><p>{}{}</p></div>').format(
            block.kind, *((" continued", "") if placed.continued else ("", head)), self.prose(block.words)
        )

    def _table(self, _: TableBlock, placed: Placed) -> Markup:
        framed, said = self._framed(placed), told(placed)
        if said is None or placed.table is None:
            return framed
        words = self._paragraph(said, placed)
        return framed + (_ACROSS.format(words) if _is_wide(placed.table) else words)

    def _framed(self, placed: Placed) -> Markup:
        if placed.table is None or placed.label is None:
            raise TypeError("every table has been placed with its number")
        number = placed.label.to(self.language)
        grid = placed.table.grid()
        # Wide tables scroll by themselves, also from the keyboard.
        table = Markup('<div class="table{}" id="{}" role="region" aria-label="{}" tabindex="0">{}</div>').format(
            " wide" if _is_wide(placed.table) else "", placed.anchor, number, Markup(to_html(grid, number=number))
        )
        if len(grid.rows) <= LONG:
            return table
        said = ROWS.format(n=len(grid.rows)).to(self.language)
        summary = Markup("<summary>{} {} ({})</summary>").format(number, grid.title, said)
        return Markup('<details class="long">{}{}</details>').format(summary, table)

    def _figure(self, block: Figure, placed: Placed) -> Markup:
        number = placed.label.to(self.language) if placed.label else ""
        caption = self.plain(block.caption)
        alternative = self.plain(block.alternative(self.language))
        drawn = block.drawn(self.language)
        picture = Markup(inline_svg(drawn.save("svg"), f"p{next(self.pictures)}", caption, alternative))
        table = block.numbers(self.language)
        details = Markup("")
        if table is not None:
            details = Markup(
                "<details><summary>{0}</summary>"
                '<div class="table" role="region" aria-label="{0}: {1}" tabindex="0">{2}</div></details>'
            ).format(NUMBERS.to(self.language), number, Markup(to_html(table.grid())))
        return Markup(
            '<figure id="{0}"><div class="picture" role="group" aria-label="{2}" tabindex="0">{1}</div>'
            "<figcaption>{2} {3}</figcaption>{4}</figure>"
        ).format(placed.anchor, picture, number, caption, details)


def _is_wide(table: Table) -> bool:
    return fit(table.grid(), *UPRIGHT) is None


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
