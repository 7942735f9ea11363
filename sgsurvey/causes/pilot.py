"""How large a pilot must be that is to find what a lever would go with: whole places assigned to two arms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.points import points
from sgsurvey.numerics.linearise import intraclass
from sgsurvey.numerics.power import Trial

LEVEL, POWER = 0.05, 0.8
COLUMNS = (
    *("choice", "label", "difference", "sd", "icc", "per_place", "cv", "design_effect"),
    *("places_per_arm", "persons_per_arm", "places", "enough", "detectable"),
)


def trial_like(answers: Responses, outcome: str, place: str) -> tuple[Trial, int]:
    """A trial with persons and places like those who answered, and how many places there are.

    The standard deviation and intraclass correlation are of all who rated the outcome; a negative one counts as 0.
    """
    scores = points(answers, outcome)
    there = scores.notna() & answers.frame[place].notna()
    x, codes = scores[there].to_numpy(dtype=float), pd.factorize(answers.frame.loc[there, place])[0]
    size = np.bincount(codes)
    icc = max(float(np.nan_to_num(intraclass(x, codes))), 0.0)
    return Trial(float(x.std(ddof=1)), icc, float(size.mean()), float(size.std() / size.mean())), len(size)


def pilots(levers: pd.DataFrame, trial: Trial, places: int) -> pd.DataFrame:
    """One line per lever of ``levers`` (columns ``choice, label, value``) with ``COLUMNS``.

    ``enough``: both arms can be filled from the ``places`` there are; ``detectable``: what all of them would find.
    """
    per_arm = np.array([trial.places_per_arm(v, power=POWER, level=LEVEL) for v in levers["value"]], dtype=float)
    found = levers[["choice", "label"]].assign(
        difference=levers["value"].astype(float),
        sd=trial.sd,
        icc=trial.icc,
        per_place=trial.size,
        cv=trial.cv,
        design_effect=trial.design_effect,
        places_per_arm=per_arm,
        persons_per_arm=np.ceil(per_arm * trial.size - 1e-9),
        places=places,
        enough=2 * per_arm <= places,
        detectable=trial.detectable(places // 2, power=POWER, level=LEVEL),
    )
    return found[list(COLUMNS)].reset_index(drop=True)
