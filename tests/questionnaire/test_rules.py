"""Each rule finds its fault, at its line, and nothing else."""

import pytest

from sgsurvey.questionnaire.load import check_questionnaire
from sgsurvey.questionnaire.rules import RULES

SOUND = """\
id: x
version: "1"
title: {zh: 题, en: T}
missing: {-9: {zh: 拒答, en: Refused}}
aspects: {effect: {zh: 效果, en: Effect}}
choices:
  agree:
    1: {zh: 不同意, en: Disagree}
    2: {zh: 一般, en: Neither}
    3: {zh: 同意, en: Agree}
    9: {zh: 不清楚, en: Unclear, missing: dont_know}
  other:
    1: {zh: 甲, en: A, aspect: effect, matched: a1}
    2: {zh: 乙, en: B}
constructs:
  C: {label: {zh: 构念, en: C}, aspect: effect, at_least: 2}
roles:
  farmer: {label: {zh: 农户, en: Farmer}, blocks: [facts, grid]}
  cadre: {label: {zh: 干部, en: Cadre}, blocks: [facts, grid]}
blocks:
  facts:
    label: {zh: 情况, en: Facts}
    questions:
      - {name: sex, type: select_one, choices: other, label: {zh: 性别, en: Sex}}
      - {name: age, type: integer, min: 16, max: 99, relevant: {sex: [1, 2]}, label: {zh: 年龄, en: Age}}
      - {name: many, type: select_multiple, choices: other, max: 2, label: {zh: 哪些, en: Which}}
      - {name: fee, type: select_one, choices: other, assign: [2, 5], label: {zh: "{assigned}元", en: "{assigned}"}}
  grid:
    label: {zh: 同意吗, en: Agree?}
    choices: agree
    items:
      - {name: a1, construct: C, label: {zh: 一, en: one}}
      - {name: a2R, construct: C, reverse: true, label: {zh: 二, en: two}}
      - {name: check, check: 2, label: {zh: 选一般, en: Choose Neither}}
"""


def check(tmp_path, text):
    file = tmp_path / "q.yaml"
    file.write_text(text, encoding="utf-8")
    return check_questionnaire(file)


def test_the_sound_example_is_sound(tmp_path):
    assert check(tmp_path, SOUND) == []


