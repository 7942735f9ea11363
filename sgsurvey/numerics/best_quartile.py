"""The mean of the best quarter of places, chosen and estimated on different halves of each place's answers."""

from __future__ import annotations

import numpy as np

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import Codes

BEST = 0.25


def best_quartile(x: Array, places: Codes, weights: Array, *, splits: int, seed: int) -> tuple[float, Array]:
    """Mean of the best quarter of places, each counting once, and the same with each place left out.

    The highest of means that are noisy are high by noise as well: chosen and estimated from the same answers, the best
    quarter of places that are all alike lies far above the rest.  Here one half of the answers of each place chooses,
    and the other half, whose noise is another, estimates (Efron 2011, Journal of the American Statistical
    Association 106, 1602-1614, on the bias of selection); both halves take both
    parts, and the mean is over many splits.  Where places are alike its expectation is exactly their mean.  Where they
    differ, half of the answers choose less well than all of them, and the mean lies somewhat below that of the truly
    best quarter.

    Parameters
    ----------
    x, weights : shape (n,)
    places : shape (n,)
        Codes 0 … G - 1, each with two rows or more.
    splits : int
    seed : int

    Returns
    -------
    level : float
    left_out : ndarray, shape (G,)
        The same splits without place g.  A quarter of 11 places is 2.75 of them, the third with the weight .75, so that
        leaving one out changes no number of places by a jump.
    """
    rng = np.random.default_rng(seed)
    one, other = half_means(x, places, weights, splits=splits, rng=rng)
    chooses, estimates = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((rng.random(chooses.shape), -chooses), axis=-1)
    ranked = np.take_along_axis(estimates, order, axis=1)
    g = ranked.shape[1]
    level = float((ranked @ _quota(g)).mean())
    quota = _quota(g - 1)
    # The places behind the one that is left out move up by one.
    ahead, behind = np.zeros_like(ranked), np.zeros_like(ranked)
    ahead[:, 1:] = np.cumsum(ranked[:, :-1] * quota, axis=1)
    behind[:, :-1] = np.cumsum((ranked[:, 1:] * quota)[:, ::-1], axis=1)[:, ::-1]
    left_out = np.empty_like(ranked)
    np.put_along_axis(left_out, order, ahead + behind, axis=1)
    return level, left_out.mean(axis=0)


def half_means(
    x: Array, places: Codes, weights: Array, *, splits: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Weighted means of two random halves of the rows of each place; two arrays of shape (splits, G)."""
    g = int(places.max()) + 1
    one, other = np.empty((splits, g)), np.empty((splits, g))
    for place in range(g):
        rows = np.flatnonzero(places == place)
        shuffled = rows[rng.random((splits, len(rows))).argsort(axis=1)]
        half = len(rows) // 2
        for means, part in ((one, shuffled[:, :half]), (other, shuffled[:, half:])):
            means[:, place] = (weights[part] * x[part]).sum(axis=1) / weights[part].sum(axis=1)
    return one, other


def _quota(places: int) -> Array:
    """Weight of each place in the order of choice: 1 for each whole place of the quarter, the rest for the next."""
    size = BEST * places
    return np.clip(size - np.arange(places), 0.0, 1.0) / size
