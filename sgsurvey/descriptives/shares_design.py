"""Intervals of shares, and of what is picked from lists, that know how the sample was drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.descriptives.groups import Group
from sgsurvey.descriptives.tally import Tally, values_of
from sgsurvey.numerics.estimators import Means
from sgsurvey.numerics.intervals import logit_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

LOGIT = Text(
    "比例的置信区间依据抽样设计，在logit尺度上计算。", "Intervals of shares under the design, on the logit scale."
)


def share_intervals(name: str, counts: Tally, groups: Sequence[Group], conf_level: float) -> tuple[Array, Array]:
    """Limits of the shares of a tally, shape (r, c) each; nan for a group without answers, and without a design."""
    ends = [group_intervals(name, counts, group, j, conf_level) for j, group in enumerate(groups)]
    return np.column_stack([low for low, _ in ends]), np.column_stack([high for _, high in ends])


def group_intervals(name: str, counts: Tally, group: Group, j: int, conf_level: float) -> tuple[Array, Array]:
    """Limits of the shares of the group in column ``j`` of a tally, shape (r,) each."""
    if group.answers.design.is_simple or not counts.weight[:, j].any():
        return np.full(len(counts.codes), np.nan), np.full(len(counts.codes), np.nan)
    values = values_of(group.answers, name)
    picked = np.column_stack([values.eq(code).fillna(False).to_numpy(dtype=bool) for code in counts.codes])
    return mean_intervals(group.answers, picked.astype(float), picked.sum(axis=1) > 0, conf_level)


def mean_intervals(answers: Responses, y: Array, inside: np.ndarray, conf_level: float) -> tuple[Array, Array]:
    """Limits of the means of columns of 0 and 1, shape (n, q), over the rows ``inside``."""
    sample = Sample.of(answers)
    share, covariance = sample.estimate(Means(sample.whole(y)), inside)
    error = np.sqrt(np.clip(np.diag(covariance), 0, None))
    return logit_interval(share, error, sample.df(sample.part(inside)), conf_level)
