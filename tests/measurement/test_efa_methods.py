"""Rotations, extractions, presets and what follows from a solution, beside R."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import answers_with, attitude, bfi, harman74, matched, thurstone
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.measurement.loading_errors import errors_of, loading_slopes
from sgsurvey.measurement.rotations import KINDS, rotate
from sgsurvey.numerics.extraction import minres
from sgsurvey.numerics.linalg import smoothed
from sgsurvey.numerics.rotation import orthogonal, random_turns
from sgsurvey.numerics.rotation_criteria import bifactor, oblimin
from sgsurvey.numerics.weighted_extraction import weighted_least_squares

R = json.loads((VALUES / "factors.json").read_text(encoding="utf-8"))
ORDINAL = json.loads((VALUES / "factors_ordinal.json").read_text(encoding="utf-8"))
SETS = {"thurstone": (thurstone, 213, 3), "harman74": (harman74, 145, 4)}
GROUPS = {"thurstone": [range(3), range(3, 6), range(6, 9)]}
GROUPS["harman74"] = [range(4), range(4, 9), range(9, 13), range(13, 19)]


def towards(name: str, own: float) -> pd.DataFrame:
    """Groups of items to their factors; the last five of Harman's belong to none."""
    matrix, _, k = SETS[name]
    names = list(matrix())
    wanted = pd.DataFrame(0.0, names, [f"F{i + 1}" for i in range(k)])
    for factor, group in enumerate(GROUPS[name]):
        wanted.iloc[list(group), factor] = own
    loose = [i for i in range(len(names)) if not any(i in group for group in GROUPS[name])]
    wanted.iloc[loose] = np.nan if np.isnan(own) else 0.3
    return wanted


def plans(name: str) -> dict[str, sg.Rotation]:
    plain = sg.Rotation(kaiser=False, starts=30)
    free, whole = towards(name, np.nan), towards(name, 0.7)
    made = {n: replace(plain, name=n) for n in ("quartimax", "equamax", "parsimax", "quartimin", "bentler", "bifactor")}
    return made | {
        "crawford_ferguson": replace(plain, name="crawford_ferguson", kappa=0.1),
        "oblimin_less": replace(plain, name="oblimin", gamma=-0.5),
        "geomin": replace(plain, name="geomin"),
        "geomin_orthogonal": replace(plain, name="geomin", oblique=False),
        "bentler_orthogonal": replace(plain, name="bentler", oblique=False),
        "bifactor_oblique": replace(plain, name="bifactor", oblique=True),
        "target": replace(plain, name="target", target=free),
        "target_orthogonal": replace(plain, name="target", target=free, oblique=False),
        "target_whole": replace(plain, name="target", target=whole),
    }


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("key", R["thurstone"]["rotations"])
def test_every_rotation_is_the_one_of_gparotation_or_lies_lower(name, key):
    matrix, _, k = SETS[name]
    theirs = R[name]["rotations"][key]
    plan, names = plans(name)[key], list(matrix())
    unrotated = np.array(R[name]["unrotated"])
    found = rotate(unrotated, plan, 5, names)
    criterion = plan.criterion(names, k)
    wanted = np.array(theirs["loadings"])
    lower = criterion(wanted)[0] - criterion(found.loadings)[0]
    assert lower > -1e-7
    np.testing.assert_allclose(found.loadings @ found.phi @ found.loadings.T, unrotated @ unrotated.T, atol=1e-9)
    if lower > 1e-6:
        # GPArotation's sixteen starts ended at a local optimum.
        assert found.optima > 1
        return
    loadings, order, signs = matched(found.loadings, wanted)
    phi = found.phi[np.ix_(order, order)] * np.outer(signs, signs)
    at = {
        "reference": "R GPArotation 2022.10-2, best of 16 starts",
        "data": name,
        "atol": 2e-5,
        "why": "both iterative; a flat criterion leaves digits open at their gradient of 1e-9 or 3,000 steps",
    }
    assert_matches(loadings, wanted, statistic=f"Rotation {key}: loadings", **at)
    assert_matches(phi, theirs["phi"], statistic=f"Rotation {key}: phi", **at)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("variant", ["psych", "stats", "spss"])
