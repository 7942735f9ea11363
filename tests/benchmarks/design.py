"""Raking and its jackknife beside R survey in one run: ``python tests/benchmarks/design.py``."""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import sgsurvey as sg


def best_of(times: int, work: Callable[[], object]) -> float:
    """Shortest of ``times`` runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    """Rake to two margins, a mean of the raked, and the mean by JK1 raked again in each replicate."""
    for n, units in ((500, 40), (20_000, 100)):
        rng = np.random.default_rng(2)
        data = pd.DataFrame({"psu": np.arange(n) % units, "w": rng.uniform(5, 15, n), "y": rng.normal(size=n)})
        data = data.assign(a=rng.integers(0, 5, n), b=rng.integers(0, 4, n))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.csv"
            data.to_csv(path, index=False)
            script = Path(__file__).with_suffix(".R")
            ran = subprocess.run(["Rscript", script, path], capture_output=True, text=True, check=True)
        theirs = [float(part) for part in ran.stdout.split()]
        answers = sg.survey_design(data, weights="w", clusters="psu")
        margins = {name: (data[name].value_counts() * 10).to_dict() for name in ("a", "b")}
        raked = sg.rake(answers, margins)
        ours = [
            best_of(5, lambda answers=answers, margins=margins: sg.rake(answers, margins)),
            best_of(5, lambda raked=raked: sg.mean(raked, "y")),
            best_of(3, lambda raked=raked: sg.mean(sg.replicate_weights(raked, "JK1"), "y")),
        ]
        for what, a, b in zip(("rake", "mean of raked", "JK1, raked again"), ours, theirs, strict=True):
            print(f"{what:20s} n = {n:6d}, {units} units: ours {1000 * a:8.1f} ms  R {1000 * b:8.1f} ms  {b / a:5.1f}")


if __name__ == "__main__":
    main()
