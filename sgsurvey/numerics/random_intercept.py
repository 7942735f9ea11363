"""The linear model with a random intercept, by (restricted) maximum likelihood in one variance ratio.

``y = X b + u_g + e`` with ``var(u) = a`` and ``var(e) = s`` has, in each group, the covariance ``V = s I + a J``: it
multiplies deviations from the group's mean by ``s`` and the mean of n rows by ``d = s + n a``.  So every ``X' f(V) X``
is the products of deviations times ``f(s)`` plus, for each size of group, the products of means times ``f(d)``: after
one pass over the rows the cost knows neither rows nor groups, but only sizes that differ.  Patterson and Thompson
(1971), Biometrika 58, 545-554; Searle, Casella and McCulloch (1992), Variance Components, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import optimize

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.units import Units, standardised
from sgsurvey.text import Text

# Ratios of the variances, over the reach of one group's mean, among which minima of the deviance are looked for.
RATIOS = np.geomspace(1e-6, 1e12, 91)
# Deviations from group means whose share of a predictor's variation is less are rounding.
NOTHING = 1e-12


@dataclass(frozen=True)
class GroupedMoments:
    """Products of predictors (orthonormal) and outcome (less its least squares fit), within and between groups.

    Attributes
    ----------
    n, p : int
        Rows and predictors.
    codes : ndarray of int, shape (n,)
        Group of each row, 0 … G - 1.
    group_sizes : ndarray, shape (G,)
    means : ndarray, shape (G, p + 1)
        Predictors, then the outcome.
    within : ndarray, shape (p + 1, p + 1)
        Products of deviations from group means.
    sizes, counts : ndarray, shape (D,)
        Sizes of groups that differ, and how many groups have each.
    between : ndarray, shape (D, p + 1, p + 1)
        Products of means times rows, over the groups of each size.
    units : Units
        Of the data as they came.
    """

    n: int
    p: int
    codes: npt.NDArray[np.int64]
    group_sizes: Array
    means: Array
    within: Array
    sizes: Array
    counts: Array
    between: Array
    units: Units

    @property
    def groups(self) -> int:
        """G."""
        return len(self.group_sizes)

    def form(self, within: npt.ArrayLike, between: Array) -> Array:
        """``Z' f(V) Z`` of predictors and outcome, by the values of f on deviations and on means, shape (..., D)."""
        return np.multiply.outer(within, self.within) + np.tensordot(between, self.between, axes=1)


def grouped_moments(X: Array, y: Array, codes: npt.NDArray[np.int64]) -> GroupedMoments:
    """One pass over the rows.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Of full column rank.
    y : ndarray, shape (n,)
        Not an exact combination of ``X``.
    codes : ndarray of int, shape (n,)
        Group of each row, every one of 0 … G - 1 at least once.

    Raises
    ------
    EstimationError
        The rows cannot tell the variance between groups from that within.
    """
    n, p = X.shape
    Z, units = standardised(X, y)
    group_sizes = np.bincount(codes).astype(float)
    means = np.column_stack([np.bincount(codes, weights=column) for column in Z.T]) / group_sizes[:, None]
    deviations = Z - means[codes]
    within = deviations.T @ deviations
    sizes, place = np.unique(group_sizes, return_inverse=True)
    between = np.stack([size * means[place == k].T @ means[place == k] for k, size in enumerate(sizes)])
    found = GroupedMoments(
        n, p, codes, group_sizes, means, within, sizes, np.bincount(place).astype(float), between, units
    )
    _check_separable(found)
    return found


def _check_separable(moments: GroupedMoments) -> None:
    p, groups = moments.p, moments.groups
    inside = np.linalg.eigvalsh(moments.within[:p, :p])
    rank = int((inside > NOTHING).sum())
    if groups + rank - p < 1:
        raise EstimationError(
            Text("自变量已占尽各组之间的差别。", "the predictors leave nothing between the groups to vary."),
            remedy=Text(
                "请去掉组的虚拟变量，或减少组层面的自变量。", "Take out the groups' own dummies, or predictors."
            ),
        )
    if moments.n - groups - rank < 1 or moments.within[p, p] <= NOTHING * moments.n:
        raise EstimationError(
            Text("组内没有差别可估计。", "nothing varies within the groups."),
            remedy=Text("每组须有多于一行的答案。", "Groups need more than one row, whose outcomes differ."),
        )


