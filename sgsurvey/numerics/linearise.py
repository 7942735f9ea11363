"""The variance of a total under the sample's design: one recursive function, from which every other variance comes.

A statistic theta has influence values u_i with ``theta_hat - theta ~ sum_i w_i u_i``; its variance is that of this
total (Woodruff 1971; Demnati and Rao 2004, Survey Methodology 30, 17-26).  A new statistic costs its influence values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.unequal import Unequal

Codes = npt.NDArray[np.int64]
Lonely = Literal["refuse", "adjust", "average", "certainty"]


@dataclass(frozen=True)
class Stage:
    """One stage of selection, for n rows; codes are 0, 1 … without gaps.

    Attributes
    ----------
    units : ndarray of int, shape (n,)
        The unit of each row, numbered over the whole sample: a unit lies in one stratum and in one unit of the stage
        above.
    strata : ndarray of int, shape (n,)
        The stratum from which the unit was drawn: below the first stage, strata within the unit above.
    population : ndarray or None, shape (n,)
        Units in the population of the row's stratum; None: drawn with replacement, or from very many.
    unequal : Unequal or None
        For units drawn without replacement with unequal probabilities, instead of ``population``.
    """

    units: Codes
    strata: Codes
    population: Array | None = None
    unequal: Unequal | None = None

    @cached_property
    def stratum_of(self) -> Codes:
        """The stratum of each unit; shape (U,)."""
        stratum = np.zeros(int(self.units.max()) + 1, dtype=np.int64)
        stratum[self.units] = self.strata
        return stratum

    @cached_property
    def sizes(self) -> Codes:
        """Units in each stratum of the sample; shape (H,)."""
        return np.bincount(self.stratum_of)

    @cached_property
    def fractions(self) -> Array:
        """Sampling fraction of each stratum, 0 with replacement; shape (H,)."""
        fractions = np.zeros(len(self.sizes))
        if self.population is not None:
            population = np.zeros(len(fractions))
            population[self.strata] = self.population
            fractions = self.sizes / population
        return fractions

    @cached_property
    def taken(self) -> Array:
        """Probability with which the unit of each row was drawn, 0 with replacement; shape (n,)."""
        if self.unequal is not None:
            return self.unequal.probabilities[self.units]
        return self.fractions[self.strata]

    @cached_property
    def lonely(self) -> Codes:
        """Strata of one unit that are not the whole of their population: they say nothing about the variance."""
        if self.unequal is not None:
            return np.flatnonzero(self.unequal.uncertain == 1)
        return np.flatnonzero((self.sizes == 1) & (self.fractions < 1.0 - 1e-12))


def total_variance(z: Array, stages: Sequence[Stage], *, lonely: Lonely = "adjust") -> Array:
    """Covariance of the totals of ``z`` under a design of one or more stages.

    ``V = sum_h (1 - f_h) n_h / (n_h - 1) sum_t (z_t - zbar_h)(z_t - zbar_h)' + sum_h f_h sum_t V_t``, the last
    being the same sum within each unit (Särndal, Swensson and Wretman 1992, *Model Assisted Survey Sampling*, section
    4.3, for simple random sampling at each stage).  Units drawn with unequal probabilities have the quadratic form of
    ``Unequal`` for the first sum, and each its own probability for ``f_h`` in the second.

    Parameters
    ----------
    z : shape (n, q)
        Weighted influence values; rows outside the domain are 0 and are not left out.
    stages : sequence of Stage
        From the first stage down.
    lonely : "adjust", "average" or "certainty"
        What a lonely stratum adds: its distance from the mean of all units; the average of what the others add;
        nothing.  To refuse it is for the caller.

    Returns
    -------
    ndarray, shape (q, q)
    """
    variance = np.zeros((z.shape[1], z.shape[1]))
    carried = np.ones(len(z))
    for stage in stages:
        variance += _stage_variance(z, stage, carried, lonely)
        carried = carried * stage.taken
        if not carried.any():
            break
    return variance


def _stage_variance(z: Array, stage: Stage, carried: Array, lonely: Lonely) -> Array:
    """What one stage adds; ``carried`` is the product of the sampling fractions above, shape (n,)."""
    stratum, sizes, alone = stage.stratum_of, stage.sizes, stage.lonely
    totals = sums_by(z, stage.units, len(stratum))
    above = np.zeros(len(sizes))
    above[stage.strata] = carried
    scaled = totals * np.sqrt(above[stratum])[:, None]
    if stage.unequal is not None:
        variance = stage.unequal.variance(scaled)
    else:
        factor = (1.0 - stage.fractions) * np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0)
        deviation = scaled - (sums_by(scaled, stratum, len(sizes)) / sizes[:, None])[stratum]
        variance = (deviation * factor[stratum, None]).T @ deviation
    if len(alone) and lonely == "adjust":
        apart = np.isin(stratum, alone)
        if stage.unequal is not None:
            apart &= stage.unequal.probabilities < 1
        deviation = (totals - totals.mean(axis=0))[apart] * np.sqrt(above[stratum[apart]])[:, None]
        variance = variance + deviation.T @ deviation
    elif len(alone) and lonely == "average" and len(sizes) > len(alone):
        variance = variance * len(sizes) / (len(sizes) - len(alone))
    return variance


def sums_by(z: Array, codes: Codes, n: int) -> Array:
    """Sums of the rows of ``z`` that share a code; shape (n, q)."""
    return np.column_stack([np.bincount(codes, weights=column, minlength=n) for column in z.T])


class Mean(NamedTuple):
    """A mean with its standard error, degrees of freedom (units less strata), units and design effect."""

    mean: float
    std_error: float
    df: float
    units: int
    deff: float


def clustered_mean(x: Array, units: Codes, strata: Codes, weights: Array | None = None) -> Mean:
    """Mean of ``x`` with the variance between units within strata, drawn with replacement.

    With each row its own unit in one stratum its variance is the ordinary ``s^2 / n``.  A stratum of a single unit is
    compared with the mean of all.

    Parameters
    ----------
    x, units, strata : shape (n,)
        Codes 0, 1 … without gaps; each unit lies in one stratum.
    weights : shape (n,), optional

    Returns
    -------
    Mean
        ``std_error`` and ``df`` are nan when there is but one unit per stratum; ``deff`` compares with ``s^2 / n``.
    """
    w = np.ones(len(x)) if weights is None else weights
    total, n = w.sum(), len(x)
    mean = float(w @ x / total)
    stage = Stage(units, strata)
    variance = float(total_variance((w * (x - mean) / total)[:, None], [stage])[0, 0])
    df = float(len(stage.stratum_of) - len(stage.sizes))
    simple = float(w @ (x - mean) ** 2 / total) / (n - 1) if n > 1 else np.nan
    deff = variance / simple if simple > 0 else np.nan
    if df <= 0:
        return Mean(mean, np.nan, np.nan, len(stage.stratum_of), np.nan)
    return Mean(mean, float(np.sqrt(variance)), df, len(stage.stratum_of), deff)


def intraclass(x: Array, clusters: Codes) -> float:
    """ICC(1) of a one-way analysis of variance with unequal sizes; nan with fewer than two clusters.

    Donner (1986), International Statistical Review 54, 67-82.  It may come out below 0.
    """
    size = np.bincount(clusters).astype(float)
    g, n = len(size), len(x)
    if g < 2 or n <= g:
        return float("nan")
    means = np.bincount(clusters, weights=x) / size
    between = float(size @ (means - x.mean()) ** 2) / (g - 1)
    within = float(((x - means[clusters]) ** 2).sum()) / (n - g)
    typical = (n - float(size @ size) / n) / (g - 1)
    spread = between + (typical - 1) * within
    return (between - within) / spread if spread > 0 else float("nan")
