"""What a shortfall is: a line for each construct and group, its verdict, and what was tested against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sgsurvey.causes.families import NAMES
from sgsurvey.causes.shortfall_sentences import of_shortfall
from sgsurvey.numerics.multiplicity import Adjustment
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

Verdict = Literal["problem", "no problem", "undecided", "suppressed"]
VERDICTS: dict[Verdict, Text] = {
    "problem": Text("确有差距", "problem"),
    "no problem": Text("无明显差距", "no problem"),
    "undecided": Text("尚不能判定", "undecided"),
    "suppressed": Text("人数过少", "too few"),
}
DECISIONS: tuple[Verdict, ...] = ("problem", "no problem", "undecided")
LEVEL = 0.05
# Below this many answers the verdict is printed as description.
SMALL = 30
# What a suppressed line does not have, beside its n.
ESTIMATES = (
    *("units", "mean", "benchmark", "estimate", "std_error", "df", "conf_low", "conf_high", "statistic"),
    *("p_problem", "p_no_problem", "below_midpoint", "below_low", "below_high", "places_below", "places"),
    *("icc", "deff"),
)
NUMBERS = frozenset({"n", "p_problem_adjusted", *ESTIMATES})


@dataclass(frozen=True)
class Shortfall(Result):
    """How far each construct (in each group) falls short of its benchmark.

    Attributes
    ----------
    frame : DataFrame
        ``construct, group, n, units, mean, benchmark, estimate, std_error, df, conf_low, conf_high, statistic,
        p_problem, p_no_problem, p_problem_adjusted, p_no_problem_adjusted, verdict, below_midpoint, below_low,
        below_high, places_below, places, icc, deff``; ``estimate`` is benchmark less mean, its interval has
        ``conf_level``.  ``places_below`` is the share of places whose mean is below the benchmark, among the ``places``
        with enough answers to be shown one by one; with few answers a place it is partly noise.  A line with the
        verdict ``suppressed`` has no numbers; ``few_below``: few people are below the midpoint, or all but a few, and
        their share is nan.
    smallest : float
        The smallest shortfall that matters, in points.
    adjust : str
    family : int
        How many one-sided tests were adjusted together.
    by, cluster : str or None
    groups : mapping of group code to Text
    benchmark_words : tuple of Text
        What the benchmark is, where it is more than a number.
    design_words : tuple of Text
        What of the design, beyond weights and clusters, is in the standard errors.
    """

    smallest: float
    adjust: Adjustment
    family: int
    by: str | None
    cluster: str | None
    groups: Mapping[object, Text]
    benchmark_words: tuple[Text, ...] = ()
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
        whole = (shown["benchmark"].dropna() % 1 == 0).all()
        interval = HEADS["conf_90"]
        columns = [
            Column("construct", HEADS["construct"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("mean", HEADS["mean"], digits=1),
            Column("benchmark", HEADS["benchmark"], digits=0 if whole else 1),
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
        table = table.hiding([NUMBERS if few else {"below_midpoint"} if below else () for few, below in lines])
        return table.telling(*of_shortfall(table, *(VERDICTS[name] for name in DECISIONS)))

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
            *self.benchmark_words,
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


def _place_word(basis: Basis, cluster: str) -> Text:
    return HEADS["township"] if cluster == "township_id" else basis.labels.get(cluster, same(cluster))
