"""What each kind of picture shows."""

import numpy as np
import pandas as pd
import pytest
from figures.gallery import (
    bars_frame,
    correlation_frame,
    dominance_frame,
    dumbbell_frame,
    flow_frame,
    forest_frame,
    gap_frame,
    loading_frame,
    map_frames,
    measured,
    quadrant_frame,
    scree_frame,
)
from matplotlib import pyplot
from matplotlib.colors import to_hex

from sgsurvey.errors import DataError
from sgsurvey.figures.bars import bars
from sgsurvey.figures.dominance_bars import dominance_bars
from sgsurvey.figures.dumbbell import dumbbell
from sgsurvey.figures.flow import flow
from sgsurvey.figures.forest import forest
from sgsurvey.figures.gap_dumbbell import DIRECTIONS, gap_dumbbell
from sgsurvey.figures.heatmap import FAINT, MARK, correlation_heatmap, loading_heatmap
from sgsurvey.figures.lines import lines
from sgsurvey.figures.quadrant import MIDPOINT, QUADRANTS, quadrant
from sgsurvey.figures.scree import scree
from sgsurvey.figures.weight_map import weight_map
from sgsurvey.text import Text


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    pyplot.close("all")


def said(ax):
    return [t.get_text() for t in ax.texts]


def ticks(axis):
    return [t.get_text() for t in axis.get_ticklabels()]


def test_scree_marks_what_is_retained():
    frame = scree_frame("en")
    ax = scree(frame, n=412, simulations=(1000, 7))
    observed, retained, high, _ = ax.get_lines()
    np.testing.assert_array_equal(observed.get_ydata(), frame["observed"])
    np.testing.assert_array_equal(retained.get_xdata(), frame.loc[frame["retained"], "number"])
    np.testing.assert_array_equal(high.get_ydata(), frame["simulated_high"])
    assert ax.get_title(loc="right") == "n = 412"
    assert ax.get_title(loc="left") == "Parallel analysis: 1000 simulations, seed 7"
    assert ax.get_xlabel() == "Component"


def test_loadings_stand_under_their_factor_and_small_ones_are_grey():
    frame = loading_frame("en")
    ax = loading_heatmap(frame, cut=0.3)
    wide = frame.pivot(index="item", columns="factor", values="loading").abs()
    own = wide.idxmax(axis=1)
    shown = [" ".join(name.split("\n")) for name in ticks(ax.yaxis)]
    factors = [own[item] for item in shown]
    assert factors == sorted(factors)
    for _, items in own.groupby(own):
        sizes = [wide.loc[item].max() for item in shown if item in items.index]
        assert sizes == sorted(sizes, reverse=True)
    cells = [t for t in ax.texts if t.get_color() == FAINT]
    assert len(cells) == int((frame["loading"].abs() < 0.3).sum())
    assert all(abs(float(t.get_text().replace("−", "-"))) <= 0.3 for t in cells)
    crossing = (wide >= 0.3).sum(axis=1) > 1
    marked = {round(t.xy[1] - 0.5) for t in ax.texts if t.get_text() == MARK}
    assert marked == {k for k, item in enumerate(shown) if crossing[item]}
    assert len(marked) == 1


def test_correlations_fill_the_lower_triangle_with_reliabilities_on_the_diagonal():
    frame = correlation_frame("en")
    ax = correlation_heatmap(frame)
    cells = {t.get_position(): t.get_text() for t in ax.texts if t.get_text()}
    assert all(x <= y for x, y in cells)
    assert cells[0.5, 0.5] == "(0.80)"
    assert cells[5.5, 5.5] == "–"
    r = frame.loc[(frame["row"] == "Management of the process") & (frame["column"] == "Funding")].iloc[0]
    assert cells[0.5, 1.5] == f"{r['correlation']:.2f}{r['stars']}".replace("-", "−")
    assert ax.collections[0].get_clim() == (-1, 1)


def test_forest_prints_what_it_draws():
    frame = forest_frame("en")
    ax = forest(frame, null=0)
    ends = [segment[:, 0] for segment in ax.collections[0].get_segments()[:5]]
    np.testing.assert_allclose(ends, frame[["conf_low", "conf_high"]].to_numpy()[:5])
    row = frame.iloc[0]
    numbers = f"{row['estimate']:.2f} [{row['conf_low']:.2f}, {row['conf_high']:.2f}]".replace("-", "−")
    assert numbers in said(ax)
    assert {"Purchasers", "Undertakers"} <= set(said(ax))
    assert ax.get_lines()[0].get_xdata()[0] == 0


def test_forest_says_its_confidence_level():
    ax = forest(forest_frame("zh"), conf_level=0.9, language="zh")
    assert "估计值 [90% CI]" in said(ax)
    assert ax.get_xlabel() == "估计值及90%置信区间"


def test_forest_names_a_term_once_for_all_its_models():
    names = ticks(forest(forest_frame("en", True, False)).yaxis)
    assert names[0] == "Funding"
    assert names[1] == ""
    assert len(names) == 12


