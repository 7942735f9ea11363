"""Moments under missing answers against lavaan, and what must hold at a maximum of the likelihood."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import DATA, VALUES, assert_matches
from scipy.stats import multivariate_normal

from sgsurvey.numerics.em import little_statistic, normal_moments, patterns, within_pattern_precision
from sgsurvey.numerics.linalg import correlation, is_singular

TRUTH = json.loads((VALUES / "missing.json").read_text(encoding="utf-8"))
SETS = {"airquality": ("airquality.csv", 6), "gaps": ("careless_gaps.csv", 10)}


def values(name):
    file, p = SETS[name]
    return pd.read_csv(DATA / file).to_numpy(dtype=float)[:, :p]


@pytest.mark.parametrize("name", SETS)
def test_moments_are_those_of_lavaan(name):
    moments = normal_moments(patterns(values(name)))
    assert moments.converged
    for what in ("mean", "cov"):
        assert_matches(
            getattr(moments, what),
            TRUTH[name][what],
            statistic=f"Normal {what} by maximum likelihood, missing answers",
            reference="R lavaan 0.6.14 (em.h1.tol = 1e-15)",
            data=SETS[name][0],
            why="both iterate until the step is lost in rounding",
            rtol=1e-9,
        )


@pytest.mark.parametrize("name", SETS)
def test_little_is_the_formula_on_the_moments_of_lavaan(name):
    found = patterns(values(name))
    statistic, df = little_statistic(found, normal_moments(found))
    assert_matches(
        statistic,
        TRUTH[name]["statistic"],
        statistic="Little's test, d²",
        reference="R lavaan 0.6.14 (em.h1.tol = 1e-15)",
        data=SETS[name][0],
        why="closed form of moments that agree to 1e-11",
        rtol=1e-10,
    )
    assert (df, len(found.n)) == (TRUTH[name]["df"], TRUTH[name]["patterns"])


def test_little_of_airquality_is_what_naniar_prints():
    found = patterns(values("airquality"))
    statistic, df = little_statistic(found, normal_moments(found))
    assert_matches(
        statistic,
        35.1,
        statistic="Little's test, d²",
        reference="R naniar, documentation of mcar_test",
        data="airquality.csv",
        why="printed with one decimal",
        atol=0.05,
    )
    assert df == 14


def gappy(seed, n=80, p=4, share=0.25):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + 0.8 * rng.normal(size=(n, 1)) * rng.choice([-1, 1], p) + 3
    x[rng.random(x.shape) < share] = np.nan
    return x


def log_likelihood(x, mean, cov):
    total = 0.0
    for row in x:
        o = ~np.isnan(row)
        if o.any():
            total += multivariate_normal(mean[o], cov[np.ix_(o, o)]).logpdf(row[o])
    return total


def test_no_other_moments_nearby_are_likelier():
    x = gappy(3)
    found = normal_moments(patterns(x))
    best = log_likelihood(x, found.mean, found.cov)
    rng = np.random.default_rng(4)
    for _ in range(20):
        step = 1e-3 * rng.normal(size=(4, 4))
        other = log_likelihood(x, found.mean + 1e-3 * rng.normal(size=4), found.cov + (step + step.T) / 2)
        assert other < best + 1e-9


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_slopes_vanish_at_the_solution(seed):
    found = patterns(gappy(seed))
    moments = normal_moments(found)
    precision = within_pattern_precision(found.given, moments.cov)
    away = np.where(found.given, found.mean - moments.mean, 0.0)
    slope = np.einsum("j,jab,jb->a", found.n, precision, away) / found.n.sum()
    assert moments.converged
    assert np.abs(slope * np.sqrt(np.diag(moments.cov))).max() < 1e-8


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_little_does_not_change_with_units_or_mixtures_of_complete_variables(seed):
    x = gappy(seed)
    scaled = x * [2.0, -0.1, 30.0, 1.0] + [5.0, 0.0, -8.0, 100.0]
    mine, theirs = patterns(x), patterns(scaled)
    d2, df = little_statistic(mine, normal_moments(mine))
    other, other_df = little_statistic(theirs, normal_moments(theirs))
    assert other == pytest.approx(d2, rel=1e-7)
    assert other_df == df
    # Of complete variables any two mixtures do as well.
    x = gappy(seed, share=0.0)
    x[:20, 0] = np.nan
    mixed = x.copy()
    mixed[:, 1], mixed[:, 2] = x[:, 1] + 2 * x[:, 2], x[:, 1] - x[:, 2]
    a, b = patterns(x), patterns(mixed)
    assert little_statistic(a, normal_moments(a))[0] == pytest.approx(
        little_statistic(b, normal_moments(b))[0], rel=1e-7
    )


def test_without_missing_answers_they_are_the_sample_and_there_is_nothing_to_test():
    x = gappy(7, share=0.0)
    found = patterns(x)
    moments = normal_moments(found)
    np.testing.assert_allclose(moments.mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.cov, np.cov(x, rowvar=False, ddof=0), rtol=1e-10)
    statistic, df = little_statistic(found, moments)
    assert statistic == pytest.approx(0.0, abs=1e-18)
    assert df == 0


def test_the_search_ends_where_the_rows_are_too_few_for_a_covariance():
    x = np.random.default_rng(3).normal(size=(12, 10))
    x[:5, 0] = np.nan  # seven rows for the covariance of the first of ten variables
    moments = normal_moments(patterns(x))
    assert not moments.converged
    assert moments.iterations < 1000
    assert is_singular(correlation(moments.cov))


def test_patterns_sum_up_the_rows():
    x = np.array([[1.0, 2], [3, np.nan], [5, 6], [np.nan, np.nan], [7, np.nan], [9, 0]])
    found = patterns(x)
    assert found.given.tolist() == [[True, True], [True, False]]
    assert found.n.tolist() == [3, 2]
    np.testing.assert_allclose(found.mean, [[5, 8 / 3], [5, 0]])
    np.testing.assert_allclose(found.cov[0], np.cov(x[[0, 2, 5]], rowvar=False, ddof=0))
    np.testing.assert_allclose(found.cov[1], [[4, 0], [0, 0]])


def test_little_keeps_its_level_when_answers_are_missing_by_chance():
    """One in twenty of honest samples is called suspicious: 200 of them, 4 standard errors."""
    from scipy.stats import chi2

    p_values = []
    for seed in range(200):
        found = patterns(gappy(seed, n=300, p=3, share=0.15))
        p_values.append(chi2.sf(*little_statistic(found, normal_moments(found))))
    rate = np.mean(np.array(p_values) < 0.05)
    assert abs(rate - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 200)
