"""Polyserial correlation: of a continuous variable with the normal variable behind ordered answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.newton import Index, Local, bounded_newton
from sgsurvey.numerics.pair_tables import IntArray
from sgsurvey.numerics.polychoric import BOUND, FAR, LEAST


@dataclass(frozen=True)
class Polyserial:
    """One polyserial correlation.

    Attributes
    ----------
    rho : float
        nan where one of the two does not vary.
    at_bound : bool
        The likelihood rises up to ``BOUND``: the variables go together perfectly, and there is no standard error.
    influence : ndarray, shape (n,)
        How much a unit of weight on each row moves ``rho``: thresholds, mean and variance move with it.
    """

    rho: float
    at_bound: bool
    influence: Array


def polyserials(
    x: Array, codes: IntArray, thresholds: Sequence[Array], weights: Array | None = None
) -> list[Polyserial]:
    """Two-step polyserial correlations of ``x`` (nan for missing) with each row of ``codes`` (-1 for missing).

    ``x`` is standardised over all rows that have it (variance with divisor n) and ``thresholds`` are those of all rows
    that have a code; each correlation is at the maximum of the likelihood of the codes given ``x``, over the rows that
    have both.  Olsson, Drasgow and Dorans (1982), Psychometrika 47, 337-347, the two-step estimator.

    Parameters
    ----------
    x : ndarray, shape (n,)
    codes : ndarray of int, shape (k, n)
        0 … m - 1 for a variable of m categories.
    thresholds : sequence of k ndarrays of shape (m - 1,)
    weights : ndarray, shape (n,), optional
    """
    w = np.ones(len(x)) if weights is None else weights
    known = ~np.isnan(x) & (w > 0)
    total = w[known].sum()
    mean = w[known] @ x[known] / total if total > 0 else np.nan
    variance = w[known] @ (x[known] - mean) ** 2 / total if total > 0 else 0.0
    found = [Polyserial(np.nan, False, np.full(len(x), np.nan))] * len(codes)
    if not variance > 1e-12 * max(mean**2, LEAST):
        return found
    both = known & (codes >= 0)
    kept = [k for k, cut in enumerate(thresholds) if len(cut) and len(np.unique(codes[k, both[k]])) > 1]
    z = np.where(known, (x - mean) / np.sqrt(variance), 0.0)
    rhos = correlations_given(z, codes[kept], [thresholds[k] for k in kept], np.where(both[kept], w, 0.0))
    for k, rho in zip(kept, rhos.tolist(), strict=True):
        if abs(rho) < BOUND:
            found[k] = Polyserial(rho, False, _influence(x, codes[k], thresholds[k], w, (mean, variance, rho)))
        else:
            found[k] = replace(found[k], rho=rho, at_bound=bool(np.isfinite(rho)))
    return found


def correlations_given(z: Array, codes: IntArray, thresholds: Sequence[Array], weights: Array) -> Array:
    """The correlations at the maximum of the likelihoods of ``codes`` given standard scores ``z``; shape (k,).

    Plus or minus ``BOUND`` where the likelihood rises up to there, nan where the search does not end.

    Parameters
    ----------
    z : ndarray, shape (n,)
    codes : ndarray of int, shape (k, n)
    thresholds : sequence of k ndarrays
    weights : ndarray, shape (k, n)
        0 for a row that has not both.
    """
    low, high = ends_of(codes, thresholds)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weights / weights.sum(axis=1, keepdims=True)

    def local(at: Array, rows: Index) -> Local:
        return _mean_loglik(z, low[rows], high[rows], share[rows], at)

    start = _start(z, codes, thresholds, share)
    found = bounded_newton(local, start[:, None], -BOUND, BOUND, tolerance=1e-11, iterations=100)
    return np.where(found.converged, found.at[:, 0], np.nan)


def ends_of(codes: IntArray, thresholds: Sequence[Array]) -> tuple[Array, Array]:
    """The thresholds below and above each code (below and above the first where it is missing); shape (k, n) each."""
    ends = [np.concatenate([[-FAR], cut, [FAR]]) for cut in thresholds]
    place = [np.maximum(own, 0) for own in codes]
    below = [end[at] for end, at in zip(ends, place, strict=True)]
    above = [end[at + 1] for end, at in zip(ends, place, strict=True)]
    return np.reshape(below, codes.shape), np.reshape(above, codes.shape)


def _start(z: Array, codes: IntArray, thresholds: Sequence[Array], share: Array) -> Array:
    """Of normal ``z`` the covariance with the codes is rho times the sum of the densities at the thresholds."""
    density = np.array([np.exp(-0.5 * cut**2).sum() for cut in thresholds]) / np.sqrt(2 * np.pi)
    gap = codes - (share * codes).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.clip((share * gap) @ z / density, -0.9, 0.9)


def _mean_loglik(z: Array, low: Array, high: Array, share: Array, rho: Array) -> Local:
    """Minus the mean log-likelihoods of codes given ``z``, their slope and curvature in ``rho``, shape (k, 1)."""
    chance, slope, bend = chances_given(z, low, high, rho)
    score = slope / chance
    steady = np.einsum("kn,kn,kn->k", share, score, score)
    curve = steady - np.einsum("kn,kn->k", share, bend / chance)
    return (
        -np.einsum("kn,kn->k", share, np.log(chance)),
        -np.einsum("kn,kn->k", share, score)[:, None],
        curve[:, None, None],
        steady[:, None, None],
    )


def chances_given(z: Array, low: Array, high: Array, rho: float | Array) -> tuple[Array, Array, Array]:
    """Chance of each row's category given ``z``, with first and second derivative in ``rho``; shape (…, n) each."""
    below, above = CategoryEnd.at(low, z, rho), CategoryEnd.at(high, z, rho)
    turned = below.place > 0
    chance = ndtr(np.where(turned, -below.place, above.place)) - ndtr(np.where(turned, -above.place, below.place))
    bends = [end.density * (end.bent - end.place * end.moved**2) for end in (below, above)]
    return (
        np.maximum(chance, LEAST),
        above.density * above.moved - below.density * below.moved,
        bends[1] - bends[0],
    )


