"""Files made to do harm are refused in time and without filling the memory."""

import pytest
from ingest.hostile import BOMBS, MOST_MEGABYTES, MOST_SECONDS, seen


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_is_refused_within_two_seconds_and_300_megabytes(name, tmp_path):
    found = seen(name, tmp_path)
    assert found.code.startswith("SG"), found
    # Seconds of the processor, not of the clock: other work on the machine does not count.
    assert found.seconds <= MOST_SECONDS, found
    assert found.megabytes <= MOST_MEGABYTES, found
