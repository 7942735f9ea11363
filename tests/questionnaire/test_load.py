import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.questionnaire.load import check_questionnaire

ONE_FILE = Path(__file__).parent / "one_file.yaml"
HEAD = 'id: x\nversion: "1"\ntitle: {zh: 题, en: T}\n'
LIST = "choices: {s: {1: {zh: 一, en: a}, 2: {zh: 二, en: b}}}\n"


def write(tmp_path, text):
    file = tmp_path / "q.yaml"
    file.write_text(text, encoding="utf-8")
    return file


# One file ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one():
    return sg.read_questionnaire(ONE_FILE)


def test_the_one_file_form_loads(one):
    assert (one.id, one.version, one.languages, one.smallest_cell) == ("poverty_gov_2026", "1.2", ("zh", "en"), 5)
    assert [block.items for block in one.blocks] == [
        ("age", "village", "phone", "crops"),
        ("tr1", "tr2", "tr3", "ef1", "ef2", "at1"),
    ]


def test_the_question_role_becomes_the_roles(one):
    assert [(role.name, role.label.en) for role in one.roles] == [
        ("1", "Farmer"),
        ("2", "Village cadre"),
        ("3", "County department"),
    ]
    assert "role" not in one
    assert one.item("crops").roles == ("1",)
    assert one.item("ef1").roles == ("1", "2")
    assert [item.name for item in one.asked("3")] == ["age", "village", "phone", "tr1", "tr2", "tr3", "ef2", "at1"]


def test_study_wide_missing_codes_are_known_to_every_coded_question(one):
    assert one.item("age").missing_codes == {-9: "refused", -8: "dont_know"}
    assert one.item("tr1").missing_codes == {-9: "refused", -8: "dont_know"}
    assert one.item("village").missing_codes == {}
    assert [(c.code, c.label.en, c.missing) for c in one.missing] == [
        (-9, "Refused", "refused"),
        (-8, "Don't know", "dont_know"),
    ]


def test_at_least_counts_items_when_it_is_whole(one):
    assert one.construct("trust").at_least == pytest.approx(2 / 3)
    assert one.construct("effect").at_least == 1
    assert one.construct("trust").source == "Mayer et al. (1995)"


def test_identifiers_come_from_the_item_or_from_the_privacy_rules(one):
    assert {item.name: item.identifier for item in one.items if item.identifier != "no"} == {
        "age": "quasi",
        "village": "quasi",
        "phone": "direct",
    }


def test_reverse_check_limits_and_label(one):
    assert one.item("tr3").reverse
    assert one.item("at1").check == 4
    assert one.item("at1").construct == ""
    assert one.item("age").limits == (16, 100)
    assert one.item("tr1").label.zh == "村委会说到做到"
    assert one.item("tr1").place.line == 37


def test_without_roles_everybody_is_asked(tmp_path):
    file = write(tmp_path, HEAD + "questions:\n  - {name: a, type: text, label: {zh: 甲, en: A}}\n")
    made = sg.read_questionnaire(file)
    assert [role.name for role in made.roles] == ["respondent"]
    assert [item.name for item in made.asked("respondent")] == ["a"]


def test_one_language_is_enough_where_one_is_declared(tmp_path):
    text = 'id: x\nversion: "1"\nlanguages: [en]\ntitle: T\nquestions:\n  - {name: a, type: decimal, label: How much}\n'
    made = sg.read_questionnaire(write(tmp_path, text), language="zh")
    assert made.language == "en"
    assert made.item("a").label.to("en") == "How much"


def test_a_question_may_have_missing_codes_of_its_own(tmp_path):
    question = (
        "questions:\n  - {name: a, type: integer, min: 0, max: 12, missing: {99: dont_know}, label: {zh: 甲, en: A}}\n"
    )
    assert sg.read_questionnaire(write(tmp_path, HEAD + question)).item("a").missing_codes == {99: "dont_know"}


