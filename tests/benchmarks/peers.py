"""The numbers that decide measurement (../shared/design/decisions.md, section 4), ours beside every peer in one run.

``python tests/benchmarks/peers.py [PYTHON]`` prints one table: the time of each peer, ours, their ratio, the seconds or
the ratio aimed at and whether they were reached.  PYTHON is an interpreter with semopy and pingouin, which want other
packages than ours: ``python3 -m venv /tmp/pg; /tmp/pg/bin/pip install semopy pingouin``; without it, and without R
(psych, lavaan, semTools, boot, ordinal), peers are absent.  Seconds are the processor's, of one thread.
"""

import math
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, best  # isort: split

import agreement
import factors
import importance
import reliability
import structural

VENV = "/tmp/pg/bin/python"
# The table of decisions.md: seconds aimed at, and what the peers took on the machine of that page.
TARGETS: dict[str, tuple[float, dict[str, float]]] = {
    "polychoric": (0.05, {"psych": 5.69, "lavaan": 0.77}),
    "parallel, components": (0.02, {"psych, both": 5.8}),
    "parallel, one minres factor": (0.3, {"psych, both": 5.8}),
    "parallel, polychorics": (5.0, {"psych, from 2": 660.0}),
    "minres + oblimin, matrix": (0.015, {"psych": 0.032}),
    "minres + oblimin, rows": (0.015, {"psych": 0.032, "factor_analyzer": 0.110}),
    "CFA ML, estimates": (0.04, {"lavaan": 0.172, "semopy": 0.145}),
    "CFA MLR": (0.2, {"lavaan": 1.10}),
    "CFA WLSMV": (0.5, {"lavaan": 3.44}),
    "CFA FIML": (0.5, {"lavaan": 5.3}),
    "alpha, 2,000 draws": (0.2, {"psych": 6.2, "boot": 0.85}),
    "LMG, 10 predictors, 1,000 draws": (0.3, {}),
    "ordered logit, 10,000 x 8": (0.06, {"ordinal clm": 0.13, "MASS polr": 0.39, "statsmodels": 1.3}),
    "mediation, 5,000 draws": (0.3, {"pingouin": 3.6}),
    "alpha, KMO, EFA, CFA, 10^6 x 25": (1.0, {"psych, alpha x 5": 13.8}),
    "pair tables, 10^6 x 25": (1.0, {}),
    "import sgsurvey": (0.3, {}),
    "sgsurvey --help": (0.3, {}),
}


def starts() -> list[Line]:
    """A process that imports us, and one that prints the help."""

    def run(*arguments: str) -> float:
        return best(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True), 3)

    shown = run("-m", "sgsurvey", "--help")
    nan = float("nan")
    return [Line("import sgsurvey", "-", run("-c", "import sgsurvey"), nan), Line("sgsurvey --help", "-", shown, nan)]


def row(line: Line) -> str:
    """One line of the table: reached by the seconds, or, on a slower machine, by the ratio of the page."""
    there = not math.isnan(line.theirs)
    theirs, ratio = (f"{line.theirs * 1e3:.1f}", f"{line.theirs / line.ours:.1f}") if there else ("absent", "")
    aim = reached = ""
    if line.work in TARGETS:
        seconds, of_page = TARGETS[line.work]
        aim, met = f"{seconds * 1e3:.0f} ms", line.ours <= seconds
        if line.peer in of_page:
            asked = of_page[line.peer] / seconds
            aim, met = f"{aim} or x {asked:.1f}", met or (there and line.theirs / line.ours >= asked)
        reached = "yes" if met else "NO"
    return f"| {line.work} | {line.peer} | {theirs} | {line.ours * 1e3:.1f} | {ratio} | {aim} | {reached} |"


def main(python: str = VENV) -> None:
    """Print the table, each room as soon as it is measured."""
    venv = python if Path(python).exists() else None
    print("| work | peer | peer's ms | ours, ms | ratio | target | reached |\n|---|---|---:|---:|---:|---|---|")
    for measured in (
        factors.lines,
        lambda: reliability.lines(venv),
        lambda: structural.lines(venv),
        agreement.lines,
        lambda: importance.lines(venv),
        starts,
    ):
        print("\n".join(row(line) for line in measured()), flush=True)
    if venv is None:
        print(f"\nsemopy and pingouin: absent ({python} is not here)")


if __name__ == "__main__":
    main(*sys.argv[1:])
