import csv
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sgsurvey.errors import DataError
from sgsurvey.ingest.csv import read_text
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.read import read_responses
from sgsurvey.text import Text

LABELS = "主体,1、村委会说到做到,账目是公开的,我担心有人隐瞒情况,我的收入更稳定了,项目照顾到了困难户,您的意见\n"
TEXT = LABELS + "村民,同意,一般,不同意,4,5,路灯修一下\n村幹部,同意,一般,不同意,,5,\n".replace("幹", "干")
# Big5 has no simplified characters: its labels must be traditional.
BIG = "主體,TR1,TR2,TR3R,EF1,EF2,words\nvillager,1,2,3,4,5,道路很亂\n"


def codes(answers):
    return sorted(set(answers.log.events["code"]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_encoding_gives_the_same_answers(write, instrument, encoding):
    answers = read_responses(write(TEXT, encoding=encoding), instrument)
    assert answers.frame["TR1"].tolist() == [4, 4]
    assert answers.frame["words"].tolist()[0] == "路灯修一下"


def test_rare_characters_of_gb18030_are_kept(write, instrument):
    answers = read_responses(write(TEXT.replace("路灯", "䶮𠮷"), encoding="gb18030"), instrument)
    assert answers.frame["words"].tolist()[0] == "䶮𠮷修一下"


def test_big5_is_known_by_the_words_that_are_declared(write, instrument):
    items = tuple(
        replace(item, label=Text("村委會說到做到", "x")) if item.name == "TR1" else item for item in instrument.items
    )
    text = BIG.replace("TR1", "村委會說到做到").replace("主體", "role")
    answers = read_responses(write(text, encoding="big5"), replace(instrument, items=items))
    assert answers.frame["words"].tolist() == ["道路很亂"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_gives_the_same_answers(write, cells, instrument, separator):
    text = "\n".join(separator.join(map(str, line)) for line in cells()) + "\n"
    assert read_responses(write(text), instrument).frame["TR2"].tolist() == [2, 4, 3, 2]


def test_utf16_without_mark_is_refused(write, instrument):
    with pytest.raises(DataError) as caught:
        read_responses(write(TEXT, encoding="utf-16-le"), instrument)
    assert caught.value.code == "SG101"


@pytest.mark.parametrize(("wrong", "right"), [("latin-1", "gb18030"), ("gb18030", "utf-8")])
def test_words_garbled_by_an_earlier_program_are_refused_with_a_sample(write, instrument, wrong, right):
    garbled = "角色,您的意见".encode(right).decode(wrong)
    with pytest.raises(DataError) as caught:
        read_responses(write(garbled + "\n1,2\n"), instrument)
    assert caught.value.code == "SG103"


def test_titles_second_headers_and_blank_lines_are_left_out_and_told(write, cells, instrument):
    header, *rows = cells()
    labels = ["编号", "主体", *(instrument.item(name).label.zh for name in header[2:])]
    answers = read_responses(
        write([["小问卷"], [], header, labels, ["#a"] * 9, rows[0], [], *rows[1:], []]), instrument
    )
    assert answers.log.steps[0].n_in == 4
    assert {"SG108", "SG109"} <= set(codes(answers))


def test_a_file_cut_in_a_row_a_quote_or_a_character_is_refused(write, cells, instrument):
    text = "\n".join(",".join(map(str, line)) for line in cells())
    for cut in (text[:-6].encode(), (text + ',"open').encode(), (text + "\n村").encode()[:-1]):
        with pytest.raises(DataError) as caught:
            read_responses(write(cut), instrument)
        assert caught.value.code == "SG106"


def test_surplus_cells_are_cut_set_aside_or_refused(write, cells, instrument):
    lines = cells()
    blank = [lines[0], *([*line, "", ""] for line in lines[1:])]
    assert len(read_responses(write(blank), instrument)) == 4
    filled = [lines[0], *([*line, "x"] for line in lines[1:])]
    with pytest.raises(DataError) as caught:
        read_responses(write(filled), instrument)
    assert caught.value.code == "SG105"
    many = lines + [[*lines[1][:1], *lines[1][1:]] for _ in range(8)] + [[*lines[1], "x"]]
    answers = read_responses(write(many), instrument)
    assert answers.log.steps[0].set_aside["long_row"] == 1


def test_kobos_stale_last_cell_is_cut(write, cells, instrument):
    lines = cells(_uuid=["u1", "u2", "u3", "u4"])
    lines = [*lines[:3], *([*line, "1"] for line in lines[3:])]
    answers = read_responses(write(lines), instrument)
    assert len(answers) == 4
    assert "SG109" in codes(answers)


def test_a_file_with_two_separators_is_refused(write, cells, instrument):
    lines = [",".join(map(str, line)) for line in cells()]
    with pytest.raises(DataError) as caught:
        read_responses(
            write("\n".join([*lines[:3], *(line.replace(",", ";") for line in lines[3:])]) + "\n"), instrument
        )
    assert caught.value.code == "SG104"


def test_stray_quotes_do_not_stop_reading(write, cells, instrument):
    text = "\n".join(",".join(map(str, line)) for line in cells(words=['"a"b', "c", "d", "e"])) + "\n"
    answers = read_responses(write(text), instrument)
    assert answers.frame["words"].tolist() == ["ab", "c", "d", "e"]


def test_a_giant_cell_is_refused_and_the_modules_limit_put_back(write, cells, instrument):
    before = csv.field_size_limit()
    with pytest.raises(DataError) as caught:
        read_responses(write(cells(words=["x" * 1_000_001, "", "", ""])), instrument)
    assert caught.value.code == "SG136"
    assert csv.field_size_limit() == before


def test_pandas_missing_words_and_zeros_in_front_survive(write, cells, instrument):
    answers = read_responses(write(cells(words=["null and void", "007", "1e5", "True"])), instrument)
    assert answers.frame["words"].tolist() == ["null and void", "007", "1e5", "True"]


BASE = LABELS.encode() + '村民,同意,一般,不同意,4,5,"路灯, 修"\n'.encode() * 4
EDIT = st.tuples(st.integers(0, len(BASE) - 1), st.sampled_from(["put", "cut", "drop"]), st.binary(max_size=3))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDIT, min_size=1, max_size=3))
def test_damaged_bytes_give_answers_or_a_clear_error(write, answers_or_clear_error, edits):
    content = bytearray(BASE)
    for place, what, piece in edits:
        if what == "cut":
            del content[place:]
        elif what == "drop":
            del content[place : place + 1 + len(piece)]
        else:
            content[place:place] = piece
    answers_or_clear_error(write(bytes(content)))


def test_reading_text_keeps_row_numbers_of_the_file(instrument):
    raw = read_text(b"title\n\nrole,TR1\nvillager,1\n\ncadre,2\n", Names(instrument), Events("x"))
    assert raw.rows.tolist() == [4, 6]
    assert list(raw.columns[1]) == ["1", "2"]
