"""Weights on sixty rows made by arithmetic, beside R survey; and what must hold of any weights."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from survey_samples import PEER

import sgsurvey as sg
from sgsurvey.errors import DesignError
from sgsurvey.numerics.calibration import Trimming
from sgsurvey.numerics.hadamard import hadamard, is_hadamard

TRUTH = json.loads((VALUES / "weighting.json").read_text(encoding="utf-8"))
A = {"p": 70.0, "q": 55.0, "r": 40.0}
B = {"u": 90.0, "v": 75.0}


def sixty():
    """The rows of tests/reference/r/weighting.R."""
    i = np.arange(60)
    data = pd.DataFrame({"h": i % 5, "psu": i % 10, "w": 1.0 + (i * 7) % 4, "x": (i * 13) % 17 + 1.0})
    data["a"] = np.array(["p", "q", "r"])[(i * 5) % 7 % 3]
    data["b"] = np.array(["u", "v"])[(i * 3) % 11 % 2]
    data["y"] = data["x"] + (i * 29) % 23 / 3 + (data["a"] == "q") * 4
    return data.assign(r=((i**2 + data["x"]) % 7 > 2).astype(int))


@pytest.fixture
def plain():
    return sg.survey_design(sixty(), weights="w", clusters="psu")


@pytest.fixture
def paired():
    return sg.survey_design(sixty(), weights="w", strata="h", clusters="psu")


def matches(answers, name, why, near):
    truth = TRUTH[name]
    said = {"reference": PEER, "data": "60 rows by arithmetic", "why": why, "rtol": near}
    assert_matches(answers.weights, truth["w"], statistic=f"weights, {name}", **said)
    for what, found in {"mean": sg.mean(answers, "y"), "total": sg.total(answers, "y")}.items():
        assert_matches(found.frame[["estimate", "std_error"]].to_numpy()[0], truth[what],
                       statistic=f"{what} and std. error, {name}", **said)  # fmt: skip


# Beside R -----------------------------------------------------------------------------------------


CALIBRATIONS = {
    "post": lambda d: sg.poststratify(d, {"a": A}),
    "rake": lambda d: sg.rake(d, {"a": A, "b": B}),
    "linear": lambda d: sg.calibrate(d, {"x": 1600}, population=165),
    "raking": lambda d: sg.calibrate(d, {"x": 1600}, population=165, distance="raking"),
    "logit": lambda d: sg.calibrate(d, {"x": 1600}, population=165, distance="logit", bounds=(0.5, 1.6)),
    "bounded": lambda d: sg.calibrate(d, {"x": 1600}, population=165, bounds=(0.7, 1.3)),
}


@pytest.mark.parametrize("way", CALIBRATIONS)
def test_every_distance_gives_the_weights_and_errors_of_r_survey(plain, way):
    matches(CALIBRATIONS[way](plain), way, "both iterate to 1e-13 of a total", 1e-9)


@pytest.mark.parametrize(
    ("name", "kind", "way"), [("jk1_rake", "JK1", "rake"), ("jk1_post", "JK1", "post"), ("jkn_linear", "JKn", "linear")]
)
def test_replicates_are_calibrated_again_as_in_r_survey(plain, paired, name, kind, way):
    answers = CALIBRATIONS[way](plain if kind == "JK1" else paired)
    matches(
        sg.replicate_weights(answers, kind), name, "R's rake() stops at 1e-13 of a count, calibrate() at 1e-7", 1e-8
    )
    first = CALIBRATIONS[way](sg.replicate_weights(plain if kind == "JK1" else paired, kind))
    matches(first, name, "the same, replicates made before the calibration", 1e-8)


def test_balanced_halves_on_rs_hadamard_matrix_are_those_of_r_survey(paired):
    factors = np.array(TRUTH["brr"]["factors"])
    signs = (factors[:5] - 1).astype(int).T
    for kind in ("BRR", "Fay"):
        made = sg.replicate_weights(paired, kind, rho=0.3, signs=signs)
        matches(made, kind.lower(), "closed form", 1e-10)


def test_propensities_are_those_of_a_weighted_logistic_regression_in_r(plain):
    adjusted = sg.nonresponse(plain, "r", propensity=["x", "b"])
    answered = plain.frame["r"].to_numpy() == 1
    assert_matches(
        (plain.weights / np.where(answered, adjusted.weights, np.nan))[answered],
        np.array(TRUTH["propensity"])[answered],
        statistic="propensity to answer",
        reference=f"{PEER} svyglm",
        data="60 rows by arithmetic",
        why="both iterate to 1e-13",
        rtol=1e-9,
    )


# What must hold -----------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.sampled_from(["linear", "raking", "logit"]))
def test_calibrated_totals_are_met(seed, distance):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"w": rng.uniform(1, 5, 80), "x": rng.normal(3, 1, 80), "g": rng.integers(0, 3, 80)})
    wanted = data["w"] * rng.uniform(0.8, 1.25, 80)
    totals = {"g": wanted.groupby(data["g"]).sum().to_dict(), "x": float(wanted @ data["x"])}
    bounds = (0.2, 4) if distance == "logit" else None
    made = sg.calibrate(sg.survey_design(data, weights="w"), totals, distance=distance, bounds=bounds)
    sums = pd.Series(made.weights).groupby(data["g"]).sum()
    np.testing.assert_allclose([*sums, made.weights @ data["x"]], [*totals["g"].values(), totals["x"]], rtol=1e-9)


def test_raking_twice_is_raking_once(plain):
    once = sg.rake(plain, {"a": A, "b": B})
    twice = sg.rake(once, {"b": B, "a": A})
    np.testing.assert_allclose(once.weights, twice.weights, rtol=1e-10)
    assert twice.design.weights == "raked_weight_2"
    a, b = (sg.mean(d, "y").frame["std_error"].item() for d in (once, twice))
    assert a == pytest.approx(b, rel=1e-9)


def test_raking_to_one_margin_is_poststratification(plain):
    a, b = sg.rake(plain, {"a": A}), sg.poststratify(plain, {"a": A})
    np.testing.assert_allclose(a.weights, b.weights, rtol=1e-12)
    assert sg.total(b, "y").frame["std_error"].item() == pytest.approx(sg.total(a, "y").frame["std_error"].item())


def test_a_total_that_was_calibrated_has_no_error_by_either_road(plain):
    for answers in (CALIBRATIONS["linear"](plain), sg.replicate_weights(CALIBRATIONS["linear"](plain), "JK1")):
        found = sg.total(answers, "x").frame.iloc[0]
        assert found["estimate"] == pytest.approx(1600, rel=1e-9)
        assert found["std_error"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("how", ["frame", "series", "mapping", "list"])
def test_counts_may_come_in_any_shape(plain, how):
    table = pd.DataFrame({"a": list(A), "count": list(A.values())})
    shapes = {"frame": table, "series": table.set_index("a")["count"], "mapping": {"a": A}, "list": [table]}
    np.testing.assert_array_equal(
        sg.poststratify(plain, shapes[how]).weights, sg.poststratify(plain, {("a",): A}).weights
    )


def test_crossed_cells_are_counted_together(plain):
    counts = plain.frame.groupby(["a", "b"])["w"].sum() * 2
    made = sg.poststratify(plain, counts)
    np.testing.assert_allclose(made.weights, 2 * plain.weights, rtol=1e-12)


def test_jackknife_and_linearisation_agree_on_totals_and_balanced_halves_do_exactly(plain, paired):
    g = 10
    jk = sg.total(sg.replicate_weights(plain, "JK1"), "y").frame["std_error"].item()
    assert jk == pytest.approx(sg.total(plain, "y").frame["std_error"].item(), rel=1e-10)
    assert sg.replicate_weights(plain, "JK1").design.replicates.df == g - 1
    for kind in ("JKn", "BRR", "Fay"):
        made = sg.total(sg.replicate_weights(paired, kind), "y").frame["std_error"].item()
        assert made == pytest.approx(sg.total(paired, "y").frame["std_error"].item(), rel=1e-10), kind


def test_a_finite_population_narrows_replicates_as_it_does_linearised_errors():
    data = sixty().assign(N=8)
    answers = sg.survey_design(data, weights="w", strata="h", clusters="psu", fpc="N")
    exact = sg.total(answers, "y").frame["std_error"].item()
    for kind in ("JKn", "BRR", "Fay"):
        assert sg.total(sg.replicate_weights(answers, kind), "y").frame["std_error"].item() == pytest.approx(exact)
    boot = sg.replicate_weights(answers, "bootstrap", draws=4000, seed=1)
    assert sg.total(boot, "y").frame["std_error"].item() == pytest.approx(exact, rel=0.05)


def test_the_bootstrap_is_repeatable_and_its_replicates_sum_like_the_sample(paired):
    one, two = (sg.replicate_weights(paired, "bootstrap", draws=300, seed=7).design.replicates for _ in range(2))
    np.testing.assert_array_equal(one.weights, two.weights)
    assert (one.weights >= 0).all()


def test_doubling_every_row_changes_no_error_of_raked_replicates():
    once = sg.survey_design(sixty(), weights="w", clusters="psu")
    half = sixty().assign(w=sixty()["w"] / 2)
    twice = sg.survey_design(pd.concat([half, half], ignore_index=True), weights="w", clusters="psu")
    a, b = (
        sg.mean(sg.replicate_weights(sg.rake(d, {"a": A, "b": B}), "JK1"), "y").frame["std_error"].item()
        for d in (once, twice)
    )
    assert a == pytest.approx(b, rel=1e-9)


def test_a_part_is_weighed_alone_and_keeps_the_sample(plain):
    part = plain.where(b="u")
    counts = {"p": 30.0, "q": 30.0, "r": 30.0}
    made = sg.poststratify(part, {"a": counts})
    assert pd.Series(made.weights).groupby(made.frame["a"].to_numpy()).sum().tolist() == pytest.approx([30.0] * 3)
    whole = made.design.whole
    others = whole.index.difference(made.frame.index)
    np.testing.assert_array_equal(whole.loc[others, "poststratified_weight"], plain.frame.loc[others, "w"])
    assert len(whole) == 60


def test_a_domain_of_raked_answers_keeps_the_calibration(plain):
    raked = sg.rake(plain, {"a": A, "b": B})
    by = sg.mean(raked, "y", by="b").frame.iloc[0]
    part = sg.mean(raked.where(b="u"), "y").frame.iloc[0]
    assert part["std_error"] == pytest.approx(by["std_error"], rel=1e-12)


# Nonresponse --------------------------------------------------------------------------------------


def issued(n=3000):
    """A sample of many clusters in which answering depends on a class and a number."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"psu": rng.integers(0, 150, n), "c": rng.choice(list("abc"), n), "z": rng.normal(size=n)})
    chance = 1 / (1 + np.exp(-(0.4 + 0.8 * data["z"] - (data["c"] == "a"))))
    data["r"] = (rng.random(n) < chance).astype(int)
    return data.assign(w=rng.uniform(1, 3, n), y=2 * data["z"] + (data["c"] == "a") + rng.normal(size=n))


