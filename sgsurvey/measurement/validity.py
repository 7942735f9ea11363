"""Convergent and discriminant validity of a fitted factor model: AVE, CR, Fornell and Larcker's matrix, HTMT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import validity_tables, validity_words
from sgsurvey.measurement.convergent import Convergent, convergent, measured_by
from sgsurvey.measurement.design_based import interval_on
from sgsurvey.measurement.htmt import HTMT, tidy
from sgsurvey.measurement.htmt_words import CUT_OFF, ratio_remarks
from sgsurvey.measurement.ordered_codes import ordered_codes
from sgsurvey.measurement.ordinal_estimators import element_covariance
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.ratio_intervals import IntervalKind, of_rows, resampled
from sgsurvey.measurement.scales import distinct_words
from sgsurvey.measurement.sem import SEM
from sgsurvey.numerics.covariance_statistics import normal_variance, through_correlations
from sgsurvey.numerics.heterotrait import PolychoricRatios, Ratios
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

LEAST_AVE, LEAST_CR = 0.50, 0.70
ROOTS = Text("括号内为AVE的平方根。", "In brackets: root of AVE.")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validity(Result):
    """Validity of the factors of a model.

    Attributes
    ----------
    frame : DataFrame
        One row per factor (and ``group``): ``construct, n_items, ave, ave_low, ave_high, cr, cr_low, cr_high`` (Fornell
        and Larcker's, of standardised loadings), ``ave_by_variance, cr_unstandardised, cr_observed`` (of loadings as
        they are, as semTools has them), ``msv`` (largest squared correlation with another factor), ``convergent``: AVE
        at least .50 and CR at least .70; ``discriminant``: AVE above MSV.
    items : DataFrame
        ``construct, item, [group], estimate, std_error, statistic, p_value, std, smc``.
    ratios : mapping of group to HTMT
        Without groups the one name is empty; a group of one factor has none.
    matrices : mapping of group to DataFrame
        Fornell and Larcker's: the root of AVE on the diagonal, correlations of the factors off it.
    model : SEM
    conf_level : float
    seed : int or None
    remarks : tuple of Text
    """

    items: pd.DataFrame
    ratios: Mapping[str, HTMT]
    matrices: Mapping[str, pd.DataFrame]
    model: SEM
    conf_level: float
    seed: int | None
    remarks: tuple[Text, ...]

    @property
    def fornell_larcker(self) -> pd.DataFrame:
        """Root of AVE on the diagonal, correlations of the factors off it; first group."""
        return self.matrices[self.model.groups[0]]

    @property
    def htmt(self) -> HTMT:
        """Heterotrait-monotrait ratios, first group."""
        found = self.ratios.get(self.model.groups[0])
        if found is None:
            raise EstimationError(
                Text("HTMT需要两个以上、各有两题以上的因子。", "HTMT needs two factors of two items or more."),
                where="htmt",
                remedy=Text("一个因子只看AVE和CR。", "For one factor read AVE and CR."),
            )
        return found

    @property
    def htmt2(self) -> pd.DataFrame:
        """HTMT2 as a matrix, first group; its intervals are in ``htmt.frame``."""
        return self.htmt.matrix("htmt2")

    def _table(self) -> Table:
        return validity_tables.convergent_table(self)

    def convergent_table(self, *, language: Language | None = None) -> Table:
        """Item by item: loadings with their tests, squared multiple correlation, CR and AVE."""
        return self.page(validity_tables.convergent_table(self), language)

    def summary_table(self, *, language: Language | None = None) -> Table:
        """Factor by factor: AVE, CR with intervals, MSV, verdicts."""
        return self.page(validity_tables.summary_table(self), language)

    def discriminant_table(self, *, language: Language | None = None) -> Table:
        """Root of AVE on the diagonal, correlations below, HTMT above."""
        return self.page(validity_tables.discriminant_table(self), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None, group: str | None = None) -> Axes:
        """Heatmap of Fornell and Larcker's matrix of a group, the first unless named: roots of AVE in brackets."""
        from sgsurvey.figures.heatmap import correlation_heatmap

        language = language or self.basis.language
        matrix = self.matrices[self.model.groups[0] if group is None else group]
        heads = distinct_words(self.basis, [str(name) for name in matrix], language)
        i, j = np.tril_indices(len(heads))
        frame = pd.DataFrame(
            {"row": [heads[a] for a in i], "column": [heads[b] for b in j], "correlation": matrix.to_numpy()[i, j]}
        )
        return correlation_heatmap(frame, notes=[ROOTS], n=self.n, ax=ax, language=language)


# Door -------------------------------------------------------------------------------------------------------


