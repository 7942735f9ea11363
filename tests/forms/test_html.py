"""The page as it is written; the other ``test_html_`` files open it."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offline_form import COUNTY, INSTRUMENT

from sgsurvey.errors import QuestionnaireError
from sgsurvey.forms import html
from sgsurvey.forms.form import lay_out
from sgsurvey.forms.html import fits_a_row, to_page, write_html
from sgsurvey.questionnaire.model import Choice, Scale
from sgsurvey.tables.format import printable
from sgsurvey.text import Text, same

EVERYONE = [role.name for role in (*COUNTY.roles, *COUNTY.sheets)]
EVIL = ["</script><script>alert(1)</script>", "<!--<script>", "${x}", "{{ x }}", '"\\', "&lt;", "\u2028", "=1+1", "]]>"]


class Parts(HTMLParser):
    """Contents of the elements that matter, and every attribute that could name an address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str]] = []
        self.stack: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        self.stack.append(tag)

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if self.stack:
            self.parts.setdefault(self.stack[-1], []).append(data)


def defined(instrument=INSTRUMENT, role="grower", language="zh", short=False) -> dict:
    return html.definition(lay_out(instrument, role, short=short), language)


def definition(page: str) -> dict:
    return json.loads(Parts(page).parts["script"][0])


def questions(form: dict) -> dict[str, dict]:
    return {item["name"]: item for block in form["blocks"] for item in block["items"]}


@pytest.mark.parametrize(("role", "short"), [*((role, False) for role in EVERYONE), ("villager", True)])
def test_every_form_asks_what_the_questionnaire_says(role, short):
    form = defined(COUNTY, role, short=short)
    expected = [item.name for _, items in COUNTY.form(role, short=short) for item in items]
    assert list(questions(form)) == expected
    assert all(
        part["label"] == [COUNTY.item(n).label.zh, COUNTY.item(n).label.en] for n, part in questions(form).items()
    )


def test_the_page_carries_the_definition_and_is_the_same_every_time():
    page = to_page(INSTRUMENT, role="grower", language="en")
    assert definition(page) == defined(language="en")
    assert page == to_page(INSTRUMENT, role="grower", language="en")
    assert '<html lang="en">' in page


def test_only_the_pages_own_script_and_style_may_run():
    page = to_page(INSTRUMENT, role="grower")
    parts = Parts(page)
    policy = dict(rule.split(" ", 1) for rule in re.search(r'Policy" content="([^"]+)"', page)[1].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    for name, content in (("script-src", parts.parts["script"][1]), ("style-src", "".join(parts.parts["style"]))):
        assert policy[name] == f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
    assert set(policy) == {
        "default-src",
        "style-src",
        "script-src",
        "base-uri",
        "form-action",
        "require-trusted-types-for",
        "trusted-types",
    }


def test_the_page_names_no_address_and_never_reads_markup():
    page = to_page(COUNTY, role="villager")
    parts = Parts(page)
    assert not {name for name, _ in parts.attributes} & {"src", "href", "action", "srcset", "style", "onclick"}
    assert "//" not in "".join(parts.parts["style"])
    script = parts.parts["script"][1]
    assert not re.search(r"https?:|fetch|XMLHttp|WebSocket|sendBeacon|EventSource|import\(", script)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|userAgent", script
    )


def test_the_page_is_small_beside_its_questions():
    page = to_page(COUNTY, role="villager")
    assert len(page.encode()) - len(Parts(page).parts["script"][0].encode()) < 33_000


