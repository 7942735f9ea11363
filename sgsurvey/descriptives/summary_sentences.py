"""What descriptions of items and scales say in words."""

from __future__ import annotations

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import MANY, Line, among, lines
from sgsurvey.text import Text

_ONE = Text("{g}{x}的均值为{m}（{f}）。", "{g}{x} has mean {m} ({f}).")
_ENDS = Text(
    "{g}均值最高的是{high}（{m}，{f}），最低的是{low}（{k}，{h}）。",
    "{g}the highest mean is that of {high} ({m}, {f}), the lowest that of {low} ({k}, {h}).",
)
_OVERLAP = Text("二者的区间有重叠，高低之分不宜断定。", "Their intervals overlap: the order is not settled.")
_GROUP = Text("{g}中，", "{g}: ")
_AGREE = Text(
    "同意者比例最高的是{high}（{p}），不同意者比例最高的是{low}（{q}）。",
    "Agreement is most frequent for {high} ({p}), disagreement for {low} ({q}).",
)
_MEDIAN = Text(
    "人数少的组只报告中位数，最高的是{high}（{m}），最低的是{low}（{k}）。",
    "Of small groups only medians are told: the highest is that of {high} ({m}), the lowest that of {low} ({k}).",
)


def of_items(table: Table) -> tuple[Text, ...]:
    """The highest and lowest means, and what is most agreed and disagreed with."""
    said = _means(table, "item", "sd")
    agree, disagree = lines(table, "agree"), lines(table, "disagree")
    if len(agree) > 1 and len(disagree) > 1:
        high, low = _most(agree, "agree"), _most(disagree, "disagree")
        words = {"high": high.named("item"), "low": low.named("item")}
        said.append(_AGREE.format(p=high.said("agree"), q=low.said("disagree"), **words))
    return (*said, *_medians(table, "item"))


def of_scales(table: Table) -> tuple[Text, ...]:
    """The highest and lowest means with their intervals, of each group where there are few."""
    return (*_means(table, "construct", "conf_low:conf_high"), *_medians(table, "construct"))


def _means(table: Table, name: str, beside: str) -> list[Text]:
    """A sentence on the means of each group, or on all where there are many groups."""
    found = lines(table, "mean")
    groups = list(dict.fromkeys(line.heading for line in found))
    if len(groups) > MANY:
        return [_ends(found, name, beside, among(table, found), grouped=True)]
    of_group = ((group, [line for line in found if line.heading == group]) for group in groups)
    return [
        _ends(own, name, beside, _GROUP.format(g=group) if group.en else among(table, found), grouped=False)
        for group, own in of_group
    ]


def _ends(found: list[Line], name: str, beside: str, group: Text, *, grouped: bool) -> Text:
    high, low = _most(found, "mean"), _most(found, "mean", -1)
    names = [line.named(name) if grouped else line.said(name) for line in (high, low)]
    if len(found) == 1:
        return _sentence(_ONE.format(g=group, x=names[0], m=high.said("mean"), f=high.figures(beside)))
    said = _ENDS.format(
        g=group, high=names[0], m=high.said("mean"), f=high.figures(beside), low=names[1], k=low.said("mean"),
        h=low.figures(beside),
    )  # fmt: skip
    ends = high.limits(beside), low.limits(beside)
    if ends[0] and ends[1] and ends[0][0] <= ends[1][1]:
        said = Text(said.zh + _OVERLAP.zh, f"{said.en} {_OVERLAP.en}")
    return _sentence(said)


def _sentence(said: Text) -> Text:
    return Text(said.zh, said.en[:1].upper() + said.en[1:])


def _medians(table: Table, name: str) -> list[Text]:
    """The ends of the medians where nothing else is shown."""
    found = [line for line in lines(table, "median") if line.value("mean") is None] if _has(table, "top_two") else []
    if not found:
        return []
    high, low = _most(found, "median"), _most(found, "median", -1)
    words = {"high": high.named(name), "m": high.said("median"), "low": low.named(name), "k": low.said("median")}
    return [_MEDIAN.format(**words)]


def _has(table: Table, key: str) -> bool:
    return any(column.key == key for column in table.columns)


def _most(found: list[Line], key: str, sign: int = 1) -> Line:
    return max(found, key=lambda line: sign * (line.number(key) or 0.0))
