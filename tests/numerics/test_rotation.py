import numpy as np
import pytest
from public_matrices import matched, reference
from reference_values import assert_matches

from sgsurvey.numerics import rotation_criteria as criteria
from sgsurvey.numerics.rotation import kaiser_weights, oblique, orthogonal, powered, promax, random_turns

VALUES = reference()
ITERATIVE = "both iterative; ours stops at a projected gradient of 1e-7"
NAMES = ["harman74", "thurstone"]


WANTED = np.random.default_rng(6).normal(size=(6, 3))
CRITERIA = {
    "varimax": criteria.varimax,
    "quartimin": criteria.oblimin(),
    "oblimin": criteria.oblimin(-0.7),
    "crawford_ferguson": criteria.crawford_ferguson(0.3),
    "geomin": criteria.geomin(0.02),
    "target": criteria.target(WANTED, (WANTED > 0).astype(float)),
    "bifactor": criteria.bifactor(criteria.oblimin()),
    "simplimax": criteria.simplimax(9),
    "bentler": criteria.bentler,
}


@pytest.mark.parametrize("name", CRITERIA)
def test_slopes_of_the_criteria_are_those_of_finite_differences(name):
    criterion, at = CRITERIA[name], np.random.default_rng(2).normal(size=(6, 3))
    h = 1e-6
    numeric = np.empty_like(at)
    for place in np.ndindex(*at.shape):
        step = np.zeros_like(at)
        step[place] = h
        numeric[place] = (criterion(at + step)[0] - criterion(at - step)[0]) / (2 * h)
    np.testing.assert_allclose(criterion(at)[1], numeric, atol=1e-7)


@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_take_many_patterns_at_once_and_complex_steps(name):
    criterion, many = CRITERIA[name], np.random.default_rng(3).normal(size=(4, 6, 3))
    value, slope = criterion(many)
    assert value.shape == (4,)
    for at in range(4):
        np.testing.assert_allclose(criterion(many[at])[0], value[at], rtol=1e-12)
        np.testing.assert_allclose(criterion(many[at])[1], slope[at], rtol=1e-12, atol=1e-14)
    step = np.zeros((6, 3), dtype=complex)
    step[2, 1] = 1e-30j
    np.testing.assert_allclose(criterion(many[0] + step)[0].imag / 1e-30, slope[0, 2, 1], rtol=1e-10)


def test_members_of_the_crawford_ferguson_family_are_what_they_are_called():
    at = np.linalg.qr(np.random.default_rng(4).normal(size=(8, 3)))[0] @ np.diag([2.0, 1.5, 1.0])
    turns = random_turns(3, 5, seed=2)
    for kappa, other, factor in [(1 / 8, criteria.varimax, 1.0), (0.0, criteria.oblimin(), 1.0)]:
        apart = criteria.crawford_ferguson(kappa)(at @ turns)[0] - factor * other(at @ turns)[0]
        np.testing.assert_allclose(apart, apart[0], atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_varimax_is_the_one_of_r(name):
    loadings = np.array(VALUES[name]["loadings"])
    weights = kaiser_weights(loadings)
    found = orthogonal(loadings / weights, criteria.varimax, np.eye(loadings.shape[1])[None]).best()
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
    found = oblique(loadings / weights, criteria.oblimin(), np.eye(loadings.shape[1])[None]).best()
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
    varimax = orthogonal(loadings / weights, criteria.varimax, np.eye(loadings.shape[1])[None]).best().loadings
    fitted = varimax * weights if variant == "plain" else varimax
    ours, phi = promax(fitted, powered(fitted, 4))
    ours = ours if variant == "plain" else ours * weights
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
    np.testing.assert_allclose(ours @ phi @ ours.T, loadings @ loadings.T, atol=1e-10)


@pytest.mark.parametrize("rotate", [orthogonal, oblique])
def test_rotation_keeps_the_common_part(rotate):
    loadings = np.array(VALUES["harman74"]["loadings"])
    found = rotate(loadings, criteria.varimax if rotate is orthogonal else criteria.oblimin(), np.eye(4)[None]).best()
    np.testing.assert_allclose(found.loadings @ found.phi @ found.loadings.T, loadings @ loadings.T, atol=1e-10)
    np.testing.assert_allclose(np.diag(found.phi), 1, atol=1e-12)


def test_random_turns_are_orthogonal_and_repeat_with_their_seed():
    turns = random_turns(4, 5, seed=8)
    for turn in turns:
        np.testing.assert_allclose(turn.T @ turn, np.eye(4), atol=1e-12)
    np.testing.assert_array_equal(turns, random_turns(4, 5, seed=8))


def test_starts_from_anywhere_end_at_the_same_varimax_of_a_clear_structure():
    loadings = np.array(VALUES["thurstone"]["loadings"])
    ends = orthogonal(loadings, criteria.varimax, random_turns(3, 6, seed=1))
    assert ends.converged.all()
    np.testing.assert_allclose(ends.value, ends.value[0], rtol=1e-10)


def test_searches_side_by_side_end_where_each_ends_alone():
    rng = np.random.default_rng(7)
    many = np.array(VALUES["thurstone"]["loadings"]) + 0.05 * rng.normal(size=(5, 9, 3))
    together = oblique(many, criteria.oblimin(), np.tile(np.eye(3), (5, 1, 1)))
    for at in range(5):
        alone = oblique(many[at], criteria.oblimin(), np.eye(3)[None])
        np.testing.assert_allclose(together.loadings[at], alone.loadings[0], atol=1e-6)


@pytest.mark.parametrize("name", [n for n in CRITERIA if n not in ("simplimax", "varimax")])
def test_a_search_alone_ends_where_no_direction_is_left(name):
    loadings = np.array(VALUES["thurstone"]["loadings"])
    wanted = np.abs(loadings) > 0.5
    criterion = criteria.target(np.zeros((9, 3)), (~wanted).astype(float)) if name == "target" else CRITERIA[name]
    found = oblique(loadings, criterion, np.eye(3)[None])
    inner = found.loadings[0].T @ criterion(found.loadings[0])[1] @ np.linalg.inv(found.phi[0])
    assert found.converged.all()
    np.testing.assert_allclose(inner[~np.eye(3, dtype=bool)], 0, atol=1e-8)
