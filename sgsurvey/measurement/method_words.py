"""The words of common method bias: tests, indices with their conventions, models, and what none of them can say."""

from sgsurvey.tables.conventions import OF_METHOD
from sgsurvey.tables.table import Kind
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

TESTS = {
    "harman_efa": Text("Harman单因素检验（EFA）", "Harman's test (EFA)"),
    "harman_cfa": Text("Harman单因素检验（CFA）", "Harman's test (CFA)"),
    "method_factor": Text("潜在方法因子（载荷相等）", "Latent method factor (equal loadings)"),
    "marker": Text("标记变量偏相关", "Marker variable, partial correlations"),
    "marker_cfa": Text("标记变量CFA", "CFA marker"),
}
# Words, format, digits and convention of each index.
INDICES: dict[str, tuple[Text, Kind, int | None, Text]] = {
    "eigenvalues_above_1": (Text("特征根大于1的个数", "Eigenvalues above 1"), "count", None, same("> 1")),
    "first_share": (Text("第一主成分（%）", "First component (%)"), "percent", 2, OF_METHOD["first_share"].words),
    "first_factor_share": (Text("第一公因子（minres，%）", "First common factor (minres, %)"), "percent", 2, same("")),
    "one_factor_cfi": (
        Text("单因子模型CFI", "CFI of one factor"),
        "bounded",
        None,
        Text("明显低于假设模型", "well below"),
    ),
    "one_factor_rmsea": (
        Text("单因子模型RMSEA", "RMSEA of one factor"),
        "bounded",
        None,
        Text("明显高于", "well above"),
    ),
    "model_cfi": (Text("假设模型CFI", "CFI of the model"), "bounded", None, same("")),
    "model_rmsea": (Text("假设模型RMSEA", "RMSEA of the model"), "bounded", None, same("")),
    "delta_chi_square": (same("Δχ²"), "statistic", None, same("")),
    "delta_df": (same("Δdf"), "df", None, same("")),
    "delta_p": (HEADS["p_value"], "p", None, same("")),
    "delta_cfi": (same("ΔCFI"), "bounded", None, OF_METHOD["delta_cfi"].words),
    "delta_rmsea": (same("ΔRMSEA"), "bounded", None, OF_METHOD["delta_rmsea"].words),
    "method_loading": (Text("方法因子的平均标准化载荷", "Mean std. loading on method"), "bounded", None, same("")),
    "method_loading_se": (Text("其标准误（最大）", "its standard error (largest)"), "bounded", None, same("")),
    "method_share": (Text("方法因子的平均方差份额（%）", "Mean variance of method (%)"), "percent", 1, same("")),
    "construct_share": (Text("维度因子的平均方差份额（%）", "Mean variance of constructs (%)"), "percent", 1, same("")),
    "marker_r": (same("rM"), "bounded", None, same("")),
    "pairs": (Text("显著相关的对数：校正前", "Significant pairs before"), "count", None, same("")),
    "pairs_adjusted": (Text("校正后", "after"), "count", None, Text("不变", "the same")),
    "pairs_strict": (Text("从严校正后", "after strict adjustment"), "count", None, same("")),
}
MODELS = {
    "model": Text("假设模型", "Model"),
    "one_factor": Text("单因子模型", "One factor"),
    "method_factor": Text("加入方法因子", "With a method factor"),
    "marker_baseline": Text("标记变量基线模型", "Marker, baseline"),
    "marker_equal": Text("标记变量，载荷相等", "Marker, equal loadings"),
    "marker_free": Text("标记变量，载荷自由", "Marker, free loadings"),
}
CAVEAT = Text(
    "这些检验都不能证明没有共同方法偏差。Harman检验区分不出有无偏差：五个真正无关的维度，若每题在方法因子上载荷0.50，"
    "第一主成分只占36%，“通过”40%的标准，而各维度得分仅因方法就相关0.31（模拟）；方法因子的改善也可能来自维度间真实的"
    "共同内容。应从设计上防范（多来源、分开测量、客观资料），并以此为敏感性分析。",
    "None of these tests shows that there is no common method bias. Harman's cannot tell: with five unrelated "
    "constructs whose items all load .50 on a method factor the first component holds 36 % and 'passes' the 40 % "
    "rule, though scores correlate .31 by method alone (simulated); and what a method factor gains may be content that "
    "constructs truly share. Guard against it by design (several sources, separate measures, records); read these as "
    "sensitivity.",
)
BARELY = Text(
    "方法因子识别很弱：同一维度各题载荷相近时，方法因子与维度间相关可以互换，其检验和方差份额都不可信。",
    "The method factor is barely identified: where the loadings of a construct are alike it trades off with the "
    "correlations of the constructs, and neither its test nor its share is to be relied on.",
)
NOT_FITTED = Text("{test}：模型未能拟合，不列出——{why}", "{test}: its model could not be fitted and is not here; {why}")
NO_MARKER = Text("没有标记变量：未做标记变量检验。", "No marker was measured: its tests are not here.")
