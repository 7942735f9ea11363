"""Every table of every public verb's result, printed by every renderer in both languages."""

import inspect
from contextlib import nullcontext, suppress
from functools import cache

import numpy as np
import pandas as pd
import pytest
import word_schema
import wordml_order
from coded_answers import coded
from page_readers import READERS, of_grid
from test_designs import ESTIMATES, four_strata

import sgsurvey as sg
from sgsurvey.errors import SurveyError
from sgsurvey.report.report import Report
from sgsurvey.tables.result import Result
from sgsurvey.text import LANGUAGES, Text

TWO = {"scale": list("abcd"), "out": ["o1", "o2"]}


def panel():
    ratings = np.random.default_rng(1).integers(2, 5, (6, 5))
    return pd.DataFrame(ratings, index=[f"Q{i}" for i in range(6)], columns=[f"e{i}" for i in range(5)])


def factors(answers):
    return sg.efa(answers, [*"abcd", "o1", "o2"], factors=2)


# Results that follow from others, or that a verb gives only when asked for more.
MORE = {
    "content_validity": lambda d: sg.content_validity(panel()),
    "compare_models": lambda d: sg.compare_models(
        {"two": sg.cfa(d, TWO), "one": sg.cfa(d, {"all": [*"abcd", "o1", "o2"]})}
    ),
    "bootstrap_model": lambda d: sg.bootstrap_model(sg.cfa(d, ["scale"]), draws=100, seed=1),
    "moderation": lambda d: sg.moderation(d, "a ~ b + x", moderator="x"),
    "conditional": lambda d: sg.mediation(d, "a ~ b", through="c", moderator="x", interval="jackknife"),
    "model_table": lambda d: sg.model_table([sg.ols(d, "a ~ b"), sg.ols(d, "a ~ b + c")]),
    "hypothesis_summary": lambda d: sg.hypothesis_summary(
        {"model": sg.ols(d, "a ~ b + c")},
        [
            sg.Hypothesis("H1", Text("甲与乙相关联", "b goes with a"), "model", {"term": "b"}, margin=0.1),
            sg.Hypothesis("H2", Text("丙", "c"), "path", {"effect": "indirect"}),
        ],
    ),
    "total": lambda d: sg.total(sg.survey_design(d, weights="w"), "a"),
    "loading_errors": lambda d: factors(d).standard_errors(),
    "schmid_leiman": lambda d: factors(d).schmid_leiman(),
    "two_factors": factors,
    "reliability_by": lambda d: sg.reliability(d, ["scale"], by="sex", correlation="polychoric"),
    "thresholds": lambda d: sg.correlations(d, ["a", "b", "c"], method="polychoric"),
    "nominal": lambda d: sg.agreement(d, ["a", "b", "c"], level="nominal", seed=1, draws=100),
    "intraclass": lambda d: sg.agreement(d, ["a", "b"], level="interval"),
    "marker": lambda d: sg.method_bias(d, TWO, marker="x"),
    "ordered_model": lambda d: sg.cfa(d, ["scale"], estimator="WLSMV"),
    "structural": lambda d: sg.sem(d, "F =~ a + b + c + d\nF ~ x"),
    "margins": lambda d: sg.ordered(d, "level ~ b + c").margins(),
    "contrasts": lambda d: sg.ols(d, "a ~ b + C(stratum)").contrasts("stratum"),
    "marginal_means": lambda d: sg.ordered(d, "level ~ b + C(sex)").means("sex"),
    "joint_test": lambda d: sg.ols(d, "a ~ b + c").test(["b = c", "b"]),
    "parallel_lines": lambda d: sg.ordered(d, "level ~ b + c").brant(),
    "romano_wolf": lambda d: sg.wild_bootstrap(d, "a ~ b + c", cluster="stratum", draws=199, seed=1).romano_wolf(),
    "collinearity": lambda d: sg.ols(d, "a ~ b + c").collinearity(),
    "compare_groups": lambda d: sg.compare(d, ["a", "b"], by="stratum"),
    "index_importance": lambda d: sg.pls(d, ["scale", "out"], "out ~ scale", draws=100, seed=1).importance("out"),
    "coder_agreement": lambda d: sg.coder_agreement(
        coded([(coder, k, 1, "AB"[(k + k // 7 * at) % 2]) for at, coder in enumerate("xy") for k in range(30)], 30)
    ),
}


@cache
def answers():
    return four_strata()


def methods_of(cls):
    """Names of the methods that give a table of a result without being asked for a part of it."""
    named = ["table", *sorted(m for m in dir(cls) if m.endswith("_table") and not m.startswith("_"))]
    return [m for m in named if set(inspect.signature(getattr(cls, m)).parameters) == {"self", "language"}]


@cache
def tables(name):
    """The tables of a result by the method that makes them, in both languages; what it refuses is left out."""
    result = {**ESTIMATES, **MORE}[name](answers())
    found = {}
    for method in methods_of(type(result)):
        with nullcontext() if method == "table" else suppress(SurveyError):
            for language in LANGUAGES:
                found[type(result).__name__, method, language] = getattr(result, method)(language=language)
    return found


NAMES = sorted({*ESTIMATES, *MORE})


@pytest.mark.parametrize("name", NAMES)
def test_the_same_grid_comes_back_from_every_renderer(name, tmp_path):
    """Languages take turns: both come to each renderer and to each kind of table, those without rows among them."""
    for at, (key, table) in enumerate(tables(name).items()):
        for turn, (kind, read) in enumerate(READERS.items()):
            if LANGUAGES[(at // 2 + turn) % 2] == key[2]:
                assert read(table, tmp_path) == of_grid(table.grid()), (*key, kind)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_what_it_is_and_obeys_word(name, tmp_path):
    assert tables(name)
    for key, table in tables(name).items():
        assert table.title.to(key[2]), key
    chinese = Report(name, language="zh").add(*(table for key, table in tables(name).items() if key[2] == "zh"))
    path = chinese.save(tmp_path / "t.docx")
    assert wordml_order.faults(path) + word_schema.faults(path) == []


def test_every_table_of_a_result_is_among_them():
    made = {key[:2] for name in NAMES for key in tables(name)}
    reached = {cls for cls, _ in made}
    lacking = {(c.__name__, m) for c in results() if c.__name__ in reached for m in methods_of(c)} - made
    assert not lacking
    assert {c.__name__ for c in results() if c.__module__.startswith("sgsurvey.measurement")} <= reached


def results():
    """Every kind of result that was imported."""
    found, left = set(), [Result]
    while left:
        below = left.pop().__subclasses__()
        found.update(below)
        left += below
    return found
