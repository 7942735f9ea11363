"""ItemRules: when an item leaves a pilot questionnaire, decided before its numbers are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sgsurvey.errors import EstimationError
from sgsurvey.text import Text

Rule = Literal["missing", "discrimination", "citc", "alpha", "communality", "loading", "cross_loading"]

RULES: dict[Rule, Text] = {
    "missing": Text("缺失比例过高", "too often missing"),
    "discrimination": Text("区分度不显著", "does not discriminate"),
    "citc": Text("CITC过低", "low item–total correlation"),
    "alpha": Text("删除后α提高", "alpha rises without it"),
    "communality": Text("共同度过低", "low communality"),
    "loading": Text("因子载荷过低", "low loading"),
    "cross_loading": Text("交叉载荷", "loads on another factor too"),
}
# Rules under which a higher value is worse, and those that need a factor solution.
HIGHER_IS_WORSE: frozenset[Rule] = frozenset({"missing", "discrimination", "alpha"})
OF_FACTORS: frozenset[Rule] = frozenset({"communality", "loading", "cross_loading"})


@dataclass(frozen=True)
class ItemRules:
    """Cut-offs, and the order in which they are asked; None leaves a rule out.

    The values given are conventions; write down your own before the pilot.

    Attributes
    ----------
    missing : float or None
        An item goes when a larger share of those asked gave no answer.
    discrimination : float or None
        … when the p of its high and low 27 % groups (Welch's t) is larger.
    citc : float or None
        … when its correlation with the rest of its scale is smaller.
    alpha : float or None
        … when alpha without it is higher by more than this.
    communality : float or None
        … when its communality is smaller.
    loading : float or None
        … when its loading on its construct's factor is smaller in size.
    cross_loading : float or None
        … when that loading exceeds its largest other one by less (Howard 2016: .20).
    order : tuple of str
        The first rule that an item fails, in this order, takes one item out; then all rules are asked again.
    least : int
        Items that a construct keeps whatever the rules say.
    share : float
        Of each extreme group, for discrimination.

    Raises
    ------
    EstimationError
        A value cannot be what it is called, or the order names a rule that there is not.

    Examples
    --------
    ``sg.select_items(answers, ["MGT", "SUP"], rules=sg.ItemRules(citc=0.3, alpha=None))``
    """

    missing: float | None = 0.20
    discrimination: float | None = 0.05
    citc: float | None = 0.40
    alpha: float | None = 0.01
    communality: float | None = 0.30
    loading: float | None = 0.50
    cross_loading: float | None = 0.20
    order: tuple[Rule, ...] = get_args(Rule)
    least: int = 3
    share: float = 0.27

    def __post_init__(self) -> None:
        for rule in self.order:
            if rule not in RULES:
                raise EstimationError(
                    Text(f"没有“{rule}”这条规则。", f"there is no rule '{rule}'."),
                    where="order=",
                    remedy=Text(f"可用的规则：{'、'.join(RULES)}。", f"Known rules: {', '.join(RULES)}."),
                )
        for rule in get_args(Rule):
            cutoff = self.cutoff(rule)
            if cutoff is not None and not 0 <= cutoff <= 1:
                raise EstimationError(
                    Text(f"规则{rule}的界限{cutoff}不在0至1之间。", f"the cut-off {rule}={cutoff} is not from 0 to 1."),
                    remedy=Text(
                        "请给出0至1之间的数，或留空（不用这条规则）。",
                        "Give a number from 0 to 1, or leave the rule out.",
                    ),
                )
        if self.least < 2:
            raise EstimationError(
                Text("每个维度至少要留两个题项。", "a construct must keep two items or more."),
                where="least=",
                remedy=Text("通常至少留3个。", "Three are usual."),
            )

    def cutoff(self, rule: Rule) -> float | None:
        """The cut-off of a rule; None where it is left out."""
        value: float | None = getattr(self, rule)
        return value

    def asked(self) -> list[Rule]:
        """The rules that are asked, in order."""
        return [rule for rule in self.order if self.cutoff(rule) is not None]

    def fails(self, rule: Rule, value: float) -> bool:
        """Whether an item with this value fails; one without a value does not."""
        cutoff = self.cutoff(rule)
        if cutoff is None or value != value:
            return False
        return value > cutoff if rule in HIGHER_IS_WORSE else value < cutoff
