from dataclasses import replace

import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.ingest.read import read_responses
from sgsurvey.questionnaire.model import Choice
from sgsurvey.text import Text


def events(answers, code):
    found = answers.log.events
    return found[found["code"] == code]


@pytest.mark.parametrize("name", ["answers.csv", "answers.xlsx"])
def test_sound_rows_come_back_cell_by_cell(write, cells, instrument, name):
    answers = read_responses(write(cells(), name), instrument)
    frame = answers.frame
    assert frame["role"].tolist() == ["villager", "villager", "cadre", "cadre"]
    assert frame["TR3R"].tolist() == [3, 9, 3, 4]
    assert frame["EF1"].tolist() == [4, 2, pd.NA, pd.NA]
    assert frame["age"].tolist() == [30.0, 41.0, 55.0, -9.0]
    assert str(frame["TR1"].dtype) == "Int16"
    assert str(frame["age"].dtype) == "float64"
    assert answers.items("TR")["TR3R"].tolist()[:1] == [3.0]
    assert answers.log.steps[0].n_in == answers.log.steps[0].n_out == 4
    assert len(next(iter(answers.log.inputs.values()))) == 64


def test_labels_of_both_languages_and_codes_may_stand_in_one_column(write, cells, instrument):
    answers = read_responses(write(cells(TR1=["Agree", "同意", "4", "4 同意"])), instrument)
    assert answers.frame["TR1"].tolist() == [4, 4, 4, 4]
    told = events(answers, "SG123")
    assert dict(zip(told["message"], told["n"], strict=True)) == {
        "English labels read as codes.": 1,
        "Chinese labels read as codes.": 2,
    }


def test_numbers_in_other_forms_are_mended_and_counted(write, cells, instrument):
    answers = read_responses(write(cells(TR1=["４", "4.0", "'4", "④"], age=["３０", " 41 ", "55.0", ""])), instrument)
    assert answers.frame["TR1"].tolist() == [4, 4, 4, 4]
    assert answers.frame["age"].tolist()[:3] == [30.0, 41.0, 55.0]
    fixed = events(answers, "SG124")
    assert fixed.set_index("column")["n"].to_dict()["TR1"] == 4


@pytest.mark.parametrize(("value", "code"), [("4分", "SG122"), ("6", "SG120"), ("99", "SG129"), ("四", "SG122")])
def test_a_cell_that_is_no_answer_is_set_aside_with_its_value_and_row(write, cells, instrument, value, code):
    answers = read_responses(write(cells(TR1=[value, 4, 4, 4])), instrument)
    assert answers.frame["TR1"].isna().tolist() == [True, False, False, False]
    line = events(answers, code).iloc[0]
    assert (line["action"], line["row"], line["column"], line["value"], line["n"]) == ("invalid", 2, "TR1", value, 1)


@pytest.mark.parametrize("word", ["NA", "无", "/", "N/A", "（空）", "None", "'", '""', "<p></p>"])
def test_words_for_no_answer_are_empty_and_counted(write, cells, instrument, word):
    answers = read_responses(write(cells(TR1=[word, 4, 4, 4])), instrument)
    assert answers.frame["TR1"].isna().tolist()[0]
    assert events(answers, "SG125")["n"].sum() == 1


@pytest.mark.parametrize("mark", ["(跳过)", "（跳过）", "{question_not_shown}"])
def test_what_the_tool_did_not_show_is_kept_apart_from_what_was_left_empty(write, cells, instrument, mark):
    answers = read_responses(write(cells(TR1=[4, mark, "", 4], EF1=[4, 2, mark, ""])), instrument)
    assert answers.frame["TR1"].isna().tolist() == [False, True, True, False]
    assert answers.shown("TR1").tolist() == [True, False, True, True]
    assert list(answers.hidden) == ["TR1"], "EF1 is not asked of cadres anyway"
    assert events(answers, "SG126")["action"].tolist() == ["fix", "fix", "warn"]
    assert answers.where(role="villager").shown("TR1").tolist() == [True, False]


