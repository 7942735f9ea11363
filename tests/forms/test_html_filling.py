"""The offline form, filled in by a phone-sized Chromium: what is asked, what is refused, what is in the file."""

import re
import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from offline_form import BACK, EN, INSTRUMENT, NEXT, ZH, answer, complaints, fill_you, finish, pick, shown, text

pytestmark = pytest.mark.browser


# Filling in ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", ["zh", "en"])
def test_a_form_filled_in_on_a_phone_with_the_language_changed_midway_is_one_whole_file(page, first):
    phone = page(language=first)
    assert text(phone, "section:not([hidden]) h1") == {"zh": "您的茶园", "en": "Your garden"}[first]
    fill_you(phone)
    phone.tap(EN if first == "zh" else ZH)
    assert text(phone, "section:not([hidden]) h1") == {"en": "您的茶园", "zh": "Your garden"}[first]
    phone.tap(NEXT)
    for name, code in {"TRU1": 5, "TRU2": 9, "TRU3": -9, "check1": 2}.items():
        pick(phone, name, code)
    phone.tap(NEXT)
    pick(phone, "fee", 0)
    answer(phone, "words", "一行\n二行")
    found = finish(phone)
    assert (found["format"], found["format_version"]) == ("sgsurvey-answers", 1)
    assert found["questionnaire"] == {"id": "every_type", "version": "3.1"}
    assert (found["role"], found["short"]) == ("grower", False)
    assert found["languages"] == [first, "en" if first == "zh" else "zh"]
    assert uuid.UUID(found["id"]).version == 4
    started, finished = (datetime.fromisoformat(found[name]) for name in ("started", "finished"))
    assert started.tzinfo is not None
    assert started <= finished
    items = found["items"]
    assert list(items) == [i.name for i in INSTRUMENT.asked("grower") if i.type != "note"]
    answers = {name: item["answer"] for name, item in items.items() if "answer" in item}
    assert answers == {
        "grows": 1, "years": 12, "area": 3.5, "kinds": [98, 2], "other": "黄茶 & <b>more</b>", "first": [3, 1, 2],
        "since": "2019-03-05", "t_start": found["started"], "t_end": found["finished"],
        "TRU1": 5, "TRU2": 9, "TRU3": -9, "check1": 2, "fee": 0, "words": "一行\n二行",
    }  # fmt: skip
    assert {item["state"] for item in items.values()} == {"answered"}
    assert items["fee"]["assigned"] in (2, 5, 10, 20)
    assert sorted(items["kinds"]["order"]) == [1, 2, 3, 98, 99]
    assert items["kinds"]["order"][-1] == 99, "'none of them' stays last"


def test_the_file_tells_nothing_about_the_device_and_its_name_nothing_about_the_person(page):
    phone = page(role="buyer")
    answer_name = "13800138000"
    phone.tap(NEXT)
    phone.tap(NEXT)
    answer(phone, "words", answer_name)
    found = finish(phone)
    path = phone.downloaded()
    assert path.name == f"every_type_buyer_{found['id']}.json"
    assert set(found) == {
        "format", "format_version", "questionnaire", "role", "short", "id", "languages", "started", "finished",
        "seconds", "pages", "items",
    }  # fmt: skip
    agent = phone.run("return navigator.userAgent")
    assert not [word for word in re.findall(r"\w{6,}", agent) if word in path.read_text(encoding="utf-8")]


def stop_the_clock(phone):
    """From here on, time passes only where a test sets ``at`` (milliseconds)."""
    phone.run("window.at = 0; performance.now = () => window.at; attention.block && attention.turnTo(attention.block)")
    phone.run("draft.pages = bare()")


def test_time_is_told_by_question_and_by_page(page):
    phone = page(role="buyer")
    stop_the_clock(phone)
    for at, name, code in ((4000, "TRU2", 4), (10_000, "TRU1", 4), (11_000, "TRU2", 5)):
        phone.run("window.at = arguments[0]", at)
        pick(phone, name, code)
    phone.run("window.at = 15000")
    found = finish(phone)
    items = found["items"]
    assert (items["TRU2"]["ms"], items["TRU1"]["ms"]) == (5000, 6000)
    assert items["TRU2"]["first"] <= items["TRU1"]["first"] <= items["TRU2"]["last"]
    assert "ms" not in items["TRU3"]
    assert found["pages"] == {"views": 15_000, "open": 0}
    assert found["seconds"] == 15


def test_time_off_the_screen_does_not_count(page):
    phone = page(role="buyer")
    stop_the_clock(phone)
    hide = (
        "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'));"
    )
    for at, hidden in ((1000, True), (900_000, False)):
        phone.run("window.at = arguments[0]", at)
        phone.run(hide, hidden)
    phone.run("window.at = 902000")
    pick(phone, "TRU1", 4)
    found = finish(phone)
    assert found["items"]["TRU1"]["ms"] == 2000
    assert found["seconds"] == 3


# Skip logic ----------------------------------------------------------------------------------------
def test_skip_logic_follows_the_answers_both_ways_and_through_chains(page):
    phone = page()
    assert shown(phone) == ["welcome", "grows"]
    pick(phone, "grows", 1)
    assert shown(phone) == ["welcome", "grows", "years", "area", "kinds", "first", "since"]
    pick(phone, "kinds", 98)
    assert "other" in shown(phone)
    answer(phone, "other", "黄茶")
    pick(phone, "grows", 0)
    assert shown(phone) == ["welcome", "grows", "since"], "what hangs on a hidden question is hidden too"
    pick(phone, "grows", 1)
    assert phone.run("return document.querySelector('#a-other').value") == "黄茶", "nothing is lost by a slip"
    pick(phone, "grows", 0)
    items = finish(phone)["items"]
    for name in ("years", "area", "kinds", "other", "first"):
        assert items[name] == {"state": "not_shown"}
    assert items["since"]["state"] == "empty"


