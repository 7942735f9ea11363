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
