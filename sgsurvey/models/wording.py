"""What the tables of all models say alike."""

from __future__ import annotations

import pandas as pd

from sgsurvey.errors import DataError
from sgsurvey.models.covariance import Wald
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text, same


def check_level(conf_level: float) -> None:
    """Raise unless ``conf_level`` lies between 0 and 1."""
    if not 0 < conf_level < 1:
        raise DataError(f"conf_level={conf_level} is no share.", remedy="Give one between 0 and 1, such as 0.95.")


def conf_head(conf_level: float) -> Text:
    """Head of a column of confidence intervals."""
    level = f"{100 * conf_level:g}%"
    return Text(f"{level}置信区间", f"{level} CI")


def f_in_prose(test: Wald) -> Text:
    """``F(3, 42.1) = 5.20, p = .003``; a dash where the test cannot be made."""
    if pd.isna(test.p_value):
        return same("–")
    return Text("F({df1}, {df2}) = {f}，{p}", "F({df1}, {df2}) = {f}, {p}").format(
        df1=in_prose(test.df1, "df"),
        df2=in_prose(test.df2, "df"),
        f=in_prose(test.statistic, "statistic"),
        p=in_prose(test.p_value, "p"),
    )
