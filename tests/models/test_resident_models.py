"""The residents' overall rating of services by least squares, ordered logit and random intercepts, side by side.

R's numbers are aggregated ones (tests/reference/r/resident_models.R); the data stay in ../shared.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from reference_values import VALUES, assert_matches

import sgsurvey as sg

FOLDER = Path(__file__).parents[1] / "studies" / "resident_survey" / "questionnaire"
TRUTH = json.loads((VALUES / "resident_models.json").read_text(encoding="utf-8"))
# Value for tax money, communication, customer service, waste, streets, enforcement, safety.
FORMULA = "q2_01 ~ q2_02 + q3_13 + q3_12 + q3_04 + STREETS + ENFORCE + SAFE"
DATA = "municipal resident survey"

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def residents(shared):
    questionnaire = sg.read_questionnaire(FOLDER, language="zh")
    return sg.read_responses(shared / "data" / "kcmo_resident_survey_2021q3.csv", questionnaire)


@pytest.fixture(scope="module")
def models(residents):
    return {
        "ols": sg.ols(residents, FORMULA),
        "ordered": sg.ordered(residents, FORMULA),
        "multilevel": sg.multilevel(residents, FORMULA, group="counci"),
    }


@pytest.mark.parametrize(
    ("name", "reference", "rtol"),
    [
        ("ols", f"R lm, sandwich {TRUTH['versions']['sandwich']} HC3", 1e-9),
        ("ordered", f"R ordinal {TRUTH['versions']['ordinal']} clm", 1e-6),
        ("multilevel", f"R lme4 {TRUTH['versions']['lme4']}, pbkrtest", 1e-6),
    ],
)
def test_each_model_is_that_of_r(models, name, reference, rtol):
    model, truth = models[name], TRUTH[name]
    assert model.n == TRUTH["n"]
    thresholds = 4 if name == "ordered" else 0
    why = "closed form" if name == "ols" else "both searches stop"
    for column in ("estimate", "std_error", "p_value"):
        assert_matches(
            model.frame[column], truth[column][thresholds:], statistic=f"residents' model by {name}: {column}",
            reference=reference, data=DATA, rtol=10 * rtol if column == "p_value" else rtol, why=why,
        )  # fmt: skip
    if name == "ordered":
        assert_matches(
            model.thresholds["estimate"], truth["estimate"][:4], statistic="residents' model by ordered: thresholds",
            reference=reference, data=DATA, rtol=rtol, why=why,
        )  # fmt: skip


def test_the_three_stand_side_by_side(models):
    found = sg.model_table(list(models.values()), labels=["OLS", "Ordered logit", "Random intercept"])
    page = found.table(language="zh").to_markdown()
    assert "所缴税费换得的总体价值" in page
    assert "q2_02" not in page
    assert "共1033行，使用625行" in page
    wide = found.frame.pivot(index="term", columns="label", values="estimate").dropna()
    assert len(wide) == 7
    # Districts do not differ: the random intercept is that of least squares.
    np.testing.assert_allclose(wide["OLS"], wide["Random intercept"], rtol=1e-9)
    p = found.frame.pivot(index="term", columns="label", values="p_value").loc[wide.index]
    assert (p < 0.05).nunique(axis=1).eq(1).all(), "the three agree on what goes with the overall rating"
    assert wide.loc[(p < 0.05).all(axis=1)].index.tolist() == ["STREETS", "q2_02", "q3_04", "q3_13"]


def test_diagnostics_of_the_linear_model_are_those_of_r(models):
    found = sg.diagnostics(models["ols"]).frame.set_index("check")
    for check, key in (("breusch_pagan", "koenker"), ("reset", "reset")):
        assert_matches(
            found.loc[check, "statistic"], TRUTH["ols"][key], statistic=f"residents' model: {key}",
            reference="R lm, auxiliary regression", data=DATA, rtol=1e-9, why="closed form",
        )  # fmt: skip
    assert found.loc["breusch_pagan", "verdict"] == "found"


def test_what_the_block_adds_is_that_of_anova(residents):
    steps = sg.hierarchical(residents, ["q2_01 ~ q2_02", "+ q3_13 + q3_12 + q3_04 + STREETS + ENFORCE + SAFE"])
    assert_matches(
        steps.changes.loc[1, "f_change"], TRUTH["ols"]["f_change"], statistic="residents' model: F change",
        reference="R anova", data=DATA, rtol=1e-9, why="closed form",
    )  # fmt: skip
    assert steps.changes.loc[1, "r_squared"] == pytest.approx(TRUTH["ols"]["r_squared"])


def test_codes_and_their_order_rank_the_predictors_alike(residents):
    found = sg.ordinal_dominance(residents, FORMULA).frame
    assert found["share"].rank().tolist() == found["linear_share"].rank().tolist()
    assert found.loc[found["rank"] == 1, "term"].item() == "q2_02"
    # McFadden's R² gives the strongest more: by six points here.
    assert np.abs(found["share"] - found["linear_share"]).max() < 0.07
