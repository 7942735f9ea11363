import numpy as np
import pandas as pd
import pytest
from rated_subjects import reference
from reference_values import assert_matches
from scipy import stats
from structural_models import holzinger

import sgsurvey as sg
from sgsurvey.measurement.method_models import lindell_whitney

MODEL = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"]}
MARKER = ["x7", "x8", "x9"]


@pytest.fixture(scope="module")
def found():
    return sg.method_bias(holzinger(), MODEL, marker=MARKER)


NAMES = ["model", "one_factor", "method_factor", "marker_baseline", "marker_equal", "marker_free"]


@pytest.mark.parametrize("name", NAMES)
def test_every_rival_model_fits_as_in_lavaan(found, name):
    ours = found.models.set_index("model").loc[name, ["chi_square", "df", "cfi", "tli", "rmsea", "srmr"]]
    assert_matches(
        ours.astype(float),
        reference()["method"][name],
        statistic=f"common method bias: {name}, chi-square to SRMR",
        reference="R lavaan 0.6-14",
        data="Holzinger and Swineford, two factors, speed as the marker",
        why="lavaan's own convergence",
        rtol=2e-4,
        atol=2e-5,
    )


def test_differences_are_against_the_right_model(found):
    table = found.models.set_index("model")
    assert table["against"].dropna().to_dict() == {
        "one_factor": "model",
        "method_factor": "model",
        "marker_equal": "marker_baseline",
        "marker_free": "marker_equal",
    }
    gain = table.loc["model", "chi_square"] - table.loc["method_factor", "chi_square"]
    assert table.loc["method_factor", "delta_chi_square"] == pytest.approx(gain)
    assert table.loc["method_factor", "delta_df"] == 1
    assert table.loc["method_factor", "delta_p"] == pytest.approx(stats.chi2.sf(gain, 1))
    assert table.loc["method_factor", "delta_cfi"] == pytest.approx(
        table.loc["method_factor", "cfi"] - table.loc["model", "cfi"]
    )


def test_harmans_numbers_are_those_of_the_correlations(found):
    items = [item for group in MODEL.values() for item in group]
    roots = np.linalg.eigvalsh(holzinger()[items].corr())[::-1]
    np.testing.assert_allclose(found.eigenvalues, roots, rtol=1e-9)
    values = found.frame.set_index("index")["value"]
    assert values["eigenvalues_above_1"] == (roots > 1).sum()
    assert values["first_share"] == pytest.approx(roots[0] / 6)
    one = sg.efa(holzinger(), items, factors=1)
    assert values["first_factor_share"] == pytest.approx(one.communality.mean(), rel=1e-6)


def test_the_marker_takes_off_its_smallest_correlation(found):
    frame = holzinger()
    scores = pd.DataFrame({k: frame[v].mean(axis=1) for k, v in {**MODEL, "m": MARKER}.items()})
    corr = scores.corr()
    smallest = corr.loc["m", list(MODEL)].min()
    assert found.marker_r == pytest.approx(smallest, rel=1e-10)
    row, n = found.marker.iloc[0], len(frame)
    r = corr.loc["visual", "textual"]
    adjusted = (r - smallest) / (1 - smallest)
    assert row["r_adjusted"] == pytest.approx(adjusted, rel=1e-10)
    t = adjusted / np.sqrt((1 - adjusted**2) / (n - 3))
    assert row["p_adjusted"] == pytest.approx(2 * stats.t.sf(t, n - 3), rel=1e-9)
    assert row["r_strict"] < row["r_adjusted"] < row["r"]


def test_lindell_and_whitney_take_nothing_off_for_a_marker_of_zero_and_all_for_one_as_large():
    r = np.array([0.5, 0.2])
    np.testing.assert_allclose(lindell_whitney(r, 0.0, 100)[0], r)
    assert lindell_whitney(r, 0.2, 100)[0][1] == 0
    assert lindell_whitney(r, 0.2, 100)[2][1] == 1


def contaminated(loadings, seed=5, n=1500):
    """The example of the caveat: five unrelated constructs, every item loading .50 on a method factor."""
    rng = np.random.default_rng(seed)
    method = rng.normal(size=(n, 1))
    own = np.tile(loadings, 5)
    x = 0.5 * method + own * np.repeat(rng.normal(size=(n, 5)), 4, axis=1)
    x += np.sqrt(0.75 - own**2) * rng.normal(size=(n, 20))
    model = {c: [f"{c}{i}" for i in range(4)] for c in "ABCDE"}
    frame = pd.DataFrame(x, columns=[item for items in model.values() for item in items])
    return frame.assign(marker=0.5 * method[:, 0] + np.sqrt(0.75) * rng.normal(size=n)), model


