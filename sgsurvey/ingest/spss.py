"""SPSS (.sav, .zsav, .por) and Stata (.dta): variables by name or by label, codes only where their labels agree."""

from __future__ import annotations

import datetime as dt
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import content_of
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.limits import MOST_CHARACTERS, MOST_ROWS, refuse_large, refuse_vast
from sgsurvey.ingest.names import Names, wording
from sgsurvey.questionnaire.model import CODED, Item

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

MOST_SHOWN = 3
# Bytes of rows that are read at a time.
PIECE = 10_000_000


def read_spss(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """An SPSS file, told from a portable one by its first bytes; user-missing codes stay codes."""
    content = content_of(path, events)
    return _read("read_sav" if content[:3] == b"$FL" else "read_por", content, path, names, events)


def read_stata(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """A Stata file; its extended missing values (``.a`` to ``.z``) are left empty, as ``.`` is."""
    return _read("read_dta", content_of(path, events), path, names, events)


def _read(reader: str, content: bytes, path: Path, names: Names, events: Events) -> Raw:
    refuse_large(len(content), events)
    import pyreadstat

    read = partial(getattr(pyreadstat, reader), path, **({"user_missing": True} if reader == "read_sav" else {}))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, meta = read(metadataonly=True)
            refuse_vast(meta.number_rows or 0, meta.number_columns, len(content), events)
            frame = pd.concat(_pieces(read, meta, content, events), ignore_index=True)
    except DataError:
        raise
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as error:
        raise events.error("SG106.file", error=type(error).__name__) from error
    labels: Mapping[str, str | None] = meta.column_names_to_labels
    header = tuple(_head(name, labels.get(name) or "", names) for name in frame.columns)
    for head, name in zip(header, frame.columns, strict=True):
        _agree(head, meta.variable_value_labels.get(name, {}), names, events)
    if not names.count(header):
        raise events.error(
            "SG102.no_heads", questionnaire=names.questionnaire.id, begins=", ".join(header[:MOST_SHOWN])
        )
    columns = tuple(_cells(frame[name]) for name in frame.columns)
    return Raw(header, columns, np.arange(1, len(frame) + 1, dtype=np.int64))


def _pieces(read: Callable[..., Any], meta: Any, content: bytes, events: Events) -> Iterator[pd.DataFrame]:
    """The rows, some at a time: a file does not say how long its texts are, nor always how many rows it has."""
    widths = [width or _longest_text(content) for width in meta.variable_storage_width.values()]
    at_once = max(1, min(MOST_ROWS + 1, PIECE // max(sum(widths), 1)))
    rows = characters = 0
    while True:
        piece, _ = read(row_offset=rows, row_limit=at_once)
        rows += len(piece)
        refuse_vast(rows, len(piece.columns), len(content), events)
        for _, column in piece.select_dtypes(exclude="number").items():
            characters += sum(len(value) for value in column if isinstance(value, str))
        if characters > MOST_CHARACTERS:
            raise events.error("SG140.texts", most=f"{MOST_CHARACTERS:,}")
        yield piece
        if len(piece) < at_once:
            return


def _longest_text(content: bytes) -> int:
    """Bytes of the longest of Stata's long texts (``strL``), each of which many rows may hold; all where unclear.

    StataCorp, *File formats .dta*: the eleventh entry of the map points to ``<strls>``, where each text stands behind
    ``GSO``, two numbers, a type and its length.
    """
    order = "<" if b"<byteorder>LSF" in content[:200] else ">"
    number = struct.Struct(order + ("I" if b"<release>117" in content[:200] else "Q"))
    try:
        at = struct.unpack_from(f"{order}14Q", content, content.index(b"<map>") + len(b"<map>"))[10] + len(b"<strls>")
        longest = 1
        while content[at : at + 3] == b"GSO":
            at += 3 + 4 + number.size + 1
            (length,) = struct.unpack_from(f"{order}I", content, at)
            longest, at = max(longest, length), at + 4 + length
    except (struct.error, ValueError):
        return len(content)
    return longest


def _head(name: str, label: str, names: Names) -> str:
    """The variable's name, or its label where only that finds a question."""
    return label if names.target(name) is None and label and names.target(label) is not None else name


def _cells(column: pd.Series) -> Cells:
    codes, values = pd.factorize(column, use_na_sentinel=False)
    return Cells(tuple(map(as_text, values)), codes.astype(np.int32))


def as_text(value: Any) -> str:
    """A value as a text: whole numbers without a point, days and moments as ISO 8601 has them."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return str(value)


def _agree(head: str, found: Mapping[Any, str], names: Names, events: Events) -> None:
    """Refuse a variable whose value labels give one of the declared labels to another code."""
    target = names.target(head)
    if target is None or target.kind not in ("answer", "carried") or target.name not in names.items:
        return
    item = names.items[target.name]
    if item.type not in CODED or item.scale is None:
        return
    declared = _declared(item, names)
    strange: dict[int | None, str] = {}
    for value, label in found.items():
        code = int(value) if isinstance(value, (int, float)) and float(value).is_integer() else None
        # A label that was cut at the format's limit still begins as the declared one.
        other = code in declared and not any(_alike(label, own) for own in declared[code])
        elsewhere = code not in declared and any(wording(label) in own for own in declared.values())
        if other or elsewhere:
            strange[code] = label
    if strange:
        shown = list(strange.items())[:MOST_SHOWN]
        raise events.error(
            "SG153.labels",
            column=head,
            item=item.name,
            found=", ".join(f"{code} = {label}" for code, label in shown),
            declared=", ".join(
                f"{c.code} = {c.label.to(names.questionnaire.language)}" for c in item.scale.choices[:MOST_SHOWN]
            ),
        )


def _declared(item: Item, names: Names) -> dict[int | None, set[str]]:
    """Wordings of each code's labels in every language, of the scale and of the study's codes for no answer."""
    choices = [*(item.scale.choices if item.scale else ()), *names.questionnaire.missing]
    found: dict[int | None, set[str]] = {}
    for choice in choices:
        labels = {wording(label) for label in (choice.label.zh, choice.label.en) if label}
        found.setdefault(choice.code, set()).update(labels)
    return found


def _alike(label: str, own: str) -> bool:
    said = wording(label)
    return said == own or (len(label.encode("utf-8")) >= 117 and own.startswith(said))
