import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import optimize, stats

from sgsurvey.numerics.confounding import (
    adjusted_for,
    as_strong_as,
    partial_r2,
    replacement_share,
    robustness_value,
)
from sgsurvey.numerics.partial import slope, strengths

DARFUR = json.loads((VALUES / "darfur.json").read_text(encoding="utf-8"))
PEER = {"reference": "PySensemakr 0.0.8 (Cinelli and Hazlett 2020, Table 1)", "data": "survey of Darfur"}


@pytest.fixture(scope="module")
def darfur():
    """Covariances within villages, and n as it would be without the villages' own constants."""
    return np.array(DARFUR["crossproducts"])[None], np.array([DARFUR["df"] + 8.0])


def test_slope_and_robustness_values(darfur):
    cov, n = darfur
    found = slope(cov, n, 0, 1, range(2, 8))
    t, df = found.t, found.df
    theirs = DARFUR["stats"]
    assert_matches(
        [found.estimate[0], found.std_error[0], t[0], df[0], partial_r2(t, df)[0], robustness_value(t, df)[0],
         robustness_value(t, df, alpha=0.05)[0]],
        [theirs[k] for k in ("estimate", "se", "t_statistic", "dof", "r2yd_x", "rv_q", "rv_qa")],
        statistic="robustness value: slope, error, partial R2, RV, RV at 5 %", why="closed form", rtol=1e-9, **PEER,
    )  # fmt: skip


def test_bounds_by_observed_covariates(darfur):
    cov, n = darfur
    names = DARFUR["names"]
    found = slope(cov, n, 0, 1, range(2, 8))
    strength = strengths(cov, 0, 1, {name: [names.index(name)] for name in names[2:]})
    ours, theirs = [], []
    for line in DARFUR["bounds"]:
        times, name = line["bound_label"].split()
        d, y = as_strong_as(*map(np.asarray, strength[name]), float(times[:-1]))
        adjusted = adjusted_for(found.estimate[0], found.std_error[0], found.df[0], d, y)
        ours.append([d, y, adjusted.estimate, adjusted.std_error])
        theirs.append([line[k] for k in ("r2dz_x", "r2yz_dx", "adjusted_estimate", "adjusted_se")])
    assert_matches(
        ours, theirs, statistic="robustness value: bounds of confounders 1, 2, 3 times as strong as a covariate",
        why="closed form", rtol=1e-9, **PEER,
    )  # fmt: skip
    assert [round(float(a[2]), 7) for a in ours[:3]] == [0.0752203, 0.0529152, 0.030396]


def test_shares_that_null_cases_could_replace():
    found = [float(replacement_share(2, 0.4, 95, 0.05)), float(replacement_share(5, 2, 993, 0.05))]
    assert_matches(
        found, [0.6029, 0.21506],
        statistic="replacement of cases: share", reference="konfound pkonfound",
        data="published: (2, .4, 100, 3), (5, 2, 1000, 5)", why="printed to four digits", atol=6e-5,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 40), st.integers(5, 5000))
def test_a_confounder_of_the_robustness_value_takes_the_slope_to_nothing(t, df):
    value = robustness_value(t, df)
    assert adjusted_for(t, 1.0, df, value, value).estimate == pytest.approx(0, abs=1e-9 * t)
    half = robustness_value(t, df, share=0.5)
    assert adjusted_for(t, 1.0, df, half, half).estimate == pytest.approx(t / 2, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 12), st.integers(8, 3000))
def test_at_the_value_of_significance_the_worst_confounder_just_takes_it(t, df):
    """By a second road: the least strength at which some outcome R2 up to it brings |t| down to its critical value."""
    critical = stats.t.isf(0.025, df - 1)

    def excess(strength):
        y = np.linspace(0, strength, 4001)[:-1] if strength < 1 else np.linspace(0, 1, 4001)[:-1]
        y = np.append(y, min(strength, 1 - 1e-12))
        adjusted = adjusted_for(t, 1.0, df, np.full(y.shape, min(strength, 1 - 1e-12)), y)
        return float((adjusted.estimate / adjusted.std_error).min() - critical)

    value = float(robustness_value(t, df, alpha=0.05))
    if excess(0.0) <= 0:
        assert value == pytest.approx(0, abs=0.02)
    else:
        assert value == pytest.approx(optimize.brentq(excess, 0.0, 1 - 1e-9), abs=2e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_slope_is_that_of_least_squares(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))
    y = x @ rng.normal(size=4) + rng.normal(size=40)
    found = slope(np.cov(np.column_stack([y, x]).T)[None] * 39, np.array([40.0]), 0, 2, [1, 3, 4])
    design = np.column_stack([np.ones(40), x])
    b, rss, *_ = np.linalg.lstsq(design, y, rcond=None)
    error = np.sqrt(rss[0] / 35 * np.linalg.inv(design.T @ design)[2, 2])
    assert [found.estimate[0], found.std_error[0], found.df[0]] == pytest.approx([b[2], error, 35], rel=1e-7)


def test_no_confounder_can_be_stronger_than_everything():
    d, y = as_strong_as(np.array(0.6), np.array(0.5), [1.0, 2.0])
    assert np.isnan(d).all()
    assert np.isnan(y).all()
