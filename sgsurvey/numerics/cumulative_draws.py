"""Proportional odds with a normal prior on the slopes, for many chains at once: mode, draws of parameters, draws of y.

``P(y <= k) = expit(alpha_k - x'b)``.  The thresholds have a flat prior and every slope is normal with mean 0, so that
the log posterior is concave (Pratt 1981, Journal of the American Statistical Association 76, 103-106) and has one mode
even where predictors determine each other or tell the categories apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

Codes = npt.NDArray[np.int64]
ITERATIONS = 60
# What a step would still gain in log posterior, twice.  It is taken, and Newton's method then is nearer by its square.
NEAR_ENOUGH = 1e-3
REDRAWS = 50


@dataclass(frozen=True)
class Posterior:
    """The normal approximation of a posterior in each of B chains.

    Attributes
    ----------
    mode : ndarray, shape (B, K - 1 + p)
        Thresholds, then slopes.
    information : ndarray, shape (B, K - 1 + p, K - 1 + p)
        Minus the second derivatives of the log posterior there.
    categories : int
    """

    mode: Array
    information: Array
    categories: int

    def draw(self, rng: np.random.Generator) -> Array:
        """A parameter vector for each chain; drawn again where thresholds are out of order."""
        root = np.asarray(np.linalg.cholesky(self.information), dtype=float)
        found = self.mode + _noise(root, rng)
        for _ in range(REDRAWS):
            wrong = np.flatnonzero((np.diff(found[:, : self.categories - 1], axis=1) <= 0).any(axis=1))
            if not len(wrong):
                break
            found[wrong] = self.mode[wrong] + _noise(root[wrong], rng)
        found[:, : self.categories - 1].sort(axis=1)
        return found


def _noise(root: Array, rng: np.random.Generator) -> Array:
    z = rng.standard_normal((*root.shape[:2], 1))
    return np.asarray(np.linalg.solve(np.swapaxes(root, 1, 2), z)[:, :, 0], dtype=float)


def posterior(
    X: Array, y: Codes, categories: int, prior_sd: float, start: Array | None = None, tolerance: float = NEAR_ENOUGH
) -> Posterior:
    """Mode and information of the parameters in each chain, by Newton's method.

    Parameters
    ----------
    X : ndarray, shape (B, n, p)
        Predictors, standardised; they differ between chains.
    y : ndarray of int, shape (n,)
        Categories 0 … K - 1, each of them present; the same in all chains.
    prior_sd : float
        Of each slope.
    start : ndarray, shape (B, K - 1 + p), optional
        Where to begin.
    tolerance : float
        Newton's decrement before the last step: the square of the distance in posterior standard deviations.
    """
    rows = _Rows(X, y, categories, prior_sd)
    theta = rows.start() if start is None else start
    value = rows.log_posterior(theta)
    for _ in range(ITERATIONS):
        gradient, information = rows.derivatives(theta)
        step = np.asarray(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], dtype=float)
        decrement = (gradient * step).sum(axis=1)
        theta, value = rows.shortened(theta, value, step)
        if decrement.max() < tolerance:
            return Posterior(theta, information, categories)
    raise EstimationError(
        Text("插补模型没有收敛。", "the imputation model did not converge."),
        remedy=Text("请用均值匹配（pmm）插补该题项。", "Impute this item by predictive mean matching (pmm)."),
    )


@dataclass(frozen=True)
class _Rows:
    """The data of B fits.

    The log-likelihood of a row between thresholds u and l is ``log F(u - eta) + log F(eta - l) + log(1 - exp(l - u))``:
    the last term knows the category alone, and the rest needs two logistic functions a row.
    """

    X: Array
    y: Codes
    categories: int
    prior_sd: float

    def start(self) -> Array:
        counts = np.bincount(self.y, minlength=self.categories)
        cuts = special.logit(np.cumsum(counts)[:-1] / len(self.y))
        chains, _, p = self.X.shape
        return np.tile(np.concatenate([cuts, np.zeros(p)]), (chains, 1))

    def _edges(self, theta: Array) -> tuple[Array, Array]:
        """Distances of each row to the upper and the lower edge of its category; shape (B, n)."""
        k = self.categories - 1
        end = np.full((len(theta), 1), np.inf)
        cuts = np.concatenate([-end, theta[:, :k], end], axis=1)
        eta = (self.X @ theta[:, k:, None])[:, :, 0]
        return cuts[:, self.y + 1] - eta, cuts[:, self.y] - eta

    def log_posterior(self, theta: Array) -> Array:
        """Up to a constant, shape (B,); minus infinity where thresholds are out of order."""
        k = self.categories - 1
        upper, lower = self._edges(theta)
        gaps, inner = np.diff(theta[:, :k], axis=1), np.bincount(self.y, minlength=self.categories)[1:k]
        ordered = np.asarray((gaps > 0).all(axis=1))
        widths = np.log(-np.expm1(-np.where(ordered[:, None], gaps, 1.0))) @ inner
        value = special.log_expit(upper).sum(axis=1) + special.log_expit(-lower).sum(axis=1) + widths
        value -= 0.5 * (theta[:, k:] ** 2).sum(axis=1) / self.prior_sd**2
        return np.where(ordered, value, -np.inf)

    def derivatives(self, theta: Array) -> tuple[Array, Array]:
        """Gradient, shape (B, q), and information, shape (B, q, q), of the log posterior."""
        k, q = self.categories - 1, theta.shape[1]
        upper, lower = self._edges(theta)
        up, low = special.expit(upper), special.expit(lower)
        at_upper, at_lower = np.eye(self.categories)[self.y][:, :k], np.eye(self.categories)[self.y][:, 1:]
        gradient = np.empty((len(theta), q))
        gradient[:, :k] = (1 - up) @ at_upper - low @ at_lower
        gradient[:, k:] = ((up + low - 1)[:, None, :] @ self.X)[:, 0, :] - theta[:, k:] / self.prior_sd**2
        f_up, f_low = up * (1 - up), low * (1 - low)
        information = np.zeros((len(theta), q, q))
        weighted = (f_up + f_low)[:, :, None] * self.X
        information[:, k:, k:] = np.swapaxes(weighted, 1, 2) @ self.X + np.eye(q - k) / self.prior_sd**2
        both = f_up[:, None, :] * at_upper.T + f_low[:, None, :] * at_lower.T
        information[:, :k, k:] = -(both @ self.X)
        information[:, k:, :k] = np.swapaxes(information[:, :k, k:], 1, 2)
        own = np.arange(k)
        information[:, own, own] = both.sum(axis=2)
        self._add_widths(theta, gradient, information)
        return gradient, information

    def _add_widths(self, theta: Array, gradient: Array, information: Array) -> None:
        """What ``log(1 - exp(l - u))`` adds for the categories between two thresholds."""
        k = self.categories - 1
        inner = np.bincount(self.y, minlength=self.categories)[1:k]
        e = np.exp(-np.diff(theta[:, :k], axis=1))
        first, second = inner * e / (1 - e), inner * e / (1 - e) ** 2
        gradient[:, 1:k] += first
        gradient[:, : k - 1] -= first
        above, below = np.arange(1, k), np.arange(k - 1)
        information[:, above, above] += second
        information[:, below, below] += second
        information[:, above, below] -= second
        information[:, below, above] -= second

    def shortened(self, theta: Array, value: Array, step: Array) -> tuple[Array, Array]:
        """The step in each chain, halved until the log posterior does not fall."""
        there = theta + step
        found = self.log_posterior(there)
        for _ in range(40):
            # A fall within rounding of the sum is none.
            fell = np.asarray(~(found >= value - 1e-11 * (1 + np.abs(value))))
            if not fell.any():
                break
            step = np.where(fell[:, None], step / 2, step)
            there = np.where(fell[:, None], theta + step, there)
            found = self.log_posterior(there)
        return there, found


def draw_categories(theta: Array, X: Array, categories: int, rng: np.random.Generator) -> Codes:
    """A category for each row of each chain, shape (B, n), from parameters of shape (B, q) and X of shape (B, n, p)."""
    k = categories - 1
    below = special.expit(theta[:, None, :k] - X @ theta[:, k:, None])
    return np.asarray((rng.random(X.shape[:2])[:, :, None] > below).sum(axis=2), dtype=np.int64)
