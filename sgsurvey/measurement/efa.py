"""Exploratory factor analysis: extraction, rotation, fit and scores of one role's items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement import efa_tables
from sgsurvey.measurement.factor_fit import (
    bartlett_weights,
    factor_fit,
    most_factors,
    regression_weights,
    tenberge_weights,
)
from sgsurvey.measurement.factor_sample import Correlation, CorrelationKind, FactorData, FactorSample, factor_sample
from sgsurvey.measurement.retention import parallel
from sgsurvey.measurement.rotations import Rotation, RotationName, Turned, arranged, rotate
from sgsurvey.measurement.scales import distinct_words
from sgsurvey.numerics.extraction import Extraction, maximum_likelihood, minres, principal_axis
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

Method = Literal["minres", "ml", "paf"]
ScoreMethod = Literal["regression", "bartlett", "tenberge"]

EXTRACTIONS = {"minres": minres, "ml": maximum_likelihood, "paf": principal_axis}
# Draws of parallel analysis: of Pearson correlations, and of polychorics, which cost more.
PARALLEL_DRAWS = (1000, 200)


# Result -----------------------------------------------------------------------------------------------------


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
        ``objective, df, chi_square, p_value, rmsea, rmsea_low, rmsea_high (90 %), tli, bic, rmsr``.
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

    @property
    def factors(self) -> int:
        """Number of factors."""
        return self.loadings.shape[1]

    def scores(self, data: Responses | pd.DataFrame, *, method: ScoreMethod = "regression") -> pd.DataFrame:
        """Factor scores of respondents, standardised by the sample that the factors came from.

        Parameters
        ----------
        data : Responses or DataFrame
            With the items of this solution; a row that lacks one has no scores.
        method : "regression", "bartlett" or "tenberge"
            Thurstone's regression scores, Bartlett's, or ten Berge's, which correlate as the factors do.
        """
        items = list(self.loadings.index)
        frame = data.items(items) if isinstance(data, Responses) else _columns(data, items)
        standard = (frame - self.mean) / self.sd
        weights = self.score_weights(method)
        return pd.DataFrame(standard.to_numpy(dtype=float) @ weights.to_numpy(), frame.index, weights.columns)

    def score_weights(self, method: ScoreMethod = "regression") -> pd.DataFrame:
        """Weights of the standardised items in the factor scores; shape (p, k)."""
        corr, pattern = self.corr.to_numpy(), self.loadings.to_numpy()
        if method == "regression":
            weights = regression_weights(corr, self.structure.to_numpy())
        elif method == "bartlett":
            weights = bartlett_weights(pattern, self.uniqueness.to_numpy())
        elif method == "tenberge":
            weights = tenberge_weights(corr, pattern, self.phi.to_numpy())
        else:
            raise EstimationError(
                f"there are no '{method}' scores.", where="method", remedy="Use regression, bartlett or tenberge."
            )
        return pd.DataFrame(weights, self.loadings.index, self.loadings.columns)

    def _table(self) -> Table:
        return efa_tables.loadings_table(self)

    def loadings_table(self, *, hide_below: float = 0.30, sort: bool = True, language: Language | None = None) -> Table:
        """Loadings, those smaller than ``hide_below`` left blank, with communalities and variance explained."""
        return self.page(efa_tables.loadings_table(self, hide_below=hide_below, sort=sort), language)

    def variance_table(self, *, language: Language | None = None) -> Table:
        """Eigenvalues before, sums of squared loadings after rotation."""
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
        if any(getattr(fitted, name, None) is None for name in ("loadings_", "corr_")):
            raise EstimationError(
                "this is no fitted FactorAnalyzer: it lacks loadings_ or corr_.", remedy="Call its fit() first."
            )
        pattern, corr = np.asarray(fitted.loadings_, dtype=float), np.asarray(fitted.corr_, dtype=float)
        names = [f"V{i}" for i in range(1, len(pattern) + 1)] if items is None else list(items)
        if len(names) != len(pattern):
            raise EstimationError(f"{len(names)} names for {len(pattern)} items.", where="items", remedy="Name each.")
        structure = getattr(fitted, "structure_", None)
        phi = np.eye(pattern.shape[1])
        if structure is not None:
            phi = np.linalg.lstsq(pattern, np.asarray(structure, dtype=float), rcond=None)[0]
        if np.abs(np.diag(phi) - 1).max() > 1e-6 or np.abs(phi - phi.T).max() > 1e-6:
            raise EstimationError(
                "its structure_ is not loadings_ times factor correlations.", remedy="Fit it again, or use sg.efa()."
            )
        loadings, phi = arranged(pattern, phi)
        uniqueness = 1 - np.einsum("ij,jk,ik->i", loadings, phi, loadings)
        unknown = np.full(len(names), np.nan)
        mean, sd = (getattr(fitted, name, None) for name in ("mean_", "std_"))
        size = n or 0
        correction = np.sqrt(n / (n - 1)) if n else 1.0
        return _assembled(
            names,
            corr,
            Turned(loadings, phi, optima=1),
            uniqueness,
            basis=Basis(size, size, language=language),
            n=n,
            moments=(
                unknown if mean is None else np.asarray(mean),
                unknown if sd is None else np.asarray(sd) * correction,
            ),
            rotation=str(fitted.rotation or "none"),
            seed=None,
            how=Text(
                f"factor_analyzer拟合（{fitted.method}，{fitted.rotation}）；因子相关按载荷的顺序重排。",
                f"Fitted by factor_analyzer ({fitted.method}, {fitted.rotation}); factor correlations put in the order "
                "of the loadings.",
            ),
        )


# Door -------------------------------------------------------------------------------------------------------


def efa(
    data: FactorData,
    items: What,
    *,
    factors: int | Literal["parallel"],
    method: Method = "minres",
    rotation: RotationName | Rotation = "oblimin",
    correlation: CorrelationKind | Correlation = "pearson",
    seed: int | None = None,
) -> EFA:
    """Exploratory factor analysis of one role's items.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or CorrelationMatrix
        Of one role; weights enter the correlations, and tests then count Kish's effective rows.
    items : str, list of str, or {construct: [columns]}
        Constructs, items or columns.
    factors : int or "parallel"
        How many; ``"parallel"`` takes what parallel analysis of common factors retains, and needs a ``seed``.
    method : "minres", "ml" or "paf"
        Minimum residuals, maximum likelihood, iterated principal axis.
    rotation : str or Rotation
    correlation : str or Correlation
        Kind of the correlations, and what becomes of missing answers.
    seed : int, optional
        Decides draws of parallel analysis and random starts of the rotation.

    Raises
    ------
    DesignError
        Several roles, constructs that are no scales, or fewer than 30 rows to a correlation.
    EstimationError
        Too many factors, items that determine each other, or no convergence.
    """
    if method not in EXTRACTIONS:
        raise EstimationError(f"there is no method '{method}'.", where="method", remedy="Use minres, ml or paf.")
    plan = rotation if isinstance(rotation, Rotation) else Rotation(rotation)
    if seed is None and (factors == "parallel" or plan.starts > 1):
        raise EstimationError(
            "parallel analysis and random starts draw at random.", where="seed", remedy="Give a seed, as in seed=7."
        )
    found = factor_sample(data, items, "efa", correlation)
    corr = found.corr
    k = _how_many(factors, found, seed)
    extracted = EXTRACTIONS[method](corr, k)
    if not extracted.converged:
        raise EstimationError(
            f"{method} did not converge with {k} factor(s).", remedy="Ask for fewer factors, or use minres."
        )
    turned = rotate(extracted.loadings, plan, seed)
    kept = turned.loadings @ turned.phi @ turned.loadings.T
    if not np.allclose(kept, extracted.loadings @ extracted.loadings.T, atol=1e-8):
        raise EstimationError(
            "the rotated factors do not reproduce what the unrotated ones do.",
            remedy="This is a fault of sgsurvey: please report it.",
        )
    name = plan.name if k > 1 else "none"
    return _assembled(
        list(found.names),
        corr,
        turned,
        extracted.uniqueness,
        basis=found.basis,
        n=found.n,
        moments=(found.mean, found.sd),
        rotation=name,
        seed=seed,
        how=efa_tables.described(method, name, plan),
        remarks=(*found.remarks, *_remarks(extracted, found.names, turned, plan)),
    )


def _how_many(factors: int | str, found: FactorSample, seed: int | None) -> int:
    """The number of factors asked for, or by parallel analysis."""
    corr = found.corr
    most = most_factors(len(corr))
    if factors == "parallel" and seed is not None:
        draws = PARALLEL_DRAWS[found.plan.kind == "polychoric"]
        chosen = parallel(found, iterations=draws, seed=seed, bases=["factors"])["factors"].retained
        if chosen == 0:
            raise EstimationError(
                "parallel analysis finds no common factor beyond chance.", remedy="Report the items one by one."
            )
        return min(chosen, most)
    if not isinstance(factors, int | np.integer) or isinstance(factors, bool) or not 1 <= factors <= most:
        raise EstimationError(
            f"{len(corr)} items allow 1 to {most} factors, not {factors!r}.",
            where="factors",
            remedy="Give a whole number, or 'parallel'.",
        )
    return int(factors)


def _remarks(extracted: Extraction, names: Sequence[str], turned: Turned, plan: Rotation) -> tuple[Text, ...]:
    remarks = []
    if extracted.heywood.any():
        improper = list(np.array(names)[extracted.heywood])
        remarks.append(
            Text(
                f"Heywood情形（特殊度到达下限），该解不适当：{'、'.join(improper)}。",
                f"Heywood case (a uniqueness at its lower bound), the solution is improper: {', '.join(improper)}.",
            )
        )
    if plan.starts > 1 and plan.name != "none" and turned.loadings.shape[1] > 1:
        remarks.append(
            Text(
                f"旋转的{plan.starts}个起点中，不同的局部最优有{turned.optima}个，取其中最优者。",
                f"Distinct optima among {plan.starts} starts of the rotation: {turned.optima}; the best is shown.",
            )
        )
    return tuple(remarks)


def _assembled(
    names: list[str],
    corr: Array,
    turned: Turned,
    uniqueness: Array,
    *,
    basis: Basis,
    n: int | None,
    moments: tuple[Array, Array],
    rotation: str,
    seed: int | None,
    how: Text,
    remarks: tuple[Text, ...] = (),
) -> EFA:
    """Everything that follows from pattern, phi and uniquenesses, in one order."""
    pattern, phi = turned.loadings, turned.phi
    k = pattern.shape[1]
    heads = [f"F{i}" for i in range(1, k + 1)]
    structure = pattern @ phi
    common = pattern @ structure.T
    ss_loadings = np.diag(structure.T @ pattern)
    share = ss_loadings / len(names)
    frame = pd.DataFrame(
        {
            "item": np.repeat(names, k),
            "factor": heads * len(names),
            "loading": pattern.ravel(),
            "structure": structure.ravel(),
            "communality": np.repeat(np.diag(common), k),
        }
    )
    variance = {"ss_loadings": ss_loadings, "share": share, "cumulative": share.cumsum()}
    return EFA(
        frame,
        basis,
        pd.DataFrame(pattern, names, heads),
        pd.DataFrame(phi, heads, heads),
        pd.DataFrame(structure, names, heads),
        pd.Series(np.diag(common), names, name="communality"),
        pd.Series(uniqueness, names, name="uniqueness"),
        pd.DataFrame(variance, index=heads),
        pd.Series(np.linalg.eigvalsh(corr)[::-1], range(1, len(names) + 1), name="eigenvalue"),
        pd.Series(factor_fit(corr, common + np.diag(uniqueness), k, n), name="fit"),
        pd.DataFrame(corr, names, names),
        pd.Series(moments[0], names, name="mean"),
        pd.Series(moments[1], names, name="sd"),
        rotation,
        turned.optima,
        seed,
        how,
        remarks,
    )


def _columns(data: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    missing = [item for item in items if item not in data]
    if missing:
        raise DataError(f"the DataFrame lacks {', '.join(missing)}.", remedy="Give it every item of the solution.")
    return data[items].astype(float)
