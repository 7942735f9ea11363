"""The pages of measurement invariance: levels, parameters released, latent means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sgsurvey.measurement.estimators import ESTIMATORS
from sgsurvey.measurement.invariance_sentences import of_levels, of_means
from sgsurvey.measurement.scales import worded
from sgsurvey.tables.conventions import of_invariance
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.invariance import Invariance

NAMES = {
    "configural": Text("形态等值", "Configural"),
    "thresholds": Text("阈值等值", "Thresholds"),
    "metric": Text("弱等值（载荷）", "Metric (loadings)"),
    "scalar": Text("强等值（截距）", "Scalar (intercepts)"),
    "strict": Text("严格等值（残差）", "Strict (residuals)"),
    "none": Text("无", "none"),
}
DECISIONS = {
    "baseline": Text("基准", "baseline"),
    "held": Text("成立", "held"),
    "mixed": Text("按CFI成立，RMSEA或SRMR超限", "held by CFI, not by RMSEA or SRMR"),
    "not held": Text("不成立", "not held"),
    "not reached": Text("前一水平不成立", "level before does not hold"),
}
SUFFIXES = {
    "": Text("CFI、RMSEA未校正", "CFI and RMSEA are the naive ones"),
    "_robust": Text("CFI、RMSEA为稳健指标", "CFI and RMSEA are the robust ones"),
    "_scaled": Text("CFI、RMSEA由校正卡方计算", "CFI and RMSEA are those of the scaled test"),
}


def level_words(name: str) -> Text:
    """A level in words, ``partial scalar`` too."""
    if name.startswith("partial "):
        whole = NAMES[name.removeprefix("partial ")]
        return Text(f"部分{whole.zh}", f"Partial {whole.en[0].lower()}{whole.en[1:]}")
    return NAMES[name]


def levels_table(result: Invariance) -> Table:
    """One row a level: fit, changes from the level before, decision."""
    change = Text("与前一水平之差", "Change from the level before")
    columns = (
        Column("model", HEADS["model"], "text"),
        Column("chi_square", HEADS["chi_square"], "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("cfi", HEADS["cfi"], "bounded"),
        Column("rmsea", HEADS["rmsea"], "bounded"),
        Column("rmsea_low:rmsea_high", HEADS["conf_90"], "bounded_interval"),
        Column("srmr", HEADS["srmr"], "bounded"),
        Column("delta_cfi", same("ΔCFI"), "bounded", 3, change),
        Column("delta_rmsea", same("ΔRMSEA"), "bounded", 3, change),
        Column("delta_srmr", same("ΔSRMR"), "bounded", 3, change),
        Column("diff_chi_square", same("Δχ²"), "statistic", None, change),
        Column("diff_df", same("Δdf"), "df", None, change),
        Column("diff_p", HEADS["p_value"], "p", None, change),
        Column("decision", Text("判断", "Decision"), "text"),
    )
    frame = worded(result.frame, model=level_words, decision=DECISIONS.__getitem__)
    reached = level_words(result.reached)
    notes = (
        Text("估计方法：{words}；{kind}。", "Estimated by {words}; {kind}.").format(
            words=ESTIMATORS[result.estimator].words, kind=SUFFIXES[result.suffix]
        ),
        _rule(result),
        Text(f"达到的水平：{reached.zh}。", f"Level reached: {reached.en}."),
        *result.remarks,
    )
    title = Text("测量等值性检验", "Measurement invariance")
    table = Table.from_frame(frame, columns, id="invariance", title=title, notes=notes)
    cut = result.cut_offs
    table = table.telling(*of_levels(table, reached, DECISIONS["not held"], comparable=len(result.means) > 0))
    return table.with_thresholds(of_invariance(cut.cfi, cut.rmsea, cut.srmr))


def _rule(result: Invariance) -> Text:
    cut = result.cut_offs
    numbers = {
        "cfi": in_prose(cut.cfi, "bounded", 3),
        "rmsea": in_prose(cut.rmsea, "bounded", 3),
        "loadings": in_prose(cut.srmr["metric"], "bounded", 3),
        "others": in_prose(cut.srmr["others"], "bounded", 3),
    }
    return Text(
        "判断规则：CFI下降不超过{cfi}即成立（Cheung和Rensvold 2002），RMSEA上升不超过{rmsea}、SRMR上升不超过"
        "{loadings}（载荷）或{others}（其他）为佐证（Chen 2007）；这些界限有争议，须与Δχ²一并看。",
        "Rule: a level holds when CFI falls by no more than {cfi} (Cheung and Rensvold 2002); rises of RMSEA up to "
        "{rmsea} and of SRMR up to {loadings} (loadings) or {others} (the rest) support it (Chen 2007).  The cut-offs "
        "are disputed: read them with the Δχ².",
    ).format(**numbers)


def log_table(result: Invariance) -> Table:
    """What was released, step by step."""
    columns = (
        Column("step", Text("步骤", "Step"), "count"),
        Column("level", Text("水平", "Level"), "text"),
        Column("parameter", Text("放开的参数", "Released"), "text"),
        Column("statistic", Text("得分检验χ²", "Score test χ²"), "statistic"),
        Column("df", HEADS["df"], "df"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("cfi_before", Text("放开前CFI", "CFI before"), "bounded"),
        Column("cfi_after", Text("放开后CFI", "CFI after"), "bounded"),
    )
    frame = worded(result.log, level=level_words)
    notes = (
        Text(
            "每次放开得分检验最大（且p < .05）的一个参数；每个因子至少保留两个等值题项。"
            "由数据选出的模型须用新样本验证。",
            "One parameter at a time, the one with the largest score test (p < .05); two items of each factor stay "
            "equal.  A model that the data chose needs other data to confirm it.",
        ),
    )
    title = Text("部分等值：逐步放开的参数", "Partial invariance: parameters released one at a time")
    return Table.from_frame(frame, columns, id="invariance_log", title=title, notes=notes)


def means_table(result: Invariance) -> Table:
    """Latent means of the other groups less the first's."""
    columns = (
        Column("factor", HEADS["factor"], "text"),
        Column("difference", Text("均值差", "Difference"), "estimate", 3),
        Column("std_error", HEADS["std_error"], "estimate", 3),
        Column("conf_low:conf_high", HEADS["conf_95"], "interval", 3),
        Column("p_value", HEADS["p_value"], "p"),
        Column("d", same("d"), "estimate"),
    )
    basis = result.basis
    rows: list[Row] = []
    for group, part in result.means.groupby("group", sort=False):
        reference = basis.label(part["reference"].iloc[0])
        other = basis.label(group)
        head = Text(f"{other.zh} − {reference.zh}", f"{other.en} − {reference.en}")
        rows.append(Row((Cell(head, span=len(columns)),), kind="group"))
        for _, line in part.iterrows():
            values = {**line.to_dict(), "factor": basis.coded(line["factor"])}
            values["conf_low:conf_high"] = (line["conf_low"], line["conf_high"])
            rows.append(Row(tuple(Cell(values[c.key], c.kind, c.digits) for c in columns)))
    reached = level_words(result.reached)
    note = Text(
        f"达到的水平：{reached.zh}；d为均值差除以组内因子标准差。",
        f"Level reached: {reached.en}; d is the difference in standard deviations of the factor within groups.",
    )
    if not len(result.means):
        note = Text(
            "截距（强）等值未达到，各组的潜均值不可比。", "Intercepts are not equal: latent means cannot be compared."
        )
    title = Text("潜均值差异", "Differences of latent means")
    table = Table("invariance_means", title, columns, tuple(rows), (note,))
    return table.telling(*of_means(table))
