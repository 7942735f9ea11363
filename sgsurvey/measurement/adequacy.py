"""Whether correlations are worth factoring: Kaiser-Meyer-Olkin and Bartlett's test of sphericity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.from_frame import What
from sgsurvey.measurement.adequacy_sentences import of_adequacy, of_items
from sgsurvey.measurement.factor_sample import Correlation, CorrelationKind, FactorData, factor_sample
from sgsurvey.measurement.scales import worded
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.conventions import OF_ADEQUACY
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

# Formulas ---------------------------------------------------------------------------------------------------


def kaiser_meyer_olkin(corr: Array) -> tuple[float, Array]:
    """Squared correlations as a share of squared correlations and squared anti-image correlations.

    Kaiser (1970), Psychometrika 35, 401-415; Kaiser and Rice (1974), Educational and Psychological Measurement 34,
    111-117.

    Returns
    -------
    overall : float
    each : ndarray, shape (p,)
    """
    inverse = np.linalg.inv(corr)
    scale = np.sqrt(np.diag(inverse))
    simple, partial = corr**2, (inverse / np.outer(scale, scale)) ** 2
    np.fill_diagonal(simple, 0)
    np.fill_diagonal(partial, 0)
    each = simple.sum(axis=0) / (simple.sum(axis=0) + partial.sum(axis=0))
    return float(simple.sum() / (simple.sum() + partial.sum())), np.asarray(each)


def bartlett_sphericity(corr: Array, n: int) -> tuple[float, int, float]:
    """Chi-square, degrees of freedom and p of the hypothesis that all correlations are 0; Bartlett (1951)."""
    p = len(corr)
    chi_square = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(corr)[1])
    df = p * (p - 1) // 2
    return chi_square, df, float(stats.chi2.sf(chi_square, df))


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adequacy(Result):
    """Sampling adequacy of a set of items.

    Attributes
    ----------
    frame : DataFrame
        One row: ``n_items, n, kmo, chi_square, df, p_value``.
    items : DataFrame
        ``item, msa``.
    remarks : tuple of Text
    """

    items: pd.DataFrame
    remarks: tuple[Text, ...]

    @property
    def kmo(self) -> float:
        """Overall measure of sampling adequacy, 0 to 1."""
        return float(self.frame["kmo"].iloc[0])

    def _table(self) -> Table:
        spanner = HEADS["bartlett"]
        columns = [
            Column("n_items", HEADS["n_items"], "count"),
            Column("n", HEADS["n"], "count"),
            Column("kmo", HEADS["kmo"], "bounded"),
            Column("chi_square", Text("近似卡方", "Approx. χ²"), "statistic", spanner=spanner),
            Column("df", HEADS["df"], "df", spanner=spanner),
            Column("p_value", HEADS["p_value"], "p", spanner=spanner),
        ]
        title = Text("KMO和Bartlett球形检验", "KMO and Bartlett's test")
        table = Table.from_frame(self.frame, columns, id="adequacy", title=title, notes=(PRECONDITION, *self.remarks))
        return table.telling(*of_adequacy(table)).with_thresholds(OF_ADEQUACY)

    def items_table(self, *, language: Language | None = None) -> Table:
        """Adequacy item by item."""
        frame = worded(self.items, item=lambda code: self.basis.coded(code))
        columns = [Column("item", HEADS["item"], "text"), Column("msa", HEADS["msa"], "bounded")]
        title = Text("各题项的取样适切性", "Sampling adequacy of the items")
        table = Table.from_frame(frame, columns, id="adequacy_items", title=title)
        return self.page(table.telling(*of_items(table)).with_thresholds(OF_ADEQUACY), language)


PRECONDITION = Text(
    "KMO的通行叫法：0.9以上极佳，0.8良好，0.7中等，0.6普通，0.5勉强，以下不宜做因子分析；它是因子分析的前提，不是效度的证据。",
    "What KMO is called: .9 marvellous, .8 meritorious, .7 middling, .6 mediocre, .5 miserable, below unacceptable; a "
    "precondition of factor analysis, not evidence of validity.",
)


# Door -------------------------------------------------------------------------------------------------------


def adequacy(data: FactorData, items: What, *, correlation: CorrelationKind | Correlation = "pearson") -> Adequacy:
    """KMO, adequacy of each item, and Bartlett's test.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or CorrelationMatrix
        Of one role; weights enter the correlations, and Bartlett's test then counts Kish's effective rows.
    items : str, list of str, or {construct: [columns]}
        Constructs, items or columns.
    correlation : str or Correlation
        Kind of the correlations and what becomes of missing answers, as in ``efa``.

    Raises
    ------
    DesignError, EstimationError
        As ``efa``.
    """
    found = factor_sample(data, items, "adequacy", correlation)
    kmo, msa = kaiser_meyer_olkin(found.corr)
    if found.n is None:
        chi_square, df, p_value = float("nan"), len(msa) * (len(msa) - 1) // 2, float("nan")
    else:
        chi_square, df, p_value = bartlett_sphericity(found.corr, found.n)
    row = {"n_items": len(msa), "n": found.basis.n, "kmo": kmo, "chi_square": chi_square, "df": df, "p_value": p_value}
    each = pd.DataFrame({"item": list(found.names), "msa": msa})
    return Adequacy(pd.DataFrame([row]), found.basis, each, found.remarks)
