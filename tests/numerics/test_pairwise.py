import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.numerics.pairwise import pairwise_covariance, pairwise_pearson


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.sampled_from([0.0, 1e6]))
def test_pairwise_moments_are_those_of_pandas(seed, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 5)) + shift
    x[rng.random(x.shape) < 0.3] = np.nan
    frame = pd.DataFrame(x)
    cov, n = pairwise_covariance(x)
    np.testing.assert_allclose(cov, frame.cov(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(pairwise_pearson(x)[0], frame.corr(), atol=1e-8)
    np.testing.assert_array_equal(n, frame.notna().astype(int).T @ frame.notna().astype(int))


def test_pairs_never_seen_together_have_no_covariance():
    cov, n = pairwise_covariance(np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 3.0], [np.nan, 5.0]]))
    assert n.tolist() == [[2, 0], [0, 2]]
    np.testing.assert_array_equal(np.isnan(cov), [[False, True], [True, False]])
