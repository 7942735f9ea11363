"""Table: numbers with labels, formats and notes.  What it looks like is the renderers' business."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from sgsurvey.errors import SurveyError
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.tables.conventions import Convention
    from sgsurvey.tables.grid import Grid

# How a number is printed (tables/format.py):
#   text      words                          count     whole numbers: n, df of counts
#   estimate  b, M, SD, t, F: may exceed 1   bounded   |x| <= 1 by definition: r, alpha, R2, loadings of a correlation
#   percent   a share in 0..1, printed x 100 p         p-values, never 0.000
#   statistic t, F, chi-square               df        degrees of freedom, whole or with one decimal
#   interval  a pair (low, high)             bounded_interval, percent_interval  a pair of bounded numbers, of shares
Kind = Literal[
    "text",
    "count",
    "estimate",
    "bounded",
    "percent",
    "p",
    "statistic",
    "df",
    "interval",
    "bounded_interval",
    "percent_interval",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the key in the frame, the head for people, how its numbers are printed.

    Neighbouring columns with the same ``spanner`` stand under one common head.
    """

    key: str
    head: Text
    kind: Kind = "estimate"
    digits: int | None = None
    spanner: Text | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, Text, word, pair (low, high) or nothing, with what the page must know to print it.

    ``stars`` hang after the number; ``mark`` is a raised note mark; ``span`` counts the columns it covers;
    ``suppressed`` cells let go of their value and stars when they are made, so that nothing can leak one.
    """

    value: object = None
    kind: Kind = "text"
    digits: int | None = None
    stars: str = ""
    mark: str = ""
    span: int = 1
    suppressed: bool = False

    def __post_init__(self) -> None:
        if self.suppressed:
            object.__setattr__(self, "value", None)
            object.__setattr__(self, "stars", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A line: ``body``, a ``group`` heading, a ``stat`` line under the body, or a ``threshold`` of convention."""

    cells: tuple[Cell, ...]
    kind: Literal["body", "group", "stat", "threshold"] = "body"


