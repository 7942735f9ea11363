import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from public_matrices import answers_with, attitude, bfi
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.measurement.design_based import covariance_statistic, covariance_statistic_interval
from sgsurvey.numerics.covariance_statistics import normal_variance
from sgsurvey.numerics.intervals import bonett, feldt
from sgsurvey.numerics.reliability import alpha_slopes, cronbach_alpha

VALUE = json.loads((VALUES / "reliability.json").read_text(encoding="utf-8"))
NAMES = ["A1", "A2", "A3", "A4", "A5"]
Interval = sg.ReliabilityInterval


def agreeable() -> pd.DataFrame:
    frame = bfi().dropna()[NAMES]
    return frame.assign(A1=7 - frame["A1"]).reset_index(drop=True)


def ends(data, interval, column="alpha", **more):
    row = sg.reliability(data, {"A": NAMES}, interval=interval, **more).frame.iloc[0]
    low, high = ("conf_low", "conf_high") if column == "alpha" else ("omega_low", "omega_high")
    return np.array([row[low], row[column], row[high]])


def alpha_of(cov):
    return np.array([cronbach_alpha(cov)])


# Witnesses --------------------------------------------------------------------------------------------------


def test_the_error_of_normal_items_is_that_of_psych():
    found = ends(agreeable(), "duhachek")
    assert_matches(
        (found[2] - found[0]) / (2 * 1.959963984540054),
        VALUE["alpha_A"]["ase"],
        statistic="alpha: standard error of Duhachek and Iacobucci",
        reference="R psych 2.2.9 alpha (ase)",
        data="bfi A1-A5",
        rtol=1e-10,
        why="closed form",
    )
    assert found[1] - found[0] == pytest.approx(found[2] - found[1], rel=1e-10)


def test_the_distribution_free_error_is_the_delta_method_with_lavaans_gamma():
    error = covariance_statistic(sg.responses(agreeable(), {"A": NAMES}, limits=None), NAMES, alpha_of).std_error[0]
    n = len(agreeable())
    assert_matches(
        error * np.sqrt((n - 1) / n),
        VALUE["alpha_A"]["adf"],
        statistic="alpha: standard error from fourth moments (ADF)",
        reference="R lavaan 0.6-14 gamma, delta method",
        data="bfi A1-A5",
        rtol=1e-9,
        why="closed form; our divisor n - 1 against lavaan's n is taken out, slopes by differences",
    )
    found = ends(agreeable(), "adf")
    assert (found[2] - found[0]) / (2 * 1.959963984540054) == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("kind", ["percentile", "bca"])
def test_the_bootstrap_is_near_that_of_boot(kind):
    found = ends(agreeable(), Interval(kind, draws=4000, seed=5))
    assert_matches(
        found[[0, 2]],
        VALUE["boot_A"]["percent"],
        statistic=f"alpha: {kind} bootstrap interval",
        reference="R boot 1.3-28, 20,000 draws, percentile",
        data="bfi A1-A5",
        atol=0.0025,
        why="the error of 4,000 draws at a tail, 2.7 x .0109 / sqrt(4000) x 4",
    )


def test_bonetts_interval_is_the_published_formula():
    low, high = bonett(0.8, 50, 5)
    half = 1.959963984540054 * np.sqrt(2 * 5 / (4 * 48))
    np.testing.assert_allclose(np.log(1 - np.array([low, high])), np.log(0.2) + np.array([half, -half]), rtol=1e-12)


# Identities -------------------------------------------------------------------------------------------------


def test_kinds_agree_for_parallel_normal_items():
    """For parallel items Duhachek's variance is Bonett's ``2k (1 - alpha)^2 / ((k - 1) n)``."""
    corr = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    alpha = cronbach_alpha(corr)
    found = normal_variance(alpha_slopes(corr)[None], corr, 100)[0]
    assert found == pytest.approx(2 * 4 * (1 - alpha) ** 2 / (3 * 100), rel=1e-12)


def test_the_bootstrap_spreads_as_fourth_moments_say():
    adf, drawn = (ends(agreeable(), kind) for kind in ("adf", Interval("percentile", seed=2)))
    assert drawn[2] - drawn[0] == pytest.approx(adf[2] - adf[0], rel=0.06)
    of_omega = [ends(agreeable(), kind, "omega") for kind in ("adf", Interval("percentile", seed=2))]
    assert of_omega[1][2] - of_omega[1][0] == pytest.approx(of_omega[0][2] - of_omega[0][0], rel=0.06)


def test_the_interval_of_omega_is_that_of_the_jackknife():
    frame = agreeable().iloc[:300]
    found = ends(frame, None, "omega")
    n = len(frame)
    left = np.array([ends(frame.drop(index=i), None, "omega")[1] for i in range(0, n, 3)])
    error = np.sqrt((n - 1) ** 2 / n * left.var(ddof=1))
    half = 1.959963984540054 * error / (1 - found[1])
    expected = 1 - (1 - found[1]) * np.exp([half, -half])
    np.testing.assert_allclose(found[[0, 2]], expected, atol=0.012)


