"""The first chapter: each research question with its answer and the sentences that it rests on, from the results."""

from collections.abc import Iterator

from causes import Causes
from countermeasures import Proposals
from examined import NotExamined, itself, shown
from headlines import related, short, state, tried
from hypotheses import hypotheses
from prepare import Prepared
from problems import Problems
from status_quo import StatusQuo
from wording import construct_names, named

import sgsurvey as sg
from sgsurvey.causes.gaps import COMPARABLE
from sgsurvey.causes.township import FEWEST_PLACES, MANY_PLACES
from sgsurvey.pipeline.plan import Plan
from sgsurvey.pipeline.planned import plan_blocks
from sgsurvey.pipeline.study import Study
from sgsurvey.report.blocks import Bullets, Callout, Heading
from sgsurvey.tables.claims import NAMES
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text


def summary(
    study: Study, data: Prepared, status: StatusQuo, found: Problems, why: Causes, levers: Proposals
) -> Iterator[object]:
    """Sample, then question by question what was found, then how sure that is, then the plan."""
    plan, answers = study.plan, data.answers
    yield Heading(Text("研究问题与主要发现", "Questions and main findings"))
    yield Text(
        "读入{n_in}份答卷，经读取与甄别保留{n}份。除非另有说明，得分换算为百分制，目标为{b}分。本研究的设计所能支持的表述层级为“{claim}”。",
        "{n_in} forms came in and {n} were kept after reading and screening. Scores are on 0 to 100 unless said "
        "otherwise, and the target is {b}. The highest claim that the design of this study carries is: {claim}.",
    ).format(
        n_in=data.read.log.steps[0].n_in, n=len(answers), b=f"{plan.benchmark:g}", claim=NAMES[answers.basis().claim]
    )
    answered: dict[str, tuple[Text, tuple[Text, ...]]] = {
        "status_quo": (
            state(answers, plan, status, found),
            (*rated(answers, plan, found), *measured(answers, plan, status)),
        ),
        "problems": (short(answers, found), (*counted(found), *apart(answers, found))),
        "causes": (related(answers, plan, why), (*why.priorities.sentences(), *sureness(why))),
        "countermeasures": (tried(why), tuple(levers.sentences())),
    }
    for question in plan.questions:
        yield Heading(Text(f"{question.id} {question.ask.zh}", f"{question.id} {question.ask.en}"), 2)
        answer, evidence = answered[question.step]
        yield Callout(answer, "finding")
        if evidence:
            yield Bullets(evidence)
    yield Heading(Text("研究假设", "Hypotheses"), 2)
    yield from shown(hypotheses(plan, found, why), itself)
    yield Heading(Text("事先的计划", "The plan made beforehand"), 2)
    yield from plan_blocks(study)


# Status quo -----------------------------------------------------------------------------------------------------


def rated(answers: sg.Responses, plan: Plan, found: Problems) -> Iterator[Text]:
    """How each group rates the outcome."""
    lines = found.shortfall.frame
    lines = lines[(lines["construct"] == plan.outcome) & lines["mean"].notna()]
    said = [
        (named(answers, str(role)), in_prose(mean, "estimate", 1))
        for role, mean in zip(lines["group"], lines["mean"], strict=True)
    ]
    yield Text("{y}的平均得分：{zh}。", "Mean of {y}: {en}.").format(
        y=answers.questionnaire.label(plan.outcome),
        zh="，".join(f"{label.zh}{mean.zh}分" for label, mean in said),
        en=", ".join(f"{label.en} {mean.en}" for label, mean in said),
    )


def measured(answers: sg.Responses, plan: Plan, status: StatusQuo) -> Iterator[Text]:
    """Reliability, fit of the factor model beside one factor, comparability of means."""
    alpha = status.reliability.frame["alpha"].dropna()
    yield Text("各量表、各组的α系数在{low}至{high}之间。", "Alpha of the scales is between {low} and {high}.").format(
        low=in_prose(alpha.min(), "bounded", 2), high=in_prose(alpha.max(), "bounded", 2)
    )
    for role, each in status.measurement.confirmed.items():
        if isinstance(each, NotExamined):
            yield each.words
            continue
        one, model = each.rivals.models.values()
        yield Text(
            "{g}：计划的{k}因子模型CFI={cfi}、SRMR={srmr}，单因子模型CFI={one}。",
            "{g}: the planned model of {k} factors has CFI {cfi} and SRMR {srmr}; one factor has CFI {one}.",
        ).format(
            g=named(answers, role),
            k=len(plan.measurement.constructs),
            cfi=in_prose(model.fit.get("cfi_scaled", model.fit["cfi"]), "bounded"),
            srmr=in_prose(model.fit["srmr"], "bounded"),
            one=in_prose(one.fit.get("cfi_scaled", one.fit["cfi"]), "bounded"),
        )
    yield from comparable(answers, status)


