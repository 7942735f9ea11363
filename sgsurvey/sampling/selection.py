"""Methods of selection: probabilities in, a sample of fixed size out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgsurvey.sampling.inclusion import systematic
from sgsurvey.sampling.sampford import sampford
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Method = Literal["simple", "systematic", "pps_systematic", "pps_sampford", "pps_brewer"]
METHODS: dict[Method, Text] = {
    "simple": Text("简单随机抽样", "simple random sampling"),
    "systematic": Text("等距抽样", "systematic sampling"),
    "pps_systematic": Text("按规模成比例的等距抽样", "systematic sampling with probability proportional to size"),
    "pps_sampford": Text("按规模成比例抽样（Sampford法）", "sampling proportional to size by Sampford's method"),
    "pps_brewer": Text("按规模成比例抽样（Brewer法）", "sampling proportional to size by Brewer's method"),
}


def select(method: Method, p: Array, rng: np.random.Generator) -> Mask:
    """A sample with probabilities ``p`` (adding up to a whole number); those of 1 are in, shape (N,)."""
    taken = p >= 1
    open_ = ~taken
    if open_.any():
        taken[open_] = SELECTORS[method](p[open_], rng)
    return taken


def _simple(p: Array, rng: np.random.Generator) -> Mask:
    taken = np.zeros(len(p), dtype=bool)
    taken[rng.choice(len(p), size=round(p.sum()), replace=False)] = True
    return taken


def _systematic(p: Array, rng: np.random.Generator) -> Mask:
    return systematic(p, rng.random())


def _brewer(p: Array, rng: np.random.Generator) -> Mask:
    """Draw by draw, with probabilities that make the first-order ones exact.

    Brewer (1975), Australian Journal of Statistics 17, 166-172; also in Tillé (2006), Sampling Algorithms.
    """
    taken = np.zeros(len(p), dtype=bool)
    for left in range(round(p.sum()), 0, -1):
        rest = p[~taken].sum()
        weight = np.where(taken, 0.0, p * (rest - p) / np.where(taken, 1.0, rest - p * left))
        taken[rng.choice(len(p), p=weight / weight.sum())] = True
    return taken


SELECTORS: dict[Method, Callable[[Array, np.random.Generator], Mask]] = {
    "simple": _simple,
    "systematic": _systematic,
    "pps_systematic": _systematic,
    "pps_sampford": sampford,
    "pps_brewer": _brewer,
}
