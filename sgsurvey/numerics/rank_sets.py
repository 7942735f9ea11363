"""Confidence sets for ranks, from the joint distribution of all differences.

Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for ranks with applications to mobility across neighbourhoods and
academic achievement across countries, Review of Economic Studies 91, 476-518, sections 3.2 to 3.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import stepped_down

Pairs = list[tuple[int, int]]


class RankSets(NamedTuple):
    """Ranks from ``low`` to ``high``, 1 for the largest; shape (p,) each.

    ``low, high`` hold for all ranks at once, ``low_alone, high_alone`` for one rank that was chosen beforehand.
    """

    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    low_alone: npt.NDArray[np.int64]
    high_alone: npt.NDArray[np.int64]


def rank_sets(estimate: Array, std_error: Array, drawn: Array, conf_level: float = 0.95) -> RankSets:
    """Sets that hold the true ranks with the given confidence.

    Of two values one is larger where "it is not larger" is rejected by a step-down test over all ordered pairs
    (simultaneous), or over the pairs that one value is in (alone).  A rank is then at least one more than the number
    of values shown to be larger, and at most p less the number of those shown to be smaller.

    Parameters
    ----------
    estimate : ndarray, shape (p,)
    std_error : ndarray, shape (p, p)
        Of the differences; 0 where a difference has none, which is then never shown.
    drawn : ndarray, shape (D, p, p)
        Differences of each draw less those of the estimate, over their own standard errors.
    conf_level : float
    """
    p = len(estimate)
    pairs = [(j, k) for j in range(p) for k in range(p) if j != k]
    known = std_error > 0
    difference = estimate[:, None] - estimate
    statistic = np.divide(difference, std_error, out=np.zeros((p, p)), where=known)
    low, high = _ends(p, _larger(statistic, drawn, pairs, conf_level))
    alone = [_ends(p, _larger(statistic, drawn, [pair for pair in pairs if j in pair], conf_level)) for j in range(p)]
    own = range(p)
    return RankSets(low, high, np.array([alone[j][0][j] for j in own]), np.array([alone[j][1][j] for j in own]))


def _larger(statistic: Array, drawn: Array, pairs: Pairs, conf_level: float) -> npt.NDArray[np.bool_]:
    """Whether j is shown to be larger than k, shape (p, p); False for pairs that were not asked about."""
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    found = np.zeros(statistic.shape, dtype=bool)
    found[first, second] = stepped_down(statistic[first, second], drawn[:, first, second].T) <= 1 - conf_level
    return found


def _ends(p: int, larger: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return 1 + larger.sum(axis=0), p - larger.sum(axis=1)
