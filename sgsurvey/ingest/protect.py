"""Who answered stays out of the answers: identifiers are left out or hashed, personal data in texts masked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from sgsurvey.answers.personal_data import MARKS, PersonalKind, mask
from sgsurvey.answers.pseudonyms import Pseudonyms, read_key
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.match import Binding
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.ingest.rows import DESTROYED
from sgsurvey.questionnaire.model import Questionnaire


def protect(
    raw: Raw, binding: Binding, questionnaire: Questionnaire, options: ReadOptions, events: Events
) -> tuple[Raw, Binding]:
    """The file without what names people, before any cell of it is understood, told or set aside.

    Direct identifiers are left out, or are columns of pseudonyms where the options name a key; personal data in the
    answers to open questions, and in lines of the wrong shape, are masked.
    """
    if binding.direct and options.pseudonyms is not None:
        raw, binding = _hashed(raw, binding, Pseudonyms(questionnaire.id, read_key(options.pseudonyms)), events)
    elif binding.identifiers:
        heads = binding.identifiers
        events.add("SG118.identifiers", n=len(heads), column=heads[0], heads=", ".join(heads))
    return _masked(raw, binding, questionnaire, events), binding


def _hashed(raw: Raw, binding: Binding, pseudonyms: Pseudonyms, events: Events) -> tuple[Raw, Binding]:
    for place in binding.direct.values():
        cells = raw.columns[place]
        # Many people share what a spreadsheet left of a long number: it is nobody's.
        spoiled = [bool(re.fullmatch(DESTROYED, text.strip())) for text in cells.texts]
        if any(spoiled):
            n = int(cells.counts[spoiled].sum())
            events.add("SG175.destroyed", n=n, column=raw.header[place])
        raw = raw.rewritten(place, lambda text: _pseudonym(text, pseudonyms))
    heads = binding.identifiers
    events.add("SG175.hashed", n=len(heads), column=heads[0], heads=", ".join(heads))
    return raw, replace(binding, answers={**binding.answers, **binding.direct})


def _pseudonym(text: str, pseudonyms: Pseudonyms) -> str:
    return "" if re.fullmatch(DESTROYED, text.strip()) else pseudonyms.of(text) or ""


def _masked(raw: Raw, binding: Binding, questionnaire: Questionnaire, events: Events) -> Raw:
    language = questionnaire.language
    for name, place in binding.answers.items():
        item = questionnaire.item(name)
        if item.type == "text" and item.identifier != "direct":
            cells = raw.columns[place]
            masked = {text: mask(text, language) for text in cells.texts}
            found: Counter[PersonalKind] = Counter()
            for text, times in zip(cells.texts, cells.counts.tolist(), strict=True):
                found.update({kind: n * times for kind, n in masked[text].found.items()})
            for kind, n in found.items():
                events.add("SG170.masked", n=n, column=raw.header[place], mark=MARKS[kind])
            if found:
                said = {text: words.text for text, words in masked.items()}
                raw = raw.rewritten(place, said.__getitem__)
    ragged = tuple((row, tuple(mask(cell, language).text for cell in cells), why) for row, cells, why in raw.ragged)
    return replace(raw, ragged=ragged)
