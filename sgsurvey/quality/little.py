"""Little's test of whether answers are missing completely at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from sgsurvey.answers.responses import Responses
from sgsurvey.numerics.em import Patterns, little_statistic, normal_moments, patterns
from sgsurvey.numerics.linalg import Array
from sgsurvey.quality.missing_patterns import ALL, groups
from sgsurvey.quality.missing_sentences import of_little
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

NUMBERS = ("rating", "integer", "decimal")
COLUMNS = ["role", "n", "n_items", "n_patterns", "statistic", "df", "p_value"]
FEW_ROWS = Text("答卷数不多于题项数", "no more rows than items")
SINGULAR = Text(
    "协方差矩阵奇异：答卷太少，或题项重复", "the covariance is singular: too few rows, or items that repeat one another"
)
NEVER_BOTH = Text("有的题项从未同时作答", "some items are never answered together")
UNSETTLED = Text("估计未收敛", "the estimates did not converge")
READING = Text(
    "Little检验（1988）：p小于0.05表示缺失与作答内容有关，不是完全随机缺失；p大并不证明是随机缺失。未显示的题不计。协方差取极大似然估计。",
    "Little's test (1988): p below .05 says that what is missing goes with the answers, so that it is not missing "
    "completely at random; a large p proves nothing. Questions not shown are left out. Covariance by maximum "
    "likelihood.",
)
INDEPENDENT = Text(
    "检验针对收回的问卷，视各行相互独立，未用抽样设计。",
    "The test is of the questionnaires received, takes rows as independent and does not use the design.",
)


@dataclass(frozen=True)
class LittleTest(Result):
    """Little's test of missing completely at random, each group of respondents on its own items.

    Attributes
    ----------
    frame : DataFrame
        ``role`` (``all`` where there are no groups), ``n`` (rows with any answer), ``n_items, n_patterns, statistic,
        df, p_value``; the test is nan where it cannot be had, and its p where nothing is missing.
    refused : mapping of role to Text
        Why a group could not be tested.
    remarks : tuple of Text
    """

    refused: Mapping[str, Text]
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        page = self.frame.copy()
        page["role"] = page["role"].map(lambda role: HEADS["total"] if role == ALL else self.basis.label(role))
        columns = [
            Column("role", HEADS["role"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("n_items", HEADS["n_items"], "count"),
            Column("n_patterns", Text("缺失模式数", "Patterns"), "count"),
            Column("statistic", HEADS["chi_square"], "statistic"),
            Column("df", HEADS["df"], "count"),
            Column("p_value", HEADS["p_value"], "p"),
        ]
        labels = {role: self.basis.label(role) for role in self.refused}
        notes = [
            Text(f"{labels[role].zh}：未检验（{why.zh}）。", f"{labels[role].en}: not tested ({why.en}).")
            for role, why in self.refused.items()
        ]
        table = Table.from_frame(
            page,
            columns,
            id="little",
            title=Text("完全随机缺失检验", "Test of missing completely at random"),
            notes=(READING, *notes, *self.remarks),
        )
        return table.telling(*of_little(table))


def little(answers: Responses, names: Sequence[str]) -> LittleTest:
    """Test each group on the numeric items of ``names`` that all of it were shown and that vary.

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data with missing values. Journal
    of the American Statistical Association, 83, 1198-1202.
    """
    lines, refused = [], {}
    for role, rows in groups(answers):
        x = _numbers(answers.where(pd.Series(rows)), names)
        found = patterns(x)
        statistic, df, why = _tested(found)
        if why is not None:
            refused[role] = why
        p_value = chi2.sf(statistic, df) if df else np.nan
        lines.append((role, int(found.n.sum()), x.shape[1], len(found.n), statistic, df, p_value))
    remarks = () if answers.design.is_simple else (INDEPENDENT,)
    return LittleTest(pd.DataFrame(lines, columns=COLUMNS), answers.basis(), refused, remarks)


def _numbers(part: Responses, names: Sequence[str]) -> Array:
    """Values of the items that everybody was shown and that vary, shape (n, p)."""
    items = [part.questionnaire.item(name) for name in names]
    chosen = [item.name for item in items if item.type in NUMBERS and bool(part.shown(item.name).all())]
    values = part.items(chosen)
    return values.loc[:, values.nunique() > 1].to_numpy(dtype=float)


def _tested(found: Patterns) -> tuple[float, float, Text | None]:
    """The statistic and its degrees of freedom, or nan and the reason."""
    n, p = found.n.sum(), found.given.shape[1]
    if n <= p:
        return np.nan, np.nan, FEW_ROWS
    if ((found.given * found.n[:, None]).T @ found.given).min() < 2:
        return np.nan, np.nan, NEVER_BOTH
    try:
        moments = normal_moments(found)
    except np.linalg.LinAlgError:
        return np.nan, np.nan, SINGULAR
    eigenvalues = np.linalg.eigvalsh(moments.cov)
    if eigenvalues[0] <= 1e-10 * eigenvalues[-1]:
        return np.nan, np.nan, SINGULAR
    if not moments.converged:
        return np.nan, np.nan, UNSETTLED
    return *little_statistic(found, moments), None