def validity(
    cfa: SEM,
    *,
    interval: IntervalKind = "delta",
    draws: int = 2000,
    seed: int | None = None,
    conf_level: float = 0.95,
) -> Validity:
    """AVE, CR, MSV, Fornell and Larcker's matrix, HTMT and HTMT2 of a fitted model.

    Intervals take t with the degrees of freedom of the declared design (units less strata), the normal without one; so
    does ``htmt``.

    Parameters
    ----------
    cfa : SEM
        What ``sg.cfa`` or ``sg.sem`` found; its estimator, weights and design make the errors of AVE and CR.
    interval : "delta", "percentile" or "bca"
        Of HTMT: by influence values on the logarithm, under the design of the model's sample; or by resampled rows.
    draws : int
        Of the bootstrap.
    seed : int, optional
        Decides the draws, and is needed for them.
    conf_level : float

    Raises
    ------
    EstimationError
        No factor is measured by observed items, or a bootstrap of what cannot be resampled.
    """
    _refuse(cfa, interval, seed)
    df = _degrees_of_freedom(cfa)
    frames, items, ratios, matrices, remarks = [], [], {}, {}, list(cfa.remarks)
    for number, group in enumerate(cfa.groups):
        found = convergent(cfa, group)
        if not found:
            raise EstimationError(
                Text("没有由题项直接测量的因子。", "no factor is measured by observed items."),
                where="cfa",
                remedy=Text("请给出含“=~”的模型。", "Fit a model with '=~' lines."),
            )
        phi = cfa.phi_of(group).loc[[f.factor for f in found], [f.factor for f in found]]
        frames.append(_frame(found, phi, df, conf_level).assign(group=group))
        items.append(_items(cfa, group, found))
        matrices[group] = _fornell_larcker(found, phi)
        pure = _pure(cfa, group)
        if len(pure) > 1:
            ratios[group] = _htmt(cfa, number, pure, interval, draws, seed, conf_level)
        remarks += validity_words.remarks(cfa, found, pure)
    several = len(cfa.groups) > 1
    frame, each = (pd.concat(parts, ignore_index=True) for parts in (frames, items))
    if not several:
        frame, each = frame.drop(columns="group"), each.drop(columns="group", errors="ignore")
    kept = None if interval == "delta" else seed
    said = tuple(dict.fromkeys(remarks))
    return Validity(frame, cfa.basis, each, ratios, matrices, cfa, conf_level, kept, said)


def _refuse(cfa: SEM, interval: str, seed: int | None) -> None:
    if interval not in get_args(IntervalKind):
        raise EstimationError(
            Text(f"没有“{interval}”这种区间。", f"there is no interval '{interval}'."),
            where="interval",
            remedy=Text("可用delta、percentile、bca。", "Use delta, percentile or bca."),
        )
    if interval == "delta":
        return
    if seed is None:
        raise EstimationError(
            Text("自助法需要随机数种子。", "the bootstrap draws at random."),
            where="seed",
            remedy=Text("请给出种子，如seed=7。", "Give a seed, as in seed=7."),
        )
    sample = cfa.sample
    drawn_together = sample.under_design is not None or any(
        group.rows is None or group.weights is not None or group.clusters is not None for group in sample.groups
    )
    if drawn_together or isinstance(sample, OrdinalSample):
        raise EstimationError(
            Text(
                "有权数、群、抽样设计、有序题项或只有矩时，不重抽各行。",
                "rows are not resampled with weights, clusters, a design, ordered items, or moments alone.",
            ),
            where="interval",
            remedy=Text("请用interval='delta'，它计入这些。", "Use interval='delta', which takes them in."),
        )


def _degrees_of_freedom(cfa: SEM) -> float:
    """Those of the declared design, for t; else infinite, for the normal."""
    return np.inf if cfa.sample.under_design is None else cfa.sample.under_design.df


def _frame(found: list[Convergent], phi: pd.DataFrame, df: float, conf_level: float) -> pd.DataFrame:
    ave, cr = (np.array([getattr(f, what) for f in found]) for what in ("ave", "cr"))
    ave_se, cr_se = (np.array([getattr(f, what) for f in found]) for what in ("ave_se", "cr_se"))
    others = (phi.to_numpy() ** 2)[~np.eye(len(phi), dtype=bool)].reshape(len(phi), -1)
    msv = others.max(axis=1) if len(phi) > 1 else np.full(1, np.nan)
    ave_low, ave_high = interval_on("logit", ave, ave_se, df, conf_level)
    cr_low, cr_high = interval_on("rest", cr, cr_se, df, conf_level)
    frame = pd.DataFrame({"construct": [f.factor for f in found], "n_items": [len(f.items) for f in found]})
    frame = frame.assign(ave=ave, ave_low=ave_low, ave_high=ave_high, cr=cr, cr_low=cr_low, cr_high=cr_high)
    for kind in ("ave_by_variance", "cr_unstandardised", "cr_observed"):
        frame[kind] = [getattr(f, kind) for f in found]
    convergent_ = (ave >= LEAST_AVE) & (cr >= LEAST_CR)
    return frame.assign(msv=msv, convergent=convergent_, discriminant=(ave > msv) | np.isnan(msv))


