import numpy as np

from sgsurvey.numerics.newton import bounded_newton


def quartics(targets):
    """(x - a)^4 / 4 + (x - a)^2 / 2 in each direction."""

    def local(x, rows):
        d = x - targets[rows]
        curve = (3 * d**2 + 1)[:, :, None] * np.eye(x.shape[1])
        return (d**4 / 4 + d**2 / 2).sum(axis=1), d**3 + d, curve, curve

    return local


def test_each_problem_ends_at_its_own_minimum_or_at_its_bound():
    targets = np.array([[0.2, 0.7], [-3.0, 0.5], [0.4, 9.0]])
    found = bounded_newton(quartics(targets), np.full((3, 2), 0.9), 0.0, 1.0, tolerance=1e-12, iterations=50)
    assert found.converged.all()
    np.testing.assert_allclose(found.at, np.clip(targets, 0, 1), atol=1e-9)


def test_running_out_of_steps_is_said():
    found = bounded_newton(quartics(np.zeros((1, 1))), np.ones((1, 1)), -5.0, 5.0, tolerance=1e-12, iterations=1)
    assert not found.converged[0]
    assert found.iterations == 1


def test_an_uphill_hessian_does_not_lead_to_a_maximum():
    def cosine(x, rows):
        return np.cos(x).sum(axis=1), -np.sin(x), -np.cos(x)[:, :, None], np.ones((len(x), 1, 1))

    found = bounded_newton(cosine, np.array([[0.3], [6.0]]), 0.0, 6.2, tolerance=1e-10, iterations=80)
    np.testing.assert_allclose(found.at, np.pi, atol=1e-8)
