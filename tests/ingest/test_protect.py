"""Nothing that names a person gets past reading: not into answers, not into the log, not into what is set aside."""

import csv
import io

import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.pseudonyms import pseudonym, write_key
from sgsurvey.ingest.names import PLATFORM

KEY = bytes(range(32))
QUESTIONNAIRE = """
id: fees
version: "1"
title: {zh: 收费, en: Fees}
roles:
  villager: {label: {zh: 村民, en: Villagers}}
choices:
  yesno: {1: {zh: 是, en: "Yes"}, 0: {zh: 否, en: "No"}}
blocks:
  all:
    label: {zh: 全部, en: All}
    questions:
      - {name: phone, type: integer, identifier: direct, label: {zh: 手机号, en: Phone}}
      - {name: name, type: text, identifier: direct, label: {zh: 您的姓名, en: Your name}}
      - {name: pays, type: select_one, choices: yesno, label: {zh: 交费吗, en: Do you pay}}
      - {name: fee, type: integer, min: 0, max: 500, label: {zh: 多少元, en: How much}}
      - {name: why, type: text, label: {zh: 为什么, en: Why}}
"""
PHONES = ["13800138000", "１３９００１３９０００", "+86 138 0013 8000", "1.38E+10", ""]
HEADS = ["resp_id", "手机号", "您的姓名", "pays", "fee", "why"]
ROWS = [
    ["1", PHONES[0], "张三", "1", "20", "打13800138000找我，2026年起"],
    ["2", PHONES[1], "李四", "0", "0", "没有意见"],
    ["3", PHONES[2], " 张　三", "1", "30", "邮箱 li@163.com 或 13900139000"],
    ["4", PHONES[3], "王五", "1", "25", "打13800138000找我，2026年起"],
    ["5", PHONES[4], "", "1", "13700137000", "身份证 11010519491231002X"],
]


@pytest.fixture
def questionnaire(tmp_path):
    file = tmp_path / "fees.yaml"
    file.write_text(QUESTIONNAIRE, encoding="utf-8")
    return sg.read_questionnaire(file)


def written(folder, rows=ROWS, heads=HEADS):
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    file = folder / "answers.csv"
    file.write_text(out.getvalue(), encoding="utf-8")
    return file


def everything(answers):
    """All that is kept of a file, as one text."""
    log = answers.log
    frames = (answers.frame, log.events, log.quarantine, log.invalid, log.cells)
    return "\n".join(frame.to_csv() for frame in frames)


def events(answers, code):
    return answers.log.events[answers.log.events["code"] == code]


def test_direct_identifiers_are_nowhere(questionnaire, tmp_path):
    answers = sg.read_responses(written(tmp_path), questionnaire)
    assert not {"phone", "name"} & set(answers.frame.columns)
    kept = everything(answers)
    assert not any(
        secret in kept for secret in ("张三", "张　三", "李四", "13800138000", "13900139000", "１３９００１３９０００")
    )
    assert events(answers, "SG118")["message"].iloc[0] == "direct identifiers left out: 手机号, 您的姓名."


def test_with_a_key_the_same_person_has_the_same_pseudonym(questionnaire, tmp_path):
    key = write_key(tmp_path / "study.key", KEY)
    answers = sg.read_responses(written(tmp_path), questionnaire, options=sg.ReadOptions(pseudonyms=key))
    phone, name = answers.frame["phone"], answers.frame["name"]
    assert phone[0] == phone[2] == pseudonym("13800138000", "fees", KEY)
    assert phone[1] == pseudonym("13900139000", "fees", KEY)
    assert phone[3:].isna().all(), "what a spreadsheet destroyed, and nothing, is nobody's"
    assert name[0] == name[2] != name[1]
    assert not any(secret in everything(answers) for secret in ("张三", "13800138000", "13900139000", KEY.hex()))
    assert set(events(answers, "SG175")["n"]) == {1, 2}
    assert events(answers, "SG118").empty


def test_another_key_gives_pseudonyms_that_cannot_be_joined(questionnaire, tmp_path):
    one, other = write_key(tmp_path / "a.key", KEY), write_key(tmp_path / "b.key", bytes(32))
    file = written(tmp_path)
    ours, theirs = (sg.read_responses(file, questionnaire, options=sg.ReadOptions(pseudonyms=k)) for k in (one, other))
    assert set(ours.frame["phone"].dropna()).isdisjoint(theirs.frame["phone"].dropna())
    rest = ["resp_id", "pays", "fee", "why"]
    pd.testing.assert_frame_equal(ours.frame[rest], theirs.frame[rest])


def test_a_key_that_cannot_be_read_stops_the_reading(questionnaire, tmp_path):
    with pytest.raises(sg.DataError, match="SG171"):
        sg.read_responses(written(tmp_path), questionnaire, options=sg.ReadOptions(pseudonyms=tmp_path / "nowhere.key"))


