import json

import numpy as np
import pandas as pd
import pytest
from public_matrices import answers_with, attitude, bfi, matched, thurstone
from reference_values import VALUES, assert_matches
from structural_models import holzinger

import sgsurvey as sg
from sgsurvey.measurement.loading_errors import errors_of, loading_slopes
from sgsurvey.numerics.correlation_errors import free_covariance, likelihood_influence

GROUPS = {"a": list(thurstone())[:3], "b": list(thurstone())[3:6], "c": list(thurstone())[6:]}
PLANS = {
    "none": sg.Rotation("none"),
    "varimax": sg.Rotation("varimax"),
    "quartimax": sg.Rotation("quartimax", kaiser=False),
    "equamax": sg.Rotation("equamax"),
    "oblimin": sg.Rotation("oblimin"),
    "oblimin_plain": sg.Rotation("oblimin", kaiser=False, gamma=-0.5),
    "crawford_ferguson": sg.Rotation("crawford_ferguson", kappa=0.2),
    "geomin": sg.Rotation("geomin", kaiser=False),
    "geomin_orthogonal": sg.Rotation("geomin", oblique=False),
    "promax": sg.Rotation("promax"),
    "promax_stats": sg.Rotation("promax", promax="stats"),
    "promax_spss": sg.Rotation("promax", promax="spss"),
    "target": sg.Rotation("target", target=GROUPS),
    "target_orthogonal": sg.Rotation("target", target=GROUPS, oblique=False, kaiser=False),
}


def moved(place: tuple[int, int], by: float, **how) -> sg.EFA:
    """Thurstone's factors when one correlation is another."""
    corr = thurstone()
    i, j = place
    corr.iloc[i, j] += by
    corr.iloc[j, i] += by
    return sg.efa(sg.CorrelationMatrix(corr, 213), list(corr), factors=3, **how)


def flat(found: sg.EFA, like: np.ndarray) -> np.ndarray:
    loadings, order, signs = matched(found.loadings, like)
    phi = found.phi.to_numpy()[np.ix_(order, order)] * np.outer(signs, signs)
    return np.concatenate([loadings.ravel(), phi[np.tril_indices(3, -1)]])


@pytest.mark.parametrize("method", ["minres", "ml", "dwls"])
@pytest.mark.parametrize("plan", PLANS)
def test_slopes_in_the_correlations_are_those_of_finite_differences(plan, method, monkeypatch):
    monkeypatch.setattr("sgsurvey.numerics.rotation.TOLERANCE", 1e-10)
    if method == "dwls":
        # The weights stay where they are while a correlation moves.
        fixed = 1 / (1 - thurstone().to_numpy() ** 2 + np.eye(9)) ** 2
        monkeypatch.setattr("sgsurvey.measurement.extractions.precision", lambda sample: fixed)
    how = {"method": method, "rotation": PLANS[plan]}
    found = moved((0, 1), 0.0, **how)
    slopes, h = loading_slopes(found), 1e-4
    rows, columns = np.tril_indices(9, -1)
    for place in (0, 11, 20, 35):
        at = rows[place], columns[place]
        forward, backward = (flat(moved(at, step, **how), found.loadings.to_numpy()) for step in (h, -h))
        np.testing.assert_allclose(slopes[:, place], (forward - backward) / (2 * h), atol=2e-4)


LAVAAN = {
    "geomin": (sg.Rotation("geomin", kaiser=False), "normal"),
    "quartimin": (sg.Rotation("quartimin", kaiser=False), "normal"),
    "varimax": (sg.Rotation("varimax"), "normal"),
    "varimax_plain": (sg.Rotation("varimax", kaiser=False), "normal"),
    "geomin_robust": (sg.Rotation("geomin", kaiser=False), "sandwich"),
    "oblimin_robust": (sg.Rotation("oblimin", kaiser=False), "sandwich"),
}


