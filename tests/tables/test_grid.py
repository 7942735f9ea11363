import math
from dataclasses import replace

import pytest

from sgsurvey.errors import SurveyError
from sgsurvey.tables.format import STARS_LEGEND, SUPPRESSED_LEGEND
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.widths import GAP, MARGIN, fit, squeeze
from sgsurvey.text import Text, same

A, B = same("A"), same("B")


def table(*rows, columns=None, notes=()):
    columns = columns or (Column("v", same("v"), "text"), Column("x", same("x")))
    return Table("t", same("t"), tuple(columns), rows, tuple(notes))


def test_neighbouring_columns_of_one_spanner_stand_under_it_and_a_gap_parts_two_spanners():
    heads = [("v", None), ("a", A), ("b", A), ("c", B), ("d", None), ("e", B)]
    grid = table(columns=[Column(k, same(k), spanner=s) for k, s in heads]).grid()
    assert [(c.text, c.span) for c in grid.spanners] == [("", 1), ("A", 2), ("B", 1), ("", 1), ("B", 1)]
    assert grid.gaps == {3}


def test_a_row_that_does_not_cover_the_table_is_refused_with_its_place():
    with pytest.raises(SurveyError, match=r"table 't', row 2: the row covers 3 columns, the table has 2"):
        table(Row((Cell("a"), Cell(1))), Row((Cell("a", span=3),))).grid()


def test_a_suppressed_cell_holds_no_number_and_is_explained():
    grid = table(Row((Cell("a"), Cell(3, "count", suppressed=True, stars="***")))).grid()
    cell = grid.rows[0].cells[1]
    assert (cell.full, cell.numbers) == ("‹5", ())
    assert grid.notes == (SUPPRESSED_LEGEND.format(k=5).en,)


def test_the_sign_of_a_hidden_cell_says_the_smallest_count_of_its_study():
    ten = replace(table(Row((Cell("a"), Cell(3, "count", suppressed=True)))), smallest=10)
    assert ten.grid().rows[0].cells[1].full == "‹10"
    assert ten.grid().notes == (SUPPRESSED_LEGEND.format(k=10).en,)


def test_a_suppressed_cell_lets_go_of_its_number():
    cell = Cell(3, "count", suppressed=True, stars="***")
    assert (cell.value, cell.stars) == (None, "")
    assert replace(Cell(3, "count"), suppressed=True).value is None
    assert table(Row((Cell("a"), cell))).frame.isna().iloc[0, 1]


def test_stars_bring_their_legend_unless_the_table_has_its_own():
    starred = Row((Cell("a"), Cell(0.5, "estimate", stars="*")))
    assert table(starred).grid().notes == (STARS_LEGEND.en,)
    own = Text("* p < 0.1。", "* p < .1.")
    assert table(starred, notes=[own]).grid().notes == (own.en,)


def test_one_thin_rule_parts_statistics_from_the_body():
    body, stat = Row((Cell("a"), Cell(1.0, "estimate"))), Row((Cell("n"), Cell(5, "count")), "stat")
    assert [row.ruled for row in table(body, stat, stat).grid().rows] == [False, True, False]


def test_decimal_places_of_a_column_are_measured():
    values = (-12.5, 3.25)
    rows = [Row((Cell("a"), Cell(v, "estimate", 1 + (v > 0), stars="*" * (v > 0)))) for v in values]
    column = table(*rows).grid().columns[1]
    assert (column.align, column.before, column.after, column.hanging) == ("decimal", 3, 3, 1)


@pytest.mark.parametrize("available", [250.0, 300.0, 450.0])
def test_columns_fill_the_page_and_none_is_narrower_than_its_numbers(available):
    columns = [Column("v", same("v"), "text"), *(Column(k, same(k), spanner=s) for k, s in (("a", A), ("b", B)))]
    grid = table(
        Row((Cell("很长的题项" * 9), Cell(1.25, "estimate"), Cell(-1000.0, "estimate"))), columns=columns
    ).grid()
    fitted = fit(grid, available, (10.5, 8.0))
    assert sum(fitted.widths) + GAP == pytest.approx(available)
    assert fitted.widths[2] > 8 * fitted.size * 0.5  # "−1000.00"


def test_a_long_table_takes_a_smaller_type_where_its_words_would_take_many_more_lines():
    columns = [Column("v", same("v"), "text"), *(Column(str(i), same(str(i))) for i in range(6))]
    row = Row((Cell("很长的题项" * 6), *[Cell(1.25, "estimate")] * 6))
    short, long = (table(*[row] * n, columns=columns).grid() for n in (5, 40))
    assert [fit(grid, 420, (10.5, 9.0, 7.5)).size for grid in (short, long)] == [10.5, 7.5]
    bare = Row((Cell("题项"), *[Cell(1.25, "estimate")] * 6))
    assert fit(table(*[bare] * 40, columns=columns).grid(), 420, (10.5, 9.0, 7.5)).size == 10.5


def test_a_table_too_wide_for_every_size_is_squeezed():
    columns = [Column(str(i), same("12345678")) for i in range(30)]
    grid = table(Row(tuple(Cell(1234567.0, "count") for _ in columns)), columns=columns).grid()
    assert fit(grid, 400, (10.5, 8)) is None
    assert sum(squeeze(grid, 400, 8).widths) == pytest.approx(400)


def test_a_squeezed_table_keeps_its_numbers_whole_and_breaks_its_words():
    columns = [Column("v", same("v"), "text"), *(Column(str(i), same(str(i))) for i in range(12))]
    grid = table(Row((Cell("internationalisation" * 3), *[Cell(-1234.56, "estimate")] * 12)), columns=columns).grid()
    assert fit(grid, 600, (8,)) is None
    found = squeeze(grid, 600, 8)
    assert sum(found.widths) == pytest.approx(600)
    assert min(found.widths[1:]) >= len("−1234.56") * 8 * 0.5 + 2 * MARGIN


def test_what_is_infinite_is_words_that_every_format_can_hold():
    columns = (Column("df", Text("df", "df"), "df"), Column("ci", Text("区间", "CI"), "interval"))
    page = Table(
        "open", Text("开", "Open"), columns, (Row((Cell(math.inf, "df"), Cell((-math.inf, 0.5), "interval"))),)
    )
    degrees, interval = page.grid().rows[0].cells
    assert (degrees.text, degrees.numbers) == ("∞", ())
    assert (interval.text, interval.numbers) == ("[−∞, 0.50]", ())


def test_the_columns_below_a_spanner_give_its_longest_word_room():
    heads = [Column("v", same("v"), "text"), *(Column(k, same(k), "count", spanner=same("Undertakers")) for k in "nm")]
    row = Row((Cell("a"), Cell(3, "count"), Cell(4, "count")))
    columns = table(row, columns=heads).grid().columns
    assert sum(column.least for column in columns[1:]) >= len("Undertakers")
    assert columns[0].least == 1
