"""The ways a structural model is estimated: one entry each, found by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimation import Estimation, maximum_likelihood
from sgsurvey.measurement.latent_responses import prepare
from sgsurvey.measurement.ordinal_estimators import dwls_objective, naive_dwls, ulsmv, wlsmv
from sgsurvey.measurement.ordinal_estimators import uls_objective as ordinal_uls_objective
from sgsurvey.measurement.parameters import ParameterTable, StructuralModel
from sgsurvey.measurement.quadratic_estimators import (
    least_squares,
    mean_of_scaled_test,
    mean_of_uls_test,
    scaled_likelihood,
    uls_objective,
)
from sgsurvey.measurement.row_estimators import (
    full_information,
    likelihood_of,
    mean_of_robust_test,
    robust_likelihood,
    rows_of,
)
from sgsurvey.measurement.structural_sample import StructuralSample
from sgsurvey.numerics.discrepancy import Likelihood, Objective
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.structural import Structure
from sgsurvey.text import Text

Prepare = Callable[[ParameterTable, StructuralSample, StructuralModel], tuple[ParameterTable, StructuralSample]]
Estimate = Callable[[Structure, StructuralSample, Sequence[Array]], Estimation]
Discrepancy = Callable[[Structure, StructuralSample], Objective]

DifferenceTest = Literal[
    "likelihood_ratio", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000", "satorra_2000_exact"
]
BY_MEAN: tuple[DifferenceTest, ...] = ("satorra_bentler_2001", "satorra_bentler_2010")
BY_SHIFT: tuple[DifferenceTest, ...] = ("satorra_2000", "satorra_2000_exact")

DESIGN = ("weights", "clusters", "strata", "fpc")


@dataclass(frozen=True)
class Estimator:
    """One way to estimate.

    Attributes
    ----------
    words : Text
        For notes under tables.
    estimate : callable (structure, sample, starts) -> Estimation
    objective : callable (structure, sample) -> Objective
        The function minimised, for score tests; ``N/2`` of its slope is the score.
    rows : bool
        Needs rows, not moments alone.
    missing : tuple of str
        Which treatments of missing answers it knows.
    takes : tuple of str
        Parts of a design that it uses: ``weights``, ``clusters``, ``strata``, ``fpc``, ``replicates``.
    mean_of_test : callable (structure, sample, theta) -> float, or None
        Mean of a test that is scaled by it: ``df`` times the scaling factor, at any parameters.
    differences : tuple of str
        Tests of the difference from a wider model; the first unless asked for another.
    prepare : callable or None
        Turns the parameter table and the sample into what this estimator of ordered answers fits.
    """

    words: Text
    estimate: Estimate
    objective: Discrepancy
    rows: bool = False
    missing: tuple[str, ...] = ("listwise",)
    takes: tuple[str, ...] = ()
    mean_of_test: Callable[[Structure, StructuralSample, Array], float] | None = None
    differences: tuple[DifferenceTest, ...] = ("likelihood_ratio",)
    prepare: Prepare | None = None


def plain_likelihood(structure: Structure, sample: StructuralSample, starts: Sequence[Array]) -> Estimation:
    """ML: from the moments of complete rows, or from all rows when some are incomplete."""
    incomplete = any(group.patterns is not None and not group.patterns.given.all() for group in sample.groups)
    return (full_information if incomplete else maximum_likelihood)(structure, sample, starts)


def likelihood_objective(structure: Structure, sample: StructuralSample) -> Objective:
    """The ML discrepancy of a sample."""
    if sample.groups[0].rows is None:
        return Likelihood(structure, sample.moments)
    return likelihood_of(structure, rows_of(sample))


def _ordinal(
    words: Text,
    estimate: Estimate,
    objective: Discrepancy = dwls_objective,
    differences: tuple[DifferenceTest, ...] = BY_SHIFT,
) -> Estimator:
    return Estimator(
        words,
        estimate,
        objective,
        rows=True,
        missing=("listwise", "pairwise"),
        takes=DESIGN,
        differences=differences,
        prepare=prepare,
    )


ESTIMATORS: dict[str, Estimator] = {
    "ML": Estimator(
        Text(
            "极大似然法（ML）；标准误用期望信息阵（有缺失的行参与时用观测信息阵）",
            "maximum likelihood (ML), standard errors by expected information (by observed where rows are incomplete)",
        ),
        plain_likelihood,
        likelihood_objective,
        missing=("listwise", "fiml"),
    ),
    "MLR": Estimator(
        Text(
            "极大似然法，稳健标准误（三明治，观测信息阵），Yuan–Bentler校正检验（MLR）",
            "maximum likelihood with sandwich errors (observed information) and the Yuan-Bentler scaled test (MLR)",
        ),
        robust_likelihood,
        likelihood_objective,
        rows=True,
        missing=("listwise", "fiml"),
        takes=DESIGN,
        mean_of_test=mean_of_robust_test,
        differences=BY_MEAN,
    ),
    "MLM": Estimator(
        Text(
            "极大似然法，稳健标准误（期望信息阵），Satorra–Bentler校正检验（MLM）",
            "maximum likelihood with robust errors (expected information) and the Satorra-Bentler scaled test (MLM)",
        ),
        scaled_likelihood,
        likelihood_objective,
        rows=True,
        mean_of_test=mean_of_scaled_test,
        differences=BY_MEAN,
    ),
    "ULS": Estimator(
        Text(
            "未加权最小二乘法（ULS，n − 1），稳健标准误，Satorra–Bentler校正检验",
            "unweighted least squares (ULS, n − 1) with robust errors and the Satorra-Bentler scaled test",
        ),
        least_squares,
        uls_objective,
        rows=True,
        mean_of_test=mean_of_uls_test,
        differences=BY_MEAN,
    ),
    "WLSMV": _ordinal(
        Text(
            "有序题项的对角加权最小二乘法（多分格相关），稳健标准误，均值和方差校正的检验（WLSMV）",
            "diagonally weighted least squares of polychoric correlations with robust errors and the scaled and "
            "shifted test (WLSMV)",
        ),
        wlsmv,
    ),
    "ULSMV": _ordinal(
        Text(
            "有序题项的未加权最小二乘法（多分格相关），稳健标准误，均值和方差校正的检验（ULSMV）",
            "unweighted least squares of polychoric correlations with robust errors and the scaled and shifted test "
            "(ULSMV)",
        ),
        ulsmv,
        ordinal_uls_objective,
    ),
    "DWLS": _ordinal(
        Text(
            "有序题项的对角加权最小二乘法（DWLS），标准误和检验未校正：请改看WLSMV",
            "diagonally weighted least squares of polychoric correlations (DWLS), errors and test not corrected: "
            "see WLSMV",
        ),
        naive_dwls,
        differences=("likelihood_ratio",),
    ),
}


def estimator_named(name: str) -> Estimator:
    """The estimator of that name."""
    if name not in ESTIMATORS:
        raise EstimationError(
            Text(f"没有估计方法“{name}”。", f"there is no estimator '{name}'."),
            where="estimator",
            remedy=Text(f"可用：{'、'.join(ESTIMATORS)}。", f"Use {', '.join(ESTIMATORS)}."),
        )
    return ESTIMATORS[name]
