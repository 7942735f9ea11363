"""Questionnaire files to a Questionnaire: a file, or a folder whose files are joined."""

from collections.abc import Sequence
from math import inf
from pathlib import Path

from sgsurvey.questionnaire import definitions
from sgsurvey.questionnaire.definitions import ChoiceDef, ConstructDef, MissingDef, Number, SelectMany, Words
from sgsurvey.questionnaire.draft import Asked, Defined, Draft, Question, collect
from sgsurvey.questionnaire.fault import Fault, as_error, errors
from sgsurvey.questionnaire.model import (
    CODED,
    CUSTOMARY,
    Block,
    Choice,
    Construct,
    Item,
    MissingKind,
    Place,
    Questionnaire,
    Role,
    Scale,
)
from sgsurvey.questionnaire.rules import faults
from sgsurvey.questionnaire.syntax import Source, read_yaml
from sgsurvey.text import Language, Text


def read_questionnaire(path: str | Path, *, language: Language = "zh") -> Questionnaire:
    """Read a questionnaire: one YAML file, or a folder whose YAML files are joined.

    Parameters
    ----------
    path : str or Path
        A file, or a folder with ``*.yaml`` files; every definition stands in one of them.
    language : {"zh", "en"}
        In which language results show themselves; the first declared one where the questionnaire lacks it.

    Returns
    -------
    Questionnaire

    Raises
    ------
    QuestionnaireError
        Lists every fault with file, line and remedy.

    Examples
    --------
    ``instrument = sg.read_questionnaire("questionnaires", language="zh")``
    """
    draft, found = _read(Path(path))
    stopping = errors(found)
    if stopping or draft is None or draft.head is None:
        raise as_error(stopping, str(path))
    return _built(draft, language)


def check_questionnaire(path: str | Path) -> list[Fault]:
    """Every fault of a questionnaire's files, in the order of files and lines; empty when it is sound.

    Parameters
    ----------
    path : str or Path
        As for ``read_questionnaire``.

    Returns
    -------
    list of Fault
        Errors, which stop ``read_questionnaire``, and warnings, which do not.
    """
    return _read(Path(path))[1]


def _read(path: Path) -> tuple[Draft | None, list[Fault]]:
    files, found = _files(path)
    sources: list[Source] = []
    for file, name in files:
        source, unreadable = read_yaml(file, name)
        found += unreadable
        if source is not None:
            sources.append(source)
    if not files:
        return None, found
    whole = len(sources) == len(files)
    draft, misread = collect(sources, str(path), whole=whole)
    found += misread
    if whole:
        found += faults(draft)
    found.sort(key=lambda fault: (fault.where.file, fault.where.line))
    return draft, found


