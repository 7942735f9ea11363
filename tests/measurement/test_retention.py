import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from public_matrices import answers_with, attitude, bfi, harman74, reference
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.measurement.retention import agreement
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.parallel import average_partials, factor_eigenvalues

PSYCH = "R psych 2.2.9 vss"


@pytest.mark.parametrize(("name", "matrix"), [("harman74", harman74), ("attitude", lambda: attitude().corr())])
def test_minimum_average_partials_are_those_of_psych(name, matrix):
    theirs = reference()[name]["map"]
    ours = average_partials(matrix().to_numpy())[1 : len(theirs) + 1]
    assert_matches(
        ours, theirs, statistic="Minimum average partial", reference=PSYCH, data=name, rtol=1e-10, why="closed form"
    )


@pytest.fixture(scope="module")
def big_five():
    frame = bfi()
    return sg.retention(frame, list(frame.columns), iterations=200, seed=7)


def test_bfi_has_the_published_numbers_of_components_and_factors(big_five):
    counts = [big_five.components, big_five.factors, big_five.map]
    assert_matches(
        counts,
        [5, 6, 5],
        statistic="Factors retained: components, common factors, MAP",
        reference="R psych 2.2.9 fa.parallel (components 5, factors 6), vss (5)",
        data="bfi, 2,436 complete rows",
        why="whole numbers",
        atol=0.1,
    )


def test_simulated_eigenvalues_are_those_of_simulated_data(big_five):
    components = big_five.frame[big_five.frame["basis"] == "components"]
    assert_matches(
        components["simulated_mean"].iloc[:3],
        [1.185, 1.155, 1.137],
        statistic="Mean null eigenvalues by Wishart draws",
        reference="R psych 2.2.9 fa.parallel, data drawn",
        data="25 items, n = 2,436",
        why="Monte Carlo error of both",
        atol=0.008,
    )


def test_a_seed_repeats_and_another_differs():
    frame = attitude()
    runs = [sg.retention(frame, list(frame.columns), iterations=100, seed=s).frame for s in (1, 1, 2)]
    assert runs[0].equals(runs[1])
    assert not runs[0].equals(runs[2])


def test_eigenvalues_are_those_of_the_data_and_of_the_reduced_matrix():
    corr = attitude().corr().to_numpy()
    found = sg.retention(attitude(), list(attitude().columns), iterations=100, seed=1).frame
    observed = found[found["basis"] == "components"]["eigenvalue"]
    np.testing.assert_allclose(observed, np.linalg.eigvalsh(corr)[::-1], rtol=1e-10)
    reduced = corr - np.diag(minres(corr, 1).uniqueness)
    np.testing.assert_allclose(factor_eigenvalues(corr[None])[0], np.linalg.eigvalsh(reduced)[::-1], atol=1e-3)


def test_independent_items_have_nothing_to_retain():
    frame = pd.DataFrame(np.random.default_rng(3).standard_normal((300, 10)))
    frame.columns = [f"v{i}" for i in frame]
    found = sg.retention(frame, list(frame.columns), iterations=100, seed=3)
    assert (found.components, found.factors, found.map) == (0, 0, 0)


def test_order_of_items_does_not_matter():
    names = list(harman74().columns)
    frame = answers_with(harman74(), 145)
    runs = [sg.retention(frame, order, iterations=50, seed=2) for order in (names, names[::-1])]
    np.testing.assert_allclose(runs[0].frame["eigenvalue"], runs[1].frame["eigenvalue"], atol=1e-3)
    np.testing.assert_allclose(runs[0].partials["average_partial"], runs[1].partials["average_partial"], rtol=1e-8)
    assert runs[0].map == runs[1].map == 4


