"""Polychoric correlations: of the normal variables whose cuts show as ordered answers.

Two steps (Olsson 1979, Psychometrika 44, 443-460): each variable's thresholds from its own margin, over all rows that
answered it, then the correlation of each pair at the maximum of its likelihood, all pairs at once.  Two variables of
two categories are the tetrachoric case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from sgsurvey.numerics.bivariate import SMALL, bivariate_cdf, bivariate_density, density_slope, rectangle
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.newton import Index, Local, bounded_newton
from sgsurvey.numerics.pair_tables import IntArray, PairTables, pair_tables

# The search for a correlation ends here; a table whose likelihood still rises has no estimate inside.
BOUND = 0.9999
STALLED = 1e-5  # slope (of the mean log-likelihood) of a search that rounding kept from its tolerance

# Stands for an infinite threshold: nothing lies beyond it.
FAR = 40.0

LEAST = 1e-300


@dataclass(frozen=True)
class Polychoric:
    """Polychoric correlations of p variables.

    Attributes
    ----------
    thresholds : tuple of ndarray
        Of each variable, one fewer than the categories that somebody gave.
    corr : ndarray, shape (p, p)
        nan with a variable that everybody answered alike.  It need not be positive definite.
    n : ndarray, shape (p, p)
        Rows that answered both.
    at_bound : ndarray of bool, shape (p, p)
        The table of the pair is as extreme as its margins allow (a Fréchet bound), or its likelihood rises up to
        ``BOUND``: the correlation is reported as plus or minus that, and has no standard error.
    categories : tuple of ndarray of int
        Codes of each variable that somebody gave.
    """

    thresholds: tuple[Array, ...]
    corr: Array
    n: Array
    at_bound: npt.NDArray[np.bool_]
    categories: tuple[IntArray, ...]


def polychoric(codes: IntArray, weights: Array | None = None) -> Polychoric:
    """Two-step polychoric correlations of the columns of ``codes``.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        Whole numbers of at least 0 in the order of the categories; -1 for missing.  Each pair takes the rows that
        answered both, with the thresholds that each variable has over all who answered it.
    weights : ndarray, shape (n,), optional
        Weights of at least 0, on any scale.
    """
    return fit_tables(pair_tables(codes, weights))


def fit_tables(tables: PairTables) -> Polychoric:
    """Two-step polychoric correlations from counts alone."""
    thresholds = own_thresholds(tables)
    rho, bound = two_step(corrected(tables), thresholds, tables.pairs)
    corr, at_bound = np.eye(tables.p), np.zeros((tables.p, tables.p), dtype=bool)
    first, second = tables.pairs
    corr[first, second] = corr[second, first] = rho
    at_bound[first, second] = at_bound[second, first] = bound
    kinds = [len(codes) for codes in tables.categories]
    corr[np.diag_indices(tables.p)] = np.where(np.array(kinds) > 1, 1.0, np.nan)
    cut = tuple(row[: max(count - 1, 0)] for row, count in zip(thresholds, kinds, strict=True))
    return Polychoric(cut, corr, tables.n, at_bound, tables.categories)


def own_thresholds(tables: PairTables) -> Array:
    """Normal quantiles of each variable's cumulative shares; shape (p, m - 1), ``FAR`` after the last.

    A category of the tables without rows has no width: two thresholds are equal, or one is ``-FAR``.
    """
    total = tables.margins.sum(axis=1, keepdims=True)
    below = tables.margins.cumsum(axis=1)[:, :-1] / np.where(total > 0, total, np.nan)
    beyond = np.arange(below.shape[1]) >= np.array([len(codes) for codes in tables.categories])[:, None] - 1
    cut = ndtri(np.clip(np.where(beyond, 0.5, below), 0.0, 1.0))
    return np.where(beyond, FAR, np.clip(cut, -FAR, FAR))


def corrected(tables: PairTables) -> Array:
    """Complete tables, shape (q, m, m); a 2 x 2 table with one empty cell gets half a row there, margins kept.

    Savalei (2011), Structural Equation Modeling 18, 253-273: in larger tables an empty cell is left as it is.
    """
    counts = tables.complete
    first, second = tables.pairs
    kinds = np.array([len(codes) for codes in tables.categories])
    small = (kinds[first] == 2) & (kinds[second] == 2) & ((counts[:, :2, :2] == 0).sum(axis=(1, 2)) == 1)
    if not small.any():
        return counts
    counts = counts.copy()
    for at in np.flatnonzero(small):
        cell = counts[at, :2, :2]
        i, j = np.argwhere(cell == 0)[0]
        size = cell.sum() / tables.n[first[at], second[at]]
        half = min(0.5 * size, 0.5 * cell[i, 1 - j], 0.5 * cell[1 - i, j])
        cell += half * np.where((np.arange(2)[:, None] == i) == (np.arange(2) == j), 1.0, -1.0)
    return counts


def two_step(counts: Array, thresholds: Array, pairs: tuple[IntArray, IntArray]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """The correlation of each table at given thresholds, and whether it is at the bound; shape (q,) each.

    Newton's method on the mean log-likelihood, with expected information where it is not concave.
    """
    rho, bound = np.full(len(counts), np.nan), np.zeros(len(counts), dtype=bool)
    if counts.shape[1] < 2:
        return rho, bound
    total = counts.sum(axis=(1, 2))
    varied = ((counts.sum(axis=2) > 0).sum(axis=1) > 1) & ((counts.sum(axis=1) > 0).sum(axis=1) > 1)
    shares = counts / np.where(total > 0, total, 1.0)[:, None, None]
    extreme = np.where(varied, frechet_bound(shares), 0)
    rho[extreme != 0], bound[extreme != 0] = BOUND * extreme[extreme != 0], True
    open_ = np.flatnonzero(varied & (extreme == 0))
    if len(open_):
        h, k, share = thresholds[pairs[0][open_]], thresholds[pairs[1][open_]], shares[open_]

        def local(at: Array, rows: Index) -> Local:
            return _mean_loglik(share[rows], h[rows], k[rows], at[:, 0])

        start = np.clip(1.1 * _product_moment(share), -0.9, 0.9)[:, None]
        found = bounded_newton(local, start, -BOUND, BOUND, tolerance=1e-11, iterations=100)
        # A rare cell may leave the slope more rounding than the tolerance: the maximum is reached all the same.
        level = np.abs(local(found.at, np.arange(len(open_)))[1][:, 0]) < STALLED
        rho[open_] = np.where(found.converged | level, found.at[:, 0], np.nan)
        bound[open_] = np.abs(found.at[:, 0]) >= BOUND
    return rho, bound


def frechet_bound(shares: Array) -> IntArray:
    """1 where a table, shares of shape (q, m, m), is the upper Fréchet bound of its margins, -1 the lower, else 0."""
    corner = shares.cumsum(axis=1).cumsum(axis=2)
    row, column = corner[:, :, -1:], corner[:, -1:, :]
    upper = np.abs(corner - np.minimum(row, column)).max(axis=(1, 2)) < 1e-12
    lower = np.abs(corner - np.maximum(row + column - 1, 0.0)).max(axis=(1, 2)) < 1e-12
    return np.where(upper, 1, np.where(lower, -1, 0))


@dataclass(frozen=True)
class Cells:
    """Probabilities of the cells of q tables, with derivatives in the correlation; shape (q, r, c) each."""

    chance: Array
    slope: Array
    curve: Array


def cells(h: Array, k: Array, rho: Array, observed: npt.NDArray[np.bool_]) -> Cells:
    """Cells between thresholds ``h`` of rows, shape (q, r - 1), and ``k`` of columns, shape (q, c - 1).

    A cell of ``observed`` so unlikely that the difference of four corners has no digits left is integrated.
    """
    shape = (len(rho), h.shape[1] + 2, k.shape[1] + 2)
    rows, columns, at = h[:, :, None], k[:, None, :], rho[:, None, None]
    corner, density, bend = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    corner[:, 1:-1, 1:-1] = bivariate_cdf(rows, columns, at)
    corner[:, 1:-1, -1], corner[:, -1, 1:-1], corner[:, -1, -1] = ndtr(h), ndtr(k), 1.0
    density[:, 1:-1, 1:-1] = bivariate_density(rows, columns, at)
    bend[:, 1:-1, 1:-1] = density[:, 1:-1, 1:-1] * density_slope(rows, columns, at)
    chance, slope, curve = (_differences(x) for x in (corner, density, bend))
    rare = observed & (chance < SMALL)
    if rare.any():
        table, row, column = np.nonzero(rare)
        edge = np.full((len(rho), 1), np.inf)
        over, across = np.concatenate([-edge, h, edge], axis=1), np.concatenate([-edge, k, edge], axis=1)
        low, high = ((over[table, row + d], across[table, column + d]) for d in (0, 1))
        chance[rare] = rectangle(low, high, rho[table])
    return Cells(np.maximum(chance, LEAST), slope, curve)


def _differences(corner: Array) -> Array:
    rows = corner[:, 1:] - corner[:, :-1]
    return rows[:, :, 1:] - rows[:, :, :-1]


def _mean_loglik(share: Array, h: Array, k: Array, rho: Array) -> Local:
    """Minus the mean log-likelihood of each table, its slope, curvature and expected information."""
    found = cells(h, k, rho, share > 0)
    score = np.where(share > 0, found.slope / found.chance, 0.0)
    value = -(share * np.log(found.chance)).sum(axis=(1, 2))
    slope = -(share * score).sum(axis=(1, 2))
    bend = np.where(share > 0, found.curve / found.chance, 0.0)
    curve = (share * (score**2 - bend)).sum(axis=(1, 2))
    steady = (found.slope**2 / np.maximum(found.chance, 1e-15)).sum(axis=(1, 2))
    return value, slope[:, None], curve[:, None, None], steady[:, None, None]


def _product_moment(share: Array) -> Array:
    """Correlation of the numbers of the categories, shares of shape (q, m, m)."""
    number = np.arange(share.shape[1], dtype=float)
    row, column = share.sum(axis=2), share.sum(axis=1)
    mean = row @ number, column @ number
    spread = np.sqrt((row @ number**2 - mean[0] ** 2) * (column @ number**2 - mean[1] ** 2))
    cross = np.einsum("qab,a,b->q", share, number, number) - mean[0] * mean[1]
    return np.asarray(cross / np.maximum(spread, 1e-12))
