import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.answers.words import code_words
from sgsurvey.questionnaire.model import Choice, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same

SEX = Scale("sex", (Choice(1, Text("男", "man")), Choice(2, Text("女", "woman"))))


@pytest.fixture
def answers():
    made = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=(Role("villager", Text("村民", "Villagers")),),
        items=(Item("sex", "select_one", same("sex"), scale=SEX),),
    )
    return sg.Responses(pd.DataFrame({"sex": [1, 2] * 6, "role": "villager", "town": 7.0, "w": 1.0}), made)


@pytest.mark.parametrize(
    ("column", "code", "words"),
    [
        ("sex", np.int64(2), "woman"),
        ("sex", 1.0, "man"),
        ("role", "villager", "Villagers"),
        ("town", 7.0, "7"),
        ("town", 1234567.0, "1234567"),
        ("town", "T1", "T1"),
    ],
)
def test_a_code_has_the_words_of_its_question(answers, column, code, words):
    assert code_words(answers, column, code).en == words


def test_groups_of_weights_are_named_by_words(answers):
    designed = sg.survey_design(answers, weights="w")
    assert [word.en for word in sg.weight_effects(designed, by="sex").frame["group"]] == ["man", "woman"]
