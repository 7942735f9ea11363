"""The offline form of one question of each kind, and how a respondent goes through it."""

import json
from pathlib import Path

from browser import Browser

import sgsurvey as sg

INSTRUMENT = sg.read_questionnaire(Path(__file__).parent / "forms" / "every_type.yaml")
COUNTY = sg.read_questionnaire(Path(__file__).parents[1] / "questionnaires")
START = "section:not([hidden]) button.main:not([hidden])"
NEXT, BACK = "footer button.main", "footer button.plain"
ZH, EN = ".languages button:first-child", ".languages button:last-child"


def pick(phone: Browser, name: str, *codes: int) -> None:
    """Tap these choices."""
    for code in codes:
        phone.tap(f"#q-{name} input[value='{code}']")


def answer(phone: Browser, name: str, words: str) -> None:
    """Type an answer in the place of any other."""
    phone.run(
        "const i = document.querySelector(arguments[0]); i.value = ''; i.dispatchEvent(new Event('input'))",
        f"#a-{name}",
    )
    phone.type(f"#a-{name}", words)


def shown(phone: Browser) -> list[str]:
    """Names of the questions on the screen."""
    nodes = "document.querySelectorAll('section:not([hidden]) [id^=q-]:not([hidden])')"
    return phone.run(f"return [...{nodes}].map((n) => n.id.slice(2))")


def text(phone: Browser, css: str) -> str:
    return phone.run("return document.querySelector(arguments[0]).innerText", css)


def complaints(phone: Browser) -> dict[str, str]:
    script = "return [...document.querySelectorAll('.error:not([hidden])')].map((n) => [n.id.slice(6), n.textContent])"
    return dict(phone.run(script))


def finish(phone: Browser) -> dict:
    """Through the pages that are left, then the file."""
    for _ in range(40):
        if phone.run("return current === pages.length - 1"):
            break
        phone.tap(NEXT)
    phone.tap(START)
    return json.loads(phone.downloaded().read_text(encoding="utf-8"))


def fill_you(phone: Browser) -> None:
    """The first page of a grower, every question answered."""
    pick(phone, "grows", 1)
    answer(phone, "years", "１２")
    answer(phone, "area", "3.5")
    pick(phone, "kinds", 98, 2)
    answer(phone, "other", "黄茶 & <b>more</b>")
    pick(phone, "first", 3, 1, 2)
    phone.run(
        "const i = document.querySelector('#a-since'); i.value = '2019-03-05'; i.dispatchEvent(new Event('input'))"
    )
