"""Full information maximum likelihood: every row counts with what it answered.

Arbuckle (1996), in Marcoulides and Schumacker (eds), *Advanced Structural Equation Modeling*, chapter 9.  Rows that lack
nothing are the special case of one pattern a group: then this is maximum likelihood for complete data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.discrepancy import Fitted, minimise
from sgsurvey.numerics.em import Patterns, moment_slopes
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.normal_likelihood import element_gradient, element_information, log_likelihood
from sgsurvey.numerics.structural import Structure


@dataclass(frozen=True)
class MissingLikelihood:
    """Minus twice the log likelihood of all groups' rows per row, above that of the saturated model.

    Attributes
    ----------
    structure : Structure
        With means wherever a row lacks something; without, the means are those observed.
    patterns : sequence of Patterns, one a group
    saturated : float
        The log likelihood of the saturated model.
    """

    structure: Structure
    patterns: Sequence[Patterns]
    saturated: float

    @property
    def n(self) -> float:
        """Rows of all groups that have anything."""
        return float(sum(found.n.sum() for found in self.patterns))

    def value(self, theta: Array) -> float:
        """``F``."""
        try:
            return 2 * (self.saturated - self.log_likelihood(theta)) / self.n
        except np.linalg.LinAlgError:
            return float("inf")

    def log_likelihood(self, theta: Array) -> float:
        """The log likelihood at ``theta``."""
        return sum(
            log_likelihood(found, self._mean(found, implied.mean), implied.cov)
            for found, implied in zip(self.patterns, self.structure.implied(theta), strict=True)
        )

    def slope(self, theta: Array) -> tuple[Array, Array]:
        """Gradient and expected Hessian."""
        slope = np.zeros(len(theta))
        for part, found in zip(self.structure.parts, self.patterns, strict=True):
            full = part.solved(theta)
            mean, cov = self._mean(found, full.mean[: part.p]), full.cov[: part.p, : part.p]
            pull, turn = moment_slopes(found, mean, cov)
            slope += part.weights.T @ element_gradient(pull, turn, part.tangent(full))
        return -2 * slope / self.n, 2 * self.information(theta, observed=False) / self.n

    def hessian(self, theta: Array) -> Array:
        """The second derivatives of ``F``."""
        return 2 * self.information(theta, observed=True) / self.n

    def information(self, theta: Array, *, observed: bool) -> Array:
        """Information of all rows in ``theta``; shape (q, q)."""
        total = np.zeros((len(theta), len(theta)))
        for part, found in zip(self.structure.parts, self.patterns, strict=True):
            full = part.solved(theta)
            mean, cov = self._mean(found, full.mean[: part.p]), full.cov[: part.p, : part.p]
            elements = element_information(found, mean, cov, part.tangent(full), observed=observed)
            if observed:
                pull, turn = moment_slopes(found, mean, cov)
                elements -= part.bent(full, turn / 2, pull)
            total += part.weights.T @ elements @ part.weights
        return total

    def _mean(self, found: Patterns, implied: Array) -> Array:
        return implied if self.structure.means else found.mean[0]


def fit_fiml(structure: Structure, patterns: Sequence[Patterns], saturated: float, start: Array) -> Fitted:
    """The structured likelihood at its maximum, from a ``start`` such as that of ML on the saturated moments."""
    return minimise(MissingLikelihood(structure, patterns, saturated), start)
