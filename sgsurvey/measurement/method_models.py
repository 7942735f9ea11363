"""Rival models of common method variance: one factor for everything, a method factor, a marker factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import SurveyError
from sgsurvey.measurement.cfa import sem
from sgsurvey.measurement.convergent import measured_by
from sgsurvey.measurement.difference_tests import model_difference
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structural_sample import Data
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

# Names that no questionnaire has: factors of ours among those of the user.
GENERAL, METHOD, MARKER = "_general", "_method", "_marker"
FIT = ("chi_square", "df", "p_value", "cfi", "tli", "rmsea", "srmr")


def line(factor: str, items: Sequence[str], modifiers: Sequence[object] | None = None) -> str:
    """A factor and its items, each with a modifier where there are any."""
    marks = [""] * len(items) if modifiers is None else [f"{m}*" for m in modifiers]
    return f"`{factor}` =~ " + " + ".join(f"{mark}`{item}`" for mark, item in zip(marks, items, strict=True))


def factors_of(model: SEM) -> dict[str, list[str]]:
    """Factors with their observed items, first group."""
    return {factor: list(rows) for factor, rows in measured_by(model, model.groups[0]).items()}


def one_factor(data: Data, factors: Mapping[str, Sequence[str]], estimator: str) -> SEM:
    """All items on one factor: Harman's test by confirmatory factor analysis."""
    return sem(data, line(GENERAL, _items(factors)), estimator=estimator)


def method_factor(data: Data, factors: Mapping[str, Sequence[str]], estimator: str) -> SEM:
    """The factors, and one more behind every item alike that none of them goes with.

    Unmeasured latent method construct with equal loadings: Podsakoff, MacKenzie, Lee and Podsakoff (2003), Journal of
    Applied Psychology 88, 879-903, figure 3A; equal, for it to be identified.
    """
    items = _items(factors)
    lines = [line(f, i) for f, i in factors.items()]
    lines += [line(METHOD, items, ["m"] * len(items)), *_apart(METHOD, factors)]
    return sem(data, _standard(lines), estimator=estimator)


def marker_models(
    data: Data, factors: Mapping[str, Sequence[str]], marker: Sequence[str], estimator: str
) -> dict[str, SEM]:
    """Baseline, equal and free loadings of all items on the marker's factor.

    Williams, Hartman and Cavazotte (2010), Organizational Research Methods 13, 477-514: loadings and residuals of the
    marker's own items stay at what the model of all factors gives them, and the marker goes with none of the factors.
    """
    lines = [line(f, i) for f, i in factors.items()]
    whole = sem(data, _standard([*lines, line(MARKER, marker)]), estimator=estimator)
    frame = whole.frame.set_index(["lhs", "op", "rhs"])["estimate"]
    own = [float(frame[MARKER, "=~", item]) for item in marker]
    fixed = [line(MARKER, marker, [f"{value:.10f}" for value in own])]
    fixed += [f"`{item}` ~~ {float(frame[item, '~~', item]):.10f}*`{item}`" for item in marker]
    base = [*lines, *fixed, *_apart(MARKER, factors)]
    items = _items(factors)
    return {
        "marker_baseline": sem(data, _standard(base), estimator=estimator),
        "marker_equal": sem(data, _standard([*base, line(MARKER, items, ["m"] * len(items))]), estimator=estimator),
        "marker_free": sem(data, _standard([*base, line(MARKER, items)]), estimator=estimator),
    }


def compared(models: Mapping[str, SEM], against: Mapping[str, str]) -> pd.DataFrame:
    """Fit of each model, and what it gains over the one that it is held against."""
    rows = []
    for name, model in models.items():
        row: dict[str, object] = {"model": name, **{key: float(model.fit[key]) for key in FIT}}
        if (base := models.get(against.get(name, ""))) is not None:
            narrow, wide = (base, model) if base.fit["df"] > model.fit["df"] else (model, base)
            chi_square, df = model_difference(narrow, wide) if narrow.fit["df"] > wide.fit["df"] else (np.nan, np.nan)
            row |= {"against": against[name], "delta_chi_square": chi_square, "delta_df": df}
            row["delta_p"] = float(stats.chi2.sf(chi_square, df)) if np.isfinite(chi_square) else np.nan
            row["delta_cfi"] = float(model.fit["cfi"] - base.fit["cfi"])
            row["delta_rmsea"] = float(model.fit["rmsea"] - base.fit["rmsea"])
        rows.append(row)
    differences = ["delta_chi_square", "delta_df", "delta_p", "delta_cfi", "delta_rmsea"]
    return pd.DataFrame(rows, columns=["model", *FIT, "against", *differences])


def all_rivals(
    data: Data, factors: Mapping[str, Sequence[str]], marker: Sequence[str], estimator: str
) -> tuple[dict[str, SEM], dict[str, Text]]:
    """Every rival model that can be fitted by its name, and why the others could not, by the name of their test."""
    jobs: dict[str, Callable[[], dict[str, SEM]]] = {
        "harman_cfa": lambda: {"one_factor": one_factor(data, factors, estimator)},
        "method_factor": lambda: {"method_factor": method_factor(data, factors, estimator)},
    }
    if len(marker) > 1:
        jobs["marker_cfa"] = lambda: marker_models(data, factors, marker, estimator)
    fitted: dict[str, SEM] = {}
    lost = {}
    for test, job in jobs.items():
        try:
            # A model on the edge of identification overflows on its way to a refusal.
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                fitted |= job()
        except SurveyError as refusal:
            lost[test] = refusal.what
    return fitted, lost


def shares(model: SEM, factor: str) -> tuple[float, float]:
    """Mean share of the items' variance from ``factor``, and from the others; standardised loadings squared."""
    squared = model.loadings**2
    rows = squared[factor].notna()
    return float(squared.loc[rows, factor].mean()), float(squared.loc[rows].drop(columns=factor).sum(axis=1).mean())


def loading(model: SEM, factor: str) -> tuple[float, float]:
    """Mean standardised loading on ``factor``, and the largest standard error of one."""
    rows = model.frame[(model.frame["lhs"] == factor) & (model.frame["op"] == "=~")]
    errors = rows["std_se"].to_numpy(dtype=float)
    return float(rows["std"].mean()), float(np.nan if np.isnan(errors).any() else errors.max())


def lindell_whitney(r: Array, marker: float, n: int) -> tuple[Array, Array, Array]:
    """Correlations less what the marker shows: ``(r - m) / (1 - m)``, with t on n - 3 degrees of freedom and its p.

    Lindell and Whitney (2001), Journal of Applied Psychology 86, 114-121, equations (4) and (5).
    """
    adjusted = (r - marker) / (1 - marker)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = adjusted / np.sqrt((1 - adjusted**2) / (n - 3))
    return adjusted, t, 2 * stats.t.sf(np.abs(t), n - 3)


def _items(factors: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in factors.values() for item in items))


def _apart(factor: str, factors: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"`{factor}` ~~ 0*`{other}`" for other in factors]


def _standard(lines: Sequence[str]) -> StructuralModel:
    return StructuralModel("\n".join(lines), std_lv=True)
