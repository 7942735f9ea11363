"""Sample sizes beside R, and by identities."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.errors import DesignError

R = json.loads((VALUES / "sampling.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", R["t_test"])
def test_two_means_need_what_power_t_test_says(case):
    goal = sg.Goal.mean_difference("a", "b", sd=case["sd"], smallest=case["delta"])
    size = sg.sample_size(goal, conf_level=1 - case["level"], power=case["power"])
    assert_matches(
        size.frame["answers"],
        [case["n"]] * 2,
        statistic="answers for a difference of means",
        reference="R 4.2.2 power.t.test, strict",
        data=f"d = {case['delta']}, sd = {case['sd']}",
        why="both solve for the root of a noncentral t",
        rtol=1e-7,
    )


@pytest.mark.parametrize("case", R["shares"])
def test_two_shares_have_the_power_of_power_prop_test(case):
    goal = sg.Goal.proportion_difference("a", "b", shares=(case["p1"], case["p2"]))
    size = sg.sample_size(goal, power=case["power"])
    assert_matches(
        size.achieved({"a": case["n"], "b": case["n"]})["reached"],
        case["power"],
        statistic="power for a difference of shares",
        reference="R 4.2.2 power.prop.test, strict",
        data=f"{case['p1']} and {case['p2']}",
        why="theirs is solved to its own tolerance",
        rtol=1e-8,
    )
    assert size.frame["asked"].tolist() == pytest.approx([case["n"]] * 2, rel=1e-5)


@pytest.mark.parametrize("case", R["f2"])
def test_a_coefficient_needs_what_pwr_says(case):
    goal = sg.Goal.coefficient(partial_r2=case["partial_r2"], predictors=case["predictors"])
    assert_matches(
        sg.sample_size(goal).frame["answers"],
        case["n"],
        statistic="answers for a regression coefficient",
        reference="R pwr 1.3-0 pwr.f2.test",
        data=f"partial R² = {case['partial_r2']}",
        why="their root is found with uniroot's default tolerance, 1e-4",
        rtol=1e-5,
    )


def test_a_mean_a_share_and_a_finite_population_follow_cochran():
    z = stats.norm.ppf(0.975)
    n0 = z**2 * 0.25 / 0.05**2
    one = sg.sample_size(sg.Goal.proportion(margin=0.05)).frame.iloc[0]
    assert one["answers"] == pytest.approx(n0, rel=1e-9)
    assert one["n"] == 385
    some = sg.sample_size(sg.Goal.proportion(margin=0.05), sg.Group(2000, response=0.8, icc=0.05, per_cluster=11))
    line = some.frame.iloc[0]
    assert line["with_deff"] == pytest.approx(1.5 * n0, rel=1e-9)
    assert line["answers"] == pytest.approx(1.5 * n0 / (1 + 1.5 * n0 / 2000), rel=1e-9)
    assert line["asked"] == pytest.approx(line["answers"] / 0.8, rel=1e-12)


def test_rounding_comes_once_at_the_end():
    """Rounding each step up gives 571 where 570 are enough (svy 0.35: methods/survey_design.md, section 2)."""
    z = stats.norm.ppf(0.975)
    group = sg.Group(deff=1.3, response=0.7)
    plan = sg.sample_size(sg.Goal.proportion(margin=0.0565), group)
    exact = z**2 * 0.25 / 0.0565**2 * 1.3 / 0.7
    stepwise = np.ceil(np.ceil(np.ceil(z**2 * 0.25 / 0.0565**2) * 1.3) / 0.7)
    assert plan.frame["n"].iloc[0] == np.ceil(exact) < stepwise


def test_alpha_has_feldts_interval_of_the_width():
    n = sg.sample_size(sg.Goal.alpha(value=0.8, items=6, width=0.1)).frame["answers"].iloc[0]
    f = stats.f(n - 1, (n - 1) * 5)
    assert 0.2 * (f.ppf(0.975) - f.ppf(0.025)) == pytest.approx(0.1, rel=1e-9)
    # Bonett (2002), Journal of Educational and Behavioral Statistics 27, 335-340, is near it in large samples.
    bonett = 8 * 6 / 5 * (stats.norm.ppf(0.975) / np.log(0.25 / 0.15)) ** 2 + 2
    assert n == pytest.approx(bonett, rel=0.08)


def test_simulated_differences_are_found_as_often_as_planned():
    """4,000 pairs of samples; the bound, four standard errors, was set before."""
    plan = sg.sample_size(sg.Goal.mean_difference("a", "b", sd=(10, 20), smallest=8), power=0.8)
    n1, n2 = plan.frame["n"]
    rng = np.random.default_rng(20261125)
    x, y = rng.normal(0, 10, (4000, n1)), rng.normal(8, 20, (4000, n2))
    found = (stats.ttest_ind(x, y, axis=1, equal_var=False).pvalue < 0.05).mean()
    assert abs(found - plan.achieved()["reached"].iloc[0]) < 4 * np.sqrt(0.8 * 0.2 / 4000)


def test_several_groups_are_planned_together():
    goals = {
        "level": sg.Goal.mean("villager", sd=20, margin=2),
        "managers": sg.Goal.mean_difference("villager", "manager", sd=20, smallest=13),
        "posts": sg.Goal.mean_difference("villager", "post", sd=(20, 15), smallest=5),
    }
    groups = {"villager": sg.Group(20000, 0.8, icc=0.05, per_cluster=10), "manager": sg.Group(10)}
    plan = sg.sample_size(goals, groups)
    sizes = plan.frame.set_index("group")["n"]
    assert sizes["manager"] <= 10
    assert plan.achieved()["enough"].all()
    fewer = {g: n * (0.97 if g == "post" else 1) for g, n in sizes.items()}
    assert not plan.achieved(fewer)["enough"].all()
    assert set(plan.frame.set_index("group").loc["post", "decided_by"]) == {"posts"}


def test_a_census_leaves_no_error_and_without_it_a_goal_can_be_out_of_reach():
    census = sg.sample_size(sg.Goal.mean(sd=20, margin=1e-9), sg.Group(40))
    assert census.frame["n"].iloc[0] == 40
    with pytest.raises(DesignError, match="out of reach"):
        sg.sample_size(sg.Goal.mean(sd=20, margin=2), sg.Group(40, response=0.5))


@given(st.floats(0.01, 0.2), st.integers(30, 100000), st.floats(0.3, 1.0))
@settings(max_examples=30, deadline=None)
def test_the_plan_reaches_its_goal_with_no_one_to_spare(margin, population, response):
    goal = sg.Goal.proportion(margin=margin)
    try:
        plan = sg.sample_size(goal, sg.Group(population, response))
    except DesignError:
        assert population * response < 1 / (4 * margin**2 / 1.96**2 + 1 / population) * 1.001
        return
    n = int(plan.frame["n"].iloc[0])
    assert plan.achieved()["enough"].all()
    assert n == 1 or not plan.achieved({"all": n - 1.01})["enough"].all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sg.Goal.mean(sd=0, margin=1),
        lambda: sg.Goal.proportion(share=1, margin=0.1),
        lambda: sg.Goal.mean_difference("a", "a", sd=1, smallest=1),
        lambda: sg.Goal.alpha(value=0.8, items=1, width=0.1),
        lambda: sg.Group(response=0),
        lambda: sg.Group(deff=2, icc=0.1, per_cluster=5),
        lambda: sg.sample_size({}),
        lambda: sg.sample_size(sg.Goal.mean(sd=1, margin=1), {"other": sg.Group()}),
        lambda: sg.sample_size(sg.Goal.mean(sd=1, margin=1), power=0.01),
    ],
)
def test_what_means_nothing_is_refused_in_both_languages(wrong):
    with pytest.raises(DesignError) as caught:
        wrong()
    assert caught.value.what.zh != caught.value.what.en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_shows_every_step(language):
    page = sg.sample_size(sg.Goal.proportion(margin=0.05)).table(language=language).to_markdown()
    assert "384.15" in page
    assert "385" in page
