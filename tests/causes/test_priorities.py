from pathlib import Path

import numpy as np
import pytest
from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.causes.evidence import collect
from sgsurvey.causes.grades import GRADES, grade
from sgsurvey.causes.ranking import product, replicate, sets_of_ranks
from sgsurvey.causes.resampling import Plan
from sgsurvey.causes.sentences import SENTENCES


@pytest.fixture(scope="module")
def answers():
    return county(townships=12)


@pytest.fixture(scope="module")
def found(answers):
    return sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=500, seed=1)


@pytest.fixture(scope="module")
def questionnaire():
    return sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")


def test_priority_is_coefficient_times_shortfall(found):
    frame = found.frame
    assert frame["priority"].to_numpy() == pytest.approx(product(frame["coefficient"], frame["shortfall"]))
    assert (frame["shortfall"] + frame["mean"]).to_numpy() == pytest.approx(70)
    assert list(frame["priority"]) == sorted(frame["priority"], reverse=True)
    assert (frame["priority_low"] >= 0).all()


def test_above_the_benchmark_nothing_has_priority():
    assert product(np.array([0.5, 0.5, -0.5, -0.5]), np.array([4.0, -4.0, 4.0, -4.0])).tolist() == [2, -2, -2, -2]


def test_coefficients_are_those_of_the_battery(answers, found):
    drivers = sg.drivers(answers, "SAT", DRIVERS, cluster="township_id")
    frame = found.frame.set_index("term").loc[DRIVERS]
    crossed = drivers.model("cross_informant").set_index("term")
    assert frame["coefficient"].to_numpy() == pytest.approx(crossed["estimate"].to_numpy(), rel=1e-9)
    assert frame["coefficient_error"].to_numpy() == pytest.approx(crossed["std_error"].to_numpy(), rel=1e-9)
    assert frame["coefficient_p"].to_numpy() == pytest.approx(crossed["p_value"].to_numpy(), rel=1e-9)
    pooled = drivers.model("pooled").set_index("term")
    assert frame["same"].to_numpy() == pytest.approx(pooled["estimate"].to_numpy(), rel=1e-9)


def test_coefficient_and_shortfall_are_refitted_together_without_each_place(answers):
    evidence = collect(answers, "SAT", DRIVERS, cluster="township_id")["all"]
    found = replicate(evidence, draws=1, seed=1)
    for place, left_out in ((0, "T00"), (11, "T11")):
        rest = sg.drivers(
            answers.where(answers.frame["township_id"] != left_out), "SAT", DRIVERS, cluster="township_id"
        )
        assert found.plan.split(found.headline)[1][place] == pytest.approx(
            rest.model("cross_informant")["estimate"].to_numpy(), rel=1e-9
        )
        means = answers.frame[answers.frame["township_id"] != left_out][["MGT1", "FUN1", "SUP1"]].mean()
        assert found.plan.split(found.means)[1][place] == pytest.approx(means.to_numpy(), rel=1e-9)


def test_the_order_of_drivers_and_rows_does_not_matter(answers, found):
    shuffled = sg.Responses(answers.frame.sample(frac=1, random_state=1), answers.questionnaire)
    other = sg.priorities(shuffled, "SAT", ["SUP", "FUN", "MGT"], cluster="township_id", draws=500, seed=1)
    numbers = ["coefficient", "shortfall", "priority", "priority_low", "priority_high", "p_first", "p_top3"]
    assert list(other.frame["term"]) == list(found.frame["term"])
    assert other.frame[numbers].to_numpy() == pytest.approx(found.frame[numbers].to_numpy(), rel=1e-8)
    assert list(other.frame["grade"]) == list(found.frame["grade"])


def test_the_seed_decides_the_draws_and_nothing_else(answers, found):
    again = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=500, seed=1)
    assert again.frame.drop(columns="limit").equals(found.frame.drop(columns="limit"))
    other = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=500, seed=2)
    assert np.array_equal(other.frame["priority_low"], found.frame["priority_low"])
    assert not np.array_equal(other.frame["p_first"], found.frame["p_first"])
    assert found.frame["p_first"].sum() == pytest.approx(1)
    assert found.seed == 1


