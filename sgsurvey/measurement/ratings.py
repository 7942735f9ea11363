"""Ratings as a table of subjects by raters, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.krippendorff import Level
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text


def from_long(answers: Responses, names: Sequence[str], by: tuple[str, str]) -> pd.DataFrame:
    """A table of subjects by raters, from one row per rating."""
    if len(names) != 1:
        raise EstimationError(
            Text("长表只有一列评价值。", "with by=, one column holds the ratings."),
            where="ratings",
            remedy=Text("请只给出这一列的名称。", "Name that column alone."),
        )
    subject, rater = by
    rows = answers.variables([subject, rater, names[0]]).dropna()
    twice = rows[rows.duplicated([subject, rater])]
    if len(twice):
        first = twice.iloc[0]
        raise DataError(
            Text(
                f"“{first[rater]}”对“{first[subject]}”评价了不止一次；这样的评价共{len(twice)}个。",
                f"'{first[rater]}' rated '{first[subject]}' more than once; {len(twice)} rating(s) are such.",
            ),
            remedy=Text("请保留一次评价，或先取均值。", "Keep one of them, or take their mean first."),
        )
    wide: pd.DataFrame = rows.pivot(index=subject, columns=rater, values=names[0])
    return wide


def as_numbers(table: pd.DataFrame, level: Level) -> tuple[Array, list[object]]:
    """Ratings as numbers, missing as nan; words become the codes of their categories."""
    if all(pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes):
        x = table.to_numpy(dtype=float, na_value=np.nan)
        if np.isinf(x).any():
            raise DataError(
                Text("评价值中有无穷大。", "some ratings are infinite."),
                remedy=Text("请先改为缺失。", "Set them to missing first."),
            )
        if level == "ratio" and (x < 0).any():
            raise DataError(
                Text("比率层次的评价值不能小于0。", "ratings of a ratio level cannot be below 0."),
                remedy=Text("请用interval。", "Use level='interval'."),
            )
        if level != "nominal":
            return x, []
    elif level != "nominal":
        raise DataError(
            Text("评价值是文字，没有大小次序。", "ratings are words, which have no order."),
            where=", ".join(str(name) for name in table),
            remedy=Text("请把文字改为数字编码，或用nominal。", "Turn them into codes, or use level='nominal'."),
        )
    stacked = pd.concat([table[name].astype(object) for name in table], ignore_index=True)
    codes, categories = pd.factorize(stacked, sort=True)
    x = np.where(codes < 0, np.nan, codes.astype(float)).reshape(table.shape[1], -1).T
    return x, list(categories)
