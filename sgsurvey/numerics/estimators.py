"""Statistics of a sample as functions of its weights, each with its influence values.

``value(w)`` serves replicates, ``influence(w)`` serves linearisation: u_i with ``V(theta) = V(sum_i w_i u_i)``.  Rows
outside a domain have weight 0 and stay in the arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Mask = npt.NDArray[np.bool_]


class Statistic(Protocol):
    """q numbers that depend on the weights of N rows."""

    def value(self, w: Array) -> Array:
        """The statistic under weights ``w`` of shape (N,); shape (q,)."""

    def influence(self, w: Array) -> Array:
        """Influence values of each row; shape (N, q)."""


@dataclass(frozen=True)
class Means:
    """Weighted means of the columns of ``y``, shape (N, q), each over the rows that have it (not nan)."""

    y: Array

    def value(self, w: Array) -> Array:
        """``sum w y / sum w``."""
        given, filled = _split(self.y)
        return (w @ filled) / (w @ given)

    def influence(self, w: Array) -> Array:
        """``(y - mean) / sum w``."""
        given, filled = _split(self.y)
        return given * (filled - self.value(w)) / (w @ given)


@dataclass(frozen=True)
class Totals:
    """Weighted totals of the columns of ``y``, shape (N, q); what is not known adds nothing."""

    y: Array

    def value(self, w: Array) -> Array:
        """``sum w y``."""
        return w @ _split(self.y)[1]

    def influence(self, w: Array) -> Array:
        """``y``."""
        return _split(self.y)[1]


@dataclass(frozen=True)
class Ratios:
    """Ratios of the totals of columns of ``y`` to those of ``x``, both of shape (N, q), over rows that have both.

    Särndal, Swensson and Wretman (1992), chapter 5.
    """

    y: Array
    x: Array

    def value(self, w: Array) -> Array:
        """``sum w y / sum w x``."""
        y, x = self._pairs()
        return (w @ y) / (w @ x)

    def influence(self, w: Array) -> Array:
        """``(y - R x) / sum w x``."""
        y, x = self._pairs()
        return (y - self.value(w) * x) / (w @ x)

    def _pairs(self) -> tuple[Array, Array]:
        both = ~(np.isnan(self.y) | np.isnan(self.x))
        return np.where(both, self.y, 0.0), np.where(both, self.x, 0.0)


@dataclass(frozen=True)
class Variances:
    """Variances in the population of the columns of ``y``: ``n / (n - 1)`` times the weighted mean square.

    n counts rows with a weight: with equal weights it is the ordinary variance.
    """

    y: Array

    def value(self, w: Array) -> Array:
        """The variances."""
        given, _ = _split(self.y)
        return (w @ self._squares(w)) / (w @ given)

    def influence(self, w: Array) -> Array:
        """``(n / (n - 1) (y - mean)^2 - variance) / sum w``; the mean's own part vanishes."""
        given, _ = _split(self.y)
        return given * (self._squares(w) - self.value(w)) / (w @ given)

    def _squares(self, w: Array) -> Array:
        given, filled = _split(self.y)
        n = ((w > 0)[:, None] * given).sum(axis=0)
        return given * (filled - Means(self.y).value(w)) ** 2 * n / (n - 1)


@dataclass(frozen=True)
class Correlations:
    """Pearson correlations between the columns of ``y`` and of ``x``, both of shape (N, q), over rows with both."""

    y: Array
    x: Array

    def value(self, w: Array) -> Array:
        """``cov / sqrt(var var)``; a column that does not vary gives nan."""
        a, b, given, total = self._standard(w)
        return (w @ (given * a * b)) / total

    def influence(self, w: Array) -> Array:
        """``(a b - r (a^2 + b^2) / 2) / sum w`` with standard scores a and b (Fieller, Hartley and Pearson 1957)."""
        a, b, given, total = self._standard(w)
        return given * (a * b - self.value(w) * (a**2 + b**2) / 2) / total

    def _standard(self, w: Array) -> tuple[Array, Array, Array, Array]:
        given = (~(np.isnan(self.y) | np.isnan(self.x))).astype(float)
        total = w @ given
        scores = []
        for z in (self.y, self.x):
            filled = np.where(given > 0, z, 0.0)
            deviation = given * (filled - (w @ filled) / total)
            with np.errstate(invalid="ignore", divide="ignore"):
                scores.append(deviation / np.sqrt((w @ deviation**2) / total))
        return scores[0], scores[1], given, total


