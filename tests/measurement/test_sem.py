import numpy as np
from structural_cases import HS, HS_LINES
from structural_models import holzinger

import sgsurvey as sg


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
