"""The studentized range distribution, by quadrature."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from sgsurvey.numerics.chi_mixture import estimated_sd, gauss_legendre

# The normal density beyond holds less than 1e-18.
FAR = 9.0


def studentized_range_sf(q: float, groups: int, df: float) -> float:
    """Probability that the studentized range of ``groups`` means exceeds ``q``, for ``df`` degrees of freedom.

    ``1 - E_s[ k ∫ phi(z) (Phi(z) - Phi(z - q s))^(k-1) dz ]``, where ``s^2 df`` is chi-square with ``df`` (Copenhaver
    and Holland 1988, Journal of Statistical Computation and Simulation 30, 1-15, equation 2.1).
    """
    if np.isnan(q) or np.isnan(df):
        return float("nan")
    if q <= 0:
        return 1.0
    s, s_weight = estimated_sd(df)
    z, z_weight = gauss_legendre(-FAR, FAR)
    # The upper end of the range is the largest mean: the others lie below it by at most q s.
    inside = special.ndtr(z[None, :]) - special.ndtr(z[None, :] - q * s[:, None])
    normal = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    within = groups * (inside ** (groups - 1)) @ (z_weight * normal)
    return float(np.clip(1 - s_weight @ within, 0.0, 1.0))


def studentized_range_isf(p: float, groups: int, df: float) -> float:
    """The range that is exceeded with probability ``p``."""
    high = 4.0
    while studentized_range_sf(high, groups, df) > p:
        high *= 2
    return float(optimize.brentq(lambda q: studentized_range_sf(q, groups, df) - p, 1e-9, high, xtol=1e-10))
