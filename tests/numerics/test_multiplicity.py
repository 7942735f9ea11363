import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from sgsurvey.numerics.multiplicity import adjusted

P = [0.04, 0.001, 0.6, 0.012, 0.03, 0.03]


@pytest.mark.parametrize(("method", "theirs"), [("holm", "holm"), ("BH", "fdr_bh")])
def test_adjusted_p_is_that_of_statsmodels(method, theirs):
    np.testing.assert_allclose(adjusted(P, method), multipletests(P, method=theirs)[1], rtol=1e-12)


def test_missing_tests_are_not_counted():
    with_gap = adjusted([0.01, np.nan, 0.04])
    assert with_gap[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
    assert np.isnan(with_gap[1])


def test_no_adjustment_changes_nothing():
    assert adjusted(P, "none").tolist() == P
