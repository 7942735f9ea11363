"""Benchmarks of shortfalls that are more than a number: each beside R survey, brute force, or what must be true."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import stats
from small_county import CONSTRUCTS, county
from survey_samples import PEER, frame

import sgsurvey as sg
from sgsurvey.causes.shortfall_estimates import one_sided
from sgsurvey.numerics.best_quartile import best_quartile, half_means
from sgsurvey.numerics.linearise import clustered_mean

R = json.loads((VALUES / "benchmarks.json").read_text(encoding="utf-8"))
NUMBERS = ["estimate", "std_error", "df"]
DESIGNS = {
    "strat": ("apistrat", {"weights": "pw", "strata": "stype", "fpc": "fpc"}),
    "clus2": ("apiclus2", {"clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}),
    "clus1": ("apiclus1", {"weights": "pw", "clusters": "dnum"}),
}


def schools(design, now="api00"):
    """Schools as respondents: ``NOW`` rated from 0 to 1000, with ``BEFORE`` and ``THIRD`` beside it."""
    data, how = DESIGNS[design]
    data = frame(data).assign(now=frame(data)[now], third=10.0 * frame(data)["meals"])
    answers = sg.responses(data, {"NOW": ["now"], "BEFORE": ["api99"], "THIRD": ["third"]}, limits=(0, 1000))
    return sg.survey_design(answers, **how)


@pytest.fixture(scope="module")
def answers():
    return county()


def alike(ours, theirs, statistic, data):
    assert_matches(
        ours[NUMBERS].astype(float), [theirs[k] for k in NUMBERS],
        statistic=statistic, reference=f"{PEER} svymean", data=data, why="closed form", rtol=1e-10,
    )  # fmt: skip


# Beside R ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", ["strat", "clus2"])
def test_own_expectations_are_subtracted_person_by_person_under_the_design(design):
    found = sg.shortfall(schools(design), ["NOW"], benchmark=sg.Benchmark.expectation({"NOW": "BEFORE"}))
    alike(found.frame.iloc[0], R["expectation"][design], "shortfall from own expectation", f"api{design}")
    assert "NOW: BEFORE" in str(found)


@pytest.mark.parametrize("design", ["strat", "clus2"])
def test_own_means_are_subtracted_person_by_person_under_the_design(design):
    found = sg.shortfall(schools(design), ["NOW", "BEFORE", "THIRD"], benchmark=sg.Benchmark.own_mean())
    alike(found.frame.iloc[0], R["own_mean"][design], "shortfall from own mean", f"api{design}")
    assert found.frame["estimate"].sum() == pytest.approx(0, abs=1e-10)


def test_the_error_of_the_wave_before_counts():
    now, before = schools("strat"), schools("clus1", "api99")
    line = sg.shortfall(now, ["NOW"], benchmark=sg.Benchmark.previous(before)).frame.iloc[0]
    alike(line, R["previous"], "shortfall from the previous wave", "apistrat, apiclus1")
    line = sg.shortfall(now, ["NOW"], benchmark=sg.Benchmark.reported(70, 2, df=15)).frame.iloc[0]
    alike(line, R["reported"], "shortfall from a reported mean", "apistrat")


@pytest.mark.parametrize("part", ["weights", "strata", "fpc", "replicates"])
def test_differences_have_the_error_of_their_mean_under_every_part_of_a_design(part):
    """A second road: the difference as a column of its own, whose mean is estimated under the design."""
    data = frame("apistrat").assign(gap=lambda d: d["api99"] - d["api00"])
    answers = sg.responses(data, {"NOW": ["api00"], "BEFORE": ["api99"], "GAP": ["gap"]}, limits=(-1000, 1000))
    how = {"strata": {"strata": "stype"}, "fpc": {"strata": "stype", "fpc": "fpc"}}.get(part, {})
    answers = sg.survey_design(answers, weights="pw", **how)
    if part == "replicates":
        answers = sg.replicate_weights(answers, "bootstrap", draws=40, seed=1)
    benchmark = sg.Benchmark.expectation({"NOW": "BEFORE"})
    line, mean = (
        sg.shortfall(answers, ["NOW"], benchmark=benchmark).frame.iloc[0],
        sg.mean(answers, "GAP").frame.iloc[0],
    )
    # 2000 units are 100 points.
    assert line[["estimate", "std_error"]].tolist() == pytest.approx((mean[["estimate", "std_error"]] / 20).tolist())


# Identities ----------------------------------------------------------------------------------------


def test_a_constant_is_a_number_however_it_is_said(answers):
    how = {"by": "role", "cluster": "township_id"}
    number = sg.shortfall(answers, CONSTRUCTS, benchmark=65, **how).frame
    pd.testing.assert_frame_equal(
        sg.shortfall(answers, CONSTRUCTS, benchmark=sg.Benchmark.target(65), **how).frame, number
    )
    frame = answers.frame.assign(E1=65.0)
    expected = sg.responses(frame, {c: [f"{c}1"] for c in CONSTRUCTS} | {"E": ["E1"]}, limits=(0, 100), roles="role")
    own = sg.Benchmark.expectation(dict.fromkeys(CONSTRUCTS, "E"))
    pd.testing.assert_frame_equal(sg.shortfall(expected, CONSTRUCTS, benchmark=own, **how).frame, number)
    nearly = sg.shortfall(answers, CONSTRUCTS, benchmark=sg.Benchmark.reported(65, 1e-9), **how).frame
    pd.testing.assert_frame_equal(nearly, number)


def test_leniency_cancels_in_own_means(answers):
    strict = answers.frame.assign(**{f"{c}1": answers.frame[f"{c}1"] / 2 for c in CONSTRUCTS})
    lift = np.random.default_rng(3).uniform(0, 40, len(strict))
    lenient = strict.assign(**{f"{c}1": strict[f"{c}1"] + lift for c in CONSTRUCTS})
    frames = [
        sg.shortfall(
            sg.responses(each, {c: [f"{c}1"] for c in CONSTRUCTS}, limits=(0, 100)),
            CONSTRUCTS,
            benchmark=sg.Benchmark.own_mean(),
            cluster="township_id",
        ).frame[["construct", *NUMBERS]]
        for each in (strict, lenient)
    ]
    pd.testing.assert_frame_equal(*frames)


def test_the_same_wave_twice_has_no_shortfall_and_twice_the_variance(answers):
    how = {"by": "role", "cluster": "township_id"}
    plain = sg.shortfall(answers, ["MGT"], **how).frame
    again = sg.shortfall(answers, ["MGT"], benchmark=sg.Benchmark.previous(answers), **how).frame
    assert again["estimate"].tolist() == [0, 0, 0]
    assert again["std_error"].to_numpy() == pytest.approx(np.sqrt(2) * plain["std_error"].to_numpy())
    assert again["df"].to_numpy() == pytest.approx(2 * plain["df"].to_numpy())


def test_rows_that_lack_a_side_are_left_out_and_counted(answers):
    frame = answers.frame.assign(FUN1=answers.frame["FUN1"].mask(np.arange(len(answers)) < 7))
    some = sg.Responses(frame, answers.questionnaire)
    found = sg.shortfall(some, ["MGT", "FUN"], benchmark=sg.Benchmark.own_mean())
    assert set(found.frame["n"]) == {len(answers) - 7}
    assert dict(found.dropped) == {"not all constructs rated": 7}
    own = sg.shortfall(some, ["MGT"], benchmark=sg.Benchmark.expectation({"MGT": "FUN"}))
    assert dict(own.dropped) == {"no own expectation": 7}
    assert "未填本人期望7" in own.table(language="zh").to_markdown()


# Best quartile -------------------------------------------------------------------------------------


def brute_force(x, places, weights, splits, seed):
    """Split by split, place by place, with Python's sort."""
    rng = np.random.default_rng(seed)
    one, other = half_means(x, places, weights, splits=splits, rng=rng)
    found = []
    for chooses, estimates in ((one, other), (other, one)):
        for choice, estimate in zip(chooses, estimates, strict=True):
            best = sorted(range(len(choice)), key=lambda g, c=choice: -c[g])
            size = len(best) / 4
            whole = int(size)
            total = sum(estimate[g] for g in best[:whole])
            found.append((total + (size - whole) * (estimate[best[whole]] if size > whole else 0.0)) / size)
    return float(np.mean(found))


