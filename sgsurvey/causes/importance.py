"""importance(): what people say matters beside what goes with the outcome, against how it performs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.evidence import Evidence
from sgsurvey.causes.importance_sentences import of_importance
from sgsurvey.causes.picked import picked_by_driver
from sgsurvey.causes.priorities import SOURCES, Priorities, evidence_of
from sgsurvey.causes.quadrants import CUTS, KINDS, MIDPOINT, Kind, lmg_shares, placed, quadrants, shares_picked, stays
from sgsurvey.causes.resampling import Plan, jackknife_error, t_interval
from sgsurvey.causes.township import FEWEST_PLACES
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.suppress import suppressed
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

# LMG fits every subset of the drivers in every draw.
MOST = 12
STATED = ["stated", "stated_low", "stated_high"]
SHOWN: tuple[tuple[Kind, Literal["means", "benchmark"]], ...] = (
    ("stated", "means"),
    ("stated", "benchmark"),
    ("coefficient", "means"),
    ("coefficient", "benchmark"),
)


@dataclass(frozen=True)
class Importance(Result):
    """Importance, stated and derived, against performance.

    Attributes
    ----------
    frame : DataFrame
        One row per driver, the largest priority first: ``term``; ``stated`` (share of the persons who picked something
        of it), ``coefficient`` (that of the priorities), ``lmg`` (share of the outcome's variance beyond groups) and
        ``performance`` (mean, points of 100), each with ``_low`` and ``_high``; ``gap`` (benchmark - performance),
        ``benchmark``.  ``stated`` is nan where too few picked or did not.
    quadrants : DataFrame
        ``term, kind`` (of importance), ``cut`` (of performance: means, midpoint, benchmark), ``quadrant`` (Text),
        ``share`` (of draws in which the driver stays in it).
    by_group : DataFrame
        ``group, term, stated, stated_low, stated_high, n``: what each group of respondents names (nan
        where too few did or did not).
    outcome : str
    source : str
        Whose answers the coefficients rest on.
    persons : int
        Of those used, how many picked anything.
    draws, seed : int
    remarks : tuple of Text
    """

    quadrants: pd.DataFrame
    by_group: pd.DataFrame
    outcome: str
    source: str
    persons: int
    draws: int
    seed: int
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        shown = self.frame.assign(term=self.frame["term"].map(self.basis.label))
        columns = [
            Column("term", HEADS["predictor"], "text"),
            Column("stated", Text("自述（%）", "Stated (%)"), "percent", 1),
            Column("coefficient", Text("系数", "Coefficient")),
            Column("lmg", Text("LMG", "LMG"), "bounded", 3),
            Column("performance", HEADS["performance"], digits=1),
            Column("gap", HEADS["shortfall"], digits=1),
        ]
        cells = self.quadrants.set_index(["kind", "cut", "term"])
        for kind, cut in SHOWN:
            key = f"{kind} {cut}"
            lines = cells.loc[kind].loc[cut].loc[self.frame["term"]]
            shown[key] = [_stays_in(q, s) for q, s in zip(lines["quadrant"], lines["share"], strict=True)]
            columns.append(Column(key, CUTS[cut], "text", spanner=KINDS[kind]))
        title = Text("{y}：重要性与表现", "{y}: importance and performance").format(y=self.basis.label(self.outcome))
        table = Table.from_frame(shown, columns, id="importance", title=title, notes=self.notes())
        table = table.hiding([("stated",) if few else () for few in self._too_few(self.frame)])
        return table.telling(*of_importance(table))

    def _too_few(self, lines: pd.DataFrame) -> pd.Series:
        """Whether each line has no stated importance although something of its driver could be picked."""
        stated = self.quadrants[(self.quadrants["kind"] == "stated") & self.quadrants["quadrant"].notna()]
        return lines["stated"].isna() & lines["term"].isin(set(stated["term"]))

    def groups_table(self) -> Table:
        """What each group of respondents names: shares of persons with their intervals."""
        shown = self.frame[["term"]].assign(label=self.frame["term"].map(self.basis.label))
        columns, few = [Column("label", HEADS["predictor"], "text")], pd.DataFrame(index=shown["term"])
        for group, lines in self.by_group.groupby("group", sort=False):
            own = lines.assign(few=self._too_few(lines)).set_index("term").loc[shown["term"]]
            words = HEADS["overall"] if group == "all" else self.basis.label(group)
            head = Text("{g}（n = {n}）", "{g} (n = {n})").format(g=words, n=int(own["n"].iloc[0]))
            for end in ("", "_low", "_high"):
                shown[f"{group}{end}"] = own[f"stated{end}"].to_numpy()
            few[str(group)] = few[f"{group}_low"] = own["few"]
            columns += [
                Column(str(group), Text("%", "%"), "percent", 1, spanner=head),
                Column(f"{group}_low:{group}_high", HEADS["conf_95"], "percent_interval", 1, spanner=head),
            ]
        title = Text("各组自述的重要性", "What each group names as important")
        note = Text(
            "选了该方面至少一项者的比例；区间：逐一剔除地点的刀切法，t分布。",
            "Share of persons who picked something of it; intervals: jackknife over places with a t distribution.",
        )
        table = Table.from_frame(shown, columns, id="importance_groups", title=title, notes=(note, *self.remarks))
        hidden = [list(row.index[row]) for _, row in few.iterrows()]
        return replace(table.hiding(hidden).to(self.basis.language), smallest=self.basis.smallest)

    def notes(self) -> tuple[Text, ...]:
        """What each kind of importance is, how quadrants are cut, and what the shares are."""
        return (
            Text(
                "自述重要性：{n}人中选了该方面至少一项的比例；推导重要性：与{y}的系数（{s}），以及LMG（各因素在控制受访者"
                "组别后平均增加的解释份额，没有方向）。两者含义不同：前者是意见，后者是关联，都不表示因果。",
                "Stated importance: share of {n} persons who picked something of it. Derived importance: the "
                "coefficient with {y} ({s}), and LMG (the share of variance that it adds on average, groups of "
                "respondents held fixed; it has no sign). An opinion and an association are two things; neither is a "
                "cause.",
            ).format(n=self.persons, y=self.basis.label(self.outcome), s=SOURCES[self.source]),
            Text(
                "象限：重要性以各因素均值为界；表现分别以总均值和基准为界。括号内为{b}次自助抽样（种子{s}）中仍在该象限的比例，"
                "偏低者不宜据此下结论。",
                "Quadrants: importance is cut at the mean of the drivers, performance at the grand mean or at the "
                "benchmark. In brackets the share of {b} bootstrap draws (seed {s}) in which the driver stays there; "
                "where it is low the quadrant tells little.",
            ).format(b=self.draws, s=self.seed),
            Text(
                "差距＝基准−表现（百分制）；重要性与表现单位不同，不相减。",
                "Shortfall = benchmark − performance (points of 100); importance and performance have different units "
                "and are not subtracted.",
            ),
            *self.remarks,
        )

    def plot(self, ax: Axes | None = None, *, kind: Kind = "coefficient", language: Language | None = None) -> Axes:
        """The quadrants of one kind of importance, with intervals in both directions."""
        from sgsurvey.figures.quadrant import quadrant

        if kind not in KINDS:
            raise DesignError(f"there is no importance '{kind}'.", where="kind=", remedy=f"Use {', '.join(KINDS)}.")
        lang = language or self.basis.language
        known = self.frame[self.frame[kind].notna()].reset_index(drop=True)
        shown = pd.DataFrame({"label": [self.basis.label(t).to(lang) for t in known["term"]], "n": self.n})
        for name, column in (("importance", kind), ("performance", "performance")):
            for end in ("", "_low", "_high"):
                shown[f"{name}{end}"] = known[f"{column}{end}"]
        words = Text(*(one[:1].upper() + one[1:] for one in (KINDS[kind].zh, KINDS[kind].en)))
        points_of_100 = Text("表现（百分制）", "Performance (points of 100)")
        return quadrant(shown, midpoint=MIDPOINT, x_axis=words, y_axis=points_of_100, ax=ax, language=lang)


def importance(
    answers: Responses | pd.DataFrame,
    priorities: Priorities,
    *,
    picks: str | Mapping[str, Sequence[str]],
) -> Importance:
    """Set stated importance beside derived importance, and both against performance, from the draws of the priorities.

    Weights of the design are used in shares, coefficients, LMG and means; what is hidden is decided by counts of
    persons.

    Parameters
    ----------
    answers : Responses or DataFrame
        Those of the priorities.
    priorities : Priorities
        Of these answers, without ``by``: outcome, drivers, benchmark, places, draws and seed are theirs.
    picks : str, or mapping of driver to columns
        A question with several picks whose choices are ``matched`` to items of the drivers, or else share their
        ``aspect``; or columns, above 0 where picked.

    Raises
    ------
    DesignError
        The priorities are by group, of other answers or weights, or of one driver or more than 12; the design has
        population sizes, further stages or replicate weights.
    DataError
        No choice of the question belongs to a driver, or nobody picked anything.

    References
    ----------
    Martilla and James (1977), Journal of Marketing 41, 77-79; Lindeman, Merenda and Gold (1980), Introduction to
    Bivariate and Multivariate Analysis.

    Examples
    --------
    ``sg.importance(answers, sg.priorities(answers, "SAT", ["MGT", "FUN"], seed=1), picks="IMP")``
    """
    answers = as_columns(answers)
    answers.refuse_design("importance", "fpc", "stages", "replicates")
    if not 2 <= len(priorities.drivers) <= MOST:
        raise DesignError(
            f"{len(priorities.drivers)} drivers make no quadrants.",
            where="priorities=",
            remedy=f"Rank 2 to {MOST} of them.",
        )
    evidence, rows = evidence_of(answers, priorities)
    picked, basis = picked_by_driver(answers, picks, evidence.drivers), answers.basis(priorities.n, priorities.dropped)
    found = priorities.replicates["all"]
    factors, plan = found.plan.factors, found.plan
    order = [priorities.drivers.index(name) for name in evidence.drivers]
    moments = evidence.moments
    units = moments.clusters.get_indexer(pd.Index(evidence.units(rows)))
    values = {
        "stated": shares_picked(picked[rows], _weights(evidence, rows), units, factors),
        "coefficient": found.headline[:, order],
        "lmg": lmg_shares(moments.replicate(factors)[2], len(evidence.drivers)),
        "performance": found.means[:, order],
    }
    if np.isnan(values["stated"][0]).all():
        raise DataError("nobody whose ratings are used picked anything.", where="picks=", remedy="Name another list.")
    targets = priorities.frame["benchmark"].to_numpy(dtype=float)
    frame = _frame(values, evidence.drivers, plan, found.places)
    asked, smallest = ~np.isnan(picked[rows]).all(axis=1), answers.questionnaire.smallest_cell
    persons = np.array([np.nansum(picked[rows], axis=0), np.nansum(1 - picked[rows], axis=0)])
    frame.loc[((persons > 0) & (persons < smallest)).any(axis=0), STATED] = np.nan
    return Importance(
        frame.assign(gap=targets - frame["performance"], benchmark=targets),
        basis,
        _quadrants(values, evidence.drivers, targets, plan),
        _by_group(evidence, rows, picked, units, smallest),
        priorities.outcome,
        found.source,
        int(asked.sum()),
        priorities.draws,
        priorities.seed,
        priorities.remarks,
    )


def _frame(values: Mapping[str, Array], drivers: Sequence[str], plan: Plan, places: int) -> pd.DataFrame:
    """Each value with its jackknife interval, cut at the limits that a share has; none below ``FEWEST_PLACES``."""
    bounds = {"stated": (0.0, 1.0), "lmg": (0.0, 1.0), "performance": (0.0, 100.0)}
    columns: dict[str, object] = {"term": list(drivers)}
    for name, replicates in values.items():
        estimate, left_out, _ = plan.split(replicates)
        error = jackknife_error(estimate, left_out)
        if plan.places < FEWEST_PLACES:
            error = np.full(len(drivers), np.nan)
        df = places - 1.0 if name == "coefficient" and places else plan.places - 1.0
        low, high = t_interval(estimate, error, df)
        least, most = bounds.get(name, (-np.inf, np.inf))
        columns |= {name: estimate, f"{name}_low": np.maximum(low, least), f"{name}_high": np.minimum(high, most)}
    return pd.DataFrame(columns)


def _quadrants(values: Mapping[str, Array], drivers: Sequence[str], targets: Array, plan: Plan) -> pd.DataFrame:
    from sgsurvey.figures.quadrant import QUADRANTS

    draws = slice(1 + plan.places, None)
    parts = []
    for kind in KINDS:
        for cut in CUTS:
            found = quadrants(values[kind], values["performance"], cut, targets)
            words = [None if corner is None else QUADRANTS[corner] for corner in placed(found)]
            share = stays(found, draws) if plan.places >= FEWEST_PLACES else np.full(len(drivers), np.nan)
            part = pd.DataFrame({"term": list(drivers), "kind": kind, "cut": cut, "share": share})
            part.insert(3, "quadrant", pd.Series(words, dtype=object))
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _by_group(
    evidence: Evidence, rows: npt.NDArray[np.bool_], picked: Array, units: npt.NDArray[np.int64], smallest: int
) -> pd.DataFrame:
    """What each group of respondents names, jackknife over the places where it was asked; small counts are hidden."""
    groups = np.full(len(units), "all", dtype=object) if evidence.roles is None else evidence.roles[rows].to_numpy()
    asked = ~np.isnan(picked[rows]).all(axis=1)
    parts = []
    for group in pd.unique(pd.Series(groups[asked])):
        mine = asked & (groups == group)
        there, at = np.unique(units[mine], return_inverse=True)
        g = len(there)
        own, factors = picked[rows][mine], np.vstack([np.ones(g), 1.0 - np.eye(g)])
        values = shares_picked(own, _weights(evidence, rows)[mine], at, factors)
        error = jackknife_error(values[0], values[1:]) if g >= FEWEST_PLACES else np.full(values.shape[1], np.nan)
        low, high = t_interval(values[0], error, g - 1.0)
        part = pd.DataFrame({"group": group, "term": list(evidence.drivers), "stated": values[0]})
        part["stated_low"], part["stated_high"] = np.maximum(low, 0.0), np.minimum(high, 1.0)
        parts.append(part.assign(n=int(mine.sum()), persons=np.nansum(own, axis=0)))
    found = pd.concat(parts, ignore_index=True)
    for _, lines in found[found["stated"].notna()].groupby("term"):
        # A reader knows how many of a group were asked, and how many of all groups picked.
        counts = np.vstack([lines["persons"], lines["n"] - lines["persons"]])
        hidden = suppressed(counts, smallest, across=True).any(axis=0)
        found.loc[lines.index[hidden], STATED] = np.nan
    return found.drop(columns="persons")


def _weights(evidence: Evidence, rows: npt.NDArray[np.bool_]) -> Array:
    weights = evidence.weighing(rows)
    return np.ones(int(rows.sum())) if weights is None else weights


def _stays_in(quadrant: Text | None, share: float) -> Text:
    if quadrant is None:
        return Text("–", "–")
    if np.isnan(share):
        return quadrant
    return Text("{q}（{s}）", "{q} ({s})").format(q=quadrant, s=in_prose(share, "bounded", 2))