@pytest.mark.parametrize("key", LAVAAN)
def test_errors_where_the_model_holds_are_those_of_lavaan(key):
    frame = holzinger()[[f"x{i}" for i in range(1, 10)]]
    plan, source = LAVAAN[key]
    values = json.loads((VALUES / "factors.json").read_text(encoding="utf-8"))["errors"][key]
    theirs = {name: np.array(value) for name, value in values.items() if name != "pairs"}
    found = sg.efa(frame, list(frame), factors=3, method="ml", rotation=plan, seed=1)
    loadings, order, _ = matched(found.loadings, theirs["loadings"])
    slopes = loading_slopes(found, model_holds=True)
    error = np.sqrt(np.diag(slopes @ errors_of(found, source).covariance @ slopes.T))
    of_phi = np.zeros((3, 3))
    of_phi[np.tril_indices(3, -1)] = error[27:]
    of_phi = (of_phi + of_phi.T)[np.ix_(order, order)][np.triu_indices(3, 1)]
    ours = error[:27].reshape(9, 3)[:, order]
    if source == "normal":
        np.testing.assert_allclose(error[:27], found.standard_errors(method="normal").frame["std_error"], rtol=1e-10)
    at = {
        "reference": f"R lavaan 0.6-14 efa, {key}, standardised solution",
        "data": "Holzinger and Swineford, 301 pupils",
    }
    assert_matches(
        loadings, theirs["loadings"], statistic=f"EFA ML, {key}: loadings", atol=5e-5, why="both iterative", **at
    )
    early = "lavaan's Jacobian is numeric over a rotation that stops early: its oblimin and quartimin differ by 5e-3"
    assert_matches(ours, theirs["std_error"], statistic=f"SE of loadings, {key}", atol=8e-3, why=early, **at)
    assert np.median(np.abs(ours - theirs["std_error"])) < 1.5e-3
    if plan.correlated:
        assert_matches(of_phi, theirs["phi_error"], statistic=f"SE of phi, {key}", atol=5e-3, why=early, **at)


def test_bootstrap_and_sandwich_agree_where_rows_are_many():
    frame = bfi().dropna().iloc[:, :10]
    found = sg.efa(frame, list(frame), factors=2)
    sandwich = found.standard_errors().frame
    drawn = found.standard_errors(method="bootstrap", draws=400, seed=3)
    assert drawn.failed == 0
    ratio = drawn.frame["std_error"] / sandwich["std_error"]
    assert 0.8 < ratio.min() < ratio.max() < 1.25
    assert abs(ratio.median() - 1) < 0.05
    again = found.standard_errors(method="bootstrap", draws=400, seed=3)
    pd.testing.assert_frame_equal(again.frame, drawn.frame)


@pytest.mark.parametrize("plan", ["varimax", "promax", "none", "target"])
def test_the_bootstrap_aligns_every_kind_of_rotation(plan):
    frame = answers_with(thurstone(), 400)
    found = sg.efa(frame, list(frame), factors=3, rotation=PLANS[plan])
    drawn = found.standard_errors(method="bootstrap", draws=150, seed=1)
    ratio = drawn.frame["std_error"] / found.standard_errors().frame["std_error"]
    assert 0.8 < ratio.median() < 1.2
    assert drawn.frame["std_error"].max() < 0.25


def test_normal_errors_cover_what_was_put_in():
    """300 samples of a known model: 95 % intervals of the loadings hold the truth in 95 % of them."""
    made = np.zeros((9, 3))
    for factor in range(3):
        made[3 * factor : 3 * factor + 3, factor] = [0.8, 0.7, 0.6]
    phi = np.full((3, 3), 0.3) + 0.7 * np.eye(3)
    corr = made @ phi @ made.T
    np.fill_diagonal(corr, 1)
    names = [f"v{i}" for i in range(9)]
    root, rng = np.linalg.cholesky(corr), np.random.default_rng(12)
    inside = []
    for _ in range(100):
        frame = pd.DataFrame(rng.standard_normal((300, 9)) @ root.T, columns=names)
        found = sg.efa(frame, names, factors=3, method="ml", rotation=sg.Rotation("oblimin", kaiser=False))
        errors = found.standard_errors(method="normal").frame
        _, order, _ = matched(made, found.loadings)
        truth = made[:, order].ravel()
        inside.append((errors["conf_low"] <= truth) & (truth <= errors["conf_high"]))
    assert 0.93 < np.mean(inside) < 0.97


