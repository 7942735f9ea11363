import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.one_factor import one_factor_loadings


def many(seed, b=12, p=5, strength=1.0):
    rng = np.random.default_rng(seed)
    return np.stack(
        [np.corrcoef(strength * rng.normal(size=(60, 1)) + rng.normal(size=(60, p)), rowvar=False) for _ in range(b)]
    )


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_the_batch_finds_what_each_matrix_has_alone(seed):
    corr = many(seed)
    found = one_factor_loadings(corr, np.full(5, 0.7))
    alone = np.stack([minres(each, 1).loadings[:, 0] for each in corr])
    np.testing.assert_allclose(found, alone, atol=1e-8)


def test_improper_and_weak_matrices_stay_within_bounds():
    corr = np.concatenate([many(3, strength=0.1), many(4, p=5, strength=5.0)])
    found = one_factor_loadings(corr, np.full(5, 0.7))
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 1.02
    alone = np.stack([minres(each, 1).loadings[:, 0] for each in corr])
    np.testing.assert_allclose(found, alone, atol=1e-5)
