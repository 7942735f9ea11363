"""Groups that cross, such as students and lecturers: a random intercept for each level of two factors or more.

The levels of the largest factor do not meet each other, so their block of ``L' Z' Z L + I`` is diagonal; it is
eliminated, and what is left for the other factors (its Schur complement) is factored dense.  Bates, Maechler, Bolker
and Walker (2015), Journal of Statistical Software 67(1), section 3.4; here the block stands for a sparse factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_effects import Effects, Parts
from sgsurvey.numerics.units import Units


class _Blocks(NamedTuple):
    """``L' Z' Z L + I`` at theta: the largest factor's diagonal, the rest's inverse, and ``L' Z' W`` solved.

    Attributes
    ----------
    first : ndarray, shape (G,)
    across, below : sparse array, shape (G, R)
        The block beside it, and what the diagonal leaves of that.
    inverse : ndarray, shape (R, R)
        Of the Schur complement.
    logs : float
        Logarithm of the determinant.
    sums, answers : ndarray, shape (G + R, p + 1)
        ``L' Z' W``, and the system's solution for it.
    """

    first: Array
    across: sparse.csr_array
    below: sparse.csr_array
    inverse: Array
    logs: float
    sums: Array
    answers: Array


@dataclass(frozen=True)
class CrossedIntercepts:
    """Counts and sums by the levels of the factors, the largest factor first.

    Attributes
    ----------
    n, p : int
        Rows and predictors.
    units : Units
    order : tuple of int
        Places of the factors as they were named, from the largest to the smallest.
    levels : tuple of int
        Of the factors in that order.
    sizes : ndarray, shape (G,)
        Rows of each level of the largest factor.
    across : sparse array, shape (G, R)
        Rows that a level of the largest factor and one of the others have in common.
    rest : ndarray, shape (R, R)
        The same among the others.
    sums : ndarray, shape (G + R, p + 1)
        Of predictors and outcome.
    total : ndarray, shape (p + 1, p + 1)
    """

    n: int
    p: int
    units: Units
    order: tuple[int, ...]
    levels: tuple[int, ...]
    sizes: Array
    across: sparse.csr_array
    rest: Array
    sums: Array
    total: Array

    @property
    def diagonal(self) -> npt.NDArray[np.bool_]:
        """All: each is the standard deviation of a factor's intercepts over the residual one."""
        return np.ones(len(self.levels), dtype=bool)

    def upright(self, theta: Array) -> Array:
        """The theta of the same variances that is not below 0."""
        return np.abs(theta)

    def _scales(self, theta: Array) -> Array:
        """Theta of every level."""
        return np.repeat(np.asarray(theta)[list(self.order)], self.levels)

    def _blocks(self, theta: Array) -> _Blocks:
        scales, G = self._scales(theta), self.levels[0]
        first = 1 + scales[:G] ** 2 * self.sizes
        across = self._rescaled(scales[:G], scales[G:])
        below = self._rescaled(scales[:G] / first, scales[G:])
        schur = scales[G:, None] * self.rest * scales[G:] - (across.T @ below).toarray()
        schur[np.diag_indices_from(schur)] += 1
        lower = linalg.cholesky(schur, lower=True, overwrite_a=True, check_finite=False)
        logs = float(np.log(first).sum() + 2 * np.log(np.diag(lower)).sum())
        inverse = _symmetric_inverse(lower)
        sums = scales[:, None] * self.sums
        second = inverse @ (sums[G:] - below.T @ sums[:G])
        answers = np.vstack([sums[:G] / first[:, None] - below @ second, second])
        return _Blocks(first, across, below, inverse, logs, sums, answers)

    def _rescaled(self, rows: Array, columns: Array) -> sparse.csr_array:
        """``across`` times a number for each row and column."""
        N = self.across
        weights = np.repeat(rows, np.diff(N.indptr)) * columns[N.indices]
        return sparse.csr_array((N.data * weights, N.indices, N.indptr), shape=N.shape)

    def at(self, theta: Array) -> Parts:
        """The likelihood's parts."""
        found, scales = self._blocks(theta), self._scales(theta)
        # Z' V^-1 W is what is left of the sums beyond their solution; its slopes need no division by theta.
        left = self.sums - self._crossed(scales[:, None] * found.answers)
        ends = np.cumsum(self.levels)
        slopes, log_slopes = np.empty((len(self.levels), self.p + 1, self.p + 1)), np.empty(len(self.levels))
        traces = self._traces(found)
        for place, begin, end, trace in zip(self.order, [0, *ends[:-1]], ends, traces, strict=True):
            slopes[place] = -2 * theta[place] * left[begin:end].T @ left[begin:end]
            log_slopes[place] = 2 * (end - begin - trace) / theta[place] if theta[place] else 0.0
        return Parts(self.total - found.sums.T @ found.answers, slopes, found.logs, log_slopes)

    def _crossed(self, values: Array) -> Array:
        """``Z' Z`` times values of every level."""
        G = self.levels[0]
        top, bottom = values[:G], values[G:]
        return np.vstack([self.sizes[:, None] * top + self.across @ bottom, self.across.T @ top + self.rest @ bottom])

    def _traces(self, found: _Blocks) -> list[float]:
        """Of each factor's block of the inverse of ``L' Z' Z L + I``."""
        met = (found.below.T @ found.below).tocoo()
        first = float((1 / found.first).sum() + (found.inverse[met.row, met.col] * met.data).sum())
        ends = np.cumsum(self.levels[1:])
        own = np.diag(found.inverse)
        return [first, *(float(own[end - size : end].sum()) for size, end in zip(self.levels[1:], ends, strict=True))]

    def components(self, theta: Array) -> Array:
        """A variance for each factor."""
        return np.asarray(theta) ** 2

    def mean_variance(self, theta: Array) -> float:
        """The same for every row."""
        return float((np.asarray(theta) ** 2).sum())

    def effects(self, theta: Array, contrast: Array) -> tuple[Effects, ...]:
        """The intercepts of each factor, shape (levels, 1)."""
        found, scales = self._blocks(theta), self._scales(theta)
        below = found.below
        first = 1 / found.first + np.asarray(below.multiply(below @ found.inverse).sum(axis=1)).ravel()
        estimates = scales * (found.answers @ contrast)
        variances = scales**2 * np.concatenate([first, np.diag(found.inverse)])
        cuts = np.cumsum(self.levels)[:-1]
        parts = zip(np.split(estimates[:, None], cuts), np.split(variances[:, None], cuts), strict=True)
        by_place = dict(zip(self.order, (Effects(*part) for part in parts), strict=True))
        return tuple(by_place[place] for place in range(len(self.levels)))


