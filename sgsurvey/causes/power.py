"""power_of_priorities(): how often a planned study would find the true first cause, by simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.population import Population
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.simulate import simulate
from sgsurvey.causes.priorities import priorities
from sgsurvey.causes.ranking import product
from sgsurvey.errors import DesignError
from sgsurvey.numerics.intervals import wilson
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

CLUSTER = "township_id"
DRAWS = 100
LEADS = ("A", "B", "C")
MOST = 1000


@dataclass(frozen=True)
class PowerOfPriorities(Result):
    """What a study of this size would find, over simulated studies whose truth is known.

    Attributes
    ----------
    frame : DataFrame
        ``term, effect`` (true effect on the outcome, the other drivers held), ``priority`` (true effect times true
        shortfall, mean over studies), ``first`` (share of studies in which it is the true first), ``ranked_first``
        (share in which it comes out first), ``graded`` (share in which it is graded C or better), ``mc_error`` (of
        ``graded``).
    power, mc_error, conf_low, conf_high : float
        Share of studies that put the true first cause first and grade it C or better; its Monte Carlo standard error
        and Wilson's 95 % interval.
    studies, seed : int
    """

    power: float
    mc_error: float
    conf_low: float
    conf_high: float
    studies: int
    seed: int

    def _table(self) -> Table:
        return Table.from_frame(
            self.frame.assign(term=self.frame["term"].map(self.basis.label)),
            [
                Column("term", HEADS["predictor"], "text"),
                Column("effect", Text("真实效应", "True effect")),
                Column("priority", Text("真实优先度", "True priority"), digits=1),
                Column("first", Text("真实居首（%）", "Truly first (%)"), "percent"),
                Column("ranked_first", Text("排在首位（%）", "Ranked first (%)"), "percent"),
                Column("graded", Text("判为C级以上（%）", "Graded C or better (%)"), "percent"),
                Column("mc_error", Text("模拟误差（%）", "Monte Carlo SE (%)"), "percent"),
            ],
            id="power_of_priorities",
            title=Text("找出首要原因的功效", "Power to find the first cause"),
            notes=(self.note(),),
        )

    def note(self) -> Text:
        """The power with its Monte Carlo error."""
        said: dict[str, str | int] = {
            "p": f"{self.power:.0%}",
            "e": f"{self.mc_error:.1%}",
            "k": self.studies,
            "s": self.seed,
        }
        said |= {"low": f"{self.conf_low:.0%}", "high": f"{self.conf_high:.0%}"}
        return Text(
            "{k}次模拟调查（种子{s}）中，{p}把真正的首要原因排在首位并判为C级以上（模拟标准误{e}，95%区间{low}–{high}）。",
            "In {p} of {k} simulated studies (seed {s}) the true first cause came first and was graded C or better "
            "(Monte Carlo standard error {e}, 95% interval {low}–{high}).",
        ).format(**said)


def power_of_priorities(
    questionnaire: Questionnaire,
    population: Population,
    drivers: Sequence[str],
    *,
    benchmark: float = 70.0,
    studies: int = 20,
    seed: int,
) -> PowerOfPriorities:
    """Simulate a study of this size many times: how often it finds the true first cause.

    Each study is simulated (``simulate``) and ranked (``priorities``, by townships).  It succeeds where the driver
    whose true effect times true shortfall is largest in that study's townships comes first and is graded C or better.
    Change ``population.sizes`` or ``population.scaled(townships=…)`` to compare plans.

    Parameters
    ----------
    questionnaire : Questionnaire
    population : Population
        Truth and plan: slopes, levels, spreads, townships, respondents of each role.
    drivers : list of str
        Constructs that compete.
    benchmark : float
        In points of 100.
    studies : int
        From 2 to 1000; 20 takes about half a minute and leaves a Monte Carlo error of up to 11 points.
    seed : int

    Raises
    ------
    DesignError
        Too few or too many studies, fewer than two drivers, or no driver that has an effect and a shortfall.

    Examples
    --------
    ``sg.power_of_priorities(q, sg.Population().scaled(townships=30), ["MGT", "FUN", "SUP"], studies=100, seed=1)``
    """
    names = list(drivers)
    if not 2 <= studies <= MOST or len(names) < 2:
        raise DesignError(
            Text(
                f"要求{studies}次模拟、{len(names)}个因素；应为2到{MOST}次，至少两个因素。",
                f"{studies} studies and {len(names)} driver(s) are asked for, not 2 to {MOST} and two or more.",
            ),
            remedy=Text("请改studies=或drivers。", "Change studies= or the drivers."),
        )
    lines = []
    for seeds in np.random.SeedSequence(seed).spawn(studies):
        one, two = (int(s) for s in seeds.generate_state(2))
        lines.append(_study(simulate(questionnaire, population, seed=one), population, names, benchmark, two))
    found = pd.concat(lines)
    hits = found.groupby("term", sort=False)[["effect", "priority", "first", "ranked_first", "graded"]].mean()
    hits = hits.astype(float).reset_index()
    hits["mc_error"] = np.sqrt(hits["graded"] * (1 - hits["graded"]) / studies)
    power = float((found["first"] & found["ranked_first"] & found["graded"]).sum() / studies)
    low, high = wilson(power, studies)
    labels = {c.name: c.label for c in questionnaire.constructs}
    basis = Basis(studies, studies, simulated=True, language=questionnaire.language, labels=labels)
    error = float(np.sqrt(power * (1 - power) / studies))
    return PowerOfPriorities(hits, basis, power, error, float(low), float(high), studies, seed)


def _study(answers: Responses, population: Population, drivers: list[str], benchmark: float, seed: int) -> pd.DataFrame:
    """One simulated study: truth and finding for each driver."""
    truth = answers.truth
    effect = truth.effects(drivers)[drivers].to_numpy(dtype=float)
    true = product(effect, benchmark - truth.townships[drivers].mean().to_numpy(dtype=float))
    if true.max() <= 0:
        raise DesignError(
            Text("没有一个因素既有影响又低于基准。", "no driver has both an effect and a shortfall."),
            where="population=",
            remedy=Text("请改总体的斜率或水平，或改基准。", "Change the slopes or levels, or the benchmark."),
        )
    found = priorities(
        answers, population.outcome, drivers, benchmark=benchmark, cluster=CLUSTER, draws=DRAWS, seed=seed
    ).frame
    grades = found.set_index("term")["grade"].reindex(drivers)
    return pd.DataFrame(
        {
            "term": drivers,
            "effect": effect,
            "priority": true,
            "first": np.arange(len(drivers)) == int(np.argmax(true)),
            "ranked_first": np.array(drivers) == found["term"].iloc[0],
            "graded": grades.isin(LEADS).to_numpy(),
        }
    )
