from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_subjects import KRIPPENDORFF
from reference_values import assert_matches

from sgsurvey.numerics.krippendorff import Units

LEVELS = ["nominal", "ordinal", "interval", "ratio"]


def alpha(x, level):
    units = Units.of(np.asarray(x, dtype=float), level)
    return float(units.alphas(np.ones((1, len(units.counts))))[0])


@pytest.mark.parametrize(("level", "published"), list(zip(LEVELS, [0.743, 0.815, 0.849, 0.797], strict=True)))
def test_alpha_of_the_four_observers_is_the_published_one(level, published):
    assert_matches(
        alpha(KRIPPENDORFF, level),
        published,
        statistic=f"Krippendorff's alpha, {level}",
        reference="Krippendorff 2011, section D-G",
        data="four observers, twelve units",
        why="printed to three digits",
        atol=0.0005,
    )


def distance(level, values, margins, c, k):
    if level == "nominal":
        return float(c != k)
    if level == "interval":
        return (values[c] - values[k]) ** 2
    if level == "ratio":
        total = values[c] + values[k]
        return ((values[c] - values[k]) / total) ** 2 if total else 0.0
    low, high = min(c, k), max(c, k)
    return (margins[low : high + 1].sum() - (margins[c] + margins[k]) / 2) ** 2


def by_definition(x, level):
    """Coincidences counted pair by pair, as the paper tells it."""
    values = np.unique(x[~np.isnan(x)])
    together = np.zeros((len(values), len(values)))
    for unit in x:
        given_ = np.searchsorted(values, unit[~np.isnan(unit)])
        for one, other in permutations(given_, 2):
            together[one, other] += 1 / (len(given_) - 1)
    margins = together.sum(axis=0)
    n, v = margins.sum(), range(len(values))
    observed = sum(together[c, k] * distance(level, values, margins, c, k) for c in v for k in v)
    expected = sum(margins[c] * margins[k] * distance(level, values, margins, c, k) for c in v for k in v)
    return 1 - (n - 1) * observed / expected


def ratings():
    def made(seed, n, m, c):
        rng = np.random.default_rng(seed)
        x = rng.integers(1, c + 1, (n, 1)) * 1.0 + rng.integers(-1, 2, (n, m))
        x[rng.random((n, m)) < 0.2] = np.nan
        x[0] = np.arange(1, m + 1)
        return np.abs(x)

    return st.builds(made, st.integers(0, 9999), st.integers(4, 25), st.integers(2, 5), st.integers(2, 6))


@pytest.mark.parametrize("level", LEVELS)
@given(x=ratings())
@settings(max_examples=25, deadline=None)
def test_closed_forms_are_the_definition(x, level):
    assert alpha(x, level) == pytest.approx(by_definition(x, level), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("level", LEVELS)
@given(x=ratings(), random=st.randoms())
@settings(max_examples=15, deadline=None)
def test_who_is_called_which_rater_does_not_matter(x, random, level):
    mixed = x.copy()
    for row in mixed:
        values = row.tolist()
        random.shuffle(values)
        row[:] = values
    assert alpha(mixed, level) == pytest.approx(alpha(x, level), rel=1e-10)


@given(x=ratings(), unit=st.floats(0.01, 100), zero=st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_each_level_allows_its_own_changes_of_scale(x, unit, zero):
    assert alpha(unit * x + zero, "interval") == pytest.approx(alpha(x, "interval"), rel=1e-6, abs=1e-8)
    assert alpha(unit * x, "ratio") == pytest.approx(alpha(x, "ratio"), rel=1e-8)
    assert alpha(np.exp(x), "ordinal") == pytest.approx(alpha(x, "ordinal"), rel=1e-9)
    assert alpha(7 - x, "ordinal") == pytest.approx(alpha(x, "ordinal"), rel=1e-9)


def test_units_counted_twice_are_units_repeated():
    x = KRIPPENDORFF.to_numpy()
    for level in LEVELS:
        units = Units.of(x, level)
        twice = alpha(np.tile(x, (2, 1)), level)
        assert units.alphas(np.full((1, len(units.counts)), 2.0))[0] == pytest.approx(twice, rel=1e-12)


def test_a_resample_has_the_alpha_of_its_units():
    x = KRIPPENDORFF.to_numpy()[:11]
    rng = np.random.default_rng(1)
    for level in LEVELS:
        units, rows = Units.of(x, level), rng.integers(0, 11, 11)
        counts = np.bincount(rows, minlength=11).astype(float)[None, :]
        assert units.alphas(counts)[0] == pytest.approx(alpha(x[rows], level), rel=1e-10)


@pytest.mark.parametrize("level", LEVELS)
def test_equal_ratings_alone_have_no_alpha(level):
    assert np.isnan(alpha(np.full((5, 3), 0.1), level))
    assert np.isnan(alpha(np.full((5, 3), 4e7), level))


@pytest.mark.parametrize("level", LEVELS)
def test_raters_that_never_differ_have_an_alpha_of_one(level):
    x = np.column_stack([np.arange(1.0, 8.0)] * 3)
    assert alpha(x, level) == pytest.approx(1, rel=1e-12)
