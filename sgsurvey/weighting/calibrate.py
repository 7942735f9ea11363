"""Calibration: weights that meet totals of numbers and of categories, as near to what they were as can be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Array, Calibration
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError
from sgsurvey.numerics.calibration import Distance, Kind, ToTotals
from sgsurvey.text import Text, same
from sgsurvey.weighting.margins import margins_of, rows_lacking
from sgsurvey.weighting.reweigh import indicators, reweighed, sampled

Totals = Mapping[str, float | Mapping[object, float] | pd.Series]
LABEL = Text("权数校准到{names}的总量（{distance}）。", "Weights calibrated to the totals of {names} ({distance}).")
DISTANCES = {
    "linear": Text("线性", "linear"),
    "raking": Text("raking", "raking"),
    "logit": Text("logit，有上下限", "logit, within bounds"),
}
EVERYBODY = Text("总体人数", "population")


def calibrate(
    data: Responses | pd.DataFrame,
    totals: Totals | pd.Series,
    *,
    population: float | None = None,
    distance: Kind = "linear",
    bounds: tuple[float, float] | None = None,
) -> Responses:
    """Weights that meet totals of the population, as near to what they were as can be.

    Parameters
    ----------
    data : Responses or DataFrame
        With its design.  A part of a sample (``where``) has its own weights changed and no others.
    totals : mapping or Series
        The population's total of each numeric column; for a column of categories the count of every one:
        ``{"township_id": {"T1": 5210, "T2": 3980}, "land": 18400.0}``.
    population : float, optional
        How many there are, which weights then sum to; categories say so already.
    distance : "linear", "raking" or "logit"
        How moving is measured: linear gives the generalised regression estimator, whose weights may fall below 0 (which
        is refused); raking never goes below 0; logit stays within ``bounds``.
    bounds : (low, high), optional
        Least and most of new weight over old, below and above 1.  Needed for logit; others are cut there.

    Returns
    -------
    Responses
        With a new column ``calibrated_weight``, which the design names; standard errors are of the residuals from a
        regression on the auxiliaries.

    Raises
    ------
    DesignError
        Auxiliaries are missing; no weights meet all totals; weights would be below 0.

    References
    ----------
    Deville, J.-C., & Särndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of the American
    Statistical Association, 87, 376-382.

    Examples
    --------
    ``sg.calibrate(schools, {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}, distance="raking")``
    """
    how = _distance(distance, bounds)
    answers, sample = sampled(data)
    weights = sample.weights[sample.rows]
    columns: list[Array] = []
    wanted: list[float] = []
    names: list[Text] = []
    if population is not None:
        columns, wanted, names = [np.ones((len(answers), 1))], [float(population)], [EVERYBODY]
    crossed = {str(name): given for name, given in totals.items() if isinstance(given, Mapping | pd.Series)}
    plain = {str(name): given for name, given in totals.items() if not isinstance(given, Mapping | pd.Series)}
    for margin in margins_of(answers, crossed, weights) if crossed else ():
        columns.append(indicators(margin.cells, len(margin.names)))
        wanted += margin.totals.tolist()
        names += margin.names
    for name, value in plain.items():
        columns.append(_numbers(answers, name, weights))
        wanted.append(float(value))
        names.append(same(name))
    if not columns:
        raise DesignError(
            Text("没有给出任何总量。", "there are no totals."),
            remedy=Text("请给出总体的总量。", "Give totals of the population."),
        )
    x = sample.whole(np.hstack(columns), empty=0.0)
    said = Text("、".join(map(str, totals)) or EVERYBODY.zh, ", ".join(map(str, totals)) or EVERYBODY.en)
    label = LABEL.format(names=said, distance=DISTANCES[distance])
    rule = ToTotals(x, np.array(wanted), tuple(names), how)
    return reweighed(answers, sample, "calibrated_weight", Calibration(x, sample.weights, label, rule))


def _numbers(answers: Responses, name: str, weights: Array) -> Array:
    """A numeric auxiliary, shape (n, 1); rows that do not count may lack it."""
    values = pd.to_numeric(answers.variables([name])[name], errors="coerce").to_numpy(dtype=float)
    missing = ~np.isfinite(values) & (weights > 0)
    if missing.any():
        raise rows_lacking(name, missing)
    return np.where(np.isfinite(values), values, 0.0)[:, None]


def _distance(kind: Kind, bounds: tuple[float, float] | None) -> Distance:
    if kind not in DISTANCES:
        raise DesignError(
            Text(f"没有“{kind}”这种距离。", f"there is no distance '{kind}'."),
            remedy=Text('可用"linear"、"raking"、"logit"。', 'Use "linear", "raking" or "logit".'),
        )
    if bounds is None and kind != "logit":
        return Distance(kind)
    low, high = bounds or (np.nan, np.nan)
    if not low < 1 < high or low < 0 or (kind == "logit" and not np.isfinite(high)):
        raise DesignError(
            Text(
                "上下限须为0≤下限<1<上限；logit必须给出。", "bounds must be 0 <= low < 1 < high, and logit needs them."
            ),
            remedy=Text("例如bounds=(0.3, 3)。", "For example bounds=(0.3, 3)."),
        )
    return Distance(kind, low, high)