def test_promax_has_three_variants_with_their_factor_correlations(name, variant):
    theirs = R[name]["promax"][variant]
    found = rotate(np.array(R[name]["unrotated"]), sg.Rotation("promax", promax=variant), None)
    loadings, order, signs = matched(found.loadings, theirs["loadings"])
    phi = found.phi[np.ix_(order, order)] * np.outer(signs, signs)
    program = {"psych": "R psych 2.2.9 kaiser, Promax", "stats": "R stats::promax", "spss": "IBM's formula in R"}
    at = {"reference": program[variant], "data": name, "atol": 2e-4 if variant == "psych" else 1e-6}
    why = "psych's varimax stops at 1e-5" if variant == "psych" else "closed form after varimax"
    assert_matches(loadings, theirs["loadings"], statistic=f"Promax of {variant}: loadings", why=why, **at)
    assert_matches(phi, theirs["phi"], statistic=f"Promax of {variant}: phi", why=why, **at)


@pytest.mark.parametrize("name", SETS)
def test_components_are_those_of_psych_principal_and_no_factors(name):
    matrix, n, k = SETS[name]
    data, names, theirs = sg.CorrelationMatrix(matrix(), n), list(matrix()), R[name]["principal"]
    plain = sg.efa(data, names, factors=k, method="components", rotation="none")
    found = sg.efa(data, names, factors=k, method="spss")
    at = {"reference": "R psych 2.2.9 principal", "data": name}
    wanted = theirs["unrotated"]
    closed = {"atol": 1e-9, "why": "closed form"}
    assert_matches(matched(plain.loadings, wanted)[0], wanted, statistic="Components: loadings", **closed, **at)
    loose = {"atol": 1e-3, "why": "psych's varimax stops at 1e-5"}
    loadings, order, signs = matched(found.loadings, theirs["varimax"])
    assert_matches(loadings, theirs["varimax"], statistic="Principal components, varimax", **loose, **at)
    weights = found.score_weights().to_numpy()[:, order] * signs
    assert_matches(weights, theirs["weights"], statistic="Principal components: score weights", **loose, **at)
    assert_matches(plain.fit["rmsr"], theirs["rms"], statistic="Components: RMSR", rtol=1e-8, why="closed form", **at)
    assert found.fit.drop("rmsr").isna().all()
    words = found.table().notes[0].en
    assert "no common factors" in words
    assert "conventions of SPSS" in words
    assert "no tests of fit" in str(found.fit_table())
    assert (found.communality > sg.efa(data, names, factors=k).communality).mean() > 0.7
    with pytest.raises(sg.EstimationError, match="scores of one kind"):
        found.score_weights("bartlett")


@pytest.mark.parametrize("name", SETS)
def test_corrected_rmsr_and_anderson_scores_are_those_of_psych(name):
    matrix, n, k = SETS[name]
    theirs = R[name]["fa"]
    found = sg.efa(sg.CorrelationMatrix(matrix(), n), list(matrix()), factors=k, method="psych")
    _, order, signs = matched(found.loadings, theirs["pattern"])
    at = {"reference": "R psych 2.2.9 fa", "data": name, "why": "psych stops minres and oblimin early"}
    assert_matches(found.fit["crmsr"], theirs["crms"], statistic="EFA corrected RMSR", rtol=1e-4, **at)
    if not np.isnan(np.array(theirs["anderson"], dtype=float)).any():
        ours = found.score_weights("anderson").to_numpy()[:, order] * signs
        assert_matches(ours, theirs["anderson"], statistic="factor score weights, Anderson", atol=5e-4, **at)


