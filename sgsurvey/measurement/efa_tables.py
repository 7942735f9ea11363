"""The pages of a factor solution: loadings, variance explained, structure, factor correlations, fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.tables.format import show
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.efa import EFA
    from sgsurvey.measurement.rotations import Rotation

METHODS = {
    "minres": Text("最小残差法（minres）", "minimum residuals (minres)"),
    "ml": Text("极大似然法", "maximum likelihood"),
    "paf": Text("主轴因子法（迭代至收敛）", "principal axis (iterated to convergence)"),
}
ROTATIONS = {
    "none": Text("未旋转", "no rotation"),
    "varimax": Text("Varimax正交旋转", "varimax"),
    "promax": Text("Promax斜交旋转（幂次{power}，{variant}）", "promax (power {power}, {variant})"),
    "oblimin": Text("直接Oblimin斜交旋转（γ = 0）", "direct oblimin (gamma = 0)"),
}
VARIANTS = {
    "normalised": Text("目标由标准化的Varimax载荷得出", "target from normalised varimax loadings"),
    "plain": Text("目标由未标准化的Varimax载荷得出", "target from varimax loadings at their own length"),
}
KAISER = {
    True: Text("，Kaiser标准化", " with Kaiser normalisation"),
    False: Text("，无Kaiser标准化", ", not normalised"),
}


def described(method: str, rotation: str, plan: Rotation) -> Text:
    """Extraction and rotation with their conventions, as a note."""
    turned = ROTATIONS[rotation].format(power=plan.power, variant=VARIANTS[plan.promax])
    kaiser = KAISER[plan.kaiser] if rotation != "none" else same("")
    return Text("提取方法：{m}；{r}{k}。", "Extraction: {m}; {r}{k}.").format(m=METHODS[method], r=turned, k=kaiser)


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
    blank = Text("绝对值小于{x}的载荷不显示。", "Loadings below {x} in size are left blank.").format(
        x=Text(*(show(hide_below, "bounded", language, 2) for language in LANGUAGES))
    )
    notes = [solution.how, *([blank] if hide_below > 0 else []), *solution.remarks]
    return Table("efa_loadings", Text("因子载荷", "Factor loadings"), columns, tuple(rows), tuple(notes))


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
        Column("share_before", HEADS["variance_explained"], "percent", 2, spanner=first),
        Column("cumulative_before", HEADS["cumulative_variance"], "percent", 2, spanner=first),
        Column("ss_loadings", SUM_OF_SQUARES, "estimate", 3, spanner=second),
        Column("share", HEADS["variance_explained"], "percent", 2, spanner=second),
        Column("cumulative", HEADS["cumulative_variance"], "percent", 2, spanner=second),
    ]
    notes = (
        solution.how,
        Text(
            "特征根属于相关矩阵（主成分），载荷平方和属于公因子，两者不可直接比较。",
            "Eigenvalues are of the correlation matrix (components), sums of squared loadings of common factors: the "
            "two are not of the same variance.",
        ),
        *solution.remarks,
    )
    return Table.from_frame(
        frame, columns, id="efa_variance", title=Text("方差解释率", "Variance explained"), notes=notes
    )


def structure_table(solution: EFA) -> Table:
    """Correlations of items with factors."""
    frame = solution.structure.copy()
    frame.insert(0, "item", pd.Series([solution.basis.coded(str(i)) for i in frame.index], frame.index, object))
    columns = [Column("item", HEADS["item"], "text"), *(Column(f, factor_words(f), "bounded") for f in solution.phi)]
    title = Text("因子结构矩阵", "Structure matrix")
    return Table.from_frame(frame, columns, id="efa_structure", title=title, notes=(solution.how,))


def phi_table(solution: EFA) -> Table:
    """Lower triangle of the correlations of the factors."""
    names = list(solution.phi.columns)
    columns = (Column("factor", HEADS["factor"], "text"), *(Column(f, factor_words(f), "bounded") for f in names))
    rows = []
    for i, name in enumerate(names):
        line = [float(value) for value in solution.phi.iloc[i]]
        cells = [Cell(line[j], "bounded") if j <= i else Cell(None, "text") for j in range(len(names))]
        rows.append(Row((Cell(factor_words(name), "text"), *cells)))
    return Table("efa_phi", Text("因子相关矩阵", "Factor correlations"), columns, tuple(rows), (solution.how,))


def fit_table(solution: EFA) -> Table:
    """Chi-square, RMSEA with its interval, TLI, BIC and RMSR."""
    columns = [
        Column("chi_square", HEADS["chi_square"], "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("rmsea", HEADS["rmsea"], "bounded"),
        Column("rmsea_low:rmsea_high", Text("90%置信区间", "90% CI"), "bounded_interval"),
        Column("tli", HEADS["tli"], "estimate", 3),
        Column("rmsr", same("RMSR"), "bounded"),
        Column("bic", same("BIC"), "estimate"),
    ]
    notes = [solution.how, FIT_CONVENTIONS, *solution.remarks]
    if not np.isfinite(solution.fit["chi_square"]):
        notes.append(Text("样本量未知或自由度为0，无法检验。", "No tests: the number of rows is unknown, or df is 0."))
    frame = solution.fit.to_frame().T
    return Table.from_frame(frame, columns, id="efa_fit", title=Text("因子模型拟合", "Fit of the factors"), notes=notes)


def by_factor(loadings: pd.DataFrame) -> list[str]:
    """Items of the first factor first, each factor's by falling size."""
    size = loadings.abs().to_numpy()
    return [str(item) for item in loadings.index[np.lexsort((-size.max(axis=1), size.argmax(axis=1)))]]


UNROTATED = (Text("初始特征根", "Initial"), Text("提取的因子（未旋转）", "Extracted, not rotated"))
SUM_OF_SQUARES = Text("载荷平方和", "SS loadings")
FIT_CONVENTIONS = Text(
    "χ²为Bartlett校正；RMSEA以n − 1计算；BIC = χ² − df·ln n；RMSR只计非对角线残差。",
    "χ² with Bartlett's correction; RMSEA with n − 1; BIC = χ² − df ln n; RMSR of the residuals off the diagonal.",
)
