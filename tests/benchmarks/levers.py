"""Over counties with known truth: how often a lever's interval holds its true points, and what P(best) is worth.

python tests/benchmarks/levers.py [counties]
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.causes.levers import valued

SLOPES, LEVELS, TARGET = np.array([0.6, 0.4, 0.0]), np.array([60.0, 54.0, 63.0]), 70.0
LEVERS = [sg.Lever(1, {"MGT": 4.0}), sg.Lever(2, {"FUN": 50.0, "MGT": 2.0}, 2.0), sg.Lever(3, {"FUN": 8.0}, 2.0)]


def truth():
    points = np.array([[lever.points.get(d, 0.0) for d in DRIVERS] for lever in LEVERS])
    return np.minimum(points, TARGET - LEVELS) @ SLOPES


def recovered(counties, townships):
    """Coverage of the 95 % intervals, bias, mean P(best) of the true best, and how often it comes out best."""
    true = truth()
    best = int((true / [lever.cost for lever in LEVERS]).argmax())
    held, values, chance, first = [], [], [], []
    for seed in range(counties):
        answers = county(townships=townships, seed=seed)
        ranked = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=500, seed=1)
        found = valued(LEVERS, ranked, DRIVERS)
        held.append((found["value_low"] <= true) & (true <= found["value_high"]))
        values.append(found["value"])
        chance.append(found["p_best"].iloc[best])
        first.append(found["per_cost"].argmax() == best)
    return np.mean(held, axis=0), np.mean(values, axis=0), np.mean(chance), np.mean(first)


if __name__ == "__main__":
    counties = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(f"true points {truth().round(2)}; {counties} counties")
    for townships in (12, 36, 60):
        held, values, chance, first = recovered(counties, townships)
        print(
            f"{townships} townships: mean points {values.round(2)}, intervals hold the truth {held.round(2)}, "
            f"best lever comes out best {first:.2f}, mean P(best) of it {chance:.2f}"
        )
