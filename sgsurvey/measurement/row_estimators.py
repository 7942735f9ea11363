"""Estimators of structural models that need rows: FIML, MLR, MLM and ULS with robust errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag

from sgsurvey.measurement.estimation import Estimation, Scaled, best, gaussian_loglik, independence, invertible
from sgsurvey.measurement.robust_indices import expected_residual, robust_indices
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import (
    LeastSquares,
    Likelihood,
    SampleMoments,
    minimise,
    observed_statistics,
    stacked,
)
from sgsurvey.numerics.em import NormalMoments, Patterns, available_moments
from sgsurvey.numerics.fiml import MissingLikelihood
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.normal_likelihood import (
    log_likelihood,
    row_pulls,
    saturated_information,
    saturated_scores,
)
from sgsurvey.numerics.sandwich import (
    Rows,
    independence_trace,
    mean_square,
    quadratic_information,
    quadratic_scores,
    sandwich,
    saturated_trace,
    scores,
)
from sgsurvey.numerics.structural import Structure

# Rows -------------------------------------------------------------------------------------------------------


def rows_of(sample: StructuralSample) -> Rows:
    """The rows of all groups, one group after the other."""
    x = np.vstack([group.rows for group in sample.groups if group.rows is not None])
    found = tuple(group.patterns for group in sample.groups if group.patterns is not None)
    place = np.repeat(np.arange(len(found)), [len(part.of) for part in found])
    moments = tuple(NormalMoments(m.mean, m.cov, True, 0) for m in sample.moments if m.mean is not None)
    return Rows(x, place, found, moments, sample.spread)


def moments_of(rows: Rows) -> list[SampleMoments]:
    """The saturated moments of each group with its rows."""
    return [
        SampleMoments(float(found.n.sum()), m.cov, m.mean) for found, m in zip(rows.patterns, rows.moments, strict=True)
    ]


def is_complete(rows: Rows) -> bool:
    """Whether no row lacks anything."""
    return all(len(found.n) == 1 and found.given.all() for found in rows.patterns)


# Maximum likelihood -----------------------------------------------------------------------------------------


def likelihood_of(structure: Structure, rows: Rows) -> Likelihood | MissingLikelihood:
    """The discrepancy of complete rows from their moments, of others pattern by pattern."""
    if is_complete(rows):
        return Likelihood(structure, moments_of(rows))
    full = sum(
        log_likelihood(found, moments.mean, moments.cov)
        for found, moments in zip(rows.patterns, rows.moments, strict=True)
    )
    return MissingLikelihood(structure, rows.patterns, full)


def observed_information(objective: Likelihood | MissingLikelihood, theta: Array) -> Array:
    """Of all rows; shape (q, q)."""
    if isinstance(objective, MissingLikelihood):
        return objective.information(theta, observed=True)
    return objective.n / 2 * objective.hessian(theta)


def likelihood_fit(structure: Structure, rows: Rows, starts: Sequence[Array]) -> tuple[Estimation, Array]:
    """Estimates with their likelihood and baseline, errors by the observed information; and that information."""
    moments = moments_of(rows)
    objective = likelihood_of(structure, rows)
    fitted = best(Likelihood(structure, moments), starts)
    if isinstance(objective, MissingLikelihood):
        fitted = minimise(objective, fitted.theta) if np.isfinite(fitted.theta).all() else best(objective, starts)
    baseline, baseline_df = independence(moments)
    loglik, full = gaussian_loglik(moments, fitted.value)
    if not isinstance(objective, MissingLikelihood):
        information = observed_information(objective, fitted.theta)
    else:
        # The search ends with it at hand.
        information = objective.n * fitted.information
        full = objective.saturated
        loglik = full - objective.n * fitted.value / 2
        baseline = 2 * (full - sum(_independent_loglik(found) for found in rows.patterns))
    return (
        Estimation(
            fitted,
            invertible(information),
            objective.n * fitted.value,
            structure.statistics - structure.q,
            baseline,
            baseline_df,
            loglik,
            full,
            moments,
        ),
        information,
    )


def _independent_loglik(found: Patterns) -> float:
    _, mean, variance = available_moments(found)
    return log_likelihood(found, mean, np.diag(variance))


def full_information(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ML from all rows, whatever they lack; errors by the observed information (Savalei 2010)."""
    rows = rows_of(sample)
    found, _ = likelihood_fit(structure, rows, starts)
    if is_complete(rows):
        return found
    information = block_diag(*(saturated_information(*at, observed=True) for at in _saturated_at(rows)))
    extra = as_if_complete(structure, rows, found, information, np.asarray(np.linalg.inv(information)))
    return replace(found, extra=extra)


