"""Every public name: there, typed, explained, in the reference; and the doors open fast."""

import ast
import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc

import sgsurvey
from sgsurvey.tables.result import Result

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sgsurvey"
NAMES = [name for name in sgsurvey.__all__ if not name.startswith("__")]
VERBS = [name for name in NAMES if inspect.isfunction(getattr(sgsurvey, name))]
NOUNS = [name for name in NAMES if inspect.isclass(getattr(sgsurvey, name))]
HEAVY = {"numpy", "pandas", "scipy", "matplotlib", "seaborn", "statsmodels", "formulaic", "docx", "openpyxl", "jinja2"}
# Longer than the house's seven: each of these decides what comes out, and none is an option of an algorithm.
LONGER = {"priorities": 9}


def signature(verb: str) -> inspect.Signature:
    return inspect.signature(getattr(sgsurvey, verb))


def returned(verb: str) -> type:
    """What a verb gives back: the class that its annotation names, found in its own module or in the public names."""
    function = getattr(sgsurvey, verb)
    annotation = inspect.signature(function).return_annotation
    if inspect.isclass(annotation):
        return annotation
    return getattr(sys.modules[function.__module__], annotation, None) or getattr(sgsurvey, annotation)


RESULTS = sorted({returned(verb) for verb in VERBS if issubclass(returned(verb), Result)}, key=lambda c: c.__name__)


def test_every_public_name_is_a_verb_or_a_noun():
    assert set(NAMES) == {*VERBS, *NOUNS}
    assert len(NAMES) == len(set(NAMES))


def test_public_names_are_listed_but_others_are_refused():
    assert set(dir(sgsurvey)) == set(sgsurvey.__all__)
    with pytest.raises(AttributeError, match="no attribute 'alpha'"):
        sgsurvey.alpha  # noqa: B018 - the access is what is tested


def test_type_checkers_see_the_same_names():
    """The block under TYPE_CHECKING repeats the lazy table, module by module."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert seen == {name: f"sgsurvey.{home}" for name, home in sgsurvey._HOMES.items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_public_name_is_a_folder(name):
    """A folder of that name would replace the public name as soon as anything in it was imported."""
    assert not (PACKAGE / name).is_dir()
    assert not (PACKAGE / f"{name}.py").is_file()


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_are_fully_typed(verb):
    empty = inspect.Parameter.empty
    untyped = [name for name, p in signature(verb).parameters.items() if p.annotation is empty]
    assert untyped == []
    assert signature(verb).return_annotation is not empty


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_take_data_and_what_in_place_and_how_by_keyword(verb):
    parameters = signature(verb).parameters.values()
    in_place = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert len(in_place) <= 3
    assert len(parameters) <= LONGER.get(verb, 7)
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters if p.name not in in_place)


@pytest.mark.parametrize("verb", VERBS)
def test_every_parameter_is_explained_and_no_other(verb):
    written = [name.strip() for p in FunctionDoc(getattr(sgsurvey, verb))["Parameters"] for name in p.name.split(",")]
    assert sorted(written) == sorted(signature(verb).parameters)


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_verb_returns_is_explained(verb):
    page = ClassDoc(returned(verb), config={"show_class_members": False})
    assert page["Summary"]
    assert page["Attributes"] or page["Parameters"] or FunctionDoc(getattr(sgsurvey, verb))["Returns"]


@pytest.mark.parametrize("name", NOUNS)
def test_nouns_are_explained(name):
    noun = getattr(sgsurvey, name)
    assert noun.__doc__
    assert not noun.__doc__.startswith(f"{name}("), "a dataclass without a docstring gets its signature as one"
    if dataclasses.is_dataclass(noun):
        page = ClassDoc(noun, config={"show_class_members": False})
        written = {part.strip() for s in ("Attributes", "Parameters") for p in page[s] for part in p.name.split(",")}
        inherited = {f.name for f in dataclasses.fields(Result)} if issubclass(noun, Result) else set()
        fields = {f.name for f in dataclasses.fields(noun) if not f.name.startswith("_")}
        assert fields - inherited <= written


@pytest.mark.parametrize(
    "noun", [c for c in (*(getattr(sgsurvey, n) for n in NOUNS), *RESULTS)], ids=lambda c: c.__name__
)
def test_public_methods_have_a_docstring(noun):
    methods = {name: value for name, value in vars(noun).items() if not name.startswith("_")}
    fields = {f.name for f in dataclasses.fields(noun)} if dataclasses.is_dataclass(noun) else set()
    silent = [n for n, v in methods.items() if n not in fields and not inspect.getdoc(v)]
    assert silent == []


@pytest.mark.parametrize("result", RESULTS, ids=lambda c: c.__name__)
def test_results_are_frozen_and_name_the_columns_of_their_frame(result):
    assert result.__dataclass_params__.frozen
    written = {part.strip() for p in ClassDoc(result)["Attributes"] for part in p.name.split(",")}
    assert "frame" in written


@pytest.mark.parametrize("verb", [v for v in VERBS if "seed" in signature(v).parameters])
def test_chance_is_asked_for_by_keyword_and_kept(verb):
    seed = signature(verb).parameters["seed"]
    assert seed.kind is inspect.Parameter.KEYWORD_ONLY
    assert seed.default in (inspect.Parameter.empty, None), "no seed is chosen for the user"
    kept = returned(verb)
    assert "seed" in {f.name for f in dataclasses.fields(kept)} or kept is sgsurvey.Responses


def test_nothing_is_drawn_without_a_seed():
    """Generators are made from an argument; numpy's global state, the clock and `random` are nowhere."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {"random", "secrets", "uuid"} & {alias.name for alias in node.names}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = ast.unparse(node.func)
                if name.endswith("default_rng"):
                    assert node.args, f"{path}:{node.lineno} draws without a seed"
                if name.startswith("np.random."):
                    made = name.removeprefix("np.random.").partition("(")[0]
                    assert made in {"default_rng", "SeedSequence"}, f"{path}:{node.lineno} uses numpy's global state"


def test_the_reference_lists_every_public_name_and_every_result():
    page = (ROOT / "docs" / "reference" / "names.md").read_text(encoding="utf-8")
    listed = [line.strip() for line in page.splitlines() if line.strip().startswith("sgsurvey.")]
    assert len(listed) == len(set(listed))
    expected = {f"sgsurvey.{name}" for name in NAMES} | {
        f"{c.__module__}.{c.__qualname__}" for c in RESULTS if c.__name__ not in NAMES
    }
    assert expected - set(listed) == set()


def loaded(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in ran.stdout.splitlines()}


def test_the_notebook_door_loads_nothing_heavy():
    assert not loaded("import sgsurvey") & HEAVY


def test_the_terminal_door_loads_nothing_heavy():
    assert not loaded("from click.testing import CliRunner\nfrom sgsurvey.cli import main\n"
                      "assert CliRunner().invoke(main, ['--help']).exit_code == 0") & HEAVY  # fmt: skip


def test_reading_a_questionnaire_loads_no_page_and_no_picture():
    modules = loaded("import sgsurvey\nsgsurvey.read_questionnaire")
    assert not modules & {"matplotlib", "seaborn", "statsmodels", "docx", "openpyxl"}
