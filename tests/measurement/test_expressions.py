import numpy as np
import pytest

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.expressions import expression
from sgsurvey.text import same

KNOWN = {"a": 2.0, "b": -3.0, "log": 5.0}


def read(text):
    return expression(text, same("model"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("a*b + 1", -5.0), ("-b^2", -9.0), ("b^3", -27.0), ("sqrt(a*8)", 4.0), ("exp(log(a))", 2.0), ("1/(a-b)", 0.2)],
)
def test_a_formula_has_the_value_of_its_arithmetic(text, value):
    assert read(text).value(KNOWN) == pytest.approx(value)


def test_slopes_are_those_of_finite_differences():
    formula, step = read("a*b^2/(1 + exp(a))"), 1e-6
    for name, slope in zip("ab", formula.slope(KNOWN, ("a", "b")), strict=True):
        ends = [formula.value({**KNOWN, name: KNOWN[name] + s * step}).real for s in (1, -1)]
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


def test_a_parameter_may_bear_the_name_of_a_function():
    assert read("log(a) + log").names == ("a", "log")
    assert read("log(a) + log").value(KNOWN) == pytest.approx(np.log(2) + 5)


@pytest.mark.parametrize("text", ["a/(b + 3)", "9^9^9^9", "1/0", "log(b)", "sqrt(b - a)", "log(0)", "exp(9999)"])
def test_what_has_no_value_is_refused_in_both_languages(text):
    with pytest.raises(EstimationError, match="has no value at the estimates") as refused:
        read(text).value(KNOWN)
    assert "没有值" in refused.value.what.zh


@pytest.mark.parametrize("text", ["a.b", "a if b else 1", "print(a)", "a[0]", "'a'", "a ** ", "log(a, b)", "True"])
def test_what_is_no_arithmetic_is_refused(text):
    with pytest.raises(EstimationError, match="is no formula"):
        read(text)
