"""Three scales of the municipal resident survey: a factor model by every road that real answers need."""

from pathlib import Path

import numpy as np
import pytest

import sgsurvey as sg

FOLDER = Path(__file__).parents[1] / "studies" / "resident_survey" / "questionnaire"
SCALES = ["STREETS", "ENFORCE", "C311"]

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def residents(shared):
    questionnaire = sg.read_questionnaire(FOLDER, language="zh")
    return sg.read_responses(shared / "data" / "kcmo_resident_survey_2021q3.csv", questionnaire)


def test_ordered_and_numeric_models_agree_on_what_measures_what(residents):
    numeric = sg.cfa(residents, SCALES, estimator="MLR", missing="fiml")
    ordered = sg.cfa(residents, SCALES, estimator="WLSMV", missing="pairwise")
    assert numeric.n > 900
    assert any("多分格" in note.zh for note in ordered.table(language="zh").notes)
    first, second = numeric.loadings.stack().dropna(), ordered.loadings.stack().dropna()
    # The model misfits (CFI about .8), so that the two discrepancies weigh its faults differently.
    assert min(first.min(), second.min()) > 0.4
    # Coarse answers understate loadings of the variables behind them.
    assert second.mean() > first.mean()
    np.testing.assert_allclose(numeric.phi, ordered.phi, atol=0.1)


def test_complete_rows_are_a_selection_and_the_page_says_so(residents):
    listwise = sg.cfa(residents, SCALES, estimator="WLSMV")
    assert listwise.n == 420
    assert any("613" in note.zh for note in listwise.table(language="zh").notes)
    assert any("只代表回答了全部题项的人" in remark.zh for remark in listwise.remarks)


def test_three_factors_are_better_than_one_and_the_paths_between_them_have_words(residents):
    items = residents.item_names(SCALES)
    one = sg.cfa(residents, {"ALL": items})
    three = sg.cfa(residents, SCALES)
    comparison = sg.compare_models({"one": one, "three": three}).frame.iloc[1]
    assert comparison["nested"]
    assert comparison["delta_df"] == 3
    assert comparison["delta_p"] < 0.001
    paths = sg.sem(residents, "C311 ~ STREETS + ENFORCE", estimator="MLR", missing="fiml")
    words = paths.table(language="zh").frame["path"].tolist()
    assert any("→" in word and "STREETS" not in word for word in words)
