"""Where the boxes, arrows and numbers of a path diagram stand: never an arrow behind a box, never a number on another.

Boxes stand in columns.  An arrow runs level beside its own boxes, and slants only in the empty lanes between columns;
one that passes a whole column does so in a gap between its boxes, so that nothing can lie behind a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Rect = tuple[float, float, float, float]

LANE = 1.15  # inches between columns
GAP = 0.14  # inches between boxes of a column
STEP = 0.17  # inches between arcs, and between arrows in one gap
LABEL_GAP = 0.02


@dataclass(frozen=True)
class Box:
    """A variable.

    Attributes
    ----------
    name, words : str
    latent : bool
        Drawn as an ellipse.
    x, y, width, height : float
        Centre and size in inches.
    """

    name: str
    words: str
    latent: bool
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def rect(self) -> Rect:
        """Left, low, right, high."""
        half = (self.width / 2, self.height / 2)
        return self.x - half[0], self.y - half[1], self.x + half[0], self.y + half[1]


@dataclass(frozen=True)
class Arrow:
    """A relation to draw: ``tail`` to ``head``, ``size`` in absolute value; ``both`` ends pointed for a covariance."""

    tail: str
    head: str
    words: str
    size: float = 0.0
    both: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Line:
    """An arrow with its course and the place of its number.

    Attributes
    ----------
    points : ndarray, shape (m, 2)
    at : (x, y)
        Centre of the number.
    size : (width, height)
    """

    arrow: Arrow
    points: Points
    at: tuple[float, float]
    size: tuple[float, float]

    @property
    def rect(self) -> Rect:
        """Of the number."""
        half = (self.size[0] / 2, self.size[1] / 2)
        return self.at[0] - half[0], self.at[1] - half[1], self.at[0] + half[0], self.at[1] + half[1]


@dataclass(frozen=True)
class Drawing:
    """A whole diagram in inches, y growing upwards."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @property
    def extent(self) -> Rect:
        """Left, low, right, high of everything."""
        rects = [*(box.rect for box in self.boxes), *(line.rect for line in self.lines)]
        ends = np.vstack([np.array(rects)[:, :2], np.array(rects)[:, 2:], *(line.points for line in self.lines)])
        low, high = ends.min(axis=0), ends.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@dataclass
class Layout:
    """Columns of boxes, and the arrows already drawn among them."""

    columns: list[list[Box]]
    sizes: dict[str, tuple[float, float]]
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.boxes = {box.name: box for column in self.columns for box in column}
        self.of = {box.name: number for number, column in enumerate(self.columns) for box in column}
        self.edges = [(min(b.rect[0] for b in column), max(b.rect[2] for b in column)) for column in self.columns]
        self.used: dict[tuple[int, float], int] = {}
        self.arcs: dict[tuple[int, int], int] = {}

    def draw(self, arrows: Sequence[Arrow]) -> Drawing:
        """Give every arrow its course, the short ones first, then every number its place."""
        courses = [(arrow, self._course(arrow)) for arrow in sorted(arrows, key=self._span)]
        for arrow, (points, free) in courses:
            line = self._numbered(arrow, points, free)
            self.lines.append(replace(line, points=_distinct(points)))
        return Drawing(tuple(self.boxes.values()), tuple(self.lines))

    def _span(self, arrow: Arrow) -> tuple[float, float]:
        one, other = self.boxes[arrow.tail], self.boxes[arrow.head]
        return abs(self.of[arrow.tail] - self.of[arrow.head]), abs(one.y - other.y)

    def _course(self, arrow: Arrow) -> tuple[Points, tuple[int, int]]:
        """Its points, and which stretch of them its number may stand on."""
        tail, head = self.of[arrow.tail], self.of[arrow.head]
        if tail == head:
            return self._arc(arrow, tail)
        step = 1 if head > tail else -1
        points = [self._side(arrow.tail, step), self._edge(tail, step, self.boxes[arrow.tail].y)]
        for column in range(tail + step, head, step):
            y = self._through(column, (self.boxes[arrow.tail].y + self.boxes[arrow.head].y) / 2)
            points += [self._edge(column, -step, y), self._edge(column, step, y)]
        points += [self._edge(head, -step, self.boxes[arrow.head].y), self._side(arrow.head, -step)]
        return np.array(points), (1, 2)

    def _side(self, name: str, step: int) -> tuple[float, float]:
        box = self.boxes[name]
        return (box.rect[2] if step > 0 else box.rect[0]), box.y

    def _edge(self, column: int, step: int, y: float) -> tuple[float, float]:
        return self.edges[column][1 if step > 0 else 0], y

    def _through(self, column: int, wanted: float) -> float:
        """A height at which a column can be passed: in the gap between boxes nearest to ``wanted``, not taken yet."""
        rects = sorted((box.rect for box in self.columns[column]), key=lambda rect: rect[1])
        below, above = rects[0][1] - STEP, rects[-1][3] + STEP
        gaps = [(low[3] + high[1]) / 2 for low, high in pairwise(rects) if high[1] - low[3] >= GAP * 0.9]
        free = [y for y in gaps if (column, round(y, 4)) not in self.used]
        taken = [self.used.get((column, side), 0) for side in (-1.0, 1.0)]
        outside = [(below - taken[0] * STEP, -1.0), (above + taken[1] * STEP, 1.0)]
        nearest, side = min([*((y, 0.0) for y in free), *outside], key=lambda option: abs(option[0] - wanted))
        key = (column, side or round(nearest, 4))
        self.used[key] = self.used.get(key, 0) + 1
        return nearest

    def _arc(self, arrow: Arrow, column: int) -> tuple[Points, tuple[int, int]]:
        """A curve beside its column: to the left, of the last column of several to the right."""
        right = column == len(self.columns) - 1 and column > 0
        sign, edge = (1.0, self.edges[column][1]) if right else (-1.0, self.edges[column][0])
        number = self.arcs.get((column, int(sign)), 0)
        self.arcs[(column, int(sign))] = number + 1
        reach = bow_of(number)
        one, other = self._side(arrow.tail, int(sign)), self._side(arrow.head, int(sign))
        turn = np.linspace(0, np.pi, 25)
        y = (one[1] + other[1]) / 2 + (one[1] - other[1]) / 2 * np.cos(turn)
        bow = np.column_stack([edge + sign * reach * np.sin(turn), y])
        return np.vstack([one, bow, other]), (1, len(bow))

    def _numbered(self, arrow: Arrow, points: Points, free: tuple[int, int]) -> Line:
        """The line with its number where it covers neither a box nor another number."""
        size = self.sizes[arrow.words] if arrow.words else (0.0, 0.0)
        stretch = points[free[0] : free[1] + 1]
        shares = np.array([0.5, 0.62, 0.38, 0.74, 0.26, 0.84, 0.16, 0.9, 0.1])
        best: tuple[float, Line] | None = None
        for share in shares:
            x, y = along(stretch, float(share))
            line = Line(arrow, points, (x, y), size)
            covered = self._covered(line.rect)
            if covered == 0.0:
                return line
            if best is None or covered < best[0]:
                best = covered, line
        return self._moved(best[1]) if best is not None else Line(arrow, points, along(stretch, 0.5), size)

    def _moved(self, line: Line) -> Line:
        """The number pushed off its line until it is free."""
        for away in range(1, 40):
            for side in (1, -1):
                moved = replace(line, at=(line.at[0], line.at[1] + side * away * 0.04))
                if self._covered(moved.rect) == 0.0:
                    return moved
        return line

    def _covered(self, rect: Rect) -> float:
        others = [*(box.rect for box in self.boxes.values()), *(line.rect for line in self.lines if line.arrow.words)]
        return sum(overlap(rect, other) for other in others)


