from dataclasses import replace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.log import Log, Step
from sgsurvey.errors import DataError
from sgsurvey.text import Text


@pytest.fixture(scope="module")
def answers():
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 4, 4]})
    log = Log().then(Step(Text("读取", "Reading"), 8, 5, {"duplicate": 2, "short_row": 1}))
    return replace(sg.responses(frame, {"A": ["a", "b"]}), log=log)


def assert_adds_up(found, n_in, n_out):
    frame = found.frame
    for _, step in frame.groupby("step", sort=False):
        assert step["n_in"].iloc[0] - step["n_out"].iloc[0] == step["n"].sum()
    ends = frame.drop_duplicates("step")
    assert ends["n_out"].tolist()[:-1] == ends["n_in"].tolist()[1:]
    assert (ends["n_in"].iloc[0], ends["n_out"].iloc[-1]) == (n_in, n_out)


def test_the_flow_runs_from_what_was_issued_to_what_is_analysed(answers):
    kept = sg.screen(answers).keep()
    found = sg.flow(kept, issued=20)
    assert_adds_up(found, 20, len(kept))
    assert found.frame["step"].unique().tolist() == ["Issuing", "Reading", "Screening"]
    assert found.frame["reason"].tolist()[:3] == ["not returned", "submitted twice", "row cut short"]


def test_rows_taken_away_since_are_a_step_of_their_own(answers):
    part = answers.where(answers.frame["a"] > 2)
    found = sg.flow(part)
    assert_adds_up(found, 8, 3)
    assert found.frame["reason"].iloc[-1] == "outside the analysis"
    plain = replace(answers, log=Log())
    assert_adds_up(sg.flow(plain), 5, 5)


def test_nobody_left_out_is_a_flow_too(answers):
    kept = sg.screen(answers).keep("none")
    assert_adds_up(sg.flow(kept), 8, 5)


def test_a_second_screening_is_told_from_the_first(answers):
    twice = sg.screen(sg.screen(answers).keep("none")).keep("none")
    assert sg.flow(twice).frame["step"].unique().tolist() == ["Reading", "Screening", "Screening (2)"]
    assert_adds_up(sg.flow(twice), 8, 5)


def test_the_table_counts_as_the_figure_does(answers):
    found = sg.flow(sg.screen(answers).keep(), issued=20)
    page = found.table(language="zh").frame
    assert page["what"].tolist() == ["进入", "未收回", "保留", "进入", "重复提交", "行不完整", "保留", "进入", "保留"]
    assert page["n"].tolist() == [20, 12, 8, 8, 2, 1, 5, 5, 5]
    assert page["share"].tolist()[:3] == [1.0, 0.6, 0.4]
    ax = found.plot(language="en")
    drawn = " ".join(text.get_text() for text in ax.texts)
    for words in ("Issuing\nin: n = 20", "not returned: 12", "submitted twice: 2", "Analysed\nn = 5"):
        assert words in drawn
    plt.close(ax.figure)


def test_more_cannot_come_back_than_went_out(answers):
    with pytest.raises(DataError, match="7 forms were issued, but 8 came back"):
        sg.flow(answers, issued=7)
    with pytest.raises(DataError, match="log"):
        sg.flow(answers.frame)
