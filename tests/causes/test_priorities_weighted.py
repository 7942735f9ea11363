"""Priorities, importance and countermeasures under design weights: each row as often as it weighs, and R."""

import json
from dataclasses import replace

import numpy as np
import pytest
from reference_values import VALUES, assert_matches
from weighted_pupils import DRIVERS, asked, pupils, repeated, with_nobody_of

import sgsurvey as sg
from sgsurvey.questionnaire.model import Choice, Item, Scale
from sgsurvey.text import same

R = json.loads((VALUES / "drivers_weighted.json").read_text(encoding="utf-8"))
DATA = "MASS::nlschools, 24 classes, weights 1 to 5"
PICKS = {"A": ["p_1"], "B": ["p_2"], "C": ["p_2", "p_3"]}
LEVERS = [sg.Lever(1, {"A": 4.0}), sg.Lever(2, {"A": 2.0, "B": 6.0}, cost=2.0), sg.Lever(3, {"C": 5.0})]
BENCHMARK = 80.0


def listed(frame, *, weights="w"):
    """Answers with a list of three measures of which each respondent picked some."""
    given = asked(frame, weights=weights)
    options = Scale("measures", tuple(Choice(k, same(f"measure {k}")) for k in (1, 2, 3)))
    question = Item("p", "select_multiple", same("measures"), scale=options)
    return replace(given, questionnaire=replace(given.questionnaire, items=(*given.questionnaire.items, question)))


def ranked(answers, **given):
    how = {"benchmark": BENCHMARK, "cluster": "place", "draws": 300, "seed": 2, **given}
    return sg.priorities(answers, "Y", DRIVERS, **how)


def numbers(frame, *leave):
    return frame.select_dtypes("number").drop(columns=list(leave)).to_numpy(dtype=float)


@pytest.fixture(scope="module")
def frame():
    made, i = pupils(), np.arange(1, len(pupils()) + 1)
    picks = {"p_1": i * 3 % 4 > 0, "p_2": i * 5 % 7 > 3, "p_3": i * 11 % 5 > 2}
    return made.assign(**{name: column.astype(float) for name, column in picks.items()})


@pytest.fixture(scope="module")
def answers(frame):
    return listed(frame)


@pytest.fixture(scope="module")
def again(frame):
    """Each row as often as it weighs, without weights."""
    return listed(repeated(frame), weights=None)


@pytest.fixture(scope="module")
def found(answers):
    return ranked(answers)


@pytest.fixture(scope="module")
def named(answers, found):
    return sg.importance(answers, found, picks=PICKS)


@pytest.fixture(scope="module")
def tried(answers, found):
    return sg.countermeasures(answers, found, LEVERS, causes=None, measures="p")


def test_coefficients_and_means_of_the_priorities_are_those_of_r(found):
    lines = found.frame.set_index("term").loc[DRIVERS]
    shared = {"data": DATA, "why": "closed form", "rtol": 1e-9}
    for column, value, formula in (
        ("coefficient", R["cross_informant"]["estimate"], "base R, cross-informant formula on weighted means"),
        ("coefficient_error", R["cross_informant"]["std_error"], "base R, jackknife of classes"),
        ("same", R["pooled"]["estimate"], "R lm with weights"),
        ("mean", R["mean"], "R weighted.mean"),
    ):
        assert_matches(
            lines[column], value, statistic=f"priorities under weights: {column}", reference=formula, **shared
        )


def test_lmg_under_weights_is_that_of_all_orders_in_r(named):
    lmg = named.frame.set_index("term").loc[DRIVERS, "lmg"]
    assert_matches(
        lmg,
        R["lmg"],
        statistic="LMG on weighted moments, roles held fixed",
        reference="base R, all six orders of weighted regressions",
        data=DATA,
        why="closed form",
        rtol=1e-9,
    )


def test_lmg_sums_to_the_weighted_partial_r_squared(frame, answers, named):
    given = sg.survey_design(frame[["role", "place", "w"]].join(answers.scores(["Y", *DRIVERS])), weights="w")
    alone, everything = (sg.ols(given, f"Y ~ {right}").fit_statistics["r_squared"]
                         for right in ("C(role)", "C(role) + A + B + C"))  # fmt: skip
    assert named.frame["lmg"].sum() == pytest.approx((everything - alone) / (1 - alone), rel=1e-9)


