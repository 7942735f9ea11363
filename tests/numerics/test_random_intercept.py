"""The random intercept model beside its textbook form with whole matrices."""

import numpy as np
import pytest
from scipy import optimize, stats

from sgsurvey.numerics.random_intercept import Profile, fitted, grouped_moments
from sgsurvey.numerics.random_intercept_intervals import ratio_interval, variance_intervals
from sgsurvey.numerics.small_sample_df import kenward_roger_test, satterthwaite_df, satterthwaite_test


def rows(seed=1, n=90, groups=11, far=0.0):
    rng = np.random.default_rng(seed)
    codes = np.append(np.arange(groups), rng.integers(0, groups, n - groups))
    place = rng.normal(size=groups)[codes]
    X = np.column_stack([np.ones(n), far + rng.normal(size=n), place, rng.integers(0, 2, n)])
    return X, X @ [1.0, 0.5, 0.3, -0.2] + 0.6 * rng.normal(size=groups)[codes] + rng.normal(size=n), codes


class Dense:
    """Everything by n x n matrices, as the papers write it."""

    def __init__(self, X, y, codes):
        self.X, self.y, self.J = X, y, (codes[:, None] == codes).astype(float)

    def at(self, a, s):
        V = s * np.eye(len(self.y)) + a * self.J
        inverse = np.linalg.inv(V)
        covariance = np.linalg.inv(self.X.T @ inverse @ self.X)
        return V, inverse, covariance, covariance @ self.X.T @ inverse @ self.y

    def deviance(self, a, s, restricted):
        V, _, covariance, b = self.at(a, s)
        normal = stats.multivariate_normal(self.X @ b, V)
        if not restricted:
            return -2 * normal.logpdf(self.y)
        return -2 * normal.logpdf(self.y) - np.linalg.slogdet(covariance)[1] - self.X.shape[1] * np.log(2 * np.pi)

    def projection(self, a, s):
        _, inverse, covariance, _ = self.at(a, s)
        return inverse - inverse @ self.X @ covariance @ self.X.T @ inverse

    def expected(self, a, s):
        P, parts = self.projection(a, s), (self.J, np.eye(len(self.y)))
        return np.array([[np.trace(P @ A @ P @ B) / 2 for B in parts] for A in parts])

    def adjusted(self, a, s):
        """The covariance of Kenward and Roger (1997)."""
        _, inverse, covariance, _ = self.at(a, s)
        w, parts, adjustment = np.linalg.inv(self.expected(a, s)), (self.J, np.eye(len(self.y))), 0.0
        slopes = [-self.X.T @ inverse @ A @ inverse @ self.X for A in parts]
        for i, A in enumerate(parts):
            for j, B in enumerate(parts):
                Q = self.X.T @ inverse @ A @ inverse @ B @ inverse @ self.X
                adjustment = adjustment + w[i, j] * (Q - slopes[i] @ covariance @ slopes[j])
        return covariance + 2 * covariance @ adjustment @ covariance