def test_the_distribution_free_interval_covers_where_items_are_skewed():
    """Items of one heavy-tailed cause: 95 % intervals of fourth moments cover more often than Feldt's."""
    rng = np.random.default_rng(8)
    n, runs, k = 300, 300, 4
    truth = k / (k - 1) * (1 - k * 2 / (k * 2 + k * (k - 1)))
    hits = {"feldt": 0, "adf": 0}
    for _ in range(runs):
        cause = rng.standard_t(5, size=(n, 1)) * np.sqrt(3 / 5)
        y = cause + rng.normal(size=(n, k))
        frame = pd.DataFrame(y, columns=list("abcd"))
        cov = np.cov(y, rowvar=False)
        answers = sg.responses(frame, {"S": list("abcd")}, limits=None)
        value, low, high = covariance_statistic_interval(answers, list("abcd"), alpha_of, 0.95, "identity")
        hits["adf"] += bool(low[0] <= truth <= high[0])
        ends_ = feldt(cronbach_alpha(cov), n, k)
        hits["feldt"] += bool(ends_[0] <= truth <= ends_[1])
        assert value[0] == pytest.approx(cronbach_alpha(cov), rel=1e-12)
    assert 0.90 <= hits["adf"] / runs <= 0.985
    assert hits["adf"] > hits["feldt"]


def test_every_kind_is_unchanged_by_the_order_of_items_and_rows():
    frame = agreeable().iloc[:400]
    turned = frame.sample(frac=1, random_state=1)[NAMES[::-1]]
    for kind in ("feldt", "bonett", "duhachek", "adf"):
        one = ends(frame, kind)
        again = sg.reliability(turned, {"A": NAMES[::-1]}, interval=kind).frame.iloc[0]
        np.testing.assert_allclose([again["conf_low"], again["conf_high"]], one[[0, 2]], rtol=1e-9)


def test_reversing_and_keying_items_changes_nothing():
    frame = agreeable()
    answers = sg.responses(frame.assign(A1=7 - frame["A1"]), {"A": NAMES}, reverse=["A1"], limits=(1, 6))
    for kind in ("adf", Interval("bca", draws=300, seed=1)):
        keyed = sg.reliability(answers, "A", interval=kind).frame.iloc[0]
        np.testing.assert_allclose([keyed["conf_low"], keyed["conf_high"]], ends(frame, kind)[[0, 2]], rtol=1e-9)


def test_doubled_rows_narrow_an_interval_by_the_root_of_two():
    frame = agreeable()
    once, twice = (ends(f, "adf") for f in (frame, pd.concat([frame, frame], ignore_index=True)))
    assert (once[2] - once[0]) / (twice[2] - twice[0]) == pytest.approx(np.sqrt(2), rel=1e-3)


# The option -------------------------------------------------------------------------------------------------


def test_the_seed_decides_and_is_asked_for():
    one, again, other = (ends(agreeable(), Interval("bca", draws=500, seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    with pytest.raises(EstimationError, match="seed=7"):
        ends(agreeable(), "bca")


def test_unknown_kinds_and_too_few_draws_are_refused():
    with pytest.raises(EstimationError, match="no interval 'fledt'"):
        Interval("fledt")
    with pytest.raises(EstimationError, match="100 draws"):
        Interval("bca", draws=20, seed=1)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("feldt", "Feldt"),
        ("bonett", "Bonett"),
        ("duhachek", "Duhachek"),
        ("adf", "fourth moments"),
        (Interval("bca", draws=200, seed=3), "BCa bootstrap, 200 draws, seed 3"),
    ],
)
def test_the_table_says_which_kind_its_intervals_are(kind, words):
    found = sg.reliability(attitude(), list(attitude().columns), interval=kind)
    assert any(words in note.en for note in found.table().notes)


def test_a_named_interval_is_refused_under_a_design():
    made = sg.survey_design(sg.responses(agreeable().assign(w=1.0), {"A": NAMES}, limits=None), weights="w")
    with pytest.raises(DesignError, match="Leave interval="):
        sg.reliability(made, "A", interval="feldt")


def test_moments_give_what_rows_give_but_for_intervals_that_need_rows():
    frame = agreeable()
    moments = sg.responses(frame, {"A": NAMES}, limits=None).moments(NAMES)
    from_rows, from_moments = (sg.reliability(d, {"A": NAMES}).frame.iloc[0] for d in (frame, moments))
    same = [c for c in from_rows.index if c not in ("construct", "omega_low", "omega_high")]
    np.testing.assert_allclose(from_moments[same].astype(float), from_rows[same].astype(float), rtol=1e-9)
    assert from_moments["omega_low"] < from_moments["omega"] < from_moments["omega_high"]
    with pytest.raises(EstimationError, match="needs rows"):
        sg.reliability(moments, NAMES, interval="adf")
    with pytest.raises(sg.DataError, match="no rows to group"):
        sg.reliability(moments, NAMES, by="role")
    with pytest.raises(sg.DataError, match="no variable 'A9'"):
        sg.reliability(moments, ["A1", "A9"])


def test_the_normal_interval_of_moments_is_that_of_rows_for_normal_rows():
    loadings = np.array([0.6, 0.7, 0.8, 0.5])
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1)
    frame = answers_with(pd.DataFrame(corr, columns=list("abcd"), index=list("abcd")), 4000)
    moments = sg.responses(frame, {"S": list("abcd")}, limits=None).moments(list("abcd"))
    rows, alone = (sg.reliability(d, {"S": list("abcd")}).frame.iloc[0] for d in (frame, moments))
    assert alone["omega_high"] - alone["omega_low"] == pytest.approx(rows["omega_high"] - rows["omega_low"], rel=0.05)


