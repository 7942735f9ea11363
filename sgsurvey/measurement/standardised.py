"""Estimates with their errors, and the same in units of standard deviations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.measurement.parameters import Parameter, ParameterTable
from sgsurvey.measurement.structures import place
from sgsurvey.measurement.syntax import Defined
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import Solved, Structure


@dataclass(frozen=True)
class Standardised:
    """Standardised rows of a parameter table.

    Attributes
    ----------
    all, latent : ndarray, shape (rows,)
        In units of all variables' standard deviations (``std``), or of the factors' alone (``std_lv``).
    slopes : ndarray, shape (rows, q)
        Derivatives of ``all`` with respect to the free parameters.
    """

    all: Array
    latent: Array
    slopes: Array


def standardised(table: ParameterTable, structure: Structure, theta: Array) -> Standardised:
    """The standardised solution with its derivatives.

    Paths are divided by the standard deviation of what they explain and multiplied by that of what explains;
    residual variances are shares of the variance; covariances are correlations (of the residuals, for variables that
    the model explains); intercepts are in standard deviations.
    """
    at = {name: i for i, name in enumerate(table.variables)}
    p = len(table.observed)
    values = table.values(theta)
    every, latent = values.copy(), values.copy()
    slopes = np.zeros((len(values), len(theta)))
    for group, part in enumerate(structure.parts):
        full = part.solved(theta)
        tangent = part.tangent(full, latent=True)
        log_sd = (tangent.left * tangent.right) @ part.weights / np.diag(full.cov)[:, None]
        log_spread = _log_spread(table, group, at, full)
        for number, row in enumerate(table.rows):
            if row.group != group:
                continue
            ratio = unit(row, at, full)
            every[number] *= ratio
            latent[number] *= unit(row, at, full, observed=p)
            kind, i, j = place(row, at)
            if kind == "paths":
                turn = log_sd[j] - log_sd[i]
            elif kind == "intercepts":
                turn = -log_sd[i]
            else:
                turn = -2 * log_sd[i] if i == j else -log_spread[i] - log_spread[j]
            slopes[number] = ratio * table.weights[number] + every[number] * turn
    return Standardised(every, latent, slopes)


def unit(row: Parameter, at: dict[str, int], full: Solved, *, observed: int = 0) -> float:
    """What a line's value is multiplied by to be in standard deviations; the first ``observed`` variables keep theirs.

    nan where a variance is not positive.
    """
    kind, i, j = place(row, at)
    residual = kind == "residual" and i != j
    variances = np.diag(full.residual if residual else full.cov)
    one, other = (1.0 if k < observed else float(np.sqrt(max(variances[k], 0.0))) for k in (i, j))
    if kind == "paths":
        return other / one if one > 0 else float("nan")
    if kind == "intercepts":
        return 1 / one if one > 0 else float("nan")
    return 1 / (one * other) if one * other > 0 else float("nan")


def _log_spread(table: ParameterTable, group: int, at: dict[str, int], full: Solved) -> Array:
    """Derivatives of the log of the residuals' standard deviations; shape (v, q)."""
    slopes = np.zeros((len(at), table.q))
    for number, row in enumerate(table.rows):
        if row.group == group and row.op == "~~" and row.lhs == row.rhs:
            i = at[row.lhs]
            variance = full.residual[i, i]
            slopes[i] = table.weights[number] / (2 * variance) if variance else 0.0
    return slopes


