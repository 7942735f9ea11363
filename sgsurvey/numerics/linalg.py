"""Matrices that correlations need."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def correlation(cov: Array) -> Array:
    """Correlations of a covariance, shape (..., p, p), with an exact diagonal of 1."""
    scale = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    corr = cov / (scale[..., :, None] * scale[..., None, :])
    corr[..., np.arange(cov.shape[-1]), np.arange(cov.shape[-1])] = 1.0
    return corr


def is_singular(corr: Array) -> bool:
    """Whether the smallest eigenvalue drowns in rounding: below ``p`` times machine epsilon of the largest."""
    values = np.linalg.eigvalsh(corr)
    return bool(values[0] < len(corr) * np.finfo(float).eps * values[-1])


def squared_multiple_correlation(corr: Array) -> Array:
    """R² of each variable on all others: ``1 - 1 / diag(R^-1)``; (..., p, p) -> (..., p).  Guttman (1953)."""
    return np.asarray(1 - 1 / np.diagonal(np.linalg.inv(corr), axis1=-2, axis2=-1))


def off_diagonal(matrix: Array) -> Array:
    """The elements outside the diagonal, row by row; shape (p (p - 1),)."""
    return np.asarray(matrix[~np.eye(len(matrix), dtype=bool)])


def symmetric_root(matrix: Array, power: float = 0.5) -> Array:
    """``matrix`` (symmetric, positive definite) to ``power``, by its eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**power) @ vectors.T)


def smoothed(corr: Array, *, lowest: float = 1e-12) -> Array:
    """A positive definite matrix near ``corr``, with a diagonal of 1.

    Eigenvalues below ``lowest`` become a hundred times that, all are brought back to their sum, and the diagonal to 1;
    Wothke (1993), and what psych's ``cor.smooth`` does.
    """
    values, vectors = np.linalg.eigh(corr)
    raised = np.where(values < lowest, 100 * lowest, values)
    raised *= len(corr) / raised.sum()
    return correlation((vectors * raised) @ vectors.T)