@pytest.mark.parametrize(("kind", "name"), [("JK1", "jk1"), ("JKn", "jkn")])
def test_weights_over_a_propensity_are_fitted_again_in_every_replicate_as_rs_glm_fits_them(plain, paired, kind, name):
    answers = sg.nonresponse(plain if kind == "JK1" else paired, "r", propensity=["x", "b"])
    made = sg.replicate_weights(answers, kind)
    mean, total = sg.mean(made, "y").frame.iloc[0], sg.total(made, "y").frame.iloc[0]
    assert_matches(
        [mean["estimate"], total["estimate"], mean["std_error"], total["std_error"]],
        TRUTH["answered"][name],
        statistic=f"mean and total with weights over a propensity ({kind})",
        reference=f"{PEER} withReplicates, glm fitted again in each",
        data="60 rows by arithmetic",
        why="R's glm stops at 1e-15 of the deviance",
        rtol=1e-9,
    )


@pytest.mark.parametrize("name", ["plain", "pairs"])
def test_linearised_errors_of_weights_over_a_propensity_are_those_of_numeric_influence(plain, paired, name):
    answers = sg.nonresponse(plain if name == "plain" else paired, "r", propensity=["x", "b"])
    assert_matches(
        [f(answers, "y").frame["std_error"].item() for f in (sg.mean, sg.total)],
        TRUTH["answered"][name],
        statistic="linearised std. error with weights over a propensity",
        reference=f"{PEER} svytotal of influence values by differences of R's glm",
        data="60 rows by arithmetic",
        why="numeric derivatives",
        rtol=1e-6,
    )


