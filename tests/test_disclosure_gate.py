"""Three people whose numbers nobody else has: no public verb's table, figure, sentence or file says any of them."""

import inspect
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from attacker import open_to_all
from tables.test_result_tables import methods_of
from test_designs import MAKE_WEIGHTS, NO_ESTIMATES
from test_disclosure import content

import sgsurvey as sg
from sgsurvey.answers.coding import coding_of
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.errors import SurveyError
from sgsurvey.questionnaire.model import Choice, Item, Role, Scale
from sgsurvey.text import same

SIZES = {"many": 70, "some": 50, "few": 3}


def survey():
    """Three groups; the three people of the last answer as nobody else does, and so do three of all on ``rare``."""
    rng = np.random.default_rng(5)
    n = sum(SIZES.values())
    group = np.repeat(list(SIZES), list(SIZES.values()))
    common = rng.normal(size=n)
    frame = pd.DataFrame(
        {name: np.clip(np.round(2.4 + 0.6 * common + rng.normal(0, 0.7, n)), 1, 4) for name in (*"abcd", "o1", "o2")}
    )
    few = group == "few"
    for name in frame:
        frame.loc[few, name] = [5.0, 5.0, 4.0]
    frame["x"] = 20 + 3 * common + rng.normal(0, 2, n)
    frame.loc[few, "x"] = [77.123, 78.456, 79.789]
    frame = frame.assign(role=group, group=group, last=np.where(few, "z", group), rare=few.astype(int))
    frame["place"] = np.where(few, "nowhere", [f"p{k % 12}" for k in range(n)])
    frame["yes"] = (rng.random(n) < 0.5).astype(int)
    frame.loc[few, "yes"] = [1, 1, 0]
    frame["uncommon"] = (rng.permutation(n) < 3).astype(int)
    frame["key"], frame["wave"] = range(n), np.where(few, 2, 1)
    frame["offer"] = np.select([few, np.arange(n) % 3 == 0], [90.0, 2.0], 5.0)
    frame["pays"] = (rng.random(n) < 1 / (1 + np.exp(0.4 * (frame["offer"] - 4)))).astype(int)
    frame.loc[few, "pays"] = [1, 0, 0]
    for k in range(1, 4):
        frame[f"pick_{k}"] = (rng.random(n) < 0.5).astype(int)
    frame["pick_2"] = np.maximum(frame["pick_2"], 1 - frame["pick_1"])
    frame["pick_4"] = few.astype(int)
    frame["said"] = np.where(few, "the zebra is late", np.where(frame["yes"] == 1, "the pay is late", "no bins"))
    made = sg.responses(frame, {"scale": list("abcd"), "out": ["o1", "o2"]}, limits=(1, 5))
    options = Scale("options", tuple(Choice(k, same(f"option {k}")) for k in range(1, 5)))
    question = Item("pick", "select_multiple", same("pick"), scale=options)
    asked = replace(
        made.questionnaire,
        items=(*made.questionnaire.items, question),
        roles=tuple(Role(name, same(name)) for name in SIZES),
    )
    return replace(made, questionnaire=asked)


ANSWERS = survey()
F = ANSWERS.frame
FEW = F[F["role"] == "few"]
REST = F[F["role"] != "few"]


def mean(column, rows=None):
    return float((FEW if rows is None else rows)[column].mean())


def only(*groups):
    return lambda answers: answers.where(group=list(groups))


def alike(answers):
    """The same people without stakeholder groups, of which a small one is described without means."""
    return replace(answers, frame=answers.frame.drop(columns="role"))


def themed(answers):
    given = open_answers(answers, "said")
    codes = np.where(given["text"].str.contains("zebra"), "FUN", "EFF")
    lines = given[["row", "item"]].assign(coder="A", idea=1, aspect=codes, function=None, valence=None)
    return coding_of(lines, given, answers, sg.CodingFrame.stakeholder(), ("A",))


def ranked(answers):
    return sg.priorities(answers, "out", ["a", "b"], draws=100, seed=1)


@dataclass(frozen=True)
class Attack:
    """A call on answers, and numbers (or words) that only three people stand behind.

    ``seen``: they are printed where nothing is hidden, so that the test can fail.
    """

    call: Callable
    secrets: tuple
    seen: bool = True


