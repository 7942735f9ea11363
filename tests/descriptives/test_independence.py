"""Chi-square tests under the design beside R survey, and where they meet the ordinary one."""

import numpy as np
import pandas as pd
import pytest
from reference_values import assert_matches
from scipy import stats
from survey_samples import DESIGNS, PEER, designed, nhanes, truths

import sgsurvey as sg
from sgsurvey.errors import EstimationError

NAMES = {"F": "F", "Chisq": "chi_square", "Wald": "wald", "adjWald": "adjusted_wald"}


def compared(found, key, data):
    lines = found.frame.set_index("test")
    for theirs, ours in NAMES.items():
        truth, line = truths()[f"{key}:chisq:{theirs}"], lines.loc[ours]
        # R prints Pearson's statistic with the rows of the whole design (those without answers too) for "Chisq".
        mine = [line["p_value"]] if theirs == "Chisq" else [line["p_value"], line["statistic"], line["df"], line["df2"]]
        assert_matches(
            mine,
            [truth["p"]] if theirs == "Chisq" else [truth["p"], truth["est"], *truth["df"]],
            statistic=f"independence under the design, {theirs}",
            reference=f"{PEER} svychisq",
            data=data,
            why="closed form; p by other code",
            rtol=1e-9,
        )


@pytest.mark.shared
@pytest.mark.parametrize("design", DESIGNS)
def test_tests_of_independence_are_those_of_svychisq(design):
    compared(sg.chi_square(designed(design), "sch.wide", "stype"), design, f"api, {design}")


@pytest.mark.shared
def test_nhanes_agrees_with_svychisq():
    compared(sg.chi_square(nhanes(), "HI_CHOL", "race"), "nhanes", "nhanes")


@pytest.fixture
def pairs():
    rng = np.random.default_rng(2)
    a = rng.integers(0, 3, 400)
    return pd.DataFrame({"a": a, "b": np.where(rng.random(400) < 0.3, a % 2, rng.integers(0, 2, 400))})


def test_a_simple_sample_gives_pearsons_test(pairs):
    found = sg.chi_square(pairs, "a", "b")
    ordinary = stats.chi2_contingency(pd.crosstab(pairs["a"], pairs["b"]), correction=False)
    assert found.pearson == pytest.approx(ordinary.statistic, rel=1e-12)
    # Under independence all design effects are 1; here they differ as far as the table departs from it.
    assert found.effects == pytest.approx(np.ones(2), abs=0.15)
    assert found.v == pytest.approx(np.sqrt(ordinary.statistic / 400), rel=1e-12)


def test_copies_of_rows_as_clusters_leave_p_as_it_was(pairs):
    once = sg.chi_square(sg.survey_design(pairs.assign(id=range(400)), clusters="id"), "a", "b").frame
    twice = pd.concat([pairs.assign(id=range(400))] * 2, ignore_index=True)
    again = sg.chi_square(sg.survey_design(twice, clusters="id"), "a", "b").frame
    np.testing.assert_allclose(once["p_value"], again["p_value"], rtol=1e-9)


def test_exchanging_rows_and_columns_changes_nothing(pairs):
    a, b = sg.chi_square(pairs, "a", "b").frame, sg.chi_square(pairs, "b", "a").frame
    np.testing.assert_allclose(a[["statistic", "df", "p_value"]], b[["statistic", "df", "p_value"]], rtol=1e-9)


def test_what_cannot_be_tested_is_refused(pairs):
    with pytest.raises(EstimationError, match="single value"):
        sg.chi_square(pairs.assign(b=1), "a", "b")
    with pytest.raises(EstimationError, match="empty"):
        sg.chi_square(pairs.assign(b=(pairs["a"] == 2).astype(int)), "a", "b")


def test_the_table_speaks_both_languages(pairs):
    found = sg.chi_square(pairs, "a", "b")
    assert "Rao–Scott F (second order)" in found.table(language="en").to_markdown()
    assert "二阶校正" in found.table(language="zh").to_markdown()
