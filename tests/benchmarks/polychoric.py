"""Polychorics, their Gamma and ordinal parallel analysis against psych and lavaan in one run.

By hand: ``python tests/benchmarks/polychoric.py``.  R is timed inside R, without its start.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from measurement import ITEMS, best
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.numerics.null_data import permuted_rows, polychoric_draws
from sgsurvey.numerics.pair_tables import dense_codes, pair_tables
from sgsurvey.numerics.parallel import parallel_eigenvalues
from sgsurvey.numerics.polychoric import polychoric, polychoric_covariance
from sgsurvey.numerics.wishart import null_correlations

R_SCRIPT = """
suppressMessages({library(psych); library(lavaan)}); options(warn = -1)
x <- read.csv(commandArgs(TRUE)[1]); y <- as.data.frame(lapply(x, ordered))
best <- function(f, times) min(sapply(seq_len(times), function(i) system.time(f())[["elapsed"]]))
cat("polychoric psych", best(function() polychoric(x), 2), "\\n")
cat("polychoric lavaan", best(function() lavCor(y, ordered = names(y)), 2), "\\n")
cat("gamma lavaan", best(function() lavCor(y, ordered = names(y), output = "fit", se = "robust.sem"), 1), "\\n")
sink(tempfile()); pdf(NULL)
one <- best(function() fa.parallel(x, cor = "poly", n.iter = 1, sim = FALSE, plot = FALSE, error.bars = FALSE), 1)
two <- best(function() fa.parallel(x, cor = "poly", n.iter = 2, sim = FALSE, plot = FALSE, error.bars = FALSE), 1)
t <- best(function() fa.parallel(x, n.iter = 100, plot = FALSE), 1)
m <- best(function() vss(x, 8, plot = FALSE, rotate = "none"), 2)
sink()
cat("ordinal100 psych", one + 99 * (two - one), "\\n")
cat("factors100 psych", t, "\\n")
cat("map psych", m, "\\n")
"""


def ours(codes: np.ndarray) -> dict[str, float]:
    """Seconds of each work; the null draws with the eigenvalues of their basis."""
    fitted, corr = polychoric(codes), np.corrcoef(codes, rowvar=False)
    dense, categories = dense_codes(codes)
    rows = permuted_rows(*codes.shape)

    def ordinal() -> None:
        rng = np.random.default_rng(1)
        parallel_eigenvalues(fitted.corr, polychoric_draws(dense, categories, rows, 100, rng))

    def normal(*bases: str) -> None:
        rng = np.random.default_rng(1)
        parallel_eigenvalues(corr, null_correlations(25, len(codes), 100, rng), bases)

    large = np.random.default_rng(0).integers(0, 5, (1_000_000, 25))
    return {
        "polychoric": best(lambda: polychoric(codes)),
        "gamma": best(lambda: polychoric_covariance(codes, polychoric(codes))),
        "ordinal100": best(ordinal, 2),
        "components100": best(lambda: normal("components")),
        "factors100": best(lambda: normal("factors")),
        "tables10^6": best(lambda: pair_tables(large), 1),
    }


def main(folder: Path) -> None:
    """Print the table."""
    frame = bfi().dropna()[ITEMS]
    own = ours(frame.to_numpy().astype(int))
    own["door"] = best(lambda: sg.correlations(frame, ITEMS, method="polychoric"), 3)
    print(f"bfi, 25 items, n = {len(frame)}; best runs in seconds\n")
    for work, seconds in own.items():
        print(f"{work:14s} {seconds:9.4f}")
    data, script = folder / "bfi.csv", folder / "bench.R"
    frame.to_csv(data, index=False)
    script.write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True, check=True)
    print(f"\n{'work':14s} {'peer':8s} {'ours':>9s} {'peer':>9s} {'ratio':>8s}")
    for line in done.stdout.splitlines():
        work, peer, seconds = line.split()
        mine = own.get(work)
        if mine is not None:
            print(f"{work:14s} {peer:8s} {mine:9.4f} {float(seconds):9.3f} {float(seconds) / mine:8.0f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
