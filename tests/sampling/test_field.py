"""The field report against counts worked out by hand."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.sampling.field import RATES
from sgsurvey.text import Text

CODES = {
    1: "complete",
    2: "partial",
    3: "refusal",
    4: "noncontact",
    5: "other",
    6: "unknown_household",
    7: "unknown_other",
    8: "ineligible",
}
NUMBERS = {1: 400, 2: 50, 3: 100, 4: 80, 5: 20, 6: 60, 7: 40, 8: 150}


def cases():
    codes = np.repeat(list(NUMBERS), list(NUMBERS.values())).astype(float)
    return pd.DataFrame({"disposition": np.append(codes, [np.nan] * 10)})


def test_rates_are_those_of_the_standard_definitions():
    """By hand: 650 known eligible, 100 unknown, e = 650/800 = 0.8125."""
    line = sg.field_report(cases(), CODES).frame.iloc[-1]
    expected = {
        "RR1": 400 / 750,
        "RR2": 450 / 750,
        "RR3": 400 / 731.25,
        "RR4": 450 / 731.25,
        "RR5": 400 / 650,
        "RR6": 450 / 650,
        "COOP1": 400 / 570,
        "COOP2": 450 / 570,
        "COOP3": 400 / 550,
        "COOP4": 450 / 550,
        "REF1": 100 / 750,
        "REF2": 100 / 731.25,
        "REF3": 100 / 650,
        "CON1": 570 / 750,
        "CON2": 570 / 731.25,
        "CON3": 570 / 650,
    }
    assert set(expected) == set(RATES)
    assert {k: line[k] for k in RATES} == pytest.approx(expected, rel=1e-14)
    assert (line["selected"], line["issued"], line["returned"], line["valid"]) == (910, 900, 450, 400)
    assert line["e"] == 0.8125


def test_a_share_of_eligible_cases_moves_rr3_between_rr1_and_rr5():
    ends = [sg.field_report(cases(), CODES, eligible=e).frame.iloc[-1] for e in (1.0, 0.0)]
    assert ends[0]["RR3"] == ends[0]["RR1"]
    assert ends[1]["RR4"] == ends[1]["RR6"]


def test_groups_and_valid_marks_are_kept_apart_and_add_up():
    data = cases().assign(role=np.resize(["villager", "post_holder"], 910), good=lambda d: d["disposition"] <= 1)
    report = sg.field_report(data, CODES, by="role", valid="good", frame={"villager": 5000, "post_holder": 700})
    groups, total = report.frame.iloc[:-1], report.frame.iloc[-1]
    for column in ("frame", "selected", "issued", "returned", "valid", *CODES.values()):
        assert groups[column].sum() == total[column]
    assert total["frame"] == 5700


@pytest.mark.parametrize(
    "how",
    [
        {"outcomes": {1: "complete"}},
        {"outcomes": {**CODES, 1: "done"}},
        {"by": "role"},
        {"eligible": 1.5},
        {"frame": {"villager": 10}},
        {"disposition": "code"},
    ],
    ids=str,
)
def test_what_has_no_meaning_is_refused(how):
    with pytest.raises(DataError) as caught:
        sg.field_report(cases(), **{"outcomes": CODES, **how})
    assert caught.value.what.zh != caught.value.what.en


def test_rates_of_a_group_of_few_cases_are_hidden():
    data = cases().assign(role=["evaluator"] * 3 + ["post_holder"] * 30 + ["villager"] * 877)
    text = sg.field_report(data, CODES, by="role").rates().to_markdown().splitlines()
    lines = [[cell.strip() for cell in line.split("|")[2:6]] for line in text if line.startswith("| RR")]
    assert len(lines) == 6
    # With the next group shown, the total less the others would be the three.
    assert all(few == more == "‹5" and float(many) > 0 and float(total) > 0 for few, more, many, total in lines)


def test_nobody_set_aside_is_no_mark_of_nobody_valid():
    data = pd.DataFrame({"disposition": [1, 1, 3], "why": [None, " ", None]})
    line = sg.field_report(data, {1: "complete", 3: "refusal"}, valid="why").frame.iloc[-1]
    assert (line["returned"], line["valid"], line["excluded"]) == (2, 2, 0)


def test_a_valid_case_must_have_returned():
    with pytest.raises(DataError, match="did not return"):
        sg.field_report(cases().assign(good=True), CODES, valid="good")


@pytest.mark.parametrize(("language", "word"), [("zh", "回收率"), ("en", "Return rate")])
def test_both_tables_read_in_both_languages(language, word):
    report = sg.field_report(cases(), CODES)
    assert word in report.table(language=language).to_markdown()
    assert "RR3" in report.rates().to(language).to_markdown()


def test_why_returned_cases_were_set_aside_stands_between_returned_and_valid():
    data = pd.DataFrame(
        {"disposition": [1, 1, 1, 2, 3], "role": list("aabbb"), "why": [None, "quick", None, "twice", "x"]}
    )
    report = sg.field_report(data, {1: "complete", 2: "partial", 3: "refusal"}, by="role", valid="why")
    frame = report.frame.set_index("group")
    assert frame.loc["a", ["returned", "excluded", "valid"]].tolist() == [2, 1, 1]
    assert frame.loc["b", ["returned", "excluded", "valid"]].tolist() == [2, 1, 1]
    assert report.reasons.to_dict("list") == {"quick": [1, 0, 1], "twice": [0, 1, 1]}
    assert (report.reasons.sum(axis=1) == report.frame["excluded"]).all()
    keys = [column.key for column in report.table().columns]
    assert keys[:7] == ["group", "selected", "issued", "returned", "excluded", "for quick", "for twice"]


def test_how_and_when_people_were_asked_stands_in_the_table_and_unknown_groups_are_refused():
    report = sg.field_report(cases().assign(role="villager"), CODES, by="role")
    told = report.fieldwork(dates={"villager": ("2026-09-01", "2026-09-20")})
    assert [column.key for column in told.table().columns][-1] == "dates"
    assert told.table(language="zh").frame["dates"].tolist().count("2026-09-01至2026-09-20") == 1
    assert not {"mode", "dates"} & {column.key for column in report.table().columns}
    with pytest.raises(sg.DataError, match="no group 'mayor'"):
        report.fieldwork(mode={"mayor": Text("面访", "face to face")})


def test_a_report_without_a_frame_says_so():
    assert any("no sampling frame" in note.en for note in sg.field_report(cases(), CODES).table().notes)
    framed = sg.field_report(cases(), CODES, frame=5700)
    assert not any("no sampling frame" in note.en for note in framed.table().notes)
