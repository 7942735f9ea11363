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
from sgsurvey.numerics.pair_tables import IntArray, PairTables, counted, dense_codes, pair_tables

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


# Standard errors --------------------------------------------------------------------------------------------


def polychoric_covariance(codes: IntArray, fitted: Polychoric, weights: Array | None = None) -> Array:
    """Asymptotic covariance of thresholds and polychoric correlations: ``n`` times it is the Gamma of WLSMV.

    Rows are independent; weights count as sampling weights, ``sum w^2 u u'``.  With one level of clusters or a design,
    take the covariance of sums of ``polychoric_influence``.

    Parameters
    ----------
    codes, weights
        As given to ``polychoric``.
    fitted : Polychoric
        What it returned for them.

    Returns
    -------
    ndarray, shape (t + q, t + q)
        First the thresholds of the first variable, of the second …, then the correlations in the order of
        ``np.tril_indices(p, -1)``.  Rows of a correlation at the bound, or that could not be had, are nan.
    """
    lookup = _lookup(codes, fitted, weights)
    total = np.zeros((lookup.size, lookup.size))
    for start in range(0, len(codes), ROWS):
        part = slice(start, start + ROWS)
        u = lookup.rows(part)
        if weights is not None:
            u *= weights[part, None]
        total += u.T @ u
    return total


def polychoric_influence(
    codes: IntArray, fitted: Polychoric, weights: Array | None = None, *, observed: bool = False
) -> Array:
    """Influence values u of each row, shape (n, t + q): an estimate moves by ``sum w u``; ordered as the covariance.

    Muthén (1984), Psychometrika 49, 115-132: the scores of the second step, less what the first step's error adds.

    Parameters
    ----------
    observed : bool
        The information of a pair is the likelihood's second derivatives: ``u`` is then the derivative of the estimate
        in the weight of the row, whatever lies behind the answers.  Otherwise it is products of scores, as in the Gamma
        of WLSMV, which is the same where the latent responses are normal.
    """
    return _lookup(codes, fitted, weights, observed=observed).rows(slice(None))


def influence_of_tables(dense: IntArray, tables: PairTables, fitted: Polychoric) -> Array:
    """``polychoric_influence`` of codes that ``dense_codes`` has numbered, with their tables at hand."""
    return _Lookup.of(dense, tables, fitted).rows(slice(None))


def pair_variances(tables: PairTables, fitted: Polychoric) -> Array:
    """Asymptotic variances of the correlations from counts alone, independent rows; shape (p, p), diagonal nan."""
    values = cell_influence(tables, fitted)[1]
    variance = np.full((tables.p, tables.p), np.nan)
    first, second = tables.pairs
    variance[first, second] = variance[second, first] = (tables.squares * values**2).sum(axis=(1, 2))
    return variance


def threshold_variances(tables: PairTables) -> Array:
    """Asymptotic variances of thresholds from counts alone, independent rows; shape (p, m - 1), 0 beyond the last."""
    values = _threshold_influence(tables, own_thresholds(tables))[:, :-1]
    return np.asarray(np.einsum("pc,pct->pt", tables.margins, values**2))


def cell_influence(tables: PairTables, fitted: Polychoric, *, observed: bool = False) -> tuple[Array, Array]:
    """Influence values by answers: of thresholds, shape (p, m + 1, m - 1), and of correlations, (q, m + 1, m + 1).

    The last category is that of who did not answer; ``observed`` as in ``polychoric_influence``.
    """
    first, second = tables.pairs
    thresholds = own_thresholds(tables)
    of_thresholds = _threshold_influence(tables, thresholds)
    rho = fitted.corr[first, second]
    good = np.isfinite(rho) & ~fitted.at_bound[first, second]
    values = np.full(tables.counts.shape, np.nan)
    if not good.any():
        return of_thresholds, values
    h, k, at = thresholds[first[good]], thresholds[second[good]], rho[good]
    counts = corrected(tables)[good]
    found = cells(h, k, at, counts > 0)
    score, ratio = (np.where(counts > 0, x / found.chance, 0.0) for x in (found.slope, counts))
    pull = score * ratio
    mixed = [_mixed_information(pull, h, k, at), _mixed_information(pull.transpose(0, 2, 1), k, h, at)]
    information = (counts * score**2).sum(axis=(1, 2))
    if observed:
        information -= (ratio * found.curve).sum(axis=(1, 2))
        mixed[0] -= _moved_score(ratio, h, k, at)
        mixed[1] -= _moved_score(ratio.transpose(0, 2, 1), k, h, at)
    own = np.zeros((len(at), *tables.counts.shape[1:]))
    own[:, :-1, :-1] = score
    own -= np.einsum("qt,qat->qa", mixed[0], of_thresholds[first[good]])[:, :, None]
    own -= np.einsum("qt,qbt->qb", mixed[1], of_thresholds[second[good]])[:, None, :]
    # A likelihood that is flat, or has no maximum, leaves no error.
    values[good] = own / np.where(information > 0, information, np.nan)[:, None, None]
    return of_thresholds, values


