"""One JSON file of the offline form: whether it is whole, whether it answers this questionnaire, and what it says.

Nothing in a file is trusted: it may be cut, hand-made, hostile, or of another study.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TypeVar

from sgsurvey.errors import QuestionnaireError
from sgsurvey.forms.form import lay_out
from sgsurvey.forms.record import FORMAT, FORMAT_VERSION
from sgsurvey.questionnaire.model import Item, Questionnaire
from sgsurvey.text import Text

LARGEST = 2_000_000
NOT_SHOWN = "{question_not_shown}"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
STATES = frozenset(["answered", "empty", "not_shown"])
LONGEST_NAME = 40
Json = Mapping[str, object]
Kind = TypeVar("Kind")


class SetAside(Exception):
    """A file that is not read: damaged, or not an answer to this questionnaire.

    Attributes
    ----------
    message : str
        Name of the message (``SG154.damaged``).
    reason : str
        Why its row is set aside.
    found : Text
    """

    def __init__(self, message: str, reason: str, found: Text) -> None:
        super().__init__(found.en)
        self.message, self.reason, self.found = message, reason, found


@dataclass(frozen=True, slots=True)
class Attention:
    """How long an item was attended to, and when: milliseconds; None where it was never touched."""

    ms: float | None
    first: float | None
    last: float | None
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One respondent's answers, checked.

    Attributes
    ----------
    cells : mapping of column to str
        Each item's answer as the cells of an export would have it: codes, ``""`` where it was left empty,
        ``{question_not_shown}`` where it was not shown; drawn values under ``name_assigned``.
    attention : mapping of item to Attention
    pages : mapping of block to milliseconds
    finished : datetime
        With its zone.
    """

    id: str
    role: str
    short: bool
    languages: tuple[str, ...]
    finished: datetime
    seconds: float
    cells: Mapping[str, str]
    attention: Mapping[str, Attention]
    pages: Mapping[str, float]


class Expected:
    """What a file must be an answer to.

    Parameters
    ----------
    questionnaire : Questionnaire
    role : str or None
        The only group that is read; sheets of field staff are read under their own name alone.
    """

    def __init__(self, questionnaire: Questionnaire, role: str | None) -> None:
        self.questionnaire = questionnaire
        self.roles = {r.name for r in questionnaire.roles} if role is None else {role}
        self._forms: dict[tuple[str, bool], Mapping[str, Item]] = {}

    def items(self, role: str, short: bool) -> Mapping[str, Item]:
        """The questions of a form, by name."""
        if (role, short) not in self._forms:
            try:
                form = lay_out(self.questionnaire, role, short=short)
            except QuestionnaireError as error:
                raise _other(error.what) from error
            self._forms[role, short] = {item.name: item for item in form.items if item.type != "note"}
        return self._forms[role, short]


def read_record(content: bytes, expected: Expected) -> Record:
    """The record in ``content``.

    Raises
    ------
    SetAside
        It is damaged, or not an answer to the questionnaire.
    """
    record = _json(content)
    _check_belongs(record, expected)
    short = _typed(record, "short", bool)
    items = expected.items(str(record["role"]), short)
    answers = _object(record, "items")
    _check_names(answers, items)
    started, finished = (_moment(record, name) for name in ("started", "finished"))
    # A short form showed less than its role's whole form.
    cells = dict.fromkeys(expected.items(str(record["role"]), False), NOT_SHOWN)
    cells |= {"date": started.date().isoformat()} if "date" not in items else {}
    attention: dict[str, Attention] = {}
    for name, item in items.items():
        entry = _object(answers, name)
        cells |= _cells(item, entry)
        attention[name] = _attention(entry)
    return Record(
        id=_matching(record, "id", UUID),
        role=str(record["role"]),
        short=short,
        languages=tuple(str(language) for language in _typed(record, "languages", list)),
        finished=finished,
        seconds=_amount(record, "seconds"),
        cells={**cells, "t_start": started.isoformat(), "t_end": finished.isoformat()},
        attention=attention,
        pages={name: _amount(_object(record, "pages"), name) for name in _object(record, "pages")},
    )


# Whole ------------------------------------------------------------------------------------------------


def _damaged(zh: str, en: str) -> SetAside:
    return SetAside("SG154.damaged", "damaged", Text(zh, en))


def _json(content: bytes) -> Json:
    """An object in which no key stands twice and every number is one."""
    if len(content) > LARGEST:
        raise _damaged(f"超过{LARGEST:,}字节", f"more than {LARGEST:,} bytes")
    try:
        text = content.decode("utf-8-sig")
        record = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise _damaged("不是UTF-8", "not UTF-8") from error
    except RecursionError as error:
        raise _damaged("嵌套太深", "nested too deep") from error
    except ValueError as error:
        # json's own words name the place; a number of thousands of digits has no place.
        place = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "?"
        raise _damaged(f"在{place}处中断或不合语法", f"it breaks off or is no JSON at {place}") from error
    if not isinstance(record, dict):
        raise _damaged("不是一份答卷", "not one form")
    return record


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)[:LONGEST_NAME]
        raise _damaged(f"“{twice}”出现两次", f"'{twice}' stands twice")
    return found


