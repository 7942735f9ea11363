"""How many cells and characters a file of answers may claim to hold before anything in it is read."""

from __future__ import annotations

MOST_ROWS = 500_000
MOST_CELLS = 30_000_000
MOST_CHARACTERS = 80_000_000
# Answers fill some bits each even when packed well; a few bytes that hold millions of cells hold one of them again and
# again, and were made to.
MANY_CELLS = 3_000_000
MOST_PER_BYTE = 30


# Characters that each byte of a file of our own may unfold to: roles, days and places repeat themselves.
MOST_CHARACTERS_PER_BYTE = 20


def unfolds_too_far(cells: int, size: int) -> bool:
    """Whether a few bytes claim to hold more cells than they honestly can, however many rows there are."""
    return cells > MANY_CELLS and cells > MOST_PER_BYTE * size


def most_characters(size: int) -> int:
    """How many characters a file of our own of ``size`` bytes may unfold to: memory follows the file, not its rows."""
    return max(MOST_CHARACTERS, MOST_CHARACTERS_PER_BYTE * size)


def is_vast(rows: int, columns: int, size: int) -> bool:
    """Whether a table has more cells than any survey has, or more than its file can honestly hold.

    Parameters
    ----------
    rows, columns : int
        As the file's own header says, or as far as it was read.
    size : int
        Bytes of the file.
    """
    cells = rows * columns
    return rows > MOST_ROWS or cells > MOST_CELLS or unfolds_too_far(cells, size)
