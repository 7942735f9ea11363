"""Tables of models and descriptions without rows, or with all numbers hidden, say nothing; with one row they can."""

from dataclasses import replace

import pytest
from tables.test_result_tables import answers, tables

import sgsurvey as sg
from sgsurvey.causes.equivalence_result import VERDICTS as EQUIVALENT
from sgsurvey.causes.equivalence_sentences import of_equivalence
from sgsurvey.descriptives.comparison_sentences import of_comparison, of_pairs
from sgsurvey.descriptives.estimates_sentences import of_contrasts, of_estimates
from sgsurvey.descriptives.frequencies_sentences import of_frequencies, of_likert
from sgsurvey.descriptives.independence_sentences import of_independence
from sgsurvey.descriptives.multiple_sentences import NAMED, of_keyword, of_picks, of_valence
from sgsurvey.descriptives.rank_agreement_sentences import Agreement, of_rank_agreement, of_rank_pairs
from sgsurvey.descriptives.summary_sentences import of_items, of_scales
from sgsurvey.descriptives.waves import VERDICTS as CHANGED
from sgsurvey.descriptives.waves_sentences import of_waves
from sgsurvey.models.coefficient_sentences import (
    of_errors_in_variables,
    of_margins,
    of_model,
    of_paths,
    of_wild_bootstrap,
)
from sgsurvey.models.contrast_sentences import of_contrasts as of_differences
from sgsurvey.models.contrast_sentences import of_means, of_parallel_lines
from sgsurvey.models.diagnostics_sentences import of_diagnostics
from sgsurvey.models.dominance_sentences import of_dominance
from sgsurvey.models.hierarchical_sentences import of_changes, of_models
from sgsurvey.models.mediation_sentences import of_conditional, of_effects
from sgsurvey.models.moderation_sentences import Roles, of_moderation, of_regions, of_slopes
from sgsurvey.models.oaxaca_sentences import of_contributions, of_gap
from sgsurvey.models.willingness import STATISTICS
from sgsurvey.models.willingness_sentences import of_acceptance, of_willingness
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import Text, same

A = Text("满意度", "satisfaction")
ROLES = Roles(A, A, A)
# By the result, and the table's id, what makes its sentences.
SPOKEN = {
    ("ols", "regression"): lambda t: of_model(t, A),
    ("logit", "binary_regression"): lambda t: of_model(t, A),
    ("ordered", "ordered_regression"): lambda t: of_model(t, A, thresholds=2),
    ("multilevel", "multilevel"): lambda t: of_model(t, A),
    ("wild_bootstrap", "wild_bootstrap"): lambda t: of_wild_bootstrap(t, A),
    ("errors_in_variables", "errors_in_variables"): lambda t: of_errors_in_variables(t, A),
    ("margins", "margins"): lambda t: of_margins(t, A),
    ("mediation", "mediation"): of_effects,
    ("mediation", "mediation_paths"): of_paths,
    ("conditional", "moderated_mediation"): lambda t: of_conditional(t, A, Text("指数", "Index")),
    ("moderation", "moderation"): lambda t: of_moderation(t, ROLES, differs=False),
    ("moderation", "simple_slopes"): lambda t: of_slopes(t, ROLES),
    ("moderation", "johnson_neyman"): lambda t: of_regions(t, ROLES),
    ("hierarchical", "hierarchical_changes"): of_changes,
    ("hierarchical", "hierarchical_regression"): lambda t: of_models(t, [same("b")]),
    ("contrasts", "contrasts"): of_differences,
    ("romano_wolf", "romano_wolf"): lambda t: of_differences(t, "term"),
    ("joint_test", "joint_test"): lambda t: of_differences(t, "hypothesis", "p_value"),
    ("marginal_means", "marginal_means"): lambda t: of_means(t, A),
    ("parallel_lines", "parallel_lines"): of_parallel_lines,
    ("oaxaca", "oaxaca"): of_gap,
    ("oaxaca", "oaxaca_detailed"): lambda t: of_contributions(t, Text("可解释", "Explained")),
    ("dominance", "dominance"): lambda t: of_dominance(t, A),
    ("diagnostics", "diagnostics"): lambda t: of_diagnostics(t, ["clear"] * len(t.rows)),
    ("willingness_to_pay", "willingness_to_pay"): lambda t: of_willingness(t, [], STATISTICS["turnbull"]),
    ("willingness_to_pay", "bid_shares"): of_acceptance,
    ("equivalence", "equivalence"): lambda t: of_equivalence(t, EQUIVALENT),
    ("chi_square", "chi_square"): lambda t: of_independence(t, A, A, same("0.100")),
    ("compare_groups", "comparison_stratum"): lambda t: of_comparison(t, A, []),
    ("compare_groups", "pairs_stratum"): of_pairs,
    ("compare_waves", "waves"): lambda t: of_waves(t, CHANGED),
    ("mean", "estimates_mean"): lambda t: of_estimates(t, A),
    ("total", "estimates_total"): of_contrasts,
    ("describe", "item_descriptives"): of_items,
    ("describe_scales", "scale_descriptives"): of_scales,
    ("frequencies", "frequencies"): lambda t: of_frequencies(t, "all"),
    ("likert", "likert"): of_likert,
    ("multiple_response", "multiple_pick"): of_picks,
    ("themes", "themes_aspect"): lambda t: of_picks(t, NAMED),
    ("themes", "themes_valence_aspect"): lambda t: of_valence(t, frozenset({Text("未注明", "Not said")})),
    ("keyword_in_context", "keyword_said"): of_keyword,
    ("rank_agreement", "rank_agreement_pick"): lambda t: of_rank_agreement(t, Agreement(same("1"), same("p"), 0.5)),
    ("rank_agreement", "rank_pairs_pick"): of_rank_pairs,
}


