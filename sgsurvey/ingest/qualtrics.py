"""Qualtrics: a CSV or workbook with three lines of heads (export tags, texts, import ids); choice texts or numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.joined import split_labels
from sgsurvey.ingest.layout import Line, Raw
from sgsurvey.ingest.names import Names, plain
from sgsurvey.ingest.submissions import agree, iso_times, last_copy, place_of, set_aside

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

NOT_SHOWN = "{question_not_shown}"
# Seen, and left empty.
UNANSWERED = "-99"
BETWEEN = r",\s?"
IMPORT_ID = '{"ImportId"'
OTHER_TEXT = re.compile(r"(?P<name>.+?)_\d+_TEXT")
UNFINISHED = ("0", "false", "否")
PREVIEW = ("1", "survey preview", "9", "17", "survey test", "2")
SPAM = ("8", "spam")


def read_qualtrics(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """Recorded responses; previews, spam and responses that were not finished are set aside."""
    raw = table(path, names, events, options, prepare=lambda lines: _one_header(lines, names, events))
    status, channel = place_of(raw, "Status"), place_of(raw, "DistributionChannel")
    raw = set_aside(raw, status, lambda s: s.casefold() in PREVIEW, "test", "SG152.test", events)
    raw = set_aside(raw, channel, lambda s: s.casefold() == "preview", "test", "SG152.test", events)
    raw = set_aside(raw, status, lambda s: s.casefold() in SPAM, "rejected", "SG151.rejected", events)
    raw = set_aside(
        raw, place_of(raw, "Finished"), lambda s: s.casefold() in UNFINISHED, "draft", "SG151.draft", events
    )
    raw = last_copy(raw, place_of(raw, "ResponseId"), place_of(raw, "RecordedDate"), events)
    raw = _seen_or_not(_own_numbers(raw, names), names)
    raw = iso_times(raw, [place_of(raw, head) for head in ("StartDate", "EndDate")])
    return split_labels(raw, names, BETWEEN, events)


def is_qualtrics(heads: Sequence[str]) -> bool:
    """Whether the heads are those that Qualtrics puts first."""
    return {"StartDate", "EndDate", "Progress", "Finished"} <= set(heads)


def _one_header(lines: Iterator[Line], names: Names, events: Events) -> Iterator[Line]:
    """All lines, one header in place of three: the tag where a question bears it, or else the text."""
    top = list(islice(lines, 3))
    if len(top) == 3 and any(cell.startswith(IMPORT_ID) for cell in top[2]):
        events.add("SG108.second_header", n=2, row=2, value=str(top[1][0]))
        yield [_head(tag, text, names, events) for tag, text in zip(top[0], top[1], strict=False)]
        yield []
        yield []
    else:
        yield from top
    yield from lines


def _head(tag: str, text: str, names: Names, events: Events) -> str:
    other = OTHER_TEXT.fullmatch(tag)
    if other and f"{other['name']}_other" in names.items:
        return f"{other['name']}_other"
    asked = plain(text).removesuffix(" - Selected Choice")
    if names.target(tag) is None:
        return asked if names.target(asked) is not None else tag
    agree(tag, asked, names, events)
    return tag


def _own_numbers(raw: Raw, names: Names) -> Raw:
    """The file with 1 for a choice that is marked by its own number."""
    for place, head in enumerate(raw.header):
        target = names.target(head)
        if target is None or target.kind != "option" or not target.code:
            continue
        if names.items[target.name].type == "select_multiple":
            own = str(target.code)
            ticked = {text: "1" if text.strip() == own else text for text in raw.columns[place].texts}
            raw = raw.rewritten(place, ticked.__getitem__)
    return raw


def _seen_or_not(raw: Raw, names: Names) -> Raw:
    """Where the export says what was seen and left empty, a question without any cell was not shown."""
    places: dict[str, list[int]] = {}
    for place, head in enumerate(raw.header):
        target = names.target(head)
        if target is None or target.kind not in ("answer", "option"):
            continue
        if int(UNANSWERED) not in names.items[target.name].missing_codes:
            places.setdefault(target.name, []).append(place)
    if not any(UNANSWERED in raw.columns[place].texts for group in places.values() for place in group):
        return raw
    columns = list(raw.columns)
    for group in places.values():
        shown = np.logical_or.reduce([columns[place].filled for place in group])
        for place in group:
            cells = columns[place].rewritten(lambda text: "" if text.strip() == UNANSWERED else text)
            columns[place] = cells.put(~shown, NOT_SHOWN)
    return replace(raw, columns=tuple(columns))
