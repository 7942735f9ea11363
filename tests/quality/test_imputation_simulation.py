"""Whether imputation does what it promises, on samples whose truth is known, within the bands of the study."""

import numpy as np
import pytest
from quality.imputation_study import study

REPETITIONS = 100
LOWEST = 0.95 - 4 * np.sqrt(0.95 * 0.05 / REPETITIONS)
FINITE = 0.02


def band(away):
    """Four standard errors of the mean error, and the allowance for the finite sample."""
    return 4 * away.std(axis=0, ddof=1) / np.sqrt(len(away)) + FINITE


@pytest.mark.parametrize(("mechanism", "method"), [("mcar", None), ("mar", None), ("mar", "pmm")])
def test_imputed_estimates_are_unbiased_and_their_intervals_cover(mechanism, method):
    imputed, complete = study(REPETITIONS, mechanism, method)
    assert (np.abs(imputed.away.mean(axis=0)) < band(imputed.away)).all()
    assert (imputed.covered.mean(axis=0) >= LOWEST).all()
    if mechanism == "mar":
        assert abs(complete.away[:, 0].mean()) > 3 * band(complete.away)[0], "leaving rows out is seen to be wrong"
        assert complete.covered[:, 0].mean() < LOWEST
    else:
        assert imputed.away[:, 0].std() < complete.away[:, 0].std(), "gaps filled from what is known lose less"
