"""Units drawn without replacement with unequal probabilities: the variance of a total as a quadratic form.

``V = sum_i sum_j d_ij z_i z_j`` over the units of a stratum, z_i the unit's total over its probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array

Codes = npt.NDArray[np.int64]
Approximation = Literal["brewer", "hartley_rao", "overton", "joint"]
Form = Literal["yates_grundy", "horvitz_thompson"]


@dataclass(frozen=True, eq=False)
class Unequal:
    """Probabilities of the units of one stage, and what is known or assumed of pairs of them.

    Attributes
    ----------
    probabilities : ndarray, shape (U,)
        Of inclusion; units that are certain (1) add no variance.
    strata : ndarray of int, shape (U,)
    approximation : "brewer", "hartley_rao", "overton" or "joint"
        Brewer's estimator needs no pairs; the next two assume joint probabilities; the last has them.
    form : "yates_grundy" or "horvitz_thompson"
        Which estimator takes the joint probabilities.
    joint : ndarray, shape (U, U), optional
    squares : ndarray, shape (H,), optional
        Sum of the squared probabilities of all units of the population in each stratum, for ``hartley_rao``; the sample
        estimates it otherwise, by the sum of its probabilities.
    """

    probabilities: Array
    strata: Codes
    approximation: Approximation = "brewer"
    form: Form = "yates_grundy"
    joint: Array | None = None
    squares: Array | None = None

    @cached_property
    def uncertain(self) -> Codes:
        """Units that are not certain, in each stratum; shape (H,)."""
        return np.bincount(self.strata, weights=self.probabilities < 1).astype(np.int64)

    def variance(self, totals: Array) -> Array:
        """Covariance of the sums of ``totals``, shape (U, q); strata of one uncertain unit add nothing."""
        variance = np.zeros((totals.shape[1], totals.shape[1]))
        for h in np.flatnonzero(self.uncertain > 1):
            at = np.flatnonzero((self.strata == h) & (self.probabilities < 1))
            p, z = self.probabilities[at], totals[at]
            if self.approximation == "brewer":
                variance += brewer(z, p)
            else:
                variance += z.T @ products(self._joint(at, p, int(h)), p, self.form) @ z
        return variance

    def _joint(self, at: npt.NDArray[np.intp], p: Array, h: int) -> Array:
        if self.joint is not None:
            return self.joint[np.ix_(at, at)]
        if self.approximation == "overton":
            return overton(p)
        certain = int(((self.strata == h) & (self.probabilities >= 1)).sum())
        return hartley_rao(p, float(p.sum()) if self.squares is None else float(self.squares[h]) - certain)


def brewer(z: Array, p: Array) -> Array:
    """``n / (n - 1) sum (1 - p) (z - mean)(z - mean)'`` for z of shape (n, q).

    Brewer (2002), *Combined Survey Sampling Inference*, with ``c = (n - 1) / (n - p)``; it is Hartley and
    Rao's (1962) estimator with the population's squares estimated.
    """
    deviation = z - z.mean(axis=0)
    return len(p) / (len(p) - 1) * (deviation * (1 - p)[:, None]).T @ deviation


def hartley_rao(p: Array, squares: float) -> Array:
    """Joint probabilities ``(n - 1) p_i p_j / (n - p_i - p_j + squares / n)``, as their variance estimator has them.

    Hartley and Rao (1962), Annals of Mathematical Statistics 33, 350-374: systematic selection in random order.
    """
    n = len(p)
    return (n - 1) * np.outer(p, p) / (n - p[:, None] - p + squares / n)


def overton(p: Array) -> Array:
    """Joint probabilities ``(n - 1) p_i p_j / (n - (p_i + p_j) / 2)`` (Overton 1985)."""
    n = len(p)
    return (n - 1) * np.outer(p, p) / (n - (p[:, None] + p) / 2)


def products(joint: Array, p: Array, form: Form) -> Array:
    """The matrix d of the quadratic form; shape (n, n).

    Horvitz and Thompson (1952), Journal of the American Statistical Association 47, 663-685; Yates and Grundy (1953),
    Journal of the Royal Statistical Society B 15, 253-261.
    """
    d = 1 - np.outer(p, p) / joint
    np.fill_diagonal(d, 0.0)
    np.fill_diagonal(d, 1 - p if form == "horvitz_thompson" else -d.sum(axis=1))
    return d
