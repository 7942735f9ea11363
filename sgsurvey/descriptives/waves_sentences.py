"""What changes between waves say in words."""

from __future__ import annotations

from collections.abc import Mapping

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, several
from sgsurvey.text import Text

_FIGURES = ("change", "conf_low:conf_high", "p_adjusted")
_SAID: dict[str, Text] = {
    "rose": Text("有实质上升的是{items}。", "There is a rise that matters in {items}."),
    "fell": Text("有实质下降的是{items}。", "There is a fall that matters in {items}."),
    "unchanged": Text("变化小到没有实质意义的是{items}。", "The change is too small to matter in {items}."),
    "undecided": Text(
        "变化是否具有实质意义尚不能判定的是{items}。", "Whether the change matters cannot be decided for {items}."
    ),
    "": Text(
        "前后的变化：{items}；未设定有实质意义的最小变化，不作结论。",
        "Changes: {items}; no smallest change that matters is set, so there is no verdict.",
    ),
}
_NO_CAUSE = Text(
    "前后的变化本身并不说明其由来。", "A change between waves does not by itself show what brought it about."
)


_CHANGE = Text("{v}（{w}，{f}）", "{v} ({w}, {f})")


def of_waves(table: Table, verdicts: Mapping[str, Text]) -> tuple[Text, ...]:
    """Changes by their verdict, and that a change does not show where it comes from.

    Parameters
    ----------
    table : Table
    verdicts : mapping of "rose", "fell", "unchanged" and "undecided" to Text
    """
    found = lines(table, "change")
    said = []
    for verdict, words in _SAID.items():
        if own := [line for line in found if line.said("verdict") == verdicts[verdict]]:
            said.append(words.format(items=several([_change(line) for line in own])))
    return (*said, _NO_CAUSE) if said else ()


def _change(line: Line) -> Text:
    return _CHANGE.format(v=line.heading, w=line.said("waves"), f=line.figures(*_FIGURES))
