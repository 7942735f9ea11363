"""Differences between groups under the design of the sample: t and Wald F of means, the same of ranks, effect sizes.

Lumley and Scott (2013), Biometrika 100, 831-842, for ranks; Korn and Graubard (1990), The American Statistician 44,
270-276, for the Wald F and its degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.effect_sizes import hedges_correction
from sgsurvey.numerics.estimators import (
    Joined,
    Means,
    StandardisedDifference,
    Variances,
    weighted_midranks,
    weighted_quantile,
)
from sgsurvey.numerics.group_tests import Pair, Test
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.multiplicity import adjusted

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Parts:
    """One variable in k groups, at the places of the whole sample.

    Attributes
    ----------
    sample : Sample
    y : ndarray, shape (N,)
    masks : sequence of ndarray of bool, shape (N,)
        The rows of each group that have the variable and a weight.
    """

    sample: Sample
    y: Array
    masks: Sequence[Mask]

    @classmethod
    def of(cls, sample: Sample, answers: Responses, name: str, by: str, codes: Sequence[object]) -> Parts:
        """The variable ``name`` in the groups with ``codes`` in the column ``by``."""
        values = answers.variables([name, by])
        y = sample.whole(values[name].to_numpy(dtype=float, na_value=np.nan))
        known = ~np.isnan(y) & (sample.weights > 0)
        masks = []
        for code in codes:
            inside = np.zeros(len(y), dtype=bool)
            inside[sample.rows] = values[by].eq(code).fillna(False).to_numpy(dtype=bool)
            masks.append(inside & known)
        return cls(sample, y, masks)

    @property
    def weights(self) -> Array:
        """Weights of the rows that are in any group; shape (N,)."""
        return np.where(np.any(self.masks, axis=0), self.sample.weights, 0.0)

    @property
    def df(self) -> float:
        """The design's degrees of freedom, less one for each mean beyond the first."""
        return self.sample.df(self.weights) - (len(self.masks) - 1)

    def means(self, y: Array | None = None) -> tuple[Array, Array]:
        """Means of the groups, and their covariance."""
        of = Means((self.y if y is None else y)[:, None])
        return self.sample.estimate(Joined([(of, mask) for mask in self.masks]))


def means_test(parts: Parts, y: Array | None = None) -> Test:
    """T of the first mean less the second, or Wald's F that k means are equal; nan where the design cannot tell."""
    mean, covariance = parts.means(y)
    k, df = len(mean), parts.df
    against = np.column_stack([np.ones(k - 1), -np.eye(k - 1)])
    difference, spread = against @ mean, against @ covariance @ against.T
    if df <= 0 or np.linalg.matrix_rank(spread) < k - 1:
        return Test(np.nan, np.nan, np.nan, np.nan)
    if k == 2:
        t = float(difference[0] / np.sqrt(spread[0, 0]))
        return Test(t, np.nan, df, float(2 * stats.t.sf(abs(t), df)))
    f = float(difference @ np.linalg.solve(spread, difference)) / (k - 1)
    return Test(f, k - 1, df, float(stats.f.sf(f, k - 1, df)))


def ranks_test(parts: Parts) -> Test:
    """The test of means, of the shares of the population that lie below each value."""
    inside = parts.weights > 0
    return means_test(parts, weighted_midranks(np.where(inside, parts.y, np.nan), parts.weights))


def tests(name: str, parts: Parts, conf_level: float) -> dict[str, object]:
    """A row of ``Comparison.frame``."""
    n = int((parts.weights > 0).sum())
    row: dict[str, object] = {"variable": name, "n": n} | means_test(parts)._asdict()
    if len(parts.masks) == 2:
        row |= {"effect": "hedges_g"} | hedges_g(parts, conf_level)
    else:
        row |= {"effect": "omega_squared", "estimate": omega_squared(parts), "conf_low": np.nan, "conf_high": np.nan}
    ranks = ranks_test(parts)
    return row | {"rank_statistic": ranks.statistic, "rank_p": ranks.p_value}


def hedges_g(parts: Parts, conf_level: float) -> dict[str, object]:
    """The weighted difference over the weighted standard deviation within groups, its interval by linearisation."""
    first, second = parts.masks
    if not any(np.ptp(parts.y[mask]) > 0 for mask in parts.masks):
        return dict.fromkeys(("estimate", "conf_low", "conf_high"), np.nan)
    value, covariance = parts.sample.estimate(StandardisedDifference(parts.y, first, second))
    factor = hedges_correction(int(first.sum() + second.sum()) - 2)
    ends = symmetric_interval(factor * value[0], factor * np.sqrt(covariance[0, 0]), parts.df, conf_level)
    return {"estimate": float(factor * value[0]), "conf_low": float(ends[0]), "conf_high": float(ends[1])}


def omega_squared(parts: Parts) -> float:
    """Share of the variance between groups, the weights brought to the sum of n; Hays (1963), of weighted squares."""
    w = parts.weights[parts.weights > 0]
    n, k = len(w), len(parts.masks)
    scale = n / w.sum()
    means = [np.average(parts.y[mask], weights=parts.sample.weights[mask]) for mask in parts.masks]
    sizes = [scale * parts.sample.weights[mask].sum() for mask in parts.masks]
    within = sum(
        scale * float(parts.sample.weights[mask] @ (parts.y[mask] - mean) ** 2)
        for mask, mean in zip(parts.masks, means, strict=True)
    )
    between = float(np.dot(sizes, (np.array(means) - np.average(means, weights=sizes)) ** 2))
    error = within / (n - k)
    total = between + within + error
    return (between - (k - 1) * error) / total if total > 0 else float("nan")


def described(parts: Parts) -> list[dict[str, float]]:
    """n, weighted mean, standard deviation and median of each group."""
    lines = []
    for mask in parts.masks:
        w, y = np.where(mask, parts.sample.weights, 0.0), parts.y[:, None]
        lines.append(
            {
                "n": int(mask.sum()),
                "mean": float(Means(y).value(w)[0]),
                "sd": float(np.sqrt(Variances(y).value(w)[0])),
                "median": float(weighted_quantile(parts.y[mask], w[mask], np.array([0.5]))[0]),
            }
        )
    return lines


def pairs(parts: Mapping[str, tuple[Sequence[object], Parts]], conf_level: float) -> list[dict[str, object]]:
    """Every two groups of each variable: p by Holm, intervals by Bonferroni, for the pairs of one variable."""
    rows: list[dict[str, object]] = []
    for name, (codes, found) in parts.items():
        mean, covariance = found.means()
        lines, m = [], len(codes) * (len(codes) - 1) // 2
        for i, j in combinations(range(len(codes)), 2):
            difference = float(mean[i] - mean[j])
            error = float(np.sqrt(max(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j], 0.0)))
            low, high = symmetric_interval(difference, error, found.df, 1 - (1 - conf_level) / m)
            t = difference / error if error > 0 else np.nan
            p = float(2 * stats.t.sf(abs(t), found.df)) if found.df > 0 else np.nan
            lines.append(Pair(difference, error, t, found.df, p, float(low), float(high)))
        holm = adjusted(pd.Series([line.p_value for line in lines]), "holm")
        rows += [
            {"variable": name, "group_1": codes[i], "group_2": codes[j]} | line._replace(p_value=float(p))._asdict()
            for (i, j), line, p in zip(combinations(range(len(codes)), 2), lines, np.asarray(holm), strict=True)
        ]
    return rows
