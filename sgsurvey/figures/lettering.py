"""Words and numbers on a picture: lines that break, rows that leave them room, columns beside the axes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sgsurvey.figures.style import FAMILIES, GREY, INK, SIZE, SMALL, WIDTH
from sgsurvey.text import Language, Text, same, without_controls

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

ROW = 0.25  # inches: one bar, one line of a picture
LINE = 1.3 * SIZE / 72 / ROW  # a line of words, in rows
GROUP_GAP = 1.1  # room for a group's heading, in rows
EM = 0.62  # mean width of a half-width character in these fonts, in em: digits 0.64, Chinese 0.5 a column
NEVER_FIRST = "，。、；：？！）》」』”’%％,.;:?!)]"
N_EQUALS = same("n = {n}")
N = same("n")
HEAD = 4.0  # points from the top of the axes to the foot of a column's head, where n stands too
NOTHING = "–"


def columns_of(words: str) -> int:
    """Width of ``words`` in half-width columns: a Chinese character takes two; the longest line counts."""
    return max(sum(2 if _wide(c) else 1 for c in line) for line in words.split("\n"))


def points(words: str, size: float) -> float:
    """Width of ``words`` at a font size, in points; rather too much than too little."""
    return EM * size * columns_of(words)


def wrapped(words: object, width: int = 30) -> str:
    """``words`` in as few lines of at most ``width`` half-width columns as will do, of even length.

    Lines break between words and beside Chinese characters, and never begin with a closing mark.

    Examples
    --------
    >>> wrapped("经费按合同约定按时足额拨付", 20).splitlines()
    ['经费按合同约定', '按时足额拨付']
    """
    lines = _filled(str(words), width)
    while width > 4 and len(narrower := _filled(str(words), width - 1)) == len(lines):
        lines, width = narrower, width - 1
    return "\n".join(lines)


def _filled(words: str, width: int) -> list[str]:
    lines = [""]
    for piece in _pieces(words):
        full = columns_of((lines[-1] + piece).rstrip()) > width
        if full and lines[-1] and piece.strip() and piece[0] not in NEVER_FIRST:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.strip() for line in lines]


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _pieces(words: str) -> list[str]:
    """Split where a line may break: after a space, and on either side of a Chinese character."""
    pieces = [""]
    for character in words:
        last = pieces[-1][-1:]
        if last and (_wide(character) or last == " " or _wide(last)):
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def number(value: float, digits: int = 2) -> str:
    """``value`` with a true minus sign, never a negative zero; a dash for nothing.

    Examples
    --------
    >>> number(-0.5), number(-0.001)
    ('−0.50', '0.00')
    """
    if not np.isfinite(value):
        return NOTHING
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """A share in 0..1 as whole per cent; a dash for nothing."""
    return f"{number(100 * share, 0)}%" if np.isfinite(share) else NOTHING


def ends(values: npt.ArrayLike) -> tuple[float, float]:
    """The smallest and the largest of ``values`` that are there; nan for both where none is."""
    there = np.asarray(values, dtype=float)
    there = there[np.isfinite(there)]
    return (float(there.min()), float(there.max())) if len(there) else (np.nan, np.nan)


def fixed_ticks(axis: Axis, values: Sequence[float], labels: Sequence[str]) -> None:
    """Ticks with words of ours, made now: ticks made at drawing time would take the user's fonts."""
    axis.set_ticks(list(values), labels=[without_controls(label) for label in labels])