FAULTS = [
    # name of the rule, what is replaced, by what, words of the finding, severity
    ("names_can_be_columns", "name: sex,", "name: _sex,", "the name '_sex' cannot be a column", "error"),
    ("names_can_be_columns", "name: age,", "name: 年龄,", "the name '年龄' cannot be a column", "error"),
    ("names_can_be_columns", "name: age,", f"name: {'a' * 33},", "cannot be a column", "error"),
    ("names_can_be_columns", "name: age,", "name: With,", "'With' is a reserved word", "error"),
    ("names_can_be_columns", "name: age,", "name: role,", "'role' is a reserved word", "error"),
    ("names_are_given_once", "name: a1,", "name: Age,", "'Age' is also defined in q.yaml, line 25 as 'age'", "error"),
    ("names_are_given_once", "name: check,", "name: age,", "'age' is also defined in q.yaml, line 25.", "error"),
    (
        "columns_are_distinct",
        "name: age,",
        "name: many_2,",
        "'many_2' is also a column of the question 'many'",
        "error",
    ),
    ("columns_are_distinct", "name: age,", "name: fee_assigned,", "a column of the question 'fee'", "error"),
    (
        "words_are_in_every_language",
        "zh: 年龄, en: Age",
        "zh: 年龄",
        "the label of 'age' has no words in English",
        "error",
    ),
    (
        "words_are_in_every_language",
        "{zh: 一般, en: Neither}",
        "{en: Neither}",
        "choice 2 of the list 'agree'",
        "error",
    ),
    ("words_are_in_every_language", "en: Age", "en: 年龄", "hold Chinese characters", "warning"),
    (
        "choices_can_be_told_apart",
        "en: Disagree",
        "en: Agree",
        "choices 1 and 3 of the list 'agree' read alike",
        "error",
    ),
    ("items_say_different_things", "zh: 二, en: two", "zh: 一, en: two", "'a2R' has the words of 'a1'", "warning"),
    ("constructs_exist", "a1, construct: C", "a1, construct: D", "the construct 'D', which is not defined", "error"),
    ("constructs_have_items", "a1, construct: C,", "a1,", "has 1 item(s) and needs at least 2", "error"),
    ("scored_items_share_a_scale", "min: 16,", "construct: C, min: 16,", "different limits", "error"),
    ("at_least_fits", "at_least: 2", "at_least: 3", "at_least is 3, but 'C' has 2 items", "error"),
    ("reverse_agrees_with_the_name", "reverse: true, ", "", "'a2R' ends in R and is not reversed", "error"),
    ("reverse_agrees_with_the_name", "a1, construct: C", "a1, construct: C, reverse: true", "as others do", "warning"),
    ("reversed_items_have_a_scale", "check: 2", "reverse: true", "is reversed, but measures no construct", "error"),
    ("checks_are_sound", "check: 2", "check: 7", "asks for code 7", "error"),
    ("checks_are_sound", "check: 2", "check: 9", "asks for code 9", "error"),
    ("checks_are_sound", "check: 2", "check: 2, construct: C", "cannot belong to a construct", "error"),
    (
        "lists_of_choices_exist",
        "one, choices: other, label",
        "one, choices: othr, label",
        "'othr', which is not",
        "error",
    ),
    (
        "ratings_have_a_scale",
        "2: {zh: 一般, en: Neither}",
        "4: {zh: 一般, en: Neither}",
        "lacks the codes [2]",
        "error",
    ),
    ("ratings_have_a_scale", "    2: {zh: 乙, en: B}\n", "", "has 1 valid choice(s)", "error"),
    ("missing_codes_are_no_answers", "-9:", "20:", "20 does not say which kind", "error"),
    ("missing_codes_are_no_answers", "min: 16", "missing: {99: refused}, min: 16", "no-answer and an answer", "error"),
    ("limits_are_in_order", "max: 99", "max: 9", "a min that is not below its max", "error"),
    ("limits_are_in_order", "max: 2,", "max: 3,", "lets 3 be picked of 2", "error"),
    ("assigned_values_are_shown", "assign: [2, 5], ", "", "go together", "error"),
    ("roles_ask_known_blocks", "Farmer}, blocks: [facts,", "Farmer}, blocks: [fact,", "the block 'fact'", "error"),
    ("roles_ask_known_blocks", "Farmer}, blocks: [facts,", "Farmer}, blocks: [facts, facts,", "twice", "error"),
    ("roles_ask_known_blocks", "Farmer}, blocks: [facts, grid]", "Farmer}, blocks: []", "asks no block", "error"),
    ("blocks_are_asked", "facts, grid]", "facts]", "no role is asked the block 'grid'", "warning"),
    (
        "role_order_names_every_role",
        "id: x",
        "id: x\nrole_order: [farmer]",
        "role_order must name 'cadre' once",
        "error",
    ),
    ("role_order_names_every_role", "id: x", "id: x\nrole_order: [farmer, cadre, cader]", "names 'cader'", "error"),
    ("questions_name_known_roles", "max: 2,", "max: 2, roles: [farmr],", "the role 'farmr', which is not", "error"),
    ("skip_logic_looks_back", "relevant: {sex:", "relevant: {sx:", "'sx', which does not exist", "error"),
    ("skip_logic_looks_back", "relevant: {sex:", "relevant: {many:", "asked only later", "error"),
    (
        "skip_logic_looks_back",
        "choices: other, label: {zh: 性",
        "choices: other, roles: [cadre], label: {zh: 性",
        "'farmer' is not asked",
        "error",
    ),
    ("skip_logic_looks_back", "[1, 2]", "[1, 7]", "depends on code 7", "error"),
    ("aspects_exist", "aspect: effect, at", "aspect: effct, at", "'C' names the aspect 'effct'", "error"),
    ("matched_items_exist", "matched: a1", "matched: a9", "is matched with 'a9'", "error"),
    (
        "quasi_identifiers_exist",
        "id: x",
        "id: x\nprivacy: {quasi_identifiers: [agee]}",
        "privacy names 'agee'",
        "error",
    ),
]


