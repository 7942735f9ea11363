"""Indicators of each respondent as a question from which several things are picked: counted like any such list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import Choice, Item, Scale
from sgsurvey.text import Text


def with_question(answers: Responses, name: str, label: Text, options: Sequence[tuple[Text, pd.Series]]) -> Responses:
    """The answers with a question ``name`` of type ``select_multiple``, whose options are words and who picked them.

    Columns are ``name_1, name_2 …`` in the order of ``options``; each series is boolean, by the rows of the answers.
    """
    columns = {f"{name}_{k}": picked.astype(int) for k, (_, picked) in enumerate(options, start=1)}
    choices = tuple(Choice(k, words) for k, (words, _) in enumerate(options, start=1))
    question = Item(name, "select_multiple", label, scale=Scale(name, choices))
    asked = replace(answers.questionnaire, items=(*answers.questionnaire.items, question))
    return replace(answers, frame=answers.frame.assign(**columns), questionnaire=asked)
