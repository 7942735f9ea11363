from dataclasses import replace

import numpy as np
import pytest
from reference_values import assert_matches
from structural_models import holzinger, one_group, single

from sgsurvey.numerics.discrepancy import (
    LeastSquares,
    Likelihood,
    SampleMoments,
    minimise,
    observed_statistics,
    stacked,
)

X = [f"x{i}" for i in range(1, 10)]
BLOCKS = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def moments(frame) -> SampleMoments:
    x = frame.to_numpy(dtype=float)
    return SampleMoments(len(x), np.cov(x.T, bias=True), x.mean(axis=0))


def holzinger_sample() -> SampleMoments:
    return moments(holzinger()[X])


def fit_ml(structure, samples, start):
    return minimise(Likelihood(structure, samples), start)


def least_squares(structure, samples, weight):
    return LeastSquares(lambda theta: stacked(structure, theta), observed_statistics(structure, samples), weight)


def start_of(part, sample):
    a, s = len(part.at_paths), len(part.at_residual)
    start = np.zeros(part.weights.shape[1])
    start[:a] = 0.7
    for place, (i, j) in enumerate(part.at_residual):
        start[a + place] = (0.5 * sample.cov[i, i] if i < part.p else 0.4) if i == j else 0.0
    start[a + s :] = sample.mean[part.at_intercepts]
    return start


@pytest.mark.parametrize("means", [False, True])
def test_slope_and_hessian_are_those_of_finite_differences(means):
    part = one_group(9, BLOCKS, means=means, regressions=((2, 0), (2, 1)))
    sample = holzinger_sample()
    likelihood = Likelihood(single(part), [sample])
    theta, h = start_of(part, sample) + 0.05, 1e-6
    slope, _ = likelihood.slope(theta)
    steps = np.eye(len(theta)) * h
    numeric = [(likelihood.value(theta + e) - likelihood.value(theta - e)) / (2 * h) for e in steps]
    np.testing.assert_allclose(slope, numeric, atol=1e-7)
    numeric = [(likelihood.slope(theta + e)[0] - likelihood.slope(theta - e)[0]) / (2 * h) for e in steps]
    np.testing.assert_allclose(likelihood.hessian(theta), numeric, atol=1e-6)


def test_the_expected_hessian_is_the_hessian_where_the_model_fits_exactly():
    part = one_group(9, BLOCKS, means=True)
    sample = holzinger_sample()
    theta = start_of(part, sample)
    exact = part.implied(theta)
    likelihood = Likelihood(single(part), [SampleMoments(100, exact.cov, exact.mean)])
    assert likelihood.value(theta) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(likelihood.hessian(theta), likelihood.slope(theta)[1], atol=1e-10)


def test_ml_finds_the_published_chi_square_and_standard_errors_of_holzinger():
    part, sample = one_group(9, BLOCKS), holzinger_sample()
    found = fit_ml(single(part), [sample], start_of(part, sample))
    assert found.converged
    assert found.slope < 1e-9
    assert_matches(
        sample.n * found.value,
        85.3055217699727,
        rtol=1e-7,
        statistic="CFA chi-square, ML",
        reference="R lavaan 0.6-14",
        data="HolzingerSwineford1939",
        why="lavaan's optimiser stops at about 4e-7",
    )
    errors = np.sqrt(np.diag(np.linalg.inv(sample.n * found.information)))
    published = [0.554, 0.729, 1.113, 0.926, 1.180, 1.082, 0.100, 0.109, 0.065, 0.055, 0.165, 0.151]
    assert_matches(
        [*found.theta[:6], *errors[:6]],
        published,
        atol=5.1e-4,
        statistic="CFA loadings and standard errors, ML",
        reference="lavaan tutorial",
        data="HolzingerSwineford1939",
        why="printed with three decimals",
    )


def test_free_means_leave_the_covariances_as_they_are():
    bare, with_means, sample = one_group(9, BLOCKS), one_group(9, BLOCKS, means=True), holzinger_sample()
    first = fit_ml(single(bare), [sample], start_of(bare, sample))
    second = fit_ml(single(with_means), [sample], start_of(with_means, sample))
    np.testing.assert_allclose(second.theta[: len(first.theta)], first.theta, atol=1e-8)
    np.testing.assert_allclose(second.theta[len(first.theta) :], sample.mean, atol=1e-9)
    assert second.value == pytest.approx(first.value, abs=1e-12)


