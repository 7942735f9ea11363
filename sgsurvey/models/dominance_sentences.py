"""What relative importances say in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines
from sgsurvey.text import Text, listed

_ENDS = "conf_low:conf_high"
_FIRST = Text("重要性依次为{items}。", "In order of importance: {items}.")
_ITEM = Text("{x}（{f}，占{p}）", "{x} ({f}, {p} of all)")
_BOOTSTRAP = Text("{x}在{p}的重抽样中居首。", "{x} comes first in {p} of the resamples.")
_OVERLAP = Text(
    "{a}与{b}的区间有重叠，二者的先后不宜断定。", "The intervals of {a} and {b} overlap: their order is not settled."
)
_KIND = Text(
    "重要性说的是与{y}共同变化的多少，没有正负，也不是因果。",
    "Importance is how much goes along with {y}; it has no sign and is not shown to be causal.",
)


def of_dominance(table: Table, outcome: Text) -> tuple[Text, ...]:
    """The most important predictors in order, and whether the first is apart from the second."""
    found = lines(table, "estimate", "share")
    if not found:
        return ()
    said = [_FIRST.format(items=listed(_item(line) for line in found[:3]))]
    first = found[0]
    if "p_first" in first.cells and first.value("p_first") is not None:
        said.append(_BOOTSTRAP.format(x=first.named("term"), p=first.said("p_first")))
    if len(found) > 1 and _ENDS in first.cells:
        ends = first.limits(_ENDS), found[1].limits(_ENDS)
        if ends[0] and ends[1] and ends[0][0] <= ends[1][1]:
            said.append(_OVERLAP.format(a=first.named("term"), b=found[1].named("term")))
    return (*said, _KIND.format(y=outcome))


def _item(line: Line) -> Text:
    return _ITEM.format(x=line.named("term"), f=line.figures("estimate", _ENDS), p=line.said("share"))
