"""Cross products of a model's rows by sampling unit, from which every replicate of a statistic follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DesignError
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_based import Placed
from sgsurvey.numerics.replicates import jackknife, rescaled_bootstrap
from sgsurvey.text import Text


def clustered(answers: Responses, cluster: str | None) -> Responses:
    """The answers with the named clusters; refused where that would ignore a part of the design."""
    if cluster is None or cluster == answers.design.clusters:
        return answers
    if answers.design.is_complex:
        raise DesignError(
            Text(
                f"cluster='{cluster}'会忽略已声明的抽样设计。", f"cluster='{cluster}' would ignore the declared design."
            ),
            remedy=Text("请去掉它，或重新声明设计。", "Leave it out, or declare the design again."),
        )
    return answers.designed(replace(answers.design, clusters=cluster, whole=None))


@dataclass(frozen=True)
class UnitMoments:
    """Weighted cross products ``sum w z z'`` in each first-stage unit.

    Attributes
    ----------
    z : ndarray, shape (n, m)
        The rows, as given.
    weights : ndarray, shape (n,)
    units : ndarray of int, shape (n,)
        The unit of each row, numbered as in the whole sample.
    sample : Sample
    """

    z: Array
    weights: Array
    units: npt.NDArray[np.int64]
    sample: Sample

    @classmethod
    def of(cls, placed: Placed, z: Array) -> UnitMoments:
        """Moments of the rows ``z`` of a model."""
        at = placed.sample.rows[placed.rows]
        return cls(z, placed.sample.weights[at], placed.sample.stages[0].units[at], placed.sample)

    @property
    def total(self) -> Array:
        """Over all rows; shape (1, m, m)."""
        return np.asarray((self.z * self.weights[:, None]).T @ self.z)[None]

    def jackknifed(self) -> tuple[Array, Array]:
        """Moments with each unit left out, and what each square counts towards the variance; (R, m, m) and (R,)."""
        factors = jackknife(self.sample.stages[0])
        return self._counted(factors.units), factors.scale * factors.rscales

    def bootstrapped(self, draws: int, seed: int) -> Array:
        """Moments of samples of units drawn with replacement within strata; shape (draws, m, m)."""
        return self._counted(rescaled_bootstrap(self.sample.stages[0], draws, seed).units)

    def _counted(self, factors: Array) -> Array:
        """Moments with each unit counted by its factor, shape (U, R)."""
        m = self.z.shape[1]
        order = np.argsort(self.units, kind="stable")
        units, starts = np.unique(self.units[order], return_index=True)
        z, weighted = self.z[order], (self.z * self.weights[:, None])[order]
        ends = [*starts[1:], len(order)]
        own = np.array([weighted[a:b].T @ z[a:b] for a, b in zip(starts, ends, strict=True)])
        return np.asarray((factors[units].T @ own.reshape(len(units), -1)).reshape(-1, m, m))

    def varies_within(self, column: int) -> bool:
        """Whether a column differs between rows of the same unit."""
        order = np.lexsort((self.z[:, column], self.units))
        z, units = self.z[order, column], self.units[order]
        return bool(((np.diff(z) > 0) & (np.diff(units) == 0)).any())

    def shuffles(self, draws: int, seed: int, *, batch: int) -> Iterator[npt.NDArray[np.int64]]:
        """Rows to take values from when whole units change places; batches of shape (up to batch, n).

        Units differ in size: they are laid end to end in a random order and handed out again row by row.
        """
        rng = np.random.default_rng(seed)
        order = np.argsort(self.units, kind="stable")
        starts = np.flatnonzero(np.diff(self.units[order], prepend=-1))
        sizes = np.diff(starts, append=len(order))
        for done in range(0, draws, batch):
            found = np.empty((min(batch, draws - done), len(order)), dtype=np.int64)
            for draw in found:
                turn = rng.permutation(len(starts))
                before = np.cumsum(sizes[turn]) - sizes[turn]
                draw[order] = order[np.repeat(starts[turn] - before, sizes[turn]) + np.arange(len(order))]
            yield found
