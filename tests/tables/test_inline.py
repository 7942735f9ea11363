"""Numbers for a sentence are those of the table's cells."""

from dataclasses import replace
from functools import cache

import pytest
from tables.test_result_tables import MORE, answers
from test_designs import ESTIMATES
from told_numbers import numbers

from sgsurvey.descriptives.comparison import Comparison
from sgsurvey.errors import DataError
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.telling import lines
from sgsurvey.text import LANGUAGES, Text

# The column of the frame that names what ``inline`` is asked for, and the table's column that its text must hold.
NAMED = {
    **dict.fromkeys(["ols", "multilevel", "wild_bootstrap", "errors_in_variables", "moderation"], ("term", "estimate")),
    **dict.fromkeys(["logit", "ordered", "ordered_multilevel", "margins", "dominance", "mean"], ("term", "estimate")),
    **dict.fromkeys(["proportion", "ratio", "quantile"], ("term", "estimate")),
    **dict.fromkeys(["mediation", "conditional"], ("effect", "estimate")),
    **dict.fromkeys(["compare", "compare_groups", "equivalence"], ("variable", "estimate")),
    "contrasts": ("contrast", "estimate"),
    "joint_test": ("hypothesis", "estimate"),
    "romano_wolf": ("term", "estimate"),
    "compare_waves": ("variable", "change"),
    "oaxaca": ("part", "estimate"),
    "willingness_to_pay": ("statistic", "estimate"),
    "describe": ("item", "mean"),
    "describe_scales": ("construct", "mean"),
}


@cache
def result_of(name):
    return {**ESTIMATES, **MORE}[name](answers())


def figures_of(line):
    """The row's cells and heads, as running text prints them."""
    return [*(line.said(key) for key in line.cells if line.value(key) not in (None, "")), *line.heads.values()]


@pytest.mark.parametrize("name", NAMED)
def test_inline_text_is_that_of_the_cells(name):
    result, (column, key) = result_of(name), NAMED[name]
    table = result.table()
    told = lines(table, key)
    for wanted in dict.fromkeys(result.frame[column]):
        said = result.inline(wanted)
        if result.frame.loc[result.frame[column] == wanted, key].isna().all():
            assert said == Text("‹5", "‹5")
            continue
        own = [line for line in told if line.said(key).en in said.en]
        assert own, (wanted, said)
        for language in LANGUAGES:
            assert any(line.said(key).to(language) in said.to(language) for line in own)
            shown = " ".join(words.to(language) for line in own for words in figures_of(line))
            assert numbers(said.to(language)) <= numbers(shown), (wanted, language, said)


def test_every_result_with_inline_text_is_among_them():
    with_inline = {name for name in {**ESTIMATES, **MORE} if hasattr(result_of(name), "inline")}
    alike = {"total", "variance", "ordinal_dominance"}
    alike |= {"pls"}  # held to its values in its own test
    assert with_inline - alike == set(NAMED)


def test_what_is_hidden_is_not_said():
    result = result_of("compare_groups")
    hidden = result.groups.assign(hidden=[("mean", "sd")] * len(result.groups))
    assert isinstance(result, Comparison)
    assert replace(result, groups=hidden).inline("a") == Text("‹5", "‹5")


def test_rows_of_one_name_are_told_apart():
    result = result_of("margins")
    said = result.inline("b")
    table = result.table()
    own = [line for line in lines(table) if line.said("term") == Text("b", "b")]
    assert said.en.count("AME = ") == len(own) > 1
    assert said.en.startswith(f"{own[0].said('event').en}: AME = {own[0].said('estimate').en}, ")
    assert said.zh.count("；") == len(own) - 1


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="Choose from a, b"):
        result_of("compare_groups").inline("c")
    with pytest.raises(DataError, match="Did you mean 'scale'"):
        result_of("describe_scales").inline("scala")


def test_an_interval_of_shares_bears_its_signs():
    assert in_prose((0.125, 0.5), "percent_interval") == Text("[12.5%, 50.0%]", "[12.5%, 50.0%]")
    assert in_prose((None, None), "percent_interval") == Text("–", "–")
