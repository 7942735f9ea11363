import numpy as np
import pandas as pd
import pytest

from sgsurvey.answers.design import Design
from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text, same


def agreement(codes=(1, 2, 3, 4, 5)):
    return Scale(
        "agree", (*(Choice(c, same(str(c))) for c in codes), Choice(8, Text("不清楚", "Don't know"), "dont_know"))
    )


def study(n=200, seed=1, roles=("villager",)) -> Responses:
    """Two reflective constructs of four items (the last of MGT reversed), a list, and role means that differ."""
    rng = np.random.default_rng(seed)
    role = rng.permutation(np.resize(roles, n))
    common = rng.standard_normal((n, 2)) @ np.array([[1, 0.4], [0, 0.9]])
    columns: dict[str, object] = {"role": role, "sex": rng.choice([1, 2], n)}
    for k, construct in enumerate(["MGT", "SUP"]):
        for i in range(1, 5):
            shift = 1.5 * (role == roles[-1]) if len(roles) > 1 else 0
            raw = np.clip(np.round(3 + 0.9 * common[:, k] + 0.7 * rng.standard_normal(n) + shift), 1, 5)
            reverse = construct == "MGT" and i == 4
            columns[f"{construct}{i}{'R' if reverse else ''}"] = 6 - raw if reverse else raw
    columns["CAU1"] = rng.choice([0, 1], n)
    names = [c for c in columns if c[:3] in ("MGT", "SUP")]
    scale = agreement()
    items = [
        Item(name, "rating", Text(f"{name}题", f"Item {name}"), scale, name[:3], reverse=name.endswith("R"))
        for name in names
    ]
    sex = Scale("sex", (Choice(1, Text("男", "Male")), Choice(2, Text("女", "Female"))))
    return Responses(
        pd.DataFrame(columns),
        Questionnaire(
            "s",
            "1",
            Text("研究", "Study"),
            language="en",
            roles=tuple(Role(r, Text(f"{r}组", r.capitalize())) for r in roles),
            items=(
                *items,
                Item("sex", "select_one", Text("性别", "Sex"), sex),
                Item("CAU1", "integer", same("CAU1"), None, "CAU"),
            ),
            constructs=(
                Construct("MGT", Text("管理", "Management"), items=tuple(names[:4])),
                Construct("SUP", Text("监督", "Supervision"), items=tuple(names[4:])),
                Construct("CAU", Text("原因", "Causes"), kind="list", items=("CAU1",)),
            ),
        ),
    )


@pytest.fixture(scope="session")
def villagers() -> Responses:
    return study()


@pytest.fixture(scope="session")
def two_roles() -> Responses:
    return study(n=240, roles=("villager", "evaluator"))


@pytest.fixture(scope="session")
def weighted() -> Responses:
    answers = study()
    frame = answers.frame.assign(w=np.resize([1.0, 2.0], len(answers)))
    return Responses(frame, answers.questionnaire, Design(weights="w"))
