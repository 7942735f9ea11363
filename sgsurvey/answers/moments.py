"""Moments and Counts: sufficient statistics per cluster, which add over chunks of data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import DataError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """n, mean and covariance of one combination of clusters.

    Attributes
    ----------
    n : float
        Sum of weights (rows, when unweighted).
    mean : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
        Divisor ``n - 1``.
    """

    names: tuple[str, ...]
    n: float
    mean: Array
    cov: Array

    @property
    def corr(self) -> Array:
        """Correlations; a variable without variance gives nan."""
        scale = np.sqrt(np.diag(self.cov))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.cov / np.outer(scale, scale)


@dataclass(frozen=True)
class Moments:
    """Weighted count, sums and cross-products of p variables in each of G clusters.

    Sums are taken about ``shift``, a value near the data, as ``sum(x^2) - n mean^2`` cancels badly for large means.

    Attributes
    ----------
    names : tuple of str, length p
    clusters : Index, length G
    rows : ndarray, shape (G,)
        Rows used, unweighted.
    weight : ndarray, shape (G,)
    first : ndarray, shape (G, p)
        Weighted sums of ``x - shift``.
    second : ndarray, shape (G, p, p)
        Weighted sums of ``(x - shift)(x - shift)'``.
    shift : ndarray, shape (p,)
    rows_in : int
        Rows that were offered, complete or not.
    """

    names: tuple[str, ...]
    clusters: pd.Index
    rows: Array
    weight: Array
    first: Array
    second: Array
    shift: Array
    rows_in: int

    def __add__(self, other: Moments) -> Moments:
        if self.names != other.names:
            raise DataError(
                f"moments of {', '.join(self.names)} and of {', '.join(other.names)} do not add.",
                remedy="Take both over the same variables in the same order.",
            )
        other = other.about(self.shift)
        clusters = self.clusters.union(other.clusters, sort=False)
        mine, theirs = clusters.get_indexer(self.clusters), clusters.get_indexer(other.clusters)

        def total(a: Array, b: Array) -> Array:
            both = np.zeros((len(clusters), *a.shape[1:]))
            both[mine] += a
            both[theirs] += b
            return both

        return Moments(
            self.names,
            clusters,
            total(self.rows, other.rows),
            total(self.weight, other.weight),
            total(self.first, other.first),
            total(self.second, other.second),
            self.shift,
            self.rows_in + other.rows_in,
        )

    def about(self, shift: Array) -> Moments:
        """The same moments, summed about another point."""
        d = self.shift - shift
        first = self.first + self.weight[:, None] * d
        cross = self.first[:, :, None] * d
        second = self.second + cross + cross.transpose(0, 2, 1) + self.weight[:, None, None] * np.outer(d, d)
        return Moments(self.names, self.clusters, self.rows, self.weight, first, second, shift, self.rows_in)

    def combine(self, factors: Array | None = None) -> Pooled:
        """Pool the clusters, each counted ``factors`` times (shape (G,); once each when None)."""
        f = np.ones(len(self.weight)) if factors is None else np.asarray(factors, dtype=float)
        n = float(f @ self.weight)
        first = f @ self.first
        second = np.tensordot(f, self.second, axes=1)
        mean = first / n
        return Pooled(self.names, n, self.shift + mean, (second - n * np.outer(mean, mean)) / (n - 1))

    def replicate(self, factors: Array) -> tuple[Array, Array, Array]:
        """n, means and covariances of R combinations at once.

        Parameters
        ----------
        factors : ndarray, shape (R, G)
            How often each cluster counts in each replicate.

        Returns
        -------
        n : shape (R,), mean : shape (R, p), cov : shape (R, p, p)
        """
        p = len(self.names)
        n = factors @ self.weight
        mean = (factors @ self.first) / n[:, None]
        second = (factors @ self.second.reshape(len(self.weight), p * p)).reshape(-1, p, p)
        cov = (second - n[:, None, None] * mean[:, :, None] * mean[:, None, :]) / (n - 1)[:, None, None]
        return n, mean + self.shift, cov

    @property
    def n(self) -> int:
        """Rows used."""
        return int(self.rows.sum())

    @property
    def mean(self) -> Array:
        """Means over all clusters, shape (p,)."""
        return self.combine().mean

    @property
    def cov(self) -> Array:
        """Covariance over all clusters, shape (p, p), divisor n - 1."""
        return self.combine().cov


@dataclass(frozen=True)
class Counts:
    """Contingency tables of two coded variables in each cluster.

    Attributes
    ----------
    row, column : str
    row_codes, column_codes : tuple
    clusters : Index, length G
    table : ndarray, shape (G, r, c)
        Weighted counts.
    rows_in : int
        Rows that were offered, complete or not.
    """

    row: str
    column: str
    row_codes: tuple[object, ...]
    column_codes: tuple[object, ...]
    clusters: pd.Index
    table: Array
    rows_in: int

    def __add__(self, other: Counts) -> Counts:
        if (self.row, self.column, self.row_codes, self.column_codes) != (
            other.row,
            other.column,
            other.row_codes,
            other.column_codes,
        ):
            raise DataError(
                "counts of different variables or codes do not add.", remedy="Count both with the same codes."
            )
        clusters = self.clusters.union(other.clusters, sort=False)
        table = np.zeros((len(clusters), *self.table.shape[1:]))
        for counts in (self, other):
            table[clusters.get_indexer(counts.clusters)] += counts.table
        return Counts(
            self.row, self.column, self.row_codes, self.column_codes, clusters, table, self.rows_in + other.rows_in
        )

    def combine(self, factors: Array | None = None) -> Array:
        """The pooled table, each cluster counted ``factors`` times; shape (r, c)."""
        f = np.ones(len(self.table)) if factors is None else np.asarray(factors, dtype=float)
        return np.tensordot(f, self.table, axes=1)
