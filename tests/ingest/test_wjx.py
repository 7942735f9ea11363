"""问卷星's own marks, fill-ins, positions and heads, in our exporter's files, changed, and in one laid by hand."""

import csv
import io
from pathlib import Path

import pytest
from layouts.matrix import COUNTY, county
from layouts.wjx import export

import sgsurvey as sg
from sgsurvey.ingest.wjx import is_wjx

FIXTURE = Path(__file__).parent / "fixtures" / "wjx" / "by_text_gbk.csv"


def changed(tmp_path: Path, change, **how):
    path, read = export(county(), "villager", tmp_path, suffix="csv", **how)
    text = path.read_bytes().decode("gb18030")
    path.write_bytes(change(text).encode("gb18030"))
    return sg.read_responses(path, COUNTY, source="wjx", options=sg.ReadOptions(min_complete=0), **read)


def test_its_heads_are_known_and_its_addresses_left_out(tmp_path):
    back = changed(tmp_path, lambda text: text)
    left_out = back.log.cells.set_index("column")["left_out"]
    assert left_out["来自IP"] == left_out["来源详情"] == len(back)
    assert not back.frame.astype(str).apply(lambda column: column.str.contains("127.0.0.1")).any().any()
    assert is_wjx(["序号", "提交答卷时间", "所用时间", "来源"])
    assert not is_wjx(["序号", "Timestamp"])


def test_positions_beyond_the_options_are_refused_with_the_download_to_choose(tmp_path):
    path, read = export(county(), "villager", tmp_path, suffix="csv", number=True)
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))
    place = next(i for i, head in enumerate(header) if head.endswith(COUNTY.item("TRU1").label.zh))
    out = io.StringIO()
    csv.writer(out).writerows([header, *([*row[:place], "0", *row[place + 1 :]] for row in rows)])
    path.write_bytes(out.getvalue().encode("gb18030"))
    with pytest.raises(sg.DataError) as refused:
        sg.read_responses(path, COUNTY, source="wjx", **read)
    assert refused.value.code == "SG121"
    assert "按选项序号" in str(refused.value)


def test_words_filled_in_behind_an_option_do_not_hide_the_option(tmp_path):
    item = next(i for i in COUNTY.asked("villager") if i.type == "select_one" and i.name in county().frame)
    choice = item.scale.valid[0].label.zh
    plain = changed(tmp_path, lambda text: text)
    filled = changed(tmp_path, lambda text: text.replace(f",{choice},", f",{choice}〖甲┋乙〗,"))
    assert filled.frame[item.name].tolist() == plain.frame[item.name].tolist()


def test_a_submission_under_the_same_number_is_set_aside(tmp_path):
    def twice(text: str) -> str:
        return text + text.splitlines()[-1] + "\r\n"

    once, again = changed(tmp_path, lambda text: text), changed(tmp_path, twice)
    assert len(again) == len(once)
    assert again.log.steps[0].set_aside == {"duplicate": 1}


def test_a_download_by_text_laid_by_hand_is_read_to_the_cell(instrument):
    back = sg.read_responses(FIXTURE, instrument, source="wjx", role="villager")
    ratings = back.frame[["TR1", "TR2", "TR3R", "EF1", "EF2", "sex", "age"]].astype(object)
    assert ratings.where(ratings.notna(), None).to_numpy().tolist() == [
        [4, 2, 9, 4, 3, 2, 34],
        [5, None, 3, 4, 4, 1, 51],
        [3, 1, 4, 3, 2, 1, 47],
    ]
    crops = back.frame[["crops_1", "crops_2", "crops_3", "crops_98"]]
    assert crops.iloc[:2].to_numpy().tolist() == [[1, 0, 1, 0], [0, 0, 0, 1]]
    assert crops.iloc[2].isna().all()
    assert back.frame[["first_1", "first_2", "first_98"]].to_numpy().tolist() == [[2, 1, 0], [1, 0, 2], [2, 1, 0]]
    assert back.shown("crops").tolist() == [True, True, False]
    assert back.frame["seconds"].tolist() == [123, 95, 3720]
    assert back.frame["t_start"].tolist()[0] == "2026-09-03T11:57:57"
    assert back.log.invalid.empty
    assert back.log.cells.set_index("column").loc["总分", "left_out"] == 3


def test_an_spss_download_is_refused_with_the_download_to_choose(tmp_path, instrument):
    path = tmp_path / "1_按序号.sav"
    path.write_bytes(b"$FL2@(#) SPSS DATA FILE" + bytes(200))
    with pytest.raises(sg.DataError, match="xlsx") as refused:
        sg.read_responses(path, instrument, source="wjx", role="villager")
    assert refused.value.code == "SG101"


@pytest.mark.parametrize(("total", "refused"), [((9, 12), True), ((9, 40), False)])
def test_numbers_that_add_up_to_the_total_score_are_refused_as_scores(total, refused, tmp_path, instrument):
    heads = ["序号", "提交答卷时间", "所用时间", "总分", "TR1", "TR2", "TR3R", "EF1", "EF2", "sex"]
    rows = [[1, "2026/9/3 12:00:00", "95秒", total[0], 1, 2, 1, 2, 2, 1]]
    rows += [[2, "2026/9/3 12:10:00", "80秒", total[1], 2, 2, 2, 2, 2, 2]]
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in [heads, *rows]), encoding="utf-8")
    code = ""
    try:
        sg.read_responses(path, instrument, source="wjx", role="villager")
    except sg.DataError as error:
        code = error.code
    assert code == ("SG121" if refused else "")
