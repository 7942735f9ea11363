import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.rubin import combine, imputations_needed, joint_test

R = json.loads((VALUES / "imputation.json").read_text(encoding="utf-8"))
ESTIMATES, VARIANCES = np.array(R["coefficients"]), np.array(R["variances"])
CLOSED = "closed form; the reference is written with 15 digits"


@pytest.mark.parametrize("size", ["small", "large"])
def test_pooling_is_that_of_mice(size):
    found = combine(ESTIMATES, VARIANCES, R["df_complete"] if size == "small" else np.inf)
    ours = [found.estimate, found.within, found.between, found.variance, found.df, found.increase, found.fmi]
    theirs = [[line[key] for line in R[size]] for key in ("qbar", "ubar", "b", "t", "df", "r", "fmi")]
    assert_matches(
        ours,
        theirs,
        statistic="Rubin's rules: estimate, variances, Barnard-Rubin df, increase, missing information",
        reference="R mice 3.15.0 pool.scalar",
        data=f"airquality completed 7 times ({size} sample)",
        why=CLOSED,
        rtol=1e-10,
    )


def test_pooling_is_that_of_mitools():
    found = combine(ESTIMATES, VARIANCES)
    assert_matches(
        [found.estimate, found.variance, found.df],
        [R["mitools"][key] for key in ("estimate", "variance", "df")],
        statistic="Rubin's rules: estimate, variance, df",
        reference="R mitools 2.4 MIcombine",
        data="airquality completed 7 times",
        why=CLOSED,
        rtol=1e-10,
    )


@pytest.mark.parametrize(("size", "df"), [("small", R["df_complete"]), ("large", np.inf)])
def test_the_joint_test_is_that_of_mitml(size, df):
    f, df1, df2, p = joint_test(ESTIMATES[:, 1:], np.array(R["covariances"])[:, 1:, 1:], df)
    said = {"reference": "R mitml 0.4.4 testModels", "data": f"airquality completed 7 times ({size} sample)"}
    theirs = R[f"d1_{size}"]
    assert_matches([f, df1, df2], theirs[:3], statistic="D1: F, its degrees of freedom", why=CLOSED, rtol=1e-10, **said)
    assert_matches([p], theirs[3:4], statistic="D1: p", why="the reference subtracts from 1", atol=1e-15, **said)


def test_the_joint_test_of_one_estimate_is_the_square_of_its_t():
    f, k, _, _ = joint_test(ESTIMATES[:, 2:3], VARIANCES[:, 2:3, None])
    found = combine(ESTIMATES, VARIANCES)
    assert (f, k) == (pytest.approx(found.estimate[2] ** 2 / found.variance[2], rel=1e-12), 1)


def test_degrees_of_freedom_of_small_samples_tend_to_those_of_large_ones():
    covariances = np.array(R["covariances"])[:, 1:, 1:]
    small, large = (joint_test(ESTIMATES[:, 1:], covariances, df)[2] for df in (1e9, np.inf))
    assert small == pytest.approx(large, rel=0.02)


@pytest.mark.parametrize("df", [12.0, np.inf])
def test_sets_that_agree_give_the_result_of_one(df):
    found = combine(np.tile([1.5, -2.0], (5, 1)), np.tile([0.25, 4.0], (5, 1)), df)
    np.testing.assert_array_equal(
        [found.estimate, found.variance, found.df, found.fmi], [[1.5, -2.0], [0.25, 4.0], [df, df], [0, 0]]
    )
    f, _, df2, _ = joint_test(np.tile([1.5, -2.0], (5, 1)), np.tile(np.diag([0.25, 4.0]), (5, 1, 1)), df)
    assert (f, df2) == (pytest.approx((9 + 1) / 2), df)


@given(arrays(float, (4, 3), elements=st.floats(-5, 5)), st.floats(2, 500))
@settings(max_examples=50, deadline=None)
def test_pooling_never_gains_and_does_not_know_the_order_of_sets(estimates, df):
    variances = np.full((4, 3), 0.7)
    found, turned = combine(estimates, variances, df), combine(estimates[::-1], variances, df)
    assert (found.variance >= found.within).all()
    assert (found.df <= df * (1 + 1e-12)).all()
    assert ((found.fmi >= 0) & (found.fmi <= 1)).all()
    np.testing.assert_allclose(found.variance, turned.variance, rtol=1e-12)


def test_how_many_imputations_follows_the_quadratic_rule():
    """With a pilot so large that the fraction is known: 1 + (fmi / cv)^2 / 2."""
    assert imputations_needed([0.1, 0.3, 0.5], 10**12).tolist() == [4, 20, 52]
    assert imputations_needed([0.5], 10**12, cv=0.1).tolist() == [14]
    few, many = imputations_needed([0.3], 5), imputations_needed([0.3], 100)
    assert few > many > 20, "a small pilot knows the fraction badly, and its upper limit counts"
    assert imputations_needed([0.0], 20).tolist() == [1]
