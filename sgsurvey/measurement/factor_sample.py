"""The one way to the matrix that factors are sought in: correlations by kind, missing answers and weights.

``factor_sample(data, what, verb, correlation)`` gives ``corr``, ``n`` (what tests count as rows), ``basis`` and
``remarks`` for efa, adequacy and retention, from answers, a DataFrame, ``Moments`` or a ``CorrelationMatrix``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.moments import Moments
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError, did_you_mean
from sgsurvey.measurement.correlation_matrix import CorrelationMatrix, looks_like_a_matrix
from sgsurvey.measurement.factor_matrices import Found, correlated
from sgsurvey.measurement.scales import FEWEST, INDEPENDENT, SELECTED, refuse_other_kinds
from sgsurvey.numerics.linalg import Array, correlation, is_singular, smoothed
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Basis
from sgsurvey.text import Text

CorrelationKind = Literal["pearson", "spearman", "polychoric"]
Missing = Literal["listwise", "pairwise", "fiml"]
FactorData: TypeAlias = Responses | pd.DataFrame | Moments | CorrelationMatrix


@dataclass(frozen=True, slots=True)
class Correlation:
    """Which correlations, and what becomes of rows with missing answers.

    Parameters
    ----------
    kind : "pearson", "spearman" or "polychoric"
        Of the answers, or of their ranks.
    missing : "listwise", "pairwise" or "fiml"
        The rows complete on all items; for each pair the rows complete on it; or all rows, by maximum likelihood under
        normality (the EM algorithm; Pearson alone), which is right where answers are missing at random.
    """

    kind: CorrelationKind = "pearson"
    missing: Missing = "listwise"

    def __post_init__(self) -> None:
        for value, known, where in (
            (self.kind, get_args(CorrelationKind), "correlation"),
            (self.missing, get_args(Missing), "missing"),
        ):
            if value not in known:
                raise EstimationError(
                    Text(f"没有“{value}”。", f"there is no '{value}'.{did_you_mean(str(value), list(known))}"),
                    where=where,
                    remedy=Text(f"请用{'、'.join(known)}之一。", f"Use one of {', '.join(known)}."),
                )
        if self.missing == "fiml" and self.kind != "pearson":
            raise EstimationError(
                Text("fiml只用于Pearson相关。", "fiml is for Pearson correlations."),
                where="missing",
                remedy=Text("请用listwise或pairwise。", "Use listwise or pairwise."),
            )


@dataclass(frozen=True, eq=False)
class FactorSample:
    """The matrix that factors are sought in, and what it stands on.

    Attributes
    ----------
    names : tuple of str, length p
    corr : ndarray, shape (p, p)
        Positive definite: smoothed where it was not, with a remark.
    n : int or None
        What tests and fit count as rows: the rows; the effective ones under weights; the fewest of a pair.  None where
        nobody knows: there are no tests.
    mean, sd : ndarray, shape (p,)
        Of the items, nan where unknown.
    plan : Correlation
    basis : Basis
    remarks : tuple of Text
        What a reader of factors must know about their rows and their matrix.
    answers : Responses or None
        The rows, where they are at hand.
    smoothed : bool
    """

    names: tuple[str, ...]
    corr: Array
    n: int | None
    mean: Array
    sd: Array
    plan: Correlation
    basis: Basis
    remarks: tuple[Text, ...] = ()
    answers: Responses | None = field(default=None, repr=False)
    smoothed: bool = False

    def rows(self, verb: str) -> int:
        """``n``, for a verb that cannot do without."""
        if self.n is None:
            raise EstimationError(
                Text(f"{verb}需要知道样本量。", f"{verb} needs to know the number of rows."),
                where="n",
                remedy=Text("请在CorrelationMatrix中给出n=。", "Give n= to the CorrelationMatrix, or the rows."),
            )
        return self.n


def factor_sample(
    data: FactorData, what: What, verb: str, correlation: CorrelationKind | Correlation = "pearson"
) -> FactorSample:
    """The sample of one role that factors may be sought in.

    Weights enter the correlations; strata, clusters, population sizes and replicates do not move them, and tests and
    fit take rows as independent (under weights: as many as Kish's effective n), which remarks say.

    Raises
    ------
    DesignError
        Several roles, constructs that are no scales, or fewer than 30 rows (or than items) to a correlation.
    DataError
        A correlation matrix as a plain DataFrame, infinite values.
    EstimationError
        Fewer than three items, an item without variance, or items that determine each other.
    """
    plan = correlation if isinstance(correlation, Correlation) else Correlation(correlation)
    if isinstance(data, CorrelationMatrix | Moments):
        return _from_moments(data, what, verb, plan)
    if isinstance(data, pd.DataFrame) and looks_like_a_matrix(data):
        raise DataError(
            Text("这是相关矩阵，不是答卷。", "this is a matrix of correlations, not rows of answers."),
            where="data",
            remedy=Text("请写成sg.CorrelationMatrix(frame, n=…)。", "Pass sg.CorrelationMatrix(frame, n=…)."),
        )
    answers, constructs = as_responses(data, what)
    refuse_other_kinds(answers, constructs, verb)
    if len(answers.roles) > 1:
        raise DesignError(
            f"{verb} looks for factors within one role, and {len(answers.roles)} are present: "
            f"{', '.join(answers.roles)}.",
            remedy=f"Choose one, as in answers.where(role='{answers.roles[0]}'), or use sg.by_group.",
        )
    names = answers.item_names(constructs)
    _enough_items(names, verb)
    found = correlated(answers, names, plan.kind, plan.missing)
    _enough_rows(found, names, verb)
    corr, remarks = _usable(found.corr, names)
    remarks = (*_of_rows(found, answers), *remarks)
    basis = answers.basis(found.used, found.dropped)
    return FactorSample(
        tuple(names), corr, found.n, found.mean, found.sd, plan, basis, remarks, answers, corr is not found.corr
    )


def _from_moments(data: Moments | CorrelationMatrix, what: What, verb: str, plan: Correlation) -> FactorSample:
    """The same from sums or a matrix alone, where rows, and what was missing in them, cannot be seen."""
    if plan != Correlation():
        raise EstimationError(
            Text("只有矩阵时，不能另选相关的种类或缺失的处理。", "a matrix has settled its correlations already."),
            where="correlation",
            remedy=Text("请直接给出原始数据。", "Give the rows, or leave correlation= out."),
        )
    wanted = [what] if isinstance(what, str) else list(what)
    known = list(data.names)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise DataError(
            Text(
                f"矩阵中没有{'、'.join(unknown)}。",
                f"the matrix lacks {', '.join(unknown)}.{did_you_mean(unknown[0], known)}",
            ),
            remedy=Text("请给出矩阵中的名称。", "Name its variables."),
        )
    names = list(dict.fromkeys(wanted))
    _enough_items(names, verb)
    at = [known.index(name) for name in names]
    cov = np.asarray(data.cov)[np.ix_(at, at)]
    unknown_moments, notes = np.full(len(names), np.nan), []
    if isinstance(data, Moments):
        even = np.allclose(data.weight, data.rows)
        n, mean, sd = (data.n if even else None), data.mean[at], np.sqrt(np.maximum(np.diag(cov), 0.0))
        basis = Basis(data.rows_in, data.n, {"incomplete": data.rows_in - data.n} if data.rows_in > data.n else {})
        if not even:
            notes.append(UNKNOWN_SIZE)
    else:
        n, mean, sd = data.n, unknown_moments, unknown_moments if data.standard else np.sqrt(np.diag(cov))
        basis = Basis(n or 0, n or 0, language=data.language)
        if not data.standard:
            notes.append(STANDARDISED)
    found = Found(correlation(cov) if (np.diag(cov) > 1e-12).all() else cov, n, mean, sd, basis.n, {})
    if n is not None:
        _enough_rows(found, names, verb)
    corr, remarks = _usable(found.corr, names)
    more = few_rows(_rows(found), len(names)) if n is not None else ()
    return FactorSample(
        tuple(names), corr, n, mean, sd, plan, basis, (*notes, *more, *remarks), None, corr is not found.corr
    )


# Gates -----------------------------------------------------------------------------------------------------------


def _enough_items(names: Sequence[str], verb: str) -> None:
    if len(names) < 3:
        raise EstimationError(f"{verb} needs at least three items, and got {len(names)}.", remedy="Name more items.")


def _enough_rows(found: Found, names: Sequence[str], verb: str) -> None:
    fewest = max(FEWEST, len(names) + 1)
    rows = _rows(found)
    if rows < fewest:
        what = "complete rows" if found.pairs is None else "rows complete on each pair"
        raise DesignError(
            f"{verb} needs at least {fewest} {what} for {len(names)} items, and there are {rows}.",
            remedy="Describe such a small group item by item.",
        )


def _rows(found: Found) -> int:
    return found.used if found.pairs is None else found.pairs


def _usable(corr: Array, names: Sequence[str]) -> tuple[Array, tuple[Text, ...]]:
    """The matrix, smoothed where pairs contradict each other; refused where items are constant or the same."""
    constant = [name for name, r in zip(names, np.diag(corr), strict=True) if not abs(r - 1) < 1e-9]
    if constant:
        raise EstimationError(
            f"everybody answered {', '.join(constant)} alike.", remedy="Leave these items out of the analysis."
        )
    if not np.isfinite(corr).all():
        i, j = np.argwhere(~np.isfinite(corr))[0]
        raise EstimationError(
            Text(
                f"{names[i]}与{names[j]}的相关无法计算。",
                f"{names[i]} and {names[j]} have no correlation: among the rows with both, one does not vary.",
            ),
            remedy=Text("请去掉其中一题。", "Leave one of them out."),
        )
    pairs = np.argwhere(np.triu(np.abs(corr) > 1 - 1e-10, 1))
    lowest = float(np.linalg.eigvalsh(corr)[0])
    if len(pairs) or (lowest > -1e-10 and is_singular(corr)):
        twins = "".join(f" ({names[i]} and {names[j]} correlate perfectly)" for i, j in pairs[:1])
        raise EstimationError(
            f"the items determine each other{twins}.", remedy="Leave out the repeated or derived item."
        )
    if lowest > 0 and not is_singular(corr):
        return corr, ()
    mended = smoothed(corr)
    moved = float(np.abs(mended - corr).max())
    return mended, (SMOOTHED.format(least=in_prose(lowest, "bounded"), moved=in_prose(moved, "bounded")),)


# What must be said -----------------------------------------------------------------------------------------------

STANDARDISED = Text("给出的是协方差矩阵，已化为相关矩阵。", "Covariances were given, and brought to correlations.")
UNKNOWN_SIZE = Text(
    "汇总量是加权的，不含权数平方和，无法得知有效样本量，故无检验和拟合指标。",
    "The sums are weighted and do not hold the squares of the weights: without an effective n there are no tests.",
)
SMOOTHED = Text(
    "相关矩阵不正定（最小特征根{least}），已平滑，单个相关最大改变{moved}；极大似然、KMO、Bartlett检验须谨慎。",
    "The correlations are not positive definite (least eigenvalue {least}) and were smoothed, which moved one by "
    "{moved} at most; take ML, KMO and Bartlett's test with care.",
)


def _of_rows(found: Found, answers: Responses) -> tuple[Text, ...]:
    remarks = list(found.remarks)
    design = answers.design
    if any(part not in (None, ()) for part in (design.strata, design.clusters, design.fpc, design.replicates)):
        remarks.append(INDEPENDENT)
    if found.n is not None and answers.weights is not None:
        remarks.append(
            Text(
                f"相关已加权；检验和拟合按Kish有效样本量n = {found.n}近似（(Σw)²/Σw²）。",
                f"Correlations are weighted; tests and fit are approximate, with Kish's effective n = {found.n} "
                "((Σw)²/Σw²).",
            )
        )
    return (*remarks, *few_rows(_rows(found), len(found.corr)), *selected_rows(found.used, len(answers)))


def few_rows(rows: int, p: int) -> tuple[Text, ...]:
    """That ``rows`` are few for ``p`` items, where they are."""
    if rows >= max(100, 5 * p):
        return ()
    return (
        Text(
            f"{p}个题项只有{rows}行完整数据，低于惯例（至少100行且为题项数的5倍），结果不稳定。",
            f"{rows} complete rows for {p} items are below the convention (at least 100, and 5 per item): the "
            "result is unstable.",
        ),
    )


def selected_rows(used: int, n_in: int) -> tuple[Text, ...]:
    """That the rows used are a selection, where they are."""
    if used >= SELECTED * n_in:
        return ()
    share = in_prose(1 - used / n_in, "percent", 0)
    return (
        Text(
            "{share}的行因缺失或“不清楚”而未使用：结果只代表回答了全部题项的人；减少题项可保留更多的行。",
            "{share} of the rows are incomplete or don't know: the result is of those who answered everything; "
            "fewer items keep more rows.",
        ).format(share=share),
    )
