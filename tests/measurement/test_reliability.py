import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import answers_with, attitude, bfi, reference, thurstone
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.measurement.omega import omega_total
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.reliability import (
    alpha_if_dropped,
    cronbach_alpha,
    guttman_lambda2,
    guttman_lambda6,
    item_rest_correlations,
)

PSYCH = "R psych 2.2.9"
CLOSED = {"rtol": 1e-10, "why": "closed form"}
LOOSE = {"rtol": 1e-6, "why": "psych stops its minres early"}
ATTITUDE = reference()["attitude"]


def scale(frame: pd.DataFrame) -> sg.Responses:
    return sg.responses(frame, {"S": list(frame.columns)}, limits=None)


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("alpha", "raw_alpha"),
        ("alpha_std", "std_alpha"),
        ("lambda2", "lambda2"),
        ("lambda6", "g6"),
        ("mean_r", "mean_r"),
    ],
)
def test_coefficients_of_attitude_are_those_of_psych(column, key):
    ours = sg.reliability(attitude(), {"S": list(attitude().columns)}).frame[column]
    assert_matches(ours, ATTITUDE[key], statistic=f"reliability: {column}", reference=PSYCH, data="attitude", **CLOSED)


def test_interval_items_and_omega_of_attitude_are_those_of_psych():
    found = sg.reliability(attitude(), list(attitude().columns))
    at = {"reference": PSYCH, "data": "attitude"}
    interval = found.frame[["conf_low", "conf_high"]].iloc[0]
    assert_matches(interval, ATTITUDE["feldt"], statistic="alpha: Feldt interval", **at, **CLOSED)
    for column, key in [("citc", "citc"), ("alpha_if_dropped", "drop"), ("mean", "mean"), ("sd", "sd")]:
        assert_matches(found.items[column], ATTITUDE[key], statistic=f"reliability items: {column}", **at, **CLOSED)
    assert_matches(found.frame["omega"], ATTITUDE["omega"], statistic="omega total, one factor", **at, **LOOSE)


def test_thurstone_has_its_published_standardised_alpha():
    found = sg.reliability(answers_with(thurstone(), 213), list(thurstone().columns)).frame
    at = {"reference": PSYCH, "data": "thurstone"}
    values = reference()["thurstone"]
    assert_matches(found["alpha_std"], values["std_alpha"], statistic="reliability: alpha_std", **at, **CLOSED)
    assert_matches(found["lambda6"], values["g6"], statistic="reliability: lambda6", **at, **CLOSED)


# Identities -------------------------------------------------------------------------------------------------


