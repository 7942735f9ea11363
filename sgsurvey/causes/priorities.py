"""What first?  Coefficient times shortfall of each driver, with interval, rank probabilities and evidence grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.evidence import Evidence, collect, design_remarks, group_labels
from sgsurvey.causes.grades import GRADES, LEVEL, NEGLIGIBLE, RULE, Grade, grade
from sgsurvey.causes.resampling import Plan, jackknife_error, rank_probabilities, slopes, t_interval, t_test
from sgsurvey.causes.sentences import sentence
from sgsurvey.causes.shortfall import benchmarks, one_sided
from sgsurvey.causes.township import FEWEST_PLACES, aligned, estimates, why_not
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.tables.claims import NAMES
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Array = npt.NDArray[np.float64]
SOURCES: dict[str, Text] = {
    "disattenuated": Text("跨主体（校正测量误差）", "cross-informant, disattenuated"),
    "cross_informant": Text("跨主体（未校正，偏小）", "cross-informant, attenuated"),
    "pooled": Text("同一批受访者", "same respondents"),
}

# Formulas -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Replicates:
    """Everything for one group under one plan; arrays (1 + G + draws, p).

    Attributes
    ----------
    same : coefficients among the same respondents
    different : coefficients from different respondents, or None where there are none
    source : name of the coefficients that priorities rest on
    means : means of the drivers in points
    places : places behind ``different``
    why : why there are none from different respondents
    """

    plan: Plan
    same: Array
    different: Array | None
    source: str
    means: Array
    places: int
    n: int
    why: Text | None

    @property
    def headline(self) -> Array:
        """The coefficients that priorities rest on."""
        return self.same if self.different is None else self.different


def replicate(evidence: Evidence, *, draws: int, seed: int) -> Replicates:
    """Coefficients and means of all replicates of one plan, from moments by place."""
    moments = evidence.moments
    plan = Plan.of(len(moments.clusters), draws=draws, seed=seed)
    factors = plan.factors
    p = len(evidence.drivers)
    _, means, cov = moments.replicate(factors)
    same = slopes(cov, 0, np.arange(1, cov.shape[1]))[:, :p]
    informants = evidence.informants
    why = why_not(informants, placed=evidence.places is not None)
    different, source, places = None, "pooled", 0
    if informants is not None and why is None:
        counted = aligned(informants, moments.clusters, factors)
        source, different = list(estimates(informants, counted, checked=1 + plan.places).items())[-1]
        places = len(informants.places)
    return Replicates(plan, same, different, source, means[:, 1 : 1 + p], places, moments.n, why)


def product(coefficient: Array, shortfall: Array) -> Array:
    """Coefficient times shortfall; below 0 unless both are above it.

    Without this a driver above its benchmark with a negative coefficient would seem worth lowering.
    """
    signed = coefficient * shortfall
    return np.where((coefficient < 0) & (shortfall < 0), -signed, signed)


def clipped(low: Array, high: Array) -> tuple[Array, Array]:
    """Limits of a signed product, cut at 0: at or above its benchmark a driver has no priority left."""
    return np.maximum(low, 0.0), np.maximum(high, 0.0)


def ranked(found: Replicates, names: Sequence[str], targets: Mapping[str, float], smallest: float) -> pd.DataFrame:
    """One line per driver: coefficients, shortfall, priority, rank probabilities; grades come later.

    The interval is jackknife over places with t(G - 1), rank probabilities are shares of bootstrap draws; both from
    the same plan, and coefficient and shortfall from the same replicate.
    """
    plan = found.plan
    df = plan.places - 1.0
    target = np.array([targets[name] for name in names])
    gaps = target - found.means
    lines: dict[str, object] = {"term": list(names)}
    for name, values, freedom in (
        ("same", found.same, df),
        ("coefficient", found.headline, df if found.different is None else found.places - 1.0),
        ("shortfall", gaps, df),
        ("priority", product(found.headline, gaps), df if found.different is None else found.places - 1.0),
    ):
        estimate, left_out, _ = plan.split(values)
        error = jackknife_error(estimate, left_out) if plan.places >= FEWEST_PLACES else np.full(len(names), np.nan)
        low, high = t_interval(estimate, error, freedom)
        _, p_value = t_test(estimate, error, freedom)
        lines |= {
            name: estimate,
            f"{name}_error": error,
            f"{name}_low": low,
            f"{name}_high": high,
            f"{name}_p": p_value,
        }
        if name == "priority":
            lines["priority_low"], lines["priority_high"] = clipped(low, high)
    estimate, left_out, _ = plan.split(gaps)
    tests = [
        one_sided(e, smallest, s, df)[1] for e, s in zip(estimate, jackknife_error(estimate, left_out), strict=True)
    ]
    draws = plan.split(product(found.headline, gaps))[2]
    known = plan.places >= FEWEST_PLACES
    return pd.DataFrame(lines).assign(
        shortfall_p=tests if known else np.nan,
        p_first=rank_probabilities(draws, 1) if known else np.nan,
        p_top3=rank_probabilities(draws, 3) if known else np.nan,
        benchmark=target,
        mean=target - estimate,
        places=found.places,
        clusters=plan.places,
        n=found.n,
        source=found.source,
    )


def graded(lines: pd.DataFrame) -> tuple[list[Grade], list[Text]]:
    """Grades of all lines, each kind of test adjusted by Holm over all of them."""
    source = lines["source"].to_numpy()
    apart = np.where(source == "pooled", np.nan, lines["coefficient_p"].to_numpy(dtype=float))
    same, different, gaps = (adjusted(p) for p in (lines["same_p"], apart, lines["shortfall_p"]))
    half = stats.t.ppf(1 - LEVEL, np.maximum(lines["places"] - 1.0, 1.0)) * lines["coefficient_error"]
    near = (lines["coefficient"].abs() + half).to_numpy() < NEGLIGIBLE
    found = [
        grade(
            shortfall=bool(gaps[i] < LEVEL),
            same=bool(same[i] < LEVEL and lines["same"].iloc[i] > 0),
            different=bool(different[i] < LEVEL and lines["coefficient"].iloc[i] > 0),
            negligible=bool(near[i] and source[i] == "disattenuated"),
            places=int(lines["places"].iloc[i]),
        )
        for i in range(len(lines))
    ]
    return [g for g, _ in found], [why for _, why in found]


# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Priorities(Result):
    """Drivers by what it would go with if each stood at its benchmark.

    Attributes
    ----------
    frame : DataFrame
        By group, the largest priority first: ``group, term, coefficient, shortfall, priority`` (each with ``_error``,
        ``_low``, ``_high``, ``_p``), ``same`` (the coefficient among the same respondents, likewise), ``p_first,
        p_top3, grade, limit`` (weakest link, Text), ``source, benchmark, mean, places, clusters, n``.
    outcome : str
    smallest : float
    draws, failed, seed : int
        Bootstrap draws asked for, draws that gave no ranking (in the worst group), and the seed.
    why : mapping of group to Text
        Why there is no evidence from different respondents.
    groups : mapping of group to Text
    remarks : tuple of Text
    """

    outcome: str
    smallest: float
    draws: int
    failed: int
    seed: int
    why: Mapping[object, Text]
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        shown = self.frame.assign(
            term=self.frame["term"].map(self.basis.label),
            group=self.frame["group"].map(self.groups),
            grade=self.frame["grade"].map(GRADES),
            priority=self.frame["priority"].clip(lower=0.0),
        )
        top3 = [Column("p_top3", Text("前三概率", "P(top 3)"), "bounded", digits=2)]
        many = int(self.frame.groupby("group").size().max()) > 3
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("coefficient", Text("系数", "Coefficient")),
            Column("shortfall", HEADS["shortfall"], digits=1),
            Column("priority", HEADS["priority"], digits=1),
            Column("priority_low:priority_high", HEADS["conf_95"], "interval", digits=1),
            Column("p_first", HEADS["rank_probability"], "bounded", digits=2),
            *(top3 if many else []),
            Column("grade", HEADS["grade"], "text"),
            Column("limit", Text("最弱一环", "Weakest link"), "text"),
        ]
        title = Text("改进{y}的优先次序", "What to test first for {y}").format(y=self.basis.label(self.outcome))
        group = "group" if len(self.groups) > 1 else None
        return Table.from_frame(shown, columns, id="priorities", title=title, group=group, notes=self.notes())

    def notes(self) -> tuple[Text, ...]:
        """What priority means, what it rests on, and how grades are given."""
        notes = [
            Text(
                "优先度＝系数×差距：若该因素达到基准且关联成立，结果相差的分数（百分制）；负值显示为0。只是关联，不表示因果。",
                "Priority = coefficient × shortfall: by how many points of 100 the outcome would differ if the driver "
                "stood at its benchmark and the association carried over; below 0 shown as 0. An association, "
                "not a cause.",
            ),
            Text(
                "区间：逐一剔除单位的刀切法，t分布，负值截为0；概率：{b}次自助抽样（种子{s}，{f}次无法排序）。",
                "Interval: jackknife over units with a t distribution, limits below 0 set to 0; probabilities: {b} "
                "bootstrap draws (seed {s}, {f} without a ranking).",
            ).format(b=self.draws, s=self.seed, f=self.failed),
        ]
        for group, lines in self.frame.groupby("group", sort=False):
            first = lines.iloc[0]
            about = Text("系数来源：{s}，{g}个单位。", "Coefficients: {s}; {g} units.").format(
                s=SOURCES[first["source"]], g=int(first["places"] or first["clusters"])
            )
            if group in self.why:
                about = Text(
                    "{a}没有来自其他主体的依据（{w}），因此不作判定。",
                    "{a} No evidence from other informants ({w}), so nothing is decided.",
                ).format(a=about, w=self.why[group])
            if len(self.groups) > 1:
                about = Text("{g}：{a}", "{g}: {a}").format(g=self.groups[group], a=about)
            notes.append(about)
        level = Text("论断级别：{c}。", "Claim level: {c}.").format(c=NAMES[self.claim])
        return (*notes, RULE, level, *self.remarks)

    def sentences(self) -> tuple[Text, ...]:
        """One sentence for each driver, the largest priority first, in words that the design allows."""
        return tuple(sentence(line, self.outcome, self.basis) for line in self.frame.to_dict("records"))

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Importance (coefficient) against performance (mean), with intervals, for the first group."""
        from sgsurvey.figures.quadrant import quadrant

        lang = language or self.basis.language
        first = self.frame[self.frame["group"] == self.frame["group"].iloc[0]]
        shown = pd.DataFrame(
            {
                "label": [self.basis.label(t).to(lang) for t in first["term"]],
                "importance": first["coefficient"].to_numpy(),
                "importance_low": first["coefficient_low"].to_numpy(),
                "importance_high": first["coefficient_high"].to_numpy(),
                "performance": first["mean"].to_numpy(),
                "performance_low": (first["benchmark"] - first["shortfall_high"]).to_numpy(),
                "performance_high": (first["benchmark"] - first["shortfall_low"]).to_numpy(),
                "n": first["n"].to_numpy(),
            }
        )
        coefficient = Text("重要性（系数）", "Importance (coefficient)")
        points_of_100 = Text("表现（百分制）", "Performance (points of 100)")
        return quadrant(shown, midpoint=50.0, x_axis=coefficient, y_axis=points_of_100, ax=ax, language=lang)


