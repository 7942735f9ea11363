"""What tables of content validity say in words."""

from sgsurvey.tables.conventions import S_CVI_AVE
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, ranked, several
from sgsurvey.text import Text, listed

_ALL = Text("{n}个题项的I-CVI都达到标准。", "All {n} items reach the I-CVI asked for.")
_SOME = Text(
    "{n}个题项中有{k}个的I-CVI达到标准，未达标准的是{names}；最低的是{item}，I-CVI为{x}。",
    "The I-CVI asked for is reached by {k} of {n} items, and not by {names}; the lowest is {item} with {x}.",
)
_REACHED = Text("S-CVI/Ave为{x}，达到惯例值{least}。", "S-CVI/Ave is {x} and reaches the customary {least}.")
_BELOW = Text("S-CVI/Ave为{x}，低于惯例值{least}。", "S-CVI/Ave is {x}, under the customary {least}.")
_WIDE = Text(
    "专家只有{n}人，区间很宽，达标与否只宜作为修订题项的线索。",
    "With {n} experts intervals are wide: the verdicts point to items to revise and settle nothing.",
)
FEW = 5


def of_items(table: Table) -> tuple[Text, ...]:
    """Items that reach the convention, the lowest with its interval, the index of the scale, and the panel's size."""
    known = ranked(lines(table), "i_cvi")
    if not known:
        return ()
    below = [line for line in known if not line.value("acceptable")]
    lowest = known[0]
    said = [
        (_SOME if below else _ALL).format(
            n=len(known),
            k=len(known) - len(below),
            names=several(line.code("item") for line in below),
            item=lowest.code("item"),
            x=lowest.sized("i_cvi", "conf_low:conf_high"),
        )
    ]
    if averages := lines(table, "i_cvi", kind="stat"):
        average = averages[0]
        words = _REACHED if S_CVI_AVE.meets(average.number("i_cvi") or 0.0) else _BELOW
        said.append(words.format(x=average.said("i_cvi"), least=S_CVI_AVE.limit))
    if (experts := lowest.number("n_experts")) is not None and experts <= FEW:
        said.append(_WIDE.format(n=lowest.said("n_experts")))
    return tuple(said)


_EXPERTS = Text(
    "各专家评为相关的题项占{low}至{high}，最低的是{a}，最高的是{b}。",
    "Experts call between {low} and {high} of the items relevant: {a} the fewest, {b} the most.",
)
_EVERYTHING = Text(
    "{names}把所评题项全部评为相关，其评价无法区分题项。",
    "{names} called every item relevant, which does not tell the items apart.",
)


def of_experts(table: Table) -> tuple[Text, ...]:
    """The strictest and the kindest expert, and those who call everything relevant."""
    known = ranked(lines(table), "relevant")
    if len(known) < 2:
        return ()
    low, high = known[0], known[-1]
    said = [
        _EXPERTS.format(
            low=low.said("relevant"), high=high.said("relevant"), a=low.said("expert"), b=high.said("expert")
        )
    ]
    if whole := [line.said("expert") for line in known if line.number("relevant") == 1]:
        said.append(_EVERYTHING.format(names=listed(whole)))
    return tuple(said)
