"""How many factors: parallel analysis of components and of common factors, average partials, and where they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import What
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.measurement import retention_tables
from sgsurvey.measurement.factor_sample import Correlation, CorrelationKind, FactorData, FactorSample, factor_sample
from sgsurvey.measurement.ordered_codes import ordered_codes
from sgsurvey.numerics.null_data import pearson_draws, permuted_rows, polychoric_draws, rows_of_margins
from sgsurvey.numerics.pair_tables import dense_codes
from sgsurvey.numerics.parallel import BASES, Parallel, average_partials, parallel_eigenvalues
from sgsurvey.numerics.wishart import null_correlations
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sgsurvey.figures.style import Axes
    from sgsurvey.numerics.linalg import Array

Simulation = Literal["normal", "permuted", "margins"]

# A percentile of fewer draws means nothing.
FEWEST_DRAWS = 20


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Retention(Result):
    """How many factors or components the items support, by six rules.

    Attributes
    ----------
    frame : DataFrame
        Three rows per number: ``basis`` ("components", "smc", "factors"), ``number, eigenvalue, simulated_mean,
        simulated_high`` (95th percentile), ``retained``.
    components, smc, factors : int
        By parallel analysis of the correlation matrix, of the matrix with squared multiple correlations on its
        diagonal, and of the matrix with the communalities of one minres factor.
    map, map4 : int
        Components at the least average squared partial correlation, and at the least average fourth power.
    kaiser : int
        Eigenvalues above 1.
    rules : DataFrame
        One row per rule: ``rule, number, agrees`` (whether most rules say so).
    partials : DataFrame
        ``number`` of components removed, ``average_partial``, ``average_fourth``.
    correlation : str
        Kind of the correlations.
    simulation : "normal", "permuted" or "margins"
        Where unrelated variables came from.
    iterations, seed : int
    remarks : tuple of Text
    """

    components: int
    smc: int
    factors: int
    map: int
    map4: int
    kaiser: int
    rules: pd.DataFrame
    partials: pd.DataFrame
    correlation: CorrelationKind
    simulation: Simulation
    iterations: int
    seed: int
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        return retention_tables.eigenvalue_table(self)

    def agreement_table(self, *, language: Language | None = None) -> Table:
        """What each rule says, and where they agree."""
        return self.page(retention_tables.agreement_table(self), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Scree plot of components and common factors, with what chance alone gives and the line at 1."""
        from sgsurvey.figures.scree import scree

        language = language or self.basis.language
        frame = self.frame[self.frame["basis"].isin(["components", "factors"])]
        frame = frame.rename(columns={"eigenvalue": "observed"})
        frame["basis"] = [retention_tables.BASES[basis].to(language) for basis in frame["basis"]]
        simulations = (self.iterations, self.seed)
        return scree(frame, n=self.n, simulations=simulations, at_one=True, ax=ax, language=language)


# Draws ------------------------------------------------------------------------------------------------------


def parallel(
    found: FactorSample,
    *,
    iterations: int,
    seed: int,
    simulation: Simulation | None = None,
    bases: Iterable[str] = tuple(BASES),
) -> dict[str, Parallel]:
    """Parallel analysis of a sample's matrix on each of ``bases``, against draws that fit its kind of correlation."""
    rng = np.random.default_rng(seed)
    null = _unrelated(found, simulation or usual_simulation(found), iterations, rng)
    return parallel_eigenvalues(found.corr, null, bases)


def usual_simulation(found: FactorSample) -> Simulation:
    """Normal variables; for polychorics the items' own categories, whose rareness makes correlations vary more."""
    if found.plan.kind != "polychoric":
        return "normal"
    weighted = found.answers is not None and found.answers.weights is not None
    return "permuted" if found.plan.missing == "listwise" and not weighted else "margins"


