"""Log: every row and cell that came in is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.text import Text

EVENT_COLUMNS = ["code", "action", "row", "column", "n", "value", "message"]


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


@dataclass(frozen=True)
class Log:
    """What happened to the answers since they were read.

    Attributes
    ----------
    steps : tuple of Step
        Reading, then screening; each begins with the rows that the step before let through.
    events : DataFrame
        One line per kind of repair, warning or set-aside cell: ``code, action, row, column, n, value, message``;
        ``n`` counts the cells, rows or columns, ``row`` is the first of them and ``value`` an example.
        ``action`` is ``fix``, ``warn``, ``invalid`` (cell set aside) or ``quarantine`` (row set aside).
    quarantine : DataFrame
        The rows that were set aside, as they came, with ``row`` and ``reason``.
    inputs : mapping of file name to SHA-256
        What was read.
    """

    steps: tuple[Step, ...] = ()
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=EVENT_COLUMNS))
    quarantine: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["row", "reason"]))
    inputs: Mapping[str, str] = field(default_factory=dict)

    def then(self, step: Step) -> Log:
        """The log with one more step."""
        if self.steps and self.steps[-1].n_out != step.n_in:
            raise DataError(
                f"the step before let {self.steps[-1].n_out} rows through, this one starts with {step.n_in}.",
                where=step.name.en,
                remedy="Screen the answers as they were read, not a subset.",
            )
        return replace(self, steps=(*self.steps, step))
