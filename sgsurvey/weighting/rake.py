"""Raking: weights that meet several margins at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Calibration
from sgsurvey.answers.responses import Responses
from sgsurvey.numerics.calibration import Distance, ToTotals
from sgsurvey.text import Text
from sgsurvey.weighting.margins import Margins, margins_of
from sgsurvey.weighting.reweigh import indicators, reweighed, sampled

LABEL = Text("权数按边际{margins}迭代调整（raking）。", "Weights raked to the margins of {margins}.")


def rake(data: Responses | pd.DataFrame, margins: Margins) -> Responses:
    """Weights multiplied by a factor for each category so that all margins are met.

    The weights are those that iterative proportional fitting reaches (Deming and Stephan 1940), found by Newton's
    method to 1e-10; standard errors are of the residuals from a regression on all margins together, as R's
    ``calibrate(calfun="raking")`` has them (R's ``rake()`` takes one margin after the other, which may differ).

    Parameters
    ----------
    data : Responses or DataFrame
        With its design.  A part of a sample (``where``) has its own weights changed and no others.
    margins : mapping or list
        ``{"sex": {1: 5200, 2: 4800}, "age5": {…}}`` with counts of the population; a key may be a tuple of columns that
        are crossed.  Or a list of DataFrames, each with columns of categories and one named ``count``, or of Series
        whose index names the columns.

    Returns
    -------
    Responses
        With a new column ``raked_weight``, which the design names.

    Raises
    ------
    DesignError
        Margins disagree in total; a category that only one of sample and population has; rows without a category; no
        weights meet all margins.

    References
    ----------
    Deville, J.-C., Särndal, C.-E., & Sautory, O. (1993). Generalized raking procedures in survey sampling. Journal of
    the American Statistical Association, 88, 1013-1020.

    Examples
    --------
    ``sg.rake(villagers, {"sex": {1: 5200, 2: 4800}, "age5": {1: 2100, 2: 2500, 3: 2400, 4: 1800, 5: 1200}})``
    """
    answers, sample = sampled(data)
    found = margins_of(answers, margins, sample.weights[sample.rows])
    x = sample.whole(np.hstack([indicators(m.cells, len(m.names)) for m in found]), empty=0.0)
    totals = np.concatenate([m.totals for m in found])
    names = tuple(name for m in found for name in m.names)
    said = Text("、".join(m.label for m in found), ", ".join(m.label for m in found))
    rule = ToTotals(x, totals, names, Distance("raking"))
    return reweighed(answers, sample, "raked_weight", Calibration(x, sample.weights, LABEL.format(margins=said), rule))
