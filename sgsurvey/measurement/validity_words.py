"""What spoils the formulas of validity, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sgsurvey.measurement.convergent import Convergent
from sgsurvey.measurement.sem import SEM
from sgsurvey.text import Text

TURNED = Text(
    "载荷为负，CR和HTMT因此失真，请先核对计分方向：{names}。",
    "Negative loadings spoil CR and HTMT; check the key first: {names}.",
)
CROSSED = Text(
    "在多个因子上有载荷的题项不计入HTMT：{names}。", "Items that load on several factors are left out of HTMT: {names}."
)
RESIDUAL = Text(
    "模型有相关残差，CR公式未计入。", "The model has correlated residuals, which the formula of CR leaves out."
)
HIGHER = Text("高阶因子没有直接题项，不列出：{names}。", "Not listed, as no item measures them directly: {names}.")
SINGLE = Text("只有一题（或没有专属题项），不计算HTMT：{names}。", "Without two items of its own, no HTMT: {names}.")


def remarks(cfa: SEM, found: Sequence[Convergent], pure: Mapping[str, Sequence[str]]) -> list[Text]:
    """What of a group's model the formulas do not hold for; ``pure`` are the factors with ratios."""
    everywhere = [item for f in found for item in f.items]
    named = {
        TURNED: [item for f in found for item, loading in zip(f.items, f.loadings, strict=True) if loading < 0],
        CROSSED: sorted({item for item in everywhere if everywhere.count(item) > 1}),
        HIGHER: [name for name in cfa.parameters.latent if name not in {f.factor for f in found}],
        SINGLE: [f.factor for f in found if f.factor not in pure] if len(found) > 1 else [],
    }
    said = [words.format(names=Text("、".join(names), ", ".join(names))) for words, names in named.items() if names]
    rows = cfa.parameters.rows
    if any(row.op == "~~" and row.lhs != row.rhs and {row.lhs, row.rhs} <= set(everywhere) for row in rows):
        said.append(RESIDUAL)
    return said
