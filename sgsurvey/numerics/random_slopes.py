"""Groups whose intercept and slopes differ: the random part of one grouping, with an unstructured covariance.

Groups are independent, so ``V`` is known by blocks, and by Woodbury's identity each block by q random effects:
``Z' V^-1 Z = A - A M A`` and ``Z' V^-1 W = B - A M B`` with ``A = Z'Z``, ``B = Z'W`` of a group and
``M = L (L' A L + I)^-1 L'``.  After one pass over the rows the cost knows groups, not rows.  Laird and Ware (1982),
Biometrics 38, 963-974.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_effects import Effects, Parts
from sgsurvey.numerics.units import Units


@dataclass(frozen=True)
class RandomSlopes:
    """Products within each group, of random effects (made orthonormal over all rows), predictors and outcome.

    Attributes
    ----------
    n, p : int
        Rows and predictors.
    units : Units
    sizes : ndarray, shape (G,)
    A : ndarray, shape (G, q, q)
    B : ndarray, shape (G, q, p + 1)
    total : ndarray, shape (p + 1, p + 1)
    back : ndarray, shape (q, q)
        Upper triangle that leads from the random effects used here to those of ``Z`` as it came.
    """

    n: int
    p: int
    units: Units
    sizes: Array
    A: Array
    B: Array
    total: Array
    back: Array

    @cached_property
    def places(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Rows and columns of theta's elements in the lower triangle, column by column."""
        columns, rows = np.triu_indices(len(self.back))
        return rows, columns

    @property
    def diagonal(self) -> npt.NDArray[np.bool_]:
        """Elements on the diagonal of the factor."""
        return np.asarray(self.places[0] == self.places[1])

    def upright(self, theta: Array) -> Array:
        """The theta of the same covariance whose diagonal elements are not below 0: columns turn together."""
        L = self.factor(theta)
        return np.asarray((L * np.where(np.diag(L) < 0, -1.0, 1.0))[self.places])

    def factor(self, theta: Array) -> Array:
        """The relative factor, lower triangular; shape (q, q)."""
        found = np.zeros((len(self.back), len(self.back)))
        found[self.places] = theta
        return found

    def at(self, theta: Array) -> Parts:
        """The likelihood's parts."""
        L = self.factor(theta)
        inner, M = self._woodbury(L)
        reduced = self.B - self.A @ M @ self.B
        change = self._changes(L)
        pairs = np.einsum("gai,gbj->abij", reduced, reduced, optimize=True)
        spread = (self.A - self.A @ M @ self.A).sum(axis=0)
        return Parts(
            self.total - np.einsum("gai,gab,gbj->ij", self.B, M, self.B, optimize=True),
            -np.einsum("kab,abij->kij", change, pairs),
            float(np.linalg.slogdet(inner)[1].sum()),
            np.einsum("kab,ba->k", change, spread),
        )

    def _woodbury(self, L: Array) -> tuple[Array, Array]:
        """``L' A L + I`` and ``M`` of each group."""
        inner = L.T @ self.A @ L + np.eye(len(L))
        return inner, L @ np.linalg.solve(inner, np.broadcast_to(L.T, inner.shape))

    def _changes(self, L: Array) -> Array:
        """Derivatives of ``L L'`` in theta, shape (k, q, q)."""
        units = np.zeros((len(self.places[0]), *L.shape))
        units[np.arange(len(units)), *self.places] = 1.0
        half = units @ L.T
        return half + half.transpose(0, 2, 1)

    def covariance(self, theta: Array) -> Array:
        """Covariance of the random effects of ``Z`` as it came, over the residual variance; shape (q, q)."""
        root = self.back @ self.factor(theta)
        return root @ root.T

    def components(self, theta: Array) -> Array:
        """Variances, then covariances column by column."""
        found = self.covariance(theta)
        return np.concatenate([np.diag(found), found.T[np.triu_indices(len(found), 1)]])

    def mean_variance(self, theta: Array) -> float:
        """``z' D z`` on average over the rows (Johnson 2014, Methods in Ecology and Evolution 5, 944-946)."""
        L = self.factor(theta)
        return float(np.einsum("gab,bc,ac->", self.A, L, L) / self.n)

    def effects(self, theta: Array, contrast: Array) -> tuple[Effects, ...]:
        """One grouping: intercepts and slopes, shape (G, q)."""
        _, M = self._woodbury(self.factor(theta))
        estimates = (M @ (self.B @ contrast)[..., None])[..., 0]
        turned = self.back @ M @ self.back.T
        return (Effects(estimates @ self.back.T, np.diagonal(turned, axis1=1, axis2=2)),)


def random_slopes(Z: Array, W: Array, units: Units, codes: npt.NDArray[np.int64]) -> RandomSlopes:
    """One pass over the rows.

    Parameters
    ----------
    Z : ndarray, shape (n, q)
        Of full column rank: ones and the predictors whose slopes differ between groups.
    W, units : ndarray, shape (n, p + 1), and Units
        As ``standardised`` gives them.
    codes : ndarray of int, shape (n,)
        Group of each row, every one of 0 … G - 1 at least once.
    """
    n, p = len(W), W.shape[1] - 1
    Q, triangle = np.linalg.qr(Z)
    U = Q * np.sqrt(n)
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    both = np.column_stack([U, W])[order]
    q = U.shape[1]
    products = np.stack([np.add.reduceat(both[:, [k]] * both, starts, axis=0) for k in range(q)], axis=1)
    return RandomSlopes(
        n, p, units, sizes.astype(float), products[:, :, :q], products[:, :, q:], W.T @ W,
        np.asarray(np.linalg.inv(triangle)) * np.sqrt(n),
    )  # fmt: skip
