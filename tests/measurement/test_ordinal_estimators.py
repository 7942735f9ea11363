"""Estimators of ordered answers, against lavaan."""

import numpy as np
import pytest
from lavaan_values import CN, TRUTH, agrees, conscience_and_neuroticism

import sgsurvey as sg

SEXES = {"1.0": "1", "2.0": "2", "1": "1", "2": "2"}


CASES = {
    "cn_delta": {"estimator": "WLSMV"},
    "cn_dwls": {"estimator": "DWLS"},
    "cn_ulsmv": {"estimator": "ULSMV"},
    "cn_gender": {"estimator": "WLSMV", "by": "gender"},
}


@pytest.mark.parametrize("case", CASES)
def test_estimates_errors_and_tests_are_those_of_lavaan(case):
    fitted = sg.cfa(conscience_and_neuroticism(), CN, **CASES[case])
    apart = ("cfi_robust", "tli_robust") if "by" in CASES[case] else ()
    agrees(fitted, TRUTH[case], f"CFA {case}", "bfi, C and N", SEXES, apart)


def test_the_robust_cfi_of_groups_counts_each_baseline_by_its_rows():
    """lavaan 0.6-14 leaves the groups' shares out of the baseline's expected discrepancy, and prints .8565."""
    frame = conscience_and_neuroticism()
    fitted = sg.cfa(frame, CN, estimator="WLSMV", by="gender").fit
    # (N F - E) of the model and of independence, of each sex alone, from cfi_robust and rmsea_robust.
    excess = worst = 0.0
    for _, part in frame.groupby("gender"):
        alone = sg.cfa(part, CN, estimator="WLSMV").fit
        own = alone["rmsea_robust"] ** 2 * alone["df"] * (len(part) - 1)
        excess, worst = excess + own, worst + own / (1 - alone["cfi_robust"])
    np.testing.assert_allclose(fitted["cfi_robust"], 1 - excess / worst, rtol=1e-9)
    theirs = TRUTH["cn_gender"]["fm"]["cfi.robust"]
    assert 1e-3 < fitted["cfi_robust"] - theirs < 2e-3
