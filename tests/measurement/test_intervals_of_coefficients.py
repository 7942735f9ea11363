"""Intervals of lambdas, H, omega hierarchical and the greatest lower bound: slopes, bootstrap, design."""

import json

import numpy as np
import pandas as pd
import pytest
from public_matrices import attitude, bfi, thurstone
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.omega import hierarchical_omega, hierarchical_omegas
from sgsurvey.measurement.smooth_coefficients import HIERARCHICAL, Solved, drawn_coefficients, smooth_coefficients
from sgsurvey.numerics.covariance_statistics import numeric_slopes
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.minimum_trace import minimum_trace

BOOT = json.loads((VALUES / "reliability_intervals.json").read_text(encoding="utf-8"))
Interval = sg.ReliabilityInterval


def two_scales():
    names = [f"{scale}{k}" for scale in "CE" for k in range(1, 6)]
    frame = bfi().dropna()[names]
    return frame.assign(**{name: 7 - frame[name] for name in ("C4", "C5", "E1", "E2")}).reset_index(drop=True)


def of(data, interval=None):
    found = sg.reliability(data, {"S": list(data.columns)}, interval=interval)
    return found.coefficients.set_index("coefficient")


def ends(data, name, interval=None):
    return of(data, interval).loc[name, ["conf_low", "conf_high"]].to_numpy(dtype=float)


# Witnesses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("lambda2", "percent"), ("lambda2", "bca"), ("lambda6", "percent")])
def test_the_bootstrap_of_lambdas_is_near_that_of_boot(name, kind):
    found = ends(attitude(), name, Interval("percentile" if kind == "percent" else "bca", draws=8000, seed=3))
    truth = BOOT["boot_attitude"][name]
    assert_matches(
        found,
        truth[kind],
        statistic=f"{name}: {kind} bootstrap interval",
        reference="R boot 1.3-28, 20,000 draws",
        data="attitude",
        atol=4 * 2.7 * truth["se"] * np.sqrt(1 / 8000 + 1 / 20000),
        why="four errors of both bootstraps at a tail",
    )


def test_the_error_of_omega_hierarchical_is_that_of_psychs_bootstrap():
    low, high = ends(two_scales(), "omega_h")
    assert_matches(
        (np.log(1 - low) - np.log(1 - high))
        / (2 * 1.959963984540054)
        * (1 - of(two_scales()).loc["omega_h", "estimate"]),
        BOOT["omega_h_CE"]["se"],
        statistic="omega hierarchical: standard error by the delta method",
        reference="R psych 2.2.9 omega, 1,000 draws",
        data="bfi C1-C5, E1-E5",
        rtol=0.09,
        why="four errors of a spread of 1,000 draws",
    )


# Identities -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [lambda: attitude().cov(), thurstone], ids=["attitude", "thurstone"])
def test_slopes_are_derivatives(made):
    cov = made().to_numpy()
    corr = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    smooth = smooth_coefficients(cov, Solved(minres(corr, 1), None, None))
    for name, each in smooth.items():
        numeric = numeric_slopes(lambda c, f=each.value: np.array([f(c)]), cov)[0]
        np.testing.assert_allclose(each.slopes(cov), numeric, atol=1e-7 * np.abs(numeric).max(), err_msg=name)


def test_slopes_of_omega_hierarchical_are_derivatives():
    corr = thurstone().to_numpy()
    general = hierarchical_omega(corr)
    smooth = smooth_coefficients(corr, Solved(None, general, None))
    for i, j in ((1, 0), (5, 2), (8, 6)):
        move = np.zeros_like(corr)
        move[i, j] = move[j, i] = 1e-3
        sides = [hierarchical_omega(corr + sign * move) for sign in (1, -1)]
        for name, key in zip(HIERARCHICAL, ("omega_h", "omega_t", "ecv"), strict=True):
            numeric = (getattr(sides[0], key) - getattr(sides[1], key)) / 2e-3
            assert 2 * smooth[name].slopes(corr)[i, j] == pytest.approx(numeric, abs=2e-5)


def test_the_bootstrap_spreads_as_the_delta_method_says():
    """Of 2,436 rows; the draws of the greatest lower bound are shifted, not wider."""
    data = two_scales()
    drawn = of(data, Interval("percentile", draws=150, seed=2, drawn=("lambda2", "lambda6", "omega_h", "glb")))
    delta = of(data)
    for name in ("lambda2", "lambda6", "omega_h", "glb"):
        width = [float(f.loc[name, "conf_high"] - f.loc[name, "conf_low"]) for f in (drawn, delta)]
        assert width[0] == pytest.approx(width[1], rel=0.3), name


