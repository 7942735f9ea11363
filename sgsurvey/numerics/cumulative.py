"""Cumulative link models by Newton's method with analytic derivatives: ordered and binary outcomes, logit and probit.

``P(y <= k) = F(alpha_k - x'b)`` for ordered categories k = 1 … K - 1 (McCullagh 1980, Journal of the Royal Statistical
Society B 42, 109-142, equation 5.1); with two categories this is the binary model, whose constant is ``-alpha_1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

Link = Literal["logit", "probit"]
# Newton's decrement is what a step would still gain in log-likelihood per row, twice.
CONVERGED = 1e-24
ROUNDING = 1e-15
ITERATIONS = 60
# A linear predictor this far out gives a probability that no sample could have told from 0 or 1: separation.
SEPARATED = 30.0
SMALLEST = 1e-300


class Rows(NamedTuple):
    """Log-likelihood of each row, shape (n,), and its gradient, shape (n, q)."""

    value: Array
    gradient: Array


@dataclass(frozen=True)
class Cumulative:
    """Thresholds (first) and slopes as a statistic of the weights of N rows.

    Attributes
    ----------
    X : ndarray, shape (N, p)
        Without a constant.
    y : ndarray of int, shape (N,)
        Categories 0 … K - 1; whatever stands in rows of weight 0 does not matter.
    categories : int
        K.
    link : "logit" or "probit"
    """

    X: Array
    y: npt.NDArray[np.int64]
    categories: int
    link: Link = "logit"

    def value(self, w: Array) -> Array:
        """Weighted maximum likelihood estimates, thresholds first; shape (K - 1 + p,).

        Raises
        ------
        EstimationError
            An empty category, separation, or no convergence.
        """
        inside = w > 0
        share = w[inside] / w[inside].sum()
        rows = self._standardised(inside, share)
        theta = self._start(share, rows.y)
        here = rows.derivatives(theta)
        for _ in range(ITERATIONS):
            gradient = share @ here.gradient
            step = _solve(rows.information(theta, share), gradient)
            decrement = float(gradient @ step)
            if decrement < CONVERGED:
                return self._restored(theta, inside, share)
            moved = rows.shortened(theta, step, here, share)
            if moved is None:
                break
            theta, here = moved
        if decrement < ROUNDING:
            return self._restored(theta, inside, share)
        raise EstimationError(
            Text("似然没有收敛。", "the likelihood did not converge."),
            remedy=Text("请减少自变量，或合并类别。", "Use fewer predictors, or join categories."),
        )

    def influence(self, w: Array) -> Array:
        """``information^-1 gradient`` of each row (Binder 1983, International Statistical Review 51, 279-292)."""
        theta, inside = self.value(w), w > 0
        rows = Cumulative(self.X[inside], self.y[inside], self.categories, self.link)
        found = np.zeros((len(w), len(theta)))
        gradient = rows.derivatives(theta).gradient
        found[inside] = _solve(rows.information(theta, w[inside]), gradient.T).T
        return found

    # Likelihood -----------------------------------------------------------------------------------------

    def log_likelihood(self, theta: Array, w: Array) -> float:
        """Weighted log-likelihood."""
        inside = w > 0
        rows = Cumulative(self.X[inside], self.y[inside], self.categories, self.link)
        return float(w[inside] @ rows.derivatives(theta).value)

    def probabilities(self, theta: Array) -> Array:
        """Probability of each category in each row; shape (N, K)."""
        k = self.categories - 1
        below = self._cdf(theta[:k] - (self.X @ theta[k:])[:, None])
        return np.diff(np.column_stack([np.zeros(len(below)), below, np.ones(len(below))]), axis=1)

    def derivatives(self, theta: Array) -> Rows:
        """Log-likelihood and gradient, row by row."""
        _, _, p, gu, gl = self._edges(theta)
        gradient = gu[:, None] * self._upper - gl[:, None] * self._lower
        return Rows(np.log(p), gradient)

    def information(self, theta: Array, w: Array) -> Array:
        """Minus the weighted second derivatives of the log-likelihood; shape (q, q)."""
        upper, lower, p, gu, gl = self._edges(theta)
        hu, hl = self._slope(upper) / p, self._slope(lower) / p
        A, B = self._upper, self._lower
        cross = (A * (w * gu * gl)[:, None]).T @ B
        return -((A * (w * (hu - gu**2))[:, None]).T @ A - (B * (w * (hl + gl**2))[:, None]).T @ B + cross + cross.T)

    def shortened(self, theta: Array, step: Array, here: Rows, share: Array) -> tuple[Array, Rows] | None:
        """A step halved until the likelihood rises and thresholds stay in order; None where none is left."""
        before, k = float(share @ here.value), self.categories - 1
        for _ in range(50):
            there = theta + step
            if (np.diff(there[:k]) > 0).all():
                if np.abs(there).max() > 1e4 or np.abs(self.X @ there[k:]).max(initial=0.0) > 2 * SEPARATED:
                    raise separated()
                found = self.derivatives(there)
                if float(share @ found.value) >= before - ROUNDING:
                    return there, found
            step = step / 2
        return None

    @cached_property
    def _upper(self) -> Array:
        """Derivative of the upper edge of each row's category by the parameters; shape (n, q)."""
        return self._edge_rows(self.y, self.y < self.categories - 1)

    @cached_property
    def _lower(self) -> Array:
        return self._edge_rows(self.y - 1, self.y > 0)

    def _edge_rows(self, threshold: npt.NDArray[np.int64], there: npt.NDArray[np.bool_]) -> Array:
        rows = np.zeros((len(self.X), self.categories - 1 + self.X.shape[1]))
        rows[np.flatnonzero(there), threshold[there]] = 1.0
        rows[:, self.categories - 1 :] = np.where(there[:, None], -self.X, 0.0)
        return rows

    def _edges(self, theta: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Upper and lower edge, probability between them, densities at both over it; each of shape (n,)."""
        k = self.categories - 1
        cuts = np.concatenate([[-np.inf], theta[:k], [np.inf]])
        centre = self.X @ theta[k:]
        upper, lower = cuts[self.y + 1] - centre, cuts[self.y] - centre
        # Differences of survival functions where both edges are high: those of the cdf would cancel.
        high = lower > 0
        p = np.where(high, self._cdf(-lower) - self._cdf(-upper), self._cdf(upper) - self._cdf(lower))
        p = np.maximum(p, SMALLEST)
        return upper, lower, p, self._density(upper) / p, self._density(lower) / p

    def _cdf(self, z: Array) -> Array:
        return special.expit(z) if self.link == "logit" else special.ndtr(z)

    def _density(self, z: Array) -> Array:
        if self.link == "probit":
            return stats.norm.pdf(z)
        return special.expit(z) * special.expit(-z)

    def _slope(self, z: Array) -> Array:
        """Derivative of the density; 0 at infinity."""
        finite = np.where(np.isfinite(z), z, 0.0)
        inner = -finite if self.link == "probit" else 1.0 - 2.0 * special.expit(finite)
        return np.where(np.isfinite(z), self._density(z) * inner, 0.0)

    # Scale of the predictors ------------------------------------------------------------------------------

    def _scale(self, inside: npt.NDArray[np.bool_], share: Array) -> tuple[Array, Array]:
        X = self.X[inside]
        mean = share @ X
        return mean, np.sqrt(np.maximum(share @ (X - mean) ** 2, SMALLEST))

    def _standardised(self, inside: npt.NDArray[np.bool_], share: Array) -> Cumulative:
        """The rows used with predictors of mean 0 and sd 1: Newton's steps then know no units."""
        mean, scale = self._scale(inside, share)
        y = self.y[inside]
        if (np.bincount(y, minlength=self.categories) == 0).any():
            raise EstimationError(
                Text("有一个类别没有人。", "a category of the outcome is empty."),
                remedy=Text("请合并类别。", "Join it with its neighbour."),
            )
        return Cumulative((self.X[inside] - mean) / scale, y, self.categories, self.link)

    def _restored(self, theta: Array, inside: npt.NDArray[np.bool_], share: Array) -> Array:
        k = self.categories - 1
        mean, scale = self._scale(inside, share)
        slopes = theta[k:] / scale
        if np.abs((self.X[inside] - mean) @ slopes).max(initial=0.0) > SEPARATED:
            raise separated()
        return np.concatenate([theta[:k] + mean @ slopes, slopes])

    def _start(self, share: Array, y: npt.NDArray[np.int64]) -> Array:
        reached = np.cumsum(np.bincount(y, weights=share, minlength=self.categories))[:-1]
        cuts = special.logit(reached) if self.link == "logit" else special.ndtri(reached)
        return np.concatenate([cuts, np.zeros(self.X.shape[1])])


def separated() -> EstimationError:
    """The error for data in which a combination of predictors tells the categories apart without fail."""
    return EstimationError(
        Text(
            "有自变量（或其组合）能把类别完全分开，系数趋于无穷。",
            "some combination of predictors tells categories apart without fail: coefficients run to infinity.",
        ),
        remedy=Text("请合并稀少的类别，或去掉该自变量。", "Join sparse categories, or take the predictor out."),
    )


def _solve(matrix: Array, right: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError as error:
        raise EstimationError(
            Text("自变量互相决定。", "the predictors determine each other."),
            remedy=Text("请去掉其中一个。", "Take one of them out."),
        ) from error
