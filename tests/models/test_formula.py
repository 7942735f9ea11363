import contextlib

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgsurvey.errors import DataError, SurveyError
from sgsurvey.models.formula import Factor, expand, read_formula


def test_a_formula_is_read_into_factors_and_a_neutral_right_side():
    read = read_formula("SAT ~ FUN * C(age5) - center(MGT) + `net income` + FUN")
    assert read.outcome == Factor("SAT", "SAT")
    assert read.factors == (
        Factor("FUN", "FUN"),
        Factor("C(age5)", "age5", "category"),
        Factor("center(MGT)", "MGT", "centred"),
        Factor("net income", "net income"),
    )
    assert read.right == "f0 * f1 - f2 + f3 + f0"
    assert read.variables == ("SAT", "FUN", "age5", "MGT", "net income")


def test_chinese_names_are_names():
    assert read_formula("满意度 ~ C(乡镇)").variables == ("满意度", "乡镇")


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("SAT", "one '~'"),
        ("SAT ~ a ~ b", "one '~'"),
        ("~ FUN", "left side is one numeric variable"),
        ("SAT + EFS ~ FUN", "left side is one numeric variable"),
        ("C(SAT) ~ FUN", "left side is one numeric variable"),
        ("SAT ~ __import__('os').system('ls')", "has no meaning in a formula"),
        ("SAT ~ eval(FUN)", "'eval()' is not a function of formulas"),
        ("SAT ~ np.log(FUN)", "'np.log()' is not a function of formulas"),
        ("SAT ~ centre(FUN)", "Did you mean 'center'?"),
        ("SAT ~ C(FUN + MGT)", "C() holds one name"),
        ("SAT ~ C(FUN", "C() holds one name"),
        ("SAT ~ FUN ** 2", "the number 2 has no meaning here"),
        ("SAT ~ 1:FUN", "the number 1 has no meaning here"),
        ("SAT ~ {FUN}", "'{' has no meaning"),
        ("SAT ~ SAT + FUN", "stands on both sides"),
    ],
)
def test_anything_else_is_an_error_that_says_where(formula, said):
    with pytest.raises(DataError) as error:
        read_formula(formula)
    assert said in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize("right", ["FUN +", "(FUN", "FUN)", "FUN * * MGT", "()", "FUN MGT"])
def test_a_right_side_without_sense_is_an_error(right):
    frame = pd.DataFrame({"f0": [1.0, 2.0], "f1": [2.0, 1.0]})
    with pytest.raises(DataError, match="cannot be read"):
        expand(read_formula(f"SAT ~ {right}"), frame)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab~+-:*()01 C`'._[]{}|^%满\n", max_size=20))
def test_no_text_gets_past_as_anything_but_names_and_signs(text):
    """Whatever is written, it is read, or refused in words; nothing else is raised and nothing is run."""
    frame = pd.DataFrame({f"f{i}": [1.0, 2.0, 3.0] for i in range(12)})
    with contextlib.suppress(SurveyError):
        matrix, _ = expand(read_formula("y ~ " + text), frame)
        assert len(matrix) == len(frame)
