"""The pages: every path they name exists, and every notebook runs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted([*(ROOT / "docs").glob("*.ipynb"), *(ROOT / "analysis").glob("*.ipynb")])


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
