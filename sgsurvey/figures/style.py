"""One palette, one font choice (with Chinese), one size; how a figure is begun and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, wraps
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from sgsurvey.errors import DataError
from sgsurvey.files import write_whole
from sgsurvey.text import Language, Text, without_controls

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

FONTS = Path(__file__).parent / "fonts"
FAMILIES = ["DejaVu Sans", "SGSurvey Sans SC"]
WIDTH = 6.3  # inches: the text width of an A4 page
SIZE = 9.0  # points
SMALL = 8.0
TINY = 7.0

# Okabe and Ito (2008), in an order whose neighbours differ in lightness as well as in hue, so that grey prints tell
# them apart; bars, which have no marker and no dashes, are hatched too.
BLUE, ORANGE, GREEN, SKY, VERMILION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7"
SERIES = (BLUE, ORANGE, GREEN, SKY, VERMILION, PURPLE)
HATCHES = ("", "", "////", "....", r"\\\\", "xxxx")
MARKERS = ("o", "s", "D", "^", "v", "P")
INK, GREY, PALE = "#222222", "#6B6B6B", "#E6E6E6"

# Diverging, from Okabe and Ito's vermilion to their blue: the ends are dark, the middle is light.
NEGATIVE, NEUTRAL, POSITIVE = ("#B84A00", "#F0A878"), "#DDDDDD", ("#8FC6E8", "#005F99")

_STYLE: dict[str, object] = {
    "font.family": FAMILIES,
    "font.size": SIZE,
    "axes.labelsize": SIZE,
    "axes.titlesize": SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SIZE,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a price in dollars is no formula
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.4,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    # A report draws dozens of figures on purpose.
    "figure.max_open_warning": 0,
}


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the house's settings; the user's own rcParams stay as they are."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl

        load_fonts()
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return styled


@cache
def load_fonts() -> None:
    """Make the bundled fonts known to matplotlib, once."""
    from matplotlib.font_manager import fontManager

    for path in sorted(FONTS.glob("*.otf")):
        fontManager.addfont(path)


def prepare() -> None:
    """Load what drawing needs: most of a second that a process can spend before it has anything to draw."""
    from matplotlib import pyplot  # noqa: F401

    load_fonts()


@cache
def _known_characters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    load_fonts()
    return frozenset(code for family in FAMILIES for code in get_font(findfont(family)).get_charmap())


def missing_glyphs(labels: Iterable[str]) -> set[str]:
    """Characters of ``labels`` that none of the fonts of our figures has.

    Examples
    --------
    >>> missing_glyphs(["镕喆堃祎昇", "χ² − β"])
    set()
    """
    known = _known_characters()
    return {c for label in labels for c in str(label) if ord(c) not in known and not c.isspace()}


def axes(ax: Axes | None, height: float, *, width: float = WIDTH) -> Axes:
    """``ax``, or the axes of a new figure of the given size in inches, laid out so that no label is cut."""
    if ax is not None:
        for axis in (ax.xaxis, ax.yaxis):
            # Ticks and labels that are there already are in the user's letters.
            axis.reset_ticks()
            axis.label.set(fontfamily=FAMILIES, fontsize=SIZE)
        return ax
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()


def refuse_blank(values: npt.ArrayLike) -> None:
    """Refuse a picture of nothing.

    Raises
    ------
    DataError
        Every value is hidden or missing.
    """
    if not np.isfinite(np.asarray(values, dtype=float)).any():
        raise DataError(
            Text("所有数值都缺失，或因人数过少而不予显示。", "every value is hidden or missing."),
            where="plot",
            remedy=Text("请合并人数少的组或类别。", "Merge small groups or categories."),
        )


def told(ax: Axes, frame: pd.DataFrame, alt: Text, language: Language, **parts: str | int | float | Text) -> Axes:
    """Leave on the axes the frame that was plotted, ``ax.data``, and words for those who cannot see it, ``ax.alt``."""
    vars(ax).update(data=frame, alt=alt.format(**parts).to(language))
    return ax


def alternative(figure: Figure) -> str:
    """What the pictures of ``figure`` show, in words; empty where none of them is ours."""
    return " ".join(filter(None, (getattr(axes, "alt", "") for axes in figure.axes)))


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white), by WCAG 2.1: what a grey print keeps of it."""
    from matplotlib.colors import to_rgb

    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on ``colour``."""
    light = luminance(colour) + 0.05
    return "white" if 1.05 / light > light / 0.05 else INK


def lay_out(figure: Figure) -> None:
    """Lay ``figure`` out once, at one resolution: its formats agree whichever is saved first, and each is quicker."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine(None)  # "none" leaves a placeholder, for which each saving draws twice
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if not axis.get_label_text():
            # Each drawing would measure all ticks to find the place of no words.
            axis.set_label_coords(0, 0)


# What would make two files of the same figure differ: the metadata entry to leave out.
_CHANGING = {"svg": "Date", "pdf": "CreationDate", "png": "Software"}
# The metadata entry for words about the picture.
_SAYING = {"svg": "Description", "pdf": "Subject", "png": "Description"}


def to_svg(figure: Figure) -> str:
    """The figure as SVG text, letters as paths, the same text each time."""
    return _saved(figure, "svg", 100).decode("utf-8")


def to_png(figure: Figure, dpi: int = 300) -> bytes:
    """The figure as the bytes of a PNG file, the same each time."""
    return _saved(figure, "png", dpi)


def save(figure: Figure, path: str | Path) -> Path:
    """Write the figure to ``path``; the suffix decides: ``.svg``, ``.pdf`` or ``.png``."""
    path = Path(path)
    kind = path.suffix.lstrip(".").lower()
    if kind not in _CHANGING:
        raise DataError(
            f"a figure cannot be written as '{path.suffix}'.", where=str(path), remedy="Use .svg, .pdf or .png."
        )
    return write_whole(path, _saved(figure, kind, 300))


def _saved(figure: Figure, kind: str, dpi: int) -> bytes:
    import matplotlib as mpl
    from matplotlib.text import Text as Words

    for words in figure.findobj(Words):
        words.set_text(without_controls(words.get_text()))
    buffer = BytesIO()
    # Level 3 takes two thirds of the time of the usual 6, for files 5 % larger.
    options: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
    metadata = {_CHANGING[kind]: None, _SAYING[kind]: alternative(figure) or None}
    with mpl.rc_context({"svg.hashsalt": "sgsurvey", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata, **options)
    return buffer.getvalue()
