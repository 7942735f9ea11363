"""A factor solution: what follows from pattern, factor correlations and uniquenesses, and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement import efa_tables
from sgsurvey.measurement.extractions import Extraction
from sgsurvey.measurement.factor_fit import factor_fit
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.factor_scores import SCORES
from sgsurvey.measurement.rotations import Rotation, Turned
from sgsurvey.measurement.scales import distinct_words
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes
    from sgsurvey.measurement.hierarchical_factors import HierarchicalFactors
    from sgsurvey.measurement.loading_errors import LoadingErrors

ScoreMethod = Literal["regression", "bartlett", "tenberge", "anderson"]
ErrorMethod = Literal["sandwich", "normal", "bootstrap"]


@dataclass(frozen=True)
class EFA(Result):
    """A factor solution.

    Attributes
    ----------
    frame : DataFrame
        One row per item and factor: ``item, factor, loading, structure, communality``.
    loadings, structure : DataFrame, shape (p, k)
        Pattern, and correlations of items with factors (``loadings @ phi``).
    phi : DataFrame, shape (k, k)
        Correlations of the factors.
    communality, uniqueness : Series, length p
        ``diag(L Phi L')``, and the unique variances that the extraction found.
    variance : DataFrame
        Per factor ``ss_loadings`` (``diag(Phi L'L)``), its ``share`` of the total and the ``cumulative`` share.
    eigenvalues : Series, length p
        Of the correlation matrix.
    fit : Series
        ``objective, df, chi_square, p_value, rmsea, rmsea_low, rmsea_high (90 %), tli, cfi, bic, rmsr, crmsr``.
    corr : DataFrame, shape (p, p)
    mean, sd : Series, length p
        Of the items, for scores.
    rotation : str
        Its name, "none" for one factor.
    optima : int
        Different ends that the starts of the rotation found.
    seed : int or None
    how : Text
        Extraction and rotation in words, with their conventions.
    remarks : tuple of Text
    heywood : tuple of str
        Items whose uniqueness stopped at its lower bound: the solution is improper.
    extraction : Extraction or None
    plan : Rotation or None
        None where another program rotated in a way that is not known here.
    sample : FactorSample
        The correlations and the rows they stand on.
    """

    loadings: pd.DataFrame
    phi: pd.DataFrame
    structure: pd.DataFrame
    communality: pd.Series
    uniqueness: pd.Series
    variance: pd.DataFrame
    eigenvalues: pd.Series
    fit: pd.Series
    corr: pd.DataFrame
    mean: pd.Series
    sd: pd.Series
    rotation: str
    optima: int
    seed: int | None
    how: Text
    remarks: tuple[Text, ...]
    heywood: tuple[str, ...]
    extraction: Extraction | None
    plan: Rotation | None
    sample: FactorSample = field(repr=False)

    @property
    def factors(self) -> int:
        """Number of factors."""
        return self.loadings.shape[1]

    @property
    def components(self) -> bool:
        """Whether these are principal components and no common factors."""
        return self.extraction is not None and self.extraction.method == "components"

    def scores(self, data: Responses | pd.DataFrame, *, method: ScoreMethod = "regression") -> pd.DataFrame:
        """Factor scores of respondents, standardised by the sample that the factors came from.

        Parameters
        ----------
        data : Responses or DataFrame
            With the items of this solution; a row that lacks one has no scores.
        method : "regression", "bartlett", "tenberge" or "anderson"
            Thurstone's regression scores; Bartlett's; ten Berge's, which correlate as the factors do; or Anderson and
            Rubin's, which do not correlate.
        """
        items = list(self.loadings.index)
        frame = data.items(items) if isinstance(data, Responses) else _columns(data, items)
        if self.mean.isna().any() or self.sd.isna().any():
            raise EstimationError(
                Text("没有题项的均值和标准差，无法计分。", "the items' means and deviations are unknown."),
                where="scores",
                remedy=Text("请由原始数据做因子分析。", "Find the factors from the rows."),
            )
        standard = (frame - self.mean) / self.sd
        weights = self.score_weights(method)
        return pd.DataFrame(standard.to_numpy(dtype=float) @ weights.to_numpy(), frame.index, weights.columns)

    def score_weights(self, method: ScoreMethod = "regression") -> pd.DataFrame:
        """Weights of the standardised items in the factor scores; shape (p, k)."""
        if method not in SCORES:
            raise EstimationError(
                f"there are no '{method}' scores.", where="method", remedy=f"Use {', '.join(SCORES)}."
            )
        if self.components and method != "regression":
            raise EstimationError(
                Text("主成分的得分只有一种。", "components have scores of one kind."),
                where="method",
                remedy=Text("请用regression。", "Use regression, which gives them exactly."),
            )
        pattern, phi = self.loadings.to_numpy(), self.phi.to_numpy()
        weights = SCORES[method](self.corr.to_numpy(), pattern, phi, self.uniqueness.to_numpy())
        return pd.DataFrame(weights, self.loadings.index, self.loadings.columns)

    def standard_errors(
        self,
        *,
        method: ErrorMethod | None = None,
        conf_level: float = 0.95,
        draws: int = 1000,
        seed: int | None = None,
    ) -> LoadingErrors:
        """Standard errors and intervals of the rotated loadings and the factor correlations.

        Parameters
        ----------
        method : "sandwich", "normal" or "bootstrap", optional
            From the rows without a distribution, and under their design; by normal theory, which needs n alone; or from
            rows drawn again, each solution turned to this one.  The sandwich unless told, or where there are no rows
            normal theory.
        conf_level : float
        draws : int
            Of the bootstrap.
        seed : int, optional
            Decides the draws of the bootstrap.

        Raises
        ------
        EstimationError
            A Heywood case, components other than by the bootstrap, or a rotation that is not known here.
        """
        from sgsurvey.measurement.loading_errors import loading_errors

        chosen = method or ("sandwich" if self.sample.answers is not None else "normal")
        return loading_errors(self, chosen, conf_level=conf_level, draws=draws, seed=seed)

    def schmid_leiman(self) -> HierarchicalFactors:
        """One general factor behind the factors of this oblique solution, and what is left of each."""
        from sgsurvey.measurement.hierarchical_factors import hierarchical_factors

        return hierarchical_factors(self)

    def _table(self) -> Table:
        return efa_tables.loadings_table(self)

    def loadings_table(self, *, hide_below: float = 0.30, sort: bool = True, language: Language | None = None) -> Table:
        """Loadings, those smaller than ``hide_below`` left blank, with communalities and variance explained."""
        return self.page(efa_tables.loadings_table(self, hide_below=hide_below, sort=sort), language)

    def pattern_table(self, *, language: Language | None = None) -> Table:
        """Pattern and structure beside each other, factor correlations under them."""
        return self.page(efa_tables.pattern_table(self), language)

    def variance_table(self, *, language: Language | None = None) -> Table:
        """Eigenvalues before, sums of squared loadings after rotation; beside them what chance gives, with a seed."""
        return self.page(efa_tables.variance_table(self), language)

    def structure_table(self, *, language: Language | None = None) -> Table:
        """Correlations of items with factors."""
        return self.page(efa_tables.structure_table(self), language)

    def phi_table(self, *, language: Language | None = None) -> Table:
        """Correlations of the factors."""
        return self.page(efa_tables.phi_table(self), language)

    def fit_table(self, *, language: Language | None = None) -> Table:
        """Fit of the solution."""
        return self.page(efa_tables.fit_table(self), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Heatmap of the loadings."""
        from sgsurvey.figures.heatmap import loading_heatmap

        language = language or self.basis.language
        items = [str(item) for item in self.loadings.index]
        words = dict(zip(items, distinct_words(self.basis, items, language), strict=True))
        heads = {name: efa_tables.factor_words(name).to(language) for name in self.loadings.columns}
        frame = self.frame.assign(item=self.frame["item"].map(words), factor=self.frame["factor"].map(heads))
        return loading_heatmap(frame, n=self.n or None, ax=ax, language=language)

    @classmethod
    def from_factor_analyzer(
        cls, fitted: Any, *, items: Sequence[str] | None = None, n: int | None = None, language: Language = "en"
    ) -> EFA:
        """A fitted ``factor_analyzer.FactorAnalyzer`` with its factor correlations in the order of its loadings.

        Version 0.5.1 sorts loadings and structure after rotation but leaves ``phi_`` behind, and computes
        communalities without it.  Pattern and structure determine the right one: ``structure = pattern @ phi``.

        Parameters
        ----------
        fitted : FactorAnalyzer
            Known by its ``loadings_``, ``structure_`` and ``corr_``; nothing is imported.
        items : sequence of str, optional
            Names of the columns it was fitted to.
        n : int, optional
            Rows it was fitted to, which it does not keep; without them the fit has no tests.
        """
        from sgsurvey.measurement.from_factor_analyzer import from_factor_analyzer

        return from_factor_analyzer(fitted, items=items, n=n, language=language)


def assembled(
    sample: FactorSample,
    turned: Turned,
    uniqueness: Array,
    *,
    extraction: Extraction | None,
    plan: Rotation | None,
    rotation: str,
    seed: int | None,
    how: Text,
    remarks: tuple[Text, ...] = (),
    heywood: tuple[str, ...] = (),
) -> EFA:
    """Everything that follows from pattern, phi and uniquenesses, in one order."""
    pattern, phi, names, corr = turned.loadings, turned.phi, list(sample.names), sample.corr
    k = pattern.shape[1]
    items, heads = pd.Index(names), pd.Index([f"F{i}" for i in range(1, k + 1)])
    structure = pattern @ phi
    common = pattern @ structure.T
    ss_loadings = np.diag(structure.T @ pattern)
    share = ss_loadings / len(names)
    frame = pd.DataFrame(
        {
            "item": np.repeat(names, k),
            "factor": np.tile(heads.to_numpy(), len(names)),
            "loading": pattern.ravel(),
            "structure": structure.ravel(),
            "communality": np.repeat(np.diag(common), k),
        }
    )
    variance = {"ss_loadings": ss_loadings, "share": share, "cumulative": share.cumsum()}
    components = extraction is not None and extraction.method == "components"
    fit = factor_fit(corr, common + np.diag(uniqueness), k, sample.n, components=components)
    return EFA(
        frame,
        sample.basis,
        pd.DataFrame(pattern, items, heads),
        pd.DataFrame(phi, heads, heads),
        pd.DataFrame(structure, items, heads),
        pd.Series(np.diag(common), items, name="communality"),
        pd.Series(uniqueness, items, name="uniqueness"),
        pd.DataFrame(variance, index=heads),
        pd.Series(np.linalg.eigvalsh(corr)[::-1], range(1, len(names) + 1), name="eigenvalue"),
        pd.Series(fit, name="fit"),
        pd.DataFrame(corr, items, items),
        pd.Series(sample.mean, items, name="mean"),
        pd.Series(sample.sd, items, name="sd"),
        rotation,
        turned.optima,
        seed,
        how,
        remarks,
        heywood,
        extraction,
        plan,
        sample,
    )


def _columns(data: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    missing = [item for item in items if item not in data]
    if missing:
        raise DataError(f"the DataFrame lacks {', '.join(missing)}.", remedy="Give it every item of the solution.")
    return data[items].astype(float)
