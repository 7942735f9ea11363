import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.questionnaire.model import Item, Questionnaire


@pytest.fixture(scope="module")
def county():
    return sg.simulate(sg.read_questionnaire("questionnaires"), seed=2)


def test_what_names_people_or_quotes_them_is_left_out(county):
    shared = sg.shareable(county)
    gone = set(county.frame) - set(shared.frame)
    texts = {i.name for i in county.questionnaire.items if i.type == "text"} - {
        "township_id",
        "village_id",
        "t_start",
        "t_end",
    }
    assert gone == ({"resp_id", "interviewer_id"} | texts) & set(county.frame)
    assert shared.truth is None
    assert not shared.labels
    assert not shared.context
    assert len(shared.log.quarantine) == len(shared.log.invalid) == len(shared.log.events) == 0


def test_what_was_joined_about_places_is_left_out_and_the_design_stays_where_it_can(county):
    places = sorted(county.frame["township_id"].dropna().unique())
    table = pd.DataFrame({"township_id": places, "budget": np.arange(len(places)) * 1000.0})
    placed = county.where(role="villager").join(table, on="township_id").designed(sg.Design(clusters="township_id"))
    shared = sg.shareable(placed)
    assert "budget" not in shared.frame
    assert shared.design.clusters == "township_id"
    assert shared.design.whole is None
    assert sg.shareable(placed, drop=["township_id"]).design.is_simple


def test_answers_and_statistics_stay_what_they_are(county):
    shared = sg.shareable(county)
    constructs = ["EFS", "MGT", "FUN"]
    for name in constructs:
        np.testing.assert_array_equal(
            np.sort(shared.scores(name)[name].dropna()), np.sort(county.scores(name)[name].dropna())
        )
    ours, theirs = (sg.reliability(a, constructs).frame for a in (shared, county))
    np.testing.assert_allclose(ours["alpha"], theirs["alpha"], rtol=1e-12)


def test_places_have_numbers_that_do_not_tell_their_names_and_stay_together(county):
    shared = sg.shareable(county).frame
    assert set(shared["village_id"].dropna()).isdisjoint(county.frame["village_id"])
    sizes = [np.sort(frame["village_id"].value_counts()) for frame in (shared, county.frame)]
    np.testing.assert_array_equal(*sizes)
    pairs = [
        frame.groupby("township_id")["village_id"].nunique().sort_values().tolist() for frame in (shared, county.frame)
    ]
    assert pairs[0] == pairs[1]


def test_hours_become_days_and_the_order_of_rows_tells_nothing(county):
    rng = np.random.default_rng(1)
    seconds = rng.integers(0, 10**6, len(county))
    begun = [str(pd.Timestamp("2026-05-01") + pd.Timedelta(seconds=int(s))) for s in seconds]
    timed = county.frame.assign(t_start=pd.Series(begun, dtype="str"))
    answers = sg.Responses(timed, county.questionnaire)
    shared = sg.shareable(answers).frame
    assert shared["t_start"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    again = sg.shareable(sg.Responses(timed.sample(frac=1, random_state=3), county.questionnaire)).frame
    columns = [c for c in shared if c not in ("township_id", "village_id")]
    pd.testing.assert_frame_equal(
        shared[columns].sort_values(columns, ignore_index=True), again[columns].sort_values(columns, ignore_index=True)
    )


def test_bands_mergers_and_drops_lower_the_risk_as_was_suggested(county):
    before = sg.disclosure_risk(sg.shareable(county), ["role", "township_id", "village_id"])
    after = sg.disclosure_risk(sg.shareable(county, drop=["village_id"]), ["role", "township_id"])
    assert len(after.rows_at_risk) < len(before.rows_at_risk)
    suggested = before.suggestions.set_index(["kind", "column"])["n_at_risk"][("drop", "village_id")]
    assert len(after.rows_at_risk) == suggested


def test_codes_for_no_answer_are_not_put_into_bands():
    item = sg.Text("年龄", "Age")
    age = Item("age", "integer", item, limits=(16, 99), missing={-9: "refused"})
    questionnaire = Questionnaire(id="q", version="1", title=item, items=(age,))
    answers = sg.Responses(pd.DataFrame({"age": [18.0, 29, 30, -9, np.nan]}), questionnaire)
    shared = sg.shareable(answers, bands={"age": 10}).frame["age"]
    assert sorted(shared.dropna()) == [-9, 10, 20, 30]


def test_rare_words_are_put_together_and_rare_codes_left_out(county):
    few = county.frame.assign(
        trade=["a"] * 300 + ["b"] * 3 + ["c"] * (len(county) - 303), band=[1] * 4 + [2] * (len(county) - 4)
    )
    shared = sg.shareable(sg.Responses(few, county.questionnaire), merge=["trade", "band"]).frame
    assert shared["trade"].value_counts().min() >= 5
    assert "b" not in set(shared["trade"])
    assert shared["band"].isna().sum() == 4


def test_a_column_that_is_not_there_is_told(county):
    with pytest.raises(sg.DataError, match="Did you mean 'village_id'"):
        sg.shareable(county, drop=["vilage_id"])
