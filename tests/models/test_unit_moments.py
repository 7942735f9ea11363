import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.sample import Sample
from sgsurvey.models.design_based import Placed
from sgsurvey.models.unit_moments import UnitMoments
from sgsurvey.numerics import replicates


def people(n, rng):
    x, m = rng.normal(size=n), rng.normal(size=n)
    m += 0.5 * x
    return pd.DataFrame({"x": x, "m": m, "y": 0.3 * x + 0.4 * m + rng.normal(size=n)})


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.booleans())
def test_moments_are_those_of_the_factors_of_all_units(seed, strata, population):
    """Counting every unit by its factor, in one product, is the other road; some units have no row in the model."""
    rng = np.random.default_rng(seed)
    frame = people(60, rng).assign(place=rng.integers(0, 15, 60), w=rng.uniform(0.5, 3, 60))
    frame["region"] = frame["place"] % strata
    frame["size"] = 40.0
    parts = {"fpc": "size"} if population else {}
    answers = as_columns(
        sg.survey_design(frame, weights="w", clusters="place", strata="region", lonely="certainty", **parts)
    )
    sample, rows = Sample.of(answers), np.flatnonzero(frame["place"] != frame["place"].min())
    z = np.column_stack([np.ones(len(rows)), frame[["x", "m", "y"]].to_numpy()[rows]])
    moments = UnitMoments.of(Placed(sample, rows), z)
    stage = sample.stages[0]
    own = np.zeros((len(stage.stratum_of), 4, 4))
    for unit, weight, row in zip(moments.units, moments.weights, z, strict=True):
        own[unit] += weight * np.outer(row, row)

    factors = replicates.jackknife(stage)
    left_out, counts = moments.jackknifed()
    np.testing.assert_allclose(left_out, np.einsum("ur,ukl->rkl", factors.units, own), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(counts, factors.rscales, rtol=1e-15)
    drawn = np.einsum("ur,ukl->rkl", replicates.rescaled_bootstrap(stage, 20, seed).units, own)
    np.testing.assert_allclose(moments.bootstrapped(20, seed), drawn, rtol=1e-12, atol=1e-12)


def test_blocks_of_draws_are_the_same_draws(monkeypatch):
    rng = np.random.default_rng(1)
    frame = people(50, rng).assign(region=np.repeat([1, 2], 25))
    stage = Sample.of(as_columns(sg.survey_design(frame, strata="region"))).stages[0]
    whole = replicates.rescaled_bootstrap(stage, 37, 5).units
    monkeypatch.setattr(replicates, "BLOCK", 100)
    assert np.array_equal(replicates.rescaled_bootstrap(stage, 37, 5).units, whole)


def test_a_column_that_only_one_unit_has_leaves_exactly_nothing():
    frame = people(30, np.random.default_rng(2))
    only = np.where(np.arange(30) == 7, 1 / 3, 0.0)
    moments = UnitMoments.of(
        Placed(Sample.of(as_columns(frame)), np.arange(30)), np.column_stack([frame.to_numpy(), only])
    )
    assert (moments.jackknifed()[0][7, 3] == 0).all()


@pytest.mark.parametrize("interval", ["jackknife", "bca"])
def test_twenty_thousand_rows_fit_in_memory(interval):
    """A factor for each pair of rows would be 3.2 GB."""
    frame = people(20_000, np.random.default_rng(3))
    asked = interval if interval == "jackknife" else sg.EffectInterval("bca", draws=400)
    tracemalloc.start()
    try:
        found = sg.mediation(frame, "y ~ x", through="m", interval=asked, seed=1 if interval == "bca" else None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200e6
    indirect = found.frame.set_index("effect").loc["indirect"]
    assert indirect["std_error"] == pytest.approx(np.sqrt((0.5**2 + 0.4**2) / 20_000), rel=0.05)


def of_two_groups():
    """Villagers of 12 places, and officials who belong to none: each of them is a unit of a stratum of their own."""
    rng = np.random.default_rng(3)
    frame = people(160, rng).assign(role=np.repeat(["villager", "official"], [120, 40]))
    frame["place"] = np.where(frame["role"] == "villager", np.arange(160) % 12, np.nan)
    return sg.survey_design(frame, clusters="place")


@pytest.mark.parametrize(
    "interval_of",
    [
        lambda d: sg.mediation(d, "y ~ x", through="m", interval="jackknife").frame[["conf_low", "conf_high"]],
        lambda d: sg.dominance(d, "y ~ x + m").frame[["conf_low", "conf_high"]],
        lambda d: sg.errors_in_variables(d, "y ~ x", reliability={"x": 0.8}).frame[["conf_low", "conf_high"]],
    ],
)
def test_a_part_has_the_degrees_of_freedom_of_its_own_units(interval_of):
    """Those of 12 places, however many units the others form: the part declared alone is the other road."""
    whole = of_two_groups()
    part = whole.where(role="villager")
    alone = sg.survey_design(part.frame.drop(columns="role"), clusters="place")
    np.testing.assert_allclose(interval_of(part), interval_of(alone), rtol=1e-10)