@pytest.mark.parametrize(
    ("facts", "letter"),
    [
        ((True, True, True, False, 60), "B"),
        ((True, False, True, False, 60), "C"),
        ((False, True, True, False, 60), "C"),
        ((False, False, True, False, 60), "D"),
        ((True, True, False, False, 60), "D"),
        ((True, True, True, False, 29), "C"),
        ((True, True, True, False, 6), "C"),
        ((False, True, False, True, 60), "N"),
        ((False, True, False, True, 20), "D"),
    ],
)
def test_the_weakest_link_decides_the_grade(facts, letter):
    shortfall, same, different, negligible, places = facts
    found, why = grade(shortfall=shortfall, same=same, different=different, negligible=negligible, places=places)
    assert found == letter
    assert why.zh
    assert why.en


def test_nothing_is_decided_without_other_informants(answers):
    for some, places in (
        (answers.where(role="villager"), "township_id"),
        (answers, None),
        (answers.where(township_id=[f"T{t:02d}" for t in range(8)]), "township_id"),
    ):
        found = sg.priorities(some, "SAT", DRIVERS, cluster=places, draws=200, seed=1)
        assert set(found.frame["grade"]) == {"D"}
        assert set(found.frame["source"]) == {"pooled"}
        assert found.why["all"].en in str(found.table(language="en"))


def test_below_six_places_there_are_no_intervals(answers):
    few = answers.where(township_id=["T00", "T01", "T02", "T03", "T04"])
    frame = sg.priorities(few, "SAT", DRIVERS, cluster="township_id", draws=200, seed=1).frame
    assert frame[["priority_low", "priority_high", "p_first", "p_top3", "shortfall_p"]].isna().all(axis=None)
    assert frame["coefficient"].notna().all()
    assert set(frame["grade"]) == {"D"}


def test_each_group_is_ranked_with_the_others_as_informants(answers):
    found = sg.priorities(answers, "SAT", DRIVERS, by="role", cluster="township_id", draws=200, seed=1)
    assert list(dict.fromkeys(found.frame["group"])) == ["undertaker", "post_holder", "villager"]
    assert found.frame.groupby("group").size().tolist() == [3, 3, 3]
    alone = sg.drivers(answers, "SAT", DRIVERS, by="role", cluster="township_id").model("cross_informant", "villager")
    mine = found.frame[found.frame["group"] == "villager"].set_index("term").loc[DRIVERS]
    assert mine["coefficient"].to_numpy() == pytest.approx(alone["estimate"].to_numpy(), rel=1e-9)


def test_words_are_of_association_and_leads_only(found):
    for language in ("zh", "en"):
        words = found.table(language=language).to_markdown().lower()
        words += " ".join(s.to(language) for s in found.sentences())
        for verb in ("影响了", "导致", "造成", "引起", "驱动", "leads to", "impact", "effect", "due to", "because of"):
            assert verb not in words
    assert set(SENTENCES) == set(GRADES)
    many = sg.priorities(county(townships=60), "SAT", DRIVERS, cluster="township_id", draws=200, seed=1)
    first = many.sentences()[0]
    assert many.frame["grade"].iloc[0] == "B"
    assert "is associated with SAT" in first.en
    assert "相关联" in first.zh
    assert first.en.endswith("it may be tested first, in a pilot.")


def test_the_quadrants_show_coefficient_against_mean(found):
    axes = found.plot(language="en")
    assert axes.get_xlabel() == "Derived importance (coefficient)"
    shown = {text.get_text() for text in axes.texts}
    assert set(DRIVERS) <= shown


