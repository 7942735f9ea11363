"""Which measures the stakeholders put first, and which of those that the plan declares this survey supports testing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from causes import Causes
from examined import NOT_PLANNED, NotExamined, examined
from open_answers import Written
from prepare import Prepared
from problems import Problems

import sgsurvey as sg
from sgsurvey.causes.countermeasures import Countermeasures
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.pipeline.plan import Plan
from sgsurvey.pipeline.study import Study
from sgsurvey.text import Text

LEVERS = Text("对策与问题的对应", "Measures beside problems")


@dataclass(frozen=True)
class Proposals:
    """What could be tried: in the eyes of each group, and by the evidence."""

    levers: MultipleResponse | None
    judged: Countermeasures | NotExamined

    def sentences(self) -> Sequence[Text]:
        """What the evidence says of each declared measure."""
        return () if isinstance(self.judged, NotExamined) else self.judged.sentences()


def countermeasures(
    data: Prepared, study: Study, found: Problems, why: Causes, said: Written | NotExamined
) -> Proposals:
    """Measures as ranked by each group, and the plan's measures beside problems and causes."""
    study.progress("Countermeasures: what stakeholders put first, and what the evidence supports")
    plan, answers = study.plan, data.answers
    if plan.levers is None:
        return Proposals(None, NotExamined(LEVERS, NOT_PLANNED))
    ranked = sg.multiple_response(answers, plan.levers, by="role")
    if not plan.lever_table:
        return Proposals(ranked, NotExamined(LEVERS, NOT_PLANNED))
    return Proposals(ranked, examined(LEVERS, partial(judge, answers, plan, found, why, said)))


def judge(
    answers: sg.Responses, plan: Plan, found: Problems, why: Causes, said: Written | NotExamined
) -> Countermeasures:
    """Each declared measure beside the problems that it would move; the package invents none."""
    levers = [sg.Lever(row.lever, row.points, row.cost, row.controlled_by.text) for row in plan.lever_table]
    judged = sg.countermeasures(
        answers, why.priorities, levers, shortfall=found.shortfall, causes=plan.causes, measures=plan.levers or ""
    )
    return judged if isinstance(said, NotExamined) or not said.themes.aspects else judged.beside(said.themes)
