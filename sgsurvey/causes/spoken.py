"""How many persons spoke of an aspect in answers to open questions, as coders read them, in words for the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sgsurvey.causes.countermeasure_matrix import HIDDEN, listing
from sgsurvey.descriptives.rank_agreement import joined
from sgsurvey.descriptives.themes import Themes
from sgsurvey.errors import DesignError
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text

SPOKEN = Text("开放题提及（κ）", "Spoke of it unasked (κ)")
NO_CODE = Text("编码框架未涉及", "no code for it")
SPOKEN_NOTE = Text(
    "开放题提及：回答已编码的受访者中谈到该方面的百分比，见开放题主题表；κ为编码员在该方面的一致性；“—”为人数过少而不显示。",
    "Spoke of it: % of the respondents whose open answers have codes, see the table of themes; κ is the agreement of "
    "coders on the aspect; — hides few persons.",
)
OF_ALL = Text("{s}（95%置信区间{low}至{high}，n={n}）", "{s} (95% CI {low} to {high}, n = {n})")
OF_GROUP = Text("{g}{s}（n={n}）", "{g} {s} (n = {n})")


def spoken_of(themes: Themes, aspects: Sequence[str]) -> list[Text]:
    """For each aspect the share of persons (by group, with how many they are of) and the coders' kappa.

    Raises
    ------
    DesignError
        No theme speaks of an aspect, or several speak of the same: persons who named two of them would count twice.
    """
    counts = Counter(themes.aspects.values())
    if not counts or max(counts.values()) > 1:
        raise DesignError(
            Text("主题与问卷的方面不是一一对应。", "the themes do not stand for one aspect of the questionnaire each."),
            where="themes",
            remedy=Text(
                '请用编码框架中写有aspect的一个维度计数，如sg.themes(coding, "aspect")。',
                'Count the one dimension whose codes name aspects, as in sg.themes(coding, "aspect").',
            ),
        )
    theme_of = {aspect: theme for theme, aspect in themes.aspects.items()}
    return [_said(themes.frame[themes.frame["theme"] == theme_of[a]]) if a in theme_of else NO_CODE for a in aspects]


def _said(lines: pd.DataFrame) -> Text:
    shares = [_share(line) for _, line in lines.iterrows()]
    kappa = lines["kappa"]
    # As in the table of themes, which shows it where it shows every group.
    if lines["suppressed"].any() or kappa.isna().any():
        return listing(shares)
    return joined([listing(shares), Text("κ={k}", "κ = {k}").format(k=in_prose(kappa.iloc[0], "bounded", 2))])


def _share(line: pd.Series) -> Text:
    """The share of one group, or of all; nothing of few persons."""
    if line["suppressed"] or np.isnan(line["share"]):
        return HIDDEN if line["group"] is None else Text("{g}{s}", "{g} {s}").format(g=line["group_label"], s=HIDDEN)
    share, n = in_prose(line["share"], "percent", 0), in_prose(line["n_persons"], "count")
    if line["group"] is not None:
        return OF_GROUP.format(g=line["group_label"], s=share, n=n)
    low, high = (in_prose(line[end], "percent", 0) for end in ("conf_low", "conf_high"))
    return OF_ALL.format(s=share, low=low, high=high, n=n)
