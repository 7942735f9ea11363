"""A report with every kind of block, in both languages, without any statistic."""

from dataclasses import dataclass

import pandas as pd
from table_kinds import groups, simple, spanners, stars, statistics, suppressed

from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading
from sgsurvey.report.report import Report
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

BARS = Text("各方面均值", "Means by aspect")
NAMES = [Text("日常管理", "Management"), Text("经费", "Funding")]


def bars(*, language):
    from matplotlib import pyplot

    from sgsurvey.figures.style import in_house_style

    @in_house_style
    def draw():
        _, ax = pyplot.subplots(figsize=(6, 2), layout="constrained")
        ax.barh([name.to(language) for name in NAMES], [3, 4])
        return ax

    return draw()


@dataclass(frozen=True)
class Means(Result):
    """A small result with a table and a picture."""

    def _table(self):
        return Table.from_frame(self.frame, [Column("m", HEADS["mean"])], id="means", title=Text("均值", "Means"))

    def plot(self, ax=None, *, language=None):
        return bars(language=language)


def means(*, simulated=False, claim=1):
    return Means(pd.DataFrame({"m": [3.0, 4.0]}), Basis(12, 10, {"missing": 2}, claim=claim, simulated=simulated))


def wide():
    columns = [Column("v", HEADS["variable"], "text"), *(Column(f"c{i}", same(str(i)), "bounded") for i in range(16))]
    row = Row((Cell(Text("保洁成效", "Cleaning result")), *[Cell(-0.123, "bounded", stars="***")] * 16))
    return Table("wide", Text("相关矩阵", "Correlation matrix"), tuple(columns), (row,) * 3)


def full(language="en"):
    report = Report(
        Text("S县村庄保洁调查报告", "Village cleaning in S County"),
        language=language,
        subtitle=Text("现状与对策", "Status quo and countermeasures"),
        author=Text("课题组", "The study team"),
    )
    return report.add(
        Heading(Text("现状", "Status quo")),
        Text("见[@spanners]和[@bars]。", "See [@spanners] and [@bars]."),
        Heading(Text("量表", "Scales"), 2),
        spanners(),
        simple(),
        groups(),
        Callout(Text("经费是首要问题。", "Funding comes first."), "finding"),
        Heading(Text("原因", "Causes")),
        Bullets((Text("管理不足", "weak management"), Text("经费不足", "little money"))),
        Figure(bars, caption=BARS, alt=Text("两条横条", "Two bars"), id="bars", data=simple()),
        stars(),
        wide(),
        statistics(),
        suppressed(),
        Callout(Text("仅为关联。", "Association only."), "warning"),
        means(),
    )
