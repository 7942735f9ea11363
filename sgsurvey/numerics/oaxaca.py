"""A gap between the means of two groups, taken apart by regressions: a statistic of the rows' weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Rule = Literal["pooled", "neumark", "cotton", "reimers", "first", "second"]
PARTS = ("explained", "unexplained", "endowments", "coefficients", "interaction")


class Estimated(NamedTuple):
    """A vector of numbers, shape (p,), with the influence of each row on it, shape (N, p)."""

    value: Array
    influence: Array


@dataclass(frozen=True)
class Decomposition:
    """Mean of each group, their gap, and the contribution of every column to each of its parts.

    With coefficients b of the two groups, means m, and coefficients b* that a rule makes of both (Oaxaca 1973,
    International Economic Review 14, 693-709; Jann 2008, Stata Journal 8, 453-479):

    - explained ``(m1 - m2) b*``, unexplained ``m1 (b1 - b*) + m2 (b* - b2)``;
    - endowments ``(m1 - m2) b2``, coefficients ``m2 (b1 - b2)``, interaction ``(m1 - m2) (b1 - b2)``.

    b* is that of both groups together with a column for the group ("pooled"; Fortin 2008; Jann 2008) or without
    ("neumark", 1988), the mean of both by their shares ("cotton", 1988) or by halves ("reimers", 1983), or one group's.

    Attributes
    ----------
    X : ndarray, shape (N, p)
        With the constant.
    y : ndarray, shape (N,)
    first, second : ndarray of bool, shape (N,)
    rule : str
    """

    X: Array
    y: Array
    first: npt.NDArray[np.bool_]
    second: npt.NDArray[np.bool_]
    rule: Rule

    def value(self, w: Array) -> Array:
        """Both means, the gap, then p contributions to each of ``PARTS``; shape (3 + 5p,)."""
        return self._both(w).value

    def influence(self, w: Array) -> Array:
        """Influence values of each row, by the chain rule; shape (N, 3 + 5p)."""
        return self._both(w).influence

    def _both(self, w: Array) -> Estimated:
        m1, m2 = self._means(w, self.first), self._means(w, self.second)
        b1, b2 = self._slopes(self.X, w, self.first), self._slopes(self.X, w, self.second)
        star = self._reference(w, b1, b2)
        gap = _minus(m1, m2)
        y1, y2 = self._mean_outcome(w, self.first), self._mean_outcome(w, self.second)
        parts = [
            y1,
            y2,
            _minus(y1, y2),
            _times(gap, star),
            _plus(_times(m1, _minus(b1, star)), _times(m2, _minus(star, b2))),
            _times(gap, b2),
            _times(m2, _minus(b1, b2)),
            _times(gap, _minus(b1, b2)),
        ]
        return Estimated(np.concatenate([p.value for p in parts]), np.hstack([p.influence for p in parts]))

    def _means(self, w: Array, inside: npt.NDArray[np.bool_]) -> Estimated:
        own = np.where(inside, w, 0.0)
        mean = own @ self.X / own.sum()
        return Estimated(mean, inside[:, None] * (self.X - mean) / own.sum())

    def _mean_outcome(self, w: Array, inside: npt.NDArray[np.bool_]) -> Estimated:
        own = np.where(inside, w, 0.0)
        mean = float(own @ self.y / own.sum())
        return Estimated(np.array([mean]), (inside * (self.y - mean) / own.sum())[:, None])

    def _slopes(self, X: Array, w: Array, inside: npt.NDArray[np.bool_]) -> Estimated:
        """``(X'WX)^-1 X'Wy`` over the rows inside, and ``(X'WX)^-1 x (y - x'b)``."""
        rows = inside & (w > 0)
        root = np.sqrt(w[rows])[:, None]
        size = np.linalg.norm(root * X[rows], axis=0)
        Q, R = np.linalg.qr(root * X[rows] / size)
        b = np.linalg.solve(R, Q.T @ (root[:, 0] * self.y[rows])) / size
        inverse = np.linalg.solve(R, np.eye(len(R))) / size[:, None]
        influence = np.zeros_like(X)
        influence[rows] = (X[rows] * (self.y[rows] - X[rows] @ b)[:, None]) @ inverse @ inverse.T
        return Estimated(b, influence)

    def _reference(self, w: Array, b1: Estimated, b2: Estimated) -> Estimated:
        """The coefficients that the gap in means is valued with."""
        if self.rule in ("first", "second"):
            return b1 if self.rule == "first" else b2
        both = self.first | self.second
        if self.rule in ("pooled", "neumark"):
            columns = self.X if self.rule == "neumark" else np.column_stack([self.X, self.first.astype(float)])
            b, influence = self._slopes(columns, w, both)
            p = self.X.shape[1]
            return Estimated(b[:p], influence[:, :p])
        total = float(np.where(both, w, 0.0).sum())
        share = float(np.where(self.first, w, 0.0).sum()) / total if self.rule == "cotton" else 0.5
        moved = (self.first - share * both) / total if self.rule == "cotton" else np.zeros(len(w))
        value = share * b1.value + (1 - share) * b2.value
        influence = share * b1.influence + (1 - share) * b2.influence + np.outer(moved, b1.value - b2.value)
        return Estimated(value, influence)


def _minus(a: Estimated, b: Estimated) -> Estimated:
    return Estimated(a.value - b.value, a.influence - b.influence)


def _plus(a: Estimated, b: Estimated) -> Estimated:
    return Estimated(a.value + b.value, a.influence + b.influence)


def _times(a: Estimated, b: Estimated) -> Estimated:
    return Estimated(a.value * b.value, a.influence * b.value + b.influence * a.value)
