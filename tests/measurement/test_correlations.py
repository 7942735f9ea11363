import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import attitude, reference
from reference_values import assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.measurement.correlations import pairwise_pearson, pairwise_spearman

VALUES = reference()["attitude"]
CLOSED = {"rtol": 1e-10, "why": "closed form", "data": "attitude", "reference": "R 4.2.2 cor, cor.test"}


@pytest.mark.parametrize(("method", "key"), [("pearson", "cor"), ("spearman", "spearman_matrix")])
def test_matrices_of_attitude_are_those_of_r(method, key):
    found = sg.correlations(attitude(), list(attitude().columns), method=method)
    assert_matches(found.matrix, VALUES[key], statistic=f"correlation matrix, {method}", **CLOSED)


def test_interval_and_p_of_a_pair_are_those_of_r():
    frame = sg.correlations(attitude(), ["rating", "critical"]).frame.iloc[0]
    theirs = VALUES["pearson"]
    ours = frame[["estimate", "conf_low", "conf_high", "p_value"]]
    wanted = [theirs["r"], theirs["low"], theirs["high"], theirs["p"]]
    assert_matches(ours, wanted, statistic="Pearson r, Fisher interval, p", **CLOSED)


def test_p_of_a_rank_correlation_is_the_one_of_scipy():
    frame = sg.correlations(attitude(), ["rating", "learning"], method="spearman").frame.iloc[0]
    theirs = stats.spearmanr(attitude()["rating"], attitude()["learning"])
    assert frame["p_value"] == pytest.approx(theirs.pvalue, rel=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_pairwise_correlations_are_those_of_the_complete_pairs(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, (30, 4)).astype(float) + 1000
    values[rng.random(values.shape) < 0.2] = np.nan
    frame = pd.DataFrame(values)
    for ours, name in [(pairwise_pearson, "pearson"), (pairwise_spearman, "spearman")]:
        r, n = ours(values)
        np.testing.assert_allclose(r, frame.corr(method=name), atol=1e-10)
        there = frame.notna().astype(int)
        np.testing.assert_array_equal(n, there.T @ there)


def test_a_monotone_change_leaves_rank_correlations_and_a_linear_one_all_of_them():
    names = list(attitude().columns)
    bent = attitude().assign(rating=lambda f: np.exp(f["rating"] / 20), learning=lambda f: 3 * f["learning"] - 7)
    before, after = (sg.correlations(f, names, method="spearman").matrix for f in (attitude(), bent))
    np.testing.assert_allclose(after, before, atol=1e-12)
    linear = sg.correlations(attitude().assign(learning=lambda f: 3 * f["learning"] - 7), names).matrix
    np.testing.assert_allclose(linear, attitude().corr(), atol=1e-12)


def test_constructs_correlate_by_their_scores_with_alpha_on_the_diagonal(villagers):
    found = sg.correlations(villagers, ["MGT", "SUP", "sex"])
    scores = villagers.scores(["MGT", "SUP"])
    assert found.matrix.loc["MGT", "SUP"] == pytest.approx(scores["MGT"].corr(scores["SUP"]), rel=1e-12)
    alpha = sg.reliability(villagers, ["MGT", "SUP"]).frame["alpha"]
    np.testing.assert_allclose(found.summary["alpha"], [*alpha, np.nan], rtol=1e-12)
    page = str(found.table())
    assert f"{alpha[0]:.3f}".removeprefix("0") in page
    assert "2 Supervision" in page


def test_the_table_stars_r_below_the_diagonal_and_leaves_the_upper_half_empty(villagers):
    table = sg.correlations(villagers, ["MGT", "SUP", "sex"]).table()
    cells = [row.cells for row in table.rows]
    assert cells[1][3].stars == "***"
    assert cells[2][3].stars == ""
    assert [cell.value for cell in cells[0][4:]] == [None, None]


def test_a_constant_variable_and_pairs_of_different_n_are_said(villagers):
    frame = villagers.frame.assign(same=3.0)
    frame.loc[:9, "sex"] = pd.NA
    found = sg.correlations(sg.Responses(frame, villagers.questionnaire), ["MGT", "sex", "same"])
    notes = " ".join(n.en for n in found.table().notes)
    assert "n from 190 to 200" in notes
    assert "Without variation, not computed: same" in notes
    assert np.isnan(found.matrix.loc["MGT", "same"])


def test_rows_that_enter_no_pair_are_counted():
    frame = attitude()
    frame.loc[[0, 1], ["rating", "raises"]] = np.nan
    frame.loc[2, "rating"] = np.nan
    found = sg.correlations(frame, ["rating", "raises"])
    assert (found.n, dict(found.dropped)) == (27, {"fewer than two of the variables answered": 3})


def test_several_roles_together_are_warned_of(two_roles, villagers):
    said = [
        any("Several roles" in n.en for n in sg.correlations(a, ["MGT", "SUP"]).table().notes)
        for a in (two_roles, villagers)
    ]
    assert said == [True, False]


def test_what_cannot_be_correlated_is_an_error(villagers, weighted):
    with pytest.raises(DataError, match="holds words"):
        sg.correlations(villagers, ["MGT", "role"])
    with pytest.raises(DataError, match="infinite values"):
        sg.correlations(attitude().assign(rating=np.inf), ["rating", "raises"])
    with pytest.raises(EstimationError, match="at least two"):
        sg.correlations(villagers, ["MGT", "MGT"])
    with pytest.raises(EstimationError, match="nobody answered rating"):
        sg.correlations(attitude().assign(rating=np.nan), ["rating", "raises"])
    with pytest.raises(DesignError, match="cannot use weights"):
        sg.correlations(weighted, ["MGT", "SUP"], method="spearman")
    with pytest.raises(EstimationError, match="'kendall'"):
        sg.correlations(villagers, ["MGT", "SUP"], method="kendall")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_heatmap_shows_labels_in_words(villagers, language):
    ax = sg.correlations(villagers, ["MGT", "SUP", "sex"]).plot(language=language)
    words = " ".join(t.get_text() for t in ax.get_yticklabels())
    assert ("监督" in words) == (language == "zh")


def test_stars_of_the_heatmap_are_of_p_values_after_holm():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(60, 5)), columns=list("abcde"))
    frame["b"] += 0.5 * frame["a"]
    frame["c"] += 0.3 * frame["d"]
    found = sg.correlations(frame, list("abcde"))
    p = found.frame["p_value"].to_numpy()
    order = np.argsort(p)
    holm = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)[np.argsort(order)]
    assert (p < 0.05).sum() > (holm < 0.05).sum() > 0, "the correction takes some away and leaves some"
    ax = found.plot(language="en")
    starred = [t.get_text() for t in ax.texts if "*" in t.get_text() and "p <" not in t.get_text()]
    assert len(starred) == (holm < 0.05).sum()
    assert any("Holm" in t.get_text() for t in ax.texts)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_of_few_people_no_correlation_is_shown(method):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    frame.loc[4:, "c"] = np.nan
    found = sg.correlations(frame, list("abc"), method=method)
    few = found.frame["n"] == 4
    assert few.tolist() == [False, True, True]
    assert found.frame.loc[few, ["estimate", "std_error", "conf_low", "conf_high", "p_value"]].isna().all(axis=None)
    assert found.matrix.loc["c", ["a", "b"]].isna().all()
    assert np.isfinite(found.matrix.loc["b", "a"])
    last = found.table(language="en").to_markdown().splitlines()[6]
    assert last.count("‹5") >= 2
    assert "*" not in last
    assert found.summary.set_index("variable").loc["c", ["mean", "sd"]].isna().all()
    frame.loc[4, "c"] = 0.3
    assert sg.correlations(frame, list("abc"), method=method).frame["estimate"].notna().all()
