"""Allocation adds up, keeps its bounds and is optimal where it says so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.errors import DesignError

SIZES = st.lists(st.integers(1, 5000), min_size=1, max_size=12)


@given(SIZES, st.data(), st.sampled_from(["proportional", "power", "equal", "neyman"]))
@settings(max_examples=80, deadline=None)
def test_it_adds_up_within_its_bounds(sizes, data, method):
    minimum = data.draw(st.integers(0, 10))
    low = max(sum(min(minimum, s) for s in sizes), 1)
    n = data.draw(st.integers(low, sum(sizes)))
    sd = {i: data.draw(st.floats(0.5, 20)) for i in range(len(sizes))} if method == "neyman" else None
    given_ = dict(enumerate(sizes))
    frame = sg.allocate(given_, n, method=method, minimum=minimum, sd=sd).frame
    assert frame["n"].sum() == n
    assert (frame["n"] <= frame["population"]).all()
    assert (frame["n"] >= np.minimum(minimum, frame["population"])).all()
    assert (np.abs(frame["n"] - frame["exact"]) < 1 + 1e-6).all()


def variance(population, sd, n):
    return float((population**2 * sd**2 * (1 / n - 1 / population)).sum())


def test_neyman_beats_proportional_and_every_other_split_of_the_same_bounds():
    population, sd = np.array([400.0, 300.0, 8.0, 60.0]), np.array([3.0, 9.0, 200.0, 40.0])
    given_, spread = dict(enumerate(population.astype(int).tolist())), dict(enumerate(sd))
    best = sg.allocate(given_, 100, method="neyman", sd=spread, minimum=5).frame
    assert best["bound"].tolist() == ["", "", "all", ""]
    least = variance(population, sd, best["exact"].to_numpy())
    assert least < variance(population, sd, sg.allocate(given_, 100, minimum=5).frame["exact"].to_numpy())
    rng = np.random.default_rng(1)
    for _ in range(300):
        i, j = rng.choice(4, 2, replace=False)
        other = best["exact"].to_numpy().copy()
        other[i], other[j] = other[i] + 0.5, other[j] - 0.5
        if (other <= population).all() and (other >= 5).all():
            assert variance(population, sd, other) > least


def test_neyman_without_bounds_is_the_closed_form_and_costs_go_by_their_root():
    sizes, sd, cost = {"a": 1000, "b": 2000}, {"a": 4.0, "b": 1.0}, {"a": 4.0, "b": 1.0}
    assert sg.allocate(sizes, 60, method="neyman", sd=sd).frame["exact"].tolist() == pytest.approx([40, 20])
    with_costs = sg.allocate(sizes, 60, method="neyman", sd=sd, costs=cost).frame["exact"]
    assert with_costs.tolist() == pytest.approx([30, 30])


def test_power_runs_from_equal_to_proportional():
    sizes = {"a": 900, "b": 100}
    for exponent, rule in ((0.0, "equal"), (1.0, "proportional")):
        ours = sg.allocate(sizes, 50, method="power", exponent=exponent).frame["exact"]
        assert ours.tolist() == pytest.approx(sg.allocate(sizes, 50, method=rule).frame["exact"].tolist())
    assert sg.allocate(sizes, 40, method="power").sizes == {"a": 30, "b": 10}


@pytest.mark.parametrize(
    "how",
    [
        {"n": 0},
        {"n": 31},
        {"n": 5, "minimum": 4},
        {"n": 5, "method": "best"},
        {"n": 5, "method": "neyman"},
        {"n": 5, "sd": {"a": 1.0, "b": 1.0}},
        {"n": 15, "method": "neyman", "sd": {"a": 1.0, "b": 0.0}},
    ],
)
def test_what_cannot_be_is_refused(how):
    with pytest.raises(DesignError):
        sg.allocate({"a": 10, "b": 20}, **how)
