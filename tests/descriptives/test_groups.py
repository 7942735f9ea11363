import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sgsurvey as sg
from sgsurvey.descriptives.groups import split


@pytest.mark.parametrize("places", [["b", "a", None, "b", "a", "b"], [2, 1, None, 2, 1, 2], [3, 3, 3, 3, 3, 3]])
def test_a_group_has_its_rows_in_the_order_in_which_they_came(places):
    frame = pd.DataFrame({"x1": [1, 2, 3, 4, 5, 1], "x2": [2, 2, 3, 4, 4, 1], "place": places}, index=list("fedcba"))
    answers = sg.responses(frame, {"X": ["x1", "x2"]})
    groups = list(split(answers, "place"))
    assert [group.code for group in groups] == sorted({place for place in places if place is not None})
    for group in groups:
        assert_frame_equal(group.answers.frame, answers.where(place=group.code).frame)
