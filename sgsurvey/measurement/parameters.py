"""The parameter table of a structural model: every line of every group, and the free parameters that fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sgsurvey.measurement.syntax import Constraint, Defined, Term
from sgsurvey.numerics.linalg import Array

Equal = Literal[
    "loadings",
    "intercepts",
    "residuals",
    "residual_covariances",
    "lv_variances",
    "lv_covariances",
    "means",
    "regressions",
]

Parameterization = Literal["delta", "theta"]


@dataclass(frozen=True)
class StructuralModel:
    """A model with the choices that its lines leave open.

    Parameters
    ----------
    model : str, list of str, or {factor: [items]}
        Lines of syntax, constructs of a questionnaire, or factors with their items.
    std_lv : bool
        Give every factor a variance of 1; otherwise its first item's loading is 1 (marker variable).
    orthogonal : bool
        Factors without a cause in the model do not correlate; for bifactor models.
    means : bool
        Model the means of a single group too; of several groups they always are.
    released : sequence of str
        Parameters that ``equal=`` leaves free, as ``"visual =~ x3"`` or ``"x3 ~1"``: partial invariance.
    ordinal : sequence of str, optional
        Which variables WLSMV, ULSMV and DWLS take as ordered, the others being continuous; those of at most 12
        different whole numbers when None.
    parameterization : "delta" or "theta"
        What gives the latent responses behind ordered answers their scale: variances of 1, or residual variances of 1.
    """

    model: str | Sequence[str] | Mapping[str, Sequence[str]]
    std_lv: bool = False
    orthogonal: bool = False
    means: bool = False
    released: Sequence[str] = ()
    ordinal: Sequence[str] | None = None
    parameterization: Parameterization = "delta"


@dataclass(frozen=True)
class Parameter:
    """One line of the table in one group.

    Attributes
    ----------
    lhs, op, rhs : str
        ``op`` is ``=~``, ``~``, ``~~`` or ``~1``.
    group : int
    fixed : float or None
    label : str
    start : float or None
        As the user gave it.
    stated : bool
        Written by the user, not completed.
    """

    lhs: str
    op: str
    rhs: str
    group: int = 0
    fixed: float | None = None
    label: str = ""
    start: float | None = None
    stated: bool = True

    @property
    def name(self) -> str:
        """As a reader writes it: ``visual =~ x1``, ``x1 ~1``."""
        return f"{self.lhs} {self.op} {self.rhs}".strip()

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for a covariance in either order."""
        return Term(self.lhs, self.op, self.rhs).key


@dataclass(frozen=True)
class ParameterTable:
    """All lines of all groups, and how the free parameters fill them.

    Attributes
    ----------
    rows : tuple of Parameter
    observed, latent : tuple of str
    groups : tuple of str
        Names; one empty name without groups.
    means : bool
    numbers : tuple of int
        For each row the number of its parameter before ``==`` constraints, from 0; -1 where fixed.
    weights, offset : ndarray, shapes (rows, q) and (rows,)
        Values of the rows are ``weights @ theta + offset``.
    defined : tuple of Defined
    constraints : tuple of Constraint
    standardised : tuple of str
        Observed variables that show only in units of their standard deviations: ordered items under ``theta``.
    """

    rows: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    groups: tuple[str, ...]
    means: bool
    numbers: tuple[int, ...]
    weights: Array
    offset: Array
    defined: tuple[Defined, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    standardised: tuple[str, ...] = ()

    @property
    def q(self) -> int:
        """Free parameters."""
        return int(self.weights.shape[1])

    @property
    def variables(self) -> tuple[str, ...]:
        """Observed, then latent."""
        return (*self.observed, *self.latent)

    @property
    def labelled(self) -> dict[str, int]:
        """The first row of each label."""
        return {row.label: i for i, row in reversed(list(enumerate(self.rows))) if row.label}

    @property
    def names(self) -> list[str]:
        """Names of the rows; with their group where there are several."""
        several = len(self.groups) > 1
        return [f"{row.name} [{self.groups[row.group]}]" if several else row.name for row in self.rows]

    @property
    def frame(self) -> pd.DataFrame:
        """``lhs, op, rhs, group, label, free, fixed``; ``free`` numbers the parameters, 0 where fixed."""
        return pd.DataFrame(
            {
                "lhs": [row.lhs for row in self.rows],
                "op": [row.op for row in self.rows],
                "rhs": [row.rhs for row in self.rows],
                "group": [self.groups[row.group] for row in self.rows],
                "label": [row.label for row in self.rows],
                "free": [number + 1 for number in self.numbers],
                "fixed": [np.nan if row.fixed is None else row.fixed for row in self.rows],
            }
        )

    def values(self, theta: Array) -> Array:
        """Estimates of all rows."""
        return np.asarray(self.weights @ theta + self.offset)

    def at(self, values: Array) -> dict[str, float]:
        """Values of the labels, for formulas."""
        return {label: float(values[row]) for label, row in self.labelled.items()}
