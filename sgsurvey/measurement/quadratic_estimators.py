"""Estimators whose tests come from a quadratic discrepancy: MLM and ULS with robust errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sgsurvey.measurement.estimation import Estimation, best, invertible
from sgsurvey.measurement.robust_indices import robust_indices
from sgsurvey.measurement.row_estimators import likelihood_fit, moments_of, rows_of, scaled_test
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import LeastSquares, SampleMoments, observed_statistics, stacked
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.sandwich import Rows, mean_square, quadratic_information, quadratic_scores, sandwich
from sgsurvey.numerics.structural import Structure


def scaled_likelihood(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ML with errors and test that hold without normality, by the expected information; Satorra and Bentler (1994)."""
    rows = rows_of(sample)
    found, _ = likelihood_fit(structure, rows, starts)
    weights = [np.asarray(np.linalg.inv(implied.cov)) for implied in structure.implied(found.fitted.theta)]
    alone = [np.diag(1 / np.diag(moments.cov)) for moments in rows.moments]
    return _satorra_bentler(structure, rows, found, weights, alone)


def least_squares(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ULS of covariances with divisor ``n - 1``, with robust errors and the test of Satorra and Bentler (1994)."""
    rows = rows_of(sample)
    moments = _with_n_less_1(moments_of(rows))
    fitted = best(_uls(structure, moments), starts)
    total = sum(m.n for m in moments)
    apart = sum(m.n * float((np.tril(m.cov, -1) ** 2).sum()) for m in moments)
    variables = len(moments[0].cov)
    found = Estimation(
        fitted,
        invertible(total * fitted.information),
        total * fitted.value,
        structure.statistics - structure.q,
        apart,
        len(moments) * variables * (variables - 1) // 2,
        float("nan"),
        float("nan"),
        moments,
        extra={"n": rows.n},
    )
    identity = [np.eye(variables)] * len(moments)
    return _satorra_bentler(structure, rows, found, identity, identity)


def uls_objective(structure: Structure, sample: StructuralSample) -> LeastSquares:
    """The ULS discrepancy of a sample."""
    return _uls(structure, _with_n_less_1(sample.moments))


def _with_n_less_1(moments: Sequence[SampleMoments]) -> list[SampleMoments]:
    return [SampleMoments(m.n - 1, m.cov * m.n / (m.n - 1), m.mean) for m in moments]


def _uls(structure: Structure, moments: Sequence[SampleMoments]) -> LeastSquares:
    total = sum(sample.n for sample in moments)
    weights = []
    for part, sample in zip(structure.parts, moments, strict=True):
        row, col = part.triangle
        of_means = np.ones(part.p if structure.means else 0)
        weights.append(sample.n / total * np.concatenate([of_means, np.where(row == col, 0.5, 1.0)]))
    return LeastSquares(
        lambda theta: stacked(structure, theta), observed_statistics(structure, moments), np.concatenate(weights)
    )


def mean_of_scaled_test(structure: Structure, sample: StructuralSample, theta: Array) -> float:
    """``df`` times the scaling factor of the test of Satorra and Bentler for ML, at any parameters."""
    rows = rows_of(sample)
    weights = [np.asarray(np.linalg.inv(implied.cov)) for implied in structure.implied(theta)]
    return _quadratic(structure, rows, theta, weights, [m.n for m in moments_of(rows)])[2]


def mean_of_uls_test(structure: Structure, sample: StructuralSample, theta: Array) -> float:
    """The same for ULS."""
    rows, identity = rows_of(sample), [np.eye(len(sample.names))] * structure.groups
    return _quadratic(structure, rows, theta, identity, [m.n - 1 for m in moments_of(rows)])[2]


def _quadratic(
    structure: Structure, rows: Rows, theta: Array, weights: Sequence[Array], counted: Sequence[float]
) -> tuple[Array, Array, float]:
    """Information, variance of the scores and mean of the test of a quadratic discrepancy.

    Parameters
    ----------
    weights : one (p, p) a group
        ``V`` is that of ``sandwich.quadratic_scores``.
    counted : one number a group
        By which its discrepancy is multiplied.
    """
    q = structure.q
    information, meat, total = np.zeros((q, q)), np.zeros((q, q)), 0.0
    for g, (part, sample) in enumerate(zip(structure.parts, rows.moments, strict=True)):
        x, tangent = rows.x[rows.group == g], part.tangent(part.solved(theta))
        own = quadratic_scores(x, sample.mean, sample.cov, weights[g], tangent) @ part.weights
        information += counted[g] * part.weights.T @ quadratic_information(weights[g], tangent) @ part.weights
        meat += counted[g] / float(rows.patterns[g].n.sum()) * own.T @ own
        total += mean_square(x, sample, weights[g], means=structure.means)
    return information, meat, total - float(np.trace(np.linalg.solve(information, meat)))


def _mean_of_independence(structure: Structure, rows: Rows, alone: Sequence[Array]) -> float:
    """Mean of the test of independence."""
    apart = 0.0
    for g, sample in enumerate(rows.moments):
        x = rows.x[rows.group == g]
        apart += mean_square(x, sample, alone[g], means=structure.means)
        squares = ((x - sample.mean) ** 2 - np.diag(sample.cov)) * np.diag(alone[g])
        apart -= float((squares**2).mean(axis=0).sum()) / 2 + (len(sample.cov) if structure.means else 0)
    return apart


def _satorra_bentler(
    structure: Structure, rows: Rows, found: Estimation, weights: Sequence[Array], alone: Sequence[Array]
) -> Estimation:
    """``found`` with the errors and the test of a quadratic discrepancy, whose weights are by the model.

    Parameters
    ----------
    weights, alone : one (p, p) a group
        ``V`` of the model and of independence is that of ``sandwich.quadratic_scores``.
    """
    counted = [m.n for m in found.moments]
    information, meat, total = _quadratic(structure, rows, found.fitted.theta, weights, counted)
    apart = _mean_of_independence(structure, rows, alone)
    extra = robust_indices(
        (found.chi_square, total, found.df),
        (found.baseline_chi_square, apart, found.baseline_df),
        n=sum(counted),
        groups=structure.groups,
    )
    scaled = scaled_test(found, (total, apart))
    return replace(found, covariance=sandwich(information, meat), scaled=scaled, extra={**found.extra, **extra})
