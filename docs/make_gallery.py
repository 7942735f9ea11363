"""The gallery: every kind of table in its formats, every picture in both languages, made anew with the pages.

Nothing of it is kept in the repository: ``docs/conf.py`` calls ``write`` before Sphinx reads its sources.  Kinds of
tables and pictures are those of the tests, whose folder must be on the path.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
from figures.gallery import PICTURES
from matplotlib import pyplot
from table_kinds import KINDS

from sgsurvey.figures.style import to_svg
from sgsurvey.tables.html import STYLE
from sgsurvey.tables.table import Table
from sgsurvey.text import LANGUAGES

FILES = ("docx", "xlsx", "html", "tex", "md", "csv")
SHOWN = {"latex": Table.to_latex, "markdown": Table.to_markdown}


def write(folder: Path) -> None:
    """Write both pages, with the files and pictures that they name, into ``folder``; no screen is needed."""
    mpl.use("Agg")
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
        yield from ("", f"## {name.replace('_', ' ').capitalize()}")
        for language in LANGUAGES:
            picture: Any = draw(language)
            path = folder / "pictures" / f"{name}.{language}.svg"
            path.write_text(to_svg(picture.figure), encoding="utf-8")
            pyplot.close(picture.figure)
            yield from ("", f"```{{image}} pictures/{path.name}", f":alt: {picture.alt}", "```")
            yield from ("", f"*{picture.alt}*")


if __name__ == "__main__":
    write(Path(__file__).parent / "gallery")
