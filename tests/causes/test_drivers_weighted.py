"""The battery under design weights: against R, and against the sample in which rows stand as often as they weigh."""

import json

import numpy as np
import pytest
from reference_values import VALUES, assert_matches
from weighted_pupils import DRIVERS, asked, pupils, repeated, with_nobody_of

import sgsurvey as sg
from sgsurvey.causes.evidence import collect
from sgsurvey.causes.informants import disattenuated

R = json.loads((VALUES / "drivers_weighted.json").read_text(encoding="utf-8"))
LINE = ["estimate", "std_error", "df", "p_value"]
NUMBERS = [
    "estimate",
    "std_error",
    "statistic",
    "df",
    "p_value",
    "p_adjusted",
    "conf_low",
    "conf_high",
    "n",
    "clusters",
]
DATA = "MASS::nlschools, 24 classes, weights 1 to 5"


def battery(answers, **given):
    return sg.drivers(answers, "Y", DRIVERS, cluster="place", **{"seed": 3, **given})


def lines(found, models=None):
    """Numbers of the models, by model and term."""
    frame = found.frame.set_index(["model", "term"]).sort_index()
    return frame if models is None else frame.loc[models]


@pytest.fixture(scope="module")
def frame():
    return pupils()


@pytest.fixture(scope="module")
def answers(frame):
    return asked(frame)


@pytest.fixture(scope="module")
def found(answers):
    return battery(answers)


@pytest.fixture(scope="module")
def plain(frame):
    return battery(asked(frame, weights=None))


@pytest.mark.parametrize("model", ["pooled", "halo_control", "within", "between"])
@pytest.mark.parametrize("column", LINE)
def test_weighted_least_squares_are_those_of_r(found, model, column):
    assert_matches(
        found.model(model)[column],
        R[model][column],
        statistic=f"weighted battery, {model}: {column}",
        reference="R lm with weights, clubSandwich 0.5.8 CR2, Satterthwaite",
        data=DATA,
        why="closed form; p-values through the t distribution",
        rtol=1e-8,
    )


@pytest.mark.parametrize(
    ("model", "key", "statistic", "reference", "why", "rtol"),
    [
        ("pooled", "svyglm", "weighted battery, pooled coefficients", "R survey 4.1-1 svyglm",
         "closed form against iterated least squares", 1e-9),
        ("ordered", "ordered", "weighted average marginal effects of the ordered logit",
         "R survey 4.1-1 svyolr, effects averaged with the weights",
         "svyolr stops its search at 1e-15 of the deviance, about 1e-7 of a slope", 1e-6),
    ],
)  # fmt: skip
def test_coefficients_and_marginal_effects_are_those_of_the_survey_package(
    found, model, key, statistic, reference, why, rtol
):
    assert_matches(
        found.model(model)["estimate"], R[key], statistic=statistic, reference=reference, data=DATA, why=why, rtol=rtol
    )


@pytest.mark.parametrize("model", ["errors_in_variables", "cross_informant"])
@pytest.mark.parametrize("column", ["estimate", "std_error"])
def test_corrected_and_cross_informant_coefficients_are_those_of_their_formulas_in_r(found, model, column):
    assert_matches(
        found.model(model)[column],
        R[model][column],
        statistic=f"weighted {model.replace('_', ' ')}: {column}",
        reference="the formula on weighted moments in base R, jackknife of classes",
        data=DATA,
        why="closed form",
        rtol=1e-9,
    )


@pytest.fixture(scope="module")
def in_points(frame):
    """Outcome and drivers in points of 100 with their weights, for the doors of single models."""
    answers = asked(frame, weights=None)
    scores = 25.0 * (answers.scores(["Y", *DRIVERS]) - 1.0)
    return sg.survey_design(frame[["y", "role", "place", "w"]].join(scores), weights="w")


def test_the_ordered_logit_is_that_of_its_door_and_of_the_survey_package(in_points, found):
    fitted = sg.ordered(in_points, "y ~ A + B + C + C(role)", cluster="place")
    door = fitted.margins(at_least=4).frame.iloc[:3]
    for column in ("estimate", "std_error", "conf_low"):
        assert found.model("ordered")[column].to_numpy() == pytest.approx(100 * door[column].to_numpy(), rel=1e-7)
    assert_matches(
        fitted.frame["estimate"].iloc[:3],
        R["svyolr"],
        statistic="weighted ordered logit, slopes",
        reference="R survey 4.1-1 svyolr",
        data=DATA,
        why="svyolr stops its search at 1e-15 of the deviance, about 1e-7 of a slope",
        rtol=1e-6,
    )


