"""Rows of an older version of the questionnaire: read by its definition, then given the codes of the present one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sgsurvey.ingest import values
from sgsurvey.ingest.assemble import missing_words
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.match import Binding, role_words
from sgsurvey.ingest.names import Names, plain, wording
from sgsurvey.ingest.reading import is_invalid
from sgsurvey.questionnaire.model import CODED, Choice, Item, Questionnaire

NOT_SHOWN = "{question_not_shown}"
SEVERAL = ("select_multiple", "rank")
MOST_NAMED = 8


def known_heads(raw: Raw, names: Names, versions: Sequence[Questionnaire]) -> Raw:
    """Heads in the wording of an older version alone, as the name of their question."""
    older = [Names(version, None) for version in versions]
    heads = list(raw.header)
    for place, head in enumerate(heads):
        if names.target(head) is None:
            found = [target for other in older if (target := other.target(head)) is not None]
            said = {target.name for target in found if target.kind == "answer" and target.name in names.items}
            if len(said) == 1:
                heads[place] = said.pop()
    return replace(raw, header=tuple(heads))


def by_version(
    raw: Raw,
    binding: Binding,
    questionnaire: Questionnaire,
    versions: Sequence[Questionnaire],
    allowed: set[str],
    events: Events,
) -> Raw:
    """The file with every row in the codes of ``questionnaire``.

    A row without a version, and every row of a file without such a column, belongs to ``questionnaire``.

    Parameters
    ----------
    versions : sequence of Questionnaire
        Older definitions of the same questionnaire.
    allowed : set of str
        Items that may be missing: where an older answer cannot be carried over, it is left empty.

    Raises
    ------
    DataError
        SG113: a version that was not given, another questionnaire, or items whose answers mean something else.
    """
    for version in versions:
        if version.id != questionnaire.id:
            raise events.error("SG113.foreign", other=version.id, questionnaire=questionnaire.id)
    if "version" not in binding.carried:
        return raw
    place = binding.carried["version"]
    known = {version.version: version for version in versions if version.version != questionnaire.version}
    told = [plain(text) for text in raw.columns[place].texts]
    others = sorted(set(told) - {"", questionnaire.version, *known})
    if others:
        raise events.error(
            "SG113.version", column=raw.header[place], others=", ".join(others[:3]), version=questionnaire.version
        )
    whose = raw.columns[place].spread(told)
    for name in sorted(set(told) & set(known)):
        raw = _Older(known[name], questionnaire, binding, whose == name, events).carried_over(raw, allowed)
    return raw


@dataclass
class _Older:
    """The rows of one older version.

    Attributes
    ----------
    rows : ndarray of bool, shape (n,)
    """

    old: Questionnaire
    new: Questionnaire
    binding: Binding
    rows: npt.NDArray[np.bool_]
    events: Events
    recoded: list[str] = field(default_factory=list)
    reworded: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    def carried_over(self, raw: Raw, allowed: set[str]) -> Raw:
        """The file with these rows in the present codes."""
        self.events.add("SG113.older", n=int(self.rows.sum()), other=self.old.version)
        before = {item.name: item for item in self.old.items}
        for item in self.new.items:
            if places := self._places(item.name):
                raw = self._item(raw, before.get(item.name), item, places)
        refused = [name for name in self.differs if name not in allowed]
        if refused:
            raise self.events.error(
                "SG113.differs", other=self.old.version, version=self.new.version, items=_listed(refused)
            )
        told = {"SG113.recoded": self.recoded, "SG113.reworded": self.reworded, "SG113.emptied": self.differs}
        for name, items in told.items():
            if items:
                self.events.add(name, n=len(items), other=self.old.version, items=_listed(items))
        return self._roles(raw)

    def _places(self, name: str) -> list[int]:
        """Every column of an item."""
        binding = self.binding
        single = [held[name] for held in (binding.answers, binding.carried, binding.assigned) if name in held]
        return [*single, *binding.options.get(name, {}).values()] if name != "role" else []

    def _item(self, raw: Raw, old: Item | None, new: Item, places: list[int]) -> Raw:
        if old is None:
            return self._changed(raw, places, lambda text: text if text.strip() else NOT_SHOWN)
        codes = codes_between(old, new)
        same = codes is not None and all(code == other for code, other in codes.items())
        if codes is None or (not same and new.name in self.binding.options):
            self.differs.append(new.name)
            return self._changed(raw, places, lambda _: "")
        if not same:
            self.recoded.append(new.name)
        if any(wording(a) != wording(b) for a, b in ((old.label.zh, new.label.zh), (old.label.en, new.label.en))):
            self.reworded.append(new.name)
        place = self.binding.answers.get(new.name, self.binding.carried.get(new.name))
        if place is None or old.scale is None or old.type not in (*CODED, *SEVERAL):
            return raw
        return self._changed(raw, [place], self._recoder(old, codes))

    def _recoder(self, old: Item, codes: dict[int, int]) -> Callable[[str], str]:
        """What turns a cell as the older version has it into one of the present version."""
        words = missing_words(old, self.old)
        read = (values.several_reader if old.type in SEVERAL else values.code_reader)(old, words)

        def recoded(text: str) -> str:
            reading = read(text)
            if is_invalid(reading):
                # It must not become an answer because the present version has such a code.
                return f"{text} [{self.old.version}]"
            if isinstance(reading.value, tuple):
                return " ".join(str(codes[code]) for code in reading.value) or text
            return str(codes[int(reading.value)]) if isinstance(reading.value, (int, float)) else text

        return recoded

    def _roles(self, raw: Raw) -> Raw:
        """Codes of groups as names, which both versions share."""
        if "role" not in self.binding.carried:
            return raw
        words = role_words(self.old)
        return self._changed(raw, [self.binding.carried["role"]], lambda text: words.get(wording(text), text))

    def _changed(self, raw: Raw, places: list[int], change: Callable[[str], str]) -> Raw:
        """The columns with these rows' cells changed, each different text once."""
        columns = list(raw.columns)
        for place in places:
            cells = columns[place]
            changed = {cells.texts[k]: change(cells.texts[k]) for k in np.unique(cells.codes[self.rows])}
            if any(text != other for text, other in changed.items()):
                pairs = zip(self.rows, cells, strict=True)
                columns[place] = Cells.of(changed[text] if here else text for here, text in pairs)
        return replace(raw, columns=tuple(columns))


