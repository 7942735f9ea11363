"""The document that `python tests/show.py latex` compiles; without TeX, what can be said of its source."""

import re
from dataclasses import replace

import pytest
from table_kinds import KINDS
from tables.latex_document import COMPLAINT, PREAMBLE, document, hostile

from sgsurvey.tables import latex
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import LANGUAGES, same


def test_every_environment_is_closed_and_every_label_is_its_own():
    source = document(kind().to(language) for kind in [*KINDS, hostile] for language in LANGUAGES)
    open_ = []
    for what, name in re.findall(r"\\(begin|end)\{(\w+)\}", source):
        if what == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert open_ == []
    labels = re.findall(r"\\label\{([^}]*)\}", source)
    assert len(labels) == len(set(labels)) == 2 * (len(KINDS) + 1)


def test_the_document_loads_what_the_renderer_says_it_needs():
    needed = {name for names in re.findall(r"usepackage\{([^}]*)\}", latex.__doc__) for name in names.split(",")}
    loaded = {name for names in re.findall(r"usepackage(?:\[.*\])?\{([^}]*)\}", PREAMBLE) for name in names.split(",")}
    assert needed >= {"booktabs", "threeparttable", "siunitx", "longtable"}
    assert needed <= loaded


@pytest.mark.parametrize(
    "said",
    [
        "! Undefined control sequence.",
        "Overfull \\hbox (3.1pt too wide) in",
        "Missing character: There is no γ",
        "LaTeX Warning: Float too large for page by 18.0pt on input line 9.",
    ],
)
def test_what_tex_complains_of_is_heard(said):
    assert COMPLAINT.search(f"fine\n{said}\nfine")
    assert not COMPLAINT.search("LaTeX Warning: Label(s) may have changed.\nUnderfull \\hbox (badness 10000)")


WORDS = "Waste is collected on time and does not pile up anywhere. "
PAGE = {"table": 688, "sidewaystable": 441}  # points: A4 with margins of 2.7 cm


def lines(rows: int, columns: int = 4, notes: int = 0) -> Table:
    """Numbers beside short names, with notes of a line each."""
    heads = (Column("v", same("v"), "text"), *(Column(str(i), same(f"column {i}")) for i in range(columns)))
    row = Row((Cell(same("Daily")), *[Cell(-0.25, "estimate")] * columns))
    return Table("lines", same("Lines"), heads, (row,) * rows, (same("Simulated data; no real survey."),) * notes)


def high(source: str) -> float:
    """Points that a float's lines take at least, counted in its source: title, head, rows, notes; rules not counted."""
    given = re.search(r"\\fontsize\{([\d.]+)\}\{[\d.]+\}", source)
    size = float(given[1]) if given else 12.0
    notes = len(re.findall(r"^\\item ", source, re.M))
    return 19 + 1.2 * 1.1 * (size * len(re.findall(r"\\\\\*?$", source, re.M)) + min(size, 10) * notes)


@pytest.mark.parametrize("columns", [4, 14])
@pytest.mark.parametrize("notes", [0, 6, 18])
def test_a_float_is_no_higher_than_its_page_and_what_is_goes_on_over_the_page(columns, notes):
    kinds = []
    for rows in range(4, 90):
        source = lines(rows, columns, notes).to_latex()
        kinds.append(re.search(r"\\begin\{(\w*table)\}", source)[1])
        if kinds[-1] != "longtable":
            assert high(source) < PAGE[kinds[-1]]
    first = kinds.index("longtable")
    assert set(kinds[first:]) == {"longtable"}
    assert high(lines(3 + first, columns, notes).to_latex()) > 0.75 * PAGE[kinds[0]]  # the last float fills its page


def test_a_table_that_is_a_little_too_high_takes_a_smaller_type_before_it_breaks():
    sizes = [re.findall(r"\\fontsize\{(\d+)\}", lines(rows).to_latex()) for rows in (30, 43, 52)]
    assert sizes == [[], ["10"], ["8"]]


