"""Criterion validity: whether the scores go along with what ought to go along with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.from_frame import What, as_columns, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.agreement import interval_head
from sgsurvey.measurement.correlation_sentences import of_criterion
from sgsurvey.measurement.correlations import correlations
from sgsurvey.measurement.scales import FEWEST, worded
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Sign = Literal["positive", "negative"]
VERDICTS = {
    "as expected": Text("符合预期", "as expected"),
    "against": Text("与预期相反", "against expectation"),
    "unclear": Text("不能判定", "unclear"),
}
# Fewer places than this say next to nothing of a correlation between places.
FEWEST_PLACES = 10

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CriterionValidity(Result):
    """Correlations of scores with a criterion.

    Attributes
    ----------
    frame : DataFrame
        One row per construct: ``construct, n`` (people, or places), ``expected`` (sign), ``estimate`` (r), ``conf_low,
        conf_high, statistic, df, p_value, verdict``: ``as expected`` when the whole interval has the expected sign.
    criterion : str
    at : str or None
        The column of the places whose means were correlated.
    conf_level : float
    remarks : tuple of Text
    """

    criterion: str
    at: str | None
    conf_level: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        frame = worded(
            self.frame, construct=self.basis.label, verdict=lambda v: VERDICTS[v], expected=lambda sign: SIGNS[sign]
        )
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("expected", Text("预期", "Expected"), "text"),
            Column("n", HEADS["n"] if self.at is None else Text("地点数", "Places"), "count"),
            Column("estimate", HEADS["r"], "bounded"),
            Column("conf_low:conf_high", interval_head(self.conf_level), "bounded_interval"),
            Column("p_value", HEADS["p_value"], "p"),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        title = Text("效标关联效度（效标：{c}）", "Criterion validity ({c})").format(c=self.basis.label(self.criterion))
        table = Table.from_frame(frame, columns, id="criterion", title=title, notes=(VERDICT, *self.remarks))
        return table.telling(*of_criterion(table, self.basis.label(self.criterion), VERDICTS))


SIGNS: dict[str, Text] = {"positive": Text("正", "positive"), "negative": Text("负", "negative")}
VERDICT = Text(
    "结论看r的区间是否全在预期的一侧；“不能判定”不等于没有相关。",
    "The verdict asks whether the whole interval of r has the expected sign; unclear is not 'no correlation'.",
)

# Door -------------------------------------------------------------------------------------------------------


def criterion(
    data: Responses | pd.DataFrame,
    constructs: What,
    variable: str,
    *,
    expected: Sign | Mapping[str, Sign] = "positive",
    at: str | None = None,
    conf_level: float = 0.95,
) -> CriterionValidity:
    """Correlations of construct scores with a criterion, such as an observer's score, against a sign said beforehand.

    Parameters
    ----------
    data : Responses or DataFrame
        Under a declared design the correlations are weighted and errors are the design's.
    constructs : str, list of str, or {construct: [columns]}
    variable : str
        The criterion: a column, an item or a construct.
    expected : "positive", "negative", or mapping of construct to either
    at : str, optional
        Column of the places (``township_id``) where the criterion is one value for each place: means of places are then
        correlated, as people of one place are not so many criteria.
    conf_level : float

    Raises
    ------
    DataError
        The criterion is not there, holds words, or takes several values in one place.
    DesignError
        ``at`` together with a declared design.
    EstimationError
        Fewer than four places.
    """
    answers, names = as_responses(data, constructs)
    signs = {name: expected.get(name, "positive") if isinstance(expected, Mapping) else expected for name in names}
    if wrong := [sign for sign in signs.values() if sign not in get_args(Sign)]:
        raise EstimationError(
            Text(f"预期方向“{wrong[0]}”无效。", f"'{wrong[0]}' is no sign."),
            where="expected=",
            remedy=Text("可用positive或negative。", "Use 'positive' or 'negative'."),
        )
    remarks: list[Text] = []
    if at is None:
        found = correlations(answers, [*names, variable], conf_level=conf_level)
        remarks += found.remarks + _repeated(answers, variable)
        pairs, basis = found.frame, found.basis
    else:
        places = _places(answers, names, variable, at)
        found = correlations(as_columns(places).showing(1), [*names, variable], conf_level=conf_level)
        used = answers.variables([*names, variable, at]).notna()
        inside = used[at] & used[variable] & used[names].any(axis=1)
        missing = int((~inside).sum())
        pairs, basis = found.frame, answers.basis(int(inside.sum()), {"incomplete": missing} if missing else {})
        remarks += _of_places(basis.label(at), len(places))
    pairs = pairs[(pairs["other"] == variable) & pairs["variable"].isin(names)].rename(
        columns={"variable": "construct"}
    )
    frame = pairs.drop(columns="other").reset_index(drop=True)
    frame["expected"] = frame["construct"].map(signs)
    frame["verdict"] = [
        _verdict(low, high, 1.0 if sign == "positive" else -1.0)
        for low, high, sign in zip(frame["conf_low"], frame["conf_high"], frame["expected"], strict=True)
    ]
    if at is None and (small := frame.loc[frame["n"] < FEWEST, "construct"].tolist()):
        remarks.append(SMALL.format(k=FEWEST, names=", ".join(small)))
    return CriterionValidity(frame, basis, variable, at, conf_level, tuple(remarks))


SMALL = Text("不足{k}人，仅供参考：{names}。", "Fewer than {k} people, read as description: {names}.")


def _places(answers: Responses, names: Sequence[str], variable: str, at: str) -> pd.DataFrame:
    """Mean scores and the criterion, one row per place."""
    answers.refuse_design("criterion(at=…)", *PARTS)
    frame = answers.variables([*names, variable])
    place = answers.variables([at])[at]
    if not pd.api.types.is_numeric_dtype(frame[variable]):
        raise DataError(
            Text(f"效标“{variable}”不是数值。", f"the criterion '{variable}' holds words."),
            remedy=Text("请用数值列。", "Name a column of numbers."),
        )
    varied = frame[variable].groupby(place).nunique()
    if (varied > 1).any():
        first = varied[varied > 1].index[0]
        raise DataError(
            Text(f"效标“{variable}”在“{first}”有不止一个值。", f"'{variable}' takes several values in '{first}'."),
            where=at,
            remedy=Text(
                "效标若因人而异，请不用at=。", "Leave at= out where the criterion differs between people of one place."
            ),
        )
    means = frame.groupby(place).mean().dropna(subset=[variable])
    if len(means) < 4:
        raise EstimationError(
            Text(f"只有{len(means)}个地点，看不出相关。", f"{len(means)} place(s) cannot show a correlation."),
            where=at,
            remedy=Text("至少要4个地点。", "Four are the least."),
        )
    return means.reset_index(drop=True)


def _of_places(label: Text, n: int) -> list[Text]:
    said = [
        Text(
            "相关的是{n}个{place}的均值，每个地点计一次。", "Means of {n} places ({place}), each counted once."
        ).format(n=n, place=label)
    ]
    if n < FEWEST_PLACES:
        said.append(
            Text(f"地点不足{FEWEST_PLACES}个，区间很宽。", f"Fewer than {FEWEST_PLACES} places: intervals are wide.")
        )
    return said


def _repeated(answers: Responses, variable: str) -> tuple[Text, ...]:
    """A warning where the criterion looks as if it were of places, and people are counted as so many."""
    values = answers.variables([variable])[variable]
    place = next((c for c in ("village_id", "township_id") if c in answers.frame), None)
    if place is None or values.nunique() < 2 or not answers.design.is_simple:
        return ()
    if (values.groupby(answers.frame[place]).nunique() <= 1).all() and answers.frame[place].nunique() < len(
        answers
    ) / 2:
        return (
            Text(
                f'效标在每个地点只有一个值，按人计算的p过小：请用at="{place}"。',
                f'The criterion has one value in each place, so that p by persons is too small: use at="{place}".',
            ),
        )
    return ()


def _verdict(low: float, high: float, sign: float) -> str:
    ends = sorted((sign * low, sign * high))
    return "as expected" if ends[0] > 0 else "against" if ends[1] < 0 else "unclear"
