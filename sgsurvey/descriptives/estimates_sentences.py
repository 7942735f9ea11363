"""What a table of estimates says in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import MANY, Line, detailed, lines, ranked
from sgsurvey.text import Text, listed

_IS = Text("{x}为{e}（{ci}）", "{e} for {x} ({ci})")
_EACH = Text("{what}的估计值：{items}。", "Estimated {what}: {items}.")
_ENDS = Text(
    "{what}的估计值最高的是{high}，最低的是{low}。",
    "The estimated {what} is highest at {high} and lowest at {low}.",
)
_TOLD = Text("差别的方向可以判定的有{items}。", "The sign is told for {items}.")
_OPEN = Text(
    "{items}的方向尚不能判定，0两侧的取值都与数据相容。",
    "The sign of {items} cannot be decided: values on either side of 0 are compatible with the data.",
)
_EFFECT = Text(
    "设计效应最大的是{x}，其方差为同样大小的简单随机样本的{d}倍。",
    "The design effect is largest for {x}: its variance is {d} times that of a simple random sample of as many rows.",
)


def of_estimates(table: Table, what: Text) -> tuple[Text, ...]:
    """Each estimate with its interval, of many the ends, and the largest design effect.

    Parameters
    ----------
    table : Table
    what : Text
        The statistic.
    """
    found = [line for line in lines(table, "estimate") if line.limits("conf_low:conf_high")]
    if not found:
        return ()
    what = Text(what.zh, what.en.lower())
    if len(found) <= MANY:
        said = [_EACH.format(what=what, items=listed(_estimate(line) for line in found))]
    else:
        by_size = ranked(found, "estimate")
        said = [_ENDS.format(what=what, high=_estimate(by_size[-1]), low=_estimate(by_size[0]))]
    effects = lines(table, "deff") if any(column.key == "deff" for column in table.columns) else []
    if effects:
        largest = ranked(effects, "deff")[-1]
        said.append(_EFFECT.format(x=largest.named("words"), d=largest.said("deff")))
    return tuple(said)


def of_contrasts(table: Table) -> tuple[Text, ...]:
    """Which contrasts have a sign, and which are undecided."""
    found = lines(table, "estimate")
    sides = {told: [line for line in found if bool(line.side("conf_low:conf_high")) == told] for told in (True, False)}
    return tuple(
        words.format(items=detailed(sides[told], "words", "estimate", "conf_low:conf_high", "p_value"))
        for told, words in ((True, _TOLD), (False, _OPEN))
        if sides[told]
    )


def _estimate(line: Line) -> Text:
    return _IS.format(x=line.named("words"), e=line.said("estimate"), ci=line.figures("conf_low:conf_high"))
