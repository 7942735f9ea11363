"""What could be tried: problems, causes and declared levers beside each other, and how large a pilot must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.countermeasure_matrix import (
    SUPPORTING,
    Listed,
    Matter,
    aspect_of,
    best_grade,
    listed,
    listing,
    picks_of,
    problems_of,
    support,
)
from sgsurvey.causes.countermeasure_words import (
    ASSUMED,
    BEYOND,
    CONTROLLED,
    ENOUGH,
    LEVER_NOTES,
    MATCHED,
    MATRIX_NOTES,
    NO_SIZE,
    OF,
    PILOT_NOTE,
    SIZE,
    TEST,
    UNSUPPORTED,
)
from sgsurvey.causes.levers import Lever, check_declared, valued
from sgsurvey.causes.pilot import COLUMNS, pilots, trial_like
from sgsurvey.causes.priorities import Priorities, evidence_of
from sgsurvey.causes.shortfall_result import Shortfall
from sgsurvey.causes.spoken import SPOKEN, SPOKEN_NOTE, spoken_of
from sgsurvey.descriptives.themes import Themes
from sgsurvey.errors import DesignError
from sgsurvey.numerics.concordance import Concordance, concordance
from sgsurvey.tables.claims import NAMES
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Countermeasures(Result):
    """Declared levers with what the survey says for them; none is invented.

    Attributes
    ----------
    frame : DataFrame
        One row per declared lever, supported ones first, then by points per cost: ``choice, option, label,
        controlled_by, drivers, aspects, grade`` (the best of its drivers that are a problem), ``supported, support``
        (Text), ``value`` (points of the outcome that it would go with), ``value_error, value_low, value_high, cost,
        per_cost, p_best`` (share of draws in which it has the most points per cost, among the levers that move a
        problem), and for each group ``share_GROUP, borda_GROUP``.
    matrix : DataFrame
        One row per aspect with a problem: ``aspect, label, constructs, shortfall, grade, problem, evidence, causes,
        levers, disagreement``, and after ``beside`` also ``spoken``.
    pilot : DataFrame
        One row per supported lever: ``choice, label, difference, sd, icc, per_place, cv, design_effect,
        places_per_arm, persons_per_arm, places, enough, detectable``.
    picks : DataFrame
        What groups picked of both lists: ``kind`` ("cause" or "lever"), ``aspect, choice, option, label, group,
        group_label, n_persons, share, points, rank``; hidden counts are nan.
    agreement : mapping of "cause" and "lever" to Concordance
        Kendall's W of the groups' orders; empty with fewer than two groups.
    outcome : str
    undeclared : tuple of Text
        Measures of the list that the study did not declare: nothing is said of them.
    left_out : tuple of Text
        Groups of too few persons.
    remarks : tuple of Text
    """

    matrix: pd.DataFrame
    pilot: pd.DataFrame
    picks: pd.DataFrame
    agreement: Mapping[str, Concordance]
    outcome: str
    undeclared: tuple[Text, ...]
    left_out: tuple[Text, ...]
    remarks: tuple[Text, ...]

    def beside(self, themes: Themes) -> Countermeasures:
        """The same, with how many persons spoke of each aspect in answers to open questions, and the coders' kappa.

        Parameters
        ----------
        themes : Themes
            Of the same answers, from the dimension whose codes name aspects (``sg.themes(coding, "aspect")``).

        Raises
        ------
        DesignError
            The themes are of other answers, or are not one for each aspect.
        """
        if themes.basis.n_in != self.basis.n_in:
            raise DesignError(
                Text("这些主题来自其他答卷。", "these themes are of other answers."),
                where="themes",
                remedy=Text(
                    "请用coding.among(answers)。", "Count the codes among the same answers: coding.among(answers)."
                ),
            )
        matrix = self.matrix.assign(spoken=pd.Series(spoken_of(themes, list(self.matrix["aspect"])), dtype=object))
        return replace(self, matrix=matrix)

    def _table(self) -> Table:
        spoken = [Column("spoken", SPOKEN, "text")] if "spoken" in self.matrix else []
        columns = [
            Column("label", HEADS["aspect"], "text"),
            Column("problem", Text("问题（与基准的差距）", "Problem (shortfall)"), "text"),
            Column("evidence", Text("依据", "Evidence"), "text"),
            Column("causes", Text("原因（选择比例）", "Causes (share naming it)"), "text"),
            *spoken,
            Column("levers", Text("对策（支持、比例、名次）", "Measures (support, share, rank)"), "text"),
            Column("disagreement", Text("分歧（名次）", "Who disagrees (rank)"), "text"),
        ]
        title = Text("问题—原因—对策", "Problems, causes, countermeasures")
        table = Table.from_frame(self.matrix, columns, id="countermeasures", title=title, notes=self.notes())
        return table.telling(*self._matched())

    def _matched(self) -> Iterator[Text]:
        if len(self.matrix):
            moved = set().union(*self.frame.loc[self.frame["supported"], "aspects"])
            yield MATCHED.format(n=len(self.matrix), k=int(self.matrix["aspect"].isin(moved).sum()))

    def notes(self) -> tuple[Text, ...]:
        """Where the numbers of the matrix come from."""
        level = Text("论断级别：{c}。", "Claim level: {c}.").format(c=NAMES[self.claim])
        left = Text("人数过少、未列入的组：{g}。", "Groups of too few persons, left out: {g}.").format(
            g=listing(self.left_out)
        )
        spoken = [SPOKEN_NOTE] if "spoken" in self.matrix else []
        return (*MATRIX_NOTES, *spoken, level, *([left] if self.left_out else []), *self.remarks)

    def levers_table(self, *, language: Language | None = None) -> Table:
        """Each declared lever with its support, and what a supported one would go with."""
        numbers = ["value", "value_low", "value_high", "per_cost", "p_best"]
        shown = self.frame.assign(
            drivers=[listing([self.basis.label(d) for d in drivers]) for drivers in self.frame["drivers"]],
            **{name: self.frame[name].where(self.frame["supported"]) for name in numbers},
        )
        columns = [
            Column("label", Text("对策", "Measure"), "text"),
            Column("drivers", Text("作用的因素", "Drivers it moves"), "text"),
            Column("controlled_by", Text("主管", "Controlled by"), "text"),
            Column("support", Text("支持", "Support"), "text"),
            Column("value", Text("相差（分）", "Points"), digits=1),
            Column("value_low:value_high", HEADS["conf_95"], "interval", digits=1),
            Column("cost", Text("成本", "Cost"), digits=1),
            Column("per_cost", Text("每单位成本", "Points per cost"), digits=2),
            Column("p_best", Text("居首概率", "P(best)"), "bounded", digits=2),
        ]
        undeclared = Text(
            "研究未列入对策表、因而不作判断：{o}。", "Not in the study's table, so nothing is said of: {o}."
        )
        unsaid = [undeclared.format(o=listing(self.undeclared))] if self.undeclared else []
        notes = (*LEVER_NOTES, *unsaid, *self.remarks)
        title = Text("对策：若关联成立，{y}相差多少", "Measures: by how much {y} would differ").format(
            y=self.basis.label(self.outcome)
        )
        table = Table.from_frame(shown, columns, id="levers", title=title, notes=notes)
        return self.page(table.telling(*self._tests()), language)

    def pilot_table(self, *, language: Language | None = None) -> Table:
        """Places and persons in each arm of a pilot of each supported lever."""
        shown = self.pilot.assign(enough=self.pilot["enough"].map(ENOUGH))
        columns = [
            Column("label", Text("对策", "Measure"), "text"),
            Column("difference", Text("须检出的差异（分）", "Difference to find"), digits=1),
            Column("places_per_arm", Text("每组单位数", "Places per arm"), "count"),
            Column("persons_per_arm", Text("每组人数", "Persons per arm"), "count"),
            Column("places", Text("现有单位数", "Places there are"), "count"),
            Column("enough", Text("是否够用", "Enough"), "text"),
            Column("detectable", Text("全部单位可检出（分）", "All places would find"), digits=1),
        ]
        notes = [PILOT_NOTE]
        if len(self.pilot):
            first = self.pilot.iloc[0]
            notes.append(
                ASSUMED.format(
                    sd=in_prose(first["sd"], "estimate", 1),
                    icc=in_prose(first["icc"], "bounded", 3),
                    m=in_prose(first["per_place"], "estimate", 1),
                    cv=in_prose(first["cv"], "estimate", 2),
                    deff=in_prose(first["design_effect"], "estimate", 2),
                )
            )
        title = Text("试点所需样本量", "Size of a pilot")
        table = Table.from_frame(shown, columns, id="pilot", title=title, notes=notes)
        return self.page(table.telling(*self._sizes()), language)

    def sentences(self) -> tuple[Text, ...]:
        """For each declared lever what to test before roll-out, and with how many; or that there is no support."""
        return (*self.levers_table().sentences, *self.pilot_table().sentences)

    def _tests(self) -> Iterator[Text]:
        y = self.basis.label(self.outcome)
        for line in self.frame.to_dict("records"):
            if not line["supported"]:
                yield UNSUPPORTED.format(o=line["label"], s=line["support"])
                continue
            who = line["controlled_by"]
            yield TEST.format(
                o=line["label"],
                c=CONTROLLED.format(c=who) if who.zh or who.en else "",
                y=y,
                d=in_prose(line["value"], "estimate", 1),
                i=in_prose((line["value_low"], line["value_high"]), "interval", 1),
            )

    def _sizes(self) -> Iterator[Text]:
        for size in self.pilot.to_dict("records"):
            sized = NO_SIZE
            if np.isfinite(size["places_per_arm"]):
                beyond = BEYOND.format(g=int(size["places"]), m=in_prose(size["detectable"], "estimate", 1))
                sized = SIZE.format(
                    k=in_prose(size["places_per_arm"], "count"),
                    n=in_prose(size["persons_per_arm"], "count"),
                    beyond="" if size["enough"] else beyond,
                )
            yield OF.format(o=size["label"], size=sized)


# Door ---------------------------------------------------------------------------------------------


def countermeasures(
    answers: Responses,
    priorities: Priorities,
    levers: Sequence[Lever],
    *,
    shortfall: Shortfall | None = None,
    causes: str | None = "CAU",
    measures: str = "LEV",
    by: str | None = "role",
) -> Countermeasures:
    """Problem, cause and lever side by side; what a declared lever would go with; how large its pilot must be.

    A lever's points are ``sum_k min(A_lk, s_k) beta_k`` over the drivers that are a problem, with the coefficients,
    shortfalls and replicates of the priorities.  A lever none of whose problem drivers has grade C or better has no
    support in this survey.  Weights of the design are used in points and shares; the pilot's sizes are for persons like
    those who answered, each counted once.

    Parameters
    ----------
    answers : Responses
        Those of the priorities.
    priorities : Priorities
        Of all respondents together (no ``by=``).
    levers : list of Lever
        Declared before the data came.
    shortfall : Shortfall, optional
        Says what is a problem; the tests of the priorities unless given.
    causes : str or None
        Question with the list of causes, its choices bound to aspects.
    measures : str
        Question with the list of measures, ranked or picked.
    by : str or None
        Groups whose picks stand beside each other.

    Returns
    -------
    Countermeasures

    Raises
    ------
    DesignError
        A lever is no measure of the list or moves what was not ranked; the priorities are by group or of other
        answers or weights; the design has population sizes, further stages or replicate weights.

    References
    ----------
    Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials, 5.3; Eldridge, Ashby and Kerry (2006),
    International Journal of Epidemiology 35, 1292-1300 (unequal places).
    """
    answers.refuse_design("countermeasures", "fpc", "stages", "replicates")
    evidence, _ = evidence_of(answers, priorities)
    answers = answers.where(pd.Series(evidence.sampled))
    wanted = listed(answers, measures, by=by)
    check_declared(levers, tuple(wanted.choices.values()), priorities.drivers)
    problems = problems_of(priorities, shortfall)
    frame = _levers(answers, priorities, levers, problems, wanted)
    lists = ({} if causes is None else {"cause": listed(answers, causes, by=by)}) | {"lever": wanted}
    picks = pd.concat([picks_of(kind, found) for kind, found in lists.items()], ignore_index=True)
    orders = {kind: found.ranks.ranks for kind, found in lists.items() if len(found.ranks.ranks) > 1}
    declared = {lever.choice for lever in levers}
    return Countermeasures(
        frame,
        priorities.basis.labelled(answers.questionnaire.labels),
        Matter(priorities, shortfall, answers.questionnaire, frame, picks).matrix(problems),
        _pilot(answers, priorities, frame),
        picks,
        {kind: concordance(ranks) for kind, ranks in orders.items()},
        priorities.outcome,
        tuple(choice.label for choice in wanted.choices.values() if choice.code not in declared),
        wanted.ranks.left_out,
        priorities.remarks,
    )


def _levers(
    answers: Responses, priorities: Priorities, levers: Sequence[Lever], problems: Sequence[str], wanted: Listed
) -> pd.DataFrame:
    """The frame of the result."""
    grades = dict(zip(priorities.frame["term"], priorities.frame["grade"], strict=True))
    options = {choice.code: option for option, choice in wanted.choices.items()}
    lines = []
    for lever in levers:
        drivers = tuple(lever.points)
        grade = best_grade([grades[d] for d in drivers if d in problems])
        lines.append(
            {
                "choice": lever.choice,
                "option": options[lever.choice],
                "label": wanted.choices[options[lever.choice]].label,
                "controlled_by": lever.controlled_by,
                "drivers": drivers,
                "aspects": tuple(dict.fromkeys(aspect_of(answers.questionnaire, d) for d in drivers)),
                "grade": grade,
                "supported": grade in SUPPORTING,
                "support": support(grade),
                "cost": lever.cost,
            }
        )
    frame = pd.concat([pd.DataFrame(lines), valued(levers, priorities, problems)], axis=1)
    picks = wanted.ranks.picks.frame
    for group in dict.fromkeys(picks["group"]):
        own = picks[[g == group for g in picks["group"]]].set_index("option")
        for column, source in (("share", "share_persons"), ("borda", "borda")):
            if source in own:
                frame[f"{column}_{'all' if group is None else group}"] = frame["option"].map(own[source])
    return frame.sort_values(["supported", "per_cost"], ascending=False, kind="stable", ignore_index=True)


def _pilot(answers: Responses, priorities: Priorities, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of pilots; without places nothing has support."""
    supported = frame[frame["supported"].astype(bool)]
    if priorities.cluster is None or supported.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    return pilots(supported, *trial_like(answers, priorities.outcome, priorities.cluster))
