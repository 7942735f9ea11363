"""A tool's export that was cut, or of which a piece is missing or stands twice: rows that add up, or a clear error."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
