import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from answers.instruments import library

from sgsurvey.answers.observer import observer_by_township
from sgsurvey.answers.population import Population
from sgsurvey.answers.raw_files import write_study_data
from sgsurvey.answers.simulate import simulate
from sgsurvey.errors import DataError, QuestionnaireError
from sgsurvey.ingest.read import read_responses
from sgsurvey.questionnaire.load import read_questionnaire

SIZES = {"board": 20, "librarian": 60, "reader": 400}
COUNTY = replace(
    Population(), sizes=SIZES, noninvariant=("reader", "SUP2", -14.0), guesses={"guess": "SAT"}, guess_of="reader"
)
HONEST = replace(COUNTY, straightliners=0.0, bots=0.0, noninvariant=None)
PLACED = ("librarian", "reader")
DRIVERS = ["MGT", "FUN", "SUP"]
FORMS = Path(__file__).parents[2] / "questionnaires"


@pytest.fixture(scope="module")
def questionnaire():
    return library()


@pytest.fixture(scope="module")
def answers(questionnaire):
    return simulate(questionnaire, COUNTY, seed=7)


@pytest.fixture(scope="module")
def s_county():
    return simulate(read_questionnaire(FORMS), seed=7)


@pytest.fixture(scope="module")
def large(questionnaire):
    return simulate(questionnaire, HONEST.scaled(townships=120), seed=3)


def cross_informant(answers):
    """Slopes of one group's township means of SAT on the other's means of the drivers, averaged over groups."""
    frame = answers.frame
    means = answers.scores([*DRIVERS, "SAT"]).groupby([frame["role"], frame["township_id"]]).mean()
    slopes = []
    for judge, informant in (PLACED, PLACED[::-1]):
        both = means.loc[judge][["SAT"]].join(means.loc[informant][DRIVERS]).dropna()
        x = np.column_stack([np.ones(len(both)), both[DRIVERS]])
        slopes.append(np.linalg.lstsq(x, both["SAT"], rcond=None)[0][1:])
    return np.mean(slopes, axis=0)


def test_the_same_seed_gives_the_same_study_and_another_seed_another(questionnaire, answers):
    again, other = simulate(questionnaire, COUNTY, seed=7), simulate(questionnaire, COUNTY, seed=8)
    pd.testing.assert_frame_equal(answers.frame, again.frame)
    pd.testing.assert_frame_equal(answers.truth.townships, again.truth.townships)
    for name, table in answers.context.items():
        pd.testing.assert_frame_equal(table, again.context[name])
    assert not answers.frame.equals(other.frame)


def test_sizes_places_and_scopes_are_as_set(answers):
    frame = answers.frame
    assert frame["role"].value_counts().to_dict() == SIZES
    assert frame["resp_id"].is_unique
    assert frame.loc[frame["role"] == "board", ["township_id", "village_id"]].isna().all(axis=None)
    assert frame.loc[frame["role"] == "librarian", "village_id"].isna().all()
    assert frame.loc[frame["role"] != "board", "township_id"].nunique() == COUNTY.townships
    readers = frame[frame["role"] == "reader"]
    assert (readers["village_id"].str[:3] == readers["township_id"]).all()
    assert frame.groupby("role")["scope"].first().to_dict() == {
        "board": "county", "librarian": "township", "reader": "village"
    }  # fmt: skip
    assert readers.loc[readers["mode"] == "interviewer", "interviewer_id"].notna().all()


def test_every_answer_is_a_code_of_its_own_scale_or_inside_its_limits(answers):
    for item in answers.questionnaire.items:
        for column in item.columns:
            given = answers.frame[column].dropna()
            if item.type in ("select_multiple",):
                assert set(given) <= {0, 1}
            elif item.type == "rank":
                assert set(given) <= {0, 1, 2, 3}
            elif column.endswith("_assigned"):
                assert set(given) == set(item.assign)
            elif item.scale is not None:
                assert set(given) <= {c.code for c in item.scale.choices}
            elif item.limits is not None:
                assert given.between(*item.limits).all()


def test_what_was_not_shown_is_empty_and_nearly_everything_shown_is_answered(answers):
    for item in answers.questionnaire.items:
        forms = [r.name for r in answers.questionnaire.roles if item in answers.questionnaire.asked(r.name)]
        shown = answers.shown(item.name) & answers.frame["role"].isin(forms)
        answered = answers.frame[list(item.columns)].notna().all(axis=1)
        bots = answers.frame["resp_id"].isin(answers.truth.careless["resp_id"])
        assert not answered[~shown].any(), item.name
        if item.identifier == "direct":
            assert not answered.any()
        elif item.required:
            assert answered[shown].all(), item.name
        elif item.type != "text":
            assert answered[shown & ~bots].mean() > 0.96, item.name


