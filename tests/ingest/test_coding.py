"""The coder's workbook: what is written, and every way in which it can come back wrong."""

import openpyxl
import pandas as pd
import pytest

import sgsurvey as sg

FRAME = sg.CodingFrame.stakeholder()
EVIL = ["=1+1", "+86 138 0013 8000", "-cmd|' /C calc'!A0", "@SUM(A1)", "电话13800138000，没有桶", "two\nlines\x07"]


def answered(n=60, few=4):
    """Villagers of two roles: a large one, and one so small that all its answers are coded twice."""
    return pd.DataFrame(
        {
            "resp_id": [f"{k:03d}" for k in range(n + few)],
            "role": ["villager"] * n + ["purchaser"] * few,
            "said": [EVIL[k] if k < len(EVIL) else f"answer {k}" for k in range(n + few)],
            "more": [None] * n + ["more"] * few,
        }
    )


def edited(path, **cells):
    """The workbook with cells changed: ``aspect_2="EFF"`` is the column and the line."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    for name, value in cells.items():
        column, _, line = name.rpartition("_")
        sheet.cell(int(line), head.index(column) + 1).value = value
    book.save(path)
    return path


@pytest.fixture
def answers():
    return sg.responses(answered(), {}, roles="role", language="zh")


@pytest.fixture
def sheet(answers, tmp_path):
    return sg.coding_sheet(answers, ["said", "more"], tmp_path / "a.xlsx", frame=FRAME, coder="A").path


def test_a_line_per_answer_masked_and_no_formula(sheet):
    book = openpyxl.load_workbook(sheet)
    lines = book.worksheets[0]
    assert [cell.value for cell in lines[1]] == ["coder", "row", "group", "item", "text", "idea", *FRAME.names]
    assert lines.max_row == 1 + 64 + 4
    assert [lines.cell(2, k).value for k in range(1, 7)] == ["A", "000", "villager", "said", "=1+1", 1]
    words = [lines.cell(row, 5) for row in range(2, lines.max_row + 1)]
    assert all(cell.data_type == "s" for cell in words)
    assert all(cell.quotePrefix for cell in words if cell.value[0] in "=+-@")
    assert [cell.value for cell in words[1:6:4]] == ["[手机号]", "two lines"]
    assert words[4].value == "电话[手机号]，没有桶"


def test_each_dimension_has_a_list_to_choose_from(sheet):
    book = openpyxl.load_workbook(sheet)
    lines, codes = book.worksheets[:2]
    rules = lines.data_validations.dataValidation
    found = []
    for rule in rules:
        assert rule.type == "list"
        assert rule.showErrorMessage
        area = rule.formula1.split("!")[1].replace("$", "")
        found.append([cell.value for (cell,) in codes[area]])
    assert found == [["EFF", "MGT", "FUN", "SUP", "OTH"], ["STA", "PRO", "CAU", "LEV"], [-1, 0, 1]]
    assert rules[0].formula1.startswith(f"'{codes.title}'!")


def test_a_second_coder_gets_a_share_drawn_by_a_seed_and_all_of_small_groups(answers, tmp_path):
    def drawn(seed, name):
        found = sg.coding_sheet(answers, "said", tmp_path / name, frame=FRAME, coder="B", share=0.2, seed=seed)
        assert found.frame.set_index("group")["n_sheet"].to_dict() == {"villager": 12, "purchaser": 4}
        assert (found.n, dict(found.dropped), found.seed) == (16, {"not drawn": 48}, seed)
        assert "60" in found.table(language="zh").to_markdown()
        return pd.read_excel(found.path, dtype=str)[["row", "group"]]

    first, again, other = drawn(1, "b.xlsx"), drawn(1, "c.xlsx"), drawn(2, "d.xlsx")
    assert first["group"].value_counts().to_dict() == {"villager": 12, "purchaser": 4}
    assert first.equals(again)
    assert not first.equals(other)


def test_a_sheet_is_never_written_over(answers, sheet):
    before = sheet.read_bytes()
    with pytest.raises(sg.DataError, match="there already"):
        sg.coding_sheet(answers, "said", sheet, frame=FRAME, coder="A")
    assert sheet.read_bytes() == before


@pytest.mark.parametrize(
    "wrong", [{"share": 0.1, "seed": 1}, {"share": 1.2}, {"share": 0.5}, {"coder": " "}, {"items": "none"}]
)
def test_what_cannot_be_written_is_refused(answers, tmp_path, wrong):
    asked = {"items": "said", "coder": "A", **wrong}
    with pytest.raises(sg.DataError):
        sg.coding_sheet(answers, asked.pop("items"), tmp_path / "x.xlsx", frame=FRAME, **asked)
    assert not list(tmp_path.iterdir())


def test_a_filled_sheet_comes_back_with_every_line(answers, sheet):
    edited(sheet, aspect_2="EFF", function_2="PRO", valence_2=-1, aspect_3="FUN", valence_3="+1")
    book = openpyxl.load_workbook(sheet)
    lines = book.worksheets[0]
    lines.append([cell.value for cell in lines[2]])
    lines.cell(lines.max_row, 6).value = 2
    lines.cell(lines.max_row, 7).value = "SUP"
    book.save(sheet)
    coding = sg.read_coding({"A": sheet}, answers, FRAME)
    assert coding.counts.iloc[0].tolist() == ["A", 68, 68, 2, 66, 3]
    own = coding.frame[coding.frame["row"] == "000"]
    assert own[["idea", "aspect", "function", "valence"]].to_numpy().tolist() == [
        [1, "EFF", "PRO", "-1"],
        [2, "SUP", "PRO", "-1"],
    ]
    assert coding.frame.set_index("row").loc["001", ["aspect", "valence"]].tolist() == ["FUN", "1"]
    assert len(coding.frame) == 69
    assert coding.n == 2


def test_every_fault_is_named_at_once_with_file_and_line(answers, sheet):
    edited(sheet, aspect_2="EF", text_3="other words", row_4="999", idea_5="x", coder_6="B", item_7="sayed")
    with pytest.raises(sg.DataError) as caught:
        sg.read_coding({"A": sheet}, answers, FRAME)
    said = str(caught.value)
    for line, what in [
        (2, "aspect has no code 'EF'. Did you mean 'EFF'?"),
        (3, "the words of the answer were changed"),
        (4, "the answers hold no such answer (row '999', item 'said')"),
        (5, "the idea is 'x'"),
        (6, "belongs to coder 'B', not 'A'"),
        (7, "the answers hold no such answer (row '005', item 'sayed')"),
    ]:
        assert f"a.xlsx, line {line}: {what}" in said
    assert said.count("a.xlsx, line") == 6
    assert "回答的文字被改动了" in said


def test_an_idea_given_twice_is_a_fault(answers, sheet):
    book = openpyxl.load_workbook(sheet)
    lines = book.worksheets[0]
    lines.append([cell.value for cell in lines[3]])
    book.save(sheet)
    with pytest.raises(sg.DataError, match="line 70: is the same idea of the same answer as line 3"):
        sg.read_coding({"A": sheet}, answers, FRAME)


def test_a_column_that_is_missing_and_one_that_is_not_read_are_told(answers, sheet):
    book = openpyxl.load_workbook(sheet)
    book.worksheets[0].cell(1, 10).value = "memo"
    book.save(sheet)
    coding = sg.read_coding({"A": sheet}, answers, FRAME)
    assert coding.unread == ("memo",)
    assert "memo" in coding.table().to_markdown()
    edited(sheet, aspect_1="aspekt")
    with pytest.raises(sg.DataError, match="the column 'aspect' is missing"):
        sg.read_coding({"A": sheet}, answers, FRAME)


def test_other_files_are_refused(answers, tmp_path):
    (tmp_path / "a.csv").write_text("coder,row\n", encoding="utf-8")
    (tmp_path / "b.xlsx").write_bytes(b"PK not a workbook")
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "c.xlsx")
    for name in ("a.csv", "b.xlsx", "c.xlsx", "none.xlsx"):
        with pytest.raises(sg.DataError):
            sg.read_coding({"A": tmp_path / name}, answers, FRAME)
    with pytest.raises(sg.DataError, match="no coding sheet"):
        sg.read_coding({}, answers, FRAME)


def test_rows_that_cannot_be_told_apart_are_refused(tmp_path):
    twice = pd.DataFrame({"said": ["a", "b"]}, index=[0, 0])
    with pytest.raises(sg.DataError, match="cannot be told apart"):
        sg.coding_sheet(twice, "said", tmp_path / "a.xlsx", frame=FRAME, coder="A")


def test_words_longer_than_a_cell_come_back_as_they_were(tmp_path):
    answers = pd.DataFrame({"said": ["河" * 40_000, "短"]})
    sheet = sg.coding_sheet(answers, "said", tmp_path / "a.xlsx", frame=FRAME, coder=" A ")
    assert len(sg.read_coding({"A": sheet.path}, answers, FRAME).frame) == 2
