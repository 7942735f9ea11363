import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import integrate

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.bid_curves import BidCurve, fieller, rising_groups

TRUTH = json.loads((VALUES / "willingness.json").read_text(encoding="utf-8"))
CURVES = ("logit", "probit", "log_logit", "log_probit")
AMOUNTS = ["median", "mean", "mean_above_zero", "mean_to_highest"]


@pytest.fixture(scope="module")
def villagers():
    return pd.DataFrame(TRUTH["data"])


def asked(frame, **how):
    return sg.willingness_to_pay(frame, "yes", "bid", **how)


def delta(found):
    return found.frame[found.frame["interval"] == "delta"].set_index("statistic")


@pytest.mark.parametrize("curve", CURVES)
def test_amounts_and_delta_errors_equal_glm_by_hand(villagers, curve):
    found, truth = asked(villagers, controls="income", curve=curve), TRUTH[curve]
    kept = dict(reference="R 4.2.2 glm, integrate, optimHess", data="400 answers to 2, 5, 10, 20 yuan")
    rows = delta(found)
    names = [name for name in AMOUNTS if name in rows.index]
    at = [AMOUNTS.index(name) for name in names]
    assert_matches([found.a, found.b], truth["a_b"], statistic=f"Willingness to pay, {curve}: curve", rtol=1e-8,
                   why="both converge", **kept)  # fmt: skip
    assert_matches(
        rows.loc[names, "estimate"], np.array(truth["estimate"])[at], rtol=1e-7,
        statistic=f"Willingness to pay, {curve}: median and means", why="R integrates numerically", **kept,
    )  # fmt: skip
    assert_matches(
        rows.loc[names, "std_error"], np.array(truth["std_error"])[at], rtol=1e-5,
        statistic=f"Willingness to pay, {curve}: delta errors", why="R's derivatives are differences", **kept,
    )  # fmt: skip
    row = found.frame[found.frame["interval"] == "fieller"].iloc[0]
    assert_matches(
        row[["conf_low", "conf_high"]].astype(float), truth["fieller"], rtol=1e-5,
        statistic=f"Willingness to pay, {curve}: Fieller's interval", why="R's information is by differences", **kept,
    )  # fmt: skip


@pytest.mark.parametrize("curve", [BidCurve(link, log) for link in ("logit", "probit") for log in (False, True)])
def test_means_are_areas_and_slopes_their_derivatives(curve):
    a, b, step = np.array([2.0]), np.array([1.4]), 1e-6

    def area(highest):
        return integrate.quad(
            lambda t: float(curve.accepted(a - b * (np.log(t) if curve.log else t))[0]), 0, highest, epsabs=1e-11
        )[0]

    assert curve.mean_up_to(a, b, 3.0).value[0] == pytest.approx(area(3.0), rel=1e-8)
    assert curve.mean_above_zero(a, b).value[0] == pytest.approx(area(np.inf), rel=1e-6)
    for amount in (curve.median, curve.mean, curve.mean_above_zero, lambda x, y: curve.mean_up_to(x, y, 3.0)):
        found = amount(a, b)
        by_a = (amount(a + step, b).value - amount(a - step, b).value) / (2 * step)
        by_b = (amount(a, b + step).value - amount(a, b - step).value) / (2 * step)
        assert found.by_a == pytest.approx(by_a, rel=1e-6)
        assert found.by_b == pytest.approx(by_b, rel=1e-6)


def test_a_log_logistic_curve_that_falls_slowly_has_no_mean():
    assert np.isinf(BidCurve("logit", True).mean(np.array([1.0]), np.array([0.9])).value[0])
    rng = np.random.default_rng(2)
    bid = rng.choice([2, 5, 10, 20], 500)
    frame = pd.DataFrame({"bid": bid, "yes": (1.2 - 0.6 * np.log(bid) + rng.logistic(size=500) > 0).astype(int)})
    found = asked(frame, curve="log_logit", seed=1)
    assert np.isnan(delta(found).loc["mean", "estimate"])
    assert "too slowly for a mean" in str(found)
    assert np.isfinite(delta(found).loc["mean_to_highest", "estimate"])


