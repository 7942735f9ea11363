"""The pages: every path they name exists, and every notebook runs."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from made_pages import WRITE_ANEW, made_page
from nbclient import NotebookClient

import sgsurvey as sg
from sgsurvey.questionnaire.schema import schema

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted([*(ROOT / "docs").glob("*.ipynb"), *(ROOT / "analysis").glob("*.ipynb")])


def test_the_reference_of_the_questionnaire_file_is_up_to_date_and_holds_every_word():
    page = made_page("questionnaire_file.md")
    assert (ROOT / "docs" / "reference" / "questionnaire_file.md").read_text(encoding="utf-8") == page, WRITE_ANEW
    words = set(re.findall(r"^\| `(\w+)`", page, re.M))
    whole = schema()
    for part in (whole, *whole["$defs"].values()):
        assert set(part["properties"]) <= words


@pytest.mark.parametrize("page", ["docs/explanation/architecture.md", "docs/contributing.md", "README.md"])
def test_every_path_that_a_page_names_exists(page):
    named = re.findall(r"`((?:sgsurvey|tests|docs|questionnaires|analysis)/[\w./]*)`", (ROOT / page).read_text("utf-8"))
    made = {"analysis/out/"}
    assert named
    assert [path for path in named if path not in made and not (ROOT / path).exists()] == []


def test_there_are_notebooks_to_run():
    assert {path.name for path in NOTEBOOKS} >= {"quickstart.ipynb", "own_csv.ipynb", "notebook.ipynb"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
# The kernel's own threads and sockets warn when it stops; what the notebook does is seen in its cells.
@pytest.mark.filterwarnings("default")
def test_the_notebook_runs(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    (ROOT / "docs" / "_build").mkdir(exist_ok=True)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert any(cell.get("outputs") for cell in notebook.cells)


def test_the_page_that_samples_a_county_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "sample_s_county.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    names: dict = {}
    exec(compile(code, "sample_s_county.md", "exec"), names)
    weighted, frame = names["weighted"], names["frame"]
    mean = sg.mean(weighted, "SAT").frame.iloc[0]
    assert mean["conf_low"] < 63.5 < mean["conf_high"]
    counted = sg.total(replace(weighted, frame=weighted.frame.assign(one=1.0)), "one").frame
    assert counted["estimate"].item() == pytest.approx(len(frame), rel=1e-9)
    assert counted["std_error"].item() == pytest.approx(0, abs=1e-6 * len(frame))


def test_the_page_that_judges_validity_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "judge_validity.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "judge_validity.md", "exec"), names)
    assert names["chosen"].log["item"].tolist() == ["T6"]
    assert set(names["chosen"].kept["TRUST"]) == set(names["good"]["TRUST"])
    named = set(re.findall(r"`sg\.(\w+)", page))
    assert named <= set(sg.__all__)


def test_the_page_of_satisfaction_indices_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "make_a_satisfaction_index.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(
        compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "make_a_satisfaction_index.md", "exec"),
        names,
    )
    assert names["found"].indices["index"].between(0, 100).all()
    assert set(names["importance"].frame["composite"]) == {"MGT", "FUN"}


def test_the_page_of_people_in_groups_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "model_people_in_groups.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "model_people_in_groups.md", "exec"), names)
    assert len(names["found"].groups) == 12
    assert names["split"].contextual["term"].tolist() == ["MGT"]


def test_the_page_that_checks_a_regression_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "check_a_regression.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "check_a_regression.md", "exec"), names)
    assert set(names["checked"].clusters["cluster"]) == set(names["answers"].frame["township_id"])
    assert names["page"].statistics["kind"].tolist() == ["OLS", "Ordered logit"]


def test_the_page_of_hypotheses_runs_as_it_stands():
    page = (ROOT / "docs" / "howto" / "test_hypotheses.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "test_hypotheses.md", "exec"), names)
    assert names["wild"].romano_wolf(["MGT", "FUN"]).family == 4
    assert names["fit"].fit.covariance.kind == "CR2"


def test_the_page_of_open_answers_runs_as_it_stands(tmp_path, monkeypatch):
    page = (ROOT / "docs" / "howto" / "code_open_answers.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), "code_open_answers.md", "exec"), names)
    assert names["coding"].counts["n_uncoded"].tolist() == [0, 0]
    kappas = names["agreed"].frame.set_index("unit").loc["first_idea", "kappa"]
    assert kappas.between(0.5, 1).all()
    assert len(names["found"].quotes)
    assert set(re.findall(r"`sg\.(\w+)", page)) <= set(sg.__all__)
