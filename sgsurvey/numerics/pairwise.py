"""Covariances and correlations over the rows that are complete on each pair of variables."""

import numpy as np

from sgsurvey.numerics.linalg import Array


def pairwise_covariance(values: Array) -> tuple[Array, Array]:
    """Covariances, each over the rows complete on its pair, about the means of these rows; divisor ``n - 1``.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Missing values as nan.

    Returns
    -------
    cov, n : ndarray, shape (p, p)
        ``cov`` need not be positive definite; it is nan where fewer than two rows are complete.
    """
    cov, _, n = _sums(values)
    return np.where(n > 1, cov / np.maximum(n - 1, 1), np.nan), n


def pairwise_pearson(values: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Product-moment correlations over the rows complete on each pair.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Missing values as nan.
    weights : ndarray, shape (n,), optional
        Of at least 0; ``n`` is then their sum.

    Returns
    -------
    r, n : ndarray, shape (p, p)
        ``r`` is nan where a variable does not vary.
    """
    cross, spread, n = _sums(values, weights)
    with np.errstate(invalid="ignore"):
        r = cross / np.sqrt(spread * spread.T)
    np.fill_diagonal(r, np.where(np.isnan(np.diag(r)), np.nan, 1.0))
    return np.clip(r, -1, 1), n


def _sums(values: Array, weights: Array | None = None) -> tuple[Array, Array, Array]:
    """Sums of products, of squares of the first variable (nan where it does not vary), and rows; each (p, p)."""
    there = ~np.isnan(values)
    seen = there.astype(float)
    counts = seen if weights is None else seen * weights[:, None]
    # Sums of what is far from zero lose digits: the variables are centred first.
    filled = np.where(there, values, 0.0)
    filled = np.where(there, values - filled.sum(axis=0) / np.maximum(seen.sum(axis=0), 1.0), 0.0)
    n = counts.T @ seen
    # Entry (i, j) is about variable i over the rows where j is there too.
    sums, squares = filled.T @ counts, (filled**2).T @ counts
    rows = np.where(n > 0, n, 1.0)
    spread = squares - sums**2 / rows
    spread = np.where(spread > 1e-12 * np.diag(squares)[:, None], spread, np.nan)
    return filled.T @ (filled if weights is None else filled * weights[:, None]) - sums * sums.T / rows, spread, n
