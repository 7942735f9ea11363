"""Which measures the stakeholders put first."""

from collections.abc import Sequence
from dataclasses import dataclass

from prepare import Prepared

import sgsurvey as sg
from sgsurvey.descriptives.multiple import MultipleResponse
from sgsurvey.pipeline.study import Study
from sgsurvey.text import Text


@dataclass(frozen=True)
class Countermeasures:
    """What could be tried."""

    levers: MultipleResponse | None

    def sentences(self) -> Sequence[Text]:
        """What the report says first of the measures; nothing while they are opinions only."""
        return ()


def countermeasures(data: Prepared, study: Study) -> Countermeasures:
    """Measures as ranked by each group; which of them the evidence supports is said beside the priorities."""
    study.progress("Countermeasures: what stakeholders put first")
    levers = study.plan.levers
    return Countermeasures(sg.multiple_response(data.answers, levers, by="role") if levers else None)