def test_two_groups_without_anything_in_common_are_two_fits():
    part = one_group(9, BLOCKS)
    schools = [moments(group[X]) for _, group in holzinger().groupby("school")]
    q = part.weights.shape[1]
    own = [replace(part, weights=np.kron(row, np.eye(q))) for row in np.eye(2)]
    from_each = [start_of(part, sample) for sample in schools]
    together = fit_ml(replace(single(part), parts=tuple(own), q=2 * q), schools, np.concatenate(from_each))
    apart = [fit_ml(single(part), [s], start) for s, start in zip(schools, from_each, strict=True)]
    np.testing.assert_allclose(together.theta, np.concatenate([f.theta for f in apart]), atol=1e-7)
    total = sum(s.n for s in schools)
    assert_matches(
        total * together.value,
        115.851,
        atol=5.1e-4,
        statistic="Chi-square, configural over two schools",
        reference="lavaan tutorial",
        data="HolzingerSwineford1939",
        why="printed with three decimals",
    )
    assert total * together.value == pytest.approx(
        sum(s.n * f.value for s, f in zip(schools, apart, strict=True)), rel=1e-10
    )


def test_every_method_finds_the_parameters_that_made_the_moments():
    part = one_group(9, BLOCKS, means=True)
    truth = start_of(part, holzinger_sample())
    made = part.implied(truth)
    structure, samples = single(part), [SampleMoments(200, made.cov, made.mean)]
    away = truth * 1.2 + 0.02
    weight = np.linalg.inv(np.cov(np.random.default_rng(1).standard_normal((54, 500))))
    for objective in (
        Likelihood(structure, samples),
        least_squares(structure, samples, np.ones(54)),
        least_squares(structure, samples, weight),
    ):
        found = minimise(objective, away)
        assert found.converged
        np.testing.assert_allclose(found.theta, truth, atol=1e-7)
        assert found.value == pytest.approx(0, abs=1e-12)


def test_a_full_weight_and_its_diagonal_agree_where_the_weight_is_diagonal():
    part, sample = one_group(9, BLOCKS), holzinger_sample()
    structure, start = single(part), start_of(part, sample)
    weight = np.random.default_rng(2).uniform(0.5, 2, 45)
    first, second = (minimise(least_squares(structure, [sample], w), start) for w in (weight, np.diag(weight)))
    np.testing.assert_allclose(first.theta, second.theta, atol=1e-8)
    np.testing.assert_allclose(first.information, second.information, rtol=1e-8)


def test_rescaled_variables_give_rescaled_parameters_and_the_same_value():
    part, sample = one_group(9, BLOCKS), holzinger_sample()
    scale = np.array([1, 20, 0.3, 1, 5, 0.02, 1, 100, 7.0])
    scaled = SampleMoments(sample.n, sample.cov * np.outer(scale, scale), sample.mean * scale)
    first = fit_ml(single(part), [sample], start_of(part, sample))
    start = start_of(part, sample)
    start[:6] *= [20, 0.3, 5, 0.02, 100, 7]
    start[6:15] *= scale**2
    second = fit_ml(single(part), [scaled], start)
    assert second.value == pytest.approx(first.value, rel=1e-9)
    np.testing.assert_allclose(second.theta[:6], first.theta[:6] * [20, 0.3, 5, 0.02, 100, 7], rtol=1e-7)


def test_a_start_outside_the_domain_is_said_not_to_converge():
    part, sample = one_group(9, BLOCKS), holzinger_sample()
    found = fit_ml(single(part), [sample], -np.ones(21))
    assert not found.converged
    assert found.steps == 0


@pytest.mark.parametrize("seed", range(6))
def test_bad_starts_reach_the_same_minimum(seed):
    part, sample = one_group(9, BLOCKS), holzinger_sample()
    best = fit_ml(single(part), [sample], start_of(part, sample))
    rng = np.random.default_rng(seed)
    start = start_of(part, sample)
    start[:6] = rng.uniform(0.1, 2.5, 6)
    start[6:15] *= rng.uniform(0.3, 3, 9)
    found = fit_ml(single(part), [sample], start)
    assert found.converged
    assert found.value == pytest.approx(best.value, rel=1e-8)
