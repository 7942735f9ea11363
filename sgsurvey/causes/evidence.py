"""What drivers and priorities are computed from: ratings in points, facts of places, groups and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers import engine_pandas
from sgsurvey.answers.moments import Moments
from sgsurvey.answers.responses import Responses
from sgsurvey.causes.informants import Informants, gather
from sgsurvey.causes.points import check_columns, code_label, is_rated, place_fact, points
from sgsurvey.errors import DesignError
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

# Said under what resamples or clusters by place, where the design has strata.
STRATA_UNUSED = Text(
    "抽样分层未用于标准误：区间可能偏宽，不会偏窄。",
    "The strata of the design are not used in standard errors: intervals may be too wide, not too narrow.",
)

# Said under what is weighted, and where the weights were calibrated.
WEIGHTED = Text(
    "所列结果均按设计权数计算，权数的倍数无关紧要；来自不同主体的系数中每个地点计一次；人数为实际人数。",
    "All that is shown is weighted by the design, whatever the scale of its weights; in coefficients from different "
    "respondents each place counts once; numbers of persons are counts.",
)
AS_GIVEN = Text(
    "权数按给定值使用，其调整过程未计入标准误。",
    "Weights count as given: how they were adjusted is not in the standard errors.",
)

# Rows without places are resampled in so many groups when they are more (the random groups of Wolter 2007, chapter 2).
RANDOM_GROUPS = 400


@dataclass(frozen=True)
class Evidence:
    """Everything that is computed from, for one group of outcome judges (or all).

    Attributes
    ----------
    outcome : str
    drivers : tuple of str
        Rated by respondents.
    facts : tuple of str
        Columns about places that nobody rated.
    frame : DataFrame
        Outcome and drivers in points, facts in standard deviations between places; nan where missing or of weight 0.
    held : DataFrame
        What the models over respondents hold fixed: groups of respondents and covariates.
    roles, places : Series or None
    own : ndarray of bool
        Rows whose outcome is to be explained.
    weights : ndarray or None, shape (n,)
        Of the design.
    """

    outcome: str
    drivers: tuple[str, ...]
    facts: tuple[str, ...]
    frame: pd.DataFrame
    held: pd.DataFrame
    roles: pd.Series | None
    places: pd.Series | None
    own: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64] | None

    def rows(self, names: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Rows of judges that are complete on ``names`` and what is held fixed, and lie in a place."""
        there = self.own & self.frame[list(names)].notna().all(axis=1).to_numpy()
        there &= self.held.notna().all(axis=1).to_numpy()
        return there if self.places is None else there & self.places.notna().to_numpy()

    def enough(self, rows: npt.NDArray[np.bool_]) -> bool:
        """Whether ``rows`` are more than twice the unknowns, in at least two places."""
        if rows.sum() <= 2 * (len(self.drivers) + self.held.shape[1] + 1):
            return False
        return self.places is None or self.places[rows].nunique() > 1

    def unused(self, used: npt.NDArray[np.bool_]) -> dict[str, int]:
        """How many rows no group used, but for weights of 0 under one reason, since groups overlap in theirs."""
        names = [self.outcome, *self.drivers, *([] if self.places is None else [str(self.places.name)])]
        counts = {"weight 0": (~self.sampled).sum(), f"{' / '.join(names)} missing": (self.sampled & ~used).sum()}
        return {reason: int(count) for reason, count in counts.items() if count}

    def dropped(self, names: Sequence[str]) -> dict[str, int]:
        """Why rows are not among ``rows``: each counted once, under the first reason that holds."""
        reasons: dict[str, int] = {}
        left = np.ones(len(self.frame), dtype=bool)
        checks = [("weight 0", ~self.sampled), ("group missing", ~self.own)]
        if self.places is not None:
            checks.append((f"{self.places.name} missing", self.places.isna().to_numpy()))
        checks += [(f"{name} missing", self.frame[name].isna().to_numpy()) for name in names]
        checks.append(("covariates missing", self.held.isna().any(axis=1).to_numpy()))
        for reason, holds in checks:
            if count := int((left & holds).sum()):
                reasons[reason] = count
            left &= ~holds
        return reasons

    def controls(self, rows: npt.NDArray[np.bool_]) -> pd.DataFrame:
        """What is held fixed among ``rows``: dummies but for the first category found, numbers as they are."""
        parts = [pd.DataFrame(index=self.held.index[rows])]
        for name, column in self.held[rows].items():
            if pd.api.types.is_numeric_dtype(column):
                parts.append(column.to_frame())
            else:
                parts.append(pd.get_dummies(column, prefix=str(name), prefix_sep="=", dtype=float).iloc[:, 1:])
        table = pd.concat(parts, axis=1)
        return table.loc[:, table.max() > table.min()]

    @property
    def moments(self) -> Moments:
        """Moments of outcome, drivers and controls by place; by row, or groups of rows, where there are no places."""
        return self.moments_of(self.rows([self.outcome, *self.drivers]))

    def moments_of(self, rows: npt.NDArray[np.bool_], units: pd.Series | None = None) -> Moments:
        """The same of chosen rows; by ``units`` of all rows where these are given."""
        table = pd.concat([self.frame.loc[rows, [self.outcome, *self.drivers]], self.controls(rows)], axis=1)
        return engine_pandas.moments(
            table, weights=self.weighing(rows), clusters=self.units(rows) if units is None else units[rows]
        )

    @property
    def sampled(self) -> npt.NDArray[np.bool_]:
        """Rows with a weight above 0: all where there are none."""
        return sampled(self.weights, len(self.frame))

    def weighing(self, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64] | None:
        """The weights of the rows with mean 1, so that they add up to as many as there are; None without weights."""
        return None if self.weights is None else self.weights[rows] / self.weights[rows].mean()

    def units(self, rows: npt.NDArray[np.bool_]) -> pd.Series:
        """The places of the rows; without places, every row for itself, or ``RANDOM_GROUPS`` groups of rows by turn."""
        if self.places is not None:
            return self.places[rows]
        n = int(rows.sum())
        return pd.Series(np.arange(n) % min(n, RANDOM_GROUPS), index=self.frame.index[rows])

    @property
    def informants(self) -> Informants | None:
        """Means by group and place; None without places or without two groups."""
        if self.places is None or self.roles is None or not self.drivers:
            return None
        rows = self.sampled
        weights = self.weighing(rows)
        return gather(
            self.frame.loc[rows, list(self.drivers)],
            self.frame[self.outcome].where(self.own)[rows],
            self.roles[rows],
            self.places[rows],
            np.ones(rows.sum()) if weights is None else weights,
        )


