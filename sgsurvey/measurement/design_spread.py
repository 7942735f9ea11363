"""The variance of totals of some rows under the design that drew them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.linalg import Array


@dataclass(frozen=True, eq=False)
class DesignSpread:
    """The variance of a total of values of some of the answers, a ``numerics.sandwich.Spread``.

    Attributes
    ----------
    sample : Sample
    places : ndarray of int
        Where among the answers the rows stand.
    """

    sample: Sample
    places: np.ndarray

    def __call__(self, z: Array) -> Array:
        """Covariance of totals of values of the rows, shape (n, q), weighted so that weights sum to their number."""
        among = np.zeros((len(self.sample.rows), z.shape[1]))
        among[self.places] = z
        scale = len(self.places) / self.sample.weights[self.sample.rows[self.places]].sum()
        return self.sample.variance(self.sample.whole(among, 0.0)) * scale**2

    @property
    def df(self) -> float:
        """Degrees of freedom of the design over the rows."""
        inside = np.zeros(len(self.sample.rows), dtype=bool)
        inside[self.places] = True
        return self.sample.df(self.sample.part(inside))


def design_spread(answers: Responses, places: np.ndarray) -> DesignSpread | None:
    """The variance of totals of the answers at ``places``.

    None where the design has weights alone: then rows are drawn by themselves, and only their weights count.
    """
    design = answers.design
    sample = Sample.of(answers)
    if design.strata is None and design.clusters is None and not design.populations and not design.calibrations:
        return None
    return DesignSpread(sample, places)
