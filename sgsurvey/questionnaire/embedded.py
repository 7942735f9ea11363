"""A questionnaire as JSON, to travel inside a file of answers; read back it is checked, and never run."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from sgsurvey.errors import QuestionnaireError
from sgsurvey.questionnaire.model import CODED, Questionnaire
from sgsurvey.text import Text


def to_json(questionnaire: Questionnaire) -> str:
    """The whole definition; the same questionnaire gives the same text."""
    plain = TypeAdapter(Questionnaire).dump_python(questionnaire)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Questionnaire:
    """The questionnaire that ``to_json`` wrote down.

    Raises
    ------
    QuestionnaireError
        Where the text is no questionnaire, or names what it does not define.
    """
    try:
        questionnaire = TypeAdapter(Questionnaire).validate_python(json.loads(text))
    except (ValidationError, ValueError, RecursionError) as error:
        raise _unsound(type(error).__name__) from error
    if wrong := _loose_ends(questionnaire):
        raise _unsound(", ".join(wrong[:3]))
    return questionnaire


def _loose_ends(questionnaire: Questionnaire) -> list[str]:
    """Names that are used and not defined, or defined twice."""
    forms = (*questionnaire.roles, *questionnaire.sheets)
    items = [item.name for item in questionnaire.items]
    blocks = [block.name for block in questionnaire.blocks]
    named = {
        "item": {name for construct in questionnaire.constructs for name in construct.items}
        | {name for block in questionnaire.blocks for name in block.items}
        | {name for item in questionnaire.items for name in item.relevant},
        "block": {name for form in forms for name in form.blocks},
        "role": {name for item in questionnaire.items for name in item.roles},
    }
    known = {"item": items, "block": blocks, "role": [form.name for form in forms]}
    wrong = [f"{kind} {name}" for kind in named for name in sorted(named[kind] - set(known[kind]))]
    wrong += [f"{kind}s" for kind in known if len(set(known[kind])) < len(known[kind])]
    coded = [item for item in questionnaire.items if item.type in CODED]
    # A rating of a plain table has limits and no scale.
    return wrong + [
        item.name for item in coded if item.scale is None and (item.type != "rating" or item.limits is None)
    ]


def _unsound(found: str) -> QuestionnaireError:
    return QuestionnaireError(
        Text(f"文件中内含的问卷不完整（{found}）。", f"the questionnaire inside the file is not sound ({found})."),
        remedy=Text("请用原文件重新保存答卷。", "Save the answers again from where they came."),
    )
