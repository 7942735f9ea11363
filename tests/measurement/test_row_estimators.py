"""Estimators that need rows, against lavaan; what they must be where nothing is missing and nothing is unequal."""

import numpy as np
import pytest
from lavaan_values import TRUTH, agrees
from structural_models import holzinger

import sgsurvey as sg

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
ITEMS = [item for items in HS.values() for item in items]


def schoolchildren():
    """Holzinger and Swineford's with the weights and cohorts of robust.R."""
    frame = holzinger()
    return frame.assign(w=0.5 + (frame["id"] * 7) % 10 / 10, cohort=frame["id"] % 45)


def with_gaps(frame):
    """The same with the gaps of robust.R."""
    frame = frame.copy()
    for i in range(1, len(frame) + 1):
        for j in range(1, 10):
            if (i * i + 3 * j * j + i * j) % 11 == 0 and j != i % 9 + 1:
                frame.loc[frame.index[i - 1], f"x{j}"] = np.nan
    return frame


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