def test_top_three_is_shown_when_there_are_more():
    answers = county(townships=20)
    frame = answers.frame.assign(X1=answers.frame["SUP1"].to_numpy()[::-1])
    constructs = {c: [f"{c}1"] for c in ("SAT", *DRIVERS, "X")}
    four = sg.responses(frame, constructs, limits=(0, 100), roles="role")
    kinds = [
        sg.priorities(four, "SAT", d, cluster="township_id", draws=100, seed=1) for d in (DRIVERS, [*DRIVERS, "X"])
    ]
    assert ["P(top 3)" in str(k.table(language="en")) for k in kinds] == [False, True]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"benchmark": 0}, sg.DesignError, "benchmark"),
        ({"benchmark": {"MGT": 70}}, sg.DesignError, "FUN"),
        ({"draws": 10}, sg.DesignError, "draws"),
        ({"drivers": ["MGT", "budget"]}, sg.DesignError, "not rated"),
        ({"cluster": "town"}, sg.DataError, "town"),
        ({"drivers": ["empty"]}, sg.DataError, "same everywhere"),
    ],
)
def test_wrong_arguments_are_said(answers, change, error, words):
    at = answers.frame["township_id"].str[1:].astype(float)
    marked = sg.Responses(answers.frame.assign(budget=at, empty=np.nan), answers.questionnaire)
    given = {"drivers": DRIVERS, "cluster": "township_id", "seed": 1, **change}
    with pytest.raises(error, match=words):
        sg.priorities(marked, "SAT", given.pop("drivers"), **given)


def test_nobody_complete_is_said(answers):
    frame = answers.frame.assign(MGT1=np.nan)
    with pytest.raises(sg.EstimationError, match="nobody answered"):
        sg.priorities(sg.Responses(frame, answers.questionnaire), "SAT", DRIVERS, cluster="township_id", seed=1)


def test_the_interval_covers_the_true_priority():
    """Slopes and levels are set, so that the true coefficient times the true shortfall is known."""
    covered = []
    for seed in range(40):
        answers = county(townships=60, seed=seed, people=12)
        frame = sg.priorities(answers, "SAT", DRIVERS, cluster="township_id", draws=100, seed=1).frame
        frame = frame.set_index("term")
        for term, truth in (("MGT", 0.6 * 10), ("FUN", 0.4 * 16)):
            covered.append(frame.loc[term, "priority_low"] <= truth <= frame.loc[term, "priority_high"])
    assert np.mean(covered) > 0.88


def judged(questionnaire, population):
    """Over four simulated counties: which drivers are graded, in order, and what the pooled regression claims."""
    for seed in range(4):
        answers = sg.simulate(questionnaire, population.scaled(townships=60), seed=seed)
        frame = sg.priorities(answers, "SAT", DRIVERS, benchmark=70, cluster="township_id", draws=100, seed=seed).frame
        graded = frame.loc[frame["grade"].isin(["A", "B", "C"]), "term"]
        yield answers.truth.top(DRIVERS), graded.tolist(), bool((frame["same_p"] < 0.05 / len(DRIVERS)).any())


def test_true_causes_are_found_and_nothing_else_is_claimed(questionnaire):
    found = [set(truth) <= set(graded[:2]) for truth, graded, _ in judged(questionnaire, sg.Population())]
    assert sum(found) >= 3
    for _, graded, pooled in judged(questionnaire, sg.Population.null()):
        assert graded == []
        assert pooled


def test_ranks_that_the_data_allow(found):
    frame = found.frame
    estimated = np.arange(1, len(frame) + 1)
    for low, high in (("rank_low", "rank_high"), ("rank_low_alone", "rank_high_alone")):
        assert (frame[low] <= estimated).all()
        assert (frame[high] >= estimated).all()
    assert (frame["rank_low_alone"] >= frame["rank_low"]).all()
    assert (frame["rank_high_alone"] <= frame["rank_high"]).all()
    assert r"\[1, 3\]" in found.table(language="en").to_markdown()
    many = sg.priorities(county(townships=80, slopes=(0.9, 0.2, 0.0)), "SAT", DRIVERS, draws=200, seed=1,
                         cluster="township_id").frame  # fmt: skip
    assert many[["rank_low", "rank_high"]].iloc[0].tolist() == [1, 1]


def test_ranks_hold_with_few_places_where_nothing_differs():
    """Equal priorities: the sets must be whole in 95 of 100 counties; with the draws alone they would not be."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(300):
        values = rng.standard_normal((8, 4))
        plan = Plan.of(8, draws=200, seed=int(rng.integers(1_000_000)))
        factors = plan.factors
        means = factors @ values / factors.sum(axis=1, keepdims=True)
        sets = sets_of_ranks(plan, means, 7.0)
        held += bool((sets["rank_low"] == 1).all() and (sets["rank_high"] == 4).all())
    assert held / 300 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)
