"""Frequencies, scales, lists and shortfalls under the design say what the estimates of the population say."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(4)
    n = 160
    village = np.repeat(np.arange(32), 5)
    views = 3 + rng.normal(size=32)[village] * 0.6
    frame = pd.DataFrame({k: np.clip(np.round(views + rng.normal(size=n)), 1, 5) for k in ("a", "b")})
    frame = frame.assign(
        village=village, town=village % 4, w=1.0 + village % 3, sex=1 + (rng.random(n) < 0.5), group="x"
    )
    frame["villages"] = 40
    frame.loc[3:9, "a"] = np.nan
    made = sg.responses(frame, {"S": ["a", "b"]}, limits=(1, 5))
    return sg.survey_design(made, weights="w", strata="town", clusters="village")


def test_intervals_of_frequencies_are_those_of_proportion(answers):
    found = sg.frequencies(answers, "b").frame
    expected = sg.proportion(answers, "b").frame
    shown = ~found["suppressed"].to_numpy(dtype=bool) & expected["estimate"].notna().to_numpy()
    assert shown.sum() >= 3
    for ours, theirs in (("share", "estimate"), ("conf_low", "conf_low"), ("conf_high", "conf_high")):
        np.testing.assert_allclose(found.loc[shown, ours], expected.loc[shown, theirs], rtol=1e-12)
    assert "under the design" in sg.frequencies(answers, "a").table(language="en").to_markdown()


def test_a_hidden_share_has_no_interval(answers):
    found = sg.frequencies(answers, "b", by="sex").frame
    hidden = found["suppressed"].astype(bool)
    assert found.loc[hidden, ["conf_low", "conf_high"]].isna().all(axis=None)
    assert found.loc[~hidden, "conf_low"].notna().all()


def test_without_a_design_there_are_no_intervals(answers):
    assert sg.frequencies(answers.designed(sg.Design()), "b").frame["conf_low"].isna().all()


def test_shares_of_likert_items_have_the_intervals_of_frequencies(answers):
    likert, counted = sg.likert(answers, ["S"]).frame, sg.frequencies(answers, ["a", "b"]).frame
    counted = counted[counted["kind"] == "answer"]
    both = ~likert["suppressed"].to_numpy(dtype=bool) & ~counted["suppressed"].to_numpy(dtype=bool)
    np.testing.assert_allclose(likert.loc[both, "conf_high"], counted["conf_high"].to_numpy(dtype=float)[both])


@pytest.mark.parametrize("by", [None, "sex"])
def test_a_scale_has_the_mean_and_interval_of_the_population(answers, by):
    found, expected = sg.describe_scales(answers, "S", by=by), sg.mean(answers, "S", by=by).frame
    for ours, theirs in (("mean", "estimate"), ("std_error", "std_error"), ("df", "df"), ("conf_low", "conf_low")):
        np.testing.assert_allclose(found.frame[ours].astype(float), expected[theirs], rtol=1e-12)
    assert found.frame["icc"].isna().all()
    assert "weighted" in found.table(language="en").to_markdown()


def test_other_clusters_than_the_designs_are_refused(answers):
    with pytest.raises(sg.DesignError, match="cluster='town'"):
        sg.describe_scales(answers, "S", cluster="town")


def test_a_shortfall_has_the_error_of_the_mean(answers):
    line, mean = sg.shortfall(answers, ["S"]).frame.iloc[0], sg.mean(answers, "S").frame.iloc[0]
    assert line["mean"] == pytest.approx(25 * (mean["estimate"] - 1), rel=1e-12)
    assert line["std_error"] == pytest.approx(25 * mean["std_error"], rel=1e-12)
    # 32 villages less 4 towns, less a village where nobody has a score.
    assert line["df"] == mean["df"] == 27


def test_a_finite_population_makes_a_shortfall_surer():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"a": rng.integers(1, 6, 40).astype(float), "few": 50, "all": 40})
    made = sg.responses(frame, {"S": ["a"]}, limits=(1, 5))
    free = sg.shortfall(made, ["S"]).frame.iloc[0]
    part = sg.shortfall(sg.survey_design(made, fpc="few"), ["S"]).frame.iloc[0]
    assert part["std_error"] == pytest.approx(free["std_error"] * np.sqrt(0.2), rel=1e-12)
    whole = sg.shortfall(sg.survey_design(made, fpc="all"), ["S"]).frame.iloc[0]
    assert whole["std_error"] == 0
    assert whole["verdict"] == ("problem" if whole["estimate"] > 5 else "no problem")
    with pytest.raises(sg.DesignError, match="cluster='few'"):
        sg.shortfall(sg.survey_design(made, fpc="few"), ["S"], cluster="few")


def test_alike_answers_of_a_part_are_no_census():
    made = sg.responses(pd.DataFrame({"a": np.full(20, 2.0), "size": 400}), {"S": ["a"]})
    assert sg.shortfall(sg.survey_design(made, fpc="size"), ["S"]).frame["verdict"].iloc[0] == "undecided"
