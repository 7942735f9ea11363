"""Numbers of one row for a sentence of the reader's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.tables.format import SUPPRESSED
from sgsurvey.tables.result import Result
from sgsurvey.tables.telling import lines
from sgsurvey.text import SEMICOLON, Text, listed, same


@dataclass(frozen=True)
class Inline(Result):
    """A result whose main table has a row, or several, for each thing that a sentence may be about.

    A result says which columns of its table go into the sentence, in which column of its frame names stand
    (``named_by``), and which column of the table tells the rows of one name apart where headings do not
    (``parted_by``).
    """

    inline_columns: ClassVar[tuple[str, ...]]
    named_by: ClassVar[str] = "term"
    parted_by: ClassVar[str] = ""

    def inline(self, name: str) -> Text:
        """The numbers of ``name`` for a sentence, from the cells of the table: ``B = 0.36, 95% CI [0.20, 0.52]``.

        What is empty is left out, and what is hidden is the sign of hidden cells; of several rows each is told.

        Raises
        ------
        DataError
            No row has this name.
        """
        table, known = self.table(), [str(each) for each in self._row_names()]
        rows = [line for each, line in zip(known, lines(table)[-len(known) :], strict=True) if each == name]
        if not rows:
            choices = list(dict.fromkeys(filter(None, known)))
            raise DataError(
                Text("表中没有这一行。", f"the table has no such row.{did_you_mean(name, choices)}"),
                where=name,
                remedy=Text(f"可选：{'、'.join(choices)}。", f"Choose from {', '.join(choices)}."),
            )
        figures = [line.figures(*self.inline_columns) for line in rows]
        said = [one if one.en else same(SUPPRESSED.format(k=table.smallest)) for one in figures]
        if len(rows) > 1:
            heads = [line.said(self.parted_by) if self.parted_by else line.heading for line in rows]
            named = zip(heads, said, strict=True)
            said = [Text("{name}：{numbers}", "{name}: {numbers}").format(name=n, numbers=one) for n, one in named]
        return listed(said, SEMICOLON)

    def _row_names(self) -> Iterable[object]:
        """Names of the last body rows of the table, in order; an empty one for a row without a name."""
        return list(self.frame[self.named_by])
