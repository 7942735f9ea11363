"""The page that finds problems runs as it stands."""

import re
from pathlib import Path

from matplotlib import pyplot

import sgsurvey as sg

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "howto" / "find_problems.md"


def test_the_page_that_finds_problems_runs_as_it_stands(monkeypatch):
    monkeypatch.chdir(ROOT)
    page = PAGE.read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), PAGE.name, "exec"), names)
    pyplot.close("all")
    assert set(re.findall(r"sg\.(\w+)", page)) <= set(sg.__all__)
    assert set(re.findall(r"^\| `(\w+)`", page, re.M)) == {
        name for name in vars(sg.Benchmark) if not name.startswith("_") and name not in ("target", "rule")
    }
    assert abs(names["relative"].frame["estimate"].sum()) < 1e-9
    assert names["gaps"].frame["verdict"].notna().all()
    assert names["guess"].frame["estimate"].notna().any()
