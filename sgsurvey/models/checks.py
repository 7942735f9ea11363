"""Checks of a regression: what each one is called, and what its finding says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.numerics.linalg import correlation
from sgsurvey.numerics.specification import condition_number
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text

# A sign of the fault, no sign of it, a number to read without a rule, or a check that could not be made.
Verdict = Literal["found", "clear", "read", "none"]
ALPHA = 0.05
# Conventions: Belsley, Kuh and Welsch (1980) for the condition index, Cook and Weisberg (1982) for Cook's distance.
HIGHEST_CONDITION = 30.0
HIGHEST_VIF = 10.0
HIGHEST_COOKS = 1.0
# A cluster that makes up more than half of a coefficient's jackknife variance outweighs all others together.
HIGHEST_SHARE = 0.5


class Check(NamedTuple):
    """One line of the table; ``detail`` names what was found: a term, a row, a cluster."""

    check: str
    statistic: float
    df: float = np.nan
    df2: float = np.nan
    p_value: float = np.nan
    verdict: Verdict = "read"
    detail: str = ""


class Words(NamedTuple):
    """What a check is called, what it says where it finds something, and what stands in a note."""

    name: Text
    found: Text
    note: Text | None = None


UNEQUAL = Text("误差方差不等", "unequal error variances")
ROBUST = Text("方差不等：请用稳健标准误（HC3或聚类）。", "Unequal variances: use robust errors (HC3, or by clusters).")
CURVED = Text("函数形式有误", "wrong functional form")
BEND = Text(
    "函数形式：可考虑平方项、分类或交互项。", "Functional form: think of squares, categories or products of predictors."
)
CHECKS: dict[str, Words] = {
    "breusch_pagan": Words(Text("Breusch–Pagan检验（Koenker）", "Breusch–Pagan (Koenker)"), UNEQUAL, ROBUST),
    "breusch_pagan_raw": Words(Text("Breusch–Pagan检验（原式）", "Breusch–Pagan (for normal errors)"), UNEQUAL),
    "white": Words(Text("White检验", "White"), UNEQUAL, ROBUST),
    "white_fitted": Words(Text("White检验（拟合值）", "White (fitted values)"), UNEQUAL, ROBUST),
    "reset": Words(Text("RESET检验（ŷ²，ŷ³）", "RESET (ŷ², ŷ³)"), CURVED, BEND),
    "reset_robust": Words(Text("RESET检验（稳健）", "RESET (robust)"), CURVED, BEND),
    "link": Words(Text("连接检验（ŷ²）", "Link test (ŷ²)"), CURVED, BEND),
    "jarque_bera": Words(
        Text("残差正态性（Jarque–Bera）", "Normal residuals (Jarque–Bera)"),
        Text("", ""),
        Text("残差正态性仅供参考。", "Normality of residuals is informative only."),
    ),
    "durbin_watson": Words(
        Text("Durbin–Watson", "Durbin–Watson"),
        Text("", ""),
        Text(
            "Durbin–Watson衡量相邻行误差的相关；横截面数据的行没有顺序，此值没有意义。",
            "Durbin–Watson is about errors of neighbouring rows; the rows of a cross-section have no order, so that it "
            "means nothing there.",
        ),
    ),
    "condition": Words(Text("条件指数（最大）", "Largest condition index"), Text("共线", "collinearity")),
    "vif": Words(Text("VIF（最大）", "Largest VIF"), Text("共线", "collinearity")),
    "outlier": Words(Text("学生化残差（最大）", "Largest studentised residual"), Text("异常值", "outlier")),
    "cooks_d": Words(Text("Cook距离（最大）", "Largest Cook's distance"), Text("一行左右结果", "one row decides")),
    "cluster": Words(
        Text("一个群组占某系数刀切方差的份额（最大）", "Largest share of one cluster in a jackknife variance"),
        Text("一个群组左右结果", "one cluster decides"),
    ),
    "halo": Words(
        Text("晕轮指数（第一特征根占比）", "Halo index (first eigenvalue's share)"),
        Text("", ""),
        Text(
            "晕轮指数：数值自变量相关矩阵第一特征根的占比；接近1表示各方面评价几乎相同。",
            "Halo index: the first eigenvalue's share in the correlations of the numeric predictors; near 1, all is "
            "rated alike.",
        ),
    ),
    "suppression": Words(
        Text("符号与相关相反的自变量数", "Predictors whose sign differs from their correlation's"),
        Text("抑制", "suppression"),
        Text("抑制：系数与相关的符号相反，不宜单独解读。", "Suppression: b and r differ in sign; do not read b alone."),
    ),
    "brant": Words(Text("Brant检验", "Brant"), Text("斜率随阈值变化", "slopes differ between thresholds")),
    "parallel_lr": Words(
        Text("平行线似然比检验", "Parallel lines, likelihood ratio"),
        Text("斜率随阈值变化", "slopes differ between thresholds"),
    ),
    "smallest_category": Words(Text("人数最少的类别", "Smallest category (n)"), Text("类别稀少", "sparse category")),
    "empty_cells": Words(
        Text("自变量类别与因变量的空单元格", "Empty cells of categories by outcome"),
        Text("可能分离", "close to separation"),
        Text("空单元格：可合并类别。", "Empty cells: think of joining categories."),
    ),
}  # fmt: skip
COUNTS = frozenset({"suppression", "smallest_category", "empty_cells"})
CLEAR = Text("未见", "no sign")
UNTESTED = Text("无法检验", "could not be tested")


def decided(check: str, statistic: float, df: float, p_value: float, *, df2: float = np.nan, detail: str = "") -> Check:
    """A check that is a test: found where p lies below .05."""
    verdict: Verdict = "none" if np.isnan(p_value) else "found" if p_value < ALPHA else "clear"
    return Check(check, statistic, df, df2, p_value, verdict, detail)


def limited(check: str, statistic: float, limit: float, *, detail: str = "") -> Check:
    """A check against a convention: found where the statistic lies above it."""
    return Check(check, statistic, verdict="found" if statistic > limit else "clear", detail=detail)


def finding(check: Check, detail: Text) -> Text:
    """The verdict in words; ``detail`` is what the check names, in words."""
    said = {"found": CHECKS[check.check].found, "clear": CLEAR, "none": UNTESTED}.get(check.verdict, Text("", ""))
    if not detail.en:
        return said
    return Text(f"{said.zh}（{detail.zh}）", f"{said.en} ({detail.en})") if said.en else detail


def degrees(df: float, df2: float) -> Text:
    """``3``, or ``2, 82`` for an F."""
    if np.isnan(df):
        return Text("", "")
    first = in_prose(df, "df")
    return first if np.isnan(df2) else Text("{a}, {b}", "{a}, {b}").format(a=first, b=in_prose(df2, "df"))


def directions(design: DesignMatrix, coefficients: Array) -> dict[str, tuple[float, float]]:
    """Coefficient, and correlation with the outcome, of each single numeric term."""
    columns = {term.name: term.columns[0] for term in design.terms if term.number}
    if not columns:
        return {}
    corr = correlation(
        np.cov(np.column_stack([design.X[:, list(columns.values())], design.y]).T, aweights=design.weights)
    )
    return {name: (float(coefficients[j]), float(corr[k, -1])) for k, (name, j) in enumerate(columns.items())}


def predictor_checks(design: DesignMatrix, signs: dict[str, tuple[float, float]]) -> list[Check]:
    """How predictors go together: condition index, halo, suppression."""
    found = [limited("condition", condition_number(design.X), HIGHEST_CONDITION)]
    if len(signs) < 2:
        return found
    columns = [term.columns[0] for term in design.terms if term.number]
    values = np.linalg.eigvalsh(correlation(np.cov(design.X[:, columns].T, aweights=design.weights)))
    against = suppressed(signs)
    return [
        *found,
        Check("halo", float(values[-1] / values.sum())),
        limited("suppression", float(len(against)), 0.0, detail="; ".join(against)),
    ]


def suppressed(signs: dict[str, tuple[float, float]]) -> Sequence[str]:
    """Terms whose coefficient and correlation differ in sign."""
    return [name for name, (b, r) in signs.items() if b * r < 0]
