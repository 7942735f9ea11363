"""One role's form before any format: items in order, their numbers, what may be answered, when they are asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from sgsurvey.errors import QuestionnaireError
from sgsurvey.questionnaire.model import Block, Choice, Item, MissingKind, Questionnaire, Role
from sgsurvey.text import Text

KIND_WORDS: dict[MissingKind, Text] = {
    "dont_know": Text("不知道", "Don't know"),
    "refused": Text("拒答", "Refused"),
    "not_applicable": Text("不适用", "Not applicable"),
}
"""Words for a code of no-answer that an item declares without a label."""

TIMES = ("t_start", "t_end")
"""Columns of the data that an electronic form fills in by itself, where paper asks for them."""

INTRODUCTION = "introduction"
"""The note that holds a role's introduction."""


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring items of a block: the lines of a grid (``grid``), or one question."""

    block: Block
    items: tuple[Item, ...]
    grid: bool


@dataclass(frozen=True)
class Form:
    """What a role (or a sheet of field staff) is asked, in order.

    Attributes
    ----------
    questionnaire : Questionnaire
    role : Role
    short : bool
        The short form: of the rating items those marked ``short``.
    blocks : tuple of (Block, tuple of Item)
    """

    questionnaire: Questionnaire
    role: Role
    short: bool
    blocks: tuple[tuple[Block, tuple[Item, ...]], ...]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in the order shown."""
        return tuple(item for _, items in self.blocks for item in items)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number that each question bears on every form and sheet; notes have none."""
        asked = [item.name for item in self.items if item.type != "note"]
        return {name: number for number, name in enumerate(asked, start=1)}

    @property
    def is_sheet(self) -> bool:
        """Whether field staff fill it in about a place: nobody is asked."""
        return self.role in self.questionnaire.sheets

    @property
    def name(self) -> str:
        """Name of the form among the forms of all questionnaires; letters, digits, ``_ . -`` only."""
        whole = "_".join([self.questionnaire.id, self.role.name, *(["short"] if self.short else [])])
        return re.sub(r"[^A-Za-z0-9_.-]+", "_", whole)

    @property
    def title(self) -> Text:
        """Title of the questionnaire with the role that this form is for."""
        title, role = self.questionnaire.title, self.role.label
        if len(self.questionnaire.roles) + len(self.questionnaire.sheets) == 1:
            return title
        return Text(f"{title.zh}（{role.zh}）", f"{title.en} ({role.en})")

    def parts(self, *, by_condition: bool = False) -> Iterator[Part]:
        """Grids and single questions; a grid needs two lines, on one scale and (``by_condition``) asked under one."""
        for block, items in self.blocks:
            for scale, run in groupby(items, key=lambda item: self._line_of(item, by_condition)):
                together = tuple(run)
                if scale is not None and len(together) > 1:
                    yield Part(block, together, grid=True)
                else:
                    yield from (Part(block, (item,), grid=False) for item in together)

    def _line_of(self, item: Item, by_condition: bool) -> tuple[object, ...] | None:
        """What the lines of one grid share."""
        if item.type != "rating" or item.scale is None or item.assign:
            return None
        conditions = tuple(self.conditions(item).items()) if by_condition else ()
        return item.scale.name, self.choices(item), conditions

    def conditions(self, item: Item) -> Mapping[str, tuple[int, ...]]:
        """The conditions under which ``item`` is asked, as far as this form asks what they depend on.

        One on a question that is not here cannot be checked; it is taken as met, as ``Responses.shown`` does.
        """
        return {name: codes for name, codes in item.relevant.items() if name in self.numbers}

    # What may be answered --------------------------------------------------------------------------

    def choices(self, item: Item) -> tuple[Choice, ...]:
        """The choices shown, valid ones and codes of no-answer, in order; empty for an item without choices.

        Several choices (``select_multiple``, ``rank``) have no codes of no-answer beyond their own list: who picks
        nothing gave no answer.
        """
        if item.scale is None:
            return ()
        if item.type == "rank":
            return item.scale.valid
        if item.type == "select_multiple":
            return tuple(replace(c, exclusive=c.exclusive or c.missing is not None) for c in item.scale.choices)
        return item.scale.choices + self.no_answers(item)

    def no_answers(self, item: Item) -> tuple[Choice, ...]:
        """Codes of no-answer that ``item`` has beside its scale, with labels.

        Those of the whole study are offered where the scale has none of their kind, and where somebody is asked: not
        on sheets, and on rating items only when an interviewer must tell a refusal from an oversight; who fills in
        a scale alone passes it over.
        """
        if item.type not in ("rating", "select_one", "integer", "decimal"):
            return ()
        own = item.scale.choices if item.scale else ()
        codes, kinds = {c.code for c in own}, {c.missing for c in own}
        study_wide = {c.code: c for c in self.questionnaire.missing}
        offered = not self.is_sheet and (item.type != "rating" or item.required or "interviewer" in self.role.mode)
        found = []
        for code, kind in sorted(item.missing.items(), reverse=True):
            if code in codes or (code in study_wide and (kind in kinds or not offered)):
                continue
            found.append(study_wide.get(code) or Choice(code, KIND_WORDS[kind], kind))
        return tuple(found)


def lay_out(questionnaire: Questionnaire, role: str, *, short: bool = False) -> Form:
    """The form of ``role``, or its short form.

    Raises
    ------
    QuestionnaireError
        There is no such role or sheet (the nearest name is given), or nothing in its form is marked ``short``.
    """
    asked = questionnaire.role(role)
    rated = [item for item in questionnaire.asked(role) if item.type == "rating"]
    if short and rated and not any(item.short_form for item in rated):
        raise QuestionnaireError(
            Text(f"'{role}'没有短卷。", f"'{role}' has no short form."),
            remedy=Text("请在短卷要问的题目上写 short: true。", "Mark the items that it asks with short: true."),
        )
    return Form(questionnaire, asked, short, tuple(questionnaire.form(role, short=short)))


def places(item: Item) -> tuple[str, ...]:
    """Questions that ask the first few of a ``rank`` place by place; none where the whole list is ranked."""
    if item.type != "rank" or item.scale is None or item.most is None or item.most >= len(item.scale.valid):
        return ()
    return tuple(f"{item.name}_pick{number}" for number in range(1, item.most + 1))


def seed_name(item: Item) -> str:
    """The hidden answer that keeps the order of options alike in all places of ``item``; pyxform wants lower case."""
    return f"{item.name.lower()}_seed"


def additions(questionnaire: Questionnaire) -> Iterator[str]:
    """Columns that an electronic form adds to the data and that hold nothing of their own: notes, places, seeds."""
    yield INTRODUCTION
    for item in questionnaire.items:
        if item.type == "note":
            yield item.name
        if named := places(item):
            yield from (*named, seed_name(item))


def number_words(number: float) -> str:
    """A limit as people and XPath write it: ``50000``, not ``5e+04``; ``0.5``."""
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")
