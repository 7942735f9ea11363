"""Slopes and partial R2 from covariances: one regressor given others, in every replicate at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array

# What is left of a variance after others were taken out, relative to what it was, where nothing but rounding is left.
SINGULAR = 1e-10


@dataclass(frozen=True)
class Slope:
    """A slope by least squares with what sensitivity needs, in each of R replicates.

    Attributes
    ----------
    estimate, std_error, df : ndarray, shape (R,)
        Classical.
    """

    estimate: Array
    std_error: Array
    df: Array

    @property
    def t(self) -> Array:
        """Classical t; 0 where the slope is not there."""
        return np.divide(self.estimate, self.std_error, out=np.zeros_like(self.estimate), where=self.std_error > 0)


def slope(cov: Array, n: Array, outcome: int, of: int, given: Sequence[int]) -> Slope:
    """The slope of variable ``of`` on ``outcome`` given others, from covariances, shape (R, P, P)."""
    others = list(given)
    residual = residual_covariance(cov, [outcome, of], others)
    estimate = residual[:, 0, 1] / residual[:, 1, 1]
    df = n - len(others) - 2.0
    left = residual[:, 0, 0] - estimate * residual[:, 0, 1]
    return Slope(estimate, np.sqrt(np.maximum(left, 0.0) / residual[:, 1, 1] / df), df)


def residual_covariance(cov: Array, of: Sequence[int], given: Sequence[int]) -> Array:
    """Covariance of some variables after others were taken out, shape (R, P, P) to (R, q, q).

    By elimination, one variable of ``given`` after the other; one that does not vary beside those before it takes
    nothing out.
    """
    at = [*given, *of]
    left = np.array(cov[:, at][:, :, at])
    size = np.einsum("rkk->rk", left).copy()
    for k in range(len(given)):
        row = left[:, k, k + 1 :]
        varies = left[:, k, k] > SINGULAR * size[:, k]
        scale = np.divide(1.0, left[:, k, k], out=np.zeros(len(left)), where=varies)
        left[:, k + 1 :, k + 1 :] -= row[:, :, None] * row[:, None, :] * scale[:, None, None]
    return left[:, len(given) :, len(given) :]


def explained(cov: Array, outcome: int, by: Sequence[int], given: Sequence[int]) -> Array:
    """Partial R2 of a group of variables with ``outcome``, given others; shape (R,)."""
    before = residual_covariance(cov, [outcome], list(given))[:, 0, 0]
    after = residual_covariance(cov, [outcome], [*given, *by])[:, 0, 0]
    return np.asarray(1 - after / before)


def strengths(
    cov: Array, outcome: int, of: int, covariates: Mapping[str, Sequence[int]]
) -> dict[str, tuple[float, float]]:
    """How strong each covariate (a group of columns) is, in the first replicate.

    Returns
    -------
    mapping of covariate to (float, float)
        Partial R2 with regressor ``of`` given the other covariates; with the outcome given all of them.
    """
    found = {}
    for name, columns in covariates.items():
        others = [at for other, ats in covariates.items() if other != name for at in ats]
        with_regressor = explained(cov, of, columns, others)[0]
        with_outcome = explained(cov, outcome, columns, [of, *others])[0]
        found[name] = (float(with_regressor), float(with_outcome))
    return found
