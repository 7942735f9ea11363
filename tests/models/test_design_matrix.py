import numpy as np
import pandas as pd
import pytest

from sgsurvey.answers.design import Design
from sgsurvey.answers.from_frame import as_columns, responses
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.models.design_matrix import complete_rows, design_matrix
from sgsurvey.models.formula import read_formula
from sgsurvey.questionnaire.model import Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same


def matrix(data, formula):
    answers = as_columns(data)
    read = read_formula(formula)
    return design_matrix(answers, read, complete_rows(answers, read.variables))


@pytest.fixture
def study():
    """Two items of a construct, an age in bands with a refusal, and two stakeholder groups."""
    agree = Scale("agree", tuple(Choice(i, same(str(i))) for i in range(1, 6)))
    bands = Scale(
        "bands",
        (
            Choice(1, Text("18–29岁", "18–29")),
            Choice(2, Text("30–44岁", "30–44")),
            Choice(3, Text("45岁以上", "45 and over")),
            Choice(9, Text("拒答", "Refused"), missing="refused"),
        ),
    )
    items = (
        Item("FUN1", "rating", same("FUN1"), agree, "FUN"),
        Item("FUN2R", "rating", same("FUN2R"), agree, "FUN", reverse=True),
        Item("SAT1", "rating", same("SAT1"), agree),
        Item("age5", "select_one", Text("年龄", "Age"), bands),
    )
    instrument = Questionnaire(
        "test",
        "1",
        Text("测试", "Test"),
        language="en",
        roles=(Role("villager", Text("村民", "Villager")), Role("evaluator", Text("评估员", "Evaluator"))),
        items=items,
        constructs=(Construct("FUN", Text("资金", "Funding"), items=("FUN1", "FUN2R")),),
    )
    frame = pd.DataFrame(
        {
            "role": ["villager", "evaluator"] * 4,
            "FUN1": [1, 2, 3, 4, 5, 1, 2, np.nan],
            "FUN2R": [5, 4, 3, 2, 1, 5, 4, np.nan],
            "SAT1": [1, 3, 2, 4, 5, 2, np.nan, 3],
            "age5": [1, 2, 3, 1, 9, 2, 3, 1],
        }
    )
    return Responses(frame, instrument)


def test_constructs_enter_as_scores_and_codes_as_labelled_categories(study):
    made = matrix(study, "SAT1 ~ FUN + C(age5) + role")
    assert made.names == ("Intercept", "FUN", "C(age5)[T.2]", "C(age5)[T.3]", "role[T.evaluator]")
    assert [label.en for label in made.labels] == [
        "(Constant)", "Funding", "Age: 30–44", "Age: 45 and over", "Stakeholder group: Evaluator",
    ]  # fmt: skip
    assert made.labels[2].zh == "年龄：30–44岁"
    assert made.notes[0].en == "Reference: Age = 18–29; Stakeholder group = Villager."
    assert made.X[:, 1].tolist() == [1, 2, 3, 4, 1]


def test_each_row_is_dropped_for_the_first_thing_it_lacks(study):
    rows = complete_rows(study, ["SAT1", "FUN", "age5"])
    assert rows.dropped == {"SAT1 missing": 1, "FUN missing": 1, "age5 missing": 1}
    assert len(rows.kept) + sum(rows.dropped.values()) == len(study)


def test_codes_that_enter_as_numbers_are_said(study):
    assert matrix(study, "SAT1 ~ age5").notes[-1].en == "Age enters as the number of its code."
    assert "age5" in matrix(study, "SAT1 ~ age5").names


def test_products_are_columns_of_one_term(study):
    made = matrix(study, "SAT1 ~ FUN * C(age5)")
    assert [(term.name, term.columns, term.number) for term in made.terms] == [
        ("FUN", (1,), "FUN"), ("C(age5)", (2, 3), ""), ("FUN:C(age5)", (4, 5), ""),
    ]  # fmt: skip
    np.testing.assert_array_equal(made.X[:, 4], made.X[:, 1] * made.X[:, 2])
    assert made.labels[4].en == "Funding × Age: 30–44"


def test_without_a_constant_every_category_has_its_column(study):
    made = matrix(study, "SAT1 ~ 0 + role")
    assert made.names == ("role[villager]", "role[evaluator]")
    assert made.X.sum(axis=1).tolist() == [1.0] * len(made.X)
    assert not made.intercept


def test_center_and_standardise_work_on_the_rows_used():
    frame = pd.DataFrame({"y": [1.0, 2, 3, 5, np.nan], "x": [1.0, 2, 6, 7, 1000]})
    made = matrix(frame, "y ~ center(x)")
    assert made.X[:, 1].tolist() == [-3, -2, 2, 3]
    scaled = matrix(frame, "y ~ standardise(x)").X[:, 1]
    np.testing.assert_allclose([scaled.mean(), scaled.std(ddof=1)], [0, 1], atol=1e-15)


def test_center_uses_the_weights():
    frame = pd.DataFrame({"y": [1.0, 2, 3], "x": [0.0, 0, 4], "w": [1.0, 1, 2]})
    made = matrix(responses(frame, {}, limits=None, design=Design(weights="w")), "y ~ center(x)")
    assert made.X[:, 1].tolist() == [-2, -2, 2]
    assert made.weights.mean() == 1


def test_ordered_categories_keep_their_order():
    grade = pd.Categorical(["high", "low", "mid", "low"], ["low", "mid", "high"], ordered=True)
    made = matrix(pd.DataFrame({"y": [1.0, 2, 3, 4], "grade": grade}), "y ~ grade")
    assert made.names == ("Intercept", "grade[T.mid]", "grade[T.high]")


def test_rows_of_weight_zero_are_dropped_and_counted():
    frame = pd.DataFrame({"y": [1.0, 2, 3], "w": [1.0, 0, 2]})
    rows = complete_rows(responses(frame, {}, limits=None, design=Design(weights="w")), ["y"])
    assert rows.dropped == {"weight 0": 1}


@pytest.mark.parametrize(
    ("formula", "kind", "said"),
    [
        ("y ~ incme", DataError, "Did you mean 'income'?"),
        ("word ~ income", DataError, "holds words, not numbers"),
        ("y ~ center(word)", DataError, "holds words"),
        ("y ~ infinite", DataError, "infinite"),
        ("y ~ C(constant)", EstimationError, "one category only"),
        ("y ~ standardise(constant)", EstimationError, "does not vary"),
        ("y ~ empty", DataError, "no row is complete"),
    ],
)
def test_faults_are_said(formula, kind, said):
    frame = pd.DataFrame(
        {
            "y": [1.0, 2, 3],
            "income": [1.0, 2, 3],
            "word": ["a", "b", "a"],
            "infinite": [1.0, np.inf, 2],
            "constant": [1, 1, 1],
            "empty": [np.nan] * 3,
        }
    )
    with pytest.raises(kind) as error:
        matrix(frame, formula)
    assert said in str(error.value)
