"""Covariances of the correlations of a sample, in the order of ``np.tril_indices(p, -1)``."""

import numpy as np

from sgsurvey.numerics.em import normal_moments, patterns
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.normal_likelihood import row_pulls, saturated_information, saturated_scores

BLOCK = 4096


def normal_covariance(corr: Array, n: float) -> Array:
    """Under normality, where ``corr`` holds in the population; shape (q, q).  Olkin and Siotani (1976)."""
    i, j = np.tril_indices(len(corr), -1)
    r = corr[i, j]
    ii, ij, ji, jj = (corr[np.ix_(a, b)] for a, b in ((i, i), (i, j), (j, i), (j, j)))
    found = ii * jj + ij * ji
    found -= r[None, :] * (ii * ji + ij * jj) + r[:, None] * (ii * ij + ji * jj)
    found += 0.5 * np.outer(r, r) * (ii**2 + ij**2 + ji**2 + jj**2)
    return np.asarray(found / n)


def normal_variances(corr: Array, n: float) -> Array:
    """The diagonal of ``normal_covariance``, ``(1 - r²)² / n``; shape (q,)."""
    return np.asarray((1 - corr[np.tril_indices(len(corr), -1)] ** 2) ** 2 / n)


def free_covariance(values: Array, weights: Array | None = None) -> Array:
    """Without any distribution: the covariance of the influence of independent rows on Pearson correlations.

    Each correlation is that of the rows complete on its pair; Browne (1982), and for pairs van Praag and others (1985).

    Parameters
    ----------
    values : ndarray, shape (n, p)
        nan where missing.
    weights : ndarray, shape (n,), optional
    """
    i, j = np.tril_indices(values.shape[1], -1)
    w = np.ones(len(values)) if weights is None else weights
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    filled = np.where(there, values - (w @ filled) / np.maximum(w @ there, 1e-300), 0.0)
    counted = there * w[:, None]
    # Entry (a, b) is about variable a over the rows where b is there too.
    total = counted.T @ there
    mean = (filled.T @ counted) / total
    sd = np.sqrt((filled**2).T @ counted / total - mean**2)
    r = ((filled.T @ (filled * w[:, None])) / total - mean * mean.T) / (sd * sd.T)
    meat = np.zeros((len(i), len(i)))
    for start in range(0, len(values), BLOCK):
        x, seen = filled[start : start + BLOCK], there[start : start + BLOCK]
        a = (x[:, i] - mean[i, j]) / sd[i, j]
        b = (x[:, j] - mean[j, i]) / sd[j, i]
        u = seen[:, i] * seen[:, j] * (a * b - r[i, j] * (a**2 + b**2) / 2) / total[i, j]
        u *= w[start : start + BLOCK, None]
        meat += u.T @ u
    return meat * len(values) / (len(values) - 1)


def likelihood_influence(values: Array) -> Array:
    """Influence of each row on the correlations that maximum likelihood finds in rows with gaps; shape (n, q).

    The scores of the saturated normal likelihood through its observed information, which is right for answers missing
    at random and asks no normality of the errors; Yuan and Bentler (2000), Sociological Methodology 30, 165-200.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        nan where missing; every row has a value.
    """
    p = values.shape[1]
    found = patterns(values)
    moments = normal_moments(found, tolerance=1e-10, iterations=5000)
    scores = saturated_scores(row_pulls(values, found, moments.mean, moments.cov))
    information = saturated_information(found, moments.mean, moments.cov, observed=True)
    moved = np.linalg.solve(information, scores.T).T[:, p:]
    row, col = np.tril_indices(p)
    at = np.zeros((p, p), dtype=int)
    at[row, col] = np.arange(len(row))
    i, j = np.tril_indices(p, -1)
    variance = np.diag(moments.cov)
    scale = np.sqrt(variance[i] * variance[j])
    r = moments.cov[i, j] / scale
    own = moved[:, at[np.arange(p), np.arange(p)]] / variance
    return np.asarray(moved[:, at[i, j]] / scale - r / 2 * (own[:, i] + own[:, j]))
