"""Is there a problem?  How far what is rated falls short of a benchmark that was declared beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import What, as_responses
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.causes.families import NAMES, check_adjustment
from sgsurvey.causes.points import check_columns, code_label, points
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.estimators import Means
from sgsurvey.numerics.intervals import wilson
from sgsurvey.numerics.linearise import Mean, clustered_mean, intraclass
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Verdict = Literal["problem", "no problem", "undecided", "suppressed"]
VERDICTS: dict[Verdict, Text] = {
    "problem": Text("确有差距", "problem"),
    "no problem": Text("无明显差距", "no problem"),
    "undecided": Text("尚不能判定", "undecided"),
    "suppressed": Text("人数过少", "too few"),
}
LEVEL = 0.05
MIDPOINT = 50.0
# Below this many answers the verdict is printed as description.
SMALL = 30

# Formulas -----------------------------------------------------------------------------------------


def one_sided(
    shortfall: float, smallest: float, std_error: float, df: float, *, certain: bool = False
) -> tuple[float, float, float]:
    """The t, p of "the shortfall is at most ``smallest``", p of "it is at least ``smallest``".

    ``certain``: everybody in the population was asked, and the shortfall is what it is.
    """
    if certain and shortfall != smallest:
        beyond = np.inf if shortfall > smallest else -np.inf
        return beyond, float(beyond < 0), float(beyond > 0)
    if not std_error > 0:
        return float("nan"), 1.0, 1.0
    t = (shortfall - smallest) / std_error
    return t, float(stats.t.sf(t, df)), float(stats.t.cdf(t, df))


# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shortfall(Result):
    """How far each construct (in each group) falls short of its benchmark.

    Attributes
    ----------
    frame : DataFrame
        ``construct, group, n, units, mean, benchmark, estimate, std_error, df, conf_low, conf_high, statistic,
        p_problem, p_no_problem, p_problem_adjusted, p_no_problem_adjusted, verdict, below_midpoint, below_low,
        below_high, icc, deff``; ``estimate`` is benchmark less mean, its interval has ``conf_level``.  A line with the
        verdict ``suppressed`` has no numbers; ``few_below``: few people are below the midpoint, or all but a few, and
        their share is nan.
    smallest : float
        The smallest shortfall that matters, in points.
    adjust : str
    family : int
        How many one-sided tests were adjusted together.
    by, cluster : str or None
    groups : mapping of group code to Text
    design_words : tuple of Text
        What of the design, beyond weights and clusters, is in the standard errors.
    """

    smallest: float
    adjust: Adjustment
    family: int
    by: str | None
    cluster: str | None
    groups: Mapping[object, Text]
    design_words: tuple[Text, ...] = ()
    conf_level: float = 1 - 2 * LEVEL

    def problems(self) -> list[str]:
        """Constructs with a problem in at least one group, the largest shortfall first."""
        found = self.frame[self.frame["verdict"] == "problem"].sort_values("estimate", ascending=False)
        return list(dict.fromkeys(found["construct"]))

    def _table(self) -> Table:
        shown = self.frame.assign(
            construct=self.frame["construct"].map(self.basis.label),
            group=self.frame["group"].map(self.groups),
            verdict=self.frame["verdict"].map(VERDICTS),
        )
        interval = Text("90%置信区间", "90% CI")
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("mean", HEADS["mean"], digits=1),
            Column("benchmark", HEADS["benchmark"], digits=0),
            Column("estimate", HEADS["shortfall"], digits=1),
            Column("conf_low:conf_high", interval, "interval", digits=1),
            Column("p_problem_adjusted", HEADS["p_adjusted"], "p"),
            Column("below_midpoint", Text("低于中点（%）", "% below midpoint"), "percent"),
            Column("icc", HEADS["icc"], "bounded"),
            Column("verdict", HEADS["verdict"], "text"),
        ]
        table = Table.from_frame(
            shown,
            columns,
            id="shortfall",
            title=Text("各维度与基准的差距（百分制）", "Shortfall from the benchmark (points of 100)"),
            group=None if self.by is None else "group",
            notes=self.notes(),
        )
        lines = zip(self.frame["verdict"] == "suppressed", self.frame["few_below"], strict=True)
        return table.hiding([NUMBERS if few else {"below_midpoint"} if below else () for few, below in lines])

    def notes(self) -> tuple[Text, ...]:
        """What was tested against what, and how many tests there were."""
        unit = Text("每行作为一个单位", "each row is a unit")
        if self.cluster is not None:
            unit = Text(
                "以{c}为聚类单位（无所属者自成一层，各为一个单位），t分布",
                "units are {c} (rows without one form a stratum of their own, each a unit), t distribution",
            ).format(c=_place_word(self.basis, self.cluster))
        notes = [
            Text(
                "百分制：100×(得分−最低)/(最高−最低)，高分为好。差距＝基准−均值；小于{d}分的差距视为不重要。",
                "Points: 100 × (score − lowest)/(highest − lowest), high is good. Shortfall = benchmark − mean; "
                "less than {d} points is taken not to matter.",
            ).format(d=f"{self.smallest:g}"),
            Text(
                "结论据两个单侧检验（差距≤{d}与差距≥{d}，α＝0.05），共{m}个检验，{method}；校正p为前者。",
                "The verdict rests on two one-sided tests (shortfall ≤ {d} and ≥ {d}, α = .05), {m} tests in all, "
                "{method}; the adjusted p is that of the first.",
            ).format(d=f"{self.smallest:g}", m=self.family, method=NAMES[self.adjust]),
            Text("标准误：{u}。", "Standard errors: {u}.").format(u=unit),
            *self.design_words,
        ]
        if (self.frame["n"] < SMALL).any():
            notes.append(
                Text(
                    f"少于{SMALL}人的组：结论据t检验，仅作描述。",
                    f"Groups with fewer than {SMALL}: the verdict rests on a t test and is to be read as description.",
                )
            )
        return tuple(notes)


# Door ---------------------------------------------------------------------------------------------


def shortfall(
    answers: Responses | pd.DataFrame,
    constructs: What,
    *,
    by: str | None = None,
    benchmark: float | Mapping[str, float] = 70.0,
    smallest: float = 5.0,
    cluster: str | None = None,
    adjust: Adjustment = "holm",
) -> Shortfall:
    """How far constructs fall short of a benchmark, and whether that is shown: problem, no problem, or undecided.

    Everything is in points of 100 between the theoretical limits, high is good.  A *problem* is a shortfall shown to be
    larger than ``smallest``; *no problem* one shown to be smaller; all else is undecided.  Standard errors come from
    the variance between clusters with t(G - 1); rows without a cluster form a stratum of their own, each row a unit.
    Under a declared design they are the design's, each group a domain of the whole sample: strata, stages, replicate
    weights, and population sizes where declared (a group that was asked whole has no sampling error: its verdict is
    about these people, not about the process behind them).  Without population sizes no finite population correction
    is made.  A stratum of one unit is compared with the mean of all units unless the design says otherwise.

    Parameters
    ----------
    answers : Responses or DataFrame
        A DataFrame needs limits: pass ``sg.responses(frame, constructs, limits=…)``.
    constructs : list of names, or {construct: [columns]} for a DataFrame
    by : str, optional
        Column of groups, such as ``role``.
    benchmark : float or mapping of construct to float
        In points; declared before the data came.
    smallest : float
        The smallest shortfall that matters, in points.
    cluster : str, optional
        Column of the places that answers come from; the design's clusters unless named.
    adjust : "holm", "BH" or "none"
        Over all ``2 x constructs x groups`` one-sided tests.

    Raises
    ------
    DesignError
        A benchmark is missing or outside 0 to 100; ``cluster`` is not the design's, where the design has population
        sizes, further stages or replicate weights.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680 (two one-sided tests);
    Wilson (1927) for shares, on n divided by the design effect.
    """
    answers, names = as_responses(answers, constructs)
    check_adjustment(adjust)
    place = cluster or answers.design.clusters
    if place != answers.design.clusters:
        answers.refuse_design(f"shortfall(cluster='{place}')", "stages", "fpc", "replicates")
    check_columns(answers, [by, place])
    targets = benchmarks(benchmark, names)
    scores = pd.DataFrame({name: points(answers, name) for name in names})
    levels: dict[object, Text] = {"all": HEADS["overall"]}
    if by is not None:
        levels = {code: code_label(answers, by, code) for code in answers.codes(by)}
    member = {code: np.ones(len(answers), bool) if by is None else _equals(answers.frame[by], code) for code in levels}
    lines = [
        {"construct": name, "group": code}
        | _line(answers, scores[name].where(member[code]), targets[name], smallest, place)
        for code in levels
        for name in names
    ]
    # A group that is not asked a construct has no line; one with few answers has a suppressed one.
    frame = pd.DataFrame([line for line in lines if line["n"] != 0])
    if frame.empty:
        raise DataError(f"nobody answered {', '.join(names)}.", remedy="Check which groups were asked.")
    p = frame[["p_problem", "p_no_problem"]].to_numpy(dtype=float)
    both = adjusted(p.ravel(), adjust).reshape(p.shape)
    frame["p_problem_adjusted"], frame["p_no_problem_adjusted"] = both.T
    frame["verdict"] = _verdicts(frame)
    used = scores.notna().any(axis=1).to_numpy() & np.any(list(member.values()), axis=0)
    basis = answers.basis(
        int(used.sum()), {" / ".join(names) + " missing": int((~used).sum())} if not used.all() else {}
    )
    words = design_notes(answers.design) if answers.design.is_complex or answers.weights is not None else ()
    return Shortfall(frame, basis, smallest, adjust, int((~np.isnan(p)).sum()), by, place, levels, words)


def benchmarks(benchmark: float | Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """A benchmark for each name; an error where one is missing or outside 0 to 100."""
    targets = (
        {n: benchmark.get(n) for n in names} if isinstance(benchmark, Mapping) else dict.fromkeys(names, benchmark)
    )
    found: dict[str, float] = {}
    for name, target in targets.items():
        if target is None or not 0 < target <= 100:
            raise DesignError(
                f"the benchmark of '{name}' is {target}.", where="benchmark=", remedy="Give points of 100, such as 70."
            )
        found[name] = float(target)
    return found


def _line(
    answers: Responses, scores: pd.Series, target: float, smallest: float, place: str | None
) -> dict[str, object]:
    weights = answers.weights
    there = scores.notna().to_numpy() & (True if weights is None else weights > 0)
    x = scores.to_numpy(dtype=float)[there]
    n = len(x)
    smallest_cell = answers.questionnaire.smallest_cell
    if n < smallest_cell:
        n_shown = np.nan if n else 0
        return {"n": n_shown, "benchmark": target, "few_below": False, **dict.fromkeys(_NUMBERS, np.nan)}
    w = None if weights is None else weights[there]
    mean = _mean(answers, scores.to_numpy(dtype=float), there, place)
    gap = target - mean.mean
    certain = mean.std_error == 0 and _is_census(answers, there)
    t, p_problem, p_none = one_sided(gap, smallest, mean.std_error, mean.df, certain=certain)
    half = stats.t.ppf(1 - LEVEL, mean.df) * mean.std_error
    below = float(np.average(x < MIDPOINT, weights=w))
    n_below = int((x < MIDPOINT).sum())
    few_below = 0 < n_below < smallest_cell or 0 < n - n_below < smallest_cell
    low, high = wilson(below, n / max(1.0, mean.deff) if mean.deff > 0 else n)
    return {
        "n": n,
        "benchmark": target,
        "units": mean.units,
        "mean": mean.mean,
        "estimate": gap,
        "std_error": mean.std_error,
        "df": mean.df,
        "conf_low": gap - half,
        "conf_high": gap + half,
        "statistic": t,
        "p_problem": p_problem,
        "p_no_problem": p_none,
        "few_below": few_below,
        "below_midpoint": np.nan if few_below else below,
        "below_low": np.nan if few_below else float(low),
        "below_high": np.nan if few_below else float(high),
        "icc": _icc(answers, x, there, place),
        "deff": mean.deff,
    }


def _mean(answers: Responses, scores: Array, there: npt.NDArray[np.bool_], place: str | None) -> Mean:
    """The mean of the rows ``there``, by the design; by the places named, where the design has others."""
    design = answers.design
    if design.is_simple or place != design.clusters:
        w = None if answers.weights is None else answers.weights[there]
        return clustered_mean(scores[there], *units_and_strata(answers, place, there), w)
    if design.lonely == "refuse":
        answers = answers.designed(replace(design, lonely="adjust"))
    sample, y = Sample.of(answers), scores[:, None]
    value, covariance = sample.estimate(Means(sample.whole(y)), there)
    inside = sample.part(there)
    df, units = sample.df(inside), len(np.unique(sample.stages[0].units[inside > 0]))
    if df <= 0:
        return Mean(float(value[0]), np.nan, np.nan, units, np.nan)
    n, weight = int((inside > 0).sum()), inside[sample.rows][there]
    simple = float(np.average((scores[there] - value[0]) ** 2, weights=weight)) / (n - 1) if n > 1 else np.nan
    variance = max(float(covariance[0, 0]), 0.0)
    return Mean(float(value[0]), float(np.sqrt(variance)), df, units, variance / simple if simple > 0 else np.nan)


def _is_census(answers: Responses, there: npt.NDArray[np.bool_]) -> bool:
    """Whether every unit of the strata of these rows, and everybody in them, was asked."""
    sample = Sample.of(answers.designed(replace(answers.design, lonely="adjust")))
    inside = sample.part(there) > 0
    whole = [(stage.taken[inside] > 1 - 1e-9).all() for stage in sample.stages]
    return bool(answers.design.populations) and all(whole)


_NUMBERS = (
    *("units", "mean", "estimate", "std_error", "df", "conf_low", "conf_high", "statistic"),
    *("p_problem", "p_no_problem", "below_midpoint", "below_low", "below_high", "icc", "deff"),
)


NUMBERS = frozenset({"n", "benchmark", "p_problem_adjusted", *_NUMBERS})


def units_and_strata(answers: Responses, place: str | None, rows: npt.NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """Codes of sampling units and of strata for the chosen rows; rows without a cluster are a stratum of units."""
    n = int(rows.sum())
    stratum = np.zeros(n, dtype=np.int64)
    if answers.design.strata is not None:
        stratum = pd.factorize(answers.frame[answers.design.strata][rows], use_na_sentinel=False)[0].astype(np.int64)
    if place is None:
        return np.arange(n), stratum
    units = pd.factorize(answers.frame[place][rows])[0].astype(np.int64)
    loose = units < 0
    units[loose] = units.max() + 1 + np.arange(loose.sum())
    stratum = np.where(loose, stratum.max() + 1, stratum)
    # A cluster that lies in two strata is two units.
    units = pd.factorize(pd.Series(list(zip(units, stratum, strict=True))))[0].astype(np.int64)
    return units, pd.factorize(stratum)[0].astype(np.int64)


def _icc(answers: Responses, x: Array, rows: npt.NDArray[np.bool_], place: str | None) -> float:
    if place is None:
        return float("nan")
    clusters = pd.factorize(answers.frame[place][rows])[0]
    placed = clusters >= 0
    return intraclass(x[placed], clusters[placed]) if placed.any() else float("nan")


def _verdicts(frame: pd.DataFrame) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for line in frame.to_dict("records"):
        if np.isnan(line["n"]):
            verdicts.append("suppressed")
        elif line["p_problem_adjusted"] < LEVEL:
            verdicts.append("problem")
        else:
            verdicts.append("no problem" if line["p_no_problem_adjusted"] < LEVEL else "undecided")
    return verdicts


def _equals(column: pd.Series, code: Any) -> npt.NDArray[np.bool_]:
    return column.eq(code).fillna(False).to_numpy(dtype=bool)


def _place_word(basis: Basis, cluster: str) -> Text:
    return HEADS["township"] if cluster == "township_id" else basis.labels.get(cluster, same(cluster))
