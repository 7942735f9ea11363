"""The matrix that a thesis prints (r below, alpha on the diagonal), and the thresholds of ordered variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.measurement.correlation_sentences import of_matrix
from sgsurvey.tables.format import stars
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

if TYPE_CHECKING:
    from sgsurvey.measurement.correlations import Correlations

KINDS = {
    "pearson": Text("Pearson相关", "Pearson's r"),
    "spearman": Text("Spearman等级相关", "Spearman's ρ"),
    "polychoric": Text("多分格相关", "Polychoric correlations"),
    "mixed": Text(
        "多分格（两个有序变量）、多系列（有序与连续）和Pearson相关（两个连续变量）",
        "Polychoric (two ordered variables), polyserial (ordered and continuous) and Pearson correlations (continuous)",
    ),
}


def correlation_table(found: Correlations) -> Table:
    """Means, standard deviations and the lower triangle with stars."""
    names = list(found.matrix.columns)
    pairs = found.frame.set_index(["variable", "other"])
    columns = (
        Column("variable", HEADS["variable"], "text"),
        Column("mean", HEADS["mean"]),
        Column("sd", HEADS["sd"]),
        *(Column(name, same(str(i)), "bounded") for i, name in enumerate(names, 1)),
    )
    rows = []
    alphas = found.summary["alpha"].to_numpy(dtype=float)
    for i, line in enumerate(found.summary.itertuples(index=False)):
        label = found.basis.label(line.variable)
        cells = [
            Cell(Text(f"{i + 1} {label.zh}", f"{i + 1} {label.en}"), "text"),
            Cell(line.mean, "estimate", suppressed=bool(line.n and np.isnan(line.mean))),
            Cell(line.sd, "estimate", suppressed=bool(line.n > 1 and np.isnan(line.sd))),
        ]
        for j, other in enumerate(names):
            if j < i:
                pair = pairs.loc[(other, names[i])]
                few = 0 < pair["n"] < found.basis.smallest
                cells.append(Cell(pair["estimate"], "bounded", stars=stars(pair["p_value"]), suppressed=bool(few)))
            elif j == i and not np.isnan(alphas[i]):
                cells.append(Cell(alphas[i], "bounded", mark="α"))
            else:
                cells.append(Cell(same("—") if j == i else None, "text"))
        rows.append(Row(tuple(cells)))
    title = Text("描述统计与相关矩阵", "Means, standard deviations and correlations")
    table = Table("correlations", title, columns, tuple(rows), (*_notes(found), *found.remarks))
    return table.telling(*of_matrix(table))


def threshold_table(found: Correlations) -> Table:
    """One row per threshold."""
    frame = found.thresholds
    between = [f"{low:g} | {high:g}" for low, high in zip(frame["lower"], frame["upper"], strict=True)]
    shown = pd.DataFrame(
        {
            "variable": pd.Series([found.basis.coded(name) for name in frame["variable"]], frame.index, object),
            "between": pd.Series([same(text) for text in between], frame.index, object),
            "estimate": frame["estimate"],
            "std_error": frame["std_error"],
        }
    )
    columns = [
        Column("variable", HEADS["variable"], "text"),
        Column("between", Text("介于选项", "Between codes"), "text"),
        Column("estimate", Text("阈值", "Threshold"), "estimate", 3),
        Column("std_error", HEADS["std_error"], "estimate", 3),
    ]
    note = Text(
        "阈值为标准正态分位数，取自各变量自身的边际分布。", "Standard normal quantiles of each variable's own margin."
    )
    title = Text("有序变量的阈值", "Thresholds of the ordered variables")
    table = Table.from_frame(shown, columns, id="thresholds", title=title, notes=(note,))
    return table.hiding([("estimate", "std_error") if few else () for few in frame["estimate"].isna()])


def _notes(found: Correlations) -> list[Text]:
    notes = [Text("对角线下为{k}。", "{k} below the diagonal.").format(k=KINDS[found.method])]
    if found.summary["alpha"].notna().any():
        notes.append(Text("对角线上带α者为α系数。", "On the diagonal, marked α: coefficient alpha."))
    low, high = int(found.frame["n"].min()), int(found.frame["n"].max())
    if low < high:
        notes.append(Text(f"成对删除，每对n为{low}至{high}。", f"Pairwise complete rows: n from {low} to {high}."))
    else:
        notes.append(same(f"n = {high}."))
    return notes
