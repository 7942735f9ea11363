import base64
import hashlib
import re
from dataclasses import replace

import lxml.html
import pytest
from evil_words import HOSTILE
from report_samples import full, means
from table_kinds import long, simple, very_wide_and_long

from sgsurvey.report.blocks import Bullets, Callout, Figure, Heading, Paragraph
from sgsurvey.report.html import inline_svg, to_page
from sgsurvey.report.report import Report
from sgsurvey.tables.format import printable
from sgsurvey.text import LANGUAGES, Text


@pytest.fixture(params=LANGUAGES)
def page(request):
    return lxml.html.document_fromstring(to_page(full(request.param)))


def test_the_page_loads_nothing_and_runs_only_its_own_script(page):
    assert page.xpath("//link|//iframe|//object|//*[@onload or @onerror or @onclick]") == []
    addresses = page.xpath("//@src|//@href|//@*[name()='xlink:href']")
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    (script,) = page.xpath("//script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert re.findall(r"script-src ([^;]*);", policy) == [f"'sha256-{digest}'"]


def test_each_language_leads_to_the_other_where_both_are_saved(tmp_path):
    both = replace(full("zh"), languages=("zh", "en"))
    page = lxml.html.document_fromstring(both.save(tmp_path / "my report.zh.html").read_text(encoding="utf-8"))
    (link,) = page.xpath("//p[@class='languages']/a")
    assert (link.get("href"), link.get("hreflang"), link.text) == ("my%20report.en.html", "en", "English")
    for report, name in ((both, "report.html"), (replace(both, languages=("zh",)), "report.zh.html")):
        page = lxml.html.document_fromstring(report.save(tmp_path / name).read_text(encoding="utf-8"))
        assert page.xpath("//p[@class='languages']") == []


def test_long_tables_are_folded_under_their_title_and_wide_ones_are_printed_across():
    page = lxml.html.document_fromstring(
        to_page(Report("R", language="en").add(simple(), long(), very_wide_and_long()))
    )
    first, second = page.xpath("//details[@class='long']")
    assert first.find("summary").text_content() == "Table 2 Results of the regression (45 rows, select to unfold)"
    assert first.xpath("div[@class='table']//table")
    assert second.xpath("div[@class='table wide']//table")
    assert len(page.xpath("//table")) == 3


def test_words_around_a_wide_table_are_printed_on_its_page():
    speaks = very_wide_and_long().telling(Text("如此。", "So it is."))
    report = Report("R", language="en").add(simple(), Heading("Wide", 2), "One.", speaks, "After.")
    page = lxml.html.document_fromstring(to_page(report))
    before, lead, after = (each.text_content() for each in page.xpath("//div[@class='across']"))
    assert (before, lead) == ("0.1 Wide", "One.")
    assert after.endswith("shows: So it is.")


def test_every_link_leads_to_one_place_and_no_id_comes_twice(page):
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {a[1:] for a in page.xpath("//a/@href")} <= set(ids)
    used = re.findall(r"url\(#([^)]+)\)", lxml.html.tostring(page, encoding="unicode"))
    assert used
    assert set(used) <= set(ids)


def test_the_page_can_be_read_aloud(page):
    assert page.get("lang") in {"zh-CN", "en"}
    assert len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
    assert page.xpath("//nav/@aria-label")
    assert page.xpath("//a[@class='skip']/@href") == ["#text"]
    assert all(table.find("caption").text_content() for table in page.xpath("//table"))
    assert all(head.get("scope") and head.text_content() for head in page.xpath("//th"))
    (picture,) = page.xpath("//figure//*[local-name()='svg']")
    assert picture.get("role") == "img"
    title, description = picture.get("aria-labelledby").split()
    assert page.get_element_by_id(title).text_content() in {"各方面均值", "Means by aspect"}
    assert page.get_element_by_id(description).text_content() in {"两条横条", "Two bars"}
    assert page.xpath("//figure/details//table")


def test_numbers_and_references_stand_in_the_text():
    text = lxml.html.document_fromstring(to_page(full("zh"))).text_content()
    assert "见表1-1和图2-1。" in text
    assert "图2-1 各方面均值" in text
    assert "表2-2 相关矩阵" in text


@pytest.mark.parametrize("evil", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_words_stay_words(evil):
    report = Report(evil, language="en", subtitle=evil, author=evil).add(
        Heading(evil), Paragraph(evil), Bullets((evil,)), Callout(evil), Figure(means(), caption=evil, alt=evil)
    )
    clean = lxml.html.document_fromstring(to_page(full()))
    page = lxml.html.document_fromstring(to_page(report))
    assert {node.tag for node in page.iter()} <= {node.tag for node in clean.iter()}
    seen = printable(evil)
    assert page.xpath("//main/p")[0].text_content() == page.xpath("//h1")[0].text_content() == seen


def test_a_simulated_study_says_so_on_the_cover():
    sentence = "Simulated data; not the result of a real survey."
    page = lxml.html.document_fromstring(to_page(full().add(means(simulated=True))))
    assert page.xpath("//header//p[@class='simulated']")[0].text_content() == sentence
    assert not lxml.html.document_fromstring(to_page(full())).xpath("//p[@class='simulated']")


def test_ids_of_a_picture_are_renamed_together_with_their_uses():
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><defs><clipPath id="x9"/>'
        b'<path id="g"/></defs><use xlink:href="#g" clip-path="url(#x9)"/></svg>'
    )
    text = inline_svg(svg, "p1", "T & t", "D")
    assert 'id="p1-2"' in text
    assert 'xlink:href="#p1-3"' in text
    assert "url(#p1-2)" in text
    assert '<title id="p1-title">T &amp; t</title>' in text
