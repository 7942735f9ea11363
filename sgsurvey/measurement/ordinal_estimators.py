"""Weighted least squares of the moments behind ordered answers: WLSMV, ULSMV and the naive DWLS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimation import Estimation, Scaled, best, invertible
from sgsurvey.measurement.ordinal_sample import OrdinalSample, ordinal_sample
from sgsurvey.measurement.robust_indices import NONE, expected_residual, robust_indices
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import Fitted, LeastSquares, observed_statistics, stacked
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import least_squares_turn, mixture
from sgsurvey.numerics.structural import Structure
from sgsurvey.text import Text

# Estimators -------------------------------------------------------------------------------------------------


def wlsmv(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """Diagonally weighted least squares, robust errors, test scaled and shifted (Asparouhov and Muthen 2010)."""
    found = _ordinal(sample)
    return _corrected(structure, found, starts, inverse_variances(found))


def ulsmv(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """Unweighted least squares, with the errors and the test of WLSMV."""
    found = _ordinal(sample)
    return _corrected(structure, found, starts, group_sizes(found))


def naive_dwls(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """DWLS as if the statistics were independent of each other: errors and test are too small."""
    found = _ordinal(sample)
    return _fit(structure, found, starts, inverse_variances(found))


def dwls_objective(structure: Structure, sample: StructuralSample) -> LeastSquares:
    """The DWLS discrepancy per row."""
    found = _ordinal(sample)
    return discrepancy(structure, found, inverse_variances(found))


def uls_objective(structure: Structure, sample: StructuralSample) -> LeastSquares:
    """The ULS discrepancy per row."""
    found = _ordinal(sample)
    return discrepancy(structure, found, group_sizes(found))


def inverse_variances(sample: OrdinalSample) -> Array:
    """The weights of DWLS, of all groups' statistics."""
    return np.asarray(1 / np.diag(sample.covariance))


def group_sizes(sample: OrdinalSample) -> Array:
    """The weights of ULS, of all groups' statistics."""
    sizes = [np.full(len(s), group.moments.n) for s, group in zip(sample.statistics, sample.groups, strict=True)]
    return np.concatenate(sizes)


def _ordinal(sample: StructuralSample) -> OrdinalSample:
    return sample if isinstance(sample, OrdinalSample) else ordinal_sample(sample)


# Estimation -------------------------------------------------------------------------------------------------


def element_weights(sample: OrdinalSample, weight: Array) -> Array:
    """Weights of the covariances' lower triangles, from those of all statistics.

    Thresholds and means, which the model leaves as they are, say nothing of the rest.
    """
    at = sample.elements
    return np.where(at >= 0, weight[at], np.median(weight[np.concatenate(sample.pairs)]))


def element_covariance(sample: OrdinalSample) -> Array:
    """Covariance of the covariances' lower triangles; an ordered variable's variance of 1 has no error."""
    at = sample.elements
    known = at >= 0
    padded = np.zeros((len(at), len(at)))
    padded[np.ix_(known, known)] = sample.covariance[np.ix_(at[known], at[known])]
    return padded


def discrepancy(structure: Structure, sample: OrdinalSample, weight: Array) -> LeastSquares:
    """``F`` per row; under ``delta`` variances of 1 are met exactly, by residual variances that nothing else moves."""
    observed = observed_statistics(structure, sample.moments)
    return LeastSquares(lambda theta: stacked(structure, theta), observed, element_weights(sample, weight) / sample.n)


def _fit(structure: Structure, sample: OrdinalSample, starts: Sequence[Array], weight: Array) -> Estimation:
    fitted = best(discrepancy(structure, sample, weight), starts)
    for implied in structure.implied(fitted.theta):
        if fitted.converged and np.abs(np.diag(implied.cov)[sample.ordered] - 1).max() > 1e-6:
            raise EstimationError(
                Text(
                    "有序题项的残差方差由“方差为1”决定，不能固定或设为相等。",
                    "residual variances of ordered items follow from variances of 1: they cannot be fixed or equated.",
                ),
                where=Text("模型", "model"),
                remedy=Text(
                    "请放开残差方差；各组残差的比较请用sg.invariance()。",
                    "Leave them free; compare residuals of groups with sg.invariance().",
                ),
            )
    return unscaled(sample, fitted, weight, structure.statistics - structure.q)


