"""Is a difference too small to matter?  Two one-sided tests of means and of slopes, with a rank test beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.words import code_words
from sgsurvey.causes.equivalence_result import Claim, Difference, Equivalence, judged
from sgsurvey.causes.families import check_adjustment
from sgsurvey.descriptives.compare_design import Parts, ranks_test
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.ols import Regression
from sgsurvey.numerics.equivalence import OneSided, moved, shifted_mann_whitney, shifted_signed_rank
from sgsurvey.numerics.estimators import Means
from sgsurvey.numerics.group_tests import welch_error, welch_t
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import Adjustment
from sgsurvey.tables.few_persons import one_of_two_is_few
from sgsurvey.text import Text, same

Margin: TypeAlias = float | tuple[float, float]


def equivalence(
    data: Responses | pd.DataFrame | Regression,
    what: str | Sequence[str],
    *,
    margin: Margin | Mapping[str, Margin],
    by: str | None = None,
    against: float | str | None = None,
    adjust: Adjustment = "holm",
    alpha: float = 0.05,
) -> Equivalence:
    """Test whether means of two groups, a mean and a value, two answers of the same people, or a slope and 0 are alike.

    A difference that is not significant is no evidence of none: here the claim that it lies within the margin has to
    be shown, by two one-sided tests.

    Parameters
    ----------
    data : Responses, DataFrame or Regression
        Under a declared design its variance and degrees of freedom are used; a regression brings its own.
    what : str or list of str
        Variables whose means are compared, or slopes of the regression.
    margin : float, pair of float, or mapping of name to either
        The largest difference that does not matter, in the units of the variable, declared before the data came.  One
        number stands for both directions.
    by : str, optional
        Column of two groups: the first less the second.
    against : float or str, optional
        A value, or another variable answered by the same people.
    adjust : "holm", "BH" or "none"
        How the p-values of several variables are adjusted together.
    alpha : float

    Raises
    ------
    DataError
        Neither or both of ``by`` and ``against``; more or fewer than two groups; a variable without numbers.
    EstimationError
        Margins that do not enclose 0, or a level that is none.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
    equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15, 657-680.

    Examples
    --------
    ``sg.equivalence(answers, ["SAT", "MGT"], by="sex", margin=0.3)``
    """
    check_adjustment(adjust)
    if not 0 < alpha < 0.5:
        raise EstimationError(f"alpha={alpha} is no level.", where="alpha=", remedy="Give one such as 0.05.")
    names = [what] if isinstance(what, str) else list(what)
    claim = Claim({name: _limits(margin, name) for name in names}, adjust, alpha)
    if isinstance(data, Regression):
        if by is not None or against is not None:
            raise DataError("slopes are held against 0.", where="by=, against=", remedy="Leave both out.")
        return _slopes(data, names, claim)
    answers = as_columns(data)
    if by is not None and against is None:
        return _groups(answers, names, by, claim)
    if by is not None or against is None:
        raise DataError(
            "say what the means are compared with.",
            where="by=, against=",
            remedy="Give by= (two groups) or against= (a value, or a variable), not both.",
        )
    return _against(answers, names, against, claim)


def _limits(margin: Margin | Mapping[str, Margin], name: str) -> tuple[float, float]:
    """Lower and upper margin of one variable."""
    if isinstance(margin, Mapping):
        if name not in margin:
            raise EstimationError(f"'{name}' has no margin.", where="margin=", remedy="Give one for each variable.")
        margin = margin[name]
    low, high = (-margin, margin) if isinstance(margin, (int, float)) else margin
    if not low < 0 < high or not np.isfinite([low, high]).all():
        raise EstimationError(
            f"the margin {low:g} to {high:g} does not enclose 0.", where=f"'{name}'", remedy="Give a number above 0."
        )
    return float(low), float(high)


def _groups(answers: Responses, names: Sequence[str], by: str, claim: Claim) -> Equivalence:
    values = answers.variables([by])[by]
    codes = [code for code in answers.codes(by) if values.eq(code).fillna(False).any()]
    if len(codes) != 2:
        raise DataError(
            f"'{by}' makes {len(codes)} groups, not two.",
            where="by=",
            remedy="Keep two with .where(…), or use compare.",
        )
    masks = [values.eq(code).fillna(False).to_numpy(dtype=bool) for code in codes]
    simple, smallest = answers.design.is_simple, answers.questionnaire.smallest_cell
    sample = None if simple else Sample.of(answers)
    found = {}
    for name in names:
        y = _numbers(answers, name)
        x1, x2 = (y[mask & ~np.isnan(y) & _counted(answers)] for mask in masks)
        if min(len(x1), len(x2)) < smallest:
            raise DataError(
                f"'{name}' was answered by {len(x1)} and {len(x2)} people.", where=f"by='{by}'",
                remedy=f"Compare groups of at least {smallest}.",
            )  # fmt: skip
        if one_of_two_is_few(x1, smallest) or one_of_two_is_few(x2, smallest):
            found[name] = Difference(len(x1) + len(x2), hidden=True)
        elif sample is None:
            found[name] = _free(x1, x2, claim.margins[name])
        else:
            found[name] = _designed(Parts.of(sample, answers, name, by, codes), claim.margins[name])
    words = [code_words(answers, by, code) for code in codes]
    compared = Text("{a} − {b}", "{a} − {b}").format(a=words[0], b=words[1])
    used = np.any(masks, axis=0) & _counted(answers)
    basis = answers.basis(int(used.sum()), {f"{by} missing": int((~used).sum())} if not used.all() else {})
    notes = () if simple else tuple(design_notes(answers.design))
    return Equivalence(judged(found, claim), basis, compared, "groups" if simple else "design", claim, notes)


def _free(x: Array, y: Array, margin: tuple[float, float]) -> Difference:
    error = welch_error(x, y)
    df = welch_t(x, y).df if error > 0 else np.nan
    return Difference(len(x) + len(y), float(x.mean() - y.mean()), error, df, shifted_mann_whitney(x, y, *margin))


def _designed(parts: Parts, margin: tuple[float, float]) -> Difference:
    """The difference under the design, and its rank tests with the first group moved by each margin."""
    mean, covariance = parts.means()
    error = float(np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    tails = []
    for limit, tail in zip(margin, (stats.t.sf, stats.t.cdf), strict=True):
        test = ranks_test(replace(parts, y=np.where(parts.masks[0], moved(parts.y, limit), moved(parts.y, 0.0))))
        tails.append(float(tail(test.statistic, test.df)))
    n = int((parts.weights > 0).sum())
    return Difference(n, float(mean[0] - mean[1]), error, parts.df, OneSided(*tails))


def _against(answers: Responses, names: Sequence[str], against: float | str, claim: Claim) -> Equivalence:
    other = _numbers(answers, against) if isinstance(against, str) else np.full(len(answers), float(against))
    simple, sample, found = answers.design.is_simple, Sample.of(answers), {}
    used = np.zeros(len(answers), dtype=bool)
    for name in names:
        d = _numbers(answers, name) - other
        inside = ~np.isnan(d) & _counted(answers)
        n = int(inside.sum())
        if n < answers.questionnaire.smallest_cell:
            raise DataError(
                f"'{name}' was answered by {n} people.", where="against=",
                remedy=f"Give a variable with at least {answers.questionnaire.smallest_cell} answers.",
            )  # fmt: skip
        used |= inside
        if one_of_two_is_few(d[inside], answers.questionnaire.smallest_cell):
            found[name] = Difference(n, hidden=True)
            continue
        mean, covariance = sample.estimate(Means(sample.whole(d)[:, None]), inside)
        ranks = shifted_signed_rank(d[inside], *claim.margins[name]) if simple else None
        df = sample.df(sample.part(inside))
        found[name] = Difference(n, float(mean[0]), float(np.sqrt(covariance[0, 0])), df, ranks)
    label = answers.questionnaire.label(against) if isinstance(against, str) else same(f"{against:g}")
    compared = Text("均值 − {b}", "mean − {b}").format(b=label)
    missing = {" / ".join(names) + " missing": int((~used).sum())} if not used.all() else {}
    notes = () if simple else (*design_notes(answers.design), NO_RANKS)
    basis = answers.basis(int(used.sum()), missing)
    return Equivalence(judged(found, claim), basis, compared, "value" if simple else "", claim, tuple(notes))


NO_RANKS = Text("在抽样设计下，单个均值没有秩检验。", "Under a design there is no rank test of one mean.")


def _slopes(model: Regression, names: Sequence[str], claim: Claim) -> Equivalence:
    frame = model.frame.set_index("term")
    found = {}
    for name in names:
        if name not in frame.index:
            raise DataError(
                f"the model has no term '{name}'.{did_you_mean(name, list(frame.index))}",
                remedy=f"Its terms: {', '.join(frame.index)}.",
            )
        line = frame.loc[name]
        if np.isnan(line["estimate"]):
            raise DataError(f"few people stand behind '{name}'.", where="what", remedy="Merge categories.")
        found[name] = Difference(model.n, line["estimate"], line["std_error"], line["df"])
    compared = Text("回归系数 − 0", "slope − 0")
    return Equivalence(judged(found, claim), model.basis, compared, "", claim, model.fit.notes())


def _numbers(answers: Responses, name: str) -> Array:
    values = answers.variables([name])[name]
    if not pd.api.types.is_numeric_dtype(values):
        raise DataError(f"'{name}' holds words, which have no mean.", where=name, remedy="Name a score or a number.")
    return values.to_numpy(dtype=float, na_value=np.nan)


def _counted(answers: Responses) -> npt.NDArray[np.bool_]:
    """Rows with a weight above 0; shape (n,)."""
    return np.ones(len(answers), dtype=bool) if answers.weights is None else answers.weights > 0
