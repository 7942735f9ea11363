"""Whether 5 % tests reject in 5 % of data sets with few townships (the whole table: benchmarks/few_clusters.py)."""

import numpy as np
import pytest
from benchmarks.few_clusters import rejections

# 400 data sets: three Monte Carlo errors about .05.  CR2 with its own df may be too careful, never too bold.
DATA_SETS = 400
BAND = 3 * np.sqrt(0.05 * 0.95 / DATA_SETS)


@pytest.mark.parametrize("places", [6, 12, 40])
def test_size_of_tests_of_a_predictor_of_townships(places):
    """drivers.md, table 3.5: CR2 .037, .035, .050; wild .050, .038, .045; CR1 with z .247, .152, .092."""
    shares, df = rejections(places, DATA_SETS, of_places=True)
    assert abs(shares["wild, null imposed"] - 0.05) <= BAND
    assert 0.05 - 0.04 <= shares["CR2, BM df"] <= 0.05 + BAND
    assert shares["CR1, z"] > 0.05 + BAND or places == 40
    assert shares["OLS"] > 0.2
    assert shares["CR1, z"] >= shares["CR1, t(G - 1)"] >= shares["CR3, t(G - 1)"]
    assert df < places / 2, "degrees of freedom tell how few townships bear the slope"


def test_size_of_tests_of_a_predictor_of_respondents():
    shares, _ = rejections(12, DATA_SETS, of_places=False)
    assert abs(shares["wild, null imposed"] - 0.05) <= BAND
    assert 0.05 - 0.04 <= shares["CR2, BM df"] <= 0.05 + BAND
