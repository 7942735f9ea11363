"""Extractions by name, and the conventions of two programs that a reader may have to match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sgsurvey.errors import EstimationError, did_you_mean
from sgsurvey.measurement.correlation_covariance import correlation_variances
from sgsurvey.measurement.factor_sample import FactorSample
from sgsurvey.measurement.rotations import Rotation, RotationName
from sgsurvey.numerics import extraction as found
from sgsurvey.numerics.factor_slopes import FitFunction
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.weighted_extraction import weighted_least_squares
from sgsurvey.text import Text

Method = Literal["minres", "ml", "paf", "dwls", "components"]
Preset = Literal["spss", "psych"]

# SPSS FACTOR: /CRITERIA ITERATE(25) ECONVERGE(.001).
SPSS_PASSES, SPSS_TOLERANCE = 25, 1e-3


@dataclass(frozen=True, slots=True)
class Extraction:
    """How factors are taken out, and whose conventions are kept beside.

    Parameters
    ----------
    method : "minres", "ml", "paf", "dwls" or "components"
        Minimum residuals (unweighted least squares), maximum likelihood, iterated principal axis, least squares
        weighted by each correlation's own variance, or principal components, which are no common factors.
    preset : "spss" or "psych", optional
        ``"spss"``: components, varimax, Kaiser normalisation of every rotation, promax as SPSS fits it, principal axis
        stopped as SPSS stops it (25 passes, .001).  ``"psych"``: minres, oblimin, Kaiser normalisation for varimax and
        promax alone, promax as ``psych::fa`` fits it.
    """

    method: Method = "minres"
    preset: Preset | None = None

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            known = [*get_args(Method), *get_args(Preset)]
            raise EstimationError(
                f"there is no method '{self.method}'.{did_you_mean(str(self.method), known)}",
                where="method",
                remedy=f"Use one of {', '.join(known)}.",
            )
        if self.preset not in (None, *get_args(Preset)):
            raise EstimationError(f"there is no preset '{self.preset}'.", where="preset", remedy="Use spss or psych.")

    @classmethod
    def named(cls, method: Method | Preset | Extraction) -> Extraction:
        """A method, or a preset with the method that its program begins with."""
        if isinstance(method, Extraction):
            return method
        if method == "spss":
            return cls("components", "spss")
        return cls("minres", "psych") if method == "psych" else cls(method)

    def rotation(self, wanted: RotationName | Rotation | None) -> Rotation:
        """The rotation that was asked for, its conventions filled in by the preset where only a name was given."""
        if isinstance(wanted, Rotation):
            return wanted
        if self.preset == "spss":
            return Rotation(wanted or "varimax", kaiser=True, promax="spss")
        if self.preset == "psych":
            name = wanted or "oblimin"
            return Rotation(name, kaiser=name in ("varimax", "promax"), promax="psych")
        return Rotation(wanted or "oblimin")

    def fit_function(self, sample: FactorSample) -> FitFunction | None:
        """What the extraction minimises; None for components, which minimise nothing of common factors."""
        if self.method == "components":
            return None
        if self.method == "dwls":
            return FitFunction("weighted", precision(sample))
        return FitFunction("likelihood" if self.method == "ml" else "least_squares")


def extract(sample: FactorSample, k: int, how: Extraction) -> found.Extraction:
    """``k`` unrotated factors; refused where the search did not end."""
    corr = sample.corr
    if how.method == "dwls":
        extracted = weighted_least_squares(corr, precision(sample), k)
    elif how.method == "paf" and how.preset == "spss":
        extracted = found.principal_axis(corr, k, tolerance=SPSS_TOLERANCE, iterations=SPSS_PASSES)
    else:
        extracted = EXTRACTIONS[how.method](corr, k)
    if not extracted.converged:
        raise EstimationError(
            f"{how.method} did not converge with {k} factor(s).", remedy="Ask for fewer factors, or use minres."
        )
    return extracted


def precision(sample: FactorSample) -> Array:
    """Weights of squared residuals, one over each correlation's own variance per row; shape (p, p), diagonal 1."""
    variances = correlation_variances(sample)
    p = len(sample.names)
    weights = np.eye(p)
    below = np.tril_indices(p, -1)
    weights[below] = 1 / variances
    return np.maximum(weights, weights.T)


EXTRACTIONS = {
    "minres": found.minres,
    "ml": found.maximum_likelihood,
    "paf": found.principal_axis,
    "components": found.principal_components,
}

METHODS = {
    "minres": Text("最小残差法（minres）", "minimum residuals (minres)"),
    "ml": Text("极大似然法", "maximum likelihood"),
    "paf": Text("主轴因子法（迭代至收敛）", "principal axis (iterated to convergence)"),
    "spss_paf": Text("主轴因子法（SPSS惯例：至多25次，收敛标准0.001）", "principal axis (as SPSS: 25 passes, .001)"),
    "dwls": Text(
        "对角加权最小二乘（权数为各相关系数方差的倒数）",
        "least squares weighted by one over each correlation's variance",
    ),
    "components": Text(
        "主成分法（不是公因子；载荷含特殊方差，通常高于公因子载荷）",
        "principal components (no common factors: loadings hold unique variance too, and are larger)",
    ),
}
PRESETS = {
    "spss": Text("，按SPSS的惯例", ", with the conventions of SPSS"),
    "psych": Text("，按R psych::fa的惯例", ", with the conventions of R psych::fa"),
}
