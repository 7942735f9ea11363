"""Rows of the tables that describe items and scales: what is computed, and what a small group may show of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.descriptives.columns_to_hide import THIRDS
from sgsurvey.descriptives.groups import Group, positions
from sgsurvey.descriptives.summary_design import designed_scale
from sgsurvey.errors import DesignError
from sgsurvey.numerics.estimators import weighted_quantile
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import clustered_mean, intraclass
from sgsurvey.questionnaire.model import Item

# What is left of a small role's row; of a suppressed one nothing but its name.
WHO = ("group", "construct", "item", "shown")
COUNTED = ("n", "n_missing", "min", "max", "mean", "sd", "median", "skewness", "kurtosis")
OF_ITEMS = (*WHO, *COUNTED, *THIRDS, "dont_know", "top_two", "hidden")
OF_SCALES = (
    *("group", "construct", "shown", "n_items"),
    *(key for key in COUNTED if key not in ("skewness", "kurtosis")),
    *("std_error", "df", "conf_low", "conf_high", "units", "floor", "ceiling", "top_two", "icc"),
    "hidden",
)
SHOWN = frozenset({*OF_ITEMS, *OF_SCALES} - set(WHO))
SMALL_KEEPS = (*WHO, "n_items", "n", "n_missing", "min", "max", "median", "top_two")

# Formulas ---------------------------------------------------------------------------------------------------


def moments_of(x: Array, w: Array | None = None) -> dict[str, float]:
    """n, extremes, mean, sd, median, skewness and excess kurtosis; sample statistics G1 and G2.

    Joanes and Gill (1998), The Statistician 47, 183-189.  What needs more answers than there are is nan.  Under weights
    ``w`` above 0 all but n and the extremes are of the weighted distribution, corrected for n answers.
    """
    n = len(x)
    varies = n > 1 and float(np.ptp(x)) > 0
    central = [float(np.average((x - np.average(x, weights=w)) ** k, weights=w)) if varies else 0.0 for k in (2, 3, 4)]
    two, three, four = central
    skewness = three / two**1.5 if varies else np.nan
    excess = four / two**2 - 3.0 if varies else np.nan
    return {
        "n": n,
        "min": float(x.min()) if n else np.nan,
        "max": float(x.max()) if n else np.nan,
        "mean": float(np.average(x, weights=w)) if n else np.nan,
        "sd": float(np.sqrt(two * n / (n - 1))) if n > 1 else np.nan,
        "median": _median(x, w) if n else np.nan,
        "skewness": skewness * np.sqrt(n * (n - 1)) / (n - 2) if varies and n > 2 else np.nan,
        "kurtosis": (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6) if varies and n > 3 else np.nan,
    }


def _median(x: Array, w: Array | None) -> float:
    return float(np.median(x)) if w is None else float(weighted_quantile(x, w, np.array([0.5]))[0])


def thirds(x: Array, low: float, high: float, w: Array | None = None) -> dict[str, float]:
    """Shares of answers below, at and above the middle of a scale, and the count (unweighted) in its top two.

    The top two of five points are the top quarter of the range: at least ``low + 0.75 (high - low)``.
    """
    middle, top = (low + high) / 2, low + 0.75 * (high - low)
    if not len(x):
        return {"disagree": np.nan, "neutral": np.nan, "agree": np.nan, "top_two": 0}
    return {
        "disagree": float(np.average(x < middle, weights=w)),
        "neutral": float(np.average(x == middle, weights=w)),
        "agree": float(np.average(x > middle, weights=w)),
        "top_two": int((x >= top - 1e-9).sum()),
    }


# Rows -------------------------------------------------------------------------------------------------------


def item_row(group: Group, item: Item) -> tuple[dict[str, object], Array, int]:
    """The row of an item, its answers, and how many did not know; rows of weight 0 are outside."""
    answers = group.answers
    weight = np.ones(len(answers)) if answers.weights is None else answers.weights
    values = answers.items([item.name], keyed=False)[item.name].to_numpy(dtype=float)
    there = ~np.isnan(values) & (weight > 0)
    x, w = values[there], None if answers.weights is None else weight[there]
    said = [code for code, kind in item.missing_codes.items() if kind == "dont_know"]
    unsure = answers.frame[item.name].isin(said).to_numpy() & (weight > 0)
    row: dict[str, object] = {"group": group.words, "construct": item.construct, "item": item.name}
    row |= moments_of(x, w) | {"n_missing": int((weight > 0).sum()) - len(x)}
    if item.type == "rating" and (item.scale is not None or item.limits is not None):
        row |= thirds(x, *answers.limits(item.name), w)
    asked = float(weight[unsure].sum() + weight[there].sum())
    row["dont_know"] = float(weight[unsure].sum()) / asked if said and asked else np.nan
    return row, x, int(unsure.sum())


def scale_row(group: Group, name: str, cluster: str | None, conf_level: float) -> dict[str, object]:
    """The row of a scale, its mean with the error that clusters leave."""
    answers = group.answers
    score = answers.scores([name])[name]
    there = score.notna()
    x = score[there].to_numpy()
    row: dict[str, object] = {"group": group.words, "construct": name}
    row |= moments_of(x)
    row |= {"n_items": len(answers.questionnaire.construct(name).items), "n_missing": int((~there).sum())}
    if len(x) > 1:
        units, strata, members = _units(answers, there, cluster)
        found = clustered_mean(x, units, strata)
        half = stats.t.ppf(0.5 + conf_level / 2, found.df) * found.std_error
        row |= {"std_error": found.std_error, "df": found.df, "units": found.units}
        row |= {"conf_low": found.mean - half, "conf_high": found.mean + half}
        inside = members >= 0
        row["icc"] = intraclass(x[inside], positions(pd.Series(members[inside])))
    try:
        low, high = answers.limits(name)
    except DesignError:  # a plain frame without limits, or items on different scales: no floor and no ceiling
        return row
    row |= {"floor": float((x <= low + 1e-9).mean()), "ceiling": float((x >= high - 1e-9).mean())} if len(x) else {}
    return row | {"top_two": thirds(x, low, high)["top_two"]}


def _units(answers: Responses, rows: pd.Series, cluster: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units and strata of the mean, and the clusters themselves (-1 for none); each of the length of ``rows`` kept."""
    n = int(rows.sum())
    if cluster is None:
        return np.arange(n), np.zeros(n, dtype=np.int64), np.full(n, -1)
    members = positions(answers.frame.loc[rows, cluster])
    alone = members < 0
    units = members.copy()
    units[alone] = members.max() + 1 + np.arange(alone.sum())
    return units, positions(pd.Series(alone)), members


def gated(row: dict[str, object], group: Group, smallest: int, few: set[str]) -> dict[str, object]:
    """The row with only what a group of its size may show, without the columns behind which ``few`` people stand."""
    if int(str(row["n"])) < smallest:
        return {key: value for key, value in row.items() if key in WHO} | {"shown": "nothing", "hidden": ()}
    shown = "median" if group.small else "all"
    hidden = tuple(sorted(few & set(SMALL_KEEPS if group.small else row)))
    kept = {key: value for key, value in row.items() if key not in few and (key in SMALL_KEEPS or not group.small)}
    return kept | {"shown": shown, "hidden": hidden}


def under_design(group: Group, name: str, conf_level: float) -> dict[str, object]:
    """What the design says of a scale, over the row of ``scale_row``."""
    score = group.answers.scores([name])[name].to_numpy(dtype=float)
    if group.answers.weights is not None and not group.answers.weights[~np.isnan(score)].any():
        return dict.fromkeys(("mean", "sd", "median", "std_error", "conf_low", "conf_high"), np.nan)
    try:
        limits = group.answers.limits(name)
    except DesignError:  # as in scale_row
        limits = None
    return designed_scale(group.answers, score, limits, conf_level) | {"icc": np.nan}
