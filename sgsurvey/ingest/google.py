"""Google Forms: the CSV of a form or its linked sheet; whole questions as heads, labels as cells, never a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.joined import split_labels
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.submissions import carried, local_times, place_of, with_column

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

# The form's own CSV joins what was ticked by semicolons, the sheet by commas.
BETWEEN = r";|,\s?"
STAMPS = ("timestamp", "时间戳记", "时间戳")


def read_google(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """Responses as Google writes them; what was ticked is told apart by the declared labels, never by the separator."""
    raw = _one_column_each(table(path, names, events, options), names, events)
    raw = split_labels(raw, names, BETWEEN, events)
    stamp = place_of(raw, *STAMPS)
    if stamp is None or carried(raw, names, "t_end") is not None:
        return raw
    times = local_times(raw.columns[stamp].texts)
    if times is None:
        events.add("SG131.stamp", column=raw.header[stamp], value=raw.columns[stamp].texts[0])
        return raw
    return with_column(raw, "t_end", raw.columns[stamp].spread(times))


def is_google(heads: Sequence[str]) -> bool:
    """Whether the first head is the time that Google puts first."""
    return bool(heads) and heads[0].casefold() in STAMPS


def _one_column_each(raw: Raw, names: Names, events: Events) -> Raw:
    """Columns that a change of the form doubled, as one, where no row fills two of them differently."""
    places: dict[str, list[int]] = {}
    for place, head in enumerate(raw.header):
        if names.target(head) is not None:
            places.setdefault(head, []).append(place)
    dropped: set[int] = set()
    columns = list(raw.columns)
    for head, doubles in places.items():
        if len(doubles) == 1:
            continue
        rows = zip(*(raw.columns[place] for place in doubles), strict=True)
        given = [{text for text in row if text.strip()} for row in rows]
        if all(len(texts) < 2 for texts in given):
            columns[doubles[0]] = Cells.of(next(iter(texts), "") for texts in given)
            dropped |= set(doubles[1:])
            events.add("SG110.joined", n=len(doubles), column=head, columns=len(doubles))
    kept = [place for place in range(len(columns)) if place not in dropped]
    return replace(raw, header=tuple(raw.header[p] for p in kept), columns=tuple(columns[p] for p in kept))
