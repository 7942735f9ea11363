import json

import numpy as np
import pytest
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.resample import (
    bca_interval,
    different_rows,
    drawn_counts,
    drawn_covariances,
    normal_quantile,
    percentile_interval,
)

BOOT = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))["boot_attitude"]


@pytest.mark.parametrize("kind", ["percent", "bca"])
def test_intervals_from_the_same_draws_are_those_of_boot(kind):
    drawn = np.array(BOOT["t"])
    found = (
        percentile_interval(drawn, 0.95)
        if kind == "percent"
        else bca_interval(drawn, BOOT["t0"], np.array(BOOT["L"]), 0.95)
    )
    assert_matches(
        found,
        BOOT[kind],
        statistic=f"bootstrap interval: {kind}",
        reference="R boot 1.3-28 boot.ci",
        data="attitude, 999 draws of alpha",
        rtol=1e-10,
        why="closed form of the draws",
    )


def test_different_rows_are_counted_and_found_again():
    values = np.array([[1.0, np.nan], [2, 3], [1, np.nan], [2, 4], [2, 3], [1, np.nan]])
    found = different_rows(values)
    assert sorted(found.counts.tolist()) == [1, 2, 3]
    np.testing.assert_array_equal(found.values[found.of], values)


@pytest.mark.parametrize("patterns", [5, 2000])
def test_counts_are_multinomial(patterns):
    """Both ways of drawing: few patterns by binomials, many by numbers of rows."""
    values = (np.arange(3000) % patterns)[:, None].astype(float)
    found = different_rows(values)
    counts = np.concatenate(list(drawn_counts(found, 400, np.random.default_rng(1))))
    assert counts.shape == (400, patterns)
    assert (counts.sum(axis=1) == 3000).all()
    share = found.counts / 3000
    error = np.sqrt(3000 * share * (1 - share) / 400)
    assert np.abs((counts.mean(axis=0) - 3000 * share) / error).max() < 5
    spread = counts.var(axis=0, ddof=1) / (3000 * share * (1 - share))
    assert spread.mean() == pytest.approx(1, abs=0.1)


def test_the_seed_decides():
    values = np.random.default_rng(0).integers(1, 6, (50, 3)).astype(float)
    groups = np.zeros(50, dtype=np.int64)
    one, again, other = (drawn_covariances(values, groups, 100, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_drawn_covariances_are_those_of_the_drawn_rows():
    """Groups are drawn by themselves, and pairs take the rows that have both: by hand from the same random numbers."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(40, 3)) + 50
    values[rng.random(values.shape) < 0.1] = np.nan
    groups = (np.arange(40) >= 25).astype(np.int64)
    found = drawn_covariances(values, groups, 7, seed=9)
    again, products, rows = np.random.default_rng(9), np.zeros((7, 3, 3)), np.zeros((7, 3, 3))
    for code in (0, 1):
        own = values[groups == code]
        places = again.integers(0, len(own), size=(7, len(own)))
        for draw, place in enumerate(places):
            for j in range(3):
                for k in range(3):
                    both = own[place][:, [j, k]]
                    both = both[~np.isnan(both).any(axis=1)]
                    products[draw, j, k] += ((both - both.mean(axis=0)).prod(axis=1)).sum()
                    rows[draw, j, k] += len(both) - 1
    np.testing.assert_allclose(found, products / rows, rtol=1e-9)


def test_quantiles_beyond_the_draws_are_not_invented():
    drawn = np.arange(1, 100, dtype=float)
    assert normal_quantile(drawn, 0.025) == pytest.approx(2.5, abs=0.05)
    assert np.isnan(normal_quantile(drawn, 0.001))
    assert np.isnan(normal_quantile(np.r_[drawn, np.nan], 0.5))
    assert all(np.isnan(bca_interval(drawn, 200.0, np.ones(5), 0.95)))
