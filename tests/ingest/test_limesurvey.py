"""LimeSurvey's CSV and VV: its own codes, places of rankings, escapes, what was not submitted."""

from dataclasses import replace
from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.ingest.limesurvey import is_limesurvey

FIXTURES = Path(__file__).parent / "fixtures" / "limesurvey"
CROPS = ["crops_1", "crops_2", "crops_3"]
FIRST = ["first_1", "first_2", "first_3", "first_98"]


@pytest.fixture(params=["codes_short.csv", "vvexport_123.csv"])
def answers(request, instrument):
    """The same four responses from both files; the second was not submitted."""
    return sg.read_responses(FIXTURES / request.param, instrument, source="limesurvey")


def test_a_response_without_a_day_of_submission_is_a_draft(answers):
    assert answers.frame["resp_id"].tolist() == ["1", "3", "4"]
    assert answers.log.quarantine["reason"].tolist() == ["draft"]
    (told,) = answers.log.events.query("code == 'SG151'")["message"]
    assert "submitdate" in told


def test_its_own_codes_are_read_as_declared_ones(answers):
    assert answers.frame[["TR1", "EF2", "sex", "fee", "fee_assigned"]].iloc[0].tolist() == [4, 9, 2, 1, 5]
    assert answers.frame["age"].tolist() == [30.0] * 3


def test_a_ranking_holds_what_was_put_in_each_place(answers):
    assert answers.frame[FIRST].iloc[0].tolist() == [2, 0, 1, 0]
    assert answers.frame[FIRST].iloc[1].tolist() == [3, 2, 0, 1]
    assert answers.frame[FIRST].iloc[2].isna().all()


def test_several_choices_are_ticked_or_not(answers):
    assert answers.frame[CROPS].iloc[0].tolist() == [1, 0, 1]
    assert answers.frame[CROPS].iloc[1].isna().all()
    assert answers.frame["seconds"].tolist() == [500.0] * 3


def test_words_come_back_as_they_were_typed(instrument):
    csv, vv = (
        sg.read_responses(FIXTURES / name, instrument, source="limesurvey").frame["words"]
        for name in ("codes_short.csv", "vvexport_123.csv")
    )
    assert csv.iloc[0] == "=早上\n下雨", "the apostrophe before a formula is LimeSurvey's"
    assert csv.iloc[1] == 'a;b "c"'
    assert vv.iloc[0] == '"早上" {下雨}\n二行\t完'
    assert vv.iloc[2] == "=1+1"


def test_words_beside_other_mean_that_other_was_picked(instrument):
    answers = sg.read_responses(FIXTURES / "codes_short.csv", instrument, source="limesurvey")
    assert answers.frame["crops_98"].iloc[2] == 1
    assert answers.frame["crops_98"].iloc[0] == 0
    assert len(answers.log.invalid) == 0


def test_vv_keeps_what_was_not_shown_from_what_was_left_empty(instrument):
    answers = sg.read_responses(FIXTURES / "vvexport_123.csv", instrument, source="limesurvey")
    cells = answers.log.cells.set_index("holds")
    assert cells.loc["EF1", ["read", "no_answer", "set_aside"]].tolist() == [2, 1, 1]
    assert cells.loc["crops_1", ["read", "no_answer", "blank"]].tolist() == [1, 1, 1]


HEADER = "id;submitdate;lastpage;startlanguage;role;TR1;TR2;TR3R;EF1;EF2;sex;age;crops[1];crops[2];crops[3];crops[98]"


@pytest.mark.parametrize(
    ("cells", "picked"),
    [("1;2;1;2", [1, 0, 1, 0]), ("2;2;2;1", [0, 0, 0, 1]), ("Y;;;", [1, 0, 0, 0]), (";;;", None)],
)
def test_two_means_no_where_yes_and_no_were_converted(instrument, write, cells, picked):
    row = f"1;2026-05-01 09:00:00;4;zh-Hans;villager;A1;A2;A3;A4;A5;A1;30;{cells}"
    answers = sg.read_responses(write(f"{HEADER}\n{row}\n"), instrument, source="limesurvey")
    found = answers.frame[[*CROPS, "crops_98"]].iloc[0]
    assert found.isna().all() if picked is None else found.tolist() == picked


def test_other_in_a_choice_of_one_is_the_choice_called_other(instrument, write):
    crop = replace(instrument.item("sex"), scale=instrument.scales["crop"])
    items = tuple(crop if item.name == "sex" else item for item in instrument.items)
    head, row = "id;submitdate;role;TR1;TR2;TR3R;EF1;EF2;sex", "1;2026-05-01;villager;-oth-;A2;A3;A4;A5;-oth-"
    answers = sg.read_responses(write(f"{head}\n{row}\n"), replace(instrument, items=items), source="limesurvey")
    assert answers.frame["sex"].tolist() == [98]
    assert answers.log.invalid[["item", "value", "code"]].values.tolist() == [["TR1", "-oth-", "SG122"]]


def test_a_code_that_names_another_question_than_its_text_is_refused(instrument, write):
    head = "id;submitdate. Date submitted;role. 您是;TR2. 村委会说到做到。;TR1. 账目是公开的。"
    with pytest.raises(sg.DataError) as error:
        sg.read_responses(write(f"{head}\n1;2026-05-01;villager;1;2\n"), instrument, source="limesurvey")
    assert error.value.code == "SG110"


def test_n_a_was_not_shown_but_stays_a_word_in_an_open_answer(instrument, write):
    head = "id;submitdate;role;TR1;TR2;TR3R;EF1;EF2;sex;words"
    row = "1;2026-05-01;villager;4;4;4;4;N/A;1;N/A"
    answers = sg.read_responses(write(f"{head}\n{row}\n"), instrument, source="limesurvey")
    assert answers.shown("EF2").tolist() == [False]
    assert answers.shown("words").tolist() == [True]
    assert answers.frame[["EF2", "words"]].isna().all(axis=None)


def test_it_is_known_by_its_first_columns():
    assert is_limesurvey(HEADER.split(";"))
    assert not is_limesurvey(["id", "submitdate"])
