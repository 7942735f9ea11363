import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.numerics.covariance_statistics import numeric_slopes, through_correlations
from sgsurvey.numerics.heterotrait import PolychoricRatios, Ratios
from sgsurvey.numerics.linalg import correlation

BLOCKS = [np.array([0, 1, 2]), np.array([3, 4]), np.array([5, 6, 7, 8])]


def corr_of(seed, n=80):
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 3)) @ np.linalg.cholesky(np.full((3, 3), 0.4) + 0.6 * np.eye(3)).T
    loads = np.zeros((3, 9))
    for k, block in enumerate(BLOCKS):
        loads[k, block] = rng.uniform(0.7, 1.2, len(block))
    return np.corrcoef(factors @ loads + 0.5 * rng.normal(size=(n, 9)), rowvar=False)


def by_hand(corr, one, other, mean):
    between = np.abs([corr[i, j] for i in one for j in other])
    within = [[corr[i, j] for i in block for j in block if i < j] for block in (one, other)]
    return mean(between) / np.sqrt(mean(within[0]) * mean(within[1]))


@given(st.integers(0, 9999))
@settings(max_examples=25, deadline=None)
def test_ratios_are_their_definition_for_one_matrix_and_for_many(seed):
    corr, ratios = corr_of(seed), Ratios(BLOCKS)
    found = ratios.value(corr)
    means = (np.mean, lambda r: float(np.prod(r) ** (1 / len(r))))
    expected = [by_hand(corr, BLOCKS[a], BLOCKS[b], mean) for mean in means for a, b in ratios.pairs]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    many = ratios.value(np.stack([corr, corr_of(seed + 1), corr]))
    np.testing.assert_allclose(many[0], found, rtol=1e-12)
    np.testing.assert_allclose(many[2], found, rtol=1e-12)


@given(st.integers(0, 9999))
@settings(max_examples=20, deadline=None)
def test_slopes_are_those_of_differences(seed):
    corr, ratios = corr_of(seed), Ratios(BLOCKS)
    analytic = through_correlations(ratios.slopes(corr), corr)
    numeric = numeric_slopes(lambda cov: ratios.value(correlation(cov)), corr, step=1e-5)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-4, atol=1e-6)


@given(st.integers(0, 9999))
@settings(max_examples=20, deadline=None)
def test_order_signs_of_a_whole_construct_and_congruence(seed):
    corr = corr_of(seed)
    order = np.array([2, 0, 1, 4, 3, 8, 7, 6, 5])
    np.testing.assert_allclose(Ratios(BLOCKS).value(corr[np.ix_(order, order)]), Ratios(BLOCKS).value(corr), rtol=1e-10)
    turned = np.where(np.arange(9) < 3, -1.0, 1.0)
    np.testing.assert_allclose(
        Ratios(BLOCKS).value(corr * np.outer(turned, turned)), Ratios(BLOCKS).value(corr), rtol=1e-10
    )


def test_tau_equivalent_factors_have_their_correlation_and_congeneric_ones_have_it_by_geometric_means():
    phi = np.array([[1, 0.6], [0.6, 1]])
    blocks = [np.arange(3), np.arange(3, 6)]
    equal = np.kron(np.eye(2), np.full((3, 1), 0.7))
    corr = equal @ phi @ equal.T
    np.fill_diagonal(corr, 1)
    np.testing.assert_allclose(Ratios(blocks).value(corr), [0.6, 0.6], rtol=1e-12)
    loadings = np.zeros((6, 2))
    loadings[:3, 0], loadings[3:, 1] = [0.9, 0.6, 0.4], [0.5, 0.8, 0.7]
    corr = loadings @ phi @ loadings.T
    np.fill_diagonal(corr, 1)
    htmt, htmt2 = Ratios(blocks).value(corr)
    assert htmt2 == pytest.approx(0.6, rel=1e-12)
    assert htmt != pytest.approx(0.6, rel=1e-3)


def test_a_mean_that_is_not_positive_gives_nothing():
    corr = np.eye(4)
    corr[0, 1] = corr[1, 0] = -0.3
    corr[2, 3] = corr[3, 2] = 0.5
    corr[0, 2] = corr[2, 0] = 0.2
    found = Ratios([np.array([0, 1]), np.array([2, 3])]).value(corr)
    assert np.isnan(found).all()


def test_influence_of_polychoric_ratios_is_that_of_a_row_counted_more():
    """In many rows that are normal underneath, where expected and observed information meet."""
    rng = np.random.default_rng(6)
    factors = np.repeat(rng.normal(size=(4000, 2)) @ np.array([[1, 0.5], [0, 0.8]]), 3, axis=1)
    x = np.digitize(factors + 0.8 * rng.normal(size=(4000, 6)), [-1, 0, 1]).astype(np.int64)
    statistic = PolychoricRatios(x, Ratios([np.arange(3), np.arange(3, 6)]))
    rows, step = range(0, 4000, 130), 1e-2
    bumps = [step * (np.arange(4000) == row) for row in rows]
    slopes = np.array([(statistic.value(1 + b) - statistic.value(1 - b)) / (2 * step) for b in bumps])
    influence = statistic.influence(np.ones(4000))[list(rows)]
    for ours, moved in zip(influence.T, slopes.T, strict=True):
        assert np.corrcoef(ours, moved)[0, 1] > 0.99
        assert np.std(ours) == pytest.approx(np.std(moved), rel=0.06)
