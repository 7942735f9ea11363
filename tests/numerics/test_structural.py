from dataclasses import replace

import numpy as np
import pytest
from structural_models import one_group, single

BLOCKS = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
MODELS = {
    "factors": one_group(9, BLOCKS),
    "factors and means": one_group(9, BLOCKS, means=True),
    "a chain of regressions": one_group(9, BLOCKS, means=True, regressions=((1, 0), (2, 1), (2, 0))),
}


def some_theta(part, seed=3):
    rng = np.random.default_rng(seed)
    theta = rng.uniform(0.3, 0.9, part.weights.shape[1])
    a = len(part.at_paths)
    for place, (i, j) in enumerate(part.at_residual):
        theta[a + place] = 1.0 if i == j else 0.2
    return theta


@pytest.mark.parametrize("name", MODELS)
def test_moments_are_those_of_rows_drawn_by_the_model(name):
    part = replace(MODELS[name])
    theta = some_theta(part)
    full = part.solved(theta)
    v = len(full.mean)
    direct = np.zeros((v, v))
    power = np.eye(v)
    for _ in range(6):  # A is nilpotent: (I - A)^-1 is a finite sum
        direct += power
        power = power @ full.paths
    np.testing.assert_allclose(full.total, direct, atol=1e-12)
    np.testing.assert_allclose(full.cov, direct @ full.residual @ direct.T, atol=1e-12)
    np.testing.assert_allclose(part.implied(theta).mean, (direct @ full.intercepts)[:9], atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_derivatives_are_those_of_finite_differences(name):
    part = MODELS[name]
    theta, h = some_theta(part), 1e-6
    slopes = part.jacobian(theta)
    for j, step in enumerate(np.eye(len(theta)) * h):
        forward, backward = part.implied(theta + step), part.implied(theta - step)
        np.testing.assert_allclose(slopes.mean[:, j], (forward.mean - backward.mean) / (2 * h), atol=1e-8)
        cov = (forward.cov - backward.cov)[np.tril_indices(9)] / (2 * h)
        np.testing.assert_allclose(slopes.cov[:, j], cov, atol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_second_derivatives_are_those_of_finite_differences(name):
    part = MODELS[name]
    rng = np.random.default_rng(5)
    theta, h = some_theta(part), 1e-5
    outer, push = rng.standard_normal((9, 9)), rng.standard_normal(9)
    outer += outer.T

    def slope(at):
        tangent = part.tangent(part.solved(at))
        return 2 * ((outer @ tangent.left) * tangent.right).sum(axis=0) + tangent.mean.T @ push

    numeric = [(slope(theta + e * h) - slope(theta - e * h)) / (2 * h) for e in np.eye(len(theta))]
    np.testing.assert_allclose(part.bent(part.solved(theta), outer, push), numeric, atol=1e-7)


def test_a_parameter_in_several_places_and_a_linear_constraint_are_rows_of_the_weights():
    free = MODELS["factors"]
    e = len(free.offset)
    # Loadings 0 and 1 are one parameter t, loading 2 is 2 - t.
    weights = np.zeros((e, e - 2))
    weights[[0, 1, 2], 0] = 1.0, 1.0, -1.0
    weights[3:, 1:] = np.eye(e - 3)
    offset = np.zeros(e)
    offset[2] = 2.0
    tied = replace(free, weights=weights, offset=offset)
    theta = np.delete(some_theta(free), [1, 2])
    theta[0] = 0.7
    paths = tied.solved(theta).paths
    np.testing.assert_allclose([paths[tuple(at)] for at in free.at_paths[:3]], [0.7, 0.7, 1.3])
    both = free.jacobian(weights @ theta + offset).cov @ weights
    np.testing.assert_allclose(tied.jacobian(theta).cov, both, atol=1e-14)


def test_a_structure_counts_its_groups_and_statistics():
    part = MODELS["factors and means"]
    two = replace(single(part), parts=(part, part))
    assert two.groups == 2
    assert two.statistics == 2 * (45 + 9)
    assert len(two.implied(some_theta(part))) == len(two.jacobian(some_theta(part))) == 2
    assert single(MODELS["factors"]).statistics == 45