# The likelihood in the ratio of the variances --------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """The deviance (-2 log-likelihood) as a function of the ratio ``r = a / s``; all else follows from r.

    Attributes
    ----------
    moments : GroupedMoments
    restricted : bool
        REML, else ML.
    """

    moments: GroupedMoments
    restricted: bool

    @property
    def df(self) -> int:
        """What the residual sum of squares is divided by."""
        return self.moments.n - self.moments.p * self.restricted

    def sums(self, ratio: npt.ArrayLike) -> tuple[Array, Array]:
        """Generalised residual sum of squares, and the log-determinants of the deviance, each as ``ratio``."""
        shrink, products, contrast = self._solved(np.asarray(ratio, dtype=float))
        logs = -np.log(shrink) @ self.moments.counts
        if self.restricted:
            logs = logs + np.linalg.slogdet(products[..., :-1, :-1])[1]
        return np.einsum("...i,...ij,...j->...", contrast, products, contrast), logs

    def slope(self, ratio: npt.ArrayLike) -> Array:
        """Derivative of the deviance, as ``ratio``."""
        m = self.moments
        shrink, products, contrast = self._solved(np.asarray(ratio, dtype=float))
        slopes = np.tensordot(-m.sizes * shrink**2, m.between, axes=1)
        rss, falls = (np.einsum("...i,...ij,...j->...", contrast, S, contrast) for S in (products, slopes))
        found = self.df * falls / rss + shrink @ (m.counts * m.sizes)
        if self.restricted:
            found += np.trace(np.linalg.solve(products[..., :-1, :-1], slopes[..., :-1, :-1]), axis1=-2, axis2=-1)
        return np.asarray(found)

    def _solved(self, ratio: Array) -> tuple[Array, Array, Array]:
        """How much means count, ``Z' V^-1 Z`` of predictors and outcome, and what makes residuals of these."""
        shrink = 1 / (1 + np.multiply.outer(ratio, self.moments.sizes))
        products = self.moments.form(np.ones(ratio.shape), shrink)
        solved = np.linalg.solve(products[..., :-1, :-1], products[..., :-1, -1:])[..., 0]
        return shrink, products, np.concatenate([-solved, np.ones((*ratio.shape, 1))], axis=-1)

    def deviance(self, ratio: npt.ArrayLike) -> Array:
        """-2 log-likelihood at the best coefficients and residual variance, in the outcome's own units."""
        rss, logs = self.sums(ratio)
        units = self.moments.units.deviance(self.df, restricted=self.restricted)
        return np.asarray(self.df * (np.log(2 * np.pi * rss / self.df) + 1) + logs + units)

    @cached_property
    def best(self) -> float:
        """The ratio of least deviance: 0, or where the slope turns upward.

        Raises
        ------
        EstimationError
            The deviance falls without end.
        """
        grid = RATIOS / self.moments.sizes.max()
        slope = self.slope(grid)
        if slope[-1] < 0:
            raise EstimationError(
                Text("组内方差趋于0。", "the variance within groups runs to 0."),
                remedy=Text("请检查因变量在组内是否有差别。", "Check whether the outcome varies within groups."),
            )
        turns = np.flatnonzero((slope[:-1] < 0) & (slope[1:] >= 0))
        found = [
            np.exp(optimize.brentq(lambda t: float(self.slope(np.exp(t))), *np.log(grid[k : k + 2]), xtol=1e-14))
            for k in turns
        ]
        candidates = np.array([0.0, *found]) if self.slope(0.0) >= 0 or not found else np.array(found)
        return float(candidates[self.deviance(candidates).argmin()])


