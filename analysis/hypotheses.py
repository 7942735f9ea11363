"""What the plan expected, held against what was found."""

from causes import Causes
from examined import NOT_PLANNED, NotExamined
from problems import Problems

import sgsurvey as sg
from sgsurvey.causes.hypothesis_summary import HypothesisSummary
from sgsurvey.pipeline.plan import Plan
from sgsurvey.tables.result import Result
from sgsurvey.text import Text

SUMMARY = Text("假设检验汇总", "Summary of the hypotheses")


def hypotheses(plan: Plan, found: Problems, why: Causes) -> HypothesisSummary | NotExamined:
    """Every declared hypothesis with its evidence; one whose analysis was not made says why."""
    if not plan.hypotheses:
        return NotExamined(SUMMARY, NOT_PLANNED)
    declared = [sg.Hypothesis(h.id, h.says.text, h.result, h.line, h.expect, h.margin) for h in plan.hypotheses]
    return sg.hypothesis_summary(named_results(plan, found, why), declared)


def named_results(plan: Plan, found: Problems, why: Causes) -> dict[str, Result | Text]:
    """The results that a hypothesis may be about, by name; paths by their own words in the plan."""
    steps: dict[str, Result | NotExamined] = {
        "shortfall": found.shortfall,
        "gaps": found.gaps,
        "misperception": found.misperception,
        "regression": why.regression,
        "drivers": why.drivers,
        **dict(zip(plan.paths, why.paths, strict=False)),
    }
    return {name: step.why if isinstance(step, NotExamined) else step for name, step in steps.items()}