def test_a_spanner_wider_than_its_columns_wraps_and_keeps_its_number():
    over = [same("Purchasers of care (n = 12)"), same("Undertakers (n = 6)")]
    columns = (
        Column("v", same("v"), "text"),
        *(Column(f"{k}{i}", same(k), spanner=over[i]) for i in (0, 1) for k in "n%"),
    )
    row = Row((Cell(same("x")), *[Cell(4.0, "count")] * 4))
    source = Table("narrow", same("Narrow"), columns, (row,)).to_latex()
    spanner = re.search(r"\\multicolumn\{2\}\{.*?b\{([\d.]+)pt\}\}\{(Purchasers.*?)\}", source)
    assert float(spanner[1]) < 90
    assert spanner[2] == "Purchasers of care (n~=~12)"


def test_words_in_a_column_of_numbers_wrap_where_they_are_wider():
    columns = (Column("v", same("v"), "text"), *(Column(str(i), same(str(i))) for i in range(9)))
    numbers = Row((Cell(same(WORDS)), *[Cell(0.5, "estimate")] * 9))
    words = Row((Cell(same("Convention")), *[Cell(same("≥ 0.50 (0.40) of three"))] * 9), "threshold")
    source = Table("t", same("T"), columns, (numbers, words)).to_latex()
    assert source.count(r"p{") > 9
    assert len(re.findall(r"\\multicolumn\{1\}\{.*?p\{[\d.]+pt\}\}\{\\ensuremath\{\\geq\}~0.50", source)) == 9


def test_a_narrow_table_is_set_apart_so_that_its_notes_are_not_a_thread():
    noted = [replace(lines(3, 1), notes=(same(WORDS * 3),) * notes).to_latex() for notes in (2, 3, 9)]
    widths = [float(re.search(r"begin\{tabular\*\}\{([\d.]+)pt\}", source)[1]) for source in noted]
    assert widths == sorted(widths)
    assert 250 < widths[0] < widths[-1] <= 440
    assert "tabular*" not in lines(3, 1).to_latex()


@pytest.mark.parametrize(
    ("language", "said"), [("zh", r"续\tablename~\thetable}"), ("en", r"\thetable{} (continued)}")]
)
def test_a_table_that_goes_on_says_so_above_each_further_page(language, said):
    source = replace(lines(90), language=language).to_latex()
    first, later = source.split(r"\endfirsthead")
    assert said not in first
    assert source.count(said) == 1
    assert later.index(said) < later.index(r"\endhead")


def test_a_page_never_begins_between_the_name_of_a_group_and_its_first_row():
    source = next(kind() for kind in KINDS if kind.__name__ == "groups").to_latex()
    named = [line for line in source.splitlines() if r"\textbf" in line]
    assert named
    assert all(line.endswith(r"\\*") for line in named)


def test_a_table_of_a_hundred_columns_still_has_columns_as_wide_as_a_letter():
    columns = tuple(Column(str(i), same("name of it"), "text") for i in range(100))
    source = Table("t", same("T"), columns, (Row(tuple(Cell(same("a word")) for _ in columns)),)).to_latex()
    assert min(map(float, re.findall(r"[pb]\{(-?[\d.]+)pt\}", source))) >= 7


def test_a_table_of_few_rows_whose_words_fill_more_than_a_page_goes_on_over_the_page():
    words = Cell(same("Waste is collected on time and does not pile up anywhere. " * 10))
    columns = tuple(Column(name, same(name), "text") for name in "abcd")
    rows = (Row((Cell(same("x")), words, words, words)),)
    assert "longtable" in Table("wordy", same("Wordy"), columns, rows * 4).to_latex()
    assert "longtable" not in Table("wordy", same("Wordy"), columns, rows).to_latex()


def test_letters_that_pdflatex_lacks_are_set_as_formulas_and_comparisons_stay_whole():
    assert latex.escape("χ̄² = 3") == r"\ensuremath{\bar{\chi}}\textsuperscript{2} =~3"
    assert latex.escape("1.96√2") == r"1.96\ensuremath{\surd}2"
    assert latex.escape("p < .05, a = b, n = 12") == r"p \textless{}~.05, a = b, n~=~12"
