"""Intraclass correlations of a table of subjects by raters, the six of Shrout and Fleiss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgsurvey.numerics.linalg import Array


class MeanSquares(NamedTuple):
    """Of an analysis of variance of n subjects by k raters, one rating in each cell."""

    n: int
    k: int
    subjects: float
    raters: float
    error: float
    within: float


class Intraclass(NamedTuple):
    """An intraclass correlation with its interval and the F test that it is 0."""

    estimate: float
    conf_low: float
    conf_high: float
    statistic: float
    df1: float
    df2: float
    p_value: float


def mean_squares(x: Array) -> MeanSquares:
    """Mean squares of a complete table, shape (n, k): of subjects, of raters, of what is left, and within subjects."""
    n, k = x.shape
    centred = x - x.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    subjects, raters = k * float(rows @ rows), n * float(columns @ columns)
    left = float(((centred - rows[:, None] - columns) ** 2).sum())
    within = float(((centred - rows[:, None]) ** 2).sum())
    # A sum of squares that is rounding of a table that large is none.
    nothing = 1e-24 * float((x**2).sum())
    subjects, raters, left, within = (0.0 if s <= nothing else s for s in (subjects, raters, left, within))
    return MeanSquares(n, k, subjects / (n - 1), raters / (k - 1), left / ((n - 1) * (k - 1)), within / (n * (k - 1)))


def intraclass_correlations(ms: MeanSquares, conf_level: float = 0.95) -> dict[str, Intraclass]:
    """The six intraclass correlations: ``ICC1 ICC2 ICC3`` of one rater, ``ICC1k ICC2k ICC3k`` of the mean of k.

    Shrout and Fleiss (1979), Psychological Bulletin 86, 420-428; intervals of McGraw and Wong (1996), Psychological
    Methods 1, 30-46, table 7: exact of F for ICC1 and ICC3, Satterthwaite's approximation for ICC2 (absolute
    agreement).  All are nan where subjects do not differ and raters do not disagree: nothing varies.
    """
    n, k, b, j, e, w = ms
    tail = (1 - conf_level) / 2
    oneway = _of_f(b, w, (n - 1, n * (k - 1)), k, tail)
    consistency = _of_f(b, e, (n - 1, (n - 1) * (k - 1)), k, tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        two = float(np.divide(b - e, b + (k - 1) * e + k * (j - e) / n))
        mean = float(np.divide(b - e, b + (j - e) / n))
    low, high = _agreement_interval(ms, two, tail)
    test = consistency[0][3:]
    raised = [float(np.divide(k * end, 1 + (k - 1) * end)) for end in (low, high)]
    agreement = Intraclass(two, low, high, *test), Intraclass(mean, raised[0], raised[1], *test)
    kinds = (oneway, agreement, consistency)
    return {f"ICC{i}": kind[0] for i, kind in enumerate(kinds, 1)} | {
        f"ICC{i}k": kind[1] for i, kind in enumerate(kinds, 1)
    }


def _of_f(between: float, rest: float, df: tuple[int, int], k: int, tail: float) -> tuple[Intraclass, Intraclass]:
    """Of one rater and of the mean of k, when ``between / rest`` is F but for the population's value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        f = float(np.divide(between, rest))
        single = float(np.divide(between - rest, between + (k - 1) * rest))
        mean = float(np.divide(between - rest, between))
    p = float(stats.f.sf(f, *df))
    low, high = f / stats.f.isf(tail, *df), f * stats.f.isf(tail, *df[::-1])
    ends = [1.0 if np.isinf(end) else float((end - 1) / (end + k - 1)) for end in (low, high)]
    raised = [1.0 if np.isinf(end) else float(1 - 1 / end) if end > 0 else -np.inf for end in (low, high)]
    test = (f, float(df[0]), float(df[1]), p)
    return Intraclass(single, ends[0], ends[1], *test), Intraclass(mean, raised[0], raised[1], *test)


def _agreement_interval(ms: MeanSquares, icc: float, tail: float) -> tuple[float, float]:
    """Of absolute agreement of one rater: Satterthwaite's degrees of freedom for what raters and error add."""
    n, k, b, j, e, _ = ms
    if np.isnan(icc):
        return np.nan, np.nan
    if e == 0 and j == 0:
        return 1.0, 1.0
    rater, own = k * icc / n * j, (1 + (k - 1) * icc - k * icc / n) * e
    df = (rater + own) ** 2 / (rater**2 / (k - 1) + own**2 / ((n - 1) * (k - 1)))
    if not df > 0:
        return np.nan, np.nan
    rest = k * j + (k * n - k - n) * e
    upper, lower = stats.f.isf(tail, n - 1, df), stats.f.isf(tail, df, n - 1)
    # With next to no degrees of freedom a quantile is infinite: the limits of the interval's ends take its place.
    with np.errstate(divide="ignore", invalid="ignore"):
        low = n * (b - upper * e) / (upper * rest + n * b) if np.isfinite(upper) else np.divide(-n * e, rest)
        high = n * (lower * b - e) / (rest + n * lower * b) if np.isfinite(lower) else 1.0
    return float(low), float(high)
