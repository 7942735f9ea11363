"""Full information maximum likelihood: every row counts with what it answered.

Arbuckle (1996), in Marcoulides and Schumacker (eds), *Advanced Structural Equation Modeling*, chapter 9.  Rows that
lack nothing are the special case of one pattern a group: then this is maximum likelihood for complete data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.em import Patterns, moment_slopes
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.normal_likelihood import element_gradient, log_likelihood, saturated_information
from sgsurvey.numerics.structural import GroupStructure, Solved, Structure


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
            log_likelihood(found, *self._moments(part, part.solved(theta), found))
            for part, found in zip(self.structure.parts, self.patterns, strict=True)
        )

    def slope(self, theta: Array) -> tuple[Array, Array]:
        """Gradient and Hessian: the observed one where it is positive definite, else the expected."""
        slope = np.zeros(len(theta))
        for part, found in zip(self.structure.parts, self.patterns, strict=True):
            full = part.solved(theta)
            pull, turn = moment_slopes(found, *self._moments(part, full, found))
            slope += part.weights.T @ element_gradient(pull, turn, part.tangent(full))
        curve = self.information(theta, observed=True)
        if np.linalg.eigvalsh(curve)[0] <= 0:
            curve = self.information(theta, observed=False)
        return -2 * slope / self.n, 2 * curve / self.n

    def hessian(self, theta: Array) -> None:
        """Given by ``slope`` already."""

    def information(self, theta: Array, *, observed: bool) -> Array:
        """Information of all rows in ``theta``; shape (q, q)."""
        total = np.zeros((len(theta), len(theta)))
        turns = self.structure.jacobian(theta)
        for part, found, turn in zip(self.structure.parts, self.patterns, turns, strict=True):
            full = part.solved(theta)
            mean, cov = self._moments(part, full, found)
            steps = np.vstack([turn.mean, turn.cov])
            total += steps.T @ saturated_information(found, mean, cov, observed=observed) @ steps
            if observed:
                pull, twist = moment_slopes(found, mean, cov)
                total -= part.weights.T @ part.bent(full, twist / 2, pull) @ part.weights
        return total

    def _moments(self, part: GroupStructure, full: Solved, found: Patterns) -> tuple[Array, Array]:
        mean = full.mean[: part.p] if self.structure.means else found.mean[0]
        return mean, full.cov[: part.p, : part.p]
