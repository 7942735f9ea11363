"""Profile likelihood intervals of a random intercept's variances: the deviance at the chi-square's quantile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, special, stats

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_intercept import Profile

# A ratio of the variances, over the reach of the largest group's mean, that stands for infinity.
FARTHEST = 1e12


def ratio_interval(profile: Profile, conf_level: float) -> tuple[float, float]:
    """Ratios of the variances between and within groups; infinite where none is too high."""
    limit = float(profile.deviance(profile.best)) + stats.chi2.ppf(conf_level, 1)

    def beyond(ratio: float) -> float:
        return float(profile.deviance(ratio)) - limit

    unit = 1 / profile.moments.sizes.max()
    low = 0.0 if beyond(0.0) <= 0 else optimize.brentq(beyond, 0.0, profile.best, xtol=1e-15 * unit, rtol=1e-12)
    far = max(2 * profile.best, unit)
    while beyond(far) <= 0:
        far *= 4
        if far > FARTHEST * unit:
            return low, float("inf")
    return low, float(optimize.brentq(beyond, profile.best, far, xtol=1e-15 * unit, rtol=1e-12))


def variance_intervals(profile: Profile, ratios: tuple[float, float], conf_level: float) -> Array:
    """Variances between and within groups; shape (2, 2).

    At a given ratio the deviance is ``df log(s) + rss / s`` and what s does not change, so the residual variances at
    the limit are known by Lambert's W; the ends of either interval are their extremes over the ratios' interval.
    """
    df, scale = profile.df, profile.moments.units.scale**2
    rss, logs = profile.sums(profile.best)
    limit = df * (np.log(float(rss) / df) + 1) + float(logs) + stats.chi2.ppf(conf_level, 1)
    farthest = min(ratios[1], FARTHEST / profile.moments.sizes.max())
    # The search runs over the intraclass correlation, which has no far end.
    ends = ratios[0] / (1 + ratios[0]), farthest / (1 + farthest)

    def residual(share: float, branch: int) -> float:
        rss, logs = profile.sums(share / (1 - share))
        level = max((limit - float(logs)) / df - np.log(float(rss) / df), 1.0)
        return scale * float(rss) / (df * -float(special.lambertw(-np.exp(-level), branch).real))

    def between(share: float, branch: int) -> float:
        return residual(share, branch) * share / (1 - share)

    found = np.array([_extremes(between, ends), _extremes(residual, ends)])
    if np.isinf(ratios[1]):
        found[0, 1] = np.inf
    return found


def _extremes(variance: Callable[[float, int], float], ends: tuple[float, float]) -> list[float]:
    """Least of the lower branch and greatest of the upper, within ``ends`` or at the first of them."""
    found = []
    for branch, sign in ((-1, 1.0), (0, -1.0)):
        best = optimize.minimize_scalar(
            lambda share, b=branch, s=sign: s * variance(share, b), bounds=ends, method="bounded",
            options={"xatol": 1e-7},
        )  # fmt: skip
        found.append(sign * min(float(best.fun), sign * variance(ends[0], branch)))
    return found
