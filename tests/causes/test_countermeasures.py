import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from county_lists import ASPECTS, LEVERS, with_lists
from small_county import DRIVERS, county
from told_numbers import told

import sgsurvey as sg
from sgsurvey.causes.levers import values
from sgsurvey.errors import DesignError
from sgsurvey.numerics.linearise import intraclass
from sgsurvey.numerics.power import Trial
from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.tables.telling import lines

ROOT = Path(__file__).parents[2]


def ranked(answers, **how):
    return sg.priorities(
        answers, "SAT", DRIVERS, **{"benchmark": 75.0, "cluster": "township_id", "draws": 400, "seed": 1} | how
    )


@pytest.fixture(scope="module")
def answers():
    return with_lists(county(townships=36, people=6, seed=2))


@pytest.fixture(scope="module")
def priorities(answers):
    return ranked(answers)


@pytest.fixture(scope="module")
def shortfall(answers):
    return sg.shortfall(answers, DRIVERS, benchmark=75.0, by="role", cluster="township_id")


@pytest.fixture(scope="module")
def found(answers, priorities, shortfall):
    return sg.countermeasures(answers, priorities, LEVERS, shortfall=shortfall)


def test_points_are_coefficients_times_the_smaller_of_declared_points_and_shortfall(priorities, found):
    lines = priorities.frame.set_index("term")
    frame = found.frame.set_index("choice")
    b, s = lines["coefficient"], lines["shortfall"]
    assert frame.loc[1, "value"] == pytest.approx(b["MGT"] * min(4, s["MGT"]))
    assert frame.loc[2, "value"] == pytest.approx(b["FUN"] * s["FUN"] + b["MGT"] * 2)
    assert (frame["per_cost"] * frame["cost"]).to_numpy() == pytest.approx(frame["value"].to_numpy())
    assert frame["p_best"].sum() == pytest.approx(1)
    assert frame["value_low"].lt(frame["value"]).all()


def test_a_lever_that_closes_a_shortfall_has_the_drivers_priority(answers, priorities, shortfall):
    whole = [sg.Lever(k, {d: 1e6}) for k, d in enumerate(("MGT", "FUN"), 1)]
    frame = sg.countermeasures(answers, priorities, whole, shortfall=shortfall).frame.set_index("choice")
    lines = priorities.frame.set_index("term").loc[["MGT", "FUN"]]
    assert frame.loc[[1, 2], "value"].to_numpy() == pytest.approx(lines["priority"].to_numpy())
    assert frame.loc[[1, 2], "value_error"].to_numpy() == pytest.approx(lines["priority_error"].to_numpy())
    assert frame.loc[[1, 2], "value_high"].to_numpy() == pytest.approx(lines["priority_high"].to_numpy())


def test_a_replicate_without_a_place_is_a_refit_without_it():
    answers = with_lists(county(townships=12))
    problems = sg.shortfall(answers, DRIVERS, benchmark=75.0, cluster="township_id")
    levers = [sg.Lever(1, {"MGT": 4.0}), sg.Lever(2, {"FUN": 50.0, "MGT": 2.0})]
    priorities = ranked(answers, draws=100)
    replicates = priorities.replicates["all"]
    points = np.array([[lever.points.get(d, 0.0) for d in priorities.drivers] for lever in levers])
    estimate, without, _ = replicates.plan.split(values(points, replicates.headline, 75 - replicates.means))
    for at, place in ((0, "T00"), (7, "T07")):
        some = answers.where(answers.frame["township_id"] != place)
        refit = sg.countermeasures(some, ranked(some, draws=100), levers, shortfall=problems).frame
        assert without[at] == pytest.approx(refit.set_index("choice").loc[[1, 2], "value"].to_numpy(), rel=1e-9)
    error = np.sqrt(11 / 12 * ((without - estimate) ** 2).sum(axis=0))
    whole = sg.countermeasures(answers, priorities, levers, shortfall=problems).frame.set_index("choice")
    assert whole.loc[[1, 2], "value_error"].to_numpy() == pytest.approx(error, rel=1e-9)


