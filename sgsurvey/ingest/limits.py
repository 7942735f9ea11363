"""How much one file may hold: beyond it nothing is read, whatever the file says of itself."""

from __future__ import annotations

from sgsurvey.answers.vastness import MOST_CELLS, MOST_CHARACTERS, MOST_ROWS, is_vast
from sgsurvey.ingest.events import Events

__all__ = ["LARGEST_CELL", "LARGEST_FILE", "MOST_CELLS", "MOST_CHARACTERS", "MOST_ROWS", "refuse_large", "refuse_vast"]

LARGEST_FILE = 500_000_000
LARGEST_CELL = 1_000_000


def refuse_large(size: int, events: Events) -> None:
    """Refuse a file of more bytes than any survey has."""
    if size > LARGEST_FILE:
        raise events.error("SG140.size", size=f"{size:,}")


def refuse_vast(rows: int, columns: int, size: int, events: Events) -> None:
    """Refuse a table of more cells than any survey has, or more than its ``size`` bytes can honestly hold."""
    if is_vast(rows, columns, size):
        raise events.error("SG140.cells", rows=f"{rows:,}", columns=f"{columns:,}")
