"""Every message that the package raises says what was found and what to do, in sentences."""

import ast
import pickle
import re
from pathlib import Path

import pytest
from made_pages import WRITE_ANEW, made_page

import sgsurvey
from sgsurvey.errors import (
    ClaimError,
    DataError,
    DesignError,
    EstimationError,
    QuestionnaireError,
    SurveyError,
    did_you_mean,
    nearest_word,
)
from sgsurvey.messages import ACTIONS, codes

PACKAGE = Path(sgsurvey.__file__).parent
KINDS = (SurveyError, QuestionnaireError, DataError, DesignError, EstimationError, ClaimError)
NAMES = {kind.__name__ for kind in KINDS}


def called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def sentences(node: ast.expr) -> list[str]:
    """A message in its one language or its two; empty ones where the whole is made elsewhere."""
    return [words(part) for part in node.args] if called(node) == "Text" else [words(node)]


def words(node: ast.expr) -> str:
    """A literal message, with ``…`` for what is filled in; empty where the whole is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return words(node.left) + words(node.right)
    return ""


MESSAGES = [
    pytest.param(node, id=f"{path.relative_to(PACKAGE)}:{node.lineno}")
    for path in sorted(PACKAGE.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if called(node) in NAMES
]


def test_messages_were_found():
    assert len(MESSAGES) > 100


@pytest.mark.parametrize("node", MESSAGES)
def test_a_message_says_what_was_found_and_what_to_do(node):
    said = {keyword.arg: keyword.value for keyword in node.keywords}
    assert set(said) <= {"where", "remedy", "code"}
    assert len(node.args) == 1, "what was found comes first, the rest by name"
    assert "remedy" in said, "what to do is missing"
    for sentence in (*sentences(node.args[0]), *sentences(said["remedy"])):
        assert not sentence or re.search(r"[.?!。？！…\n]['\")]?$", sentence), f"no full stop: {sentence}"
        assert not re.search(r"\b(None|NoneType|KeyError|ValueError|traceback)\b", sentence), sentence
        assert "  " not in sentence.replace("\n  ", "\n"), f"two spaces: {sentence}"


def test_only_the_packages_own_errors_are_raised_to_users():
    """Python's own are for programmers: a name that is not there, an operand of another kind."""
    allowed = {"AttributeError", "TypeError", "NotImplementedError"} | NAMES
    for path in PACKAGE.rglob("*.py"):
        # pydantic turns a validator's ValueError into a finding, which becomes a Fault.
        here = allowed | ({"ValueError"} if path.name == "definitions.py" else set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), f"{path}:{node.lineno} asserts"
            if isinstance(node, ast.Raise) and (name := called(node.exc)) and name[0].isupper() and "Error" in name:
                assert name in here, f"{path}:{node.lineno} raises {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_reads_where_what_remedy_and_survives_pickling(kind):
    error = kind("has no column 'role'.", where="a.csv", remedy="Name it.", code="SG120")
    assert str(error) == "SG120 a.csv: has no column 'role'. Name it."
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.where.en, again.code) == (kind, str(error), "a.csv", "SG120")
    assert isinstance(error, SurveyError)


def test_empty_parts_leave_no_trace():
    assert str(DataError("is empty.")) == "is empty."
    assert did_you_mean("benchmrk", ["benchmark", "draws"]) == " Did you mean 'benchmark'?"
    assert did_you_mean("xyz", ["benchmark"]) == nearest_word("xyz", ["benchmark"]).zh == ""
    assert nearest_word("benchmrk", ["benchmark", "draws"]).zh == "是否指“benchmark”？"


# The page of coded messages -------------------------------------------------------------------------------


PAGE = [
    pytest.param(f"{code}.{name}", found, id=f"{code}.{name}")
    for code, kind in codes().items()
    for name, found in kind.messages.items()
]
CALLED = re.compile(r"\b(SG\d{3}\.[a-z_]+)\b")
# Raised by the checker of questionnaires, whose words depend on what it found.
ELSEWHERE = {"SG150.yaml"}
PLANNED = {
    "SG154.damaged", "SG154.other",
}  # fmt: skip


def used() -> set[str]:
    return {name for path in PACKAGE.rglob("*.py") for name in CALLED.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("name", "found"), PAGE)
def test_a_coded_message_is_whole_in_both_languages(name, found):
    assert found.does in ACTIONS
    assert found.what.en.removesuffix("{hint}").endswith(".")
    assert found.what.zh.removesuffix("{hint}").endswith("。")
    assert set(re.findall(r"\{(\w+)\}", found.what.zh)) == set(re.findall(r"\{(\w+)\}", found.what.en))
    assert not re.search(r"[A-Za-z]$", found.remedy.en)
    assert bool(found.remedy.zh) == bool(found.remedy.en)
    assert re.search("[\u4e00-\u9fff]", found.what.zh)
    assert not re.search("[\u4e00-\u9fff]", found.what.en)
    assert found.does not in ("refuse", "invalid") or found.remedy.en, "what to do is missing"


def test_every_message_that_is_given_is_on_the_page_and_no_other():
    page = {param.values[0] for param in PAGE}
    assert used() - page == set()
    assert page - used() - ELSEWHERE - PLANNED == set()
    assert list(codes()) == sorted(codes())


def test_no_coded_message_is_written_elsewhere():
    """Rooms that read files take their words from the page."""
    for path in (PACKAGE / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                assert not isinstance(node.value, ast.Constant), f"{path}:{node.value.lineno}"


def test_the_catalogue_is_up_to_date_and_holds_every_code():
    page = made_page("messages.md")
    written = PACKAGE.parent / "docs" / "reference" / "messages.md"
    assert written.read_text(encoding="utf-8") == page, WRITE_ANEW
    assert re.findall(r"^## (SG\d+)", page, re.M) == list(codes())