HOW = [{"classes": "c"}, {"propensity": ["c", "z"]}, {"propensity": ["c", "z"], "groups": 5}]


@pytest.mark.parametrize("how", HOW, ids=["classes", "inverse", "propensity classes"])
def test_nonresponse_errors_are_those_of_a_jackknife_that_adjusts_again(how):
    """Classes of propensity are held in replicates; the others are exact up to the jackknife's second order."""
    data = issued()
    data.loc[data["r"] == 0, "y"] = np.nan
    made = sg.nonresponse(sg.survey_design(data, weights="w", clusters="psu"), "r", **how)
    jack = sg.replicate_weights(made, "JK1")
    for verb in (sg.mean, sg.total):
        a, b = (verb(d, "y").frame["std_error"].item() for d in (made, jack))
        assert a == pytest.approx(b, rel=0.02)
    truth = issued()["y"].mul(issued()["w"]).sum() / issued()["w"].sum()
    plain = sg.mean(sg.survey_design(data, weights="w", clusters="psu"), "y").frame["estimate"].item()
    mended = sg.mean(made, "y").frame["estimate"].item()
    if "propensity" in how:
        assert abs(mended - truth) < 0.3 * abs(plain - truth)


def test_the_weights_of_a_class_go_to_those_who_answered():
    data = issued()
    answers = sg.survey_design(data, weights="w", clusters="psu")
    made = sg.nonresponse(answers, "r", classes="c")
    sums = pd.Series(made.weights).groupby(data["c"]).sum()
    np.testing.assert_allclose(sums, data["w"].groupby(data["c"]).sum(), rtol=1e-12)
    assert (made.weights[data["r"] == 0] == 0).all()
    raked = sg.rake(made, {"c": {"a": 4000, "b": 5000, "c": 6000}})
    assert raked.weights.sum() == pytest.approx(15000, rel=1e-9)
    a, b = (sg.mean(d, "y").frame["std_error"].item() for d in (raked, sg.replicate_weights(raked, "JK1")))
    assert a == pytest.approx(b, rel=0.02)