@settings(max_examples=20, deadline=None)
@given(st.integers(8, 15), st.integers(0, 10_000))
def test_the_best_quartile_is_that_of_brute_force_and_so_is_each_place_left_out(g, seed):
    rng = np.random.default_rng(seed)
    places = np.repeat(np.arange(g), rng.integers(2, 7, g))
    x, weights = rng.normal(50, 10, len(places)), rng.uniform(0.5, 2, len(places))
    level, left_out = best_quartile(x, places, weights, splits=6, seed=seed)
    assert level == pytest.approx(brute_force(x, places, weights, 6, seed), rel=1e-12)
    one, other = half_means(x, places, weights, splits=6, rng=np.random.default_rng(seed))
    without = [np.delete(half, 3, axis=1) for half in (one, other)]
    quota = np.clip((g - 1) / 4 - np.arange(g - 1), 0, 1) / ((g - 1) / 4)
    ranked = [np.take_along_axis(e, np.argsort(-c, axis=1), axis=1) @ quota for c, e in (without, without[::-1])]
    assert left_out[3] == pytest.approx(np.mean(ranked), rel=1e-12)


def test_halves_share_nobody_and_leave_nobody_out():
    places, x = np.repeat(np.arange(3), [2, 5, 8]), 2.0 ** np.arange(15)
    one, other = half_means(x, places, np.ones(15), splits=20, rng=np.random.default_rng(0))
    sizes = np.array([2, 5, 8])
    assert one * (sizes // 2) + other * (sizes - sizes // 2) == pytest.approx(np.tile(np.bincount(places, x), (20, 1)))


def test_places_that_are_alike_have_no_best_quartile():
    """Taken naively their shortfall is above ten points at five answers each."""
    places, found, naive = np.repeat(np.arange(12), 5), [], []
    for seed in range(1500):
        x = 60 + 20 * np.random.default_rng(seed).standard_normal(60)
        means = x.reshape(12, 5).mean(axis=1)
        found.append(best_quartile(x, places, np.ones(60), splits=20, seed=seed)[0] - x.mean())
        naive.append(np.sort(means)[-3:].mean() - x.mean())
    assert abs(np.mean(found)) < 0.3
    assert np.mean(naive) > 10


def quartered(answers, **how):
    return sg.shortfall(
        answers, ["MGT"], benchmark=sg.Benchmark.best_quartile(seed=5), cluster="township_id", **how
    ).frame.iloc[0]


def test_the_error_of_a_best_quartile_is_the_jackknifes_of_the_difference(answers):
    """Each place left out of both sides, the benchmark by its own splits and the mean with equal numbers per place."""
    line = quartered(answers)
    x = answers.frame["MGT1"].to_numpy(dtype=float)
    places = pd.factorize(answers.frame["township_id"])[0]
    level, left_out = best_quartile(x, places, np.ones(len(x)), splits=200, seed=5)
    means = np.array([x[places != g].mean() for g in range(12)])
    differences = left_out - means
    error = np.sqrt(11 / 12 * ((differences - differences.mean()) ** 2).sum())
    assert line["benchmark"] == level
    assert line["estimate"] == pytest.approx(level - x.mean(), rel=1e-12)
    assert line["std_error"] == pytest.approx(error, rel=1e-10)
    assert line["df"] == 3


def test_a_best_quartile_knows_weights_and_strata_and_refuses_what_it_cannot(answers):
    frame = answers.frame.assign(w=1.0 + np.arange(len(answers)) % 2, half=answers.frame["township_id"] < "T06", N=40.0)
    given = sg.Responses(frame, answers.questionnaire)
    weighted = given.designed(sg.Design(weights="w", clusters="township_id"))
    repeated = sg.Responses(frame.loc[frame.index.repeat(frame["w"].astype(int))], answers.questionnaire)
    a, b = quartered(weighted), quartered(repeated)
    # Copies of a person may fall into both halves, so that only the mean is the same.
    assert a["mean"] == pytest.approx(b["mean"])
    assert a["benchmark"] != quartered(given)["benchmark"]
    layered = quartered(given.designed(sg.Design(strata="half", clusters="township_id")))
    assert layered["estimate"] == pytest.approx(quartered(given)["estimate"])
    assert layered["std_error"] != quartered(given)["std_error"]
    with pytest.raises(sg.DesignError, match="best_quartile cannot use population sizes"):
        quartered(given.designed(sg.Design(clusters="township_id", fpc="N")))


def test_the_share_of_places_below(answers):
    found = sg.shortfall(answers, ["FUN"], by="role", cluster="township_id", benchmark=55).frame
    for line in found.to_dict("records"):
        means = answers.where(role=line["group"]).frame.groupby("township_id")["FUN1"].mean()
        assert line["places"] == 12
        assert line["places_below"] == (means < 55).mean()
    few = answers.where(pd.Series(np.arange(len(answers)) % 8 < 4))
    assert sg.shortfall(few, ["FUN"], by="role", cluster="township_id").frame["places"].tolist() == [0, 0, 0]
    assert sg.shortfall(few, ["FUN"], by="role", cluster="township_id").frame["places_below"].isna().all()
    assert sg.shortfall(answers, ["FUN"]).frame["places"].tolist() == [0]


# What is refused, hidden and said -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("benchmark", "change", "words"),
    [
        (sg.Benchmark.own_mean(), {}, "single construct"),
        (sg.Benchmark.expectation({"FUN": "MGT"}), {}, "no expectation is named for 'MGT'"),
        (sg.Benchmark.best_quartile(seed=1), {"cluster": None}, "cluster="),
        (sg.Benchmark.best_quartile(seed=1, splits=0), {}, "splits"),
        (sg.Benchmark.reported(60, 0), {}, "standard error of 'MGT' is 0"),
        (sg.Benchmark.reported(60, 2, df=0), {}, "degrees of freedom"),
        (sg.Benchmark.target({"FUN": 60}), {}, "benchmark of 'MGT' is None"),
        (sg.Benchmark.target("sixty"), {}, "sixty"),
    ],
)
def test_what_a_benchmark_cannot_do_is_said(answers, benchmark, change, words):
    with pytest.raises(sg.DesignError, match=words):
        sg.shortfall(answers, ["MGT"], benchmark=benchmark, **{"cluster": "township_id"} | change)


