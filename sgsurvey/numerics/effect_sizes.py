"""Effect sizes of differences between groups, with intervals from noncentral distributions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

from sgsurvey.numerics.chi_mixture import estimated_sd


class Effect(NamedTuple):
    """An effect size and its interval."""

    estimate: float
    conf_low: float
    conf_high: float


def hedges_correction(df: float) -> float:
    """The factor that takes the bias off a standardised difference; Hedges (1981), equation (6e)."""
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def hedges_g(
    difference: float, sds: tuple[float, float], sizes: tuple[int, int], *, conf_level: float = 0.95
) -> Effect:
    """Difference of two means in units of their pooled standard deviation, corrected for bias.

    Hedges (1981), Journal of Educational Statistics 6, 107-128.  The interval comes from the noncentralities of t that
    put the observed t at its tails (Cumming and Finch 2001), ``P(T <= t) = E_s Phi(t s - nc)``, and is corrected by the
    same factor.

    Parameters
    ----------
    difference : float
        First mean less second.
    """
    (s1, s2), (n1, n2) = sds, sizes
    df = n1 + n2 - 2
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
    if not pooled > 0:
        return Effect(np.nan, np.nan, np.nan)
    d, root, j = difference / pooled, np.sqrt(1 / n1 + 1 / n2), hedges_correction(df)
    t, tail = d / root, (1 - conf_level) / 2
    s, weight = estimated_sd(df)
    reach = 12 + 2 * abs(t)

    def at(quantile: float) -> float:
        found = optimize.brentq(
            lambda nc: weight @ special.ndtr(t * s - nc) - quantile, t - reach, t + reach, xtol=1e-12
        )
        return float(found)

    low, high = at(1 - tail), at(tail)
    return Effect(float(j * d), float(j * low * root), float(j * high * root))


def omega_squared(f: float, df1: int, df2: int, *, conf_level: float = 0.95) -> Effect:
    """Share of the variance that lies between groups, from the F of a one-way analysis of variance.

    ``df1 (F - 1) / (df1 (F - 1) + N)`` (Hays 1963, p. 382); it may come out below 0.  The interval is
    ``lambda / (lambda + N)`` at the noncentralities that put the observed F at its tails (Steiger 2004, Psychological
    Methods 9, 164-182, equation 14).
    """
    n = df1 + df2 + 1
    if not np.isfinite(f):
        return Effect(np.nan, np.nan, np.nan)
    tail = (1 - conf_level) / 2
    low, high = (_noncentrality(lambda nc: stats.ncf.cdf(f, df1, df2, nc), f * df1, at) for at in (1 - tail, tail))
    return Effect(df1 * (f - 1) / (df1 * (f - 1) + n), low / (low + n), high / (high + n))


def _noncentrality(cdf: Callable[[float], float], start: float, at: float) -> float:
    """Where ``cdf`` falls to ``at``; 0 if it never rises that high."""
    if cdf(0.0) <= at:
        return 0.0
    high = start + 10
    while cdf(high) > at:
        high *= 2
    return float(optimize.brentq(lambda nc: cdf(nc) - at, 0.0, high, xtol=1e-11))
