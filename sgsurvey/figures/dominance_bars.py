"""Dominance: bars of general dominance that add up to R², and at their side whom each dominates completely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.figures import lettering, style
from sgsurvey.figures.bars import bars
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PART = Text("{name}中的部分（百分点）", "Part of {name} (points of 100)")
WHOLE = Text("合计{name} = {whole}", "They sum to {name} = {whole}")
DOMINATES = Text("完全优于", "Dominates")
ALT = Text(
    "条形图：{k}个自变量的一般优势及其置信区间，合计{name}为{whole}；{complete}个自变量完全优于其他某个自变量。",
    "Bars: general dominance of {k} predictors with intervals, which sum to {name} = {whole}; {complete} of them "
    "dominate another one completely.",
)


@style.in_house_style
def dominance_bars(
    frame: pd.DataFrame,
    *,
    whole: float,
    explained: str = "R²",
    n: int | None = None,
    ax: Axes | None = None,
    language: Language = "en",
) -> Axes:
    """General dominance with its intervals, its sum above, complete dominance in a column.

    Parameters
    ----------
    frame : DataFrame
        One row per predictor, the largest first, words already in the reader's language: ``label`` (with its number),
        ``estimate`` (its part of R², 0..1), ``conf_low``, ``conf_high`` and ``dominates`` (numbers of those that it
        dominates completely: it adds more than they do to every subset of the others; empty for none).
    whole : float
        R² that the predictors sum to.
    explained : str
        Which R² it is.
    n : int, optional
        Respondents, printed above the axes.
    ax : Axes, optional
        Where to draw; a figure of its own when None.
    language : "zh" or "en"
        Of the fixed words.
    """
    axis = PART.format(name=explained)
    ax = bars(frame[["label", "estimate", "conf_low", "conf_high"]], axis=axis, sort=False, n=n, ax=ax,
              language=language)  # fmt: skip
    others = [words or lettering.NOTHING for words in frame["dominates"]]
    lettering.right_columns(ax, list(ax.get_yticks()), [(DOMINATES.to(language), others)], top=ax.get_ylim()[1])
    total = lettering.number(whole, 3)
    lettering.note(ax, WHOLE.format(name=explained, whole=total).to(language))
    complete = int((frame["dominates"] != "").sum())
    return style.told(ax, frame, ALT, language, k=len(frame), name=explained, whole=total, complete=complete)
