"""How old a browser may be that opens the offline form: its script is JavaScript of 2018 and calls nothing newer."""

import re
from pathlib import Path

import esprima
import pytest

import sgsurvey as sg

INSTRUMENT = sg.read_questionnaire(Path(__file__).parent / "every_type.yaml")
ROLES = [role.name for role in INSTRUMENT.roles] or [None]
# What came to browsers after 2018, by how it is called.
LATER = (
    "replaceChildren", "replaceAll", "matchAll", "structuredClone", "randomUUID", "fromEntries", "flatMap",
    "allSettled",
    "globalThis", "showSaveFilePicker", "hasOwn", "findLast", "toSorted", ".at(", "?.", "??", "import(", "showModal",
)  # fmt: skip


@pytest.fixture(params=ROLES, ids=str)
def page(request, tmp_path) -> str:
    path = tmp_path / "form.html"
    sg.write_form(INSTRUMENT, path, role=request.param)
    return path.read_text(encoding="utf-8")


def scripts(page: str) -> list[str]:
    """The scripts that are run; data stand in scripts of another type."""
    found = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S)
    return [body for attributes, body in found if "json" not in attributes]


def test_the_script_is_javascript_of_2018(page):
    found = scripts(page)
    assert found
    for script in found:
        # Of what is newer than ECMAScript 2017 the parser knows only the spread of objects, of 2018.
        assert len(esprima.parseScript(script).body) > 0


@pytest.mark.parametrize("newer", ["a?.b", "a ?? b", "try { a } catch { b }", "1_000"])
def test_the_parser_stops_at_what_is_newer(newer):
    with pytest.raises(esprima.Error):
        esprima.parseScript(newer)


def test_the_script_calls_nothing_that_came_later(page):
    code = "".join(re.sub(r"//.*|/\\*.*?\\*/|'[^'\\n]*'|\"[^\"\\n]*\"", "", script) for script in scripts(page))
    assert [name for name in LATER if name in code] == []
