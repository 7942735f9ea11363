"""Average variance extracted and composite reliability of the factors of a fitted model, with their slopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.standardised import standardised
from sgsurvey.numerics.linalg import Array

# Formulas ---------------------------------------------------------------------------------------------------


def average_variance_extracted(loadings: Array) -> float:
    """Mean of the squared standardised loadings; Fornell and Larcker (1981), Journal of Marketing Research 18, 39."""
    return float((loadings**2).mean())


def composite_reliability(loadings: Array) -> float:
    """``(sum l)^2 / ((sum l)^2 + sum (1 - l^2))`` of standardised loadings; Fornell and Larcker (1981), equation 10."""
    top = float(loadings.sum() ** 2)
    return top / (top + float((1 - loadings**2).sum()))


def average_variance_slopes(loadings: Array) -> Array:
    """Derivatives of the average variance extracted in the loadings; shape (k,)."""
    return 2 * loadings / len(loadings)


def composite_slopes(loadings: Array) -> Array:
    """Derivatives of the composite reliability in the loadings; shape (k,)."""
    total, error = loadings.sum(), (1 - loadings**2).sum()
    return np.asarray((2 * total * error + 2 * total**2 * loadings) / (total**2 + error) ** 2)


# Of a model -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Convergent:
    """One factor of one group.

    Attributes
    ----------
    factor : str
    items : tuple of str
    loadings : ndarray, shape (k,)
        Standardised.
    ave, cr : float
    ave_se, cr_se : float
        By the delta method from the covariance of the free parameters, whatever made that.
    ave_by_variance, cr_unstandardised, cr_observed : float
        Of the loadings as they are: the items weighted by their variances, over the model's and over the observed
        variance of the sum (semTools' AVE, omega and compRelSEM).
    """

    factor: str
    items: tuple[str, ...]
    loadings: Array
    ave: float
    cr: float
    ave_se: float
    cr_se: float
    ave_by_variance: float
    cr_unstandardised: float
    cr_observed: float


def measured_by(model: SEM, group: str) -> dict[str, dict[str, int]]:
    """Factors that observed items measure: where the row of each item's loading stands."""
    observed = set(model.parameters.observed)
    found: dict[str, dict[str, int]] = {}
    for number, row in enumerate(model.parameters.rows):
        if row.op == "=~" and model.groups[row.group] == group and row.rhs in observed:
            found.setdefault(row.lhs, {})[row.rhs] = number
    return found


def convergent(model: SEM, group: str) -> list[Convergent]:
    """Every factor with observed items, of one group."""
    return [_of_factor(model, group, factor, rows) for factor, rows in measured_by(model, group).items()]


def _of_factor(model: SEM, group: str, factor: str, rows: Mapping[str, int]) -> Convergent:
    table, theta = model.parameters, model.theta
    turned = standardised(table, model.structure, theta)
    at = list(rows.values())
    loadings, slopes = turned.all[at], turned.slopes[at]
    covariance = slopes @ model.estimation.covariance @ slopes.T
    errors = [
        float(np.sqrt(max(float(d @ covariance @ d), 0.0)))
        for d in (average_variance_slopes(loadings), composite_slopes(loadings))
    ]
    place = model.groups.index(group)
    part = model.structure.parts[place]
    full, implied = part.solved(theta), np.diag(part.implied(theta).cov)
    # Under theta latent responses are compared in the units in which they show.
    units = np.sqrt(implied / np.diag(full.cov)[: part.p])
    names = list(table.variables)
    items, own = [names.index(item) for item in rows], names.index(factor)
    raw, spread = full.paths[items, own] * units[items], float(full.cov[own, own])
    error = implied[items] - raw**2 * spread
    common = float(raw.sum() ** 2) * spread
    observed = model.estimation.moments[place].cov[np.ix_(items, items)]
    return Convergent(
        factor,
        tuple(rows),
        loadings,
        average_variance_extracted(loadings),
        composite_reliability(loadings),
        errors[0],
        errors[1],
        float((raw**2).sum() * spread / implied[items].sum()),
        common / (common + float(error.sum())),
        common / float(observed.sum()),
    )
