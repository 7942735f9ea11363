"""Moments and counts: numpy and pandas are the witnesses; adding chunks and pooling clusters are the identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.answers import engine_pandas
from sgsurvey.answers.moments import Moments
from sgsurvey.errors import DataError

CLOSED_FORM = 1e-12


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(1e4, 1.0, (120, 3)), columns=["a", "b", "c"])
    frame.loc[rng.random(120) < 0.1, "b"] = np.nan
    frame["place"] = rng.choice(["T1", "T2", "T3", None], 120, p=[0.3, 0.3, 0.3, 0.1])
    frame["weight"] = rng.uniform(0.5, 2.0, 120)
    return frame


def take(frame: pd.DataFrame, *, weighted: bool = False, clustered: bool = True) -> Moments:
    return engine_pandas.moments(
        frame[["a", "b", "c"]],
        weights=frame["weight"].to_numpy() if weighted else None,
        clusters=frame["place"] if clustered else None,
    )


def test_moments_agree_with_numpy_on_complete_rows(frame):
    complete = frame[["a", "b", "c"]].dropna()
    moments = take(frame, clustered=False)
    assert moments.n == len(complete)
    assert moments.rows_in == len(frame)
    np.testing.assert_allclose(moments.mean, complete.mean(), rtol=CLOSED_FORM)
    np.testing.assert_allclose(moments.cov, np.cov(complete.T), rtol=1e-9)


def test_weighted_moments_agree_with_numpy_frequency_weights(frame):
    frame["weight"] = np.arange(len(frame)) % 3 + 1
    complete = frame.dropna(subset=["a", "b", "c"])
    repeated = complete.loc[complete.index.repeat(complete["weight"]), ["a", "b", "c"]]
    moments = take(frame, weighted=True, clustered=False)
    np.testing.assert_allclose(moments.mean, repeated.mean(), rtol=CLOSED_FORM)
    np.testing.assert_allclose(moments.cov, np.cov(repeated.T), rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(1, 119))
def test_moments_of_two_chunks_add_to_those_of_the_whole(cut):
    rng = np.random.default_rng(cut)
    frame = pd.DataFrame(rng.normal(50, 1, (120, 3)), columns=["a", "b", "c"])
    frame["place"] = rng.choice(["T1", "T2", "T3"], 120)
    whole, parts = take(frame), take(frame[:cut]) + take(frame[cut:])
    np.testing.assert_allclose(parts.cov, whole.cov, rtol=1e-9)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=CLOSED_FORM)
    assert parts.n == whole.n


def test_a_replicate_that_leaves_out_a_cluster_is_the_sample_without_it(frame):
    moments = take(frame, weighted=True)
    factors = 1.0 - np.eye(len(moments.clusters))
    n, mean, cov = moments.replicate(factors)
    for left_out, cluster in enumerate(moments.clusters):
        rest = frame["place"].notna() & (frame["place"] != cluster)
        refit = take(frame[rest], weighted=True)
        np.testing.assert_allclose(mean[left_out], refit.mean, rtol=CLOSED_FORM)
        np.testing.assert_allclose(cov[left_out], refit.cov, rtol=1e-7)
        np.testing.assert_allclose(n[left_out], refit.combine().n, rtol=CLOSED_FORM)


def test_moments_of_different_variables_do_not_add(frame):
    other = engine_pandas.moments(frame[["a", "b"]])
    with pytest.raises(DataError, match="do not add"):
        take(frame, clustered=False) + other


def test_no_complete_row_is_an_error_that_names_the_variables():
    with pytest.raises(DataError, match="no row is complete on a, b"):
        engine_pandas.moments(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 1.0]}))


def test_counts_agree_with_pandas_crosstab_and_add(frame):
    rng = np.random.default_rng(5)
    frame["x"], frame["y"] = rng.integers(1, 4, 120), rng.integers(1, 6, 120)
    codes = {"row_codes": (1, 2, 3), "column_codes": (1, 2, 3, 4, 5)}
    whole = engine_pandas.counts(frame["x"], frame["y"], clusters=frame["place"], **codes)
    kept = frame[frame["place"].notna()]
    np.testing.assert_array_equal(whole.combine(), pd.crosstab(kept["x"], kept["y"]).to_numpy())
    parts = engine_pandas.counts(frame["x"][:50], frame["y"][:50], clusters=frame["place"][:50], **codes) + (
        engine_pandas.counts(frame["x"][50:], frame["y"][50:], clusters=frame["place"][50:], **codes)
    )
    np.testing.assert_array_equal(parts.combine(), whole.combine())
