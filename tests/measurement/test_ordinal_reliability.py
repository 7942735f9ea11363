import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from public_matrices import attitude, bfi
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.measurement.ordinal_reliability import (
    Cuts,
    OrdinalReliability,
    answer_covariances,
    answer_variances,
    green_yang,
)
from sgsurvey.numerics.pair_tables import MISSING
from sgsurvey.numerics.polychoric import polychoric

VALUE = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))["ordinal_A"]
JACKKNIFE = json.loads((VALUES / "reliability_intervals.json").read_text(encoding="utf-8"))["ordinal_A"]
NAMES = ["A1", "A2", "A3", "A4", "A5"]


def agreeable() -> pd.DataFrame:
    frame = bfi().dropna()[NAMES]
    return frame.assign(A1=7 - frame["A1"]).reset_index(drop=True)


def simulated(n=800, seed=1, cuts=(-1.2, -0.3, 0.4, 1.1)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    latent = rng.normal(size=(n, 1)) * loadings + rng.normal(size=(n, 4)) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(np.digitize(latent, cuts) + 1.0, columns=list("abcd"))


# Witnesses --------------------------------------------------------------------------------------------------


def test_green_yang_of_given_parameters_is_that_of_semtools():
    cuts = Cuts(np.array(VALUE["thresholds"]).reshape(5, 5), np.ones((5, 5)))
    found = green_yang(cuts, np.array(VALUE["corr"]), np.array(VALUE["loadings"]))
    assert_matches(
        found.omega,
        VALUE["green_yang"],
        statistic="omega of ordinal sums (Green and Yang), given parameters",
        reference="R semTools 0.5-6 compRelSEM(ord.scale = TRUE)",
        data="bfi A1-A5",
        rtol=1e-10,
        why="closed form; the bivariate normal is to rounding on both sides",
    )


def test_ordinal_coefficients_from_rows_are_those_of_lavaan_and_semtools():
    found = sg.reliability(agreeable(), {"A": NAMES}, correlation="polychoric").frame.iloc[0]
    at = {"data": "bfi A1-A5", "rtol": 1e-6, "why": "lavaan's polychorics and ULS stop at about 1e-8"}
    assert_matches(
        found["omega_ordinal"],
        VALUE["green_yang"],
        statistic="omega of ordinal sums (Green and Yang), from rows",
        reference="R lavaan 0.6-14 ULSMV, semTools 0.5-6 compRelSEM",
        **at,
    )
    assert_matches(
        found["alpha_ordinal"],
        VALUE["alpha"],
        statistic="ordinal alpha",
        reference="R lavaan 0.6-14, semTools 0.5-6 compRelSEM(tau.eq = TRUE, ord.scale = FALSE)",
        **at,
    )


def test_the_error_of_ordinal_alpha_is_that_of_the_jackknife():
    """bfi is not cut from normal responses: products of scores, lavaan's Gamma, would make the error 14 % too small."""
    codes = agreeable().to_numpy().astype(np.int64) - 1
    influence = OrdinalReliability(codes).influence(np.ones(len(codes)))
    assert_matches(
        np.sqrt((influence[:, 0] ** 2).sum()),
        JACKKNIFE["jackknife"],
        statistic="ordinal alpha: standard error",
        reference="R, two-step polychorics by pbivnorm 0.6.0, jackknife of 2,436 rows",
        data="bfi A1-A5",
        rtol=3e-3,
        why="a jackknife holds terms of 1/n that a linear error does not",
    )


# Identities -------------------------------------------------------------------------------------------------


def test_influence_values_are_what_the_weight_of_a_row_moves():
    codes = agreeable().to_numpy().astype(np.int64)[:500] - 1
    statistic, w = OrdinalReliability(codes), np.random.default_rng(1).uniform(0.5, 2, 500)
    influence = statistic.influence(w)
    for row in (0, 41, 317):
        step = 1e-3 * (np.arange(500) == row)
        moved = (statistic.value(w + step) - statistic.value(w - step)) / 2e-3
        np.testing.assert_allclose(influence[row], moved, rtol=1e-5, atol=1e-9)


def test_covariances_of_answers_are_those_of_many_simulated_answers():
    frame = simulated(n=400_000)
    cuts = Cuts(np.tile([-1.2, -0.3, 0.4, 1.1], (4, 1)), np.ones((4, 4)))
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    expected = answer_covariances(cuts, np.outer(loadings, loadings)).value
    np.fill_diagonal(expected, answer_variances(cuts)[0])
    np.testing.assert_allclose(frame.cov().to_numpy(), expected, atol=0.012)


def test_green_yang_is_the_squared_correlation_of_parallel_sums():
    """Two sums whose items measure the same with new errors correlate by the reliability."""
    rng = np.random.default_rng(2)
    n, loadings, cuts = 300_000, np.array([0.5, 0.6, 0.7, 0.8]), (-1.2, -0.3, 0.4, 1.1)
    cause = rng.normal(size=(n, 1)) * loadings
    sums = [np.digitize(cause + rng.normal(size=(n, 4)) * np.sqrt(1 - loadings**2), cuts).sum(axis=1) for _ in range(2)]
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1.0)
    found = green_yang(Cuts(np.tile(cuts, (4, 1)), np.ones((4, 4))), corr, loadings)
    assert np.corrcoef(sums)[0, 1] == pytest.approx(found.omega, abs=0.004)