def covariances():
    def made(seed: int, k: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        data = rng.normal(size=(40, 1)) + rng.normal(size=(40, k)) * rng.uniform(0.5, 2, k)
        return np.cov(data, rowvar=False)

    return st.builds(made, st.integers(0, 10_000), st.integers(3, 8))


@given(covariances(), st.randoms())
@settings(max_examples=25, deadline=None)
def test_order_of_items_does_not_matter(cov, random):
    order = list(range(len(cov)))
    random.shuffle(order)
    turned = cov[np.ix_(order, order)]
    for coefficient in (cronbach_alpha, guttman_lambda2):
        assert coefficient(turned) == pytest.approx(coefficient(cov), rel=1e-12)
    np.testing.assert_allclose(item_rest_correlations(turned), item_rest_correlations(cov)[order], rtol=1e-10)


@given(covariances())
@settings(max_examples=25, deadline=None)
def test_alpha_if_dropped_is_the_alpha_of_the_others(cov):
    others = [cronbach_alpha(np.delete(np.delete(cov, i, 0), i, 1)) for i in range(len(cov))]
    np.testing.assert_allclose(alpha_if_dropped(cov), others, rtol=1e-10)


@given(covariances())
@settings(max_examples=25, deadline=None)
def test_lambda2_is_never_below_alpha(cov):
    assert guttman_lambda2(cov) >= cronbach_alpha(cov) - 1e-12


def test_parallel_items_have_spearman_brown_for_every_coefficient():
    corr = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    expected = 5 * 0.4 / (1 + 4 * 0.4)
    assert cronbach_alpha(corr) == pytest.approx(expected, rel=1e-12)
    assert guttman_lambda2(corr) == pytest.approx(expected, rel=1e-12)
    assert omega_total(corr, minres(corr, 1).uniqueness) == pytest.approx(expected, rel=1e-9)
    assert guttman_lambda6(corr) < expected


def test_standardised_coefficients_are_unchanged_by_rescaling_items():
    frame = attitude()
    before = sg.reliability(scale(frame), "S").frame.iloc[0]
    after = sg.reliability(scale(frame * np.arange(1, 8) + 10), "S").frame.iloc[0]
    same = ["alpha_std", "omega", "lambda2", "lambda6", "mean_r"]
    np.testing.assert_allclose(after[same].astype(float), before[same].astype(float), rtol=1e-8)
    assert after["alpha"] != pytest.approx(before["alpha"], rel=1e-3)


def test_alpha_is_unchanged_by_rescaling_all_items_alike_and_by_reversing_all_of_them():
    alpha = sg.reliability(scale(attitude()), "S").frame["alpha"].iloc[0]
    assert sg.reliability(scale(50 - 3 * attitude()), "S").frame["alpha"].iloc[0] == pytest.approx(alpha, rel=1e-12)


def test_alpha_stays_when_every_row_is_doubled_and_its_interval_narrows():
    once = sg.reliability(scale(attitude()), "S").frame.iloc[0]
    twice = sg.reliability(scale(pd.concat([attitude()] * 2, ignore_index=True)), "S").frame.iloc[0]
    assert twice["alpha"] == pytest.approx(once["alpha"], rel=1e-12)
    assert once["conf_low"] < twice["conf_low"] < twice["conf_high"] < once["conf_high"]


def test_a_reversed_item_counts_as_its_key_says(villagers):
    keyed = sg.reliability(villagers, "MGT")
    frame = villagers.frame[["MGT1", "MGT2", "MGT3", "MGT4R"]].assign(MGT4R=lambda f: 6 - f["MGT4R"])
    by_hand = sg.reliability(scale(frame), "S")
    assert keyed.frame["alpha"].iloc[0] == pytest.approx(by_hand.frame["alpha"].iloc[0], rel=1e-12)


# What is said ------------------------------------------------------------------------------------------------


def test_items_that_run_against_the_rest_are_named():
    names = {k: [f"{k}{i}" for i in range(1, 6)] for k in "EN"}
    found = sg.reliability(bfi(), names)
    assert found.frame.set_index("construct").loc["E", "alpha"] < 0
    (note,) = [n for n in found.table().notes if "check the key" in n.en]
    assert "E: E1, E2" in note.en
    assert "N:" not in note.en


def test_no_item_is_named_when_all_keys_are_right(villagers):
    assert not any("check the key" in n.en for n in sg.reliability(villagers, ["MGT", "SUP"]).table().notes)


def test_several_roles_are_pooled_within_roles(two_roles):
    names = two_roles.item_names("MGT")
    parts = [two_roles.where(role=r).items("MGT") for r in two_roles.roles]
    within = sum((len(p) - 1) * p.cov().to_numpy() for p in parts) / (sum(map(len, parts)) - 2)
    found = sg.reliability(two_roles, "MGT")
    assert found.frame["alpha"].iloc[0] == pytest.approx(cronbach_alpha(within), rel=1e-12)
    assert found.frame["alpha"].iloc[0] < cronbach_alpha(two_roles.items(names).cov().to_numpy()) - 0.02
    assert any("Pooled within roles" in n.en for n in found.table().notes)


def test_by_role_is_each_role_alone(two_roles):
    found = sg.reliability(two_roles, ["MGT", "SUP"], by="role")
    assert found.frame["group"].tolist() == ["villager", "villager", "evaluator", "evaluator"]
    alone = sg.reliability(two_roles.where(role="evaluator"), "SUP").frame.iloc[0]
    assert found.frame.iloc[3]["alpha"] == pytest.approx(alone["alpha"], rel=1e-12)
    assert "Evaluator" in str(found.table())
    assert "evaluator组" in str(found.items_table(language="zh"))


def test_groups_by_an_item_carry_the_words_of_its_choices(villagers):
    assert "Female" in str(sg.reliability(villagers, "MGT", by="sex").table())


def test_rows_without_a_group_are_counted(two_roles):
    frame = two_roles.frame.assign(place=["a"] * 100 + ["b"] * 130 + [None] * 10)
    found = sg.reliability(sg.Responses(frame, two_roles.questionnaire), "MGT", by="place")
    assert found.dropped == {"place missing": 10}
    assert found.n == 230


def test_incomplete_rows_are_counted_and_said(villagers):
    frame = villagers.frame.copy()
    frame.loc[:6, "MGT1"] = np.nan
    frame.loc[:2, "SUP2"] = 8
    found = sg.reliability(sg.Responses(frame, villagers.questionnaire), ["MGT", "SUP"])
    assert found.frame["n"].tolist() == [193, 197]
    assert found.frame["n_dropped"].tolist() == [7, 3]
    assert found.dropped == {"incomplete on every scale": 3}
    assert found.table().frame["n_dropped"].tolist() == [7, 3]


def test_a_construct_that_cannot_be_computed_leaves_the_others_standing(villagers):
    frame = villagers.frame.assign(SUP2=4.0)
    found = sg.reliability(sg.Responses(frame, villagers.questionnaire), ["SUP", "MGT"])
    assert np.isnan(found.frame["alpha"].iloc[0])
    assert found.frame["alpha"].iloc[1] > 0.7
    assert any("Answered alike" in n.en and "SUP2" in n.en for n in found.table().notes)


def test_of_few_people_no_coefficient_is_shown():
    rng = np.random.default_rng(1)
    common = rng.normal(size=40)
    frame = pd.DataFrame({name: common + rng.normal(size=40) for name in "ab"}).assign(group=["x"] * 4 + ["y"] * 36)
    found = sg.reliability(frame, {"S": ["a", "b"]}, by="group")
    few = found.frame.set_index("group").loc["x"]
    assert few["n"] == 4
    assert few[["alpha", "conf_low", "lambda2", "mean_r"]].isna().all()
    assert not (found.coefficients["group"] == "x").any()
    assert any(note.en == "Too few respondents to be shown: x." for note in found.table().notes)
    assert set(found.plot().data["group"]) == {"y"}


def test_few_rows_get_no_verdict_and_very_few_no_number(villagers):
    head = sg.Responses(villagers.frame.iloc[:20], villagers.questionnaire)
    found = sg.reliability(head, "MGT")
    assert found.frame["alpha"].notna().all()
    assert any("no verdict" in n.en for n in found.table().notes)
    tiny = sg.reliability(sg.Responses(villagers.frame.iloc[:4], villagers.questionnaire), "MGT")
    assert tiny.frame["alpha"].isna().all()
    assert any("not computed" in n.en for n in tiny.table().notes)


def test_a_role_where_nobody_answered_has_no_row_and_is_named(two_roles):
    frame = two_roles.frame.copy()
    frame.loc[frame["role"] == "evaluator", [f"SUP{i}" for i in range(1, 5)]] = np.nan
    found = sg.reliability(sg.Responses(frame, two_roles.questionnaire), ["MGT", "SUP"], by="role")
    assert len(found.frame) == 3
    assert any("not listed: Evaluator (Supervision)" in n.en for n in found.table().notes)


def test_what_a_role_was_not_asked_counts_neither_for_it_nor_against_it(two_roles):
    """Rows that hold answers to questions they were not asked (a straight-lining bot, say) do not enter."""
    items = tuple(replace(i, roles=("villager",)) if i.construct == "SUP" else i for i in two_roles.questionnaire.items)
    answers = sg.Responses(two_roles.frame, replace(two_roles.questionnaire, items=items))
    villagers = sg.reliability(two_roles.where(role="villager"), "SUP").frame.iloc[0]
    pooled = sg.reliability(answers, ["MGT", "SUP"])
    assert pooled.frame.iloc[1]["alpha"] == pytest.approx(villagers["alpha"], rel=1e-12)
    assert pooled.frame["n_dropped"].tolist() == [0, 0]
    apart = sg.reliability(answers, ["MGT", "SUP"], by="role")
    assert apart.frame["construct"].tolist() == ["MGT", "SUP", "MGT"]
    assert not any("not listed" in n.en for n in apart.table().notes)


def test_a_group_that_is_small_throughout_is_named_once(two_roles):
    few = pd.concat(
        [
            two_roles.frame[two_roles.frame["role"] == "villager"],
            two_roles.frame[two_roles.frame["role"] == "evaluator"].head(20),
        ]
    )
    found = sg.reliability(sg.Responses(few, two_roles.questionnaire), ["MGT", "SUP"], by="role")
    assert any(n.en == "Fewer than 30 respondents, no verdict: Evaluator." for n in found.table().notes)


def test_weights_move_the_estimate_and_the_interval(weighted):
    found = sg.reliability(weighted, "MGT").frame.iloc[0]
    items = weighted.items("MGT").to_numpy()
    expected = cronbach_alpha(np.cov(items, rowvar=False, aweights=weighted.weights))
    assert found["alpha"] == pytest.approx(expected, rel=1e-12)
    assert found["conf_low"] < expected < found["conf_high"]
    shares = sg.Responses(
        weighted.frame.assign(w=lambda f: f["w"] / f["w"].sum()), weighted.questionnaire, weighted.design
    )
    assert sg.reliability(shares, "MGT").frame.iloc[0]["alpha"] == pytest.approx(expected, rel=1e-12)


def test_a_plain_frame_may_be_grouped_by_any_column():
    frame = attitude().assign(part=["north", "south"] * 15)
    found = sg.reliability(frame, {"S": ["rating", "complaints", "learning"]}, by="part")
    assert found.frame["group"].tolist() == ["north", "south"]
    assert found.frame["n"].tolist() == [15, 15]


def test_one_respondent_per_role_gives_no_number_and_no_crash(two_roles):
    found = sg.reliability(sg.Responses(two_roles.frame.iloc[:5], two_roles.questionnaire), "MGT")
    assert found.frame["alpha"].isna().all()


def test_two_items_have_alpha_but_no_omega():
    found = sg.reliability(attitude(), {"S": ["rating", "complaints"]})
    assert np.isnan(found.frame["omega"].iloc[0])
    r = attitude()["rating"].corr(attitude()["complaints"])
    assert found.frame["alpha_std"].iloc[0] == pytest.approx(2 * r / (1 + r), rel=1e-12)


def test_a_repeated_item_leaves_alpha_and_withholds_what_needs_an_inverse():
    found = sg.reliability(attitude().assign(again=attitude()["rating"]), ["rating", "complaints", "again"])
    assert found.frame["alpha"].notna().all()
    assert found.frame[["omega", "lambda6"]].isna().all(axis=None)


def test_lists_are_refused_with_the_reason(villagers):
    with pytest.raises(DesignError, match="list of separate answers"):
        sg.reliability(villagers, ["MGT", "CAU"])


def test_nothing_answered_and_unknown_names_are_errors(villagers):
    empty = villagers.frame.assign(**{f"SUP{i}": np.nan for i in range(1, 5)})
    with pytest.raises(DataError, match="nobody answered"):
        sg.reliability(sg.Responses(empty, villagers.questionnaire), "SUP")
    with pytest.raises(DataError, match="infinite values"):
        sg.reliability(attitude().assign(rating=np.inf), ["rating", "raises", "learning"])
    with pytest.raises(sg.SurveyError, match="MGTT"):
        sg.reliability(villagers, "MGTT")
    with pytest.raises(EstimationError, match="no correlation 'kendall'"):
        sg.reliability(villagers, "MGT", correlation="kendall")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_tables_speak_the_language_asked_for(villagers, language):
    found = sg.reliability(villagers, ["MGT", "SUP"])
    main, items = str(found.table(language=language)), str(found.items_table(language=language))
    assert ("管理" in main, "Management" in main) == ((language == "zh"), (language == "en"))
    assert ("MGT1题" in items) == (language == "zh")


# Keys, missing answers, every coefficient ---------------------------------------------------------------------


def test_a_negative_alpha_stands_beside_the_alpha_after_reversal():
    names = [f"E{i}" for i in range(1, 6)]
    found = sg.reliability(bfi(), {"E": names})
    right = sg.reliability(bfi().assign(E1=lambda f: 7 - f["E1"], E2=lambda f: 7 - f["E2"]), {"E": names})
    (note,) = [n.en for n in found.table().notes if "check the key" in n.en]
    alpha = right.frame["alpha"].iloc[0]
    assert f"after reversal {alpha:.2f}".replace("0.", ".") in note
    assert not any("check the key" in n.en for n in right.table().notes)


def test_two_items_that_run_against_each_other_are_named_too():
    frame = attitude()[["rating"]].assign(other=lambda f: -f["rating"] + np.arange(30) % 7)
    found = sg.reliability(frame, ["rating", "other"])
    assert found.frame["alpha"].iloc[0] < 0
    assert any("other" in n.en and "after reversal" in n.en for n in found.table().notes)


def test_a_negative_alpha_without_an_item_to_turn_is_said_to_be_none():
    """A pair that agrees and others that each disagree with everything a little: one sign on the first component."""
    corr = np.full((6, 6), -0.15)
    corr[0, 1] = corr[1, 0] = 0.9
    np.fill_diagonal(corr, 1.0)
    names = list("abcdef")
    found = sg.reliability(answers_with(pd.DataFrame(corr, names, names), 500), names)
    assert found.frame["alpha"].iloc[0] < 0
    notes = [n.en for n in found.table().notes]
    assert any("check the key" in n or "no reliability" in n for n in notes)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_coefficient_is_printed_with_its_kind(language):
    found = sg.reliability(attitude(), {"S": list(attitude().columns)})
    page = found.coefficients_table(language=language)
    lines = found.coefficients.dropna(subset="estimate")
    assert len(page.frame) == len(lines) == 21
    assert "Schmid" in str(page)
    assert "Spearman" in str(page)
    assert ("层次ω" in str(page)) == (language == "zh")
    assert found.frame["alpha"].iloc[0] == lines.set_index("coefficient").loc["alpha", "estimate"]
    assert len(found.splits_table(language=language).frame) == 7


def test_lambdas_are_those_of_psych():
    values = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))
    for name, frame in (("attitude", attitude()), ("attitude6", attitude().iloc[:, :6])):
        found = sg.reliability(frame, list(frame.columns)).coefficients.set_index("coefficient")["estimate"]
        assert_matches(
            found[[f"lambda{i}" for i in range(1, 7)]],
            values[name]["lambdas"],
            statistic="Guttman's lambda 1 to 6",
            reference=f"{PSYCH} guttman",
            data=name,
            **CLOSED,
        )


