"""The offline form and the device: drafts, chance, no way out and no way in."""

import json
import re
import threading
import uuid
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from evil_words import EVIL, evil_questionnaire
from offline_form import EN, INSTRUMENT, NEXT, START, answer, fill_you, finish, pick, shown, text

import sgsurvey as sg
from sgsurvey.forms.html import to_page, write_html
from sgsurvey.questionnaire.model import Choice
from sgsurvey.tables.format import printable
from sgsurvey.text import Text

pytestmark = pytest.mark.browser


# The device ----------------------------------------------------------------------------------------
def test_a_draft_outlives_the_page_with_its_answers_its_draws_and_its_language(page):
    phone = page(language="zh")
    fill_you(phone)
    phone.tap(EN)
    before = phone.run("return draft")
    phone.reload()
    assert phone.run("return document.documentElement.lang") == "zh-CN", "the cover opens in the form's language"
    assert "没有填完的问卷" in text(phone, ".cover .notice")
    phone.tap(START)
    after = phone.run("return draft")
    for kept in ("id", "started", "answers", "order", "assigned", "languages", "page"):
        assert after[kept] == before[kept]
    assert phone.run("return document.documentElement.lang") == "en"
    assert phone.run("return document.querySelector('#a-years').value") == "１２"
    assert phone.run("return document.querySelector('#q-kinds input[value=\"98\"]').checked")
    labels = "return [...document.querySelectorAll('#q-kinds .options input')].map((n) => Number(n.value))"
    assert phone.run(labels) == before["order"]["kinds"]


def test_the_next_respondent_finds_nothing_of_the_last(page):
    phone = page()
    fill_you(phone)
    first = finish(phone)
    phone.reload()
    assert "已保存的问卷" in text(phone, ".cover .notice")
    phone.tap(START)
    phone.tap("section:not([hidden]) button.plain:not([hidden])")
    assert "删除" in phone.accept()
    assert phone.run("return Object.keys(localStorage)") == []
    phone.tap(START)
    assert shown(phone) == ["welcome", "grows"]
    assert phone.run("return document.querySelectorAll('input:checked').length") == 0
    pick(phone, "grows", 0)
    phone.downloaded().unlink()
    second = finish(phone)
    assert second["id"] != first["id"]
    assert second["items"]["other"] == {"state": "not_shown"}


def test_the_device_can_be_cleared_from_the_cover(page):
    phone = page()
    pick(phone, "grows", 1)
    phone.run("localStorage.setItem('sgsurvey:another:form', '{}'); localStorage.setItem('not ours', '1')")
    phone.reload()
    phone.tap(".cover button.plain")
    phone.accept()
    assert phone.run("return Object.keys(localStorage)") == ["not ours"]
    assert text(phone, ".live") == "本机上的回答已清除。"
    assert phone.run("return document.querySelectorAll('input:checked').length") == 0


def test_a_browser_that_keeps_nothing_says_so_and_the_form_still_works(page):
    phone = page(start=False)
    added = phone.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        source="Object.defineProperty(window, 'localStorage', {get() { throw new Error('not here'); }})",
    )
    try:
        phone.reload()
        assert "不允许保存草稿" in text(phone, ".cover")
        phone.tap(START)
        pick(phone, "grows", 0)
        assert finish(phone)["items"]["grows"]["answer"] == 0
    finally:
        phone.devtools("Page.removeScriptToEvaluateOnNewDocument", **added)


def test_a_damaged_draft_is_no_draft(page):
    phone = page(start=False)
    phone.run("localStorage.setItem(form.key, '{\"id\":')")
    phone.reload()
    phone.tap(START)
    assert shown(phone) == ["welcome", "grows"]


def test_draws_are_even_and_differ_between_respondents(page):
    phone = page(start=False)
    counts = phone.run("const n = [0,0,0,0]; for (let i = 0; i < 40000; i += 1) n[below(4)] += 1; return n")
    # Four standard deviations of a binomial share of 1/4 in 40,000.
    assert all(abs(n - 10_000) < 350 for n in counts)
    firsts = phone.run(
        "const n = {}; for (let i = 0; i < 8000; i += 1) { const [c] = order(byName.kinds); n[c] = (n[c] || 0) + 1; }"
        "return n"
    )
    assert set(firsts) == {"1", "2", "3", "98"}
    assert all(abs(n - 2000) < 160 for n in firsts.values())
    ids = phone.run("return Array.from({length: 1000}, () => uuid())")
    assert len(set(ids)) == 1000
    assert all(uuid.UUID(each).version == 4 for each in ids)


# No way out, no way in -----------------------------------------------------------------------------
ATTEMPTS = """
    const [root, done] = arguments, seen = [];
    document.addEventListener('securitypolicyviolation', (e) => seen.push(e.effectiveDirective));
    const attempt = (what) => { try { what(); } catch (e) { seen.push(e.name); } };
    const put = (tag, attributes) => attempt(() => document.body.append(make(tag, attributes)));
    put('img', {src: root + 'img'});
    put('link', {rel: 'stylesheet', href: root + 'style'});
    put('iframe', {src: root + 'frame'});
    put('script', {src: root + 'script'});
    attempt(() => document.body.insertAdjacentHTML('beforeend', `<img src="${root}markup">`));
    attempt(() => navigator.sendBeacon(root + 'beacon', 'x'));
    attempt(() => new WebSocket(root.replace('http', 'ws') + 'socket'));
    fetch(root + 'fetch').catch((e) => seen.push(e.name)).then(() => setTimeout(() => done(seen), 500));
"""


