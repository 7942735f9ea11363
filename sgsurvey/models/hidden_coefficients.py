"""What in a model speaks of a few people: coefficients of rare categories, and combinations that hold such people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.few_persons import few, one_of_two_is_few
from sgsurvey.tables.table import Table

Mask = npt.NDArray[np.bool_]


def few_groups(X: Array, blocks: Sequence[tuple[int, tuple[int, ...]]], smallest: int) -> Array:
    """How groups of few rows enter a combination of coefficients, shape (q, p): one line per group.

    A column that is other than 0 for few rows stands for these rows, and so does one of two values of which few have
    one.  Where few rows are 0 in all columns of a block (the reference of a category), they enter by what the block
    starts from less its columns: ``b_0 + b_j`` holds them not, ``b_0`` and ``b_j`` do.

    Parameters
    ----------
    X : ndarray, shape (n, p)
    blocks : sequence of (int, tuple of int)
        The column that a block starts from (the constant; of a product the slope), and the block's columns.
    smallest : int
    """
    own = np.eye(X.shape[1])
    lines = [own[j] for j in range(X.shape[1]) if _is_rare(X[:, j], smallest)]
    for start, columns in blocks:
        zero = int((X[:, list(columns)] == 0).all(axis=1).sum())
        if few(zero, smallest):
            lines.append(own[start] - own[list(columns)].sum(axis=0))
    return np.array(lines).reshape(len(lines), X.shape[1])


def _is_rare(column: Array, smallest: int) -> bool:
    return few(int(np.count_nonzero(column)), smallest) or one_of_two_is_few(column, smallest)


def hide_few(lines: pd.DataFrame, gone: Mask) -> pd.DataFrame:
    """Lines of numbers without those that speak of few people."""
    hidden = lines.copy()
    hidden.loc[gone, hidden.select_dtypes("number").columns] = np.nan
    return hidden


def without_few(table: Table, estimates: pd.Series) -> Table:
    """A table of coefficients or means with the sign of hidden cells where ``estimates`` were hidden."""
    keys = [column.key for column in table.columns if column.kind != "text"]
    return table.hiding([keys if np.isnan(value) else () for value in estimates])
