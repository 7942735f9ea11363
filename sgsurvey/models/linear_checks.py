"""Checks of a linear regression, on rows of equal standing or under its clusters and design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.models.checks import (
    HIGHEST_COOKS,
    HIGHEST_SHARE,
    HIGHEST_VIF,
    Check,
    decided,
    directions,
    limited,
    predictor_checks,
)
from sgsurvey.models.covariance import Array, Wald
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.fit import Fit
from sgsurvey.models.least_squares import least_squares
from sgsurvey.numerics.specification import (
    breusch_pagan,
    durbin_watson,
    independent,
    jarque_bera,
    koenker,
    second_order,
)

# White's chi-square is one of large samples: with more columns than a third of the rows it says nothing.
MOST_COLUMNS = 1 / 3


def linear_checks(fit: Fit, influence: pd.DataFrame, clusters: pd.DataFrame, *, order: bool) -> list[Check]:
    """All checks; Durbin and Watson's where the rows have an ``order``."""
    return [
        *_variances(fit),
        *_form(fit),
        *_errors(fit, order),
        *_single_rows(influence, fit),
        *_single_clusters(clusters),
        *_predictors(fit),
    ]


def rows_stand_alone(fit: Fit) -> bool:
    """Whether rows are independent and count alike, as the textbook's tests suppose."""
    return fit.design.weights is None and fit.errors.clusters is None and fit.errors.sample is None


def _variances(fit: Fit) -> list[Check]:
    """Whether squared residuals go with the predictors.

    With weights, clusters or a design the auxiliary regressions are tested under the model's own covariance: Koenker's
    n R² and the Wald test of its slopes agree in large samples.  White's products are too many for clusters to test.
    """
    X = _with_constant(fit.design.X, fit.design.intercept)
    fitted = _scaled(fit.design.y - fit.solution.residuals)
    line = independent(np.column_stack([np.ones(len(X)), fitted, fitted**2]))
    e = fit.solution.residuals
    if not rows_stand_alone(fit):
        regressors = {"breusch_pagan": X, "white_fitted": line}
        return [_wald(name, auxiliary(fit, e**2, Z, range(1, Z.shape[1]))) for name, Z in regressors.items()]
    tests = {"breusch_pagan": koenker(e, X), "breusch_pagan_raw": breusch_pagan(e, X)}
    products = second_order(X)
    if products.shape[1] < MOST_COLUMNS * len(e):
        tests["white"] = koenker(e, products)
    tests["white_fitted"] = koenker(e, line)
    return [
        decided(name, test.statistic, test.df, float(stats.chi2.sf(test.statistic, test.df)))
        for name, test in tests.items()
    ]


def _form(fit: Fit) -> list[Check]:
    """Whether powers of the fitted values still explain something.

    Ramsey (1969), Journal of the Royal Statistical Society B 31, 350-371; Pregibon (1980), Applied Statistics 29,
    15-24.
    """
    X, y = fit.design.X, fit.design.y
    fitted = y - fit.solution.residuals
    power = _scaled(fitted) if fit.design.intercept else fitted / np.abs(fitted).max()
    wider = independent(np.column_stack([X, power**2, power**3]))
    added = range(X.shape[1], wider.shape[1])
    found = []
    if added and len(y) > wider.shape[1]:
        if rows_stand_alone(fit):
            larger = least_squares(wider, y, None, intercept=fit.design.intercept)
            found.append(_wald("reset", larger.f_change(fit.solution)))
        if fit.covariance.kind != "classical":
            found.append(_wald("reset_robust", auxiliary(fit, y, wider, added)))
    line = independent(np.column_stack([np.ones(len(y)), _scaled(fitted), _scaled(fitted) ** 2]))
    if line.shape[1] == 3:
        found.append(_wald("link", auxiliary(fit, y, line, [2])))
    return found


def _errors(fit: Fit, order: bool) -> list[Check]:
    found = []
    if rows_stand_alone(fit):
        normal = jarque_bera(fit.solution.residuals)
        p_value = float(stats.chi2.sf(normal.statistic, normal.df))
        found.append(Check("jarque_bera", normal.statistic, normal.df, p_value=p_value))
    return [*found, Check("durbin_watson", durbin_watson(fit.solution.residuals))] if order else found


def _single_rows(influence: pd.DataFrame, fit: Fit) -> list[Check]:
    if influence["rstudent"].isna().all():
        return []
    far, moving = influence.loc[influence["rstudent"].abs().idxmax()], influence.loc[influence["cooks_d"].idxmax()]
    return [
        decided("outlier", far["rstudent"], fit.solution.n - fit.solution.p - 1, far["bonferroni_p"], detail=_row(far)),
        limited("cooks_d", moving["cooks_d"], HIGHEST_COOKS, detail=_row(moving)),
    ]


def _row(line: pd.Series) -> str:
    return f"row {line['row'] + 1:.0f}"


def _single_clusters(clusters: pd.DataFrame) -> list[Check]:
    slopes = clusters[(clusters["term"] != INTERCEPT) & clusters["variance_share"].notna()]
    if slopes.empty:
        return []
    line = slopes.loc[slopes["variance_share"].astype(float).idxmax()]
    detail = f"{line['cluster']}: {line['term']}"
    return [limited("cluster", float(line["variance_share"]), HIGHEST_SHARE, detail=detail)]


def _predictors(fit: Fit) -> list[Check]:
    terms = fit.terms()
    vif = terms["gvif_scaled"] ** 2
    found = predictor_checks(fit.design, directions(fit.design, fit.solution.coefficients))
    if vif.isna().all():
        return found
    largest = int(vif.to_numpy().argmax())
    return [limited("vif", float(vif[largest]), HIGHEST_VIF, detail=str(terms["term"][largest])), *found]


def auxiliary(fit: Fit, y: Array, Z: Array, columns: Sequence[int]) -> Wald:
    """Test of ``columns`` in a regression of ``y`` on ``Z`` over the same rows, by the model's own kind of errors."""
    names = tuple(f"z{j}" for j in range(Z.shape[1]))
    design = replace(fit.design, y=y, X=Z, names=names, terms=())
    solution = least_squares(Z, y, fit.design.weights, intercept=True)
    contrasts = np.eye(Z.shape[1])[list(columns)]
    try:
        return fit.errors.of(design, solution).wald(solution.coefficients, contrasts)
    except EstimationError:
        return Wald(np.nan, float(len(contrasts)), np.nan, np.nan)


def _wald(name: str, test: Wald) -> Check:
    return decided(name, test.statistic, test.df1, test.p_value, df2=test.df2)


def _scaled(values: Array) -> Array:
    """Values with mean 0 and sd 1, so that their powers keep digits; a constant stays 0."""
    spread = values.std()
    return np.asarray((values - values.mean()) / (spread if spread > 0 else 1.0))


def _with_constant(X: Array, there: bool) -> Array:
    return X if there else independent(np.column_stack([np.ones(len(X)), X]))
