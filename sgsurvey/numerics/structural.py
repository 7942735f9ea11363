"""Means and covariances that a linear structural model implies, with their derivatives.

The reticular action model: every variable, observed or latent, is ``v = m + A v + e`` with ``cov(e) = S``, and the
first ``p`` of ``v`` are observed.  McArdle and McDonald (1984), British Journal of Mathematical and Statistical
Psychology 37, 234-251.  What may move are single elements of ``A``, ``S`` and ``m``, each a linear function of the free
parameters: ``elements = K theta + c``.  A parameter that stands in several places, equality between groups and any
other linear constraint are rows of ``K``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Implied:
    """What a group's model says of its observed variables.

    Attributes
    ----------
    mean : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
    """

    mean: Array
    cov: Array


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a group's moments with respect to the free parameters.

    Attributes
    ----------
    mean : ndarray, shape (p, q)
    cov : ndarray, shape (p (p + 1) / 2, q)
        In the order of ``np.tril_indices(p)``.
    """

    mean: Array
    cov: Array


@dataclass(frozen=True)
class Solved:
    """A group's matrices at some ``theta``, and all variables' moments.

    Attributes
    ----------
    paths, residual : ndarray, shape (v, v)
        ``A`` and ``S``.
    intercepts : ndarray, shape (v,)
    total : ndarray, shape (v, v)
        ``B = (I - A)^-1``: total effects of residuals on variables.
    mean, cov : ndarray, shapes (v,) and (v, v)
        Of all variables, latent ones included.
    """

    paths: Array
    residual: Array
    intercepts: Array
    total: Array
    mean: Array
    cov: Array


@dataclass(frozen=True)
class Tangent:
    """Derivatives with respect to a group's ``e`` moving elements, as sums of two rank-one matrices.

    The derivative of the covariance is ``left right' + right left'`` for each column.

    Attributes
    ----------
    left, right, mean : ndarray, shape (p, e)
        Or (v, e), of all variables.
    """

    left: Array
    right: Array
    mean: Array


