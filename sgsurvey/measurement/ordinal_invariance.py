"""One model of ordered items in several groups, with more and more of it equal between them.

Wu and Estabrook (2016), Psychometrika 81, 1014-1045: thresholds come first.  Latent responses have means of 0 and
residual variances of 1 in the first group; in the others each is free once what identifies it is equal: with equal
thresholds intercepts and residual variances, with equal loadings the factors' variances, with equal intercepts their
means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from sgsurvey.measurement.estimation import Estimation, best
from sgsurvey.measurement.fit_indices import all_indices
from sgsurvey.measurement.latent_responses import log_deviations
from sgsurvey.measurement.ordinal_estimators import scaled_and_shifted, unscaled
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import Parameter, ParameterTable
from sgsurvey.measurement.robust_indices import NONE
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.sem_checks import check_solution, improper
from sgsurvey.measurement.standardised import estimates, with_margins
from sgsurvey.measurement.structures import first_factor, structure_of
from sgsurvey.numerics.discrepancy import Fitted, LeastSquares
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import (
    OrdinalGroup,
    OrdinalStructure,
    ResponseGroup,
    difference_mixture,
    restrictions_within,
)
from sgsurvey.numerics.structural import Structure

Line = tuple[str, float | None, object]


@dataclass(frozen=True)
class OrdinalLevel:
    """A level with the model of its thresholds and correlations."""

    fit: SEM
    model: OrdinalStructure

    @property
    def sample(self) -> OrdinalSample:
        """The polychoric sample."""
        return cast(OrdinalSample, self.fit.sample)


def ordinal_level(
    base: ParameterTable,
    sample: OrdinalSample,
    equal: Sequence[str],
    *,
    released: Sequence[str] = (),
    before: OrdinalLevel | None = None,
) -> OrdinalLevel:
    """The model with some of its parts equal, by WLSMV.

    Parameters
    ----------
    base : ParameterTable
        Of all groups, factors with variances of 1, nothing equal, with means.
    equal : sequence of str
        Among thresholds, loadings, intercepts, residuals.
    released : sequence of str
        Parts of single items that stay free all the same: ``"F =~ x1"``, ``"x1 ~1"``, ``"x1 |"``, ``"x1 ~~ x1"``.
    before : OrdinalLevel, optional
        A fitted level from which to start.
    """
    plan = _plan(base, sample, equal, released)
    rows_before = _start(base, sample) if before is None else _values(before.fit)
    weight = 1 / np.diag(sample.covariance)
    objective = LeastSquares(plan.model.moments, np.concatenate(sample.statistics), weight / sample.n)
    fitted = best(objective, [plan.nearest(rows_before)])
    every = replace(plan.table, rows=plan.rows, weights=plan.weights, offset=plan.offset)
    check_solution(every, fitted)
    return OrdinalLevel(_result(plan, sample, _estimation(plan.model, sample, fitted, weight)), plan.model)


def release_test(
    level: OrdinalLevel, base: ParameterTable, equal: Sequence[str], released: Sequence[str]
) -> tuple[float, int]:
    """Score test of releasing more parameters of a fitted level, and its df; by the weights of DWLS.

    ``released`` are those that the level has released already, and those to test.
    """
    sample, plan = level.sample, _plan(base, level.sample, equal, released)
    theta = plan.nearest(_rescaled(plan, _values(level.fit), released))
    weight = 1 / np.diag(sample.covariance)
    values, slopes = plan.model.moments(theta)
    weighted = weight[:, None] * slopes
    score = weighted.T @ (np.concatenate(sample.statistics) - values)
    statistic = float(score @ np.linalg.lstsq(slopes.T @ weighted, score, rcond=None)[0])
    return statistic, plan.model.q - level.model.q


def _rescaled(plan: _Plan, values: Array, released: Sequence[str]) -> Array:
    """Lines of items whose thresholds are released, on the scale of intercepts of 0 and residual variances of 1."""
    found = values.copy()
    at = {(row.name, row.group): number for number, row in enumerate(plan.rows)}
    for number, row in enumerate(plan.rows):
        item = row.rhs if row.op == "=~" else row.lhs
        if row.op not in ("=~", "|") or f"{item} |" not in released:
            continue
        centre = values[at[f"{item} ~1", row.group]] if row.op == "|" else 0.0
        found[number] = (values[number] - centre) / np.sqrt(values[at[f"{item} ~~ {item}", row.group]])
    return found


@dataclass(frozen=True)
class _Plan:
    """A level before it is fitted: lines of moments, then lines of thresholds, and what moves them."""

    table: ParameterTable
    rows: tuple[Parameter, ...]
    weights: Array
    offset: Array
    structure: Structure
    model: OrdinalStructure

    def nearest(self, values: Array) -> Array:
        """Parameters whose lines are nearest to ``values``."""
        wanted = np.where(self.weights.any(axis=1), values - self.offset, 0.0)
        return np.asarray(np.linalg.lstsq(self.weights, wanted, rcond=None)[0])


def _plan(base: ParameterTable, sample: OrdinalSample, equal: Sequence[str], released: Sequence[str]) -> _Plan:
    lines = [*_moments_lines(base, equal, released), *_threshold_lines(base, sample, equal, released)]
    numbers: dict[object, int] = {}
    for _, fixed, key in lines:
        if fixed is None:
            numbers.setdefault(key, len(numbers))
    known = [-1 if fixed is not None else numbers[key] for _, fixed, key in lines]
    weights = np.zeros((len(lines), len(numbers)))
    for at, number in enumerate(known):
        if number >= 0:
            weights[at, number] = 1.0
    offset = np.array([0.0 if fixed is None else fixed for _, fixed, _ in lines])
    count = len(base.rows)
    rows = [replace(row, fixed=line[1], label="") for row, line in zip(base.rows, lines[:count], strict=True)]
    table = replace(
        base,
        rows=tuple(rows),
        numbers=tuple(known[:count]),
        weights=weights[:count],
        offset=offset[:count],
        constraints=(),
        standardised=base.observed,
    )
    structure = structure_of(table)
    widths = [len(cuts) for cuts in sample.fits[0].thresholds]
    item = np.repeat(np.arange(len(sample.names)), widths)
    starts = count + sum(widths) * np.arange(len(base.groups))
    parts = tuple(
        OrdinalGroup(part, item, weights[at : at + len(item)], offset[at : at + len(item)])
        for part, at in zip(structure.parts, starts, strict=True)
        if isinstance(part, ResponseGroup)
    )
    every = (*rows, *_thresholds(sample, base.groups))
    return _Plan(table, every, weights, offset, structure, OrdinalStructure(parts, len(numbers)))


def scaled_difference(narrow: OrdinalLevel, wide: OrdinalLevel) -> tuple[float, float]:
    """Scaled and shifted chi-square of the difference of two levels, and its df; Satorra (2000).

    The restrictions are those of the narrow model's derivatives within the wide one's, at the wide one's estimates.
    """
    sample = narrow.sample
    weight = 1 / np.diag(sample.covariance)
    broad, slim = wide.model.moments(wide.fit.theta)[1], narrow.model.moments(narrow.fit.theta)[1]
    raw = narrow.fit.fit["chi_square"] - wide.fit.fit["chi_square"]
    df = broad.shape[1] - slim.shape[1]
    if df <= 0:
        return float("nan"), float(df)
    restrictions = restrictions_within(weight, broad, slim)
    found = difference_mixture(weight, broad, sample.covariance, restrictions)
    factor, shift = found.scaled_shifted
    return float(raw / factor + shift), float(df)


def _estimation(model: OrdinalStructure, sample: OrdinalSample, fitted: Fitted, weight: Array) -> Estimation:
    values, slopes = model.moments(fitted.theta)
    found = unscaled(sample, fitted, weight, len(weight) - model.q)
    found = scaled_and_shifted(found, sample, weight, (weight, slopes, sample.covariance))
    gap, p = np.concatenate(sample.statistics) - values, len(sample.names)
    srmr = sum(
        (group.moments.n + 1) / sample.basis.n * float(np.sqrt((gap[pairs] ** 2).sum() / (p * (p + 1) / 2)))
        for group, pairs in zip(sample.groups, sample.pairs, strict=True)
    )
    return replace(found, extra=found.extra | {"srmr": srmr} | NONE)


def _result(plan: _Plan, sample: OrdinalSample, estimation: Estimation) -> SEM:
    theta, table = estimation.fitted.theta, plan.table
    frame = estimates(table, plan.structure, theta, estimation.covariance)
    return SEM(
        with_margins(frame, _threshold_frame(plan, theta, estimation.covariance)),
        sample.basis,
        pd.Series(all_indices(estimation, plan.structure, theta), name="fit"),
        table,
        plan.structure,
        estimation,
        sample,
        "WLSMV",
        None,
        (*sample.remarks, *improper(table, plan.structure, theta)),
    )


def _threshold_frame(plan: _Plan, theta: Array, covariance: Array) -> pd.DataFrame:
    """The lines of thresholds, on the scale of their latent responses and in its standard deviations."""
    count = len(plan.table.rows)
    named, weights = plan.rows[count:], plan.weights[count:]
    values = weights @ theta + plan.offset[count:]
    of_groups = [log_deviations(part, theta) for part in plan.structure.parts]
    at = [(row.group, plan.table.observed.index(row.lhs)) for row in named]
    log_sd, turn = (np.array([of_groups[group][what][item] for group, item in at]) for what in (0, 1))
    std_slopes = np.exp(-log_sd)[:, None] * (weights - values[:, None] * turn)
    errors, std_errors = (
        np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes)) for slopes in (weights, std_slopes)
    )
    return pd.DataFrame(
        {
            "lhs": [row.lhs for row in named],
            "op": "|",
            "rhs": [row.rhs for row in named],
            "group": [plan.table.groups[row.group] for row in named],
            "label": "",
            "estimate": values,
            "std_error": errors,
            "std": values * np.exp(-log_sd),
            "std_se": std_errors,
            "std_lv": values,
        }
    )


# Lines of the table: the line, its fixed value, and what stands for the parameter where it is free ----------


def _moments_lines(base: ParameterTable, equal: Sequence[str], released: Sequence[str]) -> list[Line]:
    """Loadings, variances and means of every group."""
    found: list[Line] = []
    items, latent = set(base.observed), set(base.latent)
    for row in base.rows:
        later, alone = row.group > 0, row.name in released
        fixed, shared = row.fixed, False
        if row.op == "=~":
            shared = "loadings" in equal and not alone
        elif row.op == "~~" and row.lhs == row.rhs and row.lhs in items:
            loose = later and "thresholds" in equal and f"{row.lhs} |" not in released
            fixed = None if loose and ("residuals" not in equal or alone) else 1.0
        elif row.op == "~~" and row.lhs == row.rhs and row.lhs in latent:
            fixed = None if later and "loadings" in equal else 1.0
        elif row.op == "~1" and row.lhs in items:
            loose = later and "thresholds" in equal and f"{row.lhs} |" not in released
            fixed = None if loose and ("intercepts" not in equal or alone) else 0.0
        elif row.op == "~1":
            fixed = None if later and "intercepts" in equal else 0.0
        found.append((row.name, fixed, (row.key, -1 if shared else row.group)))
    return found


def _threshold_lines(
    base: ParameterTable, sample: OrdinalSample, equal: Sequence[str], released: Sequence[str]
) -> list[Line]:
    found: list[Line] = []
    for row in _thresholds(sample, base.groups):
        shared = "thresholds" in equal and f"{row.lhs} |" not in released
        found.append((row.name, None, (row.lhs, "|", row.rhs, -1 if shared else row.group)))
    return found


def _thresholds(sample: OrdinalSample, groups: Sequence[str]) -> list[Parameter]:
    """A line for each threshold of each group."""
    return [
        Parameter(item, "|", f"t{number}", group)
        for group in range(len(groups))
        for item, cuts in zip(sample.names, sample.fits[group].thresholds, strict=True)
        for number in range(1, len(cuts) + 1)
    ]


# Where to start ---------------------------------------------------------------------------------------------


def _values(before: SEM) -> Array:
    """All lines of a fitted level, thresholds at the end."""
    return np.concatenate(
        [before.parameters.values(before.theta), before.frame.loc[before.frame["op"] == "|", "estimate"]]
    )


def _start(base: ParameterTable, sample: OrdinalSample) -> Array:
    """One common factor of each factor's items in every group, on the scale of residual variances of 1."""
    found, cuts = np.zeros(len(base.rows)), []
    for group, fit in enumerate(sample.fits):
        at = {name: i for i, name in enumerate(sample.names)}
        loading = np.zeros((len(at), len(base.latent)))
        for f, factor in enumerate(base.latent):
            block = [at[row.rhs] for row in base.rows if row.op == "=~" and row.lhs == factor and row.group == group]
            own = first_factor(fit.cov[np.ix_(block, block)])
            loading[block, f] = own if own.sum() >= 0 else -own
        size = np.maximum((loading**2).sum(axis=0), 1e-6)
        phi = np.clip(loading.T @ fit.cov @ loading / np.outer(size, size), -0.8, 0.8)
        scale = 1 / np.sqrt(1 - np.clip((loading**2).sum(axis=1), 0.0, 0.9))
        factors = {name: f for f, name in enumerate(base.latent)}
        for number, row in enumerate(base.rows):
            if row.group != group:
                continue
            if row.op == "=~":
                found[number] = loading[at[row.rhs], factors[row.lhs]] * scale[at[row.rhs]]
            elif row.op == "~~" and row.lhs == row.rhs:
                found[number] = 1.0
            elif row.op == "~~" and row.lhs in factors:
                found[number] = phi[factors[row.lhs], factors[row.rhs]]
        cuts += [np.asarray(c) * scale[i] for i, c in enumerate(fit.thresholds)]
    return np.concatenate([found, *cuts])
