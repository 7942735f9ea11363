"""How many factors: parallel analysis of components and of common factors, and the minimum average partial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.factor_sample import factor_sample
from sgsurvey.numerics.extraction import one_factor_uniqueness
from sgsurvey.numerics.linalg import Array, off_diagonal
from sgsurvey.numerics.wishart import null_correlations
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

PERCENTILE = 0.95

# Formulas ---------------------------------------------------------------------------------------------------


def component_eigenvalues(corr: Array) -> Array:
    """Eigenvalues of each correlation matrix, largest first; shape (B, p, p) -> (B, p)."""
    return np.asarray(np.linalg.eigvalsh(corr)[:, ::-1], dtype=float)


def factor_eigenvalues(corr: Array) -> Array:
    """Eigenvalues of each matrix with the communalities of one minres factor on its diagonal; shape (B, p)."""
    diagonal = one_factor_uniqueness(corr)[:, None, :] * np.eye(corr.shape[1])
    return np.asarray(np.linalg.eigvalsh(corr - diagonal)[:, ::-1], dtype=float)


@dataclass(frozen=True)
class Parallel:
    """Observed eigenvalues and those of independent variables, each of shape (p,), largest first."""

    observed: Array
    mean: Array
    high: Array

    @property
    def retained(self) -> int:
        """How many, from the first on, exceed the 95th percentile."""
        above = self.observed > self.high
        return int(np.argmin(above)) if not above.all() else len(above)


def parallel_analysis(corr: Array, n: int, *, iterations: int, seed: int) -> tuple[Parallel, Parallel]:
    """Eigenvalues of components and of factors against ``iterations`` draws of independent normal variables.

    Horn (1965), Psychometrika 30, 179-185; the 95th percentile after Glorfeld (1995).
    """
    rng = np.random.default_rng(seed)
    drawn: tuple[list[Array], list[Array]] = ([], [])
    for block in null_correlations(len(corr), n, iterations, rng):
        drawn[0].append(component_eigenvalues(block))
        drawn[1].append(factor_eigenvalues(block))
    observed = component_eigenvalues(corr[None])[0], factor_eigenvalues(corr[None])[0]
    components, factors = (
        Parallel(own, np.concatenate(values).mean(axis=0), np.quantile(np.concatenate(values), PERCENTILE, axis=0))
        for own, values in zip(observed, drawn, strict=True)
    )
    return components, factors


def minimum_average_partial(corr: Array) -> Array:
    """Mean squared partial correlation after 0, 1 … p - 2 components are removed; shape (p - 1,).

    Velicer (1976), Psychometrika 41, 321-327.
    """
    values, vectors = np.linalg.eigh(corr)
    loadings = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    averages = []
    for m in range(len(corr) - 1):
        residual = corr - loadings[:, :m] @ loadings[:, :m].T
        scale = np.sqrt(np.diag(residual))
        averages.append((off_diagonal(residual / np.outer(scale, scale)) ** 2).mean())
    return np.array(averages)


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Retention(Result):
    """How many factors or components the items support, by three rules.

    Attributes
    ----------
    frame : DataFrame
        Two rows per number: ``basis`` ("components", "factors"), ``number, eigenvalue, simulated_mean,
        simulated_high`` (95th percentile), ``retained``.
    components, factors : int
        By parallel analysis of the correlation matrix, and of the matrix with the communalities of one minres factor.
    map : int
        Components at the minimum average partial.
    partials : DataFrame
        ``number`` of components removed, ``average_partial``.
    iterations, seed : int
    remarks : tuple of Text
    """

    components: int
    factors: int
    map: int
    partials: pd.DataFrame
    iterations: int
    seed: int
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        p = len(self.frame) // 2
        components, factors = (self.frame[self.frame["basis"] == basis] for basis in ("components", "factors"))
        eigenvalues = components["eigenvalue"].to_numpy()
        frame = pd.DataFrame(
            {
                "number": components["number"],
                "eigenvalue": eigenvalues,
                "share": eigenvalues / p,
                "cumulative": eigenvalues.cumsum() / p,
                "high": components["simulated_high"],
                "retained": components["retained"],
                "factor_eigenvalue": factors["eigenvalue"].to_numpy(),
                "factor_high": factors["simulated_high"].to_numpy(),
                "factor_retained": factors["retained"].to_numpy(),
                "map": self.partials["average_partial"].reindex(range(1, p + 1)).to_numpy(),
            }
        )
        whole, common = BASES["components"], BASES["factors"]
        columns = [
            Column("number", Text("序号", "Number"), "count"),
            Column("eigenvalue", HEADS["eigenvalue"], "estimate", 3, spanner=whole),
            Column("share", HEADS["variance_explained"], "percent", 2, spanner=whole),
            Column("cumulative", HEADS["cumulative_variance"], "percent", 2, spanner=whole),
            Column("high", PERCENTILE_HEAD, "estimate", 3, spanner=whole),
            Column("retained", HEADS["retain"], "text", spanner=whole),
            Column("factor_eigenvalue", HEADS["eigenvalue"], "estimate", 3, spanner=common),
            Column("factor_high", PERCENTILE_HEAD, "estimate", 3, spanner=common),
            Column("factor_retained", HEADS["retain"], "text", spanner=common),
            Column("map", Text("MAP", "MAP"), "bounded", 4),
        ]
        title = Text("因子数的确定：特征根与平行分析", "Number of factors: eigenvalues and parallel analysis")
        return Table.from_frame(frame, columns, id="retention", title=title, notes=self._notes())

    def _notes(self) -> tuple[Text, ...]:
        return (
            Text(
                f"平行分析（{self.iterations}次模拟，种子{self.seed}，第95百分位）：主成分{self.components}个；"
                f"公因子（对角线为单因子minres共同度）{self.factors}个。MAP（序号个主成分剔除后）最小值在{self.map}个。",
                f"Parallel analysis ({self.iterations} draws, seed {self.seed}, 95th percentile): {self.components} "
                f"component(s); {self.factors} common factor(s), with communalities of one minres factor on the "
                f"diagonal. MAP, after so many components are removed, is least at {self.map}.",
            ),
            *self.remarks,
        )

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Scree plot with what chance alone gives."""
        from sgsurvey.figures.scree import scree

        language = language or self.basis.language
        frame = self.frame.rename(columns={"eigenvalue": "observed"})
        frame["basis"] = [BASES[basis].to(language) for basis in frame["basis"]]
        return scree(frame, n=self.n, ax=ax, language=language)


