"""The likelihood under missing answers: its derivatives, and complete rows as a special case."""

import numpy as np
from structural_models import one_group, single

from sgsurvey.numerics.discrepancy import Likelihood, SampleMoments
from sgsurvey.numerics.em import patterns
from sgsurvey.numerics.fiml import MissingLikelihood
from sgsurvey.numerics.normal_likelihood import row_pulls, row_scores

RNG = np.random.default_rng(8)
ROWS = np.repeat(RNG.normal(size=(200, 2)), 3, axis=1) + RNG.normal(size=(200, 6))
GAPS = np.where(RNG.random(ROWS.shape) < 0.15, np.nan, ROWS)
MODEL = single(one_group(6, [[0, 1, 2], [3, 4, 5]], means=True))
THETA = np.concatenate([np.full(4, 0.9), np.full(6, 1.1), [0.8, 0.1, 0.9], np.full(6, 0.1)])


def differences(function, theta, step=1e-5):
    return np.array(
        [(function(theta + step * e) - function(theta - step * e)) / (2 * step) for e in np.eye(len(theta))]
    )


def test_slopes_and_hessian_are_those_by_differences():
    objective = MissingLikelihood(MODEL, [patterns(GAPS)], 0.0)
    np.testing.assert_allclose(objective.slope(THETA)[0], differences(objective.value, THETA), atol=1e-7)
    hessian = 2 * objective.information(THETA, observed=True) / objective.n
    np.testing.assert_allclose(hessian, differences(lambda t: objective.slope(t)[0], THETA), atol=1e-7)


def test_scores_of_rows_sum_to_the_slope():
    found, part = patterns(GAPS), MODEL.parts[0]
    full = part.solved(THETA)
    pulls = row_pulls(GAPS, found, full.mean[:6], full.cov[:6, :6])
    total = (row_scores(pulls, part.tangent(full)) @ part.weights).sum(axis=0)
    objective = MissingLikelihood(MODEL, [found], 0.0)
    np.testing.assert_allclose(total, -objective.n / 2 * objective.slope(THETA)[0], atol=1e-8)


def test_complete_rows_are_the_likelihood_of_their_moments():
    found = patterns(ROWS)
    missing = MissingLikelihood(MODEL, [found], 0.0)
    plain = Likelihood(MODEL, [SampleMoments(200.0, found.cov[0], found.mean[0])])
    np.testing.assert_allclose(missing.slope(THETA)[0], plain.slope(THETA)[0], atol=1e-10)
    np.testing.assert_allclose(2 * missing.information(THETA, observed=True) / 200, plain.hessian(THETA), atol=1e-10)


def test_equal_weights_are_no_weights():
    plain, even = patterns(GAPS), patterns(GAPS, np.full(len(GAPS), 1.0))
    for name in ("n", "mean", "cov", "of"):
        np.testing.assert_allclose(getattr(even, name), getattr(plain, name))