@dataclass(frozen=True)
class GroupStructure:
    """One group's model.

    Attributes
    ----------
    p : int
        Observed variables, which come first.
    paths, residual : ndarray, shape (v, v)
        Fixed values of ``A`` and ``S`` (symmetric); what stands in moving places is overwritten.
    intercepts : ndarray, shape (v,)
    at_paths : ndarray of int, shape (a, 2)
        Row (the dependent variable) and column of the moving elements of ``A``.
    at_residual : ndarray of int, shape (s, 2)
        Of ``S``, each pair once.
    at_intercepts : ndarray of int, shape (i,)
    weights, offset : ndarray, shapes (a + s + i, q) and (a + s + i,)
        ``K`` and ``c`` of the moving elements: paths, then residual covariances, then intercepts.
    """

    p: int
    paths: Array
    residual: Array
    intercepts: Array
    at_paths: Index
    at_residual: Index
    at_intercepts: Index
    weights: Array
    offset: Array

    def solved(self, theta: Array) -> Solved:
        """The model's matrices and the moments of all its variables."""
        values = self.weights @ theta + self.offset
        a, s = len(self.at_paths), len(self.at_residual)
        paths, residual, intercepts = self.paths.copy(), self.residual.copy(), self.intercepts.copy()
        paths[self.at_paths[:, 0], self.at_paths[:, 1]] = values[:a]
        residual[self.at_residual[:, 0], self.at_residual[:, 1]] = values[a : a + s]
        residual[self.at_residual[:, 1], self.at_residual[:, 0]] = values[a : a + s]
        intercepts[self.at_intercepts] = values[a + s :]
        total = np.asarray(np.linalg.inv(np.eye(len(paths)) - paths), dtype=float)
        return Solved(paths, residual, intercepts, total, total @ intercepts, total @ residual @ total.T)

    def implied(self, theta: Array) -> Implied:
        """Moments of the observed variables."""
        full = self.solved(theta)
        return Implied(full.mean[: self.p], full.cov[: self.p, : self.p])

    def tangent(self, full: Solved, *, latent: bool = False) -> Tangent:
        """Derivatives with respect to the moving elements, of the observed variables or, with ``latent``, of all."""
        rows = len(full.mean) if latent else self.p
        seen, cov = full.total[:rows], full.cov[:rows]
        (to, of), (one, other) = self.at_paths.T, self.at_residual.T
        none = np.zeros((rows, len(self.at_intercepts)))
        # A variance stands in S once, a covariance twice.
        halved = np.where(one == other, 0.5, 1.0)
        return Tangent(
            np.hstack([seen[:, to], seen[:, one], none]),
            np.hstack([cov[:, of], seen[:, other] * halved, none]),
            np.hstack([seen[:, to] * full.mean[of], np.zeros((rows, len(one))), seen[:, self.at_intercepts]]),
        )

    def jacobian(self, theta: Array) -> Slopes:
        """Derivatives of the observed moments with respect to the free parameters."""
        tangent = self.tangent(self.solved(theta))
        row, col = self.triangle
        cov = tangent.left[row] * tangent.right[col] + tangent.right[row] * tangent.left[col]
        return Slopes(tangent.mean @ self.weights, cov @ self.weights)

    @property
    def covariances(self) -> int:
        """Variances and covariances of the observed variables that the model says something of."""
        return self.p * (self.p + 1) // 2

    @cached_property
    def triangle(self) -> tuple[Index, Index]:
        """Rows and columns of the lower triangle of an observed covariance."""
        return np.tril_indices(self.p)

    def bent(self, full: Solved, outer: Array, push: Array) -> Array:
        """``sum_ab outer_ab d²cov_ab + sum_a push_a d²mean_a`` in the moving elements; shape (e, e).

        Parameters
        ----------
        full : Solved
        outer : ndarray, shape (p, p), symmetric
        push : ndarray, shape (p,)
        """
        seen, total, cov = full.total[: self.p], full.total, full.cov
        (to, of), (one, other) = self.at_paths.T, self.at_residual.T
        a, s, i = len(to), len(one), len(self.at_intercepts)
        inner = seen.T @ outer @ seen
        mixed = seen.T @ outer @ cov[: self.p]
        lifted = seen.T @ push
        step = total[np.ix_(of, to)]
        bend = np.zeros((a + s + i, a + s + i))
        chain = step * mixed[np.ix_(to, of)]
        along = step * np.outer(lifted[to], full.mean[of])
        bend[:a, :a] = 2 * (chain + chain.T + cov[np.ix_(of, of)] * inner[np.ix_(to, to)]) + along + along.T
        halved = np.where(one == other, 0.5, 1.0)
        swap = total[np.ix_(of, one)] * inner[np.ix_(to, other)] + total[np.ix_(of, other)] * inner[np.ix_(to, one)]
        bend[:a, a : a + s] = 2 * swap * halved
        bend[a : a + s, :a] = bend[:a, a : a + s].T
        bend[:a, a + s :] = total[np.ix_(of, self.at_intercepts)] * lifted[to][:, None]
        bend[a + s :, :a] = bend[:a, a + s :].T
        return bend


@dataclass(frozen=True)
class Structure:
    """The models of all groups, in the same free parameters.

    Attributes
    ----------
    parts : tuple of GroupStructure
    q : int
        Free parameters: what remains when equalities and constraints are worked in.
    means : bool
        Whether the means are part of the model; otherwise they are left as observed.
    """

    parts: tuple[GroupStructure, ...]
    q: int
    means: bool

    @property
    def groups(self) -> int:
        """How many."""
        return len(self.parts)

    @property
    def statistics(self) -> int:
        """Observed means (where they are modelled), variances and covariances of all groups."""
        return sum(part.covariances + (part.p if self.means else 0) for part in self.parts)

    def implied(self, theta: Array) -> list[Implied]:
        """Moments of the observed variables, group by group."""
        return [part.implied(theta) for part in self.parts]

    def jacobian(self, theta: Array) -> list[Slopes]:
        """Their derivatives with respect to ``theta``, group by group."""
        return [part.jacobian(theta) for part in self.parts]