def test_two_made_factors_are_retained(villagers):
    found = sg.retention(villagers, ["MGT", "SUP"], iterations=100, seed=4)
    assert (found.components, found.factors, found.map) == (2, 2, 2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_table_and_scree_plot_speak_the_language_asked_for(villagers, language):
    found = sg.retention(villagers, ["MGT", "SUP"], iterations=50, seed=4)
    page = str(found.table(language=language))
    assert ("平行分析（50次模拟，种子4" in page) == (language == "zh")
    ax = found.plot(language=language)
    words = " ".join(t.get_text() for t in ax.figure.findobj(match=mpl.text.Text))
    assert ("公因子" in words) == (language == "zh")


def test_several_roles_and_few_draws_are_refused(two_roles):
    with pytest.raises(DesignError, match="within one role"):
        sg.retention(two_roles, ["MGT", "SUP"], seed=1)
    with pytest.raises(EstimationError, match="95th percentile of 5 draws"):
        sg.retention(attitude(), list(attitude().columns), iterations=5, seed=1)


@pytest.fixture(scope="module")
def ordinal():
    frame = bfi()[[f"{scale}{i}" for scale in "AN" for i in range(1, 6)]].iloc[:500]
    return sg.retention(frame, list(frame.columns), correlation="polychoric", iterations=40, seed=5)


def test_polychorics_are_compared_with_shuffled_items_and_every_basis_is_named(ordinal):
    assert ordinal.simulation == "permuted"
    assert ordinal.frame["basis"].unique().tolist() == ["components", "smc", "factors"]
    assert (ordinal.components, ordinal.map) == (2, 2)
    page = str(ordinal.table())
    assert "Of polychoric correlations" in page
    assert "the items' own columns, each shuffled" in page


def test_shuffled_categories_give_larger_eigenvalues_than_normal_variables(ordinal):
    frame = bfi()[[f"{scale}{i}" for scale in "AN" for i in range(1, 6)]].iloc[:500]
    normal = sg.retention(frame, list(frame.columns), iterations=40, seed=5).frame["simulated_mean"].iloc[0]
    assert ordinal.frame["simulated_mean"].iloc[0] > normal


def test_the_table_of_rules_says_where_they_agree(big_five):
    rules = big_five.rules.set_index("rule")
    assert rules.index.tolist() == ["components", "smc", "factors", "map", "map4", "kaiser"]
    assert rules["number"].tolist() == [5, 8, 6, 5, 5, 6]
    assert rules["agrees"].tolist() == [True, False, False, True, True, False]
    page = str(big_five.agreement_table(language="en"))
    assert "3 of 6 rules say 5" in page
    assert "6条规则中有3条建议5个" in str(big_five.agreement_table(language="zh"))
    assert big_five.kaiser == (np.linalg.eigvalsh(bfi().dropna().corr()) > 1).sum()


def test_rules_may_be_divided_or_say_different_things():
    divided = agreement({"a": 2, "b": 3, "c": 2, "d": 3})
    assert divided["agrees"].all()
    assert not agreement({"a": 1, "b": 2, "c": 3})["agrees"].any()


def test_weights_and_gaps_take_draws_from_the_margins(villagers):
    frame = villagers.frame.assign(w=np.resize([1.0, 3.0], len(villagers)))
    frame.loc[:20, "MGT1"] = np.nan
    weighted = sg.Responses(frame, villagers.questionnaire, sg.Design(weights="w"))
    found = sg.retention(weighted, ["MGT", "SUP"], correlation="polychoric", iterations=30, seed=1)
    assert (found.simulation, found.components, found.map) == ("margins", 2, 2)
    gaps = sg.Correlation("polychoric", missing="pairwise")
    assert sg.retention(villagers, ["MGT", "SUP"], correlation=gaps, iterations=30, seed=1).simulation == "margins"
    with pytest.raises(DesignError, match="cannot be shuffled"):
        sg.retention(weighted, ["MGT", "SUP"], simulation="permuted", iterations=30, seed=1)


def test_draws_that_do_not_fit_are_refused():
    names = list(attitude().columns)
    with pytest.raises(EstimationError, match="no standard"):
        sg.retention(
            bfi().iloc[:300, :6], list(bfi().columns[:6]), correlation="polychoric", simulation="normal", seed=1
        )
    with pytest.raises(EstimationError, match="no simulation 'bootstrap'"):
        sg.retention(attitude(), names, simulation="bootstrap", seed=1)
    matrix = sg.CorrelationMatrix(attitude().corr(), n=30)
    with pytest.raises(EstimationError, match="no rows to shuffle"):
        sg.retention(matrix, names, simulation="permuted", seed=1)
    assert sg.retention(matrix, names, iterations=50, seed=1).components >= 1