# Folders ------------------------------------------------------------------------------------------------


def test_a_folder_is_the_same_as_its_files_joined(tmp_path):
    parts = {
        "a.yaml": HEAD,
        "b.yaml": LIST,
        "c.yml": "questions:\n  - {name: a, type: select_one, choices: s, label: {zh: 甲, en: A}}\n",
    }
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in parts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "notes.txt").write_text("not a part: at all: {", encoding="utf-8")
    joined = sg.read_questionnaire(write(tmp_path, "".join(parts.values())))
    split = sg.read_questionnaire(folder)
    assert split.items == joined.items
    assert split.scales == joined.scales


def test_blocks_that_no_role_is_asked_stay_out(tmp_path):
    text = HEAD + LIST + (
        "roles: {r: {label: {zh: 甲, en: A}, blocks: [asked]}}\n"
        "constructs: {C: {label: {zh: 构, en: C}, kind: list}}\n"
        "blocks:\n"
        "  reserve: {label: {zh: 备, en: R}, optional: true, choices: s,\n"
        "    items: [{name: b, construct: C, label: {zh: 乙, en: B}}]}\n"
        "  asked: {label: {zh: 问, en: Q}, questions: [{name: a, type: text, label: {zh: 甲, en: A}}]}\n"
    )  # fmt: skip
    made = sg.read_questionnaire(write(tmp_path, text))
    assert [item.name for item in made.items] == ["a"]
    assert made.constructs == ()
    turned_on = sg.read_questionnaire(write(tmp_path, text.replace("[asked]", "[asked, reserve]")))
    assert [item.name for item in turned_on.items] == ["a", "b"]


# Bad files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["none.yaml", "empty_folder"])
def test_a_missing_file_or_an_empty_folder_is_an_error(tmp_path, path):
    (tmp_path / "empty_folder").mkdir()
    with pytest.raises(sg.QuestionnaireError, match=r"no such file|holds no \.yaml file"):
        sg.read_questionnaire(tmp_path / path)
    assert len(check_questionnaire(tmp_path / path)) == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "words\n"])
