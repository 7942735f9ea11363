"""The form before any format: order, numbers, grids, what may be answered, conditions in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from evil_words import evil_questionnaire

import sgsurvey as sg
from sgsurvey.forms.conditions import by_name, by_number, condition_words, limits_words, no_answer_words
from sgsurvey.forms.form import additions, lay_out, number_words
from sgsurvey.questionnaire.model import Choice, Item
from sgsurvey.text import Text, same

INSTRUMENT = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
EVERYBODY = [role.name for role in (*INSTRUMENT.roles, *INSTRUMENT.sheets)]


@pytest.mark.parametrize("role", EVERYBODY)
def test_questions_are_numbered_in_the_order_shown_and_parts_hold_each_once(role):
    form = lay_out(INSTRUMENT, role)
    assert [item.name for item in form.items] == [item.name for item in INSTRUMENT.asked(role)]
    assert list(form.numbers.values()) == list(range(1, len(form.numbers) + 1))
    for by_condition in (False, True):
        parts = list(form.parts(by_condition=by_condition))
        assert [item for part in parts for item in part.items] == list(form.items)
        for part in parts:
            assert part.grid is (len(part.items) > 1)
            assert len({item.scale for item in part.items}) == 1
            if by_condition:
                assert len({tuple(form.conditions(item).items()) for item in part.items}) == 1


def test_the_short_form_leaves_out_ratings_alone():
    long, short = (lay_out(INSTRUMENT, "villager", short=short) for short in (False, True))
    left_out = [item for item in long.items if item not in short.items]
    assert left_out
    assert {item.type for item in left_out} == {"rating"}
    assert not any(item.short_form for item in left_out)
    assert (long.name, short.name) == ("s_county_cleaning_villager", "s_county_cleaning_villager_short")


def test_a_scale_name_parts_grids_whose_choices_are_alike():
    assert [part.grid for part in lay_out(INSTRUMENT, "observer").parts() if part.items[0].type == "rating"] == [
        False
    ] * 10


def test_codes_of_no_answer_have_labels_wherever_they_were_declared():
    form = lay_out(evil_questionnaire(), "everybody")
    item = form.questionnaire.item
    assert [(c.code, c.label.en) for c in form.no_answers(item("N1"))] == [(-8, "Don't know"), (-9, "Refused")]
    assert [(c.code, c.label.en) for c in form.no_answers(item("N2"))] == [(99, "Not applicable")]
    assert [c.code for c in form.choices(item("M1"))] == [1, 2, 3, 4]
    assert form.no_answers(replace(item("M1"), missing={-9: "refused"})) == ()


def test_a_required_rating_can_be_refused_by_who_answers_alone():
    questionnaire = evil_questionnaire()
    alone = replace(questionnaire, roles=(replace(questionnaire.roles[0], mode="self_web"),))
    form, item = lay_out(alone, "everybody"), questionnaire.item("L1")
    assert [c.code for c in form.choices(item)] == [1, 2, 3]
    assert [c.code for c in form.choices(replace(item, required=True))] == [1, 2, 3, -8, -9]


def test_a_missing_choice_of_several_stands_alone():
    questionnaire = evil_questionnaire()
    scale = questionnaire.scales["picks"]
    unknown = Choice(9, same("?"), "dont_know")
    item = replace(questionnaire.item("M1"), scale=replace(scale, choices=(*scale.choices, unknown)))
    assert lay_out(questionnaire, "everybody").choices(item)[-1] == replace(unknown, exclusive=True)


def test_conditions_read_as_sentences():
    form = lay_out(INSTRUMENT, "villager")
    several = INSTRUMENT.item("MRK1").relevant
    assert condition_words(several, INSTRUMENT, by_number(form)) == Text(
        "第3题选“1. 网上自填”或“2. 纸上自填”",
        'question 3 is "1. Self-administered on the web" or "2. Self-administered on paper"',
    )
    assert condition_words(INSTRUMENT.item("CAU_other").relevant, INSTRUMENT, by_name) == Text(
        "CAU选了“98. 其他”", 'CAU includes "98. Other"'
    )
    assert condition_words({}, INSTRUMENT, by_name) is None
    evil = evil_questionnaire()
    both = condition_words(evil.item("N1").relevant, evil, by_name)
    assert both is not None
    assert both.en == 'O1 is "1. 1. one" and M1 includes "3. three"'
    assert both.zh.count("，并且") == 1


@pytest.mark.parametrize(
    ("kind", "limits", "zh", "en"),
    [
        ("integer", (1, 20), "1到20之间的整数", "a whole number from 1 to 20"),
        ("decimal", (0.5, 2.25), "0.5到2.25之间的数", "a number from 0.5 to 2.25"),
        ("integer", (0, float("inf")), "不小于0的整数", "a whole number of 0 or more"),
        ("decimal", (float("-inf"), 1e6), "不大于1000000的数", "a number of 1000000 or less"),
        ("integer", None, "整数", "a whole number"),
    ],
)
def test_limits_read_as_people_say_them(kind, limits, zh, en):
    assert limits_words(Item("n", kind, same("n"), limits=limits)) == Text(zh, en)


def test_other_items_have_no_limits_and_no_codes_no_words():
    assert limits_words(Item("t", "text", same("t"))) is None
    assert no_answer_words(()) is None


def test_numbers_are_written_without_an_exponent():
    assert [number_words(n) for n in (0, -8.0, 50000.0, 1e22, 0.5, 1e-7)] == [
        "0", "-8", "50000", "10000000000000000000000", "0.5", "0.0000001",
    ]  # fmt: skip


def test_what_a_form_adds_to_the_data_is_named():
    assert set(additions(INSTRUMENT)) == {"introduction", "LEV_pick1", "LEV_pick2", "LEV_pick3", "lev_seed"}
    assert {"P1", "R1_pick1", "R1_pick2", "r1_seed"} <= set(additions(evil_questionnaire()))
    assert "R2_pick1" not in set(additions(evil_questionnaire()))