def test_waves_and_places_that_cannot_be_compared_are_refused(answers):
    other = sg.responses(answers.frame, {"MGT": ["MGT1"]}, limits=(0, 100), roles="role")
    with pytest.raises(sg.DesignError, match="previous wave has no 'FUN'"):
        sg.shortfall(answers, ["FUN"], benchmark=sg.Benchmark.previous(other))
    before = sg.Benchmark.previous(answers.where(role=["villager", "post_holder"]))
    with pytest.raises(sg.DesignError, match="nobody of role undertaker"):
        sg.shortfall(answers, ["MGT"], by="role", benchmark=before)
    bare = sg.Benchmark.previous(sg.Responses(answers.frame.drop(columns="township_id"), answers.questionnaire))
    with pytest.raises(sg.DesignError, match="no column 'township_id'"):
        sg.shortfall(answers, ["MGT"], cluster="township_id", benchmark=bare)
    with pytest.raises(sg.DesignError, match="in 7 places"):
        quartered(answers.where(answers.frame["township_id"] < "T07"))
    with pytest.raises(sg.DesignError, match="Responses"):
        sg.Benchmark.previous(answers.frame)
    with pytest.raises(sg.DesignError, match="points that were declared"):
        sg.priorities(answers, "SAT", ["MGT", "FUN"], benchmark=sg.Benchmark.own_mean(), seed=1)


