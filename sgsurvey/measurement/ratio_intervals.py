"""Errors and intervals of heterotrait-monotrait ratios: influence values, the design, resampled rows."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sgsurvey.answers.sample import Sample
from sgsurvey.measurement.design_based import Estimated, covariance_statistic
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.ordered_codes import ordered_codes
from sgsurvey.numerics.covariance_statistics import (
    CovarianceStatistic,
    Function,
    Slopes,
    normal_variance,
    through_correlations,
)
from sgsurvey.numerics.heterotrait import PolychoricRatios, Ratios
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.resample import bca_interval, drawn_covariances, percentile_interval

IntervalKind = Literal["delta", "percentile", "bca"]
# With a larger share of draws without a ratio, what is left says nothing about the sample.
MOST_FAILED = 0.05


def estimated_ratios(found: FactorSample, ratios: Ratios) -> Estimated | None:
    """The ratios with their covariance: of rows or the design; of normal rows where only a matrix is at hand."""
    answers = found.answers
    if answers is None:
        if found.n is None:
            return None
        slopes = through_correlations(ratios.slopes(found.corr), found.corr)
        variance = normal_variance(slopes, found.corr, found.n)
        return Estimated(ratios.value(found.corr), np.diag(variance), np.inf)
    pairwise = found.plan.missing == "pairwise"
    if found.plan.kind == "polychoric":
        survey = Sample.of(answers)
        values = answers.items(list(found.names)).to_numpy(dtype=float)
        inside = ~np.isnan(values).all(axis=1) if pairwise else ~np.isnan(values).any(axis=1)
        codes = survey.whole(ordered_codes(values, found.names).astype(float), -1.0).astype(np.int64)
        value, covariance = survey.estimate(PolychoricRatios(codes, ratios), inside)
        estimated = Estimated(value, covariance, survey.df(survey.part(inside)))
    else:
        estimated = covariance_statistic(
            answers, found.names, *of_covariances(ratios), missing="pairwise" if pairwise else "listwise"
        )
    return estimated._replace(df=np.inf) if answers.design.is_simple else estimated


def resampled(
    x: Array, ratios: Ratios, kind: IntervalKind, draws: int, seed: int, conf_level: float, *, pairwise: bool
) -> tuple[Array, Array, int]:
    """Ends of bootstrap intervals of ratios from rows, shape (n, p), and in how many draws a ratio could not be had."""
    x = x[~np.isnan(x).all(axis=1) if pairwise else ~np.isnan(x).any(axis=1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = ratios.value(correlation(drawn_covariances(x, np.zeros(len(x), dtype=np.int64), draws, seed)))
    statistic, ones = of_rows(x, ratios, pairwise=pairwise), np.ones(len(x))
    value = statistic.value(ones)
    influence = statistic.influence(ones) if kind == "bca" else np.zeros((0, len(value)))
    ends, failed = np.full((len(value), 2), np.nan), 0
    for i, estimate in enumerate(value):
        good = drawn[np.isfinite(drawn[:, i]), i]
        if not np.isfinite(estimate):
            continue
        failed = max(failed, draws - len(good))
        if len(good) < (1 - MOST_FAILED) * draws:
            continue
        if kind == "bca":
            ends[i] = bca_interval(good, float(estimate), influence[:, i], conf_level)
        else:
            ends[i] = percentile_interval(good, conf_level)
    return ends[:, 0], ends[:, 1], failed


def of_rows(x: Array, ratios: Ratios, *, pairwise: bool) -> CovarianceStatistic:
    """The ratios of Pearson correlations of rows, as a statistic of their weights."""
    groups = np.zeros(len(x), dtype=np.int64)
    return CovarianceStatistic(x, groups, *of_covariances(ratios), pairwise)


def of_covariances(ratios: Ratios) -> tuple[Function, Slopes]:
    """The ratios as a function of covariances, with its slopes."""
    return (
        lambda cov: ratios.value(correlation(cov)),
        lambda cov: through_correlations(ratios.slopes(correlation(cov)), cov),
    )
