"""Tests of differences between nested structural models, against lavaan and by identities."""

import json

import numpy as np
import pytest
from lavaan_values import CN, HS, LAVAAN, conscience_and_neuroticism, in_categories, schoolchildren, with_gaps
from reference_values import VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.measurement.difference_tests import model_difference, nearest
from sgsurvey.measurement.row_estimators import mean_of_robust_test

TRUTH = json.loads((VALUES / "difference_tests.json").read_text(encoding="utf-8"))
TIED = """visual =~ x1 + a*x2 + a*x3
textual =~ x4 + b*x5 + b*x6
speed =~ x7 + x8 + x9"""
CN_TIED = """C =~ C1 + a*C2 + a*C3 + C4 + C5
N =~ N1 + N2 + b*N3 + b*N4 + N5"""
ORTHOGONAL = {"orthogonal": True}
LOADINGS = {"equal": ["loadings"]}


def model(lines, **options):
    """Lines with the choices that they leave open."""
    return sg.StructuralModel(lines, **options)


def mean_scaled(estimator, narrow):
    """Rows, wide and narrow model, and what both are fitted with."""
    return schoolchildren(), model(HS), narrow, {"estimator": estimator}, {}


def ordinal(narrow, parameterization, narrower=None, **options):
    """The same of bfi."""
    wide = model(CN, parameterization=parameterization)
    slim = model(narrow, parameterization=parameterization, **(narrower or {}))
    return conscience_and_neuroticism(), wide, slim, {"estimator": "WLSMV", **options}, {}


CASES = {
    "mlm_tied": mean_scaled("MLM", model(TIED)),
    "mlm_orthogonal": mean_scaled("MLM", model(HS, orthogonal=True)),
    "mlr_tied": mean_scaled("MLR", model(TIED)),
    "mlr_orthogonal": mean_scaled("MLR", model(HS, orthogonal=True)),
    "fiml_tied": (
        with_gaps(schoolchildren()), model(HS), model(TIED), {"estimator": "MLR", "missing": "fiml"}, {},
    ),
    "school": (schoolchildren(), model(HS), model(HS), {"estimator": "MLR", "by": "school"}, LOADINGS),
    "cn_ulsmv": (conscience_and_neuroticism(), model(CN), model(CN_TIED), {"estimator": "ULSMV"}, {}),
    "mixed_tied": (in_categories(schoolchildren()), model(HS), model(TIED), {"estimator": "WLSMV"}, {}),
} | {
    f"cn_{name}_{how}": case
    for how in ("delta", "theta")
    for name, case in {
        "tied": ordinal(CN_TIED, how),
        "orthogonal": ordinal(CN, how, ORTHOGONAL),
        "gender": (*ordinal(CN, how, by="gender")[:4], LOADINGS),
    }.items()
}  # fmt: skip
TESTS_BY_MEAN = ("satorra_bentler_2001", "satorra_bentler_2010")
TESTS = {
    "2001": "satorra_bentler_2001",
    "2010": "satorra_bentler_2010",
    "2000": "satorra_2000",
    "2000_exact": "satorra_2000_exact",
}
WANTED = [(case, ending) for case in CASES for ending in TESTS if f"{case}_{ending}" in TRUTH]


@pytest.fixture(scope="module")
def fits():
    """Wide and narrow fits of the cases, each made once."""
    made = {}

    def of(case):
        if case not in made:
            rows, wide, narrow, options, more = CASES[case]
            made[case] = {"wide": sg.cfa(rows, wide, **options), "narrow": sg.cfa(rows, narrow, **options, **more)}
        return made[case]

    return of


@pytest.mark.parametrize(("case", "ending"), WANTED)
def test_differences_are_those_of_lavaan(fits, case, ending):
    found = sg.compare_models(fits(case), test=TESTS[ending]).frame.iloc[1]
    truth = TRUTH[f"{case}_{ending}"]
    assert found["nested"]
    assert_matches(
        found[["delta_chi_square", "delta_df"]].astype(float),
        [truth["chi_square"], truth["df"]],
        statistic=f"Difference of models, {TESTS[ending]}: {case}",
        reference=f"{LAVAAN}, lavTestLRT",
        data="bfi" if case.startswith("cn") else "HolzingerSwineford1939",
        why="differences of chi-squares that agree to 1e-6, and derivatives that lavaan takes by differences",
        rtol=2e-3 if ending.startswith("2000") else 1e-4,
    )


