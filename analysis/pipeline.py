"""The whole data flow of the study: status quo -> problems -> causes -> countermeasures."""

from causes import causes
from countermeasures import countermeasures
from open_answers import open_answers
from prepare import prepare
from problems import problems
from status_quo import status_quo
from write import write

import sgsurvey as sg
from sgsurvey.pipeline.study import Study


def main(study: Study) -> sg.Report:
    """Run every step and return the report."""
    data = prepare(study)
    status = status_quo(data, study)
    found = problems(data, study, status.measurement)
    why = causes(data, study)
    said = open_answers(data, study)
    levers = countermeasures(data, study, found, why, said)
    return write(study, data, status, found, why, said, levers)


if __name__ == "__main__":
    main(sg.read_study("analysis")).save("analysis/out/report.zh.docx")
