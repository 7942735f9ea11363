import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.quality.duplicates import nearest_rows


def by_all_pairs(codes, at_least, least_answers):
    """Every pair compared: slow and plain."""
    n = len(codes)
    agreement = np.full(n, np.nan)
    enough = (codes >= 0).sum(axis=1) >= least_answers
    for i in range(n):
        shares = [(codes[i] == codes[j]).mean() for j in range(n) if j != i and enough[i] and enough[j]]
        if shares and max(shares) >= at_least - 1e-9:
            agreement[i] = max(shares)
    return agreement


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), at_least=st.sampled_from([0.5, 0.7, 0.8, 0.9, 1.0]))
def test_bands_find_every_near_pair_that_comparing_all_pairs_finds(seed, at_least):
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 3, size=(25, 11))
    codes[5] = codes[3]
    codes[6] = np.where(rng.random(11) < 0.15, 1, codes[3])
    agreement, partner = nearest_rows(codes, at_least=at_least, least_answers=6)
    np.testing.assert_allclose(agreement, by_all_pairs(codes, at_least, 6))
    found = partner >= 0
    assert (found == ~np.isnan(agreement)).all()
    assert all((codes[i] == codes[partner[i]]).mean() == pytest.approx(agreement[i]) for i in np.flatnonzero(found))


def test_rows_with_few_answers_are_not_compared():
    codes = np.array([[1, -1, -1, -1], [1, -1, -1, -1], [1, 2, 3, 4], [1, 2, 3, 4]])
    agreement, partner = nearest_rows(codes, at_least=1.0, least_answers=3)
    assert np.isnan(agreement).tolist() == [True, True, False, False]
    assert partner.tolist() == [-1, -1, 3, 2]


def test_equal_rows_name_the_first_other_one_even_when_there_are_many():
    codes = np.random.default_rng(1).integers(1, 4, size=(6, 20))
    farm = np.concatenate([codes, codes[[2] * 5]])
    agreement, partner = nearest_rows(farm, at_least=0.9, least_answers=15)
    assert agreement[[2, 6, 7, 8, 9, 10]].tolist() == [1.0] * 6
    assert partner[[2, 6, 7, 8, 9, 10]].tolist() == [6, 2, 2, 2, 2, 2]
    assert (partner[[0, 1, 3, 4, 5]] == -1).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_decides_nothing_about_how_near_they_are(seed):
    rng = np.random.default_rng(seed)
    codes = np.repeat(rng.integers(1, 6, size=(4, 30)), 10, axis=0)
    codes = np.where(rng.random(codes.shape) < 0.05, rng.integers(1, 6, size=codes.shape), codes)
    order = rng.permutation(40)
    straight, _ = nearest_rows(codes, at_least=0.8, least_answers=15)
    shuffled, _ = nearest_rows(codes[order], at_least=0.8, least_answers=15)
    np.testing.assert_array_equal(shuffled, straight[order])