def test_what_stands_in_a_product_is_not_read_by_itself():
    crossed = sg.ols(answers(), "a ~ b * c + d").table()
    said = " ".join(sentence.en for sentence in crossed.sentences)
    assert "positively associated with d (" in said
    assert "of the product b × c (B = " in said
    assert "slopes where the other variable is 0" in said
    assert " b (B" not in said
    assert " c (B" not in said.replace("× c (B", "")


def test_a_region_whose_share_is_hidden_is_told_without_it():
    table = table_of("moderation", "johnson_neyman")
    (said,) = of_regions(table.hiding([("share",)] * len(table.rows)), ROLES)
    assert "of the rows" not in said.en
    assert "占样本" not in said.zh
    assert "the slope is " in said.en
    assert "时，斜率" in said.zh


def test_acceptance_is_told_at_the_ends_of_the_prices_shown():
    columns = (
        Column("bid", Text("报价", "Price"), digits=0),
        Column("accepted", Text("接受（%）", "Accept (%)"), "percent"),
        Column("conf_low:conf_high", Text("95%置信区间", "95% CI"), "percent_interval"),
    )
    hidden = Row((Cell(2.0, digits=0), Cell(0.99, "percent", suppressed=True), Cell((0.9, 1.0), "percent_interval")))
    shown = [Row((Cell(bid, "estimate", 0), Cell(p, "percent"), Cell((p - 0.1, p + 0.1), "percent_interval")))
             for bid, p in ((5.0, 0.7), (10.0, 0.4), (20.0, 0.2))]  # fmt: skip
    (said,) = of_acceptance(Table("bid_shares", A, columns, (hidden, *shown)))
    assert (
        said.zh == "报价由5到20，接受的比例由70.0%（95%置信区间[60.0%, 80.0%]）变为20.0%（95%置信区间[10.0%, 30.0%]）。"
    )
    assert said.en.startswith("From the price 5 to 20 acceptance goes from 70.0% (95% CI [60.0%, 80.0%]) to 20.0% (")


def table_of(name, wanted):
    return next(table for (_, _, language), table in tables(name).items() if (language, table.id) == ("en", wanted))


def hidden(table):
    """The table with every number suppressed, and its foot gone."""
    numbers = [part for column in table.columns if column.kind != "text" for part in column.key.split(":")]
    bare = replace(table, rows=tuple(row for row in table.rows if row.kind in ("body", "group")))
    return bare.hiding([numbers] * sum(row.kind == "body" for row in bare.rows))


@pytest.mark.parametrize(("name", "wanted"), SPOKEN)
def test_a_table_without_rows_or_numbers_says_nothing(name, wanted):
    table, spoken = table_of(name, wanted), SPOKEN[name, wanted]
    assert spoken(replace(table, rows=())) == ()
    if wanted != "diagnostics":  # its verdicts are words, which stand whatever the numbers
        assert spoken(hidden(table)) == ()


@pytest.mark.parametrize(("name", "wanted"), SPOKEN)
def test_a_table_of_one_row_can_be_told(name, wanted):
    table = table_of(name, wanted)
    for at, row in enumerate(table.rows):
        if row.kind == "body" and table.rows[at].cells[0].value:
            for sentence in SPOKEN[name, wanted](replace(table, rows=(row,))):
                assert sentence.zh.endswith("。")
                assert sentence.en.endswith(".")
