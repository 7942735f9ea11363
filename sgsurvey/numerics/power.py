"""Power of t tests, and the size of a trial of two arms to which whole places are assigned."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

# A trial larger than this is called endless.
MOST_PLACES = 100_000


def power_of_t(difference: float, error: float, df: float, tail: float) -> float:
    """Power of the two-sided t test of a ``difference`` with standard ``error``; both tails of size ``tail`` count."""
    if error == 0:
        return 1.0
    if df <= 0:
        return 0.0
    cut, ncp = stats.t.isf(tail, df), difference / error
    upper, lower = stats.nct.sf(cut, df, ncp), stats.nct.sf(cut, df, -ncp)
    # scipy gives nan where the answer is 1, or 0, to all digits.
    return float(np.nan_to_num(upper, nan=1.0) + np.nan_to_num(lower, nan=0.0))


class Trial(NamedTuple):
    """Two arms of places, compared by a t test of place means.

    Attributes
    ----------
    sd : standard deviation of persons
    icc : intraclass correlation within places, 0 where it was estimated below
    size : persons per place, mean
    cv : coefficient of variation of the persons per place
    """

    sd: float
    icc: float
    size: float
    cv: float = 0.0

    @property
    def design_effect(self) -> float:
        """``1 + ((1 + cv²) m - 1) ICC``; Eldridge, Ashby and Kerry (2006), Int. J. of Epidemiology 35, 1292-1300."""
        return 1 + ((1 + self.cv**2) * self.size - 1) * self.icc

    def power(self, difference: float, places: float, level: float = 0.05) -> float:
        """Power to find a difference with so many places in each arm, by noncentral t on ``2 (places - 1)``.

        Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials, 5.3.
        """
        error = self.sd * np.sqrt(2 * self.design_effect / (places * self.size))
        return power_of_t(difference, float(error), 2 * (places - 1), level / 2)

    def places_per_arm(self, difference: float, *, power: float = 0.8, level: float = 0.05) -> float:
        """The fewest places in each arm that reach ``power``; nan where ``difference`` is not above 0 or too small."""
        if not difference > 0:
            return float("nan")
        high = 2
        while self.power(difference, high, level) < power:
            high *= 2
            if high > MOST_PLACES:
                return float("nan")
        low = max(high // 2, 1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.power(difference, middle, level) >= power else (middle, high)
        return float(high)

    def detectable(self, places: int, *, power: float = 0.8, level: float = 0.05) -> float:
        """The smallest difference that so many places in each arm find with ``power``; nan with fewer than two."""
        if places < 2 or not self.sd > 0:
            return float("nan")
        return float(optimize.brentq(lambda d: self.power(d, places, level) - power, 1e-9 * self.sd, 100 * self.sd))