X, A = mean("x"), mean("a")
A_POINTS = 25 * (A - 1)
AGAINST = X - mean("x", F[F["group"] == "many"])
THIRD = 100 / 3
MANY_YES = mean("yes", F[F["group"] == "many"])
SHARE = 100 * 3 / len(F)
ATTACKS = {
    "mean": Attack(lambda d: sg.mean(d, ["a", "x"], by="group"), (X, A)),
    "mean of a share": Attack(lambda d: sg.mean(d, "uncommon"), (SHARE / 100,)),
    "contrast": Attack(lambda d: sg.mean(d, "x", by="group").contrast({"gap": [1, -1, 0]}), (AGAINST, -AGAINST)),
    "total": Attack(lambda d: sg.total(sg.survey_design(d, weights="w"), "x", by="group"), (3 * X,)),
    "proportion": Attack(lambda d: sg.proportion(d, "yes", by="group"), (2 * THIRD, THIRD)),
    "ratio": Attack(lambda d: sg.ratio(d, "x", "a", by="group"), (X / A,)),
    "quantile": Attack(lambda d: sg.quantile(d, "x", [0.5, 0.99], by="group"), tuple(FEW["x"])),
    "quantile of all": Attack(lambda d: sg.quantile(d, "x", 0.99), tuple(FEW["x"])),
    "variance": Attack(lambda d: sg.variance(d, "x", by="group"), (float(FEW["x"].var()),)),
    "frequencies": Attack(lambda d: sg.frequencies(d, ["yes", "rare"], by="group"), (2 * THIRD, SHARE)),
    "multiple_response": Attack(lambda d: sg.multiple_response(d, "pick", by="group"), (2 * THIRD, THIRD), seen=False),
    "multiple_response of all": Attack(lambda d: sg.multiple_response(d, "pick"), (SHARE,)),
    "rank_agreement": Attack(lambda d: sg.rank_agreement(d, "pick", by="group", seed=1), (THIRD,), seen=False),
    "describe": Attack(lambda d: sg.describe(alike(d), ["scale"], by="group"), (A,)),
    "describe_scales": Attack(lambda d: sg.describe_scales(alike(d), ["scale"], by="group"), (A,)),
    "compare": Attack(lambda d: sg.compare(d, ["a", "x"], by="group"), (X, A)),
    "compare_waves": Attack(lambda d: sg.compare_waves(d, ["x"], wave="wave"), (X,)),
    "likert": Attack(lambda d: sg.likert(alike(d), ["scale"], by="group"), (2 * THIRD, THIRD)),
    "themes": Attack(lambda d: sg.themes(themed(d)), (SHARE,)),
    "themes quoted": Attack(lambda d: sg.themes(themed(d), quotes=True), ("zebra",)),
    "keyword_in_context": Attack(lambda d: sg.keyword_in_context(d, "said", "zebra", quotes=True), ("zebra is", SHARE)),
    "reliability": Attack(lambda d: sg.reliability(d, ["scale"], by="group"), (A,), seen=False),
    "correlations": Attack(lambda d: sg.correlations(only("few")(d), ["x", "a"]), (X, A)),
    "retest": Attack(lambda d: sg.retest(only("few")(d), only("few")(d), ["x", "a"], key="key"), (X, A)),
    "known_groups": Attack(lambda d: sg.known_groups(d, ["scale"], by="group", high="few", low="many"), (A,)),
    "invariance": Attack(lambda d: sg.invariance(d, ["scale"], by="group"), (A,), seen=False),
    "cfa": Attack(lambda d: sg.cfa(d, ["scale"], by="group"), (A,), seen=False),
    "sem": Attack(lambda d: sg.sem(alike(d), "x ~ rare"), (X - mean("x", REST),)),
    "ols": Attack(lambda d: sg.ols(d, "x ~ C(last)"), (AGAINST,)),
    "ols from few": Attack(lambda d: sg.ols(d, "x ~ C(group)"), (X, -AGAINST)),
    "ols of a share": Attack(lambda d: sg.ols(d, "x ~ rare"), (X - mean("x", REST),)),
    "means": Attack(lambda d: sg.ols(d, "x ~ C(last)").means("last"), (X,)),
    "means from few": Attack(lambda d: sg.ols(d, "x ~ C(group)").means("group"), (X,)),
    "contrasts": Attack(lambda d: sg.ols(d, "x ~ C(last)").contrasts("last"), (AGAINST, -AGAINST)),
    "contrasts by weights": Attack(
        lambda d: sg.ols(d, "x ~ C(last)").contrasts("last", weights={"gap": [-1, 0, 1]}), (AGAINST,)
    ),
    "test": Attack(lambda d: sg.ols(d, "x ~ C(last)").test("C(last)[T.z]"), (AGAINST,)),
    "hierarchical": Attack(lambda d: sg.hierarchical(d, ["x ~ C(last)", "+ yes"]), (AGAINST,)),
    "model_table": Attack(
        lambda d: sg.model_table([sg.ols(d, "x ~ C(last)"), sg.ols(d, "x ~ C(last) + yes")]), (AGAINST,)
    ),
    "model_table in columns": Attack(lambda d: sg.model_table([sg.ols(d, "x ~ C(last)")], preset="spss"), (AGAINST,)),
    "logit": Attack(lambda d: sg.logit(d, "yes ~ C(last)"), (float(np.log(2 * (1 - MANY_YES) / MANY_YES)),)),
    "probabilities": Attack(lambda d: sg.logit(d, "yes ~ C(last)").means("last"), (2 / 3,)),
    "margins": Attack(lambda d: sg.logit(d, "yes ~ C(last)").margins(), (2 / 3 - MANY_YES,)),
    "ordered": Attack(lambda d: sg.ordered(d, "yes ~ C(group)"), (np.log(0.5),)),
    "multilevel": Attack(lambda d: sg.multilevel(d, "x ~ C(last)", group="place"), (AGAINST,), seen=False),
    "multilevel groups": Attack(lambda d: sg.multilevel(d, "x ~ 1", group="place"), ("nowhere",), seen=False),
    "ordered_multilevel": Attack(
        lambda d: sg.ordered_multilevel(d, "yes ~ C(last)", group="place"), ("nowhere",), seen=False
    ),
    "wild_bootstrap": Attack(
        lambda d: sg.wild_bootstrap(d, "x ~ C(last)", cluster="place", draws=99, seed=1), (AGAINST,)
    ),
    "errors_in_variables": Attack(
        lambda d: sg.errors_in_variables(d, "x ~ rare + yes", reliability={"yes": 1.0}), (X,), seen=False
    ),
    "oaxaca": Attack(lambda d: sg.oaxaca(only("many", "few")(d), "x ~ 1", group="group"), (X, AGAINST)),
    "moderation": Attack(lambda d: sg.moderation(d, "x ~ a", moderator="C(last)"), (X,), seen=False),
    "moderation along a number": Attack(lambda d: sg.moderation(d, "a ~ b", moderator="x"), tuple(FEW["x"])[-1:]),
    "mediation": Attack(
        lambda d: sg.mediation(d, "x ~ rare", through="yes", interval="jackknife"), (X - mean("x", REST),)
    ),
    "equivalence": Attack(
        lambda d: sg.equivalence(only("many", "few")(d), ["x"], by="group", margin=5.0), (AGAINST, -AGAINST)
    ),
    "equivalence of a slope": Attack(
        lambda d: sg.equivalence(sg.ols(d, "x ~ C(last)"), ["C(last)[T.z]"], margin=5.0), (AGAINST,)
    ),
    "diagnostics": Attack(lambda d: sg.diagnostics(sg.ols(d, "x ~ C(last)")), (AGAINST,), seen=False),
    "residuals": Attack(lambda d: sg.diagnostics(sg.ols(d, "x ~ C(last)")), (X,)),
    "residuals of the reference": Attack(lambda d: sg.diagnostics(sg.ols(d, "x ~ C(group)")), (X,)),
    "willingness_to_pay": Attack(lambda d: sg.willingness_to_pay(d, "pays", "offer"), (THIRD,)),
    "shortfall": Attack(lambda d: sg.shortfall(d, ["scale"], by="role"), (A_POINTS, 70 - A_POINTS)),
    "gaps": Attack(lambda d: sg.gaps(d, ["scale"]), (A_POINTS,)),
    "misperception": Attack(
        lambda d: sg.misperception(d, "a", of="few", item="o1", satisfied=5, out_of=5), (2 * THIRD,)
    ),
    "misperception by few": Attack(
        lambda d: sg.misperception(d, "a", of="many", item="o1", satisfied=3, out_of=5), (20 * A,)
    ),
    "misperception of few": Attack(
        lambda d: sg.misperception(
            d.where(role=["many", "some"]), "a", of="some", item="uncommon", satisfied=1, out_of=5
        ),
        (2.0,),
        seen=False,
    ),
    "robustness": Attack(lambda d: sg.robustness(d, "out", ["scale"], seed=1), (A_POINTS,), seen=False),
    "drivers": Attack(lambda d: sg.drivers(d, "out", ["scale"], by="role"), (A_POINTS,), seen=False),
    "priorities": Attack(
        lambda d: sg.priorities(d, "out", ["a", "b"], by="role", draws=100, seed=1), (A_POINTS,), seen=False
    ),
    "importance": Attack(lambda d: sg.importance(d, ranked(d), picks={"a": ["pick_4"], "b": ["pick_1"]}), (SHARE,)),
    "weight_effects": Attack(
        lambda d: sg.weight_effects(sg.survey_design(d, weights="w"), by="group"), (X,), seen=False
    ),
}
# Verbs of all answers together, without groups or categories in what they print.
WHOLE = {
    *("chi_square", "missing", "adequacy", "retention", "efa", "discrimination", "select_items"),
    *("criterion", "htmt", "validity", "method_bias", "agreement", "dominance", "ordinal_dominance"),
    *("countermeasures", "pls"),
}
NO_ANSWERS = NO_ESTIMATES - {"model_table", "by_group"}


