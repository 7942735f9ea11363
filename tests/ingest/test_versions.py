"""Rows of an older version of the questionnaire beside those of the present one."""

from dataclasses import replace

import pytest

import sgsurvey as sg
from sgsurvey.ingest.read import read_responses
from sgsurvey.ingest.versions import codes_between
from sgsurvey.questionnaire.model import Choice, Scale
from sgsurvey.text import Text

VERSIONS = ["1.2", "1.1", "1.2", "1.1"]


def older(instrument, version="1.1", **items):
    """The questionnaire before, with some items otherwise."""
    changed = tuple(replace(item, **items.get(item.name, {})) for item in instrument.items)
    return replace(instrument, version=version, items=changed)


def scale(instrument, codes, name="agree5"):
    """The instrument's scale with other codes behind the same labels."""
    choices = instrument.scales[name].choices
    return Scale(name, tuple(replace(c, code=codes.get(c.code, c.code)) for c in choices))


def read(path, instrument, *versions, **more):
    return read_responses(path, instrument, options=sg.ReadOptions(versions=versions, min_complete=0), **more)


def told(answers, name="SG113"):
    events = answers.log.events
    return " ".join(events.loc[events["code"] == name, "message"])


def test_codes_and_labels_alike_are_read_as_they_stand(write, cells, instrument):
    mixed = read(write(cells(version=VERSIONS)), instrument, older(instrument))
    plain = read(write(cells(version=["1.2"] * 4), "plain.csv"), instrument)
    assert mixed.frame.equals(plain.frame)
    assert told(mixed) == "read by version 1.1 of the questionnaire."


def test_other_codes_become_the_present_ones_by_label_in_older_rows_alone(write, cells, instrument):
    turned = scale(instrument, {1: 5, 2: 4, 4: 2, 5: 1, 9: 99})
    before = older(instrument, TR1={"scale": turned})
    answers = read(write(cells(TR1=[1, 1, 9, 99], version=VERSIONS)), instrument, before)
    assert answers.frame["TR1"].tolist() == [1, 5, 9, 9]
    assert answers.frame["TR2"].tolist() == [2, 4, 3, 2]
    assert "other codes for TR1:" in told(answers)


def test_labels_of_older_rows_are_read_by_their_own_version(write, cells, instrument):
    before = older(instrument, TR1={"scale": scale(instrument, {1: 5, 5: 1})})
    answers = read(write(cells(TR1=["同意", "非常同意", 3, "Agree"], version=VERSIONS)), instrument, before)
    assert answers.frame["TR1"].tolist() == [4, 5, 3, 4]


def test_a_code_that_the_older_version_had_not_is_no_answer_by_the_present_one(write, cells, instrument):
    other = instrument.scales["sex"]
    wider = Scale("sex", (*other.choices, Choice(3, Text("其他", "Other"))))
    now = replace(older(instrument, "1.2", sex={"scale": wider}), scales={**instrument.scales, "sex": wider})
    lines = cells(sex=[3, 2, 1, 3], version=VERSIONS)
    extra = [[f"{row[0]}{i}", *row[1:7], 1, *row[8:]] for i in range(9) for row in lines[1:]]
    answers = read(write([*lines, *extra]), now, older(instrument))
    assert answers.frame["sex"].tolist()[:3] == [3, 2, 1]
    assert answers.frame["sex"].isna().tolist()[3]
    assert answers.log.invalid[["item", "value"]].to_numpy().tolist() == [["sex", "3 [1.1]"]]


def test_several_choices_in_one_cell_are_recoded(write, cells, instrument):
    before = older(instrument, crops={"scale": scale(instrument, {1: 2, 2: 1}, "crop")})
    lines = cells(crops=["1 98", "1 3", "", ""], version=VERSIONS)
    frame = read(write(lines), instrument, before).frame
    assert frame.loc[0, ["crops_1", "crops_2", "crops_3", "crops_98"]].tolist() == [1, 0, 0, 1]
    assert frame.loc[1, ["crops_1", "crops_2", "crops_3", "crops_98"]].tolist() == [0, 1, 1, 0]


def test_another_wording_is_kept_and_told_and_finds_its_column(write, cells, instrument):
    said = Text("村委会讲信用。", "The committee is reliable.")
    lines = cells(version=["1.1"] * 4)
    lines[0][lines[0].index("TR1")] = said.zh
    answers = read(write(lines), instrument, older(instrument, TR1={"label": said}))
    assert answers.frame["TR1"].tolist() == [1, 5, 3, 2]
    assert "TR1 had another wording in version 1.1" in told(answers)


@pytest.mark.parametrize(
    "change",
    [
        {"reverse": True},
        {"type": "select_one"},
        {"scale": Scale("agree3", (Choice(1, Text("不同意", "Disagree")), Choice(2, Text("同意", "Agree"))))},
        {"scale": Scale("words", tuple(Choice(c, Text(f"第{c}级", f"Step {c}")) for c in range(1, 6)))},
    ],
    ids=["key", "type", "steps", "labels"],
)
def test_answers_that_cannot_be_joined_are_refused_or_left_empty_where_that_is_allowed(
    change, write, cells, instrument
):
    path, before = write(cells(version=VERSIONS)), older(instrument, TR1=change)
    with pytest.raises(sg.DataError) as refused:
        read(path, instrument, before)
    assert refused.value.code == "SG113"
    assert "version 1.1 differs from version 1.2 in TR1 " in refused.value.what.en
    answers = read(path, instrument, before, allow_missing=("TR1",))
    assert answers.frame["TR1"].isna().tolist() == [False, True, False, True]
    assert "answers to TR1 of version 1.1 cannot be carried over" in told(answers)


def test_columns_of_single_choices_with_other_codes_are_refused(write, cells, instrument):
    before = older(instrument, crops={"scale": scale(instrument, {1: 2, 2: 1}, "crop")})
    lines = cells(**{f"crops_{c}": [1, 0, "", ""] for c in (1, 2, 3, 98)}, version=VERSIONS)
    with pytest.raises(sg.DataError, match="crops"):
        read(write(lines), instrument, before)


def test_a_question_that_the_older_version_lacked_was_not_shown(write, cells, instrument):
    before = replace(instrument, version="1.1", items=tuple(i for i in instrument.items if i.name != "EF2"))
    answers = read(write(cells(EF2=[5, "", 2, ""], version=VERSIONS)), instrument, before)
    assert answers.shown("EF2").tolist() == [True, False, True, False]


def test_versions_that_were_not_given_and_other_questionnaires_are_refused(write, cells, instrument):
    path = write(cells(version=["1.2", "1.1", "1.0", "1.1"]))
    with pytest.raises(sg.DataError, match=r"1\.0") as refused:
        read(path, instrument, older(instrument))
    assert refused.value.code == "SG113"
    with pytest.raises(sg.DataError, match="'other', not 'small'"):
        read(path, instrument, replace(older(instrument), id="other"))


def test_codes_between_a_version_and_itself_stay(instrument):
    for item in instrument.items:
        codes = codes_between(item, item)
        assert codes == {code: code for code in codes}
        assert set(codes) == {*(item.scale.codes if item.scale else ()), *item.missing_codes}
