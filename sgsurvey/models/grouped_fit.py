"""What the fits of all multilevel models share: the lines and joint tests of their coefficients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
import pandas as pd

from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.hidden_coefficients import hide_few
from sgsurvey.models.small_sample import SmallSampleCovariance
from sgsurvey.numerics.linalg import Array


class GroupedFit(ABC):
    """A design matrix, and coefficients with a covariance that depends on estimated variances."""

    design: DesignMatrix

    @property
    @abstractmethod
    def covariance(self) -> SmallSampleCovariance:
        """Covariance of the coefficients, with the method of its df."""

    @property
    def coefficients(self) -> Array:
        """In the order of the design's columns."""
        return self.covariance.solution.coefficients

    def lines(self, names: Sequence[str], contrasts: Array, conf_level: float) -> pd.DataFrame:
        """Estimate, error, t on its own df, p and interval of each contrast, shape (q, p); nan if it speaks of few."""
        frame = self.covariance.combinations(self.coefficients, contrasts, conf_level)
        frame = hide_few(frame, self.design.speaks_of_few(contrasts))
        frame.insert(0, "term", list(names))
        return frame

    def terms(self) -> pd.DataFrame:
        """One line per term: joint F test of its columns."""
        eye, b = np.eye(len(self.coefficients)), self.coefficients
        tests = [self.covariance.wald(b, eye[list(term.columns)]) for term in self.design.terms]
        lines = [(term.name, *astuple(test)) for term, test in zip(self.design.terms, tests, strict=True)]
        return pd.DataFrame(lines, columns=["term", "statistic", "df1", "df2", "p_value"])