def test_the_wild_bootstrap_is_that_of_its_door(in_points, found):
    door = sg.wild_bootstrap(in_points, "Y ~ A + B + C + C(role)", cluster="place", draws=1999, seed=3).frame.iloc[:3]
    for column in ("estimate", "statistic", "p_value", "conf_low", "conf_high"):
        assert found.model("wild")[column].to_numpy() == pytest.approx(door[column].to_numpy(), rel=1e-6)


def test_whole_weights_give_the_coefficients_of_repeated_rows(frame, found):
    again = battery(asked(repeated(frame), weights=None))
    models = list(dict.fromkeys(found.frame["model"]))
    assert {"pooled", "ordered", "between", "cross_informant", "errors_in_variables", "wild"} <= set(models)
    mine, theirs = lines(found, models), lines(again, models)
    assert mine["estimate"].to_numpy() == pytest.approx(theirs["estimate"].to_numpy(), rel=1e-9)
    # The errors rest on the same classes: what is summed over each is the same as well.
    for model in ("cross_informant", "errors_in_variables"):
        assert mine.loc[model, "std_error"].to_numpy() == pytest.approx(theirs.loc[model, "std_error"], rel=1e-9)
    assert (mine["n"] < theirs["n"]).groupby("model").all().sum() == len(set(models) - {"cross_informant"})
    assert found.halo["all"] == pytest.approx(again.halo["all"], rel=1e-12)


def test_disattenuated_coefficients_of_whole_weights_are_those_of_repeated_rows(frame):
    both = [asked(frame), asked(repeated(frame), weights=None)]
    found = [collect(a, "Y", DRIVERS, cluster="place")["all"].informants for a in both]
    one, other = (disattenuated(i, i.moments.cov[None])[0][0] for i in found)
    assert one == pytest.approx(other, rel=1e-9)
    without = collect(asked(frame, weights=None), "Y", DRIVERS, cluster="place")["all"].informants
    assert not np.allclose(one, disattenuated(without, without.moments.cov[None])[0][0], rtol=1e-3)


def test_the_scale_of_the_weights_does_not_matter(frame, found):
    again = battery(asked(frame.assign(w=1234.5 * frame["w"])))
    assert list(again.frame["model"]) == list(found.frame["model"])
    assert again.frame[NUMBERS].to_numpy() == pytest.approx(found.frame[NUMBERS].to_numpy(), rel=1e-7, nan_ok=True)


def test_equal_weights_give_the_numbers_without_weights(frame, plain):
    same = battery(asked(frame.assign(w=1.0)))
    assert list(same.frame["model"]) == list(plain.frame["model"])
    assert "random_intercept" in set(same.frame["model"])
    assert same.frame[NUMBERS].to_numpy() == pytest.approx(plain.frame[NUMBERS].to_numpy(), rel=1e-9, nan_ok=True)
    assert same.halo["all"] == pytest.approx(plain.halo["all"], rel=1e-12)


def test_unequal_weights_move_every_model_that_is_run(found, plain):
    mine, theirs = lines(found), lines(plain, list(dict.fromkeys(found.frame["model"])))
    moved = ~np.isclose(mine["estimate"], theirs["estimate"], rtol=1e-3)
    assert moved.all()


def test_a_model_without_a_weighted_form_says_why_it_was_not_run(found):
    why = found.left_out["all", "random_intercept"]
    assert "random_intercept" not in set(found.frame["model"])
    assert "weights differ" in why.en
    for language in ("zh", "en"):
        assert why.to(language) in str(found.table(language=language))
        assert sg.overclaims(why.to(language), claim=1).frame.empty


def test_notes_say_that_what_is_shown_is_weighted(found, plain):
    assert "均按设计权数计算" in str(found.table(language="zh"))
    assert "weighted by the design" in str(found.table(language="en"))
    assert "weighted by the design" in str(found.summary_table().to("en"))
    assert not any("weighted by the design" in n.en for n in plain.notes())


def test_rows_of_weight_0_leave_the_sample_and_are_told(answers):
    left = answers.frame["role"] != "2"
    found = battery(with_nobody_of(answers, "role", "2"))
    rest = battery(asked(answers.frame[left].reset_index(drop=True)))
    assert found.dropped == {"weight 0": int((~left).sum())}
    assert found.n == int(left.sum())
    assert list(found.frame["model"]) == list(rest.frame["model"])
    assert found.frame[NUMBERS].to_numpy() == pytest.approx(rest.frame[NUMBERS].to_numpy(), rel=1e-9, nan_ok=True)
    assert "权数为0" in str(found.table(language="zh"))


