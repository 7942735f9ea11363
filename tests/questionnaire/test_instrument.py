"""The S County instrument says what its blueprint says."""

import csv
import hashlib
from pathlib import Path

import pytest

import sgsurvey as sg
from sgsurvey.questionnaire.load import check_questionnaire
from sgsurvey.questionnaire.model import Questionnaire

FOLDER = Path(__file__).parents[2] / "questionnaires"
BLUEPRINT = Path(__file__).parent / "blueprint_items.csv"
LETTER = {"P": "purchaser", "U": "undertaker", "H": "post_holder", "E": "evaluator", "V": "villager"}
SHARED_CONSTRUCTS = ["EFS", "EFL", "MGT", "FUN", "SUP", "SAT"]


@pytest.fixture(scope="module")
def instrument() -> Questionnaire:
    return sg.read_questionnaire(FOLDER)


def names(instrument, role, *, short=False):
    return [item.name for _, items in instrument.form(role, short=short) for item in items]


def test_the_files_have_no_faults():
    assert check_questionnaire(FOLDER) == []


def test_every_item_of_the_blueprint_is_there_word_for_word(instrument):
    with BLUEPRINT.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    for row in rows:
        item = instrument.item(row["code"])
        words = hashlib.sha256(f"{item.label.zh}\n{item.label.en}".encode()).hexdigest()
        assert (item.construct, item.reverse, item.short_form, words) == (
            row["construct"],
            row["reverse"] == "1",
            row["short"] == "1",
            row["sha256"],
        ), row["code"]