def test_a_scale_that_is_turned_is_not_held_against_one_that_is_not(answers):
    constructs = tuple(replace(c, high_is="bad") if c.name == "FUN" else c for c in answers.questionnaire.constructs)
    turned = sg.Responses(answers.frame, replace(answers.questionnaire, constructs=constructs))
    with pytest.raises(sg.DesignError, match="high is good for one"):
        sg.shortfall(turned, ["MGT"], benchmark=sg.Benchmark.expectation({"MGT": "FUN"}))


def test_a_wave_of_a_few_is_not_shown(answers):
    few = answers.where((answers.frame["role"] != "villager") | (np.arange(len(answers)) % 30 == 0))
    found = sg.shortfall(answers, ["MGT"], by="role", benchmark=sg.Benchmark.previous(few)).frame
    line = found[found["group"] == "villager"].iloc[0]
    assert line["verdict"] == "suppressed"
    assert line[["n", "mean", "benchmark", "estimate"]].isna().all()


@pytest.mark.parametrize(
    ("benchmark", "zh", "en"),
    [
        (sg.Benchmark.own_mean(), "本人对所比较各维度评分的均值", "own mean of the compared constructs"),
        (sg.Benchmark.best_quartile(seed=4), "种子4", "seed 4"),
        (sg.Benchmark.reported(60, 2), "独立样本", "independent sample"),
    ],
)
def test_notes_say_what_the_benchmark_is_and_it_has_a_decimal(answers, benchmark, zh, en):
    found = sg.shortfall(answers, ["MGT", "FUN"], benchmark=benchmark, cluster="township_id")
    for language, words in (("zh", zh), ("en", en)):
        assert any(words in note.to(language) for note in found.table(language=language).notes)
    assert "Benchmark" in found.table(language="en").to_markdown()


