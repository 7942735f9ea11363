"""Weights moved as little as can be so that they meet totals, and other changes of weights that can be done again.

Each class is a rule: called with weights of shape (N,) it gives the new ones, so that replicates can have the same done
to them.  Rows with a weight of 0 keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import DesignError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

Kind = Literal["linear", "raking", "logit"]
Codes = npt.NDArray[np.int64]
TOLERANCE = 1e-10
ROUNDING = 1e-14
ITERATIONS = 200


@dataclass(frozen=True)
class Distance:
    """How far weights may move from where they were: the factor F(u) and its slope, with F(0) = F'(0) = 1.

    Deville and Särndal (1992), Journal of the American Statistical Association 87, 376-382: cases 1 (linear), 2
    (raking), 6 (logit, between bounds) and 7 (linear, cut at bounds).

    Attributes
    ----------
    kind : "linear", "raking" or "logit"
    low, high : float
        Bounds of the factor, below and above 1.
    """

    kind: Kind
    low: float = -np.inf
    high: float = np.inf

    def factor(self, u: Array) -> Array:
        """F(u)."""
        if self.kind == "logit":
            e = np.exp(-self._steepness * u)
            return (self.low * (self.high - 1) * e + self.high * (1 - self.low)) / self._denominator(e)
        return np.clip(1 + u if self.kind == "linear" else np.exp(u), self.low, self.high)

    def slope(self, u: Array) -> Array:
        """F'(u); 0 where a bound cuts."""
        if self.kind == "logit":
            factor = self.factor(u)
            return (factor - self.low) * (self.high - factor) / ((1 - self.low) * (self.high - 1))
        free = 1 + u if self.kind == "linear" else np.exp(u)
        slope = np.ones_like(u) if self.kind == "linear" else free
        return np.where((free > self.low) & (free < self.high), slope, 0.0)

    @property
    def _steepness(self) -> float:
        return (self.high - self.low) / ((1 - self.low) * (self.high - 1))

    def _denominator(self, e: Array) -> Array:
        return (self.high - 1) * e + (1 - self.low)


@dataclass(frozen=True, eq=False)
class ToTotals:
    """Calibration: weights that meet totals of auxiliaries.

    Attributes
    ----------
    x : ndarray, shape (N, k)
        Auxiliaries; a row of zeros keeps its weight.
    totals : ndarray, shape (k,)
    names : tuple of Text
        What each total is of, for messages.
    distance : Distance
    """

    x: Array
    totals: Array
    names: tuple[Text, ...]
    distance: Distance

    def __call__(self, base: Array) -> Array:
        """The new weights, by Newton's method on the multipliers, halved where a step leads away.

        Raises
        ------
        DesignError
            The totals are not met to 1e-10 of their size.
        """
        x, place = self._patterns
        held: Array = np.bincount(place, weights=base, minlength=len(x)).astype(float)
        size = np.maximum(np.abs(self.totals), np.abs(held) @ np.abs(x))
        size = np.where(size > 0, size, 1.0)
        z, wanted = x / size, self.totals / size
        u = np.zeros(len(x))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            gap = wanted - held @ z
            for _ in range(ITERATIONS):
                if np.abs(gap).max(initial=0.0) < ROUNDING:
                    break
                curve = (z * (held * self.distance.slope(u))[:, None]).T @ z
                step = z @ np.linalg.lstsq(curve, gap, rcond=1e-13)[0]
                found = self._shortened(u, step, held, z, wanted, float(np.linalg.norm(gap)))
                if found is None:
                    break
                u, gap = found
        if np.abs(gap).max(initial=0.0) > TOLERANCE:
            worst = int(np.argmax(np.abs(gap)))
            raise self._not_met(worst, float((wanted - gap)[worst] * size[worst]))
        return base * self.distance.factor(u)[place]

    @cached_property
    def _patterns(self) -> tuple[Array, Codes]:
        """The different rows of ``x``, and which of them each row is: rows that are alike have one factor."""
        place = np.zeros(len(self.x), dtype=np.int64)
        first = np.zeros(1, dtype=np.int64)
        for column in self.x.T:
            codes = np.unique(column, return_inverse=True)[1]
            _, first, place = np.unique(place * (codes.max() + 1) + codes, return_index=True, return_inverse=True)
        return self.x[first], place.astype(np.int64)

    def _shortened(
        self, u: Array, step: Array, held: Array, z: Array, wanted: Array, far: float
    ) -> tuple[Array, Array] | None:
        """The first of step, step / 2 … that comes nearer to the totals; None when rounding is all that is left."""
        for halving in range(40 if far > TOLERANCE else 2):
            trial = u + step * 0.5**halving
            gap = wanted - (held * self.distance.factor(trial)) @ z
            if np.isfinite(gap).all() and np.linalg.norm(gap) < far * (1 - 1e-4 * 0.5**halving):
                return trial, gap
        return None

    def _not_met(self, worst: int, reached: float) -> DesignError:
        name, wanted = self.names[worst], float(self.totals[worst])
        return DesignError(
            Text(
                f"找不到满足全部总量的权数：相差最多的是“{name.zh}”，应为{wanted:g}，只到{reached:g}。",
                f"no weights were found that meet all totals; the furthest is '{name.en}': "
                f"{reached:g} where {wanted:g} is wanted.",
            ),
            remedy=Text(
                "请核对总量是否互相一致，或合并类别、放宽bounds=。",
                "Check that the totals agree with each other, merge categories, or widen bounds=.",
            ),
        )


