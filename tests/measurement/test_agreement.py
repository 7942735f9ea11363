import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_subjects import COHEN, FLEISS, KRIPPENDORFF, RATERS, SHROUT_FLEISS, pairs_of
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.measurement.agreement_words import COEFFICIENTS
from sgsurvey.numerics.kappa import agreement_weights, cohen_kappa


def row(found, coefficient):
    return found.frame.set_index("coefficient").loc[coefficient]


def two(pairs):
    return pd.DataFrame(pairs, columns=["first", "second"])


def raters_of(counts):
    """Any table with these counts: six psychiatrists."""
    return pd.DataFrame([np.repeat(np.arange(len(line)), line.astype(int)) for line in counts], columns=list("abcdef"))


def test_each_level_has_its_coefficients():
    names = {
        "nominal": ["agreement", "kappa", "fleiss", "krippendorff"],
        "ordinal": ["agreement", "kappa_linear", "kappa_quadratic", "krippendorff"],
        "interval": ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k", "krippendorff"],
    }
    names["ratio"] = names["interval"]
    for level, expected in names.items():
        found = sg.agreement(SHROUT_FLEISS, RATERS, level=level)
        assert found.frame["coefficient"].tolist() == expected
        assert set(expected) <= set(COEFFICIENTS)
        assert (found.frame["raters"] == 4).all()


def test_fleiss_and_his_categories_by_the_door():
    found = sg.agreement(raters_of(FLEISS), list("abcdef"), level="nominal")
    fleiss = row(found, "fleiss")
    at = {"reference": "Fleiss 1971; R irr kappam.fleiss", "data": "his table 1", "why": "printed digits"}
    ours = [fleiss["estimate"], fleiss["statistic"] / 100]
    assert_matches(ours, [0.430, 0.177], statistic="Fleiss' kappa, z / 100", atol=6e-4, **at)
    assert found.categories["share"].sum() == pytest.approx(1)
    np.testing.assert_allclose(found.categories["share"], np.array([26, 26, 30, 55, 43]) / 180)


def test_cohen_of_two_raters_has_the_error_of_the_estimate_and_a_test_by_that_of_chance():
    found = sg.agreement(two(pairs_of(COHEN)), ["first", "second"], level="nominal")
    kappa = row(found, "kappa")
    pairs = pairs_of(COHEN)
    direct = cohen_kappa(pairs[:, 0], pairs[:, 1], np.eye(3))
    assert kappa["std_error"] == pytest.approx(direct.std_error, rel=1e-12)
    assert kappa["statistic"] == pytest.approx(direct.estimate / direct.std_error_null, rel=1e-12)
    assert row(found, "agreement")["estimate"] == pytest.approx(np.trace(COHEN) / COHEN.sum())
    assert found.pairs.loc[0, "kappa"] == kappa["estimate"]
    assert found.pairs.loc[0, "kappa_low"] == kappa["conf_low"] < kappa["estimate"] < kappa["conf_high"]


def test_categories_in_words_are_those_in_codes():
    codes = two(pairs_of(COHEN))
    words = codes.replace({0: "personality", 1: "neurosis", 2: "psychosis"})
    one, other = (sg.agreement(frame, ["first", "second"], level="nominal") for frame in (codes, words))
    np.testing.assert_allclose(other.frame["estimate"], one.frame["estimate"], rtol=1e-12)
    assert set(other.categories["category"]) == {"personality", "neurosis", "psychosis"}


def test_one_row_per_rating_is_the_same_as_a_column_per_rater():
    wide = KRIPPENDORFF.assign(unit=range(12))
    long = wide.melt("unit", var_name="observer", value_name="mark").dropna().sample(frac=1, random_state=1)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        one = sg.agreement(wide, RATERS, level=level, seed=4, draws=200)
        other = sg.agreement(long, "mark", level=level, by=("unit", "observer"), seed=4, draws=200)
        pd.testing.assert_frame_equal(one.frame, other.frame)
        pd.testing.assert_frame_equal(one.pairs, other.pairs)
        assert (other.n, other.basis.n_in) == (11, 12)


