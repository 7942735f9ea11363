"""Correlations of ordered and continuous variables together: polychoric, polyserial and Pearson, with influence values.

The class is a ``Statistic`` of the weights of rows (``estimators.py``): thresholds first, then the correlations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.estimators import Correlations
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray, PairTables, counted, dense_codes
from sgsurvey.numerics.polychoric import Polychoric, fit_tables, own_thresholds
from sgsurvey.numerics.polychoric_influence import influence_of_tables, pair_variances, threshold_variances
from sgsurvey.numerics.polychoric_ml import joint_correlations
from sgsurvey.numerics.polyserial import Polyserial, polyserials


@dataclass(frozen=True)
class Correlated:
    """Correlations of p variables at some weights.

    Attributes
    ----------
    thresholds : tuple of ndarray
        Of each ordered variable, in order.
    corr, n : ndarray, shape (p, p)
        ``n`` in rows.
    at_bound : ndarray of bool, shape (p, p)
    """

    thresholds: tuple[Array, ...]
    corr: Array
    n: Array
    at_bound: npt.NDArray[np.bool_]


class MixedCorrelations:
    """Thresholds, then correlations in the order of ``np.tril_indices(p, -1)``, as a statistic of the rows' weights.

    Parameters
    ----------
    values : ndarray, shape (N, p)
        nan for missing; ordered variables in whole numbers of at least 0.
    ordered : ndarray of bool, shape (p,)
    used : ndarray of bool, shape (N,), optional
        Rows that count: a category that none of them gave is none.
    """

    def __init__(
        self, values: Array, ordered: npt.NDArray[np.bool_], used: npt.NDArray[np.bool_] | None = None
    ) -> None:
        self.values, self.ordered = values, np.asarray(ordered, dtype=bool)
        codes = np.where(np.isnan(values[:, self.ordered]), -1, values[:, self.ordered]).astype(np.int64)
        self.dense, self.categories = dense_codes(codes, None if used is None else used.astype(float))

    @property
    def cuts(self) -> tuple[int, ...]:
        """Thresholds of each ordered variable."""
        return tuple(max(len(c) - 1, 0) for c in self.categories)

    def fit(self, w: Array | None = None) -> Correlated:
        """Thresholds and correlations under weights ``w``, shape (N,); all 1 when None."""
        return self._fitted(w).result

    def value(self, w: Array) -> Array:
        """Shape (t + q,)."""
        found = self.fit(w)
        pairs = found.corr[np.tril_indices(len(self.ordered), -1)]
        return np.concatenate([*found.thresholds, pairs])

    def variances(self) -> Array:
        """Asymptotic variances of independent rows that count alike, from counts alone where all is ordered."""
        if not self.ordered.all():
            return np.asarray((self.influence() ** 2).sum(axis=0))
        fitted = self._fitted(None)
        of_thresholds = threshold_variances(fitted.tables)
        cut = [row[:size] for row, size in zip(of_thresholds, self.cuts, strict=True)]
        pairs = pair_variances(fitted.tables, fitted.polychoric)[fitted.tables.pairs]
        return np.concatenate([*cut, pairs])

    def joint(self) -> tuple[Array, Array]:
        """Correlations by joint maximum likelihood, with errors (``joint_correlations``); all must be ordered."""
        fitted = self._fitted(None)
        return joint_correlations(fitted.tables, fitted.polychoric)

    def influence(self, w: Array | None = None) -> Array:
        """Shape (N, t + q); nan for a correlation at the bound, or that could not be had."""
        fitted = self._fitted(w)
        first, second = np.tril_indices(len(self.ordered), -1)
        place = np.cumsum(self.ordered) - 1
        polychorics = influence_of_tables(self.dense, fitted.tables, fitted.polychoric)
        cuts = sum(self.cuts)
        u = np.full((len(self.values), cuts + len(first)), np.nan)
        u[:, :cuts] = polychorics[:, :cuts]
        both = self.ordered[first] & self.ordered[second]
        high, low = place[first[both]], place[second[both]]
        u[:, cuts + np.flatnonzero(both)] = polychorics[:, cuts + high * (high - 1) // 2 + low]
        neither = ~self.ordered[first] & ~self.ordered[second]
        weights = np.ones(len(self.values)) if w is None else w
        u[:, cuts + np.flatnonzero(neither)] = self._products(first[neither], second[neither]).influence(weights)
        for at in np.flatnonzero(~both & ~neither):
            u[:, cuts + at] = fitted.polyserials[int(first[at]), int(second[at])].influence
        return u

    def _products(self, i: IntArray, j: IntArray) -> Correlations:
        return Correlations(self.values[:, i], self.values[:, j])

    def _fitted(self, w: Array | None) -> _Fitted:
        p = len(self.ordered)
        tables = counted(self.dense, self.categories, w)
        between, cut = fit_tables(tables), own_thresholds(tables)
        corr, bound = np.full((p, p), np.nan), np.zeros((p, p), dtype=bool)
        at, rest = np.flatnonzero(self.ordered), np.flatnonzero(~self.ordered)
        corr[np.ix_(at, at)], bound[np.ix_(at, at)] = between.corr, between.at_bound
        weights = np.ones(len(self.values)) if w is None else w
        there = (~np.isnan(self.values) & (weights > 0)[:, None]).astype(float)
        i, j = (rest[k] for k in np.tril_indices(len(rest)))
        with np.errstate(invalid="ignore", divide="ignore"):
            corr[i, j] = corr[j, i] = self._products(i, j).value(weights)
        thresholds = tuple(row[:size] for row, size in zip(cut, self.cuts, strict=True))
        serial = {}
        for other in rest.tolist():
            of_other = polyserials(self.values[:, other], self.dense.T, thresholds, w)
            for item, found in zip(at.tolist(), of_other, strict=True):
                serial[item, other] = serial[other, item] = found
                corr[item, other] = corr[other, item] = found.rho
                bound[item, other] = bound[other, item] = found.at_bound
        return _Fitted(Correlated(thresholds, corr, there.T @ there, bound), tables, between, serial)


@dataclass(frozen=True)
class _Fitted:
    """A fit with what its influence values need."""

    result: Correlated
    tables: PairTables
    polychoric: Polychoric
    polyserials: dict[tuple[int, int], Polyserial]
