"""When a stakeholder group is small."""

from sgsurvey.answers.responses import Responses

# A role with fewer respondents gets median, range and top-two count only, and all its open answers are coded twice.
FEW = 30


def unquotable(answers: Responses) -> set[str]:
    """Roles with so few respondents that nothing any of them said may be quoted."""
    if "role" not in answers.frame:
        return set()
    sizes = answers.frame["role"].value_counts()
    return {str(role) for role, n in sizes.items() if n < answers.questionnaire.smallest_cell}
