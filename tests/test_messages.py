"""Every message that the package raises says what was found and what to do, in sentences."""

import ast
import pickle
import re
from pathlib import Path

import pytest

import sgsurvey
from sgsurvey.errors import DataError, DesignError, EstimationError, QuestionnaireError, SurveyError, did_you_mean

PACKAGE = Path(sgsurvey.__file__).parent
KINDS = (SurveyError, QuestionnaireError, DataError, DesignError, EstimationError)
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
    assert (type(again), str(again), again.where, again.code) == (kind, str(error), "a.csv", "SG120")
    assert isinstance(error, SurveyError)


def test_empty_parts_leave_no_trace():
    assert str(DataError("is empty.")) == "is empty."
    assert did_you_mean("benchmrk", ["benchmark", "draws"]) == " Did you mean 'benchmark'?"
    assert did_you_mean("xyz", ["benchmark"]) == ""


def test_codes_of_messages_have_the_form_sg_and_three_digits():
    codes = [
        (keyword.value.value, words(param.values[0].args[0]))
        for param in MESSAGES
        for keyword in param.values[0].keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]
    assert codes
    assert all(re.fullmatch(r"SG\d{3}", code) for code, _ in codes)
