"""Moments of ordered and continuous variables together, as structural models by weighted least squares take them.

Muthén (1984), Psychometrika 49, 115-132, in two steps: thresholds of the ordered variables, means and variances of the
continuous ones, each from its own margin; then for every two the correlation at the maximum of their joint normal
likelihood.  Latent responses have variances of 1; covariances with and among continuous variables are in their units.
Information is that of the scores' products throughout, as in Muthén's ``B`` and in lavaan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray, counted, dense_codes
from sgsurvey.numerics.polychoric import BOUND, Polychoric, fit_tables
from sgsurvey.numerics.polychoric_influence import influence_of_tables
from sgsurvey.numerics.polyserial import CategoryEnd, chances_given, correlations_given, ends_of

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MixedMoments:
    """What the rows say of p variables.

    Attributes
    ----------
    thresholds : tuple of ndarray
        Of each ordered variable, in order.
    mean : ndarray, shape (c,)
        Of the continuous variables.
    cov : ndarray, shape (p, p)
        With a diagonal of 1 for ordered variables; variances have divisor ``n``.
    at_bound : ndarray of bool, shape (p, p)
        Correlations without a maximum inside, which have no influence values.
    ordered : ndarray of bool, shape (p,)
    """

    thresholds: tuple[Array, ...]
    mean: Array
    cov: Array
    at_bound: Mask
    ordered: Mask

    @property
    def statistics(self) -> Array:
        """Thresholds, means, variances, then covariances in the order of ``np.tril_indices(p, -1)``."""
        variances = np.diag(self.cov)[~self.ordered]
        return np.concatenate([*self.thresholds, self.mean, variances, self.cov[np.tril_indices(len(self.cov), -1)]])


def mixed_moments(values: Array, ordered: Mask, weights: Array | None = None) -> tuple[MixedMoments, Array]:
    """Moments of the columns of ``values``, and their influence values.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        nan for missing; ordered variables in whole numbers of at least 0.  Each mean, variance and threshold takes the
        rows that have its variable, each pair those that have both.
    ordered : ndarray of bool, shape (p,)
    weights : ndarray, shape (n,), optional

    Returns
    -------
    moments : MixedMoments
    influence : ndarray, shape (n, m)
        How much a unit of weight on a row moves each of ``moments.statistics``; nan for a correlation at the bound.
    """
    among = Ordered.of(values[:, ordered], weights)
    if ordered.all():
        fit = among.fit
        return MixedMoments(fit.thresholds, np.zeros(0), fit.corr, fit.at_bound, ordered), among.influence
    margins = Margins(values[:, ~ordered], np.ones(len(values)) if weights is None else weights)
    p, n = len(ordered), len(values)
    first, second = np.tril_indices(p, -1)
    serial = [margins.with_ordered(c, among) for c in range(np.count_nonzero(~ordered))]
    pairs = [_pair(i, j, ordered, among, margins, serial) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    corr, bound = np.eye(p), np.zeros((p, p), dtype=bool)
    corr[first, second] = corr[second, first] = [pair.value for pair in pairs]
    bound[first, second] = bound[second, first] = [pair.at_bound for pair in pairs]
    sd, moves = np.ones(p), np.zeros((p, n))
    sd[~ordered], moves[~ordered] = margins.sd, margins.influence[:, 1].T / (2 * margins.sd[:, None])
    of_pairs = (sd[first] * sd[second])[:, None] * np.array([pair.influence for pair in pairs])
    of_pairs += corr[first, second][:, None] * (sd[second][:, None] * moves[first] + sd[first][:, None] * moves[second])
    of_cuts = among.influence[:, : among.starts[-1]]
    influence = np.vstack([of_cuts.T, margins.influence[:, 0].T, margins.influence[:, 1].T, of_pairs])
    return MixedMoments(among.fit.thresholds, margins.mean, corr * np.outer(sd, sd), bound, ordered), influence.T


def _pair(i: int, j: int, ordered: Mask, among: Ordered, margins: Margins, serial: Sequence[Sequence[Pair]]) -> Pair:
    """The correlation of two variables, by what they are."""
    one, other = (int(np.count_nonzero(ordered[:k] == ordered[k])) for k in (i, j))
    if ordered[i] and ordered[j]:
        return among.pair(one, other)
    if ordered[i]:
        return serial[other][one]
    return serial[one][other] if ordered[j] else margins.among(one, other)


@dataclass(frozen=True)
class Pair:
    """A correlation with its influence values, shape (n,)."""

    value: float
    influence: Array
    at_bound: bool = False


@dataclass(frozen=True)
class Ordered:
    """The ordered variables with their polychoric correlations.

    Attributes
    ----------
    codes : ndarray of int, shape (n, k)
        0, 1 … without gaps; -1 for missing.
    fit : Polychoric
    influence : ndarray, shape (n, t + k (k - 1) / 2)
    """

    codes: IntArray
    fit: Polychoric
    influence: Array

    @classmethod
    def of(cls, values: Array, weights: Array | None) -> Ordered:
        """From whole numbers of at least 0, nan for missing."""
        codes, categories = dense_codes(np.where(np.isnan(values), -1, values).astype(np.int64), weights)
        tables = counted(codes, categories, weights)
        fit = fit_tables(tables)
        return cls(codes, fit, influence_of_tables(codes, tables, fit))

    @cached_property
    def starts(self) -> IntArray:
        """Where each variable's thresholds start among the influence values, and where the correlations do."""
        return np.cumsum([0, *map(len, self.fit.thresholds)])

    def of_thresholds(self, k: int) -> Array:
        """Influence values of a variable's thresholds."""
        return self.influence[:, self.starts[k] : self.starts[k + 1]]

    def pair(self, i: int, j: int) -> Pair:
        """The polychoric correlation of two of them, ``j`` the earlier."""
        own = self.influence[:, self.starts[-1] + i * (i - 1) // 2 + j]
        return Pair(float(self.fit.corr[i, j]), own, bool(self.fit.at_bound[i, j]))


@dataclass(frozen=True)
class Margins:
    """Continuous variables of shape (n, c), nan for missing, each alone, and their correlations at these margins."""

    x: Array
    weights: Array

    @cached_property
    def _heavy(self) -> Array:
        return np.asarray(~np.isnan(self.x) * self.weights[:, None])

    @cached_property
    def mean(self) -> Array:
        """Shape (c,)."""
        return np.asarray((self._heavy * np.nan_to_num(self.x)).sum(axis=0) / self._heavy.sum(axis=0))

    @cached_property
    def sd(self) -> Array:
        """With divisor ``n``; shape (c,)."""
        gap = np.nan_to_num(self.x - self.mean)
        return np.asarray(np.sqrt((self._heavy * gap**2).sum(axis=0) / self._heavy.sum(axis=0)))

    @cached_property
    def scores(self) -> Array:
        """Standard scores, 0 for missing; shape (n, c)."""
        return np.nan_to_num((self.x - self.mean) / self.sd)

    @cached_property
    def influence(self) -> Array:
        """Of each mean and variance; shape (n, 2, c)."""
        there = ~np.isnan(self.x)
        z = self.scores
        pull = np.stack([z / self.sd, there * (z**2 - 1) / (2 * self.sd**2)], axis=1)
        information = np.einsum("nc,nac,nbc->cab", self._heavy, pull, pull)
        return np.asarray(np.einsum("cab,nbc->nac", np.linalg.inv(information), pull))

    def among(self, i: int, j: int) -> Pair:
        """The correlation of two of them; the root of its score nearest to the product moment."""
        both = (~np.isnan(self.x[:, i]) & ~np.isnan(self.x[:, j])).astype(float)
        w, a, b = both * self.weights, self.scores[:, i] * both, self.scores[:, j] * both
        aa, bb, ab = ((w @ product) / w.sum() for product in (a * a, b * b, a * b))
        roots = np.roots([1.0, -ab, aa + bb - 1, -ab])
        real = roots[np.abs(roots.imag) < 1e-8].real
        r = float(real[np.abs(real - ab / np.sqrt(aa * bb)).argmin()])
        rest = (1 - r) * (1 + r)
        own = both * (r * rest + (1 + r * r) * a * b - r * (a * a + b * b)) / rest**2
        pulls = np.column_stack(
            [both * part for k, one, other in ((i, a, b), (j, b, a)) for part in self._pull(k, one, other, r)]
        )
        before = np.column_stack([self.influence[:, :, i], self.influence[:, :, j]])
        heavy = self.weights * own
        return Pair(r, _second_step(own, heavy, before, heavy @ pulls))

    def _pull(self, k: int, own: Array, other: Array, r: float) -> tuple[Array, Array]:
        """Scores of the joint density of two in mean and variance of the first."""
        rest = (1 - r) * (1 + r)
        return (own - r * other) / (rest * self.sd[k]), ((own**2 - r * own * other) / rest - 1) / (2 * self.sd[k] ** 2)

    def with_ordered(self, c: int, among: Ordered) -> list[Pair]:
        """The polyserial correlations of one of them with each of the ordered variables."""
        codes, thresholds = among.codes.T, among.fit.thresholds
        both = (self._heavy[:, c] > 0) & (codes >= 0)
        z, sd = self.scores[:, c], self.sd[c]
        found = correlations_given(z, codes, thresholds, np.where(both, self.weights, 0.0))
        inside = np.abs(found) < BOUND
        rho = np.where(inside, found, 0.0)[:, None]
        low, high = ends_of(codes, thresholds)
        chance, slope, _ = chances_given(z, low, high, rho)
        spread = np.sqrt((1 - rho) * (1 + rho))
        below, above = (CategoryEnd.at(cut, z, rho).density / (spread * chance) for cut in (low, high))
        own = np.where(both, slope / chance, 0.0)
        heavy = self.weights * own
        moved = rho * (above - below)
        of_mean = (heavy * (z + moved)).sum(axis=1) / sd
        of_variance = (heavy * (z**2 - 1 + z * moved)).sum(axis=1) / (2 * sd**2)
        pairs = []
        for k, cuts in enumerate(thresholds):
            if not inside[k]:
                pairs.append(Pair(float(found[k]), np.full(len(z), np.nan), at_bound=True))
                continue
            m, code = len(cuts) + 1, np.maximum(codes[k], 0)
            of_cuts = np.bincount(code, heavy[k] * above[k], m)[:-1] - np.bincount(code, heavy[k] * below[k], m)[1:]
            before = np.column_stack([self.influence[:, :, c], among.of_thresholds(k)])
            moves = np.concatenate([[of_mean[k], of_variance[k]], of_cuts])
            pairs.append(Pair(float(found[k]), _second_step(own[k], heavy[k], before, moves)))
        return pairs


def _second_step(own: Array, heavy: Array, before: Array, moves: Array) -> Array:
    """Influence values of a correlation: its score, less what the errors of the first step add; shape (n,).

    Parameters
    ----------
    own, heavy : shape (n,)
        Score of the pair's likelihood in the correlation, and the same by the weight of each row.
    before : shape (n, k)
        Influence values of what the first step found.
    moves : shape (k,)
        Product of ``heavy`` with the scores of the pair's likelihood in these.
    """
    return np.asarray((own - before @ moves) / (heavy @ own))
