"""Reliability against psych, boot, semTools and pingouin in one run.

By hand: ``python tests/benchmarks/reliability.py [PYTHON]``, where PYTHON is an interpreter with pingouin (see
``peers.py``).  R is timed inside R, without its start.  ``alpha, 2,000 draws`` is the bootstrap interval alone, from
rows to its ends, as boot's line; the others are the whole public verb with everything else that it prints.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, beside, best, in_python, in_r, show  # isort: split

import numpy as np
from factors import ITEMS
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.measurement.omega import hierarchical_omega
from sgsurvey.measurement.split_half import split_halves
from sgsurvey.numerics.minimum_trace import minimum_trace
from sgsurvey.numerics.reliability import cronbach_alphas
from sgsurvey.numerics.resample import drawn_covariances, percentile_interval

R_SCRIPT = """
suppressMessages({library(psych); library(boot); library(lavaan); library(semTools)})
x <- read.csv(paths[1]); x5 <- x[, 1:5]
a <- function(d, i) { S <- cov(d[i, ]); 1.25 * (1 - sum(diag(S)) / sum(S)) }
say("reliability, 5 items", "psych", function() psych::alpha(x5, warnings = FALSE))
say("reliability, 25 items", "psych", function() psych::alpha(x, check.keys = TRUE, warnings = FALSE))
say("alpha, 2,000 draws", "psych", function() psych::alpha(x5, n.iter = 2000, warnings = FALSE), 1)
say("alpha, 2,000 draws", "boot", function() boot.ci(boot(x5, a, 2000), type = "perc"), 2)
say("omega h, 5 factors, 25 items", "psych", function() omega(x, 5, plot = FALSE))
say("6,435 splits of 16 items", "psych", function() splitHalf(x[, 1:16], raw = TRUE), 1)
model <- "f =~ A1 + A2 + A3 + A4 + A5"
green <- function() compRelSEM(cfa(model, x5, std.lv = TRUE, ordered = names(x5)), ord.scale = TRUE)
say("ordinal omega, 5 items", "semTools", green, 2)
if (requireNamespace("Rcsdp", quietly = TRUE))
  say("greatest lower bound, 25 items", "psych (Rcsdp)", function() glb.algebraic(cor(x)))
big <- x5[sample(nrow(x5), 1e6, TRUE), ]
seconds <- best(function() psych::alpha(big, warnings = FALSE), 1)
cat("reliability, 10^6 x 5", "psych", paste0(seconds, "\\n"), sep = "\\t")
cat("alpha, KMO, EFA, CFA, 10^6 x 25", "psych, alpha x 5", paste0(seconds, "\\n"), sep = "\\t")
"""
PINGOUIN = """
import pingouin
five = frames[0].iloc[:, :5]
say("reliability, 5 items", "pingouin", lambda: pingouin.cronbach_alpha(five))
big = five.sample(10**6, replace=True, random_state=1)
say("reliability, 10^6 x 5", "pingouin", lambda: pingouin.cronbach_alpha(big), 2)
"""


def ours() -> dict[str, float]:
    """Seconds of each work; ``10^6 x 25`` is one pass over the rows and every verb that its moments suffice for."""
    frame = bfi().dropna()[ITEMS]
    five = frame[ITEMS[:5]]
    values, groups = five.to_numpy(dtype=float), np.zeros(len(five), dtype=np.int64)
    corr = np.corrcoef(frame.to_numpy(), rowvar=False)
    rows = np.random.default_rng(0).integers(0, len(five), 10**6)
    large = frame.iloc[rows].reset_index(drop=True)
    scales = {scale: [f"{scale}{i}" for i in range(1, 6)] for scale in "ACENO"}
    million = sg.responses(large, scales, reverse=["A1", "C4", "C5", "E1", "E2", "O2", "O5"], limits=(1, 6))

    def from_moments() -> None:
        moments = million.moments(ITEMS)
        sg.reliability(moments, scales)
        sg.adequacy(moments, ITEMS)
        sg.efa(moments, ITEMS, factors=5)
        sg.cfa(moments, scales)

    return {
        "reliability, 5 items": best(lambda: sg.reliability(five, ITEMS[:5])),
        "reliability, 25 items": best(lambda: sg.reliability(frame, ITEMS), 3),
        "greatest lower bound, 25 items": best(lambda: minimum_trace(corr[None])),
        "alpha, 2,000 draws": best(
            lambda: percentile_interval(cronbach_alphas(drawn_covariances(values, groups, 2000, 1)), 0.95)
        ),
        "reliability, BCa of 2,000": best(
            lambda: sg.reliability(five, ITEMS[:5], interval=sg.ReliabilityInterval("bca", seed=1)), 3
        ),
        "omega h, 5 factors, 25 items": best(lambda: hierarchical_omega(corr, 5), 3),
        "6,435 splits of 16 items": best(lambda: split_halves(corr[:16, :16])),
        "ordinal omega, 5 items": best(lambda: sg.reliability(five, ITEMS[:5], correlation="polychoric"), 3),
        "reliability, 10^6 x 5": best(lambda: sg.reliability(large, ITEMS[:5]), 2),
        "alpha, KMO, EFA, CFA, 10^6 x 25": best(from_moments, 1),
    }


def lines(python: str | None = None) -> list[Line]:
    """Ours beside every peer."""
    frame = bfi().dropna()[ITEMS]
    return beside(ours(), in_r(R_SCRIPT, frame) | (in_python(python, PINGOUIN, frame) if python else {}))


if __name__ == "__main__":
    show("bfi, n = 2,436", lines(*sys.argv[1:]))
