"""Agreement, HTMT and validity against psych and semTools in one run: ``python tests/benchmarks/agreement.py``.

R is timed inside R, without its start.  Ours are the whole public verbs; their bootstrap lines have no peer in R's
psych or semTools, which give no interval of HTMT.
"""

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

REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
NAMES = {s: [f"{s}{i}" for i in range(1, 6)] for s in "ACENO"}
MODEL = "\\n".join(f"{s} =~ {' + '.join(items)}" for s, items in NAMES.items())
R_SCRIPT = f"""
suppressMessages({{library(psych); library(lavaan); library(semTools)}}); options(warn = -1)
x <- read.csv(commandArgs(TRUE)[1]); r <- as.matrix(read.csv(commandArgs(TRUE)[2]))
best <- function(f, times) min(sapply(seq_len(times), function(i) system.time(suppressMessages(f()))[["elapsed"]]))
model <- "{MODEL}"
cat("icc psych", best(function() ICC(r, lmer = FALSE), 5), "\\n")
cat("kappa psych", best(function() cohen.kappa(r[, 1:2]), 5), "\\n")
cat("htmt semTools", best(function() htmt(model, x, htmt2 = FALSE), 5), "\\n")
cat("htmt_poly semTools", best(function() htmt(model, x, htmt2 = FALSE, ordered = names(x)), 1), "\\n")
fit <- cfa(model, x)
cat("validity semTools", best(function() {{ AVE(fit); compRelSEM(fit); htmt(model, x) }}, 3), "\\n")
"""
WORKS = {
    "icc": "six ICC, 1,000 x 4",
    "kappa": "weighted kappas, 1,000 x 2",
    "alpha": "Krippendorff, 2,000 draws, 1,000 x 4",
    "htmt": "HTMT, HTMT2 with intervals, 25 items",
    "htmt_bca": "the same, BCa, 2,000 draws",
    "htmt_poly": "HTMT of polychorics, 25 items",
    "validity": "AVE, CR, HTMT of a fitted model",
    "select": "select_items, 25 items",
}


def ours(frame: pd.DataFrame, ratings: pd.DataFrame) -> dict[str, float]:
    """Seconds of each work, through its public door."""
    answers = sg.responses(frame, NAMES, reverse=REVERSED, limits=(1, 6))
    raters, model = list(ratings), sg.cfa(answers, list(NAMES))
    return {
        "icc": best(lambda: sg.agreement(ratings, raters, level="interval")),
        "kappa": best(lambda: sg.agreement(ratings, raters[:2], level="ordinal")),
        "alpha": best(lambda: sg.agreement(ratings, raters, level="ordinal", seed=1)),
        "htmt": best(lambda: sg.htmt(answers, list(NAMES))),
        "htmt_bca": best(lambda: sg.htmt(answers, list(NAMES), interval="bca", seed=1), 3),
        "htmt_poly": best(lambda: sg.htmt(answers, list(NAMES), correlation="polychoric"), 3),
        "validity": best(lambda: sg.validity(model), 3),
        "select": best(lambda: sg.select_items(answers, list(NAMES)), 2),
    }


def peers(frame: pd.DataFrame, ratings: pd.DataFrame, folder: Path) -> dict[tuple[str, str], float]:
    """Seconds keyed by work and peer."""
    keyed = frame.copy()
    keyed[REVERSED] = 7 - keyed[REVERSED]
    paths = folder / "bfi.csv", folder / "ratings.csv"
    keyed.to_csv(paths[0], index=False)
    ratings.to_csv(paths[1], index=False)
    script = folder / "bench.R"
    script.write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", str(script), *map(str, paths)], capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines() if line]
    return {(work, peer): float(seconds) for work, peer, seconds in lines}


def main(folder: Path) -> None:
    """Print the table."""
    frame = bfi().dropna()[ITEMS].reset_index(drop=True)
    rng = np.random.default_rng(1)
    ratings = pd.DataFrame(rng.integers(1, 6, (1000, 1)) + rng.integers(0, 2, (1000, 4)), columns=list("abcd"))
    own = ours(frame, ratings)
    theirs = peers(frame, ratings, folder)
    print(f"{'work':40s} {'ours ms':>9s} {'peer':>10s} {'peer ms':>9s} {'ratio':>7s}")
    for work, seconds in own.items():
        beside = [(peer, t) for (name, peer), t in theirs.items() if name == work] or [("-", float("nan"))]
        for peer, t in beside:
            print(f"{WORKS[work]:40s} {seconds * 1e3:9.2f} {peer:>10s} {t * 1e3:9.1f} {t / seconds:7.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
