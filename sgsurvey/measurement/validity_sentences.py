"""What tables of convergent and discriminant validity say in words."""

from collections.abc import Mapping

from sgsurvey.tables.conventions import DISTINCT_BELOW, OF_CONVERGENCE
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, paired, ranked, several
from sgsurvey.text import Text

LOADING, AVE = OF_CONVERGENCE["std"], OF_CONVERGENCE["ave"]
_CR = Text(
    "各维度的CR在{low}至{high}之间，AVE在{least}至{most}之间。",
    "CR of the constructs lies between {low} and {high}, AVE between {least} and {most}.",
)
_ONE = Text("{c}的CR为{cr}，AVE为{ave}。", "{c} has CR {cr} and AVE {ave}.")
_LOW = Text(
    "AVE低于惯例值{limit}的是{names}，其题项的变异多半不来自该维度。",
    "AVE is under the customary {limit} for {names}: most of the variance of the items is not the construct's.",
)
_UNSURE = Text(
    "AVE的估计值虽达{limit}，但区间下限在其以下、尚不能肯定的是{names}。",
    "AVE reaches {limit} while its interval begins below it, so that this is not assured, for {names}.",
)
_SHARED = Text(
    "AVE不大于MSV、与其他维度尚不能区分的是{names}。",
    "AVE does not exceed MSV, so that they are not told from other constructs, for {names}.",
)
_DISTINCT = Text("所有维度的AVE都大于MSV。", "AVE exceeds MSV for every construct.")


def of_factors(table: Table) -> tuple[Text, ...]:
    """Ranges of CR and AVE, constructs under the convention, those not assured, those not told from others."""
    by_cr, by_ave = (ranked(lines(table), key) for key in ("cr", "ave"))
    if not by_ave or not by_cr:
        return ()
    said = [
        _CR.format(
            low=by_cr[0].said("cr"), high=by_cr[-1].said("cr"), least=by_ave[0].said("ave"), most=by_ave[-1].said("ave")
        )
    ]
    if len(by_ave) == 1:
        line = by_ave[0]
        cr, ave = line.sized("cr", "cr_low:cr_high"), line.sized("ave", "ave_low:ave_high")
        said = [_ONE.format(c=line.named("construct"), cr=cr, ave=ave)]
    low = [line for line in by_ave if not AVE.meets(line.number("ave") or 0.0)]
    unsure = [line for line in by_ave if line not in low and line.holds("ave_low:ave_high", AVE.value)]
    judged = [line for line in by_ave if line.value("msv") is not None]
    shared = [line for line in judged if not line.value("discriminant")]
    for words, some in ((_LOW, low), (_UNSURE, unsure), (_SHARED, shared)):
        if some:
            said.append(words.format(limit=AVE.limit, names=several(line.named("construct") for line in some)))
    return (*said, _DISTINCT) if judged and not shared else tuple(said)


_LOADINGS = Text(
    "标准化载荷在{low}至{high}之间，最低的是{item}。",
    "Standardised loadings lie between {low} and {high}; the lowest is that of {item}.",
)
_WEAK = Text(
    "低于惯例值{limit}的是{names}，这些题项与维度的联系弱，须先查看措辞与计分方向。",
    "They are under the customary {limit} for {names}, which are tied to their constructs but weakly: look at wording "
    "and key first.",
)
_STRONG = Text("各题项的载荷都不低于惯例值{limit}。", "No loading is under the customary {limit}.")


def of_convergent(table: Table) -> tuple[Text, ...]:
    """The range of standardised loadings, and the items under the convention."""
    known = ranked(lines(table), "std")
    if not known:
        return ()
    low, high = known[0], known[-1]
    weak = [line.code("item") for line in known if not LOADING.meets(line.number("std") or 0.0)]
    said = _LOADINGS.format(low=low.said("std"), high=high.said("std"), item=low.code("item"))
    return said, (_WEAK if weak else _STRONG).format(limit=LOADING.limit, names=several(weak))


