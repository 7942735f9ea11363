"""Size of nominal 5 % tests with few townships: ``python tests/benchmarks/few_clusters.py [data sets]``.

Townships of 5 to 40 people, an intraclass correlation of .1 and no effect; the predictor is the same for everybody in a
township, or everybody's own.  Printed: shares of data sets in which a test rejects, with their Monte Carlo error, and
the mean degrees of freedom of CR2.
"""

import sys

import numpy as np
from scipy import stats

from sgsurvey.models.clusters import cluster_sandwich, cr2, cr3
from sgsurvey.models.covariance import classical
from sgsurvey.numerics.wild import SlopeSums, cluster_signs

TESTS = ("OLS", "CR1, z", "CR1, t(G - 1)", "CR2, BM df", "CR3, t(G - 1)", "wild, null imposed")


def rejections(places: int, data_sets: int, *, of_places: bool, draws: int = 399, seed: int = 1) -> tuple[dict, float]:
    """Share of the data sets in which each test rejects at 5 %, and CR2's mean df."""
    rng = np.random.default_rng(seed)
    rejected, df = dict.fromkeys(TESTS, 0), 0.0
    for _ in range(data_sets):
        place = np.repeat(np.arange(places), rng.integers(5, 41, places))
        n = len(place)
        x = rng.normal(size=places)[place] if of_places else rng.normal(size=n) + 0.5 * rng.normal(size=places)[place]
        y = np.sqrt(0.1) * rng.normal(size=places)[place] + np.sqrt(0.9) * rng.normal(size=n)
        X = np.column_stack([np.ones(n), x])
        b = np.linalg.lstsq(X, y, rcond=None)[0]
        e = y - X @ b
        made = {"OLS": classical(X, e), "CR1": cluster_sandwich(X, e, place, corrected=True), "CR2": cr2(X, e, place),
                "CR3": cr3(X, e, place)}  # fmt: skip
        p = {name: 2 * stats.t.sf(abs(b[1]) / one.std_error[1], one.df[1]) for name, one in made.items()}
        signs = cluster_signs(places, draws, "webb" if places < 12 else "rademacher", int(rng.integers(1 << 31)))
        z = 2 * stats.norm.sf(abs(b[1]) / made["CR1"].std_error[1])
        wild = SlopeSums.of(X, y, 1, place).p_value(0.0, signs)
        for name, value in zip(TESTS, (p["OLS"], z, p["CR1"], p["CR2"], p["CR3"], wild), strict=True):
            rejected[name] += value <= 0.05
        df += made["CR2"].df[1]
    return {name: count / data_sets for name, count in rejected.items()}, df / data_sets


def main(data_sets: int) -> None:
    """Print both tables."""
    print(f"{data_sets} data sets; Monte Carlo error of .05: {np.sqrt(0.05 * 0.95 / data_sets):.3f}")
    for of_places in (True, False):
        print(f"\npredictor of {'townships' if of_places else 'respondents'}")
        print(f"{'G':>4}" + "".join(f"{name:>20}" for name in TESTS) + f"{'CR2 df':>9}")
        for places in (6, 12, 24, 40):
            shares, df = rejections(places, data_sets, of_places=of_places)
            print(f"{places:>4}" + "".join(f"{share:>20.3f}" for share in shares.values()) + f"{df:>9.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