def test_lists_hold_at_most_the_picks_allowed_and_no_problem_stands_alone(answers):
    picks = answers.frame[[f"cause_{c}" for c in (1, 2, 3, 4, 5, 6, 98, 99)]].dropna().astype(int)
    assert picks.sum(axis=1).between(1, 3).all()
    alone = picks["cause_99"] == 1
    assert alone.any()
    assert (picks["cause_98"] == 1).any()
    assert (picks[alone].sum(axis=1) == 1).all()


def test_ranks_run_from_one_without_gaps(answers):
    ranks = answers.frame[[f"order_{c}" for c in (1, 2, 3, 4, 5, 6, 98, 99)]].dropna().astype(int).to_numpy()
    for row in ranks:
        given = np.sort(row[row > 0])
        np.testing.assert_array_equal(given, np.arange(1, len(given) + 1))


def test_lists_point_at_the_true_causes(large):
    share = large.frame[[f"cause_{c}" for c in range(1, 7)]].mean()
    causes = share[["cause_1", "cause_2", "cause_3", "cause_4"]]
    assert causes.min() > 1.2 * share[["cause_5", "cause_6"]].max()
    null = simulate(large.questionnaire, HONEST.without_slopes(), seed=3)
    even = null.frame[[f"cause_{c}" for c in range(1, 7)]].mean()
    assert even.max() - even.min() < 0.15


def test_demand_falls_in_the_bid(large):
    readers = large.frame[large.frame["role"] == "reader"]
    demand = readers["fee"].astype(float).groupby(readers["fee_assigned"].astype(float)).mean()
    assert demand.is_monotonic_decreasing
    assert demand.index.tolist() == [2, 5, 10, 20]
    bid = demand.index.to_numpy()
    np.testing.assert_allclose(demand, 1 / (1 + np.exp(-(1.2 - 0.15 * bid))), atol=0.05)


def test_levels_and_leniency_come_out_as_set(large):
    points = large.scores(["MGT", "FUN", "ACC"])
    truth = large.truth.townships.set_index("township_id")
    readers = large.frame["role"] == "reader"
    place = large.frame.loc[readers, "township_id"]
    for construct, top in (("MGT", 5), ("ACC", 7)):
        pomp = 100 * (points.loc[readers, construct] - 1) / (top - 1)
        assert pomp.mean() == pytest.approx(truth.loc[place, construct].mean(), abs=1.0)
    lenient = simulate(
        large.questionnaire, replace(HONEST, leniency={"librarian": 20.0}, sizes=dict.fromkeys(SIZES, 800)), seed=1
    )
    means = lenient.scores("MGT")["MGT"].groupby(lenient.frame["role"]).mean()
    assert 25 * (means["librarian"] - means["reader"]) == pytest.approx(20, abs=2.5)


def test_reversed_items_are_really_reversed(large):
    raw = large.items("FUN", keyed=False).corr()
    keyed = large.items("FUN").corr()
    assert (raw.loc["FUN4R", ["FUN1", "FUN2", "FUN3"]] < -0.15).all()
    assert (keyed.loc["FUN4R", ["FUN1", "FUN2", "FUN3"]] > 0.15).all()


def test_items_have_the_loading_that_was_set(questionnaire):
    county = replace(HONEST, slopes={}, yes_saying_sd=0.0, late_pay=None, loadings={}, sizes=dict.fromkeys(SIZES, 3000))
    items = simulate(questionnaire, county, seed=2).where(role="reader").items("MGT")
    r = items.corr().to_numpy()[np.triu_indices(4, 1)]
    # Five categories cost a correlation about a tenth of itself.
    np.testing.assert_allclose(r, 0.9 * 0.75**2, atol=0.04)


def test_the_non_invariant_item_is_shifted_in_its_group_alone(questionnaire):
    shifted = replace(HONEST, noninvariant=("reader", "SUP2", -14.0), leniency={})
    before, after = (simulate(questionnaire, p, seed=4) for p in (replace(shifted, noninvariant=None), shifted))
    change = (after.items(["SUP", "MGT"]) - before.items(["SUP", "MGT"])).groupby(before.frame["role"]).mean()
    assert 25 * change.loc["reader", "SUP2"] == pytest.approx(-14, abs=2)
    assert change.drop(columns="SUP2").abs().max(axis=None) == 0
    assert change.loc[["board", "librarian"], "SUP2"].abs().max() == 0
    assert after.truth.noninvariant == ("reader", "SUP2", -14.0)


def test_a_shift_of_an_item_that_is_not_asked_is_not_in_the_truth(questionnaire):
    assert simulate(questionnaire, Population(), seed=1).truth.noninvariant is None


