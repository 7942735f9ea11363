"""Minimum trace factor analysis: the most that uniquenesses can take from a correlation matrix.

The semidefinite programme ``max sum(u)`` with ``R - diag(u)`` positive semidefinite and ``u >= 0``; its dual is
``min tr(R Y)`` with ``Y`` positive semidefinite and ``diag(Y) >= 1``.  Bentler (1972), Social Science Research 1,
343-357; ten Berge, Snijders and Zegers (1981), Psychometrika 46, 201-213.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgsurvey.numerics.linalg import Array

STEPS = 60
# Of the gap between both programmes, in units of one variable's variance.
TOLERANCE = 1e-10
SHRINK, SHORT = 0.15, 0.95


class MinimumTrace(NamedTuple):
    """Solutions for B matrices.

    Attributes
    ----------
    uniqueness : ndarray, shape (B, p)
    dual : ndarray, shape (B, p, p)
        ``Y``: how the sum of the uniquenesses moves with the correlations.
    gap : ndarray, shape (B,)
        By how much the sum of the uniquenesses may at most be too small; nan where no solution was found.
    """

    uniqueness: Array
    dual: Array
    gap: Array


def minimum_trace(corr: Array) -> MinimumTrace:
    """The largest uniquenesses in sum of positive definite matrices, shape (B, p, p).

    A primal-dual interior point method: Newton steps towards ``M Y = mu I`` and ``u z = mu`` with ``M = R - diag(u)``
    and ``z = diag(Y) - 1``, the direction of Helmberg, Rendl, Vanderbei and Wolkowicz (1996), SIAM Journal on
    Optimization 6, 342-361.  Both programmes stay feasible, so that the gap bounds the error.
    """
    b, p = corr.shape[:2]
    u = np.repeat(np.linalg.eigvalsh(corr)[:, :1] / 2, p, axis=1)
    y, z = np.tile(2 * np.eye(p), (b, 1, 1)), np.ones((b, p))
    rows = np.flatnonzero(u[:, 0] > 0)
    gap = np.full(b, np.nan)
    for _ in range(STEPS):
        m = corr[rows] - _diagonals(u[rows])
        gap[rows] = (m * y[rows]).sum(axis=(1, 2)) + (u[rows] * z[rows]).sum(axis=1)
        rows, m = rows[gap[rows] > TOLERANCE * p], m[gap[rows] > TOLERANCE * p]
        if not len(rows):
            break
        moved = _direction(m, u[rows], y[rows], z[rows], SHRINK * gap[rows] / (2 * p))
        # Both programmes at once: on few matrices the calls cost more than the sums.
        pairs = ((m, y[rows]), (-_diagonals(moved[0]), moved[1]), (u[rows], z[rows]), (moved[0], moved[2]))
        far, near = np.split(np.minimum(SHORT * _reach(*map(np.concatenate, pairs)), 1.0), 2)
        u[rows] += far[:, None] * moved[0]
        y[rows] += near[:, None, None] * moved[1]
        z[rows] += near[:, None] * moved[2]
    return MinimumTrace(u, y, gap)


def _direction(m: Array, u: Array, y: Array, z: Array, mu: Array) -> tuple[Array, Array, Array]:
    """Moves of ``u``, ``Y`` and ``z`` towards the central path at ``mu``, shape (b,)."""
    inverse = np.linalg.inv(m)
    inverse = (inverse + inverse.swapaxes(1, 2)) / 2
    central = mu[:, None] / u
    own = np.diagonal(inverse, axis1=1, axis2=2)
    system = inverse * y + _diagonals(z / u)
    du = np.asarray(np.linalg.solve(system, (1 - mu[:, None] * own + central)[:, :, None])[:, :, 0], dtype=float)
    turned = (inverse * du[:, None, :]) @ y
    dy = mu[:, None, None] * inverse - y + (turned + turned.swapaxes(1, 2)) / 2
    return du, dy, central - z - z / u * du


def _reach(matrix: Array, move: Array, positive: Array, change: Array) -> Array:
    """How far matrices stay positive definite along ``move`` and numbers above 0 along ``change``; shape (b,)."""
    root = _inverse_root(matrix)
    lowest = np.linalg.eigvalsh(root.swapaxes(1, 2) @ move @ root)[:, 0]
    steepest = np.maximum(-lowest, (-change / positive).max(axis=1))
    return np.asarray(1 / np.maximum(steepest, 1e-12))


def _inverse_root(matrix: Array) -> Array:
    """``C`` with ``C C' = matrix^-1``; by eigenvalues where one of them, near the end, is rounding."""
    try:
        return np.linalg.inv(np.linalg.cholesky(matrix)).swapaxes(1, 2)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(matrix)
        return np.asarray(vectors / np.sqrt(np.maximum(values, np.finfo(float).eps * values[:, -1:]))[:, None, :])


def _diagonals(values: Array) -> Array:
    return np.asarray(values[:, :, None] * np.eye(values.shape[1]))