@pytest.fixture
def listener():
    """A server on this machine that notes what it is asked for."""
    heard: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", heard
    server.shutdown()
    server.server_close()


def test_the_form_asks_the_network_for_nothing(page):
    phone = page(start=False)
    phone.requests()
    phone.reload()
    phone.tap(START)
    pick(phone, "grows", 0)
    finish(phone)
    asked = phone.requests()
    assert any(url.endswith("grower.html") for url in asked)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_policy_stops_whatever_tries_to_get_out(page, listener, tmp_path):
    root, heard = listener
    phone = page(role="buyer")
    found = phone.run_until_done(ATTEMPTS, root)
    assert {"img-src", "style-src-elem", "frame-src", "require-trusted-types-for", "connect-src", "TypeError"} <= set(
        found
    )
    assert found.count("connect-src") == 3
    assert heard == []
    open_page = tmp_path / "open.html"
    open_page.write_text(re.sub("<meta http-equiv[^>]*>", "", to_page(INSTRUMENT, role="buyer")), encoding="utf-8")
    phone.visit(open_page)
    phone.run_until_done(ATTEMPTS, root)
    assert {"/img", "/style", "/frame", "/script", "/fetch"} <= set(heard), "without the policy they would have got out"


def test_a_script_put_into_the_file_does_not_run(phone, tmp_path):
    path = tmp_path / "tampered.html"
    page = to_page(INSTRUMENT, role="buyer")
    path.write_text(
        page.replace("</body>", "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'></body>"),
        encoding="utf-8",
    )
    phone.visit(path)
    assert phone.run("return window.ran === undefined && document.querySelectorAll('section').length > 0")
    assert any("Content Security Policy" in line["message"] for line in phone.log("browser"))


def test_a_questionnaire_that_tries_to_break_forms_is_shown_word_for_word_and_saved(page):
    instrument = evil_questionnaire()
    phone = page(instrument, "everybody")
    phone.log("browser")
    labels = {i.name: ["\n".join(map(printable, i.label.zh.splitlines()))] for i in instrument.items}
    labels["F1"] = [f"付{n}元？" for n in (2, 5, 10)]
    for name, expected in labels.items():
        css = f"#q-{name} :is(legend, .legend) > span:not(.number):not(.mark), #q-{name} > p"
        assert phone.run("return document.querySelector(arguments[0]).textContent", css) in expected
    phone.tap(NEXT)
    phone.tap(NEXT)
    pick(phone, "O1", 2)
    answer(phone, "X1", EVIL[1])
    finish(phone)
    assert phone.log("browser") == []
    back = sg.read_responses(phone.downloads, instrument, source="forms", options=sg.ReadOptions(min_complete=0))
    assert back.frame[["O1", "X1"]].values.tolist() == [[2, EVIL[1]]]
    assert back.frame["F1_assigned"].iloc[0] in (2, 5, 10)


def test_questions_may_bear_the_names_of_the_scripts_own_things(page):
    names = {"grows": "constructor", "kinds": "toString", "fee": "valueOf"}
    items = tuple(
        replace(
            item,
            name=names.get(item.name, item.name),
            label=Text("{toString} {assigned}", "{constructor}"),
            relevant={names.get(name, name): codes for name, codes in item.relevant.items()},
        )
        for item in INSTRUMENT.items
    )
    blocks = [replace(b, items=tuple(names.get(n, n) for n in b.items)) for b in INSTRUMENT.blocks]
    phone = page(replace(INSTRUMENT, items=items, blocks=tuple(blocks)))
    assert shown(phone) == ["welcome", "constructor"]
    assert (
        phone.run("return document.querySelector('#q-constructor legend').innerText") == "1. {toString} {assigned} 必答"
    )
    pick(phone, "constructor", 0)
    assert finish(phone)["items"]["toString"] == {"state": "not_shown"}


def test_hostile_words_are_words(page):
    evil = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>{assigned}${x}"
    items = [
        replace(i, label=Text(evil, evil), hint=Text(evil, evil)) if i.name == "grows" else i for i in INSTRUMENT.items
    ]
    scale = INSTRUMENT.scales["yes_no"]
    bad = replace(scale, choices=(Choice(1, Text(evil, evil)), *scale.choices[1:]))
    items = [replace(i, scale=bad) if i.name == "grows" else i for i in items]
    phone = page(replace(INSTRUMENT, items=tuple(items), title=Text(evil, evil)))
    for css in ("#q-grows legend span:nth-of-type(2)", "#q-grows .hint", "#q-grows .option"):
        assert text(phone, css).strip() == evil
    assert phone.run("return document.title") == f"{evil}（茶农）"
    assert phone.run("return [window.ran === undefined, document.querySelectorAll('img').length]") == [True, 0]


def test_without_script_the_page_says_what_to_do(phone, tmp_path):
    path = tmp_path / "a.html"
    write_html(INSTRUMENT, path, role="buyer")
    phone.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        phone.visit(path)
        tree = json.dumps(phone.devtools("Accessibility.getFullAXTree"), ensure_ascii=False)
    finally:
        phone.devtools("Emulation.setScriptExecutionDisabled", value=False)
    assert "纸质问卷" in tree
    assert "use the paper form" in tree
