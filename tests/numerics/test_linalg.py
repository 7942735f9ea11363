import numpy as np
from public_matrices import attitude

from sgsurvey.numerics.linalg import (
    correlation,
    is_singular,
    off_diagonal,
    squared_multiple_correlation,
    symmetric_root,
)

CORR = attitude().corr().to_numpy()


def test_correlations_of_a_covariance_are_those_of_pandas():
    np.testing.assert_allclose(correlation(attitude().cov().to_numpy()), CORR, rtol=1e-12)


def test_squared_multiple_correlation_is_the_r_squared_of_a_regression():
    data = attitude().to_numpy()
    others = np.column_stack([np.ones(len(data)), data[:, 1:]])
    residual = data[:, 0] - others @ np.linalg.lstsq(others, data[:, 0], rcond=None)[0]
    expected = 1 - residual.var() / data[:, 0].var()
    np.testing.assert_allclose(squared_multiple_correlation(CORR)[0], expected, rtol=1e-10)


def test_a_repeated_variable_makes_a_matrix_singular():
    twice = np.corrcoef(np.column_stack([attitude(), attitude()["rating"]]), rowvar=False)
    assert is_singular(twice)
    assert not is_singular(CORR)


def test_roots_and_off_diagonals():
    root = symmetric_root(CORR)
    np.testing.assert_allclose(root @ root, CORR, atol=1e-12)
    assert off_diagonal(np.arange(9.0).reshape(3, 3)).tolist() == [1, 2, 3, 5, 6, 7]