def test_whole_weights_give_the_priorities_of_repeated_rows(found, again):
    """Everything, also the draws: the places are the same, and each replicate counts them as often."""
    repeated_rows = ranked(again)
    assert list(found.frame["term"]) == list(repeated_rows.frame["term"])
    assert numbers(found.frame, "n") == pytest.approx(numbers(repeated_rows.frame, "n"), rel=1e-8, nan_ok=True)
    assert list(found.frame["grade"]) == list(repeated_rows.frame["grade"])
    assert (found.frame["n"] < repeated_rows.frame["n"]).all()


def test_whole_weights_give_the_importance_of_repeated_rows(named, again):
    rows = sg.importance(again, ranked(again), picks=PICKS)
    assert numbers(named.frame) == pytest.approx(numbers(rows.frame), rel=1e-8, nan_ok=True)
    assert list(named.quadrants["quadrant"]) == list(rows.quadrants["quadrant"])
    assert numbers(named.quadrants) == pytest.approx(numbers(rows.quadrants), rel=1e-8, nan_ok=True)
    assert numbers(named.by_group, "n") == pytest.approx(numbers(rows.by_group, "n"), rel=1e-8, nan_ok=True)


def test_whole_weights_give_the_measures_of_repeated_rows(tried, again):
    rows = sg.countermeasures(again, ranked(again), LEVERS, causes=None, measures="p")
    assert list(tried.frame["choice"]) == list(rows.frame["choice"])
    assert numbers(tried.frame) == pytest.approx(numbers(rows.frame), rel=1e-8, nan_ok=True)
    assert numbers(tried.matrix) == pytest.approx(numbers(rows.matrix), rel=1e-8, nan_ok=True)
    assert len(tried.matrix) == 2


def test_the_scale_of_the_weights_does_not_matter(frame, found, named, tried):
    other = listed(frame.assign(w=frame["w"] / 771.0))
    ranks = ranked(other)
    measures = sg.countermeasures(other, ranks, LEVERS, causes=None, measures="p")
    pairs = [(found, ranks), (named, sg.importance(other, ranks, picks=PICKS)), (tried, measures)]
    for mine, theirs in pairs:
        assert numbers(mine.frame) == pytest.approx(numbers(theirs.frame), rel=1e-8, nan_ok=True)
    assert numbers(tried.pilot) == pytest.approx(numbers(measures.pilot), rel=1e-8, nan_ok=True)


def test_equal_weights_give_the_numbers_without_weights(frame):
    both = []
    for given in (listed(frame.assign(w=1.0)), listed(frame, weights=None)):
        ranks = ranked(given)
        measures = sg.countermeasures(given, ranks, LEVERS, causes=None, measures="p")
        both.append((ranks, sg.importance(given, ranks, picks=PICKS), measures))
    for mine, theirs in zip(*both, strict=True):
        assert numbers(mine.frame) == pytest.approx(numbers(theirs.frame), rel=1e-10, nan_ok=True)
    assert numbers(both[0][2].pilot) == pytest.approx(numbers(both[1][2].pilot), rel=1e-10, nan_ok=True)


def test_the_shortfall_is_that_of_its_door(answers, found):
    door = sg.shortfall(answers, DRIVERS, benchmark=BENCHMARK, cluster="place").frame.set_index("construct")
    mine = found.frame.set_index("term")["shortfall"].loc[DRIVERS]
    assert mine.to_numpy() == pytest.approx(door.loc[DRIVERS, "estimate"].to_numpy(), rel=1e-9)


def test_stated_importance_is_a_weighted_share_of_persons(frame, named):
    picked = frame[["p_1", "p_2", "p_3"]]
    either = (picked[["p_2", "p_3"]] > 0).any(axis=1)
    stated = named.frame.set_index("term")["stated"]
    assert stated["A"] == pytest.approx(np.average(picked["p_1"] > 0, weights=frame["w"]))
    assert stated["C"] == pytest.approx(np.average(either, weights=frame["w"]))
    assert named.persons == len(frame)
    own = frame["role"] == "1"
    line = named.by_group[(named.by_group["group"] == "1") & (named.by_group["term"] == "B")].iloc[0]
    assert line["stated"] == pytest.approx(np.average(picked.loc[own, "p_2"] > 0, weights=frame.loc[own, "w"]))
    assert line["n"] == own.sum()