def estimates(
    table: ParameterTable, structure: Structure, theta: Array, covariance: Array, *, conf_level: float = 0.95
) -> pd.DataFrame:
    """One row per parameter and per defined parameter: estimate, error, test, interval, standardised with its error."""
    values, turned = table.values(theta), standardised(table, structure, theta)
    lines: list[tuple[str, str, str, str]] = [(row.lhs, row.op, row.rhs, table.groups[row.group]) for row in table.rows]
    slopes, std_slopes = [table.weights], [turned.slopes]
    found, std, std_lv = [values], [turned.all], [turned.latent]
    rows = list(table.labelled.values())
    raw, units, of_factors = (
        _Labelled(table.at(value), dict(zip(table.labelled, slope[rows], strict=True)), table.q)
        for value, slope in (
            (values, table.weights),
            (turned.all, turned.slopes),
            (turned.latent, np.zeros_like(turned.slopes)),
        )
    )
    for defined in table.defined:
        lines.append((defined.name, ":=", defined.formula.text, ""))
        for kept, known in ((found, raw), (std, units), (std_lv, of_factors)):
            kept.append(np.array([known.define(defined)]))
        slopes.append(raw.slopes[defined.name][None])
        std_slopes.append(units.slopes[defined.name][None])
    columns: dict[str, object] = dict(zip(("lhs", "op", "rhs", "group"), zip(*lines, strict=True), strict=True))
    if len(table.groups) == 1:
        del columns["group"]
    estimate, error = np.concatenate(found), _errors(np.vstack(slopes), covariance)
    columns |= {
        "label": [row.label for row in table.rows] + [d.name for d in table.defined],
        "estimate": estimate,
        "std_error": error,
        **_tested(estimate, error, conf_level),
        "std": np.concatenate(std),
        "std_lv": np.concatenate(std_lv),
        "std_se": _errors(np.vstack(std_slopes), covariance),
    }
    return pd.DataFrame(columns)


def with_margins(frame: pd.DataFrame, lines: pd.DataFrame, *, conf_level: float = 0.95) -> pd.DataFrame:
    """``frame`` with the lines of thresholds and means, which have all but test and interval, at its end."""
    estimate, error = lines["estimate"].to_numpy(dtype=float), lines["std_error"].to_numpy(dtype=float)
    whole = lines.assign(**_tested(estimate, error, conf_level))
    return pd.concat([frame, whole[list(frame.columns)]], ignore_index=True)


@dataclass(frozen=True)
class _Labelled:
    """Values of labels with their derivatives, to which defined parameters are added one by one."""

    values: dict[str, float]
    slopes: dict[str, Array]
    q: int

    def define(self, defined: Defined) -> float:
        names = defined.formula.names
        value = float(np.real(defined.formula.value(self.values)))
        turn = defined.formula.slope(self.values, names)
        parts = (t * self.slopes[name] for t, name in zip(turn, names, strict=True))
        self.slopes[defined.name] = sum(parts, np.zeros(self.q))
        self.values[defined.name] = value
        return value


def _errors(slopes: Array, covariance: Array) -> Array:
    """Standard errors of linear functions; nan for what does not move."""
    variance = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    moves = np.abs(slopes).max(axis=1, initial=0.0) > 1e-10
    return np.where(moves & (variance > 0), np.sqrt(np.maximum(variance, 0.0)), np.nan)


def _tested(estimate: Array, error: Array, conf_level: float) -> dict[str, Array]:
    """Wald's z, its p-value and interval."""
    z = estimate / error
    half = stats.norm.ppf(0.5 + conf_level / 2) * error
    p = 2 * stats.norm.sf(np.abs(z))
    return {"statistic": z, "p_value": p, "conf_low": estimate - half, "conf_high": estimate + half}


def r_squared(table: ParameterTable, structure: Structure, theta: Array) -> pd.DataFrame:
    """Share of variance explained of every variable that the model explains: ``variable, [group], r_squared``."""
    lines: list[tuple[str, str, float]] = []
    explained: Sequence[str] = [
        name
        for name in table.variables
        if any((r.op == "=~" and r.rhs == name) or (r.op == "~" and r.lhs == name) for r in table.rows)
    ]
    at = {name: i for i, name in enumerate(table.variables)}
    for group, part in enumerate(structure.parts):
        full = part.solved(theta)
        for name in explained:
            i = at[name]
            lines.append((name, table.groups[group], float(1 - full.residual[i, i] / full.cov[i, i])))
    frame = pd.DataFrame(lines, columns=["variable", "group", "r_squared"])
    return frame if len(table.groups) > 1 else frame.drop(columns="group")
