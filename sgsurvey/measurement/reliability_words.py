"""The words of reliability: of which kind each coefficient is, and what the numbers cannot say themselves."""

from sgsurvey.measurement.omega import GROUP_FACTORS
from sgsurvey.measurement.scales import FEWEST
from sgsurvey.text import Text

# Of which kind each coefficient is, in the order of the table.
KINDS: dict[str, Text] = {
    "alpha": Text("α，原始分", "α, items as they are"),
    "alpha_std": Text("标准化α，相关矩阵", "α, standardised items"),
    "omega": Text("总ω，单因子minres，相关矩阵，1 − Σu²/ΣR", "ω total, one minres factor of R, 1 − Σu²/ΣR"),
    "omega_ml": Text("总ω，单因子极大似然，协方差矩阵，(Σλ)²/ΣS", "ω total, one ML factor of S, (Σλ)²/ΣS"),
    "omega_h": Text(
        f"层次ω，Schmid–Leiman，{GROUP_FACTORS}个斜交minres因子（oblimin，不做Kaiser标准化）",
        f"ω hierarchical, Schmid–Leiman, {GROUP_FACTORS} oblique minres factors (oblimin, no Kaiser)",
    ),
    "omega_group": Text(
        f"总ω，{GROUP_FACTORS}个斜交minres因子，1 − Σu²/ΣR", f"ω total, {GROUP_FACTORS} minres factors of R, 1 − Σu²/ΣR"
    ),
    "ecv": Text("ECV：一般因子占共同方差的份额", "ECV: the general factor's share of the common variance"),
    "h": Text("H：最优加权和的信度，单因子minres", "H: reliability of the best weighted sum, one minres factor"),
    "alpha_ordinal": Text(
        "序数α：多分格相关的标准化α（潜在反应之和）",
        "Ordinal α: α of polychoric correlations (the sum of latent responses)",
    ),
    "omega_latent": Text(
        "潜在反应之和的总ω，单因子minres，多分格相关",
        "ω of the sum of latent responses, one minres factor of polychorics",
    ),
    "omega_ordinal": Text(
        "序数ω：所得总分的ω（Green–Yang），多分格相关的单因子minres",
        "Ordinal ω: of the sum of the answers (Green–Yang), one minres factor of polychorics",
    ),
    "lambda1": Text("Guttman λ1，相关矩阵", "Guttman's λ1, of R"),
    "lambda2": Text("Guttman λ2，相关矩阵", "Guttman's λ2, of R"),
    "lambda3": Text("Guttman λ3（即标准化α）", "Guttman's λ3 (standardised α)"),
    "lambda4": Text("Guttman λ4：最好的分半，相关矩阵", "Guttman's λ4: the best split half, of R"),
    "lambda5": Text("Guttman λ5，相关矩阵", "Guttman's λ5, of R"),
    "lambda6": Text("Guttman λ6（多元相关平方），相关矩阵", "Guttman's λ6 (smc), of R"),
    "glb": Text(
        "最大下界（glb），相关矩阵；小样本中偏高", "Greatest lower bound (glb), of R; too high in small samples"
    ),
    "split_mean": Text("分半信度均值，相关矩阵", "Split halves, mean, of R"),
    "split_lowest": Text("最差的分半（β），相关矩阵", "Split halves, worst (β), of R"),
    "odd_even_spearman_brown": Text("奇偶分半，Spearman–Brown", "Odd against even items, Spearman–Brown"),
    "odd_even_flanagan": Text("奇偶分半，Flanagan–Rulon", "Odd against even items, Flanagan–Rulon"),
    "first_second_spearman_brown": Text("前后分半，Spearman–Brown", "First against second half, Spearman–Brown"),
    "first_second_flanagan": Text("前后分半，Flanagan–Rulon", "First against second half, Flanagan–Rulon"),
}

OF_CORRELATIONS = Text(
    "ω为总ω系数（单因子minres，1 − Σu²/ΣR）；标准化α、ω、λ2、λ6由相关矩阵计算。",
    "ω is omega total (one minres factor, 1 − Σu²/ΣR); standardised α, ω, λ2 and λ6 are of correlations.",
)
OMEGA_H = Text(
    f"ωh为层次ω：Schmid–Leiman转换，{GROUP_FACTORS}个斜交minres因子（oblimin，不做Kaiser标准化）。",
    f"ωh is omega hierarchical: Schmid–Leiman of {GROUP_FACTORS} oblique minres factors (oblimin, no Kaiser).",
)
ORDINAL = Text(
    "序数α为多分格相关的α，说的是看不见的潜在反应之和；序数ω（Green–Yang, 2009）说的是实际总分。",
    "Ordinal α is of polychoric correlations, so of a sum of latent responses that nobody sees; ordinal ω (Green and "
    "Yang, 2009) is of the sum of the answers.",
)
READ_WITH_INTERVAL = Text("α应结合置信区间判断。", "Read α with its interval.")

