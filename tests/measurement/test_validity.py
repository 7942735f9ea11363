import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from rated_subjects import reference
from reference_values import assert_matches
from scipy import stats
from structural_models import holzinger

import sgsurvey as sg
from sgsurvey.measurement.convergent import (
    average_variance_extracted,
    average_variance_slopes,
    composite_reliability,
    composite_slopes,
    convergent,
)

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
LAVAAN = {"reference": "R lavaan 0.6-14, semTools 0.5-6", "data": "Holzinger and Swineford"}


@pytest.fixture(scope="module")
def found():
    return sg.validity(sg.cfa(holzinger(), HS))


def test_the_kinds_of_ave_and_cr_are_those_of_semtools(found):
    theirs, why = reference()["hs"], "lavaan stops at 1e-12 of its function"
    for ours, key in (("ave_by_variance", "ave"), ("cr_unstandardised", "omega"), ("cr_observed", "observed")):
        assert_matches(found.frame[ours], theirs[key], statistic=f"validity: {ours}", why=why, rtol=2e-6, **LAVAAN)


def test_fornell_and_larckers_are_of_standardised_loadings(found):
    theirs = reference()["hs"]["ave_cr_visual"]
    row = found.frame.iloc[0]
    why = "lavaan stops at 1e-12 of its function"
    at = {"statistic": "AVE and CR, Fornell-Larcker", "why": why, **LAVAAN}
    assert_matches(row[["ave", "cr"]], theirs["est"], rtol=1e-5, **at)
    loadings = found.items.groupby("construct", sort=False)["std"]
    np.testing.assert_allclose(found.frame["ave"], loadings.apply(lambda s: (s**2).mean()), rtol=1e-12)
    expected = loadings.apply(lambda s: s.sum() ** 2 / (s.sum() ** 2 + (1 - s**2).sum()))
    np.testing.assert_allclose(found.frame["cr"], expected, rtol=1e-12)


@pytest.mark.parametrize(("estimator", "key"), [("ML", "ave_cr_visual"), ("MLR", "ave_cr_visual_mlr")])
def test_errors_of_ave_and_cr_are_those_of_defined_parameters_in_lavaan(estimator, key):
    model = sg.cfa(holzinger(), HS, estimator=estimator)
    row = sg.validity(model).frame.iloc[0]
    ave_half = np.log(row["ave_high"] / (1 - row["ave_high"])) - np.log(row["ave_low"] / (1 - row["ave_low"]))
    cr_half = np.log(1 - row["cr_low"]) - np.log(1 - row["cr_high"])
    z = 2 * 1.959963984540054
    errors = [ave_half / z * row["ave"] * (1 - row["ave"]), cr_half / z * (1 - row["cr"])]
    assert_matches(
        errors,
        reference()["hs"][key]["se"],
        statistic=f"standard errors of AVE and CR, {estimator}",
        why="lavaan's standard errors agree to 1e-4",
        rtol=2e-4,
        **LAVAAN,
    )


def test_the_matrix_has_roots_of_ave_and_the_models_correlations(found):
    matrix = found.fornell_larcker
    np.testing.assert_allclose(np.diag(matrix) ** 2, found.frame["ave"])
    phi = np.array(reference()["hs"]["phi"])
    at = np.tril_indices(3, -1)
    why = "lavaan stops at 1e-12 of its function"
    assert_matches(matrix.to_numpy()[at], phi[at], statistic="correlations of factors", why=why, rtol=1e-5, **LAVAAN)
    assert found.frame["msv"].tolist() == pytest.approx([phi[0, 2] ** 2, phi[0, 1] ** 2, phi[0, 2] ** 2], rel=1e-5)
    assert found.frame["convergent"].tolist() == [False, True, False]
    assert found.frame["discriminant"].all()


def test_ratios_are_those_of_htmt_straight_from_answers(found):
    direct = sg.htmt(holzinger(), HS).frame
    np.testing.assert_allclose(found.htmt.frame["htmt"], direct["htmt"], rtol=1e-9)
    ends = ["htmt_low", "htmt_high"]
    np.testing.assert_allclose(found.htmt.frame[ends], direct[ends], rtol=5e-3)
    np.testing.assert_allclose(found.htmt2.loc["visual", "speed"], direct.loc[1, "htmt2"], rtol=1e-9)
    seeded = sg.validity(found.model, interval="bca", seed=3, draws=500)
    again = sg.htmt(holzinger(), HS, interval="bca", seed=3, draws=500)
    np.testing.assert_allclose(seeded.htmt.frame["htmt_low"], again.frame["htmt_low"], rtol=1e-9)
    assert seeded.seed == 3


@given(st.lists(st.floats(0.1, 0.95), min_size=2, max_size=8))
@settings(max_examples=40, deadline=None)
def test_slopes_of_ave_and_cr_are_those_of_differences(values):
    loadings, h = np.array(values), 1e-6
    for function, slopes in (
        (average_variance_extracted, average_variance_slopes),
        (composite_reliability, composite_slopes),
    ):
        moved = [(function(loadings + h * e) - function(loadings - h * e)) / (2 * h) for e in np.eye(len(loadings))]
        np.testing.assert_allclose(slopes(loadings), moved, rtol=1e-5, atol=1e-8)


def test_a_new_unit_and_another_order_change_nothing_standardised(found):
    frame = holzinger()
    model = {**HS, "visual": ["x3", "x1", "x2"]}
    other = sg.validity(sg.cfa(frame.assign(x1=10 * frame["x1"] + 3), model))
    for key in ("ave", "ave_low", "cr", "cr_high", "msv"):
        np.testing.assert_allclose(other.frame[key], found.frame[key], rtol=1e-4)
    np.testing.assert_allclose(other.htmt.frame["htmt_high"], found.htmt.frame["htmt_high"], rtol=1e-4)


