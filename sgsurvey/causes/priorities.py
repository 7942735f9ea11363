"""What first?  Coefficient times shortfall of each driver, with interval, rank probabilities and evidence grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.benchmarks import declared_points
from sgsurvey.causes.evidence import Evidence, collect, design_remarks, group_labels, weight_remarks
from sgsurvey.causes.grades import GRADES, RULE, checked
from sgsurvey.causes.ranking import Replicates, graded, ranked, replicate
from sgsurvey.causes.sentences import PRINTED, sentence
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.tables.claims import NAMES, ClaimLevel
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.causes.robustness import Robustness
    from sgsurvey.figures.style import Axes

Array = npt.NDArray[np.float64]
SOURCES: dict[str, Text] = {
    "disattenuated": Text("跨主体（校正测量误差）", "cross-informant, disattenuated"),
    "cross_informant": Text("跨主体（未校正，偏小）", "cross-informant, attenuated"),
    "pooled": Text("同一批受访者", "same respondents"),
}

# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Priorities(Result):
    """Drivers by what it would go with if each stood at its benchmark.

    Attributes
    ----------
    frame : DataFrame
        By group, the largest priority first: ``group, term, coefficient, shortfall, priority`` (each with ``_error``,
        ``_low``, ``_high``, ``_p``), ``same`` (the coefficient among the same respondents, likewise), ``p_first,
        p_top3``, ``rank_low, rank_high`` (95 % confidence set of ranks, for all at once) and ``rank_low_alone,
        rank_high_alone`` (for a rank chosen beforehand), ``grade, limit`` (weakest link, Text), ``source, benchmark,
        mean, places, clusters, n``, and once robustness was checked ``candidate`` (may be called a candidate cause).
    outcome : str
    smallest : float
    draws, failed, seed : int
        Bootstrap draws asked for, draws that gave no ranking (in the worst group), and the seed.
    why : mapping of group to Text
        Why there is no evidence from different respondents.
    groups : mapping of group to Text
    remarks : tuple of Text
    drivers : tuple of str
        In the order of the columns of ``replicates``.
    cluster : str or None
        Column of the places.
    replicates : mapping of group to Replicates
        What everything was computed from, for what is to vary with it (``sg.countermeasures``).
    """

    outcome: str
    smallest: float
    draws: int
    failed: int
    seed: int
    why: Mapping[object, Text]
    groups: Mapping[object, Text]
    remarks: tuple[Text, ...]
    drivers: tuple[str, ...]
    cluster: str | None
    replicates: Mapping[object, Replicates]

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
            Column("coefficient", Text("系数", "Coefficient"), *PRINTED["coefficient"]),
            Column("shortfall", HEADS["shortfall"], *PRINTED["shortfall"]),
            Column("priority", HEADS["priority"], *PRINTED["priority"]),
            Column("priority_low:priority_high", HEADS["conf_95"], "interval", digits=1),
            Column("p_first", HEADS["rank_probability"], *PRINTED["p_first"]),
            *(top3 if many else []),
            Column("rank_low:rank_high", Text("名次（95%）", "Rank (95%)"), "interval", digits=0),
            Column("grade", HEADS["grade"], "text"),
            Column("limit", Text("最弱一环", "Weakest link"), "text"),
        ]
        title = Text("改进{y}的优先次序", "What to test first for {y}").format(y=self.basis.label(self.outcome))
        group = "group" if len(self.groups) > 1 else None
        table = Table.from_frame(shown, columns, id="priorities", title=title, group=group, notes=self.notes())
        return table.telling(*(sentence(line, self.outcome, self.basis) for line in self.frame.to_dict("records")))

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
            Text(
                "名次：所有因素的真实名次同时落入所列范围的把握为95%（逐步检验所有两两差异）；范围重叠者不能分先后。",
                "Rank: 95% confidence that the true ranks of all drivers lie in these sets at once (step-down tests "
                "of all differences); where sets overlap, none comes first.",
            ),
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

    def checked(self, robustness: Robustness, *, arrows: Sequence[tuple[str, str]] = ()) -> Priorities:
        """The same priorities with grades that know of robustness: A where it was passed, C where it was failed.

        Parameters
        ----------
        robustness : Robustness
            Of the same outcome and drivers.
        arrows : sequence of (cause, effect)
            The causal graph that was declared before the data came.  A driver of grade A with an arrow to the outcome
            may be called a candidate cause, and no other.

        Raises
        ------
        DesignError
            The robustness is that of another outcome or lacks a driver, or these priorities are by group.
        """
        lines = robustness.frame.set_index("term")
        same = robustness.outcome == self.outcome and set(self.frame["term"]) <= set(lines.index)
        if not same or len(self.groups) > 1:
            raise DesignError(
                "these priorities and this robustness are not about the same outcome, drivers and respondents.",
                where="robustness=",
                remedy="Compute both for the same answers, outcome and drivers, without by=.",
            )
        frame = self.frame.copy()
        for at, line in self.frame.iterrows():
            term = str(line["term"])
            found = checked(
                line["grade"],
                withstands=robustness.withstands(term),
                same_sign=float(lines.loc[term, "same_sign"]),
            )
            if found is not None:
                frame.at[at, "grade"], frame.at[at, "limit"] = found
        declared = {cause for cause, effect in arrows if effect == self.outcome}
        frame["candidate"] = (frame["grade"] == "A") & frame["term"].isin(declared)
        claim: ClaimLevel = 2 if frame["candidate"].any() and self.claim < 2 else self.claim
        return replace(self, frame=frame, basis=replace(self.basis, claim=claim))

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
        coefficient = Text("推导重要性（系数）", "Derived importance (coefficient)")
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
    leniency makes everything go with everything; else the pooled one, and every grade is D.  Weights of a design are
    used in coefficients and means, and stay with their rows in every replicate; in coefficients from different
    respondents each place counts once.  Strata are not used, which can make intervals too wide, not too narrow.  The
    grades A to D and N are those of ``causes/grades.py``: the weakest link decides; B is the best before checks of
    robustness.

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
        A driver is not rated, a benchmark is outside 0 to 100, or the design has population sizes, further stages
        or replicate weights.
    EstimationError
        Too few respondents answered everything.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9, 586-596 (jackknife); Podsakoff et al. (2003), Journal of Applied
    Psychology 88, 879-903 (different sources); Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies
    91, 476-518 (sets of ranks); Martilla and James (1977), Journal of Marketing 41, 77-79 (quadrants).
    """
    answers = as_columns(answers)
    answers.refuse_design("priorities", "fpc", "stages", "replicates")
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
    targets = declared_points(benchmark, first.drivers)
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
    replicates: dict[object, Replicates] = {}
    failed = 0
    used = np.zeros(len(answers), dtype=bool)
    for group, evidence in gathered.items():
        rows = evidence.rows([evidence.outcome, *evidence.drivers])
        if not evidence.enough(rows):
            continue
        used |= rows
        found = replicates[group] = replicate(evidence, draws=draws, seed=seed)
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
        (*weight_remarks(answers), *design_remarks(answers)),
        first.drivers,
        None if first.places is None else str(first.places.name),
        replicates,
    )


def evidence_of(answers: Responses, priorities: Priorities) -> tuple[Evidence, npt.NDArray[np.bool_]]:
    """What priorities without ``by`` were computed from, in the order of their lines, and its rows.

    Raises
    ------
    DesignError
        They are by group, or of other answers or weights.
    """
    if len(priorities.groups) > 1:
        raise DesignError("these priorities are by group.", where="priorities=", remedy="Compute them without by=.")
    drivers = [str(term) for term in priorities.frame["term"]]
    evidence = collect(answers, priorities.outcome, drivers, cluster=priorities.cluster)["all"]
    rows = evidence.rows([evidence.outcome, *evidence.drivers])
    same = len(answers) == priorities.basis.n_in and int(rows.sum()) == priorities.n
    means = evidence.moments_of(rows).mean[1 : 1 + len(drivers)] if same else np.nan
    if not np.allclose(means, priorities.frame["mean"], rtol=1e-9):
        raise DesignError(
            "these priorities are of other answers, or of other weights.",
            where="priorities=",
            remedy="Compute both from the same answers under the same design.",
        )
    return evidence, rows