def test_nothing_above_its_benchmark_is_moved():
    points = np.array([[5.0, 3.0]])
    assert values(points, np.array([[0.5, 0.2]]), np.array([[-4.0, 10.0]])).tolist() == [[pytest.approx(0.6)]]
    assert values(points, np.array([[0.5, 0.2]]), np.array([[2.0, -1.0]])).tolist() == [[1.0]]


def test_without_grade_c_there_is_no_support(priorities, found):
    line = found.frame.set_index("choice").loc[3]
    assert dict(zip(priorities.frame["term"], priorities.frame["grade"], strict=True))["SUP"] in "DN"
    assert not line["supported"]
    assert "no support in this survey" in line["support"].en
    assert "本次调查不支持" in line["support"].zh
    assert 3 not in set(found.pilot["choice"])
    hidden = found.levers_table(language="en").frame.iloc[-1]
    assert pd.isna(hidden["value"])
    assert pd.isna(hidden["p_best"])
    assert any("本次调查不支持" in s.zh and "Let villagers rate" in s.zh for s in found.sentences())
    assert "Charge a fee" in str(found.levers_table(language="en"))


def test_the_pilot_is_a_trial_of_places_like_these(answers, found):
    scores = answers.frame["SAT1"].to_numpy(dtype=float)
    codes = pd.factorize(answers.frame["township_id"])[0]
    trial = Trial(scores.std(ddof=1), intraclass(scores, codes), 18.0)
    for _, line in found.pilot.iterrows():
        k = trial.places_per_arm(line["difference"])
        assert (line["places_per_arm"], line["persons_per_arm"]) == (k, np.ceil(18 * k))
        assert line["enough"] == (2 * k <= 36)
        assert trial.power(line["detectable"], 18) == pytest.approx(0.8)
    assert set(found.pilot["choice"]) == set(found.frame.loc[found.frame["supported"], "choice"])


def test_sentences_print_the_cells_of_the_tables(found):
    levers, pilot = found.levers_table(), found.pilot_table()
    assert found.sentences() == (*told(levers), *told(pilot))
    tests = [said for said in levers.sentences if said.en.startswith("Test before roll-out")]
    assert len(tests) == len(pilot.sentences) == int(found.frame["supported"].sum()) == 2
    for said, line in zip(tests, lines(levers, "value"), strict=True):
        assert line.said("value").zh in said.zh
        assert line.said("label").en in said.en
    for said, line in zip(pilot.sentences, lines(pilot), strict=True):
        assert line.said("places_per_arm").en in said.en
        assert line.said("persons_per_arm").zh in said.zh


def test_nothing_claims_more_than_the_design_allows(found):
    pages = [found.table(), found.levers_table(), found.pilot_table()]
    words = [*found.sentences(), *(note for page in pages for note in page.notes)]
    words += [found.matrix[c].iloc[i] for c in ("problem", "evidence", "levers") for i in range(len(found.matrix))]
    assert [claim for said in words for claim in overclaims_in(said, claim=1)] == []


def test_the_matrix_has_a_row_for_each_aspect_with_a_problem(found, shortfall):
    problems = set(shortfall.problems())
    assert set(found.matrix["aspect"]) == {ASPECTS[p] for p in problems}
    assert list(found.matrix["shortfall"]) == sorted(found.matrix["shortfall"], reverse=True)
    row = found.matrix.set_index("aspect").loc["supervision"]
    assert "no support in this survey" in row["levers"].en
    assert "No consequences" in row["causes"].en
    assert "Low pay" not in row["causes"].en
    assert len(found.table(language="zh").frame) == len(problems)


def test_a_problem_that_is_no_driver_stands_in_the_matrix_without_a_grade(answers, shortfall):
    two = sg.priorities(answers, "SAT", ["MGT", "FUN"], benchmark=75.0, cluster="township_id", draws=100, seed=1)
    row = (
        sg.countermeasures(answers, two, LEVERS[:2], shortfall=shortfall).matrix.set_index("aspect").loc["supervision"]
    )
    assert pd.isna(row["grade"])
    assert row["evidence"].en == "not examined as a driver"
    assert row["levers"].en == "none declared"
    assert "No consequences" in row["causes"].en


