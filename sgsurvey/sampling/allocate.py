"""allocate(): how a sample is spread over strata, each within its bounds, adding up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.errors import DesignError
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Rule = Literal["proportional", "neyman", "power", "equal"]
RULES: dict[Rule, Text] = {
    "proportional": Text("按比例", "proportional to size"),
    "neyman": Text("奈曼最优", "Neyman (optimal)"),
    "power": Text("幂分配", "power of size"),
    "equal": Text("等额", "equal"),
}


@dataclass(frozen=True)
class Allocation(Result):
    """How many of each stratum.

    Attributes
    ----------
    frame : DataFrame
        ``stratum, population, exact`` (before rounding), ``n, fraction, weight`` (population over n), ``bound``:
        ``minimum`` or ``all`` where a bound decided, else empty.
    rule : str
    """

    rule: Rule

    @property
    def sizes(self) -> dict[object, int]:
        """Stratum to number, as ``draw`` takes it."""
        return dict(zip(self.frame["stratum"], (int(n) for n in self.frame["n"]), strict=True))

    def _table(self) -> Table:
        return Table.from_frame(
            self.frame.assign(bound=[BOUNDS[b] for b in self.frame["bound"]]),
            [
                Column("stratum", Text("层", "Stratum"), "text"),
                Column("population", Text("总体", "Population"), "count"),
                Column("exact", Text("取整前", "Before rounding")),
                Column("n", Text("样本量", "Sample"), "count"),
                Column("fraction", Text("抽样比（%）", "Fraction (%)"), "percent"),
                Column("weight", Text("权数", "Weight")),
                Column("bound", Text("限制", "Bound"), "text"),
            ],
            id="allocation",
            title=Text("样本分配", "Allocation of the sample"),
            notes=(Text("分配方法：{r}。", "Allocation: {r}.").format(r=RULES[self.rule]),),
        )


BOUNDS = {"": Text("", ""), "minimum": Text("最少数", "minimum"), "all": Text("全部抽取", "all taken")}


def allocate(
    sizes: Mapping[object, int],
    n: int,
    *,
    method: Rule = "proportional",
    minimum: int = 0,
    sd: Mapping[object, float] | None = None,
    costs: Mapping[object, float] | None = None,
    exponent: float = 0.5,
) -> Allocation:
    """Spread ``n`` over strata: ``n_h = a_h x`` within ``minimum`` and the stratum's size, rounded so that it adds up.

    ``a_h`` is ``N_h`` (proportional), ``N_h S_h / sqrt(c_h)`` (neyman), ``N_h ** exponent`` (power) or 1 (equal).
    Where bounds decide for some strata, the others share what is left by the same rule, which minimises the variance
    under Neyman's rule with bounds.  Rounding is by largest remainders.

    Parameters
    ----------
    sizes : mapping of stratum to units in the population
    n : int
    method : "proportional", "neyman", "power" or "equal"
    minimum : int
        Each stratum gets at least so many, or all of it where it has fewer.
    sd : mapping of stratum to standard deviation, optional
        For ``neyman`` alone, which needs it.
    costs : mapping of stratum to cost of a unit, optional
        For ``neyman``.
    exponent : float
        For ``power``: 0 is equal, 1 proportional.

    Raises
    ------
    DesignError
        ``n`` lies below what the minima need or above the population; a stratum has no size, deviation or cost.

    References
    ----------
    Neyman (1934), Journal of the Royal Statistical Society 97, 558-625; Cochran (1977), Sampling Techniques, 5.5 and
    5.8; Bankier (1988), The American Statistician 42, 174-177.

    Examples
    --------
    >>> allocate({"town": 600, "hill": 300, "lake": 100}, 50, minimum=8).sizes
    {'town': 28, 'hill': 14, 'lake': 8}
    """
    if method not in RULES:
        raise DesignError(
            Text(f"没有分配方法“{method}”。", f"there is no allocation '{method}'."),
            where="method=",
            remedy=Text(f"可用：{'、'.join(RULES)}。", f"Use one of {', '.join(RULES)}."),
        )
    if method != "neyman" and (sd is not None or costs is not None):
        raise DesignError(
            Text("标准差和费用只用于neyman。", "deviations and costs serve 'neyman' alone."),
            remedy=Text('请用method="neyman"，或去掉它们。', 'Use method="neyman", or leave them out.'),
        )
    population = _numbers(sizes, list(sizes), "sizes=", least=1)
    strata = list(sizes)
    share = {"proportional": population, "power": population**exponent}.get(method, np.ones(len(strata)))
    if method == "neyman":
        spread = _numbers(sd or {}, strata, "sd=", least=0)
        cost = np.ones(len(strata)) if costs is None else _numbers(costs, strata, "costs=", least=1e-300)
        share = population * spread / np.sqrt(cost)
    low = np.minimum(float(minimum), population)
    _check_total(n, low, population)
    exact = bounded(share, low, population, n)
    whole = rounded(exact, n)
    bound = np.where(exact >= population, "all", np.where((exact <= low) & (low > 0), "minimum", ""))
    with np.errstate(divide="ignore"):
        weight = np.where(whole > 0, population / np.maximum(whole, 1), np.nan)
    frame = pd.DataFrame(
        {
            "stratum": pd.Series(strata, dtype=object),
            "population": population.astype(int),
            "exact": exact,
            "n": whole,
            "fraction": whole / population,
            "weight": weight,
            "bound": bound,
        }
    )
    return Allocation(frame, Basis(n, n), method)


def bounded(share: Array, low: Array, high: Array, n: float) -> Array:
    """``clip(x share, low, high)`` with the ``x`` at which it adds up to ``n``; shape (H,).

    The sum is piecewise linear in ``x`` and bends where a stratum meets a bound, so that ``x`` is found exactly.
    """
    moving = share > 0
    if not moving.any():
        share, moving = np.ones_like(share), np.ones_like(moving)
    bends = np.unique(np.concatenate([[0.0], low[moving] / share[moving], high[moving] / share[moving]]))
    sums = np.clip(bends[:, None] * share, low, high).sum(axis=1)
    if n > sums[-1] + 1e-9:
        raise DesignError(
            Text(
                "标准差为0的层不需要更多样本，其余各层已全部抽取。",
                "strata without spread need no more, and all others are taken whole.",
            ),
            remedy=Text("请减少样本量，或改正标准差。", "Ask for fewer, or correct the deviations."),
        )
    return np.asarray(np.clip(np.interp(n, sums, bends) * share, low, high))


def rounded(exact: Array, n: int) -> npt.NDArray[np.int64]:
    """Whole numbers that add up to ``n``: the largest remainders go up, equal ones in the order given."""
    whole = np.floor(exact + 1e-9).astype(np.int64)
    left = n - int(whole.sum())
    whole[np.argsort(-np.round(exact - whole, 9), kind="stable")[:left]] += 1
    return whole


def _numbers(given: Mapping[object, float], strata: list[object], where: str, *, least: float) -> Array:
    values = np.array([float(given.get(stratum, np.nan)) for stratum in strata])
    wrong = [str(s) for s, v in zip(strata, values, strict=True) if not (np.isfinite(v) and v >= least)]
    if wrong or not strata:
        raise DesignError(
            Text(
                f"这些层没有可用的数：{'、'.join(wrong[:5]) or '（没有层）'}。",
                f"no usable number for {', '.join(wrong[:5]) or 'any stratum'}.",
            ),
            where=where,
            remedy=Text("请为每一层写明数值。", "Give a number for each stratum."),
        )
    return values


def _check_total(n: int, low: Array, population: Array) -> None:
    if not low.sum() <= n <= population.sum() or n < 1:
        raise DesignError(
            Text(
                f"样本量{n}须在{int(max(low.sum(), 1))}（各层最少数之和）与{int(population.sum())}（总体）之间。",
                f"{n} must lie between {int(max(low.sum(), 1))} (the minima of the strata) and "
                f"{int(population.sum())} (the population).",
            ),
            where="n=",
            remedy=Text("请改样本量或最少数。", "Change the number, or the minimum."),
        )