def test_the_caveat_is_true_and_the_marker_sees_what_harman_does_not():
    frame, model = contaminated([0.6, 0.6, 0.6, 0.6])
    found = sg.method_bias(frame, model, marker="marker")
    values = found.frame.set_index("index")["value"]
    assert values["first_share"] < 0.40
    assert values["eigenvalues_above_1"] >= 5
    scores = pd.DataFrame({c: frame[items].mean(axis=1) for c, items in model.items()})
    mean_r = scores.corr().to_numpy()[np.triu_indices(5, 1)].mean()
    assert mean_r > 0.25, "method alone makes the scores correlate"
    assert found.marker["r_adjusted"].abs().mean() < 0.6 * mean_r
    assert any("barely identified" in remark.en or "could not be fitted" in remark.en for remark in found.remarks)


def test_a_method_factor_finds_the_methods_share_where_loadings_differ():
    frame, model = contaminated([0.85, 0.3, 0.75, 0.15], n=3000)
    found = sg.method_bias(frame, model)
    values = found.frame.set_index("index")["value"]
    assert values["delta_p"] < 1e-6
    assert values["method_share"] == pytest.approx(0.25, abs=0.06)
    assert values["method_loading"] == pytest.approx(0.5, abs=4 * values["method_loading_se"])
    assert not any("barely identified" in remark.en for remark in found.remarks)


def test_the_caveat_stands_under_every_table(found):
    for table in (found.table, found.models_table, found.marker_table):
        assert "None of these tests shows" in str(table(language="en"))
        assert "都不能证明没有共同方法偏差" in str(table(language="zh"))


def test_without_a_marker_its_tests_are_missing_and_it_is_said():
    found = sg.method_bias(holzinger(), MODEL)
    assert not set(found.frame["test"]) & {"marker", "marker_cfa"}
    assert "No marker was measured" in str(found.table(language="en"))
    with pytest.raises(sg.EstimationError, match="no marker"):
        found.marker_table()


def test_robust_estimators_have_scaled_differences():
    found = sg.method_bias(holzinger(), MODEL, marker=MARKER, estimator="MLR")
    narrow, wide = found.fitted["model"], found.fitted["one_factor"]
    row = found.models.set_index("model").loc["one_factor"]
    assert row["delta_chi_square"] < abs(wide.fit["chi_square"] - narrow.fit["chi_square"])
    assert "MLR" in str(found.table(language="en"))


def test_a_questionnaires_constructs_and_items_with_odd_names(villagers):
    frame = holzinger().rename(columns={"x1": "视觉 1", "x7": "marker one"})
    model = {"视觉": ["视觉 1", "x2", "x3"], "textual": MODEL["textual"]}
    odd = sg.method_bias(frame, model, marker=["marker one", "x8", "x9"])
    plain = sg.method_bias(holzinger(), MODEL, marker=MARKER)
    np.testing.assert_allclose(odd.frame["value"], plain.frame["value"], rtol=1e-6, atol=1e-8)
    assert "MGT" in set(sg.method_bias(villagers, ["MGT", "SUP"]).fitted["model"].frame["lhs"])


@pytest.mark.parametrize(
    ("model", "how", "error", "says"),
    [
        ({"visual": ["x1", "x2", "x3", "x4"]}, {}, sg.EstimationError, "two factors"),
        (MODEL, {"marker": "x1"}, sg.EstimationError, "x1 is in the model"),
        (MODEL, {"marker": "nothing"}, sg.DataError, "neither a construct nor a column"),
        (MODEL, {"marker": "flat"}, sg.DataError, "do not vary"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(model, how, error, says):
    with pytest.raises(error, match=says):
        sg.method_bias(holzinger().assign(flat=1.0), model, **how)


def test_parts_of_a_design_that_the_estimator_cannot_use_are_refused():
    frame = holzinger().assign(w=1.0 + np.arange(301) % 2)
    answers = sg.survey_design(sg.responses(frame, MODEL, limits=None), weights="w")
    with pytest.raises(sg.DesignError, match="weights"):
        sg.method_bias(answers, list(MODEL))


def test_a_method_factor_that_is_not_identified_leaves_the_other_tests_standing():
    """Two factors of two items: an equal method loading trades off with the correlation of the factors."""
    rng = np.random.default_rng(2)
    causes = rng.normal(size=(200, 2)) @ np.array([[1, 0.5], [0, 0.86]])
    frame = pd.DataFrame({f"{k}{i}": causes[:, j] + rng.normal(size=200) for j, k in enumerate("ab") for i in (1, 2)})
    found = sg.method_bias(frame, {"A": ["a1", "a2"], "B": ["b1", "b2"]})
    assert set(found.frame["test"]) == {"harman_efa", "harman_cfa"}
    assert found.frame["value"].notna().all()
    for page in (found.table(language="en"), found.models_table(language="en")):
        assert any("Latent method factor" in n.en and "could not be fitted" in n.en for n in page.notes)
