"""Alpha and correlations under the design, beside R survey and by replicates."""

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.sample import Sample
from sgsurvey.numerics.covariance_statistics import CovarianceStatistic
from sgsurvey.numerics.estimators import Correlations
from sgsurvey.numerics.reliability import cronbach_alpha

CLUSTERS = 240


def sampled():
    """Four items of one cause, in clusters of six in four strata, with unequal weights."""
    rng = np.random.default_rng(21)
    n = 6 * CLUSTERS
    cluster = np.repeat(np.arange(CLUSTERS), 6)
    cause = rng.normal(size=n) + 0.7 * rng.normal(size=CLUSTERS)[cluster]
    items = pd.DataFrame({name: cause + rng.normal(size=n) for name in "abcd"})
    return items.assign(cluster=cluster, stratum=cluster % 4, w=1 + (cluster % 3) * 1.0)


def designed(data, **more):
    how = {"weights": "w", "strata": "stratum", "clusters": "cluster"} | more
    return sg.survey_design(sg.responses(data, {"A": list("abcd")}, limits=None), **how)


def jackknife(data):
    """Delete a cluster at a time, by hand."""
    weights, scale, strata = [], [], data.groupby("cluster")["stratum"].first()
    for cluster, stratum in strata.items():
        n = int((strata == stratum).sum())
        w = np.where(data["stratum"] == stratum, data["w"] * n / (n - 1), data["w"])
        weights.append(np.where(data["cluster"] == cluster, 0.0, w))
        scale.append((n - 1) / n)
    df = float(len(strata) - strata.nunique())
    return sg.Replicates("JKn", np.column_stack(weights), 1.0, np.array(scale), df)


def test_alpha_by_replicates_is_near_the_linearised():
    data = sampled()
    linear = sg.reliability(designed(data), "A").frame.iloc[0]
    again = sg.reliability(
        sg.survey_design(sg.responses(data, {"A": list("abcd")}, limits=None), weights="w", replicates=jackknife(data)),
        "A",
    ).frame.iloc[0]
    assert again["alpha"] == linear["alpha"]
    width = linear["conf_high"] - linear["conf_low"]
    assert again["conf_high"] - again["conf_low"] == pytest.approx(width, rel=0.05)
    assert linear["conf_low"] < linear["alpha"] < linear["conf_high"] < 1


def test_the_interval_of_alpha_says_the_design_and_not_feldt():
    text = sg.reliability(designed(sampled()), "A").table(language="en").to_markdown()
    assert "under the design" in text
    assert "Feldt" not in text


@pytest.mark.parametrize("kind", ["alpha", "correlation"])
def test_linearised_variance_is_near_the_jackknife(kind):
    data = sampled()
    answers = designed(data)
    y = data[list("abcd")].to_numpy()
    statistic = (
        CovarianceStatistic(y, np.zeros(len(y), dtype=np.int64), lambda cov: np.array([cronbach_alpha(cov)]))
        if kind == "alpha"
        else Correlations(y[:, :1], y[:, 1:2])
    )
    replicated = sg.survey_design(data, weights="w", replicates=jackknife(data))
    linear, by_hand = (Sample.of(each).estimate(statistic) for each in (answers, replicated))
    assert linear[0] == by_hand[0]
    assert linear[1][0, 0] == pytest.approx(by_hand[1][0, 0], rel=0.05)


def test_correlations_are_weighted_and_their_interval_is_that_of_fishers_z():
    data = sampled()
    found = sg.correlations(designed(data), ["a", "b", "c"])
    line = found.frame.iloc[0]
    expected = np.cov(data["a"], data["b"], aweights=data["w"])
    assert line["estimate"] == pytest.approx(expected[0, 1] / np.sqrt(expected[0, 0] * expected[1, 1]), rel=1e-12)
    assert line["df"] == CLUSTERS - 4
    z = np.arctanh(line[["conf_low", "estimate", "conf_high"]].to_numpy(dtype=float))
    assert z[2] - z[1] == pytest.approx(z[1] - z[0])
    np.testing.assert_allclose(found.summary["mean"], np.average(data[["a", "b", "c"]], axis=0, weights=data["w"]))
    np.testing.assert_array_equal(np.diag(found.matrix), 1.0)


def test_doubling_the_weights_changes_nothing():
    data = sampled()
    one, two = (sg.correlations(designed(each), ["a", "b"]).frame for each in (data, data.assign(w=2 * data["w"])))
    np.testing.assert_allclose(one.select_dtypes("number").astype(float), two.select_dtypes("number").astype(float))
