"""Nonresponse: those who answered stand for those who were issued and did not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import Array, Calibration
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DesignError
from sgsurvey.numerics.calibration import ByCell, ByPropensity
from sgsurvey.numerics.estimators import weighted_quantile
from sgsurvey.text import Text, same
from sgsurvey.weighting.margins import rows_lacking
from sgsurvey.weighting.reweigh import indicators, reweighed, sampled

Mask = npt.NDArray[np.bool_]
CLASSES = Text("权数按{n}个无回答调整类（{by}）调整。", "Weights adjusted for nonresponse in {n} classes ({by}).")
INVERSE = Text(
    "权数乘以应答概率（{by}的logit回归）的倒数。",
    "Weights over the propensity to answer (logistic regression on {by}).",
)
PROPENSITY = Text("{by}的应答概率", "propensity by {by}")


def nonresponse(
    data: Responses | pd.DataFrame,
    responded: str,
    *,
    classes: str | Sequence[str] | None = None,
    propensity: str | Sequence[str] | None = None,
    groups: int | None = None,
    smallest: int = 10,
) -> Responses:
    """Weights of those who answered raised to stand for all who were issued; the others get 0 and stay in the sample.

    Standard errors count that the classes' sums, or the propensities, are the sample's own.

    Parameters
    ----------
    data : Responses or DataFrame
        Everybody who was issued, with the design; those who did not answer have a row too.
    responded : str
        Column that says who answered (True and False, or 1 and 0).
    classes : str or sequence of str, optional
        Columns, known of everybody, whose combinations are the classes; in each, the weights of those who answered are
        multiplied by the sum of all weights over theirs.
    propensity : str or sequence of str, optional
        Columns, known of everybody, of a logistic regression of answering; columns without numbers count as categories.
    groups : int, optional
        Make that many classes of equal weight of the propensity (five are usual) instead of dividing by it.
    smallest : int
        Fewest who answered that a class may have.

    Returns
    -------
    Responses
        With a new column ``nonresponse_weight``, which the design names.

    Raises
    ------
    DesignError
        Classes with too few who answered; predictors that are missing, or that tell apart who answers.

    References
    ----------
    Little, R. J. A. (1986). Survey nonresponse adjustments for estimates of means. International Statistical Review,
    54, 139-157.
    Kim, J. K., & Kim, J. J. (2007). Nonresponse weighting adjustment using estimated response probability. Canadian
    Journal of Statistics, 35, 501-514.

    Examples
    --------
    ``sg.nonresponse(issued, "returned", classes=["township_id", "sex"])``
    """
    if (classes is None) == (propensity is None):
        raise DesignError(
            Text(
                "classes=与propensity=须给出且只给出一个。", "one of classes= and propensity= is needed, and not both."
            ),
            remedy=Text("请二选一。", "Choose one."),
        )
    answers, sample = sampled(data)
    answered = _answered(answers, responded)
    given = propensity if classes is None else classes
    columns = [given] if isinstance(given, str) else list(given or ())
    values = answers.variables(columns)
    for column in columns:
        missing = values[column].isna().to_numpy() & (sample.weights[sample.rows] > 0)
        if missing.any():
            raise rows_lacking(column, missing)
    by = Text("、".join(columns), ", ".join(columns))
    everyone = sample.whole(answered.astype(float), empty=0.0) > 0
    if classes is not None:
        codes = values.groupby(columns, sort=True, dropna=False).ngroup().to_numpy(dtype=np.int64)
        first = values.groupby(columns, sort=True, dropna=False).head(1)
        order = np.argsort(codes[answers.frame.index.get_indexer(first.index)])
        names = [" × ".join(f"{c} = {v}" for c, v in zip(columns, row, strict=True)) for row in first.to_numpy()[order]]
        calibration = _by_class(sample, codes, everyone, names, CLASSES.format(n=len(names), by=by), smallest)
        return reweighed(answers, sample, "nonresponse_weight", calibration)
    rule = ByPropensity(sample.whole(_predictors(values), empty=0.0), everyone)
    p = rule.propensity(sample.weights)
    if groups is None:
        calibration = _by_propensity(sample, rule, p, INVERSE.format(by=by))
    else:
        mine = p[sample.rows]
        cuts = weighted_quantile(mine, sample.weights[sample.rows], np.arange(1, groups) / groups)
        codes = np.unique(np.searchsorted(cuts, mine, side="left"), return_inverse=True)[1].astype(np.int64)
        names = [f"{mine[codes == c].min():.3f} ≤ p ≤ {mine[codes == c].max():.3f}" for c in range(codes.max() + 1)]
        words = CLASSES.format(n=len(names), by=PROPENSITY.format(by=by))
        calibration = _by_class(sample, codes, everyone, names, words, smallest)
    return reweighed(answers, sample, "nonresponse_weight", calibration)


def _answered(answers: Responses, responded: str) -> Mask:
    values = answers.variables([responded])[responded]
    if not values.isin([0, 1]).all() or not values.eq(1).any():
        raise DesignError(
            Text(
                f"“{responded}”须为是否回答（1或0），且有人回答。",
                f"'{responded}' must say who answered (1 or 0, nothing missing), and some must have.",
            ),
            remedy=Text("请把该列改为True与False。", "Make it True and False."),
        )
    return values.eq(1).to_numpy(dtype=bool)


def _by_class(
    sample: Sample, codes: npt.NDArray[np.int64], answered: Mask, names: list[str], label: Text, smallest: int
) -> Calibration:
    held = np.bincount(codes, weights=answered[sample.rows], minlength=len(names))
    if held.min() < smallest:
        few = int(np.argmin(held))
        raise DesignError(
            Text(
                f"“{names[few]}”一类只有{held[few]:.0f}人回答，少于{smallest}人。",
                f"the class '{names[few]}' has {held[few]:.0f} who answered, fewer than {smallest}.",
            ),
            remedy=Text(
                "请合并类别；确有把握时可降低smallest=。", "Merge classes, or lower smallest= if you are sure."
            ),
        )
    place = sample.whole(codes.astype(float), empty=-1.0).astype(np.int64)
    rule = ByCell(place, None, answered, tuple(same(name) for name in names))
    x = indicators(place, len(names))
    return Calibration(x, sample.weights, label, rule, estimated=True, fit=np.where(answered, sample.weights, 0.0))


def _by_propensity(sample: Sample, rule: ByPropensity, p: Array, label: Text) -> Calibration:
    """Weights d / p: the derivative of ``sum r d u / p`` by each row's d, the regression moving with it.

    It is ``r u / p - (r - p) x'g``, where g solves ``sum d p (1 - p) x x' g = sum r d (1 - p) / p x u`` (the score of
    the regression being ``sum d (r - p) x``; Binder 1983).  Kim and Kim (2007) have the sum on the left over those who
    answered, divided by p, which is as large in the mean.
    """
    fit = np.where(rule.answered, sample.weights * (1 - p) / p**2, 0.0)
    products = sample.weights * (1 - p) / p
    return Calibration(p[:, None] * rule.x, sample.weights, label, rule, True, fit, products)


def _predictors(values: pd.DataFrame) -> Array:
    """A constant, the numbers, and 0 and 1 for each category but the first; shape (n, k)."""
    columns = [np.ones(len(values))]
    for name in values:
        column = values[name]
        if pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(dtype=float))
        else:
            columns += [column.eq(code).to_numpy(dtype=float) for code in sorted(column.unique())[1:]]
    return np.column_stack(columns)