REMARKS = {
    "pairwise": Text(
        "成对处理缺失：每个协方差用两题都答了的行；n为行数最少的一对。",
        "Pairwise: each covariance over the rows that have both items; n is that of the pair with the fewest rows.",
    ),
    "fiml": Text(
        "缺失值按正态下的极大似然处理，假定随机缺失；n为至少答了一题的行数。",
        "Missing answers by maximum likelihood under normality, right if missing at random; n counts rows with any "
        "answer.",
    ),
    "fiml_roles": Text(
        "多个主体合并时不作极大似然，请分组（by=）：{places}。",
        "No maximum likelihood of several roles together; take them apart with by=: {places}.",
    ),
    "pooled": Text(
        "按各主体内部协方差合并计算，主体之间的差异不计入。",
        "Pooled within roles: differences between them are left out.",
    ),
    "unanswered": Text("无人作答，不列出：{places}。", "Nobody answered, not listed: {places}."),
    "part_asked": Text("组内无人作答而略去的题项：{places}。", "Left out, as nobody in the group answered: {places}."),
    "small": Text(
        f"不足{FEWEST}人，数值仅供参考，不作判断：{{places}}。",
        f"Fewer than {FEWEST} respondents, no verdict: {{places}}.",
    ),
    "few": Text("人数过少，不予显示：{places}。", "Too few respondents to be shown: {places}."),
    "too_few": Text(
        "完整回答的行数不多于题项数，无法计算：{places}。", "No more complete rows than items, not computed: {places}."
    ),
    "one_item": Text("只有一个题项，无法计算：{places}。", "One item only, not computed: {places}."),
    "constant": Text("所有人回答相同，无法计算：{places}。", "Answered alike by everybody, not computed: {places}."),
    "apart": Text(
        "有两题从未有人同时作答，或似然没有最大值，无法计算：{places}。",
        "Two items that nobody answered both, or a likelihood without maximum, not computed: {places}.",
    ),
    "cancelling": Text(
        "题项相互抵消，总分没有变异，请核对计分方向，无法计算：{places}。",
        "The items cancel, their sum does not vary; check the key, not computed: {places}.",
    ),
    "reversed": Text(
        "与同一量表其他题项方向相反，请先核对计分方向：{places}。",
        "Against the other items of the scale; check the key before reading α: {places}.",
    ),
    "negative": Text(
        "α为负：题项总体上并不一致，不能当作信度：{places}。",
        "A negative α: on the whole these items do not go together, and it is no reliability: {places}.",
    ),
    "two_items": Text("两个题项时ω不可识别：{places}。", "Omega is not identified by two items: {places}."),
    "singular": Text(
        "题项之间完全线性相关，ω、λ6和glb无法计算：{places}。",
        "Items determine each other, no ω, λ6 and glb: {places}.",
    ),
    "indefinite": Text(
        "成对计算的矩阵不是正定的，ω、λ6和glb无法计算：{places}。",
        "The pairwise matrix is not positive definite, no ω, λ6 and glb: {places}.",
    ),
    "improper": Text(
        "单因子解不适当（Heywood），ω须谨慎，不给区间：{places}。",
        "Improper one-factor solution, ω with care and without an interval: {places}.",
    ),
    "improper_groups": Text(
        "Schmid–Leiman解不适当（Heywood），ωh须谨慎：{places}。",
        "Improper Schmid–Leiman solution, ωh with care: {places}.",
    ),
    "ordinal_roles": Text(
        "合并各主体时不计算序数系数，请分组（by=）：{places}。",
        "No ordinal coefficients of several roles together; take them apart with by=: {places}.",
    ),
    "ordinal_codes": Text(
        "含小数或取值过多，不是有序类别，没有序数系数：{places}。",
        "Fractions or too many values, no ordered categories and no ordinal coefficients: {places}.",
    ),
    "ordinal_none": Text(
        "多分格相关到达边界、不正定或单因子解不适当，没有序数系数：{places}。",
        "Polychoric correlations at their bound or not positive definite, or an improper factor, no ordinal "
        "coefficients: {places}.",
    ),
    "failed": Text("自助抽样中没有得出数值的次数：{places}。", "Bootstrap draws that gave no value: {places}."),
}

# Said under the tables that show these coefficients.
OF_COEFFICIENTS = {
    "no_groups": Text(
        f"不足6个题项，或解未收敛，{GROUP_FACTORS}个因子不可识别，没有ωh：{{places}}。",
        f"Fewer than 6 items do not identify {GROUP_FACTORS} factors, or they did not converge, no ωh: {{places}}.",
    ),
    "searched": Text(
        "题项超过16个，最好和最差的分半为搜索所得，不是逐一计算：{places}。",
        "More than 16 items: the best and the worst split were searched for, not all tried: {places}.",
    ),
}
