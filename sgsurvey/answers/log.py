"""Log: every row and cell that came in is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.text import Text

EVENT_COLUMNS = ["code", "action", "row", "column", "n", "value", "message", "message_zh", "remedy", "remedy_zh"]
INVALID_COLUMNS = ["row", "column", "item", "value", "code"]
CELL_KINDS = ("read", "no_answer", "blank", "invalid", "set_aside", "left_out")
CELL_COLUMNS = ["column", "holds", "cells", *CELL_KINDS]


@dataclass(frozen=True, slots=True)
class Step:
    """One passage of the rows: how many came in, how many went on, why the rest was set aside."""

    name: Text
    n_in: int
    n_out: int
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.n_in != self.n_out + sum(self.set_aside.values()):
            raise DataError(
                f"{self.n_in} rows in, {self.n_out} kept and {sum(self.set_aside.values())} set aside do not add up.",
                where=self.name.en,
                remedy="This is a fault of sgsurvey: please report it.",
            )


def _no_lines(*columns: str) -> pd.DataFrame:
    """An empty table: every verb that takes a DataFrame makes a log, and to make four tables takes a millisecond."""
    return _made_once(columns).copy(deep=False)


@cache
def _made_once(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Log:
    """What happened to the answers since they were read.

    Attributes
    ----------
    steps : tuple of Step
        Reading, then screening; each begins with the rows that the step before let through.
    events : DataFrame
        One line per kind of repair, warning or set-aside cell: ``code, action, row, column, n, value, message,
        message_zh, remedy, remedy_zh``; ``n`` counts the cells, rows or columns, ``row`` is the first of them,
        ``value`` an example, and ``remedy`` what to do, empty where nothing need be done.  ``action`` is ``fix``,
        ``warn``, ``invalid`` (cell set aside) or ``quarantine`` (row set aside).
    quarantine : DataFrame
        The rows that were set aside, as they came, with ``row`` and ``reason``.
    invalid : DataFrame
        Every cell that was set aside in a row that was kept: ``row, column, item, value, code``.
    cells : DataFrame
        Where the cells of each column of the file went: ``column, holds, cells``, then ``read`` (a value),
        ``no_answer`` (words or marks for no answer), ``blank``, ``invalid`` (set aside), ``set_aside`` (in a row that
        was set aside), ``left_out`` (the column was not read); they add up to ``cells``.
    inputs : mapping of file name to SHA-256
        What was read.
    """

    steps: tuple[Step, ...] = ()
    events: pd.DataFrame = field(default_factory=lambda: _no_lines(*EVENT_COLUMNS))
    quarantine: pd.DataFrame = field(default_factory=lambda: _no_lines("row", "reason"))
    invalid: pd.DataFrame = field(default_factory=lambda: _no_lines(*INVALID_COLUMNS))
    cells: pd.DataFrame = field(default_factory=lambda: _no_lines(*CELL_COLUMNS))
    inputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.cells.empty:
            return
        strange = self.cells[list(CELL_KINDS)].sum(axis=1).ne(self.cells["cells"])
        if strange.any():
            raise DataError(
                f"the cells of {', '.join(map(repr, self.cells.loc[strange, 'column'][:5]))} do not add up.",
                remedy="This is a fault of sgsurvey: please report it.",
            )

    def then(self, step: Step) -> Log:
        """The log with one more step."""
        if self.steps and self.steps[-1].n_out != step.n_in:
            raise DataError(
                f"the step before let {self.steps[-1].n_out} rows through, this one starts with {step.n_in}.",
                where=step.name.en,
                remedy="Screen the answers as they were read, not a subset.",
            )
        return replace(self, steps=(*self.steps, step))
