"""Sampford's design without rejection: unequal probabilities, fixed size, exact first and second order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

Array = npt.NDArray[np.float64]


def sampford(p: Array, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """One sample in which unit i has probability ``p_i`` exactly; shape (N,).

    ``P(s)`` is proportional to the product of ``p_i / (1 - p_i)`` over s times the sum of ``1 - p_i`` over s (Sampford
    1967, Biometrika 54, 499-513).  The sum marks one unit of the sample: a marked unit weighs ``p_i``, others
    ``p_i / (1 - p_i)``.  Units are decided one after the other, from the summed weights of all that can follow, so
    that nothing is ever rejected.

    Parameters
    ----------
    p : ndarray, shape (N,)
        Between 0 and 1, both excluded, adding up to a whole number.
    rng : Generator
    """
    n, odds, marked = round(p.sum()), np.log(p) - np.log1p(-p), np.log(p)
    ahead = _suffixes(odds, marked, n)
    taken = np.zeros(len(p), dtype=bool)
    left, mark = n, 1
    for i, u in enumerate(rng.random(len(p))):
        if not left:
            break
        here = ahead[i, left, mark]
        u -= np.exp(odds[i] + ahead[i + 1, left - 1, mark] - here)
        taken[i] = u < 0
        if not taken[i] and mark:
            u -= np.exp(marked[i] + ahead[i + 1, left - 1, 0] - here)
            taken[i] = u < 0
            mark -= int(taken[i])
        left -= int(taken[i])
    return taken


def sampford_joint(p: Array) -> Array:
    """Joint probabilities of Sampford's design, shape (N, N), with ``p`` on the diagonal.

    For each unit the summed weights of all samples that hold it, from what can come before and after each other unit.
    """
    n, size = round(p.sum()), len(p)
    joint = np.diag(p)
    if n < 2:
        return joint
    odds, marked = np.log(p) - np.log1p(-p), np.log(p)
    whole = _suffixes(odds, marked, n)[0, n, 1]
    for k in range(size):
        rest = np.arange(size) != k
        after = _suffixes(odds[rest], marked[rest], n)
        before = _suffixes(odds[rest][::-1], marked[rest][::-1], n)[::-1]
        back = after[1:, n - 2 :: -1, :] if n > 2 else after[1:, :1, :]
        fore = before[:-1, : n - 1, :]
        both = {(a, b): logsumexp(fore[..., a] + back[..., b], axis=1) for a, b in ((0, 0), (0, 1), (1, 0))}
        weights = [odds[k] + odds[rest] + both[0, 1], odds[k] + odds[rest] + both[1, 0]]
        weights += [odds[k] + marked[rest] + both[0, 0], marked[k] + odds[rest] + both[0, 0]]
        joint[k, rest] = np.exp(logsumexp(weights, axis=0) - whole)
    return joint


def _suffixes(odds: Array, marked: Array, n: int) -> Array:
    """Log of the summed weights of choosing j of the units from i on, m of them marked; shape (N + 1, n + 1, 2)."""
    table = np.full((len(odds) + 1, n + 1, 2), -np.inf)
    table[-1, 0, 0] = 0.0
    for i in range(len(odds) - 1, -1, -1):
        table[i] = table[i + 1]
        table[i, 1:] = np.logaddexp(table[i, 1:], odds[i] + table[i + 1, :-1])
        table[i, 1:, 1] = np.logaddexp(table[i, 1:, 1], marked[i] + table[i + 1, :-1, 0])
    return table
