"""Measurement invariance: whether the items measure the same in every group, level by level, in full or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import invariance_tables
from sgsurvey.measurement.estimators import estimator_named
from sgsurvey.measurement.fitting import Fitting, Missing, Model, fitted_model
from sgsurvey.measurement.invariance_climb import Climb, CutOffs
from sgsurvey.measurement.invariance_levels import LEVELS, ContinuousLadder, Ladder, Level, OrdinalLadder
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structural_sample import Data, structural_sample, written
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

# A configural model that fits worse than this gives the levels above little meaning.
POOR_CFI, POOR_RMSEA = 0.90, 0.10


@dataclass(frozen=True)
class Invariance(Result):
    """Levels of invariance, one row each.

    Attributes
    ----------
    frame : DataFrame
        ``model, level, released, chi_square, df, p_value, cfi, rmsea, rmsea_low, rmsea_high, srmr, delta_cfi,
        delta_rmsea, delta_srmr, diff_chi_square, diff_df, diff_p, decision``; a partial level is a row of its own after
        the full one.  ``decision`` is ``baseline``, ``held``, ``mixed`` (by CFI, not by RMSEA or SRMR), ``not held`` or
        ``not reached``.
    fits : mapping of model to SEM
    log : DataFrame
        Each parameter released: ``step, level, parameter, statistic, df, p_value, cfi_before, cfi_after``.
    means : DataFrame
        Differences of the factors' means from the first group, where intercepts are equal at least in part: ``factor,
        group, reference, difference, std_error, p_value, conf_low, conf_high, d``.  ``d`` is in standard deviations of
        the factor within groups.
    reached : str
        The highest level that holds ("none" when even the configural model was not asked for).
    cut_offs : CutOffs
    estimator : str
    suffix : str
        Of the indices that decided.
    remarks : tuple of Text
    """

    fits: Mapping[str, SEM]
    log: pd.DataFrame
    means: pd.DataFrame
    reached: str
    cut_offs: CutOffs
    estimator: str
    suffix: str
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        return invariance_tables.levels_table(self)

    def log_table(self, *, language: Language | None = None) -> Table:
        """The parameters released, one at a time."""
        return self.page(invariance_tables.log_table(self), language)

    def means_table(self, *, language: Language | None = None) -> Table:
        """Differences of the factors' means between groups."""
        return self.page(invariance_tables.means_table(self), language)


def invariance(
    data: Data,
    model: Model,
    *,
    by: str,
    levels: Sequence[Level] = ("configural", "metric", "scalar", "strict"),
    estimator: str = "ML",
    missing: Missing = "listwise",
    partial: bool = True,
) -> Invariance:
    """Test whether a factor model measures the same in all groups.

    Parameters
    ----------
    data : Responses or DataFrame
        With at least 100 rows in every group.
    model : list of str, {factor: [items]}, str or StructuralModel
    by : str
        Column of groups; factor means are differences from the first.
    levels : sequence of str
        In order: configural, metric (equal loadings), scalar (and intercepts), strict (and residual variances).  Of
        ordered items equal thresholds come before loadings, and are tested whether named or not.
    estimator : "ML", "MLR", "MLM", "ULS" or "WLSMV"
        WLSMV takes items as ordered categories (Wu and Estabrook 2016).
    missing : "listwise", "fiml" or "pairwise"
    partial : bool
        Where a level does not hold, release one parameter at a time, by the largest score test while that rejects at
        5 %, until it does; two items of each factor stay equal.

    Raises
    ------
    DesignError
        A group below 100 rows.
    EstimationError
        A model that is not identified or does not converge; an ordered item with fewer than three categories.

    References
    ----------
    Cheung and Rensvold (2002), Structural Equation Modeling 9, 233-255; Chen (2007), same journal 14, 464-504; Putnick
    and Bornstein (2016), Developmental Review 41, 71-90.
    """
    strange = [level for level in levels if level not in LEVELS]
    if strange or not levels:
        raise EstimationError(
            Text(f"没有等值性水平“{''.join(strange[:1])}”。", f"there is no level '{''.join(strange[:1])}'."),
            where="levels",
            remedy=Text(f"可用：{'、'.join(LEVELS)}。", f"Use {', '.join(LEVELS)}."),
        )
    ladder = _ladder(data, model, by, estimator, missing)
    climbed = Climb(ladder, partial)
    wanted = [level for level in ladder.levels if level in levels or (level == "thresholds" and len(levels) > 1)]
    for level in wanted:
        climbed.step(level)
    return _found(climbed, estimator)


