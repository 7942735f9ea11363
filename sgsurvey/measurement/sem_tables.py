"""The pages of a structural model: loadings, paths, fit, rival models, residuals, modification indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.measurement import sem_sentences
from sgsurvey.measurement.estimators import ESTIMATORS
from sgsurvey.tables.conventions import OF_FIT
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.model_comparison import ModelComparison
    from sgsurvey.measurement.sem import SEM

OLDER_WORK = Text("旧文献所用", "Of older work")
FIT_COLUMNS = (
    Column("chi_square", HEADS["chi_square"], "statistic"),
    Column("df", HEADS["df"], "df"),
    Column("p_value", HEADS["p_value"], "p"),
    Column("chi_square_df", HEADS["chi_square_df"], "statistic"),
    Column("cfi", HEADS["cfi"], "bounded"),
    Column("tli", HEADS["tli"], "estimate", 3),
    Column("rmsea", HEADS["rmsea"], "bounded"),
    Column("rmsea_low:rmsea_high", HEADS["conf_90"], "bounded_interval"),
    Column("srmr", HEADS["srmr"], "bounded"),
    Column("gfi", same("GFI"), "bounded", spanner=OLDER_WORK),
    Column("agfi", same("AGFI"), "bounded", spanner=OLDER_WORK),
    Column("nfi", same("NFI"), "bounded", spanner=OLDER_WORK),
    Column("ifi", same("IFI"), "estimate", 3, OLDER_WORK),
    Column("aic", same("AIC"), "statistic"),
    Column("bic", same("BIC"), "statistic"),
)
OF_INDICES = Text(
    "小样本时TLI和RMSEA过于严格。RMSEA以N计算。",
    "In small samples TLI and RMSEA reject too often. RMSEA with N.",
)


def described(result: SEM) -> Text:
    """Estimator and groups, as a note."""
    return Text("估计方法：{words}。", "Estimated by {words}.").format(words=ESTIMATORS[result.estimator].words)


def drawn(frame: pd.DataFrame, observed: Sequence[str], *, measurement: bool) -> pd.DataFrame:
    """The relations that a path diagram shows: no variances, no covariance fixed at 0, items where asked for."""
    kept = frame[frame["op"].isin(["=~", "~", "~~"]) & (frame["lhs"] != frame["rhs"])]
    kept = kept[(kept["op"] != "~~") | (kept["estimate"] != 0)]
    if not measurement:
        acting = {name for pair in frame.loc[frame["op"] == "~", ["lhs", "rhs"]].to_numpy() for name in pair}
        items = set(frame.loc[frame["op"] == "=~", "rhs"]) & set(observed) - acting
        kept = kept[~kept["lhs"].isin(items) & ~kept["rhs"].isin(items)]
    return kept


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
    title = Text("验证性因子分析载荷", "Loadings of the factor model")
    table = Table("cfa_loadings", title, columns, tuple(rows), notes)
    return table.telling(*sem_sentences.of_loadings(table))


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
    title = Text("结构方程路径系数", "Paths of the structural model")
    table = Table("sem_paths", title, columns, tuple(rows), notes)
    return table.telling(*sem_sentences.of_paths(table, result.basis.claim))


def _path(line: pd.Series, words: Text, share: float | None, columns: tuple[Column, ...]) -> Row:
    values = {**line.to_dict(), "path": words, "r_squared": share}
    values["conf_low:conf_high"] = (line["conf_low"], line["conf_high"])
    return Row(tuple(Cell(values[c.key], c.kind, c.digits) for c in columns))


def _arrow(result: SEM, line: pd.Series) -> Text:
    cause, effect = result.basis.label(line["rhs"]), result.basis.label(line["lhs"])
    return Text(f"{cause.zh} → {effect.zh}", f"{cause.en} → {effect.en}")


def fit_table(result: SEM) -> Table:
    """Fit of one model, with a line of its own for each corrected test."""
    shown = _shown({"": result}, older=True)
    columns = (Column("model", HEADS["model"], "text"), *shown)
    notes = (described(result), OF_INDICES, *dict.fromkeys(result.remarks))
    title = Text("模型拟合指标", "Fit of the model")
    table = Table("sem_fit", title, columns, tuple(_fit_rows("", result, shown)), notes)
    return table.telling(*sem_sentences.of_fit(table)).with_thresholds(OF_FIT)


def _fit_rows(name: str, result: SEM, shown: list[Column]) -> list[Row]:
    label = result.basis.label(name) if name else same(result.estimator)
    rows = [Row((Cell(label), *(_fit_cell(result, column, "") for column in shown)))]
    for suffix, mark, words in (("_scaled", "chi_square_scaled", SCALED), ("_robust", "cfi_robust", ROBUST)):
        if np.isfinite(result.fit.get(mark, np.nan)):
            line = Text(f"{label.zh}，{words.zh}", f"{label.en}, {words.en}")
            rows.append(Row((Cell(line), *(_fit_cell(result, column, suffix) for column in shown))))
    return rows


def comparison_table(comparison: ModelComparison, *, older: bool = False) -> Table:
    """Rival models with their fit, and their differences from the row above; ``older`` indices where asked for."""
    results = comparison.models
    shown = _shown(results, older=older)
    apart = Text("与上一模型之差", "Against the row above")
    changes = [Column(key, head, kind, digits, apart) for key, head, kind, digits in DIFFERENCES]
    rows = []
    for line, (name, result) in zip(comparison.frame.to_dict("records"), results.items(), strict=True):
        first, *more = _fit_rows(name, result, shown)
        rows.append(replace(first, cells=(*first.cells, *(Cell(line[c.key], c.kind, c.digits) for c in changes))))
        rows += [replace(row, cells=(*row.cells, *(Cell() for _ in changes))) for row in more]
    tested = NESTED.format(test=DIFFERENCE_TESTS[comparison.test])
    notes = [described(next(iter(results.values()))), OF_INDICES, tested]
    notes += dict.fromkeys(remark for result in results.values() for remark in result.remarks)
    columns = (Column("model", HEADS["model"], "text"), *shown, *changes)
    table = Table("sem_models", Text("竞争模型比较", "Rival models"), columns, tuple(rows), tuple(notes))
    return table.telling(*sem_sentences.of_models(table)).with_thresholds(OF_FIT)


def _fit_cell(result: SEM, column: Column, suffix: str) -> Cell:
    keys = column.key.split(":")
    values = [result.fit.get(f"{key}{suffix}", float("nan")) for key in keys]
    return Cell(values[0] if len(values) == 1 else (values[0], values[1]), column.kind, column.digits)


def _shown(results: Mapping[str, SEM], *, older: bool) -> list[Column]:
    """The indices that any of the models has, the ``older`` ones where asked for."""
    columns = [column for column in FIT_COLUMNS if older or column.spanner is not OLDER_WORK]
    keys = {column.key: column.key.split(":")[0] for column in columns}
    return [c for c in columns if any(np.isfinite(r.fit.get(keys[c.key], np.nan)) for r in results.values())]


def modification_table(result: SEM, *, most: int = 10, least: float = 3.84) -> Table:
    """The largest modification indices, with the change that each promises."""
    frame = result.modification_indices()
    frame = frame[frame["mi"] >= least].head(most).copy()
    several = len(result.groups) > 1
    frame["relation"] = pd.Series([relation(result, line) for _, line in frame.iterrows()], frame.index, object)
    if several:
        frame["group"] = pd.Series([group_words(result, g) for g in frame["group"]], frame.index, object)
    columns = [
        Column("relation", RELATION, "text"),
        *([Column("group", HEADS["group"], "text")] if several else []),
        Column("mi", same("MI"), "statistic"),
        Column("p_value", HEADS["p_value"], "p"),
        Column("epc", EXPECTED, "estimate", 3),
        Column("epc_std", Text("标准化预期改变", "Standardised"), "estimate", 3),
    ]
    title = Text("修正指数", "Modification indices")
    notes = (described(result), NOT_BY_NUMBERS)
    return Table.from_frame(frame, columns, id="sem_modification", title=title, notes=notes)


def residuals_table(result: SEM, *, group: str | None = None) -> Table:
    """Residual correlations below the diagonal."""
    residuals = result.residuals("correlation", group=group)
    names = list(residuals.columns)
    columns = (Column("item", HEADS["item"], "text"), *(Column(n, same(n), "bounded") for n in names[:-1]))
    rows = []
    for i, name in enumerate(names[1:], 1):
        line = [Cell(float(residuals.iloc[i, j]), "bounded") if j < i else Cell() for j in range(len(names) - 1)]
        rows.append(Row((Cell(result.basis.coded(name)), *line)))
    return Table("sem_residuals", Text("残差相关", "Residual correlations"), columns, tuple(rows), (LARGE_RESIDUALS,))


def relation(result: SEM, line: pd.Series) -> Text:
    """A relation in words: an arrow from cause to effect, a double one for a covariance."""
    left, right = result.basis.label(line["lhs"]), result.basis.label(line["rhs"])
    sign = "↔" if line["op"] == "~~" else "→" if line["op"] == "=~" else "←"
    return Text(f"{left.zh} {sign} {right.zh}", f"{left.en} {sign} {right.en}")


def _fit_note(result: SEM) -> tuple[Text, ...]:
    """The fit in one line, as a note under estimates: that of the scaled test where there is one."""
    fit = result.fit
    if not fit["df"] > 0:
        return (SATURATED,)
    kinds: dict[str, Kind] = {
        "chi_square": "statistic",
        "df": "df",
        "cfi": "bounded",
        "tli": "estimate",
        "rmsea": "bounded",
    }
    suffix = "_scaled" if "chi_square_scaled" in fit else ""
    shown = {key: in_prose(fit[f"{key}{suffix}"], kind, 3 if key != "df" else 0) for key, kind in kinds.items()}
    shown["srmr"] = in_prose(fit["srmr"], "bounded", 3)
    head = Text("拟合", "Fit") if not suffix else Text("拟合（校正检验）", "Fit (scaled test)")
    return (
        Text(
            "{head}：χ²({df}) = {chi_square}，CFI = {cfi}，TLI = {tli}，RMSEA = {rmsea}，SRMR = {srmr}。",
            "{head}: χ²({df}) = {chi_square}, CFI = {cfi}, TLI = {tli}, RMSEA = {rmsea}, SRMR = {srmr}.",
        ).format(head=head, **shown),
    )


SCALED, ROBUST = Text("校正", "scaled"), Text("稳健", "robust")
DIFFERENCES: tuple[tuple[str, Text, Kind, int | None], ...] = (
    ("delta_chi_square", same("Δχ²"), "statistic", None),
    ("delta_df", same("Δdf"), "df", None),
    ("delta_p", same("p"), "p", None),
    ("delta_cfi", same("ΔCFI"), "bounded", None),
)
NESTED = Text(
    "Δχ²只在两个模型嵌套时给出（嵌套与否用拟合隐含矩的方法检验）：{test}；不嵌套的模型请比较AIC和BIC（越小越好）。",
    "Δχ² is given where one model holds the other, which was tested on implied moments: {test}. Compare AIC and BIC "
    "(less is better) where neither does.",
)
DIFFERENCE_TESTS: dict[str, Text] = {
    "likelihood_ratio": Text("卡方之差", "the difference of chi-squares"),
    "satorra_bentler_2001": Text(
        "Satorra和Bentler（2001）的校正差，为负时不给",
        "scaled after Satorra and Bentler (2001), and not given where that is negative",
    ),
    "satorra_bentler_2010": Text(
        "Satorra和Bentler（2010）的校正差，恒为正", "scaled after Satorra and Bentler (2010), which is always positive"
    ),
    "satorra_2000": Text(
        "Satorra（2000）均值和方差校正的差，约束取自两模型的导数",
        "scaled and shifted after Satorra (2000), restrictions by the derivatives of both models",
    ),
    "satorra_2000_exact": Text(
        "Satorra（2000）均值和方差校正的差，约束取自参数",
        "scaled and shifted after Satorra (2000), restrictions among the parameters",
    ),
}
RELATION = Text("放开的参数", "Parameter freed")
EXPECTED = Text("预期参数改变", "Expected change")
NOT_BY_NUMBERS = Text(
    "MI为放开该参数后χ²预计的下降（自由度1），每次只放开一个。只有理论上说得通的修正才可采用，并须说明模型是看过数据后修改的。",
    "MI is the fall of χ² to expect from freeing the parameter (1 df), one at a time. Free only what theory supports, "
    "and say that the model was changed after seeing the data.",
)
LARGE_RESIDUALS = Text(
    "观测相关减模型隐含相关；绝对值大于.10者值得查看。",
    "Observed less implied correlations; beyond .10 in size they are worth a look.",
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
