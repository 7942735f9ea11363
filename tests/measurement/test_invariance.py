"""Levels of invariance against lavaan and semTools; partial invariance, latent means, gates, sparse categories."""

import numpy as np
import pandas as pd
import pytest
from lavaan_values import CN, HS, TRUTH, conscience_and_neuroticism
from reference_values import SHARED, assert_matches
from structural_models import holzinger

import sgsurvey as sg

LEVELS = ["configural", "metric", "scalar", "strict"]
COLUMNS = {"chi_square": "chisq", "df": "df", "cfi": "cfi", "rmsea": "rmsea", "srmr": "srmr"}


@pytest.fixture(scope="module")
def by_school():
    return sg.invariance(holzinger(), HS, by="school")


@pytest.fixture(scope="module")
def by_gender():
    return sg.invariance(conscience_and_neuroticism(), CN, by="gender", estimator="WLSMV", partial=False)


@pytest.mark.parametrize(("estimator", "suffix"), [("ML", ""), ("MLR", ".robust")])
def test_levels_between_schools_are_those_of_lavaan(estimator, suffix):
    found = sg.invariance(holzinger(), HS, by="school", estimator=estimator, partial=False).frame.set_index("model")
    for level in LEVELS:
        fit = TRUTH[f"invariance_{estimator}"][level]["fm"]
        scaled = ".scaled" if suffix else ""
        wanted = [fit[f"chisq{scaled}"], fit["df"], fit[f"cfi{suffix}"], fit[f"rmsea{suffix}"], fit["srmr"]]
        assert_matches(
            found.loc[level, list(COLUMNS)].astype(float),
            wanted,
            statistic=f"Invariance by {estimator}: {level}",
            reference="R lavaan 0.6.14",
            data="HolzingerSwineford1939 by school",
            why="lavaan stops its search at 1e-5 in parameters",
            rtol=2e-5,
        )
    difference = TRUTH[f"difference_{estimator}"]["satorra_2001"]
    assert_matches(
        found.loc[LEVELS[1:], ["diff_chi_square", "diff_df", "diff_p"]].astype(float),
        np.column_stack([difference[name][1:] for name in ("Chisq diff", "Df diff", "Pr(>Chisq)")]),
        statistic="Likelihood-ratio difference" + (", Satorra-Bentler 2001" if suffix else ""),
        reference="R lavaan 0.6.14, lavTestLRT",
        data="HolzingerSwineford1939 by school",
        why="differences of chi-squares that agree to 1e-6, divided by differences of scaling factors",
        rtol=1e-4,
    )


def test_levels_of_ordered_items_are_those_of_semtools(by_gender):
    found = by_gender.frame.set_index("model")
    for level, truth in TRUTH["wu_estabrook"].items():
        fit = truth["fm"]
        names = ("chisq.scaled", "df", "cfi.scaled", "rmsea.scaled", "srmr")
        assert_matches(
            found.loc[level, list(COLUMNS)].astype(float),
            [fit[name] for name in names],
            statistic=f"Invariance of ordered items: {level}",
            reference="R semTools 0.5.6 (measEq.syntax, Wu.Estabrook.2016), lavaan 0.6.14",
            data="bfi, C and N, by gender",
            why="lavaan stops its search at 1e-5 in parameters",
            rtol=2e-5,
        )
        np.testing.assert_allclose(by_gender.fits[level].fit["chi_square"], fit["chisq"], rtol=1e-6)


def test_differences_of_ordered_levels_are_those_of_satorra(by_gender):
    found = by_gender.frame.iloc[1:]
    truth = TRUTH["wu_difference"]
    assert_matches(
        found[["diff_chi_square", "diff_df"]].astype(float),
        np.column_stack([truth["Chisq diff"][1:], truth["Df diff"][1:]]),
        statistic="Scaled and shifted difference of levels (Satorra 2000)",
        reference="R lavaan 0.6.14, lavTestLRT",
        data="bfi, C and N, by gender",
        why="lavaan takes the restrictions' derivatives by differences",
        rtol=2e-3,
    )


def test_latent_means_and_errors_of_ordered_items_are_those_of_semtools(by_gender):
    assert by_gender.reached == "strict"
    truth = pd.DataFrame(TRUTH["wu_estabrook"]["strict"]["par"])
    truth = truth[(truth["op"] == "~1") & (truth["se"] > 0)]
    assert truth["lhs"].tolist() == by_gender.means["factor"].tolist()
    assert_matches(
        by_gender.means[["difference", "std_error"]],
        truth[["est", "se"]],
        statistic="Latent mean differences of ordered items, with errors",
        reference="R semTools 0.5.6, lavaan 0.6.14",
        data="bfi, C and N, by gender",
        why="lavaan stops its search at 1e-5 in parameters",
        atol=1e-4,
    )


