"""What a gap taken apart says in words."""

from __future__ import annotations

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import detailed, lines
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

_ENDS = "conf_low:conf_high"
_GAP = Text(
    "{a}的均值为{m}，{b}的均值为{k}，相差{d}（{f}）。",
    "The mean is {m} for {a} and {k} for {b}, a difference of {d} ({f}).",
)
_OPEN = Text(
    "差值的方向尚不能判定，以下各部分只作描述。",
    "The sign of the gap cannot be decided, so that its parts are read as description only.",
)
_PARTS = Text(
    "两组特征的不同对应差值中的{e}（{f}），其余{u}（{g}）未由模型解释；未解释不等于不公平。",
    "Different characteristics go with {e} of the gap ({f}); {u} ({g}) the model leaves unexplained, which is no "
    "proof of unequal treatment.",
)
_TOLD = Text("可解释部分中，区间不含0的有{items}。", "Of the explained part, intervals leave out 0 for {items}.")
_UNTOLD = Text(
    "可解释部分中，{items}的份额尚不能判定方向。", "Of the explained part, the sign cannot be decided for {items}."
)


def of_gap(table: Table) -> tuple[Text, ...]:
    """The two means, the gap, and its explained and unexplained parts, which are the first rows."""
    found = lines(table, "estimate")[:5]
    if len(found) < 5:
        return ()
    first, second, gap, explained, unexplained = found
    means = {
        "a": first.said("part"),
        "m": first.said("estimate"),
        "b": second.said("part"),
        "k": second.said("estimate"),
    }
    said = [_GAP.format(d=gap.said("estimate"), f=gap.figures(_ENDS, "p_value"), **means)]
    if not gap.side(_ENDS):
        said.append(_OPEN)
    parts = {"e": explained.said("estimate"), "u": unexplained.said("estimate")}
    said.append(_PARTS.format(f=explained.figures(_ENDS), g=unexplained.figures(_ENDS), **parts))
    return tuple(said)


def of_contributions(table: Table, explained: Text) -> tuple[Text, ...]:
    """Whose contributions to the explained part have a sign; the rest splits by the choice of reference categories."""
    found = [
        line
        for line in lines(table, "estimate")
        if line.heading == explained and line.value("term") != HEADS["constant"] and line.limits(_ENDS)
    ]
    sides = {sure: [line for line in found if bool(line.side(_ENDS)) == sure] for sure in (True, False)}
    own = {sure: [line.alone() for line in side] for sure, side in sides.items()}
    return tuple(
        words.format(items=detailed(own[sure], "term", "estimate", _ENDS))
        for sure, words in ((True, _TOLD), (False, _UNTOLD))
        if own[sure]
    )
