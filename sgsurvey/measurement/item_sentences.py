"""What tables of item discrimination and of item selection say in words."""

from sgsurvey.tables.conventions import OF_DISCRIMINATION
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, ranked, several
from sgsurvey.text import Text

RATIO, P_VALUE, CITC = (OF_DISCRIMINATION[key] for key in ("statistic", "p_value", "citc"))
_RATIOS = Text(
    "各题项的决断值（CR）在{low}至{high}之间，最低的是{item}。",
    "Critical ratios of the items lie between {low} and {high}; the lowest is that of {item}.",
)
_RATIO = Text("{item}的决断值（CR）为{high}，{p}。", "The critical ratio of {item} is {high}, {p}.")
_ALL = Text(
    "全部题项都达到惯例（CR ≥ {cr}，均值检验与秩检验的p都小于{p}）。",
    "All items meet the convention (CR ≥ {cr}, and p below {p} by means and by ranks).",
)
_SHORT = Text(
    "未达惯例（CR ≥ {cr}，均值检验与秩检验的p都小于{p}）、区分度尚不能肯定的是{names}。",
    "Discrimination is not assured, short of the convention (CR ≥ {cr}, and p below {p} by means and by ranks), for "
    "{names}.",
)
_LOW_CITC = Text("CITC低于{least}的是{names}。", "The corrected item–total correlation is under {least} for {names}.")
_READ = Text(
    "CR只比较总分的两端，必然偏大，取舍题项应以CITC和内容为主。",
    "CR compares the ends of the total alone and comes out large: judge items by the item–total correlation and by "
    "content.",
)


def of_discrimination(table: Table) -> tuple[Text, ...]:
    """The range of critical ratios, and the items that fall short of either convention."""
    known = ranked(lines(table, "p_value"), "statistic")
    if not known:
        return ()
    low, high = known[0], known[-1]
    head = _RATIO if len(known) == 1 else _RATIOS
    said = [
        head.format(
            low=low.said("statistic"), high=high.said("statistic"), item=low.code("item"), p=low.said("p_value")
        )
    ]
    short = [
        line
        for line in known
        if not RATIO.meets(line.number("statistic") or 0.0)
        or not P_VALUE.meets(max(line.number("p_value") or 0.0, line.number("rank_p") or 0.0))
    ]
    weak = [line for line in ranked(known, "citc") if not CITC.meets(line.number("citc") or 0.0)]
    words = _SHORT if short else _ALL
    said.append(words.format(cr=RATIO.limit, p=P_VALUE.limit, names=several(line.code("item") for line in short)))
    if weak:
        said.append(_LOW_CITC.format(least=CITC.limit, names=several(line.code("item") for line in weak)))
    return (*said, _READ)


_KEPT_ALL = Text("按事先规定的规则，{n}个题项全部保留。", "By the rules set beforehand all {n} items stay.")
_DELETED = Text(
    "按事先规定的规则，{n}个题项中保留{k}个，删除{names}。",
    "By the rules set beforehand {k} of {n} items stay; deleted: {names}.",
)
_WEAKEST = Text(
    "保留题项中CITC最低的是{item}，为{r}。",
    "Of those kept the lowest corrected item–total correlation is that of {item}, {r}.",
)
_CHANCES = Text(
    "筛选利用了本样本的偶然性，量表的信度须由正式调查检验。",
    "Selection uses the chances of this sample: the reliability of the scales is for the survey proper to show.",
)


def of_selection(table: Table, kept: Text) -> tuple[Text, ...]:
    """How many items stay, which go, and the weakest that stays; ``kept`` is the word of the decision."""
    every = lines(table, "citc")
    stay = [line for line in every if line.value("decision") == kept]
    gone = [line.code("item") for line in every if line.value("decision") != kept]
    if not every:
        return ()
    head = _DELETED if gone else _KEPT_ALL
    said = [head.format(n=len(every), k=len(stay), names=several(gone))]
    if weakest := ranked(stay, "citc")[:1]:
        said.append(_WEAKEST.format(item=weakest[0].code("item"), r=weakest[0].said("citc")))
    return (*said, _CHANCES)
