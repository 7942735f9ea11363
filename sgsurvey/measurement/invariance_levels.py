"""One model in several groups, level by level: continuous and ordered items behind the same three questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.completion import complete
from sgsurvey.measurement.difference_tests import model_difference
from sgsurvey.measurement.merged_categories import merge_sparse
from sgsurvey.measurement.ordinal_invariance import OrdinalLevel, ordinal_level, release_test
from sgsurvey.measurement.ordinal_invariance import scaled_difference as ordinal_difference
from sgsurvey.measurement.ordinal_sample import OrdinalSample, ordered_variables, ordinal_sample
from sgsurvey.measurement.parameters import ParameterTable, StructuralModel
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.measurement.syntax import Written
from sgsurvey.text import Text

Level = Literal["configural", "thresholds", "metric", "scalar", "strict"]
LEVELS: tuple[Level, ...] = ("configural", "thresholds", "metric", "scalar", "strict")
# What a level makes equal beyond the level before.
ADDED: dict[Level, str] = {
    "thresholds": "thresholds",
    "metric": "loadings",
    "scalar": "intercepts",
    "strict": "residuals",
}


@dataclass(frozen=True)
class Candidate:
    """A parameter that may be released, with its score test."""

    name: str
    statistic: float
    df: int

    @property
    def p_value(self) -> float:
        """By the chi-square distribution."""
        return float(stats.chi2.sf(self.statistic, self.df))


class Ladder(Protocol):
    """Fits levels of one model, with parameters released."""

    @property
    def suffix(self) -> str:
        """Of the indices that decide."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """Those that it knows, in order."""

    def fit(self, equal: Sequence[str], released: Sequence[str]) -> SEM:
        """The model with parts equal between groups."""

    def difference(self, narrow: SEM, wide: SEM) -> tuple[float, float]:
        """Chi-square of the difference and its df."""

    def candidates(self, fit: SEM, equal: Sequence[str], released: Sequence[str], part: str) -> list[Candidate]:
        """What of ``part`` may be released, the largest score test first."""


@dataclass(frozen=True)
class ContinuousLadder:
    """Levels of items taken as numbers.

    Attributes
    ----------
    options : StructuralModel
    fitted : callable (StructuralModel, equal) -> SEM
    suffix : str
        Of the indices that decide: ``""``, ``"_robust"`` where the estimator corrects them.
    """

    options: StructuralModel
    fitted: Callable[[StructuralModel, Sequence[str]], SEM]
    suffix: str
    levels: tuple[Level, ...] = ("configural", "metric", "scalar", "strict")

    def fit(self, equal: Sequence[str], released: Sequence[str]) -> SEM:
        """The model with parts equal between groups."""
        return self.fitted(replace(self.options, released=(*self.options.released, *released)), equal)

    def difference(self, narrow: SEM, wide: SEM) -> tuple[float, float]:
        """Plain, or scaled after Satorra and Bentler (2001)."""
        return model_difference(narrow, wide)

    def candidates(self, fit: SEM, equal: Sequence[str], released: Sequence[str], part: str) -> list[Candidate]:
        """By the score tests of the equalities, the largest of the groups."""
        tests = fit.equality_tests()
        names = {row.name for row in fit.parameters.rows if _part(row.op, row.lhs, row.rhs, fit.parameters) == part}
        tests = tests[tests["parameter"].isin(names)]
        found = tests.groupby("parameter", sort=False)["statistic"].max()
        return _sorted([Candidate(str(name), float(value), 1) for name, value in found.items()])


class OrdinalLadder:
    """Levels of ordered items, by WLSMV; sparse categories are merged first."""

    suffix = "_scaled"
    levels: tuple[Level, ...] = LEVELS

    def __init__(self, written: Written, options: StructuralModel, sample: StructuralSample) -> None:
        names = [group.name for group in sample.groups]
        simple = all(term.op in ("=~", "~~") for term in written.terms) and not written.constraints
        if not simple or set(written.latent) & {term.rhs for term in written.terms if term.op == "=~"}:
            raise EstimationError(
                Text(
                    "有序题项的等值性检验只用于因子及其题项。",
                    "invariance of ordered items is tested of factors measured by items alone.",
                ),
                where=Text("模型", "model"),
                remedy=Text("请去掉回归、高阶因子和约束。", "Leave out regressions, higher factors and constraints."),
            )
        ordered_variables(sample, sample.names)
        self.base: ParameterTable = complete(written, replace(options, std_lv=True, means=True), groups=names)
        self.sample: OrdinalSample = ordinal_sample(merge_sparse(sample))
        self._levels: dict[int, OrdinalLevel] = {}
        self._last: OrdinalLevel | None = None

    def fit(self, equal: Sequence[str], released: Sequence[str]) -> SEM:
        """The model with parts equal between groups."""
        found = ordinal_level(self.base, self.sample, equal, released=released, before=self._last)
        self._levels[id(found.fit)], self._last = found, found
        return found.fit

    def difference(self, narrow: SEM, wide: SEM) -> tuple[float, float]:
        """Scaled and shifted, after Satorra (2000)."""
        return ordinal_difference(self._levels[id(narrow)], self._levels[id(wide)])

    def candidates(self, fit: SEM, equal: Sequence[str], released: Sequence[str], part: str) -> list[Candidate]:
        """By score tests of each item's parameters together."""
        found = []
        for name in self._names[part]:
            if name not in released:
                test = release_test(self._levels[id(fit)], self.base, equal, (*released, name))
                found.append(Candidate(name, *test))
        return _sorted([candidate for candidate in found if candidate.df > 0])

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """Parameters of each part, one an item."""
        rows = [row for row in self.base.rows if row.group == 0]
        found = {
            part: [row.name for row in rows if _part(row.op, row.lhs, row.rhs, self.base) == part]
            for part in ("loadings", "intercepts", "residuals")
        }
        return found | {"thresholds": [f"{item} |" for item in self.base.observed]}


def _part(op: str, lhs: str, rhs: str, table: ParameterTable) -> str:
    """The part of a model that a line belongs to, as ``equal=`` names it; "" for others."""
    if op == "=~":
        return "loadings"
    if op == "~1" and lhs in table.observed:
        return "intercepts"
    if op == "~~" and lhs == rhs and lhs in table.observed:
        return "residuals"
    return ""


def _sorted(found: list[Candidate]) -> list[Candidate]:
    return sorted((c for c in found if np.isfinite(c.statistic)), key=lambda c: -c.statistic / c.df)
