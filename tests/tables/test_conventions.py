"""Cut-offs of convention: printed by language, each with its source, and left out together."""

import pytest
from table_kinds import simple, stars
from tables.test_result_tables import MORE, answers, panel, tables

import sgsurvey as sg
from sgsurvey.measurement.method_words import INDICES
from sgsurvey.tables.conventions import MARK, OF_FIT, OF_METHOD, Convention
from sgsurvey.tables.format import stars_legend
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Text, same

SOURCE, OTHER = Text("甲（1990）", "A (1990)"), Text("乙（1991）", "B (1991)")


def small():
    columns = (Column("who", HEADS["item"], "text"), *(Column(key, HEADS[key], "bounded") for key in ("cfi", "tli")))
    heading = Row((Cell("g", span=3),), kind="group")
    return Table("small", same("t"), columns, (heading, Row((Cell("a"), Cell(0.9, "bounded"), Cell(0.91, "bounded")))))


def test_a_cut_off_keeps_its_zero_in_chinese_only_and_other_values_stand_in_brackets():
    assert Convention("≥", 0.95, SOURCE, second=0.9).words == Text("≥ 0.95（0.90）", "≥ .95 (.90)")
    assert Convention("<", 0.4, SOURCE, "percent", 0).words == same("< 40")
    assert Convention("≥", -0.01, SOURCE, digits=3).words == Text("≥ −0.010", "≥ −.010")


def test_the_row_stands_last_under_its_columns_and_sources_are_named_once_for_all_they_hold_for():
    cut = {"cfi": Convention("≥", 0.95, SOURCE), "tli": Convention("≥", 0.9, SOURCE), "srmr": OF_FIT["srmr"]}
    held = small().with_thresholds(cut)
    assert held.rows[-1].kind == "threshold"
    assert [cell.value for cell in held.rows[-1].cells] == [
        HEADS["threshold"], Text("≥ 0.95", "≥ .95"), Text("≥ 0.90", "≥ .90"),
    ]  # fmt: skip
    assert held.notes[-1].en.endswith("CFI, TLI: A (1990).")
    assert held.notes[-1].zh.startswith(MARK)
    assert "未核对原文" in held.notes[-1].zh
    assert held.frame.equals(small().frame)
    assert small().with_thresholds({"srmr": OF_FIT["srmr"]}) == small()


def test_two_sources_are_parted():
    cut = {"cfi": Convention("≥", 0.95, SOURCE), "tli": Convention("≥", 0.9, OTHER)}
    assert "CFI: A (1990); TLI: B (1991)." in small().with_thresholds(cut).notes[-1].en


def test_what_is_convention_is_left_out_whole():
    cut = {"cfi": Convention("≥", 0.95, SOURCE)}
    assert small().with_thresholds(cut).with_thresholds(cut, head=same("again")).without_thresholds() == small()


def test_a_column_of_cut_offs_goes_with_the_headings_above_it():
    table = tables("method_bias")["MethodBias", "table", "en"]
    assert table.columns[-1].head.en == f"Convention{MARK}"
    bare = table.without_thresholds()
    assert [column.key for column in bare.columns] == ["index", "value"]
    assert all(sum(cell.span for cell in row.cells) == 2 for row in bare.rows)
    assert not any(MARK in note.en for note in bare.notes)
    assert bare.grid().rows


# Every result that has a conventional cut-off: the name of the sample, the method, and the columns that bear one.
HELD = {
    ("describe", "ItemSummary", "table"): {"skewness", "kurtosis"},
    ("discrimination", "Discrimination", "table"): {"statistic", "p_value", "citc"},
    ("reliability", "Reliability", "table"): {"alpha"},
    ("reliability", "Reliability", "items_table"): {"alpha", "citc"},
    ("content_validity", "ContentValidity", "table"): {"i_cvi"},
    ("adequacy", "Adequacy", "table"): {"kmo", "p_value"},
    ("adequacy", "Adequacy", "items_table"): {"msa"},
    ("two_factors", "EFA", "variance_table"): {"eigenvalue", "cumulative"},
    ("two_factors", "EFA", "table"): {"F1", "F2", "communality"},
    ("two_factors", "EFA", "pattern_table"): {"PatternF1", "PatternF2", "communality"},
    ("cfa", "SEM", "fit_table"): set(OF_FIT),
    ("compare_models", "ModelComparison", "table"): {"chi_square_df", "cfi", "tli", "rmsea", "srmr"},
    ("validity", "Validity", "table"): {"std", "cr", "ave"},
    ("validity", "Validity", "summary_table"): {"cr", "ave"},
    ("validity", "Validity", "discriminant_table"): {"out"},
    ("htmt", "HTMT", "table"): {"htmt", "htmt2"},
    ("htmt", "HTMT", "matrix_table"): {"scale", "out"},
    ("invariance", "Invariance", "table"): {"delta_cfi", "delta_rmsea", "delta_srmr"},
    ("ols", "Regression", "table"): {"vif"},
}


