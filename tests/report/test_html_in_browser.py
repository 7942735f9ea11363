"""The report's page in a browser: read aloud, sorted, copied, printed, on a phone, and without its script."""

import base64
import re
from dataclasses import replace

import lxml.html
import pytest
from browser import Browser
from report_samples import full
from table_kinds import groups, long, notes, statistics, very_wide_and_long

from sgsurvey.text import LANGUAGES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("browser"), width=1200, height=900)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report with every kind of block, saved in both languages side by side."""
    folder = tmp_path_factory.mktemp("report")
    report = replace(full(), languages=LANGUAGES).add(long(), very_wide_and_long(), notes(), groups(), statistics())
    return {language: report.to(language).save(folder / f"report.{language}.html") for language in LANGUAGES}


def table(at):
    return f"document.querySelectorAll('main table')[{at}]"


def column(browser, of, at):
    script = f"return [...{of}.tBodies].flatMap(b => [...b.rows].map(r => r.cells[arguments[0]]?.textContent ?? ''))"
    return browser.run(script, at)


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_fault(browser, pages, language, width):
    browser.resize(width, 900)
    browser.visit(pages[language])
    assert browser.faults() == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_is_sorted_both_ways_and_back_within_its_groups(browser, pages, language):
    browser.resize(1200, 900)
    browser.visit(pages[language])
    simple = "[...document.querySelectorAll('main table')].find(t => t.parentElement.id === 'tab_simple')"
    before = column(browser, simple, 5)
    assert before == {"zh": ["−0.450", "0.000", "1.000"], "en": ["−.450", ".000", "1.000"]}[language]
    press = f"{simple}.tHead.rows[0].cells[5].querySelector('button').click()"
    seen = []
    for _ in range(3):
        browser.run(press)
        seen.append((browser.run(f"return {simple}.tHead.rows[0].cells[5].getAttribute('aria-sort')"),
                     column(browser, simple, 5)))  # fmt: skip
    assert seen == [("ascending", before), ("descending", before[::-1]), (None, before)]
    grouped = "[...document.querySelectorAll('main table')].find(t => t.parentElement.id === 'tab_groups')"
    browser.run(f"{grouped}.tHead.rows[0].cells[1].querySelector('button').click()")
    rows = browser.run(f"return [...{grouped}.tBodies].map(b => [...b.rows].map(r => r.className))")
    assert all(body[0] == "sg-group" and "sg-group" not in body[1:] for body in rows)


def test_statistics_under_a_table_stay_where_they_are(browser, pages):
    browser.visit(pages["en"])
    statistics = "[...document.querySelectorAll('main table')].find(t => t.querySelector('.sg-ruled'))"
    below = browser.run(f"return {statistics}.tBodies[1].innerText")
    browser.run(f"{statistics}.querySelector('button.sort').click()")
    assert browser.run(f"return {statistics}.tBodies[1].innerText") == below


def test_a_table_is_copied_cell_by_cell(browser, pages):
    browser.visit(pages["en"])
    browser.devtools("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    assert browser.run("return document.querySelector('#tab_spanners .copy').textContent") == "Copy table"
    browser.run("document.querySelector('#tab_spanners .copy').click()")
    browser._until(
        lambda: browser.run("return document.querySelector('#tab_spanners .copy').textContent") == "Copied", 5
    )
    text = browser.run_until_done("navigator.clipboard.readText().then(arguments[0])")
    lines = [line.split("\t") for line in text.split("\n")]
    page = lxml.html.document_fromstring(pages["en"].read_text(encoding="utf-8"))
    body = page.xpath("//*[@id='tab_spanners']//tbody/tr")
    assert lines[0] == ["Table 1.1 Results of the regression"]
    assert lines[1] == ["", "Model 1", "", "Model 2", "", ""]
    assert lines[2][:3] == ["Variable", "B", "p"]
    assert {len(line) for line in lines[1:]} == {6}
    assert len(lines) == 3 + len(body)
    assert lines[4][1] == "-0.02"


def test_the_page_says_the_same_without_its_script(browser, pages):
    browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.visit(pages["zh"])
        tree = browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
    finally:
        browser.devtools("Emulation.setScriptExecutionDisabled", value=False)
    words = set(tree["strings"])
    assert {"表1-1 分层回归结果", "模型1"} <= words
    assert "BUTTON" not in words


def test_a_printed_page_is_a4_and_holds_what_is_folded_on_the_screen(browser, pages, tmp_path):
    browser.visit(pages["en"])
    printed = browser.devtools("Page.printToPDF", preferCSSPageSize=True)
    pdf = base64.b64decode(printed["data"])
    sizes = {tuple(round(float(x)) for x in box) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert sizes == {(595, 842), (842, 595)} or sizes == {(596, 842), (842, 596)}
    heights = browser.run(
        "return [...document.querySelectorAll('details.long')].map(each => each.open)"
    )  # opened for the printer
    assert heights
    assert all(heights)


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(browser, pages):
    browser.requests()
    browser.log("browser")
    browser.visit(pages["zh"])
    assert {address.split(":")[0] for address in browser.requests()} <= {"file", "data"}
    assert browser.log("browser") == []
