"""survey_design(): answers are told how their sample was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Correction, Design, Lonely, Replicates
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.stages import stages_of
from sgsurvey.errors import DataError
from sgsurvey.text import Text

WEIGHT = "design_weight"


def survey_design(
    data: Responses | pd.DataFrame,
    *,
    weights: str | None = None,
    strata: str | None = None,
    clusters: str | Sequence[str] | None = None,
    fpc: Correction | Sequence[Correction] | None = None,
    replicates: Replicates | None = None,
    lonely: Lonely = "refuse",
) -> Responses:
    """Answers with the design that drew them; every verb then uses it, or refuses and says why.

    Parameters
    ----------
    data : Responses or DataFrame
    weights : str, optional
        Column of weights.  Without one, and with ``fpc``, each row counts for the units it was drawn from
        (population over sample or one over its probability, multiplied over the stages), in a new column
        ``design_weight``.
    strata : str, optional
        Column of strata of the first stage.
    clusters : str or sequence of str, optional
        Columns of sampling units, from the first stage down; without, each row is drawn by itself.
    fpc : str or PPS, or a sequence of them, optional
        Columns with the units in the population of each stratum, a stage each (or the share drawn, below 1).  Without,
        units count as drawn with replacement, which is never too narrow.  ``PPS("probability")`` for a first stage
        drawn with unequal probabilities.
    replicates : Replicates, optional
        Replicate weights that came with the data.
    lonely : "refuse", "adjust", "average" or "certainty"
        What is done with a stratum of a single unit.

    Returns
    -------
    Responses
        A part of them (``where``) keeps the design of the whole.

    Raises
    ------
    DesignError
        A column is missing, sizes contradict the sample, a stratum is lonely.

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model Assisted Survey Sampling. Springer.
    Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.

    Examples
    --------
    ``villagers = sg.survey_design(villagers, strata="township_id", clusters="village_id", weights="weight")``
    """
    answers = as_columns(data)
    units = (clusters,) if isinstance(clusters, str) else tuple(clusters or ())
    design = Design(weights, strata, units[0] if units else None, fpc, units[1:], lonely, replicates)
    design.check(answers.frame)
    if weights is None and design.populations:
        if WEIGHT in answers.frame:
            raise DataError(
                Text(f"答卷中已有“{WEIGHT}”列。", f"the answers already have a column '{WEIGHT}'."),
                remedy=Text("请改名，或用weights=指明它。", "Rename it, or name it with weights=."),
            )
        frame = answers.frame.assign(**{WEIGHT: _inverse_fractions(design, answers.frame)})
        answers, design = replace(answers, frame=frame), replace(design, weights=WEIGHT)
    if not answers.frame.index.is_unique:
        answers = replace(answers, frame=answers.frame.reset_index(drop=True))
    design = replace(design, whole=answers.frame[list(design.columns)])
    designed = answers.designed(design)
    Sample.of(designed)
    return designed


def _inverse_fractions(design: Design, frame: pd.DataFrame) -> np.ndarray:
    """The units that each row stands for: one over the probability drawn, multiplied over the stages; shape (n,)."""
    factor = np.ones(len(frame))
    for stage in stages_of(design, frame):
        if stage.unequal is not None:
            factor /= stage.taken
        elif stage.population is not None:
            factor *= stage.population / stage.sizes[stage.strata]
    return factor
