"""sample_size(): how many to ask in each group, for all goals at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from sgsurvey.errors import DesignError
from sgsurvey.sampling.goals import KINDS, Goal
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
LARGEST = 1e9


@dataclass(frozen=True)
class Group:
    """What is known of a group before it is asked.

    Attributes
    ----------
    population : int or None
        Persons in it; None where there are so many that it makes no difference.
    response : float
        Share of those asked who will answer in a usable way.
    deff : float or None
        Design effect; without it ``1 + (per_cluster - 1) icc`` (Kish 1965, Survey Sampling).
    icc : float
        Intraclass correlation in clusters.
    per_cluster : float
        Answers in a cluster, on average.
    """

    population: int | None = None
    response: float = 1.0
    deff: float | None = None
    icc: float = 0.0
    per_cluster: float = 1.0

    def __post_init__(self) -> None:
        sound = {
            "population": self.population is None or self.population >= 1,
            "response": 0 < self.response <= 1,
            "deff": self.deff is None or self.deff > 0,
            "icc": 0 <= self.icc <= 1,
            "per_cluster": self.per_cluster >= 1,
        }
        for name, good in sound.items():
            if not good:
                value = getattr(self, name)
                raise DesignError(
                    Text(f"{name}是{value}，没有意义。", f"{name} is {value}, which means nothing."),
                    where="Group",
                    remedy=Text("请改正该数。", "Correct the number."),
                )
        if self.deff is not None and self.icc > 0:
            raise DesignError(
                Text("设计效应写了两次。", "the design effect is given twice."),
                where="Group",
                remedy=Text("只写deff，或只写icc和per_cluster。", "Give deff=, or icc= with per_cluster=."),
            )

    @property
    def effect(self) -> float:
        """The design effect."""
        return 1 + (self.per_cluster - 1) * self.icc if self.deff is None else self.deff

    @property
    def most(self) -> float:
        """Answers that can be had at most: the response of everybody."""
        return np.inf if self.population is None else self.population * self.response


@dataclass(frozen=True)
class SampleSize(Result):
    """How many to ask.

    Attributes
    ----------
    frame : DataFrame
        By group: ``group, population, deff, response, simple`` (answers that a simple random sample of an endless
        population would need), ``with_deff`` (times the design effect), ``answers`` (after the finite population),
        ``asked`` (over the response rate), ``n`` (``asked`` rounded up: the one rounding), ``decided_by`` (goals that
        need all of them).
    steps : DataFrame
        By goal and group, unrounded: ``goal, kind, group, target, simple, with_deff, answers``.
    goals : mapping of name to Goal
    groups : mapping of name to Group
    conf_level, power : float
    """

    steps: pd.DataFrame
    goals: Mapping[str, Goal]
    groups: Mapping[str, Group]
    conf_level: float
    power: float

    def achieved(self, n: Mapping[str, float] | None = None) -> pd.DataFrame:
        """What so many asked (this plan unless given) give for each goal: ``goal, kind, target, reached, enough``.

        ``reached`` is the power, or the width that is to be at most ``target``.
        """
        asked = dict(zip(self.frame["group"], self.frame["n"], strict=True)) if n is None else n
        lines = []
        for name, goal in self.goals.items():
            answers = np.array([min(asked[g] * self.groups[g].response, self.groups[g].most) for g in goal.groups])
            value = _reached(goal, answers, self.groups, self.conf_level)
            target = self.power if goal.is_power else goal.target
            enough = value >= target - 1e-9 if goal.is_power else value <= target + 1e-9
            lines.append({"goal": name, "kind": goal.kind, "target": target, "reached": value, "enough": bool(enough)})
        return pd.DataFrame(lines)

    def _table(self) -> Table:
        return Table.from_frame(
            self.frame.assign(decided_by=["; ".join(names) for names in self.frame["decided_by"]]),
            [
                Column("group", HEADS["group"], "text"),
                Column("population", Text("总体", "Population"), "count"),
                Column("simple", Text("简单随机", "Simple random")),
                Column("deff", HEADS["deff"]),
                Column("with_deff", Text("乘设计效应", "With design effect")),
                Column("answers", Text("有限总体校正后", "Finite population")),
                Column("response", Text("应答率（%）", "Response (%)"), "percent"),
                Column("asked", Text("除以应答率", "Over response")),
                Column("n", Text("样本量", "To ask"), "count"),
                Column("decided_by", Text("决定目标", "Decided by"), "text"),
            ],
            id="sample_size",
            title=Text("样本量", "Sample size"),
            notes=self.notes(),
        )

    def notes(self) -> tuple[Text, ...]:
        """Confidence, power and the goals in words."""
        kinds = [
            Text("{n}（{k}）", "{n} ({k})").format(n=name, k=KINDS[goal.kind]) for name, goal in self.goals.items()
        ]
        return (
            Text(
                "置信水平{c:.0%}，检验功效{p:.0%}；只在最后一步向上取整。目标：{g}。".format(
                    c=self.conf_level, p=self.power, g="；".join(k.zh for k in kinds)
                ),
                "Confidence {c:.0%}, power {p:.0%}; rounded up once, at the end. Goals: {g}.".format(
                    c=self.conf_level, p=self.power, g="; ".join(k.en for k in kinds)
                ),
            ),
        )


def sample_size(
    goals: Goal | Mapping[str, Goal],
    groups: Group | Mapping[str, Group] | None = None,
    *,
    conf_level: float = 0.95,
    power: float = 0.8,
) -> SampleSize:
    """How many to ask in each group so that every goal is met: precision, and power of what groups are compared for.

    Goals about one group come first.  A comparison then adds to its two groups from what they have already: means in
    proportion to ``S sqrt(deff)``, which needs the fewest answers, shares to ``sqrt(deff)``.  A group that is used up
    (ten managers) stays as it is, and the other makes up for it.  Every goal is met; where comparisons share groups,
    those named later may find their work done, and another order may ask a few less.

    Parameters
    ----------
    goals : Goal or mapping of name to Goal
    groups : Group or mapping of name to Group, optional
        Population, design effect and response of each; what is not named is endless and answers in full.
    conf_level : float
        Of intervals; tests are two-sided at ``1 - conf_level``.
    power : float
        Probability with which a difference of the named size is found.

    Returns
    -------
    SampleSize

    Raises
    ------
    DesignError
        A goal cannot be met even if everybody is asked; a group has no goal; a level is no share.

    References
    ----------
    Cochran (1977), Sampling Techniques, chapter 4; Cohen (1988), Statistical Power Analysis, chapters 2, 6 and 9; Feldt
    (1965), Psychometrika 30, 357-370.

    Examples
    --------
    >>> from sgsurvey.sampling.goals import Goal
    >>> sample_size(Goal.proportion(margin=0.05)).frame["n"].tolist()
    [385]
    """
    wanted = {"goal": goals} if isinstance(goals, Goal) else dict(goals)
    _check_levels(wanted, conf_level, power)
    named = list(dict.fromkeys(g for goal in wanted.values() for g in goal.groups))
    known = groups if isinstance(groups, Mapping) else dict.fromkeys(named, groups or Group())
    if strange := [g for g in known if g not in named]:
        raise DesignError(
            Text(f"组“{strange[0]}”没有目标。", f"the group '{strange[0]}' has no goal."),
            where="groups=",
            remedy=Text("请为它写一个目标，或去掉它。", "Give it a goal, or leave it out."),
        )
    every = {name: known.get(name, Group()) for name in named}
    steps, answers = [], dict.fromkeys(named, 0.0)
    alone: list[tuple[str, Goal]] = sorted(wanted.items(), key=lambda item: len(item[1].groups))
    for name, goal in alone:
        start = np.array([answers[g] if len(goal.groups) > 1 else 0.0 for g in goal.groups])
        needed = _needed(name, goal, start, every, conf_level, power)
        for group, n in zip(goal.groups, needed, strict=True):
            steps.append(
                {"goal": name, "kind": goal.kind, "group": group, "target": goal.target, **_path(n, goal, every[group])}
            )
            answers[group] = max(answers[group], n)
    table = pd.DataFrame(steps)
    lines = [_line(name, every[name], answers[name], table[table["group"] == name]) for name in named]
    frame = pd.DataFrame(lines)
    return SampleSize(frame, Basis(0, 0), table, wanted, every, conf_level, power)


def _needed(name: str, goal: Goal, start: Array, groups: Mapping[str, Group], conf_level: float, power: float) -> Array:
    """Unrounded answers of each group of a goal: ``clip(x S sqrt(deff), start, most)`` with the smallest ``x``."""
    chosen = [groups[g] for g in goal.groups]
    share = goal.needs * np.sqrt([g.effect for g in chosen])
    share = share / share.max()
    most = np.array([g.most for g in chosen])
    target = power if goal.is_power else goal.target
    side = 1.0 if goal.is_power else -1.0

    def at(x: float) -> Array:
        return np.asarray(np.clip(x * share, start, most))

    def missing(x: float) -> float:
        n = at(x)
        return side * (_reached(goal, n, groups, conf_level) - target) if (n > 0).all() else -1.0

    # The fewest answers that leave an F distribution a degree of freedom.
    floor = {"alpha": 2.0, "coefficient": goal.values.get("predictors", 0.0) + 2}.get(goal.kind, 0.0)
    low = max(floor * chosen[0].effect * (1 + 1e-9), 1e-6)
    last = min(LARGEST, float(np.max(most / share)))
    high = min(max(2 * low, 1.0), last)
    while missing(high) < 0 and high < last:
        high = min(2 * high, last)
    if low >= last or missing(high) < 0:
        raise DesignError(
            Text(
                f"即使全部询问，目标“{name}”也达不到。",
                f"the goal '{name}' is out of reach even if everybody is asked.",
            ),
            where="goals=",
            remedy=Text("请放宽目标，或提高应答率。", "Ask for less, or raise the response."),
        )
    if missing(low) >= 0:
        return at(low)
    return at(float(optimize.brentq(missing, low, high, xtol=1e-12, rtol=1e-14, maxiter=500)))


def _reached(goal: Goal, answers: Array, groups: Mapping[str, Group], conf_level: float) -> float:
    population = np.array([groups[g].population or np.inf for g in goal.groups], dtype=float)
    deff = np.array([groups[g].effect for g in goal.groups])
    return goal.reached(answers, population, deff, conf_level)


def _path(n: float, goal: Goal, group: Group) -> dict[str, float]:
    """Back from answers to what a simple random sample of an endless population would need."""
    finite = group.population is not None and goal.kind not in ("coefficient", "alpha")
    rest = 1 / n - 1 / group.population if finite and group.population else 1 / n
    with_deff = 1 / rest if rest > 1e-15 else np.inf
    return {"simple": with_deff / group.effect, "with_deff": with_deff, "answers": n}


def _line(name: str, group: Group, answers: float, steps: pd.DataFrame) -> dict[str, object]:
    deciding = steps[steps["answers"] >= answers * (1 - 1e-9)]
    first = deciding.iloc[0]
    asked = answers / group.response
    n = int(np.ceil(asked - 1e-9 * max(asked, 1.0)))
    return {
        "group": name,
        "population": np.nan if group.population is None else group.population,
        "deff": group.effect,
        "response": group.response,
        "simple": first["simple"],
        "with_deff": first["with_deff"],
        "answers": answers,
        "asked": asked,
        "n": n,
        "decided_by": tuple(dict.fromkeys(deciding["goal"])),
    }


def _check_levels(goals: Mapping[str, Goal], conf_level: float, power: float) -> None:
    if not goals:
        raise DesignError(
            Text("没有目标。", "there is no goal."),
            where="goals=",
            remedy=Text("请至少写一个目标。", "Name at least one."),
        )
    for name, level in {"conf_level": conf_level, "power": power}.items():
        if not 0 < level < 1 or (name == "power" and level <= 1 - conf_level):
            raise DesignError(
                Text(f"{name}是{level}。", f"{name} is {level}."),
                where=f"{name}=",
                remedy=Text(
                    "请写0到1之间的数，功效须高于显著性水平。", "Give a share; power must exceed the level of the test."
                ),
            )
