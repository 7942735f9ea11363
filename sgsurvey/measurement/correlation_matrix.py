"""A correlation matrix as data: from a publication, another program, or a computation of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Language, Text


@dataclass(frozen=True, eq=False)
class CorrelationMatrix:
    """Correlations, or covariances, that factors may be sought in where the rows are not at hand.

    Parameters
    ----------
    matrix : DataFrame, shape (p, p)
        Named alike in rows and columns, symmetric; covariances are brought to correlations, and a note says so.
    n : int, optional
        Rows that it came from; without them there are no tests, no fit indices and no standard errors.
    language : "zh" or "en"
        In which results show themselves unless told otherwise.

    Raises
    ------
    DataError
        The matrix is not square, not named alike, not symmetric, has gaps, a variance of 0, or a correlation beyond 1.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["a", "b", "c"]
    >>> made = CorrelationMatrix(pd.DataFrame([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], names, names), n=200)
    >>> made.names
    ('a', 'b', 'c')
    """

    matrix: pd.DataFrame
    n: int | None = None
    language: Language = "en"

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        if rows != columns or list(self.matrix.index) != list(self.matrix.columns):
            raise _fault(
                Text(
                    f"矩阵为{rows}行{columns}列，行名与列名须相同且顺序一致。",
                    f"it has {rows} rows and {columns} columns, which must be named alike and in one order.",
                )
            )
        if self.matrix.select_dtypes("number").shape != self.matrix.shape:
            raise _fault(Text("矩阵中有不是数的内容。", "it holds words, not numbers."))
        values = self.matrix.to_numpy(dtype=float)
        if not np.isfinite(values).all():
            raise _fault(Text("矩阵中有缺失值或无穷值。", "it has missing or infinite values."))
        if np.abs(values - values.T).max() > 1e-6 * np.abs(values).max():
            raise _fault(Text("矩阵不对称。", "it is not symmetric."))
        scale = np.sqrt(np.maximum(np.diag(values), 0.0))
        if (scale <= 0).any():
            raise _fault(Text("对角线上有不大于0的数。", "its diagonal has a number of 0 or less."))
        if (np.abs(values) > np.outer(scale, scale) * (1 + 1e-8)).any():
            raise _fault(Text("有绝对值大于1的相关。", "it has a correlation beyond 1."))
        if self.n is not None and self.n < 1:
            raise _fault(Text(f"行数n为{self.n}。", f"its n is {self.n}."))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in order."""
        return tuple(map(str, self.matrix.columns))

    @property
    def cov(self) -> Array:
        """The numbers, exactly symmetric; shape (p, p)."""
        values = self.matrix.to_numpy(dtype=float)
        return (values + values.T) / 2

    @property
    def standard(self) -> bool:
        """Whether it holds correlations (a diagonal of 1)."""
        return bool(np.abs(np.diag(self.cov) - 1).max() < 1e-6)


def looks_like_a_matrix(frame: pd.DataFrame) -> bool:
    """Whether ``frame`` is square, symmetric and has a diagonal of 1: correlations, not rows of answers."""
    if frame.shape[0] != frame.shape[1] or frame.shape[0] < 2 or frame.select_dtypes("number").shape != frame.shape:
        return False
    values = frame.to_numpy(dtype=float)
    return bool(np.allclose(values, values.T, atol=1e-6) and np.allclose(np.diag(values), 1, atol=1e-6))


def _fault(what: Text) -> DataError:
    return DataError(
        what,
        where=Text("CorrelationMatrix的矩阵", "the matrix of a CorrelationMatrix"),
        remedy=Text("请核对矩阵，或直接给出原始数据。", "Check it, or give the rows of the data."),
    )
