"""Answers with new weights: the column, the design that names it, and the replicates with the same done to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.answers.design import Array, Calibration, Replicates
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DesignError
from sgsurvey.text import Text


def sampled(data: Responses | pd.DataFrame) -> tuple[Responses, Sample]:
    """The answers with a design of the whole sample, and that sample; without weights each row counts once."""
    answers = as_columns(data)
    if answers.design.whole is None and not answers.frame.index.is_unique:
        answers = replace(answers, frame=answers.frame.reset_index(drop=True))
    return answers, Sample.of(answers)


def reweighed(answers: Responses, sample: Sample, name: str, calibration: Calibration) -> Responses:
    """The answers with the weights that ``calibration.redo`` makes, in a new column, and the calibration on the design.

    Raises
    ------
    DesignError
        Rows that counted would get a weight of 0 or less, or a replicate cannot have the same done.
    """
    weights = calibration.redo(sample.weights)
    negative = int((weights < 0).sum())
    if negative:
        raise DesignError(
            Text(
                f"有{negative}行的新权数小于0（最小{weights.min():.4g}）。",
                f"{negative} new weights are below 0 (the smallest {weights.min():.4g}).",
            ),
            remedy=Text(
                '请用distance="raking"、"logit"，或用bounds=限定。',
                'Use distance="raking" or "logit", or set bounds=.',
            ),
        )
    design = answers.design
    before = answers.frame[list(design.columns)] if design.whole is None else design.whole
    column = _free(name, [*answers.frame.columns, *before.columns])
    whole = before.assign(**{column: weights})
    made = replace(
        design,
        weights=column,
        calibrations=(*design.calibrations, calibration),
        replicates=None if design.replicates is None else redone(design.replicates, (calibration,)),
    )
    made = replace(made, whole=whole[list(made.columns)])
    frame = answers.frame.assign(**{column: weights[sample.rows]})
    return replace(answers, frame=frame, design=made)


def redone(replicates: Replicates, calibrations: tuple[Calibration, ...]) -> Replicates:
    """Replicates whose weights have had each calibration done to them in turn."""
    columns = []
    for r, weights in enumerate(replicates.weights.T, start=1):
        for calibration in calibrations:
            try:
                weights = calibration.redo(weights)
            except DesignError as error:
                raise DesignError(
                    Text(
                        f"第{r}组重复权数无法同样校准：{error.what.zh}",
                        f"replicate {r} cannot be weighted the same way: {error.what.en}",
                    ),
                    remedy=Text(
                        "请合并只出现在个别群中的类别；每层两个单位时可用Fay法。",
                        "Merge categories that few clusters have; for pairs of units, Fay's method drops none.",
                    ),
                ) from error
        columns.append(weights)
    return replace(replicates, weights=np.column_stack(columns))


def indicators(cells: np.ndarray, n: int) -> Array:
    """A column of 0 and 1 for each of n cells; a row of cell -1 is all 0."""
    return (cells[:, None] == np.arange(n)).astype(float)


def _free(name: str, taken: list[str]) -> str:
    """``name``, or with the first number that no column has yet."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free