BASES = {"components": Text("主成分", "Components"), "factors": Text("公因子", "Common factors")}
PERCENTILE_HEAD = Text("平行分析第95百分位", "Parallel 95th pct.")


# Door -------------------------------------------------------------------------------------------------------


def retention(data: Responses | pd.DataFrame, items: What, *, iterations: int = 1000, seed: int) -> Retention:
    """Parallel analysis and minimum average partial, from the rows complete on all items.

    Parameters
    ----------
    data : Responses or DataFrame
        Of one role; with weights, chance is that of Kish's effective rows.
    items : str, list of str, or {construct: [columns]}
        Constructs, items or columns.
    iterations : int
        Matrices drawn.
    seed : int
        Decides the draws.

    Raises
    ------
    DesignError, EstimationError
        As ``efa``.
    """
    if iterations < 20:
        raise EstimationError(
            f"a 95th percentile of {iterations} draws means nothing.", where="iterations", remedy="Ask for 100 or more."
        )
    found = factor_sample(data, items, "retention")
    components, factors = parallel_analysis(found.corr, found.rows("retention"), iterations=iterations, seed=seed)
    partials = minimum_average_partial(found.corr)
    return Retention(
        pd.concat([_rows("components", components), _rows("factors", factors)], ignore_index=True),
        found.basis,
        components.retained,
        factors.retained,
        int(partials.argmin()),
        pd.DataFrame({"number": np.arange(len(partials)), "average_partial": partials}),
        iterations,
        seed,
        found.remarks,
    )


def _rows(basis: str, found: Parallel) -> pd.DataFrame:
    number = np.arange(1, len(found.observed) + 1)
    return pd.DataFrame(
        {
            "basis": basis,
            "number": number,
            "eigenvalue": found.observed,
            "simulated_mean": found.mean,
            "simulated_high": found.high,
            "retained": number <= found.retained,
        }
    )
