"""Post-stratification: weights that sum to the population's count in each cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Calibration
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError
from sgsurvey.numerics.calibration import ByCell
from sgsurvey.text import Text
from sgsurvey.weighting.margins import Margins, margins_of
from sgsurvey.weighting.reweigh import indicators, reweighed, sampled

LABEL = Text("权数经事后分层（{cells}，{n}格）。", "Weights post-stratified to {cells} ({n} cells).")


def poststratify(data: Responses | pd.DataFrame, cells: Margins | pd.DataFrame | pd.Series) -> Responses:
    """Weights multiplied in each cell so that they sum to its count in the population.

    Parameters
    ----------
    data : Responses or DataFrame
        With its design (``survey_design``).  A part of a sample (``where``) has its own weights changed and no others.
    cells : DataFrame, Series or mapping
        Counts of the population: a DataFrame with columns of categories and one named ``count``; a Series whose index
        names the columns; or ``{"sex": {1: 5200, 2: 4800}}``, ``{("sex", "age"): {(1, 1): 700, …}}``.

    Returns
    -------
    Responses
        With a new column ``poststratified_weight``, which the design names; standard errors are of the residuals from
        the cells' means.

    Raises
    ------
    DesignError
        A cell that only one of sample and population has; rows without a category.

    References
    ----------
    Holt, D., & Smith, T. M. F. (1979). Post stratification. Journal of the Royal Statistical Society A, 142, 33-46.

    Examples
    --------
    ``sg.poststratify(villagers, {"township_id": {"T1": 5210, "T2": 3980}})``
    """
    answers, sample = sampled(data)
    found = margins_of(answers, cells, sample.weights[sample.rows])
    if len(found) != 1:
        raise DesignError(
            Text(
                f"事后分层只要一张表，却有{len(found)}张。", f"post-stratification takes one table, not {len(found)}."
            ),
            remedy=Text("几个边际请用rake()。", "Use rake() for several margins."),
        )
    margin = found[0]
    place = sample.whole(margin.cells.astype(float), empty=-1.0).astype(np.int64)
    calibration = Calibration(
        indicators(place, len(margin.names)),
        sample.weights,
        LABEL.format(cells=margin.label, n=len(margin.names)),
        ByCell(place, margin.totals, None, margin.names),
    )
    return reweighed(answers, sample, "poststratified_weight", calibration)
