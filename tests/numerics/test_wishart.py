import numpy as np

from sgsurvey.numerics.wishart import null_correlations


def test_drawn_matrices_have_the_eigenvalues_of_drawn_data():
    rng = np.random.default_rng(5)
    drawn = np.concatenate(list(null_correlations(8, 60, 600, rng, block=256)))
    data = rng.standard_normal((600, 60, 8))
    data -= data.mean(axis=1, keepdims=True)
    cross = data.transpose(0, 2, 1) @ data
    scale = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
    from_data = cross / (scale[:, :, None] * scale[:, None, :])
    assert drawn.shape == from_data.shape
    means = [np.linalg.eigvalsh(m).mean(axis=0) for m in (drawn, from_data)]
    errors = np.sqrt(sum(np.linalg.eigvalsh(m).var(axis=0) / 600 for m in (drawn, from_data)))
    assert (np.abs(means[0] - means[1]) < 4 * errors).all()


def test_variance_of_a_null_correlation_is_one_over_n_minus_one():
    drawn = np.concatenate(list(null_correlations(5, 41, 4000, np.random.default_rng(2))))
    values = drawn[:, *np.tril_indices(5, -1)]
    np.testing.assert_allclose((values**2).mean(), 1 / 40, rtol=0.03)
