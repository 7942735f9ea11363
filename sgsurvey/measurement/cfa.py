"""Confirmatory factor analysis, whether items measure the factors that they were written for, and structural models."""

from __future__ import annotations

from collections.abc import Sequence

from sgsurvey.measurement.fitting import Fitting, Missing, Model, fitted_model
from sgsurvey.measurement.parameters import Equal
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structural_sample import Data


def cfa(
    data: Data,
    model: Model,
    *,
    estimator: str = "ML",
    missing: Missing = "listwise",
    by: str | None = None,
    equal: Sequence[Equal] = (),
    cluster: str | None = None,
) -> SEM:
    """Fit a confirmatory factor model.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or Pooled; or a mapping of group name to moments
    model : list of str, {factor: [items]}, str or StructuralModel
        Constructs of the questionnaire, factors with their items, or lines such as ``"quality =~ q1 + q2 + q3"``.
        ``StructuralModel`` adds choices: ``std_lv``, ``orthogonal``, ``ordinal``, ``parameterization`` and others.
    estimator, missing, by, equal, cluster
        As ``sem`` takes them.

    Raises
    ------
    DesignError
        Several roles at once, parts of a design that the estimator cannot use, fewer than 30 rows (100 a group),
        constructs that are no scales.
    EstimationError
        A model that cannot be read, is not identified or does not converge; items that determine each other.
    """
    return fitted_model(data, model, "cfa", Fitting(estimator, missing, by, equal, cluster))


def sem(
    data: Data,
    model: Model,
    *,
    estimator: str = "ML",
    missing: Missing = "listwise",
    by: str | None = None,
    equal: Sequence[Equal] = (),
    cluster: str | None = None,
) -> SEM:
    """Fit a structural equation model.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or Pooled; or a mapping of group name to moments
    model : str, list of str, {factor: [items]} or StructuralModel
        Lines such as ``"trust ~ quality"`` and ``"quality =~ q1 + q2 + q3"``; a construct of the questionnaire is a
        factor measured by its items.
    estimator : str
        "ML" and what else ``sgsurvey.measurement.estimators`` lists.
    missing : "listwise", "fiml" or "pairwise"
        Rows complete on all variables; all rows (ML and MLR); the rows that have both of a pair (ordered items).
    by : str, optional
        Column of groups, each with its own parameters.
    equal : sequence of str
        What the groups share: loadings, intercepts, residuals, residual_covariances, lv_variances, lv_covariances,
        means, regressions.
    cluster : str, optional
        Column of clusters, for estimators with robust errors.

    Raises
    ------
    DesignError
        Several roles at once, parts of a design that the estimator cannot use, fewer than 30 rows (100 a group).
    EstimationError
        A model that cannot be read, is not identified or does not converge; variables that determine each other.
    """
    return fitted_model(data, model, "sem", Fitting(estimator, missing, by, equal, cluster))
