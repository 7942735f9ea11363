import pytest

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.syntax import from_factors, parse


def relations(text):
    return [(t.lhs, t.op, t.rhs) for t in parse(text).terms]


def test_factors_regressions_covariances_and_intercepts_are_read():
    assert relations("f =~ x1 + x2\ny ~ f\nx1 ~~ x2\ny ~ 1") == [
        ("f", "=~", "x1"),
        ("f", "=~", "x2"),
        ("y", "~", "f"),
        ("x1", "~~", "x2"),
        ("y", "~1", ""),
    ]


def test_lines_may_break_after_and_before_a_plus_inside_brackets_and_end_with_a_semicolon():
    broken = "f =~ x1 +\n  x2   # a comment; with a semicolon\n  + c(a,\n b)*x3 ; g =~ x4 ! another\n\n  + x5"
    assert relations(broken) == [("f", "=~", f"x{i}") for i in (1, 2, 3)] + [("g", "=~", "x4"), ("g", "=~", "x5")]


def test_names_may_be_chinese_or_quoted():
    assert relations("满意 ~ 管理 + `my column`") == [("满意", "~", "管理"), ("满意", "~", "my column")]


def test_modifiers_fix_free_label_and_start_for_all_groups_or_each():
    terms = parse(
        "f =~ NA*x1 + 0.5*x2 + a*x3 + start(-0.8)*x4 + c(1, NA)*x5 + c(b, b)*x6 + -2*x7 + lab*start(3)*x8"
    ).terms
    assert [t.fixed for t in terms] == [(None,), (0.5,), (), (), (1.0, None), (), (-2.0,), ()]
    assert [t.labels for t in terms] == [(), (), ("a",), (), (), ("b", "b"), (), ("lab",)]
    assert [t.starts for t in terms] == [(), (), (), (-0.8,), (), (), (), (3.0,)]


def test_one_relation_said_twice_is_one_with_both_modifiers_and_a_covariance_has_no_order():
    (first, second) = parse("y ~ x\ny ~ a*x\nu ~~ w\nw ~~ 0*u").terms
    assert first.labels == ("a",)
    assert second.fixed == (0.0,)


def test_several_left_sides_share_the_right_side():
    assert relations("y1 + y2 ~ x") == [("y1", "~", "x"), ("y2", "~", "x")]


def test_defined_parameters_and_constraints_are_formulas():
    written = parse("y ~ a*x + b*m\nind := a*b^2 - exp(a)/2\na == 2*b")
    assert written.defined[0].name == "ind"
    assert written.defined[0].formula.names == ("a", "b")
    assert written.defined[0].formula.value({"a": 0.0, "b": 3.0}) == -0.5
    assert written.constraints[0].text == "a == 2*b"


def test_what_a_model_is_made_of():
    written = parse("g =~ f + x3\nf =~ x1 + x2\ny ~ g + age")
    assert written.latent == ("g", "f")
    assert written.observed == ("x3", "x1", "x2", "y", "age")
    assert from_factors({"f": ["x1", "x2"]}).terms == parse("f =~ x1 + x2").terms


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("f =~ x1 +", 1, 3, "nothing on one side"),
        ("f =~ x1 + x2\nf x3", 2, 1, "none of =~"),
        ("y ~ x ~ z", 1, 7, "second '~'"),
        ("f =~ x1\ny ~ x1 + 3", 2, 10, "number 3"),
        ("f =~ x1 $ x2", 1, 9, "'$' means nothing"),
        ("f =~ f", 1, 6, "explain itself"),
        ("y < x", 1, 3, "inequalities"),
        ("f <~ x1", 1, 3, "composites"),
        ("x1 | t1", 1, 4, "thresholds"),
        ("f =~ c(a, b*x1", 1, 6, "variable's name"),
        ("f =~ start(a)*x1", 1, 6, "takes numbers"),
        ("f =~ a b*x1", 1, 8, "not understood"),
        ("f =~ *x1", 1, 7, "before '*'"),
        ("2*f =~ x1", 1, 1, "left side"),
        ("a + b := c", 1, 1, "must be one name"),
        ("a := foo(b)", 1, 6, "is no formula"),
        ("a := b.c", 1, 6, "is no formula"),
        ("a == (b", 1, 6, "no formula"),
        (":= a", 1, 1, "one side"),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_column_in_both_languages(text, line, column, said):
    with pytest.raises(EstimationError) as caught:
        parse(text)
    assert caught.value.where.en == f"model, line {line}, column {column}"
    assert caught.value.where.zh == f"模型第{line}行第{column}列"
    assert said in caught.value.what.en
    assert caught.value.what.zh != caught.value.what.en


@pytest.mark.parametrize("text", ["", "  \n # only a comment\n", ";;"])
def test_an_empty_model_is_refused(text):
    with pytest.raises(EstimationError, match="empty"):
        parse(text)


@pytest.mark.parametrize("items", [[], "x1"])
def test_a_factor_needs_a_list_of_items(items):
    with pytest.raises(EstimationError, match="needs a list"):
        from_factors({"f": items})
