"""Columns to items: each head finds its question by name or label, never by position; what finds none is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.names import Names, Target, scale_words, wording
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text

Roles = npt.NDArray[np.object_]
MOST_SUGGESTIONS = 20


@dataclass(frozen=True)
class Binding:
    """Which column (by position in the file) holds what.

    Attributes
    ----------
    carried : mapping of name to column
    answers : mapping of item to column
    options : mapping of item to {code: column}
    assigned : mapping of item to column
    unknown : list of heads that no question has
    identifiers : list of heads of direct identifiers
    direct : mapping of item to column, for direct identifiers
    """

    carried: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    options: dict[str, dict[int, int]] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    direct: dict[str, int] = field(default_factory=dict)

    def holds(self, item: str) -> bool:
        """Whether the file has a column for ``item``."""
        return item in self.answers or item in self.options


def bind(raw: Raw, names: Names, events: Events) -> Binding:
    """Give every column its question; count and drop what is unknown, identifies, or belongs to the platform."""
    binding = Binding()
    platform = []
    found: dict[Target, list[int]] = {}
    for place, head in enumerate(raw.header):
        target = names.target(head)
        if target is None:
            if head or any(raw.columns[place].texts):
                binding.unknown.append(head)
                _tell_unknown(head, place, binding, names, events)
        elif target.kind == "platform":
            platform.append(head)
        elif target.kind != "carried" and names.items[target.name].identifier == "direct":
            binding.identifiers.append(head)
            binding.direct.setdefault(target.name, place)
        else:
            found.setdefault(target, []).append(place)
    taken = _carried(found, raw, binding, events)
    platform += [head for head in taken if head]
    for target, places in found.items():
        if target.kind != "carried":
            _place(target, _single(target, places, raw, events), binding)
    if platform:
        events.add("SG118.platform", n=len(platform), column=platform[0], heads=", ".join(platform))
    return binding


def _tell_unknown(head: str, place: int, binding: Binding, names: Names, events: Events) -> None:
    near = names.nearest(head) if len(binding.unknown) <= MOST_SUGGESTIONS else ""
    hint = Text(f"；最接近：{near}", f"; nearest: {near}") if near else ""
    events.add("SG115.unknown", column=head or "(no head)", place=place + 1, hint=hint)


def _carried(found: dict[Target, list[int]], raw: Raw, binding: Binding, events: Events) -> list[str]:
    """Take the best column for each carried name; the heads of the others are given back."""
    others = []
    for target in sorted((t for t in found if t.kind == "carried"), key=lambda t: t.rank):
        if target.name in binding.carried:
            others += [raw.header[i] for i in found[target]]
        else:
            binding.carried[target.name] = _single(target, found[target], raw, events)
    return others


def _single(target: Target, places: Sequence[int], raw: Raw, events: Events) -> int:
    """One column of several for the same question: they must agree."""
    first, *rest = places
    for other in rest:
        pairs = zip(raw.rows, raw.columns[first], raw.columns[other], strict=True)
        row = next((int(row) for row, a, b in pairs if a != b), 0)
        if row:
            raise events.error(
                "SG110.differ",
                row=row,
                head=raw.header[first],
                place=first + 1,
                other=raw.header[other],
                other_place=other + 1,
                item=target.name,
            )
        events.add("SG110.alike", column=raw.header[other], item=target.name)
    return first


def _place(target: Target, place: int, binding: Binding) -> None:
    if target.kind == "option":
        binding.options.setdefault(target.name, {})[target.code] = place
    elif target.kind == "assigned":
        binding.assigned[target.name] = place
    else:
        binding.answers[target.name] = place


# Roles --------------------------------------------------------------------------------------------


def roles_of(raw: Raw, binding: Binding, names: Names, role: str | None, events: Events) -> Roles | None:
    """The stakeholder group of each row by code or label, None where unknown; None for all where none are declared."""
    questionnaire = names.questionnaire
    if not questionnaire.roles and role is None:
        return None
    known = ", ".join(r.name for r in questionnaire.roles)
    single = role or (questionnaire.roles[0].name if len(questionnaire.roles) == 1 else None)
    if "role" not in binding.carried:
        if single is None:
            raise events.error("SG114.no_column", roles=known)
        return np.full(len(raw.rows), questionnaire.role(single).name, dtype=object)
    head, column = raw.header[binding.carried["role"]], raw.columns[binding.carried["role"]]
    words = role_words(questionnaire)
    read = [words.get(wording(text)) for text in column.texts]
    roles = column.spread(read)
    # A row that the tool's own columns set aside (still encrypted) need not say its group.
    wanted = np.ones(len(roles), dtype=bool) if raw.reasons is None else raw.reasons == ""
    strangers = [(k, text) for k, text in enumerate(column.texts) if read[k] is None]
    if wanted.any() and not any(roles):
        found = ", ".join(repr(text) for _, text in strangers[:5])
        raise events.error("SG114.none_known", column=head, found=found, roles=known)
    for k, text in strangers:
        rows = raw.rows[(column.codes == k) & wanted]
        if len(rows):
            events.add("SG114.unknown", n=len(rows), row=int(rows[0]), column=head, value=text)
    if role is not None and (others := sorted({r for r in roles if r and r != role})):
        raise events.error("SG114.contradicts", column=head, role=role, others=", ".join(others))
    return roles


def asked_of(questionnaire: Questionnaire, roles: Roles | None) -> set[str]:
    """Names of the items that groups in the file are asked, and of those that decide whether they are; else all.

    Parameters
    ----------
    roles : ndarray of str or None, shape (n,)
        The group of each row; None where the questionnaire has none.
    """
    present = set() if roles is None else {role for role in roles if role}
    names = {item.name for item in questionnaire.items if item.type != "note"}
    if not present:
        return names
    forms = {name: {item.name for item in questionnaire.asked(name)} for name in present}
    asked = {n for n in names if any(n in forms[r] and questionnaire.item(n).asked_of(r) for r in present)}
    return asked | {other for name in asked for other in questionnaire.item(name).relevant}


def role_words(questionnaire: Questionnaire) -> dict[str, str]:
    """Roles by the wording of their names and labels, and by the codes of an item ``role`` whose labels agree."""
    words = {}
    for role in questionnaire.roles:
        for text in (role.name, role.label.zh, role.label.en):
            if text:
                words[wording(text)] = role.name
    asked = next((item for item in questionnaire.items if item.name == "role" and item.scale), None)
    for label, code in (scale_words(asked.scale) if asked else {}).items():
        if label in words:
            words[str(code)] = words[label]
    return words
