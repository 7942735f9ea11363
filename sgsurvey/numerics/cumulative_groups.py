"""Cumulative link models with a random intercept: ``P(y <= k | u) = F(alpha_k - x'b - tau u_g)``, u standard normal.

The integral over each group's u is taken by Gauss-Hermite quadrature about its mode, in units of its curvature there;
one node is Laplace's approximation.  Pinheiro and Bates (1995), Journal of Computational and Graphical Statistics 4,
12-35; Hedeker and Gibbons (1994), Biometrics 50, 933-944.  The gradient is exact, the mode's and the curvature's own
movements included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from sgsurvey.numerics.cumulative import SMALLEST, Link
from sgsurvey.numerics.linalg import Array

MODE_STEPS = 60
MODE_FOUND = 1e-12


class Evaluated(NamedTuple):
    """Log-likelihood, its gradient, shape (q,), and the groups' modes and curvatures, shape (G,)."""

    log_likelihood: float
    gradient: Array
    modes: Array
    curvatures: Array


class _Sides(NamedTuple):
    """Derivatives of something of each row by the upper and by the lower edge of its category."""

    upper: Array
    lower: Array

    @property
    def both(self) -> Array:
        """Where the edges move together."""
        return self.upper + self.lower


@dataclass(frozen=True)
class GroupedCumulative:
    """Rows in groups; parameters are thresholds, slopes and ``tau``, in this order.

    Attributes
    ----------
    X : ndarray, shape (n, p)
        Without a constant; rows of a group stand together.
    y : ndarray of int, shape (n,)
        Categories 0 … K - 1.
    codes : ndarray of int, shape (n,)
        Groups 0 … G - 1, rising.
    categories : int
        K.
    link : "logit" or "probit"
    nodes : int
        Of the quadrature; 1 is Laplace's approximation.
    """

    X: Array
    y: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]
    categories: int
    link: Link = "logit"
    nodes: int = 1

    def evaluate(self, theta: Array, modes: Array) -> Evaluated:
        """Log-likelihood and gradient at ``theta``, the search for modes beginning at ``modes``."""
        k, tau = self.categories - 1, float(theta[-1])
        centre = self.X @ theta[k:-1]
        cuts = np.concatenate([[-np.inf], theta[:k], [np.inf]])
        upper, lower = cuts[self.y + 1] - centre, cuts[self.y] - centre
        gap = np.diff(cuts)[self.y]
        modes, (first, second, third) = self._modes(upper, lower, gap, tau, modes)
        s2, s3 = self._sum(second.both), self._sum(third.both)
        curvatures = 1 - tau**2 * s2
        value, nodes, parts = self._quadrature(upper, lower, gap, tau, modes, curvatures)
        # How each group's value follows its curvature, and its mode (which moves the curvature too).
        by_curvature = -(nodes[1] / curvatures**1.5 + 1 / curvatures) / 2
        by_mode = (nodes[0] + by_curvature * tau**3 * s3) / curvatures
        one, two = (-tau * by_mode)[self.codes], (-(tau**2) * by_curvature)[self.codes]
        at_upper = parts.upper + one * second.upper + two * third.upper
        at_lower = parts.lower + one * second.lower + two * third.lower
        of_tau = nodes[2] + by_mode * (tau * modes * s2 - self._sum(first.both))
        of_tau -= by_curvature * (2 * tau * s2 - tau**2 * modes * s3)
        thresholds = np.bincount(self.y, at_upper, self.categories)[:k]
        thresholds += np.bincount(self.y, at_lower, self.categories)[1:]
        gradient = np.concatenate([thresholds, -self.X.T @ (at_upper + at_lower), [of_tau.sum()]])
        return Evaluated(float(value.sum()), gradient, modes, curvatures)

    def _quadrature(
        self, upper: Array, lower: Array, gap: Array, tau: float, modes: Array, curvatures: Array
    ) -> tuple[Array, tuple[Array, Array, Array], _Sides]:
        """Each group's log-likelihood, three weighted sums over nodes, and the rows' weighted derivatives by edges.

        The sums are of the slope in u, of that slope times the node, and of the slope in tau at given nodes.
        """
        points, weights = np.polynomial.hermite_e.hermegauss(self.nodes)
        levels = np.log(weights / weights.sum()) + points**2 / 2
        u = modes[:, None] + points / np.sqrt(curvatures)[:, None]
        shift = tau * u[self.codes]
        above, below = upper[:, None] - shift, lower[:, None] - shift
        log_p, slopes = _log_probability(self.link, above, below, gap[:, None])
        each = levels + self._sum(log_p) - u**2 / 2
        total = special.logsumexp(each, axis=1)
        share = np.exp(each - total[:, None])
        moved = self._sum(slopes.both)
        slope = -tau * moved - u
        sums = (share * slope).sum(axis=1), share * slope @ points, -(share * u * moved).sum(axis=1)
        rows = share[self.codes]
        parts = _Sides((rows * slopes.upper).sum(axis=1), (rows * slopes.lower).sum(axis=1))
        return total - np.log(curvatures) / 2, sums, parts

    def _modes(
        self, upper: Array, lower: Array, gap: Array, tau: float, start: Array
    ) -> tuple[Array, tuple[_Sides, _Sides, _Sides]]:
        """Where each group's integrand is highest, by Newton's method within what is known to hold the mode.

        With the derivatives of the rows there, in front of a last step that moved nothing.
        """
        u = start.copy()
        low, high = np.full(len(u), -np.inf), np.full(len(u), np.inf)
        for _ in range(MODE_STEPS):
            shift = tau * u[self.codes]
            found = self._derivatives(upper - shift, lower - shift, gap)
            first, second, _ = found
            slope = -tau * self._sum(first.both) - u
            low, high = np.where(slope > 0, u, low), np.where(slope < 0, u, high)
            step = slope / (1 - tau**2 * self._sum(second.both))
            moved = u + step
            outside = (moved < low) | (moved > high)
            u = np.where(outside, (np.maximum(low, -1e3) + np.minimum(high, 1e3)) / 2, moved)
            if np.abs(step).max() < MODE_FOUND:
                break
        return u, found

    def _derivatives(self, upper: Array, lower: Array, gap: Array) -> tuple[_Sides, _Sides, _Sides]:
        """Of each row's log-probability, of its derivative where both edges move, and of its second one."""
        if self.link == "logit":
            above, below, rest = special.expit(upper), special.expit(lower), 1 / np.expm1(gap)
            second = _Sides(-above * (1 - above), -below * (1 - below))
            third = _Sides(second.upper * (1 - 2 * above), second.lower * (1 - 2 * below))
            return _Sides(1 - above + rest, -below - rest), second, third
        _, first = _log_probability("probit", upper, lower, gap)
        m, (u, v) = first.both, first
        z, y = (np.where(np.isfinite(edge), edge, 0.0) for edge in (upper, lower))
        second = _Sides(-z * u - m * u, -y * v - m * v)
        bend = -z * u - y * v
        third = _Sides(
            (z**2 - 1) * u - bend * u - 2 * m * second.upper, (y**2 - 1) * v - bend * v - 2 * m * second.lower
        )
        return first, second, third

    def _sum(self, rows: Array) -> Array:
        """Sums over the rows of each group."""
        starts = np.flatnonzero(np.diff(self.codes, prepend=-1))
        return np.asarray(np.add.reduceat(rows, starts, axis=0))


def _log_probability(link: Link, upper: Array, lower: Array, gap: Array) -> tuple[Array, _Sides]:
    """Of each row's category, with its derivatives by the edges; for the logit by its factors, which do not cancel."""
    if link == "logit":
        below, above = special.expit(upper), special.expit(-lower)
        p = np.maximum(below * above * -np.expm1(-gap), SMALLEST)
        rest = 1 / np.expm1(gap)
        return np.log(p), _Sides(1 - below + rest, above - 1 - rest)
    p = np.where(lower > 0, special.ndtr(-lower) - special.ndtr(-upper), special.ndtr(upper) - special.ndtr(lower))
    log_p = np.log(np.maximum(p, SMALLEST))
    scale = np.log(2 * np.pi) / 2 + log_p
    return log_p, _Sides(np.exp(-(upper**2) / 2 - scale), -np.exp(-(lower**2) / 2 - scale))