def _ladder(data: Data, model: Model, by: str, estimator: str, missing: Missing) -> Ladder:
    options = model if isinstance(model, StructuralModel) else StructuralModel(model)
    way = estimator_named(estimator)
    if way.prepare is not None:
        if estimator != "WLSMV":
            raise EstimationError(
                Text(
                    f"有序题项的等值性检验用WLSMV，不用{estimator}。",
                    f"ordered items take WLSMV here, not {estimator}.",
                ),
                where="estimator",
                remedy=Text("请用estimator='WLSMV'。", "Use estimator='WLSMV'."),
            )
        lines = written(options, data)
        keep = missing != "listwise"
        sample = structural_sample(
            data, lines.observed, verb="invariance", by=by, keep_incomplete=keep, takes=way.takes
        )
        return OrdinalLadder(lines, options, sample)

    def fitted(chosen: StructuralModel, equal: Sequence[str]) -> SEM:
        return fitted_model(data, chosen, "invariance", Fitting(estimator, missing, by, equal))

    corrected = estimator != "ML" or missing == "fiml"
    return ContinuousLadder(options, fitted, "_robust" if corrected else "")


def _found(climbed: Climb, estimator: str) -> Invariance:
    """All that the levels showed."""
    columns = ["step", "level", "parameter", "statistic", "df", "p_value", "cfi_before", "cfi_after"]
    last = next(iter(climbed.fits.values()))
    remarks = dict.fromkeys(remark for fit in climbed.fits.values() for remark in fit.remarks)
    first = climbed.indices(last)
    if first["cfi"] < POOR_CFI or first["rmsea"] > POOR_RMSEA:
        remarks[POOR] = None
    return Invariance(
        pd.DataFrame(climbed.rows),
        last.basis,
        climbed.fits,
        pd.DataFrame(climbed.log, columns=columns),
        latent_means(climbed.fits[climbed.scale]) if climbed.scale else latent_means(None),
        climbed.reached,
        climbed.cut_offs,
        estimator,
        climbed.ladder.suffix,
        tuple(remarks),
    )


POOR = Text(
    f"基准模型拟合不佳（CFI < {POOR_CFI:.2f}或RMSEA > {POOR_RMSEA:.2f}）：各水平只说明限制没有使它更差，请先改进模型。",
    f"The first model fits poorly (CFI < {POOR_CFI:.2f} or RMSEA > {POOR_RMSEA:.2f}): levels that hold only say that "
    "restrictions make it no worse.  Improve the model first.",
)


def latent_means(fit: SEM | None) -> pd.DataFrame:
    """Differences of the factors' means from the first group; empty without a fit."""
    columns = ["factor", "group", "reference", "difference", "std_error", "p_value", "conf_low", "conf_high", "d"]
    if fit is None:
        return pd.DataFrame(columns=columns)
    table = fit.parameters
    sizes = np.array([sample.n for sample in fit.sample.moments])
    variances = np.array([np.diag(part.solved(fit.theta).cov)[part.p :] for part in fit.structure.parts])
    within = np.sqrt(sizes @ variances / sizes.sum())
    lines = []
    frame = fit.frame[(fit.frame["op"] == "~1") & fit.frame["lhs"].isin(table.latent)]
    for _, line in frame[frame["std_error"].notna()].iterrows():
        sd = within[table.latent.index(line["lhs"])]
        numbers = (line[name] for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high"))
        lines.append((line["lhs"], line["group"], table.groups[0], *numbers, line["estimate"] / sd))
    return pd.DataFrame(lines, columns=columns)