@pytest.mark.parametrize(
    ("rule", "old", "new", "words", "severity"), FAULTS, ids=[f"{c[0]}-{c[2][:20]}" for c in FAULTS]
)
def test_each_rule_finds_its_fault(tmp_path, rule, old, new, words, severity):
    assert old in SOUND
    text = SOUND.replace(old, new)
    found = check(tmp_path, text)
    hit = [fault for fault in found if words in fault.say("en")]
    assert hit, [str(fault) for fault in found]
    assert {fault.severity for fault in hit} == {severity}
    assert all(fault.where.line > 0 and fault.remedy.zh and fault.remedy.en for fault in hit)


def test_every_rule_is_tested():
    tested = {case[0] for case in FAULTS} | {"blocks_have_questions"}  # tested below: it needs a block of its own
    assert {rule.__name__ for rule in RULES} == tested


def test_an_empty_block_is_a_fault(tmp_path):
    text = SOUND.replace("blocks: [facts, grid]", "blocks: [facts, grid, none]")
    found = check(tmp_path, text + "  none: {label: {zh: 空, en: Empty}, questions: []}\n")
    assert [fault.say("en") for fault in found] == [
        "q.yaml, line 35: the block 'none' holds no question. Add questions or remove it."
    ]


def test_a_question_for_a_role_that_is_not_asked_its_block_is_told(tmp_path):
    text = SOUND.replace("Farmer}, blocks: [facts, grid]", "Farmer}, blocks: [facts]")
    text = text.replace("{name: a1,", "{name: a1, roles: [farmer],")
    assert "'a1' never reaches the role 'farmer'" in " ".join(fault.say("en") for fault in check(tmp_path, text))


def test_skip_logic_cannot_hang_on_words(tmp_path):
    text = SOUND.replace("type: select_one, choices: other, label: {zh: 性", "type: text, label: {zh: 性")
    assert "which has no codes" in " ".join(fault.say("en") for fault in check(tmp_path, text))


def test_all_faults_are_told_at_once_in_the_order_of_lines(tmp_path):
    text = (
        SOUND.replace("construct: C, l", "construct: D, l")
        .replace("max: 99", "max: 9")
        .replace("en: Cadre", "de: Kader")
    )
    found = check(tmp_path, text)
    assert len(found) >= 3
    assert [f.where.line for f in found] == sorted(f.where.line for f in found)


def test_a_broken_definition_is_not_blamed_on_those_who_use_it(tmp_path):
    found = check(tmp_path, SOUND.replace("aspect: effect, at_least: 2", "aspct: effect"))
    assert [fault.what.en for fault in found] == ["'aspct' is not a known word here."]


def test_a_name_defined_in_two_files_is_told_with_both(tmp_path):
    twice = "choices:\n  agree: {1: {zh: 甲, en: A}, 2: {zh: 乙, en: B}}\nid: y\n"
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "q" / "b.yaml").write_text(twice, encoding="utf-8")
    said = [fault.say("en") for fault in check_questionnaire(tmp_path / "q")]
    assert said == [
        "q/b.yaml, line 2: the list of choices 'agree' is also defined in q/a.yaml, line 7. "
        "Rename or remove one of them.",
        "q/b.yaml, line 3: 'id' is given twice (also q/a.yaml, line 1). Keep one of them.",
    ]