def test_draws_that_give_no_value_are_counted_and_said():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(1, 6, (40, 3)).astype(float), columns=list("abc"))
    frame["c"] = 3.0
    frame.loc[:2, "c"] = 4.0
    found = sg.reliability(frame, list("abc"), interval=Interval("percentile", draws=1000, seed=1))
    (note,) = [n.en for n in found.table().notes if "gave no value" in n.en]
    # Three of 40 rows vary: none of them is drawn in about exp(-3) = 5 % of the draws.
    assert 20 < int(note.rstrip(".").rsplit(" ", 1)[1]) < 90


# Design -----------------------------------------------------------------------------------------------------


def clustered(seed=3, clusters=160):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), 5)
    n = len(cluster)
    cause = rng.normal(size=n) + 0.8 * rng.normal(size=clusters)[cluster]
    frame = pd.DataFrame({name: cause + rng.normal(size=n) for name in "abcd"})
    return frame.assign(cluster=cluster, stratum=cluster % 4, w=1 + (cluster % 3) * 1.0)


def test_omega_and_splits_have_intervals_of_the_design_near_those_of_the_jackknife():
    data = clustered()
    how = {"weights": "w", "strata": "stratum", "clusters": "cluster"}
    linear = sg.survey_design(sg.responses(data, {"S": list("abcd")}, limits=None), **how)
    again = sg.replicate_weights(linear, "JKn")
    one, two = (sg.reliability(a, "S") for a in (linear, again))
    for low, high in (("conf_low", "conf_high"), ("omega_low", "omega_high")):
        width = [float((r.frame[high] - r.frame[low]).iloc[0]) for r in (one, two)]
        assert width[0] == pytest.approx(width[1], rel=0.05)
    splits = [r.coefficients.query("coefficient == 'odd_even_flanagan'").iloc[0] for r in (one, two)]
    assert splits[0]["conf_high"] - splits[0]["conf_low"] == pytest.approx(
        splits[1]["conf_high"] - splits[1]["conf_low"], rel=0.05
    )
    assert "under the design, on ln(1 − α) and ln(1 − ω)" in one.table(language="en").notes[0].en


def test_clusters_widen_the_interval_of_omega():
    data = clustered()
    made = sg.responses(data, {"S": list("abcd")}, limits=None)
    rows, places = (sg.reliability(a, "S").frame.iloc[0] for a in (made, sg.survey_design(made, clusters="cluster")))
    assert places["omega"] == pytest.approx(rows["omega"], rel=1e-9)
    assert places["omega_high"] - places["omega_low"] > 1.1 * (rows["omega_high"] - rows["omega_low"])


def htmt(cov, first, second):
    scale = np.sqrt(np.diag(cov))
    corr = cov / np.outer(scale, scale)

    def within(items):
        return corr[np.ix_(items, items)][np.triu_indices(len(items), 1)].mean()

    return np.array([corr[np.ix_(first, second)].mean() / np.sqrt(within(first) * within(second))])


@pytest.mark.parametrize("scale", ["identity", "rest", "fisher", "logit"])
def test_any_function_of_covariances_has_an_interval_under_the_design(scale):
    """HTMT of two scales, in one call, beside its jackknife."""
    data = clustered()
    rng = np.random.default_rng(1)
    other = 0.6 * data["a"].to_numpy() + rng.normal(size=len(data))
    data = data.assign(**{name: other + rng.normal(size=len(data)) for name in "xyz"})
    names = list("abcdxyz")
    linear = sg.survey_design(
        sg.responses(data, {"S": names}, limits=None), weights="w", strata="stratum", clusters="cluster"
    )
    again = sg.replicate_weights(linear, "JKn")
    function = partial(htmt, first=[0, 1, 2, 3], second=[4, 5, 6])
    found = [covariance_statistic_interval(a, names, function, 0.95, scale) for a in (linear, again)]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)
    assert found[0][1] < found[0][0] < found[0][2]
    assert found[0][2] - found[0][1] == pytest.approx(found[1][2] - found[1][1], rel=0.05)


