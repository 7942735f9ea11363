"""Answers with known truth, written where a study expects the real ones."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from sgsurvey.answers.population import Population
from sgsurvey.answers.raw_files import write_study_data
from sgsurvey.answers.simulate import simulate
from sgsurvey.errors import DataError, QuestionnaireError, did_you_mean
from sgsurvey.files import write_whole
from sgsurvey.pipeline.study import FILE, MARK, Study, sha256


def write_data(study: Study, *, seed: int | None = None, force: bool = False) -> list[Path]:
    """Simulate the study's population and write its raw files to the folder of ``data: responses``.

    The hash of the responses is kept beside them: by it later runs know, and say, that they are simulated.

    Parameters
    ----------
    seed : int, optional
        Another seed than the plan's.
    force : bool
        Write over simulated files that are there.

    Raises
    ------
    QuestionnaireError
        The plan has no ``simulation:``, or names a field that a population does not have.
    DataError
        Files are there that must not be written over.
    """
    plan = study.plan.simulation
    if plan is None:
        raise QuestionnaireError(
            "the study declares no simulation, and simulated answers are never made up unasked.",
            where=str(study.folder / FILE),
            remedy="Add simulation: {seed: 7}, or put the real answers where data: responses says.",
        )
    responses = study.path(study.plan.data.responses)
    if responses.exists() and not (study.simulated and force):
        raise DataError(
            "simulated answers are there already." if study.simulated else "these answers were not made by sgsurvey.",
            where=str(responses),
            remedy="Pass --force to write over them." if study.simulated else "Move them away first.",
        )
    if responses.name != "responses.csv":
        raise QuestionnaireError(
            f"data: responses must end in responses.csv to be simulated, not {responses.name}.",
            where=str(study.folder / FILE),
            remedy="Rename it in study.yaml.",
        )
    answers = simulate(study.questionnaire(), _population(study), seed=plan.seed if seed is None else seed)
    written = write_study_data(answers, responses.parent)
    mark = f"{sha256(responses)}\n".encode()
    return [*written, write_whole(responses.with_name(MARK), mark)]


def _population(study: Study) -> Population:
    """S County with the plan's changes."""
    changes = study.plan.simulation.population if study.plan.simulation else {}
    known = [field.name for field in fields(Population)]
    for name in changes:
        if name not in known:
            raise QuestionnaireError(
                f"simulation: population has no '{name}'.{did_you_mean(name, known)}",
                where=str(study.folder / FILE),
                remedy="See sgsurvey.Population.",
            )
    county = Population()
    # A mapping in the plan changes the entries it names and leaves the others as they are.
    merged: dict[str, Any] = {
        name: {**getattr(county, name), **value} if isinstance(value, dict) else value
        for name, value in changes.items()
    }
    return Population(**merged)