def test_columns_of_responses_are_raters_too(villagers):
    found = sg.agreement(villagers, ["MGT1", "MGT2"], level="ordinal")
    x = villagers.items(["MGT1", "MGT2"]).to_numpy().astype(int) - 1
    direct = cohen_kappa(x[:, 0], x[:, 1], agreement_weights(5, "quadratic"))
    assert row(found, "kappa_quadratic")["estimate"] == pytest.approx(direct.estimate, rel=1e-12)
    assert "MGT1题" in str(found.pairs_table(language="zh"))


def test_a_categorys_absence_among_a_pair_does_not_shorten_the_scale():
    """Weights go by all values that anybody gave, so that every pair is on one scale."""
    frame = pd.DataFrame({"a": [1, 2, 3, 5, 1, 2], "b": [1, 2, 2, 5, 1, 3], "c": [1, 2, 3, 2, 1, 2]})
    found = sg.agreement(frame, list("abc"), level="ordinal").pairs
    kept = sg.agreement(frame, ["a", "b"], level="ordinal").pairs
    assert found.loc[0, "kappa_linear"] == pytest.approx(kept.loc[0, "kappa_linear"])


def test_the_interval_of_alpha_is_the_seeds_and_covers():
    one, again, other = (sg.agreement(KRIPPENDORFF, RATERS, level="ordinal", seed=s) for s in (1, 1, 2))
    alphas = [row(found, "krippendorff") for found in (one, again, other)]
    assert alphas[0]["conf_low"] == alphas[1]["conf_low"] != alphas[2]["conf_low"]
    assert alphas[0]["conf_low"] < alphas[0]["estimate"] < alphas[0]["conf_high"]
    rng = np.random.default_rng(8)
    covered = 0
    true = 1 / (1 + 0.5)
    for _ in range(60):
        x = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)) * np.sqrt(0.5), columns=list("abc"))
        alpha = row(sg.agreement(x, list("abc"), level="interval", seed=1, draws=300), "krippendorff")
        covered += alpha["conf_low"] <= true <= alpha["conf_high"]
    assert covered >= 50


@given(st.integers(0, 9999))
@settings(max_examples=20, deadline=None)
def test_alpha_of_two_complete_raters_is_near_the_one_way_intraclass_correlation(seed):
    rng = np.random.default_rng(seed)
    n = 400
    x = pd.DataFrame(rng.normal(size=(n, 1)) + rng.normal(size=(n, 2)), columns=["a", "b"])
    found = sg.agreement(x, ["a", "b"], level="interval")
    assert row(found, "krippendorff")["estimate"] == pytest.approx(row(found, "ICC1")["estimate"], abs=2 / n)


@given(st.integers(0, 9999), st.permutations(RATERS))
@settings(max_examples=15, deadline=None)
def test_the_order_of_columns_changes_no_coefficient(seed, order):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(np.clip(rng.integers(1, 6, (30, 1)) + rng.integers(-1, 2, (30, 4)), 1, 5) * 1.0, columns=RATERS)
    x = x.mask(rng.random(x.shape) < 0.1)
    for level in ("nominal", "ordinal", "interval"):
        one, other = (sg.agreement(x, list(names), level=level).frame for names in (RATERS, order))
        np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-9)
        np.testing.assert_allclose(one["conf_low"], other["conf_low"], rtol=1e-8)


# What is said, and what is refused ---------------------------------------------------------------------------------


def english(found):
    return " ".join(note.en for note in found.table().notes)


