"""MLR, WLSMV, FIML and ordinal invariance against lavaan in one run: ``python tests/benchmarks/robust_estimation.py``.

Ours is the whole of ``sg.cfa`` (fit, indices, standardised solution with its errors); lavaan's is ``cfa()`` alone,
timed inside R, without its start.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lavaan_values import CN, conscience_and_neuroticism
from public_matrices import bfi

import sgsurvey as sg

FIVE = {c: [f"{c}{i}" for i in range(1, 6)] for c in "ACENO"}
R_SCRIPT = """
suppressMessages({library(lavaan); library(semTools)}); options(warn = -1)
x <- read.csv(commandArgs(TRUE)[1]); whole <- x[complete.cases(x), ]; y <- read.csv(commandArgs(TRUE)[2])
model <- paste(sapply(c("A", "C", "E", "N", "O"), function(f) paste(f, "=~", paste0(f, 1:5, collapse = "+"))),
               collapse = "\\n")
two <- paste(sapply(c("C", "N"), function(f) paste(f, "=~", paste0(f, 1:5, collapse = "+"))), collapse = "\\n")
items <- setdiff(names(y), "gender")
best <- function(f, times) min(sapply(seq_len(times), function(i) system.time(f())[["elapsed"]]))
cat("MLR", best(function() cfa(model, whole, estimator = "MLR"), 3), "\\n")
cat("WLSMV", best(function() cfa(model, whole, ordered = TRUE, estimator = "WLSMV"), 2), "\\n")
cat("FIML", best(function() cfa(model, x, missing = "fiml"), 2), "\\n")
cat("invariance", best(function() {
  for (q in list("", "thresholds", c("thresholds", "loadings"), c("thresholds", "loadings", "intercepts"),
                 c("thresholds", "loadings", "intercepts", "residuals"))) {
    m <- measEq.syntax(two, data = y, ordered = items, parameterization = "theta", ID.fac = "std.lv",
                       ID.cat = "Wu.Estabrook.2016", group = "gender", group.equal = q)
    cfa(as.character(m), y, ordered = items, parameterization = "theta", group = "gender", estimator = "WLSMV")
  }
}, 1), "\\n")
"""


def best(work: Callable[[], object], times: int = 5) -> float:
    """Shortest of several runs, in seconds."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def ours() -> dict[str, float]:
    """Each through its public door."""
    frame, both = bfi(), conscience_and_neuroticism()
    whole = frame.dropna()
    return {
        "MLR": best(lambda: sg.cfa(whole, FIVE, estimator="MLR")),
        "WLSMV": best(lambda: sg.cfa(whole, FIVE, estimator="WLSMV")),
        "FIML": best(lambda: sg.cfa(frame, FIVE, missing="fiml")),
        "invariance": best(lambda: sg.invariance(both, CN, by="gender", estimator="WLSMV", partial=False), 2),
    }


def lavaan(folder: Path) -> dict[str, float]:
    """The same work in R, where Rscript is installed."""
    if not shutil.which("Rscript"):
        return {}
    paths = [folder / name for name in ("bfi.csv", "two.csv")]
    bfi().to_csv(paths[0], index=False)
    conscience_and_neuroticism().to_csv(paths[1], index=False)
    script = folder / "robust_estimation.R"
    script.write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", str(script), *map(str, paths)], capture_output=True, text=True, check=True)
    return {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines() if line}


def main() -> None:
    """Print the table."""
    own = ours()
    with tempfile.TemporaryDirectory() as made:
        peer = lavaan(Path(made))
    print("bfi, 25 items, 5 factors; invariance: 10 items by gender, five levels; best runs in seconds\n")
    print(f"{'work':12s} {'ours':>8s} {'lavaan':>8s} {'ratio':>7s}")
    for work, seconds in own.items():
        theirs = peer.get(work, float("nan"))
        print(f"{work:12s} {seconds:8.3f} {theirs:8.3f} {theirs / seconds:7.1f}")


if __name__ == "__main__":
    main()
