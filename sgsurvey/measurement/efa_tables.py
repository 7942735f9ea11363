"""The pages of a factor solution: loadings, variance explained, structure, factor correlations, fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.measurement import factor_sentences
from sgsurvey.measurement.extractions import METHODS, PRESETS, Extraction
from sgsurvey.measurement.retention import parallel
from sgsurvey.tables.conventions import COMMUNALITY, FACTOR_LOADING, OF_VARIANCE
from sgsurvey.tables.format import show
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.factor_solution import EFA
    from sgsurvey.measurement.hierarchical_factors import HierarchicalFactors
    from sgsurvey.measurement.loading_errors import LoadingErrors
    from sgsurvey.measurement.rotations import Rotation

ROTATIONS = {
    "none": Text("未旋转", "no rotation"),
    "varimax": Text("Varimax旋转", "varimax"),
    "quartimax": Text("Quartimax旋转", "quartimax"),
    "equamax": Text("Equamax旋转（κ = m/2p）", "equamax (kappa = m/2p)"),
    "parsimax": Text("Parsimax旋转", "parsimax"),
    "crawford_ferguson": Text("Crawford-Ferguson旋转（κ = {kappa}）", "Crawford-Ferguson rotation (kappa = {kappa})"),
    "promax": Text("Promax旋转（幂次{power}，{variant}）", "promax (power {power}, {variant})"),
    "oblimin": Text("直接Oblimin旋转（γ = {gamma}）", "direct oblimin (gamma = {gamma})"),
    "quartimin": Text("Quartimin旋转", "quartimin"),
    "geomin": Text("Geomin旋转（ε = {epsilon}）", "geomin (epsilon = {epsilon})"),
    "target": Text("目标旋转（部分指定）", "target rotation (partially specified)"),
    "bifactor": Text(
        "双因子（bi-quartimin）旋转，因子1为一般因子", "bifactor rotation (bi-quartimin; factor 1 is general)"
    ),
    "simplimax": Text("Simplimax旋转", "simplimax"),
    "bentler": Text("Bentler不变模式简单性旋转", "Bentler's invariant pattern simplicity"),
}
VARIANTS = {
    "psych": Text(
        "目标与拟合均用标准化的Varimax载荷，同psych", "target and fit by normalised varimax loadings, as psych"
    ),
    "stats": Text(
        "目标与拟合均用未标准化的载荷，同R stats", "target and fit by loadings at their own length, as R stats"
    ),
    "spss": Text(
        "目标用标准化载荷，拟合用未标准化的，同SPSS",
        "target by normalised, fit by loadings at their own length, as SPSS",
    ),
}
FORMS = {True: Text("，斜交", ", oblique"), False: Text("，正交", ", orthogonal")}
KAISER = {
    True: Text("，Kaiser标准化", " with Kaiser normalisation"),
    False: Text("，无Kaiser标准化", ", not normalised"),
}


def described(how: Extraction, rotation: str, plan: Rotation) -> Text:
    """Extraction and rotation with their conventions, as a note."""
    method = METHODS["spss_paf" if how.preset == "spss" and how.method == "paf" else how.method]
    turned = ROTATIONS[rotation].format(
        power=plan.power,
        variant=VARIANTS[plan.promax],
        kappa=f"{plan.kappa:g}",
        gamma=f"{plan.gamma:g}",
        epsilon=f"{plan.epsilon:g}",
    )
    ending = (
        same("")
        if rotation == "none"
        else Text("{f}{k}", "{f}{k}").format(f=FORMS[plan.correlated], k=KAISER[plan.kaiser])
    )
    preset = PRESETS[how.preset] if how.preset else same("")
    return Text("提取方法：{m}；{r}{e}{p}。", "Extraction: {m}; {r}{e}{p}.").format(
        m=method, r=turned, e=ending, p=preset
    )


def factor_words(name: str) -> Text:
    """``F1`` as words."""
    return Text(f"因子{name.removeprefix('F')}", f"Factor {name.removeprefix('F')}")


def loadings_table(solution: EFA, *, hide_below: float = 0.30, sort: bool = True) -> Table:
    """Items by factor and falling loading, small loadings blank, communalities; sums under the body."""
    loadings = solution.loadings
    order = by_factor(loadings) if sort else list(loadings.index)
    columns = (
        Column("item", HEADS["item"], "text"),
        *(Column(name, factor_words(name), "bounded") for name in loadings.columns),
        Column("communality", HEADS["communality"], "bounded"),
    )
    rows = []
    for item in order:
        values = [float(value) for value in loadings.loc[item]]
        shown = [Cell(value, "bounded") if abs(value) >= hide_below else Cell(None, "text") for value in values]
        label = Cell(solution.basis.coded(item), "text")
        rows.append(Row((label, *shown, Cell(float(solution.communality[item]), "bounded"))))
    variance = solution.variance
    sums = [Cell(float(value), "estimate", 3) for value in variance["ss_loadings"]]
    shares = [Cell(float(value), "percent", 2) for value in variance["share"]]
    total = Cell(float(variance["share"].sum()), "percent", 2)
    rows.append(Row((Cell(SUM_OF_SQUARES, "text"), *sums, Cell(None, "text")), kind="stat"))
    rows.append(Row((Cell(HEADS["variance_explained"], "text"), *shares, total), kind="stat"))
    limit = Text(*(show(hide_below, "bounded", language, 2) for language in LANGUAGES))
    blank = Text("绝对值小于{x}的载荷不显示。", "Loadings below {x} in size are left blank.").format(x=limit)
    notes = [solution.how, *([blank] if hide_below > 0 else []), *solution.remarks]
    table = Table("efa_loadings", Text("因子载荷", "Factor loadings"), columns, tuple(rows), tuple(notes))
    of_factors = dict.fromkeys(loadings.columns, FACTOR_LOADING)
    table = table.telling(*factor_sentences.of_loadings(table, limit if hide_below > 0 else None))
    return table.with_thresholds({**of_factors, "communality": COMMUNALITY})


def variance_table(solution: EFA) -> Table:
    """All eigenvalues before rotation, and the factors after it."""
    p = len(solution.eigenvalues)
    before = solution.eigenvalues.to_numpy()
    after = solution.variance.reset_index(drop=True).reindex(range(p))
    frame = pd.DataFrame(
        {
            "number": range(1, p + 1),
            "eigenvalue": before,
            "share_before": before / p,
            "cumulative_before": before.cumsum() / p,
            **{name: after[name] for name in after},
        }
    )
    turned = solution.rotation != "none"
    first, second = (HEADS["before_rotation"], HEADS["after_rotation"]) if turned else UNROTATED
    columns = [
        Column("number", HEADS["factor"], "count"),
        Column("eigenvalue", HEADS["eigenvalue"], "estimate", 3, spanner=first),
    ]
    notes = [solution.how]
    if solution.seed is not None and solution.sample.n is not None:
        draws = DRAWS[solution.sample.plan.kind == "polychoric"]
        null = parallel(solution.sample, iterations=draws, seed=solution.seed, bases=["components"])
        frame["chance"] = null["components"].high
        columns.append(Column("chance", HEADS["parallel"], "estimate", 3, spanner=first))
        notes.append(CHANCE_NOTE.format(draws=draws, seed=solution.seed))
    columns += [
        Column("share_before", HEADS["variance_explained"], "percent", 2, spanner=first),
        Column("cumulative_before", HEADS["cumulative_variance"], "percent", 2, spanner=first),
        Column("ss_loadings", SUM_OF_SQUARES, "estimate", 3, spanner=second),
        Column("share", HEADS["variance_explained"], "percent", 2, spanner=second),
        Column("cumulative", HEADS["cumulative_variance"], "percent", 2, spanner=second),
    ]
    if not solution.components:
        notes.append(TWO_VARIANCES)
    notes += solution.remarks
    title = Text("方差解释率", "Variance explained")
    table = Table.from_frame(frame, columns, id="efa_variance", title=title, notes=tuple(notes))
    return table.telling(*factor_sentences.of_variance(table)).with_thresholds(OF_VARIANCE)


def structure_table(solution: EFA) -> Table:
    """Correlations of items with factors."""
    frame = solution.structure.copy()
    frame.insert(0, "item", pd.Series([solution.basis.coded(str(i)) for i in frame.index], frame.index, object))
    columns = [Column("item", HEADS["item"], "text"), *(Column(f, factor_words(f), "bounded") for f in solution.phi)]
    title = Text("因子结构矩阵", "Structure matrix")
    return Table.from_frame(frame, columns, id="efa_structure", title=title, notes=(solution.how,))


def pattern_table(solution: EFA) -> Table:
    """Pattern and structure of the items, sorted, and the correlations of the factors as the last rows."""
    names = list(solution.phi.columns)
    sides = (PATTERN, STRUCTURE) if solution.plan is None or solution.plan.correlated else (PATTERN,)
    columns = [Column("item", HEADS["item"], "text")]
    for side in sides:
        columns += [Column(f"{side.en}{name}", factor_words(name), "bounded", spanner=side) for name in names]
    columns.append(Column("communality", HEADS["communality"], "bounded"))
    rows = []
    for item in by_factor(solution.loadings):
        values = [*solution.loadings.loc[item]] + ([*solution.structure.loc[item]] if len(sides) > 1 else [])
        cells = [Cell(float(value), "bounded") for value in (*values, solution.communality[item])]
        rows.append(Row((Cell(solution.basis.coded(item), "text"), *cells)))
    if len(sides) > 1:
        for i, name in enumerate(names):
            line = [Cell(float(solution.phi.iloc[i, j]), "bounded") if j <= i else Cell() for j in range(len(names))]
            head = Text("{f}的相关", "{f}, correlations").format(f=factor_words(name))
            rows.append(Row((Cell(head, "text"), *line, *[Cell()] * (len(names) + 1)), kind="stat"))
    title = (
        Text("因子模式与结构矩阵", "Pattern and structure") if len(sides) > 1 else Text("因子载荷", "Factor loadings")
    )
    table = Table("efa_pattern", title, tuple(columns), tuple(rows), (solution.how, *solution.remarks))
    of_factors = dict.fromkeys((f"{PATTERN.en}{name}" for name in names), FACTOR_LOADING)
    table = table.telling(*factor_sentences.of_pattern(table))
    return table.with_thresholds({**of_factors, "communality": COMMUNALITY})


def errors_table(found: LoadingErrors) -> Table:
    """Loadings of each factor with their standard errors and intervals, items sorted."""
    wide = found.frame.pivot(index="item", columns="factor", values="loading")
    names = list(dict.fromkeys(found.frame["factor"]))
    columns = [Column("item", HEADS["item"], "text")]
    frame = pd.DataFrame({"item": by_factor(wide[names])})
    for name in names:
        of_factor = found.frame[found.frame["factor"] == name].set_index("item").loc[frame["item"]]
        for part in ("loading", "std_error", "conf_low", "conf_high"):
            frame[f"{name}_{part}"] = of_factor[part].to_numpy()
        words = factor_words(name)
        columns += [
            Column(f"{name}_loading", LOADING, "bounded", spanner=words),
            Column(f"{name}_std_error", HEADS["std_error"], "bounded", spanner=words),
            Column(f"{name}_conf_low:{name}_conf_high", _conf(found.conf_level), "bounded_interval", spanner=words),
        ]
    frame["item"] = pd.Series([found.basis.coded(str(item)) for item in frame["item"]], frame.index, object)
    title = Text("因子载荷的标准误与置信区间", "Factor loadings with standard errors and intervals")
    table = Table.from_frame(frame, columns, id="efa_errors", title=title, notes=(found.how, *found.remarks))
    return table.telling(*factor_sentences.of_errors(table))


def phi_errors_table(found: LoadingErrors) -> Table:
    """Correlations of the factors with their standard errors and intervals."""
    words = [
        Text("{a} – {b}", "{a} – {b}").format(a=factor_words(a), b=factor_words(b))
        for a, b in zip(found.phi["factor"], found.phi["other"], strict=True)
    ]
    frame = found.phi.assign(pair=pd.Series(words, found.phi.index, object))
    columns = [
        Column("pair", HEADS["factor"], "text"),
        Column("estimate", HEADS["r"], "bounded"),
        Column("std_error", HEADS["std_error"], "bounded"),
        Column("conf_low:conf_high", _conf(found.conf_level), "bounded_interval"),
    ]
    title = Text("因子相关的标准误与置信区间", "Factor correlations with standard errors and intervals")
    table = Table.from_frame(frame, columns, id="efa_phi_errors", title=title, notes=(found.how, *found.remarks))
    return table.telling(*factor_sentences.of_phi_errors(table))


def hierarchical_table(found: HierarchicalFactors) -> Table:
    """Loadings on the general and the group factors, communalities, and the variance of each."""
    names = list(found.second_order.index)
    frame = found.frame.copy()
    frame["item"] = pd.Series([found.basis.coded(str(item)) for item in frame["item"]], frame.index, object)
    columns = [
        Column("item", HEADS["item"], "text"),
        Column("general", Text("一般因子", "General"), "bounded"),
        *(Column(name, factor_words(name), "bounded") for name in names),
        Column("communality", HEADS["communality"], "bounded"),
        Column("general_share", Text("一般因子占共同度（%）", "General share (%)"), "percent"),
    ]
    sums = [Cell(float(value), "estimate", 3) for value in found.variance]
    row = Row((Cell(SUM_OF_SQUARES, "text"), *sums, Cell(), Cell(found.explained, "percent")), kind="stat")
    title = Text("Schmid-Leiman变换：一般因子与组因子", "Schmid-Leiman transformation: general and group factors")
    notes = (found.how, SCHMID_LEIMAN, *found.remarks)
    table = Table.from_frame(frame, columns, id="efa_hierarchical", title=title, notes=notes).extended([row])
    return table.telling(*factor_sentences.of_hierarchical(table))


def phi_table(solution: EFA) -> Table:
    """Lower triangle of the correlations of the factors."""
    names = list(solution.phi.columns)
    columns = (Column("factor", HEADS["factor"], "text"), *(Column(f, factor_words(f), "bounded") for f in names))
    rows = []
    for i, name in enumerate(names):
        line = [float(value) for value in solution.phi.iloc[i]]
        cells = [Cell(line[j], "bounded") if j <= i else Cell(None, "text") for j in range(len(names))]
        rows.append(Row((Cell(factor_words(name), "text"), *cells)))
    table = Table("efa_phi", Text("因子相关矩阵", "Factor correlations"), columns, tuple(rows), (solution.how,))
    return table.telling(*factor_sentences.of_phi(table))


def fit_table(solution: EFA) -> Table:
    """Chi-square, RMSEA with its interval, TLI, CFI, BIC, and RMSR as it is and corrected."""
    columns = [
        Column("chi_square", HEADS["chi_square"], "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("rmsea", HEADS["rmsea"], "bounded"),
        Column("rmsea_low:rmsea_high", HEADS["conf_90"], "bounded_interval"),
        Column("tli", HEADS["tli"], "estimate", 3),
        Column("cfi", HEADS["cfi"], "bounded"),
        Column("rmsr", same("RMSR"), "bounded"),
        Column("crmsr", Text("校正RMSR", "Corrected RMSR"), "bounded"),
        Column("bic", same("BIC"), "estimate"),
    ]
    notes = [solution.how, FIT_CONVENTIONS, *solution.remarks]
    if solution.components:
        notes.append(Text("主成分不是模型，没有拟合检验。", "Components are no model, and have no tests of fit."))
    elif solution.extraction is None or solution.extraction.method != "ml":
        notes.append(NOT_LIKELIHOOD)
    if not solution.components and not np.isfinite(solution.fit["chi_square"]):
        notes.append(Text("样本量未知或自由度为0，无法检验。", "No tests: the number of rows is unknown, or df is 0."))
    frame = solution.fit.to_frame().T
    title = Text("因子模型拟合", "Fit of the factors")
    table = Table.from_frame(frame, columns, id="efa_fit", title=title, notes=notes)
    return table.telling(*factor_sentences.of_fit(table))


def by_factor(loadings: pd.DataFrame) -> list[str]:
    """Items of the first factor first, each factor's by falling size."""
    size = loadings.abs().to_numpy()
    return [str(item) for item in loadings.index[np.lexsort((-size.max(axis=1), size.argmax(axis=1)))]]


