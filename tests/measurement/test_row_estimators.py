"""Estimators that need rows, against lavaan; what they must be where nothing is missing and nothing is unequal."""

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
