from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from reference_values import assert_matches
from scipy import stats
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.proportion import proportion_confint

import sgsurvey as sg
from sgsurvey.descriptives.picks import borda_points, cochran_q, equal_picks
from sgsurvey.questionnaire.model import Block, Choice, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

LEVERS = Scale("levers", tuple(Choice(k, Text(f"措施{k}", f"lever {k}")) for k in (1, 2, 3, 4)))


@pytest.fixture(scope="module")
def answers():
    items = (
        Item("PICK", "select_multiple", Text("选", "Pick"), scale=LEVERS, most=2),
        Item("RANK", "rank", Text("排", "Rank"), scale=LEVERS, most=3),
        Item("one", "select_one", same("one"), scale=LEVERS),
    )
    instrument = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=(Role("a", Text("甲", "a"), blocks=("all",)), Role("b", Text("乙", "b"), blocks=("all",))),
        blocks=(Block("all", same("all"), ("PICK", "RANK", "one")),),
        items=items,
    )
    rng = np.random.default_rng(3)
    n = 120
    ranks = np.argsort(rng.gumbel(size=(n, 4)) + np.array([0, 0.3, 0.6, 0.9]), axis=1).argsort(axis=1)
    frame = pd.DataFrame({"role": np.repeat(["a", "b"], n // 2), "one": 1, "w": 1.0})
    for k in range(4):
        place = 4 - ranks[:, k]
        frame[f"RANK_{k + 1}"] = np.where(place <= 3, place, 0)
        frame[f"PICK_{k + 1}"] = (place <= 2).astype(float)
    frame.loc[:4, [f"PICK_{k}" for k in (1, 2, 3, 4)]] = np.nan
    frame.loc[5:6, [f"PICK_{k}" for k in (1, 2, 3, 4)]] = 0
    return sg.Responses(frame, instrument)


def test_counts_and_shares_by_hand(answers):
    found = sg.multiple_response(answers, "PICK")
    picked = answers.frame[[f"PICK_{k}" for k in (1, 2, 3, 4)]].fillna(0)
    own = found.frame.set_index("option")
    assert found.n == 113
    assert found.dropped == {"PICK missing": 7}
    for name in picked:
        assert own.loc[name, "n"] == picked[name].sum()
        assert own.loc[name, "share_persons"] == pytest.approx(picked[name].sum() / 113)
    assert own["share_answers"].sum() == pytest.approx(1)
    assert own["share_persons"].sum() == pytest.approx(2)
    assert own["share_persons"].is_monotonic_decreasing


def test_intervals_are_wilsons(answers):
    frame = sg.multiple_response(answers, "PICK", conf_level=0.9).frame
    low, high = proportion_confint(frame["n"], frame["n_persons"], alpha=0.1, method="wilson")
    assert_matches(
        frame[["conf_low", "conf_high"]],
        np.column_stack([low, high]),
        statistic="Wilson interval of a share",
        reference="statsmodels proportion_confint(method='wilson')",
        data="120 simulated picks of 4",
        rtol=1e-12,
        why="closed form",
    )


def test_intervals_of_a_published_example():
    frame = pd.DataFrame({"a": np.arange(263) < 81, "b": True}).astype(int)
    own = sg.multiple_response(frame, {"list": ["a", "b"]}).frame.set_index("option").loc["a"]
    assert_matches(
        [own["conf_low"], own["conf_high"]],
        [0.2553, 0.3662],
        statistic="Wilson interval of a share",
        reference="Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3",
        data="81 of 263",
        atol=5e-5,
        why="printed with four digits",
    )


def test_cochrans_q_and_goodness_of_fit(answers):
    rng = np.random.default_rng(0)
    picked = (rng.uniform(size=(80, 5)) < [0.2, 0.3, 0.4, 0.5, 0.6]).astype(float)
    theirs = cochrans_q(picked)
    assert_matches(
        [cochran_q(picked).statistic, cochran_q(picked).p_value],
        [theirs.statistic, theirs.pvalue],
        statistic="Cochran's Q",
        reference="statsmodels cochrans_q",
        data="80 simulated picks of 5",
        rtol=1e-10,
        why="closed form",
    )
    counts = picked.sum(axis=0)
    by_hand = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    fit = equal_picks(picked)
    assert fit.statistic == pytest.approx(by_hand)
    assert fit.p_value == pytest.approx(stats.chi2.sf(by_hand, 4))


@pytest.mark.parametrize("m", [1, 2, 3])
def test_where_all_pick_as_many_q_is_a_multiple_of_the_goodness_of_fit(m):
    rng = np.random.default_rng(m)
    picked = (rng.uniform(size=(50, 5)).argsort(axis=1) < m).astype(float)
    assert cochran_q(picked).statistic == pytest.approx(equal_picks(picked).statistic * 4 / (5 - m))


def test_picking_everything_tests_nothing():
    assert np.isnan(cochran_q(np.ones((9, 3))).statistic)
    assert "Cochran" not in str(sg.multiple_response(pd.DataFrame({"a": [1] * 9, "b": [1] * 9}), {"l": ["a", "b"]}))


def test_borda_points_by_hand(answers):
    assert borda_points(np.array([[1, 2, 0], [2, 1, 3.0]]), 3).tolist() == [2.5, 2.5, 0.5]
    found = sg.multiple_response(answers, "RANK").frame.set_index("option")
    ranks = answers.frame["RANK_2"]
    assert found.loc["RANK_2", "borda"] == pytest.approx(np.where(ranks > 0, 4 - ranks, 0).mean())
    assert found.loc["RANK_2", "first"] == pytest.approx((ranks == 1).mean())
    assert found["borda"].sum() == pytest.approx(3 + 2 + 1)


def test_groups_are_counted_apart(answers):
    both = sg.multiple_response(answers, "RANK", by="role").frame
    alone = sg.multiple_response(answers.where(role="b"), "RANK").frame.set_index("option")
    own = both[both["group"] == "b"].set_index("option")
    pd.testing.assert_series_equal(own["n"].sort_index(), alone["n"].sort_index())


def test_options_of_few_persons_are_hidden_with_one_that_would_tell():
    frame = pd.DataFrame({"a": [1] * 3 + [0] * 27, "b": [0] * 6 + [1] * 24, "c": [1] * 11 + [0] * 19})
    found = sg.multiple_response(frame, {"list": ["a", "b", "c"]})
    own = found.frame.set_index("option")
    assert own["suppressed"].to_dict() == {"b": False, "a": True, "c": True}
    assert own.loc["a", ["n", "share_answers", "share_persons", "conf_low", "conf_high"]].isna().all()
    assert "10.0" not in str(found)


def test_hidden_options_stand_in_the_order_of_the_question_and_no_test_is_printed():
    frame = pd.DataFrame({"a": [1] * 3 + [0] * 27, "b": [0] * 6 + [1] * 24, "c": [1] * 11 + [0] * 19})
    found = sg.multiple_response(frame, {"list": ["a", "b", "c"]})
    assert found.frame["option"].tolist() == ["b", "a", "c"]
    assert found.tests.drop(columns="group").isna().all(axis=None)
    assert "Cochran" not in str(found)


def test_that_all_but_a_few_picked_something_is_hidden_too():
    frame = pd.DataFrame({"a": [1] * 28 + [0] * 2, "b": [0] * 6 + [1] * 24, "c": [1] * 11 + [0] * 19})
    own = sg.multiple_response(frame, {"list": ["a", "b", "c"]}).frame.set_index("option")
    assert own["suppressed"].to_dict() == {"b": False, "a": True, "c": True}


def test_first_places_of_few_are_hidden_with_points_that_would_tell():
    ranks = np.array([[1, 2, 3]] * 20 + [[2, 1, 3]] * 15 + [[3, 2, 1]] * 2 + [[2, 3, 0]] * 10)
    frame = pd.DataFrame(ranks, columns=["a", "b", "c"])
    own = sg.multiple_response(frame, {"list": ["a", "b", "c"]}).frame.set_index("option")
    assert own["first_suppressed"].to_dict() == {"a": False, "b": True, "c": True}
    assert own.loc[["b", "c"], ["first", "borda"]].isna().all(axis=None)
    assert own.loc["c", "n"] == 37


def test_tables_speak_in_words_of_both_languages(answers):
    one, groups = sg.multiple_response(answers, "RANK"), sg.multiple_response(answers, "RANK", by="role")
    assert all(
        w in str(one.table(language="zh")) for w in ("措施1", "响应率", "普及率", "Borda分", "排第一", "Cochran Q(3)")
    )
    assert all(
        w in str(groups.table(language="zh")) for w in ("甲（n\u00a0=\u00a060）", "乙（n\u00a0=\u00a060）", "普及率")
    )
    assert all(w in str(groups.table(language="en")) for w in ("a (n\u00a0=\u00a060)", "lever 4", "Borda"))
    assert "Pick missing 7" in str(sg.multiple_response(answers, "PICK").table(language="en"))


@pytest.mark.parametrize("by", [None, "role"])
def test_bars_stand_in_the_order_of_the_table(answers, by):
    found = sg.multiple_response(answers, "RANK", by=by)
    ax = found.plot(language="en")
    order = [label.en for label in found.frame["label"].drop_duplicates()]
    assert [t.get_text() for t in ax.get_yticklabels()] == order
    pyplot.close(ax.figure)


def test_weights_move_shares_and_not_counts(answers):
    plain = sg.multiple_response(answers, "PICK").frame.set_index("option")
    frame = answers.frame.assign(w=np.where(np.arange(len(answers)) % 2 == 0, 3.0, 1.0))
    weighted = sg.Responses(frame, answers.questionnaire).designed(sg.Design(weights="w"))
    found = sg.multiple_response(weighted, "PICK")
    lines = found.frame.set_index("option").loc[plain.index]
    shown = ~lines["suppressed"]
    assert lines.loc[shown, "n"].tolist() == plain.loc[shown, "n"].tolist()
    assert (lines.loc[shown, "share_persons"] != plain.loc[shown, "share_persons"]).any()
    inside = lines["share_persons"].between(lines["conf_low"], lines["conf_high"])
    assert inside[shown].all()
    assert found.tests["q"].isna().all()
    assert "weights" in found.table(language="en").to_markdown()


@pytest.mark.parametrize(
    ("item", "message"),
    [("one", "one answer, not a list"), ("PICKS", "Did you mean 'PICK'"), ({"x": ["PICK_1"]}, "DataFrame")],
)
def test_other_questions_are_refused(answers, item, message):
    with pytest.raises(sg.SurveyError, match=message):
        sg.multiple_response(answers, item)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"a": [0, 0], "b": [0, 0]}, "nobody"),
        ({"a": [1.5, 0], "b": [1, 0]}, "other numbers"),
        ({"a": [-1], "b": [1]}, "other"),
    ],
)
def test_odd_columns_are_refused(frame, message):
    with pytest.raises(sg.DataError, match=message):
        sg.multiple_response(pd.DataFrame(frame), {"list": list(frame)})


def test_a_frame_needs_its_columns_named():
    with pytest.raises(sg.DataError, match="one list and its columns"):
        sg.multiple_response(pd.DataFrame({"a": [1]}), "a")


def test_a_column_that_was_not_read_is_named(answers):
    with pytest.raises(sg.DataError, match="PICK_3"):
        sg.multiple_response(replace(answers, frame=answers.frame.drop(columns="PICK_3")), "PICK")