# Trimming -----------------------------------------------------------------------------------------


def test_trimming_keeps_the_sum_within_bounds_and_the_order(plain):
    made = sg.trim(sg.rake(plain, {"a": A, "b": B}), most=4, least=1.2)
    before = sg.rake(plain, {"a": A, "b": B}).weights
    assert made.weights.sum() == pytest.approx(before.sum(), rel=1e-12)
    assert made.weights.min() >= 1.2
    assert made.weights.max() <= 4
    free = (made.weights > 1.2) & (made.weights < 4)
    ratio = made.weights[free] / before[free]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


@given(st.lists(st.floats(0.1, 50), min_size=2, max_size=30), st.floats(1.01, 3))
def test_trimming_meets_its_bounds_whatever_the_weights(weights, room):
    w = np.array(weights)
    high = np.full(len(w), w.mean() * room)
    made = Trimming(np.zeros(len(w), dtype=np.int64), np.zeros(len(w)), high)(w)
    assert made.sum() == pytest.approx(w.sum(), rel=1e-9)
    assert (made <= high).all()
    again = Trimming(np.zeros(len(w), dtype=np.int64), np.zeros(len(w)), high)(made)
    np.testing.assert_allclose(again, made, rtol=1e-9)


def test_trimming_by_group_keeps_each_sum_and_bounds_without_room_are_refused(plain):
    made = sg.trim(plain, most=3, by="b")
    sums = [d.groupby(plain.frame["b"]).sum() for d in (plain.frame["w"], pd.Series(made.weights))]
    np.testing.assert_allclose(*sums, rtol=1e-12)
    with pytest.raises(DesignError, match="no room"):
        sg.trim(plain, most=2)
    with pytest.raises(DesignError, match="most="):
        sg.trim(plain)


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        ({"a": {**A, "s": 5.0}}, "the population has 'a = s'"),
        ({"a": {"p": 70.0, "q": 55.0}}, "the sample has 'r' of 'a'"),
        ({"a": {**A, "r": 0.0}}, "counts as 0"),
        ({"a": A, "b": {"u": 90.0, "v": 76.0}}, "'a' sums to 165, 'b' to 166"),
        ({"a": {**A, "r": -1.0}}, "at least 0"),
        ({}, "no margins"),
    ],
)
def test_margins_that_cannot_be_met_are_refused_in_both_languages(plain, margins, said):
    with pytest.raises(DesignError, match=said) as caught:
        sg.rake(plain, margins)
    assert caught.value.what.zh != caught.value.what.en