def test_smoothing_is_the_one_of_psych():
    matrix = np.array(R["smooth"]["matrix"])
    assert_matches(
        smoothed(matrix),
        R["smooth"]["smoothed"],
        statistic="smoothed correlations",
        reference="R psych 2.2.9 cor.smooth",
        data="three pairs that contradict each other",
        atol=1e-9,
        why="closed form",
    )


# Weighted least squares ------------------------------------------------------------------------------------------


def test_dwls_of_polychorics_is_the_one_of_lavaan():
    frame = bfi().iloc[:, :10].dropna()
    plan = sg.Rotation("quartimin", kaiser=False)
    found = sg.efa(frame, list(frame), factors=2, method="dwls", correlation="polychoric", rotation=plan)
    loadings, order, _ = matched(found.loadings, ORDINAL["loadings"])
    at = {"data": "bfi, 10 items, 2,632 complete rows", "reference": "R lavaan 0.6-14 efa, ordered, DWLS / WLSMV"}
    iterative = {"atol": 2e-5, "why": "both iterative"}
    assert_matches(loadings, ORDINAL["loadings"], statistic="EFA DWLS of polychorics: loadings", **iterative, **at)
    phi = abs(found.phi.iloc[0, 1])
    assert_matches(phi, abs(ORDINAL["phi"]), statistic="EFA DWLS of polychorics: phi", **iterative, **at)
    slopes = loading_slopes(found, model_holds=True)
    error = np.sqrt(np.diag(slopes @ errors_of(found, "sandwich").covariance @ slopes.T))
    numeric = {"atol": 2e-3, "why": "lavaan's Jacobian of the rotation is numeric"}
    ours = error[:20].reshape(10, 2)[:, order]
    assert_matches(ours, ORDINAL["std_error"], statistic="SE of loadings, DWLS of polychorics", **numeric, **at)
    assert_matches(error[20], ORDINAL["phi_error"], statistic="SE of phi, DWLS of polychorics", **numeric, **at)


def test_even_weights_give_minres():
    corr = harman74().to_numpy()
    even, plain = weighted_least_squares(corr, np.full_like(corr, 3.0), 4), minres(corr, 4)
    assert even.converged
    np.testing.assert_allclose(even.loadings @ even.loadings.T, plain.loadings @ plain.loadings.T, atol=1e-6)


def test_weights_end_where_their_residuals_do_not_pull():
    corr = thurstone().to_numpy()
    weights = np.random.default_rng(3).uniform(0.5, 4, corr.shape)
    weights = weights + weights.T
    found = weighted_least_squares(corr, weights, 3)
    residual = weights * (corr - found.loadings @ found.loadings.T)
    np.fill_diagonal(residual, 0)
    np.testing.assert_allclose(residual @ found.loadings, 0, atol=1e-7)
    cross = found.loadings.T @ found.loadings
    np.testing.assert_allclose(cross - np.diag(np.diag(cross)), 0, atol=1e-9)


def test_weights_too_stop_at_the_smallest_uniqueness():
    corr = np.array([[1, 0.9, 0.8], [0.9, 1, 0.4], [0.8, 0.4, 1]])
    found = weighted_least_squares(corr, np.ones((3, 3)), 1)
    assert found.converged
    assert found.heywood.tolist() == [True, False, False]
    first, second, third = np.abs(found.loadings[:, 0])
    assert first**2 == pytest.approx(0.995)
    # The others are where they fit best given the first.
    assert second == pytest.approx((0.9 * first + 0.4 * third) / (first**2 + third**2), abs=1e-7)
    assert third == pytest.approx((0.8 * first + 0.4 * second) / (first**2 + second**2), abs=1e-7)


# Starts and optima ------------------------------------------------------------------------------------------------


