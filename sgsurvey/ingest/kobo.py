"""KoboToolbox: CSV (``;``, all quoted) or XLSX (all text), XML values or labels, with or without groups in heads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.joined import labels_of, several, split_labels, ways
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.submissions import last_copy, place_of, set_aside, tell, with_seconds

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

# Labels of one cell are joined by one space.
BETWEEN = r"\s+"
# Stands before what is left of a cell that a workbook could not hold.
TRUNCATED = re.compile(r"\s*<WARNING: Truncated to Excel limit of \d+ characters!>\s*")
NOT_APPROVED = ("validation_status_not_approved", "not approved")
ON_HOLD = ("validation_status_on_hold", "on hold")


def read_kobo(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """A project's export of submissions.

    Submissions that a reviewer did not approve, and all but the last state of an edited one, are set aside; the seconds
    from start to end are the duration, as both are told with their zone.
    """
    raw = _untruncated(table(path, names, events, options), events)
    status = place_of(raw, "_validation_status")
    raw = set_aside(raw, status, lambda s: s.casefold() in NOT_APPROVED, "rejected", "SG151.rejected", events)
    tell(raw, status, lambda s: s.casefold() in ON_HOLD, "SG151.waiting", events)
    sent = place_of(raw, "_submission_time")
    # An edited submission gets a new uuid and keeps that of the first.
    for ids in (place_of(raw, "meta/rootuuid", "_rootuuid", "rootuuid"), place_of(raw, "_uuid", "meta/instanceid")):
        raw = last_copy(raw, ids, sent, events)
    _tell_strange_choices(raw, names, events)
    return with_seconds(split_labels(raw, names, BETWEEN, events), names)


def is_kobo(heads: Sequence[str]) -> bool:
    """Whether the heads are those that Kobo adds."""
    return {"_uuid", "_submission_time", "_index"} <= set(heads)


def _untruncated(raw: Raw, events: Events) -> Raw:
    """The file without the warning that Kobo writes into a cell that it cut."""
    for place, cells in enumerate(raw.columns):
        cut = [k for k, text in enumerate(cells.texts) if TRUNCATED.match(text)]
        if cut:
            n, row = int(cells.counts[cut].sum()), int(raw.rows[min(cells.first[cut])])
            events.add("SG128.tool", n=n, row=row, column=raw.header[place])
            raw = raw.rewritten(place, lambda text: TRUNCATED.sub("", text, count=1))
    return raw


def _tell_strange_choices(raw: Raw, names: Names, events: Events) -> None:
    """Choices that were taken out of the form after people had picked them: only the cell with all choices has them."""
    for place, item, options in several(raw, names):
        if not options or item.scale is None:
            continue
        codes = {str(choice.code) for choice in item.scale.choices} | {str(code) for code in item.missing_codes}
        labels = labels_of(item)
        for k, text in enumerate(raw.columns[place].texts):
            if set(text.split()) - codes and text.strip() and not ways(text, labels, BETWEEN):
                cells = raw.columns[place]
                n, row = int(cells.counts[k]), int(raw.rows[cells.first[k]])
                events.add("SG122.choice", n=n, row=row, column=raw.header[place], value=text)
