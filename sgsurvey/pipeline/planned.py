"""What the plan said would be done, beside what a report holds: planned, exploratory, not done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.pipeline.seal import amendments, read_seal
from sgsurvey.pipeline.study import Study
from sgsurvey.report.blocks import Block, Callout, TableBlock
from sgsurvey.report.report import Report
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, listed, same

# Columns of a table that draws conclusions about those who were not asked.
INFERENCE = {"p", "interval", "bounded_interval", "percent_interval"}
EXPLORATORY = Text("探索性分析：不在事先的计划之内。", "Exploratory: not in the plan that was made beforehand.")


def plan_blocks(study: Study) -> Iterator[object]:
    """The plan as a reader of the report sees it: its analyses, its seal, and what was changed since."""
    if any(question.analyses for question in study.plan.questions):
        yield plan_table(study)
    seal = read_seal(study)
    if seal is None:
        yield Text(
            "分析计划未经封存，无法核实它先于数据。",
            "The plan was not sealed: nobody can see that it came before the data.",
        )
        return
    yield seal.words
    changed = amendments(study, seal)
    if changed.frame.empty:
        yield Text("封存之后计划未作修改。", "The plan was not changed after it was sealed.")
        return
    yield changed
    if changed.unexplained:
        words = Text("以下修改未说明理由：{p}。", "Changed without a reason: {p}.")
        yield Callout(words.format(p=", ".join(changed.unexplained)), "warning")


def plan_table(study: Study) -> Table:
    """Each research question with the analyses that answer it, as decided beforehand."""
    plan = study.plan
    labels = {construct.name: construct.label for construct in study.questionnaire().constructs}
    bound = [(question, each) for question in plan.questions for each in question.analyses]
    frame = pd.DataFrame(
        {
            "question": [question.id for question, _ in bound],
            "method": [each.label.text if each.label.en else same(each.method) for _, each in bound],
            "variables": [listed(labels.get(name, same(name)) for name in each.variables) for _, each in bound],
            "benchmark": [plan.benchmark if each.benchmark else np.nan for _, each in bound],
            "rule": [each.rule.text for _, each in bound],
        }
    )
    columns = [
        Column("question", Text("问题", "Question"), "text"),
        Column("method", Text("方法", "Method"), "text"),
        Column("variables", HEADS["variable"], "text"),
        Column("benchmark", HEADS["benchmark"], digits=0),
        Column("rule", Text("判断规则", "Decision rule"), "text"),
    ]
    return Table.from_frame(frame, columns, id="plan", title=Text("分析计划", "Plan of the analysis"))


def held_to_plan(report: Report, study: Study) -> Report:
    """The report with tests and intervals outside the plan marked exploratory, and with what was not done named."""
    planned = {name for question in study.plan.questions for each in question.analyses for name in each.shown_in}
    tables = {
        at: block.table(report.language) for at, block in enumerate(report.blocks) if isinstance(block, TableBlock)
    }
    held = [_marked(block, tables[at], planned) if at in tables else block for at, block in enumerate(report.blocks)]
    done = {table.id for table in tables.values()}
    report = replace(report, blocks=tuple(held))
    missing = sorted(name for name in planned if not any(_shows(name, identifier) for identifier in done))
    if not missing:
        return report
    words = Text("计划之内而未作的分析：{p}。", "Planned, and not done: {p}.")
    return report.add(Callout(words.format(p=", ".join(missing)), "warning"))


def _marked(block: Block, table: Table, planned: Collection[str]) -> Block:
    infers = any(column.kind in INFERENCE for column in table.columns)
    if not isinstance(block, TableBlock) or not infers or any(_shows(name, table.id) for name in planned):
        return block
    return replace(block, notes=(*block.notes, EXPLORATORY))


def _shows(name: str, identifier: str) -> bool:
    """Whether a table is the one named, or its part for one group (``efa_villager``)."""
    return identifier == name or identifier.startswith(f"{name}_")
