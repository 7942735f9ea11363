"""Reliability against psych, boot and pingouin in one run; by hand: ``python tests/benchmarks/reliability.py``.

R is timed inside R, without its start.  ``alpha 2,000 draws`` is the bootstrap interval alone, from rows to its ends,
as boot's line; ``reliability`` lines are the whole public verb with everything else that it prints.
"""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
from measurement import ITEMS, best
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.measurement.coefficients import alphas_of
from sgsurvey.measurement.split_half import split_halves
from sgsurvey.numerics.resample import drawn_covariances, percentile_interval

R_SCRIPT = """
suppressMessages({library(psych); library(boot); library(lavaan); library(semTools)}); options(warn = -1)
x <- read.csv(commandArgs(TRUE)[1]); x5 <- x[, 1:5]
best <- function(f, times) min(sapply(seq_len(times), function(i) system.time(suppressMessages(f()))[["elapsed"]]))
a <- function(d, i) { S <- cov(d[i, ]); 1.25 * (1 - sum(diag(S)) / sum(S)) }
cat("alpha5 psych", best(function() psych::alpha(x5, warnings = FALSE), 5), "\\n")
cat("alpha25 psych", best(function() psych::alpha(x, check.keys = TRUE, warnings = FALSE), 3), "\\n")
cat("draws psych", best(function() psych::alpha(x5, n.iter = 2000, warnings = FALSE), 1), "\\n")
cat("draws boot", best(function() boot.ci(boot(x5, a, 2000), type = "perc"), 2), "\\n")
cat("omega25 psych", best(function() omega(x, 5, plot = FALSE), 3), "\\n")
cat("split16 psych", best(function() splitHalf(x[, 1:16], raw = TRUE), 1), "\\n")
model <- "f =~ A1 + A2 + A3 + A4 + A5"
green <- function() compRelSEM(cfa(model, x5, std.lv = TRUE, ordered = names(x5)), ord.scale = TRUE)
cat("ordinal semTools", best(green, 2), "\\n")
big <- x5[sample(nrow(x5), 1e6, TRUE), ]
cat("million psych", best(function() psych::alpha(big, warnings = FALSE), 1), "\\n")
"""
WORKS = {
    "alpha5": "reliability, 5 items",
    "alpha25": "reliability, 25 items",
    "draws": "alpha 2,000 draws",
    "draws_all": "reliability, BCa 2,000",
    "omega25": "omega h, 5 factors, 25 items",
    "split16": "all 6,435 splits of 16 items",
    "ordinal": "ordinal omega, 5 items",
    "million": "reliability, 10^6 x 5",
}


def ours(frame: pd.DataFrame) -> dict[str, float]:
    """Seconds of each work."""
    from sgsurvey.measurement.omega import hierarchical_omega

    five = frame[ITEMS[:5]]
    values, groups = five.to_numpy(dtype=float), np.zeros(len(five), dtype=np.int64)
    corr = np.corrcoef(frame.to_numpy(), rowvar=False)
    large = five.iloc[np.random.default_rng(0).integers(0, len(five), 1_000_000)].reset_index(drop=True)
    bca = sg.ReliabilityInterval("bca", seed=1)
    return {
        "alpha5": best(lambda: sg.reliability(five, ITEMS[:5])),
        "alpha25": best(lambda: sg.reliability(frame, ITEMS), 3),
        "draws": best(lambda: percentile_interval(alphas_of(drawn_covariances(values, groups, 2000, 1)), 0.95)),
        "draws_all": best(lambda: sg.reliability(five, ITEMS[:5], interval=bca), 3),
        "omega25": best(lambda: hierarchical_omega(corr, 5), 3),
        "split16": best(lambda: split_halves(corr[:16, :16])),
        "ordinal": best(lambda: sg.reliability(five, ITEMS[:5], correlation="polychoric"), 3),
        "million": best(lambda: sg.reliability(large, ITEMS[:5]), 2),
    }


def peers(frame: pd.DataFrame, folder: Path) -> dict[tuple[str, str], float]:
    """Seconds keyed by work and peer."""
    data, script = folder / "bfi.csv", folder / "bench.R"
    frame.to_csv(data, index=False)
    script.write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        work, peer, seconds = line.split()
        found[work, f"{peer} (R)"] = float(seconds)
    found["draws_all", "psych (R)"] = found["draws", "psych (R)"]
    if importlib.util.find_spec("pingouin"):
        from pingouin import cronbach_alpha

        found["alpha5", "pingouin"] = best(lambda: cronbach_alpha(frame[ITEMS[:5]]))
    return found


def main(folder: Path) -> None:
    """Print the table."""
    frame = bfi().dropna()[ITEMS]
    own = ours(frame)
    print(f"bfi, n = {len(frame)}; best runs in milliseconds\n")
    print(f"{'work':30s} {'peer':14s} {'ours':>9s} {'peer':>9s} {'ratio':>7s}")
    for (work, peer), seconds in sorted(peers(frame, folder).items(), key=lambda line: list(WORKS).index(line[0][0])):
        ratio = seconds / own[work]
        print(f"{WORKS[work]:30s} {peer:14s} {own[work] * 1e3:9.1f} {seconds * 1e3:9.1f} {ratio:7.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
