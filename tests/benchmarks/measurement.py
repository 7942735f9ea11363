"""Measurement against its peers in one run; by hand: ``python tests/benchmarks/measurement.py``.

Prints the best of several runs of ours and of each peer that is installed, and the ratio, which is what counts.
R's psych is timed inside R, without its start.
"""

import importlib.util
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
from factor_analyzer import FactorAnalyzer, calculate_kmo
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.numerics.parallel import parallel_eigenvalues
from sgsurvey.numerics.wishart import null_correlations

ITEMS = [f"{scale}{i}" for scale in "ACENO" for i in range(1, 6)]

R_SCRIPT = """
suppressMessages(library(psych)); options(warn = -1)
x <- read.csv(commandArgs(TRUE)[1]); x5 <- x[, 1:5]
best <- function(f, times) min(sapply(seq_len(times), function(i) system.time(f())[["elapsed"]]))
cat("alpha", best(function() alpha(x5, warnings = FALSE), 5), "\\n")
cat("kmo", best(function() KMO(x), 5), "\\n")
R <- cor(x)
cat("efa_matrix", best(function() fa(R, 5, n.obs = nrow(x), fm = "minres", rotate = "oblimin"), 9), "\\n")
cat("geomin_30", best(function() for (i in 1:30) fa(R, 5, n.obs = nrow(x), rotate = "geominQ"), 1), "\\n")
sink(tempfile()); t <- best(function() fa(x, 5, n.iter = 50), 1); sink(); cat("se_boot_50", t, "\\n")
cat("efa", best(function() fa(x, 5, fm = "minres", rotate = "oblimin"), 5), "\\n")
sink(tempfile()); pdf(NULL)
t <- best(function() fa.parallel(x, n.iter = 100, plot = FALSE), 1)
sink(); cat("parallel", t, "\\n")
"""


def best(work: Callable[[], object], times: int = 7) -> float:
    """Shortest of several runs, in seconds."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def ours(frame: pd.DataFrame) -> dict[str, float]:
    """Each through its public door; ``components`` is what parallel analysis needs without factors."""
    corr = np.corrcoef(frame.to_numpy(), rowvar=False)

    def parallel(*bases: str) -> float:
        return best(lambda: parallel_eigenvalues(corr, null_correlations(25, len(frame), 100, rng), bases), 3)

    rng = np.random.default_rng(1)
    matrix = sg.CorrelationMatrix(frame.corr(), len(frame))
    factors = sg.efa(frame, ITEMS, factors=5, rotation=sg.Rotation("oblimin", kaiser=False))
    return {
        "alpha": best(lambda: sg.reliability(frame, ITEMS[:5])),
        "kmo": best(lambda: sg.adequacy(frame, ITEMS)),
        "efa": best(lambda: sg.efa(frame, ITEMS, factors=5, rotation=sg.Rotation("oblimin", kaiser=False))),
        "efa_matrix": best(lambda: sg.efa(matrix, ITEMS, factors=5, rotation=sg.Rotation("oblimin", kaiser=False)), 15),
        "geomin_30": best(lambda: sg.efa(matrix, ITEMS, factors=5, rotation="geomin", seed=1), 3),
        "se_sandwich": best(factors.standard_errors, 3),
        "se_boot_50": best(lambda: factors.standard_errors(method="bootstrap", draws=1000, seed=1), 1) / 20,
        "parallel": parallel("components", "factors"),
        "components": parallel("components"),
    }


def python_peers(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Peers in Python, keyed by work and peer."""
    warnings.simplefilter("ignore")
    found = {
        ("kmo", "factor_analyzer"): best(lambda: calculate_kmo(frame)),
        ("efa", "factor_analyzer"): best(lambda: FactorAnalyzer(5, rotation="oblimin").fit(frame)),
    }
    if importlib.util.find_spec("pingouin"):
        from pingouin import cronbach_alpha

        found["alpha", "pingouin"] = best(lambda: cronbach_alpha(frame[ITEMS[:5]]))
    return found


def psych(frame: pd.DataFrame, folder: Path) -> dict[tuple[str, str], float]:
    """R's psych, where Rscript is installed."""
    if not shutil.which("Rscript"):
        return {}
    folder.mkdir(exist_ok=True)
    data, script = folder / "bfi.csv", folder / "bench.R"
    frame.to_csv(data, index=False)
    script.write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True, check=True)
    return {(line.split()[0], "psych (R)"): float(line.split()[1]) for line in done.stdout.splitlines() if line}


def main(folder: Path) -> None:
    """Print the table."""
    frame = bfi().dropna()[ITEMS]
    own = ours(frame)
    print(f"bfi, 25 items, n = {len(frame)}; best runs in milliseconds\n")
    print("ours alone: " + ", ".join(f"{work} {seconds * 1e3:.1f}" for work, seconds in own.items()) + "\n")
    print(f"{'work':10s} {'peer':18s} {'ours':>9s} {'peer':>9s} {'ratio':>7s}")
    for (work, peer), seconds in {**python_peers(frame), **psych(frame, folder)}.items():
        print(f"{work:10s} {peer:18s} {own[work] * 1e3:9.2f} {seconds * 1e3:9.2f} {seconds / own[work]:7.1f}")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
