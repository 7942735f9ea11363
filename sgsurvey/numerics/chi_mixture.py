"""Expectations over the estimated standard deviation: what the t family of distributions shares."""

import numpy as np
from scipy import special, stats

from sgsurvey.numerics.linalg import Array

NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)
# The tails of the chi distribution beyond these hold nothing that double precision sees.
TAIL = 1e-16


def gauss_legendre(low: float, high: float) -> tuple[Array, Array]:
    """120 nodes and weights of Gauss-Legendre quadrature on an interval."""
    half = (high - low) / 2
    return low + half * (NODES + 1), half * WEIGHTS


def estimated_sd(df: float) -> tuple[Array, Array]:
    """Nodes s and weights w with ``E g(s) = sum w g(s)``, where ``s^2 df`` is chi-square with ``df``."""
    s, weight = gauss_legendre(*np.sqrt(stats.chi2.ppf([TAIL, 1 - TAIL], df) / df))
    log_density = np.log(2) + (df / 2) * np.log(df / 2) - special.gammaln(df / 2) + (df - 1) * np.log(s) - df * s**2 / 2
    return s, weight * np.exp(log_density)
