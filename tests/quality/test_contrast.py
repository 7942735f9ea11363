import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.errors import DataError


@pytest.fixture(scope="module")
def screening():
    return sg.screen(sg.simulate(sg.read_questionnaire("questionnaires"), seed=1))


def test_both_results_are_those_of_the_verb_itself(screening):
    found = screening.contrast(lambda given: sg.reliability(given, ["FUN", "MGT"]), statistics=["alpha", "mean_r"])
    everything = sg.reliability(screening.answers, ["FUN", "MGT"]).frame.set_index("construct")
    kept = sg.reliability(screening.keep(), ["FUN", "MGT"]).frame.set_index("construct")
    assert found.frame[["construct", "statistic"]].to_numpy().tolist() == [
        ["FUN", "alpha"],
        ["FUN", "mean_r"],
        ["MGT", "alpha"],
        ["MGT", "mean_r"],
    ]
    for _, line in found.frame.iterrows():
        assert line["with_suspects"] == everything.loc[line["construct"], line["statistic"]]
        assert line["without_suspects"] == kept.loc[line["construct"], line["statistic"]]
        assert line["difference"] == line["without_suspects"] - line["with_suspects"]
    assert found.largest == found.frame["difference"].abs().max()
    assert found.everything.n == len(screening.answers) - sum(found.everything.dropped.values())


def test_what_few_suspects_answered_cannot_be_worked_out(screening):
    gone = screening.frame[screening.frame["suspect"]].groupby("role").size()
    found = screening.contrast(lambda given: sg.describe_scales(given, ["FUN"], by="role"), statistics=["mean", "n"])
    frame = found.frame.set_index([found.frame["group"].map(lambda group: group.en), "statistic"])
    assert 0 < gone["undertaker"] < 5 <= gone["villager"]
    for statistic in ("mean", "n"):
        assert frame.loc[("Undertaker", statistic), "hidden"] == ("without_suspects", "difference")
        assert np.isnan(frame.loc[("Undertaker", statistic), "without_suspects"])
        assert frame.loc[("Villager", statistic), "hidden"] == ()
    page = found.table(language="en").to_markdown()
    assert "‹5" in page
    assert frame.loc[("Post-holder", "mean"), "difference"] == 0


def test_an_estimate_is_compared_where_there_is_one(screening):
    found = screening.contrast(lambda given: sg.ols(given, "SAT ~ FUN + MGT"))
    assert found.frame["statistic"].unique().tolist() == ["estimate"]
    assert found.frame["term"].tolist() == ["Intercept", "FUN", "MGT"]
    assert found.frame["difference"].abs().max() > 0


def test_no_suspects_make_no_difference():
    x = np.random.default_rng(1).integers(1, 6, size=(60, 6)).astype(float)
    answers = sg.responses(pd.DataFrame(x, columns=list("abcdef")), {"A": list("abc"), "B": list("def")})
    screening = sg.screen(answers)
    assert screening.n_suspect == 0
    found = screening.contrast(lambda given: sg.describe(given, ["A", "B"]))
    assert found.largest == 0.0
    assert found.frame["statistic"].nunique() > 3


def test_groups_that_are_told_apart_by_words_are_matched(screening):
    found = screening.contrast(
        lambda given: sg.describe_scales(given, ["FUN", "SAT"], by="role"), statistics=["mean", "median"]
    )
    ours = found.everything.frame
    assert set(found.frame["construct"]) == {"FUN", "SAT"}
    assert len(found.frame) <= 2 * len(ours)
    villagers = found.frame[found.frame["group"].map(lambda group: group.en) == "Villager"]
    assert villagers["without_suspects"].notna().any()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_sets_them_side_by_side(screening, language):
    page = screening.contrast(lambda given: sg.reliability(given, ["FUN"]), statistics=["alpha"]).table(
        language=language
    )
    heads = [column.head.to(language) for column in page.columns]
    expected = {"zh": ["全部答卷", "剔除可疑后", "差值"], "en": ["All answers", "Without suspects", "Difference"]}
    assert heads[-3:] == expected[language]
    assert page.columns[-1].spanner.to(language) == {"zh": "α系数", "en": "α"}[language]
    assert "suspect" in page.title.en


def test_what_is_no_result_or_no_number_is_refused(screening):
    with pytest.raises(DataError, match="no number 'alfa'"):
        screening.contrast(lambda given: sg.reliability(given, ["FUN"]), statistics=["alfa"])
    with pytest.raises(DataError, match="no result"):
        screening.contrast(lambda given: given.frame)