def test_rows_without_a_category_and_missing_numbers_are_refused():
    data = sixty()
    data.loc[:2, "a"], data.loc[:1, "x"] = None, np.nan
    answers = sg.survey_design(data, weights="w")
    with pytest.raises(DesignError, match="3 rows lack 'a'"):
        sg.rake(answers, {"a": A})
    with pytest.raises(DesignError, match="2 rows lack 'x'"):
        sg.calibrate(answers, {"x": 1600})


def test_totals_out_of_reach_name_the_furthest(plain):
    with pytest.raises(DesignError, match=r"the furthest is 'x': .* where 5000 is wanted"):
        sg.calibrate(plain, {"x": 5000}, population=165, distance="logit", bounds=(0.5, 2))
    data = sixty().assign(c=lambda d: d["a"].map({"p": "1", "q": "2", "r": "2"}))
    with pytest.raises(DesignError, match="no weights were found"):
        sg.rake(sg.survey_design(data, weights="w"), {"a": A, "c": {"1": 100.0, "2": 65.0}})


def test_weights_below_zero_and_senseless_bounds_are_refused(plain):
    with pytest.raises(DesignError, match="below 0"):
        sg.calibrate(plain, {"x": 3000}, population=150)
    for bounds in (None, (1.2, 2), (-1, 2)):
        with pytest.raises(DesignError, match="bounds must be"):
            sg.calibrate(plain, {"x": 1600}, distance="logit", bounds=bounds)


def test_small_classes_and_separated_answers_are_refused(plain):
    with pytest.raises(DesignError, match="who answered, fewer than"):
        sg.nonresponse(plain, "r", classes=["a", "b"], smallest=30)
    with pytest.raises(DesignError, match="no propensity"):
        sg.nonresponse(sg.survey_design(sixty().assign(r=lambda d: (d["x"] > 8) * 1)), "r", propensity="x")
    with pytest.raises(DesignError, match="one of classes= and propensity="):
        sg.nonresponse(plain, "r")
    with pytest.raises(DesignError, match="who answered"):
        sg.nonresponse(plain, "y", classes="a")


def test_replicates_that_the_design_does_not_allow_are_refused(plain, paired):
    for answers, kind, said in (
        (paired, "JK1", "without strata"),
        (plain, "BRR", "exactly two units"),
        (plain, "bootstrap", "needs a seed"),
        (sg.replicate_weights(plain, "JK1"), "JK1", "already"),
        (plain, "JK7", "no kind"),
    ):
        with pytest.raises(DesignError, match=said):
            sg.replicate_weights(answers, kind)
    with pytest.raises(DesignError, match="right angles"):
        sg.replicate_weights(paired, "BRR", signs=np.ones((8, 5), dtype=int))
    data = sixty().assign(s=np.arange(60), N=20, M=6)
    staged = sg.survey_design(data, weights="w", clusters=["psu", "s"], fpc=["N", "M"])
    with pytest.raises(DesignError, match="further stages"):
        sg.replicate_weights(staged, "JK1")


def test_a_replicate_that_loses_a_category_is_refused():
    data = sixty().assign(a=lambda d: np.where(d["psu"] == 3, "r", "p"))
    answers = sg.survey_design(data, weights="w", clusters="psu")
    with pytest.raises(DesignError, match="replicate 4 cannot be weighted"):
        sg.replicate_weights(sg.poststratify(answers, {"a": {"p": 130.0, "r": 20.0}}), "JK1")


