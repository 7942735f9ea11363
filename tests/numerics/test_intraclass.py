import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import attitude
from rated_subjects import SHROUT_FLEISS, reference
from reference_values import assert_matches

from sgsurvey.numerics.intraclass import intraclass_correlations, mean_squares

KINDS = ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]
TABLES = {"shrout_fleiss": SHROUT_FLEISS, "attitude": attitude()}
FIELDS = {"estimate": "icc", "conf_low": "low", "conf_high": "high", "statistic": "f", "df1": "df1", "df2": "df2"}


def six(x, conf_level=0.95):
    return intraclass_correlations(mean_squares(np.asarray(x, dtype=float)), conf_level)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("field", [*FIELDS, "p_value"])
def test_all_six_are_those_of_psych(name, field):
    found = six(TABLES[name])
    assert_matches(
        [getattr(found[kind], field) for kind in KINDS],
        reference()[name][FIELDS.get(field, "p")],
        statistic=f"ICC, six kinds: {field}",
        reference="R psych 2.2.9 ICC(lmer = FALSE)",
        data=name,
        why="closed form",
        rtol=1e-9,
    )


def test_they_are_those_that_shrout_and_fleiss_printed():
    printed = [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    assert_matches(
        [six(SHROUT_FLEISS)[kind].estimate for kind in KINDS],
        printed,
        statistic="ICC, six kinds",
        reference="Shrout & Fleiss 1979, table 4",
        data="their table 2",
        why="printed to two digits",
        atol=0.005,
    )


tables = st.builds(
    lambda seed, n, k: (
        np.random.default_rng(seed).normal(size=(n, 1)) + np.random.default_rng(seed + 1).normal(size=(n, k))
    ),
    st.integers(0, 9999),
    st.integers(3, 30),
    st.integers(2, 6),
)


@given(tables, st.floats(0.1, 50), st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_a_new_unit_and_a_new_zero_change_nothing(x, unit, zero):
    for one, other in zip(six(x).values(), six(unit * x + zero).values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-8)


@given(tables, st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_raters_and_subjects_changes_nothing(x, random):
    rows, columns = list(range(len(x))), list(range(x.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    for one, other in zip(six(x).values(), six(x[rows][:, columns]).values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


@given(tables)
@settings(max_examples=30, deadline=None)
def test_the_mean_of_k_is_spearman_and_brown_of_one(x):
    k, found = x.shape[1], six(x)
    for kind in ("ICC1", "ICC2", "ICC3"):
        single = found[kind].estimate
        assert found[f"{kind}k"].estimate == pytest.approx(k * single / (1 + (k - 1) * single), rel=1e-8, abs=1e-10)


@given(tables, st.lists(st.floats(-5, 5), min_size=6, max_size=6))
@settings(max_examples=30, deadline=None)
def test_consistency_does_not_mind_a_severe_rater(x, severity):
    moved = x + np.array(severity)[: x.shape[1]]
    assert six(moved)["ICC3"].estimate == pytest.approx(six(x)["ICC3"].estimate, rel=1e-7, abs=1e-9)


def test_perfect_agreement_is_one_and_no_variation_is_nothing():
    subject = np.arange(5.0)
    perfect = six(np.column_stack([subject] * 3))
    assert all(icc.estimate == 1 and icc.conf_low == icc.conf_high == 1 for icc in perfect.values())
    severe = six(np.column_stack([subject, subject + 1]))
    assert severe["ICC3"].estimate == 1
    assert severe["ICC2"].estimate < 1
    assert all(np.isnan(icc.estimate) for icc in six(np.full((4, 3), 2.7)).values())
