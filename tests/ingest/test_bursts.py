"""Forms sent within seconds of each other from the same address."""

import pytest

import sgsurvey as sg
from sgsurvey.ingest.read import read_responses

PLACES = ["203.0.113.9(湖南-长沙)", "203.0.113.9(湖南-长沙)", "203.0.113.9(湖南-长沙)", "198.51.100.7(湖南-岳阳)"]
SENT = ["2026/9/3 12:00:00", "2026/9/3 12:00:29", "2026/9/3 12:00:59", "2026/9/3 12:00:00"]


def test_rows_within_thirty_seconds_of_one_address_are_flagged_and_told(write, cells, instrument):
    answers = read_responses(write(cells(来自IP=PLACES, 提交答卷时间=SENT)), instrument)
    assert answers.frame["dup_suspect"].tolist() == [True, True, False, False]
    (told,) = answers.log.events.query("column == '来自IP' and code == 'SG117'").to_dict("records")
    assert (told["n"], told["row"], told["action"]) == (2, 2, "warn")
    assert "IP address" in told["message"]
    assert "IP地址" in told["message_zh"]


def test_the_address_is_kept_nowhere(write, cells, instrument):
    answers = read_responses(write([*cells(来自IP=PLACES, 提交答卷时间=SENT), ["x"]]), instrument)
    log = answers.log
    everything = [answers.frame, log.events, log.quarantine, log.invalid, log.cells, *answers.context.values()]
    assert len(answers) == 4
    assert "203.0.113" not in "".join(table.to_csv() for table in everything)


@pytest.mark.parametrize(
    ("ip", "when"),
    [
        (["*******"] * 4, SENT),  # Qualtrics, anonymised
        (["unknown", "", "none", "x"], SENT),
        (PLACES, ["1980-01-01 00:00:00"] * 4),  # LimeSurvey, a survey without times
        (PLACES, ["", "soon", "later", ""]),
    ],
)
def test_without_an_address_or_a_time_nothing_is_said(write, cells, instrument, ip, when):
    answers = read_responses(write(cells(ipaddr=ip, submitdate=when)), instrument)
    assert "dup_suspect" not in answers.frame


def test_zones_and_forms_of_an_address_are_seen_through(write, cells, instrument):
    ips = ["2001:db8::1", "2001:0DB8:0:0::1", "2001:db8::2", "2001:db8::3"]
    ends = ["2026-09-03T12:00:00+08:00", "2026-09-03T04:00:10Z", "2026-09-03T12:00:00+08:00", ""]
    answers = read_responses(write(cells(IPAddress=ips, EndDate=ends)), instrument)
    assert answers.frame["dup_suspect"].tolist() == [True, True, False, False]


def test_a_row_that_is_set_aside_flags_no_other(write, cells, instrument):
    lines = cells(来自IP=["203.0.113.9"] * 4, 提交答卷时间=[SENT[0], SENT[1], "2026/9/4 12:00:00", "2026/9/5 12:00:00"])
    lines[1][1] = "stranger"
    answers = read_responses(write(lines), instrument)
    assert len(answers) == 3
    assert answers.frame["dup_suspect"].tolist() == [False] * 3


def test_screening_shows_the_flag_in_the_family_of_sameness(write, cells, instrument):
    answers = read_responses(write(cells(来自IP=PLACES, 提交答卷时间=SENT)), instrument)
    screening = sg.screen(answers)
    assert screening.frame["duplicate"].tolist() == [True, True, False, False]
    rule = screening.rules.loc[screening.rules["rule"].map(lambda r: "IP" in r.en)].iloc[0]
    assert (rule["n_checked"], rule["n_flagged"], rule["family"]) == (4, 2, "duplicate")
    assert not sg.screen(answers, cutoffs=sg.Cutoffs(dup_suspect=None)).frame["duplicate"].any()


def test_the_flag_survives_a_file_of_our_own(write, cells, instrument):
    answers = read_responses(write(cells(dup_suspect=["True", "False", "", "1"])), instrument)
    assert answers.frame["dup_suspect"].tolist()[:2] == [True, False]
    assert answers.frame["dup_suspect"].isna().tolist() == [False, False, True, False]
