"""What tables of willingness to pay say in words."""

from __future__ import annotations

from collections.abc import Collection

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked
from sgsurvey.text import Text

_IS = Text("支付意愿的{s}估计为{e}（{ci}）。", "Willingness to pay – {s}: {e} ({ci}).")
_MEANS = Text(
    "均值的各种估计介于{low}至{high}，视如何处理曲线的两端而定。",
    "Estimates of the mean lie between {low} and {high}, as the ends of the curve are treated.",
)
_BOUND = Text("不依赖曲线形状的{s}为{e}（{ci}）。", "{s}: {e} ({ci}).")
_STATED = Text(
    "这些是对假设性问题的回答，不是实际支付。", "These are answers to a hypothetical question, not payments."
)
_ACCEPT = Text(
    "报价由{a}到{b}，接受的比例由{p}（{f}）变为{q}（{g}）。",
    "From the price {a} to {b} acceptance goes from {p} ({f}) to {q} ({g}).",
)
_ACCEPT_ONE = Text("报价为{a}时，接受的占{p}（{f}）。", "At the price {a}, {p} accept ({f}).")
_ENDS = "conf_low:conf_high"


def of_willingness(table: Table, means: Collection[Text], bound: Text) -> tuple[Text, ...]:
    """The median, how far the means of the curve agree, and what holds without the curve.

    Parameters
    ----------
    table : Table
        The median first.
    means : collection of Text
        The statistics that are means.
    bound : Text
        The one that is a lower bound without a curve.
    """
    found = lines(table, "estimate")
    if not found:
        return ()
    said = [_estimate(_IS, found[0])]
    averages = ranked((line for line in found if line.said("statistic") in means), "estimate")
    if len(averages) > 1:
        said.append(_MEANS.format(low=averages[0].said("estimate"), high=averages[-1].said("estimate")))
    said += [_estimate(_BOUND, line) for line in found[1:] if line.said("statistic") == bound]
    return (*said, _STATED)


def of_acceptance(table: Table) -> tuple[Text, ...]:
    """The shares that accept the lowest and the highest price of those shown."""
    found = lines(table, "accepted")
    if not found:
        return ()
    low, high = found[0], found[-1]
    first = {"a": low.said("bid"), "p": low.said("accepted"), "f": low.figures(_ENDS)}
    if len(found) == 1:
        return (_ACCEPT_ONE.format(**first),)
    return (_ACCEPT.format(**first, b=high.said("bid"), q=high.said("accepted"), g=high.figures(_ENDS)),)


def _estimate(words: Text, line: Line) -> Text:
    return words.format(s=line.said("statistic"), e=line.said("estimate"), ci=line.figures(_ENDS))