@pytest.mark.shared
def test_items_constructs_and_groups_are_those_of_the_shared_page(instrument, shared):
    kinds = {"reflective": "reflective", "index": "index", "single item": "single", "marker": "marker"}
    with (shared / "domain" / "blueprint_items.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            item, construct = instrument.item(row["code"]), instrument.construct(row["construct"])
            assert (item.label.zh, item.label.en) == (row["zh"], row["en"])
            assert (construct.label.zh, construct.label.en) == (row["construct_zh"], row["construct_en"])
            assert construct.kind == next(kind for word, kind in kinds.items() if row["model"].startswith(word))
            assert construct.high_is == ("bad" if "worse" in row["model"] else "good")
            assert {role for role in LETTER.values() if item.asked_of(role)} == {LETTER[g] for g in row["groups"]}


def test_the_blueprint_has_all_rated_items(instrument):
    with BLUEPRINT.open(encoding="utf-8") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    rated = {item.name for item in instrument.items if item.construct} - {f"X{i}" for i in range(1, 11)}
    assert rated == known


@pytest.mark.parametrize(
    ("role", "items", "with_marker", "short"),
    [
        ("purchaser", 34, 37, 19),
        ("undertaker", 34, 37, 19),
        ("post_holder", 33, 33, 19),
        ("evaluator", 34, 37, 19),
        ("villager", 32, 35, 18),
    ],
)
def test_each_group_gets_as_many_items_as_the_design_says(instrument, role, items, with_marker, short):
    rated = [n for n in names(instrument, role) if instrument.item(n).type == "rating" and n != "ATT1"]
    assert len(rated) == with_marker
    assert len([n for n in rated if not n.startswith("MRK")]) == items
    short_form = [n for n in names(instrument, role, short=True) if instrument.item(n).type == "rating"]
    assert len(short_form) == short


def test_shared_items_are_asked_of_every_role(instrument):
    items = [item for code in SHARED_CONSTRUCTS for item in instrument.items_of(code)]
    assert len(items) == 22
    assert all(item.roles == () for item in items)


def test_roles_come_in_the_order_of_tables_and_judge_their_own_place(instrument):
    assert [(role.name, role.scope) for role in instrument.roles] == [
        ("purchaser", "county"),
        ("undertaker", "township"),
        ("post_holder", "village"),
        ("evaluator", "county"),
        ("villager", "village"),
    ]


def test_constructs_come_in_the_order_asked(instrument):
    assert [construct.name for construct in instrument.constructs][:7] == [*SHARED_CONSTRUCTS, "META"]


def test_dont_know_is_offered_on_every_rating(instrument):
    for item in instrument.items:
        if item.type == "rating" and item.scale and item.scale.name == "agree5":
            assert item.missing_codes[9] == "dont_know"
            assert item.scale.limits == (1, 5)


def test_nine_months_and_nine_years_are_answers(instrument):
    for name in ("H_tenure", "P_years", "V_resident", "META2"):
        assert set(instrument.item(name).missing_codes) == {-9, -8}


def test_the_guess_is_asked_of_all_but_villagers(instrument):
    assert instrument.item("META2").limits == (0, 10)
    assert instrument.item("META2").roles == ("purchaser", "undertaker", "post_holder", "evaluator")


def test_attention_check_and_marker_are_for_those_who_fill_in_themselves(instrument):
    attention = instrument.item("ATT1")
    assert (attention.check, attention.construct) == (2, "")
    for item in (attention, *instrument.items_of("MRK")):
        assert item.relevant == {"mode": (1, 2)}
        assert not item.asked_of("post_holder")


def test_lists_lead_from_problem_to_measure_on_the_same_aspects(instrument):
    for name in ("IMP", "CAU", "LEV"):
        item = instrument.item(name)
        assert (item.most, item.roles, item.randomize) == (3, (), True)
        aspects = [choice.aspect for choice in item.scale.choices if choice.aspect]
        assert {aspects.count(a) for a in instrument.aspects} == {len(aspects) // 4}
    importance = instrument.item("IMP").scale.choices
    assert all(instrument.item(choice.matched).construct for choice in importance)
    assert all(instrument.construct(instrument.item(c.matched).construct).aspect == c.aspect for c in importance)
    assert instrument.item("LEV").type == "rank"
    assert instrument.item("CAU").columns[-2:] == ("CAU_98", "CAU_99")
    assert [c.code for c in instrument.item("CAU").scale.choices if c.exclusive] == [99]


def test_the_fee_is_drawn_and_shown(instrument):
    fee = instrument.item("V_fee")
    assert fee.assign == (2, 5, 10, 20)
    assert "{assigned}" in fee.label.zh
    assert fee.columns == ("V_fee", "V_fee_assigned")


def test_county_raters_name_no_place(instrument):
    assert "township_id" not in names(instrument, "purchaser")
    assert "village_id" not in names(instrument, "undertaker")
    assert {"township_id", "village_id"} <= set(names(instrument, "villager"))


def test_nothing_that_names_a_person_is_asked(instrument):
    assert [item.name for item in instrument.items if item.identifier == "direct"] == []
    assert {"sex", "age5", "edu", "village_id", "E_body"} <= {
        i.name for i in instrument.items if i.identifier == "quasi"
    }


def test_the_observers_sheet_is_no_group_of_respondents(instrument):
    assert "observer" not in [role.name for role in instrument.roles]
    points = [item for item in instrument.asked("observer") if item.construct]
    assert [item.name for item in points] == [f"X{i}" for i in range(1, 11)]
    for item in points:
        assert item.roles == ("observer",)
        assert item.scale.limits == (0, 2)
        assert item.missing_codes[9] == "not_applicable"
    assert all(instrument.construct(item.construct).high_is == "good" for item in points)


def test_every_role_is_asked_background_lists_and_open_questions(instrument):
    for letter, role in LETTER.items():
        asked = names(instrument, role)
        assert {"resp_id", "mode", "date", "t_start", "t_end", "consent", "sex", "age5", "edu"} <= set(asked)
        assert {"IMP", "CAU", "LEV", f"{letter}_open1", f"{letter}_open2"} <= set(asked)


@pytest.mark.parametrize(
    ("role", "facts"),
    [
        ("purchaser", "P_dept P_rank P_years P_role P_visits"),
        ("undertaker", "U_type U_posts U_hh U_funds U_years U_staff U_contract"),
        (
            "post_holder",
            "H_reg H_tenure H_hours H_pay H_delay H_share H_health H_hhsize H_workers H_insured H_training H_contract",
        ),
        ("evaluator", "E_body E_n E_trained E_years"),
        ("villager", "V_hhsize V_inc V_resident V_dist V_know V_posthh V_fee"),
    ],
)
def test_background_of_the_blueprint_is_asked_of_its_group_alone(instrument, role, facts):
    for name in facts.split():
        assert instrument.item(name).roles == (role,)
    assert set(facts.split()) <= set(names(instrument, role))


def test_language_is_the_readers_choice():
    assert sg.read_questionnaire(FOLDER, language="en").language == "en"
