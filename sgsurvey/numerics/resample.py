"""The bootstrap: counts of response patterns in place of rows, and intervals from what was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from sgsurvey.numerics.linalg import Array

BLOCK = 2**18  # numbers in one block of counts: what the cache holds
ROWS_PER_PATTERN = 8  # a binomial of the multinomial costs about as much as so many drawn row numbers


@dataclass(frozen=True)
class Different:
    """The different rows of a matrix.

    Attributes
    ----------
    values : ndarray, shape (U, p)
    of : ndarray of int, shape (n,)
        Which of them each row is.
    counts : ndarray of int, shape (U,)
    """

    values: Array
    of: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def different_rows(values: Array) -> Different:
    """The different rows of ``values``, shape (n, p); nan equals nan."""
    code = np.zeros(len(values), dtype=np.int64)
    for column in values.T:
        own = np.unique(column, return_inverse=True)[1].ravel()
        code = np.unique(code * (own.max() + 1) + own, return_inverse=True)[1].ravel()
    _, first, counts = np.unique(code, return_index=True, return_counts=True)
    return Different(values[first], code, counts)


def drawn_counts(different: Different, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """How often each different row is drawn when as many rows as there are are drawn with replacement.

    Yields
    ------
    ndarray, shape (b, U)
        Blocks of ``draws`` rows in all; multinomial, by numbers of rows where that is cheaper.
    """
    n, u = len(different.of), len(different.counts)
    by_rows = n < ROWS_PER_PATTERN * u
    size = max(1, BLOCK // (max(n, u) if by_rows else u))
    for start in range(0, draws, size):
        b = min(size, draws - start)
        if by_rows:
            place = different.of[rng.integers(0, n, size=(b, n))] + u * np.arange(b)[:, None]
            yield np.bincount(place.ravel(), minlength=b * u).reshape(b, u).astype(float)
        else:
            yield rng.multinomial(n, different.counts / n, size=b).astype(float)


def drawn_covariances(values: Array, groups: npt.NDArray[np.int64], draws: int, seed: int) -> Array:
    """Covariances of resampled rows, pooled within groups, each group drawn by itself; shape (draws, p, p).

    Parameters
    ----------
    values : ndarray, shape (n, p)
        A nan leaves its row out of the covariances of that variable (pairwise).
    groups : ndarray of int, shape (n,)
    """
    rng = np.random.default_rng(seed)
    p = values.shape[1]
    upper, other = np.triu_indices(p)
    products, rows, present = np.zeros((3, draws, len(upper)))
    for code in np.unique(groups):
        different = different_rows(values[groups == code])
        seen = ~np.isnan(different.values)
        with np.errstate(invalid="ignore"):
            centre = np.nansum(different.counts[:, None] * different.values, axis=0) / (different.counts @ seen)
        filled = np.where(seen, different.values - centre, 0.0)
        cross, first, second, n = _drawn_sums(filled, seen, different, draws, rng)
        products += cross - np.divide(first * second, n, out=np.zeros_like(n), where=n > 0)
        rows += n
        present += n > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        flat = products / (rows - present)
    # What does not vary in a draw must not vary by rounding.
    own = flat[:, upper == other]
    flat[:, upper == other] = np.where(own > 1e-12 * np.nanmean(own, axis=0), own, 0.0)
    cov = np.empty((draws, p, p))
    cov[:, upper, other] = cov[:, other, upper] = flat
    return cov


def _drawn_sums(
    filled: Array, seen: npt.NDArray[np.bool_], different: Different, draws: int, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Sums over each draw of products, of both variables, and of rows, for the pairs on and above the diagonal."""
    upper, other = np.triu_indices(filled.shape[1])
    products = filled[:, upper] * filled[:, other]
    if seen.all():
        parts = np.hstack([products, filled])
        sums = np.concatenate([counts @ parts for counts in drawn_counts(different, draws, rng)])
        cross, own = sums[:, : len(upper)], sums[:, len(upper) :]
        return cross, own[:, upper], own[:, other], np.full(cross.shape, float(len(different.of)))
    both = (seen[:, upper] & seen[:, other]).astype(float)
    parts = np.hstack([products, filled[:, upper] * both, filled[:, other] * both, both])
    sums = np.concatenate([counts @ parts for counts in drawn_counts(different, draws, rng)])
    cross, first, second, n = np.split(sums, 4, axis=1)
    return cross, first, second, n


