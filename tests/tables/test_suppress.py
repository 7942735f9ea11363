import itertools

import numpy as np
import pytest
from attacker import Page, feasible, intervals
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sgsurvey.tables.suppress import suppressed

COUNTS = arrays(int, st.tuples(st.integers(2, 5), st.integers(1, 4)), elements=st.integers(0, 12))
KNOWN = st.sampled_from(["down", "across", "both", "total"])


def known_to(counts, how):
    """The table as a page shows it, and the options of ``suppressed`` that say so."""
    if how == "total":
        return np.column_stack([counts, counts.sum(axis=1)]), {"total": True}
    return counts, {"across": how in ("across", "both"), "down": how in ("down", "both")}


def attack(counts, hidden, options, *, told=True):
    """Smallest and largest count of each hidden cell that agrees with all that is shown."""
    page = Page(np.where(hidden, np.nan, counts))
    if options.get("down", True):
        page.columns_add_up_to(counts.sum(axis=0))
    if options.get("across"):
        page.rows_add_up_to(counts.sum(axis=1))
    if options.get("total"):
        page.last_column_is_the_sum()
    # For good measure the reader is told which hidden cells are occupied.
    return intervals(page, occupied=hidden & (counts > 0) if told else None)


@settings(max_examples=80, deadline=None)
@given(COUNTS, KNOWN)
def test_no_small_count_can_be_worked_out_unless_an_empty_page_would_give_it_away(counts, how):
    counts, options = known_to(counts, how)
    hidden = suppressed(counts, 5, **options)
    small = (counts > 0) & (counts < 5)
    assert hidden[small].all()
    if not small.any():
        return
    low, high = attack(counts, hidden, options)
    least, most = attack(counts, np.ones_like(hidden), options)
    assert (low[small] <= counts[small]).all()
    assert (counts[small] <= high[small]).all()
    assert ((high > low) | (most == least))[small].all()
    # A reader who is not told which hidden cells are occupied.
    low, high = attack(counts, hidden, options, told=False)
    least, most = attack(counts, np.ones_like(hidden), options, told=False)
    assert ((high > low) | (most == least))[small].all()


def test_the_attack_finds_what_is_not_protected():
    """The attacker of these tests is not blind: without complementary suppression he reads every cell."""
    counts = np.array([[3, 20, 23], [30, 6, 36], [40, 50, 90]])
    low, high = attack(counts, (counts > 0) & (counts < 5), {"total": True})
    assert low[0, 0] == high[0, 0] == 3


@settings(max_examples=60, deadline=None)
@given(arrays(int, st.integers(2, 5), elements=st.integers(0, 9)))
def test_a_column_leaves_every_small_count_open_that_counting_by_hand_leaves_open(counts):
    """A second road: every table of the same shape with the same sum and the same visible cells, one by one."""
    hidden = suppressed(counts[:, None], 5)[:, 0]
    total = counts[hidden].sum()
    if hidden.any() and hidden.sum() <= 4:
        fitting = [
            cells
            for cells in itertools.product(range(int(total) + 1), repeat=int(hidden.sum()))
            if sum(cells) == total and all((c > 0) == (t > 0) for c, t in zip(cells, counts[hidden], strict=True))
        ]
        small = (counts[hidden] > 0) & (counts[hidden] < 5)
        several = (counts > 0).sum() > 1
        for k in np.flatnonzero(small):
            values = {cells[k] for cells in fitting}
            assert len(values) > 1 or not several or counts.sum() == (counts > 0).sum()
        assert total >= 5 or hidden[counts > 0].all()


def test_nothing_is_hidden_without_small_counts():
    assert not suppressed([[0, 5], [9, 0]], 5, across=True).any()


def test_persons_are_hidden_before_empty_cells():
    assert suppressed([[2], [0], [40], [9]], 5).ravel().tolist() == [True, False, False, True]


def test_a_group_that_is_too_small_is_hidden_whole():
    assert suppressed([[2], [0]], 5).ravel().tolist() == [True, True]
    assert suppressed([[2, 9], [0, 9]], 5)[:, 0].all()


def test_small_counts_protect_each_other_where_they_are_enough_together():
    assert suppressed([[2], [3], [40]], 5).ravel().tolist() == [True, True, False]
    # Two cells of two persons can only hold one each.
    assert suppressed([[1], [1], [40]], 5).all()


def test_rows_whose_small_counts_are_no_secret_are_hidden_only_to_protect_others():
    assert not suppressed([[2], [9], [30]], 5, public=[True, False, False]).any()
    assert suppressed([[2], [3], [30]], 5, public=[True, False, False]).ravel().tolist() == [True, True, False]
    assert not suppressed([[2], [1]], 5, public=[True, True]).any()


@pytest.mark.parametrize("options", [{"total": True}, {"across": True}, {}])
def test_a_table_with_totals_loses_a_rectangle(options):
    counts = np.array([[3, 20, 23], [30, 6, 36], [40, 50, 90]])
    hidden = suppressed(counts, 5, **options)
    assert hidden[0, 0]
    assert hidden.sum() == (4 if options else 2)


def test_a_row_of_totals_may_itself_be_hidden():
    counts = np.array([[2, 0, 2], [0, 9, 9], [20, 30, 50]])
    hidden = suppressed(counts, 5, total=True)
    low, high = attack(counts, hidden, {"total": True})
    assert (high - low)[0, 0] > 0
    assert (high - low)[0, 2] > 0


def test_sums_that_nobody_knows_give_nothing_away():
    assert suppressed([[2, 9], [9, 9]], 5, across=False, down=False).sum() == 1


def test_the_hidden_table_is_one_of_those_that_fit():
    counts = np.array([[3, 20], [30, 6]])
    hidden = suppressed(counts, 5, across=True)
    assert feasible(Page(np.where(hidden, np.nan, counts)), counts)