def test_a_refusal_meets_no_condition(page):
    phone = page()
    pick(phone, "grows", -9)
    assert shown(phone) == ["welcome", "grows"]
    assert finish(phone)["items"]["since"] == {"state": "not_shown"}


def test_a_page_without_questions_to_ask_is_passed_over_and_not_counted(page):
    views = [
        replace(item, relevant={"grows": (1,)}) if item.name.startswith(("TRU", "check")) else item
        for item in INSTRUMENT.items
    ]
    phone = page(replace(INSTRUMENT, items=tuple(views)), language="en")
    pick(phone, "grows", 0)
    phone.run("reminded.add(1)")
    phone.tap(NEXT)
    assert text(phone, "section:not([hidden]) h1") == "Finally"
    assert text(phone, ".where") == "Page 2 of 3"
    phone.tap(BACK)
    assert text(phone, "section:not([hidden]) h1") == "Your garden"


# Rules ---------------------------------------------------------------------------------------------
def test_a_required_question_holds_the_page_and_has_the_focus(page):
    phone = page(language="en")
    phone.tap(NEXT)
    assert complaints(phone) == {"grows": "This question needs an answer."}
    assert text(phone, ".live") == "Questions to correct: 1."
    assert phone.run("return document.activeElement.name") == "grows"
    assert phone.run("return document.querySelector('#q-grows').getAttribute('aria-invalid')") == "true"
    phone.tap(ZH)
    assert complaints(phone) == {"grows": "这一题需要回答。"}
    pick(phone, "grows", 0)
    assert complaints(phone) == {}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("years", "61", "Write a number from 0 to 60."),
        ("years", "-1", "Write a number from 0 to 60."),
        ("years", "1.5", "Write a whole number."),
        ("years", "about 3", "Write a number in digits."),
        ("years", "1,000", "Write a number in digits."),
        ("years", "1e1", "Write a number in digits."),
        ("years", "9" * 30, "Write a number in digits."),
        ("area", "0", "Write a number from 0.1 to 500."),
        ("area", "500.01", "Write a number from 0.1 to 500."),
    ],
)
def test_a_number_out_of_bounds_is_told_and_holds_the_page(page, name, typed, said):
    phone = page(language="en")
    pick(phone, "grows", 1)
    answer(phone, "years", "3")
    answer(phone, name, typed)
    phone.tap(NEXT)
    assert complaints(phone) == {name: said}
    assert phone.run("return document.activeElement.id") == f"a-{name}"
    answer(phone, name, "7")
    assert complaints(phone) == {}


def test_a_number_may_be_refused_or_typed_as_its_code(page):
    phone = page()
    pick(phone, "grows", 1)
    answer(phone, "years", "5")
    pick(phone, "years", -9)
    assert phone.run("return document.querySelector('#a-years').value") == ""
    answer(phone, "area", "-8")
    items = finish(phone)["items"]
    assert (items["years"]["answer"], items["area"]["answer"]) == (-9, -8)


def test_no_more_choices_than_allowed_and_nothing_beside_an_exclusive_one(page):
    phone = page(language="en")
    pick(phone, "grows", 1)
    pick(phone, "kinds", 1, 2, 3)
    assert complaints(phone) == {"kinds": "At most 2: remove one first."}
    assert phone.run("return draft.answers.kinds") == [1, 2]
    assert not phone.run("return document.querySelector('#q-kinds input[value=\"3\"]').checked")
    pick(phone, "kinds", 99)
    assert phone.run("return draft.answers.kinds") == [99]
    assert text(phone, ".live") == "The other choices were removed."
    pick(phone, "kinds", 3)
    assert phone.run("return draft.answers.kinds") == [3]


def test_ranks_show_their_place_and_close_up_when_one_is_taken_back(page):
    phone = page()
    pick(phone, "grows", 1)
    pick(phone, "first", 2, 98, 1)
    badges = (
        "return [...document.querySelectorAll('#q-first .option')].map((n) => n.innerText.replace(/\\s+/g, ' ').trim())"
    )
    assert phone.run(badges)[:4] == ["3 绿茶", "1 红茶", "白茶", "2 其他"]
    pick(phone, "first", 2)
    assert phone.run(badges)[:4] == ["2 绿茶", "红茶", "白茶", "1 其他"]


def test_an_answer_can_be_withdrawn(page):
    phone = page(role="buyer")
    pick(phone, "TRU1", 4)
    phone.tap("#q-TRU1 .unset")
    assert finish(phone)["items"]["TRU1"]["state"] == "empty"


def test_open_questions_are_pointed_out_once_and_nobody_is_held(page):
    phone = page(role="buyer", language="en")
    pick(phone, "TRU1", 4)
    phone.tap(NEXT)
    assert text(phone, ".live").startswith("Unanswered on this page: 3.")
    assert phone.run("return document.activeElement.name") == "TRU2"
    phone.tap(NEXT)
    assert text(phone, "section:not([hidden]) h1") == "Finally"
