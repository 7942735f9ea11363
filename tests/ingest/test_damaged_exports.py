"""A tool's export that was cut, or of which a piece is missing or stands twice: rows that add up, or a clear error."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_files import sound_cells

import sgsurvey as sg

FIXTURES = Path(__file__).parent / "fixtures"
EXPORTS = {
    "kobo": "kobo/xml_groups_hxl.csv",
    "odk": "odk/small.zip",
    "limesurvey": "limesurvey/vvexport_123.csv",
    "google": "google/form.csv",
    "qualtrics": "qualtrics/choice_text_99.csv",
    "wjx": "wjx/by_text_gbk.csv",
}
TYPED = {"spss": ".sav", "stata": ".dta", "parquet": ".parquet"}


def adds_up_or_says_why(path: Path, instrument, source: str) -> str:
    """``"read"`` or the code of the error; fails where neither is clear."""
    refused = None
    # A download of 问卷星 is of one form, whose role only the reader knows.
    role = "villager" if source == "wjx" else None
    try:
        answers = sg.read_responses(path, instrument, source=source, role=role)
    except sg.DataError as error:
        refused = error
    if refused is not None:
        assert refused.code.startswith("SG1")
        assert refused.what.zh != refused.what.en
        assert refused.remedy
        return refused.code
    step = answers.log.steps[0]
    assert step.n_in == step.n_out + sum(step.set_aside.values())
    assert (step.n_out, step.n_in - step.n_out) == (len(answers), len(answers.log.quarantine))
    return "read"


def typed_file(source: str, folder: Path) -> bytes:
    """The small instrument's answers as a statistics program keeps them."""
    header, *rows = sound_cells()
    frame = pd.DataFrame(rows, columns=header).replace("", np.nan)
    frame = frame.astype(dict.fromkeys(header[2:], "float64"))
    path = folder / f"sound{TYPED[source]}"
    write = {
        "spss": pyreadstat.write_sav,
        "stata": lambda table, to: pyreadstat.write_dta(table, to, version=15),
        "parquet": lambda table, to: table.to_parquet(to),
    }
    write[source](frame, path)
    return path.read_bytes()


@pytest.mark.parametrize("source", TYPED)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_of_a_statistics_program_is_read_or_refused_clearly(source, data, instrument, tmp_path):
    content = typed_file(source, tmp_path)
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 200, len(content))))
    piece = data.draw(st.sampled_from([b"", content[start:end] * 2, b"\x00", b"\xff" * 8, b"-99", "，".encode()]))
    path = tmp_path / f"damaged{TYPED[source]}"
    path.write_bytes(content[:start] + piece + content[end:])
    adds_up_or_says_why(path, instrument, source)


@pytest.mark.parametrize("source", TYPED)
def test_the_sound_file_of_a_statistics_program_is_read(source, instrument, tmp_path):
    path = tmp_path / f"sound{TYPED[source]}"
    path.write_bytes(typed_file(source, tmp_path))
    assert adds_up_or_says_why(path, instrument, source) == "read"


@pytest.mark.parametrize("source", EXPORTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused_clearly(source, data, instrument, tmp_path):
    content = (FIXTURES / EXPORTS[source]).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 200, len(content))))
    piece = data.draw(st.sampled_from([b"", content[start:end] * 2, b'"', b"\n", b"\t", b"-99", "，".encode()]))
    path = tmp_path / Path(EXPORTS[source]).name
    path.write_bytes(content[:start] + piece + content[end:])
    adds_up_or_says_why(path, instrument, source)


@pytest.mark.parametrize("source", EXPORTS)
@pytest.mark.parametrize("other", EXPORTS)
def test_an_export_of_another_tool_is_read_or_refused_clearly(source, other, instrument):
    found = adds_up_or_says_why(FIXTURES / EXPORTS[other], instrument, source)
    assert found == "read" or source != other
