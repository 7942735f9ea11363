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
from sgsurvey.numerics.replicates import bootstrap_blocks, left_out_units
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
    def df(self) -> float:
        """Units less strata, of those with rows in the model; that of the replicates where there are any."""
        if self.sample.design.replicates is not None:
            return self.sample.design.replicates.df
        used = np.unique(self.units[self.weights > 0])
        return float(len(used) - len(np.unique(self.sample.stages[0].stratum_of[used])))

    @property
    def total(self) -> Array:
        """Over all rows; shape (1, m, m)."""
        return np.asarray((self.z * self.weights[:, None]).T @ self.z)[None]

    def jackknifed(self) -> tuple[Array, Array]:
        """Moments with each unit left out, and what each square counts towards the variance; (R, m, m) and (R,)."""
        stage, own = self.sample.stages[0], self._own()
        dropped, counts = left_out_units(stage)
        members = [np.flatnonzero(stage.stratum_of == h) for h in range(len(stage.sizes))]
        elsewhere = _sums_of_others(np.array([own[units].sum(axis=0) for units in members]))
        left = np.empty_like(own)
        for h, units in enumerate(members):
            n = len(units)
            if n > 1:
                left[units] = elsewhere[h] + n / (n - 1) * _sums_of_others(own[units])
        return left[dropped], counts

    def bootstrapped(self, draws: int, seed: int) -> Array:
        """Moments of samples of units drawn with replacement within strata; shape (draws, m, m)."""
        stage, own = self.sample.stages[0], self._own()
        lone = stage.sizes[stage.stratum_of] == 1
        moments = np.repeat(own[lone].sum(axis=0)[None], draws, axis=0)
        flat = own.reshape(len(own), -1)
        for members, at, factors in bootstrap_blocks(stage, draws, seed):
            moments[at] += (factors.T @ flat[members]).reshape(-1, *own.shape[1:])
        return moments

    def _own(self) -> Array:
        """Moments of each unit of the sample, 0 without rows in the model; shape (U, m, m)."""
        order = np.argsort(self.units, kind="stable")
        units, starts = np.unique(self.units[order], return_index=True)
        z, weighted = self.z[order], (self.z * self.weights[:, None])[order]
        m = z.shape[1]
        own = np.zeros((len(self.sample.stages[0].stratum_of), m, m))
        for j in range(m):
            own[units, j] = np.add.reduceat(weighted[:, j, None] * z, starts, axis=0)
        return own

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


def _sums_of_others(parts: Array) -> Array:
    """The sum of all parts but each, shape (k, …); added from both ends, as taking away would leave noise for 0."""
    others = np.zeros_like(parts)
    others[1:] = np.cumsum(parts[:-1], axis=0)
    others[:-1] += np.cumsum(parts[:0:-1], axis=0)[::-1]
    return others
