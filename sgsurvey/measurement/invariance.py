"""Measurement invariance: whether the items measure the same in every group, level by level, in full or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import invariance_tables
from sgsurvey.measurement.estimators import estimator_named
from sgsurvey.measurement.invariance_levels import (
    ADDED,
    LEVELS,
    Candidate,
    ContinuousLadder,
    Ladder,
    Level,
    OrdinalLadder,
)
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.sem import SEM, Missing, Model, fitted_model
from sgsurvey.measurement.structural_sample import Data, structural_sample, written
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

# Up to this many rows in all Chen (2007) takes the tighter cut-offs.
SMALL = 300
# A configural model that fits worse than this gives the levels above little meaning.
POOR_CFI, POOR_RMSEA = 0.90, 0.10
# Of a factor's items at least this many must stay equal, or its groups share no scale.
ANCHORS = 2
# A parameter is released only where its score test rejects equality at this level.
REJECTS = 0.05
INDICES = ("cfi", "rmsea", "srmr")


@dataclass(frozen=True)
class CutOffs:
    """Largest changes of a level that holds: the fall of CFI, the rises of RMSEA and SRMR (metric, others)."""

    cfi: float
    rmsea: float
    srmr: Mapping[str, float]


LARGE_SAMPLE = CutOffs(0.010, 0.015, {"metric": 0.030, "others": 0.010})
SMALL_SAMPLE = CutOffs(0.005, 0.010, {"metric": 0.025, "others": 0.005})


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
    climbed = _Climb(ladder, partial)
    wanted = [level for level in ladder.levels if level in levels or (level == "thresholds" and len(levels) > 1)]
    for level in wanted:
        climbed.step(level)
    return climbed.result(estimator)


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
        return fitted_model(
            data, chosen, "invariance", estimator=estimator, missing=missing, by=by, equal=equal, cluster=None
        )

    corrected = estimator != "ML" or missing == "fiml"
    return ContinuousLadder(options, fitted, "_robust" if corrected else "")


class _Climb:
    """The levels fitted so far, and what they showed."""

    def __init__(self, ladder: Ladder, partial: bool) -> None:
        self.ladder, self.partial = ladder, partial
        self.equal: list[str] = []
        self.released: list[str] = []
        self.rows: list[dict[str, object]] = []
        self.fits: dict[str, SEM] = {}
        self.log: list[dict[str, object]] = []
        self.reached, self.scale, self.stopped = "none", "", False

    def step(self, level: Level) -> None:
        """Fit a level, and release parameters where it does not hold."""
        while len(self.equal) < self._order(level):
            self.equal.append(self._parts[len(self.equal)])
        before = self._before()
        fit = self.ladder.fit(self.equal, self.released)
        decision = self._add(level, level, fit, before)
        if decision == "not held" and self.partial and before is not None and not self.stopped:
            decision = self._release(level, fit, before)
        self._conclude(level, decision)

    @property
    def _parts(self) -> list[str]:
        return [ADDED[level] for level in self.ladder.levels if level != "configural"]

    def _order(self, level: Level) -> int:
        return self.ladder.levels.index(level)

    def _before(self) -> SEM | None:
        return self.fits[str(self.rows[-1]["model"])] if self.rows else None

    @property
    def cut_offs(self) -> CutOffs:
        """By the rows of all groups."""
        first = next(iter(self.fits.values()))
        return SMALL_SAMPLE if first.n <= SMALL else LARGE_SAMPLE

    def _conclude(self, level: Level, decision: str) -> None:
        if decision in ("baseline", "held", "mixed") and not self.stopped:
            partly = "partial " if self.released and level != "configural" else ""
            self.reached = f"{partly}{level}"
        elif decision == "not held":
            self.stopped = True
        if not self.stopped and "intercepts" in self.equal:
            self.scale = str(self.rows[-1]["model"])

    def _release(self, level: Level, fit: SEM, before: SEM) -> str:
        """Release one parameter after another until the level holds or nothing is left to release."""
        name, decision = f"partial {level}", "not held"
        released = list(self.released)
        last = self.rows[-1]
        while decision == "not held":
            chosen = self._next(fit, released, ADDED[level])
            if chosen is None:
                break
            released.append(chosen.name)
            fit, cfi = self.ladder.fit(self.equal, released), fit.fit[f"cfi{self._suffix(fit)}"]
            if self.rows[-1] is not last:
                self.rows.pop()
            self.log.append(
                {
                    "step": len(self.log) + 1,
                    "level": level,
                    "parameter": chosen.name,
                    "statistic": chosen.statistic,
                    "df": chosen.df,
                    "p_value": chosen.p_value,
                    "cfi_before": cfi,
                    "cfi_after": fit.fit[f"cfi{self._suffix(fit)}"],
                }
            )
            decision = self._add(name, level, fit, before, released)
        if decision != "not held":
            self.released = released
        return decision

    def _next(self, fit: SEM, released: Sequence[str], part: str) -> Candidate | None:
        """The parameter with the largest score test whose factor keeps enough equal items."""
        rows = [row for row in fit.parameters.rows if row.op == "=~" and row.group == 0]
        for candidate in self.ladder.candidates(fit, self.equal, released, part):
            if candidate.p_value >= REJECTS:
                return None
            gone = {_item(name) for name in (*released, candidate.name)}
            factors = [row.lhs for row in rows if row.rhs == _item(candidate.name)]
            left = [sum(row.lhs == factor and row.rhs not in gone for row in rows) for factor in factors]
            if all(count >= ANCHORS for count in left):
                return candidate
        return None

    def _suffix(self, fit: SEM) -> str:
        """Of the indices that decide: the ladder's, unless this fit lacks them."""
        wanted = self.ladder.suffix
        return wanted if np.isfinite(fit.fit.get(f"cfi{wanted}", np.nan)) else ""

    def _add(self, model: str, level: Level, fit: SEM, before: SEM | None, released: Sequence[str] = ()) -> str:
        """A row for a fitted level; returns its decision."""
        suffix = self._suffix(fit)
        kind = "_scaled" if fit.estimation.scaled is not None else ""
        row: dict[str, object] = {"model": model, "level": level, "released": len(released) or len(self.released)}
        row |= {name: fit.fit[f"{name}{kind}"] for name in ("chi_square", "df", "p_value")}
        row |= {name: fit.fit[f"{name}{suffix}"] for name in ("cfi", "rmsea", "rmsea_low", "rmsea_high")}
        row["srmr"] = fit.fit["srmr"]
        self.fits[model] = fit
        changes = dict.fromkeys([f"delta_{name}" for name in INDICES], float("nan"))
        chi_square = df = p = float("nan")
        if before is not None:
            earlier = {"srmr": before.fit["srmr"]} | {
                name: before.fit[f"{name}{self._suffix(before)}"] for name in ("cfi", "rmsea")
            }
            changes = {f"delta_{name}": float(row[name]) - float(earlier[name]) for name in INDICES}  # type: ignore[arg-type]
            chi_square, df = self.ladder.difference(fit, before)
            p = float(stats.chi2.sf(chi_square, df)) if np.isfinite(chi_square) and df > 0 else float("nan")
        row |= changes | {"diff_chi_square": chi_square, "diff_df": df, "diff_p": p}
        row["decision"] = "not reached" if self.stopped else decided(changes, level, self.cut_offs)
        self.rows.append(row)
        return str(row["decision"])

    def result(self, estimator: str) -> Invariance:
        """All that was found."""
        columns = ["step", "level", "parameter", "statistic", "df", "p_value", "cfi_before", "cfi_after"]
        last = next(iter(self.fits.values()))
        remarks = dict.fromkeys(remark for fit in self.fits.values() for remark in fit.remarks)
        if float(self.rows[0]["cfi"]) < POOR_CFI or float(self.rows[0]["rmsea"]) > POOR_RMSEA:  # type: ignore[arg-type]
            remarks[POOR] = None
        return Invariance(
            pd.DataFrame(self.rows),
            last.basis,
            self.fits,
            pd.DataFrame(self.log, columns=columns),
            latent_means(self.fits[self.scale]) if self.scale else latent_means(None),
            self.reached,
            self.cut_offs,
            estimator,
            self.ladder.suffix,
            tuple(remarks),
        )