def _symmetric_inverse(lower: Array) -> Array:
    """Inverse of a matrix by its Cholesky factor."""
    inverse, _ = linalg.lapack.dpotri(lower, lower=1, overwrite_c=1)
    inverse += inverse.T.copy()
    inverse[np.diag_indices_from(inverse)] /= 2
    return np.asarray(inverse)


def crossed_intercepts(W: Array, units: Units, codes: Sequence[npt.NDArray[np.int64]]) -> CrossedIntercepts:
    """One pass over the rows.

    Parameters
    ----------
    W, units : ndarray, shape (n, p + 1), and Units
        As ``standardised`` gives them.
    codes : sequence of ndarray of int, shape (n,)
        Level of each row in each of two factors or more, every one of 0 … G - 1 at least once.
    """
    n, sizes = len(W), [int(own.max()) + 1 for own in codes]
    order = tuple(sorted(range(len(codes)), key=lambda k: -sizes[k]))
    rows = np.arange(n)
    marks = [sparse.csr_array((np.ones(n), (rows, codes[k])), shape=(n, sizes[k])) for k in order]
    rest = sparse.hstack(marks[1:]).tocsr()
    sums = np.vstack([marks[0].T @ W, rest.T @ W])
    return CrossedIntercepts(
        n, W.shape[1] - 1, units, order, tuple(sizes[k] for k in order), np.bincount(codes[order[0]]).astype(float),
        (marks[0].T @ rest).tocsr(), (rest.T @ rest).toarray(), sums, W.T @ W,
    )  # fmt: skip
