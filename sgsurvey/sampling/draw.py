"""draw(): a sample from a frame, with the probabilities that drew it and the reserves behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import PPS
from sgsurvey.errors import DesignError, did_you_mean
from sgsurvey.sampling.allocate import Allocation, allocate
from sgsurvey.sampling.inclusion import proportional
from sgsurvey.sampling.selection import METHODS, Method, select
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Number = int | Mapping[object, int] | Allocation
ADDED = ("draw_unit", "draw_stratum", "draw_probability", "draw_weight", "draw_fpc", "draw_fpc_2")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn(Result):
    """A sample, ready for the field and for ``survey_design(answers, **drawn.design)``.

    Attributes
    ----------
    frame : DataFrame
        The drawn rows of the frame in its order, its columns as they were, and ``draw_unit`` (row of the frame),
        ``draw_stratum``, ``draw_probability`` (of inclusion, over both stages), ``draw_weight`` (its inverse),
        ``draw_fpc``: units in the population of the stratum, or the unit's own probability where these differ;
        ``draw_fpc_2``: units in the cluster, where a second stage was drawn.
    reserves : DataFrame
        All other rows in the same strata (in the same clusters, where a second stage was drawn), with ``draw_unit``,
        ``draw_stratum`` and ``reserve``: 1, 2 … in random order, the order in which they may replace.
    design : dict
        What ``survey_design`` is to be told.
    method : str
    seed : int
    counts : DataFrame
        By stratum: ``stratum, population, n, units, certain, weight_low, weight_high``; ``units`` counts clusters where
        clusters were drawn.
    """

    reserves: pd.DataFrame
    design: Mapping[str, object]
    method: Method
    seed: int
    counts: pd.DataFrame

    def _table(self) -> Table:
        return Table.from_frame(
            self.counts,
            [
                Column("stratum", Text("层", "Stratum"), "text"),
                Column("population", Text("抽样框", "Frame"), "count"),
                Column("units", Text("抽取单位", "Units drawn"), "count"),
                Column("certain", Text("必选单位", "Certain"), "count"),
                Column("n", Text("样本量", "Sample"), "count"),
                Column("weight_low:weight_high", Text("权数范围", "Weights"), "interval"),
            ],
            id="sample",
            title=Text("抽样结果", "The sample"),
            notes=self.notes(),
        )

    def notes(self) -> tuple[Text, ...]:
        """How it was drawn, and what analyses take it for."""
        notes = [Text("{m}；种子{s}。", "{m}; seed {s}.").format(m=METHODS[self.method], s=self.seed)]
        if self.method == "systematic":
            notes.append(Text("分析时按简单随机抽样计算误差。", "Errors are computed as for simple random sampling."))
        if self.method.startswith("pps"):
            notes.append(
                Text(
                    "误差按不等概率抽样的Brewer近似计算；必选单位不带来误差。",
                    "Errors by Brewer's approximation for unequal probabilities; units taken with certainty add none.",
                )
            )
        return tuple(notes)


# Door -------------------------------------------------------------------------------------------------------


def draw(
    frame: pd.DataFrame,
    n: Number | tuple[Number, int],
    *,
    method: Method = "simple",
    strata: str | None = None,
    clusters: str | None = None,
    size: str | None = None,
    seed: int,
) -> Drawn:
    """Draw a sample from a frame: of rows, of clusters, or of clusters and then of rows within each.

    Units whose probability would exceed 1 are taken with certainty, and the rest is drawn from the others.  A stratum's
    sample depends on the seed and on that stratum alone.  The frame itself is not changed.

    Parameters
    ----------
    frame : DataFrame
        One row per person (or per whatever is asked).
    n : int, mapping of stratum to int, Allocation, or a pair of these and an int
        Rows to draw; with ``clusters`` the number of clusters, and in a pair also rows within each (all of a cluster
        that has fewer).  One number is spread over strata in proportion to their units.
    method : "simple", "systematic", "pps_systematic", "pps_sampford" or "pps_brewer"
        The first stage.  ``systematic`` keeps the order of the frame, which is then as good as strata.  The second
        stage is simple random sampling.
    strata : str, optional
        Column of strata.
    clusters : str, optional
        Column of clusters; a cluster lies in one stratum.
    size : str, optional
        Column of sizes above 0 for ``pps`` methods.  Without it, and with clusters, the number of rows: a pair ``n``
        then gives every row the same weight, but in clusters that are certain or too small.
    seed : int

    Returns
    -------
    Drawn

    Raises
    ------
    DesignError
        A column is missing or empty somewhere; more is asked than there is; sizes are not above 0.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, chapters 3 and 4; Sampford (1967), Biometrika
    54, 499-513; Brewer (1975), Australian Journal of Statistics 17, 166-172.

    Examples
    --------
    ``drawn = sg.draw(villagers, (40, 12), method="pps_sampford", strata="township_id", clusters="village_id", seed=1)``
    """
    plan = _Plan.of(frame, n, method, strata, clusters, size)
    streams = np.random.SeedSequence(seed).spawn(len(plan.numbers))
    drawn, spare, counts = [], [], []
    for (stratum, units), stream in zip(plan.units.groupby("draw_stratum", sort=False), streams, strict=True):
        taken, rest = _stratum(plan, units, stratum, np.random.default_rng(stream))
        drawn.append(taken)
        spare.append(rest)
        counts.append(_counted(stratum, units, taken, plan))
    rows = pd.concat(drawn).sort_values("draw_unit", kind="stable")
    others = pd.concat(spare).sort_values(["draw_stratum", "reserve"], kind="stable")
    chosen = frame.iloc[rows["draw_unit"].to_numpy()].reset_index(drop=True)
    reserves = frame.iloc[others["draw_unit"].to_numpy()].reset_index(drop=True)
    return Drawn(
        pd.concat([chosen, rows.reset_index(drop=True)], axis=1),
        Basis(len(rows), len(rows)),
        pd.concat([reserves, others.reset_index(drop=True)], axis=1),
        plan.design,
        method,
        seed,
        pd.DataFrame(counts),
    )


# Plan -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What is asked, checked: the frame's rows with their strata, clusters and sizes, and the numbers to draw."""

    units: pd.DataFrame  # draw_unit, draw_stratum, cluster, size; one row per row of the frame
    numbers: Mapping[object, int]
    within: int | None
    method: Method
    strata: str | None
    clusters: str | None

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        n: Number | tuple[Number, int],
        method: Method,
        strata: str | None,
        clusters: str | None,
        size: str | None,
    ) -> _Plan:
        _check_arguments(frame, method, (strata, clusters, size))
        asked, within = n if isinstance(n, tuple) else (n, None)
        if within is not None and (clusters is None or within < 1):
            raise DesignError(
                Text(
                    "n=是一对数，但没有群，或第二个数小于1。",
                    "n= is a pair, but there are no clusters, or its second number is below 1.",
                ),
                where="n=",
                remedy=Text(
                    "请用clusters=写明群，并每群至少抽1个。", "Name clusters=, and ask for at least 1 in each."
                ),
            )
        if method.startswith("pps") and size is None and clusters is None:
            raise DesignError(
                Text("按规模抽样需要规模。", "sampling proportional to size needs sizes."),
                where="size=",
                remedy=Text("请用size=写明规模所在的列。", "Name the column of sizes with size=."),
            )
        units = pd.DataFrame({"draw_unit": np.arange(len(frame))})
        units["draw_stratum"] = 0 if strata is None else frame[strata].to_numpy()
        units["cluster"] = units["draw_unit"] if clusters is None else frame[clusters].to_numpy()
        units["size"] = 1.0 if size is None else pd.to_numeric(frame[size], errors="coerce").to_numpy(dtype=float)
        if size is not None:
            _check_sizes(units, clusters, size)
        elif clusters is not None and method.startswith("pps"):
            units["size"] = units.groupby("cluster")["size"].transform("sum")
        if (units.groupby("cluster")["draw_stratum"].nunique() > 1).any():
            raise DesignError(
                Text("有的群跨越几层。", "a cluster lies in several strata."),
                where="clusters=",
                remedy=Text("请让每个群的编号只出现在一层。", "Give clusters of different strata different numbers."),
            )
        available = units.groupby("draw_stratum", sort=False)["cluster"].nunique()
        return cls(units, _numbers(asked, available), within, method, strata, clusters)

    @property
    def design(self) -> dict[str, object]:
        """The arguments of ``survey_design``."""
        two = self.within is not None
        pps = self.method.startswith("pps")
        split = self.strata is not None or pps
        first = PPS("draw_fpc") if pps else "draw_fpc"
        return {
            "weights": "draw_weight",
            "strata": "draw_stratum" if split else None,
            "clusters": None if self.clusters is None else [self.clusters, "draw_unit"] if two else self.clusters,
            "fpc": [first, "draw_fpc_2"] if two else first,
        }