def comparable(answers: sg.Responses, status: StatusQuo) -> Iterator[Text]:
    """Constructs on which means of the groups may be compared."""
    levels = status.measurement.invariance
    alike = [name for name, level in levels.items() if getattr(level, "reached", "") in COMPARABLE]
    if alike:
        yield Text(
            "达到标量不变性（含部分）、均值可在两组间比较的维度：{names}。",
            "Scalar invariance, at least in part, so that means may be compared between the groups: {names}.",
        ).format(names=construct_names(alike, answers))
    if other := [name for name in levels if name not in alike]:
        yield Text("均值不可直接比较的维度：{names}。", "Means may not be compared as they are: {names}.").format(
            names=construct_names(other, answers)
        )


# Problems -------------------------------------------------------------------------------------------------------


def counted(found: Problems) -> Iterator[Text]:
    """How many judgements were decided, and how."""
    verdicts = found.shortfall.frame["verdict"]
    yield Text(
        "共作{k}项判断：确有差距{p}项，无明显差距{o}项，尚不能判定{u}项。",
        "Of {k} judgements: problem {p}, no problem {o}, undecided {u}.",
    ).format(
        k=int(verdicts.ne("suppressed").sum()),
        p=int(verdicts.eq("problem").sum()),
        o=int(verdicts.eq("no problem").sum()),
        u=int(verdicts.eq("undecided").sum()),
    )


def apart(answers: sg.Responses, found: Problems) -> Iterator[Text]:
    """Where the groups see it differently, and what they guess of each other."""
    if not isinstance(found.gaps, NotExamined):
        lines = found.gaps.frame
        for (first, second), part in lines[lines["verdict"] == "gap"].groupby(["first", "second"], sort=False):
            said = [
                (answers.questionnaire.label(name), in_prose(gap, "estimate", 1))
                for name, gap in zip(part["construct"], part["estimate"], strict=True)
            ]
            yield Text("{a}与{b}的看法有差距：{zh}。", "{a} and {b} differ: {en}.").format(
                a=named(answers, first),
                b=named(answers, second),
                zh="，".join(f"{label.zh}{gap.zh}分" for label, gap in said),
                en=", ".join(f"{label.en} {gap.en} points" for label, gap in said),
            )
    if not isinstance(found.misperception, NotExamined):
        lines = found.misperception.frame
        wrong = lines[lines["p_adjusted"] < 0.05]
        for role, guess, actual in zip(wrong["group"], wrong["guess"], wrong["actual"], strict=True):
            yield Text(
                "{a}估计有{g}%的{b}满意，实际为{s}%。", "{a} guess that {g} % of {b} are satisfied; {s} % are."
            ).format(
                a=named(answers, role),
                b=named(answers, found.misperception.of),
                g=in_prose(guess, "estimate", 0),
                s=in_prose(actual, "estimate", 0),
            )


# Causes and what to test ----------------------------------------------------------------------------------------


def sureness(why: Causes) -> Iterator[Text]:
    """What the number of places allows, and what an unmeasured factor would have to be."""
    lines = why.priorities.frame
    places = int(lines["clusters"].iloc[0])
    if why.priorities.cluster is not None and places < MANY_PLACES:
        yield Text(
            "这些系数的标准误与区间只依据{g}个地点，自由度不超过{d}。",
            "Standard errors and intervals of these coefficients rest on {g} places alone, with at most {d} degrees of "
            "freedom.",
        ).format(g=places, d=places - 1)
    for (_, model), reason in why.drivers.left_out.items():
        if model == "between":
            yield Text(
                "各地点之间的差异无从判断：{why}。", "Nothing is said of differences between places: {why}."
            ).format(why=reason)
    for reason in why.priorities.why.values():
        yield Text(
            "没有来自其他主体的依据（{why}），因此证据等级不高于D。",
            "There is no evidence from other informants ({why}), so no grade is above D.",
        ).format(why=reason)
    if not why.priorities.why and places < MANY_PLACES:
        yield Text(
            "只有{g}个地点：证据等级最高为C，即待检验的线索；少于{few}个地点时什么都不能判定。",
            "With {g} places the best grade is C, a lead that needs a test; with fewer than {few} nothing is decided.",
        ).format(g=places, few=FEWEST_PLACES)
    if not isinstance(why.robustness, NotExamined):
        for line in why.robustness.frame.to_dict("records"):
            yield Text(
                "{x}：{k}种设定下系数在{low}至{high}之间，{s}同号；偏R²低于{rv}的未测因素不能使它归零。",
                "{x}: in {k} specifications its coefficient is between {low} and {high}, {s} with the same sign; no "
                "unmeasured factor with partial R² below {rv} would bring it to 0.",
            ).format(
                x=why.robustness.basis.label(line["term"]),
                k=int(line["specifications"]),
                low=in_prose(line["lowest"], "estimate"),
                high=in_prose(line["highest"], "estimate"),
                s=in_prose(line["same_sign"], "percent", 0),
                rv=in_prose(line["rv"], "bounded", 2),
            )
