"""Kinds of table that every renderer must print."""

from dataclasses import replace

import pandas as pd

from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

MODELS = [Text("模型1", "Model 1"), Text("模型2", "Model 2")]
NAMES = [Text("日常管理", "Daily management"), Text("经费", "Funding"), Text("考核监督", "Supervision")]
FRAME = pd.DataFrame(
    {
        "term": NAMES,
        "b": [0.29834, -0.021, None],
        "p": [0.0001, 0.2, None],
        "r": [-0.4501, 0.0, 1.0],
        "share": [0.1234, 1.0, 0.0],
        "n": [1234, 0, 17],
        "df": [12.0, 12.34, 3.0],
        "f": [10.31, -0.0001, 123.456],
        "low": [-0.101, 0.2, None],
        "high": [0.2, 0.31, None],
        "role": [Text("村民", "Villagers"), Text("村民", "Villagers"), Text("政府", "Government")],
    }
)
TERM = Column("term", HEADS["variable"], "text")
TITLE = Text("分层回归结果", "Results of the regression")


def simple() -> Table:
    columns = [
        TERM,
        Column("n", HEADS["n"], "count"),
        Column("share", HEADS["percent"], "percent"),
        Column("df", HEADS["df"], "df"),
        Column("f", HEADS["f"], "statistic"),
        Column("r", HEADS["r"], "bounded"),
        Column("p", HEADS["p_value"], "p"),
    ]
    return Table.from_frame(FRAME, columns, id="simple", title=TITLE)


def spanners() -> Table:
    columns = [
        TERM,
        Column("b", HEADS["b"], spanner=MODELS[0]),
        Column("p", HEADS["p_value"], "p", spanner=MODELS[0]),
        Column("r", HEADS["beta"], "bounded", spanner=MODELS[1]),
        Column("low:high", HEADS["conf_95"], "interval", spanner=MODELS[1]),
        Column("n", HEADS["n"], "count"),
    ]
    return Table.from_frame(FRAME, columns, id="spanners", title=TITLE)


def groups() -> Table:
    columns = [TERM, Column("b", HEADS["mean"], digits=3)]
    return Table.from_frame(FRAME, columns, id="groups", title=TITLE, group="role")


def statistics() -> Table:
    rows = [
        Row((Cell(HEADS["r_squared"]), Cell(0.2345, "bounded", span=2), Cell(0.31, "bounded", span=2), Cell()), "stat"),
        Row(
            (Cell(same("F")), Cell(12.345, "statistic", stars="***", span=2), Cell(None, "count", span=2), Cell()),
            "stat",
        ),
        Row((Cell(HEADS["threshold"]), *[Cell(same("≥ 0.70"))] * 5), "threshold"),
    ]
    return spanners().extended(rows)


def stars() -> Table:
    columns = [TERM, Column("b", HEADS["b"]), Column("p", HEADS["p_value"], "p"), Column("r", HEADS["r"], "bounded")]
    return Table.from_frame(FRAME, columns, id="stars", title=TITLE, stars={"b": "p", "r": "p"})


def notes() -> Table:
    table = simple().noted(Text("注：缺失值已剔除。", "Note. Missing values were dropped."), same("a & b_c 50%"))
    return table.extended([Row((Cell(same("α")), Cell(5, "count", mark="a"), *[Cell()] * 5))])


def suppressed() -> Table:
    columns = [TERM, Column("n", HEADS["n"], "count"), Column("share", HEADS["percent"], "percent")]
    hidden = Row((Cell(same("x")), Cell(3, "count", suppressed=True), Cell(0.75, "percent", suppressed=True)))
    return Table.from_frame(FRAME, columns, id="suppressed", title=TITLE).extended([hidden])


def intervals() -> Table:
    columns = [
        TERM,
        Column("low:high", HEADS["conf_95"], "interval"),
        Column("r:r", HEADS["conf"], "bounded_interval"),
        Column("share:share", HEADS["percent"], "percent_interval"),
        Column("b", HEADS["b"]),
    ]
    return Table.from_frame(FRAME, columns, id="intervals", title=TITLE)


def words() -> Table:
    columns = [TERM, Column("v", HEADS["verdict"], "p"), Column("w", Text("", ""), "count")]
    frame = pd.DataFrame({"term": NAMES, "v": [Text("支持", "supported"), None, 0.5], "w": [True, False, "—"]})
    return Table.from_frame(frame, columns, id="words", title=TITLE)


def wide() -> Table:
    """Wider than an A4 page stands: columns and heads wrap, or the page is turned."""
    long_words = Text(
        "村里的垃圾清运及时，公共区域看不到堆积的垃圾", "Waste is collected on time and does not pile up anywhere"
    )
    columns = [
        Column("v", HEADS["variable"], "text"),
        Column("w", long_words, "text", spanner=MODELS[0]),
        *(
            Column(f"c{k}", Text(f"第{k}个乡镇均值", f"Mean of town {k}"), "bounded", spanner=MODELS[1])
            for k in range(9)
        ),
    ]
    row = Row((Cell(NAMES[0]), Cell(long_words), *[Cell(-0.123, "bounded", stars="***")] * 9))
    spread = Row((Cell(same("F")), Cell(long_words, span=3), *[Cell()] * 7), "stat")
    return Table("wide", TITLE, tuple(columns), (row, row, spread))


def long() -> Table:
    """Longer than a page."""
    table = spanners()
    return replace(table, id="long", rows=table.rows * 15, notes=(Text("注：很长。", "Note. It is long."),))


def very_wide_and_long() -> Table:
    """Longer than a page that lies on its side."""
    table = wide()
    columns = (*table.columns, *(replace(c, key=f"{c.key}x") for c in table.columns[2:5]))
    row = table.rows[0]
    return replace(table, id="both", columns=columns, rows=(Row((*row.cells, *row.cells[2:5])),) * 45)


KINDS = [
    *(simple, spanners, groups, statistics, stars, notes, suppressed, intervals, words),
    *(wide, long, very_wide_and_long),
]