def test_words_for_the_studys_own_codes_of_no_answer_become_these_codes(write, cells, instrument):
    wide = replace(instrument, missing=(Choice(-9, Text("拒答", "Refused"), "refused"),))
    frame = read_responses(write(cells(age=["拒答", "Refused", -9, 30])), wide).frame
    assert frame["age"].tolist() == [-9.0, -9.0, -9.0, 30.0]


def test_every_cell_of_the_file_is_accounted_for(write, cells, instrument):
    lines = cells(TR1=[4, "x", "无", ""], phone=["13800000000"] * 4, odd=["?"] * 4)
    lines += [["a", *lines[1][1:]], ["g", "villager", 1]]
    log = read_responses(write(lines), instrument).log
    table = log.cells.set_index("column")
    assert table["cells"].sum() == 5 * len(lines[0]) + 3
    assert table.loc["TR1", ["read", "no_answer", "blank", "invalid", "set_aside"]].tolist() == [1, 1, 1, 1, 1]
    assert table.loc[["phone", "odd"], "left_out"].tolist() == [5, 5]
    assert table.loc["role", ["read", "set_aside"]].tolist() == [4, 1]
    assert log.invalid.to_numpy().tolist() == [[3, "TR1", "TR1", "x", "SG122"]]


def test_days_of_the_survey_and_test_submissions_are_told_apart(write, cells, instrument):
    begun = ["2026-10-31T23:59:00", "2026-11-01T08:00:00", "2026-11-02T08:00:00", "2026-12-01T00:00:00"]
    how = ReadOptions(since="2026-11-01", until="2026-11-30", tests=["c"])
    log = read_responses(write(cells(t_start=begun)), instrument, options=how).log
    assert dict(log.steps[0].set_aside) == {"outside": 2, "test": 1}
    assert log.quarantine["reason"].tolist() == ["outside", "test", "outside"]


def test_decimal_commas_are_read_where_they_are_declared(write, cells, instrument):
    lines = cells(age=["41,0", "1.041,0", "30", "x"])
    frame = read_responses(write(lines), instrument, options=ReadOptions(decimal=",")).frame
    assert frame["age"].tolist()[0] == 41.0
    assert frame["age"].isna().tolist() == [False, True, False, True]


def test_too_many_values_outside_the_codes_refuse_the_file(write, cells, instrument):
    with pytest.raises(DataError) as caught:
        read_responses(write(cells(TR1=[6, 7, 8, 4])), instrument)
    assert caught.value.code == "SG120"
    assert "TR1 3 of 4" in caught.value.what.en
    assert caught.value.where.en == "answers.csv, row 2, column 'TR1'"


def test_a_file_that_counts_from_zero_is_not_shifted_silently(write, cells, instrument):
    with pytest.raises(DataError, match="count from 0") as caught:
        read_responses(write(cells(TR1=[0, 0, 0, 4])), instrument)
    assert caught.value.code == "SG121"


def test_columns_that_changed_places_are_named(write, cells, instrument):
    with pytest.raises(DataError, match="TR1 and age change places") as caught:
        read_responses(write(cells(TR1=[30, 41, 55, 60], age=[1, 2, 3, 4])), instrument)
    assert caught.value.code == "SG112"


def test_a_missing_construct_item_is_refused_unless_allowed(write, cells, instrument):
    lines = [[c for h, c in zip(cells()[0], line, strict=True) if h != "TR2"] for line in cells()]
    path = write(lines)
    with pytest.raises(DataError, match="no column for TR2") as caught:
        read_responses(path, instrument)
    assert caught.value.code == "SG111"
    for allowed in ("TR2", "TR"):
        assert read_responses(path, instrument, allow_missing=[allowed]).frame["TR2"].isna().all()
    with pytest.raises(DataError, match="TR22"):
        read_responses(path, instrument, allow_missing=["TR22"])


