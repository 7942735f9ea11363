"""Whether a test of means and the rank test beside it decide alike, and the note where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgsurvey.text import Text

ALPHA = 0.05


def agreeing(p_value: pd.Series, rank_p: pd.Series, alpha: float = ALPHA) -> pd.Series:
    """Whether both are below ``alpha`` or neither; missing where one of them is."""
    both = p_value.notna() & rank_p.notna()
    return ((p_value < alpha) == (rank_p < alpha)).astype("boolean").where(both)


def apart(agrees: pd.Series) -> pd.Series:
    """Where they are known not to agree."""
    return agrees.astype("boolean").eq(False).fillna(False)


def disagreement(apart: Sequence[Text]) -> Text:
    """The note under a table of which tests of means and of ranks do not say the same."""
    return Text(
        f"均值检验与秩检验结论不一致，不宜下结论：{'、'.join(v.zh for v in apart)}。",
        f"Tests of means and of ranks disagree, so that no conclusion is drawn: {', '.join(v.en for v in apart)}.",
    )
