"""The battery of models for one group: arrays and frames in, tidy lines out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.causes.evidence import Evidence
from sgsurvey.causes.informants import Informants
from sgsurvey.causes.resampling import jackknife_error, t_test
from sgsurvey.causes.township import estimates
from sgsurvey.errors import EstimationError
from sgsurvey.models.clusters import cr2
from sgsurvey.models.covariance import Covariance, heteroskedastic

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fit:
    """Least squares with the covariance that goes with it."""

    coefficients: Array
    covariance: Covariance
    n: int


def fit(y: Array, x: Array, places: pd.Series | None, weights: Array | None = None) -> Fit:
    """Regress ``y`` on ``x`` with a constant, (weighted) least squares; CR2 by place, HC3 without places.

    Raises
    ------
    EstimationError
        Columns of ``x`` repeat each other.
    """
    design = np.column_stack([np.ones(len(y)), x])
    scale = np.linalg.norm(design, axis=0)
    if np.linalg.matrix_rank(design / np.where(scale > 0, scale, 1.0)) < design.shape[1]:
        raise EstimationError(
            "some drivers or covariates repeat each other, so their coefficients cannot be told apart.",
            remedy="Leave one of them out.",
        )
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    coefficients = np.asarray(np.linalg.lstsq(root[:, None] * design, root * y, rcond=None)[0], dtype=np.float64)
    residuals = y - design @ coefficients
    if places is None:
        return Fit(coefficients, heteroskedastic(design, residuals, "HC3", weights), len(y))
    return Fit(coefficients, cr2(design, residuals, places, weights), len(y))


def combined(fitted: Fit, weights: Array) -> dict[str, Array]:
    """Estimate, error, t, df, p and 95 % limits of each row of ``weights``, shape (q, p)."""
    found = fitted.covariance.combinations(fitted.coefficients, weights, 0.95)
    return {str(name): column.to_numpy() for name, column in found.items()}


def inference(estimate: Array, std_error: Array, df: Array) -> dict[str, Array]:
    """The columns of a tidy frame under a t distribution."""
    t, p = t_test(estimate, std_error, df)
    half = stats.t.ppf(0.975, df) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": t,
        "df": df,
        "p_value": p,
        "conf_low": estimate - half,
        "conf_high": estimate + half,
    }


def pooled(evidence: Evidence, rows: Rows) -> pd.DataFrame:
    """Outcome on drivers and controls over respondents, with the weights that there are."""
    y, x = _ratings(evidence, rows)
    found = fit(y, np.hstack([x, evidence.controls(rows)]), _of(evidence, rows), evidence.weighing(rows))
    return _lines("pooled", evidence.drivers, found)


def mundlak(evidence: Evidence, rows: Rows) -> pd.DataFrame:
    """Within, between and their difference: each driver as (weighted) mean of the place and deviation from it.

    Means of groups are taken off first, so that a place does not rate low because of who was asked there.
    """
    y, x = _ratings(evidence, rows)
    w = evidence.weighing(rows)
    places = pd.factorize(evidence.places[rows])[0] if evidence.places is not None else np.arange(len(y))
    if evidence.roles is not None:
        x = x - _means(x, pd.factorize(evidence.roles[rows])[0], w)
    between = _means(x, places, w)
    fitted = fit(y, np.hstack([x - between, between, evidence.controls(rows)]), _of(evidence, rows), w)
    p = len(evidence.drivers)
    eye = np.eye(len(fitted.coefficients))
    own, place = eye[1 : p + 1], eye[p + 1 : 2 * p + 1]
    parts = {"within": own, "between": place, "difference": place - own}
    return pd.concat([tidy(m, evidence.drivers, combined(fitted, w), len(y), _count(fitted)) for m, w in parts.items()])


def records(evidence: Evidence) -> pd.DataFrame:
    """Outcome on facts of places and controls over respondents: nothing on the right side was rated."""
    rows = evidence.rows([evidence.outcome, *evidence.facts])
    y = evidence.frame[evidence.outcome].to_numpy()[rows]
    x = evidence.frame[list(evidence.facts)].to_numpy()[rows]
    fitted = fit(y, np.hstack([x, evidence.controls(rows)]), _of(evidence, rows), evidence.weighing(rows))
    return _lines("records", evidence.facts, fitted)


def cross(informants: Informants) -> dict[str, pd.DataFrame]:
    """Cross-informant coefficients with jackknife errors over places and t(G - 1); the headline comes last."""
    g = len(informants.places)
    factors = np.vstack([np.ones(g), 1.0 - np.eye(g)])
    lines = {}
    for kind, values in estimates(informants, factors, checked=g + 1).items():
        error = jackknife_error(values[0], values[1:])
        found = inference(values[0], error, np.full(len(error), g - 1.0))
        lines[kind] = tidy(kind, informants.drivers, found, g, g)
    return lines


def halo_share(ratings: Array, cells: npt.NDArray[np.int64], weights: Array | None) -> float:
    """Share of the first principal component in ratings (n, p) after the means of place and group are taken off."""
    residual = ratings - _means(ratings, cells, weights)
    if not (residual.std(axis=0) > 0).all():
        return float("nan")
    cov = np.atleast_2d(np.cov(residual, rowvar=False, aweights=weights))
    scale = np.sqrt(np.diag(cov))
    return float(np.linalg.eigvalsh(cov / np.outer(scale, scale))[-1] / len(cov))


def halo(evidence: Evidence, rows: Rows) -> float:
    """How much one leniency could account for in what people of one place and group say."""
    ratings = evidence.frame[[evidence.outcome, *evidence.drivers]].to_numpy()[rows]
    keys = [s[rows] for s in (evidence.places, evidence.roles) if s is not None]
    cells = pd.factorize(pd.MultiIndex.from_arrays(keys))[0] if keys else np.zeros(len(ratings), dtype=np.int64)
    return halo_share(ratings, cells, evidence.weighing(rows)) if len(evidence.drivers) else float("nan")


def _ratings(evidence: Evidence, rows: Rows) -> tuple[Array, Array]:
    return (
        evidence.frame[evidence.outcome].to_numpy()[rows],
        evidence.frame[list(evidence.drivers)].to_numpy()[rows],
    )


def _means(x: Array, codes: npt.NDArray[np.int64], weights: Array | None) -> Array:
    """Each row's (weighted) group mean."""
    w = np.ones(len(x)) if weights is None else weights
    sums = np.stack([np.bincount(codes, weights=w * column) for column in x.T], axis=1)
    return np.asarray((sums / np.bincount(codes, weights=w)[:, None])[codes])


def _of(evidence: Evidence, rows: Rows) -> pd.Series | None:
    return None if evidence.places is None else evidence.places[rows]


def _count(fitted: Fit) -> float:
    return float("nan") if fitted.covariance.clusters is None else float(fitted.covariance.clusters)


def _lines(model: str, terms: tuple[str, ...], fitted: Fit) -> pd.DataFrame:
    weights = np.eye(len(fitted.coefficients))[1 : len(terms) + 1]
    return tidy(model, terms, combined(fitted, weights), fitted.n, _count(fitted))


def tidy(model: str, terms: tuple[str, ...], found: dict[str, Array], n: int, clusters: float) -> pd.DataFrame:
    """Lines of one model, a row per term."""
    return pd.DataFrame({"model": model, "term": list(terms), **found, "n": n, "clusters": clusters})
