"""Samples: probabilities by Monte Carlo and by R, weights, reserves, and what analyses get.

Bounds of Monte Carlo were set before: no frequency may leave its probability by more than 4.5 standard errors
(about one chance in 150,000 each).
"""

import json

import numpy as np
import pandas as pd
import pytest
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DesignError
from sgsurvey.sampling.inclusion import proportional, simple_joint, systematic_joint
from sgsurvey.sampling.sampford import sampford_joint
from sgsurvey.sampling.selection import METHODS, select

R = json.loads((VALUES / "sampling.json").read_text(encoding="utf-8"))
P = np.array(R["p"])
DRAWS = 2000


def village_frame():
    rng = np.random.default_rng(7)
    sizes = rng.integers(6, 30, 40)
    village = np.repeat(np.arange(40), sizes)
    return pd.DataFrame(
        {
            "township": np.where(village < 16, "east", "west"),
            "village": village,
            "y": rng.normal(size=len(village)) + rng.normal(size=40)[village],
            "land": rng.random(len(village)) ** 3 * 10 + 0.1,
        }
    )


def within(frequency, probability, draws):
    error = np.sqrt(np.maximum(probability * (1 - probability), 1 / draws) / draws)
    return (np.abs(frequency - probability) <= 4.5 * error).all()


def joint_of(method, p):
    closed = {"pps_sampford": sampford_joint, "pps_systematic": systematic_joint, "systematic": systematic_joint}
    if method == "simple":
        return simple_joint(len(p), round(p.sum()))
    return closed[method](p) if method in closed else None


@pytest.mark.parametrize("method", METHODS)
def test_units_and_pairs_come_as_often_as_they_should(method):
    p = P if method.startswith("pps") else np.full(6, 0.5)
    rng = np.random.default_rng(20261125)
    counts = np.zeros((6, 6))
    for _ in range(DRAWS):
        taken = select(method, p, rng)
        assert taken.sum() == 3
        counts += np.outer(taken, taken)
    assert within(np.diag(counts) / DRAWS, p, DRAWS)
    joint = joint_of(method, p)
    if joint is not None:
        assert within(counts / DRAWS, joint, DRAWS)


@pytest.mark.parametrize("method", ["pps_sampford", "pps_systematic"])
def test_joint_probabilities_are_those_of_r(method):
    assert_matches(
        joint_of(method, P),
        R[method.removeprefix("pps_")],
        statistic=f"joint inclusion probabilities, {method}",
        reference="R sampling 2.9",
        data="six units, n = 3",
        why="closed form",
        rtol=1e-10,
        atol=1e-14,
    )


def test_certain_units_are_taken_out_first_as_r_does():
    ours = proportional(np.array(R["size"], dtype=float), 4)
    assert_matches(
        ours,
        R["proportional"],
        statistic="inclusion probabilities proportional to size",
        reference="R sampling 2.9 inclusionprobabilities",
        data="seven units, two certain",
        why="closed form",
        rtol=1e-12,
    )
    assert (ours[-2:] == 1).all()
    assert ours.sum() == pytest.approx(4)


@pytest.mark.parametrize("joint", [sampford_joint, systematic_joint])
def test_joint_probabilities_add_up(joint):
    """Sum over l of pi_kl is n pi_k: a sample of fixed size."""
    p = proportional(np.random.default_rng(3).random(40) + 0.2, 12)
    pairs = joint(p)
    np.testing.assert_allclose(pairs.sum(axis=1), 12 * p, rtol=1e-9)
    np.testing.assert_allclose(pairs, pairs.T, atol=1e-12)


def test_sampfords_design_does_not_overflow_in_large_frames():
    p = proportional(np.random.default_rng(4).random(1500) + 0.5, 400)
    taken = select("pps_sampford", p, np.random.default_rng(5))
    assert taken.sum() == 400


PLANS = [
    {"n": 30},
    {"n": 60, "strata": "township"},
    {"n": {"east": 10, "west": 20}, "strata": "township"},
    {"n": 8, "clusters": "village", "strata": "township"},
    {"n": (8, 4), "clusters": "village", "strata": "township"},
]


@pytest.mark.parametrize("plan", PLANS, ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_every_plan_estimates_without_bias_and_goes_straight_into_a_design(method, plan):
    frame = village_frame()
    kept = frame.copy()
    how = {**plan, "method": method}
    if method.startswith("pps") and "clusters" not in plan:
        how["size"] = "land"
    totals, counts = [], []
    for seed in range(40):
        drawn = sg.draw(frame, seed=seed, **how).frame
        totals.append((drawn["draw_weight"] * drawn["y"]).sum())
        counts.append(drawn["draw_weight"].sum())
    pd.testing.assert_frame_equal(frame, kept)
    for values, truth in ((totals, frame["y"].sum()), (counts, len(frame))):
        spread = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - truth) <= 4.5 * spread + 1e-6
    drawn = sg.draw(frame, seed=1, **how)
    answers = sg.survey_design(drawn.frame, **drawn.design)
    line = sg.mean(answers, "y").frame.iloc[0]
    assert line["std_error"] > 0
    assert line["n"] == len(drawn.frame)


def test_two_stages_with_sizes_of_rows_weigh_everybody_alike():
    frame = village_frame()
    weights = sg.draw(frame, (8, 5), method="pps_brewer", clusters="village", seed=2).frame["draw_weight"]
    np.testing.assert_allclose(weights, len(frame) / 40, rtol=1e-12)


