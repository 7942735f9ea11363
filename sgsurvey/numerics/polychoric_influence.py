"""Influence values of thresholds and polychoric correlations, and the covariance and variances that they give.

Muthén (1984), Psychometrika 49, 115-132.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sgsurvey.numerics.bivariate import bivariate_density
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray, PairTables, counted, dense_codes
from sgsurvey.numerics.polychoric import FAR, Polychoric, cells, corrected, own_thresholds

ROWS = 20_000  # taken at a time for the covariance


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
