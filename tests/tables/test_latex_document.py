"""The document that `python tests/show.py latex` compiles; without TeX, what can be said of its source."""

import re

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
    "said", ["! Undefined control sequence.", "Overfull \\hbox (3.1pt too wide) in", "Missing character: There is no γ"]
)
def test_what_tex_complains_of_is_heard(said):
    assert COMPLAINT.search(f"fine\n{said}\nfine")
    assert not COMPLAINT.search("LaTeX Warning: Label(s) may have changed.\nUnderfull \\hbox (badness 10000)")


def test_a_table_of_few_rows_whose_words_fill_more_than_a_page_goes_on_over_the_page():
    words = Cell(same("Waste is collected on time and does not pile up anywhere. " * 10))
    columns = tuple(Column(name, same(name), "text") for name in "abcd")
    rows = (Row((Cell(same("x")), words, words, words)),)
    assert "longtable" in Table("wordy", same("Wordy"), columns, rows * 4).to_latex()
    assert "longtable" not in Table("wordy", same("Wordy"), columns, rows).to_latex()
