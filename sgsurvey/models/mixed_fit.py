"""A fitted model with random slopes, or with groups that cross, and the lines of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.refusal import declined
from sgsurvey.errors import nearest_word
from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.grouped import likelihood_ratio, with_interval
from sgsurvey.models.grouped_fit import GroupedFit
from sgsurvey.models.small_sample import SmallSampleCovariance
from sgsurvey.numerics.crossed_intercepts import crossed_intercepts
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.random_effects import (
    MixedModel,
    MixedSolution,
    Structure,
    least_deviance,
    left_out_p_value,
    solved,
)
from sgsurvey.numerics.random_intercept import grouped_moments
from sgsurvey.numerics.random_slopes import random_slopes
from sgsurvey.numerics.units import standardised
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Kind
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

# Levels beside the largest grouping: their block is factored dense.
MOST_LEVELS = 5000

HOW = {True: Text("REML估计", "REML"), False: Text("ML估计", "maximum likelihood")}
SLOPES = Text(
    "随机斜率模型（截距与斜率的协方差不加限制），{how}；自由度用Satterthwaite法。",
    "Random slopes model (unstructured covariance) by {how}; df of Satterthwaite.",
)
CROSSED = Text(
    "多个分组的随机截距模型（交叉或嵌套），{how}；自由度用Satterthwaite法。",
    "Random intercepts of several groupings (crossed or nested) by {how}; df of Satterthwaite.",
)
CONVENTIONS = Text(
    "标准差的区间按对数、相关系数的区间按Fisher z（Pinheiro与Bates，2000）；R²按Nakagawa与Schielzeth（2013）、"
    "Johnson（2014）：边际R²只计自变量，条件R²另计组间差别；ICC为随机部分占随机部分与残差之和的比例，各行平均；"
    "随机效应的似然比检验：该效应的方差在原假设下处于边界，p值取自卡方混合分布。",
    "Intervals of standard deviations by their logarithm, of correlations by Fisher's z (Pinheiro and Bates 2000); R² "
    "of Nakagawa and Schielzeth (2013) and Johnson (2014): marginal of the predictors, conditional of predictors and "
    "groups; ICC: share of the random part in random part and residual, on average over the rows; likelihood ratios of "
    "random effects against mixtures of chi-squares, as a variance lies at its bound under the hypothesis.",
)
# Not HEADS["icc"]: two answers of one group correlate by how their predictors lie, or as far as they share groupings.
ICC_OF_ROWS = Text("ICC（各行平均）", "ICC (average of rows)")
ICC_OF_ALL = Text("ICC（全部分组）", "ICC (all groupings)")
SINGULAR = Text(
    "奇异拟合：有方差估计为0，或有随机效应之间完全相关；其标准误和区间不予给出。",
    "Singular fit: a variance is estimated as 0, or random effects go together exactly; of these there are no errors.",
)


class Levels(NamedTuple):
    """One grouping: its column, the level of each row (0 … G - 1), and the levels' names."""

    column: str
    codes: npt.NDArray[np.int64]
    names: tuple[object, ...]