def test_a_renamed_column_is_suggested_but_not_taken(write, cells, instrument):
    lines = cells()
    lines[0][3] = "TR_2"
    with pytest.raises(DataError, match="'TR_2' is like TR2"):
        read_responses(write(lines), instrument)


def test_items_of_roles_that_are_not_in_the_file_may_be_absent(write, instrument):
    lines = [["role", "TR1", "TR2", "TR3R", "EF2"], ["cadre", 1, 2, 3, 4]]
    assert read_responses(write(lines), instrument).frame["EF2"].tolist() == [4]


def test_another_questionnaires_file_is_refused(write, instrument):
    with pytest.raises(DataError) as caught:
        read_responses(write("name,score\nx,1\n"), instrument)
    assert caught.value.code == "SG102"
    with pytest.raises(DataError) as caught:
        read_responses(write("role,TR1,x\nvillager,1,2\n"), instrument)
    assert caught.value.code == "SG102"


def test_unknown_columns_identifiers_and_platform_columns_are_left_out_and_told(write, cells, instrument):
    extra = {"phone": ["13800000000"] * 4, "来自IP": ["1.1.1.1"] * 4, "odd": ["x"] * 4, "TR11": [1] * 4}
    answers = read_responses(write(cells(**extra)), instrument)
    assert not {"phone", "来自IP", "odd", "TR11"} & set(answers.frame.columns)
    assert events(answers, "SG118")["n"].tolist() == [1, 1]
    assert "nearest: TR1" in events(answers, "SG115").set_index("column").loc["TR11", "message"]
    assert "13800000000" not in answers.log.quarantine.to_string()


def test_heads_may_be_labels_with_numbering_tags_and_group_paths(write, instrument):
    header = [
        "主体",
        "1、村委会说到做到",
        "<b>账目是公开的</b>",
        "demo/TR3R",
        "第6题(我的收入更稳定了。)",
        "Q5. Projects reach the poorest",
    ]
    answers = read_responses(write([header, ["村民", 1, 2, 3, 4, 5]]), instrument)
    assert answers.frame[["TR1", "TR2", "TR3R", "EF1", "EF2"]].iloc[0].tolist() == [1, 2, 3, 4, 5]


def test_moved_columns_make_no_difference(write, cells, instrument):
    lines = cells()
    turned = [line[::-1] for line in lines]
    a = read_responses(write(lines, "a.csv"), instrument).frame
    b = read_responses(write(turned, "b.csv"), instrument).frame
    pd.testing.assert_frame_equal(a, b)


def test_a_column_twice_must_agree(write, cells, instrument):
    lines = [[*line, line[2]] for line in cells()]
    assert len(read_responses(write(lines), instrument)) == 4
    lines[2][-1] = 1
    with pytest.raises(DataError, match="both hold TR1") as caught:
        read_responses(write(lines), instrument)
    assert caught.value.code == "SG110"


def test_a_file_of_one_group_takes_its_role_from_the_argument(write, cells, instrument):
    lines = [[c for h, c in zip(cells()[0], line, strict=True) if h != "role"] for line in cells()]
    with pytest.raises(DataError) as caught:
        read_responses(write(lines), instrument)
    assert caught.value.code == "SG114"
    assert set(read_responses(write(lines), instrument, role="villager").frame["role"]) == {"villager"}


def test_role_must_not_contradict_the_column(write, cells, instrument):
    with pytest.raises(DataError, match="also has cadre"):
        read_responses(write(cells()), instrument, role="villager")