def test_random_starts_find_what_one_start_misses_and_say_how_many():
    matrix, names = sg.CorrelationMatrix(harman74(), 145), list(harman74())
    one = sg.efa(matrix, names, factors=5, rotation=sg.Rotation("bifactor", kaiser=False))
    many = sg.efa(matrix, names, factors=5, rotation=sg.Rotation("bifactor", kaiser=False), seed=4)
    criterion = bifactor(oblimin())
    assert criterion(many.loadings.to_numpy())[0] <= criterion(one.loadings.to_numpy())[0] + 1e-9
    assert any("one start" in note.en for note in one.table().notes)
    assert any(f"among 30 starts of the rotation: {many.optima}" in note.en for note in many.table().notes)
    general = many.loadings["F1"]
    assert (general**2).sum() > (many.loadings.drop(columns="F1") ** 2).sum().max()


def test_optima_are_counted_and_the_lowest_is_taken():
    loadings = np.random.default_rng(2).normal(size=(12, 4)) / 3
    plan = sg.Rotation("geomin", kaiser=False, oblique=False)
    found = rotate(loadings, plan, 9)
    criterion = plan.criterion([""] * 12, 4)
    ends = orthogonal(loadings, criterion, np.concatenate([np.eye(4)[None], random_turns(4, 29, 9)]))
    values = np.sort(ends.value)
    assert found.optima == 1 + (np.diff(values) > 1e-6).sum() > 1
    assert criterion(found.loadings)[0] == pytest.approx(values[0], abs=1e-10)
    assert found.agreed == (values < values[0] + 1e-6).sum()


def test_a_target_keeps_its_factors_in_their_places():
    names = list(thurstone())
    wanted = {"c": names[6:], "a": names[:3], "b": names[3:6]}
    found = sg.efa(
        sg.CorrelationMatrix(thurstone(), 213), names, factors=3, rotation=sg.Rotation("target", target=wanted)
    )
    own = found.loadings.abs().to_numpy().argmax(axis=1)
    assert own.tolist() == [1, 1, 1, 2, 2, 2, 0, 0, 0]


def refusals():
    matrix, names = sg.CorrelationMatrix(thurstone(), 213), list(thurstone())

    def turned(**plan):
        return lambda: sg.efa(matrix, names, factors=plan.pop("k", 3), rotation=sg.Rotation(**plan))

    yield "varimax is orthogonal alone", turned(name="varimax", oblique=True)
    yield "needs a target", turned(name="target")
    yield "target does not fit", turned(name="target", target={"a": names[:3]})
    yield r"target does not fit .*\(zzz\)", turned(name="target", target={"a": ["zzz"], "b": [], "c": []})
    yield "general and two group factors", turned(name="bifactor", k=2)
    yield "out of range", turned(name="geomin", epsilon=0)
    yield "no promax 'sas'", turned(name="promax", promax="sas")
    yield "needs a start", turned(name="geomin", starts=0)
    yield "no preset 'sas'", lambda: sg.Extraction("paf", "sas")
    yield "no method 'pca'", lambda: sg.Extraction("pca")


@pytest.mark.parametrize(("words", "work"), list(refusals()))
def test_what_a_rotation_or_a_preset_cannot_do_is_said(words, work):
    with pytest.raises(sg.EstimationError, match=words):
        work()


# Presets, groups, hierarchy ----------------------------------------------------------------------------------------


def test_presets_settle_what_their_programs_settle():
    data, names = sg.CorrelationMatrix(harman74(), 145), list(harman74())
    spss = sg.efa(data, names, factors="eigenvalue", method="spss")
    assert spss.factors == int((np.linalg.eigvalsh(harman74()) > 1).sum()) == 5
    assert (spss.rotation, spss.plan.kaiser, spss.components) == ("varimax", True, True)
    assert any("too many" in note.en for note in spss.table().notes)
    turned = sg.efa(data, names, factors=4, method=sg.Extraction("ml", "spss"), rotation="promax")
    assert "as SPSS" in turned.how.en
    psych = sg.efa(data, names, factors=4, method="psych")
    assert (psych.rotation, psych.plan.kaiser, psych.extraction.method) == ("oblimin", False, "minres")
    assert sg.efa(data, names, factors=4, method="psych", rotation="promax").plan.kaiser
    assert "R psych::fa" in psych.how.en


