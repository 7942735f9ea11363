import json
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.concordance import concordance, midranks, permutation_p, spearman

R = json.loads((VALUES / "concordance.json").read_text(encoding="utf-8"))
# Three executives on six applicants: Siegel (1956), Nonparametric Statistics, table 9.4.
EXECUTIVES = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)


def squares(sums):
    return ((sums - sums.mean()) ** 2).sum()


def test_concordance_with_ties():
    found = concordance(midranks(np.array(R["ratings"], dtype=float)))
    assert_matches(
        [found.w, found.chi_square, found.p_value, found.mean_spearman, found.f, found.f_p_value],
        [R[key] for key in ("w", "chi_square", "p_value", "mean_spearman", "f", "f_p_value")],
        statistic="Kendall's W with ties: W, chi-square, p, mean Spearman, F, p",
        reference="R 4.2.2 friedman.test, cor, pf",
        data="datasets::attitude, 9 departments",
        why="closed form",
        rtol=1e-10,
    )
    assert spearman(midranks(np.array(R["ratings"], dtype=float))) == pytest.approx(np.array(R["rho"]), rel=1e-10)


def test_the_textbook_of_the_executives():
    found = concordance(EXECUTIVES)
    assert_matches(
        [found.w, found.mean_spearman],
        [25.5 / 157.5, (3 * 25.5 / 157.5 - 1) / 2],
        statistic="Kendall's W: W, mean Spearman",
        reference="Siegel (1956), table 9.4: S = 25.5",
        data="three executives, six applicants",
        why="published sums",
        rtol=1e-12,
    )


def test_the_permutation_p_counts_every_order():
    three = midranks(np.array(R["three"], dtype=float))
    p, exact = permutation_p(three, draws=100, seed=1)
    assert exact
    assert_matches(
        p,
        R["exact"],
        statistic="Kendall's W, exact permutation p",
        reference="R 4.2.2, every order listed",
        data="datasets::attitude, 3 departments, 4 aspects",
        why="counts",
        rtol=1e-12,
    )


@pytest.mark.parametrize(("judges", "things", "s", "p"), [(3, 3, 18, 0.028), (4, 3, 32, 0.0046), (5, 3, 24, 0.124)])
def test_exact_probabilities_are_those_of_friedmans_table(judges, things, s, p):
    """Friedman (1937), table V: chi-square 6.0 (N = 3), 8.0 (N = 4), 4.8 (N = 5) of three ranks."""
    orders = [np.array(o, dtype=float) for o in permutations(range(1, things + 1))]
    found = next(r for r in map(np.array, product(orders, repeat=judges)) if squares(r.sum(axis=0)) == s)
    assert permutation_p(found, draws=100, seed=1)[0] == pytest.approx(p, abs=10 ** -len(str(p)[2:]) / 2)


def test_draws_come_close_to_the_exact_p():
    rng = np.random.default_rng(3)
    ranks = midranks(rng.normal(size=(3, 5)) + 0.8 * np.arange(5))
    exact = permutation_p(ranks, draws=100, seed=1)[0]
    drawn = (1 + sum(_drawn(ranks, rng) >= squares(ranks.sum(axis=0)) - 1e-9 for _ in range(4000))) / 4001
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))
    many = midranks(rng.normal(size=(5, 12)))
    p, is_exact = permutation_p(many, draws=4000, seed=1)
    assert not is_exact
    assert p == pytest.approx(concordance(many).f_p_value, abs=0.05)


def _drawn(ranks, rng):
    return squares(rng.permuted(ranks, axis=1).sum(axis=0))


@given(arrays(float, st.tuples(st.integers(2, 5), st.integers(3, 6)), elements=st.floats(0, 1), unique=True))
@settings(max_examples=60, deadline=None)
def test_w_is_the_mean_correlation_on_another_scale(points):
    ranks = midranks(points + np.arange(points.size).reshape(points.shape) * 1e-6)
    found, m = concordance(ranks), len(ranks)
    assert 0 <= found.w <= 1 + 1e-12
    if all(len(set(row)) == len(row) for row in ranks):
        assert found.w == pytest.approx(((m - 1) * found.mean_spearman + 1) / m, abs=1e-12)
    assert concordance(ranks[::-1, ::-1]).w == pytest.approx(found.w, abs=1e-12)


def test_judges_of_one_mind_and_judges_without_an_order():
    alike = concordance(np.tile(np.arange(1.0, 5), (3, 1)))
    assert (alike.w, alike.mean_spearman, alike.f_p_value) == pytest.approx((1, 1, 0))
    none = concordance(np.full((3, 4), 2.5))
    assert np.isnan([none.w, none.p_value, none.f, none.mean_spearman]).all()
    assert permutation_p(np.full((3, 4), 2.5), draws=100, seed=1) == (1.0, True)
    opposed = concordance(np.array([[1.0, 2, 3], [3, 2, 1]]))
    assert opposed.w == 0
    assert opposed.p_value == 1
