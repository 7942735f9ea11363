"""The report: what was found at each step, in the order of the research questions, in both languages."""

from collections.abc import Iterator
from dataclasses import replace

from causes import Causes
from countermeasures import Countermeasures
from prepare import Prepared
from problems import Problems
from status_quo import Factors, StatusQuo

import sgsurvey as sg
from sgsurvey.pipeline.planned import held_to_plan, plan_blocks
from sgsurvey.pipeline.study import Study
from sgsurvey.report.blocks import Callout, Figure, Heading
from sgsurvey.tables.claims import NAMES
from sgsurvey.text import Text


def write(
    study: Study, data: Prepared, status: StatusQuo, found: Problems, why: Causes, levers: Countermeasures
) -> sg.Report:
    """Lay everything out; ``report.to("en")`` is the same report in English."""
    study.progress("Writing")
    plan = study.plan
    report = sg.Report(
        plan.title.text,
        language=plan.languages[0],
        subtitle=plan.subtitle.text,
        simulated=study.simulated,
        facts={"read": data.read.log.steps[0].n_in, "kept": len(data.answers), "by_role": counts(data.answers)},
    )
    for chapter in (
        summary(study, data, found, why),
        who_answered(data, status),
        how_it_is_rated(data, status),
        what_falls_short(found),
        what_goes_with_it(why),
        what_could_be_tried(why, levers),
        without_suspects(data, status, why),
        appendix(status),
    ):
        report = report.add(*chapter)
    return held_to_plan(report, study)


def counts(answers: sg.Responses) -> dict[str, int]:
    """Respondents by stakeholder group."""
    return {role: int((answers.frame["role"] == role).sum()) for role in answers.roles}


def named(answers: sg.Responses, role: str) -> Text:
    """The stakeholder group in words."""
    return answers.questionnaire.role(role).label


def of_group(table: sg.Table, role: str, label: Text) -> sg.Table:
    """The table of one group, told apart by id and title."""
    title = Text(f"{table.title.zh}（{label.zh}）", f"{table.title.en} ({label.en})")
    return replace(table, id=f"{table.id}_{role}", title=title)


def listed(names: list[str], answers: sg.Responses) -> Text:
    """Constructs in words, as a list in running text."""
    labels = [answers.questionnaire.label(name) for name in names]
    return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def summary(study: Study, data: Prepared, found: Problems, why: Causes) -> Iterator[object]:
    """Questions, the sample in two sentences, and the main findings."""
    plan, answers = study.plan, data.answers
    yield Heading(Text("研究问题与主要发现", "Questions and main findings"))
    for question in plan.questions:
        yield Text(f"{question.id}：{question.ask.zh}", f"{question.id}: {question.ask.en}")
    yield Text(
        "读入{n_in}份答卷，经读取与甄别保留{n}份。除非另有说明，得分换算为百分制，目标为{b}分。本研究的设计所能支持的表述层级为“{claim}”。",
        "{n_in} forms came in and {n} were kept after reading and screening. Scores are on 0 to 100 unless said "
        "otherwise, and the target is {b}. The highest claim that the design of this study carries is: {claim}.",
    ).format(
        n_in=data.read.log.steps[0].n_in, n=len(answers), b=f"{plan.benchmark:g}", claim=NAMES[answers.basis().claim]
    )
    short = found.shortfall.problems()
    if short:
        words = Text(
            "低于目标且差距明确的方面（至少在一组看来）：{names}。",
            "Shown to fall short of the target, in the eyes of at least one group: {names}.",
        )
        yield Callout(words.format(names=listed(short, answers)), "finding")
    else:
        yield Callout(
            Text(
                "没有哪个方面被证实明显低于目标。",
                "No aspect is shown to fall short of the target by more than what matters.",
            ),
            "finding",
        )
    for sentence in why.priorities.sentences():
        yield Callout(sentence, "finding")
    yield Heading(Text("事先的计划", "The plan made beforehand"), 2)
    yield from plan_blocks(study)


