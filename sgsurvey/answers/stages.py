"""The stages by which a sample was drawn, in codes and numbers, from the columns that its design names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import PPS, Array, Design
from sgsurvey.errors import DesignError
from sgsurvey.numerics.linearise import Stage
from sgsurvey.numerics.unequal import Unequal
from sgsurvey.text import Text

Codes = npt.NDArray[np.int64]


def stages_of(design: Design, whole: pd.DataFrame) -> tuple[Stage, ...]:
    """The stages of selection in codes, from the columns of the whole sample."""
    n = len(whole)
    if not design.columns:
        return (Stage(np.arange(n), np.zeros(n, dtype=np.int64)),)
    strata = _codes(whole[design.strata]) if design.strata else np.zeros(n, dtype=np.int64)
    if design.clusters is not None:
        clusters = whole[design.clusters]
        # Rows without a cluster are drawn one by one, in a stratum of their own.
        alone = clusters.isna().to_numpy()
        strata = _codes(strata, alone.astype(np.int64))
        units = _codes(strata, clusters, np.where(alone, np.arange(n), -1))
    else:
        units = np.arange(n)
    if design.pps is not None:
        found = [Stage(units, strata, unequal=_unequal(design.pps, whole, units, strata))]
    else:
        found = [Stage(units, strata, _population(design, whole, 0, units, strata))]
    for depth, column in enumerate(design.stages, start=1):
        above = units
        units = _codes(above, whole[column])
        found.append(Stage(units, above, _population(design, whole, depth, units, above)))
    return tuple(found)


def _codes(*columns: pd.Series | Codes) -> Codes:
    """A number for each different combination, 0, 1 …, in the order in which they come."""
    found = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column, use_na_sentinel=False)
        found = pd.factorize(found * len(values) + codes)[0].astype(np.int64)
    return found


def _population(design: Design, whole: pd.DataFrame, depth: int, units: Codes, strata: Codes) -> Array | None:
    """Units in the population of each row's stratum at one stage; shape (n,)."""
    if depth >= len(design.populations):
        return None
    column = design.populations[depth]
    given = pd.to_numeric(whole[column], errors="coerce").to_numpy(dtype=float)
    bare = Stage(units, strata)
    drawn = bare.sizes[strata].astype(float)
    # A number below 1 is the share that was drawn; 1 itself is a stratum of one unit, or one that was taken whole.
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.where(given < 1, drawn / given, np.where(given == 1, drawn, given))
    spread = pd.Series(sizes).groupby(strata).agg(["min", "max"])
    wrong = ~np.isfinite(sizes) | (sizes <= 0)
    if wrong.any() or (spread["max"] - spread["min"] > 1e-9 * spread["max"]).any():
        raise DesignError(
            Text(
                f"“{column}”列在同一层内须是同一个大于0的数。",
                f"'{column}' must be one number above 0 in each stratum.",
            ),
            remedy=Text(
                "请写该层总体中的单位数，或抽取比例。",
                "Give the units in the stratum's population, or the share drawn.",
            ),
        )
    few = sizes < drawn - 1e-9
    if few.any():
        first = int(np.argmax(few))
        raise DesignError(
            Text(
                f"“{column}”说总体只有{sizes[first]:g}个单位，样本中却有{drawn[first]:g}个。",
                f"'{column}' says that the population has {sizes[first]:g} units, but the sample has {drawn[first]:g}.",
            ),
            remedy=Text("请核对总体单位数与群、层的列。", "Check the sizes, and the columns of strata and clusters."),
        )
    return sizes


def _unequal(pps: PPS, whole: pd.DataFrame, units: Codes, strata: Codes) -> Unequal:
    """Probabilities of the units, checked, with what is known of pairs."""
    given = pd.to_numeric(whole[pps.probabilities], errors="coerce").to_numpy(dtype=float)
    count = int(units.max()) + 1
    p, stratum = np.zeros(count), np.zeros(count, dtype=np.int64)
    p[units], stratum[units] = given, strata
    if not ((given > 0) & (given <= 1)).all() or (np.abs(given - p[units]) > 1e-9).any():
        raise DesignError(
            Text(
                f"“{pps.probabilities}”列须是大于0、不超过1的入样概率，同一单位各行相同。",
                f"'{pps.probabilities}' must hold probabilities above 0 and at most 1, one for each unit.",
            ),
            remedy=Text("请给出抽取初级单位时的入样概率。", "Give the probability with which each unit was drawn."),
        )
    p = np.where(p > 1 - 1e-12, 1.0, p)
    if (pps.method == "joint") != (pps.joint is not None):
        raise DesignError(
            Text('method="joint"须有joint=，别的方法没有。', 'method="joint" needs joint=, and others do not take it.'),
            remedy=Text("请给出联合入样概率矩阵。", "Give the matrix of joint probabilities."),
        )
    if pps.joint is not None:
        _check_joint(np.asarray(pps.joint, dtype=float), p, stratum)
    squares = None
    if pps.squares is not None:
        squares = np.zeros(int(strata.max()) + 1)
        squares[strata] = pps.squares if isinstance(pps.squares, float | int) else whole[pps.squares].to_numpy()
    return Unequal(p, stratum, pps.method, pps.form, pps.joint, squares)


def _check_joint(joint: Array, p: Array, strata: Codes) -> None:
    """Raise unless joint probabilities are those of the units."""
    wanted = Text(
        "{n}个单位的联合入样概率须是对称矩阵，对角线为入样概率，其余大于0、不超过两者中较小的；不同层相互独立。",
        "joint probabilities of {n} units must be a symmetric matrix with the units' probabilities on its diagonal, "
        "others above 0 and at most the smaller of the two, and products between strata.",
    ).format(n=len(p))
    sound = joint.shape == (len(p), len(p)) and np.allclose(np.diag(joint), p, rtol=1e-6, atol=0)
    if sound:
        apart = strata[:, None] != strata
        bound = np.minimum(p[:, None], p) * (1 + 1e-9)
        sound = bool(
            np.allclose(joint, joint.T, rtol=1e-9)
            and (joint > 0).all()
            and (joint <= bound).all()
            and np.allclose(joint[apart], np.outer(p, p)[apart], rtol=1e-6)
        )
    if not sound:
        raise DesignError(
            wanted,
            remedy=Text(
                "请按单位在数据中首次出现的顺序排列；有的两个单位不可能同时入样时，请用别的方法。",
                "Order them as units first stand in the data; where two units are never drawn together, name another "
                "method.",
            ),
        )
