"""What records and observers say about the places of a simulated county: facts that no respondent reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.moments import Array
from sgsurvey.answers.population import Population
from sgsurvey.answers.simulate_places import Places

UNSEEN = 9
POINTS = tuple(f"X{i}" for i in range(1, 11))


def administrative(population: Population, places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Records by township: posts, households, budget, payment, inspection, distance.

    Money per household and late pay follow the township's true funding (``population.late_pay``), the inspection score
    follows the true effect of the cleaning (the outcome's first cause among EFS, else the outcome itself).
    """
    g = len(places.townships)
    households = np.rint(np.exp(rng.normal(8.3, 0.35, size=g)))
    funding = _deviation(places, population.late_pay[0] if population.late_pay else population.outcome)
    effect = _deviation(places, "EFS" if "EFS" in places.constructs else population.outcome)
    month = np.clip(1 + places.late_months.astype(int), 1, 12)
    return pd.DataFrame(
        {
            "township_id": places.township_ids,
            "households": households,
            "posts": np.rint(households / rng.normal(38.0, 4.0, size=g)),
            "budget_per_household": np.round(60.0 + 1.5 * funding + 6.0 * rng.standard_normal(g), 1),
            "late_months": places.late_months,
            "last_payment": [f"2026-{m:02d}-15" for m in month],
            "inspection_score": np.round(np.clip(78.0 + 0.8 * effect + 4.0 * rng.standard_normal(g), 0, 100), 1),
            "distance_km": np.round(rng.gamma(3.0, 9.0, size=g), 1),
        }
    )


def observer(population: Population, places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Observer sheets: two observers in every village, one unannounced visit, ten points of 0 (bad) to 2 (good).

    A point that is not there (one village in ten has no river) has the code 9.
    """
    k = places.column("EFS" if "EFS" in places.constructs else population.outcome)
    g, v = places.villages.shape[:2]
    seen = places.villages[:, :, k].reshape(-1, 1)
    day = rng.standard_normal((g * v, len(POINTS))) * 12.0
    absent = rng.random(g * v) < 0.1
    dates = [f"2026-05-{d:02d}" for d in rng.integers(6, 29, size=g * v)]
    sheets = []
    for name in ("A", "B"):
        points = seen + np.linspace(-12.0, 12.0, len(POINTS)) + day + 8.0 * rng.standard_normal(day.shape)
        marks = np.clip(np.rint(points / 50.0), 0, 2).astype(int)
        marks[absent, POINTS.index("X4")] = UNSEEN
        sheet = pd.DataFrame(marks, columns=list(POINTS))
        sheet.insert(0, "visit_no", 1)
        sheet.insert(0, "observer_id", name)
        sheet.insert(0, "date", dates)
        sheet.insert(0, "village_id", [village for row in places.village_ids for village in row])
        sheet.insert(0, "township_id", np.repeat(places.township_ids, v))
        sheets.append(sheet)
    return pd.concat(sheets, ignore_index=True).sort_values(["village_id", "observer_id"], ignore_index=True)


def _deviation(places: Places, construct: str) -> Array:
    k = places.column(construct)
    return places.townships[:, k] - places.level[k]
