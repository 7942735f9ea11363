"""What tables of a factor solution say in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sgsurvey.measurement.model_phrases import UNDECIDED
from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, Pair, lines, pairs, ranked, several
from sgsurvey.text import Text

# Correlations of factors beyond which they may measure one thing (Brown, 2015, Confirmatory Factor Analysis, p. 28).
HIGH = 0.80


@dataclass(frozen=True, slots=True)
class _Main:
    """An item and the column of its largest loading."""

    line: Line
    key: str

    @property
    def size(self) -> float:
        return abs(self.line.number(self.key) or 0.0)

    @property
    def item(self) -> Text:
        return self.line.code("item")

    @property
    def shown(self) -> Text:
        """The size as running text prints it."""
        return self.line.size(self.key)


def _by_size(table: Table, keys: Sequence[str]) -> list[_Main]:
    """Items with a loading that is shown, by the size of their largest."""
    found = []
    for line in lines(table):
        sizes = {key: abs(number) for key in keys if (number := line.number(key)) is not None}
        if sizes:
            found.append(_Main(line, max(sizes, key=sizes.__getitem__)))
    return sorted(found, key=lambda main: main.size)


_EXPLAINED = Text("{k}个因子共解释方差的{x}。", "Together {k} factors explain {x} of the variance.")
_ONE_EXPLAINS = Text("这一个因子解释方差的{x}。", "The one factor explains {x} of the variance.")
_RANGE = Text(
    "所列题项的最大载荷（绝对值）在{low}至{high}之间，最低的是{item}。",
    "Of the loadings shown the largest of each item is between {low} and {high} in size; the lowest is that of {item}.",
)
_WITHOUT = Text(
    "在任何因子上的载荷都不到{limit}、几乎不为因子所解释的是{names}。",
    "No loading reaches {limit} for {names}, which the factors hardly explain.",
)
_CROSSED = Text(
    "在不止一个因子上的载荷达到{limit}、归属尚不明确的是{names}。",
    "More than one loading reaches {limit} for {names}: which factor they belong to is not clear.",
)
_ELSEWHERE = Text(
    "因子结构随样本、提取与旋转方法而变，须用另外的数据做验证性检验。",
    "Such a structure varies with sample, extraction and rotation, and needs other data to confirm it.",
)


def of_loadings(table: Table, limit: Text | None) -> tuple[Text, ...]:
    """Variance explained, the range of main loadings, items without one and items with several.

    ``limit``: loadings below it are left blank; None where all are shown.
    """
    keys = [column.key for column in table.columns[1:-1]]
    found = _by_size(table, keys)
    if not found:
        return ()
    said = [*_explained(table, len(keys)), _range(found)]
    if limit is not None:
        without = [line.code("item") for line in lines(table, "communality") if not _shown(line, keys)]
        crossed = [main.item for main in found if len(_shown(main.line, keys)) > 1]
        said += [_WITHOUT.format(limit=limit, names=several(without))] if without else []
        said += [_CROSSED.format(limit=limit, names=several(crossed))] if crossed else []
    return (*said, _ELSEWHERE)


def _shown(line: Line, keys: Sequence[str]) -> list[str]:
    return [key for key in keys if line.number(key) is not None]


def _explained(table: Table, k: int) -> list[Text]:
    """From the last line under the body."""
    shares = lines(table, "communality", kind="stat")
    head = _EXPLAINED if k > 1 else _ONE_EXPLAINS
    return [head.format(k=k, x=line.said("communality")) for line in shares[-1:]]


def _range(found: Sequence[_Main]) -> Text:
    return _RANGE.format(low=found[0].shown, high=found[-1].shown, item=found[0].item)


def of_pattern(table: Table) -> tuple[Text, ...]:
    """The range of main pattern coefficients, the item least explained, and correlations of the factors."""
    keys = [column.key for column in table.columns if column.key.startswith("Pattern")]
    found = _by_size(table, keys)
    if not found:
        return ()
    least = ranked(lines(table), "communality")[0]
    said = [_range(found), _LEAST.format(item=least.code("item"), x=least.said("communality"))]
    of_factors = lines(table, kind="stat")
    correlations = pairs(of_factors, keys, [line.said("item") for line in of_factors])
    if correlations:
        said.append(_CLOSE_ONES if _are_high(correlations) else _OBLIQUE)
    return tuple(said)


def _are_high(correlations: Iterable[Pair]) -> bool:
    return any(abs(pair.number) >= HIGH for pair in correlations)


_LEAST = Text("共同度最低的是{item}，为{x}。", "The lowest communality is that of {item}, {x}.")
_OBLIQUE = Text(
    "因子相关，模式系数为排除其他因子后的系数，结构系数为题项与因子的相关，二者不可混用。",
    "As factors correlate, a pattern coefficient leaves the other factors out and a structure coefficient is a "
    "correlation with the factor: the two are not to be mixed up.",
)
_CLOSE_ONES = Text(
    "有的因子相关很高，它们是否测量不同的内容，尚不能由此判定。",
    "Some factors correlate so highly that whether they measure different things cannot be decided from this.",
)


_CORRELATION = Text("{a}与{b}的相关为{r}。", "{a} and {b} correlate {r}.")
_CORRELATIONS = Text(
    "因子间相关在{low}（{a}）至{high}（{b}）之间。",
    "Correlations of the factors lie between {low} ({a}) and {high} ({b}).",
)


def of_phi(table: Table) -> tuple[Text, ...]:
    """The lowest and the highest correlation of two factors."""
    every = lines(table)
    keys, names = [column.key for column in table.columns[1:]], [line.said("factor") for line in every]
    found = pairs(every, keys, names)
    if not found:
        return ()
    low, high = found[0], found[-1]
    said = _CORRELATION.format(a=low.one, b=low.other, r=low.said)
    if len(found) > 1:
        said = _CORRELATIONS.format(low=low.said, a=low.names, high=high.said, b=high.names)
    return said, _CLOSE_ONES if _are_high(found) else _KEEP


_KEEP = Text(
    "因子相关，宜用斜交旋转，并同时报告模式与结构系数。",
    "Factors that correlate call for an oblique rotation, with pattern and structure coefficients both reported.",
)


_PARALLEL = Text(
    "{k}个特征根高于平行分析的相应百分位。", "{k} eigenvalues lie above the percentile of the parallel analysis."
)
_EXTRACTED = Text(
    "提取了{m}个因子，累计解释方差的{x}。", "{m} factors were extracted, which explain {x} of the variance."
)
_EXTRACTED_ONE = Text("提取了1个因子，解释方差的{x}。", "1 factor was extracted, which explains {x} of the variance.")
_DISAGREE = Text(
    "提取个数与平行分析所示不同，应把两种个数的解并列比较。",
    "This is not the number that the parallel analysis shows: solutions of both numbers should be compared.",
)


def of_variance(table: Table) -> tuple[Text, ...]:
    """Eigenvalues beyond chance, where chance was asked, and what the factors explain."""
    every = lines(table, "eigenvalue")
    used = [line for line in every if line.value("cumulative") is not None]
    if not used:
        return ()
    head = _EXTRACTED if len(used) > 1 else _EXTRACTED_ONE
    extracted = head.format(m=len(used), x=used[-1].said("cumulative"))
    if "chance" not in every[0].cells:
        return (extracted, _FIRST.format(x=every[0].said("share_before")))
    beyond = 0
    while beyond < len(every) and _above(every[beyond]):
        beyond += 1
    said = (_PARALLEL.format(k=beyond), extracted)
    return said if beyond == len(used) else (*said, _DISAGREE)


_FIRST = Text(
    "第一个主成分占总方差的{x}；特征根只描述相关矩阵，因子数须结合平行分析确定。",
    "The first component holds {x} of all variance; eigenvalues only describe the correlations, and how many factors "
    "to keep is for a parallel analysis to show.",
)


def _above(line: Line) -> bool:
    return (line.number("eigenvalue") or 0.0) > (line.number("chance") or 0.0)


_FITS = Text(
    "χ²({df}) = {x}，{p}；RMSEA为{rmsea}，TLI为{tli}，RMSR为{rmsr}。",
    "χ²({df}) = {x}, {p}; RMSEA is {rmsea}, TLI {tli}, RMSR {rmsr}.",
)
_COMPATIBLE = Text(
    "数据与这一因子数相容，但不能由此断定因子数就是如此。",
    "The data are compatible with so many factors, which does not prove that there are so many.",
)
_MORE = Text(
    "这些因子留下的相关超出了抽样误差，或须更多因子，或有题项成对相关。",
    "What these factors leave of the correlations is beyond sampling error: more factors, or pairs of items that go "
    "together, may be needed.",
)
_RESIDUALS = Text("残差相关的均方根（RMSR）为{rmsr}。", "The root mean square of the residuals (RMSR) is {rmsr}.")


def of_fit(table: Table) -> tuple[Text, ...]:
    """The test of the number of factors, and the size of what they leave."""
    for line in lines(table):
        if (p := line.number("p_value")) is not None:
            said = _FITS.format(
                df=line.said("df"),
                x=line.said("chi_square"),
                p=line.said("p_value"),
                rmsea=line.sized("rmsea", "rmsea_low:rmsea_high"),
                tli=line.said("tli"),
                rmsr=line.said("rmsr"),
            )
            return (said, _COMPATIBLE if p >= ALPHA else _MORE)
        if line.value("rmsr") is not None:
            return (_RESIDUALS.format(rmsr=line.said("rmsr")),)
    return ()


_SURE = Text(
    "最大载荷的区间不含0的题项有{k}个。", "The interval of the largest loading excludes 0 for {k} of the items."
)
_UNSURE = Text(
    "区间包含0、与因子的关系尚不能判定的是{names}。",
    "It includes 0, so that the sign of the loading is undecided, for {names}.",
)
_WIDEST = Text("区间最宽的是{item}，载荷为{x}。", "The widest is that of {item}, with loading {x}.")


def of_errors(table: Table) -> tuple[Text, ...]:
    """Main loadings that are told from 0 and those that are not; the least precise one."""
    names = [column.key.removesuffix("_loading") for column in table.columns if column.key.endswith("_loading")]
    found = _by_size(table, [f"{name}_loading" for name in names])
    known = [(main, _ends(main)) for main in found if main.line.limits(_ends(main)) is not None]
    if not known:
        return ()
    unsure = [main.item for main, ends in known if main.line.holds(ends)]
    said = [_SURE.format(k=len(known) - len(unsure))]
    said += [_UNSURE.format(names=several(unsure))] if unsure else []
    main, ends = max(known, key=lambda pair: pair[0].line.width(pair[1]))
    return (*said, _WIDEST.format(item=main.item, x=main.line.sized(main.key, ends)))


def _ends(main: _Main) -> str:
    name = main.key.removesuffix("_loading")
    return f"{name}_conf_low:{name}_conf_high"


def of_phi_errors(table: Table) -> tuple[Text, ...]:
    """Correlations of factors with intervals: which are undecided, and which may be one factor."""
    known = lines(table, "estimate")
    if not known:
        return ()
    largest = max(known, key=lambda line: abs(line.number("estimate") or 0.0))
    said = [_LARGEST.format(pair=largest.said("pair"), r=largest.sized("estimate", ENDS))]
    if unsure := [line.said("pair") for line in known if line.holds(ENDS)]:
        said.append(UNDECIDED.format(names=several(unsure)))
    if one := [line.said("pair") for line in known if any(abs(end) >= HIGH for end in line.limits(ENDS) or ())]:
        said.append(_ONE_FACTOR.format(names=several(one)))
    return tuple(said)


ENDS = "conf_low:conf_high"
_LARGEST = Text("因子相关中绝对值最大的是{pair}，为{r}。", "The largest correlation of factors in size is {pair}, {r}.")
_ONE_FACTOR = Text(
    "{names}的区间有一端绝对值很高，能否区分为两个因子尚不能判定。",
    "One end of the interval for {names} is so far from 0 that whether these are two factors cannot be decided.",
)


_GENERAL = Text(
    "一般因子占共同方差的{x}（ECV），各题项在其上的载荷在{low}至{high}之间。",
    "The general factor holds {x} of the common variance (ECV); items load between {low} and {high} on it.",
)
_OWN = Text(
    "受一般因子支配最少的是{item}，一般因子占其共同度的{x}。",
    "It has the least of {item}: {x} of its communality.",
)
_SCORE = Text(
    "该比例越高，总分越可以代表全部题项；组因子得分所余的信息越少。",
    "The higher that share, the better a total score stands for all items, and the less is left to scores of groups.",
)


def of_hierarchical(table: Table) -> tuple[Text, ...]:
    """The share of the general factor, in all and item by item."""
    by_loading, totals = ranked(lines(table), "general"), lines(table, "general_share", kind="stat")
    by_share = ranked(by_loading, "general_share")
    if not by_share or not totals:
        return ()
    low, high = by_loading[0].said("general"), by_loading[-1].said("general")
    return (
        _GENERAL.format(x=totals[-1].said("general_share"), low=low, high=high),
        _OWN.format(item=by_share[0].code("item"), x=by_share[0].said("general_share")),
        _SCORE,
    )
