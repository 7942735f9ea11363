from dataclasses import FrozenInstanceError, fields

import pytest

from sgsurvey.errors import DataError
from sgsurvey.quality.cutoffs import LIMITS, Cutoffs
from sgsurvey.quality.rules import RULES


def test_every_cut_off_has_limits_and_a_rule_or_a_use():
    names = {field.name for field in fields(Cutoffs)}
    assert names == set(LIMITS)
    assert names - {rule.cutoff for rule in RULES} == {"pair_correlation", "least_pairs"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("longstring", 8),
        ("even_odd", -2),
        ("same_answers", 0.2),
        ("min_seconds_per_item", -1),
        ("synonyms", float("nan")),
    ],
)
def test_values_that_mean_nothing_are_refused_in_both_languages(name, value):
    with pytest.raises(DataError, match=name) as caught:
        Cutoffs(**{name: value})
    assert "分界值" in caught.value.say("zh")
    assert "Give a number" in caught.value.say("en")


def test_words_are_no_cut_offs_and_what_shapes_an_index_is_needed():
    with pytest.raises(DataError, match="longstring=half"):
        Cutoffs(longstring="half")
    with pytest.raises(DataError, match="least_pairs=None"):
        Cutoffs(least_pairs=None)


def test_cut_offs_are_read_by_name_and_fixed():
    found = Cutoffs.of({"longstring": 0.6, "mahalanobis": None})
    assert (found.longstring, found.mahalanobis, found.even_odd) == (0.6, None, 0.30)
    with pytest.raises(DataError, match="Did you mean 'longstring'"):
        Cutoffs.of({"longstrin": 0.6})
    with pytest.raises(FrozenInstanceError):
        found.longstring = 1
