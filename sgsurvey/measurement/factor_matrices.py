"""Correlations of items by kind and by what becomes of missing answers, with the rows that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.measurement.ordered_codes import at_bound_remark, ordered_codes
from sgsurvey.measurement.scales import sample
from sgsurvey.numerics.em import normal_moments, patterns
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.pairwise import pairwise_pearson
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.text import Text


@dataclass(frozen=True, eq=False)
class Found:
    """Correlations before anybody judged them.

    Attributes
    ----------
    corr : ndarray, shape (p, p)
        The diagonal is not 1 where an item does not vary.
    n : int or None
        What tests count as rows.
    mean, sd : ndarray, shape (p,)
    used : int
        Rows that entered at all.
    dropped : dict of reason to count
    pairs : int or None
        The fewest rows of a pair, None where all pairs have the same rows.
    remarks : tuple of Text
    """

    corr: Array
    n: int | None
    mean: Array
    sd: Array
    used: int
    dropped: dict[str, int]
    pairs: int | None = None
    remarks: tuple[Text, ...] = ()


def correlated(answers: Responses, names: Sequence[str], kind: str, missing: str) -> Found:
    """Correlations of ``names``, of one kind and under one rule for missing answers."""
    if kind == "pearson" and missing == "listwise":
        return _complete_rows(answers, names)
    values, weights = _rows(answers, names)
    if kind == "pearson":
        return (
            _by_likelihood(values, weights, len(answers)) if missing == "fiml" else _by_pair(values, weights, answers)
        )
    if missing == "listwise":
        kept = ~np.isnan(values).any(axis=1)
        values, weights = values[kept], None if weights is None else weights[kept]
    if kind == "polychoric":
        return _of_categories(values, weights, names, answers, missing == "pairwise")
    return _of_ranks(values, weights, answers, missing == "pairwise")


def effective_rows(weights: Array) -> int:
    """``(sum w)² / sum w²``, rounded down; Kish (1965)."""
    total = float((weights**2).sum())
    return int(weights.sum() ** 2 / total + 1e-9) if total > 0 else 0


def _rows(answers: Responses, names: Sequence[str]) -> tuple[Array, Array | None]:
    """Rows with an answer to any item and a weight above 0, and their weights."""
    values, weights = answers.items(list(names)).to_numpy(dtype=float), answers.weights
    if np.isinf(values).any():
        raise DataError(
            f"infinite values among {', '.join(names)}.", remedy="Set what is not a number to missing before analysis."
        )
    kept = ~np.isnan(values).all(axis=1)
    if weights is not None:
        kept &= weights > 0
    return values[kept], None if weights is None else weights[kept]


def _complete_rows(answers: Responses, names: Sequence[str]) -> Found:
    found = sample(answers, names)
    corr = correlation(found.cov) if not found.constant else np.diag(np.where(np.diag(found.cov) > 1e-12, 1.0, 0.0))
    used, n, dropped = found.n, found.n, {"incomplete": found.n_in - found.n}
    if answers.weights is not None:
        complete = answers.items(list(names)).notna().all(axis=1).to_numpy()
        empty = int((complete & (answers.weights <= 0)).sum())
        used, n = found.n - empty, effective_rows(answers.weights[complete])
        dropped["weight 0"] = empty
    sd = np.sqrt(np.maximum(np.diag(found.cov), 0.0))
    return Found(corr, n, found.mean, sd, used, {reason: count for reason, count in dropped.items() if count})


def _by_pair(values: Array, weights: Array | None, answers: Responses) -> Found:
    corr = pairwise_pearson(values, weights)[0]
    mean, sd = _margins(values, weights)
    counted = (~np.isnan(values)).astype(float)
    n = fewest = int((counted.T @ counted).min())
    if weights is not None:
        n = _fewest_effective(counted, weights)
    return Found(
        np.where(np.isnan(corr) & np.eye(len(corr), dtype=bool), 0.0, corr),
        n,
        mean,
        sd,
        len(values),
        _unanswered(answers, values),
        fewest,
        (_pairwise_remark(counted, n),),
    )


def _by_likelihood(values: Array, weights: Array | None, n_in: int) -> Found:
    if weights is not None:
        raise DesignError(
            Text("fiml不能使用权数。", "fiml cannot use weights."),
            where="missing",
            remedy=Text("请用listwise或pairwise。", "Use listwise or pairwise, which take them."),
        )
    counted = (~np.isnan(values)).astype(float)
    fewest = int((counted.T @ counted).min())
    mean, sd = _margins(values, None)
    dropped = {"unanswered": n_in - len(values)} if n_in > len(values) else {}
    if fewest < 2 or (sd <= 1e-12).any():
        corr = np.diag(np.where(sd > 1e-12, 1.0, 0.0))
        return Found(corr, len(values), mean, sd, len(values), dropped, fewest)
    found = normal_moments(patterns(values), tolerance=1e-10, iterations=5000)
    if not found.converged:
        raise EstimationError(
            Text("EM算法未收敛。", "the EM algorithm did not converge."),
            where="missing",
            remedy=Text("缺失太多：请减少题项。", "Too much is missing: name fewer items."),
        )
    n = len(values)
    remark = Text(
        f"缺失值按正态下的极大似然处理（EM，{n}行），假定随机缺失；检验和拟合视{n}行为完整，因此偏宽。",
        f"Missing answers by maximum likelihood under normality (EM, {n} rows), right if missing at random; tests and "
        f"fit count these rows as complete, and so find too much.",
    )
    spread = np.sqrt(np.diag(found.cov) * n / max(n - 1, 1))
    remarks = (remark,) if (counted < 1).any() else ()
    return Found(correlation(found.cov), n, found.mean, spread, n, dropped, fewest, remarks)


def _of_categories(
    values: Array, weights: Array | None, names: Sequence[str], answers: Responses, by_pair: bool
) -> Found:
    fitted = polychoric(ordered_codes(values, names), weights)
    mean, sd = _margins(values, weights)
    corr = fitted.corr.copy()
    corr[np.diag_indices(len(corr))] = np.where(sd > 1e-12, 1.0, 0.0)
    counted = (~np.isnan(values)).astype(float)
    remarks = [OF_CATEGORIES, *at_bound_remark(names, fitted.at_bound)]
    if not by_pair:
        lost = len(answers) - len(values)
        n = len(values) if weights is None else effective_rows(weights)
        return Found(corr, n, mean, sd, len(values), {"incomplete": lost} if lost else {}, None, tuple(remarks))
    fewest = int(fitted.n.min())
    n = fewest if weights is None else _fewest_effective(counted, weights)
    remarks.append(_pairwise_remark(counted, n))
    return Found(corr, n, mean, sd, len(values), _unanswered(answers, values), fewest, tuple(remarks))


OF_CATEGORIES = Text(
    "多分格相关（两步法：阈值取自各题项自身的边际分布）；检验和拟合仍按正态连续变量计算，为近似值。",
    "Polychoric correlations (two-step, each item's thresholds from its own margin); tests and fit are those of "
    "normal continuous variables, and approximate.",
)


def _of_ranks(values: Array, weights: Array | None, answers: Responses, by_pair: bool) -> Found:
    if weights is not None:
        raise DesignError(
            Text("Spearman相关不能使用权数。", "Spearman correlations cannot use weights."),
            where="correlation",
            remedy=Text("请用pearson或polychoric。", "Use pearson or polychoric, which take them."),
        )
    mean, sd = _margins(values, None)
    counted = (~np.isnan(values)).astype(float)
    corr = np.eye(values.shape[1])
    for i, j in zip(*np.triu_indices(len(corr), 1), strict=True):
        both = values[(counted[:, i] * counted[:, j]) > 0][:, [i, j]]
        corr[i, j] = corr[j, i] = pairwise_pearson(stats.rankdata(both, axis=0))[0][0, 1] if len(both) > 1 else np.nan
    corr[np.diag_indices(len(corr))] = np.where(sd > 1e-12, 1.0, 0.0)
    if not by_pair:
        lost = len(answers) - len(values)
        return Found(corr, len(values), mean, sd, len(values), {"incomplete": lost} if lost else {})
    fewest = int((counted.T @ counted).min())
    remarks = (_pairwise_remark(counted, fewest),)
    return Found(corr, fewest, mean, sd, len(values), _unanswered(answers, values), fewest, remarks)


def _margins(values: Array, weights: Array | None) -> tuple[Array, Array]:
    """Mean and standard deviation of each item over the rows that have it; weights make shares."""
    w = np.where(np.isnan(values), 0.0, 1.0 if weights is None else weights[:, None])
    total, rows = w.sum(axis=0), np.maximum((w > 0).sum(axis=0), 2)
    filled = np.nan_to_num(values)
    mean = (w * filled).sum(axis=0) / np.where(total > 0, total, np.nan)
    variance = (w * (filled - mean) ** 2).sum(axis=0) / np.where(total > 0, total, np.nan) * rows / (rows - 1)
    return mean, np.sqrt(variance)


def _unanswered(answers: Responses, values: Array) -> dict[str, int]:
    lost = len(answers) - len(values)
    return {"unanswered": lost} if lost else {}


def _fewest_effective(counted: Array, weights: Array) -> int:
    sums, squares = counted.T @ (counted * weights[:, None]), counted.T @ (counted * weights[:, None] ** 2)
    return int((sums**2 / np.maximum(squares, 1e-300)).min() + 1e-9)


def _pairwise_remark(counted: Array, n: int) -> Text:
    rows = counted.T @ counted
    low, high = int(rows.min()), int(rows.max())
    return Text(
        f"成对删除：每对题项有{low}至{high}行；检验和拟合按最少的一对（n = {n}）计算。",
        f"Pairwise complete rows, {low} to {high} of them; tests and fit count the fewest (n = {n}).",
    )
