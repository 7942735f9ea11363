"""The thirteen gates of the pages: each names tests, and they are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "contributing.md").read_text("utf-8"), re.M)
NAMED = {int(gate): re.findall(r"`([^`]+)`", tests) for gate, tests in ROWS}


def test_there_are_thirteen():
    assert list(NAMED) == list(range(1, 14))


@pytest.mark.parametrize("gate", NAMED)
def test_a_gate_is_held_by_tests_that_exist(gate):
    assert NAMED[gate]
    for node in NAMED[gate]:
        file, _, name = node.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, node