# Hadamard matrices, effects, tables ---------------------------------------------------------------


def test_hadamard_matrices_are_what_they_are_called():
    for order in range(1, 120):
        made = hadamard(order)
        assert is_hadamard(made)
        assert (made[:, 0] == 1).all()
        assert order <= len(made) <= max(4, order * 1.2 + 4)
    assert not is_hadamard(np.ones((4, 4), dtype=int))


def test_effects_are_kishs_by_group_and_the_largest_are_named(plain):
    raked = sg.rake(plain, {"a": A, "b": B})
    found = sg.weight_effects(raked)
    w, line = raked.weights, found.frame.iloc[0]
    assert line["deff"] == pytest.approx(1 + w.var() / w.mean() ** 2, rel=1e-12)
    assert line["n_effective"] == pytest.approx(w.sum() ** 2 / (w @ w), rel=1e-12)
    assert (line["ratio_min"], line["ratio_max"]) == pytest.approx(
        ((w / plain.weights).min(), (w / plain.weights).max())
    )
    assert found.largest(3)["weight"].tolist() == sorted(w)[::-1][:3]
    by = sg.weight_effects(raked, by="b")
    assert by.frame["n"].sum() == 60
    assert by.frame["sum"].tolist() == pytest.approx([90, 75], rel=1e-9)
    assert "Kish" in by.table(language="en").to_markdown()
    assert "有效样本量" in by.table(language="zh").to_markdown()
    assert len(by.plot(language="zh").get_lines()) == 2


def test_a_map_has_the_mean_weight_of_each_cluster_and_what_weights_cost_each_stratum(paired):
    raked = sg.rake(paired, {"a": A})
    found = sg.weight_effects(raked)
    data, strata = sixty().assign(w=raked.weights), found.strata
    for k, (_, mine) in enumerate(data.groupby("h")):
        x = mine["w"].to_numpy()
        expected = [mine["psu"].nunique(), len(x), x.mean(), 1 + x.var() / x.mean() ** 2, x.sum() ** 2 / (x @ x)]
        np.testing.assert_allclose(strata.loc[k, ["clusters", "n", "mean", "deff", "n_effective"]].to_list(), expected)
    np.testing.assert_allclose(found.clusters["mean"], data.groupby(["h", "psu"])["w"].mean())
    assert found.clusters["n"].sum() == strata["n"].sum() == 60
    ax = found.design_map(language="zh")
    assert len(ax.get_yticklabels()) == 5
    assert f"{found.frame.loc[0, 'deff']:.2f}" in ax.get_title(loc="left")


def test_a_map_hides_clusters_of_few_and_needs_no_design():
    data = sixty().assign(psu=np.minimum(np.arange(60) // 3, 5))
    found = sg.weight_effects(sg.survey_design(data, weights="w", clusters="psu"))
    assert found.clusters["n"].isna().sum() == found.clusters["mean"].isna().sum() == 5
    assert found.strata["clusters"].tolist() == [6]
    assert "5 of few persons" in found.design_map(language="en").figure.legends[0].get_texts()[0].get_text()
    alone = sg.weight_effects(sixty()).design_map(language="en")
    assert [t.get_text() for t in alone.get_yticklabels()] == ["Overall"]


def test_groups_of_few_are_hidden_and_not_drawn(plain):
    data = sixty().assign(g=np.where(np.arange(60) < 3, "few", "many"))
    found = sg.weight_effects(sg.survey_design(data, weights="w"), by="g")
    assert found.table().frame.loc[0].drop("group").isna().all()
    assert len(found.plot().get_lines()) == 1


def test_notes_say_what_was_done_to_weights_and_answers_can_be_pickled(plain):
    made = sg.replicate_weights(sg.trim(sg.rake(plain, {"a": A, "b": B}), most=4), "JK1")
    page = sg.mean(made, "y").table(language="en").to_markdown()
    for said in ("10 sets of JK1 replicate weights", "raked to the margins of a, b", "weights were cut at bounds"):
        assert said in page
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(again.weights, made.weights)
