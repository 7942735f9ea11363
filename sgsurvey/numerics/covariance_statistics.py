"""Functions of a covariance matrix: their slopes, their influence values, and what follows for their errors.

A statistic ``g(S)`` moves with the rows by the chain rule: ``u_i = sum_jk G_jk (d_ij d_ik - s_jk)`` with ``G`` the
slope of ``g`` and ``d`` deviations from the mean.  The same ``G`` gives the variance under normality, that of fourth
moments (asymptotically distribution free) and, by the weights, that of any sampling design.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

ROWS = 2048  # of products at a time: what the cache holds

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


def quadratic_forms(x: Array, matrices: Array) -> Array:
    """``x_n' G_q x_n`` of rows, shape (n, p), and symmetric matrices, (q, p, p); shape (n, q)."""
    i, j = np.triu_indices(x.shape[1])
    weights = matrices[:, i, j] * np.where(i == j, 1.0, 2.0)
    found = np.empty((len(x), len(matrices)))
    for start in range(0, len(x), ROWS):
        columns = np.ascontiguousarray(x[start : start + ROWS].T)
        found[start : start + ROWS] = (weights @ (columns[i] * columns[j])).T
    return found


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
        if self.pairwise:
            return self._pairs(w).cov
        return self._complete(w)[1]

    def influence(self, w: Array) -> Array:
        """``sum_jk G_jk (d_j d_k - s_jk) / sum w``, each pair over its own rows; shape (N, q)."""
        return self.estimate(w)[1]

    def estimate(self, w: Array) -> tuple[Array, Array]:
        """Values, shape (q,), and influence values, shape (N, q), from one pass over the rows."""
        if self.pairwise:
            pairs = self._pairs(w)
            return np.asarray(self.function(pairs.cov), dtype=float), self._pairwise_influence(pairs)
        deviation, cov, total, correction = self._complete(w)
        inside = ~np.isnan(self.y.sum(axis=1))
        slopes = self._slopes(cov)
        influence = quadratic_forms(deviation, slopes * (correction / total))
        influence -= (slopes * cov).sum(axis=(1, 2)) / total
        influence[~inside] = 0.0
        return np.asarray(self.function(cov), dtype=float), influence

    def _slopes(self, cov: Array) -> Array:
        return numeric_slopes(self.function, cov) if self.slopes is None else self.slopes(cov)

    def _complete(self, w: Array) -> tuple[Array, Array, float, float]:
        """Deviations from group means, 0 for incomplete rows; covariances; sum of weights; ``n / (n - groups)``."""
        inside = ~np.isnan(self.y.sum(axis=1))
        v = np.where(inside, w, 0.0)
        filled = self.y if inside.all() else np.where(inside[:, None], self.y, 0.0)
        present = np.unique(self.groups[v > 0])
        deviation = np.empty_like(filled)
        for code in present:
            own = self.groups == code if len(present) > 1 else slice(None)
            deviation[own] = filled[own] - v[own] @ filled[own] / v[own].sum()
        if not inside.all() or len(present) > 1:
            deviation[~inside | ~np.isin(self.groups, present)] = 0.0
        total, n = float(v.sum()), int((v > 0).sum())
        correction = n / max(n - len(present), 1)
        return deviation, deviation.T @ (v[:, None] * deviation) / total * correction, total, correction

    def _pairwise_influence(self, pairs: _Pairs) -> Array:
        slopes = self._slopes(pairs.cov)
        found = np.zeros((len(self.y), len(slopes)))
        for q, slope in enumerate(slopes):
            share = slope / pairs.weight
            product, level = share * pairs.correction, share * pairs.cov
            for code, mean in pairs.means.items():
                inside = self.groups == code
                x, there = pairs.filled[inside], pairs.seen[inside]
                cross, square = product * mean.T, product * mean * mean.T - level
                found[inside, q] = (
                    ((x @ product) * x).sum(axis=1)
                    - 2 * ((x @ cross) * there).sum(axis=1)
                    + ((there @ square) * there).sum(axis=1)
                )
        return found

    def _pairs(self, w: Array) -> _Pairs:
        seen = (~np.isnan(self.y)).astype(float)
        filled = np.where(seen > 0, self.y, 0.0)
        # About a centre near the data, for the digits.
        total = w @ seen
        filled = np.where(seen > 0, filled - np.divide(w @ filled, total, out=np.zeros_like(total), where=total > 0), 0)
        p = self.y.shape[1]
        sums, weight, n, groups = np.zeros((4, p, p))
        means: dict[int, Array] = {}
        for code in np.unique(self.groups[w > 0]):
            inside = self.groups == code
            x, there, v = filled[inside], seen[inside], w[inside, None]
            own = there.T @ (v * there)
            mean = np.divide(x.T @ (v * there), own, out=np.zeros((p, p)), where=own > 0)
            sums += x.T @ (v * x) - own * mean * mean.T
            weight += own
            counted = there * (v > 0)
            present = counted.T @ counted
            n += present
            groups += present > 0
            means[int(code)] = mean
        correction = n / np.maximum(n - groups, 1.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            cov = np.where(n > groups, sums / weight * correction, np.nan)
        return _Pairs(filled, seen, cov, weight, correction, means)


class _Pairs(NamedTuple):
    """Values (0 where missing) and where they are, (N, p); covariances, weights and corrections of pairs, (p, p).

    ``means`` has for each group the mean of j over the rows that have k too.
    """

    filled: Array
    seen: Array
    cov: Array
    weight: Array
    correction: Array
    means: dict[int, Array]
