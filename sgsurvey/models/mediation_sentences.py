"""What tables of a mediation say in words: direct and indirect parts of an association, and how sure they are."""

from __future__ import annotations

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, detailed, lines
from sgsurvey.text import Text

_ENDS = "conf_low:conf_high"
_TOLD = Text("区间不含0的有{items}。", "The interval leaves out 0 for {items}.")
_OPEN = Text(
    "{items}的方向尚不能判定，0两侧的取值都与数据相容。",
    "The sign of {items} cannot be decided: values on either side of 0 are compatible with the data.",
)
_SHARE = Text("{x}占总效应的{p}。", "{x}: {p} of the total.")
_STATISTICAL = Text(
    "这里分解的是横截面数据中的关联，不能证明谁先谁后、谁因谁果。",
    "What is taken apart is an association in one cross-section; it cannot show what comes first or what causes what.",
)
_INDEX = {
    True: Text("间接效应随{w}而异的路径有{items}。", "The indirect effect differs along {w} for {items}."),
    False: Text(
        "间接效应是否随{w}而异，尚不能判定的路径有{items}。",
        "Whether the indirect effect differs along {w} cannot be decided for {items}.",
    ),
}
_ALONG = Text("{w}由{a}到{b}，{x}由{low}变为{high}。", "From {w} = {a} to {b}, {x} goes from {low} to {high}.")


def of_effects(table: Table) -> tuple[Text, ...]:
    """Which effects have a sign, and what share of the total is indirect.

    The rows are the total, the direct effect, all indirect effects together, and each path.
    """
    found = [line for line in lines(table, "estimate") if line.limits(_ENDS)]
    if not found:
        return ()
    # One path is the same as all of them together.
    told = found[:3] if len(found) == 4 else found
    sides = {sure: [line for line in told if bool(line.side(_ENDS)) == sure] for sure in (True, False)}
    said = [
        words.format(items=detailed(sides[sure], "effect", "estimate", _ENDS))
        for sure, words in ((True, _TOLD), (False, _OPEN))
        if sides[sure]
    ]
    together = told[2] if len(told) > 2 else None
    if together is not None and together.value("share") is not None:
        said.append(_SHARE.format(x=together.said("effect"), p=together.said("share")))
    return (*said, _STATISTICAL)


def of_conditional(table: Table, moderator: Text, index: Text) -> tuple[Text, ...]:
    """Whether indirect effects differ along the moderator by their ``index``, and between which values they lie."""
    found = [line for line in lines(table, "estimate") if line.limits(_ENDS)]
    indices = [line for line in found if line.said("at") == index]
    sides = {sure: [line for line in indices if bool(line.side(_ENDS)) == sure] for sure in _INDEX}
    said = [
        words.format(w=moderator, items=detailed(sides[sure], "effect", "estimate", _ENDS))
        for sure, words in _INDEX.items()
        if sides[sure]
    ]
    values = [line for line in found if line not in indices]
    for effect in dict.fromkeys(line.said("effect") for line in indices or values):
        own = [line for line in values if line.said("effect") == effect]
        if len(own) > 1:
            said.append(_along(moderator, own))
    return tuple(said)


def _along(moderator: Text, own: list[Line]) -> Text:
    first, last = own[0], own[-1]
    return _ALONG.format(
        w=moderator, x=first.said("effect"), a=first.said("at"), b=last.said("at"), low=first.said("estimate"),
        high=last.said("estimate"),
    )  # fmt: skip
