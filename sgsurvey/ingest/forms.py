"""The offline form's JSON files: a folder of them, a zip of them, or one; each file is a row or is set aside.

``docs/reference/form_json.md`` gives the format; ``sgsurvey/forms/html.py`` writes the page that writes it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.ingest.archive import DAMAGE, unpack_safely
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import content_of
from sgsurvey.ingest.form_record import LARGEST, NOT_SHOWN, Expected, Record, SetAside, read_record
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names
from sgsurvey.tables.format import printable
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

MOST_FILES = 100_000


@dataclass(frozen=True, slots=True)
class _Form:
    """A file that was read; ``row`` is its number among the files in order of their names."""

    row: int
    file: str
    record: Record


def read_forms(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """One row per JSON file, in order of their names; what is no answer to the questionnaire is set aside.

    ``Raw.context`` has what the form knows beside the answers: ``timings`` (``resp_id, page, seconds``; a page is a
    block), ``item_times`` (``resp_id, item, ms, first, last, order``) and ``forms`` (``resp_id, id, file, short,
    languages``).
    """
    expected = Expected(names.questionnaire, names.role, options.versions)
    forms: list[_Form] = []
    aside: list[tuple[int, tuple[str, ...], str]] = []
    faults: list[Text] = []
    for row, (file, content) in enumerate(_files(path, events), start=1):
        try:
            forms.append(_Form(row, file, read_record(content, expected)))
        except SetAside as fault:
            events.add(fault.message, row=row, value=file, found=fault.found)
            aside.append((row, (file,), fault.reason))
            faults.append(fault.found)
    if not forms and not faults:
        raise events.error("SG154.no_files")
    if not forms:
        raise events.error("SG154.none", files=len(faults), first=faults[0])
    return _raw(forms, tuple(aside), names, events)


# Files ------------------------------------------------------------------------------------------------


def _files(path: Path, events: Events) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each JSON file in a folder or a zip, in order of names, or of the one file."""
    if path.is_dir():
        yield from _in_folder(path, events)
        return
    content = content_of(path, events)
    if content.startswith(b"PK"):
        yield from _in_zip(content, events)
    else:
        yield printable(path.name), content


def _in_folder(folder: Path, events: Events) -> Iterator[tuple[str, bytes]]:
    """Regular files only: a pipe would wait for ever."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    wanted = [path for path in found if _is_form(path.name)]
    _tell(len(found) - len(wanted), len(wanted), events)
    for path in wanted:
        name = printable(path.relative_to(folder).as_posix())
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise events.error("SG160.open", reason=f"{name}: {error.strerror or type(error).__name__}") from error
        events.inputs[name] = hashlib.sha256(content).hexdigest()
        yield name, content


def _in_zip(content: bytes, events: Events) -> Iterator[tuple[str, bytes]]:
    """Read in memory: nothing is ever written to where a name in the archive points."""
    unpack_safely(content, events, most_parts=MOST_FILES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = sorted((part for part in archive.infolist() if not part.is_dir()), key=lambda part: part.filename)
            found = [part for part in found if not part.filename.startswith("__MACOSX/")]
            wanted = [part for part in found if _is_form(part.filename)]
            _tell(len(found) - len(wanted), len(wanted), events)
            for part in wanted:
                with archive.open(part) as file:
                    yield printable(part.filename), file.read(LARGEST + 1)
    except DAMAGE as error:
        raise events.error("SG106.archive", error=str(error)[:80]) from error


def _is_form(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".json"


def _tell(others: int, wanted: int, events: Events) -> None:
    if wanted > MOST_FILES:
        raise events.error("SG140.parts", parts=wanted)
    if others:
        events.add("SG154.not_json", n=others, files=others)


# Rows -------------------------------------------------------------------------------------------------


def _raw(forms: list[_Form], aside: tuple[tuple[int, tuple[str, ...], str], ...], names: Names, events: Events) -> Raw:
    """The records as columns, the earlier copies of a form that was saved again marked as such."""
    records = [form.record for form in forms]
    heads = dict.fromkeys(column for record in records for column in record.cells)
    columns = {head: [record.cells.get(head, "") for record in records] for head in heads}
    columns["resp_id"] = [_resp_id(record) for record in records]
    columns["seconds"] = [repr(record.seconds) for record in records]
    if names.role not in {sheet.name for sheet in names.questionnaire.sheets}:
        columns["role"] = [record.role for record in records]
    columns["version"] = [record.version for record in records]
    rows = np.array([form.row for form in forms], dtype=np.int64)
    again = _saved_again(records)
    if again.any():
        events.add("SG117.duplicate", n=int(again.sum()), row=int(rows[int(np.argmax(again))]))
    return Raw(
        tuple(columns),
        tuple(Cells.of(texts) for texts in columns.values()),
        rows,
        aside,
        np.where(again, "duplicate", "").astype(object),
        _context(forms, columns["resp_id"]),
    )


def _resp_id(record: Record) -> str:
    """The respondent's own number where the form asked for it, or else the file's."""
    told = record.cells.get("resp_id", NOT_SHOWN).strip()
    return told if told and told != NOT_SHOWN else record.id


def _saved_again(records: list[Record]) -> npt.NDArray[np.bool_]:
    """The forms that were saved once more later, or lie there twice; shape (n,)."""
    last: dict[str, int] = {}
    for place, record in enumerate(records):
        other = last.get(record.id)
        if other is None or record.finished >= records[other].finished:
            last[record.id] = place
    return np.array([last[record.id] != place for place, record in enumerate(records)], dtype=bool)


def _context(forms: list[_Form], ids: list[str]) -> dict[str, pd.DataFrame]:
    """Times, orders and languages; the index is the place of the form."""
    timings, items, whole = [], [], []
    for place, (form, resp_id) in enumerate(zip(forms, ids, strict=True)):
        record = form.record
        timings += [(place, resp_id, page, ms / 1000) for page, ms in record.pages.items()]
        for item, paid in record.attention.items():
            if paid.ms is not None or paid.order:
                order = " ".join(map(str, paid.order))
                items.append((place, resp_id, item, paid.ms, paid.first, paid.last, order))
        whole.append((place, resp_id, record.id, form.file, record.short, " ".join(record.languages)))
    return {
        "timings": _indexed(timings, "resp_id", "page", "seconds"),
        "item_times": _indexed(items, "resp_id", "item", "ms", "first", "last", "order"),
        "forms": _indexed(whole, "resp_id", "id", "file", "short", "languages"),
    }


def _indexed(lines: Sequence[tuple[object, ...]], *names: str) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["place", *names]).set_index("place")
