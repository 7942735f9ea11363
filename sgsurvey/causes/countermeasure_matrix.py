"""Problem, cause, lever: the rows of the matrix, one for each aspect with a problem, in numbers and in words."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.grades import GRADES, LEVEL, Grade
from sgsurvey.causes.priorities import Priorities
from sgsurvey.causes.shortfall_result import Shortfall
from sgsurvey.descriptives.rank_agreement import GroupRanks, group_ranks, joined, who_differs
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.questionnaire.model import Choice, Questionnaire
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text, same

SUPPORTING: tuple[Grade, ...] = ("A", "B", "C")
HIDDEN = same("—")
NO_SUPPORT = Text("本次调查不支持（{why}）", "no support in this survey ({why})")
NO_SHORTFALL = Text("差距未证实", "no shortfall shown")
GRADE = Text("等级{g}", "grade {g}")
PROBLEM = Text(
    "{x}低于基准{s}分（{c}%置信区间{low}至{high}）", "{x} {s} points below its benchmark ({c}% CI {low} to {high})"
)
IN_GROUPS = Text("{x}低于基准：{who}分", "{x} below its benchmark: {who} points")
OF_GROUP = Text("{g}{s}", "{g} {s}")
PICKED = Text("{o}（{who}）", "{o} ({who})")
NOT_RANKED = Text("未作驱动因素分析", "not examined as a driver")
NONE_DECLARED = Text("未声明对策", "none declared")
COLUMNS = (
    *("aspect", "label", "constructs", "shortfall", "grade"),
    *("problem", "evidence", "causes", "levers", "disagreement"),
)


class Listed(NamedTuple):
    """A list of causes or measures: its choices by the column that holds their picks, and what groups picked."""

    choices: dict[str, Choice]
    ranks: GroupRanks


def listed(answers: Responses, item: str, *, by: str | None) -> Listed:
    """The choices of a list with its picks by group."""
    question = answers.questionnaire.item(item)
    ranks = group_ranks(answers, item, by=by)
    valid = () if question.scale is None else question.scale.valid
    return Listed(dict(zip(question.columns, valid, strict=True)), ranks)


def picks_of(kind: str, found: Listed) -> pd.DataFrame:
    """What groups picked: ``kind, aspect, choice, option, label, group, group_label, n_persons, share, points, rank``.

    Counts that are hidden have nan.
    """
    shares = found.ranks.picks.frame[["option", "group", "share_persons"]]
    frame = found.ranks.frame.merge(shares.rename(columns={"share_persons": "share"}), on=["option", "group"])
    choices = [found.choices[option] for option in frame["option"]]
    return frame.assign(kind=kind, aspect=[c.aspect for c in choices], choice=[c.code for c in choices])


def aspect_of(questionnaire: Questionnaire, name: str) -> str:
    """The aspect that a construct, or the construct of an item, belongs to; its own name where it has none."""
    measures = next((item.construct for item in questionnaire.items if item.name == name and item.construct), name)
    return next((c.aspect for c in questionnaire.constructs if c.name == measures and c.aspect), name)


def problems_of(priorities: Priorities, shortfall: Shortfall | None) -> list[str]:
    """What falls short: by the verdicts of ``shortfall`` in any group, else by the tests of the priorities, Holm."""
    if shortfall is not None:
        return [name for name in shortfall.problems() if name != priorities.outcome]
    frame = priorities.frame
    return list(frame.loc[adjusted(frame["shortfall_p"].to_numpy(dtype=float)) < LEVEL, "term"])


@dataclass(frozen=True)
class Matter:
    """What the matrix is made of.

    Attributes
    ----------
    priorities : Priorities
    shortfall : Shortfall or None
        Says what is a problem; the priorities where there is none.
    questionnaire : Questionnaire
        Its aspects bind constructs, causes and levers.
    levers : DataFrame
        ``choice, aspects`` of the declared levers.
    picks : DataFrame
        As ``picks_of`` gives them, of causes and measures.
    """

    priorities: Priorities
    shortfall: Shortfall | None
    questionnaire: Questionnaire
    levers: pd.DataFrame
    picks: pd.DataFrame

    def matrix(self, problems: Sequence[str]) -> pd.DataFrame:
        """One row per aspect with a problem, the largest shortfall first.

        ``aspect, label, constructs, shortfall`` (the largest, in any group), ``grade`` (the best of its drivers),
        ``problem, evidence, causes, levers, disagreement`` (Text).
        """
        aspects: dict[str, list[str]] = {}
        for name in problems:
            aspects.setdefault(aspect_of(self.questionnaire, name), []).append(name)
        lines = [self._row(aspect, names) for aspect, names in aspects.items()]
        frame = pd.DataFrame(lines, columns=list(COLUMNS))
        return frame.sort_values("shortfall", ascending=False, kind="stable", ignore_index=True)

    def _row(self, aspect: str, names: Sequence[str]) -> dict[str, object]:
        drivers = self.priorities.frame[self.priorities.frame["term"].isin(names)]
        grade = best_grade(drivers["grade"])
        largest = drivers["shortfall"] if self.shortfall is None else _found(self.shortfall, names)["estimate"]
        moving = self.levers.loc[[aspect in aspects for aspects in self.levers["aspects"]], "choice"]
        causes = self.picks[(self.picks["kind"] == "cause") & (self.picks["aspect"] == aspect)]
        measures = self.picks[(self.picks["kind"] == "lever") & self.picks["choice"].isin(list(moving))]
        supported = [
            PICKED.format(o=label, who=joined([support(grade), _shares(own, ranked=True)]))
            for label, own in _options(measures)
        ]
        evidence = [_evidence(line, self.priorities) for line in drivers.to_dict("records")]
        return {
            "aspect": aspect,
            "label": self.questionnaire.label(aspect),
            "constructs": tuple(names),
            "shortfall": largest.max(),
            "grade": grade,
            "problem": joined(self._problem(name) for name in names),
            "evidence": joined(evidence or [NOT_RANKED]),
            "causes": joined(PICKED.format(o=label, who=_shares(own)) for label, own in _options(causes)),
            "levers": joined(supported or [NONE_DECLARED]),
            "disagreement": joined(_apart(part) for part in (causes, measures) if _is_apart(part)),
        }

    def _problem(self, name: str) -> Text:
        """By how much a construct falls short: overall with its interval, or in each group with a problem."""
        label = (self.shortfall or self.priorities).basis.label(name)
        if self.shortfall is None:
            line = self.priorities.frame.set_index("term").loc[name]
            keys = {"s": "shortfall", "low": "shortfall_low", "high": "shortfall_high"}
            return PROBLEM.format(x=label, c=95, **_points(line, **keys))
        lines = _found(self.shortfall, [name])
        if self.shortfall.by is None:
            level, keys = (
                f"{self.shortfall.conf_level * 100:g}",
                {"s": "estimate", "low": "conf_low", "high": "conf_high"},
            )
            return PROBLEM.format(x=label, c=level, **_points(lines.iloc[0], **keys))
        groups = self.shortfall.groups
        who = [OF_GROUP.format(g=groups[line["group"]], **_points(line, s="estimate")) for _, line in lines.iterrows()]
        return IN_GROUPS.format(x=label, who=listing(who))


def best_grade(grades: Collection[Grade]) -> Grade | None:
    """The best of some grades; None of none."""
    order = list(GRADES)
    return min(grades, key=order.index, default=None)


def support(grade: Grade | None) -> Text:
    """What the survey says for a lever whose drivers that are a problem have this best grade."""
    if grade in SUPPORTING:
        return GRADES[grade]
    return NO_SUPPORT.format(why=NO_SHORTFALL if grade is None else GRADE.format(g=grade))


def _found(shortfall: Shortfall, names: Sequence[str]) -> pd.DataFrame:
    frame = shortfall.frame
    return frame[(frame["verdict"] == "problem") & frame["construct"].isin(list(names))]


def _points(line: pd.Series, **keys: str) -> dict[str, Text]:
    return {name: in_prose(line[key], "estimate", 1) for name, key in keys.items()}


def listing(words: Sequence[Text]) -> Text:
    """Words in a row, with the comma of each language."""
    return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))


def _evidence(line: Mapping[Hashable, object], priorities: Priorities) -> Text:
    return Text("{x}系数{b}，等级{g}", "{x} coefficient {b}, grade {g}").format(
        x=priorities.basis.label(line["term"]), b=in_prose(line["coefficient"], "estimate", 2), g=str(line["grade"])
    )


def _options(lines: pd.DataFrame) -> list[tuple[Text, pd.DataFrame]]:
    """The options of some lines of picks, those with the larger mean share first."""
    own = [part for _, part in lines.groupby("option", sort=False)]
    return [(part["label"].iloc[0], part) for part in sorted(own, key=lambda part: -part["share"].fillna(0).mean())]


def _shares(lines: pd.DataFrame, *, ranked: bool = False) -> Text:
    """The share, and the rank, that each group gives to one option."""
    said = []
    for line in lines.to_dict("records"):
        share = HIDDEN if pd.isna(line["share"]) else in_prose(line["share"], "percent", 0)
        words = share if line["group"] is None else Text("{g}{s}", "{g} {s}").format(g=line["group_label"], s=share)
        if ranked and not pd.isna(line["rank"]):
            words = Text("{w}第{r}", "{w} rank {r}").format(w=words, r=f"{line['rank']:g}")
        said.append(words)
    return listing(said)


def _is_apart(lines: pd.DataFrame) -> bool:
    spread = lines.groupby("option")["rank"].agg(["max", "min"])
    return bool((spread["max"] > spread["min"]).any())


def _apart(lines: pd.DataFrame) -> Text:
    """The option on whose rank groups differ most, with those who rank it highest and lowest."""
    ranks = lines.groupby("option", sort=False)["rank"]
    option = (ranks.max() - ranks.min()).idxmax()
    own = lines[lines["option"] == option]
    return PICKED.format(o=own["label"].iloc[0], who=who_differs(own))
