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
    Likelihood,
    SampleMoments,
    minimise,
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
