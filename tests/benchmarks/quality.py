"""Screening beside R careless in one run; by hand: ``python tests/benchmarks/quality.py [R file of careless]``.

Both get the same answers to 60 items of 12 constructs, with gaps.  R careless walks row by row: it is timed on 2,000
rows, inside R without its start, and ours on these and on 100,000.  Where CRAN is out of reach, name the file that
``tests/reference/r/careless.R`` speaks of.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import sgsurvey as sg
from sgsurvey.quality import careless

CONSTRUCTS, EACH = 12, 5
NAMES = [f"C{k}_{i}{'R' if i == EACH else ''}" for k in range(CONSTRUCTS) for i in range(1, EACH + 1)]
TURNED = [name.endswith("R") for name in NAMES]

R_SCRIPT = """
suppressMessages(library(psych)); options(warn = -1)
args <- commandArgs(TRUE); if (length(args) > 1) source(args[2]) else library(careless)
x <- read.csv(args[1]); m <- as.matrix(x); keyed <- x; turned <- grepl("R$", names(x))
keyed[turned] <- 6 - keyed[turned]
seconds <- function(f) system.time(f())[["elapsed"]]
cat("longstring", seconds(function() longstring(m, avg = TRUE)), "\\n")
cat("irv", seconds(function() irv(m)), "\\n")
cat("mahalanobis", seconds(function() mahad(m, plot = FALSE)), "\\n")
cat("even_odd", seconds(function() evenodd(keyed, rep(5, 12))), "\\n")
cat("synonyms", seconds(function() psychsyn(m, resample_na = FALSE)), "\\n")
cat("antonyms", seconds(function() psychsyn(m, anto = TRUE, resample_na = FALSE)), "\\n")
"""


def answers(n: int) -> pd.DataFrame:
    """Ratings from 1 to 5 that hang together within constructs; the last of each is reversed, 2% are missing."""
    rng = np.random.default_rng(1)
    view = 0.8 * rng.standard_normal((n, CONSTRUCTS)) + 0.6 * rng.standard_normal((n, 1))
    keyed = np.clip(np.rint(view.repeat(EACH, axis=1) + 0.6 * rng.standard_normal((n, len(NAMES))) + 3.6), 1, 5)
    raw = np.where(TURNED, 6 - keyed, keyed)
    return pd.DataFrame(np.where(rng.random(raw.shape) < 0.02, np.nan, raw), columns=NAMES)


def best(work: Callable[[], object], times: int = 3) -> float:
    """Shortest of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def ours(frame: pd.DataFrame) -> dict[str, float]:
    """Each index of R careless."""
    raw = frame.to_numpy()
    keyed = np.where(TURNED, 6 - raw, raw)
    constructs = [keyed[:, i : i + EACH] for i in range(0, len(NAMES), EACH)]
    return {
        "longstring": best(lambda: careless.runs(raw)),
        "irv": best(lambda: careless.individual_variability(raw)),
        "mahalanobis": best(lambda: careless.mahalanobis(raw)),
        "even_odd": best(lambda: careless.even_odd(constructs)),
        "synonyms": best(lambda: careless.pair_consistency(raw, careless.like_pairs(raw, 0.6))),
        "antonyms": best(lambda: careless.pair_consistency(raw, careless.opposite_pairs(raw, 0.6))),
    }


def theirs(frame: pd.DataFrame, source: list[str]) -> dict[str, float]:
    """The same in R."""
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "answers.csv"), Path(folder, "peer.R")
        frame.to_csv(data, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        ran = subprocess.run(["Rscript", script, data, *source], capture_output=True, text=True, check=True)
    return {name: float(seconds) for name, seconds in (line.split() for line in ran.stdout.splitlines())}


def screened(frame: pd.DataFrame) -> float:
    """Seconds of ``screen`` as a whole: all indices, near-equal rows among them."""
    constructs = {f"C{k}": [n for n in NAMES if n.startswith(f"C{k}_")] for k in range(CONSTRUCTS)}
    made = sg.responses(frame, constructs, reverse=[n for n in NAMES if n.endswith("R")])
    sg.screen(made.where(pd.Series(made.frame.index < 500)))
    return best(lambda: sg.screen(made), 1)


def main(source: list[str]) -> None:
    """Print both, and the ratio."""
    few, many = answers(2_000), answers(100_000)
    mine = ours(few)
    peer = theirs(few, source) if shutil.which("Rscript") else {}
    for name, seconds in mine.items():
        other = f"   R careless {1000 * peer[name]:9.1f} ms   ratio {peer[name] / seconds:8.1f}" if peer else ""
        print(f"{name:12s} n = 2,000   ours {1000 * seconds:8.2f} ms{other}")
    print(f"sg.screen, n = 2,000 x 60:    {screened(few):6.2f} s")
    print(f"sg.screen, n = 100,000 x 60:  {screened(many):6.2f} s")
    print(f"peak memory of all of it: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
