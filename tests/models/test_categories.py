"""Ordered and binary regression beside R, and under the design beside R survey."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError

R = json.loads((VALUES / "categories.json").read_text(encoding="utf-8"))
HOUSING, CARS = (pd.DataFrame(R["data"][name]) for name in ("housing", "mtcars"))
MASS = f"R MASS {R['versions']['MASS']} polr"


def housing():
    """The 72 cells as people: satisfaction 1 to 3."""
    people = HOUSING.loc[HOUSING.index.repeat(HOUSING["Freq"])].reset_index(drop=True)
    return people.assign(Sat=people["Sat"].map({"Low": 1, "Medium": 2, "High": 3}))


LEVELS = {
    "Infl": ["Low", "Medium", "High"],
    "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
    "Cont": ["Low", "High"],
}


def in_order(frame):
    return frame.assign(**{name: pd.Categorical(frame[name], levels) for name, levels in LEVELS.items()})


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_ordered_models_are_those_of_polr(link):
    found, truth = sg.ordered(in_order(housing()), "Sat ~ Infl + Type + Cont", link=link), R["housing"][link]
    assert_matches(
        [*found.frame["estimate"], *found.thresholds["estimate"]],
        [*truth["slopes"], *truth["thresholds"]],
        statistic=f"ordered {link}: slopes and thresholds",
        reference=MASS,
        data="housing",
        why="polr stops by BFGS at its own tolerance",
        atol=2e-5,
    )
    assert_matches(
        found.fit_statistics["log_likelihood"],
        truth["log_likelihood"],
        statistic=f"ordered {link}: log-likelihood",
        reference=MASS,
        data="housing",
        why="flat at the optimum, where polr stops a little below",
        rtol=1e-9,
    )
    assert found.fit_statistics["log_likelihood"] >= truth["log_likelihood"] - 1e-9


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_binary_models_are_those_of_glm(link):
    found, truth = sg.logit(CARS, "am ~ wt + hp", link=link), R["mtcars"][link]
    s = found.fit_statistics
    assert_matches(
        [*found.frame["estimate"], s["log_likelihood"], s["aic"], s["bic"]],
        [*truth["estimate"], truth["log_likelihood"], truth["aic"], truth["bic"]],
        statistic=f"binary {link}: coefficients, log-likelihood, AIC, BIC",
        reference=f"R {R['versions']['R']} glm",
        data="mtcars",
        why="both at a tight optimum",
        rtol=1e-8,
    )
    if link == "logit":  # glm's probit takes the expected information, we the observed: they differ
        assert_matches(
            found.frame["std_error"],
            truth["std_error"],
            statistic="binary logit: standard errors",
            reference=f"R {R['versions']['R']} glm",
            data="mtcars",
            why="glm's are from its last iteration but one",
            rtol=1e-6,
        )


def test_probit_errors_are_those_of_the_observed_information():
    found = sg.logit(CARS, "am ~ wt + hp", link="probit").frame
    peer = sm.Probit(CARS["am"], sm.add_constant(CARS[["wt", "hp"]])).fit(disp=0, tol=1e-14, method="newton")
    assert_matches(
        found["std_error"], peer.bse, statistic="binary probit: standard errors", reference="statsmodels Probit",
        data="mtcars", why="both at a tight optimum", rtol=1e-7,
    )  # fmt: skip


# Identities ---------------------------------------------------------------------------------------


@pytest.fixture
def people():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(400, 2))
    y = np.digitize(x @ [0.8, -0.5] + rng.logistic(size=400), [-1, 0.5, 2]) + 1.0
    village = rng.integers(0, 25, 400)
    return pd.DataFrame({"y": y, "a": x[:, 0], "b": x[:, 1], "village": village, "w": rng.uniform(0.5, 2, 400)})


def test_units_of_the_predictors_do_not_matter(people):
    one = sg.ordered(people, "y ~ a + b").frame
    other = sg.ordered(people.assign(a=people["a"] * 1e6 + 5e7), "y ~ a + b").frame
    np.testing.assert_allclose(one["statistic"], other["statistic"], rtol=1e-8)
    np.testing.assert_allclose(one["estimate"][0], other["estimate"][0] * 1e6, rtol=1e-8)


def test_turning_the_outcome_turns_the_slopes(people):
    one = sg.ordered(people, "y ~ a + b")
    other = sg.ordered(people.assign(y=5 - people["y"]), "y ~ a + b")
    np.testing.assert_allclose(one.frame["estimate"], -other.frame["estimate"], rtol=1e-9)
    np.testing.assert_allclose(one.thresholds["estimate"], -other.thresholds["estimate"][::-1], rtol=1e-9)


def test_two_categories_give_the_binary_model(people):
    two = people.assign(y=(people["y"] > 2).astype(float))
    binary, cumulative = sg.logit(two, "y ~ a + b"), sg.ordered(two, "y ~ a + b")
    np.testing.assert_allclose(binary.frame["estimate"][1:], cumulative.frame["estimate"], rtol=1e-12)
    assert binary.frame["estimate"][0] == pytest.approx(-cumulative.thresholds["estimate"][0], rel=1e-12)


def test_weights_of_two_are_rows_given_twice(people):
    doubled = pd.concat([people, people[people["a"] > 0]], ignore_index=True).assign(id=lambda f: f.index)
    weighted = sg.survey_design(people.assign(w=np.where(people["a"] > 0, 2.0, 1.0)), weights="w", clusters="village")
    twice = sg.survey_design(doubled, clusters="village")
    a, b = (sg.ordered(d, "y ~ a + b").frame for d in (weighted, twice))
    np.testing.assert_allclose(a[["estimate", "std_error"]], b[["estimate", "std_error"]], rtol=1e-8)


def test_clusters_change_errors_and_not_slopes(people):
    plain, clustered = sg.ordered(people, "y ~ a + b"), sg.ordered(people, "y ~ a + b", cluster="village")
    np.testing.assert_allclose(plain.frame["estimate"], clustered.frame["estimate"], rtol=1e-10)
    assert clustered.frame["df"].tolist() == [22, 22]
    assert np.isinf(plain.frame["df"]).all()


def test_what_cannot_be_fitted_is_refused(people):
    with pytest.raises(EstimationError, match="without fail"):
        sg.logit(people.assign(y=(people["a"] > 0.2).astype(float)), "y ~ a")
    with pytest.raises(DataError, match="4 values, not two"):
        sg.logit(people, "y ~ a")
    with pytest.raises(DataError, match="1 values"):
        sg.ordered(people.assign(y=1.0), "y ~ a")
    with pytest.raises(EstimationError, match="constant"):
        sg.logit(people.assign(y=(people["y"] > 2).astype(float)), "y ~ 0 + a")
    with pytest.raises(DataError, match="no column 'vilage'"):
        sg.ordered(people, "y ~ a", cluster="vilage")


def test_two_kinds_of_clusters_are_for_ols(people):
    with pytest.raises(DataError, match="of one kind here"):
        sg.ordered(people, "y ~ a", cluster=["a", "b"])


def test_tables_speak_both_languages(people):
    found = sg.ordered(people, "y ~ a + b", cluster="village")
    assert "Threshold 1|2" in found.table(language="en").to_markdown().replace("\\|", "|")
    assert "优势比" in found.table(language="zh").to_markdown()
    assert [label.get_text() for label in found.plot(language="en").get_yticklabels()] == ["a", "b"]


def test_of_few_people_nothing_is_told_but_the_foot_of_others_is(people):
    told = sg.logit(people.assign(y=(people["y"] > 2).astype(int)), "y ~ a").table(language="en")
    foot = {row.cells[0].value.en: row.cells[-1] for row in told.rows if row.kind == "stat"}
    assert (foot["Log-likelihood"].kind, foot["McFadden R²"].kind) == ("estimate", "bounded")
    few = pd.DataFrame({"y": [0, 1, 0, 1], "a": [1.0, 2.0, 3.0, 3.5]})
    rows = [row for row in sg.logit(few, "y ~ a").table().rows if row.kind in ("body", "stat")]
    assert [row.cells[-1].suppressed for row in rows] == [True, True, False, True, True]
