"""Size of the two verdicts of a shortfall: ``python tests/benchmarks/shortfall.py [data sets]``.

The true shortfall is exactly the smallest that matters, so that "problem" and "no problem" are both wrong: printed are
the shares of data sets with each (nominal .05), with few townships.  First from a number; then from the best quarter of
townships with five answers each, that are alike or differ (against the mean over data sets), beside its bias where the
quarter is chosen and estimated on the same answers.
"""

import sys

import numpy as np
from scipy import stats

from sgsurvey.causes.shortfall_estimates import one_sided
from sgsurvey.numerics.best_quartile import best_quartile
from sgsurvey.numerics.linearise import clustered_mean

PLACES = (8, 12, 20, 40)


def of_a_number(places: int, data_sets: int) -> tuple[float, float]:
    """Shares of "problem" and "no problem": normal answers, townships of 5 to 24 people, ICC about .12."""
    rng, wrong = np.random.default_rng(places), np.zeros(2)
    for _ in range(data_sets):
        units = np.repeat(np.arange(places), rng.integers(5, 25, places))
        x = 8 * rng.standard_normal(places)[units] + 22 * rng.standard_normal(len(units))
        mean = clustered_mean(x, units, np.zeros_like(units))
        wrong += [p < 0.05 for p in one_sided(5 - mean.mean, 5, mean.std_error, mean.df)[1:]]
    problem, none = wrong / data_sets
    return float(problem), float(none)


def of_the_best_quartile(places: int, data_sets: int, spread: float) -> tuple[float, float, float, float]:
    """Shares of both verdicts; mean shortfall as it is estimated, and chosen on the same answers."""
    units, found = np.repeat(np.arange(places), 5), []
    for seed in range(data_sets):
        rng = np.random.default_rng(seed)
        x = spread * rng.standard_normal(places)[units] + 20 * rng.standard_normal(len(units))
        level, left_out = best_quartile(x, units, np.ones(len(x)), splits=50, seed=seed)
        adds, own = (places - 1) / places * (level - left_out), x.reshape(places, 5).mean(axis=1)
        error = np.sqrt(places / (places - 1)) * np.linalg.norm(adds - adds.mean() - (own - x.mean()) / places)
        found.append((level - x.mean(), error, np.sort(own)[-(places // 4) :].mean() - x.mean()))
    shortfall, error, naive = np.array(found).T
    true = 0.0 if spread == 0 else shortfall.mean()
    t, limit = (shortfall - true) / error, stats.t.ppf(0.95, places / 4)
    return float((t > limit).mean()), float((t < -limit).mean()), float(shortfall.mean()), float(naive.mean())


def main(data_sets: int) -> None:
    """Print both tables."""
    print(f"{data_sets} data sets; Monte Carlo error of .05: {np.sqrt(0.05 * 0.95 / data_sets):.3f}")
    print(f"\n{'from a number':>20}{'problem':>10}{'no problem':>12}")
    for places in PLACES:
        print(f"{places:>20}" + "".join(f"{share:>11.3f}" for share in of_a_number(places, data_sets)))
    for spread, words in ((0.0, "alike"), (8.0, "sd 8")):
        print(f"\n{'best quarter, ' + words:>20}{'problem':>10}{'no problem':>12}{'shortfall':>11}{'naively':>9}")
        for places in PLACES:
            problem, none, ours, naive = of_the_best_quartile(places, data_sets, spread)
            print(f"{places:>20}{problem:>10.3f}{none:>12.3f}{ours:>11.2f}{naive:>9.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
