"""How near standard errors of ordinal alpha and omega are to the spread of samples: ``python … [samples]``.

Four items cut from normal responses, and the same from skewed ones (a lognormal cause), where the latent responses are
not normal.  Printed for each coefficient: the mean standard error over the spread of the estimates, by the observed
information of each pair (as ``sg.reliability`` has them) and by products of scores (as in the Gamma of WLSMV).
"""

import sys

import numpy as np

from sgsurvey.measurement.ordinal_reliability import NAMES, OrdinalReliability
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.polychoric_influence import polychoric_influence

LOADINGS, CUTS = np.array([0.5, 0.6, 0.7, 0.8]), (-1.2, -0.3, 0.4, 1.1)


def answers(n: int, rng: np.random.Generator, *, skewed: bool) -> np.ndarray:
    """Codes of n rows."""
    cause = rng.normal(size=(n, 1))
    if skewed:
        cause = (np.exp(cause) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)
    return np.digitize(cause * LOADINGS + rng.normal(size=(n, 4)) * np.sqrt(1 - LOADINGS**2), CUTS)


def main() -> None:
    """Print the ratios, a line for each kind of responses and number of rows."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{samples} samples: a spread is known to {100 / np.sqrt(2 * samples):.1f} %\n")
    print(f"{'responses':10s} {'n':>5s}  " + "  ".join(f"{name:>20s}" for name in NAMES) + "   observed / scores")
    for skewed in (False, True):
        for n in (200, 500, 1500):
            rng = np.random.default_rng(1)
            values, observed, scores = [], [], []
            for _ in range(samples):
                statistic, w = OrdinalReliability(answers(n, rng, skewed=skewed)), np.ones(n)
                fitted = polychoric(statistic.codes)
                value, slopes = statistic._parts(fitted)
                values.append(value)
                for kept, how in ((observed, True), (scores, False)):
                    influence = polychoric_influence(statistic.codes, fitted, w, observed=how) @ slopes
                    kept.append(np.sqrt((influence**2).sum(axis=0)))
            spread = np.nanstd(values, axis=0, ddof=1)
            ratios = [np.nanmean(kept, axis=0) / spread for kept in (observed, scores)]
            shown = "  ".join(f"{a:12.3f} / {b:5.3f}" for a, b in zip(*ratios, strict=True))
            print(f"{'skewed' if skewed else 'normal':10s} {n:5d}  {shown}")


if __name__ == "__main__":
    main()
