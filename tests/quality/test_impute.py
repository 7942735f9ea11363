from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.quality.imputation_model import mean_of_others
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire, Role, Scale
from sgsurvey.text import same

AGREE = Scale("agree", tuple(Choice(k, same(str(k))) for k in range(1, 6)))
COLOURS = Scale("colour", tuple(Choice(k, same(str(k))) for k in (1, 2, 3)))


def ratings(n=200, k=4, seed=1):
    """Ratings 1-5 that go together."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((n, 1))
    return pd.DataFrame(
        np.digitize(0.8 * factor + 0.6 * rng.standard_normal((n, k)), [-1.2, -0.4, 0.4, 1.2]) + 1.0,
        columns=[f"q{j}" for j in range(k)],
    )


def with_gaps(frame, share=0.15, seed=2):
    return frame.mask(np.random.default_rng(seed).random(frame.shape) < share)


@pytest.fixture(scope="module")
def gaps():
    return with_gaps(ratings())


@pytest.fixture(scope="module")
def imputed(gaps):
    return sg.impute(gaps, list(gaps), m=4, iterations=3, seed=5)


@pytest.fixture(scope="module")
def county():
    return sg.simulate(sg.read_questionnaire("questionnaires"), seed=2)


# What is drawn, and what is not ---------------------------------------------------------------------------


def test_every_gap_is_filled_with_a_code_and_no_answer_changes(gaps, imputed):
    assert imputed.n_imputed == gaps.isna().sum().sum()
    for answers in imputed:
        pd.testing.assert_frame_equal(answers.frame.where(gaps.notna()), gaps)
        assert answers.frame.isin([1, 2, 3, 4, 5]).all(axis=None)
    assert gaps.isna().any(axis=None), "the answers as they were given are not touched"


def test_the_sets_differ_where_answers_are_missing(imputed):
    first, second = imputed.completed(0).frame, imputed.completed(1).frame
    assert (first != second).any(axis=None)
    assert len(list(imputed)) == imputed.m == 4


def test_the_same_seed_gives_the_same_sets_and_another_seed_others(gaps, imputed):
    again = sg.impute(gaps, list(gaps), m=4, iterations=3, seed=5)
    other = sg.impute(gaps, list(gaps), m=4, iterations=3, seed=6)
    pd.testing.assert_frame_equal(again.completed(3).frame, imputed.completed(3).frame)
    assert not other.completed(3).frame.equals(imputed.completed(3).frame)


def test_the_order_in_which_items_are_named_does_not_matter(gaps, imputed):
    turned = sg.impute(gaps, list(gaps)[::-1], m=4, iterations=3, seed=5)
    pd.testing.assert_frame_equal(turned.completed(2).frame, imputed.completed(2).frame)


def test_where_nothing_is_missing_nothing_is_drawn():
    frame = ratings()
    found = sg.impute(frame, list(frame), m=3, seed=1)
    assert found.n_imputed == 0
    pd.testing.assert_frame_equal(found.completed(0).frame, frame)
    assert len(found.table().frame) == 0
    assert found.convergence().rhat.empty
    assert found.distributions().frame.empty


def test_what_was_not_shown_and_what_was_answered_with_dont_know_stays(county):
    found = sg.impute(county, ["FUN", "SUP"], m=2, iterations=1, seed=3)
    names = county.item_names(["FUN", "SUP"])
    completed = found.completed(0).frame
    for name in names:
        shown, empty = county.shown(name), county.frame[name].isna()
        roles = found.frame[(found.frame["item"] == name) & (found.frame["method"] != "none")]["role"]
        filled = empty & shown & county.frame["role"].isin(roles)
        assert completed.loc[~filled, name].equals(county.frame.loc[~filled, name])
        assert completed.loc[filled, name].notna().all()
    assert (completed["FUN2"] == 9).sum() == (county.frame["FUN2"] == 9).sum() > 0
    kept = found.frame["n_kept"].sum()
    assert kept == sum(county.items(n)[n].isna()[county.shown(n) & county.frame[n].notna()].sum() for n in names)
    assert str(kept) in " ".join(note.en for note in found.table(language="en").notes)


def test_dont_knows_are_drawn_when_asked(county):
    how = sg.ChainedEquations(also=["dont_know"])
    found = sg.impute(county, ["FUN"], m=2, iterations=1, seed=3, method=how)
    big = found.frame[found.frame["method"] != "none"]
    asked = county.frame["role"].isin(big["role"])
    completed = found.completed(1).frame
    assert not (completed.loc[asked, "FUN2"] == 9).any()
    assert completed.loc[asked & county.shown("FUN2"), "FUN2"].isin([1, 2, 3, 4, 5]).all()


def test_types_of_columns_and_the_design_are_kept(county):
    villagers = county.where(role="villager")
    designed = sg.survey_design(villagers, strata="township_id", clusters="village_id")
    found = sg.impute(designed, ["SUP"], m=2, iterations=1, seed=3)
    answers = found.completed(0)
    assert (answers.frame.dtypes == designed.frame.dtypes).all()
    assert answers.design is designed.design
    assert answers.questionnaire is designed.questionnaire
    table = " ".join(note.en for note in found.table(language="en").notes)
    assert "indicators of strata, means of the others in clusters" in table
    pooled = found.pool(lambda a: sg.mean(a, "SUP"))
    assert (
        "Standard errors by linearisation under the design (strata, clusters" in pooled.table(language="en").notes[0].en
    )


def test_constructs_are_scored_after_imputation(county):
    villagers = county.where(role="villager")
    answers = sg.impute(villagers, ["SUP"], m=2, iterations=1, seed=3).completed(0)
    filled = answers.items("SUP")
    assert answers.scores("SUP")["SUP"].dropna().equals(filled.mean(axis=1)[answers.scores("SUP")["SUP"].notna()])


def test_groups_are_drawn_by_themselves(gaps):
    frame = pd.concat([gaps, 6 - gaps], ignore_index=True).assign(role=["a"] * 200 + ["b"] * 200)
    both = sg.responses(frame, {"Q": list(gaps)}, roles="role")
    together = sg.impute(both, "Q", m=2, iterations=2, seed=4).completed(1).frame
    alone = sg.impute(both.where(role="b"), "Q", m=2, iterations=2, seed=4).completed(1).frame
    pd.testing.assert_frame_equal(together[together["role"] == "b"], alone)


# Methods --------------------------------------------------------------------------------------------------


def made(columns, items):
    return sg.Responses(pd.DataFrame(columns), Questionnaire("q", "1", same("q"), items=items, smallest_cell=1))


def test_the_method_follows_the_kind_of_item_and_says_why_not():
    rng = np.random.default_rng(3)
    n = 150
    rare = np.r_[np.ones(3), rng.integers(2, 6, n - 3)]
    columns = {
        "rating": rng.integers(1, 6, n),
        "rare": rare,
        "yes": rng.integers(1, 3, n),
        "colour": rng.integers(1, 4, n),
        "age": rng.integers(18, 80, n),
        "same": np.full(n, 4.0),
    }
    frame = with_gaps(pd.DataFrame(columns).astype(float), 0.1)
    frame.loc[:2, "rare"] = 1.0
    items = (
        Item("rating", "rating", same("r"), scale=AGREE),
        Item("rare", "rating", same("r"), scale=AGREE),
        Item("yes", "select_one", same("y"), scale=COLOURS),
        Item("colour", "select_one", same("c"), scale=COLOURS),
        Item("age", "integer", same("a"), limits=(0, 100)),
        Item("same", "rating", same("s"), scale=AGREE),
    )
    found = sg.impute(made(frame, items), [item.name for item in items], m=3, iterations=2, seed=1)
    methods = found.frame.set_index("item")
    assert methods["method"].to_dict() == {
        "rating": "ordinal", "rare": "pmm", "yes": "binary", "colour": "nominal", "age": "pmm", "same": "constant",
    }  # fmt: skip
    assert methods["why"].notna().to_dict() == {name: name == "rare" for name in methods.index}
    assert "rare: a category with fewer than 5" in " ".join(note.en for note in found.table(language="en").notes)
    done = found.completed(0).frame
    assert set(done["yes"]) == {1, 2}
    assert set(done["colour"]) <= {1, 2, 3}
    assert (done["same"] == 4).all()
    assert done["age"].isin(frame["age"].dropna()).all(), "matching gives answers that somebody gave"


def test_a_method_may_be_named_and_normal_draws_stay_within_the_limits():
    rng = np.random.default_rng(3)
    frame = with_gaps(pd.DataFrame({"age": rng.exponential(8, 200).round().clip(0, 30), "x": rng.standard_normal(200)}))
    items = (Item("age", "integer", same("a"), limits=(0, 30)), Item("x", "decimal", same("x")))
    how = sg.ChainedEquations(items={"age": "normal", "x": "normal"})
    found = sg.impute(made(frame, items), ["age", "x"], m=5, iterations=2, seed=1, method=how)
    drawn = found.chains["all"].drawn
    assert drawn["age"].min() >= 0
    assert drawn["age"].max() <= 30
    assert (drawn["age"] == np.round(drawn["age"])).all()
    assert not np.isin(drawn["x"], frame["x"]).any()


def test_nominal_answers_follow_what_predicts_them():
    rng = np.random.default_rng(8)
    x = rng.standard_normal(1500)
    colour = np.where(rng.random(1500) < 0.1, rng.integers(1, 4, 1500), np.where(x > 0.5, 2, np.where(x < -0.5, 3, 1)))
    frame = pd.DataFrame({"colour": colour.astype(float), "x": x, "x2": x**2})
    gaps = frame.assign(colour=frame["colour"].mask(rng.random(1500) < 0.3))
    items = (Item("colour", "select_one", same("c"), scale=COLOURS),)
    found = sg.impute(made(gaps, items), ["colour"], auxiliary=["x", "x2"], m=5, iterations=1, seed=1)
    places, drawn = found.rows["all", "colour"], found.chains["all"].drawn["colour"]
    hit = (drawn == colour[places]).mean()
    assert hit > 0.6, "chance alone would hit a third"
    for code in (1, 2, 3):
        there = (colour[places] == code).mean()
        assert abs((drawn == code).mean() - there) < 4 * np.sqrt(there * (1 - there) / len(places))


def test_too_few_answers_are_left_missing_and_the_table_says_so():
    frame = ratings(60)
    frame.loc[8:, "q0"] = np.nan
    found = sg.impute(frame, ["q0", "q1"], m=2, iterations=1, seed=1)
    line = found.frame.set_index("item").loc["q0"]
    assert (line["method"], line["n_imputed"]) == ("none", 0)
    assert found.completed(0).frame["q0"].isna().sum() == 52
    assert "q0: fewer than 10 answers: not imputed." in [note.en for note in found.table(language="en").notes]


def test_few_rows_bear_few_predictors():
    frame = with_gaps(ratings(40, k=30), 0.1)
    found = sg.impute(frame, list(frame), m=2, iterations=2, seed=1)
    assert (found.frame["n_predictors"] <= found.frame["n_observed"] // 5).all()
    assert found.completed(0).frame.notna().all(axis=None)


def test_items_that_repeat_or_separate_do_not_stop_the_chains():
    frame = ratings(120)
    frame["twin"], frame["side"] = frame["q0"], (frame["q1"] > 3).astype(float)
    gaps = with_gaps(frame, 0.1)
    found = sg.impute(gaps, list(gaps), m=3, iterations=4, seed=1)
    places, drawn = found.rows["all", "side"], found.chains["all"].drawn["side"]
    known = gaps["q1"].iloc[places].notna().to_numpy()
    truth = frame["side"].to_numpy()[places]
    assert (drawn == truth)[:, known].mean() > 0.85


# Auxiliary columns and the design -------------------------------------------------------------------------


def test_auxiliary_columns_predict_and_are_not_filled():
    frame = ratings(300)
    gaps = frame.assign(q0=frame["q0"].mask(np.arange(300) % 3 == 0), word=np.where(frame["q0"] > 3, "high", "low"))
    gaps.loc[5, "word"] = None
    gaps.loc[7, "q1"] = np.nan
    with_words = sg.impute(gaps, ["q0"], auxiliary=["word", "q1"], m=3, iterations=3, seed=1)
    places, drawn = with_words.rows["all", "q0"], with_words.chains["all"].drawn["q0"]
    high = frame["q0"].to_numpy()[places] > 3
    assert ((drawn > 3) == high).mean() > 0.9
    done = with_words.completed(0).frame
    assert done["word"].isna().sum() == done["q1"].isna().sum() == 1
    assert "Auxiliary columns: word, q1." in [note.en for note in with_words.table(language="en").notes]


def test_those_who_were_not_shown_an_item_still_predict_by_that():
    rng = np.random.default_rng(5)
    shown = rng.random(400) < 0.5
    y = np.where(shown, 5.0, 1.0)
    y = np.where(rng.random(400) < 0.1, 3.0, y)
    items = (
        Item("filter", "select_one", same("f"), scale=COLOURS),
        Item("detail", "rating", same("d"), scale=AGREE, relevant={"filter": (1,)}),
        Item("y", "rating", same("y"), scale=AGREE),
    )
    frame = pd.DataFrame(
        {"filter": np.where(shown, 1, 2), "detail": np.where(shown, rng.integers(1, 6, 400), np.nan),
         "y": np.where(rng.random(400) < 0.2, np.nan, y)}
    )  # fmt: skip
    found = sg.impute(made(frame, items), ["detail", "y"], m=3, iterations=2, seed=1)
    assert found.frame.set_index("item")["n_shown"].to_dict() == {"detail": shown.sum(), "y": 400}
    drawn, places = found.chains["all"].drawn["y"], found.rows["all", "y"]
    assert drawn[:, shown[places]].mean() > 4 > 2 > drawn[:, ~shown[places]].mean()


def test_the_mean_of_others_is_the_best_linear_predictor():
    values = np.array([1.0, 2, 3, 7, 8, 9, np.nan, 5])
    units = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    found = mean_of_others(values, ~np.isnan(values), units)
    within, grand = 1.0, 5.0
    between = (3 * 9 + 3 * 9 + 0) / 2
    typical = (7 - (9 + 9 + 1) / 7) / 2
    ratio = within / ((between - within) / typical)
    raw = np.array([(sum(o) - len(o) * grand) / (len(o) + ratio)
                    for o in ([2, 3], [1, 3], [1, 2], [8, 9], [7, 9], [7, 8], [7, 8, 9], [])])  # fmt: skip
    known = raw[[0, 1, 2, 3, 4, 5, 7]]
    np.testing.assert_allclose(found, (raw - known.mean()) / known.std(), rtol=1e-12)
    assert mean_of_others(np.array([1.0, 3, 1, 3]), np.ones(4, dtype=bool), np.array([0, 0, 1, 1])) is None


def test_clusters_predict():
    rng = np.random.default_rng(11)
    cluster = np.repeat(np.arange(60), 6)
    y = np.digitize(1.5 * rng.standard_normal(60)[cluster] + rng.standard_normal(360), [-1, 0, 1]) + 1.0
    frame = pd.DataFrame({"y": np.where(rng.random(360) < 0.25, np.nan, y), "z": rng.integers(1, 5, 360), "c": cluster})
    plain = sg.responses(frame, {"Y": ["y", "z"]})
    clustered = sg.survey_design(plain, clusters="c")
    away = []
    for answers in (plain, clustered):
        found = sg.impute(answers, "Y", m=10, iterations=2, seed=1)
        places = found.rows["all", "y"]
        away.append(((found.chains["all"].drawn["y"].mean(axis=0) - y[places]) ** 2).mean())
    assert away[1] < 0.75 * away[0]


def test_clusters_enter_by_indicators_where_they_are_few_and_weights_by_their_logarithm():
    frame = with_gaps(ratings(200)).assign(c=np.arange(200) % 4, w=1.0 + np.arange(200) % 7)
    answers = sg.survey_design(sg.responses(frame, {"Q": ["q0", "q1"]}), clusters="c", weights="w")
    found = sg.impute(answers, "Q", m=2, iterations=1, seed=1)
    assert found.design_words["all"].en == "log weights, indicators of clusters"
    assert found.frame["n_predictors"].tolist() == [5, 5]


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"m": 1}, "m must be at least 2"),
        ({"iterations": 0}, "iterations at least 1"),
        ({"auxiliary": ["q9"]}, "no column 'q9'"),
        ({"method": sg.ChainedEquations(items={"q9": "pmm"})}, "names 'q9'"),
        ({"method": sg.ChainedEquations(items={"q0": "magic"})}, "'magic' is not known"),
        ({"method": sg.ChainedEquations(items={"q0": "binary"})}, "not two"),
        ({"method": sg.ChainedEquations(also=["not_applicable"])}, "dont_know and refused only"),
        ({"method": sg.ChainedEquations(donors=0)}, "donors must be at least 1"),
    ],
)
def test_what_means_nothing_is_refused(gaps, how, message):
    with pytest.raises(sg.DataError, match=message):
        sg.impute(gaps, ["q0", "q1"], seed=1, **how)


def test_lists_and_words_cannot_be_imputed(county):
    lists = [item.name for item in county.questionnaire.items if item.type in ("select_multiple", "text")]
    with pytest.raises(sg.DataError, match="is of type"):
        sg.impute(county, lists[:1], seed=1)
    frame = ratings(50).assign(word=[str(k) for k in range(50)])
    with pytest.raises(sg.DataError, match="50 different words"):
        sg.impute(with_gaps(frame[["q0", "q1"]]).assign(word=frame["word"]), ["q0"], auxiliary=["word"], seed=1)


def test_there_is_no_set_beyond_the_last(imputed):
    with pytest.raises(sg.DataError, match="there is no set 4"):
        imputed.completed(4)


def test_the_table_speaks_both_languages(county):
    found = sg.impute(county, ["SUP"], m=2, iterations=1, seed=3)
    zh, en = (str(found.table(language=language)) for language in ("zh", "en"))
    assert "比例优势回归" in zh
    assert "proportional odds" in en
    assert "村民" in zh
    assert "模拟数据" in zh
    assert replace(found, m=7).table(language="zh").notes[0].zh.startswith("链式方程多重插补：m = 7")


def test_role_labels_come_from_the_questionnaire():
    items = (Item("q0", "rating", same("q"), scale=AGREE), Item("q1", "rating", same("q"), scale=AGREE))
    roles = (Role("a", same("Anna")),)
    frame = with_gaps(ratings())[["q0", "q1"]].assign(role="a")
    answers = sg.Responses(frame, Questionnaire("q", "1", same("q"), roles=roles, items=items))
    assert "Anna" in str(sg.impute(answers, ["q0", "q1"], m=2, iterations=1, seed=1).table())
