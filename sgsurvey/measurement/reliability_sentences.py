"""What a table of reliability says in words."""

from sgsurvey.measurement.reliability_words import CUSTOMARY
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines
from sgsurvey.text import Text, listed

_ONE = Text("{s}的α系数为{a}，置信区间{ci}{o}。", "{s} has alpha {a}, interval {ci}{o}.")
_OMEGA = Text("，ω系数为{w}", ", and omega {w}")
_RANGE = Text(
    "各量表的α系数在{low}至{high}之间，最低的是{s}（置信区间{ci}）。",
    "Alpha of the scales lies between {low} and {high}; the lowest is that of {s} (interval {ci}).",
)
_BELOW = Text(
    "置信下限低于惯例值0.70的有：{names}；这些量表的信度尚不足以肯定。",
    "The lower limit is under the customary .70 for {names}: their reliability is not assured.",
)
_ALL = Text("所有置信下限都不低于惯例值0.70。", "No lower limit is under the customary .70.")


def of_scales(table: Table) -> tuple[Text, ...]:
    """Range of alpha, the lowest with its interval, and the scales whose lower limit is under the convention."""
    known = lines(table, "alpha")
    if not known:
        return ()
    by_alpha = sorted(known, key=lambda line: line.number("alpha") or 0.0)
    lowest, highest = by_alpha[0], by_alpha[-1]
    interval = lowest.said("conf_low:conf_high")
    if len(known) == 1:
        omega = Text("", "") if lowest.value("omega") is None else _OMEGA.format(w=lowest.said("omega"))
        first = _ONE.format(s=lowest.named("construct"), a=lowest.said("alpha"), ci=interval, o=omega)
    else:
        first = _RANGE.format(
            low=lowest.said("alpha"), high=highest.said("alpha"), s=lowest.named("construct"), ci=interval
        )
    unsure = [line for line in known if (ends := line.limits("conf_low:conf_high")) and ends[0] < CUSTOMARY]
    return first, _BELOW.format(names=listed(line.named("construct") for line in unsure)) if unsure else _ALL
