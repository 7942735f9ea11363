"""Rival models of the same data beside each other, with tests of the difference where one holds the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import sem_tables
from sgsurvey.measurement.difference_tests import holds, model_difference
from sgsurvey.measurement.estimators import DifferenceTest, estimator_named
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.sem import SEM
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

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
    test : str
        Of the differences of chi-square.
    """

    models: Mapping[str, SEM]
    test: DifferenceTest

    def _table(self) -> Table:
        return sem_tables.comparison_table(self)

    def older_table(self, *, language: Language | None = None) -> Table:
        """The main table with the indices of older work: GFI, AGFI, NFI, IFI."""
        return self.page(sem_tables.comparison_table(self, older=True), language)


# Door -------------------------------------------------------------------------------------------------------


def compare_models(models: Mapping[str, SEM], *, test: DifferenceTest | None = None) -> ModelComparison:
    """Fit indices of rival models of the same variables in the same rows.

    Parameters
    ----------
    models : mapping of name to SEM
        In the order of the table; each is tested against the one before, where one holds the other.
    test : str, optional
        Of the differences: ``likelihood_ratio`` for ML and DWLS; ``satorra_bentler_2001`` or ``satorra_bentler_2010``,
        which is never negative, for MLM, MLR and ULS; ``satorra_2000`` or ``satorra_2000_exact`` for WLSMV and ULSMV.
        The first of these for the models' estimator when None.

    Raises
    ------
    EstimationError
        Fewer than two models, models of other variables, rows, groups or estimators, a test of another estimator.
    """
    if len(models) < 2:
        raise EstimationError(
            Text("至少要有两个模型。", "there must be at least two models."),
            where="models",
            remedy=Text("如 {'单因子': a, '三因子': b}。", "As in {'one factor': a, 'three factors': b}."),
        )
    first = next(iter(models.values()))
    for name, model in models.items():
        _refuse_other_data(name, model, first)
    known = estimator_named(first.estimator).differences
    if test is not None and test not in known:
        raise EstimationError(
            Text(f"{first.estimator}没有差异检验“{test}”。", f"{first.estimator} has no difference test '{test}'."),
            where="test",
            remedy=Text(f"可用：{'、'.join(known)}。", f"Use {' or '.join(known)}."),
        )
    chosen = test or known[0]
    rows, before = [], None
    for name, model in models.items():
        rows.append({"model": name, **model.fit.to_dict(), **_against(before, model, chosen)})
        before = model
    return ModelComparison(pd.DataFrame(rows), first.basis, dict(models), chosen)


def _refuse_other_data(name: str, model: SEM, first: SEM) -> None:
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
    if isinstance(model.sample, OrdinalSample) and model.structure.means:
        raise EstimationError(
            Text(f"“{name}”是等值性检验的一个水平。", f"'{name}' is a level of invariance()."),
            where="models",
            remedy=Text("各水平之差见sg.invariance()的.frame。", "Its .frame has the differences of the levels."),
        )


def _against(before: SEM | None, model: SEM, test: DifferenceTest) -> dict[str, object]:
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
    chi_square, df = model_difference(narrow, wide, test)
    p = float(stats.chi2.sf(chi_square, df)) if np.isfinite(chi_square) else float("nan")
    return {"nested": True, "delta_chi_square": chi_square, "delta_df": df, "delta_p": p, **change}