# Size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("places", [8, 12, 20])
def test_problems_are_found_where_there_are_none_in_one_of_twenty_samples_at_most(places):
    """Townships of unequal sizes, answers of whole points that pile up at the limits, shortfall at the smallest."""
    rng = np.random.default_rng(places)
    samples, sizes = 1500, rng.integers(5, 25, places)
    units = np.repeat(np.arange(places), sizes).astype(np.int64)
    strata = np.zeros(len(units), dtype=np.int64)

    def rated(count):
        place = 8 * rng.standard_normal((count, places))[:, units]
        return np.clip(np.round((65 + place + 22 * rng.standard_normal((count, len(units)))) / 25), 0, 4) * 25

    true = rated(20_000).mean()
    problems = 0
    for x in rated(samples):
        mean = clustered_mean(x, units, strata)
        _, p, _ = one_sided(true + 5 - mean.mean, 5, mean.std_error, mean.df)
        problems += p < 0.05
    assert problems / samples <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / samples)


@pytest.mark.parametrize("places", [8, 12, 20])
def test_a_best_quartile_of_places_that_are_alike_is_a_problem_in_one_of_twenty_samples_at_most(places):
    samples, units = 400, np.repeat(np.arange(places), 5).astype(np.int64)
    problems = 0
    for seed in range(samples):
        x = 60 + 20 * np.random.default_rng(seed).standard_normal(len(units))
        level, left_out = best_quartile(x, units, np.ones(len(units)), splits=20, seed=seed)
        adds = (places - 1) / places * (level - left_out)
        own = x.reshape(places, 5).mean(axis=1)
        error = np.sqrt(places / (places - 1)) * np.linalg.norm(adds - adds.mean() - (own - x.mean()) / places)
        problems += (level - x.mean()) / error > stats.t.ppf(0.95, places / 4)
    assert problems / samples <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / samples)
