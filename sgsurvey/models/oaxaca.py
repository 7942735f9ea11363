"""Why two groups differ in the mean: by what they have, or by how it counts (Oaxaca and Blinder)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.words import code_words
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.coded_factors import levels_of, variable_label
from sgsurvey.models.coefficient_sentences import TOLD
from sgsurvey.models.covariance import Array, Covariance
from sgsurvey.models.design_based import Placed
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix, complete_rows, design_matrix
from sgsurvey.models.fit import check_estimable
from sgsurvey.models.formula import read_formula
from sgsurvey.models.hidden_coefficients import hide_few, without_few
from sgsurvey.models.oaxaca_sentences import of_contributions, of_gap
from sgsurvey.models.unit_moments import clustered
from sgsurvey.models.wording import check_level, conf_head
from sgsurvey.numerics.oaxaca import PARTS, Decomposition, Rule
from sgsurvey.tables.few_persons import one_of_two_is_few
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

WORDS = {
    "gap": HEADS["difference"],
    "explained": Text("可解释", "Explained"),
    "unexplained": Text("未解释", "Unexplained"),
    "endowments": Text("特征差异", "Endowments"),
    "coefficients": Text("系数差异", "Coefficients"),
    "interaction": Text("交互", "Interaction"),
}
FOLDS = {"two_fold": Text("二重分解", "Two-fold"), "three_fold": Text("三重分解", "Three-fold")}
RULES: dict[Rule, Text] = {
    "pooled": Text("两组合并、含组别变量的系数", "of both groups together with a column for the group"),
    "neumark": Text("两组合并的系数（Neumark）", "of both groups together (Neumark)"),
    "cotton": Text("两组系数按人数加权（Cotton）", "the mean of both groups' by their sizes (Cotton)"),
    "reimers": Text("两组系数各半（Reimers）", "the mean of both groups' (Reimers)"),
    "first": Text("前一组的系数", "the first group's"),
    "second": Text("后一组的系数", "the second group's"),
}
VALUED = Text("二重分解所用系数：{rule}。", "The two-fold parts use coefficients {rule}.")
ERRORS = Text(
    "标准误用delta法，自变量均值也视为抽样所得；t自由度{df}。",
    "Errors by the delta method, means of predictors being sampled too; t with {df} degrees of freedom.",
)
NO_CAUSE = Text(
    "这是描述性的分解：“未解释”包括所有未入模型的差异，不能当作不公平的证据。",
    "A description: the unexplained part holds all that the model leaves out, and is no proof of unequal treatment.",
)
ZERO = Text(
    "未解释部分在各变量间的分摊取决于各变量的零点和参照组，总和则不取决于它们。",
    "How the unexplained part splits among variables depends on where each one's zero or reference category lies; "
    "their sum does not.",
)


@dataclass(frozen=True)
class Oaxaca(Inline):
    """The gap between two groups' means, taken apart.

    Attributes
    ----------
    frame : DataFrame
        ``fold`` ("", "two_fold", "three_fold"), ``part`` ("first", "second", "gap", "explained", "unexplained",
        "endowments", "coefficients", "interaction"), ``estimate, std_error, statistic, df, p_value, conf_low,
        conf_high``, ``share`` of the gap (nan unless the interval of the gap leaves out 0).
    detailed : DataFrame
        Contributions of each term to each part: ``part, term``, then the columns of ``frame`` from ``estimate`` on; the
        constant's is named "Intercept".
    groups : tuple of Text
        First and second; the gap is the first's mean less the second's.
    by : Text
        What makes the groups.
    rule : str
    conf_level : float
    outcome : Text
    notes : tuple of Text
    """

    detailed: pd.DataFrame
    groups: tuple[Text, Text]
    by: Text
    rule: Rule
    conf_level: float
    outcome: Text
    notes: tuple[Text, ...]

    inline_columns = (*TOLD, "share")
    named_by = "part"

    def _table(self) -> Table:
        names = {"first": self.groups[0], "second": self.groups[1], **WORDS}
        words = self.frame.assign(
            part=self.frame["part"].map(names),
            fold=[FOLDS.get(fold, HEADS["mean"]) for fold in self.frame["fold"]],
        )
        columns = [
            Column("part", Text("部分", "Part"), "text"),
            *self._columns(),
            Column("share", Text("占差值（%）", "% of the gap"), "percent"),
        ]
        title = Text("{outcome}：{by}差异的分解", "{outcome}: the gap by {by}, taken apart")
        table = Table.from_frame(
            words, columns, id="oaxaca", group="fold", notes=(*self.notes, NO_CAUSE),
            title=title.format(outcome=self.outcome, by=self.by),
        )  # fmt: skip
        return table.telling(*of_gap(table))

    def _columns(self) -> list[Column]:
        return [
            Column("estimate", HEADS["estimate"], digits=3),
            Column("std_error", HEADS["std_error"], digits=3),
            Column("p_value", HEADS["p_value"], "p"),
            Column("conf_low:conf_high", conf_head(self.conf_level), "interval", digits=3),
        ]

    def detailed_table(self, *, language: Language | None = None) -> Table:
        """What each term contributes to the two-fold parts."""
        shown = self.detailed[self.detailed["part"].isin(["explained", "unexplained"])]
        words = shown.assign(
            part=shown["part"].map(WORDS),
            term=[HEADS["constant"] if name == INTERCEPT else self.basis.label(name) for name in shown["term"]],
        )
        title = Text("{outcome}：各变量的贡献", "{outcome}: contributions of the variables").format(
            outcome=self.outcome
        )
        columns = [Column("term", HEADS["term"], "text"), *self._columns()]
        table = Table.from_frame(words, columns, id="oaxaca_detailed", title=title, group="part",
                                 notes=(ZERO, *self.notes, NO_CAUSE))  # fmt: skip
        table = without_few(table, shown["estimate"])
        return self.page(table.telling(*of_contributions(table, WORDS["explained"])), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """What each variable contributes to the explained part, with the total."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        own = self.detailed[(self.detailed["part"] == "explained") & (self.detailed["term"] != INTERCEPT)]
        own = own.assign(term=[self.basis.label(name).to(language) for name in own["term"]])
        totals = self.frame[self.frame["part"].isin(["gap", "explained", "unexplained"])]
        totals = totals.assign(term=[WORDS[part].to(language) for part in totals["part"]])
        parts = {HEADS["total"]: totals, WORDS["explained"]: own}
        shown = pd.concat([part.assign(group=head.to(language)) for head, part in parts.items()])
        return forest(shown, n=self.n, conf_level=self.conf_level, ax=ax, language=language)