@dataclass(frozen=True)
class StandardisedDifference:
    """Difference of two means in units of the standard deviation within both groups, one number.

    Attributes
    ----------
    y : ndarray, shape (N,)
    first, second : ndarray of bool, shape (N,)
    """

    y: Array
    first: Mask
    second: Mask

    def value(self, w: Array) -> Array:
        """``(mean_1 - mean_2) / s``, with ``s^2`` over ``n - 2`` rows."""
        difference, variance, _, _ = self._parts(w)
        return np.array([difference / np.sqrt(variance)])

    def influence(self, w: Array) -> Array:
        """``u(difference) / s - difference u(s^2) / (2 s^3)``."""
        difference, variance, of_difference, squares = self._parts(w)
        both = self.first | self.second
        of_variance = np.where(both, squares - variance, 0.0) / w[both].sum()
        return (of_difference / np.sqrt(variance) - difference * of_variance / (2 * variance**1.5))[:, None]

    def _parts(self, w: Array) -> tuple[float, float, Array, Array]:
        """Difference, variance within groups, influence of the difference, squares that make the variance."""
        residual, of_difference, difference = np.zeros(len(w)), np.zeros(len(w)), 0.0
        for inside, sign in ((self.first, 1.0), (self.second, -1.0)):
            own = np.where(inside, w, 0.0)
            mean = float(own @ np.where(inside, self.y, 0.0)) / own.sum()
            residual = np.where(inside, self.y - mean, residual)
            of_difference += np.where(inside, sign * (self.y - mean) / own.sum(), 0.0)
            difference += sign * mean
        both = self.first | self.second
        n = int((w[both] > 0).sum())
        squares = residual**2 * n / (n - 2)
        return difference, float(w[both] @ squares[both] / w[both].sum()), of_difference, squares


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of ``y``, shape (N,), at the shares ``p``; they have no influence values: see ``quantile()``."""

    y: Array
    p: Array

    def value(self, w: Array) -> Array:
        """The quantiles under weights ``w``."""
        inside = (w > 0) & ~np.isnan(self.y)
        return weighted_quantile(self.y[inside], w[inside], self.p)

    def influence(self, w: Array) -> Array:
        """Not to be had without the density."""
        raise NotImplementedError("quantiles have no influence values without a density")


@dataclass(frozen=True)
class Joined:
    """Several statistics at once, each over its own part of the rows.

    Attributes
    ----------
    parts : sequence of (Statistic, ndarray of bool, shape (N,))
    """

    parts: Sequence[tuple[Statistic, Mask]]

    def value(self, w: Array) -> Array:
        """All values, one after the other."""
        return np.concatenate([statistic.value(np.where(inside, w, 0.0)) for statistic, inside in self.parts])

    def influence(self, w: Array) -> Array:
        """Side by side; 0 outside each part."""
        columns = []
        for statistic, inside in self.parts:
            columns.append(np.where(inside[:, None], statistic.influence(np.where(inside, w, 0.0)), 0.0))
        return np.concatenate(columns, axis=1)


def simple_variances(y: Array, w: Array, *, total: bool) -> Array:
    """Variances of means (or totals) of a simple random sample of as many rows from a population of ``sum w``.

    The denominator of design effects (Kish 1965), without replacement; nan where the weights sum to fewer than there
    are rows.
    """
    given = ~np.isnan(y)
    n = ((w > 0)[:, None] & given).sum(axis=0)
    population = w @ given
    with np.errstate(divide="ignore", invalid="ignore"):
        found = Variances(y).value(w) / n * (1 - n / population)
    found = np.where(population > n, found, np.nan)
    return found * population**2 if total else found


def replicated(value: Callable[[Array], Array], replicates: Array) -> Array:
    """A statistic under each column of replicate weights, shape (N, R); shape (R, q)."""
    return np.array([value(w) for w in replicates.T])


def replicate_variance(theta: Array, values: Array, scale: float, rscales: Array, *, mse: bool) -> Array:
    """``scale sum_r rscales_r (theta_r - centre)(theta_r - centre)'``; shape (q, q).

    ``centre`` is the estimate when ``mse``, else the mean of the replicates (Wolter 2007, *Introduction to Variance
    Estimation*, chapters 3 and 4).
    """
    centre = theta if mse else values[rscales > 0].mean(axis=0)
    deviation = values - centre
    return scale * (deviation * rscales[:, None]).T @ deviation


def weighted_quantile(y: Array, w: Array, p: Array) -> Array:
    """The smallest value at which the weighted distribution reaches each of ``p``; shape of ``p``."""
    order = np.argsort(y, kind="stable")
    reached = np.cumsum(w[order])
    place = np.searchsorted(reached, p * reached[-1] * (1 - 1e-12), side="left")
    return y[order][np.minimum(place, len(y) - 1)]


def weighted_midranks(y: Array, w: Array) -> Array:
    """Share of the population below each value, ties by half; shape (n,), nan where ``y`` is.

    Lumley and Scott (2013), Biometrika 100, 831-842.
    """
    found = np.full(len(y), np.nan)
    known = ~np.isnan(y)
    _, at = np.unique(y[known], return_inverse=True)
    weight = np.bincount(at, weights=w[known])
    found[known] = ((np.cumsum(weight) - weight / 2) / weight.sum())[at]
    return found


def _split(y: Array) -> tuple[Array, Array]:
    """Which cells are given (1.0 or 0.0), and the cells with 0 for the others."""
    given = ~np.isnan(y)
    return given.astype(float), np.where(given, y, 0.0)
