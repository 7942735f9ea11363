import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from rated_subjects import COHEN, FLEISS, pairs_of, reference
from reference_values import assert_matches

from sgsurvey.numerics.intraclass import intraclass_correlations, mean_squares
from sgsurvey.numerics.kappa import agreement_weights, cohen_kappa, fleiss_kappa

PSYCH = {"reference": "R psych 2.2.9 cohen.kappa", "why": "closed form", "rtol": 1e-10}


def n1_n2():
    return bfi()[["N1", "N2"]].dropna().to_numpy(dtype=np.int64) - 1


@pytest.mark.parametrize(("name", "pairs", "c"), [("cohen1968", pairs_of(COHEN), 3), ("bfi_n1_n2", n1_n2(), 6)])
@pytest.mark.parametrize("kind", ["linear", "quadratic"])
def test_weighted_kappa_and_its_variance_are_those_of_psych(name, pairs, c, kind):
    kappa = cohen_kappa(pairs[:, 0], pairs[:, 1], agreement_weights(c, kind))
    theirs = reference()[name][kind]
    at = {"data": name, **PSYCH}
    assert_matches(kappa.estimate, theirs["weighted"], statistic=f"weighted kappa, {kind}", **at)
    assert_matches(
        kappa.std_error,
        theirs["ase_vcd"],
        statistic=f"weighted kappa, {kind}: standard error",
        reference="R vcd 1.4-11 Kappa",
        data=name,
        why="closed form",
        rtol=1e-10,
    )
    plain = cohen_kappa(pairs[:, 0], pairs[:, 1], agreement_weights(c, "none"))
    assert_matches(plain.estimate, theirs["kappa"], statistic="Cohen's kappa", **at)
    assert_matches(plain.std_error**2, theirs["var_kappa"], statistic="Cohen's kappa: variance", **at)


def test_psych_has_another_variance_of_weighted_kappa_than_the_paper():
    """psych 2.2.9 is off by a tenth and more where weights are quadratic; vcd and the delta method agree with us."""
    theirs = reference()["cohen1968"]["quadratic"]
    assert theirs["var_psych"] / theirs["ase_vcd"] ** 2 > 1.1

    weights, table = agreement_weights(3, "quadratic"), COHEN / COHEN.sum()

    def kappa(p):
        p = p / p.sum()
        by_chance = p.sum(axis=1) @ weights @ p.sum(axis=0)
        return ((weights * p).sum() - by_chance) / (1 - by_chance)

    steps = [1e-6 * np.eye(9)[i].reshape(3, 3) for i in range(9)]
    slopes = np.array([(kappa(table + h) - kappa(table - h)) / 2e-6 for h in steps]).reshape(3, 3)
    by_delta = ((table * slopes**2).sum() - (table * slopes).sum() ** 2) / COHEN.sum()
    assert theirs["ase_vcd"] ** 2 == pytest.approx(by_delta, rel=1e-6)


def test_fleiss_kappa_is_the_published_one():
    found = fleiss_kappa(FLEISS)
    at = {"data": "his table 1, 30 patients, 6 psychiatrists"}
    assert_matches(
        found.overall.estimate,
        0.430,
        statistic="Fleiss' kappa",
        reference="Fleiss 1971",
        why="printed to three digits",
        atol=0.0005,
        **at,
    )
    # As printed by R irr's kappam.fleiss(diagnoses, detail = TRUE): z of the whole, kappas and z of the categories.
    z = found.overall.estimate / found.overall.std_error_null
    assert_matches(
        [z, *found.categories],
        [17.7, 0.245, 0.245, 0.520, 0.471, 0.566],
        statistic="Fleiss' kappa: z and categories",
        reference="R irr kappam.fleiss, printed in its manual",
        why="printed to three digits",
        rtol=0.003,
        **at,
    )


def ratings(raters=2):
    def made(seed, n, c):
        rng = np.random.default_rng(seed)
        true = rng.integers(0, c, n)
        return np.column_stack([np.where(rng.random(n) < 0.6, true, rng.integers(0, c, n)) for _ in range(raters)]), c

    return st.builds(made, st.integers(0, 9999), st.integers(8, 60), st.integers(2, 5))


