"""Parquet: any program's columns of codes, labels, numbers and texts; types as the file declares them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sgsurvey.answers.parquet import DAMAGE, claimed, pyarrow_parquet
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import content_of
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.limits import MOST_CHARACTERS, refuse_large, refuse_vast
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.spss import as_text

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

MOST_SHOWN = 3


def read_parquet(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """A Parquet file, whole numbers exact; what sgsurvey itself saved comes back whole by ``sg.load`` instead."""
    content = content_of(path, events)
    refuse_large(len(content), events)
    parquet = pyarrow_parquet(events.place())
    try:
        table = _table(content, parquet, events)
        columns = tuple(_cells(column) for column in table.columns)
    except DAMAGE as error:
        raise events.error("SG106.file", error=type(error).__name__) from error
    header = tuple(table.column_names)
    if not names.count(header):
        raise events.error(
            "SG102.no_heads", questionnaire=names.questionnaire.id, begins=", ".join(header[:MOST_SHOWN])
        )
    return Raw(header, columns, np.arange(1, table.num_rows + 1, dtype=np.int64))


def _table(content: bytes, parquet: Any, events: Events) -> Any:
    """The columns, each different text once: a page of a few bytes may stand for any number of long texts.

    Raises
    ------
    DataError
        More rows, values or bytes than answers have.
    """
    meta = parquet.read_metadata(io.BytesIO(content))
    rows, unpacked = claimed(meta)
    refuse_vast(rows, meta.num_columns, len(content), events)
    if unpacked > MOST_CHARACTERS:
        raise events.error("SG140.texts", most=f"{MOST_CHARACTERS:,}")
    chunks = [meta.row_group(g).column(c) for g in range(meta.num_row_groups) for c in range(meta.num_columns)]
    texts = [chunk.path_in_schema for chunk in chunks if chunk.physical_type == "BYTE_ARRAY"]
    return parquet.ParquetFile(io.BytesIO(content), read_dictionary=list(dict.fromkeys(texts))).read()


def _cells(column: Any) -> Cells:
    """A column by its different values."""
    import pyarrow

    whole = column.combine_chunks()
    if not pyarrow.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    texts = [*map(as_text, whole.dictionary.to_pylist()), ""]
    codes = whole.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
    return Cells(tuple(texts), codes.astype(np.int32))
