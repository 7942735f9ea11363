"""Estimates of the population by hand and by a second road to the same number; R survey is in tests/truths."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DesignError


def test_the_median_of_a_simple_sample_is_the_middle_value(clustered):
    found = sg.quantile(clustered.iloc[:101], "y").frame.iloc[0]
    assert found["estimate"] == clustered["y"].iloc[:101].median()
    assert found["conf_low"] < found["estimate"] < found["conf_high"]


# By hand -------------------------------------------------------------------------------------------


def test_a_stratified_sample_of_eight_by_hand():
    """Levy and Lemeshow's layout in small: means, sizes and variances worked out in the test."""
    data = pd.DataFrame(
        {
            "h": list("aaaabbbb"),
            "N": [40] * 4 + [60] * 4,
            "y": [3.0, 5, 4, 8, 10, 12, 9, 13],
            "x": [1.0, 2, 2, 3, 4, 5, 4, 5],
        }
    )
    answers = sg.survey_design(data, strata="h", fpc="N")
    found = sg.mean(answers, "y").frame.iloc[0]
    a, b = data["y"][:4], data["y"][4:]
    var = 0.4**2 * (1 - 4 / 40) * a.var() / 4 + 0.6**2 * (1 - 4 / 60) * b.var() / 4
    assert found["estimate"] == pytest.approx(0.4 * a.mean() + 0.6 * b.mean(), rel=1e-12)
    assert found["std_error"] == pytest.approx(np.sqrt(var), rel=1e-12)
    assert found["df"] == 6


# Identities ---------------------------------------------------------------------------------------


@pytest.fixture
def clustered():
    rng = np.random.default_rng(4)
    n = 120
    data = pd.DataFrame({"village": rng.integers(0, 15, n), "w": rng.uniform(0.5, 3, n), "y": rng.normal(size=n)})
    return data.assign(group=np.where(rng.random(n) < 0.4, "a", "b"), x=rng.uniform(1, 2, n))


def test_each_row_by_itself_gives_the_ordinary_standard_error(clustered):
    found = sg.mean(clustered, "y").frame.iloc[0]
    assert found["std_error"] == pytest.approx(clustered["y"].std() / np.sqrt(len(clustered)), rel=1e-12)
    assert found["df"] == len(clustered) - 1


def test_doubling_every_row_within_its_cluster_changes_nothing(clustered):
    once = sg.survey_design(clustered, weights="w", clusters="village")
    twice = sg.survey_design(pd.concat([clustered, clustered], ignore_index=True), weights="w", clusters="village")
    a, b = (sg.mean(d, ["y", "x"]).frame for d in (once, twice))
    np.testing.assert_allclose(a[["estimate", "std_error"]], b[["estimate", "std_error"]], rtol=1e-12)


def test_weights_on_another_scale_change_no_mean_and_multiply_totals(clustered):
    one, ten = (
        sg.survey_design(clustered.assign(w=clustered["w"] * k), weights="w", clusters="village") for k in (1, 10)
    )
    np.testing.assert_allclose(sg.mean(one, "y").frame["std_error"], sg.mean(ten, "y").frame["std_error"], rtol=1e-12)
    np.testing.assert_allclose(
        10 * sg.total(one, "y").frame[["estimate", "std_error"]], sg.total(ten, "y").frame[["estimate", "std_error"]]
    )


def test_a_part_of_the_answers_keeps_the_design_of_the_whole(clustered):
    answers = sg.survey_design(clustered, weights="w", clusters="village")
    by = sg.mean(answers, "y", by="group").frame.set_index("group")
    part = sg.mean(answers.where(group="a"), "y").frame.iloc[0]
    assert part["std_error"] == pytest.approx(by["std_error"].iloc[0], rel=1e-12)


def test_a_domain_mean_is_the_ratio_of_two_totals(clustered):
    data = clustered.assign(inside=(clustered["group"] == "a").astype(float))
    data["yi"] = data["y"] * data["inside"]
    answers = sg.survey_design(data, weights="w", clusters="village")
    by = sg.mean(answers, "y", by="group").frame.iloc[0]
    ratio = sg.ratio(answers, "yi", "inside").frame.iloc[0]
    assert (by["estimate"], by["std_error"]) == pytest.approx((ratio["estimate"], ratio["std_error"]), rel=1e-12)


def test_a_contrast_uses_the_covariance_of_groups_that_share_clusters(clustered):
    answers = sg.survey_design(clustered, weights="w", clusters="village")
    by = sg.mean(answers, "y", by="group")
    difference = by.contrast({"a - b": [1, -1]}).frame.iloc[0]
    direct = by.covariance[0, 0] + by.covariance[1, 1] - 2 * by.covariance[0, 1]
    assert difference["std_error"] == pytest.approx(np.sqrt(direct), rel=1e-12)
    assert abs(by.covariance[0, 1]) > 0


def test_a_census_has_no_sampling_error(clustered):
    answers = sg.survey_design(clustered.assign(N=len(clustered)), fpc="N")
    assert sg.mean(answers, "y").frame["std_error"].tolist() == [0.0]


# Refusals -----------------------------------------------------------------------------------------


def test_a_lonely_stratum_is_refused_unless_an_option_is_named(clustered):
    data = clustered.assign(h=np.where(clustered["village"] == 3, "one", "many"))
    with pytest.raises(DesignError, match="single sampling unit"):
        sg.survey_design(data, strata="h", clusters="village")
    errors = [
        sg.mean(sg.survey_design(data, strata="h", clusters="village", lonely=how), "y").frame["std_error"].item()
        for how in ("certainty", "adjust", "average")
    ]
    assert errors[0] < errors[1]
    assert errors[2] == pytest.approx(errors[0] * np.sqrt(2), rel=1e-12)


def test_sizes_that_contradict_the_sample_are_refused(clustered):
    with pytest.raises(DesignError, match="has 5 units, but the sample has 15"):
        sg.survey_design(clustered.assign(N=5), clusters="village", fpc="N")
    with pytest.raises(DesignError, match="one number above 0"):
        sg.survey_design(clustered.assign(N=np.arange(len(clustered)) + 200), fpc="N")
    with pytest.raises(DesignError, match="no weights"):
        sg.total(clustered, "y")


def test_a_share_of_few_persons_is_hidden_with_what_gives_it_away(clustered):
    data = clustered.assign(answer=[1] * 3 + [2] * 40 + [3] * (len(clustered) - 43))
    frame = sg.proportion(data, "answer").frame.set_index("term")
    assert frame["estimate"].isna().tolist() == [True, True, False]


def test_tables_say_how_errors_were_had_in_both_languages(clustered):
    answers = sg.survey_design(clustered, weights="w", clusters="village")
    found = sg.mean(answers, "y", by="group")
    assert "linearisation under the design (weights, clusters)" in found.table(language="en").to_markdown()
    assert "权数、群" in found.table(language="zh").to_markdown()
    assert len(found.plot().get_yticklabels()) == len(found.frame)
