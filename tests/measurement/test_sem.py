import numpy as np
import pytest
from reference_values import assert_matches
from structural_cases import HS, HS_LINES, POLITICAL
from structural_models import bollen, holzinger

import sgsurvey as sg


def test_the_tutorials_factor_model_is_reproduced():
    fit = sg.cfa(holzinger(), HS).fit
    names = ["chi_square", "df", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr"]
    assert_matches(
        fit[names],
        [85.306, 24, 0.931, 0.896, 0.092, 0.071, 0.114, 0.065],
        atol=5.1e-4,
        statistic="CFA fit: chi-square, CFI, TLI, RMSEA with interval, SRMR",
        reference="lavaan tutorial",
        data="HolzingerSwineford1939",
        why="printed with three decimals",
    )
    assert_matches(
        fit[["loglik", "aic", "bic"]],
        [-3737.745, 7517.490, 7595.339],
        atol=5.1e-4,
        statistic="CFA log likelihood, AIC, BIC",
        reference="lavaan tutorial",
        data="HolzingerSwineford1939",
        why="printed with three decimals",
    )


@pytest.mark.parametrize(
    ("equal", "chi_square", "df", "bic"),
    [
        ((), 115.851, 48, 7706.822),
        (("loadings",), 124.044, 54, 7680.771),
        (("loadings", "intercepts"), 164.103, 60, 7686.588),
        (("loadings", "intercepts", "residuals"), 181.511, 69, 7652.632),
        (("loadings", "intercepts", "residuals", "means"), 221.335, 72, 7675.335),
    ],
)
def test_the_tutorials_steps_of_equality_between_schools_are_reproduced(equal, chi_square, df, bic):
    fit = sg.cfa(holzinger(), HS, by="school", equal=equal).fit
    assert_matches(
        fit[["chi_square", "df", "bic"]],
        [chi_square, df, bic],
        atol=5.1e-4,
        statistic=f"Multi-group CFA, equal: {', '.join(equal) or 'nothing'}",
        reference="lavaan tutorial",
        data="HolzingerSwineford1939 by school",
        why="printed with three decimals",
    )


def test_bollens_political_democracy_is_reproduced():
    fit = sg.sem(bollen(), POLITICAL).fit
    names = ["chi_square", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "loglik", "aic", "bic"]
    assert_matches(
        fit[names],
        [38.125, 35, 0.329, 0.995, 0.993, 0.035, 0.044, -1547.791, 3157.582, 3229.424],
        atol=5.1e-4,
        statistic="SEM fit, ML",
        reference="Bollen (1989); lavaan tutorial",
        data="political democracy",
        why="printed with three decimals",
    )


def test_syntax_and_a_dictionary_give_the_same_model_and_moments_alone_the_same_numbers():
    frame = holzinger()
    first, second = sg.cfa(frame, HS), sg.sem(frame, HS_LINES)
    np.testing.assert_array_equal(first.theta, second.theta)
    answers = sg.responses(frame, HS, limits=None)
    third = sg.cfa(answers, list(HS))
    np.testing.assert_allclose(third.frame["estimate"], first.frame["estimate"], atol=1e-9)
    moments = answers.moments(list(frame.columns[:9]))
    for alone in (moments, moments.combine()):
        fourth = sg.cfa(alone, HS)
        np.testing.assert_allclose(fourth.frame["estimate"], first.frame["estimate"], atol=1e-8)
        np.testing.assert_allclose(fourth.fit, first.fit, rtol=1e-8)
