"""Why rows are set aside, in words: the log keeps the short names, pages print these."""

from sgsurvey.text import Text, same

REASONS: dict[str, Text] = {
    "short_row": Text("行不完整", "row cut short"),
    "long_row": Text("行单元格过多", "row with too many cells"),
    "unknown_role": Text("主体类别不明", "stakeholder group unknown"),
    "duplicate": Text("重复提交", "submitted twice"),
    "incomplete": Text("作答过少", "too few items answered"),
    "draft": Text("未提交的草稿", "not submitted"),
    "encrypted": Text("仍加密的答卷", "still encrypted"),
    "rejected": Text("审核未通过", "rejected in review"),
    "outside": Text("不在调查期间", "outside the time of the survey"),
    "test": Text("测试答卷", "test submission"),
    "damaged": Text("答卷文件损坏", "damaged form file"),
    "other_form": Text("其他问卷的答卷", "form of another questionnaire"),
    "not_returned": Text("未收回", "not returned"),
    "not_selected": Text("不在分析范围内", "outside the analysis"),
    "careless": Text("疑似不认真作答", "suspected careless answering"),
}


def reason(name: str) -> Text:
    """The words for a reason; its name where none are fixed."""
    return REASONS.get(name, same(name))
