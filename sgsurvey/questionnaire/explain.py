"""What pydantic finds, in the words of a person who edits a questionnaire."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sgsurvey.questionnaire.definitions import ChoiceDef, Choices, MissingDef, Privacy, Words
from sgsurvey.questionnaire.fault import meant
from sgsurvey.questionnaire.syntax import Path_
from sgsurvey.text import Text


def resolved(data: Any, loc: tuple[str | int, ...]) -> Path_:
    """The part of pydantic's location that exists in the data; the rest names types, not entries."""
    path: list[str | int] = []
    for key in loc:
        entry = isinstance(data, (list, tuple)) and isinstance(key, int) and key < len(data)
        if not entry and not (isinstance(data, dict) and key in data):
            break
        data = data[key]
        path.append(key)
    return tuple(path)


def each_once(data: Any, errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """One finding for each place: the members of a union all complain about the same thing."""
    by_place: dict[Path_, ErrorDetails] = {}
    for details in errors:
        inside = resolved(data, details["loc"])
        mark = (*inside, str(details["loc"][-1])) if details["type"] == "missing" else inside
        by_place.setdefault(mark, details)
    return list(by_place.values())


def explained(details: ErrorDetails, data: Any, kind: Any, owner: str = "") -> tuple[Text, Text]:
    """What pydantic found in ``data`` while reading it as ``kind``, and the remedy; ``owner`` names the whole."""
    inside = resolved(data, details["loc"])
    word = next((key for key in reversed(inside) if isinstance(key, str)), str(inside[0]) if inside else owner)
    expected = str(details.get("ctx", {}).get("expected", ""))
    found = details["input"]
    match details["type"]:
        case "extra_forbidden" if found is None and (not word.isascii() or " " in word):
            return (
                Text(
                    f"花括号里的文字在逗号处断开了，剩下'{word}'。",
                    f"a text inside {{ }} was cut at its comma, leaving '{word}'.",
                ),
                Text("请给整句文字加英文双引号。", "Put the whole text in straight quotes."),
            )
        case "extra_forbidden":
            return (
                Text(f"不认识'{word}'这个词。", f"'{word}' is not a known word here."),
                meant(word, _known(kind, inside)),
            )
        case "missing":
            lacking = str(details["loc"][-1])
            return (
                Text(f"缺少'{lacking}'。", f"'{lacking}' is missing."),
                Text(f"请补上 {lacking}: …", f"Add {lacking}: …"),
            )
        case "literal_error":
            return (
                Text(f"'{word}'不能是'{found}'。", f"'{word}' cannot be '{found}'."),
                Text(f"可用：{expected}。", f"It is one of {expected}."),
            )
        case _ if found is None or found == "":
            return (
                Text(f"'{word}'是空的。", f"'{word}' is empty."),
                Text("请填写或删去。", "Fill it in or remove it."),
            )
        case "string_type":
            return (
                Text(f"'{word}'应为文字，却是{found}。", f"'{word}' must be text, but is {found}."),
                Text("请给它加英文双引号。", "Put it in straight quotes."),
            )
        case "int_type" | "int_parsing" | "int_from_float" | "float_type" | "float_parsing":
            return (
                Text(f"'{word}'应为数字，却是'{found}'。", f"'{word}' must be a number, but is '{found}'."),
                Text("请写不带引号的半角数字。", "Write a plain number without quotes."),
            )
        case "model_type" | "dict_type" | "tuple_type" | "model_attributes_type":
            return (
                Text(f"'{word}'的写法不对：{_short(found)}。", f"'{word}' has the wrong form: {_short(found)}."),
                Text(
                    "请对照 questionnaires/README.md 中的例子。",
                    "Compare with the examples in questionnaires/README.md.",
                ),
            )
    return (
        Text(f"'{word}'的值不对：{_short(found)}。", f"'{word}' is not sound: {_short(found)} ({details['msg']})."),
        Text("请改正。", "Correct it."),
    )


def _short(value: object) -> str:
    said = str(value)
    return said if len(said) <= 60 else said[:57] + "…"


def _known(kind: Any, inside: Path_) -> list[str]:
    """The words that may stand where an unknown one was found."""
    around = inside[-2] if len(inside) > 1 else None
    parts: dict[object, type[BaseModel]] = {
        "label": Words,
        "hint": Words,
        "title": Words,
        "introduction": Words,
        "privacy": Privacy,
    }
    if around in parts:
        fields = parts[around].model_fields
    elif isinstance(around, int):
        fields = ChoiceDef.model_fields if kind is Choices else MissingDef.model_fields
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields
    else:
        fields = Words.model_fields
    return [str(info.alias or name) for name, info in fields.items()]
