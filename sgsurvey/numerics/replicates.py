"""Factors that make replicate weights from weights: jackknife, balanced halves, bootstrap, of first-stage units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgsurvey.numerics.hadamard import hadamard
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.linearise import Stage


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
    stratum, sizes = stage.stratum_of, stage.sizes
    dropped = np.flatnonzero(sizes[stratum] > 1)
    n = sizes[stratum[dropped]]
    mates = stratum[:, None] == stratum[dropped][None, :]
    units = np.where(mates, n / (n - 1.0), 1.0)
    units[dropped, np.arange(len(dropped))] = 0.0
    return Factors(units, 1.0, (n - 1.0) / n * (1.0 - stage.fractions[stratum[dropped]]))


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
    rng = np.random.default_rng(seed)
    stratum, sizes = stage.stratum_of, stage.sizes
    units = np.ones((len(stratum), draws))
    for h in np.flatnonzero(sizes > 1):
        members, n = np.flatnonzero(stratum == h), int(sizes[h])
        counts = rng.multinomial(n - 1, np.full(n, 1.0 / n), size=draws).T
        units[members] = 1.0 + np.sqrt(1.0 - stage.fractions[h]) * (n / (n - 1.0) * counts - 1.0)
    return Factors(units, 1.0 / (draws - 1), np.ones(draws))