def test_dont_knows_come_at_their_rates(questionnaire):
    county = replace(HONEST, dont_know={("reader", "FUN"): 0.3}, sizes={**SIZES, "reader": 2000})
    answers = simulate(questionnaire, county, seed=5)
    said = (answers.frame[["FUN1", "FUN2", "MGT1"]] == 9).groupby(answers.frame["role"]).mean()
    assert said.loc["reader", "FUN1"] == pytest.approx(0.3, abs=0.04)
    assert said.loc["reader", "MGT1"] == pytest.approx(0.02, abs=0.015)


def test_careless_rows_are_what_the_truth_says(answers):
    careless = answers.truth.careless.set_index("resp_id")["kind"]
    assert careless.value_counts().to_dict() == {"straightliner": round(0.03 * 480), "bot": round(0.02 * 480)}
    frame = answers.frame.set_index("resp_id")
    agree = [i.name for i in answers.questionnaire.items if i.type == "rating" and not i.name.startswith("ACC")]
    lines = frame.loc[careless.index[careless == "straightliner"], agree]
    assert (lines.nunique(axis=1) == 1).all()
    bots = frame.loc[careless.index[careless == "bot"]]
    assert set(bots["role"]) == {"reader"}
    same = bots[agree].eq(bots[agree].mode().iloc[0]) | bots[agree].isna()
    assert (same.mean(axis=1) > 0.7).all()
    seconds = (pd.to_datetime(frame["t_end"]) - pd.to_datetime(frame["t_start"])).dt.total_seconds()
    assert seconds[careless.index].max() < seconds.drop(careless.index).min()
    others = frame.drop(careless.index)[agree].drop(columns="check1")
    assert (others.nunique(axis=1) > 1).all()


def test_attention_check_is_obeyed_by_nearly_all_but_the_careless(answers):
    asked = answers.frame["role"].isin(["board", "librarian"])
    honest = asked & ~answers.frame["resp_id"].isin(answers.truth.careless["resp_id"])
    assert answers.frame.loc[honest, "check1"].eq(2).mean() > 0.9


def test_guesses_are_too_high_by_the_optimism_that_was_set(questionnaire):
    county = replace(HONEST, optimism={"board": 20.0}, sizes=dict.fromkeys(SIZES, 800))
    answers = simulate(questionnaire, county, seed=6)
    guess = answers.frame["guess"].groupby(answers.frame["role"]).mean()
    assert guess["board"] > guess["librarian"] + 1.5


def test_true_effects_follow_the_paths_that_avoid_other_drivers(answers):
    truth = answers.truth
    assert truth.effects(DRIVERS).to_dict() == pytest.approx({"MGT": 0.6, "FUN": 0.47, "SUP": 0.0})
    assert truth.effects(["SUP"])["SUP"] == pytest.approx(0.5 * 0.6)
    assert truth.effects([*DRIVERS, "EFS"]).to_dict() == pytest.approx({"MGT": 0.45, "FUN": 0.35, "SUP": 0, "EFS": 0.3})
    assert truth.top(DRIVERS) == ("MGT", "FUN")
    assert truth.total_effects["SUP"] == pytest.approx(0.3)
    with pytest.raises(DataError, match="Did you mean 'MGT'"):
        truth.effects(["MTG"])


def test_true_effects_are_the_regression_of_true_values(large):
    for places in (large.truth.townships, large.truth.villages):
        x = np.column_stack([np.ones(len(places)), places[DRIVERS]])
        slopes = np.linalg.lstsq(x, places["SAT"], rcond=None)[0][1:]
        np.testing.assert_allclose(slopes, large.truth.effects(DRIVERS), atol=0.2)


def test_both_true_causes_come_out_above_supervision_between_townships(questionnaire):
    county = HONEST.scaled(townships=60)
    found = [cross_informant(simulate(questionnaire, county, seed=seed)) for seed in range(12)]
    assert sum(min(mgt, fun) > sup for mgt, fun, sup in found) >= 11


def test_nothing_goes_together_between_informants_when_all_slopes_are_zero(questionnaire):
    county = replace(HONEST, group_halo_sd=6.0).without_slopes().scaled(townships=60)
    slopes = np.array([cross_informant(simulate(questionnaire, county, seed=seed)) for seed in range(12)])
    se = slopes.std(axis=0, ddof=1) / np.sqrt(len(slopes))
    assert (np.abs(slopes.mean(axis=0)) < 3.5 * se).all()
    one = simulate(questionnaire, county, seed=0).where(role="reader")
    assert one.scores(["MGT", "SAT"]).corr().iloc[0, 1] > 0.25