def round_ticks(axis: Axis, low: float, high: float, *, most: int = 6) -> None:
    """At most about ``most`` ticks at round numbers from ``low`` to ``high``."""
    from matplotlib.ticker import MaxNLocator

    found = np.asarray(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    ticks = found[(found >= low - 1e-12) & (found <= high + 1e-12)]
    step = float(np.min(np.diff(ticks))) if len(ticks) > 1 else 1.0
    digits = next(d for d in range(9) if abs(step * 10**d - round(step * 10**d)) < 1e-6 or d == 8)
    axis.set_tick_params(labelsize=SMALL)
    fixed_ticks(axis, ticks.tolist(), [number(t, digits) for t in ticks])


def rows(labels: Sequence[str], gaps: Sequence[float] | None = None) -> list[float]:
    """Heights of rows, one per label, far enough apart for all its lines; the unit is one row.

    Parameters
    ----------
    labels : sequence of str
        Already broken into lines.
    gaps : sequence of float, optional
        Room to leave before each row.
    """
    needed = [max(1.0, LINE * (label.count("\n") + 1) + 0.25) for label in labels]
    heights = [0.0]
    for k in range(1, len(labels)):
        heights.append(heights[-1] + (needed[k - 1] + needed[k]) / 2 + (gaps[k] if gaps else 0.0))
    return heights


def group_names(ax: Axes, groups: Sequence[str], heights: Sequence[float], names: Sequence[str]) -> None:
    """The name of each group in bold above its first row, where ``GROUP_GAP`` was left before it.

    Parameters
    ----------
    groups, heights, names : sequence
        One per row: its group, where it stands, and the words at it.
    """
    for k, group in enumerate(groups):
        if k == 0 or group != groups[k - 1]:
            height = heights[k] - 0.35 - LINE * (names[k].count("\n") + 1) / 2
            ax.annotate(wrapped(group, 34), (0, height), (-4, 0), xycoords=ax.get_yaxis_transform(),
                        textcoords="offset points", ha="right", va="bottom", fontweight="bold",
                        annotation_clip=False)  # fmt: skip


def inches(heights: Sequence[float], labels: Sequence[str]) -> float:
    """Inches that rows of these heights take, with the outer halves of the first and last."""
    lines = labels[0].count("\n") + labels[-1].count("\n")
    return ROW * (heights[-1] - heights[0] + 1 + LINE * lines)


def note_n(ax: Axes, n: int | str | None) -> None:
    """State n (or its range) above the right end of the axes, where it is one for the whole picture."""
    if n is not None:
        ax.set_title(N_EQUALS.format(n=n).en, loc="right", fontsize=SMALL, color=GREY, fontfamily=FAMILIES)


def note(ax: Axes, words: str) -> None:
    """What else must be known to read the picture, above the left end of the axes."""
    ax.set_title(words, loc="left", fontsize=SMALL, color=GREY, fontfamily=FAMILIES)


def right_columns(ax: Axes, at: Sequence[float], columns: Sequence[tuple[str, Sequence[str]]], *, top: float) -> None:
    """Columns of numbers to the right of the axes, each under its head, right-aligned, at heights ``at``.

    Heads end where their numbers end, so that these need not be measured to find the room of the columns.

    Parameters
    ----------
    at : sequence of float
        Heights in data coordinates.
    columns : sequence of (head, one text per height)
    top : float
        Height of the foot of the heads in data coordinates.
    """
    across, offset = ax.get_yaxis_transform(), 0.0
    for head, texts in columns:
        offset += max(points(words, SMALL) for words in (head, *texts)) + 10
        heads_and_numbers = [(top, HEAD, head, GREY, "bottom")]
        heads_and_numbers += [(y, 0.0, words, INK, "center_baseline") for y, words in zip(at, texts, strict=True)]
        for y, raised, words, colour, anchor in heads_and_numbers:
            ax.annotate(
                words,
                (1, y),
                (offset, raised),
                xycoords=across,
                textcoords="offset points",
                ha="right",
                va=anchor,
                fontsize=SMALL,
                color=colour,
                annotation_clip=False,
                in_layout=words is head,
            )


def legend(ax: Axes, handles: Sequence[Artist], *, own: bool, across: int = 0) -> None:
    """A legend across the top of a figure of ours, under the axes of a given one; in one line where it fits.

    Parameters
    ----------
    across : int
        Columns; as many as fit when 0.
    """
    # A handle and the space around it take about six half-width columns; words without digits run narrower.
    widths = [0.57 * SMALL * (6 + columns_of(str(handle.get_label()))) for handle in handles]
    room = WIDTH * 72
    fitting = len(handles) if sum(widths) <= room else max(1, int(room // max(widths)))
    # matplotlib fills columns; people read lines.
    in_lines = handles if across else [handle for k in range(fitting) for handle in handles[k::fitting]]
    shape = {"handles": in_lines, "ncols": across or fitting, "handlelength": 1.4, "columnspacing": 1.2}
    if own:
        ax.figure.legend(loc="outside upper center", **shape)
    else:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), **shape)


def per_cent_axis(words: Text, ax: Axes, language: Language, ticks: Sequence[float]) -> None:
    """A horizontal axis of shares, with both arms of a diverging picture counted from zero."""
    fixed_ticks(ax.xaxis, ticks, [percent(abs(t)) for t in ticks])
    ax.set_xlabel(words.to(language))
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
