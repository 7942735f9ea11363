"""What weights do: how unequal they are, what that costs, and which are the largest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.words import code_words
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text
from sgsurvey.weighting.reweigh import sampled

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

TITLE = Text("权数的分布与设计效应", "Distribution and design effect of the weights")
KISH = Text(
    "Kish设计效应为1+变异系数的平方，有效样本量为n除以它；只计权数大于0的行。",
    "Kish's design effect is 1 + CV squared, the effective n is n over it; rows with a weight above 0.",
)
RATIO = Text("倍数：权数除以调整之前的权数。", "Ratio: weight over the weight before any adjustment.")
COLUMNS = [
    Column("group", HEADS["group"], "text"),
    Column("n", HEADS["n"], "count"),
    Column("sum", Text("权数之和", "Sum"), "estimate", 1),
    Column("mean", Text("均值", "Mean")),
    Column("min:max", Text("最小–最大", "Min, max"), "interval"),
    Column("cv", Text("变异系数", "CV")),
    Column("deff", Text("Kish设计效应", "Kish's deff")),
    Column("n_effective", Text("有效样本量", "Effective n"), "estimate", 1),
    Column("ratio_min:ratio_max", Text("倍数", "Ratio"), "interval"),
    Column("largest_share", Text("最大1%所占比例（%）", "Share of the largest 1% (%)"), "percent"),
]


def kish_deff(w: Array) -> float:
    """``n sum w^2 / (sum w)^2 = 1 + CV^2`` (Kish 1992, Journal of Official Statistics 8, 183-200)."""
    return float(len(w) * (w @ w) / w.sum() ** 2)


@dataclass(frozen=True)
class WeightEffects(Result):
    """How unequal weights are, and what that costs.

    Attributes
    ----------
    frame : DataFrame
        A row for everybody, or for each group: ``group, n, sum, mean, min, max, cv, deff, n_effective, ratio_min,
        ratio_max, largest_share`` (of the sum, by the largest 1 % of the weights, at least one).
    weights : DataFrame
        A row for each respondent with a weight above 0: ``weight, base`` (before any adjustment), ``ratio, group``.
    strata : DataFrame
        A row for each stratum of the design: ``stratum, clusters, n, mean, deff, n_effective``.
    clusters : DataFrame
        A row for each cluster of the design: ``stratum, n, mean`` weight.  In both nan where there are too few persons.
    """

    weights: pd.DataFrame
    strata: pd.DataFrame
    clusters: pd.DataFrame

    def largest(self, n: int = 10) -> pd.DataFrame:
        """The rows with the n largest weights: ``weight, base, ratio, group``, by their labels in the answers."""
        return self.weights.nlargest(n, "weight")

    def _table(self) -> Table:
        notes = [KISH, RATIO]
        table = Table.from_frame(self.frame, COLUMNS, id="weights", title=TITLE, notes=notes)
        few = self.frame["n"].between(1, self.basis.smallest - 1)
        hidden = {part for column in COLUMNS[1:] for part in column.key.split(":")}
        return table.hiding([hidden if row else () for row in few])

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The share of respondents up to each weight, a line for each group of at least the smallest count shown."""
        from sgsurvey.figures.weights import weight_distribution

        words = language or self.basis.language
        large = self.frame.loc[self.frame["n"] >= self.basis.smallest, "group"].tolist()
        kept = self.weights[self.weights["group"].isin(large)]
        tidy = kept[["weight"]].assign(group=[group.to(words) for group in kept["group"]])
        return weight_distribution(tidy, n=len(kept), ax=ax, language=words)

    def design_map(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The mean weight of each cluster, stratum by stratum, with design effects and effective n."""
        from sgsurvey.figures.weight_map import weight_map

        words = language or self.basis.language
        spoken = [
            part.assign(stratum=[stratum.to(words) for stratum in part["stratum"]])
            for part in (self.strata, self.clusters)
        ]
        w = self.weights["weight"].to_numpy(dtype=float)
        deff = kish_deff(w)
        return weight_map(*spoken, overall=(deff, len(w) / deff), ax=ax, language=words)


def weight_effects(data: Responses | pd.DataFrame, *, by: str | None = None) -> WeightEffects:
    """How unequal the weights are, and how many respondents of equal weight the sample is worth.

    Parameters
    ----------
    data : Responses or DataFrame
        With its design; without weights every respondent counts once.
    by : str, optional
        Column whose values are shown apart (strata, townships, sexes).

    Examples
    --------
    ``sg.weight_effects(raked, by="township_id").plot()``
    """
    answers, sample = sampled(data)
    w = sample.weights[sample.rows]
    done = answers.design.calibrations
    base = done[0].base[sample.rows] if done else w
    counted = w > 0
    overall = HEADS["overall"]
    groups = pd.Series([overall] * len(w), index=answers.frame.index, dtype=object)
    missing = np.zeros(len(w), dtype=bool)
    if by is not None:
        values = answers.variables([by])[by]
        labels = {code: code_words(answers, by, code) for code in values.dropna().unique()}
        groups = pd.Series([labels.get(value) for value in values], index=answers.frame.index, dtype=object)
        missing = values.isna().to_numpy() & counted
    kept = counted & ~missing
    weights = pd.DataFrame(
        {"weight": w[kept], "base": base[kept], "ratio": w[kept] / base[kept], "group": groups[kept]},
        index=answers.frame.index[kept],
    )
    rows = [_row(overall, weights)] if by is None else []
    if by is not None:
        rows = [_row(labels[code], weights[groups[kept] == labels[code]]) for code in sorted(labels)]
    reasons = {"weight 0": int((~counted).sum()), f"{by} missing": int(missing.sum())}
    dropped = {reason: count for reason, count in reasons.items() if count}
    basis = answers.basis(int(kept.sum()), dropped)
    strata, clusters = _mapped(answers, weights["weight"].to_numpy(dtype=float), kept)
    return WeightEffects(pd.DataFrame([row for row in rows if row["n"]]), basis, weights, strata, clusters)


def _mapped(answers: Responses, w: Array, kept: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strata, and the clusters within them, with their weights; rows of no cluster are one together."""
    design, smallest = answers.design, answers.questionnaire.smallest_cell
    table = pd.DataFrame({"weight": w, "stratum": "", "cluster": ""})
    for part, column in (("stratum", design.strata), ("cluster", design.clusters)):
        if column is not None:
            table[part] = answers.frame[column].to_numpy()[kept]
    strata, clusters = [], []
    for stratum, mine in table.groupby("stratum", sort=True, dropna=False):
        words = HEADS["overall"] if design.strata is None else code_words(answers, design.strata, stratum)
        parts = [part["weight"].to_numpy() for _, part in mine.groupby("cluster", sort=True, dropna=False)]
        clusters += [{"stratum": words, **_mean(part, smallest)} for part in parts]
        own = mine["weight"].to_numpy()
        deff = kish_deff(own) if len(own) >= smallest else np.nan
        numbers = {**_mean(own, smallest), "deff": deff, "n_effective": len(own) / deff}
        strata.append({"stratum": words, "clusters": len(parts), **numbers})
    return pd.DataFrame(strata), pd.DataFrame(clusters)


def _mean(w: Array, smallest: int) -> dict[str, float]:
    """How many, and their mean weight; nan where there are too few."""
    few = len(w) < smallest
    return {"n": np.nan if few else float(len(w)), "mean": np.nan if few else float(w.mean())}


def _row(group: Text, part: pd.DataFrame) -> dict[str, object]:
    w = part["weight"].to_numpy(dtype=float)
    if not len(w):
        return {"group": group, "n": 0}
    deff = kish_deff(w)
    top = np.sort(w)[-max(1, len(w) // 100) :]
    return {
        "group": group,
        "n": len(w),
        "sum": w.sum(),
        "mean": w.mean(),
        "min": w.min(),
        "max": w.max(),
        "cv": w.std() / w.mean(),
        "deff": deff,
        "n_effective": len(w) / deff,
        "ratio_min": part["ratio"].min(),
        "ratio_max": part["ratio"].max(),
        "largest_share": top.sum() / w.sum(),
    }
