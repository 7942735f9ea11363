"""问卷星's own marks, fill-ins, positions and heads, in files written by hand after its documented layout."""

import csv
import io
from pathlib import Path

import pytest
from layouts.matrix import COUNTY, county
from layouts.wjx import export

import sgsurvey as sg
from sgsurvey.ingest.wjx import is_wjx


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