_ROOTS = Text(
    "各维度AVE的平方根都大于它与其他维度的相关。",
    "The root of AVE exceeds the correlations of its construct throughout.",
)
_BELOW = Text(
    "相关不小于其中一个维度AVE的平方根、尚不能区分的是{pairs}。",
    "A correlation is as large as the root of AVE of one of the two, so that they are not told apart, for {pairs}.",
)
_HIGHEST = Text(
    "HTMT最高的是{pair}，为{x}；能否区分要看其区间是否全在0.90以下。",
    "The highest HTMT is that of {pair}, {x}; whether the two are distinct depends on its whole interval being below "
    ".90.",
)
_BEYOND = Text(
    "HTMT最高的是{pair}，为{x}，不低于0.90，尚不能认为二者可以区分。",
    "The highest HTMT is that of {pair}, {x}, not below .90: they cannot be taken to be distinct.",
)


def of_matrix(table: Table) -> tuple[Text, ...]:
    """Pairs that fail Fornell and Larcker's comparison, and the highest HTMT, group by group together."""
    keys = [column.key for column in table.columns[1:]]
    every = lines(table)
    blocks = [every[i : i + len(keys)] for i in range(0, len(every), len(keys))]
    close, ratios, compared = [], [], 0
    for block in blocks:
        names = [line.named("construct", i) for i, line in enumerate(block, 1)]
        for i in range(len(block)):
            for j in range(i):
                pair = paired(names[j], names[i])
                r, roots = block[i].number(keys[j]), [block[k].number(keys[k]) for k in (i, j)]
                known = [root for root in roots if root is not None]
                if r is not None and known:
                    compared += 1
                    close += [pair] if abs(r) >= min(known) else []
                if (ratio := block[j].number(keys[i])) is not None:
                    ratios.append((ratio, pair, block[j].said(keys[i])))
    said = [] if not compared else [_BELOW.format(pairs=several(close)) if close else _ROOTS]
    if ratios:
        ratio, pair, shown = max(ratios, key=lambda found: found[0])
        said.append((_BEYOND if ratio >= DISTINCT_BELOW else _HIGHEST).format(pair=pair, x=shown))
    return tuple(said)


_RATIO = Text("{pair}的HTMT为{x}。", "HTMT of {pair} is {x}.")
_RATIOS = Text(
    "HTMT在{low}至{high}之间，最高的是{pair}。",
    "HTMT lies between {low} and {high}; the highest is that of {pair}.",
)
_OF_VERDICT = {
    "distinct": (
        Text(
            "区间全在0.90以下、可以区分的有{k}对。",
            "The whole interval is below .90, so that they are distinct, for {k} of the pairs.",
        ),
        Text("该区间全在0.90以下，二者可以区分。", "Its whole interval is below .90: the two are distinct."),
    ),
    "not distinct": (
        Text("区间全在0.90以上、不可区分的是{names}。", "It is above .90, so that they are not distinct, for {names}."),
        Text("该区间全在0.90以上，二者不可区分。", "Its whole interval is above .90: the two are not distinct."),
    ),
    "unclear": (
        Text(
            "区间跨过0.90、能否区分尚不能判定的是{names}。",
            "It includes .90, so that this cannot be decided, for {names}.",
        ),
        Text(
            "该区间跨过0.90，二者能否区分尚不能判定。",
            "Its interval includes .90: whether the two are distinct cannot be decided.",
        ),
    ),
}


def of_ratios(table: Table, verdicts: Mapping[str, Text]) -> tuple[Text, ...]:
    """The highest ratio with its interval, and the pairs by verdict."""
    known = ranked(lines(table), "htmt")
    if not known:
        return ()
    high = known[-1]
    shown = high.sized("htmt", "htmt_low:htmt_high")
    head = _RATIO if len(known) == 1 else _RATIOS
    said = [head.format(pair=high.said("pair"), low=known[0].said("htmt"), high=shown, x=shown)]
    for verdict, (of_many, one) in _OF_VERDICT.items():
        if some := [line for line in known if line.value("verdict") == verdicts[verdict]]:
            names = several(line.said("pair") for line in some)
            said.append(one if len(known) == 1 else of_many.format(k=len(some), names=names))
    return tuple(said)
