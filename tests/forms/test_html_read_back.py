"""The whole way: simulated people fill in the form on a phone, and what it saved is read back cell by cell."""

import pandas as pd
import pytest
from browser import Browser
from form_files import as_saved
from offline_form import COUNTY, EN, NEXT, ZH, answer, finish, pick, shown

import sgsurvey as sg
from sgsurvey.forms.record import CLOCKED
from sgsurvey.questionnaire.model import Item

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return sg.simulate(COUNTY, seed=11).frame


def give(phone: Browser, item: Item, person: pd.Series) -> None:
    """Answer one question as ``person`` did, if at all."""
    values = [person[column] for column in item.columns if column in person][: len(item.columns) - bool(item.assign)]
    if all(pd.isna(value) for value in values):
        return
    told = as_saved(item, values)
    if item.type == "date":
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        phone.run(script.replace("arguments[0]", f"document.querySelector('#a-{item.name}')"), None, told)
    elif item.type in ("text", "integer", "decimal"):
        answer(phone, item.name, str(told))
    else:
        pick(phone, item.name, *(told if isinstance(told, list) else [told]))


@pytest.mark.parametrize(
    ("role", "which", "languages"),
    [("villager", 3, "zh en"), ("villager", 40, "en zh"), ("purchaser", 2, "zh en"), ("evaluator", 1, "en zh")],
)
def test_what_a_simulated_person_taps_on_a_phone_is_what_is_read(page, people, role, which, languages):
    person = people[people["role"] == role].iloc[which]
    first = languages[:2]
    phone = page(COUNTY, role, language=first)
    for turn in range(len(COUNTY.role(role).blocks)):
        before = phone.run("return current")
        for name in phone.run("return pages[current].block.items.map((question) => question.name)"):
            # What is shown may change with each answer.
            if name in shown(phone):
                give(phone, COUNTY.item(name), person)
        phone.tap((EN, ZH)[(turn + (first == "en")) % 2])
        phone.tap(NEXT)
        if phone.run("return current") == before:
            phone.tap(NEXT)
        if phone.run("return current === pages.length - 1"):
            break
    finish(phone)
    back = sg.read_responses(phone.downloads, COUNTY, source="forms", options=sg.ReadOptions(min_complete=0))
    compared = 0
    for item in COUNTY.asked(role):
        for column in item.columns:
            if item.name not in CLOCKED and column in person and not column.endswith("_assigned"):
                read, told = back.frame[column].iloc[0], person[column]
                assert pd.isna(read) if pd.isna(told) else read == told, column
                compared += 1
    assert compared > 60
    assert back.context["forms"]["languages"].tolist() == [languages]
    assert not len(back.log.invalid)
