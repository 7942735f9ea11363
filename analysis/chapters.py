"""The chapters of the report after the first, in the order of the study."""

from collections.abc import Iterator
from dataclasses import replace

from causes import Causes
from compact import fit_table, levels_table
from countermeasures import Proposals
from examined import NotExamined, itself, shown
from headlines import tried
from measurement import Confirmed, Measurement
from open_answers import Written
from prepare import Prepared
from problems import Problems
from status_quo import Factors, StatusQuo
from wording import named, of_part

import sgsurvey as sg
from sgsurvey.causes.countermeasures import Countermeasures
from sgsurvey.causes.gaps import Gaps
from sgsurvey.causes.robustness import Robustness
from sgsurvey.measurement.method_bias import MethodBias
from sgsurvey.models.dominance import Dominance
from sgsurvey.models.mediation import Mediation
from sgsurvey.models.model_table import ModelTable
from sgsurvey.report.blocks import Callout, Figure, Heading
from sgsurvey.text import Text


def who_answered(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Response flow and sample structure; screening and missing answers stand in the appendix."""
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
    yield Text(
        "甄别规则、各题的缺失与“不清楚”见附录：数据质量。",
        "Rules of screening, missing answers and don't-knows item by item: see the appendix on data quality.",
    )
    yield status.sizes
    if status.structure is not None:
        yield status.structure


# Status quo -----------------------------------------------------------------------------------------------------


def how_it_is_rated(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Ratings by group, facts about the places, correlations."""
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
    for role, correlations in status.correlations.items():
        yield of_part(correlations.table(), role, named(answers, role))


def whether_it_measures(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Reliability, fit, validity and invariance of the planned model; what leads there stands in the appendix."""
    answers, measurement = data.answers, status.measurement
    yield Heading(Text("量表的信度与效度", "Reliability and validity of the scales"))
    yield Heading(Text("信度", "Reliability"), 2)
    yield status.reliability
    yield Heading(Text("验证性因子分析与效度", "Confirmatory factors and validity"), 2)
    yield Text(
        "探索性因子分析、逐题载荷、竞争模型与共同方法检验见附录：题项与模型。",
        "Exploratory factors, loadings item by item, rival models and tests of common method stand in the appendix on "
        "items and models.",
    )
    yield from shown(fit_table(measurement.confirmed, answers), itself)
    for role, each in measurement.confirmed.items():
        yield from shown(each, confirmed, role, named(answers, role))
    yield from shown(measurement.small, itself)
    yield from shown(measurement.criterion, itself)
    yield Heading(Text("组间可比性", "Comparability of groups"), 2)
    yield from comparability(answers, measurement)


def explored(factors: Factors, label: Text) -> Iterator[object]:
    """One group's exploratory factors."""
    yield of_part(factors.adequacy.table(), factors.role, label)
    yield Figure(
        factors.retention,
        caption=Text("碎石图与平行分析（{g}）", "Scree plot with parallel analysis ({g})").format(g=label),
        id=f"scree_{factors.role}",
    )
    yield of_part(factors.efa.variance_table(), factors.role, label)
    yield of_part(factors.efa.table(), factors.role, label)
    yield Figure(
        factors.efa,
        caption=Text("因子载荷（{g}）", "Factor loadings ({g})").format(g=label),
        id=f"loadings_{factors.role}",
    )


def confirmed(found: Confirmed, role: str, label: Text) -> Iterator[object]:
    """What one group's loadings say of validity."""
    yield of_part(found.validity.summary_table(), role, label)
    yield of_part(found.validity.discriminant_table(), role, label)


def comparability(answers: sg.Responses, measurement: Measurement) -> Iterator[object]:
    """The level that each construct reached, and those that were not examined."""
    yield from shown(measurement.no_invariance, itself)
    yield from shown(levels_table(measurement.invariance, answers), itself)
    for found in measurement.invariance.values():
        if isinstance(found, NotExamined):
            yield from shown(found, itself)


# Problems -------------------------------------------------------------------------------------------------------


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
    yield from shown(found.gaps, apart)
    yield from shown(found.misperception, itself)
    if found.importance is not None:
        yield found.importance


def apart(gaps: Gaps) -> Iterator[object]:
    """Gaps, and the groups' means on one line."""
    yield gaps
    yield Figure(gaps, caption=Text("各方均值", "Means by group"), id="dumbbell")


# Causes ---------------------------------------------------------------------------------------------------------


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
    yield Heading(Text("回归模型", "Regressions"), 2)
    yield why.regression
    yield Figure(
        why.regression,
        caption=Text("回归系数及95%置信区间", "Regression coefficients with 95% confidence intervals"),
        id="forest",
    )
    yield why.diagnostics
    if why.steps is not None:
        yield why.steps
    yield from shown(why.models, side_by_side)
    yield from shown(why.dominance, shares)
    yield Heading(Text("驱动因素与优先次序", "Drivers and priorities"), 2)
    yield why.drivers.summary_table()
    yield why.drivers
    yield why.priorities
    yield Figure(
        why.priorities,
        caption=Text("重要性—表现象限图", "Importance and performance"),
        id="quadrant",
    )
    yield from shown(why.importance, itself)
    yield Heading(Text("稳健性", "Robustness"), 2)
    yield from shown(why.robustness, specifications)
    yield Heading(Text("间接关联", "Indirect associations"), 2)
    for path in why.paths:
        yield from shown(path, through)
    if why.named is not None:
        yield Heading(Text("受访者所说的原因", "What respondents name"), 2)
        yield why.named


def what_people_write(said: Written | NotExamined) -> Iterator[object]:
    """Codes of open answers: how many, how far coders agree, what they are about; nobody is quoted."""
    yield Heading(Text("受访者自己写的", "What people write"), 2)
    yield from shown(said, themes)


def themes(said: Written) -> Iterator[object]:
    """The coders' work, then its themes by group, and whether they are named as state, problem, cause or proposal."""
    yield said.coding
    yield from shown(said.agreement, itself)
    yield said.themes
    yield from shown(said.functions, itself)


def side_by_side(models: ModelTable) -> Iterator[object]:
    """The same predictors in three models; the outcome's words stand at its first mention."""
    yield replace(models.table(), title=Text("同一组自变量的不同模型", "The same predictors in other models"))


def shares(dominance: Dominance) -> Iterator[object]:
    """Relative importance, in numbers and as bars."""
    yield dominance
    yield Figure(dominance, caption=Text("相对重要性", "Relative importance"), id="importance_shares")


def specifications(robustness: Robustness) -> Iterator[object]:
    """Robustness, and the curve of the first driver."""
    yield robustness
    label = robustness.basis.label(robustness.frame["term"].iloc[0])
    yield Figure(
        robustness,
        caption=Text("{x}：各种设定下的系数", "{x}: coefficients over all specifications").format(x=label),
        id="specification_curve",
    )


def through(path: Mediation) -> Iterator[object]:
    """A declared path: its parts, and the regressions they come from."""
    yield path
    yield path.paths_table()


# Countermeasures and appendices ---------------------------------------------------------------------------------


def what_could_be_tried(why: Causes, levers: Proposals) -> Iterator[object]:
    """What the evidence supports testing, beside the measures that people put first."""
    yield Heading(Text("对策", "Countermeasures"))
    yield tried(why)
    yield from shown(levers.judged, beside_problems)
    if levers.levers is not None:
        yield Text(
            "下表是各方认为应当先做的措施，属于意见，不是对效果的证明。",
            "The table below shows what each group would do first. These are opinions, not proof that a measure works.",
        )
        yield levers.levers


def beside_problems(judged: Countermeasures) -> Iterator[object]:
    """Problem, cause and measure side by side; what a measure would go with; how large its pilot must be."""
    yield judged
    yield judged.levers_table()
    if len(judged.pilot):
        yield judged.pilot_table()


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


def data_quality(data: Prepared) -> Iterator[object]:
    """Screening and missing answers, rule by rule and item by item."""
    yield Heading(Text("附录：数据质量", "Appendix: data quality"))
    yield data.screening
    yield data.missing
    if data.missing.n_missing:
        yield data.missing.patterns()
        yield data.missing.little()


def appendix(data: Prepared, status: StatusQuo) -> Iterator[object]:
    """Items one by one, exploratory factors, and all that was tested of the models."""
    yield Heading(Text("附录：题项与模型", "Appendix: items and models"))
    yield Heading(Text("题项", "Items"), 2)
    yield of_items(status.reliability.items_table())
    yield status.items
    yield Heading(Text("探索性因子分析", "Exploratory factors"), 2)
    for factors in status.factors:
        yield from explored(factors, named(data.answers, factors.role))
    yield Heading(Text("验证性因子模型", "Confirmatory factor models"), 2)
    for role, each in status.measurement.confirmed.items():
        if not isinstance(each, NotExamined):
            yield from behind(each, role, named(data.answers, role))


def of_items(table: sg.Table) -> sg.Table:
    """Each item beside the alpha of its scale; the other coefficients stand in the table of the scales."""
    kept = ("item", "citc", "alpha_if_dropped", "alpha")
    return table.without(*(column.key for column in table.columns if column.key not in kept))


def behind(found: Confirmed, role: str, label: Text) -> Iterator[object]:
    """One group's loadings, the models that were compared, and the tests of common method."""
    yield of_part(found.validity.convergent_table(), role, label)
    yield of_part(found.rivals.table(), role, label)
    yield from shown(found.method, common_method, role, label)


def common_method(method: MethodBias, role: str, label: Text) -> Iterator[object]:
    """The tests of common method, and the fit of the models that they compare."""
    yield of_part(method.table(), role, label)
    yield of_part(method.models_table(), role, label)
