"""chi_square(): whether two codings go together in the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.answers.words import code_words
from sgsurvey.descriptives.groups import code_positions
from sgsurvey.descriptives.independence_sentences import of_independence
from sgsurvey.errors import EstimationError
from sgsurvey.numerics.estimators import Means, Totals
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.rao_scott import first_order, generalised_effects, pearson, second_order, wald
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

TESTS = {
    "F": Text("Rao–Scott二阶校正F", "Rao–Scott F (second order)"),
    "chi_square": Text("Rao–Scott一阶校正χ²", "Rao–Scott χ² (first order)"),
    "wald": Text("Wald F", "Wald F"),
    "adjusted_wald": Text("校正Wald F", "Adjusted Wald F"),
}
NOTE = Text(
    "依据抽样设计检验独立性；以二阶校正F为准，其余供对照。Cramér V = {v}，平均广义设计效应{deff}。",
    "Independence tested under the design; the second-order F decides, the others are for comparison. Cramér's V = "
    "{v}, mean generalised design effect {deff}.",
)


@dataclass(frozen=True)
class ChiSquare(Result):
    """Tests that two codings are independent in the population.

    Attributes
    ----------
    frame : DataFrame
        A row per test (``F``, ``chi_square``, ``wald``, ``adjusted_wald``): ``test, statistic, df, df2, p_value``.
    shares : DataFrame, shape (r, c)
        Estimated shares of the population.
    pearson : float
        Pearson's statistic before any correction.
    effects : ndarray
        Generalised design effects.
    v : float
        Cramér's V of the estimated shares.
    names : (str, str)
    design_words : tuple of Text
    """

    shares: pd.DataFrame
    pearson: float
    effects: Array
    v: float
    names: tuple[str, str]
    design_words: tuple[Text, ...]

    def _table(self) -> Table:
        frame = self.frame.assign(words=[TESTS[test] for test in self.frame["test"]])
        row, column = (self.basis.label(name) for name in self.names)
        columns = [
            Column("words", HEADS["test"], "text"),
            Column("statistic", HEADS["statistic"], "statistic"),
            Column("df", Text("分子自由度", "df1"), "df"),
            Column("df2", Text("分母自由度", "df2"), "df"),
            Column("p_value", same("p"), "p"),
        ]
        v = f"{self.v:.3f}"
        note = NOTE.format(v=v, deff=f"{self.effects.mean():.2f}")
        title = Text(f"{row.zh}与{column.zh}的独立性检验", f"Independence of {row.en} and {column.en}")
        table = Table.from_frame(frame, columns, id="chi_square", title=title, notes=[note, *self.design_words])
        return table.telling(*of_independence(table, row, column, same(v)))


def chi_square(data: Responses | pd.DataFrame, row: str, column: str) -> ChiSquare:
    """Test whether two codings are independent in the population, by the design of the sample.

    Parameters
    ----------
    data : Responses or DataFrame
    row, column : str
        Coded items or columns with few values; codes for no answer count as missing.

    Returns
    -------
    ChiSquare

    Raises
    ------
    EstimationError
        A coding has fewer than two values, or a cell of the table is empty.

    References
    ----------
    Rao, J. N. K., & Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell proportions
    estimated from survey data. Annals of Statistics, 12, 46-60.
    Thomas, D. R., & Rao, J. N. K. (1987). Small-sample comparisons of level and power for simple goodness-of-fit
    statistics under cluster sampling. Journal of the American Statistical Association, 82, 630-636.

    Examples
    --------
    ``sg.chi_square(answers, "sex", "SAT1")``
    """
    answers = as_columns(data)
    values = answers.variables([row, column])
    both = values.notna().all(axis=1).to_numpy()
    codes, places = zip(*(_found(answers, name, values.loc[both, name]) for name in (row, column)), strict=True)
    if min(map(len, codes)) < 2:
        raise EstimationError(
            Text("有一列只有一种取值。", "one of them has a single value."),
            where=f"{row} × {column}",
            remedy=Text("请换一列，或不做检验。", "Name another column, or leave the test out."),
        )
    cells = np.full((len(both), len(codes[0]) * len(codes[1])), np.nan)
    cells[both] = (places[0] * len(codes[1]) + places[1])[:, None] == np.arange(cells.shape[1])
    if (np.nansum(cells, axis=0) == 0).any():
        raise EstimationError(
            Text("表中有空单元格，检验不成立。", "a cell of the table is empty: the tests do not hold."),
            where=f"{row} × {column}",
            remedy=Text("请合并相近的类别。", "Join similar categories."),
        )
    sample, shape = Sample.of(answers), (len(codes[0]), len(codes[1]))
    shares, of_shares = sample.estimate(Means(sample.whole(cells)), both)
    totals, of_totals = sample.estimate(Totals(sample.whole(cells)), both)
    table, n, df = shares.reshape(shape), int(both.sum()), sample.df(sample.part(both))
    statistic, effects = pearson(table, n), generalised_effects(table, of_shares, n)
    tests = {
        "F": second_order(statistic, effects, df),
        "chi_square": first_order(statistic, effects),
        "wald": wald(totals.reshape(shape), of_totals, df, adjusted=False),
        "adjusted_wald": wald(totals.reshape(shape), of_totals, df, adjusted=True),
    }
    frame = pd.DataFrame([{"test": name, **found._asdict()} for name, found in tests.items()])
    heads = [[code_words(answers, name, code).to(answers.language) for code in own]
             for name, own in zip((row, column), codes, strict=True)]  # fmt: skip
    dropped = {} if both.all() else {"incomplete": int((~both).sum())}
    return ChiSquare(
        frame,
        answers.basis(n, dropped),
        pd.DataFrame(table, index=pd.Index(heads[0], name=row), columns=pd.Index(heads[1], name=column)),
        statistic,
        np.sort(np.linalg.eigvals(effects).real)[::-1],
        float(np.sqrt(statistic / n / (min(shape) - 1))),
        (row, column),
        design_notes(answers.design),
    )


def _found(answers: Responses, name: str, values: pd.Series) -> tuple[list[object], npt.NDArray[np.int64]]:
    """The codes of a column that ``values`` have, in order, and which of them each is."""
    known = answers.codes(name)
    places = code_positions(values, known)
    there = np.unique(places[places >= 0])
    return [known[place] for place in there], np.searchsorted(there, places)
