"""Importance and performance of the composites that lead to an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.measurement.pls_sentences import of_importance
from sgsurvey.measurement.scales import worded
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

MIDPOINT = 50.0
CI = Text("95%自助区间", "95% bootstrap CI")
MEANING = Text(
    "重要性：该指数每高1分，{target}指数平均相应高多少分（各条路径合计的总效应；关联，不表示因果）。",
    "Importance: points of the {target} index that go with one point of this index, by all paths together (an "
    "association, no cause).",
)


@dataclass(frozen=True)
class IndexImportance(Result):
    """What goes with an index, beside how it is rated: Ringle and Sarstedt (2016), importance-performance map.

    Attributes
    ----------
    frame : DataFrame
        One row per composite: ``composite, importance`` (unstandardised total effect, in points of 100 for one point),
        ``std_error, importance_low, importance_high, performance`` (the index), ``performance_low, performance_high``.
    target : str
    draws : int
    seed : int
    notes : tuple of Text
    """

    target: str
    draws: int
    seed: int
    notes: tuple[Text, ...]

    def _table(self) -> Table:
        columns = (
            Column("composite", HEADS["construct"], "text"),
            Column("importance", Text("重要性", "Importance"), "estimate", 3),
            Column("importance_low:importance_high", CI, "interval", 3),
            Column("performance", Text("表现（指数）", "Performance (index)"), "estimate", 1),
            Column("performance_low:performance_high", CI, "interval", 1),
        )
        label = self.basis.label(self.target)
        title = Text("{target}的重要性与表现", "Importance and performance for {target}").format(target=label)
        shown = worded(self.frame.sort_values("importance", ascending=False), composite=self.basis.label)
        notes = (MEANING.format(target=label), *self.notes)
        table = Table.from_frame(shown, columns, id=f"pls_importance_{self.target}", title=title, notes=notes)
        return table.telling(*of_importance(table, label))

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Quadrants: importance across, performance upward, with intervals in both directions."""
        from sgsurvey.figures.quadrant import quadrant

        spoken = language or self.basis.language
        shown = pd.DataFrame({"label": [self.basis.label(c).to(spoken) for c in self.frame["composite"]], "n": self.n})
        columns = [c for c in self.frame if c.startswith(("importance", "performance"))]
        return quadrant(
            shown.assign(**{column: self.frame[column] for column in columns}),
            midpoint=MIDPOINT,
            x_axis=Text("重要性（总效应）", "Importance (total effect)"),
            y_axis=Text("表现（百分制指数）", "Performance (index, points of 100)"),
            ax=ax,
            language=spoken,
        )
