import json

import numpy as np
import pytest
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.schmid_leiman import schmid_leiman

REFERENCE = json.loads((VALUES / "factors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["thurstone", "harman74", "two"])
def test_general_and_group_loadings_are_those_of_psych(name):
    theirs = REFERENCE[name]["schmid"]
    found = schmid_leiman(np.array(theirs["pattern"]), np.array(theirs["phi"]))
    at = {
        "reference": "R psych 2.2.9 schmid(fm = 'minres'), its pattern and phi given",
        "data": {"two": "Thurstone, variables 1-6, two factors"}.get(name, name),
        "atol": 2e-5,
        "why": "psych's second-order minres stops early",
    }
    assert_matches(found.second_order, theirs["gloading"], statistic="Schmid-Leiman, second-order loadings", **at)
    assert_matches(found.general, theirs["general"], statistic="Schmid-Leiman, general factor", **at)
    assert_matches(found.group, theirs["group"], statistic="Schmid-Leiman, group factors", **at)
    assert found.proper


def test_communalities_are_kept_where_one_factor_reproduces_phi():
    rng = np.random.default_rng(4)
    second = np.array([0.8, 0.6, 0.7, 0.5])
    phi = np.outer(second, second)
    np.fill_diagonal(phi, 1)
    pattern = rng.uniform(-0.2, 0.8, (12, 4))
    found = schmid_leiman(pattern, phi)
    np.testing.assert_allclose(found.second_order, second, atol=1e-8)
    made = np.column_stack([found.general, found.group])
    np.testing.assert_allclose(made @ made.T, pattern @ phi @ pattern.T, atol=1e-7)


def test_two_factors_share_their_correlation_and_keep_its_sign():
    pattern = np.array([[0.7, 0.0], [0.6, 0.1], [0.0, 0.8], [0.1, 0.5]])
    for r in (0.36, -0.36):
        found = schmid_leiman(pattern, np.array([[1, r], [r, 1]]))
        np.testing.assert_allclose(found.second_order, [0.6, np.sign(r) * 0.6])
        made = np.column_stack([found.general, found.group])
        np.testing.assert_allclose(made @ made.T, pattern @ np.array([[1, r], [r, 1]]) @ pattern.T, atol=1e-12)


def test_one_factor_is_the_general_one():
    found = schmid_leiman(np.array([[0.5], [0.7]]), np.eye(1))
    np.testing.assert_array_equal(found.general, [0.5, 0.7])
    assert not found.group.any()


def test_a_factor_that_is_all_general_is_no_proper_solution():
    phi = np.array([[1, 0.9, 0.9], [0.9, 1, 0.6], [0.9, 0.6, 1]])
    assert not schmid_leiman(np.eye(3), phi).proper