@dataclass(frozen=True)
class MixedFit(GroupedFit):
    """A design matrix, the random part over it, and the solution.

    Attributes
    ----------
    design : DesignMatrix
    groupings : tuple of Levels
        One with ``slopes``, or several.
    slopes : tuple of str
        Predictors whose slopes differ between the groups.
    model : MixedModel
    solution : MixedSolution
    """

    design: DesignMatrix
    groupings: tuple[Levels, ...]
    slopes: tuple[str, ...]
    model: MixedModel
    solution: MixedSolution

    @property
    def kind(self) -> Text:
        """Which kind of regression."""
        return Text("随机斜率", "Random slopes") if self.slopes else Text("交叉随机截距", "Several random intercepts")

    @property
    def effects(self) -> tuple[str, ...]:
        """Names of the random effects: intercept and slopes of one grouping, or the groupings."""
        return (INTERCEPT, *self.slopes) if self.slopes else tuple(one.column for one in self.groupings)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Places of the effects that are correlated, in the order of the solution's covariances."""
        return tuple(zip(*np.triu_indices(len(self.effects), 1), strict=True)) if self.slopes else ()

    @cached_property
    def covariance(self) -> SmallSampleCovariance:
        """Covariance of the coefficients at the estimated variances."""
        return SmallSampleCovariance.of(self.solution, "satterthwaite")

    def variances(self, conf_level: float) -> pd.DataFrame:
        """Variances of the random effects and the residual, correlations of effects, and their intervals."""
        values, q = self.solution.components, len(self.effects)
        errors = np.sqrt(np.diag(self.solution.component_covariance))
        if self.solution.singular:
            errors[:-1][values[:-1] == 0 if not self.slopes else slice(None)] = np.nan
        at = [*range(q), len(values) - 1]
        found, error = values[at], errors[at]
        with np.errstate(divide="ignore", invalid="ignore"):
            # The standard deviation's error over itself is half the variance's.
            low, high = symmetric_interval(np.log(found), error / found, np.inf, conf_level)
        frame = pd.DataFrame({"component": [*self.effects, "residual"], "estimate": found, "sd": np.sqrt(found)})
        frame = frame.assign(std_error=error, conf_low=np.exp(low), conf_high=np.exp(high))
        together = pd.concat([frame.iloc[:q], *self._correlations(conf_level), frame.iloc[q:]], ignore_index=True)
        return together.join(pd.DataFrame(self._left_out(), index=["lr", "lr_p_value"]).T, on="component")

    def _correlations(self, conf_level: float) -> list[pd.DataFrame]:
        values, covariance = self.solution.components, self.solution.component_covariance
        frames = []
        for place, (i, j) in enumerate(self.pairs, len(self.effects)):
            size = np.sqrt(values[i] * values[j])
            r = values[place] / size if size else np.nan
            slope = np.array([-r / (2 * values[i]), -r / (2 * values[j]), 1 / size]) if size else np.full(3, np.nan)
            at = [i, j, place]
            # Of a correlation that is all but exact rounding leaves no variance, and so no error.
            variance = np.nan if self.solution.singular else slope @ covariance[np.ix_(at, at)] @ slope
            error = float(np.sqrt(variance)) if variance > 0 else np.nan
            with np.errstate(divide="ignore", invalid="ignore"):
                low, high = symmetric_interval(np.arctanh([r]), np.array([error / (1 - r**2)]), np.inf, conf_level)
            line = {"component": f"{self.effects[i]} × {self.effects[j]}", "estimate": r, "sd": np.nan}
            line |= {"std_error": error, "conf_low": np.tanh(low[0]), "conf_high": np.tanh(high[0])}
            frames.append(pd.DataFrame([line]))
        return frames

    def _left_out(self) -> dict[str, tuple[float, float]]:
        """Likelihood ratio and p of each random effect, but for the intercepts beside slopes."""
        others = len(self.effects) - 1 if self.slopes else 0
        found = {}
        for effect in self.effects[1:] if self.slopes else self.effects:
            smaller = replace(self.model, structure=self._without(effect))
            ratio = max(least_deviance(smaller) - self.solution.deviance, 0.0)
            found[effect] = ratio, left_out_p_value(ratio, others)
        return found

    def _without(self, effect: str) -> Structure:
        if self.slopes:
            return structure_of(self.design, self.groupings, [name for name in self.slopes if name != effect])
        return structure_of(self.design, [one for one in self.groupings if one.column != effect], ())

    def groups(self, conf_level: float) -> pd.DataFrame:
        """One line per random effect of a group: rows, predicted effect, error given the estimates, and interval."""
        frames = []
        for grouping, found in zip(self.groupings, self.solution.effects, strict=True):
            sizes = np.bincount(grouping.codes)
            for k, effect in enumerate(self.effects if self.slopes else [grouping.column]):
                estimate, error = found.estimates[:, k], np.sqrt(found.variances[:, k])
                low, high = symmetric_interval(estimate, error, np.inf, conf_level)
                frame = pd.DataFrame({"component": effect, "group": list(grouping.names), "n": sizes})
                frames.append(frame.assign(estimate=estimate, std_error=error, conf_low=low, conf_high=high))
        return pd.concat(frames, ignore_index=True)

    def statistics(self) -> pd.Series:
        """Sizes of the grouping with the fewest levels, R-squared (Johnson 2014), ICC, likelihood."""
        s, fewest = self.solution, min(self.groupings, key=lambda one: len(one.names))
        sizes = np.bincount(fewest.codes)
        between, residual = s.mean_variance, s.components[-1]
        explained = float(np.var(self.design.X @ s.coefficients, ddof=1))
        total, parameters = explained + between + residual, len(s.coefficients) + len(s.theta) + 1
        return pd.Series(
            {
                "n": float(len(self.design.y)),
                "groups": float(len(fewest.names)),
                "smallest_group": float(sizes.min()),
                "largest_group": float(sizes.max()),
                "r_squared_marginal": explained / total,
                "r_squared_conditional": (explained + between) / total,
                "icc": between / (between + residual),
                "log_likelihood": -s.deviance / 2,
                "aic": s.deviance + 2 * parameters,
                "bic": s.deviance + np.log(len(self.design.y)) * parameters,
            }
        )

    def spread(self, X: Array) -> Array:
        """Standard deviation of single answers, of any group, at rows of ``X``."""
        values, q = self.solution.components, len(self.effects)
        if not self.slopes:
            return np.full(len(X), np.sqrt(values.sum()))
        D = np.diag(values[:q])
        for place, (i, j) in enumerate(self.pairs, q):
            D[i, j] = D[j, i] = values[place]
        Z = _random_columns(self.design, X, self.slopes)
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", Z, D, Z) + values[-1]))

    def words(self) -> tuple[Text, ...]:
        """How it was estimated."""
        method = (SLOPES if self.slopes else CROSSED).format(how=HOW[self.model.restricted])
        return method, CONVENTIONS, *([SINGULAR] if self.solution.singular else [])

    def foot(self, variances: pd.DataFrame, statistics: pd.Series, basis: Basis) -> list[tuple[Text, object, Kind]]:
        """Head and value of each line below the coefficients."""
        s, lines = statistics, variances.set_index("component")
        sizes: list[tuple[Text, object, Kind]] = [
            (Text("组数：{g}", "Groups: {g}").format(g=basis.label(one.column)), float(len(one.names)), "count")
            for one in self.groupings
        ]
        shown: list[tuple[Text, object, Kind]] = [(HEADS["n"], s["n"], "count"), *sizes]
        labels = self._effect_labels(basis)
        for effect, label in zip(self.effects, labels, strict=True):
            head = Text("方差：{e}", "Variance: {e}").format(e=label)
            shown.append((head, with_interval(lines.loc[effect], "estimate"), "text"))
        for i, j in self.pairs:
            head = Text("相关：{a}与{b}", "Correlation: {a}, {b}").format(a=labels[i], b=labels[j])
            line = lines.loc[f"{self.effects[i]} × {self.effects[j]}"]
            shown.append((head, with_interval(line, "bounded"), "text"))
        shown.append((Text("残差方差", "Residual variance"), with_interval(lines.loc["residual"], "estimate"), "text"))
        for effect, label in zip(self.effects, labels, strict=True):
            if pd.notna(lines.loc[effect, "lr"]):
                head = Text("似然比检验：{e}", "Likelihood ratio: {e}").format(e=label)
                shown.append((head, likelihood_ratio(lines.loc[effect]), "text"))
        return [
            *shown,
            (ICC_OF_ROWS if self.slopes else ICC_OF_ALL, s["icc"], "bounded"),
            (Text("边际R²", "Marginal R²"), s["r_squared_marginal"], "bounded"),
            (Text("条件R²", "Conditional R²"), s["r_squared_conditional"], "bounded"),
            (Text("对数似然", "Log-likelihood"), s["log_likelihood"], "estimate"),
        ]

    def _effect_labels(self, basis: Basis) -> list[Text]:
        if not self.slopes:
            return [basis.label(one.column) for one in self.groupings]
        slope = Text("{x}的斜率", "slope of {x}")
        return [Text("截距", "intercept"), *(slope.format(x=basis.label(name)) for name in self.slopes)]


