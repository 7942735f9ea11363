"""Slopes on predictors that were measured with error, from covariances of many samples at once."""

from __future__ import annotations

import numpy as np

from sgsurvey.numerics.linalg import Array

# Below this the smallest eigenvalue of the predictors' correlations, errors taken out, tells that the slopes multiply
# noise.
STABLE = 0.05


def without_errors(sxx: Array, reliability: Array) -> Array:
    """Covariances of the true scores: ``S_xx - diag((1 - rho_k) s_k^2)``.

    Fuller and Hidiroglou (1978), Journal of the American Statistical Association 73, 99-104: errors are independent of
    everything else, and ``1 - rho`` is their share of the variance.

    Parameters
    ----------
    sxx : ndarray, shape (D, q, q)
    reliability : ndarray, shape (D, q)
        1 for what holds no error.
    """
    q = sxx.shape[1]
    errors = (1 - reliability) * np.einsum("dkk->dk", sxx)
    return np.asarray(sxx - errors[:, :, None] * np.eye(q))


def stable_slopes(sxx: Array, sxy: Array) -> tuple[Array, Array]:
    """Slopes ``sxx^-1 sxy``, and how far they may be trusted; shapes (D, q, q), (D, q) to (D, q), (D,).

    Returns
    -------
    slopes : ndarray, shape (D, q)
    smallest : ndarray, shape (D,)
        Smallest eigenvalue of ``sxx`` in correlation form, -1 where a variance is none; see ``STABLE``.
    """
    variance = np.einsum("dkk->dk", sxx)
    scale = 1 / np.sqrt(np.where(variance > 0, variance, 1.0))
    smallest = np.linalg.eigvalsh(sxx * scale[:, :, None] * scale[:, None, :])[:, 0]
    return solve(sxx, sxy), np.where((variance > 0).all(axis=1), smallest, -1.0)


def solve(sxx: Array, sxy: Array) -> Array:
    """``sxx^-1 sxy`` for each replicate, in correlation form so that units do not matter; shapes (R, q, q), (R, q)."""
    size = np.sqrt(np.maximum(np.einsum("rkk->rk", sxx), 0.0))
    scale = np.divide(1.0, size, out=np.zeros_like(size), where=size > 1e-12)
    inverse = np.linalg.pinv(sxx * scale[:, :, None] * scale[:, None, :], rcond=1e-10, hermitian=True)
    return np.asarray(np.einsum("rkl,rl->rk", inverse, sxy * scale) * scale)
