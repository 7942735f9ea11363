"""multilevel(): linear regression of people in groups, with random intercepts, and slopes that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.refusal import declined
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.models.design_matrix import complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.grouped import Grouping, group_codes, refuse_other_design
from sgsurvey.models.mixed_fit import Levels, MixedFit, mixed_fit
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
    group: str | Sequence[str] | Grouping,
    split: Sequence[str] = (),
    df: SmallSample | None = None,
    estimation: Estimation = "REML",
    conf_level: float = 0.95,
) -> Multilevel:
    """Linear regression with a random intercept for each group, such as a township; and with random slopes.

    Parameters
    ----------
    data : Responses or DataFrame
        Without weights and strata: they are refused.
    formula : str
        As in ``ols``.
    group : str, sequence of str, or Grouping
        Column of the groups; of several groupings, crossed or nested (``["school", "rater"]``: levels of a nested one
        need names of their own); or ``sg.Grouping("township_id", slopes=["MGT"])``, in whose groups slopes differ too,
        correlated with the intercepts.  A row without a group is not used.
    split : list of str
        Numeric predictors that enter twice, as deviations from their group's mean and as that mean (Mundlak); for the
        intercepts of one grouping only.
    df : "kenward_roger" or "satterthwaite", optional
        Degrees of freedom: Kenward and Roger's, with their standard errors, for the intercepts of one grouping by REML;
        else Satterthwaite's.
    estimation : "REML" or "ML"
        ML for comparing models that differ in their predictors.
    conf_level : float

    Raises
    ------
    DataError, DesignError, EstimationError
        As ``ols``; weights; one group only; nothing to vary between the groups, or within; what is not offered (SG180).

    References
    ----------
    Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Fitting linear mixed-effects models using lme4. Journal of
    Statistical Software, 67(1).
    Johnson, P. C. D. (2014). Extension of Nakagawa & Schielzeth's R²GLMM to random slopes models. Methods in Ecology
    and Evolution, 5, 944-946.
    Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted maximum likelihood.
    Biometrics, 53, 983-997.
    Nakagawa, S., & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized linear
    mixed-effects models. Methods in Ecology and Evolution, 4, 133-142.
    Self, S. G., & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio
    tests under nonstandard conditions. Journal of the American Statistical Association, 82, 605-610.
    Stram, D. O., & Lee, J. W. (1994). Variance components testing in the longitudinal mixed effects model. Biometrics,
    50, 1171-1177.

    Examples
    --------
    ``sg.multilevel(answers, "SAT ~ MGT + C(role)", group="township_id", split=["MGT"])``
    """
    check_level(conf_level)
    if df is not None:
        _check_choice("df", df, get_args(SmallSample))
    _check_choice("estimation", estimation, get_args(Estimation))
    columns, slopes = _groupings(group)
    several = bool(slopes) or len(columns) > 1
    _check_offered(several, split, df)
    answers = as_columns(data)
    clusters = answers.design.clusters
    refuse_other_design(answers, "multilevel", clusters if clusters in columns else columns[0])
    read = read_formula(formula)
    rows = complete_rows(answers, [*read.variables, *columns])
    levels = [Levels(column, *group_codes(answers, column, rows.kept)) for column in columns]
    design, pairs = split_predictors(design_matrix(answers, read, rows), split, levels[0].codes)
    check_estimable(design)
    restricted = estimation == "REML"
    fit: MultilevelFit | MixedFit
    if several:
        fit = mixed_fit(design, levels, slopes, restricted)
    else:
        profile = Profile(grouped_moments(design.X, design.y, levels[0].codes), restricted)
        small_sample = df or "kenward_roger" if restricted else "satterthwaite"
        fit = MultilevelFit(design, profile, fitted(profile), small_sample, levels[0].names)
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
        columns,
        conf_level,
    )


def _groupings(group: str | Sequence[str] | Grouping) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the groups, and predictors whose slopes differ."""
    if isinstance(group, Grouping):
        return (group.column,), tuple(group.slopes)
    columns = (group,) if isinstance(group, str) else tuple(group)
    if any(isinstance(column, Grouping) for column in columns):
        raise declined("SG180.combined", where="group=")
    return columns, ()


def _check_offered(several: bool, split: Sequence[str], df: SmallSample | None) -> None:
    if several and df == "kenward_roger":
        raise declined("SG180.small_sample", where="df=")
    if several and split:
        raise declined("SG180.split", where="split=")


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise EstimationError(
            f"{name}='{value}' is not known.{did_you_mean(str(value), known)}",
            remedy=f"Choose from {', '.join(known)}.",
        )
