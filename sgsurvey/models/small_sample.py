"""Covariance of the coefficients of a multilevel model, with the small-sample method of its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sgsurvey.models.covariance import Covariance, Wald
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_effects import MixedSolution
from sgsurvey.numerics.random_intercept import RandomIntercept
from sgsurvey.numerics.small_sample_df import kenward_roger_test, satterthwaite_df, satterthwaite_test
from sgsurvey.text import Text, same

SmallSample = Literal["kenward_roger", "satterthwaite"]
LABELS: dict[SmallSample, Text] = {"kenward_roger": same("Kenward–Roger"), "satterthwaite": same("Satterthwaite")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSampleCovariance(Covariance):
    """Kenward and Roger's covariance and tests, or the one at the estimated variances with Satterthwaite's df.

    Attributes
    ----------
    solution : RandomIntercept or MixedSolution
        The latter has Satterthwaite's df only.
    """

    solution: RandomIntercept | MixedSolution

    @classmethod
    def of(cls, solution: RandomIntercept | MixedSolution, method: SmallSample) -> SmallSampleCovariance:
        """The covariance of a fitted model."""
        matrix, variances = _matrices(solution, method)
        df = satterthwaite_df(np.eye(len(matrix)), solution.covariance, solution.slopes, variances)
        return cls(matrix=matrix, df=df, kind=method, label=LABELS[method], solution=solution)

    def df_of(self, contrasts: Array) -> Array:
        """Degrees of freedom of each contrast, shape (q, p)."""
        s = self.solution
        return satterthwaite_df(contrasts, s.covariance, s.slopes, _matrices(s, self.kind)[1])

    def wald(self, estimates: Array, contrasts: Array, null: Array | float = 0.0) -> Wald:
        """Joint F test that ``contrasts @ coefficients`` are all ``null``."""
        s, value = self.solution, contrasts @ estimates - null
        if np.linalg.matrix_rank(contrasts) < len(contrasts) or not len(contrasts):
            return Wald(np.nan, float(len(contrasts)), np.nan, np.nan)
        if self.kind == "kenward_roger" and isinstance(s, RandomIntercept):
            return Wald(*kenward_roger_test(contrasts, value, s.covariance, s.adjusted, s.slopes, s.expected))
        return Wald(*satterthwaite_test(contrasts, value, s.covariance, s.slopes, s.observed))


def _matrices(solution: RandomIntercept | MixedSolution, method: str) -> tuple[Array, Array]:
    """Covariance of the coefficients, and that of the variances on which it depends."""
    if method == "kenward_roger" and isinstance(solution, RandomIntercept):
        return solution.adjusted, solution.expected
    return solution.covariance, solution.observed
