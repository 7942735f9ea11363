"""Heterotrait-monotrait ratios: correlations between the items of two constructs, over those within them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence

Mean = Literal["arithmetic", "geometric"]
Block = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Ratios:
    """The ratios of every two of several constructs as a function of the correlations of their items.

    ``mean |r between| / sqrt(mean r within one * mean r within the other)``: with arithmetic means HTMT (Henseler,
    Ringle and Sarstedt 2015, Journal of the Academy of Marketing Science 43, 115-135), which takes the items of a
    construct to be tau-equivalent; with geometric means HTMT2 (Roemer, Schuberth and Henseler 2021, Industrial
    Management & Data Systems 121, 2637-2650), which takes them to be congeneric.

    Attributes
    ----------
    blocks : sequence of ndarray of int
        Where the items of each construct stand, two or more.
    means : tuple of str
        Which means; the ratios of the first for all pairs come before those of the second.
    """

    blocks: Sequence[Block]
    means: tuple[Mean, ...] = ("arithmetic", "geometric")

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """First and second construct of each ratio."""
        return list(combinations(range(len(self.blocks)), 2))

    def value(self, corr: Array) -> Array:
        """The ratios of correlations of shape (..., p, p); shape (..., q).

        nan where the mean correlation within a construct (or, for geometric means, any) is not above 0.
        """
        found = []
        for mean in self.means:
            within = [self._mean(corr[..., i, j], mean) for i, j in map(_upper, self.blocks)]
            for a, b in self.pairs:
                between = np.abs(corr[..., self.blocks[a][:, None], self.blocks[b]])
                top = self._mean(between.reshape(*corr.shape[:-2], -1), mean)
                with np.errstate(invalid="ignore", divide="ignore"):
                    product = within[a] * within[b]
                    sound = (within[a] > 0) & (within[b] > 0)
                    found.append(np.where(sound, top / np.sqrt(np.where(sound, product, 1.0)), np.nan))
        return np.stack(found, axis=-1)

    def slopes(self, corr: Array) -> Array:
        """Derivatives in the correlations, each shared by (i, j) and (j, i); shape (q, p, p)."""
        found = []
        values = iter(self.value(corr))
        with np.errstate(invalid="ignore", divide="ignore"):
            for mean in self.means:
                for a, b in self.pairs:
                    of_log = self._log_slopes(corr, self.blocks[a], self.blocks[b], mean)
                    found.append(float(next(values)) * (of_log + of_log.T) / 2)
        return np.stack(found)

    @staticmethod
    def _log_slopes(corr: Array, one: Block, other: Block, mean: Mean) -> Array:
        """Derivatives of the logarithm of a ratio, each at one of (i, j) and (j, i)."""
        slopes = np.zeros_like(corr)
        at = np.ix_(one, other)
        r = corr[at]
        slopes[at] = np.sign(r) / np.abs(r).sum() if mean == "arithmetic" else 1 / (r * r.size)
        for i, j in (_upper(one), _upper(other)):
            own = corr[i, j]
            slopes[i, j] = -0.5 / (own.sum() if mean == "arithmetic" else own * own.size)
        return slopes

    @staticmethod
    def _mean(r: Array, mean: Mean) -> Array:
        """Over the last axis; a geometric mean of what is not above 0 is nan."""
        if mean == "arithmetic":
            return np.asarray(r.mean(axis=-1))
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = np.where(r >= 0, np.log(np.where(r >= 0, r, 1.0)), np.nan)
            return np.asarray(np.exp(logs.mean(axis=-1)))


@dataclass(frozen=True)
class PolychoricRatios:
    """Ratios of polychoric correlations as a ``Statistic`` of the weights.

    Attributes
    ----------
    codes : ndarray of int, shape (N, p)
        Ordered categories, -1 for missing.
    ratios : Ratios
    """

    codes: IntArray
    ratios: Ratios

    def value(self, w: Array) -> Array:
        """The ratios."""
        return self.ratios.value(polychoric(self.codes, w).corr)

    def influence(self, w: Array) -> Array:
        """Through the influence values of the correlations; shape (N, q)."""
        fitted = polychoric(self.codes, w)
        i, j = np.tril_indices(len(fitted.corr), -1)
        slopes = 2 * self.ratios.slopes(fitted.corr)[:, i, j]
        of_correlations = polychoric_influence(self.codes, fitted, w, observed=True)[:, -len(i) :]
        return np.asarray(of_correlations @ slopes.T)


def _upper(block: Block) -> tuple[Block, Block]:
    """Rows and columns of the correlations within a block."""
    i, j = np.triu_indices(len(block), 1)
    return block[i], block[j]
