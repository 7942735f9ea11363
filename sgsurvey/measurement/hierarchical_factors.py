"""One general factor behind correlated ones: the Schmid-Leiman transformation of a factor solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.errors import EstimationError
from sgsurvey.measurement import efa_tables
from sgsurvey.numerics.schmid_leiman import schmid_leiman
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.measurement.factor_solution import EFA


@dataclass(frozen=True)
class HierarchicalFactors(Result):
    """A general factor and what is left of each group, all orthogonal.

    Attributes
    ----------
    frame : DataFrame
        One row per item: ``item, general``, the group factors ``F1 …``, ``communality, general_share`` (of the
        communality).
    second_order : Series, length k
        Loadings of the factors on the general one.
    variance : Series
        ``SS`` loadings of the general and the group factors.
    explained : float
        Share of the common variance that is general (ECV).
    how : Text
    remarks : tuple of Text
    """

    second_order: pd.Series
    variance: pd.Series
    explained: float
    how: Text
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        return efa_tables.hierarchical_table(self)


def hierarchical_factors(solution: EFA) -> HierarchicalFactors:
    """``EFA.schmid_leiman``."""
    if solution.factors > 1 and not (solution.plan is None or solution.plan.correlated):
        raise EstimationError(
            Text("正交旋转的因子不相关，没有更高阶的因子。", "orthogonal factors leave nothing to a general one."),
            where="schmid_leiman",
            remedy=Text("请用斜交旋转，如oblimin。", "Rotate obliquely, as by oblimin."),
        )
    found = schmid_leiman(solution.loadings.to_numpy(), solution.phi.to_numpy())
    heads = list(solution.loadings.columns)
    common = found.general**2 + (found.group**2).sum(axis=1)
    frame = pd.DataFrame({"item": list(solution.sample.names), "general": found.general})
    frame = frame.assign(**dict(zip(heads, found.group.T, strict=True)), communality=common)
    frame["general_share"] = found.general**2 / np.where(common > 0, common, np.nan)
    variance = pd.Series((frame[["general", *heads]] ** 2).sum(), name="ss_loadings")
    remarks = list(solution.remarks)
    if solution.factors == 2:
        remarks.append(
            Text(
                "两个因子不能确定一般因子：其相关平均分给两者。",
                "Two factors do not identify a general one: their correlation is split equally.",
            )
        )
    if not found.proper:
        remarks.append(
            Text(
                "二阶因子解不适当（Heywood情形），须谨慎。",
                "The factor of the second order is improper (Heywood): with care.",
            )
        )
    return HierarchicalFactors(
        frame,
        solution.basis,
        pd.Series(found.second_order, heads, name="second_order"),
        variance,
        float(variance["general"] / variance.sum()),
        solution.how,
        tuple(remarks),
    )