# Door ---------------------------------------------------------------------------------------------


def priorities(
    answers: Responses | pd.DataFrame,
    outcome: str,
    drivers: str | Sequence[str],
    *,
    benchmark: float | Mapping[str, float] = 70.0,
    smallest: float = 5.0,
    by: str | None = None,
    cluster: str | None = None,
    draws: int = 2000,
    seed: int,
) -> Priorities:
    """Rank drivers by coefficient times shortfall, honestly about how sure the ranking is.

    Coefficient, shortfall and their product come from the same replicates of one plan over places.  The coefficient is
    the one that rests on different respondents wherever places and groups suffice (see ``drivers``), since one person's
    leniency makes everything go with everything; else the pooled one, and every grade is D.  Strata of a design are not
    used, which can make intervals too wide, not too narrow.  The grades A to D and N
    are those of ``causes/grades.py``: the weakest link decides; B is the best before checks of robustness.

    Parameters
    ----------
    answers : Responses or DataFrame
        A DataFrame needs limits and constructs: pass ``sg.responses(frame, constructs, limits=…, roles=…)``.
    outcome : str
        A construct or rated item.
    drivers : list of str
        Constructs or rated items.
    benchmark : float or mapping of driver to float
        In points of 100; declared before the data came.
    smallest : float
        The smallest shortfall that matters, in points.
    by : str, optional
        Groups whose outcome is explained one by one; the other informants stay as they are.
    cluster : str, optional
        Column of the places; the design's clusters unless named.  Rows without a place are left out, with their count.
    draws : int
        Bootstrap draws for the rank probabilities.
    seed : int

    Raises
    ------
    DesignError
        A driver is not rated, a benchmark is outside 0 to 100, or the design has weights, population sizes,
        further stages or replicate weights.
    EstimationError
        Too few respondents answered everything.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9, 586-596 (jackknife); Podsakoff et al. (2003), Journal of Applied
    Psychology 88, 879-903 (different sources); Martilla and James (1977), Journal of Marketing 41, 77-79 (quadrants).
    """
    answers = as_columns(answers)
    answers.refuse_design("priorities", "weights", "fpc", "stages", "replicates")
    if draws < 100:
        raise DesignError(
            f"{draws} draws are too few for probabilities.", where="draws=", remedy="Ask for 1000 or more."
        )
    gathered = collect(answers, outcome, drivers, cluster=cluster, by=by)
    first = next(iter(gathered.values()))
    facts = first.facts
    if facts:
        raise DesignError(
            f"'{facts[0]}' is not rated, so it has no benchmark in points of 100.",
            where="drivers=",
            remedy="Rank constructs here, and see facts of places in sgsurvey.drivers().",
        )
    targets = benchmarks(benchmark, first.drivers)
    return _rank(answers, gathered, targets, smallest=smallest, by=by, draws=draws, seed=seed)


