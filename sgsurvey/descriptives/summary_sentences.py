"""What descriptions of items and scales say in words."""

from __future__ import annotations

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import MANY, Line, among, as_sentence, lines
from sgsurvey.text import Text

_ONE = Text("{g}{x}的均值为{m}。", "{g}the mean of {x} is {m}.")
_ENDS = Text(
    "{g}均值最高的是{high}（{m}），最低的是{low}（{k}）。",
    "{g}the highest mean is that of {high} ({m}), the lowest that of {low} ({k}).",
)
_OVERLAP = Text("二者的区间有重叠，高低之分不宜断定。", "Their intervals overlap: the order is not settled.")
_GROUP = Text("{g}中，", "{g}: ")
_AGREE = Text(
    "同意者比例最高的是{high}（{p}），不同意者比例最高的是{low}（{q}）；反向题按原始作答。",
    "Agreement is most frequent for {high} ({p}), disagreement for {low} ({q}); reversed items are as answered.",
)
_MEDIAN = Text(
    "人数少的组只报告中位数，最高的是{high}（{m}），最低的是{low}（{k}）。",
    "Of small groups only medians are told: the highest is that of {high} ({m}), the lowest that of {low} ({k}).",
)


def of_items(table: Table) -> tuple[Text, ...]:
    """The highest and lowest means, and what is most agreed and disagreed with."""
    found = lines(table, "mean")
    said = [_ends(found, "item", "sd", among(table, "mean"))] if found else []
    agree, disagree = lines(table, "agree"), lines(table, "disagree")
    if len(agree) > 1 and len(disagree) > 1:
        high, low = _most(agree, "agree"), _most(disagree, "disagree")
        words = {"high": high.named("item"), "low": low.named("item")}
        said.append(_AGREE.format(p=high.said("agree"), q=low.said("disagree"), **words))
    return (*said, *_medians(table, "item"))


def of_scales(table: Table) -> tuple[Text, ...]:
    """The highest and lowest means with their intervals, of each group where there are few."""
    found, beside = lines(table, "mean"), "conf_low:conf_high"
    groups = list(dict.fromkeys(line.heading for line in found))
    if len(groups) > MANY or (groups and not groups[0].en):
        means = [_ends(found, "construct", beside, among(table, "mean"))]
    else:
        parts = [(group, [line.alone() for line in found if line.heading == group]) for group in groups]
        means = [_ends(own, "construct", beside, _GROUP.format(g=group)) for group, own in parts]
    return (*means, *_medians(table, "construct"))


def _ends(found: list[Line], name: str, beside: str, beginning: Text) -> Text:
    high, low = _most(found, "mean"), _most(found, "mean", -1)
    if len(found) == 1:
        return as_sentence(_ONE.format(g=beginning, x=high.named(name), m=_mean(high, beside)))
    words = {"high": high.named(name), "m": _mean(high, beside), "low": low.named(name), "k": _mean(low, beside)}
    said = _ENDS.format(g=beginning, **words)
    ends = high.limits(beside), low.limits(beside)
    if ends[0] and ends[1] and ends[0][0] <= ends[1][1]:
        said = Text(said.zh + _OVERLAP.zh, f"{said.en} {_OVERLAP.en}")
    return as_sentence(said)


def _mean(line: Line, beside: str) -> Text:
    mean, more = line.said("mean"), line.figures(beside)
    return Text(f"{mean.zh}，{more.zh}", f"{mean.en}, {more.en}") if more.en else mean


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
