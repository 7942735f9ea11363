"""Goals of a survey: a precision or a power, each as one number that grows more favourable with the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from sgsurvey.errors import DesignError
from sgsurvey.numerics.intervals import feldt
from sgsurvey.numerics.power import power_of_t
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Kind = Literal["mean", "proportion", "mean_difference", "proportion_difference", "coefficient", "alpha"]
KINDS: dict[Kind, Text] = {
    "mean": Text("均值", "mean"),
    "proportion": Text("比例", "share"),
    "mean_difference": Text("两组均值之差", "difference of two means"),
    "proportion_difference": Text("两组比例之差", "difference of two shares"),
    "coefficient": Text("回归系数", "regression coefficient"),
    "alpha": Text("α系数", "alpha"),
}
BY_POWER = ("mean_difference", "proportion_difference", "coefficient")


@dataclass(frozen=True)
class Goal:
    """What a sample is to achieve; made by the functions below.

    Attributes
    ----------
    kind : str
        ``mean``, ``proportion``, ``mean_difference``, ``proportion_difference``, ``coefficient`` or ``alpha``.
    groups : tuple of str
        The one group it is about, or the two that are compared.
    values : mapping of name to number
        What was given.
    """

    kind: Kind
    groups: tuple[str, ...]
    values: Mapping[str, float]

    def __post_init__(self) -> None:
        wanted = 2 if self.kind.endswith("difference") else 1
        if len(set(self.groups)) != wanted:
            raise DesignError(
                Text(f"“{KINDS[self.kind].zh}”需要{wanted}个组。", f"a {KINDS[self.kind].en} takes {wanted} group(s)."),
                where="Goal",
                remedy=Text("请写明组名。", "Name the group, or the two groups."),
            )

    @classmethod
    def mean(cls, group: str = "all", *, sd: float, margin: float) -> Goal:
        """A mean within ``margin`` either way (half the interval's width), where answers spread by ``sd``."""
        return cls("mean", (group,), _above(sd=sd, margin=margin))

    @classmethod
    def proportion(cls, group: str = "all", *, share: float = 0.5, margin: float) -> Goal:
        """A share within ``margin`` either way; 0.5 is the hardest."""
        return cls("proportion", (group,), {**_between(share=share), **_above(margin=margin)})

    @classmethod
    def mean_difference(cls, first: str, second: str, *, sd: float | tuple[float, float], smallest: float) -> Goal:
        """The smallest difference of two means that must not be missed; ``sd`` of both groups, or of each."""
        one, two = sd if isinstance(sd, tuple) else (sd, sd)
        return cls("mean_difference", (first, second), _above(sd_1=one, sd_2=two, smallest=smallest))

    @classmethod
    def proportion_difference(cls, first: str, second: str, *, shares: tuple[float, float]) -> Goal:
        """Two shares whose difference must not be missed."""
        goal = cls("proportion_difference", (first, second), _between(share_1=shares[0], share_2=shares[1]))
        _above(difference=abs(shares[0] - shares[1]))
        return goal

    @classmethod
    def coefficient(cls, group: str = "all", *, partial_r2: float, predictors: int) -> Goal:
        """One regression coefficient that explains ``partial_r2`` of what the other ``predictors - 1`` leave."""
        return cls("coefficient", (group,), {**_between(partial_r2=partial_r2), **_above(predictors=predictors)})

    @classmethod
    def alpha(cls, group: str = "all", *, value: float, items: int, width: float) -> Goal:
        """Coefficient alpha whose interval (Feldt's) is ``width`` wide."""
        if items < 2:
            raise DesignError(
                Text("α至少需要两个题项。", "alpha needs two items or more."),
                where="items=",
                remedy=Text("请写题项数。", "Give the number of items."),
            )
        return cls("alpha", (group,), {**_between(value=value), **_above(items=items, width=width)})

    @property
    def is_power(self) -> bool:
        """Whether a difference is to be found, rather than a number to be known closely."""
        return self.kind in BY_POWER

    @property
    def target(self) -> float:
        """The half width, or width, that is asked for; nan where a power is asked for."""
        return float("nan") if self.is_power else self.values["width" if self.kind == "alpha" else "margin"]

    @property
    def spreads(self) -> Array:
        """Standard deviations of the groups."""
        v = self.values
        if self.kind == "mean_difference":
            return np.array([v["sd_1"], v["sd_2"]])
        if self.kind == "proportion_difference":
            return np.sqrt([v[k] * (1 - v[k]) for k in ("share_1", "share_2")])
        return np.ones(1)

    @property
    def needs(self) -> Array:
        """What the answers of the groups are proportional to, beside the root of their design effects.

        Standard deviations need the fewest for means.  The test of two shares pools them: equal groups it is.
        """
        return self.spreads if self.kind == "mean_difference" else np.ones(len(self.groups))

    def reached(self, n: Array, population: Array, deff: Array, conf_level: float) -> float:
        """The half width, the width or the power that ``n`` answers of each group give; shapes (groups,).

        ``deff`` multiplies the variance of a simple random sample without replacement, ``(1/n - 1/N) S²``.  For
        coefficients and alpha, which describe more than this population, ``n / deff`` answers count and N does not.
        """
        v = self.values
        with np.errstate(divide="ignore"):
            shrink = deff * np.maximum(1 / n - 1 / population, 0.0)
        tail = (1 - conf_level) / 2
        z = float(stats.norm.isf(tail))
        if self.kind == "mean":
            return float(z * v["sd"] * np.sqrt(shrink[0]))
        if self.kind == "proportion":
            return float(z * np.sqrt(v["share"] * (1 - v["share"]) * shrink[0]))
        if self.kind == "alpha":
            low, high = feldt(v["value"], n[0] / deff[0], v["items"], conf_level)
            return float(high - low)
        if self.kind == "coefficient":
            return _power_of_f(v["partial_r2"], v["predictors"], float(n[0] / deff[0]), 1 - conf_level)
        if self.kind == "mean_difference":
            error = float(np.sqrt((self.spreads**2 * shrink).sum()))
            return power_of_t(v["smallest"], error, float((n / deff).sum() - 2), tail)
        difference = abs(v["share_1"] - v["share_2"])
        pooled = float(n @ np.array([v["share_1"], v["share_2"]]) / n.sum())
        null, error = np.sqrt(pooled * (1 - pooled) * shrink.sum()), np.sqrt((self.spreads**2 * shrink).sum())
        if error == 0:
            return 1.0
        return float(stats.norm.cdf((difference - z * null) / error) + stats.norm.cdf((-difference - z * null) / error))


def _power_of_f(partial_r2: float, predictors: float, n: float, level: float) -> float:
    """Power of the F test of one coefficient, noncentrality ``f² (df + 2)`` (Cohen 1988, 9.3.2)."""
    df = n - predictors - 1
    if df < 1:
        return 0.0
    return float(stats.ncf.sf(stats.f.isf(level, 1, df), 1, df, (df + 2) * partial_r2 / (1 - partial_r2)))


def _above(**numbers: float) -> dict[str, float]:
    for name, number in numbers.items():
        if not (np.isfinite(number) and number > 0):
            raise DesignError(
                Text(f"{name}是{number}，须大于0。", f"{name} is {number}, and must be above 0."),
                where="Goal",
                remedy=Text("请改正该数。", "Correct the number."),
            )
    return dict(numbers)


def _between(**numbers: float) -> dict[str, float]:
    for name, number in numbers.items():
        if not 0 < number < 1:
            raise DesignError(
                Text(f"{name}是{number}，须在0与1之间。", f"{name} is {number}, and must lie between 0 and 1."),
                where="Goal",
                remedy=Text("请改正该数。", "Correct the number."),
            )
    return dict(numbers)
