"""Ordered logits of many subsets of the same predictors at once.

``P(y = k) = F(u) (1 - F(l)) (1 - exp(a_(k-1) - a_k))`` with ``u = a_k - x'b`` and ``l = a_(k-1) - x'b`` for the
logistic F: the log-likelihood is a sum of logistic terms of the edges, and of a term in the thresholds alone.  It is
concave (Pratt 1981, Journal of the American Statistical Association 76, 103-106), so that Newton's method needs no
start of its own for each subset.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.cumulative import separated
from sgsurvey.numerics.linalg import Array

# Numbers that a batch of models may hold at a time: rows times models.
BATCH = 1_000_000
# What a step would still gain in log-likelihood per row, twice: Newton's next step squares it.
CONVERGED = 1e-14
ITERATIONS = 50
HALVINGS = 40
FARTHEST = 500.0
Mask = npt.NDArray[np.bool_]


def subset_log_likelihoods(X: Array, y: npt.NDArray[np.int64], categories: int, subsets: Mask, weights: Array) -> Array:
    """Maximal log-likelihood of the ordered logit of each subset of predictors; shape (D,).

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Without a constant, of full rank with it.
    y : ndarray of int, shape (n,)
        Categories 0 … K - 1, none of them empty.
    subsets : ndarray of bool, shape (D, p)
        Which columns each model has.
    weights : ndarray, shape (n,)

    Raises
    ------
    EstimationError
        Predictors tell categories apart without fail.
    """
    mean = np.average(X, axis=0, weights=weights)
    scale = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))
    order = np.argsort(y, kind="stable")
    rows = _Rows(((X - mean) / scale)[order], weights[order], np.bincount(y, minlength=categories))
    size = max(1, BATCH // len(X))
    return np.concatenate([rows.maxima(subsets[at : at + size]) for at in range(0, len(subsets), size)])


class _Point(NamedTuple):
    """Log-likelihoods of D models, their gradients (D, q) and minus their second derivatives (D, q, q)."""

    value: Array
    gradient: Array
    curvature: Array


@dataclass(frozen=True)
class _Rows:
    """Rows sorted by category, of which ``sizes`` are in each; models stand in the first axis of what is computed."""

    X: Array
    w: Array
    sizes: npt.NDArray[np.int64]

    def maxima(self, subsets: Mask) -> Array:
        """Log-likelihoods at their maxima; models that are there step no more."""
        total, k = self.w.sum(), len(self.sizes) - 1
        share = np.cumsum(self._held)[:-1] / total
        theta = np.zeros((len(subsets), k + self.X.shape[1]))
        theta[:, :k] = np.log(share / (1 - share))
        maxima, still = np.empty(len(subsets)), np.arange(len(subsets))
        here = self._at(theta, subsets)
        for _ in range(ITERATIONS):
            step = np.linalg.solve(here.curvature, here.gradient[..., None])[..., 0]
            decrement = (here.gradient * step).sum(axis=1)
            maxima[still] = here.value + decrement / 2
            far = decrement > CONVERGED * total
            if not far.any():
                return maxima
            theta, step, still = theta[far], step[far], still[far]
            theta, here = self._shortened(theta, step, here.value[far], subsets[still])
            if np.abs(theta).max() > FARTHEST:
                break
        raise separated()

    def _shortened(self, theta: Array, step: Array, before: Array, subsets: Mask) -> tuple[Array, _Point]:
        """Each model's step, halved until its likelihood does not fall."""
        for _ in range(HALVINGS):
            there = self._at(theta + step, subsets)
            lower = ~(there.value >= before - 1e-12 * np.abs(before))
            if not lower.any():
                return theta + step, there
            step[lower] /= 2
        raise separated()

    def _at(self, theta: Array, subsets: Mask) -> _Point:
        k = len(self.sizes) - 1
        cuts, slopes = theta[:, :k], theta[:, k:] * subsets
        index = slopes @ self.X.T
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            value, gradient, curvature = self._thresholds(cuts)
            pull, weight = self._edges(cuts, index, value, gradient, curvature)
        gradient[:, k:] = (pull @ self.X) * subsets
        row, col = np.tril_indices(self.X.shape[1])
        squares = weight @ self._products
        curvature[:, k + row, k + col], curvature[:, k + col, k + row] = squares, squares
        curvature[:, k:, :k] = curvature[:, :k, k:].transpose(0, 2, 1)
        absent = np.concatenate([np.zeros((len(theta), k), dtype=bool), ~subsets], axis=1)
        curvature[absent[:, :, None] | absent[:, None, :]] = 0.0
        model, column = np.nonzero(absent)
        curvature[model, column, column] = 1.0
        return _Point(value, gradient, curvature)

    def _edges(self, cuts: Array, index: Array, value: Array, gradient: Array, curvature: Array) -> tuple[Array, Array]:
        """Adds the logistic terms of both edges to what is given; the rows' pulls on x'b and their weights, (D, n)."""
        k = cuts.shape[1]
        odds = np.exp(index)
        pull, weight = np.zeros_like(index), np.zeros_like(index)
        for category, span in enumerate(self._spans):
            X, w = self.X[span], self.w[span]
            for edge, sign in ((category, -1.0), (category - 1, 1.0)):
                if not 0 <= edge < k:
                    continue
                below = 1 / (1 + odds[:, span] * np.exp(-cuts[:, edge, None]))
                density = below * (1 - below) * w
                # An upper edge adds log F, a lower one log (1 - F).
                moved = (below if sign > 0 else below - 1) * w
                log = np.log(below) + (index[:, span] - cuts[:, edge, None] if sign > 0 else 0.0)
                value += log @ w
                pull[:, span] += moved
                weight[:, span] += density
                gradient[:, edge] -= moved.sum(axis=1)
                curvature[:, edge, edge] += density.sum(axis=1)
                curvature[:, edge, k:] -= density @ X
        return pull, weight

    def _thresholds(self, cuts: Array) -> tuple[Array, Array, Array]:
        """Value, gradient and curvature of the terms in the thresholds alone."""
        models, k = cuts.shape
        q = k + self.X.shape[1]
        value, gradient, curvature = np.zeros(models), np.zeros((models, q)), np.zeros((models, q, q))
        for category in range(1, k):
            gap, held = cuts[:, category] - cuts[:, category - 1], self._held[category]
            growth = np.expm1(gap)
            value += held * np.log(-np.expm1(-gap))
            gradient[:, category] += held / growth
            gradient[:, category - 1] -= held / growth
            bend = held * (growth + 1) / growth**2
            for a, b, sign in ((0, 0, 1), (1, 1, 1), (0, 1, -1), (1, 0, -1)):
                curvature[:, category - a, category - b] += sign * bend
        return value, gradient, curvature

    @cached_property
    def _spans(self) -> list[slice]:
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        return [slice(a, b) for a, b in pairwise(ends.tolist())]

    @cached_property
    def _held(self) -> Array:
        """Weight of each category."""
        return np.array([self.w[span].sum() for span in self._spans])

    @cached_property
    def _products(self) -> Array:
        """Products of pairs of predictors, in the order of the lower triangle; shape (n, p (p + 1) / 2)."""
        row, col = np.tril_indices(self.X.shape[1])
        return self.X[:, row] * self.X[:, col]
