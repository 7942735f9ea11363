"""Estimators that need rows, against lavaan; what they must be where nothing is missing and nothing is unequal."""

import numpy as np
import pandas as pd
import pytest
from lavaan_values import HS, TRUTH, agrees, schoolchildren, with_gaps

import sgsurvey as sg


def weighted(frame):
    return sg.survey_design(frame, weights="w")


CASES = {
    "hs_mlm": (schoolchildren, {"estimator": "MLM"}),
    "hs_mlr": (schoolchildren, {"estimator": "MLR"}),
    "hs_ulsm": (schoolchildren, {"estimator": "ULS"}),
    "hs_mlr_school": (schoolchildren, {"estimator": "MLR", "by": "school"}),
    "hs_mlm_school": (schoolchildren, {"estimator": "MLM", "by": "school"}),
    "gaps_fiml": (lambda: with_gaps(schoolchildren()), {"missing": "fiml"}),
    "gaps_mlr": (lambda: with_gaps(schoolchildren()), {"missing": "fiml", "estimator": "MLR"}),
    "gaps_mlr_school": (lambda: with_gaps(schoolchildren()), {"missing": "fiml", "estimator": "MLR", "by": "school"}),
    "hs_weighted": (lambda: weighted(schoolchildren()), {"estimator": "MLR"}),
    "hs_cluster": (schoolchildren, {"estimator": "MLR", "cluster": "cohort"}),
    "hs_cluster_school": (schoolchildren, {"estimator": "MLR", "cluster": "cohort", "by": "school"}),
    "gaps_cluster": (
        lambda: with_gaps(schoolchildren()),
        {"estimator": "MLR", "missing": "fiml", "cluster": "cohort"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_estimates_errors_and_tests_are_those_of_lavaan(case):
    make, options = CASES[case]
    # With clusters lavaan models the means.
    model = sg.StructuralModel(HS, means="cluster" in case)
    agrees(
        sg.cfa(make(), model, **options), TRUTH[case], f"CFA {case}", "HolzingerSwineford1939 (gaps, weights by rule)"
    )


def test_full_information_on_complete_rows_is_maximum_likelihood():
    frame = schoolchildren()
    plain, full = sg.cfa(frame, sg.StructuralModel(HS, means=True)), sg.cfa(frame, HS, missing="fiml")
    np.testing.assert_allclose(full.frame["estimate"], plain.frame["estimate"], atol=1e-8)
    np.testing.assert_allclose(full.fit["chi_square"], plain.fit["chi_square"], rtol=1e-10)


def test_weights_of_one_change_nothing_and_rows_twice_double_chi_square():
    frame = schoolchildren()
    plain = sg.cfa(frame, HS, estimator="MLR")
    even = sg.cfa(sg.survey_design(frame.assign(one=3.0), weights="one"), HS, estimator="MLR")
    np.testing.assert_allclose(even.frame["std_error"].dropna(), plain.frame["std_error"].dropna(), rtol=1e-9)
    np.testing.assert_allclose(even.fit["chi_square_scaled"], plain.fit["chi_square_scaled"], rtol=1e-9)
    twice = sg.cfa(pd.concat([frame, frame], ignore_index=True), HS, estimator="MLR")
    np.testing.assert_allclose(twice.fit["chi_square_scaled"], 2 * plain.fit["chi_square_scaled"], rtol=1e-8)
    ratio = plain.frame["std_error"].dropna() / twice.frame["std_error"].dropna()
    np.testing.assert_allclose(ratio, np.sqrt(2), rtol=1e-6)


def test_robust_errors_of_normal_rows_are_those_of_normal_theory():
    rng = np.random.default_rng(5)
    factors = rng.normal(size=(20_000, 3))
    rows = np.repeat(factors, 3, axis=1) * 0.8 + rng.normal(size=(20_000, 9))
    frame = pd.DataFrame(rows, columns=[f"x{i}" for i in range(1, 10)])
    plain, robust = (sg.cfa(frame, HS, estimator=estimator) for estimator in ("ML", "MLR"))
    np.testing.assert_allclose(robust.frame["std_error"].dropna(), plain.frame["std_error"].dropna(), rtol=0.04)
    assert abs(robust.fit["scaling_factor_scaled"] - 1) < 0.03


def test_a_declared_design_widens_errors_by_its_clusters():
    frame = schoolchildren()
    designed = sg.cfa(sg.survey_design(frame, clusters="cohort"), HS, estimator="MLR")
    named = sg.cfa(frame, HS, estimator="MLR", cluster="cohort")
    np.testing.assert_allclose(designed.frame["std_error"].dropna(), named.frame["std_error"].dropna(), rtol=1e-6)
    layers = sg.survey_design(frame, strata="school", clusters="cohort", lonely="adjust")
    within = sg.cfa(layers, HS, estimator="MLR")
    assert not np.allclose(within.frame["std_error"].dropna(), named.frame["std_error"].dropna(), rtol=1e-4)


def test_items_that_nobody_answered_together_are_refused():
    frame = schoolchildren()
    frame.loc[:150, "x1"] = np.nan
    frame.loc[151:, "x2"] = np.nan
    with pytest.raises(sg.DataError, match="nobody answered both x1 and x2"):
        sg.cfa(frame, HS, missing="fiml")