def oaxaca(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    group: str,
    first: object = None,
    rule: Rule = "pooled",
    cluster: str | None = None,
    conf_level: float = 0.95,
) -> Oaxaca:
    """Take the gap between the means of two groups apart: what they have, and how it counts.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, strata, clusters and replicate weights of its design are used.
    formula : str
        ``"SAT ~ FUN + MGT + C(edu)"``: the regression made in each group.
    group : str
        Column with two values.
    first : object, optional
        The value of the group from whose mean the other's is taken; the first in order unless given.
    rule : str
        The coefficients that the explained part is valued with: "pooled" (of both groups with a column for the group),
        "neumark" (without), "cotton" and "reimers" (means of both groups'), "first" or "second".
    cluster : str, optional
        Column of clusters; the design's unless named.
    conf_level : float

    Raises
    ------
    DataError
        ``group`` has not two values, or ``first`` is none of them; a group is too small to be shown.
    EstimationError
        No constant; a group with too few rows, or in which predictors determine each other.

    References
    ----------
    Blinder, A. S. (1973). Journal of Human Resources, 8, 436-455.  Jann, B. (2008). Stata Journal, 8, 453-479.

    Examples
    --------
    ``sg.oaxaca(answers, "SAT ~ FUN + MGT", group="home", first="outlying").table(language="zh")``
    """
    check_level(conf_level)
    if rule not in get_args(Rule):
        raise EstimationError(
            f"there is no rule '{rule}'.{did_you_mean(str(rule), get_args(Rule))}",
            where="rule=",
            remedy=f"Use {', '.join(get_args(Rule))}.",
        )
    answers = clustered(as_columns(data), cluster)
    read = read_formula(formula)
    if group in read.variables:
        raise DataError(f"'{group}' makes the groups.", where=f"formula '{formula}'", remedy="Leave it out of it.")
    rows = complete_rows(answers, (*read.variables, group))
    design = design_matrix(answers, read, rows)
    if not design.intercept:
        raise EstimationError("the model needs its constant.", where=f"formula '{formula}'", remedy="Take out '0'.")
    member = answers.variables([group])[group].iloc[rows.kept]
    levels = _two(answers, group, member, first)
    inside = [member.eq(level).to_numpy(dtype=bool) for level in levels]
    for mask, level in zip(inside, levels, strict=True):
        _enough(design.y[mask], f"{group} = {level}", answers.questionnaire.smallest_cell)
        _check(design, mask, f"{group} = {level}")
    placed = Placed(Sample.of(answers), design.rows)
    masks = [placed.whole(mask) > 0 for mask in inside]
    statistic = Decomposition(placed.whole(design.X), placed.whole(design.y), masks[0], masks[1], rule)
    value, matrix = placed.sample.estimate(statistic, placed.inside)
    df = placed.sample.df(placed.sample.part(placed.inside))
    said = ERRORS.format(df=f"{df:g}")
    covariance = Covariance(matrix, np.full(len(value), df if df > 0 else np.nan), "design", said)
    basis = answers.basis(len(design.rows), rows.dropped)
    notes = [VALUED.format(rule=RULES[rule]), said, *design.notes]
    return Oaxaca(
        _totals(value, covariance, conf_level),
        basis.labelled({term.name: term.label for term in design.terms}),
        _details(design, value, covariance, conf_level),
        (_named(answers, group, levels[0]), _named(answers, group, levels[1])),
        variable_label(answers, group),
        rule,
        conf_level,
        design.outcome_label,
        (*notes, *([] if answers.design.is_simple else design_notes(answers.design))),
    )


