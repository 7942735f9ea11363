"""One matrix, no exceptions: the same grid comes back from every renderer, for every kind of table."""

import re

import pytest
from evil_words import HOSTILE
from page_readers import READERS, of_grid
from table_kinds import KINDS, suppressed

from sgsurvey.tables.html import to_html
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.text import LANGUAGES, same


@pytest.fixture(params=READERS, ids=str)
def read(request, tmp_path):
    return lambda table: READERS[request.param](table, tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_same_grid_comes_back_from_every_renderer(kind, language, read):
    table = kind().to(language)
    assert read(table) == of_grid(table.grid())


@pytest.mark.parametrize("evil", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_words_stay_words_in_every_place_of_every_renderer(evil, read):
    words = same(evil)
    table = Table(
        "evil " + evil,
        words,
        (Column("a", words, "text"), Column("b", words, "count", spanner=words), Column("c", words, "p")),
        (
            Row((Cell(words, span=3),), "group"),
            Row((Cell(words), Cell(evil), Cell(0.5, "p", mark="a"))),
        ),
        (words,),
    )
    assert read(table) == of_grid(table.grid())


def test_a_suppressed_value_is_in_no_output(read, tmp_path):
    hidden = Row(
        (Cell(same("x")), Cell(987654321, "count", suppressed=True), Cell(0.98765, "percent", suppressed=True))
    )
    table = suppressed().extended([hidden])
    for suffix in ("html", "md", "tex", "csv"):
        assert "98765" not in table.save(tmp_path / f"t.{suffix}").read_text(encoding="utf-8").replace(",", "")
    assert not any("98" in text for row in read(table).rows for text in row)


def test_a_page_gives_a_column_of_words_room_for_three_lines():
    said = "The public places in the village are clean on most days."
    columns = [Column(name, same(name), kind) for name, kind in (("Code", "text"), ("Item", "text"), ("n", "count"))]
    row = Row((Cell(same("EFS1")), Cell(same(said)), Cell(5, "count")))
    table = Table("items", same("Items"), tuple(columns), (row,))
    grid = table.to("en").grid()
    heads = re.findall(r"<th scope=\"col\"([^>]*)>", to_html(grid))
    rooms = [re.search(r"min-width:(\d+)ch", head) for head in heads]
    assert [room and int(room[1]) for room in rooms] == [grid.columns[0].least, len(said) // 3 + 1, None]
