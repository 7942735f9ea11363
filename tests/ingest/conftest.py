"""The small instrument, and files written from cells, as fixtures."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_files import as_csv, as_xlsx, small_instrument, sound_cells

from sgsurvey.errors import DataError
from sgsurvey.ingest.read import read_responses
from sgsurvey.questionnaire.model import Questionnaire


@pytest.fixture(scope="session")
def instrument() -> Questionnaire:
    return small_instrument()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text, bytes or cells to a file and give its path."""

    def written(content: object, name: str = "answers.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            content = content.encode(encoding)
        elif not isinstance(content, bytes):
            content = as_xlsx({"Sheet1": content}) if name.endswith("xlsx") else as_csv(content).encode(encoding)
        path.write_bytes(content)
        return path

    return written


@pytest.fixture
def cells() -> Callable[..., list[list[object]]]:
    return sound_cells


@pytest.fixture
def answers_or_clear_error(instrument: Questionnaire) -> Callable[[Path], None]:
    """Whatever the file: rows that add up, or an error with code, finding and remedy."""

    def checked(path: Path) -> None:
        error = None
        try:
            answers = read_responses(path, instrument)
        except DataError as caught:
            error = caught
        if error is not None:
            assert error.code.startswith("SG1")
            assert error.what
            assert error.remedy
            return
        step = answers.log.steps[0]
        assert step.n_in == step.n_out + sum(step.set_aside.values())
        assert step.n_out == len(answers)
        assert len(answers.log.quarantine) == sum(step.set_aside.values())

    return checked
