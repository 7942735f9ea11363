"""Covariance of regression coefficients: the matrix, its degrees of freedom and its name, inseparable.

Pure functions of arrays.  ``X`` has full column rank; ``residuals`` are those of the (weighted) least squares fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.errors import EstimationError
from sgsurvey.text import Text

Array = npt.NDArray[np.float64]
RowKind = Literal["classical", "HC0", "HC1", "HC2", "HC3"]
ClusterKind = Literal["CR0", "CR1", "CR2", "CR3"]
VcovKind = RowKind | ClusterKind | Literal["design"]
ROW_KINDS: tuple[str, ...] = get_args(RowKind)
CLUSTER_KINDS: tuple[str, ...] = get_args(ClusterKind)

# Below this many clusters, inference between them is not defensible by any formula: a result says so.
FEWEST_CLUSTERS = 6
# Eigenvalues of I - H_gg below this are zero: the cluster is fitted exactly, and its pseudo-inverse is taken.
SINGULAR = 1e-10


@dataclass(frozen=True, slots=True)
class Wald:
    """A joint test: an F statistic with its degrees of freedom; nan where the covariance has too little rank."""

    statistic: float
    df1: float
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """How the clusters' shares in a CR2 covariance vary together when errors are independent with equal variance.

    The share of cluster j in the covariance of contrasts s and t is ``(g_sj'y)(g_tj'y)``; everything that degrees of
    freedom need are the inner products ``g_sj'g_tk = own_st,j [j = k] + L_sj S L_tk'`` (Pustejovsky and Tipton 2018),
    kept in low rank so that many clusters cost no G x G matrix.

    Attributes
    ----------
    inverse : ndarray, shape (p, p)
        Takes coefficients of the orthonormal basis to those of ``X``.
    own : ndarray, shape (G, p, p)
    sides : ndarray, shape (G, 2p, p)
    middle : ndarray, shape (2p, 2p)
    """

    inverse: Array
    own: Array
    sides: Array
    middle: Array

    def expected(self, contrasts: Array) -> Array:
        """Expected covariance of ``contrasts``, shape (q, p), up to the error variance: shape (q, q)."""
        c = contrasts @ self.inverse
        sides = self.sides @ c.T
        both = np.einsum("gks,kl,glt->st", sides, self.middle, sides)
        return cast(Array, np.einsum("sk,gkl,tl->st", c, self.own, c) + both)

    def wishart_df(self, contrasts: Array) -> float:
        """Degrees of freedom of the Wishart distribution nearest to the covariance of ``contrasts``.

        For one contrast this is Satterthwaite's ``(tr P)^2 / tr(P^2)`` (Bell and McCaffrey 2002); for several it
        matches the total variance of the standardised entries (Pustejovsky and Tipton 2018, "HTZ").
        """
        expected = self.expected(contrasts)
        root = np.linalg.cholesky(expected)
        c = np.linalg.solve(root, contrasts @ self.inverse)
        own = np.einsum("sk,gkl,tl->stg", c, self.own, c)
        sides = np.moveaxis(self.sides @ c.T, 2, 0)
        diagonal = np.einsum("sgk,kl,tgl->stg", sides, self.middle, sides)
        gram = np.einsum("sgk,tgl->stkl", sides, sides)
        q = len(c)
        variance = 0.0
        for s in range(q):
            for t in range(q):
                variance += self._overlap(s, s, t, t, own, diagonal, gram) + self._overlap(
                    s, t, t, s, own, diagonal, gram
                )
        return float(q * (q + 1) / variance)

    def satterthwaite(self, contrast: Array) -> float:
        """Wishart df of one contrast, shape (p,); nan where no cluster contributes to its variance."""
        row = contrast[None, :]
        if not self.expected(row)[0, 0] > SINGULAR * float(np.sum((row @ self.inverse) ** 2)):
            return np.nan
        return self.wishart_df(row)

    def _overlap(self, s: int, t: int, u: int, v: int, own: Array, diagonal: Array, gram: Array) -> float:
        """Sum over clusters j, k of ``(g_sj'g_tk)(g_uj'g_vk)``."""
        apart = np.trace(self.middle @ gram[s, u] @ self.middle @ gram[v, t])
        return float(own[s, t] @ own[u, v] + own[s, t] @ diagonal[u, v] + own[u, v] @ diagonal[s, t] + apart)


@dataclass(frozen=True, slots=True)
class Covariance:
    """Covariance of coefficients with the degrees of freedom and the name that belong to it.

    Attributes
    ----------
    matrix : ndarray, shape (p, p)
    df : ndarray, shape (p,)
        Degrees of freedom of each coefficient's t; there is no normal approximation here.
    kind : str
        ``"classical"``, ``"HC0"`` … ``"CR3"``, ``"design"``; ``"likelihood"`` of models of categories;
        ``"kenward_roger"`` and ``"satterthwaite"`` of random intercepts.
    label : Text
        What it is, with the small-sample factor and the kind of df.
    clusters : int or None
        Number of clusters, loose rows not counted; with clusters of two kinds the smaller number.
    loose : int
        Rows without a cluster: a stratum of their own, in which each row is a unit.
    contributions : Contributions or None
        What joint tests under CR2 need.
    """

    matrix: Array
    df: Array
    kind: VcovKind | Literal["likelihood", "kenward_roger", "satterthwaite"]
    label: Text
    clusters: int | None = None
    loose: int = 0
    contributions: Contributions | None = None

    @property
    def std_error(self) -> Array:
        """Standard errors, shape (p,)."""
        return cast(Array, np.sqrt(np.diag(self.matrix)))

    @property
    def notes(self) -> tuple[Text, ...]:
        """What must stand under a table that prints these standard errors."""
        notes = [Text("标准误：{label}。", "Standard errors: {label}.").format(label=self.label)]
        if self.loose:
            notes.append(
                Text(
                    "{loose}行没有所属群组，各自作为一个单位。",
                    "{loose} rows belong to no cluster; each is its own unit.",
                ).format(loose=self.loose)
            )
        if self.clusters is not None and self.clusters < FEWEST_CLUSTERS:
            notes.append(
                Text(
                    "只有{g}个群组：群组层面的推断不可靠，仅作描述。",
                    "Only {g} clusters: inference between clusters is not reliable; read as description.",
                ).format(g=self.clusters)
            )
        return tuple(notes)

    def df_of(self, contrasts: Array) -> Array:
        """Degrees of freedom of each contrast, shape (q, p): under CR2 its own."""
        if self.contributions is None:
            return np.full(len(contrasts), float(np.min(self.df)))
        return np.array([self.contributions.satterthwaite(row) for row in contrasts])

    def combinations(self, estimates: Array, contrasts: Array, conf_level: float) -> pd.DataFrame:
        """Linear combinations of the coefficients, each with t on degrees of freedom of its own.

        Parameters
        ----------
        estimates : ndarray, shape (p,)
        contrasts : ndarray, shape (q, p)

        Returns
        -------
        DataFrame
            ``estimate, std_error, statistic, df, p_value, conf_low, conf_high``, one row per combination; under CR2 the
            df are Satterthwaite's for it (Bell and McCaffrey 2002).
        """
        value = contrasts @ estimates
        error = np.sqrt(np.maximum(np.einsum("qk,kl,ql->q", contrasts, self.matrix, contrasts), 0.0))
        df = self.df_of(contrasts)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(error > 0, value / error, np.nan)
        half = stats.t.ppf(0.5 + conf_level / 2, df) * error
        return pd.DataFrame(
            {
                "estimate": value,
                "std_error": error,
                "statistic": t,
                "df": df,
                "p_value": 2 * stats.t.sf(np.abs(t), df),
                "conf_low": value - half,
                "conf_high": value + half,
            }
        )

    def wald(self, estimates: Array, contrasts: Array, null: Array | float = 0.0) -> Wald:
        """Test that ``contrasts @ coefficients`` are all ``null``.

        Parameters
        ----------
        estimates : ndarray, shape (p,)
        contrasts : ndarray, shape (q, p)
        null : ndarray, shape (q,), or float

        Returns
        -------
        Wald
            ``F(q, df)``, chi-square over q where df are infinite; under CR2 the approximate Hotelling test with Wishart
            df (Pustejovsky and Tipton 2018).
        """
        q = len(contrasts)
        value = contrasts @ estimates - null
        matrix = contrasts @ self.matrix @ contrasts.T
        scale = np.sqrt(np.diag(matrix))
        impossible = Wald(np.nan, float(q), np.nan, np.nan)
        if not q or not (scale > 0).all() or np.linalg.cond(matrix / np.outer(scale, scale)) > 1 / SINGULAR:
            return impossible
        statistic = float(value @ np.linalg.solve(matrix, value)) / q
        df2 = float(np.min(self.df))
        if self.contributions is not None:
            wishart = self.contributions.wishart_df(contrasts)
            df2 = wishart - q + 1
            statistic *= df2 / wishart
        if not df2 > 0:
            return impossible
        p_value = stats.chi2.sf(q * statistic, q) if np.isinf(df2) else stats.f.sf(statistic, q, df2)
        return Wald(statistic, float(q), df2, float(p_value))


def classical(X: Array, residuals: Array, weights: Array | None = None) -> Covariance:
    """Covariance under independent errors of equal variance; ``t(n - p)``."""
    basis, inverse = orthonormal(X, weights)
    n, p = basis.shape
    w = np.ones(n) if weights is None else weights
    variance = float(w @ residuals**2) / (n - p)
    label = Text("经典（同方差），自由度 n−p", "classical (equal variances), df = n − p")
    return Covariance(variance * inverse @ inverse.T, np.full(p, float(n - p)), "classical", label)


def heteroskedastic(X: Array, residuals: Array, kind: RowKind, weights: Array | None = None) -> Covariance:
    """Heteroskedasticity-consistent covariance HC0 to HC3; ``t(n - p)``.

    White (1980); MacKinnon and White (1985): the residual's square is divided by ``1``, ``(n - p)/n``, ``1 - h`` or
    ``(1 - h)^2``.

    Raises
    ------
    EstimationError
        HC2 or HC3 where a row is fitted exactly (leverage 1).
    """
    basis, inverse = orthonormal(X, weights)
    n, p = basis.shape
    w = np.ones(n) if weights is None else weights
    free = 1.0 - w * np.einsum("ij,ij->i", basis, basis)
    if kind in ("HC2", "HC3") and free.min() < SINGULAR:
        exact = int((free < SINGULAR).sum())
        raise EstimationError(
            f"{exact} row(s) are fitted exactly (leverage 1), so {kind} has no standard errors.",
            remedy="Merge a category that has a single row with its neighbour, or choose vcov='HC1'.",
        )
    power = {"HC0": 0, "HC1": 0, "HC2": 1, "HC3": 2}[kind]
    score = basis * (w * residuals / free ** (power / 2))[:, None]
    factor = n / (n - p) if kind == "HC1" else 1.0
    matrix = factor * inverse @ (score.T @ score) @ inverse.T
    label = Text(f"异方差稳健 {kind}，自由度 n−p", f"heteroskedasticity-robust {kind}, df = n − p")
    return Covariance(matrix, np.full(p, float(n - p)), kind, label)


def orthonormal(X: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """``Z`` with the columns' span and ``Z'WZ = I``, and the matrix that takes its coefficients to those of ``X``.

    Working in ``Z`` makes everything exactly invariant to units and keeps full precision on ill-scaled columns, which
    ``X'X`` does not.
    """
    size = np.linalg.norm(X, axis=0)
    root = None if weights is None else np.sqrt(weights)[:, None]
    scaled = X / size
    triangle = np.linalg.qr(scaled if root is None else root * scaled, mode="r")
    inverse = np.linalg.solve(triangle, np.eye(len(triangle)))
    return cast(Array, scaled @ inverse), cast(Array, inverse / size[:, None])