def test_every_public_verb_stands_in_the_matrix():
    verbs = {name for name in sg.__all__ if inspect.isfunction(getattr(sg, name))}
    attacked = {name.split(" ")[0] for name in ATTACKS}
    assert verbs == (attacked & verbs) | WHOLE | NO_ANSWERS | MAKE_WEIGHTS | {"by_group"}


@pytest.fixture
def answers():
    return replace(ANSWERS, frame=ANSWERS.frame.assign(w=1.0))


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_says_what_three_people_answered(name, answers, tmp_path):
    attack = ATTACKS[name]
    if attack.seen:
        shown = "\n".join(said(attack.call(open_to_all(answers)), tmp_path))
        assert any(found(secret, shown) for secret in attack.secrets)
    for page in pages_of(attack, answers, tmp_path):
        for secret in attack.secrets:
            assert not found(secret, page), f"{secret}: {found(secret, page)}"


def pages_of(attack, answers, folder):
    """What the call says, or the words by which it is refused."""
    try:
        yield from said(attack.call(answers), folder)
    except SurveyError as refused:
        yield str(refused)


def said(result, folder):
    """Everything that a result says: its tables in every format, its pictures' words, its sentences."""
    for k, table in enumerate(tables_of(result)):
        yield "\n".join(sentence.en for sentence in table.sentences)
        for suffix in ("html", "xlsx", "docx", "tex", "md", "csv"):
            yield words_in(table.save(folder / f"{k}.{suffix}"))
    for method in ("plot", "plot_groups", "slope_plot", "design_map"):
        if hasattr(result, method):
            with suppress(SurveyError):
                yield drawn(getattr(result, method)(language="en"), folder)
    if hasattr(result, "sentences"):
        yield "\n".join(sentence.en for sentence in result.sentences())
    if hasattr(result, "inline") and "term" in result.frame:
        for term in result.frame["term"]:
            with suppress(SurveyError):
                yield result.inline(term).en