def test_errors_of_a_simple_sample_are_the_closed_form():
    frame = village_frame()
    drawn = sg.draw(frame, 50, seed=3)
    error = sg.mean(sg.survey_design(drawn.frame, **drawn.design), "y").frame["std_error"].iloc[0]
    y = drawn.frame["y"]
    assert error == pytest.approx(np.sqrt((1 - 50 / len(frame)) * y.var() / 50), rel=1e-12)


def test_a_census_has_no_error():
    frame = village_frame()
    drawn = sg.draw(frame, len(frame), seed=3)
    assert (drawn.frame["draw_weight"] == 1).all()
    assert sg.mean(sg.survey_design(drawn.frame, **drawn.design), "y").frame["std_error"].iloc[0] == 0
    assert drawn.reserves.empty


def test_units_that_are_certain_add_no_error():
    frame = village_frame().assign(land=lambda d: np.where(d.index < 5, 1e6, 1.0))
    drawn = sg.draw(frame, 25, method="pps_sampford", size="land", seed=4)
    assert drawn.counts["certain"].tolist() == [5]
    assert set(range(5)) <= set(drawn.frame["draw_unit"])
    by_hand = drawn.frame[~drawn.frame["draw_stratum"].str.endswith("(certain)")]
    total = sg.total(sg.survey_design(drawn.frame, **drawn.design), "y").frame["std_error"].iloc[0]
    share = by_hand["draw_probability"].min()
    expected = 20 * (1 - share) * (by_hand["y"] * by_hand["draw_weight"]).var()
    assert total == pytest.approx(np.sqrt(expected), rel=1e-10)


def test_the_seed_decides_and_strata_do_not_disturb_each_other():
    frame = village_frame()
    first = sg.draw(frame, {"east": 10, "west": 20}, strata="township", seed=5)
    again = sg.draw(frame, {"east": 10, "west": 20}, strata="township", seed=5)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    pd.testing.assert_frame_equal(first.reserves, again.reserves)
    other = sg.draw(frame, {"east": 10, "west": 25}, strata="township", seed=5)
    east = [set(d.frame.loc[d.frame["township"] == "east", "draw_unit"]) for d in (first, other)]
    assert east[0] == east[1]
    assert set(sg.draw(frame, 30, seed=6).frame["draw_unit"]) != set(sg.draw(frame, 30, seed=7).frame["draw_unit"])


def test_reserves_are_everybody_else_in_order():
    frame = village_frame()
    drawn = sg.draw(frame, {"east": 10, "west": 20}, strata="township", seed=5)
    assert set(drawn.reserves["draw_unit"]) == set(range(len(frame))) - set(drawn.frame["draw_unit"])
    for _, part in drawn.reserves.groupby("township"):
        assert part["reserve"].tolist() == list(range(1, len(part) + 1))
    two = sg.draw(frame, (8, 4), clusters="village", seed=5)
    assert set(two.reserves["village"]) <= set(two.frame["village"])
    for _, part in two.reserves.groupby("village"):
        assert sorted(part["reserve"]) == list(range(1, len(part) + 1))


def test_an_allocation_is_taken_as_it_is():
    frame = village_frame()
    plan = sg.allocate(frame["township"].value_counts().to_dict(), 40, method="equal")
    drawn = sg.draw(frame, plan, strata="township", seed=1)
    assert drawn.frame["township"].value_counts().to_dict() == plan.sizes


@pytest.mark.parametrize(
    "how",
    [
        {"n": 10, "method": "stratified"},
        {"n": 10, "strata": "county"},
        {"n": 10, "method": "pps_sampford"},
        {"n": 10, "method": "pps_sampford", "size": "y"},
        {"n": (5, 2)},
        {"n": (5, 0), "clusters": "village"},
        {"n": 100, "clusters": "village"},
        {"n": {"east": 5}, "strata": "township"},
        {"n": {"east": 5, "west": 10**6}, "strata": "township"},
        {"n": 5, "clusters": "village", "method": "pps_brewer", "size": "land"},
        {"n": 5, "clusters": "township", "strata": "village"},
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_refused_in_both_languages(how):
    with pytest.raises(DesignError) as caught:
        sg.draw(village_frame(), seed=1, **how)
    assert caught.value.what.zh != caught.value.what.en


@pytest.mark.parametrize(("language", "word"), [("zh", "种子5"), ("en", "seed 5")])
def test_the_table_says_how(language, word):
    page = sg.draw(village_frame(), 10, seed=5).table(language=language).to_markdown()
    assert word in page


@pytest.mark.parametrize("method", ["pps_sampford", "pps_brewer"])
def test_errors_under_unequal_probabilities_are_about_those_of_many_draws(method):
    """A quarter of the units drawn, sizes 1 to 9: errors that took them as equal would be three times too large."""
    rng = np.random.default_rng(8)
    size = rng.uniform(1, 9, 60)
    frame = pd.DataFrame({"land": size, "y": size * rng.uniform(0.5, 1.5, 60)})
    totals, variances = [], []
    for seed in range(150):
        drawn = sg.draw(frame, 15, method=method, size="land", seed=seed)
        line = sg.total(sg.survey_design(drawn.frame, **drawn.design), "y").frame.iloc[0]
        totals.append(line["estimate"])
        variances.append(line["std_error"] ** 2)
    # The variance of 150 totals has a standard error of 12 %.
    assert np.mean(variances) / np.var(totals, ddof=1) == pytest.approx(1, abs=0.35)
