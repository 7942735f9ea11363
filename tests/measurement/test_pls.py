"""Partial least squares: fixed points, regressions of composites, draws, indices, refusals.

Published values of the mobile phone users stand in tests/truths/test_eighteen.py (truth 14).
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobile_phones import STRUCTURE, answers, measurement, users
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.numerics.partial_least_squares import CompositeModel, composite_solution
from sgsurvey.numerics.resample import drawn_moments

SCHEMES = ("centroid", "factorial", "path")


@pytest.fixture(scope="module")
def found():
    return sg.pls(answers(), measurement(), STRUCTURE, draws=200, seed=3)


def composites(result):
    """Standardised composites by the printed weights, row by row."""
    data = users()
    z = (data - data.mean()) / data.std()
    items = result.items.set_index("item")
    return pd.DataFrame({
        name: z[list(group.index)] @ group["weight"] for name, group in items.groupby("composite", sort=False)
    })  # fmt: skip


# A second road -----------------------------------------------------------------------------------------


def test_paths_are_least_squares_of_the_composites(found):
    scores = composites(found)
    np.testing.assert_allclose(scores.std(), 1, rtol=1e-9)
    for outcome, predictors in STRUCTURE.items():
        fit = sg.ols(scores, f"{outcome} ~ {' + '.join(predictors)}", vcov="classical")
        ours = found.frame[found.frame["outcome"] == outcome].set_index("predictor")["estimate"]
        assert_matches(
            [*ours[predictors], found.indices.set_index("composite").loc[outcome, "r_squared"]],
            [*fit.frame["estimate"][1:], fit.fit_statistics["r_squared"]],
            statistic="PLS: paths and R² from the composites", reference="least squares, row by row",
            data="ECSI mobi", why="rounding", atol=1e-8,
        )  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_weights_solve_the_equations_of_their_definition(scheme):
    """Written out loop by loop: proxies from neighbours, then weights from the proxies."""
    mode = {"Image": "B", "Value": "B"}
    result = sg.pls(answers(), measurement(), STRUCTURE, scheme=scheme, mode=mode, draws=100, seed=1)
    data, scores = users(), composites(result)
    z, corr = (data - data.mean()) / data.std(), scores.corr()
    for name, items in measurement().items():
        proxy = 0.0
        for other in scores.columns.drop(name):
            forward, backward = other in STRUCTURE.get(name, ()), name in STRUCTURE.get(other, ())
            if not forward and not backward:
                continue
            r = corr.loc[name, other]
            if scheme == "centroid":
                r = np.sign(r)
            elif scheme == "path" and forward:
                X = scores[STRUCTURE[name]]
                r = np.linalg.lstsq(X, scores[name], rcond=None)[0][STRUCTURE[name].index(other)]
            proxy = proxy + r * scores[other]
        X = z[items].to_numpy()
        expected = X.T @ proxy.to_numpy()
        if mode.get(name) == "B":
            expected = np.linalg.lstsq(X, proxy.to_numpy(), rcond=None)[0]
        ours = result.items.set_index("item").loc[items, "weight"].to_numpy()
        expected = expected * (ours @ expected) / (expected @ expected)
        assert_matches(
            ours, expected, statistic=f"PLS: weights are a fixed point, {scheme}", reference="definition, by loops",
            data="ECSI mobi", why="the iteration ends at 1e-10", atol=1e-8,
        )  # fmt: skip


def test_loadings_are_correlations_and_r_squared_is_slopes_times_correlations(found):
    scores, data = composites(found), users()
    for line in found.items.itertuples():
        assert line.loading == pytest.approx(np.corrcoef(data[line.item], scores[line.composite])[0, 1], abs=1e-9)
    corr = found.correlations
    for outcome, lines in found.frame.groupby("outcome"):
        share = sum(line.estimate * corr.loc[outcome, line.predictor] for line in lines.itertuples())
        assert share == pytest.approx(found.indices.set_index("composite").loc[outcome, "r_squared"])


def test_total_effects_are_sums_over_all_routes(found):
    slope = found.frame.set_index(["outcome", "predictor"])["estimate"].to_dict()

    def through(outcome, predictor):
        direct = slope.get((outcome, predictor), 0.0)
        return direct + sum(slope[outcome, m] * through(m, predictor) for m in STRUCTURE.get(outcome, ()))

    for line in found.total.itertuples():
        assert line.estimate == pytest.approx(through(line.outcome, line.predictor))
        assert line.indirect == pytest.approx(line.estimate - slope.get((line.outcome, line.predictor), 0.0))
    assert len(found.total) == 21


def test_two_composites_are_canonical_correlation_under_mode_b():
    """With two composites of mode B the fixed point is the first canonical pair (Wold)."""
    data = users()
    left, right = [c for c in data if c.startswith("IMAG")], [c for c in data if c.startswith("CUSA")]
    result = sg.pls(data, {"I": left, "S": right}, "S ~ I", mode="B", draws=100, seed=1)
    corr = data[left + right].corr().to_numpy()
    a, b, c = corr[:5, :5], corr[5:, 5:], corr[:5, 5:]
    canonical = np.sqrt(np.linalg.eigvals(np.linalg.solve(a, c) @ np.linalg.solve(b, c.T)).real.max())
    assert_matches(
        result.frame["estimate"], [canonical], statistic="PLS: mode B of two composites",
        reference="first canonical correlation", data="ECSI mobi", why="the iteration ends at 1e-10", rtol=1e-9,
    )  # fmt: skip


def test_two_composites_are_the_first_pair_of_singular_vectors_under_mode_a():
    data = users()
    left, right = [c for c in data if c.startswith("IMAG")], [c for c in data if c.startswith("CUSA")]
    result = sg.pls(data, {"I": left, "S": right}, ["S ~ I"], draws=100, seed=1)
    u, _, v = np.linalg.svd(data[left + right].corr().to_numpy()[:5, 5:])
    weights = result.items["weight"].to_numpy()
    for ours, theirs in ((weights[:5], u[:, 0]), (weights[5:], v[0])):
        np.testing.assert_allclose(ours / np.linalg.norm(ours), np.abs(theirs), atol=1e-8)


def test_indices_are_weighted_means_of_points(found):
    data, items = users(), found.items.set_index("item")
    scores = found.scores(answers())
    for name, group in measurement().items():
        raw = items.loc[group, "weight"] / data[group].std()
        by_hand = (100 * (data[group] - 1) / 9) @ raw / raw.sum()
        np.testing.assert_allclose(scores[name], by_hand, rtol=1e-9)
    index = found.indices.set_index("composite")
    np.testing.assert_allclose(scores.mean(), index["index"], rtol=1e-9)
    np.testing.assert_allclose(scores.std(), index["index_sd"], rtol=1e-9)
    pd.testing.assert_frame_equal(scores, found.scores(data))


def test_importance_is_the_total_in_points_by_regressions_of_indices(found):
    scores, map_ = found.scores(answers()), found.importance("Value").frame.set_index("composite")
    slopes = np.linalg.lstsq(
        np.column_stack([np.ones(250), scores[["Expectation", "Quality"]]]), scores["Value"], rcond=None
    )[0]
    assert map_.loc["Quality", "importance"] == pytest.approx(slopes[2])
    from_expectation = np.polyfit(scores["Expectation"], scores["Quality"], 1)[0]
    assert map_.loc["Expectation", "importance"] == pytest.approx(slopes[1] + slopes[2] * from_expectation)
    index = found.indices.set_index("composite")
    assert map_.loc["Quality", "performance"] == index.loc["Quality", "index"]
    assert (map_["importance_low"] < map_["importance"]).all()


# Draws ---------------------------------------------------------------------------------------------------


def test_drawn_moments_are_those_of_the_rows_drawn():
    rng = np.random.default_rng(2)
    values, units = rng.normal(5, 2, size=(30, 3)), np.repeat(np.arange(10), 3)
    means, covs = drawn_moments(values, units, 4, seed=9)
    counts = np.random.default_rng(9).multinomial(10, np.full(10, 0.1), size=4)
    for mean, cov, count in zip(means, covs, counts, strict=True):
        rows = np.repeat(values, count[units], axis=0)
        np.testing.assert_allclose(mean, rows.mean(axis=0))
        np.testing.assert_allclose(cov, np.cov(rows, rowvar=False))


def test_draws_are_solved_as_each_by_itself_and_turned_alike(found):
    names = list(found.drawn.composites.names)
    assert found.failed == 0
    assert (found.drawn.solution.loadings[1:] @ found.drawn.composites.model.blocks > 0).all()
    one = found.drawn.solution
    draw = 17
    again = composite_solution(found.drawn.composites.model, drawn_correlations(found, draw))
    np.testing.assert_allclose(np.abs(again.paths[0]), np.abs(one.paths[draw]), atol=1e-8)
    low, high = np.quantile(one.paths[1:, names.index("Loyalty"), names.index("Image")], [0.025, 0.975])
    line = found.frame.set_index(["outcome", "predictor"]).loc[("Loyalty", "Image")]
    assert line["conf_low"] == pytest.approx(low, abs=0.02)
    assert line["conf_high"] == pytest.approx(high, abs=0.02)


def drawn_correlations(found, draw):
    values = users()[list(found.drawn.composites.items)].to_numpy(float)
    cov = drawn_moments(values, np.arange(250), found.draws, found.seed)[1][draw - 1]
    scale = np.sqrt(np.diag(cov))
    return (cov / np.outer(scale, scale))[None]


def test_the_seed_decides(found):
    again = sg.pls(answers(), measurement(), STRUCTURE, draws=200, seed=3)
    other = sg.pls(answers(), measurement(), STRUCTURE, draws=200, seed=4)
    pd.testing.assert_frame_equal(found.frame, again.frame)
    assert not np.allclose(found.frame["std_error"], other.frame["std_error"], rtol=1e-6)


def test_clusters_are_drawn_whole():
    data = users().assign(town=np.arange(250) // 10)
    twice = pd.concat([data, data], ignore_index=True)
    model = {"I": ["IMAG1", "IMAG2", "IMAG3"], "S": ["CUSA1", "CUSA2", "CUSA3"]}
    made = sg.responses(twice.assign(who=np.tile(np.arange(250), 2)), model, limits=(1, 10))
    rows = sg.pls(made, ["I", "S"], "S ~ I", draws=400, seed=1)
    pairs = sg.pls(sg.survey_design(made, clusters="who"), ["I", "S"], "S ~ I", draws=400, seed=1)
    once = sg.pls(data, model, "S ~ I", draws=400, seed=1)
    assert pairs.frame["std_error"][0] == pytest.approx(once.frame["std_error"][0], rel=1e-9)
    assert rows.frame["std_error"][0] < 0.85 * pairs.frame["std_error"][0]
    assert "who" in str(pairs)


def test_draws_without_a_solution_are_counted():
    data = users().assign(rare=0.0)
    data.loc[:1, "rare"] = 1.0
    result = sg.pls(data, {"I": ["IMAG1", "IMAG2", "rare"], "S": ["CUSA1", "CUSA2"]}, "S ~ I", draws=200, seed=1)
    assert 10 < result.failed < 60  # nobody of two is drawn: exp(-2) of the draws
    assert f"{result.failed}次无解" in result.table(language="zh").to_markdown()
    assert np.isfinite(result.frame[["std_error", "conf_low", "conf_high"]]).all(axis=None)


# What must not change it ---------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), scheme=st.sampled_from(SCHEMES))
def test_units_order_and_direction_of_items_change_nothing(seed, scheme):
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(80, 3)) @ np.array([[1, 0.6, 0.5], [0, 0.8, 0.3], [0, 0, 0.7]])
    X = np.repeat(latent, 3, axis=1) + 0.6 * rng.normal(size=(80, 9))
    blocks = np.repeat(np.eye(3, dtype=bool), 3, axis=0)
    model = CompositeModel(
        blocks, np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], dtype=bool), np.zeros(3, dtype=bool), scheme
    )
    plain = composite_solution(model, np.corrcoef(X.T)[None])
    moved = composite_solution(model, np.corrcoef((X * rng.uniform(0.5, 9, 9) + rng.normal(size=9)).T)[None])
    assert plain.converged.all()
    np.testing.assert_allclose(plain.paths, moved.paths, atol=1e-9)
    signs = np.repeat(rng.choice([-1.0, 1.0], 3), 3)
    turned = composite_solution(model, np.corrcoef((X * signs).T)[None])
    np.testing.assert_allclose(np.abs(plain.paths), np.abs(turned.paths), atol=1e-8)


# What it says and refuses --------------------------------------------------------------------------------


def test_pages_say_what_composites_are_and_claim_no_cause(found):
    zh, en = (found.table(language=language).to_markdown() for language in ("zh", "en"))
    for words in ("偏最小二乘（质心加权方案）", "不表示因果", "不是潜变量", "种子3"):
        assert words in zh
    assert "not latent variables" in en
    assert found.n == 250
    assert "指数" in found.index_table(language="zh").to_markdown()
    assert "Indirect" in found.total_table(language="en").to_markdown()
    assert "IMAG1" in found.items_table(language="en").to_markdown()
    page = found.importance("Satisfaction").table(language="zh").to_markdown()
    assert "Satisfaction的重要性与表现" in page
    assert found.claim == 1


def test_tables_say_in_words_what_stands_in_their_cells(found):
    paths = [said.zh for said in found.table(language="zh").sentences]
    assert paths[0].startswith("区间不含0的路径有9条，绝对值最大的是")
    line = found.frame.loc[found.frame["estimate"].idxmax()]
    assert f"{line['predictor']}→{line['outcome']}（{line['estimate']:.3f}" in paths[0]
    assert "Expectation→Value（0.051" in paths[1]
    assert "Satisfaction为0.680" in paths[2]
    assert "关联" in paths[3]
    (index,) = found.index_table().sentences
    assert "Quality (75.0, 95% bootstrap CI [" in index.en
    assert "lowest that of Value" in index.en
    (most,) = found.importance("Satisfaction").table().sentences
    assert most.en.startswith("What goes most with the Satisfaction index is Quality")
    assert found.inline("Satisfaction ~ Image").en.startswith("Path = 0.179, 95% bootstrap CI [")
    assert "0.680" in found.inline("Satisfaction").zh
    with pytest.raises(sg.DataError, match="no such row"):
        found.inline("Image ~ Satisfaction")


def test_figures_are_drawn(found):
    assert any("R²" in text.get_text() for text in found.plot(language="zh").texts)
    ax = found.importance("Satisfaction").plot(language="zh")
    assert ax.get_xlabel().startswith("重要性")


def test_negative_weights_are_told():
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)
    noise = rng.normal(size=200)
    frame = pd.DataFrame({"x1": a + noise, "x2": noise, "y1": a + rng.normal(size=200)})
    result = sg.pls(frame, {"X": ["x1", "x2"], "Y": ["y1"]}, "Y ~ X", mode={"X": "B"}, draws=100, seed=1)
    assert (result.items["weight"] < 0).any()
    assert "below 0" in str(result)


def test_incomplete_rows_are_dropped_and_counted():
    data = users().astype(float)
    data.loc[:4, "IMAG1"] = np.nan
    result = sg.pls(data, measurement(), STRUCTURE, draws=100, seed=1)
    assert (result.n, dict(result.dropped)) == (245, {"incomplete": 5})
    with pytest.raises(sg.EstimationError, match="no theoretical limits"):
        result.importance("Satisfaction")
    assert result.indices["index"].isna().all()


def test_what_cannot_be_had_is_refused_with_a_code():
    data = users().assign(same=1.0)
    two = {"I": ["IMAG1", "IMAG2"], "S": ["CUSA1", "CUSA2"], "L": ["CUSL1", "CUSL3"]}
    chain = ["S ~ I", "L ~ S"]
    for model, structure, how, words in (
        (two, ["S ~ I"], {}, "'L' has no path"),
        (two, [*chain, "I ~ L"], {}, "lead back"),
        (two, ["S ~ I", "L ~ T"], {}, "'T' is not among the composites"),
        (two, ["S ~ 0.5*I", "L ~ S"], {}, "plain regressions"),
        (two, ["S ~~ I", "L ~ S"], {}, "plain regressions"),
        ({**two, "L": ["CUSL1", "CUSA1"]}, chain, {}, "more than one composite"),
        ({**two, "L": ["CUSL1", "same"]}, chain, {}, "everybody answered same alike"),
        (two, chain, {"scheme": "pca"}, "no scheme 'pca'"),
        (two, chain, {"mode": {"S": "C"}}, "no mode 'C'"),
        (two, chain, {"mode": {"T": "A"}}, "'T' is not among"),
        (two, chain, {"draws": 20}, "20 of 20"),
    ):
        with pytest.raises(sg.EstimationError, match=words) as refused:
            sg.pls(data, model, structure, **{"draws": 100, "seed": 1, **how})
        assert refused.value.code == "SG181"
    with pytest.raises(sg.EstimationError, match="29 complete rows"):
        sg.pls(data[:29], two, chain, seed=1)
    with pytest.raises(sg.DesignError, match="weights"):
        sg.pls(sg.survey_design(data.assign(w=1.5), weights="w"), two, chain, seed=1)
    with pytest.raises(sg.DataError, match="no column"):
        sg.pls(data, {**two, "L": ["CUSL1", "CUSL9"]}, chain, seed=1)
    with pytest.raises(sg.EstimationError, match="no target 'Image'"):
        sg.pls(answers(), measurement(), STRUCTURE, draws=100, seed=1).importance("Image")
