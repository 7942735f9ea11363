"""Rival models of the same data beside each other, with tests of the difference where one holds the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import sem_tables
from sgsurvey.measurement.estimation import best
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structures import starting_values
from sgsurvey.numerics.discrepancy import Likelihood, SampleMoments
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Text

# A wider model that comes this near to what a narrower one implies holds it (Bentler and Satorra 2010).
HELD = 1e-6


# Formulas ---------------------------------------------------------------------------------------------------


def scaled_difference(narrow: SEM, wide: SEM) -> tuple[float, float]:
    """Chi-square and df of the difference; corrected after Satorra and Bentler (2001) where both tests are scaled.

    nan where the corrections do not go together or the corrected difference is negative.
    """
    df = narrow.fit["df"] - wide.fit["df"]
    raw = narrow.fit["chi_square"] - wide.fit["chi_square"]
    scaled = [fit.estimation.scaled for fit in (narrow, wide)]
    if scaled[0] is None and scaled[1] is None:
        return float(raw), float(df)
    if scaled[0] is None or scaled[1] is None or scaled[0].shift or scaled[1].shift:
        return float("nan"), float(df)
    factor = (narrow.fit["df"] * scaled[0].factor - wide.fit["df"] * scaled[1].factor) / df
    return (float(raw / factor) if factor > 0 else float("nan")), float(df)


def holds(wide: SEM, narrow: SEM) -> bool:
    """Whether ``wide`` can be whatever ``narrow`` implies: fitted to its implied moments it leaves nothing.

    The NET of Bentler and Satorra (2010), Psychological Methods 15, 111-123.
    """
    implied = narrow.structure.implied(narrow.theta)
    means = wide.structure.means and narrow.structure.means
    samples = [
        SampleMoments(own.n, model.cov, model.mean if means else own.mean)
        for own, model in zip(narrow.estimation.moments, implied, strict=True)
    ]
    starts = [wide.theta, *starting_values(wide.parameters, samples)]
    return best(Likelihood(wide.structure, samples), starts).value < HELD


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelComparison(Result):
    """Rival models, one row each.

    Attributes
    ----------
    frame : DataFrame
        ``model``, the fit of each, and against the row above ``nested, delta_chi_square, delta_df, delta_p, delta_cfi,
        delta_rmsea``; differences of chi-square are nan where neither model holds the other.
    models : mapping of name to SEM
    """

    models: Mapping[str, SEM]

    def _table(self) -> Table:
        return sem_tables.comparison_table(self)


# Door -------------------------------------------------------------------------------------------------------


def compare_models(models: Mapping[str, SEM]) -> ModelComparison:
    """Fit indices of rival models of the same variables in the same rows.

    Parameters
    ----------
    models : mapping of name to SEM
        In the order of the table; each is tested against the one before, where one holds the other.

    Raises
    ------
    EstimationError
        Fewer than two models, or models of other variables, rows, groups or estimators.
    """
    if len(models) < 2:
        raise EstimationError(
            Text("至少要有两个模型。", "there must be at least two models."),
            where="models",
            remedy=Text("如 {'单因子': a, '三因子': b}。", "As in {'one factor': a, 'three factors': b}."),
        )
    first = next(iter(models.values()))
    for name, model in models.items():
        same_rows = model.sample.n == first.sample.n and len(model.groups) == len(first.groups)
        if set(model.sample.names) != set(first.sample.names) or not same_rows or model.estimator != first.estimator:
            raise EstimationError(
                Text(
                    f"模型“{name}”的变量、行、组或估计方法与第一个不同，不能比较。",
                    f"'{name}' has other variables, rows, groups or another estimator than the first model.",
                ),
                where="models",
                remedy=Text("请用同一批数据和同一方法拟合。", "Fit all of them to the same data in the same way."),
            )
    rows, before = [], None
    for name, model in models.items():
        rows.append({"model": name, **model.fit.to_dict(), **_against(before, model)})
        before = model
    return ModelComparison(pd.DataFrame(rows), first.basis, dict(models))


def _against(before: SEM | None, model: SEM) -> dict[str, object]:
    unknown = dict.fromkeys(("delta_chi_square", "delta_df", "delta_p", "delta_cfi", "delta_rmsea"), float("nan"))
    if before is None:
        return {"nested": False, **unknown}
    change = {
        "delta_cfi": model.fit["cfi"] - before.fit["cfi"],
        "delta_rmsea": model.fit["rmsea"] - before.fit["rmsea"],
    }
    narrow, wide = (model, before) if model.fit["df"] > before.fit["df"] else (before, model)
    if narrow.fit["df"] == wide.fit["df"] or not holds(wide, narrow):
        return {**unknown, "nested": False, **change}
    chi_square, df = scaled_difference(narrow, wide)
    p = float(stats.chi2.sf(chi_square, df)) if np.isfinite(chi_square) else float("nan")
    return {"nested": True, "delta_chi_square": chi_square, "delta_df": df, "delta_p": p, **change}