def codes_between(old: Item, new: Item) -> dict[int, int] | None:
    """The present code for each code of an older version of an item, by its labels.

    None where answers to both cannot stand in one column: another type, another key, another instructed answer, other
    values drawn; a choice whose label is gone or stands for two; a rating with another number of steps.
    """
    if (old.type, old.reverse, old.check, old.assign) != (new.type, new.reverse, new.check, new.assign):
        return None
    codes = _missing_between(old, new)
    if codes is None or (old.scale is None) != (new.scale is None):
        return None
    if old.scale is None or new.scale is None:
        return codes
    if old.type == "rating" and len(old.scale.valid) != len(new.scale.valid):
        return None
    for choice in old.scale.choices:
        alike = [other.code for other in new.scale.choices if _alike(choice, other)]
        if len(alike) != 1:
            return None
        codes[choice.code] = alike[0]
    return codes if len(set(codes.values())) == len(codes) else None


def _missing_between(old: Item, new: Item) -> dict[int, int] | None:
    """Codes for no answer beside the scale: the same where it stands for the same, or else the only one of its kind."""
    codes = {}
    now = new.missing_codes
    for code, kind in old.missing.items():
        same_kind = [other for other, its in now.items() if its == kind]
        if now.get(code) == kind:
            codes[code] = code
        elif len(same_kind) == 1:
            codes[code] = same_kind[0]
        else:
            return None
    # Numbers are kept as they stand, so that their codes must be too.
    return codes if old.scale is not None or all(a == b for a, b in codes.items()) else None


def _alike(choice: Choice, other: Choice) -> bool:
    """The same label in some language, and the same kind of answer or of none."""
    pairs = ((choice.label.zh, other.label.zh), (choice.label.en, other.label.en))
    return choice.missing == other.missing and any(a and wording(a) == wording(b) for a, b in pairs)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
