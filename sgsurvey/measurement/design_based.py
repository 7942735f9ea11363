"""Correlations and alpha with intervals that know how the sample was drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.estimators import Alphas, Correlations, Means, Variances
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

FISHER = Text(
    "r的区间和检验在Fisher z尺度上按抽样设计计算；均值、标准差已加权。",
    "Intervals and tests of r on Fisher's z under the design; means and SDs are weighted.",
)
OF_ALPHA = Text(
    "α的置信区间依据抽样设计，在ln(1 − α)尺度上计算；ω为总ω系数（单因子minres，1 − Σu²/ΣR）；"
    "标准化α、ω、λ2、λ6由相关矩阵计算。",
    "Interval of α under the design, on ln(1 − α); ω is omega total (one minres factor, 1 − Σu²/ΣR); standardised α, "
    "ω, λ2 and λ6 are of correlations.",
)


class Pairs(NamedTuple):
    """Correlations of the pairs above the diagonal, row by row, each of shape (q,)."""

    r: Array
    conf_low: Array
    conf_high: Array
    statistic: Array
    df: Array
    p_value: Array
    n: Array


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
        z, error = np.arctanh(r), np.sqrt(np.diag(covariance)) / (1 - r**2)
        t = z / error
    low, high = symmetric_interval(z, error, df, conf_level)
    p = 2 * stats.t.sf(np.abs(t), np.where(df > 0, df, np.nan))
    return Pairs(r, np.tanh(low), np.tanh(high), t, df, p, both.sum(axis=0))


def weighted_moments(answers: Responses, values: Array) -> tuple[Array, Array]:
    """Means and standard deviations of the columns in the population; shape (p,) each."""
    w = np.ones(len(values)) if answers.weights is None else answers.weights
    return Means(values).value(w), np.sqrt(Variances(values).value(w))


def alpha_interval(answers: Responses, names: list[str], conf_level: float) -> tuple[float, float]:
    """Interval of the alpha of items, pooled within roles where there are several: symmetric for ``ln(1 - alpha)``."""
    sample = Sample.of(answers)
    y = answers.items(names).to_numpy(dtype=float)
    roles = (
        pd.factorize(answers.frame["role"], use_na_sentinel=False)[0] if len(answers.roles) > 1 else np.zeros(len(y))
    )
    complete = ~np.isnan(y).any(axis=1)
    statistic = Alphas(sample.whole(y), sample.whole(roles.astype(float), 0.0).astype(np.int64))
    value, covariance = sample.estimate(statistic, complete)
    rest, error = 1 - value[0], np.sqrt(covariance[0, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = symmetric_interval(np.log(rest), error / rest, sample.df(sample.part(complete)), conf_level)
    return float(1 - np.exp(ends[1])), float(1 - np.exp(ends[0]))