def test_principal_axis_of_spss_stops_where_spss_stops():
    data, names = sg.CorrelationMatrix(thurstone(), 213), list(thurstone())
    early = sg.efa(data, names, factors=3, method=sg.Extraction("paf", "spss"), rotation="none")
    whole = sg.efa(data, names, factors=3, method="paf", rotation="none")
    apart = np.abs(early.communality - whole.communality).max()
    assert 1e-6 < apart < 0.02
    assert "25 passes" in early.how.en
    with pytest.raises(sg.EstimationError, match="paf did not converge"):
        sg.efa(sg.CorrelationMatrix(harman74(), 145), list(harman74()), factors=7, method=sg.Extraction("paf", "spss"))


def test_schmid_leiman_of_a_solution_is_the_one_of_psych():
    theirs = R["thurstone"]["schmid"]
    solution = sg.efa(sg.CorrelationMatrix(thurstone(), 213), list(thurstone()), factors=3, method="psych")
    found = solution.schmid_leiman()
    at = {"reference": "R psych 2.2.9 schmid", "data": "Thurstone", "atol": 2e-4, "why": "psych stops each step early"}
    assert_matches(found.frame["general"], theirs["general"], statistic="Schmid-Leiman of efa: general factor", **at)
    group = found.frame[list(found.second_order.index)]
    assert_matches(matched(group, theirs["group"])[0], theirs["group"], statistic="Schmid-Leiman of efa: group", **at)
    np.testing.assert_allclose(found.frame["communality"], solution.communality, atol=1e-6)
    assert found.explained == pytest.approx((found.frame["general"] ** 2).sum() / solution.communality.sum(), rel=1e-6)
    assert "Schmid-Leiman" in str(found)
    assert "一般因子" in str(found.table(language="zh"))
    two = sg.efa(sg.CorrelationMatrix(thurstone(), 213), list(thurstone()), factors=2).schmid_leiman()
    assert any("split equally" in note.en for note in two.table().notes)
    straight = sg.efa(sg.CorrelationMatrix(thurstone(), 213), list(thurstone()), factors=3, rotation="varimax")
    with pytest.raises(sg.EstimationError, match="orthogonal factors"):
        straight.schmid_leiman()


def test_each_role_has_its_own_factors_and_one_refused_does_not_stop_the_others(two_roles):
    frame = two_roles.frame
    kept = pd.concat([frame[frame["role"] == "villager"], frame[frame["role"] == "evaluator"].head(20)])
    found = sg.by_group(sg.Responses(kept, two_roles.questionnaire), lambda part: sg.efa(part, "MGT", factors=1))
    assert list(found) == ["villager"]
    assert set(found.frame["role"]) == {"villager"}
    with pytest.raises(sg.DesignError, match="at least 30 complete rows"):
        found["evaluator"]
    frame = bfi().dropna().assign(half=np.resize([1, 2], 2436))
    halves = sg.by_group(frame, lambda part: sg.adequacy(part, list(frame.columns[:10])), by="half")
    assert len(halves) == 2
    with pytest.raises(sg.DataError, match="no column 'halves'"):
        sg.by_group(frame, len, by="halves")
    with pytest.raises(sg.DataError, match="nobody has a 'half'"):
        sg.by_group(frame.assign(half=np.nan), len, by="half")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pattern_structure_and_chance_are_on_their_pages(language):
    frame = attitude()
    found = sg.efa(frame, list(frame), factors=2, seed=3)
    page = str(found.pattern_table(language=language))
    assert ("模式矩阵" in page, "结构矩阵" in page) == (language == "zh",) * 2
    last = found.pattern_table(language=language).without_thresholds().rows[-1].cells
    assert last[1].value == pytest.approx(found.phi.iloc[1, 0])
    variance = str(found.variance_table(language=language))
    assert ("平行分析" in variance) == (language == "zh")
    assert ("Parallel" in variance) == (language == "en")
    assert "Parallel" not in str(sg.efa(frame, list(frame), factors=2).variance_table())
    assert len(sg.efa(frame, list(frame), factors=2, rotation="varimax").pattern_table().columns) == 4