def test_pairwise_alpha_is_that_of_psych():
    frame = bfi()[[f"A{i}" for i in range(1, 6)]].assign(A1=lambda f: 7 - f["A1"])
    found = sg.reliability(frame, {"A": list(frame.columns)}, missing="pairwise")
    assert_matches(
        found.frame[["alpha", "alpha_std", "lambda6", "mean_r"]].iloc[0],
        json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))["pairwise_A"],
        statistic="alpha, standardised alpha, lambda6, mean r; pairwise",
        reference=f"{PSYCH} alpha",
        data="bfi A1-A5, 2,800 rows",
        **CLOSED,
    )
    assert found.frame["n"].iloc[0] == frame.notna().astype(int).T.dot(frame.notna().astype(int)).to_numpy().min()
    assert any("Pairwise" in n.en for n in found.table().notes)


def test_pairwise_is_listwise_where_nothing_is_missing(villagers):
    one, two = (sg.reliability(villagers, ["MGT", "SUP"], missing=m) for m in ("listwise", "pairwise"))
    pd.testing.assert_frame_equal(one.frame, two.frame, rtol=1e-9)


def test_a_pair_that_nobody_answered_gives_no_number_and_a_reason():
    frame = attitude()[["rating", "complaints", "learning"]].copy()
    frame.loc[:14, "rating"] = np.nan
    frame.loc[15:, "complaints"] = np.nan
    found = sg.reliability(frame, list(frame.columns), missing="pairwise")
    assert found.frame["alpha"].isna().all()
    assert any("nobody answered both" in n.en for n in found.table().notes)


