"""Quadratic forms of unequal probabilities: identities, and the estimators' expectations over every sample."""

import itertools

import numpy as np
import pytest

from sgsurvey.numerics.linearise import Stage, total_variance
from sgsurvey.numerics.unequal import Unequal, brewer, hartley_rao, overton, products


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    return rng.uniform(0.1, 0.8, 9), rng.normal(size=(9, 2))


def test_brewers_estimator_is_hartley_and_raos_with_the_squares_estimated(drawn):
    p, z = drawn
    form = products(hartley_rao(p, p.sum()), p, "yates_grundy")
    np.testing.assert_allclose(brewer(z, p), z.T @ form @ z, rtol=1e-12)


@pytest.mark.parametrize("approximation", ["brewer", "overton", "hartley_rao"])
def test_equal_probabilities_give_the_correction_of_a_simple_sample(drawn, approximation):
    _, z = drawn
    n, population = len(z), 30.0
    squares = np.array([population * (n / population) ** 2])
    unequal = Unequal(np.full(n, n / population), np.zeros(n, dtype=int), approximation, squares=squares)
    simple = total_variance(z, [Stage(np.arange(n), np.zeros(n, dtype=int), np.full(n, population))])
    np.testing.assert_allclose(unequal.variance(z), simple, rtol=1e-12)


def test_exact_joint_probabilities_of_a_simple_sample_give_its_variance_in_both_forms(drawn):
    _, z = drawn
    n, population = len(z), 30.0
    p = np.full(n, n / population)
    joint = np.where(np.eye(n) > 0, p[0], n * (n - 1) / (population * (population - 1)))
    simple = total_variance(z, [Stage(np.arange(n), np.zeros(n, dtype=int), np.full(n, population))])
    for form in ("yates_grundy", "horvitz_thompson"):
        np.testing.assert_allclose(z.T @ products(joint, p, form) @ z, simple, rtol=1e-12)


def test_certain_units_add_nothing_and_do_not_count(drawn):
    p, z = drawn
    with_certain = Unequal(np.append(p, 1.0), np.zeros(10, dtype=int))
    np.testing.assert_allclose(with_certain.variance(np.vstack([z, [[99.0, -5.0]]])), brewer(z, p), rtol=1e-12)


def test_both_forms_are_unbiased_over_every_sample_of_a_design():
    """All samples of three from five, each with its own probability: the mean of the estimates is the variance."""
    rng = np.random.default_rng(5)
    y = rng.uniform(1, 9, 5)
    samples = list(itertools.combinations(range(5), 3))
    chance = rng.dirichlet(np.full(len(samples), 3.0))
    inside = np.array([[i in s for i in range(5)] for s in samples], dtype=float)
    joint = (inside * chance[:, None]).T @ inside
    p = np.diag(joint)
    totals = inside @ (y / p)
    truth = chance @ (totals - y.sum()) ** 2
    for form in ("yates_grundy", "horvitz_thompson"):
        found = []
        for s in samples:
            at = np.array(s)
            z = (y / p)[at, None]
            found.append((z.T @ products(joint[np.ix_(at, at)], p[at], form) @ z).item())
        assert chance @ np.array(found) == pytest.approx(truth, rel=1e-10)


def test_overtons_pairs_lie_below_the_products(drawn):
    p, _ = drawn
    joint = overton(p)
    off = ~np.eye(len(p), dtype=bool)
    assert (joint[off] < np.outer(p, p)[off]).all()
    assert (joint[off] < np.minimum(p[:, None], p)[off]).all()
