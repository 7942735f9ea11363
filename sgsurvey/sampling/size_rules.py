"""size_rules(): what customary rules say of the sample that there is, beside the precision that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError, did_you_mean
from sgsurvey.sampling.goals import Goal
from sgsurvey.sampling.size import Group, sample_size
from sgsurvey.tables.conventions import MARK
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

EVERYBODY = "all"
# Formulas ---------------------------------------------------------------------------------------------------


def krejcie_morgan(population: float, margin: float, conf_level: float = 0.95) -> float:
    """``X² N P (1 - P) / (d² (N - 1) + X² P (1 - P))`` with P = .5, unrounded; without end where N is infinite.

    Krejcie and Morgan (1970), Educational and Psychological Measurement 30, 607-610.
    """
    needed = float(stats.chi2.ppf(conf_level, 1)) * 0.25
    return needed / margin**2 if np.isinf(population) else needed * population / (margin**2 * (population - 1) + needed)


# Result -----------------------------------------------------------------------------------------------------

RULES: dict[str, Text] = {
    "efa": Text("探索性因子分析：题项数的5倍，且不少于100", "Exploratory factors: 5 times the items, 100 at least"),
    "sem_indicators": Text("结构方程：指标数的10倍", "Structural model: 10 times the indicators"),
    "sem_parameters": Text("结构方程：自由参数的5倍", "Structural model: 5 times the free parameters"),
    "sem_least": Text("结构方程：不少于200", "Structural model: 200 at least"),
    "krejcie_morgan": Text("Krejcie–Morgan表", "Krejcie and Morgan's table"),
    "cochran": Text("Cochran公式，计入设计效应与有限总体", "Cochran's formula, design effect and finite population"),
}
SOURCES = Text(
    f"{MARK} 各项规则是惯例，来源按通行引用，未核对原文：5倍且不少于100，Gorsuch（1983）；10倍指标或5倍参数，"
    "侯杰泰等（2004）；200为通行说法；Krejcie和Morgan（1970）；Cochran（1977）。按题项数的规则不看载荷，也不看聚类。",
    f"{MARK} The rules are conventions, cited as is usual, originals not checked: 5 times and 100, Gorsuch (1983); 10 "
    "indicators or 5 parameters, Hou et al. (2004); 200 is a common saying; Krejcie and Morgan (1970); Cochran (1977). "
    "Rules by the number of items know nothing of loadings or clusters.",
)


@dataclass(frozen=True)
class SizeRules(Result):
    """The sample beside customary rules, group by group.

    Attributes
    ----------
    frame : DataFrame
        ``group, rule`` (efa, sem_indicators, sem_parameters, sem_least, krejcie_morgan, cochran), ``needed`` (rounded
        up), ``n, met``.
    precision : DataFrame
        ``group, n, population, deff, half_width``: half the interval of a share of one half.
    margin, conf_level : float
    """

    precision: pd.DataFrame
    margin: float
    conf_level: float

    def _table(self) -> Table:
        columns = (
            Column("rule", Text(f"规则{MARK}", f"Rule{MARK}"), "text"),
            Column("needed", Text("所需", "Needed"), "count"),
            Column("n", HEADS["n"], "count"),
            Column("met", Text("达到", "Met"), "text"),
        )
        rows: list[Row] = []
        for group, lines in self.frame.groupby("group", sort=False):
            words = HEADS["overall"] if group == EVERYBODY else self.basis.label(group)
            rows.append(Row((Cell(words, span=len(columns)),), kind="group"))
            for line in lines.to_dict("records"):
                values = {**line, "rule": RULES[line["rule"]]}
                rows.append(Row(tuple(Cell(values[c.key], c.kind) for c in columns)))
            own = self.precision[self.precision["group"] == group].iloc[0]
            said = Text("达到的精度：±{h}（设计效应{d}）", "Precision reached: ± {h} (design effect {d})").format(
                h=in_prose(own["half_width"], "percent", 1), d=in_prose(own["deff"], "estimate", 2)
            )
            rows.append(Row((Cell(said, span=len(columns)),)))
        note = Text(
            "精度：比例为50%时{c}置信区间的半宽，计入设计效应与有限总体；Cochran与Krejcie–Morgan以±{m}为准。",
            "Precision: half the {c} interval of a share of 50%, with design effect and finite population; Cochran "
            "and Krejcie and Morgan for ± {m}.",
        ).format(c=f"{self.conf_level:.0%}", m=in_prose(self.margin, "percent", 0))
        title = Text("样本量说明", "Whether the sample is large enough")
        return Table("size_rules", title, columns, tuple(rows), (note, SOURCES))


# Door -------------------------------------------------------------------------------------------------------


def size_rules(
    data: Responses,
    constructs: Sequence[str],
    *,
    groups: Mapping[str, Group] | None = None,
    parameters: int | None = None,
    margin: float = 0.05,
    conf_level: float = 0.95,
) -> SizeRules:
    """Hold the sample that there is against customary rules, and say what precision it gives.

    Parameters
    ----------
    data : Responses
        Each stakeholder group by itself, where there are several.
    constructs : sequence of str
        Whose items go into the factor model.
    groups : mapping of group to Group, optional
        Population and design effect of each group (``all`` where there is one); endless and simple unless named.
    parameters : int, optional
        Free parameters of the structural model.
    margin : float
        Of a share of one half, either way, for Cochran's and for Krejcie and Morgan's formula.
    conf_level : float

    Raises
    ------
    DesignError
        A group that nobody is in, or with more answers than its population.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.). Wiley.
    Krejcie, R. V., & Morgan, D. W. (1970). Determining sample size for research activities. Educational and
    Psychological Measurement, 30, 607-610.

    Examples
    --------
    ``sg.size_rules(answers, ["MGT", "FUN"], groups={"villager": sg.Group(population=52000, deff=1.8)})``
    """
    roles = data.roles
    sizes = {role: int((data.frame["role"] == role).sum()) for role in roles} if len(roles) > 1 else {}
    sizes = sizes or {EVERYBODY: len(data)}
    known = groups or {}
    if strange := [name for name in known if name not in sizes]:
        raise DesignError(
            Text(
                f"答卷中没有组“{strange[0]}”。",
                f"there is no group '{strange[0]}' in the answers.{did_you_mean(strange[0], list(sizes))}",
            ),
            where="groups=",
            remedy=Text(f"可用：{'、'.join(sizes)}。", f"Use {', '.join(sizes)}."),
        )
    items = sum(len(data.item_names(name)) for name in constructs)
    lines, precision = [], []
    for name, n in sizes.items():
        group, goal = known.get(name, Group()), Goal.proportion(margin=margin)
        population = np.inf if group.population is None else float(group.population)
        if n > population:
            raise DesignError(
                Text(
                    f"组“{name}”有{n}份答卷，总体却只有{population:g}人。",
                    f"the group '{name}' has {n} answers from a population of {population:g}.",
                ),
                where="groups=",
                remedy=Text("请核对总体人数。", "Check the size of the population."),
            )
        cochran = sample_size(goal, group, conf_level=conf_level)
        needed = {
            "efa": max(5 * items, 100),
            "sem_indicators": 10 * items,
            "sem_parameters": None if parameters is None else 5 * parameters,
            "sem_least": 200,
            "krejcie_morgan": krejcie_morgan(population, margin, conf_level),
            "cochran": float(cochran.frame["answers"].item()),
        }
        for rule, least in needed.items():
            if least is not None:
                whole = int(np.ceil(least - 1e-9))
                lines.append({"group": name, "rule": rule, "needed": whole, "n": n, "met": n >= whole})
        half = goal.reached(np.array([float(n)]), np.array([population]), np.array([group.effect]), conf_level)
        precision.append({"group": name, "n": n, "population": population, "deff": group.effect, "half_width": half})
    return SizeRules(pd.DataFrame(lines), data.basis(), pd.DataFrame(precision), margin, conf_level)
