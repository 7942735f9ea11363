"""Factors that make replicate weights from weights: jackknife, balanced halves, bootstrap, of first-stage units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.hadamard import hadamard
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import Stage

# Numbers that the factors of a block of draws may hold at a time.
BLOCK = 4_000_000


class Factors(NamedTuple):
    """Factors of each unit, shape (U, R), and what turns the spread of the replicates into a variance."""

    units: Array
    scale: float
    rscales: Array


def jackknife(stage: Stage) -> Factors:
    """Each unit left out in turn, the others of its stratum raised by ``n / (n - 1)``.

    One stratum gives JK1, several JKn; both with ``(n - 1) / n`` and the finite population correction of the stratum in
    ``rscales``.  Strata of one unit are never touched.  Wolter (2007), chapter 4.
    """
    stratum = stage.stratum_of
    dropped, rscales = left_out_units(stage)
    n = stage.sizes[stratum[dropped]]
    mates = stratum[:, None] == stratum[dropped][None, :]
    units = np.where(mates, n / (n - 1.0), 1.0)
    units[dropped, np.arange(len(dropped))] = 0.0
    return Factors(units, 1.0, rscales)


def left_out_units(stage: Stage) -> tuple[npt.NDArray[np.intp], Array]:
    """The units that the jackknife leaves out in turn, and what each replicate's square counts; both of shape (R,)."""
    stratum, sizes = stage.stratum_of, stage.sizes
    dropped = np.flatnonzero(sizes[stratum] > 1)
    n = sizes[stratum[dropped]]
    return dropped, (n - 1.0) / n * (1.0 - stage.fractions[stratum[dropped]])


def balanced(stage: Stage, rho: float, signs: npt.NDArray[np.generic] | None = None) -> Factors:
    """Halves of pairs, balanced by a Hadamard matrix: ``2 - rho`` for one unit of each pair, ``rho`` for the other.

    rho = 0 is McCarthy's (1969) method, rho > 0 Fay's (Judkins 1990, Journal of Official Statistics 6, 223-239).  A
    finite population correction shrinks a stratum's factors towards 1 by ``sqrt(1 - f)``.  ``signs``, shape (R, H),
    takes the place of our matrix; every stratum of one unit is left as it is.
    """
    stratum, sizes = stage.stratum_of, stage.sizes
    pairs = np.flatnonzero(sizes == 2)
    if signs is None:
        signs = hadamard(len(pairs) + 1)[:, 1 : len(pairs) + 1]
    half = np.zeros(len(stratum))
    for pair in pairs:
        half[np.flatnonzero(stratum == pair)] = (1.0, -1.0)
    columns = np.zeros((len(signs), len(sizes)))
    columns[:, pairs] = signs
    shrink = (1.0 - rho) * np.sqrt(1.0 - stage.fractions)
    units = 1.0 + half[:, None] * (columns * shrink).T[stratum]
    return Factors(units, 1.0 / (len(signs) * (1.0 - rho) ** 2), np.ones(len(signs)))


def rescaled_bootstrap(stage: Stage, draws: int, seed: int) -> Factors:
    """``n - 1`` units drawn with replacement in each stratum of n: ``1 + sqrt(1 - f) (n / (n - 1) count - 1)``.

    Rao and Wu (1988), Journal of the American Statistical Association 83, 231-241; Rao, Wu and Yue (1992), Survey
    Methodology 18, 209-217.
    """
    units = np.ones((len(stage.stratum_of), draws))
    for drawn in bootstrap_blocks(stage, draws, seed):
        units[drawn.members, drawn.at] = drawn.factors
    return Factors(units, 1.0 / (draws - 1), np.ones(draws))


class Drawn(NamedTuple):
    """Factors of the units of one stratum in some draws: ``members``, shape (u,); ``factors``, shape (u, d)."""

    members: npt.NDArray[np.intp]
    at: slice
    factors: Array


def bootstrap_blocks(stage: Stage, draws: int, seed: int) -> Iterator[Drawn]:
    """The factors of ``rescaled_bootstrap`` block by block, for samples of so many units that all would fill memory.

    Units of a stratum with no other have factor 1 and come in no block.
    """
    rng = np.random.default_rng(seed)
    stratum, sizes = stage.stratum_of, stage.sizes
    for h in np.flatnonzero(sizes > 1):
        members, n = np.flatnonzero(stratum == h), int(sizes[h])
        shrink = np.sqrt(1.0 - stage.fractions[h])
        size = max(1, BLOCK // n)
        for start in range(0, draws, size):
            at = slice(start, min(start + size, draws))
            counts = rng.multinomial(n - 1, np.full(n, 1.0 / n), size=at.stop - at.start).T
            yield Drawn(members, at, 1.0 + shrink * (n / (n - 1.0) * counts - 1.0))
