"""One model of ordered items in several groups, with more and more of it equal between them.

Wu and Estabrook (2016), Psychometrika 81, 1014-1045: thresholds come first.  Latent responses have means of 0 and residual
variances of 1 in the first group; in the others each is free once what identifies it is equal: with equal thresholds
intercepts and residual variances, with equal loadings the factors' variances, with equal intercepts their means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.measurement.estimation import Estimation, best
from sgsurvey.measurement.fit_indices import all_indices
from sgsurvey.measurement.ordinal_estimators import scaled_and_shifted, unscaled
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import Parameter, ParameterTable
from sgsurvey.measurement.robust_indices import NONE
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.sem_checks import check_solution, improper
from sgsurvey.measurement.standardised import estimates, with_thresholds
from sgsurvey.measurement.structures import first_factor, structure_of
from sgsurvey.numerics.discrepancy import Fitted, LeastSquares
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import OrdinalGroup, OrdinalStructure
from sgsurvey.numerics.structural import Structure

Line = tuple[str, float | None, object]


def ordinal_level(
    base: ParameterTable,
    sample: OrdinalSample,
    equal: Sequence[str],
    *,
    released: Sequence[str] = (),
    before: SEM | None = None,
) -> SEM:
    """The model with some of its parts equal, by WLSMV.

    Parameters
    ----------
    base : ParameterTable
        Of all groups, factors with variances of 1, nothing equal, with means.
    equal : sequence of str
        Among thresholds, loadings, intercepts, residuals.
    released : sequence of str
        Parts of single items that stay free all the same: ``"F =~ x1"``, ``"x1 ~1"``, ``"x1 |"``, ``"x1 ~~ x1"``.
    before : SEM, optional
        A fitted level from which to start.
    """
    lines = [*_moments_lines(base, equal, released), *_threshold_lines(base, sample, equal, released)]
    numbers: dict[object, int] = {}
    for _, fixed, key in lines:
        if fixed is None:
            numbers.setdefault(key, len(numbers))
    weights = np.zeros((len(lines), len(numbers)))
    for at, (_, fixed, key) in enumerate(lines):
        if fixed is None:
            weights[at, numbers[key]] = 1.0
    offset = np.array([0.0 if fixed is None else fixed for _, fixed, _ in lines])
    count = len(base.rows)
    rows = tuple(
        replace(row, fixed=fixed, label="") for row, (_, fixed, _) in zip(base.rows, lines[:count], strict=True)
    )
    known = tuple(-1 if fixed is not None else numbers[key] for _, fixed, key in lines[:count])
    table = replace(base, rows=rows, numbers=known, weights=weights[:count], offset=offset[:count], constraints=())
    structure = structure_of(table)
    cuts = weights[count:], offset[count:]
    parts = []
    width = sum(len(c) for c in sample.fits[0].thresholds)
    item = np.repeat(np.arange(len(sample.names)), [len(c) for c in sample.fits[0].thresholds])
    for g, part in enumerate(structure.parts):
        own = slice(g * width, (g + 1) * width)
        parts.append(OrdinalGroup(part, item, cuts[0][own], cuts[1][own]))
    model = OrdinalStructure(tuple(parts), len(numbers))
    rows_before = _start(base, sample) if before is None else _values(before)
    start = np.linalg.lstsq(weights, np.where(weights.any(axis=1), rows_before - offset, 0.0), rcond=None)[0]
    weight = 1 / np.diag(sample.covariance)
    fitted = best(LeastSquares(model.moments, np.concatenate(sample.statistics), weight / sample.n), [start])
    named = _thresholds(sample, base.groups)
    check_solution(replace(table, rows=(*rows, *named), weights=weights, offset=offset), fitted)
    estimation = _estimation(model, sample, fitted, weight)
    return _result(table, structure, sample, estimation, (named, *cuts))


def _estimation(model: OrdinalStructure, sample: OrdinalSample, fitted: Fitted, weight: Array) -> Estimation:
    values, slopes = model.moments(fitted.theta)
    of_corr = np.concatenate(
        [np.arange(len(s)) >= c for s, c in zip(sample.statistics, sample.cuts, strict=True)]
    )
    found = unscaled(sample, fitted, weight[of_corr], len(weight) - model.q)
    found = scaled_and_shifted(found, sample, weight, slopes, sample.covariance)
    gaps = np.split(np.concatenate(sample.statistics) - values, np.cumsum([len(s) for s in sample.statistics])[:-1])
    p = len(sample.names)
    srmr = sum(
        group.moments.n / sample.n * float(np.sqrt((gap[cuts:] ** 2).sum() / (p * (p + 1) / 2)))
        for group, gap, cuts in zip(sample.groups, gaps, sample.cuts, strict=True)
    )
    return replace(found, extra=found.extra | {"srmr": srmr} | NONE)


def _result(
    table: ParameterTable,
    structure: Structure,
    sample: OrdinalSample,
    estimation: Estimation,
    cuts: tuple[Sequence[Parameter], Array, Array],
) -> SEM:
    theta = estimation.fitted.theta
    named, weights, offset = cuts
    frame = estimates(table, structure, theta, estimation.covariance)
    variance = np.einsum("ij,jk,ik->i", weights, estimation.covariance, weights)
    lines = pd.DataFrame(
        {
            "lhs": [row.lhs for row in named],
            "op": "|",
            "rhs": [row.rhs for row in named],
            "group": [table.groups[row.group] for row in named],
            "label": "",
            "estimate": weights @ theta + offset,
            "std_error": np.sqrt(variance),
        }
    )
    return SEM(
        with_thresholds(frame, lines),
        sample.basis,
        pd.Series(all_indices(estimation, structure, theta), name="fit"),
        table,
        structure,
        estimation,
        sample,
        "WLSMV",
        None,
        (*sample.remarks, *improper(table, structure, theta)),
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
            loading[block, f] = first_factor(fit.corr[np.ix_(block, block)])
        size = np.maximum((loading**2).sum(axis=0), 1e-6)
        phi = np.clip(loading.T @ fit.corr @ loading / np.outer(size, size), -0.8, 0.8)
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
