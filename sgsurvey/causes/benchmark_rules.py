"""The ways to say what should be reached, each of which gives a standard for the ratings of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.points import is_turned, points
from sgsurvey.causes.shortfall_estimates import Mask, Standard, mean_of, members
from sgsurvey.errors import DesignError
from sgsurvey.numerics.best_quartile import BEST, best_quartile
from sgsurvey.text import Text

# A quarter of fewer places is one place.
FEWEST_PLACES = 8


@dataclass(frozen=True)
class Group:
    """Respondents whose ratings are held against a benchmark.

    Attributes
    ----------
    answers : Responses
    scores : DataFrame
        All compared constructs in points, for all rows.
    member : ndarray of bool, shape (n,)
    by : str or None
    code : object
        The group's code in column ``by``.
    place : str or None
        Column of the places.
    """

    answers: Responses
    scores: pd.DataFrame
    member: Mask
    by: str | None
    code: object
    place: str | None

    def rated(self, name: str) -> Mask:
        """The members who rated a construct and count."""
        weights = self.answers.weights
        return self.member & self.scores[name].notna().to_numpy() & (True if weights is None else weights > 0)


class Rule(Protocol):
    """What should be reached."""

    # Why a row with a rating is left out; empty where none is.
    missing: ClassVar[str]

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """Raise unless there is a benchmark for each name."""

    def standard(self, group: Group, name: str) -> Standard:
        """What this group's ratings of a construct are held against."""

    def words(self) -> tuple[Text, ...]:
        """Notes under the table."""


@dataclass(frozen=True)
class Target:
    """Points that were declared."""

    points: float | Mapping[str, float]
    missing: ClassVar[str] = ""

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """Each name has points above 0, up to 100."""
        for name in names:
            self.number(name)

    def number(self, name: str) -> float:
        """The points of a name."""
        return _in_points(self.points, name, "benchmark")

    def standard(self, group: Group, name: str) -> Standard:
        """The number, without error."""
        return Standard(self.number(name))

    def words(self) -> tuple[Text, ...]:
        """The number stands in the table."""
        return ()


@dataclass(frozen=True)
class Reported:
    """A mean that was estimated elsewhere."""

    mean: float | Mapping[str, float]
    std_error: float | Mapping[str, float]
    df: float
    missing: ClassVar[str] = ""

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """Each name has a mean and a standard error; the degrees of freedom are above 0."""
        for name in names:
            self.standard_of(name)
        if not self.df > 0:
            raise DesignError(f"{self.df} degrees of freedom.", where="df=", remedy="Give units less strata.")

    def standard_of(self, name: str) -> Standard:
        """Mean and error of a name."""
        mean = _in_points(self.mean, name, "benchmark")
        return Standard(mean, std_error=_in_points(self.std_error, name, "standard error"), df=float(self.df))

    def standard(self, group: Group, name: str) -> Standard:
        """The same for every group."""
        return self.standard_of(name)

    def words(self) -> tuple[Text, ...]:
        """Whose error counts."""
        return (
            Text(
                "基准：另一独立样本的均值，其标准误计入。",
                "Benchmark: the mean of another, independent sample; its standard error is included.",
            ),
        )


@dataclass(frozen=True)
class Previous:
    """The same group's mean in the wave before."""

    answers: Responses
    missing: ClassVar[str] = ""

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """The wave before has every construct."""
        unknown = [name for name in names if name not in self.answers.questionnaire]
        if unknown:
            raise DesignError(
                f"the previous wave has no '{unknown[0]}'.",
                where="benchmark=",
                remedy="Compare constructs that both waves asked.",
            )

    def standard(self, group: Group, name: str) -> Standard:
        """Its mean and error, by the previous wave's own design."""
        before = self.answers
        place = group.place or before.design.clusters
        for column in (group.by, place):
            if column is not None and column not in before.frame:
                raise DesignError(
                    f"the previous wave has no column '{column}'.",
                    where="benchmark=",
                    remedy="Add it, so that both waves have the same groups and clusters.",
                )
        if place != before.design.clusters:
            before.refuse_design(f"shortfall(cluster='{place}')", "stages", "fpc", "replicates")
        scores = points(before, name).to_frame()
        mine = members(before, group.by, group.code)
        there = Group(before, scores, mine, group.by, group.code, place).rated(name)
        n = int(there.sum())
        if not n:
            whom = "" if group.by is None else f" of {group.by} {group.code}"
            raise DesignError(
                f"nobody{whom} rated '{name}' in the previous wave.",
                where="benchmark=",
                remedy="Compare groups that both waves asked, by answers.where(…).",
            )
        if n < group.answers.questionnaire.smallest_cell:
            return Standard(np.nan, few=True)
        mean = mean_of(before, scores[name].to_numpy(dtype=float), there, place)
        return Standard(mean.mean, std_error=mean.std_error, df=mean.df)

    def words(self) -> tuple[Text, ...]:
        """Two independent samples."""
        return (
            Text(
                f"基准：前一次调查中同一群体的均值（共{len(self.answers)}份答卷），其标准误计入；两次视为独立样本，若重访同一批地点或人，则区间偏宽。",
                f"Benchmark: the same group's mean in the previous wave ({len(self.answers)} answers), its standard "
                "error included; the waves count as independent samples, so that intervals are rather wide where the "
                "same places or persons were asked again.",
            ),
        )


