"""Agreement, HTMT and validity against psych and semTools in one run: ``python tests/benchmarks/agreement.py``.

R is timed inside R, without its start.  Ours are the whole public verbs with their intervals; psych and semTools have
none of HTMT.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, beside, best, in_r, show  # isort: split

import numpy as np
import pandas as pd
from factors import ITEMS
from public_matrices import bfi
from structural_cases import FIVE

import sgsurvey as sg

REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
R_SCRIPT = """
suppressMessages({library(psych); library(lavaan); library(semTools)})
x <- read.csv(paths[1]); r <- as.matrix(read.csv(paths[2]))
lines <- sapply(c("A", "C", "E", "N", "O"), function(f) paste(f, "=~", paste0(f, 1:5, collapse = "+")))
model <- paste(lines, collapse = "\\n")
say("six ICC, 1,000 x 4", "psych", function() ICC(r, lmer = FALSE))
say("weighted kappas, 1,000 x 2", "psych", function() cohen.kappa(r[, 1:2]))
say("HTMT, 25 items", "semTools", function() htmt(model, x, htmt2 = FALSE))
say("HTMT of polychorics", "semTools", function() htmt(model, x, htmt2 = FALSE, ordered = names(x)), 1)
fit <- cfa(model, x)
say("AVE, CR, HTMT of a model", "semTools", function() { AVE(fit); compRelSEM(fit); htmt(model, x) })
"""


def data() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of bfi, and a thousand subjects of four raters."""
    rng = np.random.default_rng(1)
    ratings = rng.integers(1, 6, (1000, 1)) + rng.integers(0, 2, (1000, 4))
    return bfi().dropna()[ITEMS].reset_index(drop=True), pd.DataFrame(ratings, columns=list("abcd"))


def ours() -> dict[str, float]:
    """Seconds of each work, through its public door."""
    frame, ratings = data()
    answers = sg.responses(frame, FIVE, reverse=REVERSED, limits=(1, 6))
    raters, model, names = list(ratings), sg.cfa(answers, list(FIVE)), list(FIVE)
    return {
        "six ICC, 1,000 x 4": best(lambda: sg.agreement(ratings, raters, level="interval")),
        "weighted kappas, 1,000 x 2": best(lambda: sg.agreement(ratings, raters[:2], level="ordinal")),
        "Krippendorff, 2,000 draws": best(lambda: sg.agreement(ratings, raters, level="ordinal", seed=1)),
        "HTMT, 25 items": best(lambda: sg.htmt(answers, names)),
        "HTMT, BCa of 2,000": best(lambda: sg.htmt(answers, names, interval="bca", seed=1), 3),
        "HTMT of polychorics": best(lambda: sg.htmt(answers, names, correlation="polychoric"), 3),
        "AVE, CR, HTMT of a model": best(lambda: sg.validity(model), 3),
        "select_items, 25 items": best(lambda: sg.select_items(answers, names), 2),
    }


def lines() -> list[Line]:
    """Ours beside every peer."""
    frame, ratings = data()
    keyed = frame.assign(**{item: 7 - frame[item] for item in REVERSED})
    return beside(ours(), in_r(R_SCRIPT, keyed, ratings))


if __name__ == "__main__":
    show("bfi, n = 2,436; ratings", lines())
