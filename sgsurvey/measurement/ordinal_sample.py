"""Ordered answers as thresholds and polychoric correlations, continuous variables among them, with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import SampleMoments
from sgsurvey.numerics.em import Mask
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.mixed_moments import MixedMoments, mixed_moments
from sgsurvey.numerics.structural import Index
from sgsurvey.text import Text

# More answers than this are taken as numbers, not as ordered categories.
MOST_CATEGORIES = 12


@dataclass(frozen=True)
class OrdinalSample(StructuralSample):
    """A sample whose moments are those of the latent responses behind ordered answers.

    Attributes
    ----------
    fits : tuple of MixedMoments, one a group
    covariance : ndarray, shape (G m, G m)
        Of all groups' statistics, group after group: thresholds, item by item, means and variances of continuous
        variables, and then covariances (``np.tril_indices(p, -1)``).
    """

    fits: tuple[MixedMoments, ...] = ()
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def ordered(self) -> Mask:
        """Which variables are ordered; the others are continuous.  Shape (p,)."""
        return self.fits[0].ordered

    @property
    def statistics(self) -> list[Array]:
        """What the rows of each group say, in the order of ``covariance``."""
        return [fit.statistics for fit in self.fits]

    @property
    def margins(self) -> list[Index]:
        """Where each group's thresholds and means stand among the statistics of all groups."""
        return [start + np.arange(sum(map(len, fit.thresholds)) + len(fit.mean)) for start, fit in self._starts]

    @property
    def pairs(self) -> list[Index]:
        """Where each group's covariances of two variables stand."""
        count = len(self.names) * (len(self.names) - 1) // 2
        return [start + np.arange(len(fit.statistics) - count, len(fit.statistics)) for start, fit in self._starts]

    @property
    def elements(self) -> Index:
        """Where the lower triangles of all groups' covariances stand, one after the other; -1 for variances of 1."""
        row, col = np.tril_indices(len(self.names))
        rank, continuous = np.cumsum(~self.ordered) - 1, int((~self.ordered).sum())
        found = np.empty((len(self.fits), len(row)), dtype=np.intp)
        for places, pairs in zip(found, self.pairs, strict=True):
            places[row != col] = pairs
            places[row == col] = np.where(self.ordered, -1, pairs[0] - continuous + rank)
        return found.ravel()

    @property
    def _starts(self) -> list[tuple[int, MixedMoments]]:
        sizes = [len(statistics) for statistics in self.statistics]
        return list(zip(np.cumsum([0, *sizes[:-1]]).tolist(), self.fits, strict=True))


def ordinal_sample(sample: StructuralSample, ordinal: Sequence[str] | None = None) -> OrdinalSample:
    """Latent moments of each group with their covariance.

    The covariance is ``n / (n - 1)`` times the asymptotic one where rows were drawn by themselves, as in lavaan.

    Parameters
    ----------
    ordinal : sequence of str, optional
        Which variables are ordered; those of at most 12 different whole numbers when None.

    Raises
    ------
    DataError
        Answers that are no ordered categories, or no variable that has them.
    EstimationError
        A pair of variables whose answers determine each other.
    """
    ordered = ordered_variables(sample, ordinal)
    fits, influences = [], []
    for group in sample.groups:
        values = np.array(group.rows)
        values[:, ordered] -= np.nanmin(values[:, ordered])
        fit, influence = mixed_moments(values, ordered, group.weights)
        _refuse_extremes(fit, sample.names, group.name)
        fits.append(fit)
        influences.append(influence)
    groups = tuple(
        replace(group, moments=SampleMoments(group.moments.n - 1, fit.cov))
        for group, fit in zip(sample.groups, fits, strict=True)
    )
    return OrdinalSample(
        sample.names,
        groups,
        sample.basis,
        (*sample.remarks, *_kinds(sample.names, ordered)),
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


def ordered_variables(sample: StructuralSample, ordinal: Sequence[str] | None) -> Mask:
    """Which variables are ordered, those of ``ordinal`` or of few whole numbers; shape (p,).

    Raises
    ------
    DataError
        One of ``ordinal`` that is no ordered category, or no variable that is.
    """
    stray = [name for name in ordinal or () if name not in sample.names]
    if stray:
        raise DataError(
            Text(f"ordinal=中的{'、'.join(stray)}不在模型的观测变量之中。", f"ordinal= names {', '.join(stray)}."),
            where="ordinal",
            remedy=Text("只写模型中观测变量的名称。", "Name observed variables of the model."),
        )
    rows = np.concatenate([np.asarray(group.rows) for group in sample.groups])
    found = []
    for name, column in zip(sample.names, rows.T, strict=True):
        kinds = np.unique(column[~np.isnan(column)])
        few = len(kinds) <= MOST_CATEGORIES and bool((kinds == np.round(kinds)).all())
        if ordinal is not None and name in ordinal and not few:
            raise DataError(
                Text(
                    f"“{name}”不是有序类别（有{len(kinds)}种取值）。",
                    f"'{name}' holds no ordered categories ({len(kinds)} different values).",
                ),
                where=name,
                remedy=Text(
                    "请用estimator='MLR'，或只在StructuralModel(…, ordinal=[…])中写有序变量。",
                    "Use estimator='MLR', or name ordered variables alone in StructuralModel(…, ordinal=[…]).",
                ),
            )
        found.append(few if ordinal is None else name in ordinal)
    if not any(found):
        raise DataError(
            Text("模型中没有有序变量。", "no variable of the model holds ordered categories."),
            where="data",
            remedy=Text("请用estimator='MLR'。", "Use estimator='MLR'."),
        )
    return np.array(found)


def _kinds(names: Sequence[str], ordered: Mask) -> tuple[Text, ...]:
    """What was taken for continuous, where not all is ordered."""
    rest = [name for name, is_ordered in zip(names, ordered, strict=True) if not is_ordered]
    if not rest:
        return ()
    zh, en = "、".join(rest), ", ".join(rest)
    return (
        Text(
            f"连续变量（与有序题项取多序列相关，彼此取协方差）：{zh}。",
            f"Continuous variables (polyserial with ordered items, covariances with each other): {en}.",
        ),
    )


def _refuse_extremes(fit: MixedMoments, names: Sequence[str], group: str) -> None:
    bad = fit.at_bound | ~np.isfinite(fit.cov)
    if not bad.any():
        return
    i, j = np.argwhere(bad)[0]
    raise EstimationError(
        Text(
            f"{names[i]}与{names[j]}没有(-1, 1)内部的潜在相关：它们的回答互相决定，或类别太稀疏。",
            f"{names[i]} and {names[j]} have no latent correlation inside (-1, 1): their answers determine each other, "
            "or categories are too sparse.",
        ),
        where=Text(f"组“{group}”", f"group '{group}'") if group else "",
        remedy=Text("请合并稀疏的类别，或去掉其中一个。", "Merge sparse categories, or leave out one of them."),
    )