@dataclass(frozen=True)
class Expectation:
    """What each respondent expected."""

    items: Mapping[str, str]
    missing: ClassVar[str] = "no own expectation"

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """Each name has an expectation, on a scale that is turned the same way."""
        for name in names:
            expected = self.items.get(name)
            if expected is None:
                raise DesignError(
                    f"no expectation is named for '{name}'.",
                    where="benchmark=",
                    remedy="Name for each construct the item or construct with its expectation.",
                )
            points(answers, expected)
            if is_turned(answers.questionnaire, name) != is_turned(answers.questionnaire, expected):
                raise DesignError(
                    f"high is good for one of '{name}' and '{expected}', and bad for the other.",
                    where="benchmark=",
                    remedy="Declare high_is alike for both in the questionnaire.",
                )

    def standard(self, group: Group, name: str) -> Standard:
        """Each row's own."""
        return Standard(points(group.answers, self.items[name]).to_numpy(dtype=float))

    def words(self) -> tuple[Text, ...]:
        """Which item is whose expectation."""
        pairs = [f"{name}: {expected}" for name, expected in self.items.items()]
        return (
            Text(
                f"基准：受访者本人的期望（{'；'.join(pairs)}），逐人相减，仅含两者均作答者。",
                f"Benchmark: each respondent's own expectation ({'; '.join(pairs)}), subtracted person by person among "
                "those who gave both.",
            ),
        )


@dataclass(frozen=True)
class OwnMean:
    """Each respondent's mean of all compared constructs."""

    missing: ClassVar[str] = "not all constructs rated"

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """There is something to compare."""
        if len(names) < 2:
            raise _one_alone()

    def standard(self, group: Group, name: str) -> Standard:
        """The mean of all that the group was asked, for those who rated all of it."""
        asked = [each for each in group.scores if group.rated(str(each)).any()]
        if len(asked) < 2:
            raise _one_alone()
        return Standard(group.scores[asked].mean(axis=1, skipna=False).to_numpy(dtype=float))

    def words(self) -> tuple[Text, ...]:
        """What it takes away, and what it cannot show."""
        return (
            Text(
                "基准：受访者本人对所比较各维度评分的均值，逐人相减，仅含全部作答者；宽严与光环由此抵消，只显示相对强弱："
                "各维度差距之和为0，总有维度低于基准。",
                "Benchmark: each respondent's own mean of the compared constructs, subtracted person by person among "
                "those who rated all; leniency and halo cancel, and what is left is relative: the shortfalls of all "
                "constructs add to 0, some are always below.",
            ),
        )


@dataclass(frozen=True)
class BestQuartile:
    """The mean of the best quarter of places, in the eyes of the same group."""

    seed: int
    splits: int
    missing: ClassVar[str] = ""

    def check(self, answers: Responses, names: Sequence[str]) -> None:
        """The design has no part that a jackknife over places would pass over."""
        answers.refuse_design("Benchmark.best_quartile", "stages", "fpc", "replicates")
        if self.splits < 1:
            raise DesignError(f"{self.splits} splits.", where="splits=", remedy="Ask for 100 or more.")

    def standard(self, group: Group, name: str) -> Standard:
        """Its estimate, with what each place adds to its error."""
        if group.place is None:
            raise DesignError(
                "a best quarter of places needs places.", where="benchmark=", remedy="Name their column by cluster=."
            )
        places = group.answers.frame[group.place].where(group.rated(name))
        codes = pd.factorize(places.where(places.map(places.value_counts()) > 1))[0].astype(np.int64)
        rows = codes >= 0
        g = int(codes.max()) + 1
        if g < FEWEST_PLACES:
            whom = "" if group.by is None else f" by {group.by} {group.code}"
            raise DesignError(
                f"'{name}' was rated{whom} in {g} places with two answers or more: a quarter of them is no group.",
                where="benchmark=",
                remedy=f"Use another benchmark, or groups with {FEWEST_PLACES} places or more.",
            )
        weights = np.ones(len(codes)) if group.answers.weights is None else group.answers.weights
        x = group.scores[name].to_numpy(dtype=float)
        level, left_out = best_quartile(x[rows], codes[rows], weights[rows], splits=self.splits, seed=self.seed)
        adds = (g - 1) / g * (level - left_out)
        own = np.bincount(codes[rows], weights=weights[rows])
        influence = np.zeros(len(codes))
        influence[rows] = ((adds - adds.mean()) * weights[group.rated(name)].sum() / own)[codes[rows]]
        return Standard(level, influence, df=BEST * g)

    def words(self) -> tuple[Text, ...]:
        """How it was chosen."""
        return (
            Text(
                f"基准：同一群体评分最高的四分之一地点的均值，各地点权重相同；每地以一半答卷挑选、以另一半估计，"
                f"对分{self.splits}次取平均（种子{self.seed}），因此各地无差别时期望差距为0。其误差计入（刀切法），"
                "自由度为地点数的四分之一。",
                "Benchmark: the mean of the best quarter of places in the eyes of the same group, each place "
                f"counting once; half of each place's answers choose and the other half estimate, over {self.splits} "
                f"splits (seed {self.seed}), so that places which are alike have an expected shortfall of 0. Its error "
                "is included (jackknife), with a quarter of the number of places as degrees of freedom.",
            ),
        )


def _in_points(given: float | Mapping[str, float], name: str, what: str) -> float:
    """The number given for a name, above 0 and up to 100."""
    value = given.get(name) if isinstance(given, Mapping) else given
    if not isinstance(value, int | float | np.number) or not 0 < value <= 100:
        raise DesignError(
            f"the {what} of '{name}' is {value}.", where="benchmark=", remedy="Give points of 100, such as 70."
        )
    return float(value)


def _one_alone() -> DesignError:
    return DesignError(
        "a respondent's own mean is no benchmark for a single construct.",
        where="benchmark=",
        remedy="Compare two constructs or more that each group was asked.",
    )
