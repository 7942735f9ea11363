import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import attitude
from reference_values import VALUES, assert_matches

import sgsurvey.measurement.split_half as halves
from sgsurvey.measurement.split_half import (
    all_splits,
    first_second,
    flanagan,
    flanagan_slopes,
    odd_even,
    spearman_brown,
    spearman_brown_slopes,
    split_halves,
)
from sgsurvey.numerics.covariance_statistics import numeric_slopes
from sgsurvey.numerics.reliability import cronbach_alpha

VALUE = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))
PSYCH = {"reference": "R psych 2.2.9 splitHalf", "rtol": 1e-10, "why": "closed form"}


def covariance(seed, k):
    rng = np.random.default_rng(seed)
    return np.cov(rng.normal(size=(50, 1)) + rng.normal(size=(50, k)) * rng.uniform(0.5, 2, k), rowvar=False)


def test_all_splits_of_an_even_number_of_items_are_those_of_psych():
    corr = attitude().iloc[:, :6].corr().to_numpy()
    truth = VALUE["attitude6"]["halves"]
    each = np.sort(flanagan(corr, all_splits(6)))
    assert_matches(each, truth["all"], statistic="split halves, every split", data="attitude, six items", **PSYCH)
    found = split_halves(corr)
    assert_matches(
        [found.lowest, found.mean, found.highest],
        [truth["min"], truth["mean"], truth["max"]],
        statistic="split halves: worst, mean, best",
        data="attitude, six items",
        **PSYCH,
    )


def test_an_odd_number_of_items_has_every_split_where_psych_tries_half_of_them():
    corr = attitude().corr().to_numpy()
    ours = np.sort(flanagan(corr, all_splits(7)))
    theirs = np.array(VALUE["attitude"]["halves"]["all"])
    assert len(ours) == 35
    assert len(theirs) == 18
    assert np.abs(ours[:, None] - theirs).min(axis=0).max() < 1e-12
    assert split_halves(corr).lowest < theirs.min() - 0.05


def test_odd_against_even_items_is_by_the_scores_of_the_halves():
    cov, truth = attitude().cov().to_numpy(), VALUE["attitude"]["odd_even"]
    assert_matches(
        [spearman_brown(cov, odd_even(7)), float(flanagan(cov, odd_even(7)))],
        [truth["spearman_brown"], truth["flanagan"]],
        statistic="odd-even split: Spearman-Brown, Flanagan-Rulon",
        reference="R cor and var of the halves",
        data="attitude",
        rtol=1e-12,
        why="closed form",
    )


@given(st.integers(0, 1000), st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_the_mean_over_all_splits_is_alpha_but_for_halves_of_different_size(seed, k):
    cov = covariance(seed, k)
    mean = float(flanagan(cov, all_splits(k)).mean())
    assert mean == pytest.approx(split_halves(cov).mean, rel=1e-10)
    share = 1 if k % 2 == 0 else (k**2 - 1) / k**2
    assert mean == pytest.approx(share * cronbach_alpha(cov), rel=1e-10)


@given(st.integers(0, 1000), st.integers(6, 12))
@settings(max_examples=20, deadline=None)
def test_the_search_finds_what_trying_all_splits_finds(seed, k):
    cov = covariance(seed, k)
    tried = split_halves(cov)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(halves, "ALL_SPLITS", 2)
        searched = split_halves(cov)
    assert searched.searched
    assert searched.lowest == pytest.approx(tried.lowest, abs=1e-10)
    assert searched.highest == pytest.approx(tried.highest, abs=1e-10)


def test_many_items_are_searched_and_counted():
    found = split_halves(covariance(1, 30))
    assert found.searched
    assert found.count == 77558760
    assert found.lowest < found.mean < found.highest < 1


@pytest.mark.parametrize("signs", [odd_even, first_second])
def test_slopes_of_the_splits_are_their_derivatives(signs):
    cov, side = covariance(2, 5), signs(5)
    for value, slopes in ((flanagan, flanagan_slopes), (spearman_brown, spearman_brown_slopes)):
        numeric = numeric_slopes(lambda c, value=value: np.array([float(value(c, side))]), cov)[0]
        np.testing.assert_allclose(slopes(cov, side), numeric, atol=1e-9)


def test_halves_that_vary_alike_have_one_coefficient():
    corr = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    assert spearman_brown(corr, odd_even(4)) == pytest.approx(float(flanagan(corr, odd_even(4))), rel=1e-12)