def test_slopes_are_derivatives():
    codes = (simulated().to_numpy() - 1).astype(np.int64)
    statistic, fitted = OrdinalReliability(codes), polychoric(codes)
    _, slopes = statistic._parts(fitted)
    flat, ends = np.concatenate(fitted.thresholds), np.cumsum([len(t) for t in fitted.thresholds])[:-1]

    def at(thresholds, corr):
        return statistic._parts(replace(fitted, thresholds=tuple(np.split(thresholds, ends)), corr=corr))[0]

    numeric = []
    for i in range(len(flat)):
        step = 1e-5 * (np.arange(len(flat)) == i)
        numeric.append((at(flat + step, fitted.corr) - at(flat - step, fitted.corr)) / 2e-5)
    for j, k in zip(*np.tril_indices(4, -1), strict=True):
        step = np.zeros((4, 4))
        step[j, k] = step[k, j] = 1e-5
        numeric.append((at(flat, fitted.corr + step) - at(flat, fitted.corr - step)) / 2e-5)
    np.testing.assert_allclose(slopes, np.array(numeric), atol=1e-8)


def test_the_linear_error_is_the_spread_of_the_bootstrap():
    codes = (simulated(n=1500).to_numpy() - 1).astype(np.int64)
    statistic, n = OrdinalReliability(codes), len(codes)
    rng = np.random.default_rng(4)
    drawn = np.array(
        [statistic.value(np.bincount(rng.integers(0, n, n), minlength=n).astype(float)) for _ in range(250)]
    )
    linear = np.sqrt((statistic.influence(np.ones(n)) ** 2).sum(axis=0))
    np.testing.assert_allclose(linear, drawn.std(axis=0), rtol=0.15)


def test_a_category_that_nobody_gave_keeps_its_distance():
    frame = simulated().replace(3.0, 4.0)
    codes = (frame.to_numpy() - 1).astype(np.int64)
    cuts = Cuts.of(polychoric(codes))
    assert cuts.rise[0].tolist() == [1.0, 2.0, 1.0]
    np.testing.assert_allclose(answer_variances(cuts)[0], frame.var(ddof=0).to_numpy(), rtol=1e-9)


def test_order_and_coding_of_items_do_not_matter():
    frame = simulated()
    one = sg.reliability(frame, {"S": list("abcd")}, correlation="polychoric").frame.iloc[0]
    for other in (frame[list("dbca")], 7 - frame, 10 + frame):
        again = sg.reliability(other, {"S": list(other.columns)}, correlation="polychoric").frame.iloc[0]
        for name in ("alpha_ordinal", "omega_ordinal"):
            assert again[name] == pytest.approx(one[name], rel=1e-7)


def test_doubled_rows_keep_the_values_and_narrow_the_interval():
    frame = simulated()
    once, twice = (
        sg.reliability(f, {"S": list("abcd")}, correlation="polychoric").coefficients.set_index("coefficient")
        for f in (frame, pd.concat([frame, frame], ignore_index=True))
    )
    for name in ("alpha_ordinal", "omega_latent", "omega_ordinal"):
        assert twice.loc[name, "estimate"] == pytest.approx(once.loc[name, "estimate"], rel=1e-8)
        widths = [float(f.loc[name, "conf_high"] - f.loc[name, "conf_low"]) for f in (once, twice)]
        assert widths[0] / widths[1] == pytest.approx(np.sqrt(2), rel=0.01)


# Designs, missing answers, limits -------------------------------------------------------------------------------