@pytest.mark.parametrize("restricted", [True, False])
def test_the_deviance_is_that_of_the_multivariate_normal_and_least_where_found(restricted):
    X, y, codes = rows()
    profile = Profile(grouped_moments(X, y, codes), restricted)
    dense = Dense(X, y, codes)
    fit = fitted(profile)
    a, s = fit.variances
    assert float(profile.deviance(a / s)) == pytest.approx(dense.deviance(a, s, restricted), rel=1e-10)
    found = optimize.minimize(
        lambda t: dense.deviance(*np.exp(t), restricted), np.log([a, s]) + 0.3, method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-12},
    )  # fmt: skip
    np.testing.assert_allclose(np.exp(found.x), [a, s], rtol=1e-5)
    _, _, covariance, b = dense.at(a, s)
    np.testing.assert_allclose(fit.coefficients, b, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("restricted", [True, False])
def test_second_derivatives_are_those_of_the_dense_deviance(restricted):
    X, y, codes = rows()
    fit, dense = fitted(Profile(grouped_moments(X, y, codes), restricted)), Dense(X, y, codes)
    steps = 1e-4 * np.eye(2)

    def deviance(v):
        return dense.deviance(*v, restricted)

    hessian = np.array([
        [(deviance(fit.variances + p + q) - deviance(fit.variances + p - q) - deviance(fit.variances - p + q)
          + deviance(fit.variances - p - q)) / 4e-8 for q in steps] for p in steps
    ])  # fmt: skip
    np.testing.assert_allclose(fit.observed, np.linalg.inv(hessian / 2), rtol=1e-4)
    np.testing.assert_allclose(fit.expected, np.linalg.inv(dense.expected(*fit.variances)), rtol=1e-9)


def test_kenward_and_rogers_covariance_is_that_of_the_paper_and_slopes_are_those_of_differences():
    X, y, codes = rows()
    fit, dense = fitted(Profile(grouped_moments(X, y, codes), True)), Dense(X, y, codes)
    np.testing.assert_allclose(fit.adjusted, dense.adjusted(*fit.variances), rtol=1e-8, atol=1e-12)
    for k, step in enumerate(1e-5 * np.eye(2)):
        slope = (dense.at(*(fit.variances + step))[2] - dense.at(*(fit.variances - step))[2]) / 2e-5
        np.testing.assert_allclose(fit.slopes[k], slope, rtol=1e-6, atol=1e-9)


def test_one_contrast_has_one_df_by_either_road():
    X, y, codes = rows()
    fit = fitted(Profile(grouped_moments(X, y, codes), True))
    L = np.array([[0.0, 1.0, -1.0, 0.0]])
    t2 = (L @ fit.coefficients)[0] ** 2
    joint = kenward_roger_test(L, L @ fit.coefficients, fit.covariance, fit.adjusted, fit.slopes, fit.expected)
    assert joint.df2 == pytest.approx(satterthwaite_df(L, fit.covariance, fit.slopes, fit.expected)[0], rel=1e-9)
    assert joint.statistic == pytest.approx(t2 / (L @ fit.adjusted @ L.T)[0, 0], rel=1e-9)
    plain = satterthwaite_test(L, L @ fit.coefficients, fit.covariance, fit.slopes, fit.observed)
    assert plain.df2 == pytest.approx(satterthwaite_df(L, fit.covariance, fit.slopes, fit.observed)[0], rel=1e-9)
    assert plain.statistic == pytest.approx(t2 / (L @ fit.covariance @ L.T)[0, 0], rel=1e-9)


def test_joint_tests_do_not_depend_on_how_contrasts_are_written():
    X, y, codes = rows()
    fit = fitted(Profile(grouped_moments(X, y, codes), True))
    L, turn = np.eye(4)[[1, 3]], np.array([[2.0, 1.0], [-1.0, 3.0]])
    for test in (
        lambda C: kenward_roger_test(C, C @ fit.coefficients, fit.covariance, fit.adjusted, fit.slopes, fit.expected),
        lambda C: satterthwaite_test(C, C @ fit.coefficients, fit.covariance, fit.slopes, fit.observed),
    ):
        np.testing.assert_allclose(test(turn @ L)[0], test(L)[0], rtol=1e-9)
    one, two = (kenward_roger_test(C, C @ fit.coefficients, fit.covariance, fit.adjusted, fit.slopes, fit.expected)
                for C in (L, turn @ L))  # fmt: skip
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_ends_of_intervals_lie_on_the_limit():
    X, y, codes = rows(seed=4)
    profile, dense = Profile(grouped_moments(X, y, codes), True), Dense(X, y, codes)
    ratios = ratio_interval(profile, 0.9)
    limit = float(profile.deviance(profile.best)) + stats.chi2.ppf(0.9, 1)
    between, within = variance_intervals(profile, ratios, 0.9)

    def best_within(a):
        return optimize.minimize_scalar(lambda s: dense.deviance(a, s, True), bounds=(0.3, 3), method="bounded",
                                        options={"xatol": 1e-8}).fun  # fmt: skip

    for end in between[between > 0]:
        assert best_within(end) == pytest.approx(limit, abs=1e-6)
    for end in within:
        over = optimize.minimize_scalar(lambda a, s=end: dense.deviance(a, s, True), bounds=(0, 5), method="bounded",
                                        options={"xatol": 1e-8}).fun  # fmt: skip
        assert over == pytest.approx(limit, abs=1e-5)
    assert all(float(profile.deviance(r)) == pytest.approx(limit, abs=1e-8) for r in ratios if r > 0)


def test_predictors_and_outcomes_far_from_zero_lose_no_digits():
    X, y, codes = rows()
    one = fitted(Profile(grouped_moments(X, y, codes), True))
    two = fitted(Profile(grouped_moments(rows(far=1e6)[0], y + 1e7, codes), True))
    np.testing.assert_allclose(two.coefficients[1:], one.coefficients[1:], rtol=1e-6)
    np.testing.assert_allclose(two.variances, one.variances, rtol=1e-6)
