"""What a sound questionnaire obeys: one small function per rule; all faults are reported at once.

Names whose own definition could not be read are in ``draft.broken``: what refers to them is not blamed.
"""

from sgsurvey.questionnaire import rules_forms, rules_scales, rules_words
from sgsurvey.questionnaire.draft import Draft, Rule
from sgsurvey.questionnaire.fault import Fault

RULES: tuple[Rule, ...] = (*rules_words.RULES, *rules_scales.RULES, *rules_forms.RULES)
"""Every rule, in the order in which its faults are found."""


def faults(draft: Draft) -> list[Fault]:
    """Every fault of what the files define, rule by rule."""
    return [fault for rule in RULES for fault in rule(draft)]