def _items(cfa: SEM, group: str, found: list[Convergent]) -> pd.DataFrame:
    """Lines of the model's frame for the loadings, with the squared multiple correlation of each item."""
    lines = cfa.frame[cfa.frame["op"] == "=~"]
    smc = cfa.r_squared
    if "group" in lines:
        lines, smc = lines[lines["group"] == group], smc[smc["group"] == group]
    lines = lines[lines["lhs"].isin([f.factor for f in found]) & lines["rhs"].isin(cfa.parameters.observed)]
    kept = lines[["lhs", "rhs", "estimate", "std_error", "statistic", "p_value", "std"]]
    kept = kept.rename(columns={"lhs": "construct", "rhs": "item"})
    shares = smc.set_index("variable")["r_squared"]
    return kept.assign(smc=kept["item"].map(shares), group=group).reset_index(drop=True)


def _fornell_larcker(found: list[Convergent], phi: pd.DataFrame) -> pd.DataFrame:
    matrix = phi.to_numpy().copy()
    np.fill_diagonal(matrix, np.sqrt([f.ave for f in found]))
    return pd.DataFrame(matrix, phi.index, phi.columns)


def _pure(cfa: SEM, group: str) -> dict[str, list[str]]:
    """Factors of two items or more that load on nothing else."""
    measured = measured_by(cfa, group)
    everywhere = [item for rows in measured.values() for item in rows]
    own = {factor: [i for i in rows if everywhere.count(i) == 1] for factor, rows in measured.items()}
    return {factor: items for factor, items in own.items() if len(items) > 1}


def _htmt(
    cfa: SEM,
    number: int,
    pure: Mapping[str, list[str]],
    interval: IntervalKind,
    draws: int,
    seed: int | None,
    conf_level: float,
) -> HTMT:
    """The ratios of one group of the model's sample, from the moments that the model was fitted to."""
    names = list(cfa.sample.names)
    ratios = Ratios([np.array([names.index(item) for item in items]) for items in pure.values()])
    corr = correlation(cfa.estimation.moments[number].cov)
    value, failed = ratios.value(corr), 0
    group = cfa.sample.groups[number]
    if interval == "delta":
        error = np.sqrt(_variances(cfa, number, ratios, corr))
        low, high = interval_on("log", value, error, _degrees_of_freedom(cfa), conf_level)
    else:
        rows = np.asarray(group.rows)
        pairwise = bool(np.isnan(rows).any())
        low, high, failed = resampled(rows, ratios, interval, draws, seed or 0, conf_level, pairwise=pairwise)
    frame = tidy(list(pure), ratios, value, low, high)
    how = (CUT_OFF, validity_tables.interval_note(interval, draws, seed, cfa))
    kept = None if interval == "delta" else seed
    remarks = tuple(ratio_remarks(frame, failed, draws))
    return HTMT(frame, cfa.basis, tuple(pure), interval, conf_level, draws, failed, kept, how, remarks)


def _variances(cfa: SEM, number: int, ratios: Ratios, corr: Array) -> Array:
    """Of the ratios of a group: normal theory from moments alone, else by influence values as the rows were drawn."""
    sample = cfa.sample
    group = sample.groups[number]
    if group.rows is None:
        cov = cfa.estimation.moments[number].cov
        slopes = through_correlations(ratios.slopes(corr), cov)
        return normal_variance(slopes, cov, group.moments.n)
    if isinstance(sample, OrdinalSample) and not sample.ordered.all():
        row, col = np.tril_indices(len(corr))
        slopes = through_correlations(ratios.slopes(corr), group.moments.cov)[:, row, col] * np.where(row == col, 1, 2)
        own = slice(number * len(row), (number + 1) * len(row))
        return np.asarray(np.einsum("qi,ij,qj->q", slopes, element_covariance(sample)[own, own], slopes))
    w = np.ones(len(group.rows)) if group.weights is None else group.weights
    if isinstance(sample, OrdinalSample):
        influence = PolychoricRatios(ordered_codes(group.rows, sample.names), ratios).influence(w)
    else:
        influence = of_rows(group.rows, ratios, pairwise=bool(np.isnan(group.rows).any())).influence(w)
    parts = [np.zeros((len(np.asarray(g.rows)), influence.shape[1])) for g in sample.groups]
    parts[number] = influence
    return np.diag(sample.spread(np.concatenate(parts)))
