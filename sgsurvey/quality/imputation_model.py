"""What an imputation model is made of: a method for each item, auxiliary columns, and the design of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.numerics.cumulative_draws import Codes
from sgsurvey.numerics.linalg import Array
from sgsurvey.quality.chained import Mask, Method, Variable
from sgsurvey.quality.missing_patterns import has_code, left_empty
from sgsurvey.questionnaire.model import Item, MissingKind
from sgsurvey.text import Text, listed

# Fewer answers than this to the rarest category: the posterior of its threshold is far from normal.
RAREST = 5
# Fewer answers than this, and there is nothing to learn a model from.
FEWEST = 10
MOST_CATEGORIES = 11
# A plain column of whole numbers with no more different values than this is a rating.
FEW_VALUES = 7
# Rows for each indicator of a stratum or cluster; with more of them, strata and clusters enter by their means.
ROWS_PER_INDICATOR = 10
PLAIN: dict[str, Method] = {"rating": "ordinal", "integer": "pmm", "decimal": "pmm"}

RARE = Text("最少的类别不足{n}人，比例优势模型不稳定", "a category with fewer than {n} answers: odds model unstable")
MANY = Text("类别多于{n}个", "more than {n} categories")
NO_ANSWERS = Text("作答不足{n}份，未插补", "fewer than {n} answers: not imputed")


@dataclass(frozen=True)
class ChainedEquations:
    """How `impute` draws.

    Parameters
    ----------
    items : mapping of item to method, optional
        ``ordinal`` (proportional odds), ``binary`` (logit), ``nominal`` (a logit for each category against those after
        it), ``pmm`` (predictive mean matching) or ``normal`` (Bayesian linear regression, within the item's limits),
        where another is wanted than the item's kind suggests.
    also : sequence of "dont_know" or "refused"
        Kinds of no-answer to impute as well as cells left empty; all others stay as they were given.
    donors : int
        Rows among which predictive mean matching chooses.
    prior_sd : float
        Standard deviation of the normal prior of every slope, the predictors having sd 1: on the logit scale, or in
        residual standard deviations.  It holds the models where predictors determine each other or tell categories
        apart.

    References
    ----------
    Gelman, A., Jakulin, A., Pittau, M. G., & Su, Y.-S. (2008). A weakly informative default prior distribution for
    logistic and other regression models. Annals of Applied Statistics, 2, 1360-1383.
    """

    items: Mapping[str, Method] = field(default_factory=dict)
    also: Sequence[MissingKind] = ()
    donors: int = 5
    prior_sd: float = 2.5

    def check(self, names: Sequence[str]) -> None:
        """Raise unless every method, kind and number means something."""
        methods = [name for name in get_args(Method) if name != "constant"]
        for item, method in self.items.items():
            if item not in names:
                raise DataError(
                    Text(
                        f"method=为“{item}”指定了方法，但没有插补它。",
                        f"method= names '{item}', which is not imputed.{did_you_mean(item, list(names))}",
                    ),
                    remedy=Text("请把它写进what，或去掉。", "Name it in what, or leave it out."),
                )
            if method not in methods:
                raise DataError(
                    Text(f"不认识方法“{method}”。", f"the method '{method}' is not known."),
                    where=item,
                    remedy=Text(f"可选：{'、'.join(methods)}。", f"Choose from {', '.join(methods)}."),
                )
        if not set(self.also) <= {"dont_know", "refused"}:
            raise DataError(
                Text("also=只能有dont_know与refused。", "also= takes dont_know and refused only."),
                remedy=Text("“不适用”没有可插补的值。", "What does not apply has no value to impute."),
            )
        if self.donors < 1 or not self.prior_sd > 0:
            raise DataError(
                Text("donors至少为1，prior_sd须大于0。", "donors must be at least 1, and prior_sd above 0."),
                remedy=Text("例如5与2.5。", "Such as 5 and 2.5."),
            )


@dataclass(frozen=True)
class Planned:
    """An item of one group and why it is drawn as it is.

    Attributes
    ----------
    variable : Variable or None
        None where too few answered, or none were asked.
    n_shown, n_observed, n_missing, n_kept : int
        Asked; answered; to be drawn; given no-answers that stay.
    why : Text or None
        Where the method is not the one that its kind suggests.
    """

    variable: Variable | None
    n_shown: int
    n_observed: int
    n_missing: int
    n_kept: int
    why: Text | None = None


def plan_item(part: Responses, item: Item, method: ChainedEquations) -> Planned:
    """How one item is drawn in one group of respondents."""
    if item.type not in ("rating", "select_one", "integer", "decimal"):
        raise DataError(
            Text(f"“{item.name}”的题型是{item.type}，不能插补。", f"'{item.name}' is of type {item.type}."),
            remedy=Text(
                "可插补评分、单选与数值题；请去掉它。",
                "Ratings, single choices and numbers can be imputed; leave it out.",
            ),
        )
    values = part.items(item.name, keyed=False)[item.name].to_numpy(dtype=float)
    gone = np.logical_or.reduce([left_empty(part.frame, item), *(has_code(part.frame, item, k) for k in method.also)])
    shown = part.shown(item.name).to_numpy(dtype=bool)
    wanted = np.asarray(shown & gone)
    observed = ~np.isnan(values)
    counts = (
        int(shown.sum()),
        int((observed & shown).sum()),
        int(wanted.sum()),
        int((shown & ~observed & ~gone).sum()),
    )
    if observed.sum() < FEWEST:
        return Planned(None, *counts, NO_ANSWERS.format(n=FEWEST) if wanted.any() else None)
    chosen, why = _method(item, values[observed], method.items.get(item.name))
    limits = item.scale.limits if item.scale else item.limits
    variable = Variable(item.name, chosen, values, wanted, limits, whole=item.type != "decimal")
    return Planned(variable, *counts, why)


def _method(item: Item, known: Array, asked: Method | None) -> tuple[Method, Text | None]:
    codes, counts = np.unique(known, return_counts=True)
    if len(codes) == 1:
        return "constant", None
    kind = asked or _kind(item, codes)
    if kind == "binary" and len(codes) > 2:
        raise DataError(
            Text(f"“{item.name}”有{len(codes)}种取值，不是两种。", f"'{item.name}' has {len(codes)} values, not two."),
            remedy=Text("请改用ordinal或nominal。", "Use ordinal or nominal."),
        )
    if kind in ("ordinal", "binary") and asked is None:
        if len(codes) > MOST_CATEGORIES:
            return "pmm", MANY.format(n=MOST_CATEGORIES)
        if counts.min() < RAREST:
            return "pmm", RARE.format(n=RAREST)
    return kind, None


def _kind(item: Item, codes: Array) -> Method:
    if len(codes) == 2 and item.type != "integer":
        return "binary"
    if item.type == "select_one":
        return "nominal"
    if item.type == "decimal" and item.limits is None and len(codes) <= FEW_VALUES and (codes == np.round(codes)).all():
        return "ordinal"
    return PLAIN[item.type]


# Auxiliary columns ------------------------------------------------------------------------------------------


def auxiliary_variable(part: Responses, name: str, method: ChainedEquations) -> Variable | None:
    """A column that only predicts; None where the group has too few answers or no variation."""
    if name in part.questionnaire:
        return plan_item(part, part.questionnaire.item(name), replace(method, items={})).variable
    column = part.frame[name]
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        kind: Method = "pmm"
    else:
        values = np.where(column.isna(), np.nan, pd.factorize(column, sort=True)[0].astype(float))
        kind = "nominal"
    known = values[~np.isnan(values)]
    if len(known) < FEWEST:
        return None
    if kind == "nominal" and len(np.unique(known)) > max(2, len(known) // ROWS_PER_INDICATOR):
        raise DataError(
            Text(
                f"“{name}”有{len(np.unique(known))}种不同文字，每种平均不足{ROWS_PER_INDICATOR}行。",
                f"'{name}' has {len(np.unique(known))} different words, fewer than {ROWS_PER_INDICATOR} rows each.",
            ),
            where="auxiliary=",
            remedy=Text("请合并类别，或改用数值列。", "Join categories, or use a column of numbers."),
        )
    return Variable(name, "constant" if np.ptp(known) == 0 else kind, values, np.isnan(values))


# Design -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DesignTerms:
    """What the design of the sample adds to every model of one group.

    Attributes
    ----------
    columns : ndarray, shape (n, q)
        Standardised: the logarithm of the weights; indicators of strata, and of clusters where they are few.
    by_mean : ndarray of int or None, shape (n,)
        Units (-1 for none) that enter by what their other members answered, where there are too many for indicators.
    words : Text
        What was done.
    """

    columns: Array
    by_mean: Codes | None
    words: Text


def design_terms(part: Responses) -> DesignTerms:
    """Weights, strata and clusters as predictors (Reiter, Raghunathan and Kinney 2006, Survey Methodology 32, 143-149).

    Clusters with fewer than ten rows for each indicator enter by means of the others in the cluster.
    """
    design, n = part.design, len(part)
    columns, words, by_mean = [np.empty((n, 0))], [], None
    weights = part.weights
    if weights is not None:
        columns.append(np.log(np.maximum(weights, weights[weights > 0].min()))[:, None])
        words.append(Text("权数的对数", "log weights"))
    strata = _units(part, design.strata)
    clusters = None if design.clusters is None else _units(part, design.strata, design.clusters)
    for units, what in ((strata, Text("层", "strata")), (clusters, Text("群", "clusters"))):
        if units is None:
            continue
        if sum(c.shape[1] for c in columns) + units.max() <= n // ROWS_PER_INDICATOR:
            columns.append((units[:, None] == np.arange(1, units.max() + 1)).astype(float))
            words.append(Text(f"{what.zh}的虚拟变量", f"indicators of {what.en}"))
        else:
            by_mean, mean_of = units, what
    if by_mean is not None:
        words.append(Text(f"同{mean_of.zh}其他人的均值", f"means of the others in {mean_of.en}"))
    joined = np.column_stack(columns)
    varies = joined.std(axis=0) > 0
    joined = joined[:, varies]
    standardised = (joined - joined.mean(axis=0)) / joined.std(axis=0) if joined.size else joined
    said = listed(words)
    return DesignTerms(standardised, by_mean, said)


def _units(part: Responses, *columns: str | None) -> Codes | None:
    """Numbers of the different combinations, -1 where the last column is empty; None without columns."""
    named = [name for name in columns if name is not None]
    if not named:
        return None
    units = part.frame.groupby(named, dropna=False).ngroup().to_numpy(dtype=np.int64)
    return np.where(part.frame[named[-1]].isna(), -1, units)


def mean_of_others(values: Array, observed: Mask, units: Codes) -> Array | None:
    """For each row the mean answer of the others in its unit, drawn to the overall mean where they are few.

    Standardised, shape (n,); None where units do not differ more than chance.  The weight of a unit is that of the best
    linear predictor under a random intercept, its variances from the analysis of variance.
    """
    inside = observed & (units >= 0)
    y, unit = values[inside], units[inside]
    size = np.bincount(unit, minlength=units.max() + 1).astype(float)
    total = np.bincount(unit, weights=y, minlength=len(size))
    groups = int((size > 0).sum())
    if len(y) <= groups or groups < 2:
        return None
    centre = y.mean()
    mean = np.divide(total, size, out=np.full(len(size), centre), where=size > 0)
    within = ((y - mean[unit]) ** 2).sum() / (len(y) - groups)
    between = (size * (mean - centre) ** 2).sum() / (groups - 1)
    typical = (len(y) - (size**2).sum() / len(y)) / (groups - 1)
    variance = (between - within) / typical
    if variance <= 0:
        return None
    here = np.maximum(units, 0)
    own = np.where(inside, values, 0.0)
    others = size[here] - inside
    deviation = np.where(units >= 0, total[here] - own - others * centre, 0.0)
    predictor = np.divide(deviation, others + within / variance, out=np.zeros(len(values)), where=others > 0)
    spread = predictor[inside].std()
    return (predictor - predictor[inside].mean()) / spread if spread > 0 else None