@given(st.sampled_from(EVIL) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_no_words_can_leave_their_place(words):
    item = replace(INSTRUMENT.item("TRU1"), label=Text(words, "plain"), hint=same(words))
    items = tuple(item if each.name == "TRU1" else each for each in INSTRUMENT.items)
    page = to_page(replace(INSTRUMENT, items=items, title=same(words)), role="buyer")
    parts = Parts(page)
    assert len(parts.parts["script"]) == 2
    assert "<" not in parts.parts["script"][0]
    lines = [printable(line) for line in words.strip().splitlines()]
    assert questions(definition(page))["TRU1"]["label"] == ["\n".join(lines), "plain"]


def test_a_scales_own_dont_know_stands_for_the_studys():
    asked = questions(defined())
    assert [(c["code"], c["label"][1]) for c in asked["TRU1"]["no_answers"]] == [(9, "Can't say"), (-9, "Refused")]
    assert [c["code"] for c in asked["TRU1"]["choices"]] == [1, 2, 3, 4, 5]
    assert [c["code"] for c in asked["years"]["no_answers"]] == [-8, -9]
    assert not [name for name in ("other", "kinds", "first", "since") if "no_answers" in asked[name]]


def test_who_fills_in_a_scale_alone_passes_it_over_and_a_sheet_refuses_nothing():
    assert [c["code"] for c in questions(defined(role="buyer"))["TRU1"]["no_answers"]] == [9]
    assert "no_answers" not in questions(defined(role="garden"))["notice"]


def test_an_open_end_of_a_limit_is_no_number():
    items = tuple(replace(i, limits=(0, float("inf"))) if i.name == "years" else i for i in INSTRUMENT.items)
    instrument = replace(INSTRUMENT, items=items)
    assert questions(defined(instrument))["years"]["limits"] == [0, None]
    assert "Infinity" not in Parts(to_page(instrument, role="grower")).parts["script"][0]


def test_an_items_own_missing_code_is_no_answer_though_the_scale_lists_it():
    scale = Scale("s", (Choice(1, same("a")), Choice(7, Text("难说", "hard to say"))))
    item = replace(INSTRUMENT.item("grows"), scale=scale, missing={7: "dont_know", -7: "not_applicable"})
    items = tuple(item if each.name == "grows" else each for each in INSTRUMENT.items)
    asked = questions(defined(replace(INSTRUMENT, items=items)))["grows"]
    assert [c["code"] for c in asked["choices"]] == [1]
    assert [(c["code"], c["label"][0]) for c in asked["no_answers"]] == [(7, "难说"), (-7, "不适用")]


def test_a_condition_on_a_question_that_the_form_lacks_is_met():
    item = replace(INSTRUMENT.item("words"), relevant={"TRU2": (1,), "TRU1": (5,)})
    items = tuple(item if each.name == "words" else each for each in INSTRUMENT.items)
    instrument = replace(INSTRUMENT, items=items)
    whole = questions(defined(instrument, "buyer"))
    short = questions(defined(instrument, "buyer", short=True))
    assert whole["words"]["relevant"] == {"TRU2": [1], "TRU1": [5]}
    assert short["words"]["relevant"] == {"TRU1": [5]}


def test_the_clock_answers_for_the_respondent():
    asked = questions(defined())
    assert (asked["t_start"]["clock"], asked["t_end"]["clock"]) == ("started", "finished")


def test_drafts_of_different_forms_are_kept_apart_and_those_of_two_languages_together():
    def key(*form, **how):
        return defined(*form, **how)["key"]

    assert key() == key(language="en")
    others = [
        key(role="buyer"),
        key(short=True),
        key(replace(INSTRUMENT, version="3.2")),
        key(replace(INSTRUMENT, title=same("x"))),
    ]
    assert len({key(), *others}) == 5


def test_anchors_stand_side_by_side_only_where_each_fits():
    agree, seen = INSTRUMENT.scales["agree5"], INSTRUMENT.scales["seen"]
    assert fits_a_row(agree, ("zh", "en"))
    assert not fits_a_row(seen, ("zh", "en"))
    assert not fits_a_row(Scale("one", (Choice(1, same("yes")),)), ("zh",))
    assert not fits_a_row(Scale("eleven", tuple(Choice(i, same(str(i))) for i in range(11))), ("zh",))
    assert not fits_a_row(COUNTY.scales["important5"], ("zh", "en")), "'Important' is wider than a fifth of a phone"


def test_an_unknown_role_is_refused_and_a_file_is_written(tmp_path):
    with pytest.raises(QuestionnaireError, match=r"no role 'growr'\. Did you mean 'grower'"):
        to_page(INSTRUMENT, role="growr")
    path = tmp_path / "new" / "grower.html"
    assert write_html(INSTRUMENT, path, role="grower", language="zh") == ()
    assert path.read_text(encoding="utf-8") == to_page(INSTRUMENT, role="grower", language="zh")