def test_few_persons_stay_hidden_however_much_they_weigh(frame):
    few = frame.copy()
    few["p_1"] = 0.0
    few.loc[few.index[:2], "p_1"] = 1.0
    heavy = few.assign(w=np.where(few["p_1"] > 0, 200.0, 1.0))
    given = listed(heavy)
    found = sg.importance(given, ranked(given), picks=PICKS)
    assert np.isnan(found.frame.set_index("term").loc["A", "stated"])
    assert found.by_group.set_index("term").loc["A", "stated"].isna().any()
    light = listed(few.assign(w=np.where(few["p_1"] > 0, 0.01, 1.0)))
    hidden = [sg.importance(a, ranked(a), picks=PICKS).by_group["stated"].isna() for a in (given, light)]
    assert (hidden[0] == hidden[1]).all()


def test_rows_of_weight_0_leave_all_three_and_are_told(answers):
    left = answers.frame["role"] != "2"
    given, rest = with_nobody_of(answers, "role", "2"), listed(answers.frame[left].reset_index(drop=True))
    ranks = [ranked(a) for a in (given, rest)]
    named = [sg.importance(a, r, picks=PICKS) for a, r in zip((given, rest), ranks, strict=True)]
    tried = [
        sg.countermeasures(a, r, LEVERS, causes=None, measures="p") for a, r in zip((given, rest), ranks, strict=True)
    ]
    for one, other in (ranks, named, tried):
        assert numbers(one.frame) == pytest.approx(numbers(other.frame), rel=1e-9, nan_ok=True)
        assert one.dropped == {"weight 0": int((~left).sum())}
        assert one.n == int(left.sum())
    assert named[0].persons == named[1].persons
    assert numbers(tried[0].pilot) == pytest.approx(numbers(tried[1].pilot), rel=1e-9, nan_ok=True)
    assert numbers(tried[0].picks) == pytest.approx(numbers(tried[1].picks), rel=1e-9, nan_ok=True)


def test_notes_say_that_weights_are_used(found, named, tried):
    pages = [found.table, named.table, tried.table, tried.levers_table]
    for page in pages:
        assert "weighted by the design" in str(page(language="en"))
        assert "均按设计权数计算" in str(page(language="zh"))
    assert "each respondent counted once" in str(tried.pilot_table(language="en"))


def test_priorities_under_other_weights_are_refused(frame, answers, found):
    plain = listed(frame, weights=None)
    with pytest.raises(sg.DesignError, match="other weights"):
        sg.importance(plain, found, picks=PICKS)
    with pytest.raises(sg.DesignError, match="other weights"):
        sg.countermeasures(answers, ranked(plain), LEVERS, causes=None, measures="p")


def test_groups_are_ranked_with_their_own_weighted_means(frame, answers):
    lines = ranked(answers, by="role").frame
    for role, own in lines.groupby("group"):
        rows = frame["role"] == role
        score = 25.0 * (answers.scores("A")["A"][rows] - 1.0)
        mean = own.set_index("term").loc["A", "mean"]
        assert mean == pytest.approx(np.average(score, weights=frame.loc[rows, "w"]), rel=1e-9)


@pytest.mark.parametrize("verb", ["priorities", "importance", "countermeasures"])
@pytest.mark.parametrize("part", ["fpc", "stages", "replicates"])
def test_other_parts_of_a_design_stay_refused(frame, found, verb, part):
    given = listed(frame.assign(size=4000.0, row=range(len(frame))), weights=None)
    jackknife = sg.Replicates("JK1", np.ones((len(frame), 3)), 2 / 3, np.ones(3), 2.0)
    design = {"fpc": {"fpc": "size"}, "stages": {"clusters": ["place", "row"]}, "replicates": {"replicates": jackknife}}
    under = sg.survey_design(given, weights="w", **design[part])
    calls = {
        "priorities": lambda: ranked(under),
        "importance": lambda: sg.importance(under, found, picks=PICKS),
        "countermeasures": lambda: sg.countermeasures(under, found, LEVERS, causes=None, measures="p"),
    }
    with pytest.raises(sg.DesignError, match=f"{verb} cannot use"):
        calls[verb]()


def test_a_plan_of_places_is_unmoved_by_weights(answers, found):
    """The draws are of places: the same seed counts the same places with weights and without."""
    plain = ranked(answers.designed(sg.Design()))
    assert np.array_equal(found.replicates["all"].plan.factors, plain.replicates["all"].plan.factors)
    assert not np.allclose(found.frame["priority"], plain.frame.set_index("term").loc[found.frame["term"], "priority"])
