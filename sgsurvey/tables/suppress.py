"""Small cells: which counts must not be shown, and which others would give them away."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Cell = tuple[int, int]


def suppressed(
    counts: npt.ArrayLike, smallest: int, *, across: bool = False, down: bool = True
) -> npt.NDArray[np.bool_]:
    """Which cells of a table of counts to hide, so that no count from 1 to ``smallest - 1`` can be read or worked out.

    A hidden cell can be worked out from the sums of its row and column exactly when no cycle of hidden cells passes
    through it, rows and columns being the nodes of a graph and hidden cells its edges (Gusfield 1988, SIAM Journal on
    Computing 17, 552-571, theorem 1).  Each such cell gets the cheapest cycle: cells with few persons are hidden
    before others, empty ones last, for an empty cell protects nobody.

    Parameters
    ----------
    counts : array_like, shape (r, c)
        Persons; a column of row totals, if the page shows one, is a column like any other.
    smallest : int
        Smallest count that may be shown; 0 always may.
    across, down : bool
        A reader knows what each row (each column) adds up to.

    Returns
    -------
    ndarray of bool, shape (r, c)

    Examples
    --------
    >>> suppressed([[2], [9], [30]], 5).ravel().tolist()
    [True, True, False]
    """
    n = np.asarray(counts, dtype=float)
    hidden = (n > 0) & (n < smallest)
    cells = [(int(i), int(j)) for i, j in np.argwhere(hidden)]
    for cell in cells:
        for i, j in _cheapest_cycle(n, hidden, cell, across, down):
            hidden[i, j] = True
    return hidden


def exposed(hidden: npt.NDArray[np.bool_], *, across: bool = False, down: bool = True) -> list[Cell]:
    """Hidden cells that the sums of rows and columns give away: the bridges of the graph of hidden cells."""
    n = np.ones(hidden.shape)
    everywhere = [(int(i), int(j)) for i, j in np.argwhere(hidden)]
    return [cell for cell in everywhere if _path(n, hidden, cell, across, down, only_hidden=True) is None]


def _cheapest_cycle(n: np.ndarray, hidden: np.ndarray, cell: Cell, across: bool, down: bool) -> Iterable[Cell]:
    """Cells to hide so that ``cell`` lies on a cycle; none where there is no way to protect it."""
    return _path(n, hidden, cell, across, down, only_hidden=False) or ()


def _path(
    n: np.ndarray, hidden: np.ndarray, cell: Cell, across: bool, down: bool, *, only_hidden: bool
) -> list[Cell] | None:
    """The cheapest way from the row of ``cell`` to its column over other cells (Dijkstra); None where there is none.

    Rows (columns) whose sums nobody knows are one node together: their cells can hide behind each other for nothing.
    """
    r, c = n.shape
    ground = r + c
    rows = [i if across else ground for i in range(r)]
    columns = [r + j if down else ground for j in range(c)]
    price = np.where(hidden, 0.0, np.where(n > 0, n, n.sum() + 1))
    edges: dict[int, list[tuple[int, float, Cell]]] = {}
    for i in range(r):
        for j in range(c):
            if (i, j) != cell and (hidden[i, j] or not only_hidden):
                edges.setdefault(rows[i], []).append((columns[j], float(price[i, j]), (i, j)))
                edges.setdefault(columns[j], []).append((rows[i], float(price[i, j]), (i, j)))
    start, end = rows[cell[0]], columns[cell[1]]
    queue: list[tuple[float, int, list[Cell]]] = [(0.0, start, [])]
    done: set[int] = set()
    while queue:
        cost, node, way = heapq.heappop(queue)
        if node == end:
            return way
        if node not in done:
            done.add(node)
            for there, extra, over in edges.get(node, ()):
                heapq.heappush(queue, (cost + extra, there, [*way, over]))
    return None