def test_shares_and_ranks_are_those_of_the_lists(answers, found):
    for kind, item in (("cause", "CAU"), ("lever", "LEV")):
        lists = sg.multiple_response(answers, item, by="role").frame
        both = found.picks[found.picks["kind"] == kind].merge(lists, on=["option", "group"])
        assert both["share"].to_numpy() == pytest.approx(both["share_persons"].to_numpy(), nan_ok=True)
        agreement = sg.rank_agreement(answers, item, seed=1)
        assert found.agreement[kind] == agreement.agreement
        both = both.merge(agreement.frame, on=["option", "group"], suffixes=("", "_alone"))
        assert both["rank"].to_numpy() == pytest.approx(both["rank_alone"].to_numpy(), nan_ok=True)
    wide = found.frame.set_index("option")
    lists = sg.multiple_response(answers, "LEV", by="role").frame.set_index(["option", "group"])
    assert wide.loc["LEV_1", "share_villager"] == lists.loc[("LEV_1", "villager"), "share_persons"]
    assert wide.loc["LEV_1", "borda_villager"] == lists.loc[("LEV_1", "villager"), "borda"]


def test_small_groups_are_named_and_their_counts_hidden(answers, priorities, shortfall):
    frame = answers.frame.copy()
    frame.loc[frame.index[:3], "who"] = "mayor"
    frame["who"] = frame["who"].fillna("others")
    some = replace(answers, frame=frame)
    found = sg.countermeasures(some, priorities, LEVERS, shortfall=shortfall, by="who")
    assert "mayor" not in set(found.picks["group"])
    assert found.frame["share_mayor"].isna().all()
    assert "mayor" in str(found.table(language="en"))


def test_it_stands_without_groups_causes_or_a_shortfall(answers, priorities):
    found = sg.countermeasures(answers, priorities, LEVERS[:1], causes=None, by=None)
    assert set(found.picks["kind"]) == {"lever"}
    assert found.frame["share_all"].notna().all()
    assert {w.en for w in found.matrix["disagreement"]} == {""}
    assert found.agreement == {}
    assert "95% CI" in found.matrix["problem"].iloc[0].en


def test_few_places_support_nothing(answers):
    few = answers.where(township_id=["T00", "T01", "T02", "T03"])
    found = sg.countermeasures(few, ranked(few), LEVERS)
    assert not found.frame["supported"].any()
    assert len(found.pilot) == 0
    assert "Size of a pilot" in str(found.pilot_table(language="en"))
    assert all("no support" in s.en for s in found.sentences())


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ([sg.Lever(9, {"MGT": 1.0})], "no choice of the question"),
        ([sg.Lever(1, {"MTG": 1.0})], "Did you mean 'MGT'"),
        ([sg.Lever(1, {"MGT": 1.0}), sg.Lever(1, {"FUN": 1.0})], "declared twice"),
        ([], "no lever is declared"),
    ],
)
def test_what_is_not_declared_is_refused(answers, priorities, levers, says):
    with pytest.raises(DesignError, match=says):
        sg.countermeasures(answers, priorities, levers)


def test_a_lever_needs_points_and_a_cost():
    for wrong in (dict(points={}), dict(points={"MGT": -1.0}), dict(points={"MGT": 1.0}, cost=0.0)):
        with pytest.raises(DesignError, match=r"Lever\(1\)"):
            sg.Lever(1, **wrong)


def test_other_answers_and_priorities_by_group_are_refused(answers, priorities):
    with pytest.raises(DesignError, match="of other answers"):
        sg.countermeasures(answers.where(role="villager"), priorities, LEVERS)
    with pytest.raises(DesignError, match="by group"):
        sg.countermeasures(answers, ranked(answers, by="role", draws=100), LEVERS)
    uneven = answers.frame.assign(w=1.0 + np.arange(len(answers)) % 3)
    weighted = sg.survey_design(replace(answers, frame=uneven), weights="w")
    with pytest.raises(DesignError, match="other weights"):
        sg.countermeasures(weighted, priorities, LEVERS)


def test_the_page_of_what_to_try_runs_as_it_stands(monkeypatch):
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "howto" / "choose_what_to_try.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "choose_what_to_try.md", "exec"), names)
    assert set(re.findall(r"sg\.(\w+)", page)) <= set(sg.__all__)
    assert set(names["found"].frame["choice"]) == {3, 5, 7}
    assert names["found"].pilot["places"].eq(36).all()
