"""ODK Central: a zip of CSV files, one for the form and one for each repeat, or the form's CSV alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sgsurvey.ingest.archive import DAMAGE, unpack_safely
from sgsurvey.ingest.csv import read_text
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import content_of
from sgsurvey.ingest.joined import several
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.submissions import last_copy, place_of, set_aside, tell, with_seconds
from sgsurvey.tables.format import printable

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

# A zip holds photographs and recordings too.
MOST_PARTS = 100_000
ENCRYPTED = ("not decrypted", "missing encrypted form data")


def read_odk(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """All submissions as Central exports them.

    Submissions that are still encrypted or were rejected, and all but the last state of one, are set aside.
    """
    content = content_of(path, events)
    raw = read_text(_form(content, names, events) if content.startswith(b"PK") else content, names, events)
    status, review = place_of(raw, "Status"), place_of(raw, "ReviewState")
    raw = set_aside(raw, status, lambda s: s.casefold() in ENCRYPTED, "encrypted", "SG151.encrypted", events)
    raw = set_aside(raw, review, lambda s: s == "rejected", "rejected", "SG151.rejected", events)
    tell(raw, review, lambda s: s == "hasIssues", "SG151.waiting", events)
    raw = last_copy(raw, place_of(raw, "KEY", "meta-instanceID", "instanceID"), place_of(raw, "SubmissionDate"), events)
    return with_seconds(_unanswered(raw, names), names)


def is_odk(heads: Sequence[str]) -> bool:
    """Whether the heads are those that Central adds."""
    return {"SubmissionDate", "KEY", "SubmitterID", "ReviewState"} <= set(heads)


def _form(content: bytes, names: Names, events: Events) -> bytes:
    """The form's own table; those of repeated groups are told.  Nothing is written to where a name points."""
    parts = unpack_safely(content, events, most_parts=MOST_PARTS)
    tables = [name for name in parts if _is_table(name)]
    if not tables:
        shown = ", ".join(printable(name) for name in parts[:6]) or "-"
        raise events.error("SG146.no_table", parts=shown)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            read = {name: archive.read(name) for name in tables}
    except DAMAGE as error:
        raise events.error("SG106.archive", error=str(error)[:80]) from error
    # Only a repeat's table names the submission that its rows belong to.
    forms = [name for name in tables if b"PARENT_KEY" not in read[name].split(b"\n", 1)[0]]
    if len(forms) != 1:
        raise events.error("SG146.several", parts=", ".join(printable(name) for name in forms) or "-")
    for name in tables:
        if name != forms[0]:
            events.add("SG146.repeats", part=printable(name), value=printable(name))
    return read[forms[0]]


def _is_table(name: str) -> bool:
    """A CSV at the top of the archive; attachments and logs lie in folders."""
    path = PurePosixPath(name)
    return path.suffix.lower() == ".csv" and len(path.parts) == 1


def _unanswered(raw: Raw, names: Names) -> Raw:
    """The file without the 0 that Central writes for every choice where none was picked.

    The cell with all choices tells: it is empty.
    """
    columns = list(raw.columns)
    for place, _, options in several(raw, names):
        for option in options.values():
            columns[option] = columns[option].put(~raw.columns[place].filled, "")
    return replace(raw, columns=tuple(columns))
