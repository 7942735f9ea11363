"""Response flow: how many came in, how many were set aside and why, how many were used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_IN = Text("{step}\n进入 n = {n}", "{step}\nin: n = {n}")
KEPT = Text("进入分析\nn = {n}", "Analysed\nn = {n}")
ASIDE = Text("未使用 n = {n}", "Set aside: n = {n}")
REASON = Text("{reason}：{n}", "{reason}: {n}")
ALT = Text(
    "流程图：{n_in}份进入，{steps}个步骤后{n_out}份用于分析，右侧列出每一步未使用的原因和份数。",
    "Flow: {n_in} came in, {n_out} were analysed after {steps} steps; what was set aside at each, and why, stands at "
    "its side.",
)
LEFT, RIGHT = (0.0, 2.5), (3.3, 6.1)  # edges of the two columns of boxes, inches
LINE = 0.175  # inches
SPACE = 0.3  # between boxes, inches


@style.in_house_style
def flow(frame: pd.DataFrame, *, ax: Axes | None = None, language: Language = "en") -> Axes:
    """Boxes from the first step down to what was analysed, with the reasons at the side.

    Parameters
    ----------
    frame : DataFrame
        One row per step and reason, in order, words already in the reader's language: ``step``, ``n_in``, ``n_out``,
        ``reason`` and ``n`` (rows set aside for it); one row with ``reason`` empty where nothing was set aside.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    boxes = _boxes(frame, language)
    height = sum(max(_tall(left), _tall(right)) + SPACE for left, right in boxes) - SPACE
    ax = style.axes(ax, height=height + 0.2)
    ax.set_axis_off()
    ax.set_xlim(LEFT[0] - 0.05, RIGHT[1] + 0.05)
    ax.set_ylim(height + 0.05, -0.05)
    ax.set_aspect("equal")
    middle, top, before = (LEFT[0] + LEFT[1]) / 2, 0.0, None
    for left, right in boxes:
        tall = max(_tall(left), _tall(right))
        centre = top + tall / 2
        low, high = centre - _tall(left) / 2, centre + _tall(left) / 2
        if before is not None:
            _arrow(ax, (middle, before), (middle, low))
        _box(ax, LEFT, centre, left, centred=True)
        if right:
            _arrow(ax, (LEFT[1], centre), (RIGHT[0], centre))
            _box(ax, RIGHT, centre, right, centred=False)
        before, top = high, top + tall + SPACE
    n_in, n_out = int(frame["n_in"].iloc[0]), int(frame["n_out"].iloc[-1])
    return style.told(ax, frame, ALT, language, n_in=n_in, n_out=n_out, steps=len(boxes) - 1)


def _boxes(frame: pd.DataFrame, language: Language) -> list[tuple[str, str]]:
    """Words of the left and right box of each step, and of the last box."""
    boxes = []
    for step in frame["step"].unique():
        part = frame[frame["step"] == step]
        n_in, n_out = int(part["n_in"].iloc[0]), int(part["n_out"].iloc[0])
        name = lettering.wrapped(step, 28)
        reasons = [
            lettering.wrapped(REASON.format(reason=str(reason), n=int(n)).to(language), 38)
            for reason, n in zip(part["reason"], part["n"], strict=True)
            if isinstance(reason, str) and reason and np.isfinite(n)
        ]
        aside = "\n".join([ASIDE.format(n=n_in - n_out).to(language), *reasons]) if n_in > n_out else ""
        boxes.append((N_IN.format(step=name, n=n_in).to(language), aside))
    boxes.append((KEPT.format(n=int(frame["n_out"].iloc[-1])).to(language), ""))
    return boxes


def _tall(words: str) -> float:
    return LINE * (words.count("\n") + 1) + 0.16 if words else 0.0


def _box(ax: Axes, edges: tuple[float, float], centre: float, words: str, *, centred: bool) -> None:
    from matplotlib.patches import Rectangle

    tall, (left, right) = _tall(words), edges
    corner = (left, centre - tall / 2)
    face = "white" if centred else "#F5F5F5"
    ax.add_patch(Rectangle(corner, right - left, tall, facecolor=face, edgecolor=style.GREY, linewidth=0.9))
    at = (left + right) / 2 if centred else left + 0.1
    ax.text(at, centre, words, ha="center" if centred else "left", va="center", fontsize=style.SMALL, linespacing=1.3)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    shape = {"arrowstyle": "-|>", "color": style.GREY, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    ax.annotate("", end, start, arrowprops=shape)
