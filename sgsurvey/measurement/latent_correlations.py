"""Correlations of what lies behind ordered answers: estimates, errors and thresholds, under the sample's design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DataError
from sgsurvey.measurement.design_based import Pairs
from sgsurvey.measurement.ordered_codes import at_bound_remark, ordered_codes
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.mixed_correlations import MixedCorrelations
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text

# Up to this many different whole numbers are taken as ordered categories where nobody says.
FEW_VALUES = 10

Mask = npt.NDArray[np.bool_]
Estimation = Literal["two-step", "ml"]


@dataclass(frozen=True)
class Found:
    """Correlations of p variables, pairs above the diagonal row by row.

    Attributes
    ----------
    pairs : Pairs
    corr : ndarray, shape (p, p)
    kinds : list of str, length q
        "polychoric", "tetrachoric", "polyserial", "biserial" or "pearson" of each pair.
    at_bound : ndarray of bool, shape (q,)
    thresholds : DataFrame
        ``variable, lower, upper`` (the codes on either side), ``estimate, std_error``.
    remarks : tuple of Text
    """

    pairs: Pairs
    corr: Array
    kinds: list[str]
    at_bound: Mask
    thresholds: pd.DataFrame
    remarks: tuple[Text, ...]


def latent_correlations(
    answers: Responses,
    names: Sequence[str],
    values: Array,
    ordered: Mask,
    conf_level: float,
    estimation: Estimation = "two-step",
) -> Found:
    """Polychoric, polyserial and Pearson correlations of ``values``, shape (n, p); ``ordered`` has shape (p,).

    Errors are those of independent rows where no design is declared, else the design's; intervals and tests on Fisher's
    z with ``se(z) = se(r) / (1 - r^2)``.
    """
    coded = values.copy()
    labels = [name for name, is_ordered in zip(names, ordered, strict=True) if is_ordered]
    codes = ordered_codes(values[:, ordered], labels)
    coded[:, ordered] = np.where(codes < 0, np.nan, codes)
    lowest = np.where(np.isnan(values[:, ordered]), np.inf, values[:, ordered]).min(axis=0, initial=np.inf)
    if answers.design.is_simple:
        mixed = MixedCorrelations(coded, ordered)
        fit, errors = mixed.fit(), np.sqrt(mixed.variances())
        df: Array | float = np.inf
    else:
        sample = Sample.of(answers)
        mixed = MixedCorrelations(sample.whole(coded), ordered, sample.weights > 0)
        w = sample.part(np.ones(len(values), dtype=bool))
        fit, errors = mixed.fit(w), _designed(sample, mixed, w)
        df = _pairwise_df(sample, mixed.values, w)
    cuts = sum(mixed.cuts)
    kept = [codes + low for codes, low in zip(mixed.categories, lowest, strict=True)]
    thresholds = threshold_frame(labels, kept, np.concatenate([*fit.thresholds, []]), errors[:cuts])
    corr, of_pairs, bound = fit.corr, errors[cuts:], fit.at_bound
    if estimation == "ml":
        corr, of_pairs = mixed.joint()
    pairs = latent_pairs(corr, of_pairs, df, fit.n, conf_level)
    first, second = np.triu_indices(len(names), 1)
    categories = iter(mixed.categories)
    sizes = [len(next(categories)) if is_ordered else 0 for is_ordered in ordered]
    kinds = [kind_of(sizes[i], sizes[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    return Found(pairs, corr, kinds, bound[first, second], thresholds, at_bound_remark(names, bound))


def latent_pairs(corr: Array, errors: Array, df: Array | float, n: Array, conf_level: float) -> Pairs:
    """Tests and intervals from errors in the order of ``np.tril_indices(p, -1)``; ``df`` in that of the result."""
    first, second = np.triu_indices(len(corr), 1)
    error = errors[second * (second - 1) // 2 + first]
    r = corr[first, second]
    with np.errstate(divide="ignore", invalid="ignore"):
        z, spread = np.arctanh(r), error / (1 - r**2)
        t = z / spread
    known = np.broadcast_to(np.asarray(df, dtype=float), r.shape)
    low, high = symmetric_interval(z, spread, known, conf_level)
    p = 2 * stats.t.sf(np.abs(t), np.where(known > 0, known, np.nan))
    return Pairs(r, np.tanh(low), np.tanh(high), t, known, p, n[first, second], error)


def kind_of(first: int, second: int) -> str:
    """What the correlation of two variables is called by their numbers of categories, 0 for a continuous one."""
    if first and second:
        return "tetrachoric" if first == second == 2 else "polychoric"
    if first or second:
        return "biserial" if max(first, second) == 2 else "polyserial"
    return "pearson"


def ordered_of(names: Sequence[str], values: Array, ordinal: Sequence[str] | None) -> Mask:
    """Which variables are ordered categories: those named, or whole numbers of at most ``FEW_VALUES`` kinds."""
    if ordinal is not None:
        stray = [name for name in ordinal if name not in names]
        if stray:
            raise DataError(
                Text(f"ordinal=中的{'、'.join(stray)}不在变量之中。", f"ordinal= names {', '.join(stray)}."),
                where="ordinal",
                remedy=Text("只写所给变量的名称。", "Name some of the variables."),
            )
        return np.array([name in ordinal for name in names])
    found = []
    for column in values.T:
        kinds = np.unique(column[~np.isnan(column)])
        found.append(len(kinds) <= FEW_VALUES and bool((kinds == np.round(kinds)).all()))
    return np.array(found)


def latent_remarks(
    names: Sequence[str], found: Found, method: str, ordered: Mask, estimation: Estimation
) -> tuple[Text, ...]:
    """Conventions, what was taken for what, and what is wrong with the matrix."""
    remarks = [CONVENTION if estimation == "two-step" else JOINT]
    if method == "mixed":
        order = [name for name, is_ordered in zip(names, ordered, strict=True) if is_ordered]
        rest = [name for name in names if name not in order]
        remarks.append(
            Text(
                f"有序变量：{'、'.join(order) or '无'}；连续变量：{'、'.join(rest) or '无'}。",
                f"Ordered: {', '.join(order) or 'none'}; continuous: {', '.join(rest) or 'none'}.",
            )
        )
    return (*remarks, *found.remarks)


CONVENTION = Text(
    "两步法：阈值取自各变量自身的边际分布（所有作答者），再求相关；只对2×2表的一个空格加0.5。"
    "区间和检验在Fisher z尺度上。",
    "Two steps: thresholds from each variable's own margin (all who answered it), then the correlation; 0.5 is added "
    "to one empty cell of a 2 × 2 table alone. Intervals and tests on Fisher's z.",
)

JOINT = Text(
    "每对变量的阈值与相关同时按极大似然估计；阈值表为各变量自身边际的阈值。区间和检验在Fisher z尺度上。",
    "Thresholds and correlation of each pair together, by maximum likelihood; the thresholds listed are those of each "
    "variable's own margin. Intervals and tests on Fisher's z.",
)


def _designed(sample: Sample, mixed: MixedCorrelations, w: Array) -> Array:
    """Standard errors under the design, thresholds first; nan where there is none."""
    if sample.design.replicates is not None:
        return np.sqrt(np.diag(sample.estimate(mixed)[1]))
    u = np.where((w > 0)[:, None], mixed.influence(w), 0.0)
    lost = np.isnan(u).any(axis=0)
    variance = np.diag(sample.variance(np.where(lost, 0.0, u)))
    return np.where(lost, np.nan, np.sqrt(np.maximum(variance, 0.0)))


def _pairwise_df(sample: Sample, values: Array, w: Array) -> Array:
    """The design's degrees of freedom among the rows with both of each pair, pairs row by row."""
    there = ~np.isnan(values)
    if there[w > 0].all():
        return np.array(sample.df(w))
    first, second = np.triu_indices(values.shape[1], 1)
    return np.array(
        [sample.df(np.where(there[:, i] & there[:, j], w, 0.0)) for i, j in zip(first, second, strict=True)]
    )


def threshold_frame(labels: Sequence[str], codes: Sequence[Array], cuts: Array, errors: Array) -> pd.DataFrame:
    """One row per threshold, with the ``codes`` of its variable on either side."""
    parts = [
        pd.DataFrame({"variable": label, "lower": kept[:-1], "upper": kept[1:]})
        for label, kept in zip(labels, codes, strict=True)
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["variable", "lower", "upper"])
    return frame.assign(estimate=cuts, std_error=errors)


def indefinite(corr: Array) -> tuple[Text, ...]:
    """What must be said of correlations that no rows could have together."""
    if not np.isfinite(corr).all():
        return ()
    least = float(np.linalg.eigvalsh(corr)[0])
    if least > 0:
        return ()
    return (
        Text(
            "矩阵不正定（最小特征根{least}），所列为原值；.smoothed给出平滑后的矩阵，因子分析用的是后者。",
            "The matrix is not positive definite (least eigenvalue {least}) and shown as it is; .smoothed has the "
            "positive definite one near it, which factors are sought in.",
        ).format(least=in_prose(least, "bounded")),
    )
