"""The house has five floors: an import may only go down, and each third-party package has its homes."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sgsurvey"

FLOORS = [
    {"text"},
    {"errors", "messages"},
    {"files"},
    {"questionnaire", "numerics", "tables", "figures"},
    {"answers", "forms", "report"},
    {"ingest", "quality", "sampling", "weighting", "descriptives", "measurement", "models"},
    {"causes", "pipeline"},
    {"__init__", "exits", "terminal"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

HOMES = {
    "docx": {
        *("tables/word.py", "tables/wordprocessing.py", "forms/word.py"),
        *("report/word.py", "report/refresh.py", "report/thesis.py"),
    },
    "openpyxl": {"tables/excel.py", "ingest/excel.py", "ingest/coding_sheet.py", "forms/xlsform.py", "forms/keying.py"},
    "pyreadstat": {"ingest/spss.py", "answers/flat.py"},
    "pyarrow": {"answers/parquet.py", "ingest/parquet.py"},
    "duckdb": {"answers/engine_duckdb.py"},
    "dask": {"answers/engine_dask.py"},
    "distributed": {"answers/engine_dask.py"},
    "seaborn": {"figures/"},
    "matplotlib": {"figures/"},
    "ruamel": {"questionnaire/syntax.py", "pipeline/study.py"},
    "jinja2": {"report/html.py", "forms/html.py"},
    "click": {"cli.py", "exits.py", "terminal.py"},
    "rich": {"terminal.py"},
    "statsmodels": {"models/", "descriptives/"},
    "formulaic": {"models/formula.py"},
}
NUMERICS = {"numpy", "scipy"} | set(sys.stdlib_module_names)

FILES = sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    return ([*module.split("."), "__init__"])[1]


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} relative import"
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_imports_go_down(path):
    here = room("sgsurvey." + place(path).removesuffix(".py").replace("/", "."))
    assert here in FLOOR, f"{here} has no floor: give it one here and on the architecture page"
    for module in imports(path):
        if module.split(".")[0] == "sgsurvey" and (there := room(module)) != here:
            assert FLOOR[there] < FLOOR[here], f"{here} (floor {FLOOR[here]}) imports {module}"


@pytest.mark.parametrize("path", FILES, ids=place)
def test_third_party_packages_stay_at_home(path):
    for module in imports(path):
        top = module.split(".")[0]
        if homes := HOMES.get(top):
            assert any(place(path).startswith(home) for home in homes), (
                f"{place(path)} imports {top}; its homes: {sorted(homes)}"
            )
        if place(path).startswith("numerics/") and top != "sgsurvey":
            assert top in NUMERICS, f"{place(path)} imports {top}; numerics/ knows numpy and scipy alone"
