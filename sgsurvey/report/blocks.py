"""What a report is made of: headings, words, tables, figures.  Every block holds both languages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sgsurvey.errors import SurveyError
from sgsurvey.figures.style import alternative, lay_out, to_png, to_svg
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text, same, words

Words = Text | str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; headings of level 1 begin chapters, after which tables and figures are numbered."""

    words: Words
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.  ``[@reliability]`` in it becomes the number of the table or figure with that id."""

    words: Words


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short points."""

    points: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Callout:
    """Words that must not be overlooked: a main ``finding``, a ``note`` on how to read, a ``warning``."""

    words: Words
    kind: Literal["finding", "note", "warning"] = "note"


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table, or the main table of a result, with what the report has to say under it."""

    source: Table | Result
    notes: tuple[Text, ...] = ()

    def table(self, language: Language) -> Table:
        """The table in ``language``."""
        if isinstance(self.source, Table):
            return self.source.noted(*self.notes).to(language)
        return self.source.table(language=language).noted(*self.notes)


@dataclass(frozen=True)
class Figure:
    """A picture that is drawn when the report is saved, in the report's language.

    Parameters
    ----------
    source : Result, callable or matplotlib object
        A result with ``.plot``; a function that takes ``language=`` and gives back matplotlib Axes or a Figure; or
        Axes or a Figure already drawn, whose words stay as they are.
    caption : Text
        The title below the picture, without its number.
    alt : Text
        What the picture shows, for those who cannot see it; unless given what a figure of ours says of itself, or the
        caption.
    id : str
        Stable name for references.
    data : Table, optional
        The numbers behind the picture; the main table of a result unless told otherwise.
    """

    source: Any
    caption: Words
    alt: Words = ""
    id: str = "figure"
    data: Table | None = None

    def drawn(self, language: Language) -> Drawn:
        """The picture in ``language``; drawn once, however many formats it is saved in."""
        if language not in self._drawn:
            self._drawn[language] = self._draw(language)
        return self._drawn[language]

    @cached_property
    def _drawn(self) -> dict[Language, Drawn]:
        return {}

    def _draw(self, language: Language) -> Drawn:
        if isinstance(self.source, Result):
            plot = getattr(self.source, "plot", None)
            if plot is None:
                raise SurveyError(
                    f"{type(self.source).__name__} has no picture of its own.",
                    where=f"figure {self.id!r}",
                    remedy="Give the figure a function that draws one.",
                )
            return Drawn(plot(language=language), ours=True)
        if callable(self.source) and not hasattr(self.source, "savefig"):
            return Drawn(self.source(language=language), ours=True)
        return Drawn(self.source, ours=False)

    def numbers(self, language: Language) -> Table | None:
        """The numbers behind the picture, if they are known."""
        if self.data is not None:
            return self.data.to(language)
        return self.source.table(language=language) if isinstance(self.source, Result) else None

    def alternative(self, language: Language) -> str:
        """What the picture shows, in words: those given, or its own, or the caption."""
        return words(self.alt, language) or self.drawn(language).alt or words(self.caption, language)


class Drawn:
    """A drawn picture; ``ours`` when nobody else holds it."""

    def __init__(self, picture: Any, *, ours: bool) -> None:
        self.figure = figure_of(picture)
        if not ours:
            return
        # A notebook would show every figure left open; this floor does not import matplotlib, but if the figure is
        # pyplot's, pyplot is there.  A closed figure can still be saved.
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close(self.figure)
        lay_out(self.figure)

    @property
    def alt(self) -> str:
        """What the picture says of itself to those who cannot see it; empty for a picture that is not ours."""
        return alternative(self.figure)

    def save(self, kind: Literal["png", "svg"]) -> bytes:
        """The bytes of the picture, the same each time for the same picture."""
        return to_svg(self.figure).encode() if kind == "svg" else to_png(self.figure)

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height."""
        width, height = self.figure.get_size_inches()
        return float(width), float(height)


Block = Heading | Paragraph | Bullets | Callout | TableBlock | Figure


def figure_of(picture: Any) -> Any:
    """The matplotlib figure of ``picture``: itself, or what its axes belong to."""
    owner = picture if hasattr(picture, "savefig") else getattr(picture, "figure", None)
    if owner is None or not hasattr(owner, "savefig"):
        raise SurveyError(
            f"{type(picture).__name__} cannot be drawn.",
            where="report",
            remedy="Give matplotlib Axes or a Figure, a Result with .plot, or a function that returns one.",
        )
    return owner


def as_block(value: object) -> Block:
    """``value`` as a block: words are a paragraph, a Result or Table its table, matplotlib Axes a figure."""
    if isinstance(value, Block):
        return value
    if isinstance(value, Text | str):
        return Paragraph(value)
    if isinstance(value, Table | Result):
        return TableBlock(value)
    owner = figure_of(value)
    title = (getattr(value, "get_title", lambda: "")() or owner.get_suptitle()).strip()
    if not title:
        raise SurveyError(
            "a picture without a title has no caption.",
            where="report.add",
            remedy="Wrap it: Figure(axes, caption=Text(zh, en), alt=Text(zh, en)).",
        )
    return Figure(value, caption=same(title))