def test_the_heatmap_of_25_items_and_5_factors_is_read_in_chinese():
    frame = bfi().dropna()
    labels = {name: f"第{i}题，村里的公共卫生由专人负责" for i, name in enumerate(frame, 1)}
    answers = replace(sg.responses(frame, {"x": list(frame)}, limits=None, language="zh"))
    found = sg.efa(answers, ["x"], factors=5)
    basis = found.basis.labelled({name: sg.Text(words, name) for name, words in labels.items()})
    ax = replace(found, basis=basis).plot(language="zh")
    assert [t.get_text() for t in ax.get_xticklabels()] == [f"因子{i}" for i in range(1, 6)]
    assert len(ax.get_yticklabels()) == 25
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.get_yticklabels()]
    assert all(a.y0 >= b.y1 - 1 or b.y0 >= a.y1 - 1 for a, b in itertools.pairwise(boxes))


# Properties --------------------------------------------------------------------------------------------------------

ROTATED = [name for name in KINDS if name not in ("target", "bifactor", "none", "simplimax")]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(ROTATED), st.booleans())
def test_order_keys_and_scale_of_items_only_move_their_own_rows(seed, name, kaiser):
    rng = np.random.default_rng(seed)
    frame, names = answers_with(thurstone(), 213), list(thurstone())
    order, flips, scale = rng.permutation(9), rng.choice([-1, 1], 9), rng.uniform(0.1, 50, 9)
    plan = sg.Rotation(name, kaiser=kaiser)
    before = sg.efa(frame, names, factors=3, rotation=plan)
    changed = (frame * flips * scale + 7).iloc[:, order]
    after = sg.efa(changed, list(changed), factors=3, rotation=plan)
    wanted = before.loadings.mul(flips, axis=0).iloc[order]
    np.testing.assert_allclose(matched(after.loadings, wanted)[0], wanted, atol=2e-5)
    np.testing.assert_allclose(after.fit, before.fit, rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_doubled_rows_give_the_same_factors_with_smaller_errors(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.standard_normal((150, 9)) @ np.linalg.cholesky(thurstone()).T, columns=list(thurstone()))
    once = sg.efa(frame, list(frame), factors=2)
    if once.heywood:
        return
    twice = sg.efa(pd.concat([frame, frame], ignore_index=True), list(frame), factors=2)
    np.testing.assert_allclose(twice.loadings, once.loadings, atol=1e-6)
    ratio = once.standard_errors().frame["std_error"] / twice.standard_errors().frame["std_error"]
    # Twice the rows, and n - 1 of each.
    np.testing.assert_allclose(ratio, np.sqrt(2 * (150 / 149) / (300 / 299)), rtol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 3))
def test_degenerate_answers_are_refused_or_flagged_never_a_traceback(seed, k):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (60, 6)).astype(float), columns=list("abcdef"))
    kinds = [
        lambda f: f.assign(a=3.0),
        lambda f: f.assign(a=f["b"]),
        lambda f: f.assign(a=np.nan),
        lambda f: f.iloc[:6],
        lambda f: f * np.nan,
        lambda f: f.assign(a=(f.index == 0).astype(float)),
    ]
    broken = kinds[int(rng.integers(len(kinds)))](frame)
    for correlation in ("pearson", "spearman", "polychoric", sg.Correlation(missing="pairwise")):
        try:
            found = sg.efa(broken, list(broken), factors=k, correlation=correlation)
        except sg.SurveyError:
            continue
        assert np.isfinite(found.loadings).all(axis=None)
        assert found.heywood == tuple(found.uniqueness.index[found.uniqueness <= 0.005 * (1 + 1e-6)])
