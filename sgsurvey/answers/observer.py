"""Observer sheets become one score per township."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgsurvey.errors import DataError


def observer_by_township(
    sheets: pd.DataFrame, points: Sequence[str] | None = None, *, most: float = 2.0, unseen: Sequence[float] = (9,)
) -> pd.DataFrame:
    """Mean observed score of each township: over points, then observers and visits, then villages.

    Each village counts the same, however often it was visited.

    Parameters
    ----------
    sheets : DataFrame
        One row per village, visit and observer, with ``township_id``, ``village_id`` and the points (0 bad … ``most``
        good).
    points : sequence of str, optional
        Columns of the points; ``X1``, ``X2`` … when None.
    most : float
        The best mark.
    unseen : sequence of float
        Codes for a point that could not be observed; it counts as missing.

    Returns
    -------
    DataFrame
        ``township_id, observer_score`` (points of 100) and ``observed_villages``, ready for ``answers.join``.
    """
    marks = (
        [c for c in sheets.columns if str(c)[:1] == "X" and str(c)[1:].isdigit()] if points is None else list(points)
    )
    absent = [c for c in ["township_id", "village_id", *marks] if c not in sheets]
    if absent or not marks:
        raise DataError(
            f"the observer sheets lack {', '.join(absent) or 'points (X1, X2 …)'}.", remedy="Check the sheet's columns."
        )
    given = sheets[marks].astype("float64")
    given = given.mask(given.isin(list(unseen)))
    outside = (given < 0) | (given > most)
    if outside.any(axis=None):
        raise DataError(
            f"{int(outside.sum().sum())} mark(s) are outside 0-{most:g}.",
            where=f"column '{outside.any().idxmax()}'",
            remedy="Correct them, or name their codes in unseen=.",
        )
    score = 100.0 * given.mean(axis=1) / most
    villages = score.groupby([sheets["township_id"], sheets["village_id"]]).mean()
    townships = villages.groupby(level=0).agg(["mean", "count"])
    return townships.set_axis(["observer_score", "observed_villages"], axis=1).reset_index()
