"""Cumulative link models by Newton's method with analytic derivatives: ordered and binary outcomes, logit and probit.

``P(y <= k) = F(alpha_k - x'b)`` for ordered categories k = 1 … K - 1 (McCullagh 1980, Journal of the Royal Statistical
Society B 42, 109-142); with two categories this is the binary model, whose constant is ``-alpha_1``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

Link = Literal["logit", "probit"]
# Newton's decrement is what a step would still gain in log-likelihood per row, twice.
CONVERGED = 1e-24
ROUNDING = 1e-15
ITERATIONS = 60
# Where categories are told apart without fail, the likelihood is flat in some direction long before it stops rising.
FLAT = 1e-13
FARTHEST = 1e4
SMALLEST = 1e-300


class Rows(NamedTuple):
    """Log-likelihood of each row, shape (n,), and its gradient, shape (n, q)."""

    value: Array
    gradient: Array


class _Edges(NamedTuple):
    """Each row's probability between the edges of its category, and over it the density and its slope at both edges."""

    p: Array
    upper: Array
    lower: Array
    upper_slope: Array
    lower_slope: Array


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
    offset : ndarray, shape (N,), or None
        Added to ``x'b``.
    """

    X: Array
    y: npt.NDArray[np.int64]
    categories: int
    link: Link = "logit"
    offset: Array | None = None

    def value(self, w: Array) -> Array:
        """Weighted maximum likelihood estimates, thresholds first; shape (K - 1 + p,).

        Raises
        ------
        EstimationError
            An empty category, separation, or no convergence.
        """
        for weights, theta in self._solved:
            if np.array_equal(weights, w):
                return theta
        self._solved[:] = [(w, self._fitted(w))]
        return self._solved[0][1]

    @cached_property
    def _solved(self) -> list[tuple[Array, Array]]:
        """The last weights with their estimates: influence values need what was just found."""
        return []

    def _fitted(self, w: Array) -> Array:
        inside = w > 0
        share = w[inside] / w[inside].sum()
        rows = self._standardised(inside, share)
        theta = self._start(share, rows.y)
        edges = rows._edges(theta)
        for _ in range(ITERATIONS):
            gradient = rows._slope(edges, share)
            step = _solve(rows._curvature(edges, share), gradient)
            decrement = float(gradient @ step)
            if decrement < CONVERGED:
                break
            moved = rows._shortened(theta, step, edges, share)
            if moved is None:
                break
            theta, edges = moved
        curvature = np.linalg.eigvalsh(rows._curvature(edges, share))
        if curvature[0] < FLAT * curvature[-1]:
            raise separated()
        if decrement < ROUNDING:
            return self._restored(theta, inside, share)
        raise EstimationError(
            Text("似然没有收敛。", "the likelihood did not converge."),
            remedy=Text("请减少自变量，或合并类别。", "Use fewer predictors, or join categories."),
        )

    def influence(self, w: Array) -> Array:
        """``information^-1 gradient`` of each row (Binder 1983, International Statistical Review 51, 279-292)."""
        theta, inside = self.value(w), w > 0
        rows = self._among(inside)
        found = np.zeros((len(w), len(theta)))
        edges = rows._edges(theta)
        found[inside] = _solve(rows._curvature(edges, w[inside]), rows._gradient(edges).T).T
        return found

    # Likelihood -----------------------------------------------------------------------------------------

    def log_likelihood(self, theta: Array, w: Array) -> float:
        """Weighted log-likelihood."""
        inside = w > 0
        rows = self._among(inside)
        return float(w[inside] @ np.log(rows._edges(theta).p))

    def probabilities(self, theta: Array) -> Array:
        """Probability of each category in each row; shape (N, K)."""
        k = self.categories - 1
        below = self._cdf(theta[:k] - self.centre(theta)[:, None])
        return np.diff(np.column_stack([np.zeros(len(below)), below, np.ones(len(below))]), axis=1)

    def densities(self, theta: Array) -> tuple[Array, Array]:
        """Density at each row's thresholds, and its slope there; shape (N, K - 1) each."""
        k = self.categories - 1
        _, _, density, slope = self._distribution(theta[:k] - self.centre(theta)[:, None])
        return density, slope

    def derivatives(self, theta: Array) -> Rows:
        """Log-likelihood and gradient, row by row."""
        edges = self._edges(theta)
        return Rows(np.log(edges.p), self._gradient(edges))

    def information(self, theta: Array, w: Array) -> Array:
        """Minus the weighted second derivatives of the log-likelihood; shape (q, q)."""
        return self._curvature(self._edges(theta), w)

    def centre(self, theta: Array) -> Array:
        """Each row's linear predictor; shape (N,)."""
        centre = self.X @ theta[self.categories - 1 :]
        return centre if self.offset is None else centre + self.offset

    def _among(self, inside: npt.NDArray[np.bool_]) -> Cumulative:
        offset = None if self.offset is None else self.offset[inside]
        return Cumulative(self.X[inside], self.y[inside], self.categories, self.link, offset)

    def _gradient(self, edges: _Edges) -> Array:
        return edges.upper[:, None] * self._upper - edges.lower[:, None] * self._lower

    def _slope(self, edges: _Edges, w: Array) -> Array:
        """The weighted sum of the rows' gradients; shape (q,)."""
        upper, lower = w * edges.upper, w * edges.lower
        cuts = self._by_category(upper)[:-1] - self._by_category(lower)[1:]
        return np.concatenate([cuts, (lower - upper) @ self.X])

    def _curvature(self, edges: _Edges, w: Array) -> Array:
        """Minus the second derivatives; a threshold meets the rows of the two categories beside it only."""
        k = self.categories - 1
        above = w * (edges.upper_slope - edges.upper**2)
        below = -w * (edges.lower_slope + edges.lower**2)
        both = w * edges.upper * edges.lower
        curvature = np.empty((k + self.X.shape[1],) * 2)
        cuts = np.diag(self._by_category(above)[:-1] + self._by_category(below)[1:])
        step = np.arange(1, k)
        cuts[step, step - 1] = cuts[step - 1, step] = self._by_category(both)[1:-1]
        curvature[:k, :k] = cuts
        upper = self._members[:, :-1] * (above + both)[:, None]
        lower = self._members[:, 1:] * (below + both)[:, None]
        curvature[:k, k:] = -(upper + lower).T @ self.X
        curvature[k:, :k] = curvature[:k, k:].T
        curvature[k:, k:] = (self.X * (above + below + 2 * both)[:, None]).T @ self.X
        return -curvature

    def _by_category(self, values: Array) -> Array:
        return np.bincount(self.y, weights=values, minlength=self.categories).astype(float)

    @cached_property
    def _members(self) -> Array:
        """Whether each row belongs to each category; shape (n, K)."""
        return np.asarray(self.y[:, None] == np.arange(self.categories), dtype=float)

    def _shortened(self, theta: Array, step: Array, here: _Edges, share: Array) -> tuple[Array, _Edges] | None:
        """A step halved until the likelihood rises and thresholds stay in order; None where none is left."""
        before, k = float(share @ np.log(here.p)), self.categories - 1
        for _ in range(50):
            there = theta + step
            if (np.diff(there[:k]) > 0).all():
                centre = self.centre(there)
                if np.abs(there).max() > FARTHEST or np.abs(centre).max(initial=0.0) > FARTHEST:
                    raise separated()
                found = self._edges(there, centre)
                if float(share @ np.log(found.p)) >= before - ROUNDING:
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

    def _edges(self, theta: Array, centre: Array | None = None) -> _Edges:
        k = self.categories - 1
        cuts = np.concatenate([[-np.inf], theta[:k], [np.inf]])
        centre = self.centre(theta) if centre is None else centre
        upper, lower = cuts[self.y + 1] - centre, cuts[self.y] - centre
        below_upper, above_upper, density_upper, slope_upper = self._distribution(upper)
        below_lower, above_lower, density_lower, slope_lower = self._distribution(lower)
        # Differences of survival functions where both edges are high: those of the cdf would cancel.
        p = np.where(lower > 0, above_lower - above_upper, below_upper - below_lower)
        p = np.maximum(p, SMALLEST)
        return _Edges(p, density_upper / p, density_lower / p, slope_upper / p, slope_lower / p)

    def _distribution(self, z: Array) -> tuple[Array, Array, Array, Array]:
        """Share below and above ``z``, the density there and its derivative."""
        if self.link == "logit":
            below, above = special.expit(z), special.expit(-z)
            density = below * above
            return below, above, density, density * (above - below)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return special.ndtr(z), special.ndtr(-z), density, -np.where(np.isfinite(z), z, 0.0) * density

    def _cdf(self, z: Array) -> Array:
        return special.expit(z) if self.link == "logit" else special.ndtr(z)

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
        return replace(self._among(inside), X=(self.X[inside] - mean) / scale)

    def _restored(self, theta: Array, inside: npt.NDArray[np.bool_], share: Array) -> Array:
        k = self.categories - 1
        mean, scale = self._scale(inside, share)
        slopes = theta[k:] / scale
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