def test_turnbull_by_hand():
    """100 asked at each price; 20, 40, 30, 80 decline: the middle two are pooled to 35 of 100."""
    declined, bids = [20, 40, 30, 80], [5, 10, 15, 20]
    frame = pd.DataFrame({"bid": np.repeat(bids, 100), "yes": np.concatenate([np.arange(100) >= k for k in declined])})
    found = asked(frame.astype(float)).frame.set_index("statistic")
    lower = 5 * 0.80 + (10 - 5) * 0.65 + (20 - 10) * 0.20
    variance = 25 * 0.2 * 0.8 / 100 + 25 * 0.35 * 0.65 / 200 + 100 * 0.8 * 0.2 / 100
    assert_matches(
        found.loc["turnbull", ["estimate", "std_error"]].astype(float), [lower, np.sqrt(variance)], rtol=1e-12,
        why="worked by hand", statistic="Turnbull's lower bound, its error",
        reference="formulas of Haab and McConnell (1997), worked by hand", data="four prices",
    )  # fmt: skip
    lines = 5 * (1 + 0.8) / 2 + 5 * (0.8 + 0.65) / 2 + 5 * 0.65 + 5 * (0.65 + 0.2) / 2
    assert found.loc["kristrom", "estimate"] == pytest.approx(lines)
    assert rising_groups(np.array([0.5, 0.4, 0.1]), np.array([1.0, 1.0, 2.0])) == [[0, 1, 2]]


def test_krinsky_robb_is_near_fieller_and_asks_for_a_seed(villagers):
    found = asked(villagers, seed=4).frame.set_index(["statistic", "interval"])
    np.testing.assert_allclose(
        found.loc[("median", "krinsky_robb"), ["conf_low", "conf_high"]].astype(float),
        found.loc[("median", "fieller"), ["conf_low", "conf_high"]].astype(float), atol=0.1,
    )  # fmt: skip
    assert "krinsky_robb" not in set(asked(villagers).frame["interval"])
    pd.testing.assert_frame_equal(asked(villagers, seed=4).frame, asked(villagers, seed=4).frame)


def test_fieller_contains_the_values_that_a_test_keeps():
    covariance = np.array([[0.04, 0.01], [0.01, 0.02]])
    low, high = fieller(2.0, 1.0, covariance, 1.96)
    for r in (low, high):
        t = (2 - r) / np.sqrt(covariance[0, 0] - 2 * r * covariance[0, 1] + r**2 * covariance[1, 1])
        assert abs(t) == pytest.approx(1.96)
    assert fieller(2.0, 0.1, covariance, 1.96) == (-np.inf, np.inf)


@given(st.sampled_from(CURVES), st.floats(0.01, 100))
@settings(max_examples=12, deadline=None)
def test_another_currency_multiplies_every_amount(curve, rate):
    frame = pd.DataFrame(TRUTH["data"])
    one, two = (asked(d, curve=curve).frame for d in (frame, frame.assign(bid=rate * frame["bid"])))
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(two[columns], rate * one[columns], rtol=1e-6)


def test_weights_count_rows_and_clusters_have_their_design(villagers):
    weighted = villagers.assign(w=1 + np.arange(400) % 3)
    repeated = villagers.loc[np.repeat(villagers.index, weighted["w"])].reset_index(drop=True)
    one = asked(sg.survey_design(weighted, weights="w"))
    two = asked(repeated)
    np.testing.assert_allclose(one.frame["estimate"], two.frame["estimate"], rtol=1e-8)
    clustered = asked(villagers, cluster="place")
    assert clustered.frame["estimate"].tolist() == pytest.approx(asked(villagers).frame["estimate"].tolist())
    assert delta(clustered).loc["median", "std_error"] != delta(asked(villagers)).loc["median", "std_error"]
    alone = villagers.assign(bid=np.where(villagers["bid"] <= 5, 5, 20))
    found = asked(alone, cluster="place").frame.set_index("statistic").loc["turnbull"]
    accepts = alone.groupby("bid")["yes"].mean()
    assert found["estimate"] == pytest.approx(5 * accepts[5] + 15 * accepts[20])


@pytest.mark.parametrize(
    ("change", "how", "error", "said"),
    [
        ({"yes": 1}, {}, DataError, "has 1 values"),
        ({"bid": 5}, {}, DataError, "fewer than two prices"),
        ({"bid": -1}, {}, DataError, "not above 0"),
        ({"bid": "five"}, {}, DataError, "holds words"),
        ({}, {"curve": "weibull"}, EstimationError, "no curve 'weibull'"),
    ],
)
def test_what_cannot_be_done_is_refused(villagers, change, how, error, said):
    with pytest.raises(error, match=said):
        asked(villagers.assign(**change), **how)


def test_acceptance_that_rises_with_the_price_is_refused(villagers):
    with pytest.raises(EstimationError, match="does not fall as 'bid' rises"):
        asked(villagers.assign(yes=1 - villagers["yes"]))
    with pytest.raises(DataError, match="yes_assigned"):
        sg.willingness_to_pay(villagers, "yes")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("curve", ["logit", "log_logit"])
def test_pages_and_pictures_in_both_languages(villagers, language, curve):
    found = asked(villagers, curve=curve, seed=1)
    assert {"zh": "假设性问题", "en": "hypothetical"}[language] in found.table(language=language).to_markdown()
    assert "90.4" in found.shares_table(language=language).to_markdown()
    assert found.plot(language=language).get_xlim()[1] > 20