@dataclass(frozen=True)
class Table:
    """A table as a value: each change gives a new one.

    Parameters
    ----------
    id : str
        Stable name, used for bookmarks, cross-references, sheet and file names: ``reliability``.
    title : Text
        Title without its number; the report numbers tables.
    columns, rows :
        What stands where.  ``sum(cell.span)`` of each row equals the number of columns.
    notes : tuple of Text
        Printed under the table, in order.
    sentences : tuple of Text
        What the table says, in running text made from its own cells; a report prints it below the table.
    language : "zh" or "en"
        The language in which it shows itself.
    smallest : int
        Smallest count of persons that it shows: the sign of hidden cells says so.
    """

    id: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...] = ()
    language: Language = "en"
    smallest: int = 5
    sentences: tuple[Text, ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        *,
        id: str,
        title: Text,
        notes: Sequence[Text] = (),
        group: str | None = None,
        stars: Mapping[str, str] | None = None,
    ) -> Table:
        """A table with one line per row of ``frame``.

        Parameters
        ----------
        frame : DataFrame
            A column for each ``Column.key``; a key ``"low:high"`` pairs two columns of the frame as an interval.
        group : str, optional
            Column of the frame whose change starts a new block under a group heading (it needs no Column of its own).
        stars : mapping of column key to p-value column, optional
            Puts stars after the numbers of ``key`` by the p-values in the frame (see ``tables.format.stars``).
        """
        from sgsurvey.tables.format import stars as stars_of

        rows: list[Row] = []
        previous: object = object()
        for _, line in frame.iterrows():
            if group is not None and line[group] != previous:
                previous = line[group]
                rows.append(Row((Cell(previous, span=len(columns)),), kind="group"))
            cells = []
            for column in columns:
                low, _, high = column.key.partition(":")
                value: object = (line[low], line[high]) if high else line[low]
                mark = stars_of(line[stars[column.key]]) if stars and column.key in stars else ""
                cells.append(Cell(value, column.kind, column.digits, stars=mark))
            rows.append(Row(tuple(cells)))
        return cls(id, title, tuple(columns), tuple(rows), tuple(notes))

    @property
    def frame(self) -> pd.DataFrame:
        """The body at full precision, one column per column of the page; what is suppressed is missing."""
        body = [r for r in self.rows if r.kind in ("body", "stat") and all(c.span == 1 for c in r.cells)]
        return pd.DataFrame(
            [[c.value.to(self.language) if isinstance(c.value, Text) else c.value for c in r.cells] for r in body],
            columns=[c.key for c in self.columns],
        )

    def noted(self, *notes: Text) -> Table:
        """The same table with more notes; a note that is there already is not repeated."""
        return replace(self, notes=self.notes + tuple(n for n in dict.fromkeys(notes) if n not in self.notes))

    def telling(self, *sentences: Text) -> Table:
        """The same table with what it says in words, after what was said before."""
        return replace(self, sentences=self.sentences + sentences)

    def extended(self, rows: Iterable[Row]) -> Table:
        """The same table with more rows at the end."""
        return replace(self, rows=self.rows + tuple(rows))

    def without(self, *keys: str) -> Table:
        """The same table without the columns ``keys``: tolerance, indices of older work, whatever is not asked for.

        Raises
        ------
        SurveyError
            It has no such column.
        """
        known = [column.key for column in self.columns]
        if strange := [key for key in keys if key not in known]:
            raise SurveyError(
                Text(f"表中没有“{strange[0]}”列。", f"the table has no column '{strange[0]}'."),
                where=f"table {self.id!r}",
                remedy=Text(f"它的列：{'、'.join(known)}。", f"Its columns: {', '.join(known)}."),
            )
        gone = [at for at, key in enumerate(known) if key in keys]
        columns = tuple(column for column in self.columns if column.key not in keys)
        return replace(self, columns=columns, rows=tuple(_without(row, gone) for row in self.rows))

    def with_thresholds(self, conventions: Mapping[str, Convention], *, head: Text | None = None) -> Table:
        """The same table with a row of customary cut-offs under its columns, and a note of their sources.

        Parameters
        ----------
        conventions : mapping of column key to Convention
            What is no column of this table is passed over.
        head : Text, optional
            What the row is called, where a table has more than one.
        """
        from sgsurvey.tables.conventions import threshold_row, with_sources

        cited = [(column.head, conventions[column.key]) for column in self.columns if column.key in conventions]
        return with_sources(self.extended([threshold_row(self.columns, conventions, head)]), cited) if cited else self

    def without_thresholds(self) -> Table:
        """The same table without what is convention: the rows of cut-offs, the column ``threshold``, their sources."""
        from sgsurvey.tables.conventions import stripped

        return stripped(self)

    def with_two_stars(self) -> Table:
        """The same table with stars for .05 and .01 alone, as SPSS and SPSSAU print them, in place of three levels.

        A table whose notes state levels of its own is left as it is.
        """
        from sgsurvey.tables.format import stars_legend

        if any(note.en.startswith("*") for note in self.notes):
            return self
        rows = [replace(row, cells=tuple(replace(c, stars=c.stars[:2]) for c in row.cells)) for row in self.rows]
        starred = any(cell.stars for row in rows for cell in row.cells)
        table = replace(self, rows=tuple(rows))
        return table.noted(stars_legend((0.05, 0.01))) if starred else table

    def hiding(self, keys: Iterable[Collection[str]]) -> Table:
        """The same table with cells hidden: for each body row the keys of its columns; a pair goes with either half."""
        lines = iter(keys)
        rows = [_hide(row, self.columns, next(lines)) if row.kind == "body" else row for row in self.rows]
        return replace(self, rows=tuple(rows))

    def to(self, language: Language) -> Table:
        """The same table in ``language``."""
        return replace(self, language=language)

    def grid(self) -> Grid:
        """The page laid out in text: what every renderer prints, and nothing else."""
        return self._grid

    @cached_property
    def _grid(self) -> Grid:
        """Laid out once, however many formats it is printed in."""
        from sgsurvey.tables.grid import lay_out

        return lay_out(self)

    def to_html(self) -> str:
        """One ``<table>`` with caption and notes, escaped; no style of its own but the class ``sg-table``."""
        from sgsurvey.tables.html import to_html

        return to_html(self.grid())

    def to_latex(self) -> str:
        """A ``table`` float with booktabs, threeparttable and siunitx."""
        from sgsurvey.tables.latex import to_latex

        return to_latex(self.grid())

    def to_markdown(self) -> str:
        """A GitHub-flavoured Markdown table with title and notes."""
        from sgsurvey.tables.markdown import to_markdown

        return to_markdown(self.grid())

    def save(self, path: str | Path) -> Path:
        """Write the table to ``path``; the suffix decides: ``.docx .xlsx .tex .md .html .csv``."""
        from sgsurvey.tables.save import save_table

        return save_table(self, Path(path))

    def _repr_html_(self) -> str:
        from sgsurvey.tables.html import STYLE

        return f"<style>{STYLE}</style>\n{self.to_html()}"

    def __str__(self) -> str:
        return self.to_markdown()


def _without(row: Row, gone: Collection[int]) -> Row:
    """The row without the columns ``gone``; a cell that spans some of them covers that many less."""
    cells, at = [], 0
    for cell in row.cells:
        span = cell.span - sum(at <= column < at + cell.span for column in gone)
        cells += [replace(cell, span=span)] if span else []
        at += cell.span
    return replace(row, cells=tuple(cells))


def _hide(row: Row, columns: Sequence[Column], keys: Collection[str]) -> Row:
    cells = [
        replace(cell, suppressed=cell.suppressed or not {column.key, *column.key.split(":")}.isdisjoint(keys))
        for cell, column in zip(row.cells, columns, strict=True)
    ]
    return replace(row, cells=tuple(cells))
