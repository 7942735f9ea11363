"""What a tool's export holds comes back as it was given: one matrix of sources, variants and groups."""

from importlib import import_module

import pytest
from layouts.matrix import MISSING, ROLES, county, differences, rows, there_and_back

from sgsurvey.ingest.sources import SOURCES

MATRIX = [
    pytest.param(
        source,
        variant,
        role,
        id=f"{source}-{variant}-{role}",
        marks=[pytest.mark.xfail(reason=MISSING[source, variant], strict=True)] if (source, variant) in MISSING else [],
    )
    for source, variant in rows()
    for role in ROLES
]


def test_the_matrix_holds_every_source_and_every_group():
    assert {source for source, _ in rows()} == set(SOURCES)
    assert set(county().frame["role"]) == set(ROLES)
    assert all(import_module(f"layouts.{source}").VARIANTS for source in SOURCES)
    assert set(MISSING) <= set(rows())


@pytest.mark.parametrize(("source", "variant", "role"), MATRIX)
def test_every_cell_comes_back_as_it_was_given(source, variant, role, tmp_path):
    given, back = there_and_back(source, variant, role, tmp_path)
    assert differences(given, back) == []


def test_a_difference_would_be_seen(tmp_path):
    given, back = there_and_back("csv", "codes", "villager", tmp_path)
    back.frame.loc[0, "TRU1"] = 6 - int(given.frame["TRU1"].dropna().iloc[0])
    assert len(differences(given, back)) == 1