def test_a_file_without_identifiers_needs_no_key(questionnaire, tmp_path):
    file = written(tmp_path, [[*row[:1], *row[3:]] for row in ROWS], [*HEADS[:1], *HEADS[3:]])
    answers = sg.read_responses(file, questionnaire, options=sg.ReadOptions(pseudonyms=tmp_path / "nowhere.key"))
    assert "phone" not in answers.frame


def test_personal_data_in_open_answers_are_masked_and_counted_by_kind_and_column(questionnaire, tmp_path):
    answers = sg.read_responses(written(tmp_path), questionnaire)
    assert answers.frame["why"].tolist() == [
        "打[手机号]找我，2026年起",
        "没有意见",
        "邮箱 [邮箱] 或 [手机号]",
        "打[手机号]找我，2026年起",
        "身份证 [身份证号]",
    ]
    lines = events(answers, "SG170").set_index("message_zh")["n"]
    assert lines.to_dict() == {
        "文本回答中的个人信息已换成[手机号]。": 3,
        "文本回答中的个人信息已换成[邮箱]。": 1,
        "文本回答中的个人信息已换成[身份证号]。": 1,
    }
    assert (events(answers, "SG170")["column"] == "why").all()


def test_what_is_set_aside_holds_no_personal_data_either(questionnaire, tmp_path):
    rows = [*ROWS, ["6", "", "", "13600136000", "7", "x"], ["7", "", "", "1", "9", "13500135000"]]
    rows += [["7", "", "", "1", "9", "again"], ["8", "1"]]
    answers = sg.read_responses(written(tmp_path, rows), questionnaire)
    kept = everything(answers)
    assert not any(number in kept for number in ("13700137000", "13600136000", "13500135000"))
    assert set(answers.log.invalid["value"]) == {"[phone]"}
    assert {"duplicate", "short_row"} <= set(answers.log.quarantine["reason"])


def test_lines_of_the_wrong_shape_are_masked(questionnaire, tmp_path):
    heads = [*HEADS[:1], *HEADS[3:]]
    rows = [[*row[:1], *row[3:]] for row in ROWS]
    answers = sg.read_responses(written(tmp_path, [*rows, ["6", "1", "li@163.com"]], heads), questionnaire)
    assert "163.com" not in everything(answers)
    assert "[邮箱]" in everything(answers)


def test_cells_still_add_up_with_pseudonyms(questionnaire, tmp_path):
    key = write_key(tmp_path / "study.key", KEY)
    cells = sg.read_responses(
        written(tmp_path), questionnaire, options=sg.ReadOptions(pseudonyms=key)
    ).log.cells.set_index("column")
    assert cells.loc["手机号", ["cells", "read", "blank"]].tolist() == [5, 3, 2]


HEADS_OF_PLATFORMS = [
    # Wenjuanxing
    *("来自IP", "来源", "来源详情", "用户ID", "昵称", "openid", "姓名", "微信昵称", "头像"),
    # Kobo
    *("_submitted_by", "deviceid", "username", "phonenumber", "_geolocation", "audit", "_notes", "simserial"),
    *("subscriberid", "_loc_latitude", "_loc_longitude", "_loc_altitude", "_loc_precision", "_attachments"),
    # ODK Central
    *("SubmitterID", "SubmitterName", "DeviceID", "loc-Latitude", "loc-Longitude", "loc-Accuracy"),
    # LimeSurvey
    *("ipaddr", "token", "refurl", "firstname", "lastname", "email"),
    # Google Forms
    *("Email Address", "电子邮件地址", "Timestamp"),
    # Qualtrics
    *("IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference"),
    *("LocationLatitude", "LocationLongitude"),
]


@pytest.mark.parametrize("head", HEADS_OF_PLATFORMS)
def test_what_platforms_add_is_not_carried_over(questionnaire, tmp_path, head):
    rows = [[*row, f"secret{k}"] for k, row in enumerate(ROWS)]
    answers = sg.read_responses(written(tmp_path, rows, [*HEADS, head]), questionnaire)
    assert "secret" not in everything(answers)
    assert head in events(answers, "SG118")["message"].iloc[-1] + events(answers, "SG118")["message"].iloc[0]


@pytest.mark.parametrize("head", ["微信", "家庭住址", "contact", "X1"])
def test_a_column_that_nobody_knows_is_not_carried_over(questionnaire, tmp_path, head):
    rows = [[*row, f"secret{k}"] for k, row in enumerate(ROWS)]
    answers = sg.read_responses(written(tmp_path, rows, [*HEADS, head]), questionnaire)
    assert "secret" not in everything(answers)
    assert head in set(events(answers, "SG115")["column"])


def test_heads_of_platforms_are_written_as_they_are_compared():
    assert all(head == head.casefold().replace(" ", "") for head in PLATFORM)
