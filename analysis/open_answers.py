"""What people write when nothing is offered to choose from: coded by two coders, counted by group, never quoted."""

from dataclasses import dataclass
from functools import partial

from examined import NOT_PLANNED, NotExamined, examined
from prepare import Prepared

import sgsurvey as sg
from sgsurvey.answers.coding import Coding
from sgsurvey.answers.simulate_coding import simulate_coding
from sgsurvey.descriptives.themes import Themes
from sgsurvey.measurement.coder_agreement import CoderAgreement
from sgsurvey.pipeline.study import Study
from sgsurvey.text import Text

CODES = Text("开放题编码", "Coding of open answers")
AGREEMENT = Text("编码员一致性", "Agreement of coders")
FUNCTIONS = Text("各方面的内容", "What is said of each aspect")
NO_SHEETS = Text("没有编码表（{files}）", "no coding sheets ({files})")


@dataclass(frozen=True)
class Written:
    """Codes, how far coders agree on them, and themes: by group, and as state, problem, cause or proposal."""

    coding: Coding
    agreement: CoderAgreement | NotExamined
    themes: Themes
    functions: Themes | NotExamined


def open_answers(data: Prepared, study: Study) -> Written | NotExamined:
    """Read the coders' sheets; simulated answers without sheets have simulated coders."""
    planned = study.plan.open_answers
    if planned is None:
        return NotExamined(CODES, NOT_PLANNED)
    study.progress("Open answers: codes and themes")
    if study.coding_sheets:
        coding = sg.read_coding(study.coding_sheets, data.read, study.coding_frame)
    elif study.simulated:
        coding = simulate_coding(data.read, planned.items, seed=study.plan.seed)
    else:
        return NotExamined(CODES, NO_SHEETS.format(files=", ".join(planned.sheets.values())))
    coding = coding.among(data.answers)
    aspect, *others = coding.codes.names
    return Written(
        coding,
        examined(AGREEMENT, partial(sg.coder_agreement, coding, seed=study.plan.seed)),
        sg.themes(coding, aspect, by="role"),
        examined(FUNCTIONS, partial(sg.themes, coding, [aspect, *others[:1]])),
    )