def test_rows_are_set_aside_with_reasons_that_add_up(write, cells, instrument):
    lines = cells()
    lines += [
        ["a", "villager", 2, 2, 2, 2, 2, 1, 30],
        ["e", "alien", 2, 2, 2, 2, 2, 1, 30],
        ["f", "villager", "", "", "", "", 3, 1, 30],
        ["g", "villager", 1],
    ]
    answers = read_responses(write(lines), instrument)
    step = answers.log.steps[0]
    assert step.n_in == 8
    assert step.n_out == len(answers) == 4
    assert dict(step.set_aside) == {"duplicate": 1, "unknown_role": 1, "incomplete": 1, "short_row": 1}
    aside = answers.log.quarantine.set_index("row")
    assert aside["reason"].to_dict() == {2: "duplicate", 7: "unknown_role", 8: "incomplete", 9: "short_row"}
    assert aside.loc[2, "TR1"] == "1"
    assert aside.loc[9, "cells"] == "g\tvillager\t1"
    assert answers.frame["TR1"].tolist() == [5, 3, 2, 2]


def test_lines_of_the_wrong_shape_keep_no_cells_where_some_column_identifies(write, cells, instrument):
    lines = [*cells(phone=["13800000000"] * 4), ["h", "villager", "13900000000"]]
    aside = read_responses(write(lines), instrument).log.quarantine
    assert aside["reason"].tolist() == ["short_row"]
    assert "13900000000" not in aside.to_string()


def test_ids_that_a_spreadsheet_destroyed_are_no_duplicates(write, cells, instrument):
    answers = read_responses(write(cells(resp_id=["1.10101E+17"] * 4)), instrument)
    assert len(answers) == 4
    assert events(answers, "SG137")["n"].tolist() == [4]


def test_another_version_is_refused(write, cells, instrument):
    assert len(read_responses(write(cells(version=["1.2"] * 4)), instrument)) == 4
    with pytest.raises(DataError) as caught:
        read_responses(write(cells(version=["1.2", "1.1", "1.1", "1.1"])), instrument)
    assert caught.value.code == "SG113"


def test_answers_to_questions_that_were_not_asked_are_kept_and_counted(write, cells, instrument):
    answers = read_responses(write(cells(EF1=[4, 2, 1, ""])), instrument)
    assert answers.frame["EF1"].tolist()[2] == 1
    assert events(answers, "SG138")[["column", "n"]].to_numpy().tolist() == [["EF1", 1]]


@pytest.mark.parametrize(("text", "code"), [(";|", "SG125"), ("〖玉米〗", "SG122")])
def test_marks_between_choices_choose_nothing_and_words_without_a_choice_are_set_aside(
    write, cells, instrument, text, code
):
    answers = read_responses(write(cells(crops=[text, "1", "", ""])), instrument)
    assert events(answers, code)["n"].tolist() == [1]
    assert not answers.frame.filter(like="crops_").iloc[0].any()


@pytest.mark.parametrize(
    "columns",
    [
        {"crops": ["1 3", "98", "", ""]},
        {"crops": ["1;3", "98", "", ""]},
        {"crops": ["水稻┋红茶, 绿茶", "其他〖玉米┋茶〗", "", ""]},
        {"crops": ["Rice, Black, green tea", "Other", "", ""]},
        {"crops_1": [1, 0, 0, 0], "crops_2": [0, 0, 0, 0], "crops_3": [1, 0, 0, 0], "crops_98": [0, 1, 0, 0]},
        {
            "farm/crops/1": ["True", "", "", ""],
            "farm/crops/2": ["", "", "", ""],
            "farm/crops/3": ["True", "", "", ""],
            "farm/crops/98": ["", "1", "", ""],
        },
        {
            "您种植什么？/水稻": [1, 0, "", ""],
            "您种植什么？/茶": [0, 0, "", ""],
            "您种植什么？/红茶, 绿茶": [1, 0, "", ""],
            "您种植什么？/其他": [0, 1, "", ""],
        },
        {
            "第3题(水稻)": [1, 0, "", ""],
            "crops(茶)": [0, 0, "", ""],
            "crops[3]": [1, 0, "", ""],
            "crops.98": [0, "其他", "", ""],
            "crops/1": [1, 0, "", ""],
        },
    ],
    ids=["space", "semicolon", "wjx", "labels", "one-hot", "kobo", "kobo-labels", "brackets"],
)
def test_choices_of_several_read_the_same_in_every_layout(write, cells, instrument, columns):
    frame = read_responses(write(cells(**columns)), instrument).frame
    got = frame[["crops_1", "crops_2", "crops_3", "crops_98"]].astype("float").fillna(-1).to_numpy().tolist()
    assert got == [[1, 0, 1, 0], [0, 0, 0, 1], [-1] * 4, [-1] * 4]


