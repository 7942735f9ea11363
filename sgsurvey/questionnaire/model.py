"""Questionnaire, Role, Construct, Item, Scale: frozen nouns, no input or output."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeVar

from sgsurvey.errors import QuestionnaireError, did_you_mean
from sgsurvey.text import LANGUAGES, Language, Text

ItemType = Literal["rating", "select_one", "select_multiple", "rank", "integer", "decimal", "text", "date", "note"]
ConstructKind = Literal["reflective", "index", "list", "single", "marker", "background"]
MissingKind = Literal["dont_know", "refused", "not_applicable"]
Scope = Literal["county", "township", "village", "none"]
CODED: frozenset[str] = frozenset({"rating", "select_one", "select_multiple", "rank"})
# Types whose answer may stand in several columns.
SEVERAL: frozenset[str] = frozenset({"select_multiple", "rank"})
CUSTOMARY: dict[int, MissingKind] = {-9: "refused", -8: "dont_know", -7: "not_applicable"}
"""What a study-wide missing code stands for where the questionnaire does not say."""
Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a definition stands: file and line, for messages."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list: its code in the data and its label.

    ``missing`` names the kind of no-answer it is; ``aspect`` the aspect of the study; ``matched`` the item
    that measures how the same thing performs (importance lists); ``exclusive`` that nothing else can be picked
    beside it ("no serious problems").
    """

    code: int
    label: Text
    missing: MissingKind | None = None
    aspect: str = ""
    matched: str = ""
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A named list of choices.  A rating scale is one whose codes are ordered."""

    name: str
    choices: tuple[Choice, ...]
    place: Place = field(default_factory=Place, compare=False)

    @property
    def valid(self) -> tuple[Choice, ...]:
        """The choices that are answers, in the order shown."""
        return tuple(c for c in self.choices if c.missing is None)

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes of the valid choices."""
        return tuple(c.code for c in self.valid)

    @property
    def missing_codes(self) -> dict[int, MissingKind]:
        """Codes that stand for a kind of no-answer."""
        return {c.code: c.missing for c in self.choices if c.missing is not None}

    @property
    def limits(self) -> tuple[int, int]:
        """Lowest and highest valid code: the theoretical limits of an item on this scale."""
        return min(self.codes), max(self.codes)

    def label(self, code: int) -> Text:
        """Label of ``code``, valid or missing."""
        for choice in self.choices:
            if choice.code == code:
                return choice.label
        raise QuestionnaireError(
            f"the scale '{self.name}' has no code {code}.",
            where=str(self.place),
            remedy=f"Its codes are {', '.join(str(c.code) for c in self.choices)}.",
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One question, or one line of a grid; one column of the data (a ``select_multiple`` has one per choice).

    Attributes
    ----------
    construct : str
        Name of the construct it measures, empty if none.
    reverse : bool
        High code means little of the construct; keyed by ``low + high - x`` when items are read, never in storage.
    roles : tuple of str
        Roles that are asked; empty means every role.
    check : int or None
        The code an attentive respondent gives (instructed item); such an item belongs to no construct.
    relevant : mapping of item name to codes
        Asked only when *every* named item has one of its codes.
    limits : (low, high) or None
        Smallest and largest number allowed, for numeric items; for coded ones the scale decides.
    head : Text or None
        What tables call it, where the question itself is too long: ``Age`` for "How old are you?".
    identifier : str
        ``direct`` never reaches clean data; ``quasi`` counts for k-anonymity.
    most : int or None
        How many choices may be picked, for ``select_multiple`` and ``rank``.
    assign : tuple of int
        Values one of which is drawn for each respondent and shown in the label (``{assigned}``); kept in the
        column ``name_assigned``.
    """

    name: str
    type: ItemType
    label: Text
    scale: Scale | None = None
    construct: str = ""
    reverse: bool = False
    roles: tuple[str, ...] = ()
    short_form: bool = False
    check: int | None = None
    required: bool = False
    relevant: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    missing: Mapping[int, MissingKind] = field(default_factory=dict)
    most: int | None = None
    randomize: bool = False
    assign: tuple[int, ...] = ()
    identifier: Literal["no", "quasi", "direct"] = "no"
    hint: Text | None = None
    head: Text | None = None
    place: Place = field(default_factory=Place, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that hold the answer.

        A ``select_multiple`` or ``rank`` has one per choice, ``name_code``: 0/1 chosen, or the rank given
        (1 first, 0 not picked).
        """
        if self.type in SEVERAL and self.scale is not None:
            return tuple(f"{self.name}_{c.code}" for c in self.scale.valid)
        if self.type == "note":
            return ()
        return (self.name, f"{self.name}_assigned") if self.assign else (self.name,)

    @property
    def missing_codes(self) -> dict[int, MissingKind]:
        """Codes that stand for a kind of no-answer: the item's own and those of its scale."""
        own: dict[int, MissingKind] = dict(self.missing)
        return {**(self.scale.missing_codes if self.scale else {}), **own}

    def asked_of(self, role: str) -> bool:
        """Whether ``role`` is asked this item."""
        return not self.roles or role in self.roles


@dataclass(frozen=True, slots=True)
class Construct:
    """What a set of items measures.

    Attributes
    ----------
    kind : str
        ``reflective`` items share a cause (alpha, factors allowed); an ``index`` or ``list`` is reported item by item.
    aspect : str
        Aspect of the study it belongs to (effect, management, funding, supervision …).
    high_is : str
        ``good`` or ``bad``: what a high score means, for shortfalls and colours.
    at_least : float
        Share of items that must be answered for a score.
    """

    name: str
    label: Text
    kind: ConstructKind = "reflective"
    aspect: str = ""
    high_is: Literal["good", "bad"] = "good"
    at_least: float = 0.75
    source: str = ""
    items: tuple[str, ...] = ()
    place: Place = field(default_factory=Place, compare=False)


@dataclass(frozen=True, slots=True)
class Role:
    """A stakeholder group: its code in the column ``role``, what it judges, and the blocks it is asked in order."""

    name: str
    label: Text
    scope: Scope = "none"
    mode: str = ""
    blocks: tuple[str, ...] = ()
    introduction: Text | None = None
    place: Place = field(default_factory=Place, compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Items asked together under one stem."""

    name: str
    label: Text
    items: tuple[str, ...] = ()
    place: Place = field(default_factory=Place, compare=False)


@dataclass(frozen=True)
class Questionnaire:
    """One instrument with several role forms: a shared item is defined once, so that groups can be compared.

    Attributes
    ----------
    id, version : str
        Name of the instrument, and of its wording: a changed wording is a new version.
    title : Text
    language : "zh" or "en"
        In which results show themselves unless told otherwise.
    languages : tuple of languages
        In which every label must be there.
    aspects : mapping of name to Text
        Labels of the headings under which constructs stand together.
    scales : mapping of name to Scale
        Lists of choices that items share.
    constructs : tuple of Construct
        What is measured, and by which kind of scale.
    blocks : tuple of Block
        Items that are asked together; forms are made of them.
    items : tuple of Item
        Every question once, in the order of the files.
    smallest_cell : int
        Cells of tables with fewer respondents are not shown.
    source : str
        The file or folder it was read from.
    roles : tuple of Role
        The groups of respondents, in the order of tables.
    sheets : tuple of Role
        Forms that field staff fill in about a place (an observer's sheet): never a group of respondents; their items
        are in ``items`` and are asked of the sheet's name alone.
    missing : tuple of Choice
        Codes of no-answer that hold for the whole study, with their labels; each coded or numeric item has them.
    """

    id: str
    version: str
    title: Text
    language: Language = "zh"
    languages: tuple[Language, ...] = LANGUAGES
    roles: tuple[Role, ...] = ()
    sheets: tuple[Role, ...] = ()
    aspects: Mapping[str, Text] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    constructs: tuple[Construct, ...] = ()
    blocks: tuple[Block, ...] = ()
    items: tuple[Item, ...] = ()
    missing: tuple[Choice, ...] = ()
    smallest_cell: int = 5
    source: str = ""

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.name: item for item in self.items}

    @cached_property
    def _constructs(self) -> dict[str, Construct]:
        return {construct.name: construct for construct in self.constructs}

    @cached_property
    def _labels(self) -> dict[str, Text]:
        """Labels by name; where two kinds share a name, item wins over construct over role over aspect."""
        labels = dict(self.aspects)
        for named in (self.sheets, self.roles, self.constructs, self.items):
            labels.update({noun.name: noun.label for noun in named})
        return labels | {item.name: item.head for item in self.items if item.head is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._items or name in self._constructs

    def item(self, name: str) -> Item:
        """The item called ``name``; an error with the nearest name if there is none."""
        return _find(name, self._items, "item")

    def construct(self, name: str) -> Construct:
        """The construct called ``name``; an error with the nearest name if there is none."""
        return _find(name, self._constructs, "construct")

    def role(self, name: str) -> Role:
        """The role (or sheet) called ``name``; an error with the nearest name if there is none."""
        return _find(name, {r.name: r for r in (*self.roles, *self.sheets)}, "role")

    def block(self, name: str) -> Block:
        """The block called ``name``; an error with the nearest name if there is none."""
        return _find(name, {b.name: b for b in self.blocks}, "block")

    def items_of(self, construct: str) -> tuple[Item, ...]:
        """The items of a construct, in order."""
        return tuple(self.item(name) for name in self.construct(construct).items)

    def form(self, role: str, *, short: bool = False) -> Iterator[tuple[Block, tuple[Item, ...]]]:
        """The blocks a role (or sheet) is asked, in order, each with the items that it (or its short form) sees."""
        for name in self.role(role).blocks:
            block = self.block(name)
            items = tuple(
                item
                for item in map(self.item, block.items)
                if item.asked_of(role) and (item.short_form or not short or item.type != "rating")
            )
            if items:
                yield block, items

    def asked(self, role: str) -> tuple[Item, ...]:
        """All items asked of ``role``, in the order shown."""
        return tuple(item for _, items in self.form(role) for item in items)

    def label(self, name: str) -> Text:
        """Label of an item, construct, role or aspect; the name itself where nothing is defined."""
        return self._labels.get(name, Text(name, name))

    @property
    def labels(self) -> Mapping[str, Text]:
        """Labels of all items, constructs, roles and aspects by name."""
        return self._labels


def _find(name: str, known: Mapping[str, Named], noun: str) -> Named:
    if name not in known:
        raise QuestionnaireError(
            f"there is no {noun} '{name}'.",
            remedy=did_you_mean(name, list(known)).strip() or f"Known: {_shortened(known)}.",
        )
    return known[name]


def _shortened(names: Iterable[str], most: int = 12) -> str:
    listed = list(names)
    return ", ".join(listed[:most]) + (f" … ({len(listed)} in all)" if len(listed) > most else "")
