"""Whether one slope serves all thresholds of an ordered logit: Brant's test, and likelihood ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.models.contrast_sentences import of_parallel_lines
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.numerics.estimators import Joined
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.parallel_lines import binary_logits, differences, free_log_likelihood, separate_slopes
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.models.likelihood import CategoryFit

ALL = "all"
MEANING = Text(
    "H0：各阈值处的斜率相同（比例优势）。p小，说明同一斜率不适合所有阈值。",
    "H0: the same slope at every threshold (proportional odds). A small p says that one slope does not serve them all.",
)


@dataclass(frozen=True)
class ParallelLines(Result):
    """Tests of proportional odds.

    Attributes
    ----------
    frame : DataFrame
        One row per term, ``"all"`` first: ``term, statistic, df, df2, p_value`` (Brant's chi-square; under a design F
        with ``df2``), ``lr, lr_p_value`` (likelihood ratio of slopes set free; nan under a design, or where there is no
        maximum).
    slopes : DataFrame
        Slopes of the binary logits of "above k", one column per threshold.
    outcome : Text
    """

    slopes: pd.DataFrame
    outcome: Text

    def _table(self) -> Table:
        words = self.frame.assign(
            term=[Text("全部", "All") if t == ALL else self.basis.label(t) for t in self.frame["term"]]
        )
        designed = np.isfinite(self.frame["df2"]).all()
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("statistic", HEADS["f"] if designed else Text("Brant χ²", "Brant χ²"), "statistic"),
            Column("df", HEADS["df"], "df"),
            Column("p_value", HEADS["p_value"], "p"),
            *([] if designed else [
                Column("lr", Text("似然比χ²", "LR χ²"), "statistic"), Column("lr_p_value", HEADS["p_value"], "p"),
            ]),
        ]  # fmt: skip
        title = Text("{outcome}：平行线检验", "{outcome}: test of parallel lines").format(outcome=self.outcome)
        table = Table.from_frame(words, columns, id="parallel_lines", title=title, notes=(MEANING,))
        return table.telling(*of_parallel_lines(table))


def parallel_lines(fit: CategoryFit, basis: Basis) -> ParallelLines:
    """Brant's test of all terms and of each, with likelihood ratios where rows are independent.

    Raises
    ------
    EstimationError
        The model has an offset; the outcome has two values only, or a binary logit has no estimate.
    """
    cuts, p = len(fit.levels) - 1, fit.model.X.shape[1]
    if fit.model.offset is not None:
        raise EstimationError(
            Text("有offset的模型没有平行线检验。", "there is no test of parallel lines with an offset."),
            remedy=Text("请去掉offset。", "Fit the model without it."),
        )
    if cuts < 2:
        raise EstimationError("with two values there is one line.", remedy="Use an outcome with three values or more.")
    found = separate_slopes(fit.model, fit.weights) if fit.placed is None else _under_design(fit, fit.placed)
    slopes, covariance = found
    columns = [j for j, name in enumerate(fit.design.names) if name != INTERCEPT]
    terms = {ALL: list(range(p)), **{t.name: [columns.index(c) for c in t.columns] for t in fit.design.terms}}
    lines = [{"term": name, **_line(fit, slopes, covariance, own)} for name, own in terms.items()]
    names = [fit.design.names[j] for j in columns]
    table = pd.DataFrame(slopes.T, names, [f"> {level:g}" for level in map(float, map(str, fit.levels[:-1]))])
    labels = {term.name: term.label for term in fit.design.terms}
    return ParallelLines(pd.DataFrame(lines), basis.labelled(labels), table, fit.design.outcome_label)


def _line(fit: CategoryFit, slopes: Array, covariance: Array, own: list[int]) -> dict[str, float]:
    contrasts = differences(len(slopes), slopes.shape[1], own)
    gap = contrasts @ slopes.ravel()
    q, chi = len(gap), float(gap @ np.linalg.solve(contrasts @ covariance @ contrasts.T, gap))
    if fit.placed is not None:
        # Korn and Graubard (1999), section 3.7: the Wald statistic as an F on the design's degrees of freedom.
        df2 = fit.placed.sample.df(fit.placed.sample.part(fit.placed.inside)) - q + 1
        f = chi * df2 / (df2 + q - 1) / q if df2 > 0 else np.nan
        p_value = float(stats.f.sf(f, q, df2)) if df2 > 0 else np.nan
        return {"statistic": f, "df": q, "df2": df2, "p_value": p_value, "lr": np.nan, "lr_p_value": np.nan}
    free = free_log_likelihood(fit.model, fit.theta, fit.weights, own)
    lr = 2 * (free - fit.log_likelihood)
    return {
        "statistic": chi, "df": q, "df2": np.nan, "p_value": float(stats.chi2.sf(chi, q)),
        "lr": lr, "lr_p_value": float(stats.chi2.sf(lr, q)),
    }  # fmt: skip


def _under_design(fit: CategoryFit, placed: Placed) -> tuple[Array, Array]:
    """Slopes of the binary logits and their covariance under the sample's design."""
    whole = type(fit.model)(
        placed.whole(fit.model.X), placed.whole(fit.model.y).astype(np.int64), fit.model.categories, fit.model.link
    )
    everybody = np.ones(len(whole.y), dtype=bool)
    logits = Joined([(each, everybody) for each in binary_logits(whole)])
    theta, covariance = placed.sample.estimate(logits, placed.inside)
    size = 1 + fit.model.X.shape[1]
    keep = [k * size + 1 + j for k in range(len(fit.levels) - 1) for j in range(size - 1)]
    return theta[keep].reshape(-1, size - 1), covariance[np.ix_(keep, keep)]
