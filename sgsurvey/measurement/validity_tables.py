"""The pages of validity: convergent, item by item; factor by factor; discriminant, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.measurement.validity_sentences import of_convergent, of_factors, of_matrix
from sgsurvey.tables.conventions import HTMT as CUT_OFF_OF_HTMT
from sgsurvey.tables.conventions import OF_CONVERGENCE
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.htmt import HTMT
    from sgsurvey.measurement.sem import SEM
    from sgsurvey.measurement.validity import Validity

SMC = same("SMC")
OF_LOADINGS = Text(
    "CR和AVE按Fornell和Larcker（1981），由标准化载荷计算；AVE不足0.50而CR在0.60以上，作者认为仍可接受。",
    "CR and AVE after Fornell and Larcker (1981), of standardised loadings; they accept AVE below .50 where CR is "
    "above .60.",
)
OF_INTERVALS = Text(
    "区间由自由参数的协方差按Delta法得出（AVE在logit、CR在ln(1 − CR)尺度）：{errors}。",
    "Intervals by the delta method from the covariance of the parameters (AVE on the logit, CR on ln(1 − CR)): "
    "{errors}.",
)


def _groups(result: Validity) -> list[tuple[str, Text | None]]:
    """Groups of the model with their words; None where there is but one."""
    names = result.model.groups
    return [(name, result.basis.label(name) if len(names) > 1 else None) for name in names]


def _mine(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """The lines of one group."""
    return frame[frame["group"] == group] if "group" in frame else frame


def convergent_table(result: Validity) -> Table:
    """Loadings with their tests; CR and AVE in the first line of each factor."""
    columns = (
        Column("construct", HEADS["construct"], "text"),
        Column("item", HEADS["item"], "text"),
        Column("estimate", HEADS["unstandardised"], "estimate", 3),
        Column("std_error", HEADS["std_error"], "estimate", 3),
        Column("statistic", HEADS["z"], "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("std", HEADS["std_loading"], "bounded"),
        Column("smc", SMC, "bounded"),
        Column("cr", HEADS["cr"], "bounded"),
        Column("ave", HEADS["ave"], "bounded"),
    )
    rows: list[Row] = []
    for group, words in _groups(result):
        if words is not None:
            rows.append(Row((Cell(words, span=len(columns)),), kind="group"))
        summary = _mine(result.frame, group).set_index("construct")
        items = _mine(result.items, group)
        said: set[str] = set()
        for _, line in items.iterrows():
            factor = line["construct"]
            first = factor not in said
            said.add(factor)
            own = summary.loc[factor]
            shown = {
                "construct": result.basis.label(factor) if first else Text("", ""),
                "item": result.basis.coded(line["item"]),
                "cr": float(own["cr"]) if first else Text("", ""),
                "ave": float(own["ave"]) if first else Text("", ""),
            }
            rows.append(Row(tuple(Cell(shown.get(c.key, line.get(c.key)), c.kind, c.digits) for c in columns)))
    notes = (_estimator(result.model), FIXED, OF_LOADINGS, *result.remarks)
    table = Table("validity_convergent", Text("聚合效度", "Convergent validity"), columns, tuple(rows), notes)
    return table.telling(*of_convergent(table)).with_thresholds(OF_CONVERGENCE)


FIXED = Text(
    "没有标准误的载荷固定为1，用以确定因子的单位。", "A loading without an error is fixed at 1, for the factor's unit."
)


def summary_table(result: Validity) -> Table:
    """AVE and CR with intervals, the largest shared variance, verdicts."""
    level = Text(f"{result.conf_level * 100:g}%置信区间", f"{result.conf_level * 100:g}% CI")
    columns = (
        Column("construct", HEADS["construct"], "text"),
        Column("n_items", HEADS["n_items"], "count"),
        Column("cr", HEADS["cr"], "bounded"),
        Column("cr_low:cr_high", level, "bounded_interval"),
        Column("ave", HEADS["ave"], "bounded"),
        Column("ave_low:ave_high", level, "bounded_interval"),
        Column("msv", same("MSV"), "bounded"),
        Column("convergent", Text("聚合", "Convergent"), "text"),
        Column("discriminant", Text("区分（AVE > MSV）", "Discriminant (AVE > MSV)"), "text"),
    )
    rows: list[Row] = []
    for group, words in _groups(result):
        if words is not None:
            rows.append(Row((Cell(words, span=len(columns)),), kind="group"))
        for _, line in _mine(result.frame, group).iterrows():
            cells = []
            for c in columns:
                low, _, high = c.key.partition(":")
                value: object = (line[low], line[high]) if high else line[low]
                cells.append(Cell(result.basis.label(value) if c.key == "construct" else value, c.kind, c.digits))
            rows.append(Row(tuple(cells)))
    notes = (
        _estimator(result.model),
        OF_LOADINGS,
        OF_INTERVALS.format(errors=_errors(result.model)),
        *result.remarks,
    )
    table = Table("validity", Text("聚合效度与区分效度汇总", "Validity of the factors"), columns, tuple(rows), notes)
    return table.telling(*of_factors(table)).with_thresholds(OF_CONVERGENCE)


def discriminant_table(result: Validity) -> Table:
    """Root of AVE on the diagonal, correlations of factors below it, HTMT above it."""
    names = list(result.fornell_larcker)
    columns = (
        Column("construct", HEADS["construct"], "text"),
        *(Column(name, same(str(i)), "bounded") for i, name in enumerate(names, 1)),
    )
    rows: list[Row] = []
    for group, words in _groups(result):
        if words is not None:
            rows.append(Row((Cell(words, span=len(columns)),), kind="group"))
        below = result.matrices[group]
        ratios = result.ratios[group].matrix() if group in result.ratios else None
        for i, name in enumerate(names):
            label = result.basis.label(name)
            cells = [Cell(Text(f"{i + 1} {label.zh}", f"{i + 1} {label.en}"), "text")]
            for j, other in enumerate(names):
                if j < i:
                    cells.append(Cell(float(below.loc[name, other]), "bounded"))
                elif j == i:
                    cells.append(Cell(float(below.loc[name, name]), "bounded", mark="a"))
                elif ratios is not None and name in ratios.index and other in ratios.index:
                    cells.append(Cell(float(ratios.loc[name, other]), "estimate", 3))
                else:
                    cells.append(Cell(None, "text"))
            rows.append(Row(tuple(cells)))
    notes = [MATRIX]
    for found in result.ratios.values():
        notes += [*found.how, *_intervals(found), *found.remarks]
    notes += result.remarks
    unique = tuple(dict.fromkeys(notes))
    table = Table("validity_discriminant", Text("区分效度", "Discriminant validity"), columns, tuple(rows), unique)
    table = table.telling(*of_matrix(table))
    if not result.ratios:
        return table
    return table.with_thresholds(dict.fromkeys(names[1:], CUT_OFF_OF_HTMT), head=FOR_HTMT)


FOR_HTMT = Text("HTMT的参考标准", "Convention for HTMT")
MATRIX = Text(
    "a：对角线为AVE的平方根；对角线下为因子相关，对角线上为HTMT。Fornell–Larcker准则：平方根应大于同行同列的相关；"
    "它常发现不了区分效度的缺失（Henseler等，2015），应与HTMT并看。",
    "a: on the diagonal the root of AVE; below it correlations of the factors, above it HTMT. Fornell and Larcker: the "
    "root should exceed the correlations in its row and column; it often misses a lack of discriminant validity "
    "(Henseler et al. 2015): read it with HTMT.",
)


def _intervals(found: HTMT) -> list[Text]:
    """The interval of each HTMT, in a note."""
    parts = [
        (row["construct"], row["other"], row["htmt_low"], row["htmt_high"])
        for _, row in found.frame.iterrows()
        if np.isfinite(row["htmt_low"])
    ]
    if not parts:
        return []
    level = f"{found.conf_level * 100:g}%"
    label = found.basis.label
    shown = [(label(a), label(b), *(in_prose(end, "estimate", 3) for end in ends)) for a, b, *ends in parts]
    zh = "；".join(f"{a.zh}–{b.zh} [{low.zh}, {high.zh}]" for a, b, low, high in shown)
    en = "; ".join(f"{a.en}–{b.en} [{low.en}, {high.en}]" for a, b, low, high in shown)
    return [Text(f"HTMT的{level}区间：{zh}。", f"{level} intervals of HTMT: {en}.")]


def interval_note(interval: str, draws: int, seed: int | None, model: SEM) -> Text:
    """How intervals of HTMT were had."""
    if interval != "delta":
        kind = {"percentile": Text("百分位法", "percentiles"), "bca": Text("BCa法", "BCa")}[interval]
        said = Text("HTMT区间：自助法{d}次，{k}，种子{s}。", "Intervals of HTMT: {d} bootstrap draws, {k}, seed {s}.")
        return said.format(d=draws, k=kind, s=str(seed))
    return Text("HTMT区间：对数尺度，{e}。", "Intervals of HTMT on the logarithm: {e}.").format(e=_errors(model))


def _errors(model: SEM) -> Text:
    """What the errors of the model know of how its rows were drawn."""
    sample = model.sample
    if sample.groups[0].rows is None:
        return Text("正态假定", "normal theory")
    if sample.under_design is not None:
        return Text("依据抽样设计", "under the sampling design")
    if sample.groups[0].clusters is not None:
        return Text("按群", "by clusters")
    if sample.groups[0].weights is not None:
        return Text("加权，各行独立", "weighted, rows independent")
    return Text("各行独立", "rows independent")


def _estimator(model: SEM) -> Text:
    return Text(f"估计方法：{model.estimator}。", f"Estimator: {model.estimator}.")
