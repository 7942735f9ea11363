"""The variance of totals of some rows under the design that drew them."""

from __future__ import annotations

import numpy as np

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.sandwich import Spread


def design_spread(answers: Responses, places: np.ndarray) -> Spread | None:
    """The variance of a total of values of the answers at ``places``, weighted so that weights sum to their number.

    None where the design has weights alone: then rows are drawn by themselves, and only their weights count.
    """
    sample = Sample.of(answers)
    design = answers.design
    if design.strata is None and design.clusters is None and not design.populations and not design.calibrations:
        return None
    scale = len(places) / sample.weights[sample.rows[places]].sum()

    def spread(z: Array) -> Array:
        among = np.zeros((len(answers), z.shape[1]))
        among[places] = z
        return sample.variance(sample.whole(among, 0.0)) * scale**2

    return spread
