import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DesignError, EstimationError


def townships(seed, places=6, effect=0.0):
    """Places of unequal size with shocks of their own, and a predictor that is the same for everybody in a place."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(places), rng.integers(5, 40, places))
    x = rng.normal(size=places)[place]
    y = effect * x + 0.33 * rng.normal(size=places)[place] + rng.normal(size=len(place))
    return pd.DataFrame({"y": y, "x": x, "z": rng.normal(size=len(place)), "place": place, "w": 1.0})


def test_the_estimate_is_that_of_ols_and_the_interval_agrees_with_p():
    frame = townships(1, places=9, effect=0.5)
    found = sg.wild_bootstrap(frame, "y ~ x + z", cluster="place", draws=999, seed=1)
    np.testing.assert_allclose(found.frame["estimate"], sg.ols(frame, "y ~ x + z").frame["estimate"][1:], rtol=1e-9)
    inside = (found.frame["conf_low"] < 0) & (found.frame["conf_high"] > 0)
    assert (inside == (found.frame["p_value"] > 0.05)).all()
    assert (found.signs, found.clusters, found.draws) == ("webb", 9, 999)


def test_size_is_near_five_per_cent_with_six_townships():
    """drivers.md, table 3.5: .050 of 600; here 400 data sets, whose Monte Carlo error is .011."""
    p = [
        sg.wild_bootstrap(townships(seed), "y ~ x", cluster="place", draws=199, seed=seed).frame.loc[0, "p_value"]
        for seed in range(400)
    ]
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.08


def test_integer_weights_count_rows():
    frame = townships(3, places=7, effect=0.3).assign(w=np.resize([1, 2, 3], len(townships(3, places=7))))
    repeated = frame.loc[np.repeat(frame.index, frame["w"].astype(int))]
    one = sg.wild_bootstrap(sg.survey_design(frame, weights="w", clusters="place"), "y ~ z", seed=2)
    two = sg.wild_bootstrap(sg.survey_design(repeated.reset_index(), clusters="place"), "y ~ z", seed=2)
    pd.testing.assert_frame_equal(one.frame, two.frame, rtol=1e-8)


def test_what_cannot_be_done_is_refused():
    frame = townships(1)
    with pytest.raises(DesignError, match="needs clusters"):
        sg.wild_bootstrap(frame, "y ~ x", seed=1)
    with pytest.raises(EstimationError, match="no weights 'mammen'"):
        sg.wild_bootstrap(frame, "y ~ x", cluster="place", signs="mammen", seed=1)
    with pytest.raises(EstimationError, match="too few"):
        sg.wild_bootstrap(frame, "y ~ x", cluster="place", draws=10, seed=1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_names_weights_samples_and_clusters(language):
    found = sg.wild_bootstrap(townships(1), "y ~ z", cluster="place", draws=199, signs="rademacher", seed=1)
    page = found.table(language=language).to_markdown()
    assert "Rademacher" in page
    assert "64" in page, "all sign patterns of six clusters"
