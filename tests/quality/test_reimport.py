"""Two readings of a survey, respondent by respondent."""

import pandas as pd
import pytest

from sgsurvey.errors import DataError
from sgsurvey.quality.reimport import compare_imports


@pytest.fixture
def before():
    return pd.DataFrame({"resp_id": ["a", "b", "c"], "q": [1, 2, None], "r": ["x", "y", "z"]})


def test_a_reading_beside_itself_is_unchanged(before):
    found = compare_imports(before, before)
    assert found.frame["n"].tolist() == [3, 0, 0, 0]
    assert (found.new, found.changed, found.vanished) == ((), (), ())
    assert len(found.cells) == 0


def test_new_changed_and_vanished_respondents_are_named_with_their_cells(before):
    after = pd.DataFrame({"resp_id": ["d", "b", "a"], "q": [5, 2, 4], "r": ["w", "y", "x"]})
    found = compare_imports(before, after)
    assert dict(zip(found.frame["state"], found.frame["n"], strict=True)) == {
        "unchanged": 1, "changed": 1, "new": 1, "vanished": 1,
    }  # fmt: skip
    assert (found.new, found.changed, found.vanished) == (("d",), ("a",), ("c",))
    assert found.cells.to_numpy().tolist() == [["a", "q", 1.0, 4]]


def test_exchanging_the_two_exchanges_new_and_vanished(before):
    after = before.iloc[1:].assign(q=[2, 7])
    one, other = compare_imports(before, after), compare_imports(after, before)
    assert (one.new, one.vanished) == (other.vanished, other.new)
    assert one.changed == other.changed == ("c",)


def test_a_column_that_is_new_counts_as_empty_before(before):
    found = compare_imports(before, before.assign(s=[1, None, None]))
    assert found.changed == ("a",)


def test_nobody_in_common_is_no_fault(before):
    after = before.assign(resp_id=["x", "y", "z"])
    assert compare_imports(before, after).frame["n"].tolist() == [0, 0, 3, 3]


def test_keys_that_are_missing_or_come_twice_are_refused(before):
    with pytest.raises(DataError, match="no column number"):
        compare_imports(before, before, key="number")
    with pytest.raises(DataError, match="come twice"):
        compare_imports(before, before.assign(resp_id="a"))


def test_the_table_speaks_both_languages(before):
    found = compare_imports(before, before)
    assert "Vanished" in found.table(language="en").to_markdown()
    assert "已消失" in found.table(language="zh").to_markdown()
