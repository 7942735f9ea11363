"""Standard errors and intervals of rotated loadings and factor correlations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import efa_tables
from sgsurvey.measurement.correlation_covariance import CorrelationErrors, Source, correlation_errors, unknown
from sgsurvey.measurement.loading_bootstrap import bootstrapped
from sgsurvey.measurement.rotations import Rotation, promax, rotate
from sgsurvey.numerics.factor_slopes import Conditions, canonical_conditions, carried, rotation_conditions, slopes
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.measurement.factor_solution import EFA, ErrorMethod


@dataclass(frozen=True)
class LoadingErrors(Result):
    """Rotated loadings and factor correlations with their standard errors.

    Attributes
    ----------
    frame : DataFrame
        One row per item and factor: ``item, factor, loading, std_error, conf_low, conf_high``.
    phi : DataFrame
        One row per pair of factors: ``factor, other, estimate, std_error, conf_low, conf_high``; empty for orthogonal
        ones.
    covariance : ndarray, shape (p k + k (k - 1) / 2,) * 2
        Of the loadings, row by row, then of phi below its diagonal.
    method : "sandwich", "normal" or "bootstrap"
    conf_level : float
    seed : int or None
        Of the bootstrap.
    failed : int
        Draws of the bootstrap that gave no proper solution and are left out.
    how : Text
    remarks : tuple of Text
    """

    phi: pd.DataFrame
    covariance: Array
    method: ErrorMethod
    conf_level: float
    seed: int | None
    failed: int
    how: Text
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        return efa_tables.errors_table(self)

    def phi_table(self, *, language: Language | None = None) -> Table:
        """Correlations of the factors with their intervals."""
        return self.page(efa_tables.phi_errors_table(self), language)


def loading_errors(
    solution: EFA, method: ErrorMethod, *, conf_level: float, draws: int, seed: int | None
) -> LoadingErrors:
    """``EFA.standard_errors``."""
    if not 0 < conf_level < 1:
        raise EstimationError(
            f"a confidence level of {conf_level} is none.", where="conf_level", remedy="Give a number like 0.95."
        )
    if solution.heywood:
        raise unknown(
            Text(
                f"Heywood情形（{'、'.join(solution.heywood)}）：解在边界上，没有通常的标准误。",
                f"a Heywood case ({', '.join(solution.heywood)}): the solution lies on its bound, where standard "
                "errors mean nothing.",
            ),
            Text("请减少因子，或去掉这些题项。", "Ask for fewer factors, or leave these items out."),
        )
    if method == "bootstrap":
        found = bootstrapped(solution, conf_level, draws, seed)
        return _result(
            solution, found.covariance, found.low, found.high, method, conf_level, found.how, seed, found.failed
        )
    if method not in ("sandwich", "normal"):
        raise EstimationError(
            f"there are no standard errors by '{method}'.", where="method", remedy="Use sandwich, normal or bootstrap."
        )
    errors = errors_of(solution, method)
    moved = loading_slopes(solution, model_holds=method == "normal")
    covariance = moved @ errors.covariance @ moved.T
    low, high = _wald(solution, np.sqrt(np.maximum(np.diag(covariance), 0.0)), errors.df, conf_level)
    how = Text("标准误：{how}，delta法。", "Standard errors {how}, by the delta method.").format(how=errors.how)
    return _result(solution, covariance, low, high, method, conf_level, how, None, 0)


def errors_of(solution: EFA, source: Source) -> CorrelationErrors:
    """The covariance of the correlations that ``solution`` was found in."""
    return correlation_errors(solution.sample, _implied(solution), source)


def loading_slopes(solution: EFA, *, model_holds: bool = False) -> Array:
    """Slopes of loadings and factor correlations in the correlations; ``numerics.factor_slopes.slopes``.

    Taken where the model holds (at the correlations implied), they make normal theory that of the expected information;
    else they are those of the residuals that there are.
    """
    plan, how = solution.plan, solution.extraction
    if plan is None or how is None:
        raise unknown(
            Text("此解的提取或旋转方法未知。", "how these factors were extracted or rotated is not known here."),
            Text("请用sg.efa()求解。", "Find them with sg.efa()."),
        )
    fit = how.fit_function(solution.sample)
    if fit is None:
        raise unknown(
            Text("主成分没有delta法的标准误。", "components have no standard errors by the delta method."),
            Text('请用method="bootstrap"。', "Use method='bootstrap'."),
        )
    names = solution.sample.names
    pattern, phi = solution.loadings.to_numpy(), solution.phi.to_numpy()
    corr = _implied(solution) if model_holds else solution.sample.corr
    uniqueness = 1 - solution.communality.to_numpy() if fit.weights is not None else solution.uniqueness.to_numpy()
    try:
        if plan.name != "promax":
            conditions = _conditions(plan, names, phi, how.method == "ml")
            return slopes(corr, pattern, phi, uniqueness, fit, conditions, oblique=plan.correlated)
        first = replace(plan, name="varimax")
        before = rotate(_orthogonal(pattern, phi), first, None, names).loadings
        conditions = _conditions(first, names, np.eye(len(phi)), False)
        found = slopes(corr, before, np.eye(len(phi)), uniqueness, fit, conditions, oblique=False)
        return _in_order(carried(found, before, lambda loadings: promax(loadings, plan)), before, plan, pattern)
    except np.linalg.LinAlgError:
        raise unknown(
            Text("旋转的条件不能确定因子的方向。", "the rotation does not settle the direction of the factors."),
            Text("请换一种旋转，或减少因子。", "Choose another rotation, or fewer factors."),
        ) from None


def _implied(solution: EFA) -> Array:
    pattern, phi = solution.loadings.to_numpy(), solution.phi.to_numpy()
    implied = pattern @ phi @ pattern.T
    np.fill_diagonal(implied, 1.0)
    return np.asarray(implied)


def _conditions(plan: Rotation, names: tuple[str, ...], phi: Array, likelihood: bool) -> Conditions:
    if plan.name == "none" or len(phi) == 1:
        return canonical_conditions(likelihood)
    return rotation_conditions(plan.criterion(names, len(phi)), oblique=plan.correlated, kaiser=plan.kaiser)


def _orthogonal(pattern: Array, phi: Array) -> Array:
    """Loadings of uncorrelated factors with the same common part."""
    return pattern @ np.linalg.cholesky(phi)


def _in_order(found: Array, before: Array, plan: Rotation, pattern: Array) -> Array:
    """Slopes of promax loadings with the factors in the places and directions of ``pattern``."""
    made, _ = promax(before, plan)
    p, k = made.shape
    order = np.abs(made.T @ pattern).argmax(axis=0)
    signs = np.sign((made[:, order] * pattern).sum(axis=0))
    loadings = found[: p * k].reshape(p, k, -1)[:, order] * signs[:, None]
    of_phi = np.zeros((k, k, found.shape[1]))
    below = np.tril_indices(k, -1)
    of_phi[below] = found[p * k :]
    of_phi = (of_phi + of_phi.transpose(1, 0, 2))[np.ix_(order, order)] * np.outer(signs, signs)[:, :, None]
    return np.concatenate([loadings.reshape(p * k, -1), of_phi[below]])


def _wald(solution: EFA, error: Array, df: float, conf_level: float) -> tuple[Array, Array]:
    """Intervals of the loadings as they stand, of factor correlations on Fisher's z."""
    reach = stats.norm.ppf((1 + conf_level) / 2) if np.isinf(df) else stats.t.ppf((1 + conf_level) / 2, df)
    pattern, phi = solution.loadings.to_numpy().ravel(), solution.phi.to_numpy()
    r = phi[np.tril_indices(len(phi), -1)]
    of_loadings, of_phi = error[: len(pattern)], error[len(pattern) :]
    z, wide = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), reach * of_phi / (1 - r**2 + 1e-300)
    low = np.concatenate([pattern - reach * of_loadings, np.tanh(z - wide)])
    return low, np.concatenate([pattern + reach * of_loadings, np.tanh(z + wide)])


def _result(
    solution: EFA,
    covariance: Array,
    low: Array,
    high: Array,
    method: ErrorMethod,
    conf_level: float,
    how: Text,
    seed: int | None,
    failed: int,
) -> LoadingErrors:
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    size = solution.loadings.size
    columns = {"std_error": error, "conf_low": low, "conf_high": high}
    frame = solution.frame[["item", "factor", "loading"]].assign(**{c: v[:size] for c, v in columns.items()})
    names, k = list(solution.phi.columns), solution.factors
    a, b = np.tril_indices(k, -1)
    oblique = solution.plan is None or solution.plan.correlated
    phi = pd.DataFrame(
        {
            "factor": [names[i] for i in b],
            "other": [names[i] for i in a],
            "estimate": solution.phi.to_numpy()[a, b],
            **{column: values[size:] for column, values in columns.items()},
        }
    )
    return LoadingErrors(
        frame,
        solution.basis,
        phi if oblique else phi.iloc[:0],
        covariance,
        method,
        conf_level,
        seed,
        failed,
        how,
        (solution.how, *solution.remarks),
    )
