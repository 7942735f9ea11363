"""Tables of how many factors to keep: eigenvalues against chance, and what each rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sgsurvey.measurement.retention_sentences import of_eigenvalues, of_rules
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

if TYPE_CHECKING:
    from sgsurvey.measurement.retention import Retention

BASES = {"components": Text("主成分", "Components"), "factors": Text("公因子", "Common factors")}

RULES = {
    "components": Text("平行分析：主成分", "Parallel analysis: components"),
    "smc": Text("平行分析：公因子（对角线为SMC）", "Parallel analysis: common factors, SMC on the diagonal"),
    "factors": Text(
        "平行分析：公因子（对角线为单因子minres共同度）",
        "Parallel analysis: common factors, communalities of one minres factor on the diagonal",
    ),
    "map": Text("MAP（偏相关平方）", "MAP, squared partial correlations"),
    "map4": Text("MAP（偏相关四次方）", "MAP, fourth power of partial correlations"),
    "kaiser": Text("特征根大于1（Kaiser）", "Eigenvalues above 1 (Kaiser)"),
}

SOURCES = {
    "normal": Text("独立正态变量", "independent normal variables"),
    "permuted": Text("各题项数据各自打乱", "the items' own columns, each shuffled"),
    "margins": Text("按各题项的边际分布抽取", "draws from the items' own margins"),
}

KINDS = {
    "pearson": Text("Pearson相关", "Pearson correlations"),
    "spearman": Text("Spearman相关", "Spearman correlations"),
    "polychoric": Text("多分格相关", "polychoric correlations"),
}

KAISER = Text(
    "特征根大于1的规则常高估，仅供对照；规则不一致时，应比较相邻因子数的解。",
    "Eigenvalues above 1 mostly ask for too many and are shown for comparison; where rules differ, compare the "
    "solutions of neighbouring numbers.",
)


def eigenvalue_table(found: Retention) -> Table:
    """Eigenvalues of components and of common factors beside the 95th percentile of chance, and average partials."""
    components, factors = (found.frame[found.frame["basis"] == basis] for basis in ("components", "factors"))
    eigenvalues = components["eigenvalue"].to_numpy()
    p = len(eigenvalues)
    partials = found.partials.set_index("number")
    frame = pd.DataFrame(
        {
            "number": components["number"],
            "eigenvalue": eigenvalues,
            "share": eigenvalues / p,
            "cumulative": eigenvalues.cumsum() / p,
            "high": components["simulated_high"],
            "retained": components["retained"],
            "factor_eigenvalue": factors["eigenvalue"].to_numpy(),
            "factor_high": factors["simulated_high"].to_numpy(),
            "factor_retained": factors["retained"].to_numpy(),
            "map": partials["average_partial"].reindex(range(1, p + 1)).to_numpy(),
        }
    )
    whole, common = BASES["components"], BASES["factors"]
    columns = [
        Column("number", Text("序号", "Number"), "count"),
        Column("eigenvalue", HEADS["eigenvalue"], "estimate", 3, spanner=whole),
        Column("share", HEADS["variance_explained"], "percent", 2, spanner=whole),
        Column("cumulative", HEADS["cumulative_variance"], "percent", 2, spanner=whole),
        Column("high", HEADS["parallel"], "estimate", 3, spanner=whole),
        Column("retained", HEADS["retain"], "text", spanner=whole),
        Column("factor_eigenvalue", HEADS["eigenvalue"], "estimate", 3, spanner=common),
        Column("factor_high", HEADS["parallel"], "estimate", 3, spanner=common),
        Column("factor_retained", HEADS["retain"], "text", spanner=common),
        Column("map", Text("MAP", "MAP"), "bounded", 4),
    ]
    title = Text("因子数的确定：特征根与平行分析", "Number of factors: eigenvalues and parallel analysis")
    counts = Text(
        f"主成分{found.components}个；公因子（对角线为单因子minres共同度）{found.factors}个，对角线为SMC时{found.smc}个。"
        f"MAP（序号个主成分剔除后）最小值在{found.map}个，四次方形式在{found.map4}个。",
        f"{found.components} component(s); {found.factors} common factor(s), with communalities of one minres factor "
        f"on the diagonal, {found.smc} with SMC. MAP, after so many components are removed, is least at {found.map}; "
        f"its fourth power at {found.map4}.",
    )
    table = Table.from_frame(frame, columns, id="retention", title=title, notes=(how(found), counts, *found.remarks))
    return table.telling(*of_eigenvalues(table))


def agreement_table(found: Retention) -> Table:
    """One line per rule."""
    frame = pd.DataFrame(
        {
            "rule": pd.Series([RULES[rule] for rule in found.rules["rule"]], dtype=object),
            "number": found.rules["number"],
            "agrees": found.rules["agrees"],
        }
    )
    columns = [
        Column("rule", Text("规则", "Rule"), "text"),
        Column("number", Text("建议个数", "Number"), "count"),
        Column("agrees", Text("多数规则一致", "As most rules say"), "text"),
    ]
    title = Text("因子数：各规则的建议", "Number of factors: what each rule says")
    notes = (verdict(found), how(found), KAISER, *found.remarks)
    table = Table.from_frame(frame, columns, id="retention_rules", title=title, notes=notes)
    return table.telling(*of_rules(table))


def verdict(found: Retention) -> Text:
    """In one sentence, where the rules agree."""
    said = found.rules[found.rules["agrees"]]
    numbers = [str(number) for number in sorted(said["number"].unique())]
    if not numbers:
        return Text("各规则互不一致。", "No two rules agree.")
    votes, rules = int((said["number"] == said["number"].iloc[0]).sum()), len(found.rules)
    if len(numbers) == 1:
        return Text(f"{rules}条规则中有{votes}条建议{numbers[0]}个。", f"{votes} of {rules} rules say {numbers[0]}.")
    return Text(
        f"规则意见分散：{'、'.join(numbers)}个各有{votes}条。",
        f"The rules are divided: {' and '.join(numbers)} have {votes} each.",
    )


def how(found: Retention) -> Text:
    """Correlations, draws and seed."""
    kind, source = KINDS[found.correlation], SOURCES[found.simulation]
    return Text(
        f"{kind.zh}；平行分析（{found.iterations}次模拟，种子{found.seed}，第95百分位）以{source.zh}为参照。",
        f"Of {kind.en}; parallel analysis ({found.iterations} draws, seed {found.seed}, 95th percentile) against "
        f"{source.en}.",
    )
