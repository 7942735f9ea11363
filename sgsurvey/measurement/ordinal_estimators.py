"""Weighted least squares of polychoric correlations: WLSMV, ULSMV and the naive DWLS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimation import Estimation, Scaled, best, invertible
from sgsurvey.measurement.ordinal_sample import OrdinalSample, ordinal_sample
from sgsurvey.measurement.parameters import ParameterTable
from sgsurvey.measurement.robust_indices import NONE, expected_residual, robust_indices
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import Fitted, LeastSquares, stacked
from sgsurvey.numerics.em import Mask
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import least_squares_covariance, mixture
from sgsurvey.numerics.structural import Structure
from sgsurvey.text import Text


def prepare(table: ParameterTable, sample: StructuralSample) -> tuple[ParameterTable, OrdinalSample]:
    """A parameter table without means, which thresholds take over, and the sample's polychoric moments.

    Every latent response has a variance of 1 (``delta``), so that its residual variance must be free to follow.
    """
    rows = table.rows
    if any(row.op == "~1" and row.stated for row in rows):
        raise EstimationError(
            Text("有序题项没有截距，只有阈值。", "ordered items have thresholds, not intercepts."),
            where=Text("模型", "model"),
            remedy=Text(
                "请删去“~ 1”的行；比较各组均值请用sg.invariance()。",
                "Leave out the lines with '~ 1'; compare means of groups with sg.invariance().",
            ),
        )
    if any(row.op == "~" and row.rhs in table.observed for row in rows):
        raise EstimationError(
            Text(
                "有序估计量只能用于因子及其题项：模型中有观测自变量。",
                "estimators of ordered answers take factors and their items: the model has observed causes.",
            ),
            where=Text("模型", "model"),
            remedy=Text("请用estimator='MLR'。", "Use estimator='MLR'."),
        )
    kept = [number for number, row in enumerate(rows) if row.op != "~1"]
    weights = table.weights[kept]
    moved = weights.any(axis=0)
    without = replace(
        table,
        rows=tuple(rows[number] for number in kept),
        means=False,
        numbers=_renumbered([table.numbers[number] for number in kept]),
        weights=weights[:, moved],
        offset=table.offset[kept],
    )
    return without, ordinal_sample(sample)


def _renumbered(numbers: Sequence[int]) -> tuple[int, ...]:
    """The same numbers without gaps; -1 stays."""
    places = {number: place for place, number in enumerate(sorted({n for n in numbers if n >= 0}))}
    return tuple(places.get(number, -1) for number in numbers)


# Estimation -------------------------------------------------------------------------------------------------


def wlsmv(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """Diagonally weighted least squares, robust errors, test scaled and shifted (Asparouhov and Muthen 2010)."""
    return _corrected(structure, _ordinal(sample), starts, _inverse_variances(_ordinal(sample)))


def ulsmv(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """Unweighted least squares, with the errors and the test of WLSMV."""
    found = _ordinal(sample)
    weight = [np.full(len(part), group.moments.n) for part, group in zip(_split(found), found.groups, strict=True)]
    return _corrected(structure, found, starts, np.concatenate(weight))


def naive_dwls(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """DWLS as if the polychoric correlations were independent of each other: errors and test are too small."""
    found = _ordinal(sample)
    return _fit(structure, found, starts, _inverse_variances(found))


def dwls_objective(structure: Structure, sample: StructuralSample) -> LeastSquares:
    """The DWLS discrepancy per row."""
    found = _ordinal(sample)
    return _discrepancy(structure, found, _inverse_variances(found))


def _ordinal(sample: StructuralSample) -> OrdinalSample:
    return sample if isinstance(sample, OrdinalSample) else ordinal_sample(sample)


def _split(sample: OrdinalSample) -> list[np.ndarray]:
    """Where each group's correlations stand in the covariance."""
    at, found = 0, []
    for cuts, statistics in zip(sample.cuts, sample.statistics, strict=True):
        found.append(np.arange(at + cuts, at + len(statistics)))
        at += len(statistics)
    return found


def _inverse_variances(sample: OrdinalSample) -> Array:
    return 1 / np.diag(sample.covariance)[np.concatenate(_split(sample))]


def _low(structure: Structure) -> Mask:
    """Which of the stacked statistics are correlations, not variances."""
    return np.concatenate([part.triangle[0] != part.triangle[1] for part in structure.parts])