def tables_of(result):
    for method in methods_of(type(result)):
        with suppress(SurveyError):
            yield getattr(result, method)(language="en")


def drawn(axes, folder):
    """The words of a picture as SVG and beside it, where its marks lie on its axes, and the frame that it leaves."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        axes.figure.savefig(folder / "figure.svg")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", (folder / "figure.svg").read_text(encoding="utf-8"))
    panels = [axes, *axes.child_axes]
    marks = [line.get_xydata() for panel in panels for line in panel.lines if line.get_transform() == panel.transData]
    marks += [np.ma.getdata(dots.get_offsets()) for panel in panels for dots in panel.collections]
    plt.close(axes.figure)
    left = [axes.alt, axes.data.to_csv()]
    return "\n".join([*words, *left, *(f"{value:.4f}" for both in marks for value in np.ravel(both))])


def words_in(path):
    """The text of a file, without the markup that surrounds it."""
    if path.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(path) as archive:
            parts = [
                archive.read(n) for n in archive.namelist() if re.match(r"word/document|xl/(worksheets|shared)", n)
            ]
        text = b"\n".join(parts).decode("utf-8")
        return "\n".join(re.findall(r"<(?:w:t|t|v)(?: [^>]*)?>([^<]*)<", text))
    text = content(path).decode("utf-8")
    return re.sub(r"<style>.*?</style>|<[^>]*>", "\n", text, flags=re.S) if path.suffix == ".html" else text


NUMBER = re.compile(r"(?<![\w.])[-−]?\d*\.\d+(?:e-?\d+)?")


def found(secret, text):
    """The number in ``text`` that says ``secret`` with the decimals it has, as it is or in per cent."""
    if isinstance(secret, str):
        return secret if secret in text else None
    for token in NUMBER.findall(text):
        decimals = len(token.partition(".")[2].partition("e")[0])
        value = float(token.replace("−", "-"))
        for size in (1.0, 100.0) if decimals > 4 else (1.0,):
            least = 1 if abs(secret) > 10 else 2
            if decimals >= least and abs(size * value - secret) <= 0.5001 * 10.0 ** -min(decimals, 6) * size:
                return token
    return None