# The fit ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RandomIntercept:
    """Coefficients and variances with all that their inference needs, in the units of the data.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        ``(X' V^-1 X)^-1`` at the estimated variances.
    adjusted : ndarray, shape (p, p)
        Kenward and Roger's (1997, Biometrics 53, 983-997) covariance.
    slopes : ndarray, shape (2, p, p)
        Derivatives of ``covariance`` in the variances.
    variances : ndarray, shape (2,)
        Between groups, within groups.
    observed, expected : ndarray, shape (2, 2)
        Covariance of the variances by the second derivatives, and by those that are expected under REML.
    group_means : ndarray, shape (G,)
        Of the outcome less its fixed part.
    """

    coefficients: Array
    covariance: Array
    adjusted: Array
    slopes: Array
    variances: Array
    observed: Array
    expected: Array
    group_means: Array

    @property
    def singular(self) -> bool:
        """Whether the variance between groups is 0."""
        return bool(self.variances[0] == 0)


def fitted(profile: Profile) -> RandomIntercept:
    """The fit at the least deviance."""
    m, ratio, p = profile.moments, profile.best, profile.moments.p
    within = float(profile.sums(ratio)[0]) / profile.df
    means = within * (1 + ratio * m.sizes)
    products = m.form(1 / within, 1 / means)
    covariance = _inverse(products[:p, :p])
    coefficients = covariance @ products[:p, p]
    contrast = np.append(-coefficients, 1.0)
    first, second, traces = _derivatives(m, within, means)
    lost = covariance @ first[:, :p, :p]
    double = np.einsum("kij,lji->kl", lost, lost)
    expected = (traces - 2 * np.einsum("ij,klji->kl", covariance, second[..., :p, :p]) + double) / 2
    pull = first[:, :p] @ contrast
    quadratic = np.einsum("i,klij,j->kl", contrast, second, contrast) - pull @ covariance @ pull.T
    observed = quadratic - (expected if profile.restricted else traces / 2)
    w = _inverse(expected)
    change = second[..., :p, :p] - first[:, None, :p, :p] @ covariance @ first[:, :p, :p]
    adjusted = covariance + 2 * covariance @ np.einsum("kl,klij->ij", w, change) @ covariance
    units, squared = m.units, m.units.scale**2
    return RandomIntercept(
        units.restored(coefficients),
        units.restored_covariance(covariance),
        units.restored_covariance((adjusted + adjusted.T) / 2),
        np.stack([units.restored_covariance(slope) for slope in lost @ covariance]) / squared,
        squared * within * np.array([ratio, 1.0]),
        squared**2 * (_at_zero(observed) if ratio == 0 else _inverse(observed)),
        squared**2 * w,
        units.scale * (m.means @ contrast),
    )


def _derivatives(m: GroupedMoments, within: float, means: Array) -> tuple[Array, Array, Array]:
    """``Z' V^-1 V_k V^-1 Z``, ``Z' V^-1 V_k V^-1 V_l V^-1 Z`` and ``tr(V^-1 V_k V^-1 V_l)`` for both variances.

    ``means`` are what V multiplies means by, for each size; the derivative of V by the variance between groups
    multiplies them by the size and deviations by 0, that by the variance within groups is the identity.
    """
    inside, outside = np.array([0.0, 1.0]), np.stack([m.sizes, np.ones(len(m.sizes))])
    twice, twice_outside = np.outer(inside, inside), outside[:, None] * outside
    first = m.form(inside / within**2, outside / means**2)
    second = m.form(twice / within**3, twice_outside / means**3)
    return first, second, (m.n - m.groups) * twice / within**2 + (twice_outside / means**2) @ m.counts


def _inverse(information: Array) -> Array:
    return np.asarray(np.linalg.inv((information + information.T) / 2))


def _at_zero(information: Array) -> Array:
    """At no variance between groups, only the residual one has an error: the other cannot go both ways."""
    return np.diag([0.0, 1 / information[1, 1]])


def random_effects(fit: RandomIntercept, sizes: Array) -> tuple[Array, Array]:
    """Best linear predictors of the groups' intercepts, and their standard deviations given the estimates; shape (G,).

    Henderson (1975), Biometrics 31, 423-447.
    """
    between, within = fit.variances
    total = within + sizes * between
    return between * sizes / total * fit.group_means, np.sqrt(between * within / total)