def drawn_moments(values: Array, units: npt.NDArray[np.int64], draws: int, seed: int) -> tuple[Array, Array]:
    """Means, shape (draws, p), and covariances, shape (draws, p, p), of samples that draw whole units.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Complete rows.
    units : ndarray of int, shape (n,)
        Cluster of each row, or its own number: 0 … U - 1.
    """
    rng, p = np.random.default_rng(seed), values.shape[1]
    centre = values.mean(axis=0)
    d = values - centre
    upper, other = np.triu_indices(p)
    u = int(units.max()) + 1
    sums = np.zeros((u, 1 + p + len(upper)))
    np.add.at(sums, units, np.column_stack([np.ones(len(d)), d, d[:, upper] * d[:, other]]))
    size = max(1, BLOCK // u)
    blocks = (rng.multinomial(u, np.full(u, 1 / u), size=min(size, draws - at)) for at in range(0, draws, size))
    totals = np.concatenate([counts @ sums for counts in blocks])
    n, first = totals[:, :1], totals[:, 1 : 1 + p]
    flat = (totals[:, 1 + p :] - first[:, upper] * first[:, other] / n) / (n - 1)
    cov = np.empty((draws, p, p))
    cov[:, upper, other] = cov[:, other, upper] = flat
    return centre + first / n, cov


def percentile_interval(drawn: Array, conf_level: float) -> tuple[float, float]:
    """The quantiles of the draws that leave ``(1 - conf_level) / 2`` on each side.  Efron (1979)."""
    tail = (1 - conf_level) / 2
    return normal_quantile(drawn, tail), normal_quantile(drawn, 1 - tail)


def bca_interval(drawn: Array, estimate: float, influence: Array, conf_level: float) -> tuple[float, float]:
    """Bias-corrected and accelerated quantiles of the draws.

    Efron (1987), Journal of the American Statistical Association 82, 171-185, equations 2.3 and 6.6.

    Parameters
    ----------
    drawn : ndarray, shape (B,)
    influence : ndarray, shape (n,)
        Influence values of the rows, on any scale: they give the acceleration.
    """
    below = float((drawn < estimate).sum() / len(drawn))
    if not 0 < below < 1:
        return float("nan"), float("nan")
    bias = float(special.ndtri(below))
    spread = float((influence**2).sum())
    acceleration = float((influence**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0
    tail = float(special.ndtri((1 - conf_level) / 2))
    ends = []
    for z in (tail, -tail):
        moved = bias + (bias + z) / (1 - acceleration * (bias + z))
        ends.append(normal_quantile(drawn, float(special.ndtr(moved))))
    return ends[0], ends[1]


def normal_quantile(drawn: Array, share: float) -> float:
    """A quantile of draws by interpolation between order statistics on the normal scale.

    Davison and Hinkley (1997), *Bootstrap Methods and their Application*, equation 5.8: ``(B + 1) share`` is a place
    among the sorted draws.  nan where so many draws are not there, or some failed.
    """
    values = np.sort(drawn)
    b = len(values)
    place = (b + 1) * share
    if not np.isfinite(values).all() or not 1 <= place <= b:
        return float("nan")
    k = int(np.floor(place + 1e-12))
    if k >= b or abs(place - k) < 1e-9:
        return float(values[k - 1])
    low, at, high = stats.norm.ppf(np.array([k / (b + 1), share, (k + 1) / (b + 1)]))
    return float(values[k - 1] + (at - low) / (high - low) * (values[k] - values[k - 1]))
