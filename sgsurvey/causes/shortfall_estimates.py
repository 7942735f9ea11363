"""The numbers behind a shortfall: a mean under the design, its distance from a standard, two one-sided tests."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.estimators import Means
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import Codes, Mean, clustered_mean, intraclass

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Standard:
    """What the ratings of some respondents are held against, in points.

    Attributes
    ----------
    values : float or ndarray, shape (n,)
        One number for all, or one for each row of the answers, nan where a row has none.
    influence : ndarray or None, shape (n,)
        Where the one number was estimated from these same answers: what each row adds to it, with weighted mean 0, so
        that the variance of the weighted mean of ``values + influence`` is that of the number.
    std_error : float
        Of a number that was estimated from other answers.
    df : float
        Degrees of freedom of the number's own error.
    few : bool
        It rests on fewer answers than may be shown.
    """

    values: float | Array
    influence: Array | None = None
    std_error: float = 0.0
    df: float = float("inf")
    few: bool = False


def one_sided(
    shortfall: float, smallest: float, std_error: float, df: float, *, certain: bool = False
) -> tuple[float, float, float]:
    """The t, p of "the shortfall is at most ``smallest``", p of "it is at least ``smallest``".

    ``certain``: everybody in the population was asked, and the shortfall is what it is.
    """
    if certain and shortfall != smallest:
        beyond = np.inf if shortfall > smallest else -np.inf
        return beyond, float(beyond < 0), float(beyond > 0)
    if not std_error > 0:
        return float("nan"), 1.0, 1.0
    t = (shortfall - smallest) / std_error
    return t, float(stats.t.sf(t, df)), float(stats.t.cdf(t, df))


def distance(answers: Responses, x: Array, standard: Standard, there: Mask, place: str | None) -> tuple[Mean, Mean]:
    """The mean of ``x`` over the rows ``there``, and the mean of standard less ``x`` with the errors of both.

    Numbers of the respondents' own are subtracted row by row, so that what a person adds to both sides cancels.
    """
    rated = mean_of(answers, x, there, place)
    if isinstance(standard.values, float) and standard.influence is None:
        gap = rated._replace(mean=standard.values - rated.mean)
    else:
        own = standard.values - x + (0.0 if standard.influence is None else standard.influence)
        gap = mean_of(answers, own, there, place)
        gap = gap._replace(df=min(gap.df, standard.df))
    return rated, _independent(gap, standard.std_error, standard.df)


def _independent(mean: Mean, std_error: float, df: float) -> Mean:
    """With the error of an independent number added: variances add, df by Satterthwaite (1946, Biometrics 2)."""
    if std_error == 0:
        return mean
    own, other = mean.std_error**2, std_error**2
    spread = own**2 / mean.df + other**2 / df
    both = (own + other) ** 2 / spread if spread != 0 else float("inf")
    return mean._replace(std_error=float(np.sqrt(own + other)), df=both)


def mean_of(answers: Responses, x: Array, there: Mask, place: str | None) -> Mean:
    """The mean of ``x`` over the rows ``there``, by the design; by the places named, where the design has others."""
    design = answers.design
    if design.is_simple or place != design.clusters:
        w = None if answers.weights is None else answers.weights[there]
        return clustered_mean(x[there], *units_and_strata(answers, place, there), w)
    if design.lonely == "refuse":
        answers = answers.designed(replace(design, lonely="adjust"))
    sample, y = Sample.of(answers), x[:, None]
    value, covariance = sample.estimate(Means(sample.whole(y)), there)
    inside = sample.part(there)
    df, units = sample.df(inside), len(np.unique(sample.stages[0].units[inside > 0]))
    if df <= 0:
        return Mean(float(value[0]), np.nan, np.nan, units, np.nan)
    n, weight = int((inside > 0).sum()), inside[sample.rows][there]
    simple = float(np.average((x[there] - value[0]) ** 2, weights=weight)) / (n - 1) if n > 1 else np.nan
    variance = max(float(covariance[0, 0]), 0.0)
    return Mean(float(value[0]), float(np.sqrt(variance)), df, units, variance / simple if simple > 0 else np.nan)


def members(answers: Responses, by: str | None, code: object) -> Mask:
    """The rows of a group; all rows where there are no groups."""
    if by is None:
        return np.ones(len(answers), dtype=bool)
    return np.asarray(answers.frame[by].isin([code]).fillna(False), dtype=bool)


def is_census(answers: Responses, there: Mask) -> bool:
    """Whether every unit of the strata of these rows, and everybody in them, was asked."""
    sample = Sample.of(answers.designed(replace(answers.design, lonely="adjust")))
    inside = sample.part(there) > 0
    whole = [(stage.taken[inside] > 1 - 1e-9).all() for stage in sample.stages]
    return bool(answers.design.populations) and all(whole)


def units_and_strata(answers: Responses, place: str | None, rows: Mask) -> tuple[Codes, Codes]:
    """Codes of sampling units and of strata for the chosen rows; rows without a cluster are a stratum of units."""
    n = int(rows.sum())
    stratum = np.zeros(n, dtype=np.int64)
    if answers.design.strata is not None:
        stratum = pd.factorize(answers.frame[answers.design.strata][rows], use_na_sentinel=False)[0].astype(np.int64)
    if place is None:
        return np.arange(n), stratum
    units = pd.factorize(answers.frame[place][rows])[0].astype(np.int64)
    loose = units < 0
    units[loose] = units.max() + 1 + np.arange(loose.sum())
    stratum = np.where(loose, stratum.max() + 1, stratum)
    # A cluster that lies in two strata is two units.
    units = pd.factorize(pd.Series(list(zip(units, stratum, strict=True))))[0].astype(np.int64)
    return units, pd.factorize(stratum)[0].astype(np.int64)


def intraclass_of(answers: Responses, x: Array, there: Mask, place: str | None) -> float:
    """ICC(1) of the rows ``there`` that name a place."""
    if place is None:
        return float("nan")
    clusters = pd.factorize(answers.frame[place][there])[0]
    placed = clusters >= 0
    return intraclass(x[there][placed], clusters[placed]) if placed.any() else float("nan")


def places_below(answers: Responses, gap: Array, there: Mask, place: str | None, fewest: int) -> tuple[float, int]:
    """Share of places whose mean is below the standard, of those with ``fewest`` answers; and how many these are.

    Parameters
    ----------
    gap : shape (n,)
        Standard less rating of each row.
    """
    if place is None:
        return float("nan"), 0
    column = answers.frame[place][there]
    codes = pd.factorize(column)[0]
    placed = codes >= 0
    weights = np.ones(len(codes)) if answers.weights is None else answers.weights[there]
    total = np.bincount(codes[placed], weights=(weights * gap[there])[placed])
    enough = np.bincount(codes[placed]) >= fewest
    return float((total[enough] > 0).mean()) if enough.any() else float("nan"), int(enough.sum())
