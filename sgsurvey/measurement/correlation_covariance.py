"""How sure the correlations are that factors were sought in: the way from rows, or from n alone, to their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.ordered_codes import ordered_codes
from sgsurvey.numerics.correlation_errors import (
    free_covariance,
    likelihood_influence,
    normal_covariance,
    normal_variances,
)
from sgsurvey.numerics.estimators import Correlations
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence
from sgsurvey.text import Text

Source = Literal["sandwich", "normal"]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CorrelationErrors:
    """Covariance of the correlations in the order of ``np.tril_indices(p, -1)``, its degrees of freedom, and words."""

    covariance: Array
    df: float
    how: Text


NORMAL = Text("正态理论（由模型再生的相关及n）", "by normal theory (from the correlations implied, and n)")
FREE = Text("三明治估计（不假定分布）", "by a sandwich (no distribution assumed)")


def correlation_errors(sample: FactorSample, implied: Array, source: Source) -> CorrelationErrors:
    """The covariance of ``sample.corr``, from its rows ("sandwich", under their design) or by normal theory.

    Raises
    ------
    EstimationError
        The rows are not at hand, n is unknown, or nobody knows the errors of these correlations but the bootstrap.
    """
    if source == "normal":
        if sample.plan.kind != "pearson":
            raise unknown(Text("正态理论只用于Pearson相关。", "normal theory is for Pearson correlations."))
        if sample.plan.missing != "listwise":
            raise unknown(
                Text("正态理论只用于完整的行。", "normal theory is for complete rows."),
                Text('请用method="sandwich"。', "Use method='sandwich'."),
            )
        return CorrelationErrors(normal_covariance(implied, sample.rows("standard_errors")), np.inf, NORMAL)
    if sample.answers is None:
        raise unknown(Text("没有原始数据。", "the rows are not at hand."), Text("请用normal。", "Use method='normal'."))
    if sample.smoothed or sample.plan.kind == "spearman":
        raise unknown(
            Text("这种相关的三明治标准误未知。", "there is no sandwich for these correlations."),
            Text('请用method="bootstrap"。', "Use method='bootstrap'."),
        )
    return _of_rows(sample, sample.answers)


def correlation_variances(sample: FactorSample) -> Array:
    """Variance of each correlation times n; shape (q,).  From the rows where they are at hand."""
    if sample.answers is None or sample.smoothed or sample.plan.kind == "spearman":
        return normal_variances(sample.corr, 1.0)
    return np.diag(_of_rows(sample, sample.answers).covariance) * float(sample.n or 1)


def sample_values(sample: FactorSample, answers: Responses) -> Array:
    """Keyed answers, shape (n, p): nan where missing, and nowhere else than in whole rows under listwise deletion."""
    values = answers.items(list(sample.names)).to_numpy(dtype=float)
    if sample.plan.missing == "listwise":
        values = np.where(np.isnan(values).any(axis=1, keepdims=True), np.nan, values)
    return values


def _of_rows(sample: FactorSample, answers: Responses) -> CorrelationErrors:
    values = sample_values(sample, answers)
    some = np.asarray(~np.isnan(values).all(axis=1))
    if answers.design.is_simple and sample.plan.kind == "pearson":
        return CorrelationErrors(free_covariance(values[some]), np.inf, FREE)
    if sample.plan.kind == "polychoric":
        return _of_categories(sample, answers, some, values)
    if sample.plan.missing == "fiml":
        return _by_influence(answers, some, likelihood_influence(values[some]))
    drawn = Sample.of(answers)
    i, j = np.tril_indices(values.shape[1], -1)
    whole = drawn.whole(values)
    _, covariance = drawn.estimate(Correlations(whole[:, i], whole[:, j]), some)
    return CorrelationErrors(covariance, drawn.df(drawn.part(some)), design_notes(answers.design)[0])


def _of_categories(sample: FactorSample, answers: Responses, some: Mask, values: Array) -> CorrelationErrors:
    """Of polychorics, by the influence of rows on both steps (Muthén 1984)."""
    codes = ordered_codes(values[some], sample.names)
    weights = None if answers.weights is None else answers.weights[some]
    fitted = polychoric(codes, weights)
    pairs = len(sample.names) * (len(sample.names) - 1) // 2
    influence = polychoric_influence(codes, fitted, weights)[:, -pairs:]
    if not np.isfinite(influence).all():
        raise unknown(
            Text("有的题项对已达Fréchet界，没有标准误。", "a pair of items is at its Fréchet bound, without an error."),
            Text("请合并稀少的类别。", "Merge rare categories."),
        )
    return _by_influence(answers, some, influence)


def _by_influence(answers: Responses, some: Mask, influence: Array) -> CorrelationErrors:
    """The covariance from influence values of the rows ``some``, under the design where there is one."""
    if answers.design.is_simple:
        return CorrelationErrors(influence.T @ influence, np.inf, FREE)
    if answers.design.replicates is not None:
        raise unknown(
            Text("重复权数下只有Pearson相关有标准误。", "by replicate weights Pearson correlations alone have errors."),
            Text('请用correlation="pearson"。', "Use correlation='pearson'."),
        )
    drawn = Sample.of(answers)
    whole = np.zeros((len(answers), influence.shape[1]))
    whole[some] = influence
    covariance = drawn.variance(drawn.whole(whole, 0.0))
    return CorrelationErrors(covariance, drawn.df(drawn.part(some)), design_notes(answers.design)[0])


def unknown(what: Text, remedy: Text | str = "") -> EstimationError:
    """No standard errors, and why."""
    return EstimationError(what, where="standard_errors", remedy=remedy)