def _unrelated(
    found: FactorSample, simulation: Simulation, iterations: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Blocks of correlation matrices of unrelated variables that are otherwise like the items."""
    rows = found.rows("retention")
    if simulation == "normal":
        if found.plan.kind == "polychoric":
            raise EstimationError(
                Text(
                    "多分格相关比正态变量的相关波动更大，不能以正态抽样为参照。",
                    "polychoric correlations vary more than those of normal draws, which are no standard for them.",
                ),
                where="simulation",
                remedy=Text("请用permuted或margins。", "Use 'permuted' or 'margins'."),
            )
        return null_correlations(len(found.corr), rows, iterations, rng)
    if found.answers is None:
        raise EstimationError(
            Text("只有矩阵时无法打乱数据。", "there are no rows to shuffle behind a matrix."),
            where="simulation",
            remedy=Text("请给出原始数据，或用normal。", "Give the rows, or use 'normal'."),
        )
    values, weights = found.answers.items(list(found.names)).to_numpy(dtype=float), found.answers.weights
    heavy = np.ones(len(values)) if weights is None else weights
    there = ~np.isnan(values) & (heavy > 0)[:, None]
    if found.plan.missing == "listwise":
        there &= there.all(axis=1, keepdims=True)
    if simulation == "permuted":
        if weights is not None or found.plan.missing != "listwise":
            raise DesignError(
                Text("有权数或成对删除时不能打乱行。", "rows with weights, or with gaps, cannot be shuffled."),
                where="simulation",
                remedy=Text("请用margins。", "Use 'margins', which draws from the weighted margins."),
            )
        complete = there.all(axis=1)
        values, there = values[complete], there[complete]
        source = permuted_rows(*values.shape)
    else:
        source = rows_of_margins(there * heavy[:, None], rows)
    if found.plan.kind == "polychoric":
        dense, categories = dense_codes(ordered_codes(np.where(there, values, np.nan), found.names))
        return polychoric_draws(dense, categories, source, iterations, rng)
    return pearson_draws(values, source, iterations, rng)


# Door -------------------------------------------------------------------------------------------------------


def retention(
    data: FactorData,
    items: What,
    *,
    correlation: CorrelationKind | Correlation = "pearson",
    simulation: Simulation | None = None,
    iterations: int = 1000,
    seed: int,
) -> Retention:
    """Parallel analysis on three bases, minimum average partials and eigenvalues above 1, with where they agree.

    Parameters
    ----------
    data : Responses, DataFrame, Moments or CorrelationMatrix
        Of one role; with weights, chance is that of Kish's effective rows.
    items : str, list of str, or {construct: [columns]}
        Constructs, items or columns.
    correlation : str or Correlation
        Kind of the correlations and what becomes of missing answers, as in ``efa``.
    simulation : "normal", "permuted" or "margins", optional
        Unrelated variables: normal (their correlation matrices drawn without data), the items' own columns each in an
        order of its own, or values drawn from the items' margins.  Normal unless correlations are polychoric; those
        are compared with shuffled columns (with weights or gaps, with draws from the margins).
    iterations : int
        Matrices drawn; a hundred polychoric ones of 25 items take a second or two.
    seed : int
        Decides the draws.

    Raises
    ------
    DesignError, EstimationError
        As ``efa``; draws that do not fit the data.
    """
    if iterations < FEWEST_DRAWS:
        raise EstimationError(
            f"a 95th percentile of {iterations} draws means nothing.", where="iterations", remedy="Ask for 100 or more."
        )
    if simulation is not None and simulation not in get_args(Simulation):
        raise EstimationError(
            Text(f"没有模拟方式“{simulation}”。", f"there is no simulation '{simulation}'."),
            where="simulation",
            remedy=Text("请用normal、permuted或margins。", "Use 'normal', 'permuted' or 'margins'."),
        )
    found = factor_sample(data, items, "retention", correlation)
    source = simulation or usual_simulation(found)
    by_basis = parallel(found, iterations=iterations, seed=seed, simulation=source)
    squared, fourth = average_partials(found.corr), average_partials(found.corr, power=4)
    numbers = {
        **{basis: analysis.retained for basis, analysis in by_basis.items()},
        "map": int(squared.argmin()),
        "map4": int(fourth.argmin()),
        "kaiser": int((by_basis["components"].observed > 1).sum()),
    }
    removed = np.arange(len(squared))
    return Retention(
        pd.concat([_rows(basis, analysis) for basis, analysis in by_basis.items()], ignore_index=True),
        found.basis,
        **numbers,
        rules=agreement(numbers),
        partials=pd.DataFrame({"number": removed, "average_partial": squared, "average_fourth": fourth}),
        correlation=found.plan.kind,
        simulation=source,
        iterations=iterations,
        seed=seed,
        remarks=found.remarks,
    )


def agreement(numbers: dict[str, int]) -> pd.DataFrame:
    """What each rule says, and whether that is what most rules say (all of those tied for most)."""
    frame = pd.DataFrame({"rule": list(numbers), "number": list(numbers.values())})
    votes = frame["number"].map(frame["number"].value_counts())
    return frame.assign(agrees=(votes == votes.max()) & (votes > 1))


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
