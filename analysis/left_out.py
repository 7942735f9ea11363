"""The tables that a thesis of this field reports, and which of them this report lacks, with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

import pandas as pd
from causes import DOMINANCE, MODELS, PATH, ROBUSTNESS, STATED
from countermeasures import LEVERS
from examined import NOT_PLANNED, NotExamined
from hypotheses import SUMMARY
from measurement import INVARIANCE, METHOD, MODEL
from open_answers import CODES
from problems import GAPS, GUESSES

import sgsurvey as sg
from sgsurvey.report.blocks import TableBlock
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

NOT_NEEDED = Text("数据中没有需要报告的内容", "the data have nothing to report here")


@dataclass(frozen=True)
class Expected:
    """A table that a reader expects: ids that show it, and why it is not there, unless a step says so itself."""

    name: Text
    ids: tuple[str, ...]
    why: Text = NOT_NEEDED
    step: Text | None = None

    def is_of(self, failed: NotExamined) -> bool:
        """Whether the step that was not done is the one that gives this table, for some group or construct."""
        return self.step is not None and failed.step.en.startswith(self.step.en)


def usual(zh: str, en: str, *ids: str, why: Text = NOT_NEEDED, step: Text | None = None) -> Expected:
    """One line of the list."""
    return Expected(Text(zh, en), ids, why, step)


NO_RECORD = Text("没有逐个样本的发放与回收记录", "no record of each case that was issued and returned")
NO_EXPERTS = Text("没有请专家评定题项", "no panel of experts rated the items")
NO_RETEST = Text("没有重测", "nobody was asked twice")
EXPECTED: tuple[Expected, ...] = (
    usual("抽样与回收", "Sampling and return", "field_report", why=NO_RECORD),
    usual("答卷流程", "Response flow", "flow"),
    usual("无效问卷甄别", "Exclusion log", "screening"),
    usual("缺失与“不清楚”", "Missing answers", "missing"),
    usual("样本量说明", "Sample size", "size_rules"),
    usual("样本基本信息", "Sample structure", "frequencies", why=NOT_PLANNED),
    usual("题项描述", "Item descriptives", "item_descriptives"),
    usual("维度描述", "Scale descriptives", "scale_descriptives"),
    usual("多选题", "Multiple answers", "multiple", why=NOT_PLANNED),
    usual("项目分析", "Item discrimination", "discrimination", why=NOT_PLANNED),
    usual("信度", "Reliability", "reliability_items"),
    usual("重测信度", "Retest reliability", "retest", why=NO_RETEST),
    usual("内容效度", "Content validity", "content_validity", why=NO_EXPERTS),
    usual("KMO和Bartlett检验", "KMO and Bartlett", "adequacy", why=NOT_PLANNED),
    usual("方差解释率", "Variance explained", "efa_variance", why=NOT_PLANNED),
    usual("因子载荷", "Rotated loadings", "efa_loadings", why=NOT_PLANNED),
    usual("模型拟合", "Fit of the factor model", "sem_fit", "sem_models", step=MODEL),
    usual("聚合效度", "Convergent validity", "validity_convergent", step=MODEL),
    usual("区分效度", "Discriminant validity", "validity_discriminant", step=MODEL),
    usual("共同方法偏差", "Common method bias", "method_bias", step=METHOD),
    usual("测量等值性", "Measurement invariance", "invariance", step=INVARIANCE),
    usual("差异分析", "Group differences", "comparison", why=Text("只有一组", "there is one group only")),
    usual("感知差距", "Stakeholder gaps", "gaps", step=GAPS),
    usual("对他人看法的误判", "Misperception", "misperception", step=GUESSES),
    usual("相关矩阵", "Correlations", "correlations"),
    usual("分层回归", "Hierarchical regression", "hierarchical_regression", why=NOT_PLANNED),
    usual("有序Logit", "Ordered logit", "models", "ordered_regression", step=MODELS),
    usual("相对重要性", "Relative importance", "dominance", step=DOMINANCE),
    usual("稳健性", "Robustness", "robustness", step=ROBUSTNESS),
    usual("中介", "Mediation", "mediation", step=PATH),
    usual("调节", "Moderation", "moderation", why=NOT_PLANNED),
    usual("结构方程路径", "Structural paths", "sem_paths", why=NOT_PLANNED),
    usual("重要性—表现分析", "Importance and performance", "importance", step=STATED, why=NOT_PLANNED),
    usual("权重（AHP、熵值）", "Weights (AHP, entropy)", "ahp", why=NOT_PLANNED),
    usual("假设检验汇总", "Hypotheses", "hypotheses", step=SUMMARY),
    usual("问题—原因—对策", "Problems, causes, measures", "countermeasures", step=LEVERS),
    usual("开放题编码", "Coded open answers", "themes", step=CODES),
)


def left_out(report: sg.Report, *steps: object) -> Table | None:
    """What was not examined and why: steps that could not be done, then usual tables that no step gave."""
    done = {block.table("en").id for block in report.blocks if isinstance(block, TableBlock)}
    failed = list(dict.fromkeys(found for step in steps for found in not_examined(step)))
    lines = [(one.step, one.why) for one in failed]
    for table in EXPECTED:
        if not any(has == name or has.startswith(f"{name}_") for has in done for name in table.ids):
            lines.append((table.name, next((one.why for one in failed if table.is_of(one)), table.why)))
    if not lines:
        return None
    columns = [Column("step", Text("内容", "What"), "text"), Column("why", HEADS["reason"], "text")]
    title = Text("未检验的内容及原因", "What was not examined, and why")
    frame = pd.DataFrame(lines, columns=[column.key for column in columns])
    return Table.from_frame(frame, columns, id="not_examined", title=title)


def not_examined(found: object) -> Iterator[NotExamined]:
    """Every step inside ``found`` that was not done; what is inside a result is the result's own business."""
    if isinstance(found, NotExamined):
        yield found
    elif isinstance(found, Mapping):
        yield from not_examined(tuple(found.values()))
    elif isinstance(found, tuple):
        for each in found:
            yield from not_examined(each)
    elif is_dataclass(found) and not isinstance(found, Result | sg.Responses):
        yield from not_examined(tuple(getattr(found, field.name) for field in fields(found)))