@given(ratings())
@settings(max_examples=40, deadline=None)
def test_quadratic_kappa_is_the_intraclass_correlation_of_agreement_with_its_n_in_place_of_n_less_one(drawn):
    """Fleiss and Cohen (1973): the two differ by a term of order 1 / n alone."""
    x, c = drawn
    kappa = cohen_kappa(x[:, 0], x[:, 1], agreement_weights(c, "quadratic")).estimate
    n, b, j, e = (lambda ms: (ms.n, ms.subjects, ms.raters, ms.error))(mean_squares(x.astype(float)))
    by_n = (b - e) * (n - 1) / ((b + e) * (n - 1) + 2 * j)
    if np.isfinite(kappa):
        assert kappa == pytest.approx(by_n, rel=1e-9, abs=1e-12)
        icc = intraclass_correlations(mean_squares(np.tile(x, (200, 1)).astype(float)))["ICC2"].estimate
        assert kappa == pytest.approx(icc, abs=1 / (50 * n) + 1e-4)


@given(ratings(), st.permutations(range(5)))
@settings(max_examples=40, deadline=None)
def test_names_of_categories_and_the_order_of_two_raters_do_not_matter(drawn, names):
    x, c = drawn
    renamed = np.argsort(np.argsort(np.array(names)[:c]))[x]
    one = cohen_kappa(x[:, 0], x[:, 1], np.eye(c))
    for other in (cohen_kappa(renamed[:, 0], renamed[:, 1], np.eye(c)), cohen_kappa(x[:, 1], x[:, 0], np.eye(c))):
        np.testing.assert_allclose(other[:3], one[:3], rtol=1e-9, atol=1e-12)


@given(ratings(), st.sampled_from(["none", "linear", "quadratic"]))
@settings(max_examples=40, deadline=None)
def test_doubled_rows_keep_kappa_and_halve_its_variance(drawn, kind):
    x, c = drawn
    weights = agreement_weights(c, kind)
    once, twice = (cohen_kappa(y[:, 0], y[:, 1], weights) for y in (x, np.tile(x, (2, 1))))
    assert twice.estimate == pytest.approx(once.estimate, rel=1e-10, nan_ok=True)
    assert twice.std_error**2 == pytest.approx(once.std_error**2 / 2, rel=1e-9, abs=1e-15, nan_ok=True)


@given(ratings())
@settings(max_examples=40, deadline=None)
def test_two_categories_have_one_kappa_whatever_the_weights(drawn):
    x = np.minimum(drawn[0], 1)
    found = [cohen_kappa(x[:, 0], x[:, 1], agreement_weights(2, kind))[:3] for kind in ("none", "linear", "quadratic")]
    np.testing.assert_allclose(found[1], found[0], rtol=1e-10)
    np.testing.assert_allclose(found[2], found[0], rtol=1e-10)


@given(ratings())
@settings(max_examples=40, deadline=None)
def test_fleiss_of_two_raters_is_scotts_pi(drawn):
    x, c = drawn
    counts = (x[:, :, None] == np.arange(c)).sum(axis=1).astype(float)
    shares = np.bincount(x.ravel(), minlength=c) / x.size
    observed, expected = (x[:, 0] == x[:, 1]).mean(), shares @ shares
    if expected < 1:
        pi = (observed - expected) / (1 - expected)
        assert fleiss_kappa(counts).overall.estimate == pytest.approx(pi, rel=1e-9, abs=1e-12)


def test_the_error_of_fleiss_kappa_is_that_of_the_jackknife_in_many_subjects():
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, 400)
    x = np.column_stack([np.where(rng.random(400) < 0.7, true, rng.integers(0, 3, 400)) for _ in range(4)])
    counts = (x[:, :, None] == np.arange(3)).sum(axis=1).astype(float)
    left_out = np.array([fleiss_kappa(np.delete(counts, i, 0)).overall.estimate for i in range(400)])
    jackknife = np.sqrt(399 / 400 * ((left_out - left_out.mean()) ** 2).sum())
    assert fleiss_kappa(counts).overall.std_error == pytest.approx(jackknife, rel=0.01)


def test_one_category_alone_has_no_kappa():
    same = np.zeros(10, dtype=np.int64)
    assert np.isnan(cohen_kappa(same, same, agreement_weights(3, "linear")).estimate)
    assert np.isnan(fleiss_kappa(np.array([[3.0, 0.0]] * 5)).overall.estimate)


def test_raters_that_never_differ_have_a_kappa_of_one():
    x = np.arange(9) % 3
    assert cohen_kappa(x, x, np.eye(3)).estimate == pytest.approx(1)
    assert cohen_kappa(x, x, np.eye(3)).std_error == pytest.approx(0, abs=1e-9)