def _no_number(word: str) -> float:
    raise _damaged(f"“{word}”不是数", f"'{word}' is no number")


# Ours -------------------------------------------------------------------------------------------------


def _other(found: Text) -> SetAside:
    return SetAside("SG154.other", "other_form", found)


def _check_belongs(record: Json, expected: Expected) -> None:
    """It is a form of this format, this questionnaire, this version, and a group that is read."""
    if record.get("format") != FORMAT:
        raise _other(Text("不是sgsurvey离线表单的文件", "not a file of sgsurvey's offline form"))
    if record.get("format_version") != FORMAT_VERSION:
        version = str(record.get("format_version"))[:LONGEST_NAME]
        raise _other(Text(f"文件格式版本{version}", f"version {version} of the file's format"))
    named, questionnaire = _object(record, "questionnaire"), expected.questionnaire
    for part, zh, own in (("id", "问卷", questionnaire.id), ("version", "版本", questionnaire.version)):
        found = str(named.get(part))[:LONGEST_NAME]
        if named.get(part) != own:
            raise _other(Text(f"{zh}“{found}”，而不是“{own}”", f"{part} '{found}', not '{own}'"))
    role = _typed(record, "role", str)
    if role not in expected.roles:
        raise _other(Text(f"角色“{role[:LONGEST_NAME]}”", f"role '{role[:LONGEST_NAME]}'"))


def _check_names(answers: Json, items: Mapping[str, Item]) -> None:
    """The file has every question of its form, and no other: the same version asks the same."""
    lacking = [name for name in items if name not in answers]
    strange = [name[:LONGEST_NAME] for name in answers if name not in items]
    if lacking or strange:
        zh, en = (f"没有{lacking[0]}题", f"no question {lacking[0]}") if lacking else (
            f"多出{strange[0]}题", f"a question {strange[0]} that the form does not ask")  # fmt: skip
        raise _other(Text(zh, en))


# Answers ----------------------------------------------------------------------------------------------


def _cells(item: Item, entry: Json) -> dict[str, str]:
    state = entry.get("state")
    if state not in STATES or ("answer" in entry) != (state == "answered"):
        raise _damaged(f"{item.name}的状态不明", f"the state of {item.name} is not clear")
    if state == "not_shown":
        return {item.name: NOT_SHOWN} | ({f"{item.name}_assigned": ""} if item.assign else {})
    cells = {item.name: _answer(item, entry["answer"]) if state == "answered" else ""}
    if item.assign:
        cells[f"{item.name}_assigned"] = str(_whole(item, entry.get("assigned")))
    return cells


def _answer(item: Item, answer: object) -> str:
    """The answer as a cell; its kind is that of the question, its value is for the readers of cells to judge."""
    if item.type in ("text", "date"):
        if isinstance(answer, str):
            return answer
    elif item.type in ("select_multiple", "rank") and isinstance(answer, list):
        return " ".join(str(_whole(item, code)) for code in answer)
    elif isinstance(answer, float) and item.type == "decimal" and isfinite(answer):
        return repr(answer)
    else:
        return str(_whole(item, answer))
    raise _damaged(f"{item.name}的回答类型不对", f"the answer to {item.name} is of another kind")


def _whole(item: Item, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _damaged(f"{item.name}的回答类型不对", f"the answer to {item.name} is of another kind")


def _attention(entry: Json) -> Attention:
    order = _typed(entry, "order", list) if "order" in entry else []
    ms, first, last = (_amount(entry, name) if name in entry else None for name in ("ms", "first", "last"))
    if not all(isinstance(code, int) for code in order):
        raise _unclear("order")
    return Attention(ms, first, last, tuple(order))


# Parts ------------------------------------------------------------------------------------------------


def _unclear(name: str) -> SetAside:
    return _damaged(f"“{name[:LONGEST_NAME]}”不对", f"'{name[:LONGEST_NAME]}' is not as it should be")


def _typed(record: Json, name: str, kind: type[Kind]) -> Kind:
    value = record.get(name)
    if not isinstance(value, kind):
        raise _unclear(name)
    return value


def _object(record: Json, name: str) -> Json:
    return _typed(record, name, dict)


def _amount(record: Json, name: str) -> float:
    value = record.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1e12:
        raise _unclear(name)
    return float(value)


def _matching(record: Json, name: str, pattern: re.Pattern[str]) -> str:
    value = _typed(record, name, str)
    if not pattern.fullmatch(value):
        raise _unclear(name)
    return value


def _moment(record: Json, name: str) -> datetime:
    """A moment with its zone."""
    try:
        moment = datetime.fromisoformat(_typed(record, name, str))
    except ValueError as error:
        raise _unclear(name) from error
    if moment.tzinfo is None:
        raise _unclear(name)
    return moment
