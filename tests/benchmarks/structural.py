"""Confirmatory factor analysis by ML against lavaan and semopy in one run: ``python tests/benchmarks/structural.py``.

``--semopy PYTHON`` names the interpreter of an environment that has semopy, which needs older packages than ours.
Peers are timed inside themselves, without their start.  ``fit`` is estimates and standard errors; ``whole`` adds the
fit indices and the standardised solution with its errors, which ``sg.cfa`` always gives.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.measurement.completion import complete
from sgsurvey.measurement.estimation import maximum_likelihood
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.structural_sample import structural_sample
from sgsurvey.measurement.structures import starting_values, structure_of
from sgsurvey.measurement.syntax import from_factors

HERE = Path(__file__).parent
FIVE = {c: [f"{c}{i}" for i in range(1, 6)] for c in "ACENO"}


def best(work: Callable[[], object], times: int = 9) -> float:
    """Shortest of several runs, in seconds."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def ours(frame) -> dict[str, float]:
    """The estimator from the rows, and the whole door."""

    def fit() -> None:
        lines = from_factors(FIVE)
        sample = structural_sample(frame, lines.observed, verb="cfa")
        table = complete(lines, StructuralModel(FIVE))
        maximum_likelihood(structure_of(table), sample, starting_values(table, sample.moments))

    found = sg.cfa(frame, FIVE)
    return {
        "fit": best(fit),
        "whole": best(lambda: sg.cfa(frame, FIVE)),
        "modification": best(found.modification_indices, 5),
        "chi_square": float(found.fit["chi_square"]),
    }


def peer(command: list[str]) -> dict[str, float]:
    """What a peer prints: a word and a number a line."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = (line.split() for line in done.stdout.splitlines() if line)
    return {name: float(value) for name, value in pairs}


def main(semopy: str | None) -> None:
    """Print the table."""
    frame = bfi().dropna()
    own = ours(frame)
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "bfi.csv")
        frame.to_csv(data, index=False)
        peers = {"lavaan (R)": peer(["Rscript", str(HERE / "structural.R"), data])}
        if semopy:
            peers["semopy"] = peer([semopy, str(HERE / "structural_semopy.py"), data])
    print(f"bfi, 5 factors, 25 items, n = {len(frame)}, ML; best runs in milliseconds\n")
    print(f"{'work':14s} {'peer':12s} {'ours':>9s} {'peer':>9s} {'ratio':>7s}")
    for name, found in peers.items():
        for work in ("fit", "whole", "modification"):
            if work in found:
                times = f"{own[work] * 1e3:9.2f} {found[work] * 1e3:9.2f} {found[work] / own[work]:7.1f}"
                print(f"{work:14s} {name:12s} {times}")
        print(f"{'chi-square':14s} {name:12s} {own['chi_square']:.9f} {found['chi_square']:.9f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--semopy", help="interpreter of an environment with semopy")
    main(parser.parse_args().semopy)
