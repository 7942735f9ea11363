"""Trimming: weights cut at bounds, what is cut off spread over the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Calibration
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError
from sgsurvey.numerics.calibration import Trimming
from sgsurvey.text import Text
from sgsurvey.weighting.reweigh import reweighed, sampled

LABEL = Text(
    "有{n}个权数被截（{least}至{most}），合计不变。",
    "{n} weights were cut at bounds ({least} to {most}); their sum stays.",
)


def trim(
    data: Responses | pd.DataFrame,
    *,
    most: float | None = None,
    least: float | None = None,
    relative: bool = False,
    by: str | None = None,
) -> Responses:
    """Weights cut at bounds; the others are multiplied by one factor so that the sum stays, none beyond the bounds.

    Standard errors take the new weights as given: what was calibrated before no longer makes them smaller, for trimmed
    weights do not meet those totals.  Calibrate again afterwards; replicates have everything done again.

    Parameters
    ----------
    data : Responses or DataFrame
        With its design.
    most, least : float, optional
        The largest and the smallest weight.
    relative : bool
        The bounds are multiples of the median weight.
    by : str, optional
        Column of groups whose sums stay, each by itself.

    Returns
    -------
    Responses
        With a new column ``trimmed_weight``, which the design names.

    Raises
    ------
    DesignError
        The bounds leave no room for the sum.

    References
    ----------
    Potter, F. J. (1990). A study of procedures to identify and trim extreme sampling weights. Proceedings of the
    Section on Survey Research Methods, American Statistical Association, 225-230.

    Examples
    --------
    ``sg.trim(raked, most=5, least=0.2, relative=True)``
    """
    answers, sample = sampled(data)
    weights = sample.weights[sample.rows]
    unit = float(np.median(weights[weights > 0])) if relative else 1.0
    high = np.inf if most is None else most * unit
    low = 0.0 if least is None else least * unit
    if not 0 <= low < high or (most is None and least is None):
        raise DesignError(
            Text(
                "截权须有上限或下限，且下限小于上限。",
                "trimming takes most=, least= or both, the least below the most.",
            ),
            remedy=Text("例如most=5, relative=True。", "For example most=5, relative=True."),
        )
    groups = np.zeros(len(answers)) if by is None else answers.variables([by])[by].astype("category").cat.codes
    place = sample.whole(np.asarray(groups, dtype=float), empty=-1.0).astype(np.int64)
    n = len(sample.weights)
    rule = Trimming(place, np.full(n, low), np.full(n, high))
    after = rule(sample.weights)
    cut = int((((after == low) | (after == high)) & (after > 0) & (place >= 0)).sum())
    label = LABEL.format(n=cut, least=f"{low:.4g}", most="∞" if np.isinf(high) else f"{high:.4g}")
    return reweighed(answers, sample, "trimmed_weight", Calibration(None, sample.weights, label, rule))
