"""How much one file may hold: beyond it nothing is read, whatever the file says of itself."""

from __future__ import annotations

from sgsurvey.ingest.events import Events

LARGEST_FILE = 500_000_000
LARGEST_CELL = 1_000_000
MOST_ROWS = 500_000
MOST_CELLS = 30_000_000
MOST_CHARACTERS = 80_000_000
# Answers fill some bits each even when packed well; a few bytes that hold millions of cells hold one of them again and
# again, and were made to.
MANY_CELLS = 3_000_000
MOST_PER_BYTE = 30


def refuse_large(size: int, events: Events) -> None:
    """Refuse a file of more bytes than any survey has."""
    if size > LARGEST_FILE:
        raise events.error("SG140.size", size=f"{size:,}")


def refuse_vast(rows: int, columns: int, size: int, events: Events) -> None:
    """Refuse a table of more cells than any survey has, or more than its file can honestly hold.

    Parameters
    ----------
    rows, columns : int
        As the file's own header says, or as far as it was read.
    size : int
        Bytes of the file.
    """
    cells = rows * columns
    if rows > MOST_ROWS or cells > MOST_CELLS or (cells > MANY_CELLS and cells > MOST_PER_BYTE * size):
        raise events.error("SG140.cells", rows=f"{rows:,}", columns=f"{columns:,}")
