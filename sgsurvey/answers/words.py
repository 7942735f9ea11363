"""The words that stand for a code, wherever groups, levels and categories are named."""

from __future__ import annotations

from numbers import Real

from sgsurvey.answers.responses import Responses
from sgsurvey.text import Text, same


def code_words(answers: Responses, column: str, code: object) -> Text:
    """A role's label, a choice's label, or the code itself."""
    questionnaire = answers.questionnaire
    if column == "role":
        return questionnaire.label(str(code))
    item = next((item for item in questionnaire.items if item.name == column), None)
    if item is not None and item.scale is not None and isinstance(code, Real):
        return item.scale.label(int(float(code)))
    if isinstance(code, float):
        return same(str(int(code)) if code.is_integer() else f"{code:g}")
    return same(str(code))