def test_scale_coefficients_stand_on_the_first_item_alone():
    page = sg.reliability(attitude(), {"S": ["rating", "complaints", "learning"]}).items_table()
    assert page.frame["alpha"].notna().tolist() == [True, False, False]
    assert page.frame["citc"].notna().all()


def test_omega_h_needs_six_items():
    assert sg.reliability(attitude(), list(attitude().columns)).frame["omega_h"].notna().all()
    few = sg.reliability(attitude(), list(attitude().columns)[:5])
    assert few.frame["omega_h"].isna().all()
    assert any("Fewer than 6 items" in n.en for n in few.coefficients_table().notes)
    assert not any("Fewer than 6 items" in n.en for n in few.table().notes)


def test_options_that_nobody_knows_are_refused():
    for option in ({"missing": "drop"}, {"conf_level": 95}):
        with pytest.raises(EstimationError):
            sg.reliability(attitude(), ["rating", "complaints"], **option)


# What is degenerate -------------------------------------------------------------------------------------------

OPTIONS = [
    {},
    {"missing": "pairwise"},
    {"missing": "fiml"},
    {"interval": sg.ReliabilityInterval("bca", draws=200, seed=1)},
    {"interval": "adf"},
    {"correlation": "polychoric"},
]


def degenerate(kind: str) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.integers(1, 6, (60, 4)).astype(float), columns=list("abcd"))
    if kind == "constant":
        return frame.assign(b=3.0)
    if kind == "all alike":
        return frame.assign(a=2.0, b=2.0, c=2.0, d=2.0)
    if kind == "few rows":
        return frame.iloc[:4]
    if kind == "perfect":
        return frame.assign(b=frame["a"], c=frame["a"], d=frame["a"])
    if kind == "against":
        return frame.assign(b=6 - frame["a"], c=frame["a"], d=6 - frame["a"])
    if kind == "two answers":
        return frame.where(frame > 3, 0.0).where(frame <= 3, 1.0)
    return frame.where(frame < 2)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "kind", ["constant", "all alike", "few rows", "perfect", "against", "two answers", "nearly empty"]
)
def test_degenerate_answers_give_a_number_or_a_reason_and_leave_other_scales_standing(kind, options):
    rng = np.random.default_rng(8)
    bad = degenerate(kind)
    good = pd.DataFrame(np.round(rng.normal(size=(len(bad), 1)) + rng.normal(size=(len(bad), 3))), columns=list("xyz"))
    found = sg.reliability(bad.join(good.set_axis(bad.index)), {"bad": list("abcd"), "good": list("xyz")}, **options)
    line = found.frame.set_index("construct")
    for language in ("zh", "en"):
        for page in (found.table, found.items_table, found.splits_table, found.coefficients_table):
            assert str(page(language=language))
    if kind != "few rows":
        assert np.isfinite(line.loc["good", "alpha"])
    said = [note.en for note in found.table().notes]
    if np.isnan(line.loc["bad", "alpha"]) or np.isnan(line.loc["bad", "omega"]):
        assert any("bad" in note for note in said), said
    else:
        assert line.loc["bad", "alpha"] <= 1


@given(st.integers(0, 10_000), st.sets(st.sampled_from(list("abcd")), max_size=2))
@settings(max_examples=10, deadline=None)
def test_reversing_items_and_keying_them_changes_no_coefficient(seed, turned):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        np.clip(np.round(3 + rng.normal(size=(60, 1)) + rng.normal(size=(60, 4))), 1, 5), columns=list("abcd")
    )
    plain = sg.responses(frame, {"S": list("abcd")})
    keyed = sg.responses(
        frame.assign(**{name: 6 - frame[name] for name in turned}), {"S": list("abcd")}, reverse=sorted(turned)
    )
    one, two = (sg.reliability(a, "S").coefficients for a in (plain, keyed))
    np.testing.assert_allclose(one["estimate"], two["estimate"], rtol=1e-7)


def test_every_row_doubled_leaves_every_coefficient():
    once, twice = (
        sg.reliability(f, list(attitude().columns)).coefficients["estimate"]
        for f in (attitude(), pd.concat([attitude()] * 2, ignore_index=True))
    )
    np.testing.assert_allclose(once, twice, rtol=1e-7)
