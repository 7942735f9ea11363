"""Points of 100: every rated thing on one scale, high is good; facts of places in their own spread."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, DesignError, did_you_mean
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text, same


def points(answers: Responses, name: str) -> pd.Series:
    """A construct's score or an item's keyed answer as percent of the maximum possible (POMP), high is good.

    ``100 (x - L) / (U - L)`` with the theoretical limits L and U (Cohen, Cohen, Aiken and West 1999, Multivariate
    Behavioral Research 34, 315-346), turned where ``high_is`` is ``bad``.

    Raises
    ------
    DataError
        ``name`` is neither a construct nor a rated item.
    DesignError
        Its items have no common limits.
    """
    if not is_rated(answers.questionnaire, name):
        known = [c.name for c in answers.questionnaire.constructs]
        raise DataError(
            f"'{name}' is neither a construct nor a rated item.{did_you_mean(name, known)}",
            remedy="Name one of the questionnaire, or make constructs of columns with sgsurvey.responses(frame, …).",
        )
    low, high = answers.limits(name)
    scored = 100.0 * (answers.variables([name])[name] - low) / (high - low)
    return (100.0 - scored if is_turned(answers.questionnaire, name) else scored).rename(name)


def points_per_unit(answers: Responses, name: str) -> float:
    """How many points one step of the scale of ``name`` is; below 0 where ``high_is`` is ``bad``."""
    low, high = answers.limits(name)
    return (-100.0 if is_turned(answers.questionnaire, name) else 100.0) / (high - low)


def is_rated(questionnaire: Questionnaire, name: str) -> bool:
    """Whether ``name`` is a construct or an item with a rating scale."""
    if any(construct.name == name for construct in questionnaire.constructs):
        return True
    return any(item.name == name and item.type == "rating" for item in questionnaire.items)


def is_turned(questionnaire: Questionnaire, name: str) -> bool:
    """Whether high is bad for a construct, or for the construct of an item."""
    measures = next((item.construct for item in questionnaire.items if item.name == name), name)
    return any(c.name == measures and c.high_is == "bad" for c in questionnaire.constructs)


def place_fact(answers: Responses, name: str, cluster: str | None) -> pd.Series:
    """A column that is the same for everybody in a place, in standard deviations between places (mean 0).

    Raises
    ------
    DataError
        There is no such column, it holds no numbers, or never differs between places.
    DesignError
        It differs within a place, so that it is no fact about the place.
    """
    if name not in answers.frame:
        known = [c.name for c in answers.questionnaire.constructs] + list(answers.frame.columns)
        raise DataError(
            f"'{name}' is neither a construct nor a column of the answers.{did_you_mean(name, known)}",
            remedy="Name a construct, or join the table of places that has this column.",
        )
    column = answers.frame[name]
    if not pd.api.types.is_numeric_dtype(column):
        raise DataError("holds words, not numbers.", where=f"column '{name}'", remedy="Join it as a number.")
    values = column.astype("float64")
    if cluster is None:
        raise DesignError(
            f"'{name}' is not rated by respondents, and no column says which place each answer is about.",
            remedy="Name the places with cluster=, so that facts about places can be used.",
        )
    places = values.groupby(answers.frame[cluster])
    if (places.max() - places.min() > 1e-9 * values.abs().max()).any():
        raise DesignError(
            f"'{name}' differs within a {cluster}, so it is no fact about the place.",
            remedy="Use a construct of the questionnaire, or a column joined by place.",
        )
    facts = places.first().dropna()
    if not facts.std() > 0:
        raise DataError(
            f"'{name}' is the same everywhere.", remedy="Leave it out: what never differs goes with nothing."
        )
    return ((values - facts.mean()) / facts.std()).rename(name)


def code_label(answers: Responses, column: str, code: object) -> Text:
    """The words for a code of a grouping column: a role, a choice of an item, or the code itself."""
    scale = next((i.scale for i in answers.questionnaire.items if i.name == column), None)
    if scale is not None and isinstance(code, int | float):
        return scale.label(int(code))
    return answers.questionnaire.labels.get(str(code), same(str(code)))


def check_columns(answers: Responses, columns: Sequence[str | None]) -> None:
    """Raise unless every named column is there."""
    for column in columns:
        if column is not None and column not in answers.frame:
            raise DataError(
                f"the answers have no column '{column}'.{did_you_mean(column, list(answers.frame.columns))}",
                remedy="Name a column of the answers.",
            )
