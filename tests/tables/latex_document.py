r"""Every kind of table, every result's and the bundled study's in one LaTeX document, compiled by a Debian TeX.

``python tests/show.py latex`` writes it to a folder of its own, runs XeLaTeX, and prints what TeX complains of.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from evil_words import HOSTILE
from table_kinds import KINDS
from tables.test_result_tables import NAMES
from tables.test_result_tables import tables as tables_of

from sgsurvey.pipeline.run import run_study
from sgsurvey.pipeline.study import read_study
from sgsurvey.report.numbering import place
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import LANGUAGES, same

ROOT = Path(__file__).parents[2]
PREAMBLE = r"""\documentclass[fontset=fandol,zihao=false,12pt]{ctexart}
\usepackage[a4paper,margin=2.7cm]{geometry}
\usepackage{booktabs,caption,threeparttable,longtable,rotating,pdflscape}
\usepackage{siunitx}
\begin{document}
"""
UNPRINTED = re.compile("[䶮\U00010000-\U0010ffff]")  # what the fonts of Debian's TeX have no letter for
# What TeX says of a page that is not as it should be.
COMPLAINT = re.compile(
    r"^(?:! .*|Overfull \\[hv]box.*|Missing character: .*"
    r"|LaTeX (?:Font )?Warning: (?!Label\(s\)).*|Package (?!fontspec)\w+ Warning: .*)",
    re.M,
)


def tables() -> list[Table]:
    """Each kind, each table of each verb's result, and each table of the study's report, in both languages."""
    kinds = [kind().to(language) for kind in [*KINDS, hostile] for language in LANGUAGES]
    return [*kinds, *(table for name in NAMES for table in tables_of(name).values()), *of_the_study()]


def hostile() -> Table:
    """Words that would be commands, in the title, the heads, the cells and the notes."""
    words = [UNPRINTED.sub("", evil) for evil in HOSTILE if len(evil) < 100]
    lines = [Row((Cell(same(evil)), Cell(evil), Cell(0.5, "p", mark="a"))) for evil in words]
    columns = (
        Column("a", same("\\input{x} & %"), "text", spanner=same("$x^ #1 _")),
        Column("b", same("\\end{tabular}"), "text", spanner=same("$x^ #1 _")),
        Column("c", same("{}{"), "p"),
    )
    return Table("hostile", same("\\input{x} $x$"), columns, tuple(lines), tuple(map(same, words[:8])))


def of_the_study() -> list[Table]:
    """The tables of the report on S County."""
    with tempfile.TemporaryDirectory() as out:
        report = run_study(read_study(ROOT / "analysis"), out=Path(out), formats=["md"], languages=["zh"]).report
    placed = [one for language in LANGUAGES for one in place(report.blocks, language)]
    return [one.table for one in placed if one.table is not None]


def document(given: Iterable[Table]) -> str:
    """All of them, one to a page; ids that come twice are told apart, as an author would."""
    pages = [replace(table, id=f"{table.id}-{at}").to_latex() for at, table in enumerate(given)]
    return PREAMBLE + "\n\\clearpage\n".join(pages) + "\\end{document}\n"


def compiled(source: str, folder: Path) -> list[str]:
    """What XeLaTeX complains of in ``source``, whose PDF is left in ``folder``."""
    (folder / "tables.tex").write_text(source, encoding="utf-8")
    for how in (["-no-pdf"], []):  # a long table knows the widths of all its pages the second time
        subprocess.run(
            ["xelatex", *how, "-interaction=nonstopmode", "tables.tex"],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=3000,
        )
    log = (folder / "tables.log").read_text(encoding="utf-8", errors="replace")
    return COMPLAINT.findall(log)


def show() -> bool:
    """Compile them all; True when TeX has nothing to say."""
    if shutil.which("xelatex") is None:
        print("no xelatex here: apt-get install --no-install-recommends texlive-xetex texlive-lang-chinese \\")
        print("    texlive-latex-recommended texlive-latex-extra texlive-science texlive-fonts-recommended")
        return False
    given = tables()
    folder = Path(tempfile.mkdtemp(prefix="sgsurvey-latex-"))
    complaints = compiled(document(given), folder)
    for complaint in complaints:
        print(complaint)
    print(f"{len(given)} tables, {len(complaints)} complaints: {folder / 'tables.pdf'}")
    return not complaints
