"""Names of groups and constructs in running text and titles."""

from collections.abc import Sequence
from dataclasses import replace

import sgsurvey as sg
from sgsurvey.text import Text, listed


def named(answers: sg.Responses, role: str) -> Text:
    """The stakeholder group in words; everybody where there is no such group."""
    if role in answers.roles:
        return answers.questionnaire.role(role).label
    return Text("全体受访者", "all respondents")


def construct_names(names: Sequence[str], answers: sg.Responses) -> Text:
    """Constructs in words, as a list in running text."""
    return listed(answers.questionnaire.label(name) for name in names)


def of_part(table: sg.Table, part: str, label: Text) -> sg.Table:
    """The table of one group (or construct), told apart by id and title."""
    title = Text(f"{table.title.zh}（{label.zh}）", f"{table.title.en} ({label.en})")
    return replace(table, id=f"{table.id}_{part}", title=title)