def test_quadrants_are_cut_at_the_grand_means_and_the_midpoint():
    frame = quadrant_frame("en")
    ax = quadrant(frame, midpoint=3)
    across, down, midpoint = ax.get_lines()[:3]
    assert across.get_ydata()[0] == pytest.approx(frame["performance"].mean())
    assert down.get_xdata()[0] == pytest.approx(frame["importance"].mean())
    assert midpoint.get_ydata()[0] == 3
    assert midpoint.get_label() == f"{MIDPOINT.en} (3)"
    assert {words.en for words in QUADRANTS.values()} <= set(said(ax))


def test_quadrant_without_intervals_or_midpoint_draws_points_alone():
    frame = quadrant_frame("en", 4)[["label", "importance", "performance"]]
    assert len(quadrant(frame).get_lines()) == 3


def test_a_dumbbell_joins_the_lowest_and_the_highest_and_leaves_out_what_is_not_there():
    frame = dumbbell_frame("en")
    ax = dumbbell(frame)
    joined = ax.collections[0].get_segments()
    ends = frame.groupby("term", sort=False)["mean"].agg(["min", "max"]).to_numpy()
    assert np.array([segment[:, 0] for segment in joined]) == pytest.approx(ends)
    points = np.concatenate([line.get_xdata() for line in ax.get_lines()])
    assert np.sort(points[~np.isnan(points)]) == pytest.approx(np.sort(frame["mean"].dropna()))


def test_a_group_that_is_hidden_throughout_leaves_the_others_their_points():
    frame = dumbbell_frame("en")
    gone = frame["group"].iloc[0]
    ax = dumbbell(frame.assign(mean=frame["mean"].mask(frame["group"] == gone)))
    assert np.isnan(ax.get_lines()[0].get_xdata()).all()
    assert np.isfinite(ax.get_lines()[1].get_xdata()).any()


