"""Chi-square tests under the design where they meet the ordinary one; R survey is in tests/truths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sgsurvey as sg
from sgsurvey.errors import EstimationError


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
