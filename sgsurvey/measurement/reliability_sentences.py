"""What tables of reliability say in words."""

from collections.abc import Sequence

from sgsurvey.measurement.reliability_words import KINDS
from sgsurvey.tables.conventions import OF_RELIABILITY
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import Text

ALPHA = OF_RELIABILITY["alpha"]
_ONE = Text("{s}的α系数为{a}{o}。", "{s} has alpha {a}{o}.")
_OMEGA = Text("，ω系数为{w}", ", and omega {w}")
_RANGE = Text(
    "各量表的α系数在{low}至{high}之间，最低的是{s}（{ci}）。",
    "Alpha of the scales lies between {low} and {high}; the lowest is that of {s} ({ci}).",
)
_BELOW = Text(
    "置信下限低于惯例值{least}、信度尚不足以肯定的是{names}。",
    "The lower limit is under the customary {least}, so that reliability is not assured, for {names}.",
)
_ALL = Text("置信下限不低于惯例值{least}。", "No lower limit is under the customary {least}.")


def of_scales(table: Table) -> tuple[Text, ...]:
    """Range of alpha, the lowest with its interval, and the scales whose lower limit is under the convention."""
    known = ranked(lines(table), "alpha")
    if not known:
        return ()
    lowest, highest = known[0], known[-1]
    ends = "conf_low:conf_high"
    if len(known) == 1:
        omega = Text("", "") if lowest.value("omega") is None else _OMEGA.format(w=lowest.said("omega"))
        first = _ONE.format(s=lowest.named("construct"), a=lowest.sized("alpha", ends), o=omega)
    else:
        first = _RANGE.format(
            low=lowest.said("alpha"), high=highest.said("alpha"), s=lowest.named("construct"), ci=lowest.interval(ends)
        )
    bounds = [(line, limits[0]) for line in known if (limits := line.limits(ends))]
    if not bounds:
        return (first,)
    unsure = [line.named("construct") for line, low in bounds if not ALPHA.meets(low)]
    return first, (_BELOW if unsure else _ALL).format(least=ALPHA.limit, names=several(unsure))


CITC = OF_RELIABILITY["citc"]
_CITC = Text(
    "各题项的校正项总计相关（CITC）在{low}至{high}之间，最低的是{item}。",
    "Corrected item–total correlations lie between {low} and {high}; the lowest is that of {item}.",
)
_WEAK = Text(
    "CITC低于惯例值{least}的是{names}，须查看这些题项的措辞和计分方向。",
    "They are under the customary {least} for {names}: look at their wording and key.",
)
_RISES = Text(
    "删除后α反而升高的是{names}；是否删除应看内容，不能只凭α。",
    "Alpha would be higher without {names}; whether to delete is a question of content, not of alpha alone.",
)
_NEITHER = Text(
    "没有题项的CITC低于惯例值{least}，也没有题项删除后α会升高。",
    "No item is under the customary {least}, and without no item would alpha be higher.",
)


def of_items(table: Table) -> tuple[Text, ...]:
    """The range of item-total correlations, items under the convention, and items without which alpha rises."""
    every = lines(table)
    known = ranked(every, "citc")
    if not known:
        return ()
    low, high = known[0], known[-1]
    said = [_CITC.format(low=low.said("citc"), high=high.said("citc"), item=_item(low))]
    weak = [line for line in known if not CITC.meets(line.number("citc") or 0.0)]
    rises = _without_which_alpha_rises(every)
    for words, some in ((_WEAK, weak), (_RISES, rises)):
        if some:
            said.append(words.format(least=CITC.limit, names=several(map(_item, some))))
    return tuple(said) if weak or rises else (*said, _NEITHER.format(least=CITC.limit))


def _without_which_alpha_rises(every: Sequence[Line]) -> list[Line]:
    """Alpha stands on the first line of its scale."""
    found, alpha = [], None
    for line in every:
        alpha = line.number("alpha") if line.value("alpha") is not None else alpha
        without = line.number("alpha_if_dropped")
        if alpha is not None and without is not None and without > alpha:
            found.append(line)
    return found


_OF_SCALE = Text("{item}（{s}）", "{item} ({s})")


def _item(line: Line) -> Text:
    """The item's code and the heading that it stands under."""
    return line.code("item") if line.group is None else _OF_SCALE.format(item=line.code("item"), s=line.heading)


_SPLIT = Text(
    "{s}的奇偶分半信度（Spearman–Brown）为{x}。", "Split-half reliability (odd–even, Spearman–Brown) of {s} is {x}."
)
_SPLITS = Text(
    "奇偶分半信度（Spearman–Brown）最低的是{s}，为{x}，最高为{high}。",
    "Split-half reliability (odd–even, Spearman–Brown) is lowest for {s}, {x}; the highest is {high}.",
)
_SPREAD = Text(
    "同一量表因分法不同，系数可从{low}到{high}（{s}），单凭一种分半不足以说明信度。",
    "By another split the coefficient of one scale goes from {low} to {high} ({s}): one split says little by itself.",
)


def of_splits(table: Table) -> tuple[Text, ...]:
    """The customary split with its interval, and how far splits of one scale differ."""
    odd_even = ranked(_of_kind(table, "odd_even_spearman_brown"), "estimate")
    if not odd_even:
        return ()
    low, high = odd_even[0], odd_even[-1]
    head = _SPLIT if len(odd_even) == 1 else _SPLITS
    said = [head.format(s=low.heading, x=low.sized("estimate", "conf_low:conf_high"), high=high.said("estimate"))]
    best = {line.heading: line for line in _of_kind(table, "lambda4")}
    spread = [(worst, best[worst.heading]) for worst in _of_kind(table, "split_lowest") if worst.heading in best]
    if spread:
        worst, other = max(
            spread, key=lambda ends: (ends[1].number("estimate") or 0) - (ends[0].number("estimate") or 0)
        )
        said.append(_SPREAD.format(low=worst.said("estimate"), high=other.said("estimate"), s=worst.heading))
    return tuple(said)


def _of_kind(table: Table, kind: str) -> list[Line]:
    return [line for line in lines(table, "estimate") if line.value("coefficient") == KINDS[kind]]


_BOTH = Text("{s}的α为{a}，总ω为{w}。", "{s} has alpha {a} and omega total {w}.")
_COEFFICIENTS = Text(
    "α最低的是{s}，为{a}；总ω最低的是{t}，为{w}。",
    "Alpha is lowest for {s}, {a}; omega total for {t}, {w}.",
)
_CHOOSE = Text(
    "各系数的假定不同，数值自然有别；应报告事先选定的系数，而不是其中最高的。",
    "Coefficients differ as their assumptions do: report the one that was chosen beforehand, not the highest.",
)


def of_coefficients(table: Table) -> tuple[Text, ...]:
    """Alpha and omega with their intervals, of the scale where they are lowest, and which to report."""
    alphas, omegas = (ranked(_of_kind(table, kind), "estimate") for kind in ("alpha", "omega"))
    if not alphas or not omegas:
        return ()
    a, w = alphas[0], omegas[0]
    head = _BOTH if len(alphas) == 1 else _COEFFICIENTS
    shown = {"a": a.sized("estimate", "conf_low:conf_high"), "w": w.sized("estimate", "conf_low:conf_high")}
    return head.format(s=a.heading, t=w.heading, **shown), _CHOOSE
