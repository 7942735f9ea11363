"""One resampling plan for everything: how often each place counts in each replicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from sgsurvey.numerics.errors_in_variables import solve

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """Leave each place out once, and draw places with replacement.

    Coefficients, shortfalls and priorities computed from the same plan vary together as they do in truth.

    Attributes
    ----------
    left_out : ndarray, shape (G, G)
        Row g counts every place once but place g.
    drawn : ndarray, shape (draws, G)
        Multinomial counts.
    """

    left_out: Array
    drawn: Array

    @classmethod
    def of(cls, places: int, *, draws: int, seed: int) -> Plan:
        """The plan for so many places; the same seed gives the same draws."""
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(places, np.full(places, 1 / places), size=draws).astype(float)
        return cls(1.0 - np.eye(places), drawn)

    @property
    def places(self) -> int:
        """Number of places, G."""
        return len(self.left_out)

    @property
    def factors(self) -> Array:
        """All places once, then each left out, then the draws; shape (1 + G + draws, G)."""
        return np.vstack([np.ones(self.places), self.left_out, self.drawn])

    def split(self, replicates: Array) -> tuple[Array, Array, Array]:
        """Estimate, leave-one-out values and draws of something computed for each row of ``factors``."""
        g = self.places
        return replicates[0], replicates[1 : g + 1], replicates[g + 1 :]


def jackknife_error(estimate: Array, left_out: Array) -> Array:
    """Standard error from values with one place left out, shape (G, …): ``(G-1)/G sum_g (b_(g) - b)^2``.

    Efron and Stein (1981), with the full estimate as centre (Bell and McCaffrey 2002 call it CV3).
    """
    g = len(left_out)
    return np.asarray(np.sqrt((g - 1) / g * ((left_out - estimate) ** 2).sum(axis=0)))


def t_interval(estimate: Array, std_error: Array, df: float, conf_level: float = 0.95) -> tuple[Array, Array]:
    """``estimate ± t(df) x std_error``."""
    half = stats.t.ppf(0.5 + conf_level / 2, df) * std_error
    return estimate - half, estimate + half


def t_test(estimate: Array, std_error: Array, df: Array | float) -> tuple[Array, Array]:
    """T and two-sided p of "it is 0"; nan where there is no standard error."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(std_error > 0, estimate / std_error, np.nan)
    return t, 2 * stats.t.sf(np.abs(t), df)


def slopes(cov: Array, outcome: int, predictors: npt.ArrayLike) -> Array:
    """Least squares slopes of variable ``outcome`` on ``predictors`` from covariances, shape (R, P, P) to (R, q).

    A predictor that does not vary in a replicate (a group that was not drawn) gets slope 0 there.
    """
    at = np.asarray(predictors, dtype=int)
    return solve(cov[:, at[:, None], at], cov[:, at, outcome])


def rank_probabilities(draws: Array, top: int) -> Array:
    """Share of draws in which each of p values is among the ``top`` largest; shape (draws, p) to (p,).

    Draws with a value that could not be computed are left out.
    """
    whole = draws[~np.isnan(draws).any(axis=1)]
    if not len(whole):
        return np.full(draws.shape[1], np.nan)
    place = np.argsort(np.argsort(-whole, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((place < top).mean(axis=0))
