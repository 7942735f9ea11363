"""What tables of a moderation say in words: whether a slope differs along the moderator, and where it has a sign."""

from __future__ import annotations

from dataclasses import dataclass

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, detailed, foot, lines
from sgsurvey.text import SEMICOLON, Text, listed

TEST = Text("交互项检验", "Test of the interaction")
ADDED = Text("交互项ΔR²", "ΔR² of the interaction")
_TOLD = Text(
    "{x}与{y}的关联随{w}而异：{test}，ΔR² = {d}。",
    "How {x} goes with {y} differs along {w}: {test}, ΔR² = {d}.",
)
_OPEN = Text(
    "{x}与{y}的关联是否随{w}而异，尚不能判定：{test}，ΔR² = {d}。",
    "Whether the association of {x} with {y} differs along {w} cannot be decided: {test}, ΔR² = {d}.",
)
_TERM = Text("乘积项的系数：{items}。", "Coefficient of the product: {items}.")
_SLOPES = {
    1: Text("斜率为正的情形：{w}取{items}。", "The slope of {x} is positive where {w} is {items}."),
    -1: Text("斜率为负的情形：{w}取{items}。", "The slope of {x} is negative where {w} is {items}."),
    0: Text(
        "{w}取{items}时，斜率的方向尚不能判定，0两侧的取值都与数据相容。",
        "Where {w} is {items}, the sign of the slope cannot be decided: values on either side of 0 are compatible with "
        "the data.",
    ),
}
_REGION = Text("{w}在{low_high}时，斜率{sign}{share}", "where {w} is in {low_high}, the slope is {sign}{share}")
_SHARE = Text("（占样本{share}）", " ({share} of the rows)")
_RULE = Text("按“{rule}”的判据：{items}。", "By the rule “{rule}”: {items}.")


@dataclass(frozen=True)
class Roles:
    """The words of predictor, moderator and outcome."""

    x: Text
    w: Text
    y: Text


def of_moderation(table: Table, roles: Roles, *, differs: bool) -> tuple[Text, ...]:
    """Whether the slope differs along the moderator, and the product's coefficient."""
    test, added = foot(table, TEST), foot(table, ADDED)
    if test is None or added is None:
        return ()
    first = (_TOLD if differs else _OPEN).format(x=roles.x, y=roles.y, w=roles.w, test=test, d=added)
    products = [line for line in lines(table, "estimate") if " × " in line.said("term").en]
    own = [line for line in products if line.limits("conf_low:conf_high")]
    if not own:
        return (first,)
    return first, _TERM.format(items=detailed(own, "term", "estimate", "conf_low:conf_high", "p_value"))


def of_slopes(table: Table, roles: Roles) -> tuple[Text, ...]:
    """Where the slope has a sign, and where that is undecided."""
    found = [line for line in lines(table, "estimate") if line.limits("conf_low:conf_high")]
    sides = {side: [line for line in found if line.side("conf_low:conf_high") == side] for side in _SLOPES}
    return tuple(
        words.format(x=roles.x, w=roles.w, items=detailed(sides[side], "place", "estimate", "conf_low:conf_high"))
        for side, words in _SLOPES.items()
        if sides[side]
    )


def of_regions(table: Table, roles: Roles) -> tuple[Text, ...]:
    """The regions of the strictest rule, which is the last."""
    found = lines(table, "low:high")
    if not found:
        return ()
    last = found[-1].heading
    items = listed((_region(line, roles) for line in found if line.heading == last), SEMICOLON)
    return (_RULE.format(rule=last, items=items),)


def _region(line: Line, roles: Roles) -> Text:
    share = Text("", "") if line.value("share") is None else _SHARE.format(share=line.said("share"))
    return _REGION.format(w=roles.w, low_high=line.said("low:high"), sign=line.said("sign"), share=share)
