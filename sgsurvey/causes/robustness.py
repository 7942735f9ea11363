"""How fragile is it?  Unmeasured factors, other ways to run the regression, single places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.moments import Moments
from sgsurvey.answers.responses import Responses
from sgsurvey.causes import battery
from sgsurvey.causes.evidence import Evidence, collect, design_remarks
from sgsurvey.causes.points import points
from sgsurvey.causes.resampling import Plan
from sgsurvey.causes.robustness_sentences import of_robustness
from sgsurvey.causes.specifications import Specifications, specifications
from sgsurvey.causes.township import FEWEST_PLACES
from sgsurvey.causes.unmeasured import LEVEL, bounds_of, covariates_of, unmeasured
from sgsurvey.errors import DesignError, EstimationError, did_you_mean
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.partial import slope, strengths
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

DRAWS = 499
Rows = npt.NDArray[np.bool_]

# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Robustness(Result):
    """How far each coefficient of the pooled regression can be trusted beyond its standard error.

    Attributes
    ----------
    frame : DataFrame
        One row per driver: ``term, estimate, std_error, df, p_value`` (CR2 by place, with the design's weights);
        ``unweighted`` (the coefficient without these weights); ``partial_r2``; ``rv, rv_low, rv_alpha`` (robustness
        value, its lower 95 % limit by the jackknife over places, and the value at which the classical test is lost);
        ``replaced`` (share of rows that null cases could replace); ``strongest, strongest_r2`` (the observed covariate
        whose double would take most away, and its larger partial R2); ``adjusted_1, adjusted_2, adjusted_3`` (the
        coefficient with a confounder 1, 2, 3 times as strong held fixed); ``specifications, failed, median, lowest,
        highest, same_sign, significant, joint_p`` (over all specifications; ``same_sign`` is the share with the sign of
        the median, ``significant`` of those with p < .05 and that sign); ``without_low, without_high, place_low,
        place_high`` (extremes with one place left out).
    specifications : DataFrame
        One row per driver and specification: ``term, outcome, covariates, others, respondents, level, weights, n,
        estimate, std_error, conf_low, conf_high, p_value``; jackknife over places, t(G - 1).
    bounds : DataFrame
        One row per driver, covariate and multiple: ``term, covariate, times, r2_driver, r2_outcome, adjusted,
        std_error``, nan where no confounder can be so strong; ``observed_r2``, the larger partial R2 of the covariate.
    outcome : str
    places, draws, seed : int
    remarks : tuple of Text
    """

    specifications: pd.DataFrame
    bounds: pd.DataFrame
    outcome: str
    places: int
    draws: int
    seed: int
    remarks: tuple[Text, ...]

    @property
    def weighted(self) -> bool:
        """Whether the design has weights, so that each specification is there with and without them."""
        return bool(self.specifications["weights"].eq("design").any())

    def withstands(self, term: str) -> bool:
        """Whether no confounder as strong as the strongest observed covariate would take significance away."""
        line = self.frame.set_index("term").loc[term]
        return bool(line["rv_alpha"] >= line["strongest_r2"])

    def _table(self) -> Table:
        shown = self.frame.assign(
            term=self.frame["term"].map(self.basis.label), strongest=self.frame["strongest"].map(self.basis.label)
        )
        confounder = Text("未测因素", "Unmeasured factor")
        curve = Text("各种设定", "Specifications")
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("estimate", HEADS["b"]),
            *([Column("unweighted", Text("不加权b", "b, no weights"))] if self.weighted else []),
            Column("rv", Text("稳健值", "RV"), "bounded", spanner=confounder),
            Column("rv_low", Text("下限", "low"), "bounded", spanner=confounder),
            Column("rv_alpha", Text("显著性", "RV (5%)"), "bounded", spanner=confounder),
            Column("strongest", Text("最强协变量", "Strongest covariate"), "text", spanner=confounder),
            Column("strongest_r2", Text("其偏R²", "its partial R²"), "bounded", spanner=confounder),
            Column("specifications", Text("个数", "n"), "count", spanner=curve),
            Column("median", Text("中位数", "Median"), spanner=curve),
            Column("lowest:highest", Text("范围", "Range"), "interval", spanner=curve),
            Column("same_sign", Text("同号（%）", "Same sign (%)"), "percent", spanner=curve),
            Column("significant", Text("显著（%）", "p < .05 (%)"), "percent", spanner=curve),
            Column("joint_p", HEADS["p_value"], "p", spanner=curve),
            Column("without_low:without_high", Text("剔除一地", "One place out"), "interval"),
        ]
        title = Text("与{y}关联的稳健性", "Robustness of what goes with {y}").format(y=self.basis.label(self.outcome))
        table = Table.from_frame(shown, columns, id="robustness", title=title, notes=self.notes())
        return table.telling(*of_robustness(table))

    def notes(self) -> tuple[Text, ...]:
        """What each number answers."""
        return (
            Text(
                "稳健值：一个未测因素要与该因素和结果各有多大的偏R²，才能使系数归零（Cinelli和Hazlett，2020）；下限为逐一剔除"
                "地点的刀切法95%下限；“显著性”为使p升至0.05所需的偏R²（未计聚类，偏乐观）。与已测协变量中最强者的偏R²相比。",
                "RV: the partial R² with driver and outcome that an unmeasured factor needs to bring the coefficient "
                "to 0 (Cinelli and Hazlett 2020); low: 95 % limit by the jackknife over places; RV (5%): to bring p to "
                ".05, clusters not counted, so it flatters. Beside it the strongest covariate that was measured.",
            ),
            Text(
                "各种设定：结果（量表或单题）、协变量、其他因素、受访者、层次（全部、地点内、地点间）{w}的所有组合，系数均为百分制；"
                "p：假设各设定下均无关联，对地点重抽样{b}次（种子{s}），中位数达到如此之大的概率。",
                "Specifications: all combinations of outcome (scale or single items), covariates, other drivers, "
                "respondents and level (all, within, between places){w}, in points of 100; p: of so large a median if "
                "there were no association in any of them, {b} draws of places (seed {s}).",
            ).format(b=self.draws, s=self.seed, w=WEIGHTS if self.weighted else ""),
            *self.remarks,
        )

    def curve(self, term: str) -> pd.DataFrame:
        """The specifications of one driver, the smallest coefficient first."""
        chosen = self.specifications[self.specifications["term"] == term]
        return chosen.sort_values("estimate", kind="stable").reset_index(drop=True)

    def plot(self, ax: Axes | None = None, *, term: str | None = None, language: Language | None = None) -> Axes:
        """Specification curve of one driver, the first unless named: coefficients in order, and what was chosen."""
        from sgsurvey.figures.specification_curve import specification_curve

        lang, known = language or self.basis.language, list(self.frame["term"])
        driver = term or known[0]
        if driver not in known:
            raise DesignError(
                Text(f"没有因素“{driver}”。", f"there is no driver '{driver}'.{did_you_mean(driver, known)}"),
                where="term=",
                remedy=Text(f"可用：{'、'.join(known)}。", f"Use {', '.join(known)}."),
            )
        shown = self.curve(driver)
        heads = {name: head for name, head in CHOICES.items() if name != "weights" or self.weighted}
        for name, head in heads.items():
            # Values in the order in which they were tried.
            tried = self.specifications[name].unique()
            said = {value: self._choice(name, value).to(lang) for value in tried if value in set(shown[name])}
            shown[name] = pd.Categorical(shown[name].map(said), list(said.values()))
            shown = shown.rename(columns={name: head.to(lang)})
        return specification_curve(shown, [words.to(lang) for words in heads.values()], ax=ax, language=lang)

    def _choice(self, name: str, value: str) -> Text:
        if name == "outcome":
            return self.basis.label(value) if value == self.outcome else Text(value, value)
        if value in VALUES:
            return VALUES[value]
        left_out = self.basis.label(value.removeprefix("without "))
        return Text(f"不含{left_out.zh}", f"without {left_out.en}")


CHOICES: dict[str, Text] = {
    "outcome": Text("结果", "Outcome"),
    "covariates": Text("协变量", "Covariates"),
    "others": Text("其他因素", "Other drivers"),
    "respondents": Text("受访者", "Respondents"),
    "level": Text("层次", "Level"),
    "weights": Text("权重", "Weights"),
}
WEIGHTS = Text("、权重（用或不用）", " and weights (used or not)")
VALUES: dict[str, Text] = {
    "all": Text("全部", "all"),
    "none": Text("无", "none"),
    "groups": Text("组别", "groups"),
    "groups and covariates": Text("组别与协变量", "groups and covariates"),
    "with suspects": Text("含可疑答卷", "with suspects"),
    "design": Text("设计权重", "of the design"),
    "within": Text("地点内", "within places"),
    "between": Text("地点间", "between places"),
}

# Door ---------------------------------------------------------------------------------------------


def robustness(
    answers: Responses | pd.DataFrame,
    outcome: str,
    drivers: str | Sequence[str],
    *,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    suspects: pd.Series | None = None,
    seed: int,
) -> Robustness:
    """How fragile the coefficients of the pooled regression are, driver by driver.

    Three questions: how strong a factor that nobody measured would have to be, beside those that were measured; what
    becomes of the coefficient in every other reasonable way to run the regression; and whether one place makes it.
    None of them takes out what all answers of one person share: for that ``sgsurvey.drivers`` has other informants.

    Parameters
    ----------
    answers, outcome, drivers, cluster, covariates
        As for ``sgsurvey.drivers``; every driver must be rated.
    suspects : Series of bool, optional
        Rows that the regression leaves out; putting them back is one more choice of respondents
        (``screening.frame["suspect"]``).
    seed : int
        Of the draws of places behind the joint test.

    Raises
    ------
    DesignError
        A driver is not rated, or the design has population sizes, further stages or replicates.
    EstimationError
        Too few respondents, fewer than 6 places, a driver that varies in one of them alone, or drivers or covariates
        that repeat each other.

    References
    ----------
    Cinelli and Hazlett (2020), JRSS B 82, 39-67; Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4,
    1208-1214; Frank et al. (2013), Educational Evaluation and Policy Analysis 35, 437-460.
    """
    answers = as_columns(answers)
    answers.refuse_design("robustness", "fpc", "stages", "replicates")
    evidence = _rated(collect(answers, outcome, drivers, cluster=cluster, covariates=covariates)["all"])
    left_out = np.zeros(len(answers), dtype=bool) if suspects is None else np.asarray(suspects, dtype=bool)
    names = [outcome, *evidence.drivers]
    rows = evidence.rows(names) & ~left_out
    places = evidence.units(rows).nunique() if rows.any() else 0
    if not evidence.enough(rows) or places < FEWEST_PLACES:
        raise EstimationError(
            f"{int(rows.sum())} respondents in {places} places are too few to ask what single places make.",
            remedy=f"Use fewer drivers; {FEWEST_PLACES} places are needed.",
        )
    moments = evidence.moments_of(rows)
    plan = Plan.of(len(moments.clusters), draws=DRAWS, seed=seed)
    units = _units(evidence, rows, moments.clusters)
    groups = _respondents(evidence, rows, left_out)
    curves = specifications(evidence, _outcomes(answers, outcome), groups, plan, units)
    _refuse_of_one_place(curves)
    frame, bounds = _lines(evidence, rows, moments, plan, curves)
    dropped = evidence.dropped(names)
    if suspects is not None and (count := int((evidence.rows(names) & left_out).sum())):
        dropped["suspect"] = count
    return Robustness(
        frame,
        answers.basis(int(rows.sum()), dropped),
        pd.concat([_specified(term, each) for term, each in curves.items()], ignore_index=True),
        bounds,
        outcome,
        plan.places,
        DRAWS,
        seed,
        design_remarks(answers),
    )


def _rated(evidence: Evidence) -> Evidence:
    if evidence.facts:
        raise DesignError(
            f"'{evidence.facts[0]}' is not rated by respondents.",
            where="drivers=",
            remedy="See facts of places in sgsurvey.drivers().",
        )
    return evidence


def _refuse_of_one_place(curves: Mapping[str, Specifications]) -> None:
    if lost := [term for term, found in curves.items() if not found.choices]:
        raise EstimationError(
            Text(
                f"“{lost[0]}”只在一个地点内有差异，剔除该地点后无从估计。",
                f"'{lost[0]}' varies in no more than one place, and without that place nothing can be estimated.",
            ),
            where="drivers=",
            remedy=Text("请去掉这个因素。", "Leave that driver out."),
        )


def _units(evidence: Evidence, rows: Rows, places: pd.Index) -> pd.Series:
    """Which of the ``places`` of the plan each row belongs to, of whatever specification; -1 for none of them."""
    if evidence.places is not None:
        return pd.Series(places.get_indexer(evidence.places), index=evidence.frame.index)
    units = pd.Series(np.arange(len(rows)) % len(places), index=evidence.frame.index)
    units[rows] = places.get_indexer(evidence.units(rows))
    return units


def _lines(
    evidence: Evidence, rows: Rows, moments: Moments, plan: Plan, curves: Mapping[str, Specifications]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One line per driver, and the bounds by each covariate."""
    n, _, cov = moments.replicate(plan.factors[: 1 + plan.places])
    columns = {name: k for k, name in enumerate(moments.names)}
    held = covariates_of(moments.names, evidence.drivers)
    unweighted = battery.pooled(replace(evidence, weights=None), rows).set_index("term")["estimate"]
    lines, bounds = [], []
    for line in battery.pooled(evidence, rows).to_dict("records"):
        term = str(line["term"])
        beside = {name: at for name, at in held.items() if name != term}
        found = slope(cov, n, 0, columns[term], [at for ats in beside.values() for at in ats])
        limits = bounds_of(term, found, strengths(cov[:1], 0, columns[term], beside))
        bounds.append(limits)
        kept = {key: line[key] for key in ("term", "estimate", "std_error", "df", "p_value")}
        kept["unweighted"] = unweighted[term]
        lines.append(
            kept | unmeasured(found, limits) | _curve(curves[term]) | _places(found.estimate, moments.clusters)
        )
    return pd.DataFrame(lines), pd.concat(bounds, ignore_index=True)


def _outcomes(answers: Responses, outcome: str) -> pd.DataFrame:
    """The outcome, and each of its items where it has several."""
    items = answers.item_names(outcome)
    names = [outcome, *(items if len(items) > 1 else [])]
    return pd.DataFrame({name: points(answers, name) for name in names})


def _respondents(evidence: Evidence, rows: Rows, suspects: Rows) -> dict[str, Rows]:
    """All, all with the suspects, and all without one of the groups where enough are left."""
    groups = {"all": ~suspects}
    if suspects.any():
        groups["with suspects"] = np.ones(len(suspects), dtype=bool)
    if evidence.roles is not None:
        for role in evidence.roles[rows].unique():
            others = ~suspects & evidence.roles.ne(role).to_numpy(dtype=bool)
            if evidence.enough(rows & others):
                groups[f"without {role}"] = others
    return groups


def _curve(found: Specifications) -> dict[str, object]:
    estimate, p = found.estimates, found.p_values
    sign = np.sign(np.median(estimate))
    return {
        "specifications": len(estimate),
        "failed": found.failed,
        "median": float(np.median(estimate)),
        "lowest": float(estimate.min()),
        "highest": float(estimate.max()),
        "same_sign": float((np.sign(estimate) == sign).mean()),
        "significant": float(((p < LEVEL) & (np.sign(estimate) == sign)).mean()),
        "joint_p": found.joint_p(),
    }


def _specified(term: str, found: Specifications) -> pd.DataFrame:
    low, high = found.interval(1 - LEVEL)
    return pd.DataFrame(found.choices).assign(
        n=found.n,
        estimate=found.estimates,
        std_error=found.errors,
        conf_low=low,
        conf_high=high,
        p_value=found.p_values,
        term=term,
    )


def _places(estimates: Array, places: pd.Index) -> dict[str, object]:
    """Extremes of the coefficient with one place left out, and which place it was."""
    left_out = estimates[1:]
    low, high = int(left_out.argmin()), int(left_out.argmax())
    return {
        "without_low": float(left_out[low]),
        "without_high": float(left_out[high]),
        "place_low": places[low],
        "place_high": places[high],
    }