NOTHING = {
    "dumbbell": lambda: dumbbell(dumbbell_frame("en").assign(mean=np.nan)),
    "forest": lambda: forest(forest_frame("en").assign(estimate=np.nan)),
    "gap_dumbbell": lambda: gap_dumbbell(gap_frame("en").assign(mean_first=np.nan, mean_second=np.nan)),
    "quadrant": lambda: quadrant(quadrant_frame("en", 4).assign(performance=np.nan)),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_a_picture_of_which_everything_is_hidden_is_refused(kind):
    with pytest.raises(DataError, match="every value is hidden or missing"):
        NOTHING[kind]()


def test_quadrants_are_cut_at_the_means_of_what_is_shown():
    frame = quadrant_frame("en", 4)
    frame.loc[0, "performance"] = np.nan
    across, _, *_ = quadrant(frame).get_lines()
    assert across.get_ydata()[0] == pytest.approx(frame["performance"].iloc[1:].mean())


def test_flow_says_every_number_once_and_they_add_up():
    frame = flow_frame("en")
    text = "\n".join(said(flow(frame)))
    assert "in: n = 412" in text
    assert "Set aside: n = 7" in text
    assert "Set aside: n = 14" in text
    assert "Analysed\nn = 391" in text
    assert "No consent: 7" in text


def test_flow_without_losses_has_no_side_box():
    frame = flow_frame("en").head(1).assign(n_out=412, reason="", n=np.nan)
    assert not any("Set aside" in words for words in said(flow(frame)))


def test_gaps_are_sorted_within_their_pair_and_printed_with_their_direction():
    frame = gap_frame("en")
    ax = gap_dumbbell(frame)
    names = ticks(ax.yaxis)
    for start in (0, 4):
        pair = frame.iloc[start : start + 4].set_index("term")["estimate"]
        sizes = pair[names[start : start + 4]].dropna()
        assert sizes.is_monotonic_decreasing
    row = frame.loc[frame["direction"] == 1].iloc[0]
    numbers = f"{row['estimate']:.1f} [{row['conf_low']:.1f}, {row['conf_high']:.1f}]".replace("-", "−")
    assert f"{DIRECTIONS[1][0]} {numbers}" in said(ax)
    assert names[-1] == frame["term"].iloc[5], "too few to show: last"
    assert said(ax).count("48/280") == 7
    points = np.concatenate([line.get_xdata() for line in ax.get_lines() if line.get_marker() != "None"])
    both = frame[["mean_first", "mean_second"]].to_numpy()
    np.testing.assert_allclose(np.sort(points[~np.isnan(points)]), np.sort(both[~np.isnan(both)]))


def test_dominance_states_its_sum_and_whom_each_dominates():
    frame = dominance_frame("en")
    ax = dominance_bars(frame, whole=0.4321)
    assert ax.get_title(loc="left") == "They sum to R² = 0.432"
    assert [t for t in said(ax) if t in ("2, 3, 4, 5", "4, 5", "5", "–")] == ["2, 3, 4, 5", "4, 5", "5", "–", "–"]
    assert [p.get_width() for p in ax.patches] == frame["estimate"].tolist()


def test_a_map_of_weights_draws_a_dot_for_each_cluster_that_may_be_shown():
    strata, clusters = map_frames("en")
    ax = weight_map(strata, clusters, overall=(1.2, 300.0))
    dots = [part for part in ax.collections if len(part.get_offsets())]
    drawn = np.concatenate([dot.get_offsets()[:, 0] for dot in dots])
    np.testing.assert_allclose(np.sort(drawn), np.sort(clusters["mean"].dropna()))
    areas = np.concatenate([dot.get_sizes() for dot in dots])
    assert areas.sum() / clusters["n"].sum() == pytest.approx(areas[0] / clusters.sort_values("mean")["n"].iloc[0])
    hidden = int(clusters["mean"].isna().sum())
    assert hidden > 0
    assert f"({hidden} of few persons not drawn)" in ax.figure.legends[0].get_texts()[0].get_text()
    assert {f"{deff:.2f}" for deff in strata["deff"]} <= set(said(ax))


def test_bars_are_sorted_and_the_counts_follow_them():
    frame = bars_frame("en")
    ax = bars(frame)
    lengths = [p.get_width() for p in ax.patches]
    assert lengths == sorted(lengths, reverse=True)
    counts = frame.sort_values("estimate", ascending=False)["count"].round().astype(int).astype(str).tolist()
    assert [t for t in said(ax) if t in counts] == counts
    assert ticks(bars(frame, sort=False).yaxis)[0].split()[0] == "Waste"


def test_bars_of_groups_are_told_apart_by_colour_in_the_legend():
    ax = bars(bars_frame("en", 3))
    assert len({to_hex(p.get_facecolor()) for p in ax.patches}) == 3
    assert [t.get_text() for t in ax.figure.legends[0].get_texts()] == ["Purchasers", "Undertakers", "Post-holders"]


def test_reliability_draws_alpha_and_omega_beside_the_convention():
    found = measured()["reliability"]
    ax = found.plot(language="en")
    assert ax.get_lines()[0].get_xdata()[0] == 0.7
    row = found.frame.iloc[0]
    assert f"{row['alpha']:.2f} [{row['conf_low']:.2f}, {row['conf_high']:.2f}]" in said(ax)
    assert [t.get_text() for t in ax.figure.legends[0].get_texts()] == ["α", "ω"]
    assert {"villagers", "undertakers"} <= set(said(measured()["reliability_groups"].plot(language="en")))


def test_ratios_stand_beside_their_cut_off():
    found = measured()["htmt"]
    ax = found.plot(language="zh")
    assert ax.get_lines()[0].get_xdata()[0] == 0.9
    assert "0.90" in ax.get_xlabel()
    ends = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(ends, found.frame[["htmt_low", "htmt_high"]])


def test_validity_has_roots_of_ave_on_the_diagonal_and_correlations_below():
    found = measured()["validity"]
    cells = {t.get_position(): t.get_text() for t in found.plot(language="en").texts if t.get_text()}
    matrix = found.fornell_larcker.to_numpy()
    assert cells[0.5, 0.5] == f"({matrix[0, 0]:.2f})"
    assert cells[0.5, 1.5] == f"{matrix[1, 0]:.2f}"


def test_agreement_draws_every_coefficient_that_it_has():
    found = measured()["agreement"]
    ax = found.plot(language="en")
    assert len(ticks(ax.yaxis)) == len(found.frame) == 7
    assert len(ticks(measured()["kappas"].plot(language="zh").yaxis)) == 4


def test_lines_have_their_bands_points_rug_and_marks():
    x = np.linspace(0, 4, 9)
    frame = pd.concat([pd.DataFrame({"x": x, "estimate": k * x, "conf_low": k * x - 1, "conf_high": k * x + 1,
                                     "line": f"at {k}"}) for k in (1, 2)])  # fmt: skip
    points = pd.DataFrame({"x": [1.0], "estimate": [12.0], "conf_low": [11.0], "conf_high": [13.0]})
    up = Text("结果", "Outcome")
    ax = lines(frame, across=Text("自变量", "Predictor"), up=up, points=points, rug=x, marks=(2.5,), zero=True, n=9)
    drawn = [line for line in ax.get_lines() if line.get_label() in ("at 1", "at 2")]
    np.testing.assert_allclose([line.get_ydata()[-1] for line in drawn], [4, 8])
    assert len(ax.collections) == 3, "two bands and the whiskers"
    assert ax.get_ylim()[1] > 13
    assert any(list(line.get_xdata()) == [2.5, 2.5] for line in ax.get_lines())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Predictor", "Outcome")
    single = lines(frame[frame["line"] == "at 1"], across=up, up=up, language="zh")
    assert single.get_xlabel() == "结果"
    assert single.figure.legends == []