def who_answered(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Response flow, screening, missing answers, sample structure."""
    yield Heading(Text("样本与数据质量", "Sample and data quality"))
    yield Figure(
        data.flow,
        caption=Text("答卷流程", "Response flow"),
        alt=Text(
            "从收回到分析的答卷数及剔除原因", "Forms from return to analysis, with the reasons for setting some aside"
        ),
        id="flow",
    )
    yield data.flow
    yield data.screening
    yield data.missing
    if data.missing.n_missing:
        yield data.missing.patterns()
        yield data.missing.little()
    if status.structure is not None:
        yield status.structure


def how_it_is_rated(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Ratings by group, facts about the places, reliability, factors, correlations."""
    answers = data.answers
    yield Heading(Text("现状", "Status quo"))
    yield Heading(Text("各方的评价", "How it is rated"), 2)
    yield status.scales
    for construct, shares in status.shares.items():
        yield Figure(
            shares,
            caption=Text("评价分布：{c}", "Distribution of ratings: {c}").format(
                c=answers.questionnaire.label(construct)
            ),
            id=f"likert_{construct}",
        )
    yield from status.places
    yield Heading(Text("量表的信度与结构", "Reliability and structure of the scales"), 2)
    yield status.reliability
    for factors in status.factors:
        yield from structure(factors, named(answers, factors.role))
    for role, correlations in status.correlations.items():
        yield of_group(correlations.table(), role, named(answers, role))


def structure(factors: Factors, label: Text) -> Iterator[object]:
    """One group's exploratory factors."""
    yield of_group(factors.adequacy.table(), factors.role, label)
    yield Figure(
        factors.retention,
        caption=Text("碎石图与平行分析（{g}）", "Scree plot with parallel analysis ({g})").format(g=label),
        id=f"scree_{factors.role}",
    )
    yield of_group(factors.efa.variance_table(), factors.role, label)
    yield of_group(factors.efa.table(), factors.role, label)
    yield Figure(
        factors.efa,
        caption=Text("因子载荷（{g}）", "Factor loadings ({g})").format(g=label),
        id=f"loadings_{factors.role}",
    )


def what_falls_short(found: Problems) -> Iterator[object]:
    """Shortfalls, differences between groups, what matters to people."""
    yield Heading(Text("问题", "Problems"))
    yield found.shortfall
    if found.groups is not None:
        yield Text(
            "各组对同一题目作答，但评价对象的范围不同（县、乡镇、村），差异仅作描述。",
            "The groups answered the same items about different objects (county, township, village): read the "
            "differences as description.",
        )
        yield found.groups
    if found.importance is not None:
        yield found.importance


def what_goes_with_it(why: Causes) -> Iterator[object]:
    """Regressions, the battery of drivers, priorities."""
    yield Heading(Text("原因分析", "Causes"))
    yield Callout(
        Text(
            "“驱动因素”是方法的名称，指与结果变量相关联、且可由管理者改变的方面；一次横断面调查不能证明因果。",
            "A driver is the name of a method: an aspect that goes with the outcome and that managers can change. One "
            "cross-sectional survey cannot prove a cause.",
        )
    )
    yield why.regression
    yield Figure(
        why.regression,
        caption=Text("回归系数及95%置信区间", "Regression coefficients with 95% confidence intervals"),
        id="forest",
    )
    if why.steps is not None:
        yield why.steps
    yield why.drivers
    yield why.priorities
    yield Figure(
        why.priorities,
        caption=Text("重要性—表现象限图", "Importance and performance"),
        id="quadrant",
    )
    if why.named is not None:
        yield why.named


def what_could_be_tried(why: Causes, levers: Countermeasures) -> Iterator[object]:
    """What the evidence supports testing, beside the measures that people put first."""
    yield Heading(Text("对策", "Countermeasures"))
    yield supported(why)
    if levers.levers is not None:
        yield Text(
            "下表是各方认为应当先做的措施，属于意见，不是对效果的证明。",
            "The table below shows what each group would do first. These are opinions, not proof that a measure works.",
        )
        yield levers.levers


def supported(why: Causes) -> Text:
    """Which aspects a pilot may begin with; none, where nothing is graded better than undecided."""
    leads = why.priorities.frame[why.priorities.frame["grade"].isin(["A", "B", "C"])]
    if leads.empty:
        return Text(
            "没有一个方面的证据等级好于“尚不能判定”：本次调查不足以支持推广任何一项措施。宜先在更多地方收集数据，或在少数地方试点并与其他地方比较。",
            "No aspect is graded better than undecided: this survey supports rolling out no measure. Collect data in "
            "more places first, or try a measure in some of them and compare with the others.",
        )
    labels = [why.priorities.basis.label(term) for term in leads["term"]]
    words = Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))
    return Text(
        "有线索支持的方面：{names}。宜先在部分地方试点并与其他地方比较，再决定是否推广。",
        "Aspects with a lead: {names}. Test a measure in some places against others before it is rolled out.",
    ).format(names=words)


def without_suspects(data: Prepared, status: StatusQuo, why: Causes) -> Iterator[object]:
    """Means, reliability and the headline model with and without the suspect answers."""
    yield Heading(Text("可疑答卷的影响", "What the suspect answers change"))
    if not data.screening.n_suspect:
        yield Text(
            "没有答卷被列为可疑，剔除前后的结果相同。",
            "No answers are suspect: the results with and without them are the same.",
        )
        return
    yield Text(
        "{n}份答卷列为可疑。以下各表并列全部答卷与剔除可疑答卷后的结果。",
        "{n} forms are suspect. The tables below set the results of all answers beside those without the suspects.",
    ).format(n=data.screening.n_suspect)
    yield from status.without_suspects
    yield why.without_suspects


def appendix(status: StatusQuo) -> Iterator[object]:
    """Items one by one."""
    yield Heading(Text("附录：题项", "Appendix: items"))
    yield status.reliability.items_table()
    yield status.items
