"""Tables of models and descriptions without rows, or with all numbers hidden, say nothing; with one row they can."""

from dataclasses import replace

import pytest
from tables.test_result_tables import tables

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
from sgsurvey.models.diagnostics_sentences import of_diagnostics
from sgsurvey.models.dominance_sentences import of_dominance
from sgsurvey.models.hierarchical_sentences import of_changes, of_models
from sgsurvey.models.mediation_sentences import of_conditional, of_effects
from sgsurvey.models.moderation_sentences import Roles, of_moderation, of_regions, of_slopes
from sgsurvey.models.oaxaca_sentences import of_contributions, of_gap
from sgsurvey.models.willingness import STATISTICS
from sgsurvey.models.willingness_sentences import of_acceptance, of_willingness
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