def _enough(y: Array, who: str, smallest: int) -> None:
    if len(y) < smallest or one_of_two_is_few(y, smallest):
        raise DataError(
            f"{who} has fewer than {smallest} rows, or so few of one of two values: its mean would tell of few people.",
            where="group=",
            remedy="Join groups, or leave it out.",
        )


def _two(answers: Responses, group: str, member: pd.Series, first: object) -> list[object]:
    """The two values of the group's column, the first one first."""
    levels = list(levels_of(answers, group, member))
    if len(levels) != 2:
        raise DataError(
            f"'{group}' has {len(levels)} value(s) among the rows used, not two.",
            where="group=",
            remedy=f"Keep two groups, as in answers.where({group}=[…]).",
        )
    if first is None:
        return levels
    if first not in levels:
        raise DataError(
            f"'{first}' is no value of '{group}'.", where="first=", remedy=f"Use {levels[0]} or {levels[1]}."
        )
    return [first, *(level for level in levels if level != first)]


def _named(answers: Responses, group: str, level: object) -> Text:
    words = Text("{name}：{level}", "{name}: {level}")
    return words.format(name=variable_label(answers, group), level=code_words(answers, group, level))


def _check(design: DesignMatrix, inside: Array, where: str) -> None:
    """Raise where a group's own regression cannot be estimated."""
    part = replace(design, X=design.X[inside], y=design.y[inside], formula=f"{design.formula}, {where}")
    check_estimable(part)


def _totals(value: Array, covariance: Covariance, conf_level: float) -> pd.DataFrame:
    """Means, gap and parts."""
    p = (len(value) - 3) // len(PARTS)
    turn = np.zeros((3 + len(PARTS), len(value)))
    turn[:3, :3] = np.eye(3)
    for k in range(len(PARTS)):
        turn[3 + k, 3 + k * p : 3 + (k + 1) * p] = 1.0
    frame = covariance.combinations(value, turn, conf_level)
    frame.insert(0, "fold", ["", "", "", "two_fold", "two_fold", "three_fold", "three_fold", "three_fold"])
    frame.insert(1, "part", ["first", "second", "gap", *PARTS])
    gap = frame.loc[2]
    certain = gap["conf_low"] > 0 or gap["conf_high"] < 0
    share = frame["estimate"] / gap["estimate"] if certain else pd.Series(np.nan, frame.index)
    return frame.assign(share=share.where(frame["fold"] != ""))


def _details(design: DesignMatrix, value: Array, covariance: Covariance, conf_level: float) -> pd.DataFrame:
    """Contributions summed over the columns of each term; nan where few people have one of its categories."""
    p = design.X.shape[1]
    terms = [(INTERCEPT, (design.names.index(INTERCEPT),)), *((term.name, term.columns) for term in design.terms)]
    rare = np.array([design.rare[list(columns)].any() for _, columns in terms])
    parts = []
    for k, part in enumerate(PARTS):
        turn = np.zeros((len(terms), len(value)))
        for row, (_, columns) in enumerate(terms):
            turn[row, [3 + k * p + j for j in columns]] = 1.0
        lines = hide_few(covariance.combinations(value, turn, conf_level), rare)
        lines.insert(0, "part", part)
        lines.insert(1, "term", [name for name, _ in terms])
        parts.append(lines)
    return pd.concat(parts, ignore_index=True)