def test_gaps_are_said_with_the_coefficients_that_they_touch():
    found = sg.agreement(KRIPPENDORFF, RATERS, level="interval")
    assert "ICC: of the 8 subjects that every rater rated" in english(found)
    assert row(found, "ICC2")["n"] == 8
    assert row(found, "krippendorff")["n"] == 11
    assert found.dropped == {"rated by fewer than two raters": 1}
    assert "评价者不足两人" in str(found.table(language="zh"))
    assert "Without a seed" in english(found)


def test_too_few_complete_subjects_leave_the_others_standing():
    gaps = pd.DataFrame({"a": [1, 2, 3, np.nan], "b": [1, 2, np.nan, 4], "c": [np.nan, 2, 3, 4.0]})
    found = sg.agreement(gaps, list("abc"), level="interval")
    assert found.frame["coefficient"].tolist() == ["krippendorff"]
    assert "rated by every rater, not computed: ICC" in english(found)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_equal_ratings_alone_give_nothing_and_say_so(level):
    same = pd.DataFrame({"a": [3.0] * 40, "b": [3.0] * 40})
    found = sg.agreement(same, ["a", "b"], level=level, seed=1)
    assert found.frame.loc[found.frame["coefficient"] != "agreement", "estimate"].isna().all()
    assert "nothing to weigh" in english(found)


def test_a_pair_without_a_kappa_is_counted_and_left_out_of_the_mean():
    frame = pd.DataFrame({"a": [1, 1, 1, 1, 1], "b": [1, 1, 1, 1, 1], "c": [1, 2, 1, 2, 2]})
    found = sg.agreement(frame, list("abc"), level="nominal")
    assert found.pairs["kappa"].isna().sum() == 1
    assert "1 pair(s) of raters" in english(found)
    assert row(found, "kappa")["estimate"] == pytest.approx(found.pairs["kappa"].mean())


@pytest.mark.parametrize(
    ("frame", "ratings", "how", "error", "says"),
    [
        (SHROUT_FLEISS, RATERS, {"level": "metric"}, sg.EstimationError, "no level 'metric'"),
        (SHROUT_FLEISS, "a", {"level": "interval"}, sg.EstimationError, "two raters"),
        (SHROUT_FLEISS[:1], RATERS, {"level": "interval"}, sg.EstimationError, "two subjects"),
        (SHROUT_FLEISS * np.nan, RATERS, {"level": "nominal"}, sg.EstimationError, "two subjects"),
        (SHROUT_FLEISS, ["a", "x"], {"level": "interval"}, sg.DataError, "'x' is neither"),
        (SHROUT_FLEISS.replace(9, np.inf), RATERS, {"level": "interval"}, sg.DataError, "infinite"),
        (SHROUT_FLEISS - 3, RATERS, {"level": "ratio"}, sg.DataError, "below 0"),
        (SHROUT_FLEISS.astype(str), RATERS, {"level": "ordinal"}, sg.DataError, "no order"),
        (SHROUT_FLEISS, RATERS, {"level": "interval", "by": ("a", "b")}, sg.EstimationError, "one column"),
        (
            pd.DataFrame({"s": [1, 1, 2], "r": ["a", "a", "b"], "x": [1, 2, 3]}),
            "x",
            {"level": "interval", "by": ("s", "r")},
            sg.DataError,
            "more than once",
        ),
    ],
)
def test_what_cannot_be_weighed_is_refused_in_words(frame, ratings, how, error, says):
    with pytest.raises(error, match=says):
        sg.agreement(frame, ratings, **how)


def test_a_sampling_design_is_refused():
    frame = SHROUT_FLEISS.assign(w=1.0)
    with pytest.raises(sg.DesignError, match="agreement cannot use weights"):
        sg.agreement(sg.survey_design(sg.responses(frame, {}, limits=None), weights="w"), RATERS, level="interval")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_tables_stand_in_both_languages(language, level):
    found = sg.agreement(KRIPPENDORFF, RATERS, level=level, seed=1, draws=100)
    for table in (found.table(language=language), found.pairs_table(language=language)):
        assert len(table.to_markdown().splitlines()) > 4
