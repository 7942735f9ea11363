"""Structural models against lavaan, semTools and semopy in one run.

By hand: ``python tests/benchmarks/structural.py [PYTHON]``, where PYTHON is an interpreter with semopy (see
``peers.py``).  Peers are timed inside themselves, without their start.  Ours are the whole doors with indices, the
standardised solution and its errors; ``CFA ML, estimates`` is estimates and standard errors, as lavaan's ``cfa()``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, beside, best, in_python, in_r, show  # isort: split

from lavaan_values import CN, conscience_and_neuroticism
from public_matrices import bfi
from structural_cases import FIVE

import sgsurvey as sg
from sgsurvey.measurement.completion import complete
from sgsurvey.measurement.estimation import maximum_likelihood
from sgsurvey.measurement.parameters import StructuralModel
from sgsurvey.measurement.structural_sample import structural_sample
from sgsurvey.measurement.structures import starting_values, structure_of
from sgsurvey.measurement.syntax import from_factors

R_SCRIPT = """
suppressMessages({library(lavaan); library(semTools)})
x <- read.csv(paths[1]); whole <- x[complete.cases(x), ]; y <- read.csv(paths[2])
line <- function(f) paste(f, "=~", paste0(f, 1:5, collapse = "+"))
lines <- function(names) paste(sapply(names, line), collapse = "\\n")
model <- lines(c("A", "C", "E", "N", "O")); two <- lines(c("C", "N")); items <- setdiff(names(y), "gender")
say("CFA ML, estimates", "lavaan", function() cfa(model, whole), 5)
f <- cfa(model, whole)
whole_fit <- function() { f <- cfa(model, whole); parameterEstimates(f); fitMeasures(f); standardizedSolution(f) }
say("CFA ML, whole", "lavaan", whole_fit)
say("modification indices", "lavaan", function() modificationIndices(f))
say("CFA MLR", "lavaan", function() cfa(model, whole, estimator = "MLR"))
say("CFA WLSMV", "lavaan", function() cfa(model, whole, ordered = TRUE, estimator = "WLSMV"), 1)
mixed <- whole
for (f in c("A", "C", "E", "N", "O")) mixed[[paste0(f, 1)]] <- whole[[paste0(f, 1)]] + whole[[paste0(f, 2)]] / 10
ordered <- setdiff(names(mixed), paste0(c("A", "C", "E", "N", "O"), 1))
say("CFA WLSMV, 5 continuous", "lavaan", function() cfa(model, mixed, ordered = ordered, estimator = "WLSMV"), 1)
say("CFA FIML", "lavaan", function() cfa(model, x, missing = "fiml"), 1)
levels <- list("", "thresholds", c("thresholds", "loadings"), c("thresholds", "loadings", "intercepts"),
               c("thresholds", "loadings", "intercepts", "residuals"))
say("ordinal invariance, 5 levels", "semTools", function() {
  for (q in levels) {
    m <- measEq.syntax(two, data = y, ordered = items, parameterization = "theta", ID.fac = "std.lv",
                       ID.cat = "Wu.Estabrook.2016", group = "gender", group.equal = q)
    cfa(as.character(m), y, ordered = items, parameterization = "theta", group = "gender", estimator = "WLSMV")
  }
}, 1)
"""
SEMOPY = """
import semopy
lines = "\\n".join(f"{c} =~ {' + '.join(f'{c}{i}' for i in range(1, 6))}" for c in "ACENO")
rows = frames[0].dropna()
def fitted():
    model = semopy.Model(lines)
    model.fit(rows)
    return model
def whole():
    model = fitted()
    model.inspect(std_est=True)
    semopy.calc_stats(model)
say("CFA ML, estimates", "semopy", fitted)
say("CFA ML, whole", "semopy", whole)
"""


def ours() -> dict[str, float]:
    """Seconds of each work."""
    frame, both = bfi(), conscience_and_neuroticism()
    whole = frame.dropna()
    mixed = whole.assign(**{f"{c}1": whole[f"{c}1"] + whole[f"{c}2"] / 10 for c in FIVE})

    def estimates() -> None:
        model = from_factors(FIVE)
        sample = structural_sample(whole, model.observed, verb="cfa")
        table = complete(model, StructuralModel(FIVE))
        maximum_likelihood(structure_of(table), sample, starting_values(table, sample.moments))

    return {
        "CFA ML, estimates": best(estimates, 9),
        "CFA ML, whole": best(lambda: sg.cfa(whole, FIVE), 9),
        "modification indices": best(sg.cfa(whole, FIVE).modification_indices),
        "CFA MLR": best(lambda: sg.cfa(whole, FIVE, estimator="MLR")),
        "CFA WLSMV": best(lambda: sg.cfa(whole, FIVE, estimator="WLSMV")),
        "CFA WLSMV, 5 continuous": best(lambda: sg.cfa(mixed, FIVE, estimator="WLSMV")),
        "CFA FIML": best(lambda: sg.cfa(frame, FIVE, missing="fiml"), 3),
        "ordinal invariance, 5 levels": best(
            lambda: sg.invariance(both, CN, by="gender", estimator="WLSMV", partial=False), 1
        ),
    }


def lines(python: str | None = None) -> list[Line]:
    """Ours beside every peer."""
    frames = bfi(), conscience_and_neuroticism()
    return beside(ours(), in_r(R_SCRIPT, *frames) | (in_python(python, SEMOPY, *frames) if python else {}))


if __name__ == "__main__":
    show("bfi, 5 factors, 25 items; invariance: 10 items by gender", lines(*sys.argv[1:]))