def _rank(
    answers: Responses,
    gathered: Mapping[object, Evidence],
    targets: Mapping[str, float],
    *,
    smallest: float,
    by: str | None,
    draws: int,
    seed: int,
) -> Priorities:
    lines: list[pd.DataFrame] = []
    why: dict[object, Text] = {}
    failed = 0
    used = np.zeros(len(answers), dtype=bool)
    for group, evidence in gathered.items():
        rows = evidence.rows([evidence.outcome, *evidence.drivers])
        if not evidence.enough(rows):
            continue
        used |= rows
        found = replicate(evidence, draws=draws, seed=seed)
        block = ranked(found, evidence.drivers, targets, smallest)
        lines.append(block.assign(group=pd.Series([group] * len(block))).sort_values("priority", ascending=False))
        failed = max(failed, int(np.isnan(found.plan.split(found.headline)[2]).any(axis=1).sum()))
        if found.why is not None:
            why[group] = found.why
    if not lines:
        raise EstimationError(
            "nobody answered the outcome and all drivers in enough places.",
            remedy="Use fewer drivers, or a column of places that these respondents have.",
        )
    frame = pd.concat(lines, ignore_index=True)
    grades, limits = graded(frame)
    limits = [why.get(group, limit) for group, limit in zip(frame["group"], limits, strict=True)]
    frame = frame.assign(grade=grades, limit=pd.Series(limits, index=frame.index))
    frame.insert(0, "group", frame.pop("group"))
    first = next(iter(gathered.values()))
    names = [first.outcome, *first.drivers]
    basis = answers.basis(int(used.sum()), first.dropped(names) if by is None else first.unused(used))
    return Priorities(
        frame,
        basis,
        first.outcome,
        smallest,
        draws,
        failed,
        seed,
        why,
        group_labels(answers, by),
        design_remarks(answers),
    )
