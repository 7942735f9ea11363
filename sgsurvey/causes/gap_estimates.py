"""The gap between two groups: paired over places where both judge their own, or the county against all its places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.numerics.exact_tests import rank_sum, sign_flip
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import clustered_mean

# So many places in common, or a paired comparison over places says nothing.
FEWEST_COMMON = 3


@dataclass(frozen=True)
class Side:
    """One group's values.

    Attributes
    ----------
    x : ndarray, shape (n,)
    places : Series or None, shape (n,)
        Where each judged; None for a group that judges the whole county.
    weights : ndarray or None, shape (n,)
    population : float or None
        How many there are in all, for a group that was asked (nearly) whole.
    """

    x: Array
    places: pd.Series | None
    weights: Array | None
    population: float | None

    @property
    def mean(self) -> float:
        """Weighted mean."""
        return float(np.average(self.x, weights=self.weights))

    def spread(self, values: Array) -> tuple[float, float]:
        """Variance of the mean of ``values``, and its df: between places, or persons of a finite group."""
        if self.places is None:
            n = len(values)
            left = 1.0 if self.population is None else 1.0 - n / self.population
            mean = clustered_mean(values, np.arange(n), np.zeros(n, dtype=np.int64), self.weights)
            return mean.std_error**2 * left, mean.df
        units = pd.factorize(self.places)[0].astype(np.int64)
        mean = clustered_mean(values, units, np.zeros(len(units), dtype=np.int64), self.weights)
        return mean.std_error**2, mean.df


@dataclass(frozen=True)
class GapEstimate:
    """A gap and what goes with it.

    Attributes
    ----------
    mean_first, mean_second : float
        Where paired, means over the places in common, each place counting once.
    errors, dfs : (float, float)
        Standard errors of the two means, and their degrees of freedom.
    std_error, df : float
        Of their difference.
    p_exact : float
        Exact two-sided p that assumes nothing about the distribution; nan where there are too many units for it.
    superiority, superiority_error : float
        Chance that one of the first group rates higher than one of the second, ties counting half.
    reliability : float
        Share of the variance of gaps between places that is not sampling of persons; nan without pairing.
    places : int
        Places behind a paired gap; 0 otherwise.
    """

    mean_first: float
    mean_second: float
    errors: tuple[float, float]
    dfs: tuple[float, float]
    std_error: float
    df: float
    p_exact: float
    superiority: float
    superiority_error: float
    reliability: float
    places: int

    @property
    def estimate(self) -> float:
        """First mean less second."""
        return self.mean_first - self.mean_second

    @property
    def p_value(self) -> float:
        """Two-sided p of "no gap"; exactly 0 or 1 where everybody was asked."""
        if self.std_error == 0:
            return float(self.estimate == 0)
        return float(2 * stats.t.sf(abs(self.estimate / self.std_error), self.df))

    def p_beyond(self, margin: float) -> float:
        """P of "the gap is at least ``margin`` wide": the larger of two one-sided p-values (Schuirmann 1987)."""
        nearest = margin - abs(self.estimate)
        if self.std_error == 0:
            return float(nearest <= 0)
        return float(stats.t.sf(nearest / self.std_error, self.df))

    def interval(self, conf_level: float) -> tuple[float, float]:
        """``estimate ± t(df) x std_error``."""
        half = _half(self.std_error, self.df, conf_level)
        return self.estimate - half, self.estimate + half

    def mean_intervals(self, conf_level: float) -> list[tuple[float, float]]:
        """Of each mean, ``mean ± t(df) x std_error``, within 0 and 100."""
        means = (self.mean_first, self.mean_second)
        halves = [_half(error, df, conf_level) for error, df in zip(self.errors, self.dfs, strict=True)]
        return [(max(mean - half, 0.0), min(mean + half, 100.0)) for mean, half in zip(means, halves, strict=True)]

    def superiority_interval(self, conf_level: float) -> tuple[float, float]:
        """Within 0 and 1."""
        half = _half(self.superiority_error, self.df, conf_level)
        return max(self.superiority - half, 0.0), min(self.superiority + half, 1.0)


def _half(std_error: float, df: float, conf_level: float) -> float:
    return float(stats.t.ppf(0.5 + conf_level / 2, df) * std_error) if std_error else 0.0


def gap(first: Side, second: Side) -> GapEstimate | None:
    """The gap of two sides; None where it cannot be estimated.

    Where both judge their own place, the mean over places of the difference in that place, each place counting once:
    what differs between places cancels.  Otherwise the difference of means, with the variances of both sides.
    """
    if first.places is not None and second.places is not None:
        return _paired(first, second)
    return _apart(first, second)


def _paired(first: Side, second: Side) -> GapEstimate | None:
    cells = [_by_place(side) for side in (first, second)]
    common = [place for place in cells[0] if place in cells[1]]
    if len(common) < FEWEST_COMMON:
        return None
    pairs = [(cells[0][place], cells[1][place]) for place in common]
    means = np.array([(a.mean, b.mean) for a, b in pairs])
    d = means[:, 0] - means[:, 1]
    above = np.array([float(chances_above(a.x, b.x, b.weights) @ _shares(a)) for a, b in pairs])
    g = len(d)
    first_error, second_error = (means.std(axis=0, ddof=1) / np.sqrt(g)).tolist()
    return GapEstimate(
        float(means[:, 0].mean()),
        float(means[:, 1].mean()),
        (first_error, second_error),
        (g - 1.0, g - 1.0),
        float(d.std(ddof=1) / np.sqrt(g)),
        g - 1.0,
        sign_flip(d),
        float(above.mean()),
        float(above.std(ddof=1) / np.sqrt(g)),
        _reliability(d, pairs),
        g,
    )


def _by_place(side: Side) -> dict[object, Side]:
    where = pd.Series(np.arange(len(side.x))).groupby(np.asarray(side.places)).indices
    return {
        place: Side(side.x[rows], None, None if side.weights is None else side.weights[rows], None)
        for place, rows in where.items()
    }


def _reliability(d: Array, pairs: list[tuple[Side, Side]]) -> float:
    """``1 - mean sampling variance / variance`` of the gaps of places with two persons a side, not below 0."""
    known = np.array([min(len(a.x), len(b.x)) > 1 for a, b in pairs])
    if known.sum() < FEWEST_COMMON:
        return float("nan")
    noise = np.array([sum(side.x.var() / max(len(side.x) - 1, 1) for side in pair) for pair in pairs])[known]
    variance = float(d[known].var(ddof=1))
    return max(0.0, 1.0 - float(noise.mean()) / variance) if variance > 0 else float("nan")


def _apart(first: Side, second: Side) -> GapEstimate | None:
    above = chances_above(first.x, second.x, second.weights)
    below = 1.0 - chances_above(second.x, first.x, first.weights)
    found = [(*side.spread(side.x), *side.spread(values)) for side, values in ((first, above), (second, below))]
    (v1, df1, u1, _), (v2, df2, u2, _) = found
    if not (df1 > 0 and df2 > 0):
        return None
    variance = v1 + v2
    df = variance**2 / (v1**2 / df1 + v2**2 / df2) if variance > 0 else float("inf")
    return GapEstimate(
        first.mean,
        second.mean,
        (float(np.sqrt(v1)), float(np.sqrt(v2))),
        (df1, df2),
        float(np.sqrt(variance)),
        df,
        rank_sum(first.x, second.x) if first.weights is None and second.weights is None else float("nan"),
        float(above @ _shares(first)),
        float(np.sqrt(u1 + u2)),
        float("nan"),
        0,
    )


def chances_above(x: Array, y: Array, weights: Array | None) -> Array:
    """For each x the (weighted) share of y below it, ties counting half."""
    order = np.argsort(y, kind="stable")
    share = np.concatenate([[0.0], np.cumsum((np.ones(len(y)) if weights is None else weights)[order])])
    left, right = (np.searchsorted(y[order], x, side=side) for side in ("left", "right"))
    return np.asarray((share[left] + share[right]) / (2 * share[-1]))


def _shares(side: Side) -> npt.NDArray[np.float64]:
    w = np.ones(len(side.x)) if side.weights is None else side.weights
    return np.asarray(w / w.sum())
