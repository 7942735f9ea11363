"""What Kobo's exports say of submissions, and labels of several choices in one cell."""

import csv
from pathlib import Path

import openpyxl
import pytest

import sgsurvey as sg
from sgsurvey.ingest.kobo import is_kobo

FIXTURES = Path(__file__).parent / "fixtures" / "kobo"


@pytest.fixture
def submissions(instrument):
    """Seven submissions, one edited, one not approved, one on hold."""
    return sg.read_responses(FIXTURES / "xml_groups_hxl.csv", instrument, source="kobo")


def test_what_was_not_approved_and_what_was_edited_is_set_aside(submissions):
    assert submissions.frame["resp_id"].tolist() == ["u1", "u4", "u5", "u6", "u7"]
    assert submissions.log.quarantine[["row", "reason"]].values.tolist() == [[4, "rejected"], [5, "duplicate"]]
    assert submissions.frame["TR1"].tolist() == [4, 5, 4, 4, 4], "the last state of the edited one"


def test_what_is_on_hold_is_kept_and_told(submissions):
    told = submissions.log.events.query("code == 'SG151' and action == 'warn'")
    assert told[["row", "n", "column"]].values.tolist() == [[9, 1, "_validation_status"]]


def test_a_choice_that_the_form_no_longer_has_is_told_and_the_others_beside_it_kept(submissions):
    assert submissions.frame[["crops_1", "crops_2", "crops_3", "crops_98"]].iloc[2].tolist() == [0, 1, 0, 0]
    told = submissions.log.events.query("code == 'SG122'")
    assert told[["action", "row", "n", "value"]].values.tolist() == [["warn", 7, 1, "2 77"]]


def test_surplus_cells_and_tags_leave_no_trace(submissions):
    told = submissions.log.events.set_index("code")
    assert told.loc["SG109", ["row", "n"]].tolist() == [7, 3]
    assert told.loc["SG108", "row"] == 2
    assert submissions.frame["words"].iloc[0] == '路灯坏了\n"三盏"'


def test_a_question_that_was_not_answered_has_no_choices(submissions):
    assert submissions.frame.loc[[3, 4], ["crops_1", "crops_98"]].isna().all(axis=None)
    assert submissions.shown("crops").tolist() == [True, True, True, False, True]


def test_the_duration_is_from_start_to_end(submissions):
    assert submissions.frame["seconds"].tolist() == [630.0] * 5
    assert submissions.frame["t_start"].iloc[0] == "2026-05-01T09:01:00.000+08:00"


def test_labels_in_one_cell_are_read_where_they_can_be_in_one_way(instrument):
    answers = sg.read_responses(FIXTURES / "labels_summary.csv", instrument, source="kobo", allow_missing=["first"])
    assert answers.frame[["crops_1", "crops_2", "crops_3"]].iloc[:2].values.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert answers.frame["crops_1"].isna().tolist() == [False, False, True]


def test_the_warning_of_a_cut_cell_is_taken_out_and_told(instrument):
    answers = sg.read_responses(FIXTURES / "labels_summary.csv", instrument, source="kobo")
    assert answers.frame["words"].iloc[2] == "很长的话"
    assert answers.log.events.query("code == 'SG128'")[["row", "n"]].values.tolist() == [[4, 1]]


def test_the_tool_is_suggested_and_never_taken_for_granted(instrument):
    answers = sg.read_responses(FIXTURES / "xml_groups_hxl.csv", instrument)
    assert answers.log.events.query("code == 'SG147'")["message"].str.contains("KoboToolbox").tolist() == [True]
    assert len(answers) == 7
    assert not is_kobo(["start", "end", "_uuid"])


def test_more_than_one_removed_choice_leaves_more_than_one_stale_cell(instrument, write):
    text = (FIXTURES / "xml_groups_hxl.csv").read_bytes().decode()
    assert text.endswith(';"7";"1"\r\n')
    answers = sg.read_responses(write(text.removesuffix("\r\n") + ';"0"\r\n'), instrument, source="kobo")
    assert len(answers) == 5
    assert dict(answers.log.steps[0].set_aside) == {"rejected": 1, "duplicate": 1}


def test_the_sheet_of_a_repeat_stands_beside_the_submissions(instrument, tmp_path):
    with (FIXTURES / "labels_summary.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    repeat = [
        ["day", "_index", "_parent_table_name", "_parent_index", "_submission__id"],
        ["1", "1", "小问卷", "1", "1"],
    ]
    book = openpyxl.Workbook()
    book.active.title = "小问卷"
    for sheet, rows in ((book.active, lines), (book.create_sheet("visits"), repeat)):
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "small.xlsx")
    answers = sg.read_responses(tmp_path / "small.xlsx", instrument, source="kobo")
    assert answers.frame["resp_id"].tolist() == ["v1", "v2", "v3"]
    assert answers.frame["crops_3"].iloc[0] == 1