UNROTATED = (Text("初始特征根", "Initial"), Text("提取的因子（未旋转）", "Extracted, not rotated"))
SUM_OF_SQUARES = Text("载荷平方和", "SS loadings")
PATTERN, STRUCTURE = Text("模式矩阵", "Pattern"), Text("结构矩阵", "Structure")
LOADING = Text("载荷", "Loading")
# Of Pearson correlations, and of polychorics, which cost more.
DRAWS = (1000, 200)
CHANCE_NOTE = Text(
    "平行分析：主成分，{draws}次模拟，种子{seed}；特征根大于该值者可保留。",
    "Parallel analysis of components, {draws} draws, seed {seed}: eigenvalues above it are more than chance.",
)
TWO_VARIANCES = Text(
    "特征根属于相关矩阵（主成分），载荷平方和属于公因子，两者不可直接比较。",
    "Eigenvalues are of the correlation matrix (components), sums of squared loadings of common factors: the two are "
    "not of the same variance.",
)
SCHMID_LEIMAN = Text(
    "一般因子为因子相关矩阵的单因子minres解；末行最后一格为一般因子占共同方差的比例（ECV）。",
    "The general factor is one minres factor of the factor correlations; the last cell of the last row is its share of "
    "the common variance (ECV).",
)
FIT_CONVENTIONS = Text(
    "χ²为Bartlett校正；RMSEA以n − 1计算；BIC = χ² − df·ln n；RMSR只计非对角线残差，校正RMSR除以自由度。",
    "χ² with Bartlett's correction; RMSEA with n − 1; BIC = χ² − df ln n; RMSR of the residuals off the diagonal, "
    "corrected: over the degrees of freedom.",
)
NOT_LIKELIHOOD = Text(
    "χ²为极大似然的偏差函数在此解处的值（同psych），此解并未使其最小，故检验为近似。",
    "χ² is the discrepancy of maximum likelihood at these estimates (as psych), which do not minimise it: approximate.",
)


def _conf(level: float) -> Text:
    percent = f"{100 * level:g}%"
    return Text(f"{percent}置信区间", f"{percent} CI")