def _threshold_influence(tables: PairTables, thresholds: Array) -> Array:
    """``(1[x <= t] - F_t) / (N phi(t))`` by category; 0 for who did not answer and beyond the last category."""
    p, m = tables.margins.shape
    density = np.exp(-0.5 * thresholds**2) / np.sqrt(2 * np.pi)
    total = tables.margins.sum(axis=1)
    at_or_below = np.arange(m)[:, None] <= np.arange(m - 1)
    real = np.abs(thresholds) < FAR
    scale = np.where(real, 1 / np.where(real, density * total[:, None], 1.0), 0.0)
    values = np.zeros((p, m + 1, m - 1))
    values[:, :-1] = (at_or_below - ndtr(thresholds)[:, None, :]) * scale[:, None, :]
    return values


def slopes_in_cuts(h: Array, k: Array, rho: Array) -> Array:
    """How much of each column's category passes a threshold of the rows as it rises; shape (q, r - 1, c).

    The cell before the threshold grows by it, the one after loses it.
    """
    spread = np.sqrt((1 - rho) * (1 + rho))[:, None, None]
    given = ndtr((k[:, None, :] - rho[:, None, None] * h[:, :, None]) / spread)
    edge = np.ones((*given.shape[:2], 1))
    beside = np.diff(np.concatenate([0 * edge, given, edge], axis=2), axis=2)
    return np.asarray(beside * (np.exp(-0.5 * h**2) / np.sqrt(2 * np.pi))[:, :, None])


def _mixed_information(pull: Array, h: Array, k: Array, rho: Array) -> Array:
    """Sums over rows of the score in rho times that in the rows' thresholds ``h``; shape (q, m - 1).

    ``pull`` is the count of a cell times its score in rho over its probability; shape (q, m, m).
    """
    return np.asarray((slopes_in_cuts(h, k, rho) * (pull[:, :-1] - pull[:, 1:])).sum(axis=2))


def _moved_score(ratio: Array, h: Array, k: Array, rho: Array) -> Array:
    """Sums of ``ratio``, counts over probabilities, times how the slope in rho moves with the thresholds of the rows.

    ``d phi2(h, k) / dh = -(h - rho k) / (1 - rho^2) phi2(h, k)``; shape (q, m - 1).
    """
    row, column, at = h[:, :, None], k[:, None, :], rho[:, None, None]
    edge = np.zeros((*h.shape, 1))
    bent = -(row - at * column) / ((1 - at) * (1 + at)) * bivariate_density(row, column, at)
    beside = np.diff(np.concatenate([edge, bent, edge], axis=2), axis=2)
    return np.asarray((beside * (ratio[:, :-1] - ratio[:, 1:])).sum(axis=2))


ROWS = 20_000


def _lookup(codes: IntArray, fitted: Polychoric, weights: Array | None, *, observed: bool = False) -> _Lookup:
    dense, categories = dense_codes(codes, weights)
    return _Lookup.of(dense, counted(dense, categories, weights), fitted, observed=observed)


@dataclass(frozen=True)
class _Lookup:
    """Tables of influence values with the categories that find them: who did not answer has the last."""

    place: IntArray
    of_thresholds: Array
    of_pairs: Array
    cuts: tuple[int, ...]

    @classmethod
    def of(cls, dense: IntArray, tables: PairTables, fitted: Polychoric, *, observed: bool = False) -> _Lookup:
        of_thresholds, of_pairs = cell_influence(tables, fitted, observed=observed)
        place = np.where(dense < 0, tables.margins.shape[1], dense)
        return cls(place, of_thresholds, of_pairs, tuple(map(len, fitted.thresholds)))

    @property
    def size(self) -> int:
        return sum(self.cuts) + len(self.of_pairs)

    def rows(self, part: slice) -> Array:
        """Influence values of some rows; shape (n, t + q)."""
        place, side = self.place[part], self.of_thresholds.shape[1]
        u = np.empty((self.size, len(place)))
        done = 0
        for j, cut in enumerate(self.cuts):
            u[done : done + cut] = self.of_thresholds[j, place[:, j], :cut].T
            done += cut
        columns = np.ascontiguousarray(place.T)
        flat = self.of_pairs.reshape(len(self.of_pairs), side * side)
        first, second = np.tril_indices(len(self.cuts), -1)
        for at in range(len(first)):
            flat[at].take(columns[first[at]] * side + columns[second[at]], out=u[done + at])
        return u.T
