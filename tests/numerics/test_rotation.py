import numpy as np
import pytest
from public_matrices import matched, reference
from reference_values import assert_matches

from sgsurvey.numerics.rotation import (
    kaiser_weights,
    oblimin_criterion,
    oblique,
    orthogonal,
    promax,
    random_turns,
    varimax_criterion,
)

VALUES = reference()
ITERATIVE = "both iterative; ours stops at a projected gradient of 1e-7"
NAMES = ["harman74", "thurstone"]


@pytest.mark.parametrize("criterion", [varimax_criterion, oblimin_criterion])
def test_slopes_of_the_criteria_are_those_of_finite_differences(criterion):
    at = np.random.default_rng(2).normal(size=(6, 3))
    h = 1e-6
    numeric = np.empty_like(at)
    for place in np.ndindex(*at.shape):
        step = np.zeros_like(at)
        step[place] = h
        numeric[place] = (criterion(at + step)[0] - criterion(at - step)[0]) / (2 * h)
    np.testing.assert_allclose(criterion(at)[1], numeric, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_varimax_is_the_one_of_r(name):
    loadings = np.array(VALUES[name]["loadings"])
    weights = kaiser_weights(loadings)
    found = orthogonal(loadings / weights, varimax_criterion, np.eye(loadings.shape[1]))
    assert found.converged
    assert_matches(
        matched(found.loadings * weights, VALUES[name]["varimax"])[0],
        VALUES[name]["varimax"],
        atol=1e-6,
        statistic="Varimax with Kaiser normalisation",
        reference="R 4.2.2 varimax, eps = 1e-15",
        data=name,
        why=ITERATIVE,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kaiser", [True, False])
def test_oblimin_is_the_one_of_gparotation(name, kaiser):
    loadings = np.array(VALUES[name]["loadings"])
    weights = kaiser_weights(loadings) if kaiser else np.ones((len(loadings), 1))
    found = oblique(loadings / weights, oblimin_criterion, np.eye(loadings.shape[1]))
    theirs = VALUES[name]["oblimin_kaiser" if kaiser else "oblimin"]
    ours, order, signs = matched(found.loadings * weights, theirs["loadings"])
    common = {
        "atol": 1e-6,
        "reference": "R GPArotation 2022.10-2 oblimin, eps = 1e-9",
        "data": name,
        "why": ITERATIVE,
    }
    label = "with" if kaiser else "without"
    assert_matches(ours, theirs["loadings"], statistic=f"Oblimin loadings, {label} Kaiser normalisation", **common)
    phi = found.phi[np.ix_(order, order)] * np.outer(signs, signs)
    assert_matches(phi, theirs["phi"], statistic=f"Oblimin phi, {label} Kaiser normalisation", **common)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("variant", "reference_name"), [("plain", "stats::promax"), ("normalised", "psych::Promax")])
def test_both_promax_variants_are_those_of_r(name, variant, reference_name):
    loadings = np.array(VALUES[name]["loadings"])
    weights = kaiser_weights(loadings)
    varimax = orthogonal(loadings / weights, varimax_criterion, np.eye(loadings.shape[1])).loadings
    found = promax(varimax * weights, 4) if variant == "plain" else promax(varimax, 4)
    ours = found.loadings if variant == "plain" else found.loadings * weights
    theirs = VALUES[name][f"promax_{variant}"]
    assert_matches(
        matched(ours, theirs)[0],
        theirs,
        atol=1e-6,
        statistic=f"Promax, power 4, target on {variant} loadings",
        reference=f"R {reference_name}",
        data=name,
        why="closed form after an iterative varimax",
    )


@pytest.mark.parametrize("rotate", [orthogonal, oblique])
def test_rotation_keeps_the_common_part(rotate):
    loadings = np.array(VALUES["harman74"]["loadings"])
    criterion = varimax_criterion if rotate is orthogonal else oblimin_criterion
    found = rotate(loadings, criterion, np.eye(4))
    np.testing.assert_allclose(found.loadings @ found.phi @ found.loadings.T, loadings @ loadings.T, atol=1e-10)
    np.testing.assert_allclose(np.diag(found.phi), 1, atol=1e-12)


def test_random_turns_are_orthogonal_and_repeat_with_their_seed():
    turns = random_turns(4, 5, seed=8)
    for turn in turns:
        np.testing.assert_allclose(turn.T @ turn, np.eye(4), atol=1e-12)
    np.testing.assert_array_equal(turns, random_turns(4, 5, seed=8))


def test_starts_from_anywhere_end_at_the_same_varimax_of_a_clear_structure():
    loadings = np.array(VALUES["thurstone"]["loadings"])
    values = [orthogonal(loadings, varimax_criterion, start).value for start in random_turns(3, 6, seed=1)]
    np.testing.assert_allclose(values, values[0], rtol=1e-10)
