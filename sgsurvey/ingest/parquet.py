"""Parquet: any program's columns of codes, labels, numbers and texts; types as the file declares them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sgsurvey.answers.parquet import DAMAGE, pyarrow_parquet
from sgsurvey.ingest.csv import LARGEST_FILE
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.excel import MOST_CELLS
from sgsurvey.ingest.files import content_of
from sgsurvey.ingest.layout import Cells, Raw
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.spss import as_text

if TYPE_CHECKING:
    from sgsurvey.ingest.options import ReadOptions

MOST_SHOWN = 3


def read_parquet(path: Path, names: Names, events: Events, options: ReadOptions) -> Raw:
    """A Parquet file, whole numbers exact; what sgsurvey itself saved comes back whole by ``sg.load`` instead."""
    content = content_of(path, events)
    parquet = pyarrow_parquet(events.place())
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        size = file.metadata.num_rows * file.metadata.num_columns
        table = file.read() if len(content) <= LARGEST_FILE and size <= MOST_CELLS else None
    except DAMAGE as error:
        raise events.error("SG106.file", error=type(error).__name__) from error
    if table is None:
        raise events.error("SG140.size", size=f"{len(content):,}")
    header = tuple(table.column_names)
    if not names.count(header):
        raise events.error(
            "SG102.no_heads", questionnaire=names.questionnaire.id, begins=", ".join(header[:MOST_SHOWN])
        )
    columns = tuple(Cells.of(map(as_text, column.to_pylist())) for column in table.columns)
    return Raw(header, columns, np.arange(1, table.num_rows + 1, dtype=np.int64))
