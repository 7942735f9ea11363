"""Where along a moderator a slope can be told from 0: the regions of Johnson and Neyman."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize

from sgsurvey.numerics.linalg import Array

# Places between which a change of sign is looked for, before its own place is found to the last digit.
PLACES = 201


class Region(NamedTuple):
    """A stretch of the moderator; ``sign`` is that of the slope, 0 where it cannot be told from 0."""

    low: float
    high: float
    sign: int


def regions(limits: Callable[[Array], tuple[Array, Array]], low: float, high: float) -> list[Region]:
    """Stretches of ``low`` to ``high`` over which the interval of the slope lies above, around or below 0.

    Johnson and Neyman (1936), Statistical Research Memoirs 1, 57-93; Bauer and Curran (2005), Multivariate Behavioral
    Research 40, 373-400: the ends of the stretches solve ``slope(w)^2 = t(w)^2 var(w)``.

    Parameters
    ----------
    limits : callable
        The limits of the slope's interval at moderator values of shape (q,): two arrays of shape (q,).
    """

    def excess(w: Array) -> Array:
        below, above = limits(w)
        return below * above

    places = np.linspace(low, high, PLACES)
    values = excess(places)
    ends = [low]
    told = values > 0
    for k in np.flatnonzero((told[1:] != told[:-1]) & np.isfinite(values[1:]) & np.isfinite(values[:-1])):
        ends.append(
            float(optimize.brentq(lambda w: float(excess(np.array([w]))[0]), places[k], places[k + 1], xtol=1e-13))
        )
    ends.append(high)
    middle = (np.array(ends[1:]) + np.array(ends[:-1])) / 2
    below, above = limits(middle)
    signs = np.where(below > 0, 1, np.where(above < 0, -1, 0))
    return [Region(a, b, int(s)) for a, b, s in zip(ends[:-1], ends[1:], signs, strict=True)]


def discovery_level(p_values: Array, level: float) -> float:
    """The level of one test at which the share of false discoveries among ``p_values`` stays below ``level``.

    Benjamini and Hochberg's (1995) step, as Esarey and Sumner (2018), Comparative Political Studies 51, 1144-1176, use
    it along a moderator: ``level k / m`` for the last k of the m sorted p-values that lies below it; ``level / m``
    where none does.
    """
    ordered = np.sort(p_values)
    m = len(ordered)
    steps = level * np.arange(1, m + 1) / m
    below = np.flatnonzero(ordered <= steps)
    return float(steps[below[-1]] if len(below) else steps[0])
