"""What tests of equivalence say in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, detailed, lines
from sgsurvey.text import Text

TOLD = ("estimate", "conf_low:conf_high", "margin_low:margin_high", "p_adjusted")
_SAID: dict[str, Text] = {
    "equivalent": Text("差值小到在界值之内的有{items}。", "The difference lies within the margin for {items}."),
    "trivial": Text("有差异但在界值之内的有{items}。", "There is a difference, but within the margin, for {items}."),
    "different": Text("差值不为0的有{items}。", "The difference is told from 0 for {items}."),
    "undecided": Text(
        "既不能判定有差异、也不能判定等价的有{items}。",
        "Neither a difference nor equivalence can be told for {items}.",
    ),
}
_CONVENTION = Text(
    "等价与否视事先设定的界值而定。", "Whether a difference counts as equivalent hangs on the margin that was set."
)


def of_equivalence(table: Table, verdicts: Mapping[Any, Text]) -> tuple[Text, ...]:
    """Variables by their verdict, and that the margin is a choice."""
    found = lines(table, "estimate")
    said = []
    for verdict, words in _SAID.items():
        own: list[Line] = [line for line in found if line.said("verdict") == verdicts[verdict]]
        if own:
            said.append(words.format(items=detailed(own, "variable", *TOLD)))
    return (*said, _CONVENTION) if said else ()
