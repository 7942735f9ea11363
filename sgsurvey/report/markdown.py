"""A report as Markdown; figures are PNG files in a folder beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.files import write_whole
from sgsurvey.report.blocks import Block, Bullets, Callout, Figure, Heading, Paragraph
from sgsurvey.report.numbering import Placed, labels, pieces, told
from sgsurvey.report.phrases import CALLOUTS
from sgsurvey.tables.captions import Label
from sgsurvey.tables.format import printable
from sgsurvey.tables.markdown import escape, to_markdown
from sgsurvey.tables.result import SIMULATED
from sgsurvey.text import Language, words

if TYPE_CHECKING:
    from sgsurvey.report.report import Report


def save_markdown(report: Report, path: Path) -> Path:
    """Write ``report`` to ``path`` and its pictures to the folder ``NAME_figures`` beside it."""
    placed = report.placed
    writer = _Writer(report.language, path, labels(placed))
    cover = [f"# {writer.plain(report.title)}"]
    cover += [writer.plain(each) for each in (report.subtitle, report.author) if words(each, report.language)]
    if report.simulated:
        cover.append(f"> **{writer.plain(SIMULATED)}**")
    return write_whole(path, ("\n\n".join([*cover, *map(writer.block, placed)]) + "\n").encode())


class _Writer:
    def __init__(self, language: Language, path: Path, known: dict[str, Label]) -> None:
        self.language, self.path, self.known = language, path, known

    def plain(self, text: object) -> str:
        return escape(printable(words(text, self.language)))

    def prose(self, text: object) -> str:
        parts = pieces(printable(words(text, self.language)), self.known)
        return "".join(part.to(self.language) if isinstance(part, Label) else escape(part) for part in parts)

    def block(self, placed: Placed) -> str:
        block: Block = placed.block
        if isinstance(block, Heading):
            return f"{'#' * (block.level + 1)} {placed.number} {self.plain(block.words)}"
        if isinstance(block, Paragraph):
            return self.prose(block.words)
        if isinstance(block, Bullets):
            return "\n".join(f"- {self.prose(point)}" for point in block.points)
        if isinstance(block, Callout):
            return f"> **{self.plain(CALLOUTS[block.kind])}** {self.prose(block.words)}"
        number = placed.label.to(self.language) if placed.label else ""
        if placed.table is not None:
            table = to_markdown(placed.table.grid(), number=number).rstrip("\n")
            said = told(placed)
            return table if said is None else f"{table}\n\n{self.prose(said.words)}"
        if not isinstance(block, Figure):
            raise TypeError(f"a block of a kind that this page does not know: {type(block).__name__}")
        return self._figure(block, placed.anchor, number)

    def _figure(self, figure: Figure, name: str, number: str) -> str:
        folder = f"{self.path.stem}_figures"
        write_whole(self.path.parent / folder / f"{name}.png", figure.drawn(self.language).save("png"))
        address = f"{folder}/{name}.png".replace(" ", "%20")
        picture = f"![{self.plain(figure.alternative(self.language))}](<{address}>)"
        return f"{picture}\n\n**{number} {self.plain(figure.caption)}**"
