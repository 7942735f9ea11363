"""The gallery: every kind of table in its formats, every picture in both languages, made anew with the pages.

Nothing of it is kept in the repository: ``docs/conf.py`` calls ``write`` before Sphinx reads its sources.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import matplotlib as mpl  # noqa: E402 - the tests' kinds stand beside this folder

mpl.use("Agg")

from figures.gallery import PICTURES  # noqa: E402
from matplotlib import pyplot  # noqa: E402
from table_kinds import KINDS  # noqa: E402

from sgsurvey.figures.style import to_svg  # noqa: E402
from sgsurvey.tables.html import STYLE  # noqa: E402
from sgsurvey.tables.table import Table  # noqa: E402
from sgsurvey.text import LANGUAGES, Text  # noqa: E402

FILES = ("docx", "xlsx", "html", "tex", "md", "csv")
SHOWN = {"latex": Table.to_latex, "markdown": Table.to_markdown}
# What a picture shows, by the first word of its name, for those who cannot see it.
ALTERNATIVES = {
    "agreement": Text("评分者一致性系数及其置信区间", "Coefficients of agreement between raters with their intervals"),
    "bars": Text("各项比例的横条及其置信区间", "Bars of shares with their intervals"),
    "chains": Text("多重插补各链均值随迭代的走势", "Means of the chains of an imputation over its iterations"),
    "correlations": Text("相关矩阵热图，写出每个系数", "A correlation matrix in colours, every coefficient printed"),
    "dumbbell": Text("两方均值及其差距，每题一行", "Means of two sides and the gap between them, a line for each item"),
    "flow": Text(
        "从发放到使用的答卷数，逐步列出剔除原因", "Forms from issued to used, with what was left out at each step"
    ),
    "forest": Text("系数及其置信区间，一行一个", "Coefficients with their intervals, one to a line"),
    "htmt": Text("各对构念的HTMT及其置信区间", "HTMT of each pair of constructs with its interval"),
    "imputed": Text("观测均值与插补均值对照", "Observed means beside imputed ones"),
    "kappas": Text("各对评分者的kappa", "Kappa of each pair of raters"),
    "likert": Text("各题各组的回答分布，以中立为中心", "Answers by item and group, spread around the neutral ones"),
    "loadings": Text("因子载荷热图，写出每个载荷", "Factor loadings in colours, every loading printed"),
    "paths": Text("路径图：方框为题项，椭圆为因子", "A path diagram: boxes are items, ellipses are factors"),
    "quadrant": Text(
        "重要性与表现的四象限图，附置信区间", "Importance against performance in four quadrants, with intervals"
    ),
    "reliability": Text("各量表的信度系数及其置信区间", "Reliability of each scale with its interval"),
    "residuals": Text("残差诊断的四幅图", "Four panels of residuals"),
    "scree": Text("特征值与平行分析", "Eigenvalues beside those of random data"),
    "validity": Text("标准化载荷及其置信区间", "Standardised loadings with their intervals"),
    "weights": Text("各组权数的分布", "Weights by group"),
}


def write(folder: Path) -> None:
    """Write both pages, with the files and pictures that they name, into ``folder``."""
    for part in ("files", "pictures"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "tables.md").write_text("\n".join(_tables(folder)) + "\n", encoding="utf-8")
    (folder / "figures.md").write_text("\n".join(_figures(folder)) + "\n", encoding="utf-8")


def _tables(folder: Path) -> Iterator[str]:
    yield from ("# Gallery of tables / 表格一览", "")
    yield "Every kind of table, as HTML in both languages, as LaTeX and Markdown, and as files. Made with the pages."
    yield from ("", "```{raw} html", f"<style>{STYLE}</style>", "```")
    for kind in KINDS:
        table = kind()
        saved = [table.save(folder / "files" / f"{kind.__name__}.{suffix}") for suffix in FILES]
        links = " · ".join(f"{{download}}`{path.suffix[1:]} <files/{path.name}>`" for path in saved)
        yield from ("", f"## {kind.__name__.replace('_', ' ').capitalize()}", "", links)
        for language in LANGUAGES:
            yield from (
                "",
                "```{raw} html",
                f'<div style="overflow-x:auto">{table.to(language).to_html()}</div>',
                "```",
            )
        for name, written in SHOWN.items():
            yield from ("", f"**{name}**", "")
            yield from (f"````{name if name == 'latex' else 'text'}", written(table).rstrip(), "````")


def _figures(folder: Path) -> Iterator[str]:
    yield from ("# Gallery of figures / 图形一览", "")
    yield "Every picture in both languages, drawn with the pages, with words for those who cannot see it."
    for name, draw in PICTURES.items():
        said = ALTERNATIVES[name.partition("_")[0]]
        yield from ("", f"## {name.replace('_', ' ').capitalize()}")
        for language in LANGUAGES:
            picture: Any = draw(language)
            path = folder / "pictures" / f"{name}.{language}.svg"
            path.write_text(to_svg(picture.figure), encoding="utf-8")
            pyplot.close(picture.figure)
            yield from ("", f"```{{image}} pictures/{path.name}", f":alt: {said.to(language)}", "```")
            yield from ("", f"*{said.to(language)}*")


if __name__ == "__main__":
    write(ROOT / "docs" / "gallery")
