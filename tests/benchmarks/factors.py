"""Factor analysis, polychorics and parallel analysis against psych, lavaan and factor_analyzer in one run.

By hand: ``python tests/benchmarks/factors.py``.  R is timed inside R, without its start; ours through the public doors,
but for ``parallel`` lines, which are 100 draws with the eigenvalues of one basis, and the lines that say so.
"""

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import Line, beside, best, in_r, show  # isort: split

import numpy as np
from factor_analyzer import FactorAnalyzer, calculate_kmo
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.numerics.null_data import permuted_rows, polychoric_draws
from sgsurvey.numerics.pair_tables import dense_codes, pair_tables
from sgsurvey.numerics.parallel import parallel_eigenvalues
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_covariance
from sgsurvey.numerics.wishart import null_correlations

ITEMS = [f"{scale}{i}" for scale in "ACENO" for i in range(1, 6)]
OBLIMIN = sg.Rotation("oblimin", kaiser=False)

R_SCRIPT = """
suppressMessages({library(psych); library(lavaan)}); pdf(NULL)
x <- read.csv(paths[1]); y <- as.data.frame(lapply(x, ordered)); R <- cor(x); n <- nrow(x)
say("KMO, Bartlett", "psych", function() { KMO(R); cortest.bartlett(R, n) })
say("minres + oblimin, matrix", "psych", function() fa(R, 5, n.obs = n))
say("minres + oblimin, rows", "psych", function() fa(x, 5))
say("geomin, 30 starts", "psych", function() for (i in 1:30) fa(R, 5, n.obs = n, rotate = "geominQ"), 1)
say("errors by bootstrap, 50 draws", "psych", function() fa(x, 5, n.iter = 50), 1)
say("polychoric", "psych", function() polychoric(x), 1)
say("polychoric", "lavaan", function() lavCor(y, ordered = names(y)))
say("Gamma of polychorics", "lavaan", function() lavCor(y, ordered = names(y), output = "fit", se = "robust.sem"), 1)
say("parallel, components", "psych, both", function() fa.parallel(x, n.iter = 100, plot = FALSE), 1)
say("parallel, one minres factor", "psych, both", function() fa.parallel(x, n.iter = 100, plot = FALSE), 1)
say("MAP", "psych", function() vss(x, 8, plot = FALSE, rotate = "none"))
# The data and two draws are three matrices; a hundred draws are extrapolated.
of_three <- best(function() fa.parallel(x, cor = "poly", n.iter = 2, sim = FALSE, plot = FALSE, error.bars = FALSE), 1)
cat("parallel, polychorics", "psych, from 2", paste0(of_three / 3 * 101, "\\n"), sep = "\\t")
"""


def ours() -> dict[str, float]:
    """Seconds of each work."""
    frame = bfi().dropna()[ITEMS]
    codes = frame.to_numpy().astype(int)
    matrix, corr = sg.CorrelationMatrix(frame.corr(), len(frame)), np.corrcoef(codes, rowvar=False)
    factors = sg.efa(frame, ITEMS, factors=5, rotation=OBLIMIN)
    fitted = polychoric(codes)
    dense, categories = dense_codes(codes)
    rows = permuted_rows(*codes.shape)
    large = np.random.default_rng(0).integers(0, 5, (10**6, len(ITEMS)), dtype=np.int8)

    def normal(basis: str) -> None:
        rng = np.random.default_rng(1)
        parallel_eigenvalues(corr, null_correlations(len(ITEMS), len(codes), 100, rng), [basis])

    def ordinal() -> None:
        rng = np.random.default_rng(1)
        parallel_eigenvalues(fitted.corr, polychoric_draws(dense, categories, rows, 100, rng))

    return {
        "KMO, Bartlett": best(lambda: sg.adequacy(matrix, ITEMS)),
        "minres + oblimin, matrix": best(lambda: sg.efa(matrix, ITEMS, factors=5, rotation=OBLIMIN), 15),
        "minres + oblimin, rows": best(lambda: sg.efa(frame, ITEMS, factors=5, rotation=OBLIMIN), 15),
        "geomin, 30 starts": best(lambda: sg.efa(matrix, ITEMS, factors=5, rotation="geomin", seed=1), 3),
        "errors by sandwich": best(factors.standard_errors, 3),
        "errors by bootstrap, 50 draws": best(
            lambda: factors.standard_errors(method="bootstrap", draws=1000, seed=1), 1
        )
        / 20,
        "polychoric": best(lambda: polychoric(codes)),
        "polychoric, whole door": best(lambda: sg.correlations(frame, ITEMS, method="polychoric"), 3),
        "Gamma of polychorics": best(lambda: polychoric_covariance(codes, polychoric(codes)), 3),
        "parallel, components": best(lambda: normal("components")),
        "parallel, one minres factor": best(lambda: normal("factors")),
        "parallel, polychorics": best(ordinal, 1),
        "MAP": best(lambda: sg.retention(matrix, ITEMS, iterations=20, seed=1), 3),
        "pair tables, 10^6 x 25": best(lambda: pair_tables(large), 2),
    }


def lines() -> list[Line]:
    """Ours beside every peer."""
    warnings.simplefilter("ignore")
    frame = bfi().dropna()[ITEMS]
    peers = {
        ("KMO, Bartlett", "factor_analyzer"): best(lambda: calculate_kmo(frame)),
        ("minres + oblimin, rows", "factor_analyzer"): best(lambda: FactorAnalyzer(5, rotation="oblimin").fit(frame)),
    }
    return beside(ours(), peers | in_r(R_SCRIPT, frame))


if __name__ == "__main__":
    show("bfi, 25 items, n = 2,436", lines())
