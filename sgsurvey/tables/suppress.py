"""Small cells: which counts must not be shown, and which others would give them away."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Cell = tuple[int, int]
Mask = npt.NDArray[np.bool_]
Edges = dict[int, list[tuple[int, Cell]]]


def suppressed(
    counts: npt.ArrayLike,
    smallest: int,
    *,
    across: bool = False,
    down: bool = True,
    total: bool = False,
    public: npt.ArrayLike | None = None,
) -> Mask:
    """Which cells of a table of counts to hide, so that no count from 1 to ``smallest - 1`` can be read or worked out.

    Against a reader who knows the rule, all that is shown and what rows and columns add up to:

    * a group of fewer than ``smallest`` persons is hidden whole;
    * the hidden cells of a sum that is known hold at least ``smallest`` persons together;
    * each hidden small count could as well be one more or one less, every sum being as it is; where that can be had,
      no occupied cell being empty and the count still a small one.

    The last holds exactly when a cycle of hidden cells that can be raised and lowered in turn passes through the cell,
    rows and columns being the nodes of a graph and cells its arcs (Gusfield 1988, SIAM Journal on Computing 17,
    552-571; Cox 1980, JASA 75, 377-385).  Where there is none, the cheapest is hidden: cells with few persons before
    others, empty ones last.

    Parameters
    ----------
    counts : array_like, shape (r, c)
        Persons.
    smallest : int
        Smallest count that may be shown; 0 always may.
    across, down : bool
        A reader knows what each row (each column) adds up to.
    total : bool
        The last column is the sum of the others.
    public : array_like of bool, shape (r,), optional
        Rows whose small counts are no secret; they are hidden only to protect others.

    Returns
    -------
    ndarray of bool, shape (r, c)

    Examples
    --------
    >>> suppressed([[2], [9], [30]], 5).ravel().tolist()
    [True, True, False]
    """
    n = np.asarray(counts, dtype=float)
    secret = np.ones(len(n), dtype=bool) if public is None else ~np.asarray(public, dtype=bool)
    page = _Page(n, smallest, across, down, total)
    primary = (n > 0) & (n < smallest) & secret[:, None]
    hidden = primary.copy()
    if down and secret.any():
        hidden |= (n.sum(axis=0) > 0) & (n.sum(axis=0) < smallest)
    if across:
        hidden |= (((n * secret[:, None]).sum(axis=1) > 0) & (n.sum(axis=1) < smallest))[:, None]
    page.fill_up(hidden)
    for i, j in np.argwhere(primary):
        for cell in page.way((int(i), int(j)), hidden) or ():
            hidden[cell] = True
        page.fill_up(hidden)
    return hidden


@dataclass(frozen=True)
class _Page:
    """A table of counts with what its reader knows."""

    n: npt.NDArray[np.float64]
    smallest: int
    across: bool
    down: bool
    total: bool

    def fill_up(self, hidden: Mask) -> None:
        """Hide more cells of each known sum, the smallest first, until its hidden ones hold enough persons."""
        changed = True
        while changed:
            changed = False
            for rows, columns in self._sums(hidden):
                n, own = self.n[rows, columns], hidden[rows, columns]
                while 0 < n[own].sum() < self.smallest and (~own & (n > 0)).any():
                    cheapest = int(np.argmin(np.where(own | (n == 0), np.inf, n)))
                    own[cheapest] = True
                    hidden[rows[cheapest], columns[cheapest]] = changed = True

    def _sums(self, hidden: Mask) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Rows and columns of the cells of each sum that the reader knows."""
        r, c = self.n.shape
        if self.down:
            for j in range(c):
                yield np.arange(r), np.full(r, j)
        if self.across or self.total:
            for i in range(r):
                if self.across or not hidden[i, -1]:
                    width = c - self.total
                    yield np.full(width, i), np.arange(width)

    def way(self, cell: Cell, hidden: Mask) -> list[Cell] | None:
        """The cheapest cells to hide so that ``cell`` could be another small count; else a larger one; else none.

        None where nothing helps.
        """
        n = self.n[cell]
        small = [step for step in (+1, -1) if 0 < n + step < self.smallest]
        for steps, occupied in ((small, True), ([+1], True), ([+1, -1], False)):
            found = [way for step in steps if (way := self._cheapest(cell, step, hidden, occupied)) is not None]
            if found:
                return min(found)[1]
        return None

    def _cheapest(self, cell: Cell, step: int, hidden: Mask, occupied: bool) -> tuple[float, list[Cell]] | None:
        """The cheapest way over other cells by which a change of ``cell`` by ``step`` can be made good (Dijkstra).

        A hidden cell costs nothing; an empty one costs more than all persons together.
        """
        end, start = self._ends(cell, step)
        prices = np.where(hidden, 0.0, np.where(self.n > 0, self.n, self.n.sum() + 1)).tolist()
        costs, over = {start: 0.0}, dict[int, tuple[int, Cell]]()
        queue, done = [(0.0, start)], set[int]()
        while queue:
            cost, node = heapq.heappop(queue)
            if node == end:
                break
            if node in done:
                continue
            done.add(node)
            for there, (i, j) in self._edges[occupied].get(node, ()):
                further = cost + prices[i][j]
                if (i, j) != cell and further < costs.get(there, np.inf):
                    costs[there], over[there] = further, (node, (i, j))
                    heapq.heappush(queue, (further, there))
        if end not in costs:
            return None
        way, node = [], end
        while node != start:
            node, there_over = over[node]
            way.append(there_over)
        return costs[end], way

    @cached_property
    def _edges(self) -> tuple[Edges, Edges]:
        """From each node where cells lead that are raised or lowered; the same with lowered cells staying occupied."""
        found: tuple[Edges, Edges] = ({}, {})
        for edges, least in zip(found, (1, 2), strict=True):
            for i, j in np.ndindex(self.n.shape):
                for step in (+1, -1) if self.n[i, j] >= least else (+1,):
                    start, end = self._ends((i, j), step)
                    edges.setdefault(start, []).append((end, (i, j)))
        return found

    def _ends(self, cell: Cell, step: int) -> tuple[int, int]:
        """Nodes from and to which a change of ``cell`` leads: row to column when raised, back when lowered.

        In the column of totals it is the other way round.  Rows (columns) whose sums nobody knows are one node
        together: their cells can hide behind each other for nothing.
        """
        (i, j), (r, c) = cell, self.n.shape
        row = i if self.across or self.total else r + c
        column = r + j if self.down else r + c
        forward = step if not (self.total and j == c - 1) else -step
        return (row, column) if forward > 0 else (column, row)
