"""Functions of a covariance matrix: their slopes, their influence values, and what follows for their errors.

A statistic ``g(S)`` moves with the rows by the chain rule: ``u_i = sum_jk G_jk (d_ij d_ik - s_jk)`` with ``G`` the
slope of ``g`` and ``d`` deviations from the mean.  The same ``G`` gives the variance under normality, that of fourth
moments (asymptotically distribution free) and, by the weights, that of any sampling design.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

# (p, p) -> (q,)
Function = Callable[[Array], Array]
# (p, p) -> (q, p, p)
Slopes = Callable[[Array], Array]


def numeric_slopes(function: Function, cov: Array, *, step: float = 1e-4) -> Array:
    """Slopes of ``function`` by central differences, in standard deviations, with one Richardson extrapolation.

    Parameters
    ----------
    function : callable (p, p) -> (q,)
        Smooth in the elements of a symmetric matrix; elements (i, j) and (j, i) move together.
    step : float
        Of a standardised element: the error is of its fourth power.

    Returns
    -------
    ndarray, shape (q, p, p)
        Symmetric, such that ``dg = sum_jk G_jk dS_jk`` over all j and k.
    """
    scale = np.sqrt(np.diag(cov))
    columns = []
    for i, j in zip(*np.tril_indices(len(cov)), strict=True):
        unit = np.zeros_like(cov)
        unit[i, j] = unit[j, i] = scale[i] * scale[j]

        def difference(h: float, move: Array = unit) -> Array:
            return (np.asarray(function(cov + h * move)) - np.asarray(function(cov - h * move))) / (2 * h)

        slope = (4 * difference(step / 2) - difference(step)) / 3
        columns.append(slope / (scale[i] * scale[j]) / (1 if i == j else 2))
    lower = np.stack(columns, axis=-1)
    found = np.zeros((lower.shape[0], *cov.shape))
    rows, others = np.tril_indices(len(cov))
    found[:, rows, others] = found[:, others, rows] = lower
    return found


def through_correlations(slopes: Array, cov: Array) -> Array:
    """Slopes in the covariances from slopes in the correlations (whose diagonal is passed over); shape (..., p, p).

    ``dr_jk = ds_jk / (s_j s_k) - r_jk (ds_jj / s_jj + ds_kk / s_kk) / 2``.
    """
    scale = np.sqrt(np.diag(cov))
    away = slopes * ~np.eye(len(cov), dtype=bool)
    own = (away * (cov / np.outer(scale, scale))).sum(axis=-1)
    return np.asarray((away - own[..., None] * np.eye(len(cov))) / np.outer(scale, scale))


def normal_variance(slopes: Array, cov: Array, n: float) -> Array:
    """Variances of ``g(S)`` when rows are normal, ``2 tr(G S G S) / n``; shape (q,).  Browne (1974)."""
    turned = slopes @ cov
    return np.asarray(2 * np.einsum("qij,qji->q", turned, turned) / n)


@dataclass(frozen=True)
class CovarianceStatistic:
    """A function of the covariance matrix of the columns of ``y``, pooled within groups: q numbers.

    A ``Statistic`` (``estimators.py``): its ``value`` serves replicates, its ``influence`` linearisation.

    Attributes
    ----------
    y : ndarray, shape (N, p)
    groups : ndarray of int, shape (N,)
        Covariances are within these.
    function : callable (p, p) -> (q,)
    slopes : callable (p, p) -> (q, p, p), optional
        Its slopes; by differences where not given.
    pairwise : bool
        Each covariance over the rows that have both variables, not over complete rows.
    """

    y: Array
    groups: npt.NDArray[np.int64]
    function: Function
    slopes: Slopes | None = None
    pairwise: bool = False

    def value(self, w: Array) -> Array:
        """``g(S)`` under the weights."""
        return np.asarray(self.function(self.covariance(w)), dtype=float)

    def covariance(self, w: Array) -> Array:
        """The covariances: weighted mean products about the group means, times ``n / (n - groups)``."""
        sums, weight, rows, _ = self._sums(w)
        return sums / weight * _correction(rows)

    def influence(self, w: Array) -> Array:
        """``sum_jk G_jk (d_j d_k - s_jk) / sum w``, each pair over its own rows; shape (N, q)."""
        filled, seen = self._split(w)
        sums, weight, rows, means = self._sums(w)
        correction = _correction(rows)
        cov = sums / weight * correction
        slopes = numeric_slopes(self.function, cov) if self.slopes is None else self.slopes(cov)
        found = np.zeros((len(w), len(slopes)))
        for q, slope in enumerate(slopes):
            share = slope / weight
            product, level = share * correction, share * cov
            for code, mean in means.items():
                inside = self.groups == code
                x, there = filled[inside], seen[inside]
                cross, square = product * mean.T, product * mean * mean.T - level
                found[inside, q] = (
                    ((x @ product) * x).sum(axis=1)
                    - 2 * ((x @ cross) * there).sum(axis=1)
                    + ((there @ square) * there).sum(axis=1)
                )
        return found

    def _split(self, w: Array) -> tuple[Array, Array]:
        """Values with 0 where they do not count, and where they do (1.0 or 0.0); about a centre, for the digits."""
        seen = ~np.isnan(self.y)
        if not self.pairwise:
            seen &= seen.all(axis=1)[:, None]
        weight = np.where(seen, w[:, None], 0.0)
        filled = np.where(seen, self.y, 0.0)
        total = weight.sum(axis=0)
        centre = np.divide((weight * filled).sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
        return np.where(seen, filled - centre, 0.0), seen.astype(float)

    def _sums(self, w: Array) -> tuple[Array, Array, tuple[Array, Array], dict[int, Array]]:
        """Products within groups, weights, (rows, groups), and means of j over the rows with k; (p, p) each."""
        filled, seen = self._split(w)
        p = self.y.shape[1]
        sums, weight, n, groups = np.zeros((4, p, p))
        means: dict[int, Array] = {}
        for code in np.unique(self.groups[w > 0]):
            inside = self.groups == code
            x, there, v = filled[inside], seen[inside], w[inside, None]
            total = there.T @ (v * there)
            mean = np.divide(x.T @ (v * there), total, out=np.zeros((p, p)), where=total > 0)
            sums += x.T @ (v * x) - total * mean * mean.T
            weight += total
            counted = there * (v > 0)
            present = counted.T @ counted
            n += present
            groups += present > 0
            means[int(code)] = mean
        return sums, weight, (n, groups), means


def _correction(rows: tuple[Array, Array]) -> Array:
    n, groups = rows
    return np.asarray(n / np.maximum(n - groups, 1.0))
