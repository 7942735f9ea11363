"""Which coefficients share their uncertainty because predictors go together: Belsley's variance proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.numerics.specification import condition_indices
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Text

HARMFUL = Text(
    "条件指数大于30且同一行有两个以上方差比例大于0.5时，提示有害的共线性。",
    "A condition index above 30 with two or more proportions above .5 in its row points to harmful collinearity.",
)


@dataclass(frozen=True)
class Collinearity(Result):
    """Condition indices and the shares of each coefficient's variance that go with them.

    Attributes
    ----------
    frame : DataFrame
        One row per dimension, the best determined first: ``dimension, eigenvalue, condition_index``, and a column for
        each coefficient, whose shares sum to 1.
    names, labels : tuple
        The coefficients.
    outcome : Text
    """

    names: tuple[str, ...]
    labels: tuple[Text, ...]
    outcome: Text

    def _table(self) -> Table:
        spanner = Text("方差比例", "Variance proportions")
        columns = [
            Column("dimension", Text("维度", "Dimension"), "count"),
            Column("eigenvalue", Text("特征值", "Eigenvalue"), digits=3),
            Column("condition_index", Text("条件指数", "Condition index"), "statistic"),
            *(
                Column(name, label, "bounded", spanner=spanner)
                for name, label in zip(self.names, self.labels, strict=True)
            ),
        ]
        title = Text("{outcome}：共线性诊断", "{outcome}: collinearity").format(outcome=self.outcome)
        return Table.from_frame(self.frame, columns, id="collinearity", title=title, notes=(HARMFUL,))


def collinearity(design: DesignMatrix, basis: Basis) -> Collinearity:
    """Belsley's diagnostics of a design matrix, weighted as the fit is."""
    root = np.ones(len(design.rows)) if design.weights is None else np.sqrt(design.weights)
    eigenvalues, indices, shares = condition_indices(root[:, None] * design.X)
    frame = pd.DataFrame(
        {"dimension": np.arange(1, len(indices) + 1), "eigenvalue": eigenvalues, "condition_index": indices}
    )
    frame = pd.concat([frame, pd.DataFrame(shares, columns=list(design.names))], axis=1)
    return Collinearity(frame, basis, design.names, design.labels, design.outcome_label)
