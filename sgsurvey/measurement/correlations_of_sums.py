"""Correlations from sums alone: Pearson's from Moments, polychoric ones from Counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.moments import Counts, Moments
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.measurement.design_based import Pairs
from sgsurvey.measurement.latent_correlations import Found, kind_of, latent_pairs, threshold_frame
from sgsurvey.measurement.ordered_codes import at_bound_remark
from sgsurvey.numerics.intervals import fisher_z, spearman_z
from sgsurvey.numerics.linalg import Array, correlation
from sgsurvey.numerics.pair_tables import PairTables
from sgsurvey.numerics.polychoric import fit_tables
from sgsurvey.numerics.polychoric_influence import cell_influence
from sgsurvey.tables.result import Basis
from sgsurvey.text import Text

NO_ERRORS = Text(
    "汇总量是加权的，不含权数平方和，无法得知标准误；请由原始数据计算。",
    "The sums are weighted and do not hold the squares of the weights: no errors; compute from the rows.",
)


class Sums(NamedTuple):
    """What sums give: correlations, one row per variable, and the rows behind them."""

    names: list[str]
    found: Found
    summary: pd.DataFrame
    basis: Basis


def correlation_test(r: Array, n: Array) -> tuple[Array, Array, Array]:
    """The statistic t with ``n - 2`` degrees of freedom and its two-sided p for the hypothesis of no correlation."""
    df = n - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        t = r * np.sqrt(np.where(df > 0, df, np.nan) / (1 - r**2))
    return t, df, 2 * stats.t.sf(np.abs(t), df)


def product_moments(r: Array, n: Array, method: str, conf_level: float) -> Found:
    """Pearson's or Spearman's correlations with what follows from ``r`` and ``n``, both of shape (p, p)."""
    at = np.triu_indices(len(r), 1)
    t, df, p = correlation_test(r[at], n[at])
    low, high = (fisher_z if method == "pearson" else spearman_z)(r[at], n[at], conf_level)
    wider = 1.0 if method == "pearson" else np.sqrt(1 + r[at] ** 2 / 2)
    error = wider * (1 - r[at] ** 2) / np.sqrt(np.where(n[at] > 3, n[at] - 3, np.nan))
    pairs = Pairs(r[at], low, high, t, df, p, n[at], error)
    nowhere = np.zeros(len(at[0]), dtype=bool)
    return Found(pairs, r, [method] * len(at[0]), nowhere, threshold_frame([], [], np.array([]), np.array([])), ())


def from_moments(data: Moments, names: list[str], method: str, conf_level: float) -> Sums:
    """Pearson correlations of variables whose sums are at hand.

    Sums by cluster give the jackknife's error over clusters; of independent rows without weights, Fisher's.
    """
    if method != "pearson":
        raise EstimationError(
            Text(f"只有Moments时无法计算{method}。", f"Moments cannot give {method} correlations."),
            where="method",
            remedy=Text("请给出原始数据，或Counts。", "Give the rows, or Counts for polychoric ones."),
        )
    _known(names, data.names)
    at = [data.names.index(name) for name in names]
    cov = data.cov[np.ix_(at, at)]
    r = _of_covariance(cov)
    n = np.full(r.shape, float(data.n))
    if len(data.clusters) > 1:
        groups = len(data.clusters)
        drawn = data.replicate(1.0 - np.eye(groups))[2][:, at][:, :, at]
        lower = np.tril_indices(len(at), -1)
        replicates = np.stack([_of_covariance(one)[lower] for one in drawn])
        spread = np.sqrt((groups - 1) / groups * ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0))
        pairs, remarks = latent_pairs(r, spread, groups - 1, n, conf_level), (JACKKNIFE,)
        found = replace(product_moments(r, n, method, conf_level), pairs=pairs, remarks=remarks)
    elif np.allclose(data.weight, data.rows):
        found = product_moments(r, n, method, conf_level)
    else:
        nothing = np.full(len(at) * (len(at) - 1) // 2, np.nan)
        pairs = latent_pairs(r, nothing, np.nan, n, conf_level)
        found = replace(product_moments(r, n, method, conf_level), pairs=pairs, remarks=(NO_ERRORS,))
    dropped = {"incomplete": data.rows_in - data.n} if data.rows_in > data.n else {}
    spread = np.sqrt(np.maximum(np.diag(cov), 0.0))
    summary = pd.DataFrame({"variable": names, "n": data.n, "mean": data.mean[at], "sd": spread, "alpha": np.nan})
    return Sums(names, found, summary, Basis(data.rows_in, data.n, dropped))


def from_counts(data: Sequence[Counts], names: list[str], method: str, conf_level: float) -> Sums:
    """Polychoric correlations of every two of ``names`` from their contingency tables.

    Thresholds of a pair are those of its own table, the only margin that is at hand.  Tables by cluster give errors
    between clusters; counts that are whole numbers, those of independent rows.
    """
    if method != "polychoric":
        raise EstimationError(
            Text(f"Counts用于多分格相关，不用于{method}。", f"Counts are for polychoric, not {method}, correlations."),
            where="method",
            remedy=Text("请用method='polychoric'。", "Use method='polychoric'."),
        )
    _known(names, [name for one in data for name in (one.row, one.column)])
    tables = {frozenset((one.row, one.column)): _OneTable.of(one) for one in data}
    p = len(names)
    lower, upper = np.tril_indices(p, -1), np.triu_indices(p, 1)
    found = [_between(tables, names[i], names[j]) for i, j in zip(*(k.tolist() for k in lower), strict=True)]
    corr, n, bound = np.eye(p), np.zeros((p, p)), np.zeros((p, p), dtype=bool)
    for at, (i, j) in enumerate(zip(*lower, strict=True)):
        corr[i, j] = corr[j, i] = found[at].rho
        n[i, j] = n[j, i] = found[at].n
        bound[i, j] = bound[j, i] = found[at].at_bound
    order = upper[1] * (upper[1] - 1) // 2 + upper[0]
    errors, df = np.array([one.std_error for one in found]), np.array([one.df for one in found])
    fullest = {name: max((one for one in found if name in one.cuts), key=lambda one: one.n) for name in names}
    remarks = dict.fromkeys(one.remark for one in found if one.remark is not None)
    return Sums(
        names,
        Found(
            latent_pairs(corr, errors, df[order], n, conf_level),
            corr,
            [found[at].kind for at in order.tolist()],
            bound[upper],
            pd.concat([fullest[name].cuts[name] for name in names], ignore_index=True),
            (OWN_TABLE, *remarks, *at_bound_remark(names, bound)),
        ),
        pd.DataFrame([fullest[name].margin(name) for name in names]),
        _basis(max(one.rows_in for one in data), float(n.max())),
    )


@dataclass(frozen=True)
class _OneTable:
    """What one contingency table gives; ``cuts`` and ``codes`` by variable."""

    rho: float
    std_error: float
    df: float
    n: float
    at_bound: bool
    kind: str
    cuts: dict[str, pd.DataFrame]
    shares: dict[str, tuple[Array, Array]]
    remark: Text | None

    @classmethod
    def of(cls, counts: Counts) -> _OneTable:
        table = counts.combine()
        rows, columns = np.flatnonzero(table.sum(axis=1) > 0), np.flatnonzero(table.sum(axis=0) > 0)
        m = max(len(rows), len(columns))
        padded = np.zeros((1, m + 1, m + 1))
        padded[0, : len(rows), : len(columns)] = table[np.ix_(rows, columns)]
        margins = np.stack([padded[0].sum(axis=0)[:m], padded[0].sum(axis=1)[:m]])
        total = float(table.sum())
        # The second variable of the only pair stands in the columns.
        pair = PairTables(padded, padded, margins, (columns, rows), np.full((2, 2), total))
        fitted = fit_tables(pair)
        influence = cell_influence(pair, fitted)[1][0, : len(rows), : len(columns)]
        error, df, remark = _error(counts.table[:, rows][:, :, columns], influence)
        codes = {
            counts.column: np.array([counts.column_codes[c] for c in columns], dtype=float),
            counts.row: np.array([counts.row_codes[c] for c in rows], dtype=float),
        }
        cuts = {
            name: threshold_frame([name], [kept], fitted.thresholds[k], np.full(max(len(kept) - 1, 0), np.nan))
            for k, (name, kept) in enumerate(codes.items())
        }
        shares = {name: (kept, margins[k, : len(kept)]) for k, (name, kept) in enumerate(codes.items())}
        kind = kind_of(len(columns), len(rows))
        return cls(float(fitted.corr[0, 1]), error, df, total, bool(fitted.at_bound[0, 1]), kind, cuts, shares, remark)

    def margin(self, name: str) -> dict[str, object]:
        """One line about a variable: its codes as numbers."""
        codes, counts = self.shares[name]
        mean = codes @ counts / self.n
        variance = (codes - mean) ** 2 @ counts / (self.n - 1) if self.n > 1 else np.nan
        return {"variable": name, "n": int(self.n), "mean": mean, "sd": np.sqrt(variance), "alpha": np.nan}


def _basis(rows_in: int, most: float) -> Basis:
    """Rows offered and used by the fullest pair; of weighted counts, which are no rows, those offered."""
    if most != round(most) or most > rows_in:
        return Basis(rows_in, rows_in)
    lost = rows_in - int(most)
    return Basis(rows_in, int(most), {"incomplete": lost} if lost else {})


def _error(table: Array, influence: Array) -> tuple[float, float, Text | None]:
    """Standard error, degrees of freedom and what must be said of them; ``table`` has shape (G, r, c)."""
    groups = len(table)
    if groups > 1:
        totals = np.tensordot(table, influence, axes=2)
        return float(np.sqrt(groups / (groups - 1) * ((totals - totals.mean()) ** 2).sum())), groups - 1.0, BETWEEN
    if (table == np.round(table)).all():
        return float(np.sqrt((table[0] * influence**2).sum())), np.inf, None
    return np.nan, np.nan, NO_ERRORS


def _between(tables: dict[frozenset[str], _OneTable], one: str, other: str) -> _OneTable:
    found = tables.get(frozenset((one, other)))
    if found is None:
        raise DataError(
            Text(f"缺少{one}与{other}的交叉表。", f"there is no table of {one} by {other}."),
            remedy=Text("请给出每两个变量的Counts。", "Give the Counts of every two variables."),
        )
    return found


def _known(names: list[str], known: Sequence[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise DataError(
            Text(
                f"汇总量中没有{'、'.join(unknown)}。",
                f"the sums lack {', '.join(unknown)}.{did_you_mean(unknown[0], list(dict.fromkeys(known)))}",
            ),
            remedy=Text("请给出其中的变量。", "Name some of their variables."),
        )
    if len(names) < 2:
        raise EstimationError("correlations needs at least two different variables.", remedy="Name more variables.")


def _of_covariance(cov: Array) -> Array:
    """Correlations, nan with a variable that does not vary."""
    varied = np.diag(cov) > 1e-12
    both = np.outer(varied, varied)
    return np.where(both, correlation(np.where(both, cov, np.eye(len(cov)))), np.nan)


BETWEEN = Text("标准误由各群之间的差异得出。", "Errors from the differences between clusters.")
OWN_TABLE = Text(
    "两步法：每对变量的阈值取自其自身的交叉表。", "Two steps: thresholds of each pair are those of its own table."
)
JACKKNIFE = Text("标准误由逐群刀切法得出。", "Errors by the jackknife over clusters.")
