"""Means of clustered samples by Taylor linearisation, and how alike members of a cluster are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Codes = npt.NDArray[np.int64]


class Mean(NamedTuple):
    """A mean with its standard error, degrees of freedom (units less strata), units and design effect."""

    mean: float
    std_error: float
    df: float
    units: int
    deff: float


def clustered_mean(x: Array, units: Codes, strata: Codes, weights: Array | None = None) -> Mean:
    """Mean of ``x`` with the variance between units within strata.

    ``V = sum_h G_h / (G_h - 1) sum_t (z_t - zbar_h)^2``, where ``z_t = sum_i w_i (x_i - xbar) / W`` is what unit t adds
    to the linearised mean (Särndal, Swensson and Wretman 1992, *Model Assisted Survey Sampling*, section 5.7).  With
    each row its own unit in one stratum this is the ordinary ``s^2 / n``.  A stratum of a single unit is compared with
    the mean of all.

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
    added = np.bincount(units, weights=w * (x - mean) / total)
    stratum = np.zeros(len(added), dtype=np.int64)
    stratum[units] = strata
    size = np.bincount(stratum)
    centre = np.where(size > 1, np.bincount(stratum, weights=added) / np.maximum(size, 1), 0.0)
    factor = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
    variance = float(factor[stratum] @ (added - centre[stratum]) ** 2)
    df = float(len(added) - (size > 0).sum())
    simple = float(w @ (x - mean) ** 2 / total) / (n - 1) if n > 1 else np.nan
    deff = variance / simple if simple > 0 else np.nan
    if df <= 0:
        return Mean(mean, np.nan, np.nan, len(added), np.nan)
    return Mean(mean, float(np.sqrt(variance)), df, len(added), deff)


def intraclass(x: Array, clusters: Codes) -> float:
    """ICC(1) of a one-way analysis of variance with unequal sizes; nan with fewer than two clusters.

    Donner (1986), International Statistical Review 54, 67-82, equation (2.1).  It may come out below 0.
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
