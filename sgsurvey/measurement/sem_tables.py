"""The pages of a structural model: loadings, paths, fit, rival models, residuals, modification indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.measurement.estimators import ESTIMATORS
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.sem import SEM

INTERVAL_90 = Text("90%置信区间", "90% CI")
FIT_COLUMNS = (
    Column("chi_square", HEADS["chi_square"], "statistic"),
    Column("df", HEADS["df"], "df"),
    Column("p_value", HEADS["p_value"], "p"),
    Column("chi_square_df", HEADS["chi_square_df"], "statistic"),
    Column("cfi", HEADS["cfi"], "bounded"),
    Column("tli", HEADS["tli"], "estimate", 3),
    Column("rmsea", HEADS["rmsea"], "bounded"),
    Column("rmsea_low:rmsea_high", INTERVAL_90, "bounded_interval"),
    Column("srmr", HEADS["srmr"], "bounded"),
    Column("gfi", same("GFI"), "bounded"),
    Column("agfi", same("AGFI"), "bounded"),
    Column("nfi", same("NFI"), "bounded"),
    Column("ifi", same("IFI"), "estimate", 3),
    Column("aic", same("AIC"), "statistic"),
    Column("bic", same("BIC"), "statistic"),
)
# Customary cut-offs: a convention, not a verdict (domain/tables.md, 11).
CUT_OFFS: dict[str, str] = {
    "chi_square_df": "< 3",
    "cfi": "≥ .95",
    "tli": "≥ .95",
    "rmsea": "≤ .06",
    "srmr": "≤ .08",
    "gfi": "≥ .90",
    "agfi": "≥ .90",
    "nfi": "≥ .90",
    "ifi": "≥ .90",
}
CONVENTIONS = Text(
    "参考标准为惯例而非判据：CFI、TLI ≥ .95，RMSEA ≤ .06，SRMR ≤ .08（Hu和Bentler，1999；较宽为.90和.08）；χ²/df < 3；"
    "小样本时TLI和RMSEA过于严格。RMSEA以N计算。GFI、AGFI、NFI列出以便对照旧文献。",
    "The cut-offs are conventions, no verdict: CFI, TLI ≥ .95, RMSEA ≤ .06, SRMR ≤ .08 (Hu and Bentler 1999; leniently "
    ".90 and .08), χ²/df < 3; in small samples TLI and RMSEA reject too often. RMSEA with N. GFI, AGFI and NFI are "
    "printed for comparison with older work.",
)
SCALED = Text("校正", "scaled")


def described(result: SEM) -> Text:
    """Estimator and groups, as a note."""
    how = Text("估计方法：{words}。", "Estimated by {words}.").format(words=ESTIMATORS[result.estimator].words)
    return how


def group_words(result: SEM, group: str) -> Text:
    """A group's name in words."""
    return result.basis.label(group)


