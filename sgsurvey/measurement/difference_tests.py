"""Tests of the difference between a model and a wider one that holds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.estimation import best
from sgsurvey.measurement.estimators import DifferenceTest, estimator_named
from sgsurvey.measurement.ordinal_estimators import element_covariance, element_weights, group_sizes, inverse_variances
from sgsurvey.measurement.ordinal_sample import OrdinalSample
from sgsurvey.measurement.parameters import ParameterTable
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.structures import starting_values
from sgsurvey.numerics.discrepancy import Fitted, Likelihood, Objective, SampleMoments, stacked
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.ordinal import difference_mixture, restrictions_within
from sgsurvey.text import Text

# A wider model that comes this near to what a narrower one implies holds it (Bentler and Satorra 2010).
HELD = 1e-6
# Largest misfit at which one table's free parameters count as linear in another's.
EXACT = 1e-8


def model_difference(narrow: SEM, wide: SEM, test: DifferenceTest | None = None) -> tuple[float, float]:
    """Chi-square and degrees of freedom of the difference; chi-square is nan where the test does not exist.

    Parameters
    ----------
    test : str, optional
        ``likelihood_ratio``: chi-squares as they are.  ``satorra_bentler_2001`` (Psychometrika 66, 507-514) may be
        negative, and is nan then; ``satorra_bentler_2010`` (Psychometrika 75, 243-248) is not, as it scales the wide
        model where the narrow one is.  ``satorra_2000`` (Innovations in multivariate statistical analysis, 233-247),
        scaled and shifted, takes what the narrow model forbids from both models' derivatives, ``satorra_2000_exact``
        from their parameters, so that these must be the same but for equalities and fixed values.  By the estimator
        when None.
    """
    test = test or estimator_named(wide.estimator).differences[0]
    df = float(narrow.fit["df"] - wide.fit["df"])
    raw = float(narrow.fit["chi_square"] - wide.fit["chi_square"])
    if test == "likelihood_ratio":
        return raw, df
    if test in ("satorra_2000", "satorra_2000_exact"):
        factor, shift = _scale_and_shift(narrow, wide, exact=test == "satorra_2000_exact")
        return raw / factor + shift, df
    factor = (_mean_of_test(narrow) - _mean_within(narrow, wide, test)) / df
    return (raw / factor if factor > 0 else float("nan")), df


# Scaled by the mean -----------------------------------------------------------------------------------------


def _mean_of_test(fit: SEM) -> float:
    scaled = fit.estimation.scaled
    return 0.0 if scaled is None else scaled.df * scaled.factor


def _mean_within(narrow: SEM, wide: SEM, test: DifferenceTest) -> float:
    """Mean of the wide model's test: at its estimates, or where it is the narrow model."""
    mean = estimator_named(wide.estimator).mean_of_test
    if test == "satorra_bentler_2001" or mean is None or wide.fit["df"] == 0:
        return _mean_of_test(wide)
    return mean(wide.structure, wide.sample, nearest(wide, narrow).theta)


# Nesting ----------------------------------------------------------------------------------------------------


def holds(wide: SEM, narrow: SEM) -> bool:
    """Whether ``wide`` can be whatever ``narrow`` implies: fitted to its implied moments it leaves nothing.

    The NET of Bentler and Satorra (2010), Psychological Methods 15, 111-123.
    """
    return nearest(wide, narrow).value < HELD


def nearest(wide: SEM, narrow: SEM) -> Fitted:
    """The wide model fitted to the moments that the narrow one implies."""
    implied = narrow.structure.implied(narrow.theta)
    means = wide.structure.means and narrow.structure.means
    samples = [
        SampleMoments(own.n, model.cov, model.mean if means else own.mean)
        for own, model in zip(narrow.estimation.moments, implied, strict=True)
    ]
    starts = [wide.theta, *starting_values(wide.parameters, samples)]
    return best(_objective(wide, samples), starts)


def _objective(wide: SEM, samples: list[SampleMoments]) -> Objective:
    sample = wide.sample
    if not isinstance(sample, OrdinalSample):
        return Likelihood(wide.structure, samples)
    groups = tuple(replace(own, moments=found) for own, found in zip(sample.groups, samples, strict=True))
    return estimator_named(wide.estimator).objective(wide.structure, replace(sample, groups=groups))


# Scaled and shifted -----------------------------------------------------------------------------------------


def _scale_and_shift(narrow: SEM, wide: SEM, *, exact: bool) -> tuple[float, float]:
    sample = wide.sample
    if not isinstance(sample, OrdinalSample):
        raise TypeError(f"{wide.estimator} has no scaled and shifted test")
    statistics = group_sizes(sample) if wide.estimator == "ULSMV" else inverse_variances(sample)
    weight, broad = element_weights(sample, statistics), stacked(wide.structure, wide.theta)[1]
    if exact:
        restrictions = restrictions_among(narrow.parameters, wide.parameters)
    else:
        restrictions = restrictions_within(weight, broad, stacked(narrow.structure, narrow.theta)[1])
    return difference_mixture(weight, broad, element_covariance(sample), restrictions).scaled_shifted


def restrictions_among(narrow: ParameterTable, wide: ParameterTable) -> Array:
    """What a narrow table holds fixed of a wide one's free parameters; shape (df, q).

    Raises
    ------
    EstimationError
        Some of the narrow model's parameters are none of the wide one.
    """
    at = {(row.key, row.group): number for number, row in enumerate(wide.rows)}
    lines = np.zeros((len(wide.rows), narrow.q))
    stray = []
    for row, line in zip(narrow.rows, narrow.weights, strict=True):
        place = at.get((row.key, row.group))
        if place is not None:
            lines[place] = line
        elif line.any():
            stray.append(row.name)
    turn = np.linalg.lstsq(wide.weights, lines, rcond=None)[0]
    if stray or np.abs(wide.weights @ turn - lines).max(initial=0.0) > EXACT:
        raise EstimationError(
            Text(
                "两个模型的参数不是一个在另一个之内：不只是相等或固定之差。",
                "the models' parameters are not one within the other by equalities and fixed values alone.",
            ),
            where="test",
            remedy=Text("请用test='satorra_2000'。", "Use test='satorra_2000'."),
        )
    return np.asarray(np.linalg.svd(turn.T)[2][narrow.q :])
