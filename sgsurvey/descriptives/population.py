"""Verbs that estimate the population: means, totals, shares, ratios, variances, quantiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.words import code_words
from sgsurvey.descriptives.estimates import (
    COLUMNS,
    Estimates,
    Wanted,
    What,
    check_level,
    estimated,
    groups_of,
    matrix,
    used,
)
from sgsurvey.descriptives.groups import code_positions
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.estimators import Means, Quantiles, Ratios, Statistic, Totals, Variances, weighted_quantile
from sgsurvey.numerics.intervals import logit_interval, symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.few_persons import few
from sgsurvey.tables.suppress import suppressed
from sgsurvey.text import Text


def mean(data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95) -> Estimates:
    """Means of the population, by the design of the sample.

    Parameters
    ----------
    data : Responses or DataFrame
        With a design (``survey_design``), or else as a simple random sample.
    what : str or list of str
        Constructs, items or columns with numbers; each mean is over the rows that have it.
    by : str or list of str, optional
        Columns whose values are estimated apart.  Each is a domain: the rest of the sample stays in the variance.
    conf_level : float

    Returns
    -------
    Estimates
        With the covariance of all of them, for ``.contrast``.

    References
    ----------
    Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate. Journal of the
    American Statistical Association, 66, 411-414.

    Examples
    --------
    ``sg.mean(answers, ["SAT", "MGT"], by="township_id")``
    """
    return _numbers(data, what, "mean", by, conf_level, Means)


def total(data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95) -> Estimates:
    """Totals of the population: the sum of weights times values; what is not known adds nothing.

    Parameters
    ----------
    data : Responses or DataFrame
        With weights, or population sizes from which weights follow.
    what : str or list of str
    by : str or list of str, optional
    conf_level : float

    Raises
    ------
    DesignError
        There are no weights: a sum over the sample is no total of a population.
    """
    answers = as_columns(data)
    if answers.design.weights is None:
        raise DesignError(
            Text(
                "没有权数：样本之和不是总体总量。",
                "there are no weights: a sum over the sample is no total of a population.",
            ),
            remedy=Text(
                "请用survey_design(weights=…)或survey_design(fpc=…)声明设计。",
                "Declare them with survey_design(weights=…), or population sizes with survey_design(fpc=…).",
            ),
        )
    return _numbers(answers, what, "total", by, conf_level, Totals)


def variance(
    data: Responses | pd.DataFrame, what: What, *, by: What | None = None, conf_level: float = 0.95
) -> Estimates:
    """Variances in the population, with their errors.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str or list of str
    by : str or list of str, optional
    conf_level : float
    """
    return _numbers(data, what, "variance", by, conf_level, Variances)


def proportion(
    data: Responses | pd.DataFrame, what: str, *, by: What | None = None, conf_level: float = 0.95
) -> Estimates:
    """Shares of the population that each answer has, with intervals between 0 and 1.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str
        A coded item, or any column with few values; codes for no answer count as missing.
    by : str or list of str, optional
    conf_level : float

    References
    ----------
    Korn, E. L., & Graubard, B. I. (1999). Analysis of Health Surveys. Wiley.
    """
    answers = as_columns(data)
    values = answers.variables([what])[what]
    known = answers.codes(what)
    places = code_positions(values, known)
    codes = [known[place] for place in np.unique(places[places >= 0])]
    if not codes:
        raise DataError(
            Text(f"“{what}”没有可用的回答。", f"'{what}' has no answers."),
            remedy=Text("请检查该列。", "Check the column."),
        )
    y = (places[:, None] == np.unique(places[places >= 0])).astype(float)
    y[values.isna().to_numpy()] = np.nan
    terms = [(f"{what}={code}", code_words(answers, what, code)) for code in codes]
    found = estimated(answers, Wanted("proportion", terms, Means, [y], y, "mean"), by, conf_level)
    share, error, df = (found.frame[key].to_numpy(dtype=float) for key in ("estimate", "std_error", "df"))
    low, high = logit_interval(share, error, df, conf_level)
    frame = found.frame.assign(conf_low=low, conf_high=high)
    # A share of few persons is a count of few persons: it is hidden with what would give it away.
    persons = frame["n"].to_numpy(dtype=float).reshape(-1, len(codes))
    counts = np.array([(y[mask] == 1).sum(axis=0) for _, mask in groups_of(answers, list(found.by))], dtype=float)
    enough = persons.max(axis=1) >= answers.questionnaire.smallest_cell
    hidden = suppressed(counts.T, answers.questionnaire.smallest_cell).T | ~enough[:, None]
    numbers = ["estimate", "std_error", "conf_low", "conf_high", "deff"]
    frame.loc[hidden.ravel(), numbers] = np.nan
    covariance = np.where(hidden.ravel()[:, None] | hidden.ravel(), np.nan, found.covariance)
    return replace(found, frame=frame, covariance=covariance)


def ratio(
    data: Responses | pd.DataFrame,
    numerator: str,
    denominator: str,
    *,
    by: What | None = None,
    conf_level: float = 0.95,
) -> Estimates:
    """The ratio of two totals of the population, over the rows that have both.

    Parameters
    ----------
    data : Responses or DataFrame
    numerator, denominator : str
    by : str or list of str, optional
    conf_level : float

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model Assisted Survey Sampling. Springer. Chapter 5.
    """
    answers = as_columns(data)
    y, x = (matrix(answers, [name]) for name in (numerator, denominator))
    labels = answers.basis()
    words = Text(
        *(f"{labels.label(numerator).to(lang)} / {labels.label(denominator).to(lang)}" for lang in ("zh", "en"))
    )
    both = np.where(np.isnan(y) | np.isnan(x), np.nan, y)
    terms = [(f"{numerator}/{denominator}", words)]
    return estimated(answers, Wanted("ratio", terms, Ratios, [y, x], both, None), by, conf_level)


def quantile(
    data: Responses | pd.DataFrame,
    what: str,
    p: float | Sequence[float] = 0.5,
    *,
    by: What | None = None,
    conf_level: float = 0.95,
) -> Estimates:
    """Quantiles of the population: the smallest value that at least the share ``p`` does not exceed.

    The interval is that of the share below the quantile, read back as values; the standard error is its width divided
    by that of the t interval.  With replicate weights the error is the replicates' (poor for JK1 and JKn).  What fewer
    than the smallest count of people lie at or beyond is their own answer, and is nan.

    Parameters
    ----------
    data : Responses or DataFrame
    what : str
    p : float or sequence of float
        Between 0 and 1.
    by : str or list of str, optional
    conf_level : float

    References
    ----------
    Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the American
    Statistical Association, 47, 635-646.
    """
    check_level(conf_level)
    answers, shares = as_columns(data), np.atleast_1d(np.asarray(p, dtype=float))
    if not ((shares > 0) & (shares < 1)).all():
        raise DataError(
            Text("p须在0与1之间。", "p must lie between 0 and 1."),
            remedy=Text("例如0.5。", "Such as 0.5 for the median."),
        )
    y, columns = matrix(answers, [what])[:, 0], [by] if isinstance(by, str) else list(by or [])
    words = answers.basis().label(what)
    terms = [
        (f"{what}:{share:g}", Text(f"{words.zh}，{share:.0%}分位数", f"{words.en}, {share:.0%} quantile"))
        for share in shares
    ]
    rows, covariance = [], np.full((0, 0), np.nan)
    for keys, mask in groups_of(answers, columns):
        own = np.where(mask, y, np.nan)
        found = _without_extremes(
            _quantiles(answers, own, shares, conf_level), own, answers.questionnaire.smallest_cell
        )
        covariance = _side_by_side(covariance, found.covariance)
        for (term, label), numbers in zip(terms, found.rows, strict=True):
            rows.append([term, label, *keys, *numbers])
    frame = pd.DataFrame(rows, columns=[*COLUMNS[:2], *columns, *COLUMNS[2:]])
    basis, notes = used(answers, y[:, None]), design_notes(answers.design)
    return Estimates(frame, basis, covariance, "quantile", tuple(columns), conf_level, notes)


# ------------------------------------------------------------------------------------------------------------


def _numbers(
    data: Responses | pd.DataFrame,
    what: What,
    statistic: Literal["mean", "total", "variance"],
    by: What | None,
    conf_level: float,
    kind: Callable[[Array], Statistic],
) -> Estimates:
    answers = as_columns(data)
    names = [what] if isinstance(what, str) else list(what)
    y, labels = matrix(answers, names), answers.basis()
    terms = [(name, labels.label(name)) for name in names]
    compared = None if statistic == "variance" else statistic
    return estimated(answers, Wanted(statistic, terms, kind, [y], y, compared), by, conf_level)


class _Found(NamedTuple):
    """Rows of numbers (``COLUMNS`` from ``estimate`` on) and their covariance."""

    rows: list[list[float]]
    covariance: Array


def _quantiles(answers: Responses, y: Array, shares: Array, conf_level: float) -> _Found:
    """Quantiles of the rows that are not nan."""
    sample, inside = Sample.of(answers), ~np.isnan(y)
    w = sample.part(inside)
    df, n = sample.df(w), int((w > 0).sum())
    whole = sample.whole(y)
    if answers.design.replicates is not None:
        value, covariance = sample.estimate(Quantiles(whole, shares), inside)
        low, high = symmetric_interval(value, np.sqrt(np.diag(covariance)), df, conf_level)
    else:
        present, weight = y[inside], w[sample.rows][inside]
        value = weighted_quantile(present, weight, shares)
        below = np.where(np.isnan(whole)[:, None], np.nan, whole[:, None] <= value)
        reached, of_shares = sample.estimate(Means(below), inside)
        ends = symmetric_interval(reached, np.sqrt(np.diag(of_shares)), df, conf_level)
        low, high = (weighted_quantile(present, weight, np.clip(end, 0, 1)) for end in ends)
        unit = symmetric_interval(0.0, 1.0, df, conf_level)[1]
        with np.errstate(invalid="ignore"):  # the share below the largest value has no error
            slope = (high - low) / (2 * unit * np.sqrt(np.diag(of_shares)))
        # Bahadur: a quantile moves as the share below it, times the slope that the interval shows.
        covariance = of_shares * np.outer(slope, slope)
    error = np.sqrt(np.diag(covariance))
    rows = [[*map(float, line), df, np.nan, n] for line in zip(value, error, low, high, strict=True)]
    return _Found(rows, covariance)


def _without_extremes(found: _Found, y: Array, smallest: int) -> _Found:
    """Quantiles without those that are the answers of a few, and without the errors that lean on such answers."""

    def of_few(value: float) -> bool:
        return bool(few((y <= value).sum(), smallest) or few((y >= value).sum(), smallest))

    rows, covariance = [], found.covariance.copy()
    for k, (value, error, low, high, *rest) in enumerate(found.rows):
        own, ends = of_few(value), of_few(low) or of_few(high)
        if own or ends:
            covariance[k], covariance[:, k] = np.nan, np.nan
        rows.append([np.nan if own else value, *([np.nan] * 3 if own or ends else [error, low, high]), *rest])
    return _Found(rows, covariance)


def _side_by_side(a: Array, b: Array) -> Array:
    """Two covariances of which nothing joint is known."""
    out = np.full((len(a) + len(b), len(a) + len(b)), np.nan)
    out[: len(a), : len(a)], out[len(a) :, len(a) :] = a, b
    return out