@pytest.mark.parametrize(("name", "result", "method"), HELD)
def test_every_table_with_customary_cut_offs_has_them_under_their_columns(name, result, method):
    for language in LANGUAGES:
        table = tables(name)[result, method, language]
        rows = [row for row in table.rows if row.kind == "threshold"]
        assert rows, "no row of cut-offs"
        held = {
            column.key
            for row in rows
            for column, cell in zip(table.columns[1:], row.cells[1:], strict=True)
            if cell.value is not None
        }
        assert held == HELD[name, result, method]
        assert any(note.to(language).startswith(MARK) for note in table.notes)
        assert not any(row.kind == "threshold" for row in table.without_thresholds().rows)


def test_i_cvi_of_few_experts_must_be_one():
    few = sg.content_validity(panel().iloc[:, :5])
    assert [row.cells[3].value.en for row in few.table().rows if row.kind == "threshold"] == ["= 1.00", "≥ .90"]


def test_kmo_is_cited_from_kaiser_and_rice():
    notes = " ".join(note.en for note in tables("adequacy")["Adequacy", "table", "en"].notes)
    assert "Kaiser and Rice (1974)" in notes
    assert "Kaiser (1974)" not in notes


def test_tolerance_and_vif_stand_beside_each_other_as_spss_prints_them():
    table = sg.model_table([sg.ols(answers(), "a ~ b + c")], preset="spss").table(language="en")
    keys = [column.key for column in table.columns]
    assert keys == ["term", "estimate1", "std_error1", "beta1", "statistic1", "p_value1", "tolerance1", "vif1"]
    lines = table.frame.iloc[1:3]
    assert (lines["tolerance1"] * lines["vif1"]).tolist() == pytest.approx([1, 1])
    assert [cell.value.en for cell in table.rows[-1].cells[-2:]] == ["> .10 (.20)", "< 10 (5)"]


def test_older_indices_are_printed_or_left_out():
    older = ("gfi", "agfi", "nfi", "ifi")
    fit, rivals = tables("cfa")["SEM", "fit_table", "en"], MORE["compare_models"](answers())
    assert {*older} <= {column.key for column in fit.columns}
    bare = fit.without(*older)
    assert not {*older} & {column.key for column in bare.columns}
    assert bare.frame.equals(fit.frame.drop(columns=list(older)))
    assert not {*older} & {column.key for column in rivals.table().columns}
    assert {*older} <= {column.key for column in rivals.older_table().columns}


def test_a_column_that_is_not_there_cannot_be_left_out():
    with pytest.raises(sg.SurveyError, match="no column 'rmsea'"):
        small().without("rmsea")


def test_two_levels_of_stars_take_the_place_of_three():
    two = stars().with_two_stars()
    shown = [cell.stars for row in two.rows for cell in row.cells]
    assert [cell.stars for row in stars().rows for cell in row.cells if cell.stars] == ["***", "***"]
    assert [mark for mark in shown if mark] == ["**", "**"]
    assert [note for note in two.to("en").grid().notes if note.startswith("*")] == [
        "* p < .05, ** p < .01 (two-tailed)."
    ]
    assert simple().with_two_stars().grid() == simple().grid()
    of_economists = stars().noted(stars_legend((0.1, 0.05, 0.01)))
    assert of_economists.with_two_stars().grid() == of_economists.grid()


def test_every_index_of_method_bias_with_a_cut_off_is_cited():
    table = tables("method_bias")["MethodBias", "table", "en"]
    shown = {INDICES[name][0]: convention for name, convention in OF_METHOD.items()}
    cited = next(note.en for note in table.notes if note.en.startswith(MARK))
    held = [row.cells[0].value for row in table.rows if row.kind == "body" and row.cells[0].value in shown]
    assert held
    assert all(shown[index].source.en in cited for index in held)
