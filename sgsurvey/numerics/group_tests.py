"""Tests of differences between groups: Welch's t and F, Games and Howell's pairs, ranks.  Arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.studentized_range import studentized_range_isf, studentized_range_sf


class Test(NamedTuple):
    """A statistic with its degrees of freedom and p-value; ``df1`` is nan for a t."""

    statistic: float
    df1: float
    df: float
    p_value: float


def welch_t(x: Array, y: Array) -> Test:
    """T of the difference of two means without equal variances; Welch (1938), Biometrika 29, 350-362."""
    vx, vy = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    t = (x.mean() - y.mean()) / welch_error(x, y)
    df = (vx + vy) ** 2 / (vx**2 / (len(x) - 1) + vy**2 / (len(y) - 1))
    return Test(float(t), np.nan, float(df), float(2 * stats.t.sf(abs(t), df)))


def welch_error(x: Array, y: Array) -> float:
    """Standard error of the difference of two means without equal variances."""
    return float(np.sqrt(x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y)))


def welch_anova(groups: Sequence[Array]) -> Test:
    """F of the differences of k means without equal variances; Welch (1951), Biometrika 38, 330-336."""
    k = len(groups)
    weight = np.array([len(x) / x.var(ddof=1) for x in groups])
    mean = np.array([x.mean() for x in groups])
    share = weight / weight.sum()
    uneven = float(sum((1 - s) ** 2 / (len(x) - 1) for s, x in zip(share, groups, strict=True)))
    between = float(weight @ (mean - share @ mean) ** 2) / (k - 1)
    f = between / (1 + 2 * (k - 2) / (k**2 - 1) * uneven)
    df = (k**2 - 1) / (3 * uneven)
    return Test(f, k - 1, df, float(stats.f.sf(f, k - 1, df)))


def classical_f(groups: Sequence[Array]) -> float:
    """F of the ordinary one-way analysis of variance, for effect sizes."""
    everything = np.concatenate(groups)
    within = sum(float(((x - x.mean()) ** 2).sum()) for x in groups)
    between = float(((everything - everything.mean()) ** 2).sum()) - within
    if not within > 0:
        return float("nan")
    return (between / (len(groups) - 1)) / (within / (len(everything) - len(groups)))


class Pair(NamedTuple):
    """Two groups compared: first less second."""

    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    conf_low: float
    conf_high: float


def games_howell(x: Array, y: Array, k: int, conf_level: float = 0.95) -> Pair:
    """One of the k (k - 1) / 2 comparisons of k groups, with its simultaneous interval.

    Games and Howell (1976), Journal of Educational Statistics 1, 113-125: ``|t| sqrt(2)`` against the studentized range
    of k means with Welch's degrees of freedom.
    """
    test = welch_t(x, y)
    difference = float(x.mean() - y.mean())
    std_error = welch_error(x, y)
    p = studentized_range_sf(abs(test.statistic) * np.sqrt(2), k, test.df)
    half = studentized_range_isf(1 - conf_level, k, test.df) / np.sqrt(2) * std_error
    return Pair(difference, std_error, test.statistic, test.df, p, difference - half, difference + half)


def rank_test(groups: Sequence[Array]) -> tuple[float, float]:
    """Mann-Whitney's U for two groups, Kruskal and Wallis' H for more, with p; corrected for ties."""
    if len(groups) == 2:
        found = stats.mannwhitneyu(*groups, alternative="two-sided", method="auto")
    else:
        found = stats.kruskal(*groups)
    return float(found.statistic), float(found.pvalue)


def signed_rank_p(differences: Array, alternative: Literal["two-sided", "greater", "less"] = "two-sided") -> float:
    """P of Wilcoxon's (1945) signed ranks that differences lie about 0; 1 where all are 0.

    Zeros are left out; exact for up to 50 differences without ties and 13 with them (every pattern of signs), else
    normal with the corrections for ties and continuity (Hollander, Wolfe and Chicken 2014, section 3.1).
    """
    off = differences[differences != 0]
    return float(stats.wilcoxon(off, alternative=alternative, correction=True).pvalue) if len(off) else 1.0