@pytest.mark.parametrize(
    "columns",
    [
        {"first": ["其他→水稻", "2", "", "98,1,2"]},
        {"first_1": [2, 0, "", 2], "first_2": [0, 1, "", 3], "first_3": [0, 0, "", 0], "first_98": [1, 0, "", 1]},
    ],
    ids=["cell", "columns"],
)
def test_ranks_read_the_same_from_one_cell_and_from_columns(write, cells, instrument, columns):
    frame = read_responses(write(cells(**columns)), instrument).frame
    got = frame[["first_1", "first_2", "first_3", "first_98"]].astype("float").fillna(-1).to_numpy().tolist()
    assert got == [[2, 0, 0, 1], [0, 1, 0, 0], [-1] * 4, [2, 3, 0, 1]]


def test_more_choices_than_allowed_are_kept_and_told(write, cells, instrument):
    answers = read_responses(write(cells(crops=["1 2 3", "1", "", ""])), instrument)
    assert answers.frame["crops_3"].tolist()[0] == 1
    assert len(events(answers, "SG135")) == 1


def test_dates_are_days_and_spreadsheet_numbers_are_understood(write, cells, instrument):
    days = ["2026/9/3 12:00:00", "2026-09-03", "46268", "2026-09-04T07:30:00+08:00"]
    assert read_responses(write(cells(visited=days)), instrument).frame["visited"].tolist() == ["2026-09-03"] * 4


def test_a_date_that_may_be_read_two_ways_is_refused(write, cells, instrument):
    with pytest.raises(DataError) as caught:
        read_responses(write(cells(visited=["03/04/2026"] * 4)), instrument)
    assert (caught.value.code, "visited" in caught.value.where.en) == ("SG131", True)


def test_a_date_where_a_code_is_expected_is_set_aside(write, cells, instrument):
    answers = read_responses(write(cells(TR1=["2026-03-04", 4, 4, 4])), instrument)
    assert len(events(answers, "SG130")) == 1


@pytest.mark.parametrize("value", ["1,5", "30岁", "1,000"])
def test_numbers_with_commas_or_units_are_set_aside(write, cells, instrument, value):
    answers = read_responses(write(cells(age=[value, 30, 30, 30])), instrument)
    assert events(answers, "SG132")["value"].tolist() == [value]


def test_assigned_values_are_kept_beside_the_answer(write, cells, instrument):
    answers = read_responses(write(cells(fee=[1, 2, "", 1], fee_assigned=[2, 5, 10, 7])), instrument)
    assert answers.frame["fee_assigned"].tolist()[:3] == [2, 5, 10]
    assert answers.frame["fee_assigned"].isna().tolist()[3]


def test_unseen_characters_are_removed_and_long_texts_cut(write, cells, instrument):
    words = ["\u202eabc\x00", "=HYPERLINK(1)", "x" * 40_000, "<b>好</b>"]
    answers = read_responses(write(cells(words=words)), instrument)
    assert answers.frame["words"].tolist()[:2] == ["abc", "=HYPERLINK(1)"]
    assert len(answers.frame["words"].tolist()[2]) == 32_767
    assert answers.frame["words"].tolist()[3] == "<b>好</b>"
    assert events(answers, "SG127")["n"].tolist() == [1]
    assert events(answers, "SG128")["n"].tolist() == [1]


