import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.quality.imputation_checks import MIXED, split_rhat


@pytest.fixture(scope="module")
def gaps():
    rng = np.random.default_rng(1)
    factor = rng.standard_normal((200, 1))
    items = np.digitize(0.8 * factor + 0.6 * rng.standard_normal((200, 4)), [-1.2, -0.4, 0.4, 1.2]) + 1.0
    return pd.DataFrame(items, columns=list("abcd")).mask(rng.random((200, 4)) < 0.15)


@pytest.fixture(scope="module")
def imputed(gaps):
    return sg.impute(gaps, list("abcd"), m=8, iterations=10, seed=2)


def test_rhat_worked_by_hand():
    path = np.array([[9.0, 9.0], [0, 2], [2, 4], [1, 3], [3, 5]])
    within, between = 2.0, 2 * np.array([1, 3, 2, 4]).var(ddof=1)
    assert split_rhat(path) == pytest.approx(np.sqrt((within / 2 + between / 2) / within))
    assert np.isnan(split_rhat(path[:4]))
    assert split_rhat(np.ones((10, 3))) == 1
    assert split_rhat(np.tile([1.0, 2.0], (10, 1))) == np.inf


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_rhat_tells_noise_from_trends_and_from_chains_apart(seed):
    noise = np.random.default_rng(seed).standard_normal((40, 20))
    assert split_rhat(noise) < MIXED
    assert split_rhat(noise + np.arange(40)[:, None] / 5) > MIXED
    assert split_rhat(noise + np.arange(20) / 5) > MIXED


def test_the_path_of_every_chain_is_kept_and_ends_in_what_was_drawn(imputed):
    found = imputed.convergence()
    assert len(found.frame) == 4 * 10 * 8
    last = found.frame[(found.frame["item"] == "c") & (found.frame["iteration"] == 10)]
    drawn = imputed.chains["all"].drawn["c"]
    np.testing.assert_allclose(last["mean"], drawn.mean(axis=1))
    np.testing.assert_allclose(last["sd"], drawn.std(axis=1))
    assert found.rhat["item"].tolist() == imputed.frame.sort_values(["n_imputed", "item"])["item"].tolist()


def test_easy_data_settle_and_the_table_shows_every_item(imputed):
    found = imputed.convergence()
    assert found.settled
    assert sorted(found.table().frame["item"]) == list("abcd")
    assert "1.1" in found.table(language="zh").notes[0].zh


def test_two_items_that_repeat_each_other_are_seen_not_to_settle():
    """Each is imputed from the other alone: the chains walk, and where they began stays visible."""
    x = np.random.default_rng(1).standard_normal(120)
    frame = pd.DataFrame({"a": x, "b": x})
    frame.loc[:59, ["a", "b"]] = np.nan
    how = sg.ChainedEquations(items={"a": "normal", "b": "normal"}, prior_sd=1e4)
    found = sg.impute(frame, ["a", "b"], m=8, iterations=10, seed=1, method=how).convergence()
    assert not found.settled


def test_a_single_drawn_cell_has_no_spread(gaps):
    frame = gaps.dropna().reset_index(drop=True)
    frame.loc[0, "a"] = np.nan
    found = sg.impute(frame, list("abcd"), m=5, iterations=10, seed=1)
    assert found.convergence().rhat["rhat_sd"].isna().all()
    assert found.distributions().frame["sd_imputed"].isna().all()


def test_distributions_are_those_of_answers_and_draws(gaps, imputed):
    found = imputed.distributions()
    line = found.frame.set_index("item").loc["b"]
    drawn = imputed.chains["all"].drawn["b"]
    known = gaps["b"].dropna()
    assert (line["n_observed"], line["n_imputed"]) == (len(known), gaps["b"].isna().sum())
    assert line["mean_observed"] == pytest.approx(known.mean())
    assert line["mean_imputed"] == pytest.approx(drawn.mean())
    assert line["difference"] == pytest.approx((drawn.mean() - known.mean()) / known.std())
    shares = found.codes[found.codes["item"] == "b"]
    assert shares["share_observed"].sum() == pytest.approx(1)
    assert shares["share_imputed"].sum() == pytest.approx(1)
    assert shares["share_imputed"].iloc[1] == pytest.approx((drawn == 2).mean())


def test_draws_at_random_look_like_answers_and_draws_under_mar_need_not():
    rng = np.random.default_rng(4)
    x = rng.standard_normal(600)
    y = np.digitize(x + 0.5 * rng.standard_normal(600), [-1, 0, 1]) + 1.0
    random = pd.DataFrame({"y": np.where(rng.random(600) < 0.3, np.nan, y), "x": x})
    high = pd.DataFrame({"y": np.where(rng.random(600) < (x > 0) * 0.6, np.nan, y), "x": x})
    alike, apart = (
        sg.impute(frame, ["y"], auxiliary=["x"], m=5, iterations=1, seed=1).distributions().frame["difference"].iloc[0]
        for frame in (random, high)
    )
    assert abs(alike) < 0.25
    assert apart > 0.6


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_pictures_are_drawn_in_both_languages(imputed, language):
    paths = imputed.convergence().plot(language=language, item="c")
    assert len(paths.lines) == 8
    assert "c" in paths.get_ylabel()
    means = imputed.distributions().plot(language=language)
    frame = imputed.distributions().frame
    np.testing.assert_allclose(means.lines[1].get_xdata(), frame["mean_imputed"])
    assert [t.get_text() for t in means.get_yticklabels()] == frame["item"].tolist()


def test_a_picture_of_what_was_not_drawn_is_refused():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(1, 6, 60).astype(float) for name in "ab"})
    frame.loc[:5, "a"] = np.nan
    convergence = sg.impute(frame, ["a", "b"], m=2, iterations=2, seed=1).convergence()
    with pytest.raises(sg.EstimationError, match="no drawn values"):
        convergence.plot(item="b")
