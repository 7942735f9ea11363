"""How often 95 % intervals hold the truth under strata and clusters: ``python tests/benchmarks/coverage.py [samples]``.

A population of 8 strata with 40 villages each, villages of 20 to 60 people (an intraclass correlation of about 0.1); 6
villages a stratum by Sampford's method or 2 by simple sampling, 5 people in each.  Printed for each statistic: the
share of intervals that hold the population's value, and the mean standard error over the spread of the estimates.
"""

import sys

import numpy as np
import pandas as pd

import sgsurvey as sg


def population(seed: int) -> pd.DataFrame:
    """A row per person."""
    rng = np.random.default_rng(seed)
    size = rng.integers(20, 61, 8 * 40)
    village = np.repeat(np.arange(len(size)), size)
    stratum = village // 40
    effect = rng.normal(size=len(size))[village] * 0.35 + 0.05 * stratum
    land = rng.gamma(3.0, 1.0, len(village)) * (1 + 0.1 * stratum)
    y = effect + rng.normal(size=len(village)) + 5
    crop = land * (2 + 0.3 * effect) + rng.normal(size=len(village))
    return pd.DataFrame(
        {"village": village, "stratum": stratum, "land": land, "crop": crop, "y": y, "rare": (y > 6.4).astype(int)}
    ).assign(agrees=(y > 5).astype(int))


STATISTICS = {
    "mean": (lambda a: sg.mean(a, "y"), lambda p: p["y"].mean()),
    "total": (lambda a: sg.total(a, "crop"), lambda p: p["crop"].sum()),
    "ratio": (lambda a: sg.ratio(a, "crop", "land"), lambda p: p["crop"].sum() / p["land"].sum()),
    "share (half)": (lambda a: sg.proportion(a, "agrees"), lambda p: 1 - p["agrees"].mean()),
    "share (rare)": (lambda a: sg.proportion(a, "rare"), lambda p: 1 - p["rare"].mean()),
    "median": (lambda a: sg.quantile(a, "y"), lambda p: p["y"].median()),
}
PLANS = {
    "2 villages a stratum, simple": {"n": (16, 5), "method": "simple"},
    "6 villages a stratum, by size": {"n": (48, 5), "method": "pps_sampford"},
}


def main() -> None:
    """Print coverage and the ratio of errors, a line for each plan and statistic."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    people = population(11)
    for plan, how in PLANS.items():
        found: dict[str, list[tuple[float, float, bool]]] = {name: [] for name in STATISTICS}
        for seed in range(samples):
            drawn = sg.draw(people, strata="stratum", clusters="village", seed=seed, **how)
            answers = sg.survey_design(drawn.frame, **drawn.design)
            for name, (statistic, truth) in STATISTICS.items():
                line, true = statistic(answers).frame.iloc[0], truth(people)
                held = line["conf_low"] <= true <= line["conf_high"]
                found[name].append((line["estimate"], line["std_error"], held))
        print(f"\n{plan}: {samples} samples (a coverage of 95 % has a standard error of {21.79 / samples**0.5:.1f} %)")
        for name, lines in found.items():
            estimate, error, held = np.array(lines, dtype=float).T
            shown = ~np.isnan(error)  # a share of fewer than five people is hidden
            spread = error[shown].mean() / estimate[shown].std(ddof=1)
            print(
                f"  {name:14s} coverage {100 * held[shown].mean():5.1f} %   mean error over spread {spread:5.2f}"
                f"   in {shown.sum()} samples"
            )


if __name__ == "__main__":
    main()
