"""The bivariate standard normal distribution: its density, its function and the probability of a rectangle."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from sgsurvey.numerics.linalg import Array

# From this correlation on, the integrand over the angle has a peak that a fixed rule misses.
PEAKED = 0.925

# Nodes of Gauss-Legendre rules that reach rounding up to a size of the correlation.
RULES = ((0.3, 8), (0.75, 14), (PEAKED, 24))

# A rectangle less likely than this is no longer the difference of four numbers near 1.
SMALL = 1e-7


def bivariate_density(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> Array:
    """Density at ``(h, k)``; the arguments broadcast.  It is also the slope of ``bivariate_cdf`` in ``rho``."""
    h, k, rho = (np.asarray(x, dtype=float) for x in (h, k, rho))
    rest = (1 - rho) * (1 + rho)
    return np.asarray(np.exp((h * k * rho - 0.5 * (h * h + k * k)) / rest) / (2 * np.pi * np.sqrt(rest)))


def density_slope(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> Array:
    """Derivative of ``log(bivariate_density)`` in ``rho``."""
    h, k, rho = (np.asarray(x, dtype=float) for x in (h, k, rho))
    rest = (1 - rho) * (1 + rho)
    return np.asarray((rho + (h * k * (1 + rho * rho) - rho * (h * h + k * k)) / rest) / rest)


def bivariate_cdf(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> Array:
    """``P(X <= h, Y <= k)`` at correlation ``rho``, with an absolute error of rounding; finite arguments broadcast.

    Up to .925 by ``Phi(h) Phi(k) + integral of the density over the correlation``, in its angle; beyond, by Genz's
    expansion about perfect correlation.  Drezner and Wesolowsky (1990), Journal of Statistical Computation and
    Simulation 35, 101-107; Genz (2004), Statistics and Computing 14, 251-260.
    """
    h, k, rho = (np.asarray(x, dtype=float) for x in (h, k, rho))
    shape = np.broadcast_shapes(h.shape, k.shape, rho.shape)
    size = np.abs(rho)
    if size.max(initial=0.0) <= PEAKED:
        return np.asarray(ndtr(h) * ndtr(k) + _by_angle(h, k, rho, _nodes(size.max(initial=0.0))))
    h, k, rho = (np.broadcast_to(x, shape) for x in (h, k, rho))
    value = np.empty(shape)
    mild = np.abs(rho) <= PEAKED
    value[mild] = ndtr(h[mild]) * ndtr(k[mild]) + _by_angle(h[mild], k[mild], rho[mild], _nodes(PEAKED))
    value[~mild] = _near_perfect(-h[~mild], -k[~mild], rho[~mild])
    return value


def rectangle(low: tuple[Array, Array], high: tuple[Array, Array], rho: Array, *, nodes: int = 96) -> Array:
    """Probability of rectangles, accurate relative to their own size; all of shape (B,), infinite ends allowed.

    Integrates ``phi(x) P(y-range | x)`` over the x-range, tails taken on the side where they are small.
    """
    x, weight = _rule(nodes)
    start, end = np.clip(low[0], -9.0, 9.0), np.clip(high[0], -9.0, 9.0)
    half = 0.5 * (end - start)
    at = start[:, None] + half[:, None] * (x + 1)
    spread = np.sqrt((1 - rho) * (1 + rho))[:, None]
    under, over = ((end_[:, None] - rho[:, None] * at) / spread for end_ in (low[1], high[1]))
    turned = under > 0
    under, over = np.where(turned, -over, under), np.where(turned, -under, over)
    inner = np.exp(-0.5 * at * at) / np.sqrt(2 * np.pi) * (ndtr(over) - ndtr(under))
    return np.asarray(half * (inner @ weight))


@lru_cache(maxsize=8)
def _rule(nodes: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre on -1..1."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    return x, weight


def _nodes(size: float) -> int:
    return next(count for limit, count in RULES if size <= limit)


def _by_angle(h: Array, k: Array, rho: Array, nodes: int) -> Array:
    """Integral of the density over correlations from 0 to ``rho``."""
    x, weight = _rule(nodes)
    end = np.arcsin(rho)
    sine = np.sin(end[..., None] * (0.5 * (x + 1)))
    rest = 1 / (1 - sine * sine)
    value = np.exp((h * k)[..., None] * (sine * rest) - (0.5 * (h * h + k * k))[..., None] * rest)
    return np.asarray(np.einsum("...t,t->...", value, weight) * end / (4 * np.pi))


def _near_perfect(h: Array, k: Array, rho: Array) -> Array:
    """``P(X > h, Y > k)`` for correlations near 1 or -1; all of shape (B,).  Genz (2004), section 2.4."""
    x, weight = _rule(24)
    negative = rho < 0
    k_ = np.where(negative, -k, k)
    hk = h * k_
    rest = (1 - rho) * (1 + rho)
    root, gap = np.sqrt(rest), np.abs(h - k_)
    square = gap * gap
    c, d = (4 - hk) / 8, (12 - hk) / 16
    value = root * _exp(-(square / rest + hk) / 2)
    value *= 1 - c * (square - rest) * (1 - d * square / 5) / 3 + c * d * rest * rest / 5
    tail = _exp(-hk / 2) * np.sqrt(2 * np.pi) * ndtr(-gap / root) * gap
    value -= np.where(hk > -100, tail * (1 - c * square * (1 - d * square / 5) / 3), 0.0)
    at = (root[:, None] / 2 * (x + 1)) ** 2
    flat = np.sqrt(1 - at)
    outer = _exp(-(square[:, None] / at + hk[:, None]) / 2)
    series = 1 + c[:, None] * at * (1 + d[:, None] * at)
    exact = _exp(-hk[:, None] * (1 - flat) / (2 * (1 + flat))) / flat
    value += root / 2 * (np.where(outer > 0, outer * (exact - series), 0.0) @ weight)
    value = -value / (2 * np.pi)
    upper = value + ndtr(-np.maximum(h, k_))
    lower = np.where(k_ > h, np.where(h < 0, ndtr(k_) - ndtr(h), ndtr(-h) - ndtr(-k_)), 0.0) - value
    return np.asarray(np.maximum(np.where(negative, lower, upper), 0.0))


def _exp(x: Array) -> Array:
    """Exponential, 0 where it would not count (below -100) and without overflow above."""
    return np.where(x > -100, np.exp(np.clip(x, -100, 700)), 0.0)
