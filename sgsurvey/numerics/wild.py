"""Wild cluster bootstrap of one slope with the null imposed.

Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90, 414-427; weights of six points by Webb
(2023), Canadian Journal of Economics 56, 839-858; computed from sums by cluster (Roodman, MacKinnon, Nielsen and Webb
2019, Stata Journal 19, 4-60, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import share_as_large

Signs = Literal["rademacher", "webb"]

# A standard error that so large a t is made of is rounding: the sample has none.
NO_ERROR = 1e10
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


def cluster_signs(clusters: int, draws: int, kind: Signs, seed: int) -> Array:
    """Multipliers of each cluster's residuals, shape (G, draws); all 2^G signs where ``draws`` allows for them."""
    if kind == "rademacher" and clusters < 31 and 2**clusters <= draws:
        return np.array(list(product((1.0, -1.0), repeat=clusters))).T
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([-1.0, 1.0]) if kind == "rademacher" else WEBB, size=(clusters, draws))


@dataclass(frozen=True)
class SlopeSums:
    """Sums by cluster that the bootstrap of one slope needs.

    The residuals under ``slope = b0`` are ``r - b0 x~``, with ``r`` the outcome and ``x~`` the predictor beyond all
    other columns: what depends on them is linear in ``b0``.

    Attributes
    ----------
    size : float
        ``x~'Wx~``.
    slope : float
        The estimate.
    own, own_x : ndarray, shape (G,)
        ``x~_g'W r_g`` and ``x~_g'W x~_g``.
    left : ndarray, shape (G, p)
        ``x~_g'W X_g (X'WX)^-1``.
    score, score_x : ndarray, shape (G, p)
        ``X_g'W r_g`` and ``X_g'W x~_g``.
    """

    size: float
    slope: float
    own: Array
    own_x: Array
    left: Array
    score: Array
    score_x: Array

    @classmethod
    def of(cls, X: Array, y: Array, at: int, codes: npt.NDArray[np.int64], weights: Array | None = None) -> SlopeSums:
        """The sums for column ``at`` of ``X``, with clusters 0 … G - 1."""
        root = np.ones(len(y)) if weights is None else np.sqrt(weights)
        X, y = X * root[:, None], y * root
        others = np.linalg.qr(np.delete(X, at, axis=1))[0]
        x, r = X[:, at] - others @ (others.T @ X[:, at]), y - others @ (others.T @ y)
        size = float(x @ x)

        def summed(rows: Array) -> Array:
            return np.array([np.bincount(codes, weights=column) for column in rows.T]).T

        inverse = np.linalg.inv(X.T @ X)
        return cls(
            size,
            float(x @ r) / size,
            summed((x * r)[:, None])[:, 0],
            summed((x * x)[:, None])[:, 0],
            summed(x[:, None] * X) @ inverse,
            summed(r[:, None] * X),
            summed(x[:, None] * X),
        )

    @property
    def statistic(self) -> float:
        """The slope over its cluster-robust standard error (CR0), for the null of 0."""
        return float(self._statistics(self.slope, np.ones((len(self.own), 1)))[1][0] * self.slope)

    def _statistics(self, null: float, signs: Array) -> tuple[Array, Array]:
        """Slopes of the bootstrap samples less the null, and one over their standard errors; shape (draws,) each."""
        own, score = self.own - null * self.own_x, self.score - null * self.score_x
        moved = own @ signs / self.size
        left_over = own[:, None] * signs - self.left @ (score.T @ signs)
        with np.errstate(divide="ignore"):
            return moved, self.size / np.sqrt((left_over**2).sum(axis=0))

    def null_statistics(self, null: float, signs: Array) -> Array:
        """``|t|`` of the bootstrap samples under ``slope = null``, shape (draws,); infinite where a sample has none."""
        moved, precision = self._statistics(null, signs)
        with np.errstate(invalid="ignore"):
            drawn = np.abs(moved * precision)
        return np.where(drawn < NO_ERROR, drawn, np.inf)

    def p_value(self, null: float, signs: Array) -> float:
        """Share of the draws whose t is at least as large as the sample's, both ways."""
        _, own = self._statistics(self.slope, np.ones((len(self.own), 1)))
        return float(share_as_large(abs(self.slope - null) * own[0], self.null_statistics(null, signs)))

    def interval(self, signs: Array, level: float) -> tuple[float, float]:
        """The nulls that are not rejected; an end is infinite where p never falls below ``1 - level``."""
        alpha = 1 - level
        _, precision = self._statistics(self.slope, np.ones((len(self.own), 1)))
        step = float(1 / precision[0])

        def above(null: float) -> float:
            return self.p_value(null, signs) - alpha

        ends = []
        for side in (-1.0, 1.0):
            reach = 1.0
            while above(self.slope + side * reach * step) > 0 and reach < 1e4:
                reach *= 2
            ends.append(
                side * np.inf
                if reach >= 1e4
                else brentq(above, self.slope, self.slope + side * reach * step, xtol=1e-8 * step)
            )
        return float(ends[0]), float(ends[1])