def _files(path: Path) -> tuple[list[tuple[Path, str]], list[Fault]]:
    """The files to read, each with the name that messages use."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file())
        if files:
            return [(file, f"{path.name}/{file.name}" if path.name else file.name) for file in files], []
        what = Text("文件夹里没有.yaml文件。", "the folder holds no .yaml file.")
        return [], [Fault(Place(str(path)), what, Text("请指定问卷文件夹。", "Name the folder of the questionnaire."))]
    if path.exists():
        return [(path, path.name)], []
    what = Text("没有这个文件或文件夹。", "there is no such file or folder.")
    return [], [Fault(Place(str(path)), what, Text("请检查路径。", "Check the path."))]


# Draft to model -------------------------------------------------------------------------------------


def _built(draft: Draft, language: Language) -> Questionnaire:
    """The model of a draft that has no errors."""
    head = draft.head
    if head is None:
        raise as_error([], draft.file)
    roles = _ordered(draft.roles, head.role_order)
    sheets = list(draft.sheets)
    names = [block.name for block in draft.blocks]
    asked_in = {form.name: form.value.blocks or (tuple(names) if form in roles else ()) for form in (*roles, *sheets)}
    order = list(dict.fromkeys(block for blocks in asked_in.values() for block in blocks))
    questions = sorted((q for q in draft.questions if q.block in order), key=lambda q: order.index(q.block))
    study_wide = {code: _missing_kind(code, entry) for code, entry in head.missing.items()}
    scales = {d.name: _scale(d) for d in draft.choices}
    quasi = head.privacy.quasi_identifiers
    everyone = tuple(role.name for role in roles)
    items = tuple(_item(q, scales, study_wide, _roles_of(q, asked_in, everyone), q.name in quasi) for q in questions)
    return Questionnaire(
        id=head.id,
        version=head.version,
        title=_text(head.title),
        language=language if language in head.languages else head.languages[0],
        languages=head.languages,
        roles=tuple(_role(role, asked_in[role.name]) for role in roles),
        sheets=tuple(_role(sheet, asked_in[sheet.name]) for sheet in sheets),
        aspects={aspect.name: _text(aspect.value) for aspect in draft.aspects},
        scales=scales,
        constructs=_constructs(draft.constructs, items),
        blocks=tuple(
            _block(b, questions)
            for b in sorted((b for b in draft.blocks if b.name in order), key=lambda b: order.index(b.name))
        ),
        items=items,
        missing=tuple(Choice(code, _text(entry), study_wide[code]) for code, entry in head.missing.items()),
        smallest_cell=head.privacy.smallest_cell,
        source=draft.file,
    )


def _text(words: Words | None) -> Text:
    return Text(words.zh or "", words.en or "") if words else Text("", "")


def _ordered(roles: Sequence[Defined], order: Sequence[str]) -> list[Defined]:
    return sorted(roles, key=lambda role: order.index(role.name)) if order else list(roles)


def _role(role: Defined, blocks: tuple[str, ...]) -> Role:
    value = role.value
    introduction = _text(value.introduction) if value.introduction else None
    return Role(role.name, _text(value.label), value.scope, value.mode, blocks, introduction, role.place)


def _missing_kind(code: int, entry: MissingDef) -> MissingKind:
    return entry.missing or CUSTOMARY[code]


def _scale(defined: Defined) -> Scale:
    def choice(code: int, entry: ChoiceDef) -> Choice:
        return Choice(code, _text(entry), entry.missing, entry.aspect, entry.matched, entry.exclusive)

    return Scale(defined.name, tuple(choice(code, entry) for code, entry in defined.value.items()), defined.place)


def _roles_of(question: Asked, asked_in: dict[str, tuple[str, ...]], everyone: tuple[str, ...]) -> tuple[str, ...]:
    """Who is asked: the roles of its block, fewer where the question names its own; empty for every role."""
    forms = tuple(name for name, blocks in asked_in.items() if question.block in blocks)
    own = question.value.roles
    forms = tuple(name for name in forms if name in own) if own else forms
    return () if forms == everyone else forms


def _item(
    question: Asked,
    scales: dict[str, Scale],
    study_wide: dict[int, MissingKind],
    roles: tuple[str, ...],
    quasi: bool,
) -> Item:
    value, kind = question.value, question.type
    own: dict[int, MissingKind] = getattr(value, "missing", {})
    identifier = value.identifier if isinstance(value, definitions.Asked) else "no"
    return Item(
        name=question.name,
        type=kind,
        label=_text(value.label),
        scale=scales[question.choices] if kind in CODED else None,
        construct=getattr(value, "construct_", ""),
        reverse=getattr(value, "reverse", False),
        roles=roles,
        short_form=getattr(value, "short", False),
        check=getattr(value, "check", None),
        required=getattr(value, "required", False),
        relevant={name: (codes,) if isinstance(codes, int) else codes for name, codes in value.relevant.items()},
        limits=_limits(value),
        missing={**study_wide, **own} if kind in CODED or isinstance(value, Number) else {},
        most=value.max if isinstance(value, SelectMany) else None,
        randomize=getattr(value, "randomize", False),
        assign=getattr(value, "assign", ()),
        identifier="quasi" if quasi and identifier == "no" else identifier,
        hint=_text(value.hint) if value.hint else None,
        head=_text(value.head) if isinstance(value, definitions.Asked) and value.head else None,
        place=question.place,
    )


def _limits(value: Question) -> tuple[float, float] | None:
    if not isinstance(value, Number) or (value.min is None and value.max is None):
        return None
    return (-inf if value.min is None else value.min, inf if value.max is None else value.max)


def _constructs(defined: Sequence[Defined], items: Sequence[Item]) -> tuple[Construct, ...]:
    """Constructs in the order in which they are first asked; one whose items nobody is asked is left out."""
    of: dict[str, list[str]] = {}
    for item in items:
        if item.construct:
            of.setdefault(item.construct, []).append(item.name)
    by_name = {d.name: d for d in defined}
    return tuple(_construct(by_name[name], tuple(names)) for name, names in of.items())


def _construct(defined: Defined, items: tuple[str, ...]) -> Construct:
    value: ConstructDef = defined.value
    share = value.at_least if isinstance(value.at_least, float) else value.at_least / len(items)
    return Construct(
        defined.name,
        _text(value.label),
        value.kind,
        value.aspect,
        value.high_is,
        share,
        value.source,
        items,
        defined.place,
    )


def _block(block: Defined, questions: Sequence[Asked]) -> Block:
    names = tuple(q.name for q in questions if q.block == block.name)
    return Block(block.name, _text(block.value.label), names, block.place)
