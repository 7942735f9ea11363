"""What each respondent gave to each question, before any tool writes it down in its own way."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

import sgsurvey as sg
from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import CODED, Item, Questionnaire
from sgsurvey.text import Language

SEVERAL = ("select_multiple", "rank")
COUNTS = {"purchaser": 12, "undertaker": 12, "post_holder": 12, "evaluator": 12, "villager": 12}


def small_county(questionnaire: Questionnaire, seed: int = 20261125) -> Responses:
    """A few of each group of a simulated county."""
    answers = sg.simulate(questionnaire, seed=seed)
    few = pd.concat([group.head(COUNTS[str(role)]) for role, group in answers.frame.groupby("role", sort=False)])
    return Responses(few.reset_index(drop=True), questionnaire, simulated=True)


@dataclass(frozen=True)
class Entry:
    """An answer: whether the question was shown, and what was given (picked codes, in order; or one text).

    ``given`` is empty where the question was left empty.
    """

    shown: bool
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entries:
    """The answers of one group, row by row.

    Attributes
    ----------
    items : list of Item
        In the order of the form.
    rows : list of mapping of item to Entry
    drawn : list of mapping of item to text
        The value assigned to each respondent.
    """

    questionnaire: Questionnaire
    role: str
    items: list[Item]
    rows: list[dict[str, Entry]]
    drawn: list[dict[str, str]] = field(default_factory=list)


def entries(answers: Responses, role: str) -> Entries:
    """The answers of ``role``."""
    of_role = answers.where(answers.frame["role"] == role)
    items = [item for item in answers.questionnaire.asked(role) if item.type != "note"]
    items = [item for item in items if item.columns[0] in of_role.frame]
    shown = {item.name: of_role.shown(item.name).to_numpy(dtype=bool) for item in items}
    rows, drawn = [], []
    for place in range(len(of_role)):
        row = of_role.frame.iloc[place]
        rows.append({item.name: Entry(bool(shown[item.name][place]), _given(item, row)) for item in items})
        drawn.append({item.name: _words(row[f"{item.name}_assigned"]) for item in items if item.assign})
    return Entries(answers.questionnaire, role, items, rows, drawn)


def _given(item: Item, row: pd.Series) -> tuple[str, ...]:
    if item.type not in SEVERAL:
        words = _words(row[item.name])
        return (words,) if words else ()
    values = {choice.code: row[f"{item.name}_{choice.code}"] for choice in item.scale.valid}
    picked = sorted((int(v), code) for code, v in values.items() if not pd.isna(v) and v > 0)
    return tuple(str(code) for _, code in picked)


def _words(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def label(item: Item, code: str, questionnaire: Questionnaire, language: Language = "zh") -> str:
    """The words of a choice; any other text as it is."""
    choices = [*(item.scale.choices if item.scale else ()), *questionnaire.missing]
    found = next((c for c in choices if str(c.code) == code), None)
    coded = item.type in (*CODED, *SEVERAL) or (found is not None and found.missing)
    return found.label.to(language) if found is not None and coded else code