def test_the_design_widens_the_interval_and_replicates_agree():
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(80), 10)
    loadings = np.array([0.6, 0.7, 0.7, 0.8])
    cause = (0.6 * rng.normal(size=80)[cluster] + 0.8 * rng.normal(size=800))[:, None]
    latent = cause * loadings + rng.normal(size=(800, 4)) * np.sqrt(1 - loadings**2)
    frame = pd.DataFrame(np.digitize(latent, (-1, 0, 1)) + 1.0, columns=list("abcd")).assign(cluster=cluster)
    made = sg.responses(frame, {"S": list("abcd")}, limits=(1, 4))
    places = sg.survey_design(made, clusters="cluster")
    found = [
        sg.reliability(a, "S", correlation="polychoric").coefficients.set_index("coefficient")
        for a in (made, places, sg.replicate_weights(places, "JK1"))
    ]
    widths = [float(f.loc["omega_ordinal", "conf_high"] - f.loc["omega_ordinal", "conf_low"]) for f in found]
    assert widths[1] > 1.05 * widths[0]
    assert widths[2] == pytest.approx(widths[1], rel=0.15)


def test_weights_count_as_repeated_rows():
    frame = simulated(n=300)
    times = np.random.default_rng(1).integers(1, 4, 300)
    repeated = frame.loc[frame.index.repeat(times)].reset_index(drop=True)
    made = sg.survey_design(
        sg.responses(frame.assign(w=times.astype(float)), {"S": list("abcd")}, limits=(1, 5)), weights="w"
    )
    one = sg.reliability(made, "S", correlation="polychoric").frame.iloc[0]
    two = sg.reliability(repeated, {"S": list("abcd")}, correlation="polychoric").frame.iloc[0]
    for name in ("alpha_ordinal", "omega_ordinal"):
        assert one[name] == pytest.approx(two[name], rel=1e-8)


def test_pairwise_takes_the_rows_that_have_both():
    frame = simulated()
    frame.loc[::9, "a"] = np.nan
    found = sg.reliability(frame, {"S": list("abcd")}, correlation="polychoric", missing="pairwise").frame.iloc[0]
    codes = frame.fillna(0).to_numpy().astype(np.int64) - 1
    assert MISSING == -1
    expected = OrdinalReliability(codes).value(np.ones(len(codes)))
    assert found["alpha_ordinal"] == pytest.approx(expected[0], rel=1e-9)


def test_what_has_no_ordinal_coefficient_says_so_and_keeps_the_rest(two_roles):
    twice = simulated().assign(again=lambda f: f["a"])
    found = sg.reliability(twice, {"S": ["a", "b", "again"]}, correlation="polychoric")
    assert found.frame["alpha"].notna().all()
    assert found.frame["alpha_ordinal"].isna().all()
    assert any("no ordinal" in n.en for n in found.table().notes)
    pooled = sg.reliability(two_roles, "MGT", correlation="polychoric")
    assert pooled.frame["alpha_ordinal"].isna().all()
    assert any("several roles together" in n.en for n in pooled.table().notes)
    apart = sg.reliability(two_roles, "MGT", correlation="polychoric", by="role")
    assert apart.frame["alpha_ordinal"].notna().all()


def test_measurements_have_none_and_moments_are_refused():
    frame = attitude().assign(**simulated(n=30))
    scales = {"M": ["rating", "complaints", "learning"], "S": list("abcd")}
    found = sg.reliability(frame, scales, correlation="polychoric")
    assert found.frame["alpha_ordinal"].isna().tolist() == [True, False]
    assert any("M: 'rating'" in n.en and "Fractions or too many" in n.en for n in found.table().notes)
    moments = sg.responses(simulated(), {"S": list("abcd")}, limits=None).moments(list("abcd"))
    with pytest.raises(DataError, match="polychorics"):
        sg.reliability(moments, list("abcd"), correlation="polychoric")
    with pytest.raises(EstimationError, match="no correlation"):
        sg.reliability(simulated(), list("abcd"), correlation="kendall")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tables_print_ordinal_alpha_and_what_it_is_of(language):
    found = sg.reliability(simulated(), {"S": list("abcd")}, correlation="polychoric")
    for page in (found.table(language=language), found.items_table(language=language)):
        assert "alpha_ordinal" in page.frame
        assert any("Green" in note.en for note in page.notes)
    assert "Green" in str(found.coefficients_table(language=language))