def collect(
    answers: Responses,
    outcome: str,
    drivers: str | Sequence[str],
    *,
    cluster: str | None,
    by: str | None = None,
    covariates: Sequence[str] = (),
) -> dict[object, Evidence]:
    """The evidence for each group of ``by`` (under ``"all"`` when there is none)."""
    place = cluster or answers.design.clusters
    check_columns(answers, [by, place])
    drivers = [drivers] if isinstance(drivers, str) else list(drivers)
    if not drivers or outcome in drivers or len(set(drivers)) < len(drivers):
        raise DesignError(
            f"drivers of '{outcome}' must be named, each once, and not be the outcome itself.",
            where="drivers=",
            remedy="Give a list of constructs.",
        )
    rated = tuple(d for d in drivers if is_rated(answers.questionnaire, d))
    facts = tuple(d for d in drivers if d not in rated)
    there = sampled(answers.weights, len(answers))
    inside = answers.where(pd.Series(there))
    values = {name: points(inside, name) for name in (outcome, *rated)}
    values |= {name: place_fact(inside, name, place) for name in facts}
    frame = pd.DataFrame(np.nan, answers.frame.index, list(values))
    frame.loc[there] = pd.DataFrame(values).to_numpy()
    held = _held(answers, covariates)
    roles = answers.frame["role"] if "role" in held else None
    places = None if place is None else answers.frame[place]
    everyone = np.ones(len(frame), dtype=bool)
    groups = {"all": everyone} if by is None else {c: _is(answers.frame[by], c) for c in answers.codes(by)}
    shared = (outcome, rated, facts, frame, held, roles, places)
    return {code: Evidence(*shared, own, answers.weights) for code, own in groups.items()}


def group_labels(answers: Responses, by: str | None) -> dict[object, Text]:
    """The words for the groups of ``by``."""
    return {"all": HEADS["overall"]} if by is None else {c: code_label(answers, by, c) for c in answers.codes(by)}


def design_remarks(answers: Responses) -> tuple[Text, ...]:
    """What of a design is not used."""
    strata = () if answers.design.strata is None else (STRATA_UNUSED,)
    return (*strata, AS_GIVEN) if answers.design.calibrations else strata


def weight_remarks(answers: Responses) -> tuple[Text, ...]:
    """What the design's weights do, where it has any."""
    return () if answers.weights is None else (WEIGHTED,)


def sampled(weights: npt.NDArray[np.float64] | None, rows: int) -> npt.NDArray[np.bool_]:
    """Which of so many rows are in the sample: those with a weight above 0."""
    return np.ones(rows, dtype=bool) if weights is None else weights > 0


def _held(answers: Responses, covariates: Sequence[str]) -> pd.DataFrame:
    """Groups of respondents and covariates: codes as words, numbers as numbers."""
    held = pd.DataFrame(index=answers.frame.index)
    if len(answers.roles) > 1:
        held["role"] = answers.frame["role"].astype("object")
    coded = {item.name for item in answers.questionnaire.items if item.type == "select_one"}
    for name in covariates:
        column = answers.variables([name])[name]
        number = pd.api.types.is_numeric_dtype(column) and name not in coded
        held[name] = column.astype("float64" if number else "object")
    return held


def _is(column: pd.Series, code: object) -> npt.NDArray[np.bool_]:
    return np.asarray(column.isin([code]), dtype=bool)