def test_score_tests_of_equalities_choose_what_lavaan_would_release(by_school):
    tests = pd.DataFrame(TRUTH["release_ML"]["test"])
    lines = pd.DataFrame(TRUTH["release_ML"]["par"]).set_index("plabel")
    tests = tests.assign(op=lines.loc[tests["lhs"], "op"].to_numpy(), item=lines.loc[tests["lhs"], "lhs"].to_numpy())
    worst = tests[tests["op"] == "~1"].sort_values("X2").iloc[-1]
    first = by_school.log.iloc[0]
    assert first["parameter"] == f"{worst['item']} ~1"
    assert_matches(
        first["statistic"],
        worst["X2"],
        statistic="Score test of one equality",
        reference="R lavaan 0.6.14, lavTestScore",
        data="HolzingerSwineford1939 by school",
        why="lavaan stops its search at 1e-5 in parameters",
        rtol=1e-3,
    )


def test_partial_invariance_frees_one_item_at_a_time_and_says_so(by_school):
    assert by_school.frame["decision"].tolist() == ["baseline", "held", "not held", "held", "held"]
    assert by_school.log["parameter"].tolist() == ["x3 ~1", "x7 ~1"]
    assert (by_school.log["cfi_after"] > by_school.log["cfi_before"]).all()
    assert by_school.reached == "partial strict"
    partial = sg.cfa(
        holzinger(),
        sg.StructuralModel(HS, released=("x3 ~1", "x7 ~1")),
        by="school",
        equal=("loadings", "intercepts"),
    )
    np.testing.assert_allclose(by_school.frame.loc[3, "chi_square"], partial.fit["chi_square"], rtol=1e-9)
    assert by_school.log_table(language="en").frame["parameter"].tolist() == ["x3 ~1", "x7 ~1"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_tells_rule_level_and_estimator(by_school, language):
    notes = " ".join(note.to(language) for note in by_school.table(language=language).notes)
    assert "Cheung" in notes
    assert "Chen" in notes
    assert {"zh": "达到的水平", "en": "Level reached: Partial strict"}[language] in notes


def test_groups_that_are_one_sample_twice_are_invariant_to_the_last_digit():
    frame = pd.concat([holzinger().assign(half="a"), holzinger().assign(half="b")], ignore_index=True)
    found = sg.invariance(frame, HS, by="half")
    np.testing.assert_allclose(found.frame["diff_chi_square"].iloc[1:].astype(float), 0.0, atol=1e-8)
    np.testing.assert_allclose(found.means["difference"].astype(float), 0.0, atol=1e-8)
    single = sg.cfa(holzinger(), HS).fit["chi_square"]
    np.testing.assert_allclose(found.frame["chi_square"].astype(float), 2 * single, rtol=1e-8)


def test_a_small_group_is_refused_with_what_to_do():
    frame = holzinger().iloc[:240]
    with pytest.raises(sg.DesignError, match=r"at least 100 complete rows a group.*item by item"):
        sg.invariance(frame.assign(few=frame.index < 60), HS, by="few")


def test_an_unknown_level_and_two_categories_are_refused():
    with pytest.raises(sg.EstimationError, match="no level 'weak'"):
        sg.invariance(holzinger(), HS, by="school", levels=("weak",))
    halves = conscience_and_neuroticism()
    halves[CN["C"]] = (halves[CN["C"]] > 3).astype(int)
    with pytest.raises(sg.EstimationError, match="2 categories are left"):
        sg.invariance(halves, CN, by="gender", estimator="WLSMV")


# Real answers -----------------------------------------------------------------------------------------------

STREETS = [f"q9_0{i}" for i in range(1, 9)]
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


def residents():
    frame = pd.read_csv(SHARED / "data" / "kcmo_resident_survey_2021q3.csv")
    streets = frame[STREETS].where(frame[STREETS] <= 5)
    return streets.assign(home=frame["q34_d"].map({1: "own", 2: "rent"}))


@needs_shared
def test_the_streets_scale_of_residents_between_owners_and_renters():
    answers = sg.responses(residents(), {"STREETS": STREETS})
    found = sg.invariance(answers, ["STREETS"], by="home", estimator="WLSMV", missing="pairwise")
    assert found.frame["model"].iloc[:2].tolist() == ["configural", "thresholds"]
    assert found.reached != "none"
    assert found.n + sum(found.dropped.values()) == len(answers)
    said = " ".join(remark.en for remark in found.remarks)
    sparse = (answers.items(STREETS).assign(home=answers.frame["home"]).dropna(subset="home")).melt("home").dropna()
    few = sparse.groupby(["variable", "value", "home"]).size().unstack(fill_value=0).min(axis=1) < 5
    for item in few[few].index.get_level_values("variable").unique():
        assert f"{item}:" in said


@needs_shared
def test_a_group_of_residents_below_the_gate_is_refused():
    frame = residents()
    few = frame.assign(method2=np.where(frame.index < 950, "many", "few"))
    answers = sg.responses(few, {"STREETS": STREETS})
    with pytest.raises(sg.DesignError, match="group 'few'"):
        sg.invariance(answers, ["STREETS"], by="method2", estimator="WLSMV")
