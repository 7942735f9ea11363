"""multilevel(): linear regression of people in groups, with a random intercept for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.models.design_matrix import complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.grouped import group_codes, refuse_other_design
from sgsurvey.models.multilevel_fit import MultilevelFit
from sgsurvey.models.multilevel_result import Multilevel
from sgsurvey.models.small_sample import SmallSample
from sgsurvey.models.within_between import split_predictors
from sgsurvey.models.wording import check_level
from sgsurvey.numerics.random_intercept import Profile, fitted, grouped_moments

Estimation = Literal["REML", "ML"]


def multilevel(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    group: str,
    split: Sequence[str] = (),
    df: SmallSample = "kenward_roger",
    estimation: Estimation = "REML",
    conf_level: float = 0.95,
) -> Multilevel:
    """Linear regression with a random intercept for each group, such as a township.

    Parameters
    ----------
    data : Responses or DataFrame
        Without weights and strata: they are refused.
    formula : str
        As in ``ols``.
    group : str
        Column of the groups; a row without one is not used.
    split : list of str
        Numeric predictors that enter twice, as deviations from their group's mean and as that mean (Mundlak).
    df : "kenward_roger" or "satterthwaite"
        Degrees of freedom; Kenward and Roger's come with their standard errors, and for ML become Satterthwaite's.
    estimation : "REML" or "ML"
        ML for comparing models that differ in their predictors.
    conf_level : float

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; weights; one group only; nothing to vary between the groups, or within.

    References
    ----------
    Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted maximum likelihood.
    Biometrics, 53, 983-997.
    Nakagawa, S., & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized linear
    mixed-effects models. Methods in Ecology and Evolution, 4, 133-142.
    Self, S. G., & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio
    tests under nonstandard conditions. Journal of the American Statistical Association, 82, 605-610.

    Examples
    --------
    ``sg.multilevel(answers, "SAT ~ MGT + C(role)", group="township_id", split=["MGT"])``
    """
    check_level(conf_level)
    _check_choice("df", df, get_args(SmallSample))
    _check_choice("estimation", estimation, get_args(Estimation))
    answers = as_columns(data)
    refuse_other_design(answers, "multilevel", group)
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, group])
    codes, names = group_codes(answers, group, rows.kept)
    design, pairs = split_predictors(design_matrix(answers, read, rows), split, codes)
    check_estimable(design)
    profile = Profile(grouped_moments(design.X, design.y, codes), estimation == "REML")
    fit = MultilevelFit(design, profile, fitted(profile), df if estimation == "REML" else "satterthwaite", names)
    eye = np.eye(len(design.names))
    contrasts = np.array([eye[b] - eye[w] for w, b in pairs]).reshape(-1, len(design.names))
    basis = answers.basis(len(rows.kept), rows.dropped)
    return Multilevel(
        fit.lines(design.names, eye, conf_level),
        basis.labelled(dict(zip(design.names, design.labels, strict=True))),
        fit.terms(),
        fit.variances(conf_level),
        fit.groups(conf_level),
        fit.lines(list(split), contrasts, conf_level),
        fit.statistics(),
        fit,
        group,
        conf_level,
    )


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise EstimationError(
            f"{name}='{value}' is not known.{did_you_mean(str(value), known)}",
            remedy=f"Choose from {', '.join(known)}.",
        )
