"""What a test of independence says in words."""

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines
from sgsurvey.text import Text

_TOLD = Text(
    "{row}与{column}相关联（{f}）；Cramér V为{v}，说的是关联的强弱，不是谁先谁后。",
    "{row} and {column} go together ({f}); Cramér's V of {v} says how closely, not which comes first.",
)
_TEST = Text("F({df}, {df2}) = {statistic}，{p_value}", "F({df}, {df2}) = {statistic}, {p_value}")
_OPEN = Text(
    "{row}与{column}是否相关联，现有数据尚不能判定（{f}；Cramér V为{v}）。",
    "Whether {row} and {column} go together these data cannot decide ({f}; Cramér's V {v}).",
)


def of_independence(table: Table, row: Text, column: Text, v: Text) -> tuple[Text, ...]:
    """The test that decides, with the strength ``v`` of the association."""
    found = lines(table, "p_value")
    if not found:
        return ()
    words = _TOLD if (found[0].number("p_value") or 0.0) < ALPHA else _OPEN
    told = {key: found[0].said(key) for key in ("df", "df2", "statistic", "p_value")}
    return (words.format(row=row, column=column, v=v, f=_TEST.format(**told)),)
