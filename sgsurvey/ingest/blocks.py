"""Many plain lines at once: what the csv module makes of them one by one, sooner."""

from __future__ import annotations

import csv
import io

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.ingest.layout import Block, Cells
from sgsurvey.ingest.limits import LARGEST_CELL

MARK = b"\xef\xbb\xbf"


def block_of(lines: bytes, separator: str, width: int) -> Block | None:
    """Whole lines of UTF-8 as columns, if they are plain; None where the csv module has to take them one by one.

    Plain are lines without quotes, each with ``width`` cells, of which one is filled and none is vast.  They mean the
    same to pandas' reader, which splits them in C and makes a text that comes again only once.
    """
    if width < 2 or lines.startswith(MARK) or any(sign in lines for sign in (b'"', b"\0")):
        return None
    if b"\r" in lines and lines.count(b"\r") != lines.count(b"\r\n"):
        return None
    signs = np.frombuffer(lines, dtype=np.uint8)
    # A line that is too long is refused by pandas; where there is none and the sum is right, none is too short.
    if np.count_nonzero(signs == ord(separator)) != (width - 1) * np.count_nonzero(signs == ord("\n")):
        return None
    try:
        frame = pd.read_csv(
            io.BytesIO(lines), sep=separator, header=None, dtype=object, na_filter=False,
            quoting=csv.QUOTE_NONE, skip_blank_lines=False, low_memory=False, encoding="utf-8",
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    if frame.shape[1] != width:
        return None
    columns = tuple(_cells(frame[place].to_numpy()) for place in frame)
    vast = any(len(text) > LARGEST_CELL for cells in columns for text in cells.texts)
    return None if vast or _any_blank(columns) else Block(columns)


def _cells(column: npt.NDArray[np.object_]) -> Cells:
    codes, texts = pd.factorize(column)
    return Cells(tuple(texts), codes.astype(np.int32))


def _any_blank(columns: tuple[Cells, ...]) -> bool:
    """Whether a line has no filled cell."""
    blank = np.ones(len(columns[0]), dtype=bool)
    for cells in columns:
        if "" not in cells.texts:
            return False
        blank &= cells.codes == cells.texts.index("")
    return bool(blank.any())
