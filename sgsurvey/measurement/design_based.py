"""Correlations, and whatever is a function of covariances, with intervals that know how the sample was drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.measurement.scales import role_codes
from sgsurvey.numerics.covariance_statistics import CovarianceStatistic, Function, Slopes
from sgsurvey.numerics.estimators import Correlations, Means, Variances
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.likelihood_statistics import LikelihoodStatistic
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

FISHER = Text(
    "r的区间和检验在Fisher z尺度上按抽样设计计算；均值、标准差按设计权数（如有）计算。",
    "Intervals and tests of r on Fisher's z under the design; means and SDs by its weights, if any.",
)

Missing = Literal["listwise", "pairwise", "fiml"]
Scale = Literal["identity", "log", "rest", "fisher", "logit"]

# A scale, the way back, and its slope.
SCALES: dict[Scale, tuple[Callable[[Array], Array], Callable[[Array], Array], Callable[[Array], Array]]] = {
    "identity": (np.asarray, np.asarray, np.ones_like),
    "log": (np.log, np.exp, lambda x: 1 / x),
    "rest": (lambda x: np.log(1 - x), lambda x: 1 - np.exp(x), lambda x: 1 / (1 - x)),
    "fisher": (np.arctanh, np.tanh, lambda x: 1 / (1 - x**2)),
    "logit": (special.logit, special.expit, lambda x: 1 / (x * (1 - x))),
}


class Estimated(NamedTuple):
    """Values, shape (q,), their covariance, shape (q, q), and the design's degrees of freedom."""

    value: Array
    covariance: Array
    df: float

    @property
    def std_error(self) -> Array:
        """Shape (q,)."""
        return np.sqrt(np.diag(self.covariance))


class Pairs(NamedTuple):
    """Correlations of the pairs above the diagonal, row by row, each of shape (q,)."""

    r: Array
    conf_low: Array
    conf_high: Array
    statistic: Array
    df: Array
    p_value: Array
    n: Array
    std_error: Array


def correlated_pairs(answers: Responses, values: Array, conf_level: float) -> Pairs:
    """Pearson correlations of the columns of ``values``, shape (n, p), over the rows complete on each pair.

    Error by linearisation (or replicates), on Fisher's z: ``se(z) = se(r) / (1 - r^2)``.
    """
    sample, (i, j) = Sample.of(answers), np.triu_indices(values.shape[1], 1)
    y, x = sample.whole(values[:, i]), sample.whole(values[:, j])
    r, covariance = sample.estimate(Correlations(y, x))
    both = ~(np.isnan(y) | np.isnan(x)) & (sample.weights > 0)[:, None]
    df = np.array([sample.df(np.where(column, sample.weights, 0.0)) for column in both.T])
    with np.errstate(divide="ignore", invalid="ignore"):
        std_error = np.sqrt(np.diag(covariance))
        z, error = np.arctanh(r), std_error / (1 - r**2)
        t = z / error
    low, high = symmetric_interval(z, error, df, conf_level)
    p = 2 * stats.t.sf(np.abs(t), np.where(df > 0, df, np.nan))
    return Pairs(r, np.tanh(low), np.tanh(high), t, df, p, both.sum(axis=0), std_error)


def weighted_moments(answers: Responses, values: Array) -> tuple[Array, Array]:
    """Means and standard deviations of the columns in the population; shape (p,) each."""
    w = np.ones(len(values)) if answers.weights is None else answers.weights
    return Means(values).value(w), np.sqrt(Variances(values).value(w))


def covariance_statistic(
    answers: Responses,
    names: Sequence[str],
    function: Function,
    slopes: Slopes | None = None,
    *,
    missing: Missing = "listwise",
) -> Estimated:
    """A statistic of the covariances of items, with its error under the declared design (or of independent rows).

    By linearisation, with the influence values that the chain rule gives, or by replicate weights where there are any.
    Covariances are pooled within roles where there are several.

    Parameters
    ----------
    names : sequence of str
        Items, keyed; ``function`` gets their covariance matrix in this order.
    function : callable (p, p) -> (q,)
        Anything that depends on the covariances alone: omega, AVE, CR, HTMT.
    slopes : callable (p, p) -> (q, p, p), optional
        Its slopes; by differences where not given.
    missing : "listwise", "pairwise" or "fiml"
        Complete rows; each covariance over the rows that have both items; maximum likelihood (of one role).
    """
    y = answers.items(names).to_numpy(dtype=float)
    used = ~np.isnan(y).any(axis=1) if missing == "listwise" else ~np.isnan(y).all(axis=1)

    def statistic(y: Array, groups: npt.NDArray[np.int64]) -> CovarianceStatistic | LikelihoodStatistic:
        if missing == "fiml":
            return LikelihoodStatistic(y, function, slopes)
        return CovarianceStatistic(y, groups, function, slopes, missing == "pairwise")

    if answers.design.is_simple:
        n = int(used.sum())
        value, influence = statistic(y[used], role_codes(answers)[used]).estimate(np.ones(n))
        return Estimated(value, influence.T @ influence * n / max(n - 1, 1), n - 1.0)
    sample = Sample.of(answers)
    groups = sample.whole(role_codes(answers).astype(float), 0.0).astype(np.int64)
    value, covariance = sample.estimate(statistic(sample.whole(y), groups), used)
    return Estimated(value, covariance, sample.df(sample.part(used)))


def covariance_statistic_interval(
    answers: Responses, names: Sequence[str], function: Function, conf_level: float, scale: Scale
) -> tuple[Array, Array, Array]:
    """Values of ``function`` of the covariances of ``names``, and the ends of their intervals; shape (q,) each.

    Symmetric on ``scale``: the value itself, its logarithm (ratios), ``ln(1 - value)`` (coefficients below 1), Fisher's
    z (correlations), the logit (shares).
    """
    found = covariance_statistic(answers, names, function)
    low, high = interval_on(scale, found.value, found.std_error, found.df, conf_level)
    return found.value, low, high


def interval_on(scale: Scale, value: Array, error: Array, df: float, conf_level: float) -> tuple[Array, Array]:
    """An interval that is symmetric on a scale; infinite ``df`` takes the normal; nan where the scale ends."""
    to, back, slope = SCALES[scale]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = symmetric_interval(to(value), error * np.abs(slope(value)), df, conf_level)
        low, high = (np.asarray(back(end)) for end in ends)
    return np.minimum(low, high), np.maximum(low, high)