def _stratum(
    plan: _Plan, units: pd.DataFrame, stratum: object, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The drawn rows of a stratum, and its reserves in order."""
    firsts = units.drop_duplicates("cluster")
    n = plan.numbers[stratum]
    pps = plan.method.startswith("pps")
    p = proportional(firsts["size"].to_numpy(), n) if pps else np.full(len(firsts), n / len(firsts))
    taken = select(plan.method, p, rng)
    certain = pps & (p >= 1)
    fpc = p if pps else np.full(len(p), float(len(p)))
    of = pd.DataFrame({"draw_probability": p, "draw_fpc": fpc, "certain": certain}, index=firsts["cluster"])[taken]
    inside = units[units["cluster"].isin(of.index)]
    rows = inside.assign(**{name: inside["cluster"].map(of[name]) for name in of})
    if plan.within is not None:
        rows["order"] = rng.random(len(rows))
        held = rows.groupby("cluster")["draw_unit"].transform("size")
        number = np.minimum(plan.within, held)
        rows = rows.assign(draw_fpc_2=held, draw_probability=rows["draw_probability"] * number / held)
        place = rows.groupby("cluster")["order"].rank(method="first")
        spare = rows[place > number].assign(reserve=(place - number)[place > number])
        rows = rows[place <= number]
    else:
        spare = units.assign(reserve=rng.permutation(len(units)))[~units["cluster"].isin(of.index)]
        spare = spare.assign(reserve=spare["reserve"].rank(method="first"))
    if pps:
        rows["draw_stratum"] = _apart(rows, stratum, plan.strata)
    rows["draw_weight"] = 1 / rows["draw_probability"]
    kept = [name for name in ADDED if name in rows]
    return rows[kept], spare[["draw_unit", "draw_stratum", "reserve"]].astype({"reserve": int})


def _apart(rows: pd.DataFrame, stratum: object, named: str | None) -> pd.Series:
    """Units that were certain form a stratum of their own, which adds no error."""
    name = "all" if named is None else str(stratum)
    return rows["certain"].map({True: f"{name} (certain)", False: name})


def _counted(stratum: object, units: pd.DataFrame, taken: pd.DataFrame, plan: _Plan) -> dict[str, object]:
    at = units.set_index("draw_unit").loc[taken["draw_unit"], "cluster"].to_numpy()
    certain = taken["draw_stratum"].astype(str).str.endswith(" (certain)") if plan.method.startswith("pps") else None
    return {
        "stratum": Text("全部", "All") if plan.strata is None else stratum,
        "population": len(units),
        "units": len(np.unique(at)),
        "certain": 0 if certain is None else len(np.unique(at[certain.to_numpy()])),
        "n": len(taken),
        "weight_low": taken["draw_weight"].min(),
        "weight_high": taken["draw_weight"].max(),
    }


# Checks -----------------------------------------------------------------------------------------------------


def _numbers(asked: Number, available: pd.Series) -> dict[object, int]:
    """How many units of each stratum, checked against how many there are."""
    given = asked.sizes if isinstance(asked, Allocation) else asked
    if not isinstance(given, Mapping):
        return allocate({s: int(k) for s, k in available.items()}, given).sizes
    strange = [s for s in given if s not in available.index]
    missing = [s for s in available.index if s not in given]
    if strange or missing:
        raise DesignError(
            Text(
                f"各层的样本量与抽样框不符：{'、'.join(map(str, [*strange, *missing][:5]))}。",
                f"the numbers by stratum and the frame differ in {', '.join(map(str, [*strange, *missing][:5]))}.",
            ),
            where="n=",
            remedy=Text("请为抽样框中的每一层写一个数。", "Give a number for each stratum of the frame."),
        )
    for stratum, number in given.items():
        if not 1 <= number <= available[stratum]:
            raise DesignError(
                Text(
                    f"层“{stratum}”有{available[stratum]}个单位，却要抽{number}个。",
                    f"stratum '{stratum}' has {available[stratum]} units, and {number} are asked for.",
                ),
                where="n=",
                remedy=Text("请改样本量，或把该层并入别的层。", "Change the number, or join the stratum to another."),
            )
    return {s: int(given[s]) for s in available.index}


def _check_arguments(frame: pd.DataFrame, method: str, columns: tuple[str | None, ...]) -> None:
    if method not in METHODS:
        raise DesignError(
            Text(f"没有抽样方法“{method}”。", f"there is no method '{method}'.{did_you_mean(method, list(METHODS))}"),
            where="method=",
            remedy=Text(
                f"可用：{'、'.join(METHODS)}；分层用strata=。",
                f"Use one of {', '.join(METHODS)}; strata= makes any of them stratified.",
            ),
        )
    for column in columns:
        if column is not None and (column not in frame or frame[column].isna().any()):
            hint = did_you_mean(column, [str(c) for c in frame.columns])
            raise DesignError(
                Text(f"抽样框没有“{column}”列，或该列有空值。", f"the frame lacks '{column}', or it has gaps.{hint}"),
                remedy=Text("请补全该列。", "Complete the column first."),
            )
    if taken := [name for name in (*ADDED, "reserve") if name in frame]:
        raise DesignError(
            Text(f"抽样框已有“{taken[0]}”列。", f"the frame already has a column '{taken[0]}'."),
            remedy=Text("请先改名。", "Rename it first."),
        )


def _check_sizes(units: pd.DataFrame, clusters: str | None, size: str) -> None:
    if not (np.isfinite(units["size"]) & (units["size"] > 0)).all():
        raise DesignError(
            Text(f"“{size}”列须是大于0的数。", f"'{size}' must hold numbers above 0."),
            where="size=",
            remedy=Text("规模为0的单位永远抽不到：请剔出抽样框。", "A unit of size 0 is never drawn: take it out."),
        )
    if clusters is not None and (units.groupby("cluster")["size"].nunique() > 1).any():
        raise DesignError(
            Text(f"同一个群在“{size}”列有不同的规模。", f"a cluster has several sizes in '{size}'."),
            where="size=",
            remedy=Text("请给每个群一个规模。", "Give each cluster one size."),
        )
