"""Common factors by least squares of weighted residual correlations, diagonal left out (DWLS of polychorics)."""

import numpy as np

from sgsurvey.numerics.extraction import SMALLEST_UNIQUENESS, Extraction, canonical, minres
from sgsurvey.numerics.linalg import Array

STEPS = 500
TOLERANCE = 1e-10


def weighted_least_squares(corr: Array, weights: Array, k: int) -> Extraction:
    """Minimise ``sum w_ij (r_ij - l_i' l_j)²`` over pairs; uniquenesses are what is left of 1.

    By Levenberg and Marquardt's steps from the minres solution (Muthén, du Toit and Spisic 1997 for the weights).
    Where a communality leaves its bound, rows are solved one by one within it (Harman and Fukuda 1966, Psychometrika
    31, 563-571).

    Parameters
    ----------
    corr, weights : ndarray, shape (p, p)
        The diagonal of ``weights`` does not count.
    """
    # A common scale of the weights moves nothing but the tolerance.
    pairs = weights * (1 - np.eye(len(corr)))
    pairs = pairs / pairs.sum() * len(corr) * (len(corr) - 1)
    loadings, steps, converged = _by_newton(corr, pairs, minres(corr, k).loadings)
    common = (loadings**2).sum(axis=1)
    if (common > 1 - SMALLEST_UNIQUENESS).any():
        loadings, steps, converged = _row_by_row(corr, pairs, loadings)
    loadings = canonical(loadings)
    uniqueness = np.maximum(1 - (loadings**2).sum(axis=1), SMALLEST_UNIQUENESS)
    return Extraction(loadings, uniqueness, steps, converged)


def _by_newton(corr: Array, weights: Array, loadings: Array) -> tuple[Array, int, bool]:
    p, k = loadings.shape
    i, j = np.tril_indices(p, -1)
    roots = np.sqrt(weights[i, j])

    def left(loadings: Array) -> Array:
        return np.asarray(roots * (corr[i, j] - (loadings[i] * loadings[j]).sum(axis=1)))

    residual, damping = left(loadings), 1e-3
    rows = np.arange(len(i))
    for step in range(1, STEPS + 1):
        slope = np.zeros((len(i), p, k))
        slope[rows, i] = roots[:, None] * loadings[j]
        slope[rows, j] = roots[:, None] * loadings[i]
        flat = slope.reshape(len(i), -1)
        gradient = flat.T @ residual
        if np.abs(gradient).max() < TOLERANCE:
            return loadings, step, True
        square = flat.T @ flat
        while damping < 1e12:
            move = np.linalg.solve(square + damping * np.eye(p * k), gradient).reshape(p, k)
            moved = left(loadings + move)
            if moved @ moved <= residual @ residual:
                break
            damping *= 10
        else:
            return loadings, step, bool(np.abs(gradient).max() < 1e-6)
        still = bool(residual @ residual - moved @ moved < 1e-16 * (residual @ residual))
        loadings, residual, damping = loadings + move, moved, max(damping / 10, 1e-9)
        if still and np.abs(gradient).max() < 1e-7:
            return loadings, step, True
    return loadings, STEPS, False


def _row_by_row(corr: Array, weights: Array, loadings: Array) -> tuple[Array, int, bool]:
    limit = 1 - SMALLEST_UNIQUENESS
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    loadings = loadings * np.minimum(1, np.sqrt(limit) / np.maximum(lengths, 1e-12))
    for step in range(1, 20 * STEPS + 1):
        before = loadings.copy()
        for row in range(len(loadings)):
            square = (loadings * weights[row][:, None]).T @ loadings
            loadings[row] = _within(square, loadings.T @ (weights[row] * corr[row]), limit)
        if np.abs(loadings - before).max() < 1e-9:
            return loadings, step, True
    return loadings, step, False


def _within(square: Array, target: Array, limit: float) -> Array:
    """Minimise ``x' square x - 2 x' target`` over ``x'x <= limit``, by the root of its multiplier."""
    values, vectors = np.linalg.eigh(square)
    turned = vectors.T @ target
    values = np.maximum(values, 1e-12)
    if ((turned / values) ** 2).sum() <= limit:
        return np.asarray(vectors @ (turned / values))
    low, high = 0.0, float(np.sqrt((turned**2).sum() / limit))
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if ((turned / (values + middle)) ** 2).sum() > limit else (low, middle)
    return np.asarray(vectors @ (turned / (values + high)))
