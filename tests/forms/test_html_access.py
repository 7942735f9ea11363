"""The offline form to the eye, the finger and the ear."""

import re

import pytest
from offline_form import COUNTY, NEXT, START, finish, pick, shown, text

pytestmark = pytest.mark.browser

MEASURE = """
    const wide = [], small = [], seen = [];
    for (const page of pages) {
        pages.forEach((each) => { each.node.hidden = each !== page; });
        document.querySelectorAll('.question').forEach((n) => { n.hidden = false; });
        if (document.documentElement.scrollWidth > innerWidth) wide.push(page.node.id);
        for (const node of page.node.querySelectorAll('.option, button, textarea, .question > input')) {
            const box = node.getBoundingClientRect();
            if (!box.width) continue;
            if (box.height < 44 || box.width < 44) small.push([node.innerText, box.width, box.height]);
        }
        for (const node of page.node.querySelectorAll('.option span span')) {
            const range = document.createRange(); range.selectNodeContents(node);
            const box = range.getBoundingClientRect(), frame = node.closest('.option').getBoundingClientRect();
            seen.push(node.textContent);
            const inside = box.left > frame.left - .5 && box.right < frame.right + .5 && box.bottom < frame.bottom + .5;
            if (!inside || frame.left < 0 || frame.right > innerWidth)
                wide.push([node.textContent, box.left, box.right, frame.left, frame.right]);
        }
    }
    return [wide, small, seen.length];
"""


@pytest.mark.parametrize("role", ["villager", "purchaser", "observer"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_anchor_is_in_sight_at_360_px_and_every_target_takes_a_thumb(page, role, language):
    phone = page(COUNTY, role, language=language, start=False)
    for width in (360, 320, 900):
        phone.resize(width, 740)
        wide, small, seen = phone.run(MEASURE)
        assert wide == []
        assert small == []
        expected = [i for i in COUNTY.asked(role) if i.scale is not None]
        assert seen >= sum(len(item.scale.choices) for item in expected)


def test_the_keyboard_alone_is_enough(page):
    phone = page(role="buyer", start=False)
    tab, space, right, enter = "\ue004", " ", "\ue014", "\ue007"
    phone.run("document.querySelector(arguments[0]).focus()", START)
    phone.press(enter)
    assert text(phone, "section:not([hidden]) h1") == "您是否同意？"
    phone.press(tab, space, right, right)
    assert phone.run("return draft.answers") == {"TRU1": 3}
    ring = phone.run("return getComputedStyle(document.querySelector('#q-TRU1 input:checked + span')).outlineStyle")
    assert ring == "solid"


def test_assistive_technology_hears_questions_choices_hints_and_errors(page):
    phone = page(language="en")
    pick(phone, "grows", 1)
    phone.tap(NEXT)
    nodes = phone.devtools("Accessibility.getFullAXTree")["nodes"]
    named = {(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored")}
    assert ("radiogroup", "1. Do you grow tea? required") in {(role, re.sub(r"[()]", "", name)) for role, name in named}
    assert ("radio", "Yes") in named
    assert ("group", "4. Which teas?") in named
    assert ("checkbox", "Green tea") in named
    years = next(n for n in nodes if n["role"]["value"] == "textbox" and "how many years" in n["name"]["value"])
    assert "needs an answer" in years["description"]["value"]
    assert phone.run("return document.documentElement.lang") == "en"


def contrast(phone, css) -> float:
    """Of the words in ``css`` with the ground they stand on, as WCAG reckons it."""
    script = """
        const parse = (c) => c.match(/[\\d.]+/g).map(Number);
        const linear = (v) => (v <= .03928 * 255 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4);
        const lum = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
        const node = document.querySelector(arguments[0]);
        let under = node;
        while (under && (parse(getComputedStyle(under).backgroundColor)[3] === 0)) under = under.parentElement;
        const back = under ? parse(getComputedStyle(under).backgroundColor) : [255, 255, 255];
        const [a, b] = [lum(parse(getComputedStyle(node).color)), lum(back)].sort((x, y) => y - x);
        return (a + .05) / (b + .05);
    """
    return phone.run(script, css)


WORDS = [
    "h1",
    "#q-years .legend",
    "#q-years .number",
    "#q-years .error",
    "#q-area .hint p",
    ".where",
    ".live",
    "#q-grows .option span",
    "#q-grows input:checked + span",
    "#q-grows .aside .option span",
    ".unset:not([hidden])",
    "footer button.main",
    "footer button.plain",
    ".languages [aria-pressed=true]",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground_by_day_and_by_night(page, scheme):
    phone = page(language="en")
    phone.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    try:
        pick(phone, "grows", 1)
        phone.tap(NEXT)
        for css in WORDS:
            assert contrast(phone, css) >= 4.5, css
    finally:
        phone.devtools("Emulation.setEmulatedMedia", features=[])


def test_nothing_moves_for_those_who_want_no_motion(page):
    phone = page()
    speed = "return getComputedStyle(document.querySelector('.option span')).transitionDuration"
    for wish, seconds in (("reduce", "0s"), ("no-preference", "0.12s")):
        phone.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": wish}])
        assert phone.run(speed) == seconds
    phone.devtools("Emulation.setEmulatedMedia", features=[])


def test_print_shows_every_page_and_no_buttons(page):
    phone = page(role="buyer")
    phone.devtools("Emulation.setEmulatedMedia", media="print")
    try:
        heights = phone.run("return [...document.querySelectorAll('section:not(.cover)')].map((n) => n.offsetHeight)")
        assert all(heights)
        assert phone.run(
            "return [...document.querySelectorAll('footer, .languages, .unset')].every((n) => !n.offsetHeight)"
        )
    finally:
        phone.devtools("Emulation.setEmulatedMedia", media="")


def test_the_short_form_asks_less_and_the_sheet_what_is_seen(page):
    phone = page(role="buyer", short=True)
    assert shown(phone) == ["TRU1"]
    found = finish(phone)
    assert found["short"] is True
    assert list(found["items"]) == ["TRU1", "words"]
    phone = page(role="garden")
    pick(phone, "notice", 2)
    assert finish(phone)["items"]["notice"]["answer"] == 2
