"""Willingness to pay from the curve of acceptance over offered prices, ``P(yes) = F(a - b g(price))``.

Hanemann (1984), American Journal of Agricultural Economics 66, 332-341; (1989) 71, 1057-1061; Haab and McConnell
(2002), *Valuing Environmental and Natural Resources*, chapters 2 to 4.  ``g`` is the price or its logarithm; ``b`` is
positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import special

from sgsurvey.numerics.cumulative import Link
from sgsurvey.numerics.linalg import Array

# The mean up to a price is integrated over u, price = highest exp(-u): panels of this width, beyond which exp(-u) is 0.
PANELS, NODES = 40, 20


class Amount(NamedTuple):
    """An amount of money and its slopes by ``a`` and ``b``, each of the shape of these."""

    value: Array
    by_a: Array
    by_b: Array


@dataclass(frozen=True)
class BidCurve:
    """Acceptance over prices: link and scale of the price."""

    link: Link
    log: bool

    def accepted(self, index: Array) -> Array:
        """``F``."""
        return np.asarray(special.expit(index) if self.link == "logit" else special.ndtr(index))

    def median(self, a: Array, b: Array) -> Amount:
        """The price that half would pay: ``a / b``, or its exponential."""
        ratio = a / b
        amount = np.exp(ratio) if self.log else ratio
        slope = amount if self.log else np.ones_like(ratio)
        return Amount(amount, slope / b, -slope * ratio / b)

    def mean(self, a: Array, b: Array) -> Amount:
        """The mean without bounds; infinite where a log-logistic curve falls too slowly (``b <= 1``)."""
        half = self.median(a, b)
        if not self.log:
            return half
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            if self.link == "probit":
                value = half.value * np.exp(0.5 / b**2)
                return Amount(value, value / b, value * (-a / b**2 - b**-3.0))
            u = np.pi / b
            value = np.where(b > 1, half.value * u / np.sin(u), np.inf)
            return Amount(value, value / b, value * (-a / b**2 - 1 / b + u / b / np.tan(u)))

    def mean_above_zero(self, a: Array, b: Array) -> Amount:
        """The mean where nobody would want to be paid: the area under the curve from 0 on."""
        if self.log:
            return self.mean(a, b)
        value = self._area(a) / b
        return Amount(value, self.accepted(a) / b, -value / b)

    def mean_up_to(self, a: Array, b: Array, highest: float) -> Amount:
        """The area under the curve from 0 to ``highest``: nobody is taken to pay more."""
        if not self.log:
            end = a - b * highest
            value = (self._area(a) - self._area(end)) / b
            by_b = -value / b + highest * self.accepted(end) / b
            return Amount(value, (self.accepted(a) - self.accepted(end)) / b, by_b)
        u, weight = _panels()
        index = (a - b * np.log(highest))[..., None] + b[..., None] * u
        density = self._density(index)
        return Amount(
            highest * self.accepted(index) @ weight,
            highest * density @ weight,
            highest * density @ (weight * (u - np.log(highest))),
        )

    def _area(self, z: Array) -> Array:
        """The integral of ``F`` up to z."""
        if self.link == "logit":
            return np.asarray(np.logaddexp(0.0, z))
        return np.asarray(z * special.ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))

    def _density(self, z: Array) -> Array:
        if self.link == "logit":
            return np.asarray(special.expit(z) * special.expit(-z))
        return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


@cache
def _panels() -> tuple[Array, Array]:
    """Nodes over 0 to ``PANELS`` by Gauss and Legendre, with their weights times ``exp(-u)``."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    u = (np.arange(PANELS)[:, None] + (x + 1) / 2).ravel()
    return u, np.tile(w / 2, PANELS) * np.exp(-u)


def fieller(a: float, b: float, covariance: Array, quantile: float) -> tuple[float, float]:
    """Interval of ``a / b``: the values r at which ``(a - r b)^2 = quantile^2 var(a - r b)``.

    Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185.  Infinite where b is not told from 0.

    Parameters
    ----------
    covariance : ndarray, shape (2, 2)
        Of a and b.
    """
    q = quantile**2
    square = b**2 - q * covariance[1, 1]
    middle = a * b - q * covariance[0, 1]
    root = middle**2 - square * (a**2 - q * covariance[0, 0])
    if square <= 0 or root < 0:
        return -np.inf, np.inf
    return float((middle - np.sqrt(root)) / square), float((middle + np.sqrt(root)) / square)


def rising_groups(shares: Array, n: Array) -> list[list[int]]:
    """Neighbouring prices to be pooled so that the share that declines never falls as the price rises.

    Turnbull's (1976) estimator as Haab and McConnell (1997), Journal of Environmental Economics and Management 32,
    251-270, compute it: where the next share is not higher, both prices are pooled, again and again.

    Parameters
    ----------
    shares, n : ndarray, shape (J,)
        Share that declines at each price, from the lowest, and how many (weighted) were asked.
    """
    groups: list[tuple[float, float, list[int]]] = []
    for j, (share, size) in enumerate(zip(shares, n, strict=True)):
        groups.append((float(share), float(size), [j]))
        while len(groups) > 1 and groups[-1][0] <= groups[-2][0]:
            (late, m, last), (early, k, before) = groups.pop(), groups.pop()
            groups.append(((early * k + late * m) / (k + m), k + m, before + last))
    return [members for _, _, members in groups]
