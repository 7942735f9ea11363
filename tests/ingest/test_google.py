"""Google Forms: labels only, times in the form's own language, a form that was changed."""

from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.ingest.google import is_google
from sgsurvey.ingest.submissions import local_times

FIXTURES = Path(__file__).parent / "fixtures" / "google"
CROPS = ["crops_1", "crops_2", "crops_3", "crops_98"]


def test_what_was_ticked_is_told_apart_by_labels_that_hold_the_separator(instrument):
    form = sg.read_responses(FIXTURES / "form.csv", instrument, source="google")
    sheet = sg.read_responses(FIXTURES / "sheet_changed.csv", instrument, source="google")
    assert form.frame[CROPS].iloc[0].tolist() == [1, 0, 1, 0]
    assert form.frame[CROPS].iloc[1].isna().all()
    assert sheet.frame[CROPS].values.tolist() == [[1, 0, 1, 0], [0, 0, 0, 1]]


def test_lines_of_a_grid_find_their_questions(instrument):
    form = sg.read_responses(FIXTURES / "form.csv", instrument, source="google")
    assert form.frame[["TR3R", "EF1", "EF2"]].iloc[0].tolist() == [2, 3, 9]
    assert form.frame[["first_1", "first_2"]].iloc[0].tolist() == [1, 2]
    assert form.frame["t_end"].tolist() == ["2026-05-01T00:04:05", "2026-05-01T15:04:05"]


def test_an_address_never_reaches_the_answers(instrument):
    form = sg.read_responses(FIXTURES / "form.csv", instrument, source="google")
    assert form.log.cells.set_index("column").loc["电子邮件地址", "left_out"] == 2
    assert not form.frame.astype(str).apply(lambda column: column.str.contains("@")).any(axis=None)


def test_a_question_that_stands_twice_is_one_where_each_row_answered_once(instrument, write):
    sheet = sg.read_responses(FIXTURES / "sheet_changed.csv", instrument, source="google")
    assert sheet.frame["TR1"].tolist() == [4, 2]
    assert sheet.log.events.query("code == 'SG110'")["n"].tolist() == [2]
    both = (FIXTURES / "sheet_changed.csv").read_text(encoding="utf-8").replace('green tea",', 'green tea",一般')
    with pytest.raises(sg.DataError) as error:
        sg.read_responses(write(both), instrument, source="google")
    assert error.value.code == "SG110"


@pytest.mark.parametrize(
    ("texts", "times"),
    [
        (["2026/05/01 下午 3:04:05 GMT+8"], ["2026-05-01T15:04:05"]),
        (["2026/05/01 上午 12:00:05 GMT+8"], ["2026-05-01T00:00:05"]),
        (["2026/05/01 12:30:00 PM EST"], ["2026-05-01T12:30:00"]),
        (["5/13/2026 9:04:05", "5/2/2026 21:04:05"], ["2026-05-13T09:04:05", "2026-05-02T21:04:05"]),
        (["13/05/2026 09:04:05", "02/05/2026 21:04:05"], ["2026-05-13T09:04:05", "2026-05-02T21:04:05"]),
        (["13.05.2026 09:04:05", ""], ["2026-05-13T09:04:05", ""]),
        (["2026年5月1日 9:04"], ["2026-05-01T09:04:00"]),
        (["5/2/2026 9:04:05"], None),
        (["31/31/2026 9:04:05", "1/13/2026 9:04:05"], ["", ""]),
        (["yesterday"], [""]),
    ],
)
def test_times_are_read_where_the_day_is_known(texts, times):
    assert local_times(texts) == times


def test_times_without_a_known_day_are_left_out_and_told(instrument, write):
    text = (FIXTURES / "sheet_changed.csv").read_text(encoding="utf-8").replace("5/13/2026", "5/3/2026")
    sheet = sg.read_responses(write(text), instrument, source="google")
    assert "t_end" not in sheet.frame
    assert sheet.log.events.query("code == 'SG131'")["action"].tolist() == ["warn"]


def test_it_is_known_by_its_first_head():
    assert is_google(["Timestamp", "x"])
    assert not is_google(["x", "Timestamp"])
    assert not is_google([])
