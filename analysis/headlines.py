"""The answer to each research question in a sentence or two; the chapters hold the evidence."""

from causes import Causes
from problems import Problems
from status_quo import StatusQuo
from wording import construct_names, named

import sgsurvey as sg
from sgsurvey.causes.gaps import COMPARABLE
from sgsurvey.pipeline.plan import Plan
from sgsurvey.tables.format import in_prose
from sgsurvey.text import Text, listed

LEADS = ("A", "B", "C")


def state(answers: sg.Responses, plan: Plan, status: StatusQuo, found: Problems) -> Text:
    """Between which means the groups rate the outcome, and how many constructs can be compared."""
    rated = found.shortfall.frame
    rated = rated[(rated["construct"] == plan.outcome) & rated["mean"].notna()].sort_values("mean")
    low, high = rated.iloc[0], rated.iloc[-1]
    levels = status.measurement.invariance
    alike = sum(getattr(level, "reached", "") in COMPARABLE for level in levels.values())
    said = Text(
        "满分100分，{y}的均值在{low}分（{g}）与{high}分（{h}）之间。",
        "Of 100 points, mean {y} lies between {low} ({g}) and {high} ({h}).",
    ).format(
        y=answers.questionnaire.label(plan.outcome),
        low=in_prose(low["mean"], "estimate", 1),
        high=in_prose(high["mean"], "estimate", 1),
        g=named(answers, str(low["group"])),
        h=named(answers, str(high["group"])),
    )
    if not levels:
        return said
    compared = Text(
        "在作过等值性检验的组之间，{k}个维度中有{a}个的均值可以比较。",
        " Between the groups that were examined means can be compared for {a} of {k} constructs.",
    ).format(k=len(levels), a=alike)
    return Text(said.zh + compared.zh, said.en + compared.en)


def short(answers: sg.Responses, found: Problems) -> Text:
    """What is shown to fall short, in whose eyes, and how much is open."""
    lines = found.shortfall.frame
    problem = lines[lines["verdict"] == "problem"]
    undecided = int(lines["verdict"].eq("undecided").sum())
    if problem.empty:
        return Text(
            "没有哪个方面被证实明显低于目标；{u}项尚不能判定。",
            "No aspect is shown to fall short of the target by more than what matters; {u} are undecided.",
        ).format(u=undecided)
    said = [
        Text("{g}看来的{names}", "{names} (in the eyes of: {g})").format(
            g=named(answers, str(role)), names=construct_names(part["construct"].tolist(), answers)
        )
        for role, part in problem.sort_values("estimate", ascending=False).groupby("group", sort=False)
    ]
    return Text(
        "证实低于目标的是{names}；另有{u}项尚不能判定。",
        "Shown to fall short of the target: {names}; {u} more are undecided.",
    ).format(names=listed(said), u=undecided)


def related(answers: sg.Responses, plan: Plan, why: Causes) -> Text:
    """Which factors go with the outcome beyond one person's leniency, or that this survey cannot tell."""
    lines = why.priorities.frame
    y = answers.questionnaire.label(plan.outcome)
    leads = lines[lines["grade"].isin(LEADS)]
    if leads.empty:
        return Text(
            "没有一个因素被证实在同一人的打分倾向之外与{y}相关联：{g}个地点不足以判定。",
            "No factor is shown to go with {y} beyond one person's leniency: {g} places cannot decide it.",
        ).format(y=y, g=int(lines["clusters"].iloc[0]))
    said = [
        Text("{x}（证据等级{g}）", "{x} (grade {g})").format(x=why.priorities.basis.label(term), g=grade)
        for term, grade in zip(leads["term"], leads["grade"], strict=True)
    ]
    return Text(
        "在其他主体的评价中与{y}相关联的因素：{names}。这是关联，不是因果。",
        "Factors that go with {y} in what other informants say: {names}. That is association, not cause.",
    ).format(y=y, names=listed(said))


def tried(why: Causes) -> Text:
    """Which aspects a pilot may begin with; none, where nothing is graded better than undecided."""
    leads = why.priorities.frame[why.priorities.frame["grade"].isin(LEADS)]
    if leads.empty:
        return Text(
            "没有一个方面的证据等级好于“尚不能判定”：本次调查不足以支持推广任何一项措施。宜先在更多地方收集数据，或在少数地方试点并与其他地方比较。",
            "No aspect is graded better than undecided: this survey supports rolling out no measure. Collect data in "
            "more places first, or try a measure in some of them and compare with the others.",
        )
    names = listed(why.priorities.basis.label(term) for term in leads["term"])
    return Text(
        "有线索支持、宜先试点的方面：{names}。应先在部分地方试行并与其他地方比较，再决定是否推广。",
        "Aspects with a lead, to be tested first: {names}. Test a measure in some places against others before it is "
        "rolled out.",
    ).format(names=names)
