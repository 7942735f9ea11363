"""Sparse answers merged with their neighbours, in all groups alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

# A category that fewer persons of a group gave says too little of its threshold.
FEWEST_IN_CATEGORY = 5


def merge_sparse(sample: StructuralSample) -> StructuralSample:
    """The sample with every category that some group hardly gave merged with a neighbour, in all groups.

    A category at an end goes with the next one inwards, one between with the neighbour that fewer gave; a remark says
    which.  The codes are then 0, 1 …

    Raises
    ------
    EstimationError
        An item of which fewer than three categories are left: Wu and Estabrook's steps cannot be told apart there.
    """
    rows = [np.array(group.rows, dtype=float) for group in sample.groups]
    notes = []
    for item, name in enumerate(sample.names):
        merged = _merged([part[:, item] for part in rows])
        if len(merged) < 3:
            raise EstimationError(
                Text(
                    f"合并稀疏类别后“{name}”只剩{len(merged)}个类别，阈值、载荷、截距无法逐步检验。",
                    f"of '{name}' {len(merged)} categories are left when sparse ones are merged: thresholds, loadings "
                    "and intercepts cannot be tested one after the other.",
                ),
                where=name,
                remedy=Text(
                    "请去掉该题，或用estimator='MLR'把答案当作连续变量。",
                    "Leave the item out, or treat answers as numbers with estimator='MLR'.",
                ),
            )
        joined = [block for block in merged if len(block) > 1]
        if joined:
            shown = ", ".join("+".join(f"{code:g}" for code in block) for block in joined)
            notes.append(f"{name}: {shown}")
        for part in rows:
            part[:, item] = _recoded(part[:, item], merged)
    groups = tuple(replace(group, rows=part) for group, part in zip(sample.groups, rows, strict=True))
    if not notes:
        return replace(sample, groups=groups)
    said = Text(
        f"有的组中不足{FEWEST_IN_CATEGORY}人选择的类别，已在所有组中与相邻类别合并：{'；'.join(notes)}。",
        f"Categories that fewer than {FEWEST_IN_CATEGORY} persons of a group gave are merged with a neighbour in all "
        f"groups: {'; '.join(notes)}.",
    )
    return replace(sample, groups=groups, remarks=(*sample.remarks, said))


def _merged(groups: list[Array]) -> list[list[float]]:
    """Categories in blocks, each of which enough persons of every group gave."""
    codes = np.unique(np.concatenate([part[~np.isnan(part)] for part in groups]))
    blocks = [[float(code)] for code in codes]
    counts = [np.array([(part == code).sum() for part in groups]) for code in codes]
    while len(blocks) > 1:
        least = [int(count.min()) for count in counts]
        at = int(np.argmin(least))
        if least[at] >= FEWEST_IN_CATEGORY:
            break
        if at in (0, len(blocks) - 1):
            other = 1 if at == 0 else at - 1
        else:
            other = at - 1 if counts[at - 1].sum() < counts[at + 1].sum() else at + 1
        low, high = sorted((at, other))
        blocks[low : high + 1] = [blocks[low] + blocks[high]]
        counts[low : high + 1] = [counts[low] + counts[high]]
    return blocks


def _recoded(values: Array, blocks: list[list[float]]) -> Array:
    found = np.full(len(values), np.nan)
    for number, block in enumerate(blocks):
        found[np.isin(values, block)] = number
    return found