def test_clusters_and_weights_move_the_errors_of_the_design():
    frame = bfi().dropna().iloc[:600, :6].reset_index(drop=True)
    names = list(frame)
    doubled = pd.concat([frame, frame], ignore_index=True).assign(pair=np.tile(np.arange(600), 2))
    answers = sg.survey_design(sg.responses(doubled, {"x": names}, limits=None), clusters="pair")
    once = sg.efa(frame, names, factors=2).standard_errors().frame["std_error"]
    twice = sg.efa(answers, ["x"], factors=2)
    clustered = twice.standard_errors()
    np.testing.assert_allclose(clustered.frame["std_error"], once, rtol=2e-3)
    assert "clusters" in clustered.how.en
    with pytest.raises(sg.DesignError, match="declare a design"):
        twice.standard_errors(method="bootstrap", seed=1)
    weighted = sg.survey_design(
        sg.responses(frame.assign(w=np.resize([1.0, 3.0], 600)), {"x": names}, limits=None), weights="w"
    )
    kept = sg.efa(weighted, ["x"], factors=2)
    by_rows = free_covariance(frame.to_numpy(), np.resize([1.0, 3.0], 600))
    np.testing.assert_allclose(errors_of(kept, "sandwich").covariance, by_rows, rtol=1e-6, atol=1e-12)


def test_errors_of_polychorics_come_from_both_steps():
    frame = bfi().dropna().iloc[:800, :6]
    found = sg.efa(frame, list(frame), factors=2, correlation="polychoric", method="dwls")
    errors = found.standard_errors().frame["std_error"]
    drawn = found.standard_errors(method="bootstrap", draws=100, seed=2).frame["std_error"]
    assert 0.75 < (drawn / errors).median() < 1.3


def refusals():
    frame = attitude()
    names = list(frame)
    found = sg.efa(frame, names, factors=2)
    yield "lies on its bound", lambda: heywood().standard_errors()
    yield "confidence level", lambda: found.standard_errors(conf_level=1.2)
    yield "by 'jackknife'", lambda: found.standard_errors(method="jackknife")
    yield "needs a seed", lambda: found.standard_errors(method="bootstrap")
    matrix = sg.CorrelationMatrix(frame.corr())
    yield "number of rows", lambda: sg.efa(matrix, names, factors=1).standard_errors()
    alone = sg.efa(sg.CorrelationMatrix(frame.corr(), 30), names, factors=1)
    yield "rows are not at hand", lambda: alone.standard_errors(method="sandwich")
    yield "needs the rows", lambda: alone.standard_errors(method="bootstrap", seed=1)
    ranks = sg.efa(frame, names, factors=1, correlation="spearman")
    yield "no sandwich", lambda: ranks.standard_errors()
    yield "for Pearson", lambda: ranks.standard_errors(method="normal")
    gaps = sg.efa(frame, names, factors=1, correlation=sg.Correlation(missing="fiml"))
    yield "complete rows", lambda: gaps.standard_errors(method="normal")
    yield "does not settle|direction", lambda: unsettled().standard_errors(method="normal")
    parts = sg.efa(frame, names, factors=2, method="components")
    yield "components", lambda: parts.standard_errors()


def unsettled() -> sg.EFA:
    """A target that leaves everything free settles nothing."""
    names = list(thurstone())
    free = pd.DataFrame(np.nan, names, ["a", "b", "c"])
    return sg.efa(sg.CorrelationMatrix(thurstone(), 213), names, factors=3, rotation=sg.Rotation("target", target=free))


def heywood() -> sg.EFA:
    corr = np.array([[1, 0.8, 0.7, 0.1], [0.8, 1, 0.5, 0.1], [0.7, 0.5, 1, 0.1], [0.1, 0.1, 0.1, 1]])
    return sg.efa(answers_with(pd.DataFrame(corr, list("abcd"), list("abcd")), 100), list("abcd"), factors=1)