def test_records_and_observers_follow_the_truth_and_not_the_respondents(large):
    truth, records = large.truth.townships, large.context["administrative"]
    assert records["township_id"].tolist() == truth["township_id"].tolist()
    assert np.corrcoef(records["budget_per_household"], truth["FUN"])[0, 1] > 0.7
    assert np.corrcoef(records["late_months"], truth["FUN"])[0, 1] < -0.6
    assert np.corrcoef(records["inspection_score"], truth["EFS"])[0, 1] > 0.6
    seen = observer_by_township(large.context["observer"])
    assert np.corrcoef(seen["observer_score"], truth["EFS"])[0, 1] > 0.8
    joined = large.join(records, on="township_id").join(seen, on="township_id")
    assert joined.frame.loc[joined.frame["role"] == "reader", "observer_score"].notna().all()


def test_township_score_of_observers_counts_each_village_once():
    sheets = pd.DataFrame(
        {
            "township_id": ["T1"] * 3,
            "village_id": ["a", "a", "b"],
            "X1": [2.0, 2.0, 0.0],
            "X2": [2.0, np.nan, 1.0],
        }
    )
    score = observer_by_township(sheets)
    assert score["observer_score"].tolist() == [pytest.approx((100 + 25) / 2)]
    assert score["observed_villages"].tolist() == [2]
    with pytest.raises(DataError, match="village_id"):
        observer_by_township(sheets.drop(columns="village_id"))


def test_raw_files_read_back_as_they_were(answers, tmp_path):
    written = write_study_data(answers, tmp_path / "raw")
    assert [p.name for p in written] == ["responses.csv", "administrative.csv", "observer.csv", "truth.json"]
    back = pd.read_csv(written[0], dtype=str, encoding="utf-8-sig")
    assert back.columns.tolist() == answers.frame.columns.tolist()
    assert back["MGT1"].dropna().astype(int).tolist() == answers.frame["MGT1"].dropna().tolist()
    assert back["village_id"].isna().equals(answers.frame["village_id"].isna())
    truth = json.loads(written[-1].read_text(encoding="utf-8"))
    assert truth["seed"] == 7
    assert len(truth["careless"]) == len(answers.truth.careless)


def test_the_s_county_forms_are_filled_in_as_they_ask(s_county):
    questionnaire, frame = s_county.questionnaire, s_county.frame
    assert frame["role"].value_counts().to_dict() == dict(Population().sizes)
    for item in questionnaire.items:
        forms = [role.name for role in questionnaire.roles if item in questionnaire.asked(role.name)]
        columns = [c for c in item.columns if forms]
        assert set(columns) <= set(frame), item.name
        shown = s_county.shown(item.name) & frame["role"].isin(forms)
        answered = frame[columns].notna().all(axis=1)
        assert not answered[~shown].any() or not forms, item.name
        if item.required and forms:
            assert answered[shown].all(), item.name
        if item.scale is not None and item.type in ("rating", "select_one"):
            allowed = {c.code for c in item.scale.choices} | set(item.missing_codes)
            assert set(frame.get(item.name, pd.Series(dtype=float)).dropna()) <= allowed, item.name


def test_observer_sheets_have_the_columns_that_the_sheet_asks_for(s_county):
    marks = s_county.context["observer"]
    points = [i for i in s_county.questionnaire.items if i.name.startswith("X") and i.name[1:].isdigit()]
    assert len(points) == 10
    for item in points:
        assert set(marks[item.name]) <= {c.code for c in item.scale.choices}
    assert {"observer_id", "visit_no", "date", "township_id", "village_id"} <= set(marks)
    score = observer_by_township(marks).set_index("township_id")["observer_score"]
    truth = s_county.truth.townships.set_index("township_id")["EFS"]
    assert np.corrcoef(score, truth[score.index])[0, 1] > 0.6


def test_what_is_written_is_read_back_as_it_was(s_county, tmp_path):
    written = write_study_data(s_county, tmp_path)
    back = read_responses(written[0], s_county.questionnaire)
    # Bots copy: what is alike was made so.
    assert set(back.log.events["code"]) <= {"SG117"}
    assert back.log.events["n"].sum() <= 2 * s_county.truth.careless["kind"].eq("bot").sum()
    assert back.frame.columns.tolist() == s_county.frame.columns.tolist()
    core = ["EFS", "EFL", "MGT", "FUN", "SUP", "SAT"]
    pd.testing.assert_frame_equal(back.scores(core), s_county.scores(core))


def test_late_pay_is_felt_where_funding_is_low(s_county):
    late = s_county.variables(["H_delay"])["H_delay"].groupby(s_county.frame["township_id"]).mean()
    assert np.corrcoef(late, s_county.truth.late_months[late.index])[0, 1] > 0.7


def test_a_study_says_that_it_is_simulated(answers):
    assert answers.simulated
    assert answers.basis().simulated
    assert answers.log.steps[-1].n_out == len(answers)


def test_a_questionnaire_without_roles_is_refused(questionnaire):
    with pytest.raises(QuestionnaireError, match="nobody is asked"):
        simulate(replace(questionnaire, roles=()), seed=1)
