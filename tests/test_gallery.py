"""The gallery and the page for those who come from SPSS: made and run as they stand."""

import importlib.util
import re
from pathlib import Path

import pytest
from figures.gallery import PICTURES
from layouts.wjx import export
from table_kinds import KINDS

from sgsurvey.tables.result import Result

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "howto" / "coming_from_spss.md").read_text(encoding="utf-8")


def maker():
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_kind_of_table_is_shown_in_every_format(tmp_path, monkeypatch):
    module = maker()
    monkeypatch.setattr(module, "PICTURES", {name: PICTURES[name] for name in ("likert", "paths_sem")})
    module.write(tmp_path)
    page = (tmp_path / "tables.md").read_text(encoding="utf-8")
    named = re.findall(r"<(files/[^>]+)>`", page)
    assert len(named) == len(set(named)) == len(KINDS) * 6
    assert page.count("<table") == 2 * len(KINDS)
    assert page.count("\\caption{") == len(KINDS)
    drawn = re.findall(r"\{image\} (\S+)\n:alt: (.+)", (tmp_path / "figures.md").read_text(encoding="utf-8"))
    assert len(drawn) == 4
    starts = [alt.split(":")[0].split("：")[0] for _, alt in drawn]
    assert starts == ["发散条形图", "Diverging bars", "路径图", "Path diagram"], "as the pictures say themselves"
    assert [name for name in [*named, *(path for path, _ in drawn)] if not (tmp_path / name).stat().st_size] == []


LINES = sorted(set(re.findall(r"`((?:sg|answers)\.[^`]*)`", PAGE)))


@pytest.fixture(scope="module")
def names():
    (start,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    known: dict = {}
    exec(compile(start, "coming_from_spss.md", "exec"), known)
    return known


@pytest.mark.parametrize("line", LINES)
def test_each_line_for_those_who_come_from_spss_runs_as_it_stands(line, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "export.csv" in line:
        export(names["everyone"], "villager", tmp_path, suffix="csv", number=True)[0].rename("export.csv")
    found = eval(line, names)
    if isinstance(found, Result):
        assert found.table(language="zh").rows
    elif isinstance(found, Path):
        assert found.stat().st_size > 1000
    else:
        assert found is not None
    if "overclaims" in line:
        assert len(found.frame) == 1


def test_the_table_of_s_county_is_what_the_line_beside_it_prints(names):
    made = str(eval('sg.reliability(answers, ["MGT"]).items_table(language="zh")', names)).splitlines()
    quoted = [line for line in PAGE.splitlines() if line.startswith("| MGT") or line.startswith("| 题项 |")]
    assert len(quoted) == 5
    assert [line for line in quoted if line not in made] == []
    assert "共280行，使用229行" in "".join(made)
