"""What each predictor adds to R² over the subsets of the others: LMG (Shapley), Owen, and dominance.

Lindeman, Merenda and Gold (1980), Introduction to Bivariate and Multivariate Analysis, p. 119; Shapley (1953); Owen
(1977) for predictors in blocks; Budescu (1993), Psychological Bulletin 114, 542-551, and Azen and Budescu (2003),
Psychological Methods 8, 129-148, for dominance; Genizi (1993), Statistica Sinica 3, 407-420, whose weights are those of
Johnson (2000), for more predictors than subsets can be counted of.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array, symmetric_root

# A predictor with a smaller share of its variance left is determined by those before it, and adds nothing.
DETERMINED = 1e-10

# Numbers that the tree of one batch of covariances may hold: what fits into a processor's cache.
BATCH = 200_000

Players = Sequence[Sequence[int]]


def subset_r_squared(cov: Array, players: Players, outcome: int) -> Array:
    """R² of the outcome on every subset of the players, from covariances.

    A tree of sweeps: the residual covariance of what is left is kept for every subset of the first players, so that
    a level of the tree costs one rank-one update of matrices that shrink.

    Parameters
    ----------
    cov : ndarray, shape (D, m, m)
    players : sequence of sequences of int
        Columns of each predictor: several for a category or a block.
    outcome : int

    Returns
    -------
    ndarray, shape (D, 2^k)
        Subset s holds player j where bit j of s is set.
    """
    order = [*(column for player in players for column in player), outcome]
    sizes = [len(player) for player in players]
    left = [len(order) - sum(sizes[:j]) for j in range(len(sizes) + 1)]
    peak = max(2**j * size**2 for j, size in enumerate(left))
    batch = max(1, BATCH // peak)
    ordered = cov[:, order][:, :, order]
    return np.concatenate([_tree(ordered[at : at + batch], sizes) for at in range(0, len(cov), batch)])


def left_over(cov: Array, first: int) -> Array:
    """Covariances that the first variables leave of the others; shape (D, m - first, m - first)."""
    least = DETERMINED * np.diagonal(cov, axis1=1, axis2=2)
    rest = cov[:, None]
    for column in range(first):
        rest = _swept(rest, least[:, column])
    return np.asarray(rest[:, 0])


def _tree(cov: Array, sizes: Sequence[int]) -> Array:
    level, least = cov[:, None], DETERMINED * np.diagonal(cov, axis1=1, axis2=2)
    for size in sizes:
        entered = level
        for column in range(size):
            entered = _swept(entered, least[:, column])
        level, least = np.concatenate([level[..., size:, size:], entered], axis=1), least[:, size:]
    return np.asarray(1 - level[..., 0, 0] / cov[:, -1:, -1])


def _swept(level: Array, least: Array) -> Array:
    """What the first variable leaves of the others' covariances."""
    pivot, row = level[..., 0, 0], level[..., 0, 1:]
    inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > least[:, None])
    return np.asarray(level[..., 1:, 1:] - (row * inverse[..., None])[..., :, None] * row[..., None, :])


def members(k: int) -> npt.NDArray[np.bool_]:
    """Which of k players each subset holds; shape (k, 2^k)."""
    return (np.arange(2**k) >> np.arange(k)[:, None]) & 1 == 1


def owen_weights(k: int, blocks: Sequence[Sequence[int]] | None = None) -> Array:
    """Weights of the subsets' R² in each player's value; shape (k, 2^k).

    Without blocks these are Shapley's: a player's mean addition over all orders.  With blocks, over the orders in which
    the players of a block come one after another (Owen 1977): the values of a block sum to what the block has as one
    player.
    """
    held = members(k)
    found = [list(block) for block in blocks] if blocks is not None else [[j] for j in range(k)]
    weights = np.zeros((k, 2**k))
    for own in found:
        others = [block for block in found if block is not own]
        inside = np.array([held[block].sum(axis=0) for block in others]).reshape(len(others), 2**k)
        whole = inside == np.array([len(block) for block in others])[:, None]
        allowed = (whole | (inside == 0)).all(axis=0)
        between = _orders(len(found))[whole.sum(axis=0)]
        within = _orders(len(own))
        count = held[own].sum(axis=0)
        for j in own:
            before = count - held[j]
            weight = np.where(allowed, between * within[np.minimum(before, len(own) - 1)], 0.0)
            weights[j] = np.where(held[j], weight, -weight)
    return weights


def _orders(n: int) -> Array:
    """Share of the orders of n in which given s come before another one, and the rest after; shape (n,)."""
    return np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])


def conditional_dominance(r_squared: Array) -> Array:
    """Mean addition of each player to subsets of 0, 1 … k - 1 others; shape (k, k), from shape (2^k,)."""
    k = len(r_squared).bit_length() - 1
    held, size = members(k), members(k).sum(axis=0)
    subsets = np.arange(len(r_squared))
    means = np.empty((k, k))
    for j in range(k):
        without = subsets[~held[j]]
        added = r_squared[without + 2**j] - r_squared[without]
        means[j] = np.bincount(size[without], weights=added) / np.bincount(size[without])
    return means


def complete_dominance(r_squared: Array) -> Array:
    """Share of the subsets without i and j to which i adds more than j; ties count half; shape (k, k), diagonal nan."""
    k = len(r_squared).bit_length() - 1
    held, subsets = members(k), np.arange(len(r_squared))
    share = np.full((k, k), np.nan)
    for i in range(k):
        for j in range(i):
            without = subsets[~held[i] & ~held[j]]
            gap = r_squared[without + 2**i] - r_squared[without + 2**j]
            gap = np.where(np.abs(gap) < 1e-12, 0.0, gap)
            share[i, j] = np.mean(np.where(gap == 0, 0.5, gap > 0))
            share[j, i] = 1 - share[i, j]
    return share


def genizi_weights(corr: Array) -> Array:
    """Shares of R² by the predictors' nearest orthogonal counterparts; shape (k,), the outcome last in ``corr``.

    Genizi (1993), equation (2.5); Johnson (2000), Multivariate Behavioral Research 35, 1-19, equation (7).
    """
    root = symmetric_root(corr[:-1, :-1])
    beta = np.linalg.solve(root, corr[:-1, -1])
    return np.asarray(root**2 @ beta**2)
