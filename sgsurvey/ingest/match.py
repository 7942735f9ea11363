"""Columns to items: each head finds its question by name or label, never by position; what finds none is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names, Target, scale_words, wording
from sgsurvey.questionnaire.model import Questionnaire

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
    identifiers : list of heads of direct identifiers, which are left out
    """

    carried: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    options: dict[str, dict[int, int]] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)

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
            if head or any(raw.columns[place]):
                binding.unknown.append(head)
                _tell_unknown(head, place, binding, names, events)
        elif target.kind == "platform":
            platform.append(head)
        elif target.kind != "carried" and names.items[target.name].identifier == "direct":
            binding.identifiers.append(head)
        else:
            found.setdefault(target, []).append(place)
    taken = _carried(found, raw, binding)
    platform += [head for head in taken if head]
    for target, places in found.items():
        if target.kind != "carried":
            _place(target, _single(target, places, raw, events), binding)
    for heads, what in ((binding.identifiers, "direct identifiers"), (platform, "platform columns")):
        if heads:
            events.add("SG118", "fix", f"{what} left out: {', '.join(heads)}", n=len(heads), column=heads[0])
    return binding


def _tell_unknown(head: str, place: int, binding: Binding, names: Names, events: Events) -> None:
    near = names.nearest(head) if len(binding.unknown) <= MOST_SUGGESTIONS else ""
    hint = f"; nearest: {near}" if near else ""
    events.add(
        "SG115", "warn", f"column {place + 1} matches no question and was left out{hint}", column=head or "(no head)"
    )


def _carried(found: dict[Target, list[int]], raw: Raw, binding: Binding) -> list[str]:
    """Take the best column for each carried name; the heads of the others are given back."""
    others = []
    for target in sorted((t for t in found if t.kind == "carried"), key=lambda t: t.rank):
        first, *rest = found[target]
        if target.name in binding.carried:
            rest = found[target]
        else:
            binding.carried[target.name] = first
        others += [raw.header[i] for i in rest]
    return others


def _single(target: Target, places: Sequence[int], raw: Raw, events: Events) -> int:
    """One column of several for the same question: they must agree."""
    first, *rest = places
    for other in rest:
        if not np.array_equal(raw.columns[first], raw.columns[other]):
            row = int(raw.rows[int(np.argmax(raw.columns[first] != raw.columns[other]))])
            raise events.error(
                "SG110",
                f"the columns '{raw.header[first]}' ({first + 1}) and '{raw.header[other]}' ({other + 1}) both hold "
                f"{target.name}, and they differ.",
                "Remove or rename one of them.",
                row=row,
            )
        events.add("SG110", "fix", f"{target.name} stands twice with the same answers", column=raw.header[other])
    return first


def _place(target: Target, place: int, binding: Binding) -> None:
    if target.kind == "option":
        binding.options.setdefault(target.name, {})[target.code] = place
    elif target.kind == "assigned":
        binding.assigned[target.name] = place
    else:
        binding.answers[target.name] = place


# Roles --------------------------------------------------------------------------------------------


def roles_of(raw: Raw, binding: Binding, names: Names, role: str | None, events: Events) -> Cells | None:
    """The stakeholder group of each row by code or label, None where unknown; None for all where none are declared."""
    questionnaire = names.questionnaire
    if not questionnaire.roles and role is None:
        return None
    single = role or (questionnaire.roles[0].name if len(questionnaire.roles) == 1 else None)
    if "role" not in binding.carried:
        if single is None:
            raise events.error(
                "SG114",
                "no column says which stakeholder group a row belongs to.",
                f"Add a column 'role' with {', '.join(r.name for r in questionnaire.roles)}, or pass role= for a file "
                "of one group.",
            )
        return np.full(len(raw.rows), questionnaire.role(single).name, dtype=object)
    head, column = raw.header[binding.carried["role"]], raw.columns[binding.carried["role"]]
    words = role_words(questionnaire)
    read = {text: words.get(wording(text)) for text in set(column)}
    roles = np.array([read[text] for text in column], dtype=object)
    strangers = sorted({text for text in read if read[text] is None})
    if len(roles) and not any(roles):
        raise events.error(
            "SG114",
            f"no row names a stakeholder group of the questionnaire; found: {', '.join(map(repr, strangers[:5]))}.",
            f"Use {', '.join(r.name for r in questionnaire.roles)} or their labels.",
            column=head,
        )
    for text in strangers:
        n = int((column == text).sum())
        row = int(raw.rows[int(np.argmax(column == text))])
        events.add("SG114", "quarantine", "unknown stakeholder group", n=n, row=row, column=head, value=text)
    if role is not None and (others := sorted({r for r in roles if r and r != role})):
        raise events.error(
            "SG114",
            f"role='{role}' was given, but the file also has {', '.join(others)}.",
            "Leave role= out: the column tells the groups.",
            column=head,
        )
    return roles


def asked_of(questionnaire: Questionnaire, roles: Cells | None) -> set[str]:
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