def test_coefficients_of_many_matrices_are_those_of_each():
    data = two_scales()
    corr = data.corr().to_numpy()
    names = ("alpha", "omega", "lambda2", "lambda6", "omega_h", "glb")
    found = drawn_coefficients(np.stack([data.cov().to_numpy(), np.ones((10, 10))]), names, minres(corr, 1))
    one = of(data)["estimate"]
    for name in names:
        assert found[name][0] == pytest.approx(one[name], rel=1e-6)
    assert all(np.isnan(found[name][1]) for name in ("omega", "lambda6", "omega_h", "glb"))
    assert np.isnan(hierarchical_omegas(np.ones((1, 10, 10))))[0]


def test_two_items_have_the_bound_of_spearman_and_brown():
    two = attitude()[["rating", "complaints"]]
    found = of(two)
    assert found.loc["glb", "estimate"] == pytest.approx(found.loc["alpha_std", "estimate"], abs=1e-8)
    np.testing.assert_allclose(ends(two, "glb"), ends(two, "alpha_std"), atol=1e-6)


def test_every_interval_holds_its_estimate_but_for_what_is_chosen_among_splits():
    found = of(two_scales()).dropna(subset="estimate")
    chosen = ["omega_ml", "lambda4", "split_mean", "split_lowest"]
    assert found.loc[chosen, "conf_low"].isna().all()
    rest = found.drop(index=chosen)
    assert (rest["conf_low"] < rest["estimate"]).all()
    assert (rest["estimate"] < rest["conf_high"]).all()


# The option, designs, what cannot be had ----------------------------------------------------------------------


def test_what_is_drawn_is_said_and_what_cannot_be_is_refused():
    data = attitude()
    found = sg.reliability(data, {"S": list(data)}, interval=Interval("bca", draws=300, seed=1))
    assert any("Intervals of α, ω, λ2, λ6: BCa" in note.en for note in found.table().notes)
    only = sg.reliability(data, {"S": list(data)}, interval=Interval("bca", draws=300, seed=1, drawn=("alpha", "glb")))
    assert any("Intervals of α, glb: BCa" in note.en for note in only.table().notes)
    with pytest.raises(EstimationError, match="'lambda9' is not resampled"):
        Interval("bca", seed=1, drawn=("lambda9",))


def test_the_design_gives_every_coefficient_the_interval_of_the_jackknife():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(120), 5)
    cause = rng.normal(size=600) + 0.8 * rng.normal(size=120)[cluster]
    data = pd.DataFrame({name: cause + rng.normal(size=600) for name in "abcdef"}).assign(cluster=cluster)
    linear = sg.survey_design(sg.responses(data, {"S": list("abcdef")}, limits=None), clusters="cluster")
    one, two = (
        sg.reliability(a, "S").coefficients.set_index("coefficient")
        for a in (linear, sg.replicate_weights(linear, "JK1"))
    )
    for name in ("alpha_std", "lambda1", "lambda2", "lambda6", "h", "glb"):
        width = [float(f.loc[name, "conf_high"] - f.loc[name, "conf_low"]) for f in (one, two)]
        assert width[0] == pytest.approx(width[1], rel=0.05), name
    drawn = sg.replicate_weights(linear, "bootstrap", draws=300, seed=4)
    third = sg.reliability(drawn, "S").coefficients.set_index("coefficient")
    for name in ("alpha", "lambda2", "glb"):
        width = [float(f.loc[name, "conf_high"] - f.loc[name, "conf_low"]) for f in (one, third)]
        assert width[0] == pytest.approx(width[1], rel=0.15), name


def test_items_that_determine_each_other_have_no_bound():
    data = attitude().assign(again=lambda f: f["rating"] + f["complaints"])
    found = of(data[["rating", "complaints", "learning", "again"]])
    assert found.loc[["lambda6", "glb"], "estimate"].isna().all()
    assert found.loc["lambda2", "conf_low"] < found.loc["lambda2", "estimate"]
    assert np.isnan(minimum_trace(np.ones((1, 3, 3))).gap[0])