def test_pairwise_answers_enter_the_design_too():
    data = clustered()
    data.loc[::7, "b"] = np.nan
    data.loc[1::7, "c"] = np.nan
    data.loc[2::7, "d"] = np.nan
    made = sg.survey_design(sg.responses(data, {"S": list("abcd")}, limits=None), weights="w", clusters="cluster")
    found = sg.reliability(made, "S", missing="pairwise").frame.iloc[0]
    listwise = sg.reliability(made, "S").frame.iloc[0]
    assert found["n"] > listwise["n"]
    assert found["conf_high"] - found["conf_low"] < listwise["conf_high"] - listwise["conf_low"]


# Missing at random -----------------------------------------------------------------------------------------


def test_alpha_by_maximum_likelihood_and_its_error_are_those_of_lavaan():
    frame = bfi()[NAMES]
    found = sg.reliability(frame.assign(A1=7 - frame["A1"]), {"A": NAMES}, missing="fiml").frame.iloc[0]
    error = (found["conf_high"] - found["conf_low"]) / (2 * 1.959963984540054)
    n = int(found["n"])
    at = {"reference": "R lavaan 0.6-14, saturated, missing = 'ml', MLR", "data": "bfi A1-A5, 2,800 rows"}
    assert_matches(
        found["alpha"],
        VALUE["fiml_A"]["alpha"],
        statistic="alpha, missing by maximum likelihood",
        rtol=1e-6,
        why="lavaan stops at about 1e-6",
        **at,
    )
    assert_matches(
        error * np.sqrt((n - 1) / n),
        VALUE["fiml_A"]["se"],
        statistic="alpha, missing by maximum likelihood: standard error",
        rtol=1e-4,
        why="lavaan stops at about 1e-6 and takes second derivatives by differences; our n - 1 is taken out",
        **at,
    )


def test_maximum_likelihood_is_listwise_where_nothing_is_missing():
    one, two = (
        sg.reliability(agreeable(), {"A": NAMES}, missing=m, interval="adf").frame.iloc[0] for m in ("listwise", "fiml")
    )
    np.testing.assert_allclose(one.iloc[1:].astype(float), two.iloc[1:].astype(float), rtol=1e-6)


def test_maximum_likelihood_recovers_what_selection_hides():
    """Answers to b, c, d are missing where a is low: complete rows vary less, likelihood knows why."""
    rng = np.random.default_rng(12)
    cause = rng.normal(size=(6000, 1))
    full = pd.DataFrame(cause + 0.8 * rng.normal(size=(6000, 4)), columns=list("abcd"))
    hidden = full.where(~((full[["a"]].to_numpy() < 0) & (np.arange(4) > 0)))
    truth = sg.reliability(full, list("abcd")).frame["alpha"].iloc[0]
    by_rows = sg.reliability(hidden, list("abcd")).frame["alpha"].iloc[0]
    found = sg.reliability(hidden, list("abcd"), missing="fiml").frame.iloc[0]
    assert by_rows < truth - 0.05
    assert found["conf_low"] < truth < found["conf_high"]
    assert found["n"] == 6000


def test_maximum_likelihood_refuses_intervals_of_complete_rows_and_several_roles(two_roles):
    with pytest.raises(EstimationError, match="Use 'adf'"):
        sg.reliability(agreeable(), NAMES, missing="fiml", interval="feldt")
    pooled = sg.reliability(two_roles, "MGT", missing="fiml")
    assert pooled.frame["alpha"].isna().all()
    assert any("several roles together" in n.en for n in pooled.table().notes)
    assert sg.reliability(two_roles, "MGT", missing="fiml", by="role").frame["alpha"].notna().all()


def test_maximum_likelihood_takes_weights_and_the_design():
    data = clustered()
    data.loc[::7, "b"] = np.nan
    data.loc[1::9, "c"] = np.nan
    made = sg.survey_design(sg.responses(data, {"S": list("abcd")}, limits=None), weights="w", clusters="cluster")
    one, two = (sg.reliability(a, "S", missing="fiml").frame.iloc[0] for a in (made, sg.replicate_weights(made, "JK1")))
    assert one["alpha"] == pytest.approx(two["alpha"], rel=1e-9)
    assert one["conf_high"] - one["conf_low"] == pytest.approx(two["conf_high"] - two["conf_low"], rel=0.05)