def _discrepancy(structure: Structure, sample: OrdinalSample, weight: Array) -> LeastSquares:
    """``F`` per row; the variances of 1 are met exactly, by residual variances that nothing else depends on."""
    low = _low(structure)
    observed = np.concatenate(
        [group.moments.cov[part.triangle] for group, part in zip(sample.groups, structure.parts, strict=True)]
    )
    full = np.full(len(low), np.median(weight))
    full[low] = weight
    return LeastSquares(lambda theta: stacked(structure, theta), observed, full / sample.n)


def _fit(structure: Structure, sample: OrdinalSample, starts: Sequence[Array], weight: Array) -> Estimation:
    fitted = best(_discrepancy(structure, sample, weight), starts)
    for implied in structure.implied(fitted.theta):
        if fitted.converged and np.abs(np.diag(implied.cov) - 1).max() > 1e-6:
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
        Of the correlations of all groups.
    """
    corr = np.concatenate([s[c:] for s, c in zip(sample.statistics, sample.cuts, strict=True)])
    chi_square = sample.n * fitted.value
    return Estimation(
        fitted,
        invertible(sample.n * fitted.information),
        chi_square,
        df,
        float(weight @ corr**2),
        len(corr),
        float("nan"),
        float("nan"),
        sample.moments,
        extra={"n": float(sample.basis.n)} | _goodness(sample, chi_square, df),
    )


def _goodness(sample: OrdinalSample, chi_square: float, df: int) -> dict[str, float]:
    """GFI and AGFI of thresholds and correlations: ``1 - r'Wr / s'Ws``."""
    s = np.concatenate(sample.statistics)
    gfi = 1 - chi_square / float((s**2 / np.diag(sample.covariance)).sum())
    return {"gfi": gfi, "agfi": 1 - len(s) / df * (1 - gfi) if df > 0 else float("nan")}


def _corrected(structure: Structure, sample: OrdinalSample, starts: Sequence[Array], weight: Array) -> Estimation:
    found = _fit(structure, sample, starts, weight)
    low, at = _low(structure), np.concatenate(_split(sample))
    slopes = stacked(structure, found.fitted.theta)[1]
    full_weight = np.full(len(low), np.median(weight))
    full_weight[low] = weight
    padded = np.zeros((len(low), len(low)))
    padded[np.ix_(low, low)] = sample.covariance[np.ix_(at, at)]
    extra = found.extra | _savalei(structure, sample, found, full_weight, slopes, padded)
    return replace(scaled_and_shifted(found, sample, full_weight, slopes, padded), extra=extra)


def scaled_and_shifted(
    found: Estimation, sample: OrdinalSample, weight: Array, slopes: Array, covariance: Array
) -> Estimation:
    """``found`` with robust errors and the scaled and shifted test of its diagonal weight, and of its baseline's.

    Parameters
    ----------
    weight, slopes, covariance : shapes (m,), (m, q), (m, m)
        Of the statistics that were fitted.
    """
    errors = least_squares_covariance(weight, slopes, covariance)
    if found.df <= 0:
        return replace(found, covariance=errors)
    factor, shift = mixture(weight, slopes, covariance, found.df).scaled_shifted
    at = np.concatenate(_split(sample))
    alone = sample.covariance[np.ix_(at, at)]
    # Of independent items every weight is the inverse of a variance, or all are alike.
    own = weight[-1] * np.ones(len(at)) if np.ptp(weight) == 0 else 1 / np.diag(alone)
    apart, apart_shift = mixture(own, np.zeros((len(at), 0)), alone, found.baseline_df).scaled_shifted
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

    They need polychoric matrices that are positive definite.
    """
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


def thresholds(sample: StructuralSample, groups: Sequence[str]) -> pd.DataFrame:
    """Lines of the thresholds: ``lhs, op ("|"), rhs (t1 …), group, estimate, std_error``."""
    found = _ordinal(sample)
    errors, at, lines = np.sqrt(np.diag(found.covariance)), 0, []
    for name, fit, statistics in zip(groups, found.fits, found.statistics, strict=True):
        place = at
        for item, cuts in zip(found.names, fit.thresholds, strict=True):
            for number, cut in enumerate(cuts, start=1):
                lines.append((item, "|", f"t{number}", name, "", float(cut), float(errors[place])))
                place += 1
        at += len(statistics)
    return pd.DataFrame(lines, columns=["lhs", "op", "rhs", "group", "label", "estimate", "std_error"])