def unscaled(sample: OrdinalSample, fitted: Fitted, weight: Array, df: int) -> Estimation:
    """What weighted least squares found, with errors and tests as if its statistics were independent.

    Parameters
    ----------
    weight : ndarray
        Of all groups' statistics.
    """
    pairs, statistics = np.concatenate(sample.pairs), np.concatenate(sample.statistics)
    chi_square = sample.n * fitted.value
    gfi = 1 - chi_square / float(weight @ statistics**2)
    agfi = 1 - len(statistics) / df * (1 - gfi) if df > 0 else float("nan")
    return Estimation(
        fitted,
        invertible(sample.n * fitted.information),
        chi_square,
        df,
        float(weight[pairs] @ statistics[pairs] ** 2),
        len(pairs),
        float("nan"),
        float("nan"),
        sample.moments,
        extra={"n": float(sample.basis.n), "gfi": gfi, "agfi": agfi},
    )


def _corrected(structure: Structure, sample: OrdinalSample, starts: Sequence[Array], weight: Array) -> Estimation:
    found = _fit(structure, sample, starts, weight)
    full, covariance = element_weights(sample, weight), element_covariance(sample)
    slopes = stacked(structure, found.fitted.theta)[1]
    extra = found.extra | _savalei(structure, sample, found, full, slopes, covariance)
    at, margins = sample.elements, np.concatenate(sample.margins)
    known = at >= 0
    turn = least_squares_turn(full, slopes)[:, known]
    with_margins = turn @ sample.covariance[np.ix_(at[known], margins)]
    found = scaled_and_shifted(found, sample, weight, (full, slopes, covariance))
    return replace(found, extra=extra, with_margins=with_margins)


def scaled_and_shifted(
    found: Estimation, sample: OrdinalSample, weight: Array, fitted: tuple[Array, Array, Array]
) -> Estimation:
    """``found`` with robust errors and the scaled and shifted test of its diagonal weight, and of its baseline's.

    Parameters
    ----------
    weight : ndarray
        Of all groups' statistics.
    fitted : (weight (m,), slopes (m, q), covariance (m, m))
        Of what the model was fitted to.
    """
    own, slopes, covariance = fitted
    turn = least_squares_turn(own, slopes)
    errors = turn @ covariance @ turn.T
    if found.df <= 0:
        return replace(found, covariance=errors)
    factor, shift = mixture(own, slopes, covariance, found.df).scaled_shifted
    pairs = np.concatenate(sample.pairs)
    alone = mixture(
        weight[pairs], np.zeros((len(pairs), 0)), sample.covariance[np.ix_(pairs, pairs)], found.baseline_df
    )
    apart, apart_shift = alone.scaled_shifted
    scaled = Scaled(
        found.chi_square / factor + shift,
        found.df,
        factor,
        shift,
        found.baseline_chi_square / apart + apart_shift,
        found.baseline_df,
        apart,
    )
    return replace(found, covariance=errors, scaled=scaled)


def _savalei(
    structure: Structure, sample: OrdinalSample, found: Estimation, weight: Array, slopes: Array, covariance: Array
) -> dict[str, float]:
    """Robust indices from the ML discrepancy of the polychoric correlations at these estimates; Savalei (2021).

    They need polychoric matrices that are positive definite, and are not known of continuous variables among them.
    """
    if not sample.ordered.all():
        return NONE
    value = apart = 0.0
    blocks, alone = [], []
    for group, implied in zip(sample.groups, structure.implied(found.fitted.theta), strict=True):
        corr, n = group.moments.cov, group.moments.n + 1
        sign, logs = np.linalg.slogdet(corr)
        if sign <= 0 or np.linalg.eigvalsh(corr)[0] <= 0 or np.linalg.eigvalsh(implied.cov)[0] <= 0:
            return NONE
        value += n * float(np.linalg.slogdet(implied.cov)[1] - logs + np.trace(np.linalg.solve(implied.cov, corr)))
        value -= n * len(corr)
        apart -= n * float(logs)
        row, col = np.tril_indices(len(corr))
        k = np.linalg.inv(implied.cov)
        pair = k[row][:, row] * k[col][:, col] + k[row][:, col] * k[col][:, row]
        off = (row != col).astype(float)
        # The covariance carries n / (n - 1), which the expected value of the ML discrepancy does not.
        blocks.append(group.moments.n * pair * np.outer(off, off))
        alone.append(group.moments.n * off)
    chance = expected_residual(weight, slopes, block_diag(*blocks), covariance)
    apart_chance = float(np.concatenate(alone) @ np.diag(covariance))
    counted = sum(m.n for m in found.moments)
    return robust_indices(
        (value, chance, found.df), (apart, apart_chance, found.baseline_df), n=counted, groups=structure.groups
    )
