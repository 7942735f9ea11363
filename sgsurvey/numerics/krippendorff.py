"""Krippendorff's alpha: one less observed over expected disagreement, for any number of raters, scales and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sgsurvey.numerics.linalg import Array

Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Units:
    """What raters said of each unit that two or more of them rated.

    Attributes
    ----------
    values : ndarray, shape (v,)
        The different values, ascending.
    counts : ndarray, shape (u, v)
        How many raters gave each value to each unit.
    level : str
        What the values' distances mean.
    """

    values: Array
    counts: Array
    level: Level

    @classmethod
    def of(cls, ratings: Array, level: Level) -> Units:
        """From a table of units by raters, missing as nan; units with fewer than two ratings say nothing."""
        pairable = ratings[(~np.isnan(ratings)).sum(axis=1) > 1]
        given = ~np.isnan(pairable)
        values, at = np.unique(pairable[given], return_inverse=True)
        counts = np.zeros((len(pairable), len(values)))
        np.add.at(counts, (np.nonzero(given)[0], at), 1.0)
        return cls(values, counts, level)

    def alphas(self, weights: Array) -> Array:
        """Alpha with unit u counted ``weights[b, u]`` times, shape (B,); nan where all values are one.

        Krippendorff (2011), *Computing Krippendorff's Alpha-Reliability*: ``1 - (n - 1) sum o d / sum n n d``, with
        coincidences o in which the ratings of a unit of m raters count ``1 / (m - 1)``.
        """
        margins = weights @ self.counts
        n = margins.sum(axis=1)
        if self.level == "interval":
            observed, expected = self._by_scores(weights, margins, self.values[None, :])
        elif self.level == "ordinal":
            # The distance of two values is the number of ratings between them, which each sample changes.
            observed, expected = self._by_scores(weights, margins, np.cumsum(margins, axis=1) - margins / 2)
        else:
            observed, expected = self._by_distance(weights, margins)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan)

    def _by_scores(self, weights: Array, margins: Array, scores: Array) -> tuple[Array, Array]:
        """Observed and expected disagreement where a distance is the square of a difference of scores, (B or 1, v)."""
        n, raters = margins.sum(axis=1), self.counts.sum(axis=1)
        centred = scores - (scores * margins).sum(axis=1, keepdims=True) / n[:, None]
        spread = raters[:, None] * (self.counts @ centred.T**2) - (self.counts @ centred.T) ** 2
        observed = 2 * ((weights / (raters - 1)) * spread.T).sum(axis=1)
        expected = 2 * n * (margins * centred**2).sum(axis=1)
        rounding = 1e-20 * n**2 * (scores**2).max(axis=1)
        return observed, np.where(expected > rounding, expected, 0.0)

    def _by_distance(self, weights: Array, margins: Array) -> tuple[Array, Array]:
        """The same where distances are given value by value."""
        apart = self._distances()
        of_unit = ((self.counts @ apart) * self.counts).sum(axis=1) / (self.counts.sum(axis=1) - 1)
        return weights @ of_unit, ((margins @ apart) * margins).sum(axis=1)

    def _distances(self) -> Array:
        """Squared distances of the values, shape (v, v)."""
        if self.level == "nominal":
            return 1.0 - np.eye(len(self.values))
        total = np.add.outer(self.values, self.values)
        apart = np.subtract.outer(self.values, self.values)
        return np.divide(apart, total, out=np.zeros_like(total), where=total != 0) ** 2
