"""The mean of a scale and its spread, by the design of the sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.estimators import Means, Variances, weighted_quantile
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

WEIGHTED = Text(
    "均值、标准差、中位数、地板和天花板比例已加权，n和人数未加权；区间为设计自由度下的t区间。",
    "Mean, SD, median, floor and ceiling are weighted, n and counts are not; intervals by t with the design's df.",
)


def designed_scale(
    answers: Responses, score: Array, limits: tuple[float, float] | None, conf_level: float
) -> dict[str, object]:
    """What a row says of a scale in the population; ``score`` has shape (n,), nan where there is none."""
    sample, there = Sample.of(answers), ~np.isnan(score)
    w: npt.NDArray[np.float64] = sample.part(there)
    y = sample.whole(score)[:, None]
    mean, covariance = sample.estimate(Means(y), there)
    error, df = float(np.sqrt(max(covariance[0, 0], 0.0))), sample.df(w)
    low, high = symmetric_interval(mean[0], error, df, conf_level)
    inside = w > 0
    x, own = y[inside, 0], w[inside]
    row: dict[str, object] = {
        "mean": float(mean[0]),
        "sd": float(np.sqrt(Variances(y).value(w)[0])) if len(x) > 1 else np.nan,
        "median": float(weighted_quantile(x, own, np.array([0.5]))[0]),
        "std_error": error,
        "df": df,
        "conf_low": float(low),
        "conf_high": float(high),
        "units": len(np.unique(sample.stages[0].units[inside])),
    }
    if limits is not None:
        floor, ceiling = x <= limits[0] + 1e-9, x >= limits[1] - 1e-9
        row |= {"floor": float(np.average(floor, weights=own)), "ceiling": float(np.average(ceiling, weights=own))}
    return row
