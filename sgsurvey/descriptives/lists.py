"""Questions with a list: which they are, their options, and their picks as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError
from sgsurvey.numerics.linalg import Array
from sgsurvey.questionnaire.model import Item
from sgsurvey.text import Text, same


class Option(NamedTuple):
    """One thing that could be picked, and the column that says whether it was."""

    column: str
    words: Text


def question_of(data: Responses | pd.DataFrame, item: str | Mapping[str, Sequence[str]]) -> tuple[Responses, Item]:
    """The answers with the question that was meant; a DataFrame's columns make one, of ranks if any is above 1."""
    if isinstance(data, Responses):
        if not isinstance(item, str):
            raise DataError("a mapping of columns goes with a DataFrame.", remedy="Name the question.")
        question = data.questionnaire.item(item)
        if question.type not in ("select_multiple", "rank"):
            raise DataError(
                f"'{item}' is a question of type {question.type}: one answer, not a list.",
                where=item,
                remedy="Use frequencies() for it.",
            )
        return data, question
    if not isinstance(item, Mapping) or len(item) != 1:
        raise DataError("a DataFrame needs one list and its columns.", remedy='Pass {"name": ["column", ...]}.')
    ((name, columns),) = item.items()
    answers = responses(data, {name: columns}, limits=None)
    ranked = bool((data[list(columns)] > 1).to_numpy().any())
    return answers, Item(name, "rank" if ranked else "select_multiple", same(name))


def options_of(answers: Responses, question: Item) -> list[Option]:
    """The options in the order of the questionnaire."""
    if question.scale is None:
        return [Option(name, same(name)) for name in answers.questionnaire.construct(question.name).items]
    return [Option(c, v.label) for c, v in zip(question.columns, question.scale.valid, strict=True)]


def ranks_of(answers: Responses, question: Item, options: Sequence[Option]) -> Array:
    """The columns as numbers, shape (n, k); what is empty, or a code for no answer, was not picked."""
    lost = [option.column for option in options if option.column not in answers.frame]
    if lost:
        raise DataError(
            f"the answers have no column {', '.join(lost)}.", where=question.name, remedy="Read them with this item."
        )
    columns = answers.frame[[option.column for option in options]]
    numbers = columns.apply(pd.to_numeric, errors="coerce")
    ranks = numbers.mask(numbers.isin(list(question.missing_codes))).fillna(0.0).to_numpy(dtype=float)
    if ((ranks < 0) | (ranks != np.floor(ranks))).any():
        raise DataError(
            "its columns hold other numbers than 0, 1 and ranks.",
            where=question.name,
            remedy="Code picks as 1, ranks from 1.",
        )
    return ranks
