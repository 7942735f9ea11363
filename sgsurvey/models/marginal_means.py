"""Marginal means of a model, and contrasts between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.coefficient_sentences import TOLD
from sgsurvey.models.contrast_sentences import JOINT, of_contrasts, of_means
from sgsurvey.models.covariance import Array, Covariance, Wald
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.hidden_coefficients import hide_few, without_few
from sgsurvey.models.reference_grid import OVER, ReferenceGrid
from sgsurvey.models.wording import conf_head, f_in_prose
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.numerics.studentized_range import studentized_range_sf
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

ContrastAdjustment = Adjustment | Literal["tukey"]
ADJUSTED: dict[str, Text] = {
    "holm": Text("Holm法", "Holm"),
    "BH": Text("Benjamini–Hochberg法", "Benjamini–Hochberg"),
    "tukey": Text("Tukey法（学生化极差）", "Tukey (studentized range)"),
    "none": Text("未校正", "not adjusted"),
}


@dataclass(frozen=True)
class LinearModel:
    """What contrasts need of a fitted model.

    Attributes
    ----------
    design : DesignMatrix
    coefficients : ndarray, shape (p,)
        In the order of the design's columns.
    covariance : Covariance
    notes : tuple of Text
    odds : bool
        The coefficients are logarithms of odds.
    """

    design: DesignMatrix
    coefficients: Array
    covariance: Covariance
    notes: tuple[Text, ...]
    odds: bool = False


@dataclass(frozen=True)
class MarginalMeans(Result):
    """Means that a model expects where some predictors are held.

    Attributes
    ----------
    frame : DataFrame
        The predictors held; for a model of categories ``event`` (``"= 4"``, ``">= 4"``), whose probability the mean
        is; ``estimate, std_error, df, conf_low, conf_high``, nan where few people stand behind a mean.
    labels : tuple of Text
        The words of each row.
    over : "equal" or "sample"
    conf_level : float
    outcome : Text
    notes : tuple of Text
    """

    labels: tuple[Text, ...]
    over: str
    conf_level: float
    outcome: Text
    notes: tuple[Text, ...]

    def _table(self) -> Table:
        events = [Column("event", HEADS["outcome"], "text")] if "event" in self.frame else []
        columns = [
            Column("cell", HEADS["group"], "text"),
            *events,
            Column("estimate", Text("概率", "Probability") if events else Text("边际均值", "Marginal mean"), digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("df", HEADS["df"], "df"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]
        shown = self.frame.assign(cell=pd.Series(self.labels, dtype=object))
        if events:
            shown["event"] = [same(event.replace(">=", "≥")) for event in shown["event"]]
        title = Text("{outcome}：边际均值", "{outcome}: marginal means").format(outcome=self.outcome)
        notes = (OVER[self.over], *self.notes)
        table = Table.from_frame(shown, columns, id="marginal_means", title=title, notes=notes)
        shown_table = without_few(table, self.frame["estimate"])
        return shown_table.telling(*of_means(shown_table, self.outcome))


@dataclass(frozen=True)
class Contrasts(Inline):
    """Differences between marginal means.

    Attributes
    ----------
    frame : DataFrame
        ``contrast, estimate, std_error, statistic, df, p_value, p_adjusted, conf_low, conf_high`` (each interval by
        itself), and for the logit ``odds_ratio, odds_low, odds_high``.
    labels : tuple of Text
    joint : Wald
        The test that all contrasts are 0 (nan where they are more than the covariance can bear).
    adjust : "holm", "BH", "tukey" or "none"
    over : "equal" or "sample"
    conf_level : float
    outcome : Text
    notes : tuple of Text
    """

    labels: tuple[Text, ...]
    joint: Wald
    adjust: ContrastAdjustment
    over: str
    conf_level: float
    outcome: Text
    notes: tuple[Text, ...]

    @property
    def family(self) -> int:
        """How many p-values were adjusted together."""
        return int(self.frame["p_value"].notna().sum())

    inline_columns = (*TOLD, "p_adjusted")
    named_by = "contrast"

    def _table(self) -> Table:
        odds = "odds_ratio" in self.frame
        interval = "odds_low:odds_high" if odds else "conf_low:conf_high"
        columns = [
            Column("contrast", Text("比较", "Contrast"), "text"),
            Column("estimate", HEADS["difference"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("statistic", HEADS["z" if np.isinf(self.frame["df"]).all() else "t"], "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
            *([Column("odds_ratio", HEADS["odds_ratio"], digits=3)] if odds else []),
            Column(interval, conf_head(self.conf_level), "interval", digits=3),
        ]
        shown = self.frame.assign(contrast=pd.Series(self.labels, dtype=object))
        family = Text(
            "p值校正：{method}，同族{m}个检验；区间未校正。", "p adjusted: {method}, family of {m}; intervals are not."
        ).format(method=ADJUSTED[self.adjust], m=self.family)
        title = Text("{outcome}：边际均值的比较", "{outcome}: contrasts of marginal means").format(outcome=self.outcome)
        notes = (OVER[self.over], family, *self.notes)
        table = Table.from_frame(shown, columns, id="contrasts", title=title, notes=notes)
        table = without_few(table, self.frame["estimate"])
        joint = (Cell(JOINT), Cell(f_in_prose(self.joint), span=len(columns) - 1))
        full = table.extended([Row(joint, kind="stat")])
        return full.telling(*of_contrasts(full))


def linear_means(linear: LinearModel, grid: ReferenceGrid, over: str, basis: Basis, conf_level: float) -> MarginalMeans:
    """Means of the outcome of a linear model, as emmeans has them."""
    lines = linear.covariance.combinations(linear.coefficients, grid.functions, conf_level)
    offset = np.array([share @ own for share, own in zip(grid.shares, grid.offsets, strict=True)])
    for key in ("estimate", "conf_low", "conf_high"):
        lines[key] += offset
    lines = hide_few(lines, linear.design.speaks_of_few(grid.functions))
    frame = pd.concat([grid.cells, lines.drop(columns=["statistic", "p_value"])], axis=1)
    outcome = linear.design.outcome_label
    return MarginalMeans(frame, basis, grid.labels, over, conf_level, outcome, linear.notes)


def contrasts(
    linear: LinearModel,
    grid: ReferenceGrid,
    basis: Basis,
    conf_level: float,
    *,
    over: str,
    against: object,
    weights: Mapping[str, Sequence[float]] | None,
    adjust: ContrastAdjustment,
) -> Contrasts:
    """All pairs, each cell ``against`` one, or the combinations that ``weights`` name.

    Raises
    ------
    DataError
        ``against`` is no cell, or weights are not one per cell with sum 0.
    EstimationError
        An unknown adjustment, or Tukey's for other contrasts than all pairs.
    """
    allowed = (*get_args(Adjustment), "tukey")
    if adjust not in allowed:
        raise EstimationError(
            f"'{adjust}' is no adjustment of p-values.{did_you_mean(str(adjust), allowed)}",
            where="adjust=",
            remedy=f"Choose from {', '.join(allowed)}.",
        )
    if adjust == "tukey" and (weights is not None or against is not None):
        raise EstimationError("Tukey's adjustment is for all pairs.", where="adjust=", remedy="Use 'holm'.")
    if len(grid.cells) < 2:
        raise DataError("there is one mean only.", where="by=", remedy="Name a predictor with several values.")
    names, labels, against_zero = _chosen(grid, against, weights)
    functions = against_zero @ grid.functions
    frame = linear.covariance.combinations(linear.coefficients, functions, conf_level)
    frame = hide_few(frame, linear.design.speaks_of_few(functions))
    if adjust == "tukey":
        ranges = np.sqrt(2) * frame["statistic"].abs()
        p = [
            np.nan if np.isnan(q) else studentized_range_sf(q, len(grid.cells), df)
            for q, df in zip(ranges, frame["df"], strict=True)
        ]
    else:
        p = list(adjusted(frame["p_value"], adjust))
    frame.insert(5, "p_adjusted", p)
    frame.insert(0, "contrast", names)
    if linear.odds:
        odds = {"odds_ratio": "estimate", "odds_low": "conf_low", "odds_high": "conf_high"}
        frame = frame.assign(**{name: np.exp(frame[column]) for name, column in odds.items()})
    joint = linear.covariance.wald(linear.coefficients, _independent(functions))
    outcome = linear.design.outcome_label
    return Contrasts(frame, basis, tuple(labels), joint, adjust, over, conf_level, outcome, linear.notes)


def _chosen(
    grid: ReferenceGrid, against: object, weights: Mapping[str, Sequence[float]] | None
) -> tuple[list[str], list[Text], Array]:
    """Names, words and weights of the contrasts; shape (contrasts, cells)."""
    k = len(grid.cells)
    if weights is not None:
        for name, own in weights.items():
            if len(own) != k or abs(sum(own)) > 1e-8:
                raise DataError(
                    f"the contrast '{name}' has {len(own)} weights with sum {sum(own):g}.",
                    where="weights=",
                    remedy=f"Give {k} weights with sum 0, for {', '.join(label.en for label in grid.labels)}.",
                )
        return list(weights), [same(name) for name in weights], np.array(list(weights.values()), dtype=float)
    codes = [", ".join(map(_code, cell)) for cell in grid.cells.itertuples(index=False)]
    if against is None:
        pairs = list(combinations(range(k), 2))
    else:
        if _code(against) not in codes:
            raise DataError(f"'{against}' is none of the cells.", where="against=", remedy=f"Choose from {codes}.")
        reference = codes.index(_code(against))
        pairs = [(j, reference) for j in range(k) if j != reference]
    rows = np.zeros((len(pairs), k))
    for row, (one, other) in zip(rows, pairs, strict=True):
        row[one], row[other] = 1.0, -1.0
    names = [f"{codes[one]} - {codes[other]}" for one, other in pairs]
    labels = [
        Text("{one} − {other}", "{one} − {other}").format(one=grid.labels[one], other=grid.labels[other])
        for one, other in pairs
    ]
    return names, labels, rows


def _code(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _independent(functions: Array) -> Array:
    """As many orthonormal combinations of the rows as these span."""
    _, values, vectors = np.linalg.svd(functions, full_matrices=False)
    return np.asarray(vectors[values > 1e-9 * values[0]])
