"""Where a model is asked for its means: the values that predictors take, and how much each counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.text import Text, same

Over = Literal["equal", "sample"]
At = Mapping[str, Sequence[float]]
OVER: dict[str, Text] = {
    "equal": Text(
        "其余类别变量各类等权，其余数值变量取均值。",
        "Over the other predictors: categories count equally, numbers stand at their mean.",
    ),
    "sample": Text(
        "其余自变量保持样本中各人的取值，再对样本平均。",
        "Over the other predictors: everybody keeps their own values, averaged over the sample.",
    ),
}


@dataclass(frozen=True)
class ReferenceGrid:
    """Cells of predictors that are held, each a weighted set of rows of the design matrix.

    Attributes
    ----------
    cells : DataFrame
        One row per cell: the values of the predictors held.
    labels : tuple of Text
        The words of each cell.
    rows : tuple of ndarray, shape (r, p)
    shares : tuple of ndarray, shape (r,)
        Summing to 1.
    offsets : tuple of ndarray, shape (r,)
        At its mean where the other predictors are.
    """

    cells: pd.DataFrame
    labels: tuple[Text, ...]
    rows: tuple[Array, ...]
    shares: tuple[Array, ...]
    offsets: tuple[Array, ...]

    @property
    def functions(self) -> Array:
        """The mean of each cell as a combination of the coefficients; shape (cells, p)."""
        return np.array([share @ rows for rows, share in zip(self.rows, self.shares, strict=True)])


def reference_grid(design: DesignMatrix, by: str | Sequence[str], at: At | None, over: str) -> ReferenceGrid:
    """The cells that ``by`` makes, over the other predictors.

    Where these count equally: population marginal means (Searle, Speed and Milliken 1980, The American Statistician
    34, 216-221).

    Raises
    ------
    DataError
        ``by`` or ``at`` name no predictor, or ``by`` a number without its values.
    """
    if over not in OVER:
        raise DataError(f"over='{over}' is not known.", remedy=f"Choose from {', '.join(OVER)}.")
    known = list(dict.fromkeys(one.factor.variable for one in design.coded))
    held = [by] if isinstance(by, str) else list(by)
    values = {name: list(given) for name, given in (at or {}).items()}
    for name in [*held, *values]:
        if name not in known:
            raise DataError(
                f"'{name}' is no predictor of this model.{did_you_mean(name, known)}",
                remedy=f"Its predictors: {', '.join(known)}.",
            )
    if not held:
        raise DataError("means are of something.", where="by=", remedy=f"Name one of {', '.join(known)}.")
    cells = pd.MultiIndex.from_product([_held(design, name, values) for name in held], names=held).to_frame(index=False)
    pairs = [(_equal if over == "equal" else _sample)(design, cell, values) for _, cell in cells.iterrows()]
    labels = tuple(_words(design, cell) for _, cell in cells.iterrows())
    offsets = tuple(_offset(design, len(rows), over) for rows, _ in pairs)
    return ReferenceGrid(cells, labels, tuple(rows for rows, _ in pairs), tuple(share for _, share in pairs), offsets)


def _held(design: DesignMatrix, name: str, at: Mapping[str, list[float]]) -> list[object]:
    """The values of a predictor that cells are made of."""
    if name in at:
        return list(at[name])
    levels = next((one.levels for one in design.coded if one.factor.variable == name and one.levels), ())
    if not levels:
        raise DataError(
            f"'{name}' is a number in this model.", where="by=", remedy=f"Say at which values: at={{'{name}': [2, 4]}}."
        )
    return list(levels)


def _equal(design: DesignMatrix, cell: pd.Series, at: Mapping[str, list[float]]) -> tuple[Array, Array]:
    """Every combination of the other categories once, with numbers at their means."""
    choices: dict[str, list[object]] = {}
    for one in design.coded:
        name = one.factor.variable
        if name in cell.index:
            choices[name] = [cell[name]]
        elif one.levels or name not in choices:
            choices[name] = list(at[name]) if name in at else list(one.levels) or [one.mean]
    rows = design.at(pd.MultiIndex.from_product(choices.values(), names=list(choices)).to_frame(index=False))
    return rows, np.full(len(rows), 1 / len(rows))


def _sample(design: DesignMatrix, cell: pd.Series, at: Mapping[str, list[float]]) -> tuple[Array, Array]:
    """Everybody with the cell's values, and their own otherwise."""
    fixed = {str(name): value for name, value in cell.items()}
    for name, given in at.items():
        if name not in fixed and len(given) != 1:
            raise DataError(
                f"'{name}' is held at {len(given)} values.", where="at=", remedy="Give one, or name it in by=."
            )
        fixed.setdefault(name, given[0])
    rows = design.with_values(fixed)
    w = np.ones(len(rows)) if design.weights is None else design.weights
    return rows, w / w.sum()


def _offset(design: DesignMatrix, rows: int, over: str) -> Array:
    if design.offset is None:
        return np.zeros(rows)
    return design.offset.values.to_numpy() if over == "sample" else np.full(rows, design.offset.mean)


def _words(design: DesignMatrix, cell: pd.Series) -> Text:
    """The labels of a cell's categories, and its numbers with their names."""
    parts = []
    for name, value in cell.items():
        coded = next((one for one in design.coded if one.factor.variable == name and one.levels), None)
        parts.append(same(f"{name} = {value:g}") if coded is None else coded.level_labels[coded.levels.index(value)])
    return Text("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))
