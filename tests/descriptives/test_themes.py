"""Open answers from the coder's sheet to the table of themes: by hand, by simulation, and nothing given away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

import sgsurvey as sg
from sgsurvey.answers.coding import coding_of
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.answers.simulate_words import BY_ASPECT

FRAME = sg.CodingFrame.stakeholder()
ROOT = Path(__file__).parents[2]


def coded(frame, codes, *, roles="who", text="said"):
    """A Coding of one column of words: ``codes`` holds coder, row, idea and the codes of each line."""
    answers = sg.responses(frame, {}, roles=roles)
    lines = pd.DataFrame(codes, columns=["coder", "row", "idea", *FRAME.names]).assign(item=text)
    lines = lines.assign(row=lines["row"].map(str))
    return coding_of(lines, open_answers(answers, text), answers, FRAME, tuple(dict.fromkeys(lines["coder"])))


@pytest.fixture(scope="module")
def typed():
    """Forty villagers and twenty post holders: who said what is written here, and counted by hand below."""
    frame = pd.DataFrame({"who": ["villager"] * 40 + ["post_holder"] * 20, "said": [f"answer {k}" for k in range(60)]})
    lines = [("A", k, 1, "FUN" if k < 18 else "EFF", "PRO", "-1" if k < 28 else "1") for k in range(38)]
    lines += [("A", k, 2, "SUP", "LEV", "0") for k in range(12)]
    lines += [("A", 38, 1, None, None, None)]
    lines += [("A", k, 1, "FUN" if k < 55 else "MGT", "CAU", None) for k in range(40, 60)]
    lines += [("B", k, 1, "FUN" if k < 14 else "EFF", "PRO", "-1") for k in range(0, 20)]
    return coded(frame, lines)


def test_themes_are_counted_by_hand(typed):
    found = sg.themes(typed, by="role").frame.set_index(["group", "theme"])
    assert found.loc[("villager", "FUN"), ["n", "n_persons"]].tolist() == [18, 38]
    assert found.loc[("villager", "EFF"), "n"] == 20
    assert found.loc[("villager", "SUP"), "n"] == 12
    assert found.loc[("villager", "MGT"), "n"] == 0
    assert found.loc[("post_holder", "FUN"), "n"] == 15
    assert found.loc[("post_holder", "MGT"), "n"] == 5
    assert found.loc[("villager", "SUP"), "share"] == 12 / 38
    low, high = proportion_confint(12, 38, method="wilson")
    assert found.loc[("villager", "SUP"), ["conf_low", "conf_high"]].tolist() == pytest.approx([low, high], rel=1e-12)


def test_what_is_not_coded_and_what_coders_disagree_on_is_counted(typed):
    assert typed.counts.to_numpy().tolist() == [["A", 60, 59, 58, 1, 70], ["B", 60, 20, 20, 0, 20]]
    assert typed.dropped == {"not coded": 2}
    found = sg.themes(typed, by="role")
    assert found.n == 58
    assert sum(found.dropped.values()) == 2
    # B codes 20 answers: the 12 with a second idea lack SUP, and 14 to 17 are EFF where A says FUN.
    assert (found.n_double, found.n_differ) == (20, 16)
    notes = " ".join(note.en for note in found.table(language="en").notes)
    assert "Of 20 answers that another coder coded too, 16 have other themes" in notes
    assert sg.themes(typed, coder="B").frame.set_index("theme").loc["FUN", "n"] == 14


def test_aspect_by_function_counts_combinations(typed):
    found = sg.themes(typed, ["aspect", "function"], by="role").frame.set_index(["group", "theme"])["n"]
    assert found["villager"].to_dict() == {"FUN/PRO": 18, "EFF/PRO": 20, "SUP/LEV": 12, "FUN/CAU": 0, "MGT/CAU": 0}
    assert found["post_holder", "FUN/CAU"] == 15


def test_valence_adds_up_to_the_theme_and_hides_what_would_give_small_counts_away(typed):
    found = sg.themes(typed, by="role")
    villagers = found.valence[found.valence["group"] == "villager"].pivot(index="theme", columns="valence", values="n")
    assert villagers.loc["EFF", ["-1", "1"]].tolist() == [10, 10]
    assert villagers.loc["FUN"].sum() == 18
    assert villagers.loc["SUP", "0"] == 12
    holders = found.valence[found.valence["group"] == "post_holder"].set_index(["theme", "valence"])["n"]
    assert holders["FUN", "none"] == 15
    assert "Mixed" in found.valence_table(language="en").to_markdown()


def test_tables_speak_both_languages_and_hold_kappa_of_two_coders(typed):
    found = sg.themes(typed, by="role")
    zh, en = (found.table(language=language).to_markdown() for language in ("zh", "en"))
    assert "治理效果" in zh
    assert "主题" in zh
    assert "Funding" in en
    kappas = found.frame.drop_duplicates("theme").set_index("theme")["kappa"]
    a = [(k < 18) for k in range(20)]
    b = [(k < 14) for k in range(20)]
    equal, chance = np.mean(np.equal(a, b)), np.mean(a) * np.mean(b) + (1 - np.mean(a)) * (1 - np.mean(b))
    assert kappas["FUN"] == pytest.approx((equal - chance) / (1 - chance), rel=1e-12)
    assert "κ" in [column.head.en for column in found.table().columns][-1]
    found.plot()


def test_no_words_of_respondents_stand_anywhere_unless_quotes_are_asked_for(typed):
    found = sg.themes(typed, by="role")
    assert found.quotes.empty
    for page in (found.table(), found.quotes_table(), found.valence_table(), typed.table()):
        assert "answer " not in page.to_markdown().replace("answer holds", "")
    assert "answer 1" not in repr(found) + repr(typed)


def test_quotes_are_masked_and_come_from_shown_cells_alone():
    frame = pd.DataFrame(
        {
            "who": ["villager"] * 30 + ["purchaser"] * 3,
            "said": [f"Call 138 0013 80{k:02d}, no bins {k}" for k in range(33)],
        }
    )
    lines = [("A", k, 1, "EFF" if k < 20 else "SUP", "PRO", None) for k in range(33)]
    for by in ("role", None):
        found = sg.themes(coded(frame, lines), by=by, quotes=True)
        assert len(found.quotes)
        assert found.quotes["text"].str.fullmatch(r"Call \[phone\], no bins \d+").all()
        ids = found.quotes["quote_id"]
        assert ids.str.match(r"said-\d\d$").all()
        numbers = found.quotes["text"].str.extract(r"(\d+)$")[0].astype(int)
        assert (numbers < 30).all(), "a group of three was quoted"
    hidden = sg.themes(coded(frame, lines), by="role", quotes=True)
    shown = hidden.frame[~hidden.frame["suppressed"]]
    assert set(hidden.quotes["theme"]) <= set(shown["theme"])
    assert hidden.quotes["quote_id"].iloc[0] in hidden.table().to_markdown()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(["EFF", "MGT", "FUN", "SUP", "OTH"]), min_size=8, max_size=40), st.randoms())
def test_order_of_lines_moves_nothing_and_no_small_count_is_shown(codes, chance):
    frame = pd.DataFrame({"who": ["a"] * len(codes), "said": [f"w{k}" for k in range(len(codes))]})
    lines = [("A", k, 1, code, None, "1" if k % 3 else "-1") for k, code in enumerate(codes)]
    found = sg.themes(coded(frame, lines))
    mixed = list(lines)
    chance.shuffle(mixed)
    again = sg.themes(coded(frame, mixed))
    pd.testing.assert_frame_equal(found.frame, again.frame)
    shown = found.frame["n"].dropna()
    assert not shown.between(1, 4).any()
    assert not (len(codes) - shown).between(1, 4).any()
    assert not found.valence["n"].dropna().between(1, 4).any()
    true = pd.Series(codes).value_counts()
    for _, line in found.frame.dropna(subset=["n"]).iterrows():
        assert line["n"] == true.get(line["theme"], 0)


def test_second_level_codes_count_as_what_they_refine_or_by_themselves(tmp_path):
    (tmp_path / "coding.yaml").write_text(
        "dimensions:\n  aspect:\n    label: Aspect\n    codes:\n"
        "      EFF: {zh: 效果, en: Effect, codes: {river: River, road: Road}}\n      OTH: Other\n",
        encoding="utf-8",
    )
    codes = sg.CodingFrame.read(tmp_path / "coding.yaml")
    frame = pd.DataFrame({"said": [f"w{k}" for k in range(40)]})
    answers = sg.responses(frame, {})
    given = open_answers(answers, "said")
    names = ["river"] * 10 + ["road"] * 12 + ["EFF"] * 6 + ["OTH"] * 12
    lines = pd.DataFrame({"coder": "A", "row": given["row"], "item": "said", "idea": 1, "aspect": names})
    coding = coding_of(lines, given, answers, codes, ("A",))
    n = {level: sg.themes(coding, level=level).frame.set_index("theme")["n"].to_dict() for level in (1, 2)}
    assert n[1] == {"EFF": 28, "OTH": 12}
    assert n[2] == {"EFF": 6, "river": 10, "road": 12, "OTH": 12}


ASPECTS = {"effect": "EFF", "management": "MGT", "funding": "FUN", "supervision": "SUP", "": "OTH"}
CODE_OF = {words: ASPECTS[aspect] for aspect, lines in BY_ASPECT.items() for said in lines for words in said[:2]}


def test_simulated_answers_coded_in_the_sheet_recover_the_shares_of_what_was_said(tmp_path):
    instrument = sg.read_questionnaire(ROOT / "questionnaires")
    # A smallest cell of 1 shows every count.
    answers = sg.simulate(replace(instrument, smallest_cell=1), seed=4)
    items, path = ["H_open1", "E_open1"], tmp_path / "a.xlsx"
    sg.coding_sheet(answers, items, path, frame=FRAME, coder="A")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        row[head.index("aspect")].value = CODE_OF[row[head.index("text")].value]
    book.save(path)
    found = sg.themes(sg.read_coding({"A": path}, answers, FRAME), by="role").frame
    said = answers.frame.melt("role", items).dropna(subset=["value"])
    truth = pd.crosstab(said["role"], said["value"].map(CODE_OF), normalize="index")
    counts = pd.crosstab(said["role"], said["value"].map(CODE_OF))
    shown = found.dropna(subset=["share"])
    assert len(shown) == len(found) == 10
    for _, line in shown.iterrows():
        assert line["n"] == counts.loc[line["group"]].get(line["theme"], 0)
        assert line["share"] == pytest.approx(truth.loc[line["group"]].get(line["theme"], 0.0), abs=1e-12)
    assert "模拟数据" in " ".join(
        note.zh for note in sg.themes(sg.read_coding({"A": path}, answers, FRAME)).table().notes
    )


def test_codes_are_counted_among_the_rows_that_screening_kept(typed):
    kept = typed.answers.where(pd.Series(np.arange(60) % 2 == 0))
    found = sg.themes(typed.among(kept), by="role").frame.set_index(["group", "theme"])
    assert found.loc[("villager", "FUN"), ["n", "n_persons"]].tolist() == [9, 19]
    assert typed.among(kept).counts["n_given"].tolist() == [30, 30]
    with pytest.raises(sg.DataError, match="not rows of the answers"):
        typed.among(sg.responses(pd.DataFrame({"said": ["other"]}, index=[99]), {}))


def test_weights_declared_after_the_coding_weigh_the_shares(typed):
    frame = typed.answers.frame.assign(w=np.where(np.arange(60) < 18, 3.0, 1.0))
    weighted = sg.survey_design(replace(typed.answers, frame=frame), weights="w")
    found = sg.themes(typed.among(weighted)).frame.set_index("theme")
    assert found.loc["FUN", "share"] == pytest.approx((18 * 3 + 15) / (18 * 3 + 40), rel=1e-12)
    assert found.loc["FUN", "n"] == 33


def test_mistaken_names_are_answered_with_the_nearest(typed):
    with pytest.raises(sg.DataError, match="Did you mean 'aspect'"):
        sg.themes(typed, "aspects")
    with pytest.raises(sg.DataError, match="Coders are A, B"):
        sg.themes(typed, coder="C")


# A word in its context ------------------------------------------------------------------------------


def villages(words, n=12):
    return pd.DataFrame({"role": ["villager"] * n + ["post_holder"] * n, "said": words})


def test_answers_with_a_word_are_counted_by_group_and_small_counts_hidden():
    words = ["报酬总是拖"] * 6 + ["没有桶"] * 6 + ["报酬低"] * 2 + ["没有桶"] * 10
    frame = villages(words)
    found = sg.keyword_in_context(frame, "said", "报酬|工资", by="role").frame.set_index("group")
    assert found.loc["villager", ["n_answers", "n"]].tolist() == [12, 6]
    assert found.loc["villager", "share"] == 0.5
    low, high = proportion_confint(6, 12, method="wilson")
    assert found.loc["villager", ["conf_low", "conf_high"]].tolist() == pytest.approx([low, high], rel=1e-12)
    assert found.loc["post_holder", "suppressed"]
    assert found.loc["post_holder", ["n", "share", "conf_low", "conf_high"]].isna().all()


def test_lines_stand_only_where_asked_for_and_never_of_hidden_counts():
    words = ["今年的报酬总是拖，打13800138000"] * 6 + ["没有桶"] * 6 + ["报酬低"] * 2 + ["没有桶"] * 10
    frame = villages(words)
    silent = sg.keyword_in_context(frame, "said", "报酬", by="role")
    assert silent.lines.empty
    assert "总是拖" not in silent.table().to_markdown() + repr(silent)
    found = sg.keyword_in_context(frame, "said", "报酬", by="role", width=3, quotes=True)
    assert found.lines[["before", "keyword", "after"]].drop_duplicates().to_numpy().tolist() == [
        ["今年的", "报酬", "总是拖"]
    ]
    assert set(found.lines["group"]) == {"villager"}
    assert (
        "13800138000"
        not in sg.keyword_in_context(frame, "said", "报酬", width=40, quotes=True).lines_table().to_markdown()
    )


def test_windows_are_words_in_english_text():
    frame = pd.DataFrame({"said": ["we said that the uncleaned road by the river is bad"] * 6 + ["nothing"] * 6})
    found = sg.keyword_in_context(frame, "said", "CLEAN", width=2, quotes=True).lines.iloc[0]
    assert [found["before"], found["keyword"], found["after"]] == ["that the un", "clean", "ed road by"]


@pytest.mark.parametrize("pattern", ["(", "", "x*"])
def test_a_pattern_that_finds_nothing_or_everything_is_refused(pattern):
    with pytest.raises(sg.DataError):
        sg.keyword_in_context(pd.DataFrame({"said": ["a"] * 9}), "said", pattern)


def test_a_column_of_numbers_and_an_identifier_are_no_open_question():
    with pytest.raises(sg.DataError, match="no open question"):
        sg.keyword_in_context(pd.DataFrame({"x": [1, 2]}), "x", "a")
