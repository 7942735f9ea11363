"""What the files define, read entry by entry: one broken entry hides none of the others' faults."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sgsurvey.questionnaire.definitions import (
    BY_TYPE,
    SECTIONS,
    BlockDef,
    ChoiceDef,
    Choices,
    ConstructDef,
    Grid,
    Head,
    Label,
    Line,
    Measured,
    Note,
    Number,
    Open,
    Rating,
    RoleDef,
    SelectMany,
    SelectOne,
    Words,
)
from sgsurvey.questionnaire.explain import each_once, explained, resolved
from sgsurvey.questionnaire.fault import Fault, meant
from sgsurvey.questionnaire.model import ItemType, Place
from sgsurvey.questionnaire.syntax import Path_, Source
from sgsurvey.text import Text

Question = Line | Rating | SelectOne | SelectMany | Number | Open | Note


@dataclass(frozen=True)
class Defined:
    """A definition with its name and place; ``value`` is a class of ``definitions``."""

    name: str
    value: Any
    place: Place


@dataclass(frozen=True)
class Asked:
    """A question as it is written, in its block, with the list of choices it uses."""

    name: str
    value: Question
    block: str
    place: Place
    choices: str = ""

    @property
    def type(self) -> ItemType:
        """The type of the question; a line of a grid is a rating."""
        return "rating" if isinstance(self.value, Line) else self.value.type

    @property
    def construct(self) -> str:
        """The construct it names; empty where it names none."""
        return self.value.construct_ if isinstance(self.value, (Measured, Number)) else ""

    @property
    def reverse(self) -> bool:
        """Whether it is declared as reversed."""
        return isinstance(self.value, Measured) and self.value.reverse


@dataclass(frozen=True)
class Draft:
    """Everything the files define, duplicates and all; ``broken`` are names whose definition could not be read."""

    file: str
    head: Head | None = None
    head_places: Mapping[str, Place] = field(default_factory=dict)
    aspects: tuple[Defined, ...] = ()
    choices: tuple[Defined, ...] = ()
    roles: tuple[Defined, ...] = ()
    sheets: tuple[Defined, ...] = ()
    constructs: tuple[Defined, ...] = ()
    blocks: tuple[Defined, ...] = ()
    questions: tuple[Asked, ...] = ()
    broken: frozenset[str] = frozenset()

    def head_place(self, word: str) -> Place:
        """Where a word of the head stands."""
        return self.head_places.get(word, Place(self.file))

    def codes(self, choices: str) -> dict[int, ChoiceDef]:
        """The choices of a list by code; empty where there is no such list."""
        return next((d.value for d in self.choices if d.name == choices), {})


Rule = Callable[[Draft], Iterator[Fault]]
"""What looks at a draft and says what is wrong with it."""


def collect(sources: Sequence[Source], file: str, *, whole: bool = True) -> tuple[Draft, list[Fault]]:
    """The definitions of all files, joined, and the faults of those that cannot be read.

    Where a file is unread (``whole`` is false), nothing is said to be missing: it may stand there.
    """
    reader = _Reader(file, whole)
    for source in sources:
        reader.take(source)
    return _with_roles(reader.draft()), reader.faults


class _Reader:
    """Reads the sections of one file after another."""

    def __init__(self, file: str, whole: bool) -> None:
        self.file = file
        self.whole = whole
        self.faults: list[Fault] = []
        self.broken: set[str] = set()
        self.found: dict[str, list[Any]] = {section: [] for section in SECTIONS}
        self.head: dict[str, Any] = {}
        self.head_source: dict[str, Source] = {}

    def take(self, source: Source) -> None:
        if source.data is None:
            return
        if not isinstance(source.data, dict):
            self._fault(
                source.place(),
                Text("文件不是“词: 内容”的形式。", "the file does not consist of `word: value` lines."),
                Text("请以 id:、choices:、questions: 等开头。", "Begin with id:, choices:, questions: …"),
            )
            return
        for word, value in source.data.items():
            if word not in SECTIONS:
                self._head(source, str(word), value)
            elif word == "questions":
                self._loose_questions(source, value)
            elif isinstance(value, dict):
                for name, definition in value.items():
                    self._define(source, word, str(name), (word, name), definition)
            elif value is not None:
                self._fault(
                    source.place(word),
                    Text(f"'{word}'下面应为“名称: 内容”。", f"'{word}' must hold `name: definition` lines."),
                    Text("请把每项写成缩进的一行。", "Write each one as an indented line."),
                )

    def draft(self) -> Draft:
        places = {word: source.place(word) for word, source in self.head_source.items()}
        head = self._head_of(places)
        parts = {section: tuple(self.found[section]) for section in SECTIONS}
        return Draft(self.file, head, places, broken=frozenset(self.broken), **parts)

    # Head -------------------------------------------------------------------------------------

    def _head(self, source: Source, word: str, value: Any) -> None:
        if word in self.head:
            first = self.head_source[word].place(word)
            self._fault(
                source.place(word),
                Text(f"'{word}'写了两次（另见{first})。", f"'{word}' is given twice (also {first})."),
                Text("请只保留一处。", "Keep one of them."),
            )
        elif word not in Head.model_fields:
            self._fault(
                source.place(word),
                Text(f"不认识'{word}'这个词。", f"'{word}' is not a known word here."),
                meant(word, [*SECTIONS, *Head.model_fields]),
            )
        else:
            self.head[word], self.head_source[word] = value, source

    def _head_of(self, places: Mapping[str, Place]) -> Head | None:
        try:
            return Head.model_validate(self.head)
        except ValidationError as error:
            for details in each_once(self.head, error.errors()):
                word = str(details["loc"][0])
                if word not in self.head and not self.whole:
                    continue
                source = self.head_source.get(word)
                place = source.place(*resolved(self.head, details["loc"])) if source else Place(self.file)
                self._fault(place, *explained(details, self.head, Head))
            return None

    # Sections ---------------------------------------------------------------------------------

    def _define(self, source: Source, section: str, name: str, path: Path_, data: Any) -> None:
        kinds: dict[str, Any] = {
            "aspects": Label,
            "choices": Choices,
            "roles": RoleDef,
            "sheets": RoleDef,
            "constructs": ConstructDef,
            "blocks": BlockDef,
        }
        value = self._read(source, path, data, kinds[section])
        if value is None:
            self.broken.add(name)
            if section == "blocks" and isinstance(data, dict):
                self.broken.update(_names(data.get("items")), _names(data.get("questions")))
            return
        self.found[section].append(Defined(name, value, source.place(*path)))
        if isinstance(value, BlockDef):
            self._block(source, name, path, value)

    def _block(self, source: Source, name: str, path: Path_, block: BlockDef) -> None:
        if (block.items is None) == (block.questions is None):
            self._fault(
                source.place(*path),
                Text(
                    f"题块'{name}'应有 items 或 questions 之一。",
                    f"the block '{name}' needs either items or questions.",
                ),
                Text(
                    "同一量表的各行写在 items，其他写在 questions。",
                    "Lines of one scale go under items:, all else under questions:.",
                ),
            )
        elif block.items is not None:
            if block.choices is None:
                self._fault(
                    source.place(*path),
                    Text(f"题块'{name}'没有 choices。", f"the block '{name}' has items and no choices."),
                    Text("请写明所用的选项表，如 choices: agree5。", "Name the scale, as in choices: agree5."),
                )
            for number, line in enumerate(block.items):
                self._ask(source, (*path, "items", number), line, name, Line, block.choices or "")
        for number, question in enumerate(block.questions or ()):
            self._question(source, (*path, "questions", number), question, name)

    def _loose_questions(self, source: Source, data: Any) -> None:
        """Questions outside blocks: each grid is a block, and so is each run of single questions between grids."""
        if not isinstance(data, list):
            self._fault(
                source.place("questions"),
                Text("'questions'下面应为列表。", "'questions' must be a list."),
                Text("每题以'- '开头。", "Begin each question with '- '."),
            )
            return
        open_block = ""
        for number, question in enumerate(data):
            path: Path_ = ("questions", number)
            if isinstance(question, dict) and question.get("type") == "rating" and "items" in question:
                open_block = ""
                self._grid(source, path, question)
                continue
            if not open_block:
                open_block = self._part(source, path, None)
            self._question(source, path, question, open_block)

    def _grid(self, source: Source, path: Path_, data: dict[str, Any]) -> None:
        grid = self._read(source, path, data, Grid)
        if grid is None:
            self.broken.update(_names(data.get("items")))
            return
        name = self._part(source, path, grid)
        for number, line in enumerate(grid.items):
            self._ask(source, (*path, "items", number), line, name, Line, grid.choices)

    def _part(self, source: Source, path: Path_, grid: Grid | None) -> str:
        """Open a block for loose questions; returns its name."""
        number = len(self.found["blocks"]) + 1
        name = grid.name if grid and grid.name else f"part{number}"
        label = grid.label if grid else Words(zh=f"第{number}部分", en=f"Part {number}")
        self.found["blocks"].append(Defined(name, BlockDef(label=label), source.place(*path)))
        return name

    # Questions --------------------------------------------------------------------------------

    def _question(self, source: Source, path: Path_, data: Any, block: str) -> None:
        kind = data.get("type") if isinstance(data, dict) else None
        if not isinstance(kind, str) or kind not in BY_TYPE:
            self.broken.update(_names([data]))
            what = (
                Text(f"题型'{kind}'不存在。", f"there is no question type '{kind}'.")
                if kind
                else Text("这一题没有 type。", "this question has no type.")
            )
            self._fault(source.place(*path, "type"), what, meant(str(kind or ""), list(BY_TYPE)))
            return
        self._ask(source, path, data, block, BY_TYPE[kind], str(data.get("choices", "")))

    def _ask(self, source: Source, path: Path_, data: Any, block: str, kind: type, choices: str) -> None:
        value = self._read(source, path, data, kind)
        if value is None:
            self.broken.update(_names([data]))
        else:
            self.found["questions"].append(Asked(value.name, value, block, source.place(*path, "name"), choices))

    def _read(self, source: Source, path: Path_, data: Any, kind: Any) -> Any:
        """``data`` as ``kind``, or None with a fault for each thing that is wrong in it."""
        try:
            return _adapter(kind).validate_python(data)
        except ValidationError as error:
            for details in each_once(data, error.errors()):
                place = source.place(*path, *resolved(data, details["loc"]))
                self._fault(place, *explained(details, data, kind, str(path[-1])))
            return None

    def _fault(self, place: Place, what: Text, remedy: Text) -> None:
        self.faults.append(Fault(place, what, remedy))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _names(entries: Any) -> Iterator[str]:
    """Names that stand in broken definitions, so that nobody is told they do not exist."""
    for entry in entries if isinstance(entries, (list, tuple)) else ():
        if isinstance(entry, dict) and "name" in entry:
            yield str(entry["name"])


# A file without roles -------------------------------------------------------------------------------


def _with_roles(draft: Draft) -> Draft:
    """Roles for a questionnaire that declares none: the choices of its question ``role``, or one for everybody.

    The question itself becomes the column ``role`` of the data, which holds the code as text; ``relevant: {role: …}``
    says which roles are asked.
    """
    if draft.roles or "role" in draft.broken:
        return draft
    question = next((q for q in draft.questions if q.name == "role" and q.type == "select_one"), None)
    codes = draft.codes(question.choices) if question else {}
    if question is None or not codes:
        everybody = RoleDef(label=Words(zh="受访者", en="Respondents"))
        return replace(draft, roles=(Defined("respondent", everybody, Place(draft.file)),))
    roles = tuple(
        Defined(str(code), RoleDef(label=Words(zh=choice.zh, en=choice.en)), question.place)
        for code, choice in codes.items()
        if choice.missing is None
    )
    questions = tuple(_role_made_explicit(q) for q in draft.questions if q is not question)
    return replace(draft, roles=roles, questions=questions)


def _role_made_explicit(question: Asked) -> Asked:
    relevant = dict(question.value.relevant)
    codes = relevant.pop("role", None)
    if codes is None:
        return question
    names = tuple(str(code) for code in ([codes] if isinstance(codes, int) else codes))
    return replace(question, value=question.value.model_copy(update={"relevant": relevant, "roles": names}))
