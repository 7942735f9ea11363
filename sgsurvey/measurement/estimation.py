"""What an estimator of structural models gives back, and maximum likelihood from moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import Fitted, Likelihood, Objective, SampleMoments, minimise
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import Structure


@dataclass(frozen=True)
class Scaled:
    """A test corrected for what normality does not hold, and the same for the baseline model.

    Attributes
    ----------
    chi_square, df : float
    factor, shift : float
        ``chi_square = naive / factor + shift``.
    baseline_chi_square, baseline_df, baseline_factor : float
    """

    chi_square: float
    df: float
    factor: float
    shift: float
    baseline_chi_square: float
    baseline_df: float
    baseline_factor: float


@dataclass(frozen=True)
class Estimation:
    """What an estimator found.

    Attributes
    ----------
    fitted : Fitted
    covariance : ndarray, shape (q, q)
        Of the free parameters.
    chi_square, df : float
    baseline_chi_square, baseline_df : float
        Of the model in which the variables are independent.
    loglik, saturated_loglik : float
        nan where the estimator has no likelihood.
    moments : list of SampleMoments
        What the model was fitted to: residuals are taken from these.
    scaled : Scaled or None
    extra : mapping of str to float
        More numbers for ``.fit``, named as there (``cfi_robust``).
    with_margins : ndarray, shape (q, k), or None
        Covariance of the free parameters with thresholds and means that the model leaves as they are.
    """

    fitted: Fitted
    covariance: Array
    chi_square: float
    df: int
    baseline_chi_square: float
    baseline_df: int
    loglik: float
    saturated_loglik: float
    moments: Sequence[SampleMoments]
    scaled: Scaled | None = None
    extra: dict[str, float] = field(default_factory=dict)
    with_margins: Array | None = None


def best(objective: Objective, starts: Sequence[Array]) -> Fitted:
    """The first search that converges; the lowest of all where none does."""
    found = []
    for start in starts:
        found.append(minimise(objective, start))
        if found[-1].converged:
            return found[-1]
    return min(found, key=lambda fitted: fitted.value)


def invertible(information: Array) -> Array:
    """The inverse of an information matrix; nan all over where it is singular."""
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    try:
        return np.asarray(np.linalg.inv(information / np.outer(scale, scale)) / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return np.full(information.shape, np.nan)


def gaussian_loglik(samples: Sequence[SampleMoments], value: float) -> tuple[float, float]:
    """Log likelihood at a model with ML discrepancy ``value``, and of the saturated model."""
    n = sum(sample.n for sample in samples)
    saturated = 0.0
    for sample in samples:
        p = len(sample.cov)
        saturated -= sample.n / 2 * (p * np.log(2 * np.pi) + np.linalg.slogdet(sample.cov)[1] + p)
    return float(saturated - n * value / 2), float(saturated)


def independence(samples: Sequence[SampleMoments]) -> tuple[float, int]:
    """Chi-square and degrees of freedom of the model in which all variables are independent, by ML."""
    chi_square, df = 0.0, 0
    for sample in samples:
        p = len(sample.cov)
        chi_square += sample.n * float(np.log(np.diag(sample.cov)).sum() - np.linalg.slogdet(sample.cov)[1])
        df += p * (p - 1) // 2
    return chi_square, df


def maximum_likelihood(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ML under normality, with the expected information."""
    objective = Likelihood(structure, sample.moments)
    fitted = best(objective, starts)
    loglik, saturated = gaussian_loglik(sample.moments, fitted.value)
    baseline, baseline_df = independence(sample.moments)
    return Estimation(
        fitted,
        invertible(sample.n * fitted.information),
        sample.n * fitted.value,
        structure.statistics - structure.q,
        baseline,
        baseline_df,
        loglik,
        saturated,
        sample.moments,
    )
