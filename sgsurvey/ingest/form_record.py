"""One JSON file of the offline form: whether it is whole, whether it answers this questionnaire, and what it says.

Nothing in a file is trusted: it may be cut, hand-made, hostile, or of another study.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TypeVar

from sgsurvey.errors import QuestionnaireError
from sgsurvey.forms.form import Form, lay_out
from sgsurvey.forms.record import FORMAT, FORMAT_VERSION
from sgsurvey.questionnaire.model import SEVERAL, Item, Questionnaire
from sgsurvey.tables.format import printable
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
    version: str
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
    older : sequence of Questionnaire
        Versions of the questionnaire whose forms are read too, each by its own definition.
    """

    def __init__(self, questionnaire: Questionnaire, role: str | None, older: Sequence[Questionnaire] = ()) -> None:
        self.questionnaire = questionnaire
        self.roles = {r.name for r in questionnaire.roles} if role is None else {role}
        given = {other.version: other for other in older if other.id == questionnaire.id}
        self.versions = {**given, questionnaire.version: questionnaire}
        self._forms: dict[tuple[str, str, bool], Form] = {}

    def form(self, version: str, role: str, short: bool) -> Form:
        """The form of a role, or its short form, in one version."""
        if (version, role, short) not in self._forms:
            try:
                self._forms[version, role, short] = lay_out(self.versions[version], role, short=short)
            except QuestionnaireError as error:
                raise _other(error.what) from error
        return self._forms[version, role, short]


def read_record(content: bytes, expected: Expected) -> Record:
    """The record in ``content``.

    Raises
    ------
    SetAside
        It is damaged, or not an answer to the questionnaire.
    """
    record = _json(content)
    questionnaire = _questionnaire_of(record, expected)
    version = questionnaire.version
    role, short = _typed(record, "role", str), _typed(record, "short", bool)
    form = expected.form(version, role, short)
    started, finished = (_moment(record, name) for name in ("started", "finished"))
    entries = _entries(record, form)
    # A short form showed less than its role's whole form.
    cells = dict.fromkeys(expected.form(version, role, False).numbers, NOT_SHOWN)
    cells |= {"date": started.date().isoformat()} if "date" not in entries else {}
    for name, entry in entries.items():
        cells |= _cells(questionnaire.item(name), entry)
    return Record(
        id=_identifier(record),
        role=role,
        short=short,
        languages=_languages(record, questionnaire),
        finished=finished,
        seconds=_amount(record, "seconds"),
        version=version,
        cells={**cells, "t_start": started.isoformat(), "t_end": finished.isoformat()},
        attention={name: _attention(entry) for name, entry in entries.items()},
        pages=_pages(record, form),
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
        twice = _told(next(key for key, n in Counter(keys).items() if n > 1))
        raise _damaged(f"“{twice}”出现两次", f"'{twice}' stands twice")
    return found


def _no_number(word: str) -> float:
    raise _damaged(f"“{word}”不是数", f"'{word}' is no number")


# Ours -------------------------------------------------------------------------------------------------


def _other(found: Text) -> SetAside:
    return SetAside("SG154.other", "other_form", found)


def _questionnaire_of(record: Json, expected: Expected) -> Questionnaire:
    """The version that it answers; it is a form of this format, of this questionnaire, of a group that is read."""
    if record.get("format") != FORMAT:
        raise _other(Text("不是sgsurvey离线表单的文件", "not a file of sgsurvey's offline form"))
    if record.get("format_version") != FORMAT_VERSION:
        found = _told(record.get("format_version"))
        raise _other(Text(f"文件格式版本{found}", f"version {found} of the file's format"))
    named, own = _object(record, "questionnaire"), expected.questionnaire
    if named.get("id") != own.id:
        found = _told(named.get("id"))
        raise _other(Text(f"问卷“{found}”，而不是“{own.id}”", f"id '{found}', not '{own.id}'"))
    version = named.get("version")
    if not isinstance(version, str) or version not in expected.versions:
        found = _told(version)
        raise _other(Text(f"版本“{found}”，而不是“{own.version}”", f"version '{found}', not '{own.version}'"))
    role = _typed(record, "role", str)
    if role not in expected.roles:
        raise _other(Text(f"角色“{_told(role)}”", f"role '{_told(role)}'"))
    return expected.versions[version]


def _told(value: object) -> str:
    """The beginning of a name or number from the file, fit to be printed."""
    return printable(str(value)[:LONGEST_NAME]) if isinstance(value, (str, int, float)) else "?"


def _entries(record: Json, form: Form) -> dict[str, Json]:
    """The file's questions, which are those of its form and no others: the same version asks the same."""
    answers = _object(record, "items")
    lacking = [name for name in form.numbers if name not in answers]
    strange = [name for name in answers if name not in form.numbers]
    if lacking:
        raise _other(Text(f"没有{lacking[0]}题", f"no question {lacking[0]}"))
    if strange:
        name = _told(strange[0])
        raise _other(Text(f"多出“{name}”题", f"a question '{name}' that the form does not ask"))
    return {name: _object(answers, name) for name in form.numbers}


# Answers ----------------------------------------------------------------------------------------------


def _cells(item: Item, entry: Json) -> dict[str, str]:
    state = entry.get("state")
    if state not in STATES or ("answer" in entry) != (state == "answered"):
        raise _damaged(f"{item.name}的状态不明", f"the state of {item.name} is not clear")
    if state == "not_shown":
        return {item.name: NOT_SHOWN}
    cells = {item.name: _answer(item, entry["answer"]) if state == "answered" else ""}
    if item.assign and "assigned" in entry:
        cells[f"{item.name}_assigned"] = str(_whole(item, entry["assigned"]))
    return cells


def _answer(item: Item, answer: object) -> str:
    """The answer as a cell; its kind is that of the question, its value is for the readers of cells to judge."""
    if item.type in ("text", "date"):
        if isinstance(answer, str):
            return answer
    elif item.type in SEVERAL and isinstance(answer, list):
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
    return _damaged(f"“{name}”不对", f"'{name}' is not as it should be")


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


def _identifier(record: Json) -> str:
    value = _typed(record, "id", str)
    if not UUID.fullmatch(value):
        raise _unclear("id")
    return value


def _languages(record: Json, questionnaire: Questionnaire) -> tuple[str, ...]:
    found = _typed(record, "languages", list)
    if not all(isinstance(each, str) and each in questionnaire.languages for each in found):
        raise _unclear("languages")
    return tuple(found)


def _pages(record: Json, form: Form) -> dict[str, float]:
    pages = _object(record, "pages")
    if not pages.keys() <= {block.name for block, _ in form.blocks}:
        raise _unclear("pages")
    return {name: _amount(pages, name) for name in pages}


def _moment(record: Json, name: str) -> datetime:
    """A moment with its zone."""
    try:
        moment = datetime.fromisoformat(_typed(record, name, str))
    except ValueError as error:
        raise _unclear(name) from error
    if moment.tzinfo is None:
        raise _unclear(name)
    return moment