def _distinct(points: Points) -> Points:
    """The points without repetitions: an arrow's head needs a last stretch to point along."""
    moved = np.concatenate([[True], np.abs(np.diff(points, axis=0)).max(axis=1) > 1e-9])
    return points[moved]


def bow_of(number: int) -> float:
    """How far the arc of that number, from 0, reaches from its column."""
    return 0.3 + 2 * STEP * number


def overlap(one: Rect, other: Rect) -> float:
    """The area that two rectangles share, a hair's breadth around them counted in."""
    wide = min(one[2], other[2]) - max(one[0], other[0]) + LABEL_GAP
    tall = min(one[3], other[3]) - max(one[1], other[1]) + LABEL_GAP
    return max(wide, 0.0) * max(tall, 0.0)


def along(points: Points, share: float) -> tuple[float, float]:
    """The point that lies at a share of a line's length."""
    length = np.concatenate([[0.0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    at = share * length[-1]
    return float(np.interp(at, length, points[:, 0])), float(np.interp(at, length, points[:, 1]))


def spread(columns: Sequence[Sequence[Box]], centres: dict[str, float], arcs: Sequence[int] = ()) -> list[list[Box]]:
    """Boxes in columns: each as near as may be to its wished height, none on another, lanes between the columns.

    Parameters
    ----------
    centres : mapping of name to wished height
    arcs : sequence of int, optional
        Arcs that begin and end in each column, for which the lane before it is widened.
    """
    placed, x = [], 0.0
    for number, column in enumerate(columns):
        x += bow_of(arcs[number] - 1) if number and number < len(columns) - 1 and arcs and arcs[number] else 0.0
        # Boxes as wide as their column: arrows end where the lane does.
        width = max(box.width for box in column)
        column = [replace(box, width=width) for box in column]
        ordered = sorted(column, key=lambda box: -centres[box.name])
        heights = _apart([centres[box.name] for box in ordered], [box.height + GAP for box in ordered])
        placed.append([replace(box, x=x + width / 2, y=y) for box, y in zip(ordered, heights, strict=True)])
        x += width + LANE
    return placed


def _apart(wished: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """Falling heights nearest to the wished ones (least squares) that leave each its room: pooled neighbours."""
    offsets = np.concatenate([[0.0], np.cumsum([(a + b) / 2 for a, b in pairwise(rooms)])])
    target = [w + o for w, o in zip(wished, offsets, strict=True)]
    pools: list[list[float]] = []
    for value in target:
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) < np.mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    level = [float(np.mean(pool)) for pool in pools for _ in pool]
    return [v - o for v, o in zip(level, offsets, strict=True)]