@pytest.mark.parametrize(("words", "work"), list(refusals()))
def test_errors_that_nobody_knows_are_withheld_with_the_reason(words, work):
    with pytest.raises(sg.SurveyError, match=words):
        work()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tables_of_errors_say_how_they_were_had(language):
    frame = attitude()
    found = sg.efa(frame, list(frame), factors=2).standard_errors()
    for page in (found.table(language=language), found.phi_table(language=language)):
        assert ("标准误" in str(page)) == (language == "zh")
        assert ("delta method" in str(page)) == (language == "en")
    assert len(found.phi) == 1
    assert sg.efa(frame, list(frame), factors=2, rotation="varimax").standard_errors().phi.empty


def test_replicate_weights_give_the_errors_of_leaving_out_one_unit_after_another():
    frame = bfi().dropna().iloc[:200, :6].reset_index(drop=True).assign(w=1.0)
    names = list(frame.columns[:6])
    group = np.arange(200) // 2
    left_out = np.where(group[:, None] == np.arange(100), 0.0, 100 / 99)
    design = sg.Replicates("JK1", left_out, 99 / 100, np.ones(100), 99.0)
    replicated = sg.survey_design(sg.responses(frame, {"x": names}, limits=None), weights="w", replicates=design)
    clustered = sg.survey_design(
        sg.responses(frame.assign(pair=group), {"x": names}, limits=None), weights="w", clusters="pair"
    )
    both = [sg.efa(answers, ["x"], factors=2).standard_errors() for answers in (replicated, clustered)]
    np.testing.assert_allclose(both[0].frame["std_error"], both[1].frame["std_error"], rtol=0.1)
    assert "replicate" in both[0].how.en


def test_pairwise_errors_are_those_of_the_rows_of_each_pair():
    frame = bfi().iloc[:500, :6]
    frame = frame.mask(np.random.default_rng(2).random(frame.shape) < 0.1)
    found = sg.efa(frame, list(frame), factors=1, correlation=sg.Correlation(missing="pairwise"))
    drawn = found.standard_errors(method="bootstrap", draws=200, seed=4).frame["std_error"]
    assert 0.85 < (drawn / found.standard_errors().frame["std_error"]).median() < 1.15


def test_errors_of_fiml_are_those_of_complete_rows_where_nothing_is_missing_and_larger_where_some_is():
    frame = bfi().dropna().iloc[:500, :6]
    plan = sg.Correlation(missing="fiml")
    whole = free_covariance(frame.to_numpy()) * 499 / 500
    influence = likelihood_influence(frame.to_numpy())
    np.testing.assert_allclose(influence.T @ influence, whole, rtol=1e-6, atol=1e-12)
    gone = frame.mask(np.random.default_rng(2).random(frame.shape) < 0.15)
    found = sg.efa(gone, list(gone), factors=1, correlation=plan)
    errors = found.standard_errors().frame["std_error"]
    complete = sg.efa(frame, list(frame), factors=1).standard_errors().frame["std_error"]
    assert (errors / complete).median() > 1.03
    drawn = found.standard_errors(method="bootstrap", draws=150, seed=4).frame["std_error"]
    assert 0.85 < (drawn / errors).median() < 1.15


def test_errors_of_fiml_correlations_are_those_of_lavaan():
    values = json.loads((VALUES / "factors_ordinal.json").read_text(encoding="utf-8"))["fiml"]
    frame = bfi().iloc[:, :5]
    influence = likelihood_influence(frame.dropna(how="all").to_numpy())
    rows, columns = np.tril_indices(5, -1)
    order = np.lexsort((rows, columns))
    found = sg.efa(frame, list(frame), factors=1, correlation=sg.Correlation(missing="fiml"))
    at = {"reference": "R lavaan 0.6-14, saturated, missing = 'fiml', MLR", "data": "bfi, A1-A5, 2,800 rows"}
    r = found.corr.to_numpy()[rows, columns][order]
    assert_matches(r, values["corr"], statistic="correlations by FIML", atol=1e-5, why="both iterative", **at)
    error = np.sqrt((influence**2).sum(axis=0))[order]
    assert_matches(
        error, values["std_error"], statistic="SE of correlations by FIML", rtol=1e-3, why="both iterative", **at
    )