def _random_columns(design: DesignMatrix, X: Array, slopes: Sequence[str]) -> Array:
    """Ones and the predictors whose slopes differ, at rows of ``X``."""
    return np.column_stack([np.ones(len(X)), *(X[:, design.names.index(name)] for name in slopes)])


def structure_of(design: DesignMatrix, groupings: Sequence[Levels], slopes: Sequence[str]) -> Structure:
    """The random part over a design: of one grouping with or without slopes, or of several."""
    W, units = standardised(design.X, design.y)
    if len(groupings) > 1:
        return crossed_intercepts(W, units, [one.codes for one in groupings])
    return random_slopes(_random_columns(design, design.X, slopes), W, units, groupings[0].codes)


def mixed_fit(design: DesignMatrix, groupings: Sequence[Levels], slopes: Sequence[str], restricted: bool) -> MixedFit:
    """The fit, after checks that the random part can be told from the residual.

    Raises
    ------
    EstimationError
        It cannot (SG180).
    """
    for one in groupings:
        # Whether the intercepts can be told is a question of each grouping by itself.
        grouped_moments(design.X, design.y, one.codes)
    if slopes:
        _check_slopes(design, groupings[0], slopes)
    else:
        _check_crossed(groupings)
    effects = sum(len(one.names) for one in groupings) * (1 + len(slopes))
    if slopes and effects >= len(design.y):
        raise declined("SG180.rows", where="slopes=", effects=effects, rows=len(design.y))
    model = MixedModel(structure_of(design, groupings, slopes), restricted)
    return MixedFit(design, tuple(groupings), tuple(slopes), model, solved(model))


def _check_slopes(design: DesignMatrix, grouping: Levels, slopes: Sequence[str]) -> None:
    numbers = [term.name for term in design.terms if term.number]
    for name in slopes:
        if name not in numbers:
            raise declined("SG180.slope", where="slopes=", predictor=name, hint=nearest_word(name, numbers))
        x = design.X[:, design.names.index(name)]
        means = np.bincount(grouping.codes, weights=x) / np.bincount(grouping.codes)
        if np.ptp(x - means[grouping.codes]) <= 1e-10 * np.ptp(x):
            raise declined("SG180.constant", where="slopes=", predictor=name)


def _check_crossed(groupings: Sequence[Levels]) -> None:
    for k, one in enumerate(groupings):
        for other in groupings[:k]:
            pairs = pd.DataFrame({"one": one.codes, "other": other.codes}).drop_duplicates()
            if len(pairs) == len(one.names) == len(other.names):
                raise declined("SG180.alike", where="group=", one=other.column, other=one.column)
    sizes = sorted(len(one.names) for one in groupings)
    if (levels := sum(sizes[:-1])) > MOST_LEVELS:
        raise declined("SG180.levels", where="group=", levels=levels, most=MOST_LEVELS)
