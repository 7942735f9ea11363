"""Damaged exports, and cells that an independent reading of the rules foresees."""

import csv
import io
import random
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest.fuzz import COUNTY, exports, meaning, outcome
from ingest.silence import changed

from sgsurvey.ingest.read import read_responses

CASES = 3


@pytest.mark.parametrize("name", sorted(exports()))
def test_a_damaged_export_is_read_with_nothing_changed_in_silence_or_refused_in_words(name, tmp_path):
    chance = random.Random(f"{name} 20261125")
    for case in range(CASES):
        folder = tmp_path / str(case)
        folder.mkdir()
        ended = outcome(name, chance, folder)
        assert ended.word == "read" or ended.word.startswith("SG1")
        assert ended.silent == ()


@pytest.mark.parametrize("name", sorted(exports()))
def test_the_independent_reading_knows_every_sound_export(name, tmp_path):
    first, files, how = exports()[name]
    for file, content in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(content)
    answers = read_responses(tmp_path / first, COUNTY, **how)
    silent, compared = changed(meaning(name), files, answers)
    assert silent == []
    assert compared > 1000


def test_a_cell_that_changed_in_silence_would_be_seen(tmp_path):
    first, files, how = exports()["csv: labels"]
    (tmp_path / first).write_bytes(files[0][1])
    answers = read_responses(tmp_path / first, COUNTY, **how)
    for column in ("FUN1", "CAU_5", "t_end"):
        frame = answers.frame.copy()
        row = frame[column].first_valid_index()
        frame.loc[row, column] = "2026-01-01T00:00:00" if column == "t_end" else frame.loc[row, column] % 2 + 1
        silent, _ = changed(meaning("csv: labels"), files, replace(answers, frame=frame))
        assert len(silent) == 1
        assert column.partition("_")[0] in silent[0]


CODES = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "9": 9}
WORDS = {"同意": 4, "Agree": 4, "非常不同意": 1, "不清楚": 9, "Strongly agree": 5}
NOTHING = {"", " ", "NA", "无", "/", "(空)"}
TEXTS = st.sampled_from(
    [*CODES, *WORDS, *NOTHING, "6", "0", "99", "四", "4分", "=1+1", "4,5", "1.5", "x", "-9"]
) | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6)


def foreseen(text: str) -> float | None:
    """What the rules make of a plain cell: a code, a label, or nothing; written apart from the reader."""
    if text in CODES:
        return CODES[text]
    return WORDS.get(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(TEXTS, min_size=40, max_size=40))
def test_no_cell_changes_silently(cells, write, instrument):
    """Every cell is its code, or is missing and told: as empty, as no answer, or as set aside."""
    sound = ["3"] * 40 * 20
    column = cells + sound
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["resp_id", "role", "TR1", "TR2", "TR3R", "EF2"])
    writer.writerows([f"r{k}", "cadre", text, "3", "3", "3"] for k, text in enumerate(column))
    answers = read_responses(write(out.getvalue()), instrument)
    told = set(answers.log.invalid["value"])
    mended = set(answers.log.events.loc[answers.log.events["action"] == "fix", "code"])
    for text, value in zip(column, answers.frame["TR1"], strict=True):
        expected = foreseen(text)
        if expected is not None:
            assert value == expected, text
        elif pd.isna(value):
            assert text in told or text.strip() in NOTHING or mended & {"SG125", "SG127"}, repr(text)
        else:
            # Another way to write a code: full-width, with spaces, in quotes.  It is counted as put right.
            assert mended & {"SG123", "SG124", "SG127"}, (text, value)