def test_a_file_that_defines_nothing_is_an_error(tmp_path, text):
    with pytest.raises(sg.QuestionnaireError, match="'id' is missing"):
        sg.read_questionnaire(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("question: []\n", 4, "'question' is not a known word here. Did you mean 'questions'?"),
        ("questions:\n  - {name: a, type: txt, label: {zh: 甲, en: A}}\n", 5, "Did you mean 'text'?"),
        ("questions:\n  - {name: a, type: [text], label: {zh: 甲, en: A}}\n", 5, "there is no question type"),
        ("questions:\n  - {name: a, label: {zh: 甲, en: A}}\n", 5, "this question has no type."),
        ("questions:\n  - {name: a, type: text, lable: {zh: 甲, en: A}}\n", 5, "Did you mean 'label'?"),
        ("questions:\n  - {name: a, type: text, lable: {zh: 甲, en: A}}\n", 5, "'label' is missing."),
        ("questions:\n  - name: a\n    type: text\n    label: {zh: 甲, ne: A}\n", 7, "'ne' is not a known word"),
        ("questions:\n  - name: a\n    type: text\n    label: {zh: 甲, 乙, en: A}\n", 7, "was cut at its comma"),
        ("questions:\n  - name: a\n    type: text\n    label:\n", 7, "'label' is empty."),
        ("questions:\n  - {name: a, type: integer, min: ten, label: {zh: 甲, en: A}}\n", 5, "'min' must be a number"),
        ("questions:\n  - {name: 7, type: text, label: {zh: 甲, en: A}}\n", 5, "'name' must be text, but is 7."),
        ("questions: {a: 1}\n", 4, "'questions' must be a list."),
        ("questions: [a, [b], 3, null]\n", 4, "this question has no type."),
        ("constructs: [a]\n", 4, "'constructs' must hold"),
        ("constructs:\n  C: {label: {zh: 甲, en: A}, kind: reflectiv}\n", 5, "'kind' cannot be 'reflectiv'."),
        ("constructs:\n  C: {label: {zh: 甲, en: A}, at_least: 0}\n", 5, "'at_least' is not sound"),
        ("choices:\n  c:\n    1: {zh: 甲, en: A, mising: refused}\n", 6, "Did you mean 'missing'?"),
        ("choices:\n  c: {one: {zh: 甲, en: A}}\n", 5, "'one' must be a number"),
        ("privacy: {smallest_cel: 3}\n", 4, "Did you mean 'smallest_cell'?"),
        ("languages: [zh, fr]\n", 4, "'languages' cannot be 'fr'."),
        ("languages: [zh, zh]\n", 4, "a language is given twice"),
        ("blocks:\n  b: {label: {zh: 甲, en: A}}\n", 5, "needs either items or questions"),
        ("blocks:\n  b: {label: {zh: 甲, en: A}, items: []}\n", 5, "has items and no choices"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, line, said):
    found = check_questionnaire(write(tmp_path, HEAD + text))
    hit = [fault for fault in found if said in fault.say("en")]
    assert hit, [str(fault) for fault in found]
    assert hit[0].where.line == line
    with pytest.raises(sg.QuestionnaireError, match=f"line {line}"):
        sg.read_questionnaire(tmp_path / "q.yaml")


def test_a_version_without_quotes_is_told(tmp_path):
    found = check_questionnaire(write(tmp_path, "id: x\nversion: 1.10\ntitle: {zh: 题, en: T}\n"))
    assert [fault.say("en") for fault in found] == [
        "q.yaml, line 2: 'version' must be text, but is 1.1. Put it in straight quotes."
    ]


def test_the_error_lists_every_fault_in_both_languages(tmp_path):
    text = HEAD + "constructs:\n  C: {label: {zh: 甲, en: A}}\n  D: {labl: {zh: 甲, en: A}}\n"
    with pytest.raises(sg.QuestionnaireError) as caught:
        sg.read_questionnaire(write(tmp_path, text))
    assert "Did you mean 'label'?" in str(caught.value)
    assert "是不是想写'label'？" in str(caught.value)
    assert "'label' is missing" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_with_one_file_unreadable_nothing_is_said_to_be_missing(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "head.yaml").write_text(HEAD.replace("id:", "id："), encoding="utf-8")
    (folder / "rest.yaml").write_text(
        "questions:\n  - {name: a, type: select_one, choices: elsewhere, label: {zh: 甲, en: A}}\n", encoding="utf-8"
    )
    assert [fault.say("zh") for fault in check_questionnaire(folder)] == [
        "folder/head.yaml 第1行：用了全角冒号“：”。请改为半角冒号加一个空格。"
    ]


def test_warnings_do_not_stop_the_reading(tmp_path):
    file = write(tmp_path, HEAD + "questions:\n  - {name: a, type: text, label: {zh: 甲, en: 甲}}\n")
    assert [fault.severity for fault in check_questionnaire(file)] == ["warning"]
    assert sg.read_questionnaire(file).item("a").type == "text"


TEXT = ONE_FILE.read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, len(TEXT)),
    length=st.integers(0, 40),
    put=st.sampled_from(
        ["", ":", "：", "{", "}", "[", "- ", "\n", "\t", '"', "&a ", "*a", "!x ", "#", ",", "1", "甲", "null", "\x00"]
    ),
)
def test_no_damage_to_a_file_makes_a_traceback(tmp_path, start, length, put):
    file = write(tmp_path, TEXT[:start] + put + TEXT[start + length :])
    stopping = [fault for fault in check_questionnaire(file) if fault.severity == "error"]
    if stopping:
        with pytest.raises(sg.QuestionnaireError):
            sg.read_questionnaire(file)
    else:
        assert sg.read_questionnaire(file).items