@dataclass(frozen=True)
class CategoryEnd:
    """An end of each row's category: ``(cut - rho z) / spread``, its derivatives in rho, and the density there."""

    place: Array
    moved: Array
    bent: Array
    density: Array

    @classmethod
    def at(cls, cut: Array, z: Array, rho: float | Array) -> CategoryEnd:
        """At thresholds ``cut`` of rows with standard scores ``z``."""
        rest = (1 - rho) * (1 + rho)
        spread = np.sqrt(rest)
        place = (cut - rho * z) / spread
        moved = (rho * cut - z) / (rest * spread)
        density = np.where(np.abs(cut) < FAR, np.exp(-0.5 * place**2) / np.sqrt(2 * np.pi), 0.0)
        return cls(place, moved, cut / (rest * spread) + 3 * rho * moved / rest, density)


def _influence(x: Array, codes: IntArray, thresholds: Array, w: Array, at: tuple[float, float, float]) -> Array:
    """Derivative of ``rho`` in the weight of each row: its own score, and what mean, variance and thresholds add."""
    mean, variance, rho = at
    both = ~np.isnan(x) & (w > 0) & (codes >= 0)
    sd, rest = np.sqrt(variance), (1 - rho) * (1 + rho)
    spread, z, code, weight = np.sqrt(rest), (x[both] - mean) / np.sqrt(variance), codes[both], w[both]
    low, high = (end[0] for end in ends_of(code[None], [thresholds]))
    chance, slope, bend = chances_given(z, low, high, rho)
    score = slope / chance
    # How the score moves with z and with either end: (d slope - score * d chance) / chance.
    by_z, by_cut = [], []
    for end in (CategoryEnd.at(low, z, rho), CategoryEnd.at(high, z, rho)):
        by_z.append(end.density * (rho * (end.place * end.moved + score) / spread - 1 / (rest * spread)))
        by_cut.append(end.density * (rho / (rest * spread) - (end.place * end.moved + score) / spread))
    of_z = weight * (by_z[1] - by_z[0]) / chance
    m = len(thresholds) + 1
    of_cuts = (
        np.bincount(code, weight * by_cut[1] / chance, m)[:-1] - np.bincount(code, weight * by_cut[0] / chance, m)[1:]
    )
    moves = np.concatenate([[-of_z.sum() / sd, -(of_z @ z) / (2 * variance)], of_cuts])
    information = weight @ (score**2 - bend / chance)
    own = np.zeros(len(x))
    own[both] = score
    return np.asarray((own + _of_moments(x, codes, thresholds, w, mean, variance) @ moves) / information)


def _of_moments(x: Array, codes: IntArray, thresholds: Array, w: Array, mean: float, variance: float) -> Array:
    """Influence values of mean, variance and thresholds; shape (n, 2 + m - 1)."""
    known, answered = ~np.isnan(x) & (w > 0), codes >= 0
    gap = np.where(known, x - mean, 0.0)
    size, people = w[known].sum(), w[answered].sum()
    density = np.exp(-0.5 * thresholds**2) / np.sqrt(2 * np.pi)
    real = np.abs(thresholds) < FAR
    step = (codes[:, None] <= np.arange(len(thresholds))) - ndtr(thresholds)
    return np.column_stack(
        [
            gap / size,
            np.where(known, gap**2 - variance, 0.0) / size,
            np.where(answered[:, None] & real, step / np.where(real, density, 1.0) / people, 0.0),
        ]
    )