def loadings_table(result: SEM) -> Table:
    """Factor by factor: unstandardised loading, error, z, p, standardised, squared multiple correlation."""
    frame = result.frame[result.frame["op"] == "=~"]
    several = len(result.groups) > 1
    smc = result.r_squared.set_index(["variable", *(["group"] if several else [])])["r_squared"]
    columns = (
        Column("item", HEADS["item"], "text"),
        Column("estimate", HEADS["unstandardised"], "estimate", 3),
        Column("std_error", HEADS["std_error"], "estimate", 3),
        Column("statistic", HEADS["z"], "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("std", HEADS["std_loading"], "estimate", 3),
        Column("smc", SMC, "bounded"),
    )
    rows: list[Row] = []
    for group in result.groups:
        mine = frame[frame["group"] == group] if several else frame
        for factor in dict.fromkeys(mine["lhs"]):
            head = result.basis.coded(factor)
            if several:
                name = group_words(result, group)
                head = Text(f"{name.zh}：{head.zh}", f"{name.en}: {head.en}")
            rows.append(Row((Cell(head, span=len(columns)),), kind="group"))
            for _, line in mine[mine["lhs"] == factor].iterrows():
                line = line.copy()
                line["item"] = result.basis.coded(line["rhs"])
                line["smc"] = smc[(line["rhs"], group) if several else line["rhs"]]
                rows.append(Row(tuple(Cell(line[c.key], c.kind, c.digits) for c in columns)))
    notes = (described(result), FIXED, *_fit_note(result), *result.remarks)
    return Table(
        "cfa_loadings", Text("验证性因子分析载荷", "Loadings of the factor model"), columns, tuple(rows), notes
    )


def paths_table(result: SEM) -> Table:
    """Regressions with their tests and R², then defined parameters."""
    frame = result.frame[result.frame["op"].isin(["~", ":="])]
    several = len(result.groups) > 1
    columns = (
        Column("path", PATH, "text"),
        Column("estimate", HEADS["unstandardised"], "estimate", 3),
        Column("std_error", HEADS["std_error"], "estimate", 3),
        Column("statistic", HEADS["z"], "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("std", HEADS["standardised"], "estimate", 3),
        Column("conf_low:conf_high", HEADS["conf_95"], "interval", 3),
        Column("r_squared", HEADS["r_squared"], "bounded"),
    )
    r2 = result.r_squared.set_index(["variable", *(["group"] if several else [])])["r_squared"]
    rows: list[Row] = []
    for group in result.groups:
        mine = frame[frame["group"] == group] if several else frame[frame["op"] == "~"]
        if several:
            rows.append(Row((Cell(group_words(result, group), span=len(columns)),), kind="group"))
        said: set[str] = set()
        for _, line in mine.iterrows():
            share = None if line["lhs"] in said else r2[(line["lhs"], group) if several else line["lhs"]]
            said.add(line["lhs"])
            rows.append(_path(line, _arrow(result, line), share, columns))
    defined = frame[frame["op"] == ":="]
    if len(defined):
        rows.append(Row((Cell(DEFINED, span=len(columns)),), kind="group"))
        for _, line in defined.iterrows():
            name = result.basis.coded(line["lhs"])
            words = Text(f"{name.zh} = {line['rhs']}", f"{name.en} = {line['rhs']}")
            rows.append(_path(line, words, None, columns))
    notes = (described(result), ASSOCIATION, *_fit_note(result), *result.remarks)
    return Table("sem_paths", Text("结构方程路径系数", "Paths of the structural model"), columns, tuple(rows), notes)


def _path(line: pd.Series, words: Text, share: float | None, columns: tuple[Column, ...]) -> Row:
    values = {**line.to_dict(), "path": words, "r_squared": share}
    values["conf_low:conf_high"] = (line["conf_low"], line["conf_high"])
    return Row(tuple(Cell(values[c.key], c.kind, c.digits) for c in columns))


def _arrow(result: SEM, line: pd.Series) -> Text:
    cause, effect = result.basis.label(line["rhs"]), result.basis.label(line["lhs"])
    return Text(f"{cause.zh} → {effect.zh}", f"{cause.en} → {effect.en}")


def fit_table(result: SEM) -> Table:
    """Fit of one model."""
    return fits_table({"": result})


def fits_table(results: Mapping[str, SEM]) -> Table:
    """Fit of rival models, one row each, and the customary cut-offs below; a scaled test has a line of its own."""
    named = any(results)
    shown = [c for c in FIT_COLUMNS if any(np.isfinite(_number(r, c.key)) for r in results.values())]
    several = len({r.estimator for r in results.values()}) > 1
    head = (Column("model", HEADS["model"], "text"),)
    columns = (*head, *shown)
    rows = []
    for name, result in results.items():
        label = result.basis.label(name) if name else described_shortly(result)
        if several and name:
            label = Text(f"{label.zh}（{result.estimator}）", f"{label.en} ({result.estimator})")
        rows.append(Row((Cell(label), *(_fit_cell(result, c, "") for c in shown))))
        if "chi_square_scaled" in result.fit:
            words = Text(f"{label.zh}，校正", f"{label.en}, scaled")
            rows.append(Row((Cell(words), *(_fit_cell(result, c, "_scaled") for c in shown))))
        if "cfi_robust" in result.fit:
            words = Text(f"{label.zh}，稳健", f"{label.en}, robust")
            rows.append(Row((Cell(words), *(_fit_cell(result, c, "_robust") for c in shown))))
    cut_offs = [Cell(same(CUT_OFFS[c.key])) if c.key in CUT_OFFS else Cell() for c in shown]
    rows.append(Row((Cell(HEADS["threshold"]), *cut_offs), "threshold"))
    first = next(iter(results.values()))
    notes = [*dict.fromkeys(described(result) for result in results.values()), CONVENTIONS]
    if not named:
        notes += first.remarks
    title = (
        Text("模型拟合指标", "Fit of the model") if len(results) == 1 else Text("竞争模型比较", "Fit of rival models")
    )
    return Table("sem_fit", title, columns, tuple(rows), tuple(notes))


def described_shortly(result: SEM) -> Text:
    """What a row of one model's fit is called."""
    return same(result.estimator)


def _fit_cell(result: SEM, column: Column, suffix: str) -> Cell:
    keys = column.key.split(":")
    values = [result.fit.get(f"{key}{suffix}", float("nan")) for key in keys]
    return Cell(values[0] if len(values) == 1 else (values[0], values[1]), column.kind, column.digits)


def _number(result: SEM, key: str) -> float:
    return float(result.fit.get(key.split(":")[0], float("nan")))


def _fit_note(result: SEM) -> tuple[Text, ...]:
    """The fit in one line, as a note under estimates."""
    fit = result.fit
    if not fit["df"] > 0:
        return (SATURATED,)
    kinds = {"chi_square": "statistic", "df": "df", "cfi": "bounded", "tli": "estimate", "rmsea": "bounded"}
    shown = {key: in_prose(fit[key], kind, 3 if key != "df" else 0) for key, kind in kinds.items()}  # type: ignore[arg-type]
    shown["srmr"] = in_prose(fit["srmr"], "bounded", 3)
    return (
        Text(
            "拟合：χ²({df}) = {chi_square}，CFI = {cfi}，TLI = {tli}，RMSEA = {rmsea}，SRMR = {srmr}。",
            "Fit: χ²({df}) = {chi_square}, CFI = {cfi}, TLI = {tli}, RMSEA = {rmsea}, SRMR = {srmr}.",
        ).format(**shown),
    )


SMC = Text("SMC（R²）", "SMC (R²)")
PATH = Text("路径", "Path")
DEFINED = Text("派生参数", "Defined parameters")
FIXED = Text("标准误为空的载荷是为定标而固定的。", "Loadings without a standard error are fixed to set the scale.")
SATURATED = Text("饱和模型（df = 0）：拟合无法检验。", "Saturated model (df = 0): its fit cannot be tested.")
ASSOCIATION = Text(
    "箭头是模型的假设，不是因果证据：横断面数据只表明相关。",
    "Arrows are what the model assumes, no evidence of causes: data of one moment show association.",
)
