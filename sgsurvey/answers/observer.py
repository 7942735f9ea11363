"""Observer sheets become one score per township."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgsurvey.errors import DataError


def observer_by_township(
    sheets: pd.DataFrame, points: Sequence[str] | None = None, *, most: float = 2.0
) -> pd.DataFrame:
    """Mean observed score of each township: over points, then observers and visits, then villages.

    Each village counts the same, however often it was visited.

    Parameters
    ----------
    sheets : DataFrame
        One row per village, visit and observer, with ``township_id``, ``village_id`` and the points (0 bad … ``most``
        good; missing where a point could not be seen).
    points : sequence of str, optional
        Columns of the points; ``X1``, ``X2`` … when None.
    most : float
        The best mark.

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
    score = 100.0 * sheets[marks].astype("float64").mean(axis=1) / most
    villages = score.groupby([sheets["township_id"], sheets["village_id"]]).mean()
    townships = villages.groupby(level=0).agg(["mean", "count"])
    return townships.set_axis(["observer_score", "observed_villages"], axis=1).reset_index()
