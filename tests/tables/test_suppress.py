import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sgsurvey.tables.suppress import exposed, suppressed

COUNTS = arrays(int, st.tuples(st.integers(2, 5), st.integers(2, 4)), elements=st.integers(0, 12))
KNOWN = st.sampled_from([(False, True), (True, False), (True, True)])


def worked_out(hidden, *, across, down):
    """Cells that linear algebra gives away: their unit vector is a combination of the known sums.  A second road."""
    cells = np.argwhere(hidden)
    sums = [cells[:, 0] == i for i in range(hidden.shape[0]) if across]
    sums += [cells[:, 1] == j for j in range(hidden.shape[1]) if down]
    known = np.array(sums, dtype=float)
    rank = np.linalg.matrix_rank(known)
    units = np.eye(len(cells))
    return [tuple(cell) for k, cell in enumerate(cells) if np.linalg.matrix_rank(np.vstack([known, units[k]])) == rank]


@settings(max_examples=60, deadline=None)
@given(COUNTS, KNOWN)
def test_no_small_count_can_be_worked_out(counts, known):
    across, down = known
    hidden = suppressed(counts, 5, across=across, down=down)
    small = (counts > 0) & (counts < 5)
    assert hidden[small].all()
    if hidden.any():
        assert not any(small[cell] for cell in worked_out(hidden, across=across, down=down))


@settings(max_examples=60, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 4))), KNOWN)
def test_bridges_are_what_linear_algebra_gives_away(hidden, known):
    across, down = known
    if hidden.any():
        assert exposed(hidden, across=across, down=down) == worked_out(hidden, across=across, down=down)


def test_nothing_is_hidden_without_small_counts():
    assert not suppressed([[0, 5], [9, 0]], 5, across=True).any()


def test_persons_are_hidden_before_empty_cells():
    assert suppressed([[2], [0], [40], [9]], 5).ravel().tolist() == [True, False, False, True]
    assert suppressed([[2], [0]], 5).ravel().tolist() == [True, True]


def test_two_small_counts_protect_each_other():
    assert suppressed([[2], [3], [40]], 5).ravel().tolist() == [True, True, False]


@pytest.mark.parametrize("across", [True, False])
def test_a_table_with_totals_loses_a_rectangle(across):
    counts = np.array([[3, 20, 23], [30, 6, 36], [40, 50, 90]])
    hidden = suppressed(counts, 5, across=across)
    assert hidden[0, 0]
    assert hidden.sum() == (4 if across else 2)


def test_sums_that_nobody_knows_give_nothing_away():
    assert suppressed([[2, 9], [9, 9]], 5, across=False, down=False).sum() == 1
