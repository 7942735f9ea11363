"""One least squares factor in many correlation matrices at once, and how its loadings move with them."""

from __future__ import annotations

import numpy as np

from sgsurvey.numerics.extraction import SMALLEST_UNIQUENESS, one_factor_uniqueness
from sgsurvey.numerics.linalg import Array

STEPS = 30


def one_factor_loadings(corr: Array, start: Array) -> Array:
    """Loadings of the one minres factor of each matrix, shape (B, p, p) -> (B, p); each sums to 0 or more.

    Newton's method on the correlations outside the diagonal, ``sum_j (r_ij - l_i l_j) l_j = 0``; a matrix where it
    fails, or leaves the proper region, goes to the bounded search over uniquenesses.

    Parameters
    ----------
    start : ndarray, shape (p,)
        Loadings near those sought.
    """
    loadings = np.broadcast_to(start, corr.shape[:2]).copy()
    away = corr * ~np.eye(corr.shape[1], dtype=bool)
    rows = np.arange(len(corr))
    good = np.zeros(len(corr), dtype=bool)
    for _ in range(STEPS):
        here, own = loadings[rows], away[rows]
        miss = np.einsum("bij,bj->bi", own, here) - here * ((here**2).sum(axis=1, keepdims=True) - here**2)
        small = np.abs(miss).max(axis=1) < 1e-11
        good[rows[small]] = True
        rows, here, own, miss = rows[~small], here[~small], own[~small], miss[~small]
        if not len(rows):
            break
        loadings[rows] = here + np.linalg.solve(curvature(own, here), miss[:, :, None])[:, :, 0]
        lost = ~(np.abs(loadings[rows]).max(axis=1) < 10)
        rows = rows[~lost]
    good &= (loadings**2).max(axis=1) < 1 - SMALLEST_UNIQUENESS
    good[good] = np.linalg.eigvalsh(curvature(away[good], loadings[good]))[:, 0] > 0
    if not good.all():
        psi = one_factor_uniqueness(corr[~good], tolerance=1e-10)
        values, vectors = np.linalg.eigh(corr[~good] - psi[:, :, None] * np.eye(corr.shape[1]))
        loadings[~good] = vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0.0))
    return loadings * np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]


def curvature(corr: Array, loadings: Array) -> Array:
    """How the equations of ``one_factor_loadings`` fall with the loadings: ``dl = C^-1 dR l``; shape (B, p, p)."""
    squares = (loadings**2).sum(axis=1, keepdims=True) - loadings**2
    eye = np.eye(corr.shape[1], dtype=bool)
    found = np.where(eye, 0.0, 2 * loadings[:, :, None] * loadings[:, None, :] - corr)
    found[:, eye] = squares
    return found
