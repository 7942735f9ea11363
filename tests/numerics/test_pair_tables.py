import numpy as np
import pytest

from sgsurvey.numerics import pair_tables as module
from sgsurvey.numerics.pair_tables import dense_codes, pair_tables


@pytest.fixture(scope="module")
def codes():
    rng = np.random.default_rng(3)
    codes = np.column_stack([rng.integers(0, m, 300) for m in (2, 5, 7, 3)])
    codes[rng.random(codes.shape) < 0.15] = -1
    return codes


@pytest.mark.parametrize("many", [10, 1000], ids=["many rows", "few rows"])
@pytest.mark.parametrize("weights", [None, np.random.default_rng(1).uniform(0.2, 3, 300)], ids=["alike", "weighted"])
def test_tables_are_those_counted_one_by_one(codes, weights, many, monkeypatch):
    monkeypatch.setattr(module, "MANY", many)
    monkeypatch.setattr(module, "BLOCK", 70)
    w = np.ones(300) if weights is None else weights
    found = pair_tables(codes, weights)
    m = found.margins.shape[1]
    for at, (i, j) in enumerate(zip(*np.tril_indices(4, -1), strict=True)):
        for counts, weight in [(found.counts, w), (found.squares, w**2)]:
            wanted = np.zeros((m + 1, m + 1))
            np.add.at(wanted, (codes[:, i], codes[:, j]), weight)  # -1 is the last place
            np.testing.assert_allclose(counts[at], wanted, rtol=1e-12)
        assert found.n[i, j] == found.n[j, i] == ((codes[:, i] >= 0) & (codes[:, j] >= 0)).sum()
    for j, column in enumerate(codes.T):
        np.testing.assert_allclose(found.margins[j], np.bincount(column[column >= 0], w[column >= 0], m), rtol=1e-12)


def test_codes_that_nobody_gave_are_left_out_and_remembered():
    dense, categories = dense_codes(np.array([[3, -1], [7, 0], [3, 9]]), None)
    assert dense.tolist() == [[0, -1], [1, 0], [0, 1]]
    assert [c.tolist() for c in categories] == [[3, 7], [0, 9]]
    dense, categories = dense_codes(np.array([[3], [7], [5]]), np.array([1.0, 1.0, 0.0]))
    assert dense.ravel().tolist() == [0, 1, -1]
    assert categories[0].tolist() == [3, 7]


def test_no_rows_and_all_missing_make_empty_tables():
    for codes in (np.zeros((0, 2), dtype=int), np.full((4, 2), -1)):
        found = pair_tables(codes)
        assert found.margins.shape == (2, 0)
        assert not found.complete.size
        assert not found.n.any()