@dataclass(frozen=True, eq=False)
class ByCell:
    """Weights multiplied within each cell so that they sum to its total.

    Attributes
    ----------
    cells : ndarray of int, shape (N,)
        -1 outside all cells: the weight stays.
    totals : ndarray or None, shape (C,)
        None: the cell's own sum of weights, so that the rows kept stand for those left out.
    kept : ndarray of bool or None, shape (N,)
        Rows of cells that keep a weight (those who answered); the others get 0.
    names : tuple of Text
        The cells' names, for messages.
    """

    cells: Codes
    totals: Array | None
    kept: npt.NDArray[np.bool_] | None
    names: tuple[Text, ...]

    def __call__(self, base: Array) -> Array:
        """The new weights; a cell whose rows all have weight 0 is refused unless its total is 0 too."""
        inside = self.cells >= 0
        kept = inside if self.kept is None else inside & self.kept
        n = len(self.names)
        held = np.bincount(self.cells[kept], weights=base[kept], minlength=n)
        own: Array = np.bincount(self.cells[inside], weights=base[inside], minlength=n).astype(float)
        totals = own if self.totals is None else self.totals
        empty = (held <= 0) & (totals > 0)
        if empty.any():
            name = self.names[int(np.argmax(empty))]
            raise DesignError(
                Text(f"“{name.zh}”在样本中没有权数大于0的行。", f"'{name.en}' has no rows with a weight above 0."),
                remedy=Text("请把它与相近的类别合并。", "Merge it with a category like it."),
            )
        factor = np.divide(totals, held, out=np.ones(n), where=held > 0)
        return np.where(kept, base * factor[self.cells], np.where(inside, 0.0, base))


@dataclass(frozen=True, eq=False)
class ByPropensity:
    """Weights of those who answered over their probability of answering, from a logistic regression under the weights.

    Attributes
    ----------
    x : ndarray, shape (N, k)
        Predictors with a constant; a row of zeros is outside, and keeps its weight.
    answered : ndarray of bool, shape (N,)
    """

    x: Array
    answered: npt.NDArray[np.bool_]

    def __call__(self, base: Array) -> Array:
        """The new weights; 0 for those inside who did not answer."""
        inside = self.x.any(axis=1)
        kept = inside & self.answered
        return np.where(kept, base / self.propensity(base), np.where(inside, 0.0, base))

    def propensity(self, base: Array) -> Array:
        """Probability of answering of each row, by Newton's method; shape (N,).

        Raises
        ------
        DesignError
            The predictors tell apart who answers, so that no finite coefficients exist.
        """
        scale = np.abs(self.x).max(axis=0)
        x = self.x / np.where(scale > 0, scale, 1.0)
        share = base / base.sum()
        beta = np.zeros(x.shape[1])
        for _ in range(ITERATIONS):
            p = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
            score = x.T @ (share * (self.answered - p))
            curve = (x * (share * p * (1 - p))[:, None]).T @ x
            step = np.linalg.lstsq(curve, score, rcond=1e-13)[0]
            beta = beta + step / max(1.0, float(np.abs(x @ step).max()) / 3)
            if np.abs(score).max() < 1e-14 or np.abs(x @ step).max() < TOLERANCE:
                break
        if np.abs(score).max() > TOLERANCE or np.abs(x @ beta).max() > 15:
            raise DesignError(
                Text(
                    "自变量把答与不答的人完全分开，无法估计应答概率。",
                    "the predictors tell those who answered from those who did not: there is no propensity.",
                ),
                remedy=Text("请减少自变量，或改用classes=。", "Use fewer predictors, or classes=."),
            )
        return 1 / (1 + np.exp(-x @ beta))


@dataclass(frozen=True, eq=False)
class Trimming:
    """Weights cut at bounds, the rest multiplied by one factor so that each group's sum stays.

    Attributes
    ----------
    groups : ndarray of int, shape (N,)
        Groups whose sums stay; -1 outside: the weight stays.
    low, high : ndarray, shape (N,)
        Bounds of each row's weight.
    """

    groups: Codes
    low: Array
    high: Array

    def __call__(self, base: Array) -> Array:
        """The new weights.

        Raises
        ------
        DesignError
            The bounds leave no room for the sum.
        """
        weights = base.copy()
        for group in range(int(self.groups.max(initial=-1)) + 1):
            rows = np.flatnonzero((self.groups == group) & (base > 0))
            if len(rows):
                weights[rows] = _cut(base[rows], self.low[rows], self.high[rows])
        return weights


def _cut(w: Array, low: Array, high: Array) -> Array:
    """``clip(c w, low, high)`` with the c that keeps the sum.

    It lies between two of the factors at which a row meets a bound, where the sum is a straight line in c.
    """
    total = w.sum()
    if low.sum() > total * (1 + 1e-12) or high.sum() < total * (1 - 1e-12):
        raise DesignError(
            Text(
                f"上下限之内放不下权数之和{total:g}。",
                f"the bounds leave no room for the weights' sum of {total:g}.",
            ),
            remedy=Text("请放宽上下限。", "Widen the bounds."),
        )
    corners = np.unique(np.concatenate([low / w, high / w, [0.0, 1.0]]))
    corners = corners[np.isfinite(corners)]
    corners = np.append(corners, 2 * corners[-1] + 1)
    below, above = 0, len(corners) - 1
    while above - below > 1:
        middle = (below + above) // 2
        reached = np.clip(corners[middle] * w, low, high).sum()
        below, above = (middle, above) if reached <= total else (below, middle)
    ends = [np.clip(c * w, low, high).sum() for c in (corners[below], corners[above])]
    c = corners[below]
    if ends[1] > ends[0]:
        c += (total - ends[0]) / (ends[1] - ends[0]) * (corners[above] - corners[below])
    return np.clip(c * w, low, high)
