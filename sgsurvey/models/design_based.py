"""Coefficients under the sample's design: their covariance from influence values, or from replicate weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgsurvey.answers.design_notes import design_notes
from sgsurvey.answers.sample import Sample
from sgsurvey.models.covariance import Array, Covariance
from sgsurvey.numerics.estimators import Statistic
from sgsurvey.text import Text


@dataclass(frozen=True)
class LinearCoefficients:
    """Weighted least squares as a statistic of its weights (Binder 1983; Fuller 1975).

    Attributes
    ----------
    X : ndarray, shape (N, p)
        Rows outside the model hold 0.
    y : ndarray, shape (N,)
    """

    X: Array
    y: Array

    def value(self, w: Array) -> Array:
        """``(X'WX)^-1 X'Wy``; columns that a replicate leaves without rows get 0."""
        root = np.sqrt(w)
        size = np.linalg.norm(root[:, None] * self.X, axis=0)
        scaled = root[:, None] * self.X / np.where(size > 0, size, 1.0)
        return np.linalg.lstsq(scaled, root * self.y, rcond=None)[0] / np.where(size > 0, size, 1.0)

    def influence(self, w: Array) -> Array:
        """``(X'WX)^-1 x (y - x'b)`` of each row."""
        inside = w > 0
        X, root = self.X[inside], np.sqrt(w[inside])
        size = np.linalg.norm(X, axis=0)
        triangle = np.linalg.qr(root[:, None] * X / size, mode="r")
        inverse = np.linalg.solve(triangle, np.eye(len(triangle))) / size[:, None]
        rows = np.zeros_like(self.X)
        residuals = self.y[inside] - X @ self.value(w)
        rows[inside] = (X * residuals[:, None]) @ inverse @ inverse.T
        return rows


@dataclass(frozen=True)
class Placed:
    """The rows of a model at their places in the whole sample.

    Attributes
    ----------
    sample : Sample
    rows : ndarray of int, shape (m,)
        Positions of the model's rows among the answers.
    """

    sample: Sample
    rows: npt.NDArray[np.intp]

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Which answers the model uses; shape (n,)."""
        inside = np.zeros(len(self.sample.rows), dtype=bool)
        inside[self.rows] = True
        return inside

    def whole(self, values: npt.NDArray[np.generic]) -> Array:
        """Values of the model's rows, 0 elsewhere; shape (N, …) from (m, …)."""
        whole = np.zeros((len(self.sample.weights), *values.shape[1:]))
        whole[self.sample.rows[self.rows]] = values
        return whole


def design_covariance(statistic: Statistic, sample: Sample, inside: npt.NDArray[np.bool_], p: int) -> Covariance:
    """Covariance of p coefficients under the design, with ``units - strata - p + 1`` degrees of freedom.

    Parameters
    ----------
    statistic : Statistic
        The coefficients; those beyond the first p (thresholds) are covered too.
    sample : Sample
    inside : ndarray of bool, shape (n,)
        The answers that the model uses.
    p : int
        Coefficients with the constant, which degrees of freedom pay for (Korn and Graubard 1999).
    """
    _, matrix = sample.estimate(statistic, inside)
    df = sample.df(sample.part(inside)) - p + 1
    notes = design_notes(sample.design)
    zh, en = "；".join(note.zh.rstrip("。") for note in notes), "; ".join(note.en.rstrip(".") for note in notes)
    label = Text(f"按抽样设计，自由度{df:g}（{zh}）", f"under the design, df = {df:g} ({en})")
    units = sample.stages[0] if sample.design.clusters is not None else None
    clusters = None if units is None else len(np.unique(units.units[sample.part(inside) > 0]))
    return Covariance(matrix, np.full(len(matrix), df if df > 0 else np.nan), "design", label, clusters)