def test_robustness_tells_rows_of_weight_0_too(answers):
    left = answers.frame["role"] != "2"
    given = with_nobody_of(answers, "role", "2")
    found, rest = (
        sg.robustness(a, "Y", DRIVERS, cluster="place", seed=1)
        for a in (given, asked(answers.frame[left].reset_index(drop=True)))
    )
    assert found.dropped == {"weight 0": int((~left).sum())}
    numbers = ["estimate", "std_error", "df", "unweighted", "rv", "specifications", "median"]
    assert found.frame[numbers].to_numpy() == pytest.approx(rest.frame[numbers].to_numpy(), rel=1e-9)


def test_a_place_of_weight_0_is_no_place(answers):
    first = answers.frame["place"].iloc[0]
    found = battery(with_nobody_of(answers, "place", first))
    rest = battery(asked(answers.frame[answers.frame["place"] != first].reset_index(drop=True)))
    assert found.frame[NUMBERS].to_numpy() == pytest.approx(rest.frame[NUMBERS].to_numpy(), rel=1e-9, nan_ok=True)
    assert set(found.frame["clusters"]) == {23.0}


def test_weights_count_for_facts_of_places_too(frame):
    budget = frame["place"].map({p: float(k * k) for k, p in enumerate(sorted(set(frame["place"])))})
    given = frame.assign(budget=budget)
    one = sg.drivers(asked(given), "Y", ["A", "budget"], cluster="place").model("records")
    again = sg.drivers(asked(repeated(given), weights=None), "Y", ["A", "budget"], cluster="place").model("records")
    alone = sg.drivers(asked(given, weights=None), "Y", ["A", "budget"], cluster="place").model("records")
    assert one["estimate"].iloc[0] == pytest.approx(again["estimate"].iloc[0], rel=1e-9)
    assert one["estimate"].iloc[0] != pytest.approx(alone["estimate"].iloc[0], rel=1e-3)


def test_without_places_errors_are_those_of_weighted_rows(frame, in_points):
    found = sg.drivers(asked(frame), "Y", DRIVERS)
    door = sg.ols(in_points, "Y ~ A + B + C + C(role)", vcov="HC3").frame.set_index("term").loc[DRIVERS]
    for column in LINE:
        assert found.model("pooled")[column].to_numpy() == pytest.approx(door[column].to_numpy(), rel=1e-8)
    assert {"ordered", "errors_in_variables", "halo_control"} <= set(found.frame["model"])
    other = sg.drivers(asked(frame.assign(w=frame["w"] / 9.0)), "Y", DRIVERS)
    assert other.frame[NUMBERS].to_numpy() == pytest.approx(found.frame[NUMBERS].to_numpy(), rel=1e-7, nan_ok=True)


def test_groups_are_explained_one_by_one_with_their_weights(answers):
    found = battery(answers, by="role", seed=None)
    own = battery(asked(answers.frame[answers.frame["role"] == "1"].reset_index(drop=True)), seed=None)
    mine = found.model("pooled", "1")
    assert mine[LINE].to_numpy() == pytest.approx(own.model("pooled")[LINE].to_numpy(), rel=1e-8)


def test_effective_n_allows_for_unequal_weights(frame):
    few = frame[frame["place"].isin(sorted(set(frame["place"]))[:8])].groupby("place").head(5).reset_index(drop=True)
    even = battery(asked(few.assign(w=1.0)))
    uneven = battery(asked(few.assign(w=np.where(np.arange(len(few)) % 4, 1.0, 12.0))))
    assert "errors_in_variables" in {*set(even.frame["model"]), *(m for _, m in even.left_out)}
    assert "effective n" in uneven.left_out["all", "halo_control"].en


def test_calibrated_weights_count_as_given_and_that_is_said(frame):
    totals = {"role": {"0": 500.0, "1": 300.0, "2": 200.0}}
    raked = sg.rake(asked(frame), totals)
    found = battery(raked, seed=None)
    assert any("adjusted is not in the standard errors" in n.en for n in found.notes())
    weights = raked.weights
    as_given = battery(asked(frame.assign(w=weights)), seed=None)
    assert found.frame[NUMBERS].to_numpy() == pytest.approx(as_given.frame[NUMBERS].to_numpy(), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("part", ["fpc", "stages", "replicates"])
def test_other_parts_of_a_design_stay_refused(frame, part):
    given = frame.assign(size=4000.0, row=range(len(frame)))
    made = sg.responses(given, {"Y": ["y"], "A": ["a1"]}, roles="role")
    jackknife = sg.Replicates("JK1", np.ones((len(given), 3)), 2 / 3, np.ones(3), 2.0)
    designs = {
        "fpc": {"fpc": "size"},
        "stages": {"clusters": ["place", "row"]},
        "replicates": {"replicates": jackknife},
    }
    with pytest.raises(sg.DesignError, match="cannot use"):
        sg.drivers(sg.survey_design(made, weights="w", **designs[part]), "Y", ["A"], cluster="place")