POOR = Text(
    f"基准模型拟合不佳（CFI < {POOR_CFI:.2f}或RMSEA > {POOR_RMSEA:.2f}）：各水平只说明限制没有使它更差，请先改进模型。",
    f"The first model fits poorly (CFI < {POOR_CFI:.2f} or RMSEA > {POOR_RMSEA:.2f}): levels that hold only say that "
    "restrictions make it no worse.  Improve the model first.",
)


def decided(changes: Mapping[str, float], level: Level, cut_offs: CutOffs) -> str:
    """What the changes from the level before say of a level.

    Cheung and Rensvold (2002) decide by CFI; Chen (2007) adds RMSEA and SRMR, whose disagreement makes it ``mixed``.
    Changes are compared as they are printed, with the three decimals of the cut-offs.
    """
    if not np.isfinite(changes["delta_cfi"]):
        return "baseline"
    cfi, rmsea, srmr = (round(changes[f"delta_{name}"], 3) for name in INDICES)
    if cfi < -cut_offs.cfi:
        return "not held"
    beyond = rmsea > cut_offs.rmsea or srmr > cut_offs.srmr.get(level, cut_offs.srmr["others"])
    return "mixed" if beyond else "held"


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


def _item(name: str) -> str:
    """The item of a parameter's name: ``F =~ x1``, ``x1 ~1``, ``x1 |``, ``x1 ~~ x1``."""
    words = name.split()
    return words[2] if words[1] == "=~" else words[0]