def test_groups_have_their_own_validity():
    found = sg.validity(sg.cfa(holzinger(), HS, by="school"))
    assert found.frame["group"].nunique() == 2
    assert set(found.ratios) == set(found.matrices) == set(found.frame["group"])
    alone = sg.validity(sg.cfa(holzinger()[lambda f: f["school"] == found.frame["group"].iloc[0]], HS))
    np.testing.assert_allclose(found.frame["ave"].iloc[:3], alone.frame["ave"], rtol=1e-4)
    np.testing.assert_allclose(found.htmt.frame["htmt_high"], alone.htmt.frame["htmt_high"], rtol=1e-2)
    assert found.frame["group"].iloc[3] in str(found.convergent_table(language="en"))


def test_clusters_and_weights_of_the_model_make_the_errors_of_the_ratios():
    rng = np.random.default_rng(1)
    frame = holzinger().assign(area=lambda f: rng.permutation(np.arange(len(f)) % 25), w=lambda f: 1.0 + f["x1"] % 2)
    answers = sg.survey_design(sg.responses(frame, HS, limits=None), weights="w", clusters="area")
    model = sg.cfa(answers, list(HS), estimator="MLR")
    found = sg.validity(model)
    direct = sg.htmt(answers, list(HS)).frame
    np.testing.assert_allclose(found.htmt.frame["htmt"], direct["htmt"], rtol=1e-9)
    # Both have t with 24 degrees of freedom.
    width, own = (np.log(frame["htmt_high"] / frame["htmt_low"]) for frame in (direct, found.htmt.frame))
    np.testing.assert_allclose(own, width, rtol=0.01)
    wide = np.log((1 - found.frame["cr_low"]) / (1 - found.frame["cr_high"]))
    errors = [each.cr_se / (1 - each.cr) for each in convergent(model, "")]
    np.testing.assert_allclose(wide, 2 * stats.t.ppf(0.975, 24) * np.array(errors), rtol=1e-9)
    assert "under the sampling design" in str(found.discriminant_table(language="en"))
    with pytest.raises(sg.EstimationError, match="takes them in"):
        sg.validity(model, interval="percentile", seed=1)


def test_ordered_items_have_latent_loadings_and_polychoric_ratios():
    names = {s: [f"{s}{i}" for i in range(1, 6)] for s in "AC"}
    answers = sg.responses(bfi().iloc[:900], names, reverse=["A1", "C4", "C5"], limits=(1, 6))
    found = sg.validity(sg.cfa(answers, ["A", "C"], estimator="WLSMV"))
    direct = sg.htmt(answers, ["A", "C"], correlation="polychoric").frame
    np.testing.assert_allclose(found.htmt.frame["htmt"], direct["htmt"], rtol=1e-9)
    np.testing.assert_allclose(found.htmt.frame["htmt_high"], direct["htmt_high"], rtol=5e-3)


def test_moments_alone_have_normal_errors():
    frame = holzinger()
    items = [item for group in HS.values() for item in group]
    found = sg.validity(sg.cfa(sg.responses(frame, HS, limits=None).moments(items), HS))
    whole = sg.validity(sg.cfa(frame, HS))
    np.testing.assert_allclose(found.frame["ave_low"], whole.frame["ave_low"], rtol=1e-6)
    assert "normal theory" in str(found.summary_table(language="en"))
    with pytest.raises(sg.EstimationError, match="moments alone"):
        sg.validity(sg.cfa(sg.responses(frame, HS, limits=None).moments(items), HS), interval="bca", seed=1)


def test_what_spoils_the_formulas_is_said():
    crossed = sg.validity(sg.cfa(holzinger(), {**HS, "visual": ["x1", "x2", "x3", "x9"]}))
    assert "left out of HTMT: x9" in str(crossed.summary_table(language="en"))
    frame = holzinger()
    turned = sg.validity(sg.cfa(frame.assign(x2=-frame["x2"]), HS))
    assert "check the key first: x2" in str(turned.table(language="en"))
    lines = "\n".join(f"{f} =~ {' + '.join(i)}" for f, i in HS.items())
    residual = sg.validity(sg.cfa(frame, lines + "\nx7 ~~ x8"))
    assert "correlated residuals" in str(residual.table(language="en"))
    higher = sg.validity(sg.cfa(frame, lines + "\ng =~ visual + textual + speed"))
    assert "no item measures them directly: g" in str(higher.table(language="en"))


def test_one_factor_has_ave_and_cr_alone():
    found = sg.validity(sg.cfa(holzinger(), {"visual": ["x1", "x2", "x3", "x4"]}))
    assert found.frame["msv"].isna().all()
    with pytest.raises(sg.EstimationError, match="two factors"):
        _ = found.htmt


@pytest.mark.parametrize(
    ("how", "says"), [({"interval": "wald"}, "no interval"), ({"interval": "bca"}, "draws at random")]
)
def test_intervals_that_cannot_be_are_refused(found, how, says):
    with pytest.raises(sg.EstimationError, match=says):
        sg.validity(found.model, **how)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_stand_in_both_languages(found, language):
    convergent = str(found.convergent_table(language=language))
    assert {"zh": "聚合效度", "en": "Convergent validity"}[language] in convergent
    assert "0.626" in convergent or ".626" in convergent
    discriminant = str(found.discriminant_table(language=language))
    assert {"zh": "对角线为AVE的平方根", "en": "root of AVE"}[language] in discriminant
    assert "MSV" in str(found.summary_table(language=language))
