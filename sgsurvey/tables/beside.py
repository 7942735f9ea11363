"""What may stand beside a distribution whose small counts are hidden: mean, deviation and shares are equations too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sgsurvey.tables.suppress import suppressed

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
# How far each of so many hidden counts is moved in the search for other counts that agree with what is shown.
REACH = {2: 30, 3: 8, 4: 4, 5: 3, 6: 2, 7: 2, 8: 1, 9: 1, 10: 1, 11: 1}


def given_away(counts: Counts, smallest: int, told: Mapping[str, Sequence[Array]]) -> set[str]:
    """Which numbers must not stand beside n and the counts that a distribution shows, lest its hidden ones be known.

    A reader holds the distribution, the extremes, the median and what is told against each other.  Numbers are taken in
    the order given, and each stays only if afterwards every small count could still be another: there are other whole
    numbers for the hidden cells, the same ones being empty, that agree with all that is told.

    Parameters
    ----------
    counts : ndarray of int, shape (k,)
        Answers by code, in the order of the codes.
    smallest : int
        Smallest count that may be shown.
    told : mapping of name to sequence of ndarray, each of shape (k,)
        Weights whose sum product with the counts a number tells: the codes for a mean, their squares for a deviation.

    Returns
    -------
    set of str
        Names of the numbers to hide.
    """
    small = (counts > 0) & (counts < smallest)
    if not small.any() or counts.sum() < smallest:
        return set()
    hidden = leaving_the_mean(counts, smallest, suppressed(counts[:, None], smallest)[:, 0])
    equations: list[Array] = [np.ones(len(counts))]
    away = set()
    for name, weights in told.items():
        if _could_be_others(counts, hidden, small, [*equations, *weights]):
            equations += weights
        else:
            away.add(name)
    return away


def leaving_the_mean(counts: Counts, smallest: int, hidden: Mask) -> Mask:
    """The hidden counts of a rating, with more of them where its mean would tell the others: the fewest persons first.

    A mean is worth more to a reader than one more share; where no hiding would do, ``hidden`` itself is given back, and
    the mean is what must go.

    Parameters
    ----------
    counts : ndarray of int, shape (k,)
        Answers by code; codes are equally far apart.
    hidden : ndarray of bool, shape (k,)
        What is hidden for its own sake.
    """
    small = (counts > 0) & (counts < smallest)
    if not small.any() or counts.sum() < smallest or hidden.sum() not in REACH:
        return hidden
    equations = [np.ones(len(counts)), np.arange(len(counts), dtype=float)]
    shown = np.flatnonzero(~hidden & (counts > 0))
    for more in range(len(shown) + 1):
        for added in sorted(combinations(shown.tolist(), more), key=lambda cells: int(counts[list(cells)].sum())):
            wider = hidden.copy()
            wider[list(added)] = True
            if _could_be_others(counts, wider, small, equations):
                return wider
    return hidden


def _could_be_others(counts: Counts, hidden: Mask, small: Mask, equations: Sequence[Array]) -> bool:
    where = np.flatnonzero(hidden)
    if len(where) not in REACH:
        return False
    changes = _changes(tuple(tuple(weights[where].tolist()) for weights in equations))
    other = np.repeat(counts[None, :], len(changes), axis=0)
    other[:, where] += changes
    fits = ((other > 0) == (counts > 0)).all(axis=1)
    fits &= (_middle(other) == _middle(counts[None, :])).all(axis=1)
    return bool(len(changes)) and bool((other[fits] != counts)[:, small].any(axis=0).all())


@lru_cache(maxsize=512)
def _changes(equations: tuple[tuple[float, ...], ...]) -> Counts:
    """All changes within reach that leave every equation as it is; shape (m, h)."""
    system = np.array(equations)
    reach = REACH[system.shape[1]]
    axes = [np.arange(-reach, reach + 1)] * (system.shape[1] - 1)
    most = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    # Persons stay the same in number: the last change follows from the others.
    found = np.column_stack([most, -most.sum(axis=1)])
    return found[(np.abs(found @ system.T) < 1e-9).all(axis=1) & (found != 0).any(axis=1)]


def _middle(counts: Counts) -> npt.NDArray[np.int64]:
    """The places of the two middle answers, shape (m, 2)."""
    below = np.cumsum(counts, axis=1)
    n = below[:, -1:]
    return np.column_stack([np.argmax(below > (n - 1) // 2, axis=1), np.argmax(below > n // 2, axis=1)])
