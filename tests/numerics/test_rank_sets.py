import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.rank_sets import rank_sets


def differences(values):
    return values[..., :, None] - values[..., None, :]


def errors(sd):
    found = np.sqrt(sd[:, None] ** 2 + sd**2)
    np.fill_diagonal(found, 0.0)
    return found


def drawn(sd, draws, rng):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(differences(rng.standard_normal((draws, len(sd))) * sd) / errors(sd))


def by_hand(estimate, std_error, draws, pairs):
    """Step-down as its paper words it: reject what exceeds the critical value, and again without what was rejected."""
    left, shown = list(pairs), set()
    while left:
        largest = sorted(max(draw[j, k] for j, k in left) for draw in draws)
        new = []
        for j, k in left:
            t = (estimate[j] - estimate[k]) / std_error[j, k]
            if sum(value >= t for value in largest) <= 0.05 * len(largest):
                new.append((j, k))
        if not new:
            break
        shown |= set(new)
        left = [pair for pair in left if pair not in new]
    p = len(estimate)
    low = [1 + sum((k, j) in shown for k in range(p)) for j in range(p)]
    high = [p - sum((j, k) in shown for k in range(p)) for j in range(p)]
    return low, high


@pytest.mark.parametrize("seed", range(6))
def test_the_sets_are_those_of_the_algorithm_by_hand(seed):
    rng = np.random.default_rng(seed)
    sd = rng.uniform(0.5, 1.5, 4)
    estimate = rng.normal(0, 3, 4)
    draws = drawn(sd, 200, rng)
    found = rank_sets(estimate, errors(sd), draws)
    pairs = [(j, k) for j in range(4) for k in range(4) if j != k]
    low, high = by_hand(estimate, errors(sd), draws, pairs)
    assert (found.low.tolist(), found.high.tolist()) == (low, high)
    for j in range(4):
        low, high = by_hand(estimate, errors(sd), draws, [pair for pair in pairs if j in pair])
        assert (found.low_alone[j], found.high_alone[j]) == (low[j], high[j])


def test_the_sets_are_those_of_the_algorithm_in_r():
    R = json.loads((VALUES / "rank_sets.json").read_text(encoding="utf-8"))
    estimate, draws = np.array(R["estimate"]), differences(np.array(R["draws"]))
    spread = draws.std(axis=0, ddof=1)
    moved = np.divide(draws - differences(estimate), spread, out=np.zeros_like(draws), where=spread > 0)
    found = rank_sets(estimate, np.array(R["std_error"]), moved)
    for name in ("low", "high", "low_alone", "high_alone"):
        assert_matches(
            getattr(found, name),
            R[name],
            statistic=f"confidence sets of ranks: {name}",
            reference="R 4.2.2, step-down of Mogstad et al. (2024) written out",
            data="datasets::InsectSprays, 400 bootstrap draws",
            why="whole numbers",
            atol=1e-12,
        )


def true_ranks(truth):
    """Ties may have any of the ranks they share."""
    return [(1 + int((truth > t).sum()), len(truth) - int((truth < t).sum())) for t in truth]


@pytest.mark.parametrize("truth", [[0.0, 0.0, 0.0, 0.0], [3.0, 2.0, 1.0, 0.0], [4.0, 4.0, 0.0, 0.0, 0.0]])
def test_they_hold_the_true_ranks_of_normal_means(truth):
    truth, studies = np.array(truth), 400
    rng = np.random.default_rng(11)
    sd = np.linspace(0.6, 1.2, len(truth))
    held, alone = 0, np.zeros(len(truth))
    for _ in range(studies):
        found = rank_sets(truth + sd * rng.standard_normal(len(truth)), errors(sd), drawn(sd, 300, rng))
        ranks = true_ranks(truth)
        held += all(a >= low and b <= high for (a, b), low, high in zip(ranks, found.low, found.high, strict=True))
        alone += [
            a >= low and b <= high for (a, b), low, high in zip(ranks, found.low_alone, found.high_alone, strict=True)
        ]
    margin = 3 * np.sqrt(0.95 * 0.05 / studies)
    assert held / studies > 0.95 - margin
    assert (alone / studies > 0.95 - margin).all()
    if not truth.any():
        # All differences 0: nothing but a false claim can shorten the sets, and that happens as often as declared.
        assert held / studies < 0.95 + margin


@settings(max_examples=30, deadline=None)
@given(
    estimate=st.lists(st.floats(-5, 5), min_size=1, max_size=5),
    scale=st.floats(0.1, 10),
    seed=st.integers(0, 1000),
)
def test_the_sets_hold_the_estimated_rank_and_know_no_unit(estimate, scale, seed):
    estimate, rng = np.array(estimate), np.random.default_rng(seed)
    sd = np.ones(len(estimate))
    draws = drawn(sd, 100, rng)
    found = rank_sets(estimate, errors(sd), draws)
    larger = (estimate[:, None] < estimate).sum(axis=1)
    assert (found.low <= 1 + larger).all()
    assert (found.high >= 1 + larger).all()
    assert (found.low_alone >= found.low).all()
    assert (found.high_alone <= found.high).all()
    other = rank_sets(scale * estimate + 7, scale * errors(sd), draws)
    assert np.array_equal(found.low, other.low)


def test_values_that_cannot_be_told_apart_have_every_rank():
    found = rank_sets(np.array([2.0, 1.0]), np.zeros((2, 2)), np.zeros((100, 2, 2)))
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1], [2, 2])


def test_far_apart_they_are_exact():
    sd = np.ones(3)
    found = rank_sets(np.array([0.0, 50.0, 100.0]), errors(sd), drawn(sd, 500, np.random.default_rng(1)))
    assert found.low.tolist() == found.high.tolist() == [3, 2, 1]
