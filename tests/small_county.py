"""A small county with known truth, by numpy alone: true township effects, leniency, three groups of informants."""

import numpy as np
import pandas as pd

import sgsurvey as sg

DRIVERS = ["MGT", "FUN", "SUP"]
CONSTRUCTS = ["SAT", *DRIVERS]


def county(*, townships=12, seed=1, slopes=(0.6, 0.4, 0.0), people=8, noise=6.0, halo=9.0, group_halo=3.0):
    """Answers of three groups in points of 100, one item per construct; levels 62, 60, 54, 63."""
    rng = np.random.default_rng(seed)
    true = rng.standard_normal((townships, 3)) * 8
    outcome = true @ np.asarray(slopes) + 3 * rng.standard_normal(townships)
    levels = np.array([62.0, 60.0, 54.0, 63.0])
    parts = []
    for role in ("undertaker", "post_holder", "villager"):
        place = np.repeat(np.arange(townships), people)
        lenient = halo * rng.standard_normal(len(place)) + group_halo * rng.standard_normal(townships)[place]
        views = levels + np.column_stack([outcome[place], true[place]]) + lenient[:, None]
        views += noise * rng.standard_normal(views.shape)
        part = pd.DataFrame(np.clip(views, 0, 100), columns=[f"{c}1" for c in CONSTRUCTS])
        parts.append(part.assign(role=role, township_id=[f"T{t:02d}" for t in place]))
    frame = pd.concat(parts, ignore_index=True)
    return sg.responses(frame, {c: [f"{c}1"] for c in CONSTRUCTS}, limits=(0, 100), roles="role")
