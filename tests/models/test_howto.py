"""The pages on paths and on prices run as they stand."""

import re
from pathlib import Path

import pytest
from matplotlib import pyplot

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)
    yield
    pyplot.close("all")


def run(page):
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "howto" / page).read_text("utf-8"), re.S):
        exec(compile(code, page, "exec"), names)
    return names


def test_the_page_on_paths_and_interactions():
    names = run("test_paths_and_interactions.md")
    assert names["found"].slopes["place"].tolist() == ["mean - SD", "mean", "mean + SD"]
    assert names["when"].index["effect"].tolist() == ["FUN → MGT → SAT"]
    total = names["gap"].frame.set_index("part")["estimate"]
    assert total["explained"] + total["unexplained"] == pytest.approx(total["gap"])


def test_the_page_on_prices_and_waves():
    names = run("price_and_change.md")
    median = names["pay"].frame.iloc[0]
    assert median["conf_low"] < (1 + 0.3 * names["fee"]["V_inc"].mean()) / 0.2 < median["conf_high"]
    assert names["change"].frame.loc[0, "verdict"] == "rose"
