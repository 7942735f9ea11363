"""The report: what was found at each step, in the order of the research questions, in both languages."""

from causes import Causes
from chapters import (
    appendix,
    data_quality,
    how_it_is_rated,
    what_could_be_tried,
    what_falls_short,
    what_goes_with_it,
    what_people_write,
    whether_it_measures,
    who_answered,
    without_suspects,
)
from countermeasures import Proposals
from examined import NotExamined
from left_out import left_out
from open_answers import Written
from prepare import Prepared
from problems import Problems
from status_quo import StatusQuo
from summary import summary

import sgsurvey as sg
from sgsurvey.pipeline.planned import held_to_plan
from sgsurvey.pipeline.study import Study


def write(
    study: Study,
    data: Prepared,
    status: StatusQuo,
    found: Problems,
    why: Causes,
    said: Written | NotExamined,
    levers: Proposals,
) -> sg.Report:
    """Lay everything out; ``report.to("en")`` is the same report in English."""
    study.progress("Writing")
    plan = study.plan
    report = sg.Report(
        plan.title.text,
        language=plan.languages[0],
        subtitle=plan.subtitle.text,
        simulated=study.simulated,
        facts={"read": data.read.log.steps[0].n_in, "kept": len(data.answers), "by_role": counts(data.answers)},
    )
    for chapter in (
        summary(study, data, status, found, why, levers),
        who_answered(data, status),
        how_it_is_rated(data, status),
        whether_it_measures(data, status),
        what_falls_short(found),
        what_goes_with_it(why),
        what_people_write(said),
        what_could_be_tried(why, levers),
        without_suspects(data, status, why),
        data_quality(data),
        appendix(data, status),
    ):
        report = report.add(*chapter)
    lacking = left_out(report, status, found, why, said, levers)
    return held_to_plan(report if lacking is None else report.add(lacking), study)


def counts(answers: sg.Responses) -> dict[str, int]:
    """Respondents by stakeholder group."""
    return {role: int((answers.frame["role"] == role).sum()) for role in answers.roles}
