"""Ordered answers as the thresholds and polychoric correlations of each group, with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.pair_tables import IntArray
from sgsurvey.numerics.polychoric import Polychoric, polychoric, polychoric_influence
from sgsurvey.text import Text

# More answers than this are taken as numbers, not as ordered categories.
MOST_CATEGORIES = 12


@dataclass(frozen=True)
class OrdinalSample(StructuralSample):
    """A sample whose moments are polychoric.

    Attributes
    ----------
    fits : tuple of Polychoric, one a group
    covariance : ndarray, shape (G m, G m)
        Of all groups' thresholds, item by item, and then correlations (``np.tril_indices(p, -1)``), group after group.
    """

    fits: tuple[Polychoric, ...] = ()
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def cuts(self) -> list[int]:
        """Thresholds of each group."""
        return [sum(map(len, fit.thresholds)) for fit in self.fits]

    @property
    def statistics(self) -> list[Array]:
        """Thresholds and correlations of each group, in the order of ``covariance``."""
        low = np.tril_indices(len(self.names), -1)
        return [np.concatenate([*fit.thresholds, fit.corr[low]]) for fit in self.fits]


def ordinal_sample(sample: StructuralSample) -> OrdinalSample:
    """Polychoric correlations of each group, with the covariance of thresholds and correlations.

    The covariance is ``n / (n - 1)`` times the asymptotic one where rows were drawn by themselves, as in lavaan.

    Raises
    ------
    DataError
        Answers that are no ordered categories.
    EstimationError
        A pair of items whose answers determine each other.
    """
    fits, influences = [], []
    for group in sample.groups:
        codes = _codes(np.asarray(group.rows), sample.names)
        fits.append(polychoric(codes, group.weights))
        _refuse_extremes(fits[-1], sample.names, group.name)
        influences.append(polychoric_influence(codes, fits[-1], group.weights))
    groups = tuple(
        replace(group, moments=SampleMoments(group.moments.n - 1, fit.corr))
        for group, fit in zip(sample.groups, fits, strict=True)
    )
    return OrdinalSample(
        sample.names,
        groups,
        sample.basis,
        sample.remarks,
        sample.under_design,
        tuple(fits),
        _covariance(sample, influences),
    )


def _covariance(sample: StructuralSample, influences: Sequence[Array]) -> Array:
    """Of all groups' statistics from their influence values by row; groups are independent unless drawn together."""
    rows, width = ([part.shape[axis] for part in influences] for axis in (0, 1))
    row_at, at = (np.concatenate([[0], np.cumsum(sizes)]).astype(int) for sizes in (rows, width))
    if sample.under_design is None and sample.groups[0].clusters is None:
        covariance = np.zeros((at[-1], at[-1]))
        for g, (part, group) in enumerate(zip(influences, sample.groups, strict=True)):
            u = part if group.weights is None else part * group.weights[:, None]
            own = slice(at[g], at[g + 1])
            covariance[own, own] = u.T @ u * (rows[g] / (rows[g] - 1))
        return covariance
    among = np.zeros((row_at[-1], at[-1]))
    for g, part in enumerate(influences):
        among[row_at[g] : row_at[g + 1], at[g] : at[g + 1]] = part
    return sample.spread(among)


def _codes(rows: Array, names: Sequence[str]) -> IntArray:
    """Answers as whole numbers from 0, -1 where missing."""
    there = ~np.isnan(rows)
    filled = np.where(there, rows, 0.0)
    for name, column, given in zip(names, filled.T, there.T, strict=True):
        kinds = len(np.unique(column[given]))
        if (column != np.round(column)).any() or kinds > MOST_CATEGORIES:
            raise DataError(
                Text(
                    f"“{name}”不是有序类别（有{kinds}种取值）；有序题项与连续变量的混合模型不能估计。",
                    f"'{name}' holds no ordered categories ({kinds} different values); models of ordered and "
                    "continuous variables together are not estimated.",
                ),
                where=name,
                remedy=Text(
                    "请用estimator='MLR'，或把它从模型中去掉。", "Use estimator='MLR', or leave it out of the model."
                ),
            )
    low = filled[there].min() if there.any() else 0.0
    return np.where(there, filled - low, -1).astype(np.int64)


def _refuse_extremes(fit: Polychoric, names: Sequence[str], group: str) -> None:
    bad = fit.at_bound | ~np.isfinite(fit.corr)
    if not bad.any():
        return
    i, j = np.argwhere(bad)[0]
    raise EstimationError(
        Text(
            f"{names[i]}与{names[j]}的列联表没有内部的多分格相关：它们的回答互相决定，或类别太稀疏。",
            f"the table of {names[i]} and {names[j]} has no polychoric correlation inside (-1, 1): their answers "
            "determine each other, or categories are too sparse.",
        ),
        where=Text(f"组“{group}”", f"group '{group}'") if group else "",
        remedy=Text("请合并稀疏的类别，或去掉其中一题。", "Merge sparse categories, or leave out one of the items."),
    )
