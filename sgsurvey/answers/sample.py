"""Sample: the design of some answers in numbers, and the variance of any statistic under it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import Array, Calibration, Design
from sgsurvey.answers.stages import stages_of
from sgsurvey.errors import DesignError
from sgsurvey.numerics.estimators import Statistic, replicate_variance, replicated
from sgsurvey.numerics.linearise import Stage, total_variance
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.answers.responses import Responses


@dataclass(frozen=True, eq=False)
class Sample:
    """The whole sample that some answers are a part of, in codes and numbers.

    Attributes
    ----------
    design : Design
    weights : ndarray, shape (N,)
        Weight of each row of the whole sample.
    stages : tuple of Stage
        For the whole sample.
    rows : ndarray of int, shape (n,)
        Where in the whole sample the answers stand.
    """

    design: Design
    weights: Array
    stages: tuple[Stage, ...]
    rows: npt.NDArray[np.int64]

    @classmethod
    def of(cls, answers: Responses) -> Sample:
        """The design of ``answers``; refuses what the design does not allow (lonely strata, sizes that contradict)."""
        design = answers.design
        whole = answers.frame[list(design.columns)] if design.whole is None else design.whole
        alone = design.whole is None
        rows = np.arange(len(whole)) if alone else whole.index.get_indexer(answers.frame.index)
        if (rows < 0).any():
            raise DesignError(
                Text("有些答卷不在样本之内。", "some answers are not among the rows of the sample."),
                remedy=Text(
                    "增减行或改动行号之后，请重新用survey_design()声明设计。",
                    "Declare the design again with survey_design() after rows were added or renumbered.",
                ),
            )
        stages = stages_of(design, whole) if design.whole is None else _declared(design)
        sample = cls(design, _weights(design, whole), stages, rows)
        if design.lonely == "refuse" and design.replicates is None:
            _refuse_lonely(sample, whole)
        return sample

    def part(self, mask: npt.NDArray[np.bool_]) -> Array:
        """Weights of the whole sample, 0 outside a part of the answers; ``mask`` has shape (n,)."""
        inside = np.zeros(len(self.weights), dtype=bool)
        inside[self.rows[mask]] = True
        return np.where(inside, self.weights, 0.0)

    def whole(self, values: Array, empty: float = np.nan) -> Array:
        """Values of the answers at their places in the whole sample, ``empty`` elsewhere; shape (N, …) from (n, …)."""
        whole = np.full((len(self.weights), *values.shape[1:]), empty)
        whole[self.rows] = values
        return whole

    def variance(self, influence: Array) -> Array:
        """Covariance of statistics from their influence values (the weights not yet in them), shape (N, q).

        Where weights were calibrated, the residuals of the auxiliaries take the place of the values (Deville and
        Särndal 1992, Journal of the American Statistical Association 87, 376-382).  Where the totals met
        are the sample's own, what the auxiliaries explain comes back under the weights before.
        """
        parts = [(self.weights, influence)]
        for calibration in reversed(self.design.calibrations):
            if calibration.auxiliaries is None:
                break
            fitted = [_fitted(u, calibration.auxiliaries, calibration) for _, u in parts]
            parts = [(w, u - explained) for (w, u), explained in zip(parts, fitted, strict=True)]
            if calibration.estimated:
                parts += [(calibration.base, explained) for explained in fitted]
        lonely = "adjust" if self.design.lonely == "refuse" else self.design.lonely
        z = np.sum([w[:, None] * u for w, u in parts], axis=0)
        return total_variance(z, self.stages, lonely=lonely)

    def estimate(self, statistic: Statistic, inside: npt.NDArray[np.bool_] | None = None) -> tuple[Array, Array]:
        """Values of a statistic and their covariance, over all answers or a part of them (``inside``, shape (n,)).

        Returns
        -------
        value : shape (q,)
        covariance : shape (q, q)
        """
        mask = np.ones(len(self.rows), dtype=bool) if inside is None else inside
        w = self.part(mask)
        value = statistic.value(w)
        replicates = self.design.replicates
        if replicates is None:
            return value, self.variance(np.where((w > 0)[:, None], statistic.influence(w), 0.0))
        values = replicated(statistic.value, np.where((w > 0)[:, None], replicates.weights, 0.0))
        return value, replicate_variance(value, values, replicates.scale, replicates.rscales, mse=replicates.mse)

    def df(self, weights: Array) -> float:
        """Units less strata, of those with a weight above 0; that of the replicates where there are any."""
        if self.design.replicates is not None:
            return self.design.replicates.df
        first, inside = self.stages[0], weights > 0
        units, strata = (np.count_nonzero(np.bincount(codes[inside])) for codes in (first.units, first.strata))
        return float(units - strata)


@lru_cache(maxsize=16)
def _declared(design: Design) -> tuple[Stage, ...]:
    """``stages_of`` a design that keeps its whole sample, which every part of the answers asks for again."""
    return stages_of(design, design.whole)


def _weights(design: Design, whole: pd.DataFrame) -> Array:
    return np.ones(len(whole)) if design.weights is None else whole[design.weights].to_numpy(dtype=float)


def _refuse_lonely(sample: Sample, whole: pd.DataFrame) -> None:
    """Raise where a stratum of a single unit counts towards the variance."""
    counts = np.ones(len(whole), dtype=bool)
    columns = (sample.design.strata, sample.design.clusters, *sample.design.stages)
    for stage, column in zip(sample.stages, columns, strict=False):
        alone = np.isin(stage.strata, stage.lonely) & counts
        if alone.any():
            name = str(whole[column].iloc[int(np.argmax(alone))]) if column else "-"
            n = len(np.unique(stage.strata[alone]))
            raise DesignError(
                Text(
                    f"有{n}层只有一个抽样单位（如“{name}”），看不出层内的差异。",
                    f"{n} stratum/strata have a single sampling unit (such as '{name}'): no variance can be seen.",
                ),
                remedy=Text(
                    '请合并相近的层，或写明lonely="adjust"、"average"或"certainty"。',
                    'Join similar strata, or name lonely="adjust", "average" or "certainty".',
                ),
            )
        counts &= stage.taken > 0


def _fitted(u: Array, x: Array, calibration: Calibration) -> Array:
    """What the auxiliaries explain of ``u``, by weighted least squares; shape (N, q)."""
    weights = calibration.base if calibration.fit is None else calibration.fit
    if calibration.products is not None:
        gram = (x * calibration.products[:, None]).T @ x
        return x @ np.linalg.lstsq(gram, (x * weights[:, None]).T @ u, rcond=None)[0]
    root = np.sqrt(weights)[:, None]
    coefficients, *_ = np.linalg.lstsq(root * x, root * u, rcond=None)
    return x @ coefficients