def robust_likelihood(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ML with sandwich errors and the scaled test of Yuan and Bentler (2000), each model's trace by its own rows.

    Weights make it pseudo-likelihood; clusters or the design enter through the variance of the scores' total
    (Asparouhov 2005, Structural Equation Modeling 12, 411-434).
    """
    rows = rows_of(sample)
    found, information = likelihood_fit(structure, rows, starts)
    meat = rows.spread(scores(structure, found.fitted.theta, rows))
    covariance = sandwich(information, meat)
    full = saturated_trace(rows, means=structure.means)
    own = float(np.trace(np.linalg.solve(information, meat)))
    apart = independence_trace(rows, means=structure.means)
    scaled = scaled_test(found, (full - own, full - apart))
    if is_complete(rows):
        extra = robust_indices(
            (found.chi_square, full - own, found.df),
            (found.baseline_chi_square, full - apart, found.baseline_df),
            n=sample.n,
            groups=structure.groups,
        )
    else:
        extra = _as_if_complete_robust(structure, rows, found)
    extra |= {"scaling_factor_saturated": full / structure.statistics, "scaling_factor_model": own / structure.q}
    return replace(found, covariance=covariance, scaled=scaled, extra=extra)


def mean_of_robust_test(structure: Structure, sample: StructuralSample, theta: Array) -> float:
    """``df`` times the scaling factor of the test of Yuan and Bentler, at any parameters."""
    rows = rows_of(sample)
    information = observed_information(likelihood_of(structure, rows), theta)
    meat = rows.spread(scores(structure, theta, rows))
    return saturated_trace(rows, means=structure.means) - float(np.trace(np.linalg.solve(information, meat)))


def scaled_test(found: Estimation, traces: tuple[float, float]) -> Scaled | None:
    """Chi-squares divided by their mean under the model over their degrees of freedom."""
    if found.df <= 0:
        return None
    factor, apart = traces[0] / found.df, traces[1] / found.baseline_df
    return Scaled(
        found.chi_square / factor,
        found.df,
        factor,
        0.0,
        found.baseline_chi_square / apart,
        found.baseline_df,
        apart,
    )


def _saturated_at(rows: Rows) -> list[tuple[Patterns, Array, Array]]:
    return [(found, m.mean, m.cov) for found, m in zip(rows.patterns, rows.moments, strict=True)]


def _as_if_complete_robust(structure: Structure, rows: Rows, found: Estimation) -> dict[str, float]:
    """``as_if_complete`` with the sandwich covariance of the saturated moments."""
    information = block_diag(*(saturated_information(*at, observed=True) for at in _saturated_at(rows)))
    own, width = [], len(information) // len(rows.patterns)
    for g, at in enumerate(_saturated_at(rows)):
        part = np.zeros((int((rows.group == g).sum()), len(information)))
        part[:, g * width : (g + 1) * width] = saturated_scores(row_pulls(rows.x[rows.group == g], *at))
        own.append(part)
    covariance = sandwich(information, rows.spread(rows.placed(own)))
    return as_if_complete(structure, rows, found, information, covariance)


def as_if_complete(
    structure: Structure, rows: Rows, found: Estimation, information: Array, covariance: Array
) -> dict[str, float]:
    """Robust indices of what is missing: the complete-data discrepancy of the saturated moments from the model.

    Zhang and Savalei (2023): the FIML-C indices.

    Parameters
    ----------
    information, covariance : shape (m, m)
        Of all groups' saturated moments, means first in each group.
    """
    turns, values, apart_turns = [], [], []
    value, apart = 0.0, 0.0
    implied, jacobian = structure.implied(found.fitted.theta), structure.jacobian(found.fitted.theta)
    for group, moments in enumerate(rows.moments):
        n, p = float(rows.patterns[group].n.sum()), len(moments.mean)
        whole = Patterns(np.ones((1, p), bool), np.array([n]), moments.mean[None], moments.cov[None], np.zeros(0, int))
        values.append(saturated_information(whole, moments.mean, moments.cov, observed=False))
        turns.append(np.vstack([jacobian[group].mean, jacobian[group].cov]))
        _, mean, variance = available_moments(rows.patterns[group])
        row, col = np.tril_indices(p)
        alone = np.vstack([np.eye(2 * p)[:p], (np.eye(2 * p)[p:])[row] * (row == col)[:, None]])
        apart_turns.append(alone)
        value += n * _discrepancy(moments, implied[group].mean, implied[group].cov)
        apart += n * _discrepancy(moments, mean, np.diag(variance))
    weight = block_diag(*values)
    chance = expected_residual(information, np.vstack(turns), weight, covariance)
    apart_chance = expected_residual(information, block_diag(*apart_turns), weight, covariance)
    return robust_indices(
        (value, chance, found.df), (apart, apart_chance, found.baseline_df), n=rows.n, groups=structure.groups
    )


def _discrepancy(moments: NormalMoments, mean: Array, cov: Array) -> float:
    """ML discrepancy of complete-data moments from a model's."""
    gap = moments.mean - mean
    logs = np.linalg.slogdet(cov)[1] - np.linalg.slogdet(moments.cov)[1]
    return float(logs + np.trace(np.linalg.solve(cov, moments.cov + np.outer(gap, gap))) - len(mean))


# Quadratic discrepancies ------------------------------------------------------------------------------------


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