def test_the_scaling_of_2010_is_taken_where_the_wide_model_is_the_narrow_one():
    """lavaan starts the wide model at the narrow one's parameters by name, and factor means have none there."""
    wide = sg.cfa(schoolchildren(), HS, estimator="MLR", by="school")
    scalar = sg.cfa(schoolchildren(), HS, estimator="MLR", by="school", equal=["loadings", "intercepts"])
    at = nearest(wide, scalar)
    for own, other in zip(wide.structure.implied(at.theta), scalar.structure.implied(scalar.theta), strict=True):
        np.testing.assert_allclose(own.cov, other.cov, atol=1e-6)
        np.testing.assert_allclose(own.mean, other.mean, atol=1e-6)
    # A model is itself at its own estimates: the two scalings agree there.
    tests = [model_difference(scalar, wide, test)[0] for test in TESTS_BY_MEAN]
    assert 0.5 < tests[1] / tests[0] < 2
    mean = mean_of_robust_test(wide.structure, wide.sample, wide.theta)
    np.testing.assert_allclose(mean, wide.fit["df"] * wide.fit["scaling_factor_scaled"], rtol=1e-8)


def test_a_saturated_wide_model_leaves_the_narrow_models_own_test():
    rows = schoolchildren()
    lines = "f =~ x4 + x5 + x6"
    wide = sg.cfa(rows, lines, estimator="MLR")
    narrow = sg.cfa(rows, "f =~ x4 + a*x5 + a*x6", estimator="MLR")
    for test in TESTS_BY_MEAN:
        found = sg.compare_models({"wide": wide, "narrow": narrow}, test=test).frame.iloc[1]
        np.testing.assert_allclose(found["delta_chi_square"], narrow.fit["chi_square_scaled"], rtol=1e-6)
    ordered = conscience_and_neuroticism()
    free, tied = (sg.cfa(ordered, m, estimator="WLSMV") for m in ("f =~ C1 + C2 + C3", "f =~ C1 + a*C2 + a*C3"))
    found = sg.compare_models({"free": free, "tied": tied}).frame.iloc[1]
    np.testing.assert_allclose(found["delta_chi_square"], tied.fit["chi_square_scaled"], rtol=1e-3)


def test_the_order_of_models_and_the_scale_of_factors_change_nothing():
    rows = conscience_and_neuroticism()
    tied, free, unit = (sg.cfa(rows, m, estimator="WLSMV") for m in (CN_TIED, CN, sg.StructuralModel(CN, std_lv=True)))
    one, other = (
        sg.compare_models(models).frame.iloc[1]["delta_chi_square"]
        for models in ({"free": free, "tied": tied}, {"tied": tied, "free": free})
    )
    assert one == other
    # The restrictions by derivatives are of what is implied, not of parameters.
    assert model_difference(tied, unit)[0] == pytest.approx(one, rel=1e-5)


def test_a_test_of_another_estimator_or_of_other_parameters_is_refused():
    rows = conscience_and_neuroticism()
    free, tied = (sg.cfa(rows, m, estimator="WLSMV") for m in (CN, CN_TIED))
    with pytest.raises(sg.EstimationError, match="WLSMV has no difference test 'satorra_bentler_2001'"):
        sg.compare_models({"free": free, "tied": tied}, test="satorra_bentler_2001")
    one = sg.cfa(rows, {"g": [*CN["C"], *CN["N"]]}, estimator="WLSMV")
    assert sg.compare_models({"one": one, "two": free}).frame.iloc[1]["delta_chi_square"] > 100
    with pytest.raises(sg.EstimationError, match="not one within the other"):
        sg.compare_models({"one": one, "two": free}, test="satorra_2000_exact")
    levels = sg.invariance(rows, CN, by="gender", estimator="WLSMV", levels=["configural", "metric"], partial=False)
    with pytest.raises(sg.EstimationError, match=r"a level of invariance"):
        sg.compare_models(levels.fits)
    note = str(sg.compare_models({"free": free, "tied": tied}).table(language="en"))
    assert "scaled and shifted after Satorra (2000)" in note
