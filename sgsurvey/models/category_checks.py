"""Checks of an ordered or binary regression."""

from __future__ import annotations

import numpy as np
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.models.category_model import CategoryModel
from sgsurvey.models.checks import Check, decided, directions, limited, predictor_checks
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.likelihood import CategoryFit, estimated
from sgsurvey.models.parallel_lines import parallel_lines
from sgsurvey.numerics.cumulative import Cumulative

# Categories with fewer people carry no threshold of their own.
FEWEST_IN_CATEGORY = 10


def category_checks(model: CategoryModel) -> list[Check]:
    """Parallel lines, the link, sparse categories, and how predictors go together."""
    fit = model.fit
    keep = [j for j, name in enumerate(fit.design.names) if name != INTERCEPT]
    slopes = np.zeros(fit.design.X.shape[1])
    slopes[keep] = fit.theta[len(fit.levels) - 1 :]
    return [
        *(_lines(model) if len(fit.levels) > 2 and model.link == "logit" else []),
        *_link(fit),
        *_cells(fit),
        *predictor_checks(fit.design, directions(fit.design, slopes)),
    ]


def _lines(model: CategoryModel) -> list[Check]:
    try:
        line = parallel_lines(model.fit, model.basis).frame.iloc[0]
    except EstimationError:
        return [decided("brant", np.nan, np.nan, np.nan)]
    found = [decided("brant", line["statistic"], line["df"], line["p_value"], df2=line["df2"])]
    if np.isfinite(line["lr"]):
        found.append(decided("parallel_lr", line["lr"], line["df"], line["lr_p_value"]))
    return found


def _link(fit: CategoryFit) -> list[Check]:
    """The square of the linear predictor beside it: Pregibon (1980), Applied Statistics 29, 15-24."""
    index = fit.model.centre(fit.theta)
    index = (index - index.mean()) / index.std()
    if len(np.unique(index.round(12))) < 3:
        return []
    try:
        rows = Cumulative(np.column_stack([index, index**2]), fit.model.y, fit.model.categories, fit.model.link)
        theta, covariance = estimated(rows, fit.weights, fit.placed)
    except EstimationError:
        return [decided("link", np.nan, np.nan, np.nan)]
    z = float(theta[-1] / np.sqrt(covariance[-1, -1]))
    if np.isinf(fit.df):
        return [decided("link", z**2, 1, float(2 * stats.norm.sf(abs(z))))]
    return [decided("link", z**2, 1, float(2 * stats.t.sf(abs(z), fit.df)), df2=fit.df)]


def _cells(fit: CategoryFit) -> list[Check]:
    """Categories of the outcome with few people, and categories of predictors that lack one of its values."""
    held = np.bincount(fit.model.y, minlength=len(fit.levels))
    least = int(held.argmin())
    smallest = Check(
        "smallest_category", float(held[least]), detail=f"{fit.levels[least]:g}",
        verdict="found" if held[least] < FEWEST_IN_CATEGORY else "clear",
    )  # fmt: skip
    categories = [term for term in fit.design.terms if not term.number and ":" not in term.name]
    if not categories:
        return [smallest]
    empty = {term.name: _empty(fit, term.columns) for term in categories}
    named = "; ".join(name for name, count in empty.items() if count)
    return [smallest, limited("empty_cells", float(sum(empty.values())), 0.0, detail=named)]


def _empty(fit: CategoryFit, columns: tuple[int, ...]) -> int:
    """Pairs of a predictor's category and a value of the outcome that nobody has."""
    dummies = fit.design.X[:, list(columns)]
    group = np.where(dummies.any(axis=1), dummies.argmax(axis=1) + 1, 0)
    table = np.zeros((len(columns) + 1, len(fit.levels)), dtype=int)
    np.add.at(table, (group, fit.model.y), 1)
    return int((table == 0).sum())
