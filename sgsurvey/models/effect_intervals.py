"""Intervals of indirect effects: bootstrap, jackknife, or draws of the coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np

from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.models.covariance import Array
from sgsurvey.models.unit_moments import UnitMoments
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.resample import bca_interval
from sgsurvey.text import Text

IntervalKind = Literal["percentile", "bca", "jackknife", "montecarlo"]

LEVEL = 0.95

INTERVALS: dict[IntervalKind, Text] = {
    "percentile": Text("区间：自助抽样{draws}次的百分位数。", "Intervals: percentiles of {draws} bootstrap draws."),
    "bca": Text(
        "区间：自助抽样{draws}次，偏差校正并加速（BCa）。",
        "Intervals: bias-corrected and accelerated (BCa), {draws} bootstrap draws.",
    ),
    "jackknife": Text("区间：刀切法，t自由度{df}。", "Intervals: jackknife, t with {df} degrees of freedom."),
    "montecarlo": Text(
        "区间：按系数的估计误差模拟{draws}次（Monte Carlo法）。",
        "Intervals: {draws} draws of the coefficients from their estimated errors (Monte Carlo).",
    ),
}


@dataclass(frozen=True, slots=True)
class EffectInterval:
    """Which interval indirect effects and corrected coefficients get.

    Parameters
    ----------
    kind : str
        ``percentile`` or ``bca``: bootstrap of clusters (rows where there are none) within strata; ``jackknife``:
        leaving each out in turn, with t; ``montecarlo``: draws of the coefficients from their estimated errors.
    draws : int
        Of the bootstrap or of the coefficients.
    """

    kind: IntervalKind = "percentile"
    draws: int = 5000

    def __post_init__(self) -> None:
        known = list(get_args(IntervalKind))
        if self.kind not in known:
            raise EstimationError(
                f"there is no interval '{self.kind}'.{did_you_mean(str(self.kind), known)}",
                where="interval",
                remedy=f"Use {', '.join(known)}.",
            )
        if self.draws < 100:
            raise EstimationError(f"{self.draws} draws give no interval.", where="draws", remedy="Give 1000 or more.")

    @property
    def drawn(self) -> bool:
        """Whether chance decides it, so that a seed is needed."""
        return self.kind != "jackknife"


class Chain(Protocol):
    """Regressions whose coefficients multiply to effects."""

    def effects(self, moments: Array) -> Array:
        """Effects from cross products of the rows, shape (D, m, m); shape (D, q)."""

    def drawn_effects(self, draws: int, seed: int) -> Array:
        """Effects of coefficients drawn from their estimated errors; shape (draws, q)."""


@dataclass(frozen=True)
class Limits:
    """Standard errors and limits of effects, shape (q,); ``failed`` draws had no value."""

    std_error: Array
    low: Array
    high: Array
    draws: int
    failed: int


def limits(chain: Chain, moments: UnitMoments, asked: EffectInterval, seed: int | None) -> Limits:
    """The interval asked for.

    Preacher and Selig (2012), Communication Methods and Measures 6, 77-98, for draws of the coefficients; Efron (1987)
    for BCa, its acceleration from the units left out in turn.

    Raises
    ------
    EstimationError
        No ``seed`` where something is drawn, or most of the draws have no value.
    """
    estimate = chain.effects(moments.total)[0]
    if seed is None:
        if asked.drawn:
            raise EstimationError("the interval is drawn at random.", where="seed", remedy="Give a seed, as in seed=7.")
        return _jackknife(chain, moments, estimate)
    if not asked.drawn:
        return _jackknife(chain, moments, estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        if asked.kind == "montecarlo":
            values = chain.drawn_effects(asked.draws, seed)
        else:
            values = chain.effects(moments.bootstrapped(asked.draws, seed))
    good = np.isfinite(values).all(axis=1)
    if good.sum() < 0.5 * len(values):
        raise EstimationError("most of the draws could not be computed.", remedy="Use fewer covariates.")
    kept = values[good]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(kept, [tail, 1 - tail], axis=0)
    if asked.kind == "bca":
        left_out, weights = moments.jackknifed()
        # (n - 1) / n times the fall is a unit's influence over n, in each stratum (Davison and Hinkley 1997, 5.3.2).
        influence = weights[:, None] * (estimate - chain.effects(left_out))
        ends = [bca_interval(kept[:, j], estimate[j], influence[:, j], LEVEL) for j in range(len(estimate))]
        low, high = np.array(ends).T
    return Limits(kept.std(axis=0, ddof=1), low, high, asked.draws, int((~good).sum()))


def _jackknife(chain: Chain, moments: UnitMoments, estimate: Array) -> Limits:
    left_out, weights = moments.jackknifed()
    values = chain.effects(left_out)
    good = np.isfinite(values).all(axis=1)
    if good.sum() < 0.5 * len(values):
        raise EstimationError("most of the draws could not be computed.", remedy="Use fewer covariates.")
    error = np.sqrt(weights[good] @ (values[good] - estimate) ** 2)
    df = moments.df
    low, high = symmetric_interval(estimate, error, np.full(len(estimate), df), LEVEL)
    return Limits(error, low, high, 0, int((~good).sum()))