def test_places_and_ids_stay_text(write, cells, instrument):
    path = write(cells(township_id=["007", "8", "8", ""], resp_id=["01", "02", "03", "04"]))
    frame = read_responses(path, instrument).frame
    assert frame["township_id"].tolist()[:2] == ["007", "8"]
    assert frame["resp_id"].tolist() == ["01", "02", "03", "04"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10秒", 10), ("2分3秒", 123), ("1小时2分", 3720), ("95", 95), ("0:02:03", 123), ("2:03", 123)],
)
def test_durations_are_seconds(write, cells, instrument, text, seconds):
    frame = read_responses(write(cells(所用时间=[text] * 4)), instrument).frame
    assert frame["seconds"].tolist() == [seconds] * 4


def test_a_questionnaire_without_roles_needs_none(write, instrument):
    items = tuple(replace(item, roles=()) for item in instrument.items)
    plain = replace(instrument, roles=(), items=items)
    answers = read_responses(write("TR1,TR2,TR3R,EF1,EF2\n1,2,3,4,5\n"), plain)
    assert "role" not in answers.frame
    assert len(answers) == 1


def test_files_that_cannot_be_opened_say_why(tmp_path, instrument):
    for path in (tmp_path / "不存在 的.csv", tmp_path):
        with pytest.raises(DataError) as caught:
            read_responses(path, instrument)
        assert caught.value.code == "SG160"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SG107"),
        (b"\n\n , \n", "SG102"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "SG143"),
        (b"<!DOCTYPE html><html><table>", "SG144"),
        (b"\xef\xbb\xbf<html>", "SG144"),
        (b"%PDF-1.7", "SG101"),
        (b"\x00\x01\x02" * 100, "SG101"),
        (b"PK\x03\x04junk", "SG106"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(write, instrument, content, code):
    with pytest.raises(DataError) as caught:
        read_responses(write(content, "answers.xlsx"), instrument)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_text_file_named_xlsx_is_read_and_told(write, cells, instrument):
    answers = read_responses(write(write(cells()).read_bytes(), "answers.xlsx"), instrument)
    assert len(answers) == 4
    assert "SG101" in set(answers.log.events["code"])


def test_source_must_agree_with_the_content(write, cells, instrument):
    with pytest.raises(DataError, match="source='xlsx'"):
        read_responses(write(cells()), instrument, source="xlsx")
    with pytest.raises(DataError, match="'savv' is not known"):
        read_responses(write(cells()), instrument, source="savv")


def test_a_header_alone_gives_no_answers_and_a_warning(write, cells, instrument):
    for name in ("a.csv", "a.xlsx"):
        answers = read_responses(write(cells()[:1], name), instrument)
        assert len(answers) == 0
        assert "SG107" in set(answers.log.events["code"])


@pytest.mark.parametrize("name", ["answers.csv", "answers.xlsx"])
def test_simulated_answers_come_back_cell_by_cell(tmp_path, name):
    instrument = sg.read_questionnaire("questionnaires")
    made = sg.simulate(instrument, sg.Population(sizes={r.name: 12 for r in instrument.roles}), seed=3)
    path = tmp_path / name
    if name.endswith("csv"):
        made.frame.to_csv(path, index=False, encoding="utf-8-sig")
    else:
        made.frame.to_excel(path, index=False)
    read = read_responses(path, instrument)
    assert len(read) + len(read.log.quarantine) == len(made)
    kept = made.frame[made.frame["resp_id"].isin(read.frame["resp_id"])].reset_index(drop=True)
    assert set(kept.columns) == set(read.frame.columns)
    for column in kept:
        ours, theirs = read.frame[column], kept[column]
        if pd.api.types.is_numeric_dtype(theirs):
            assert ours.astype("float64").equals(theirs.astype("float64")), column
        else:
            assert ours.fillna("").tolist() == theirs.fillna("").tolist(), column
