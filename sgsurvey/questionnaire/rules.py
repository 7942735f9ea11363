"""What a sound questionnaire obeys: one small function per rule; all faults are reported at once."""

from sgsurvey.questionnaire.draft import Draft
from sgsurvey.questionnaire.fault import Fault


def faults(draft: Draft) -> list[Fault]:
    """Every fault of what the files define."""
    return []
