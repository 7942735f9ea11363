"""Hypotheses declared beforehand, held against what was found."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import sgsurvey as sg
from sgsurvey.causes.hypothesis_summary import TOO_FEW
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import LANGUAGES, Text, same

WORDS = Text("甲与乙相关联", "A goes with B")


@dataclass(frozen=True)
class Found(Result):
    """Estimates as they are given."""

    def _table(self):
        columns = [Column("term", HEADS["term"], "text"), Column("estimate", HEADS["b"], digits=3)]
        return Table.from_frame(self.frame, columns, id="found", title=same("found"))


def found(estimate, error=0.1, df=50.0, p=None, **more):
    """One line with a symmetric interval of two errors; p by t unless given."""
    from scipy import stats

    p = 2 * stats.t.sf(abs(estimate) / error, df) if p is None else p
    line = {"term": "x", "estimate": estimate, "std_error": error, "df": df, "p_value": p, **more}
    line |= {"conf_low": estimate - 2 * error, "conf_high": estimate + 2 * error}
    return Found(pd.DataFrame([line]), Basis(60, 55, {"x missing": 5}))


def verdict(result, expect="positive", margin=None):
    hypothesis = sg.Hypothesis("H1", WORDS, "r", {"term": "x"}, expect, margin)
    return sg.hypothesis_summary({"r": result}, [hypothesis]).frame["verdict"].item()


@pytest.mark.parametrize(
    ("estimate", "expect", "margin", "said"),
    [
        (0.5, "positive", None, "supported"),
        (-0.5, "positive", None, "not supported"),
        (-0.5, "negative", None, "supported"),
        (0.05, "positive", None, "undecided"),
        (0.05, "positive", 0.5, "not supported"),
        (-0.05, "positive", 0.5, "not supported"),
        (0.05, "positive", 0.06, "undecided"),
        (0.5, "positive", 0.4, "supported"),
        (0.5, "positive", 0.9, "small"),
        (0.05, "none", 0.5, "supported"),
        (0.3, "none", 0.9, "supported"),
        (0.5, "none", 0.4, "not supported"),
        (0.05, "none", 0.06, "undecided"),
    ],
)
def test_what_is_not_significant_is_undecided_unless_it_is_shown_to_be_too_small_to_matter(
    estimate, expect, margin, said
):
    assert verdict(found(estimate), expect, margin) == said


@pytest.mark.parametrize(("estimate", "margin", "said"), [(0.5, None, "supported"), (0.1, None, "undecided")])
def test_what_has_no_p_is_judged_by_its_interval(estimate, margin, said):
    assert verdict(found(estimate, p=np.nan), margin=margin) == said


def test_without_degrees_of_freedom_the_interval_has_to_lie_within_the_margin():
    assert verdict(found(0.05, df=np.nan, p=np.nan), "none", 0.26) == "supported"
    assert verdict(found(0.05, df=np.nan, p=np.nan), "none", 0.24) == "undecided"


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 2))
    frame = pd.DataFrame({"y": x @ [0.5, 0.05] + rng.normal(size=80), "x": x[:, 0], "z": x[:, 1]})
    return sg.ols(frame, "y ~ x + z", vcov="classical")


def summary(fit, **how):
    hypotheses = [
        sg.Hypothesis("H1", WORDS, "fit", {"term": "x"}, margin=0.3),
        sg.Hypothesis("H2", WORDS, "fit", {"term": "z"}, "none", 0.3),
        sg.Hypothesis("H3", WORDS, "other", {"term": "z"}),
    ]
    return sg.hypothesis_summary({"fit": fit, "other": Text("人数不足", "too few people")}, hypotheses, **how)


def test_equivalence_is_that_of_statsmodels_one_sided_tests_and_of_our_own_verb(fit):
    frame = summary(fit, adjust="none").frame
    ours = sg.equivalence(fit, ["x", "z"], margin=0.3, adjust="none").frame
    assert frame["p_equivalence"][:2].tolist() == pytest.approx(ours["p_value"].tolist(), rel=1e-12)
    for name, p in zip(("x", "z"), frame["p_equivalence"], strict=False):
        sides = [fit.model.t_test(f"{name} = {margin}") for margin in (-0.3, 0.3)]
        low, high = (float(side.statistic.item()) for side in sides)
        one_sided = [float(side.pvalue) / 2 for side in sides]
        p_low = one_sided[0] if low > 0 else 1 - one_sided[0]
        p_high = one_sided[1] if high < 0 else 1 - one_sided[1]
        assert p == pytest.approx(max(p_low, p_high), rel=1e-9)


def test_all_hypotheses_are_one_family_and_those_that_were_not_examined_count_nothing(fit):
    frame = summary(fit).frame
    for key in ("p_value", "p_equivalence"):
        theirs = multipletests(frame[key][:2], method="holm")[1]
        assert frame[f"{key.removesuffix('_value')}_adjusted"][:2].tolist() == pytest.approx(theirs.tolist())
        assert np.isnan(frame[key][2])
    assert frame["verdict"].tolist()[2] == "not examined"
    assert frame["evidence"][2] == Text("人数不足", "too few people")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_evidence_has_the_numbers_of_the_result_own_table(fit, language):
    evidence = summary(fit).frame["evidence"][0].to(language)
    line = next(row for row in fit.table(language=language).grid().rows if row.cells[0].text == "x")
    estimate, p, interval = (line.cells[at].text for at in (1, 6, 7))
    assert evidence.startswith(estimate)
    assert interval in evidence
    assert f"p {p}" in evidence or f"p = {p}" in evidence


def test_the_table_names_every_hypothesis_and_says_that_support_is_no_cause(fit):
    table = summary(fit).table(language="en")
    assert table.id == "hypotheses"
    assert [column.key for column in table.columns] == [
        "hypothesis", "statement", "expect", "evidence", "p_adjusted", "margin", "p_equivalence_adjusted", "verdict",
    ]  # fmt: skip
    notes = " ".join(note.en for note in table.notes)
    assert "never a cause" in notes
    assert "Holm: 2 tests of difference, 2 of equivalence" in notes
    assert "read them as" not in notes


def test_a_statement_that_claims_more_than_the_design_allows_is_named(fit):
    bold = sg.Hypothesis("H7", Text("甲显著影响乙", "A affects B"), "fit", {"term": "x"})
    notes = [note.en for note in sg.hypothesis_summary({"fit": fit}, [bold]).table(language="en").notes]
    assert any(note.startswith("The words of H7 claim more") for note in notes)


def test_a_line_that_is_not_there_or_not_comparable_is_said():
    absent = sg.Hypothesis("H1", WORDS, "r", {"term": "w"})
    frame = sg.hypothesis_summary({"r": found(0.5)}, [absent]).frame
    assert frame["verdict"].item() == "not examined"
    described = sg.Hypothesis("H1", WORDS, "r", {"term": "x"})
    frame = sg.hypothesis_summary({"r": found(0.5, comparable=False)}, [described]).frame
    assert "description only" in frame["evidence"].item().en
    assert frame["verdict"].item() == "described"  # whatever its p: nothing is supported by what cannot be compared


def test_hidden_numbers_stay_hidden():
    frame = sg.hypothesis_summary(
        {"r": found(np.nan)}, [sg.Hypothesis("H1", WORDS, "r", {"term": "x"}, margin=0.1)]
    ).frame
    assert frame["verdict"].item() == "undecided"
    assert frame["evidence"].item().en == "too few to be shown"


@dataclass(frozen=True)
class Hiding(Found):
    """Estimates that the table hides, though the frame has them; the same number stands elsewhere."""

    def _table(self):
        columns = [Column("n", HEADS["n"], digits=1), Column("estimate", HEADS["b"], digits=3)]
        return Table.from_frame(self.frame, columns, id="found", title=same("found")).hiding([("estimate",)])


def test_what_the_table_of_the_result_hides_is_not_told():
    shown = found(0.5, n=0.5)
    result = Hiding(shown.frame, shown.basis)
    frame = sg.hypothesis_summary({"r": result}, [sg.Hypothesis("H1", WORDS, "r", {"term": "x"}, margin=0.1)]).frame
    assert frame["evidence"].item() == TOO_FEW
    assert frame[["estimate", "p_value", "p_adjusted", "p_equivalence"]].isna().all(axis=None)


def test_digits_are_those_of_the_estimate_and_not_of_another_number_that_is_alike():
    columns = [Column("n", HEADS["n"], digits=1), Column("estimate", HEADS["b"], digits=3)]
    shown = found(0.5, n=0.5)
    line = {"term": "x"}

    class Both(Found):
        def _table(self):
            return Table.from_frame(self.frame, columns, id="found", title=same("found"))

    made = sg.hypothesis_summary({"r": Both(shown.frame, shown.basis)}, [sg.Hypothesis("H1", WORDS, "r", line)])
    assert made.frame["evidence"].item().en.startswith("0.500 (95% CI [0.300, 0.700]")


def test_verdicts_are_summed_up_in_sentences(fit):
    said = [sentence.en for sentence in summary(fit).sentences()]
    assert said[-1] == "Not examined: H3."
    assert sum(name in " ".join(said) for name in ("H1", "H2", "H3")) == 3


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: sg.Hypothesis("H1", WORDS, "r", {"term": "x"}, "up"), "no expectation 'up'"),
        (lambda: sg.Hypothesis("H1", WORDS, "r", {"term": "x"}, "none"), "needs a margin above 0"),
        (lambda: sg.hypothesis_summary({}, []), "there is no hypothesis"),
        (
            lambda: sg.hypothesis_summary({"r": found(1.0)}, [sg.Hypothesis("H1", WORDS, "r", {"trem": "x"})]),
            "no column 'trem'.*Did you mean 'term'",
        ),
        (
            lambda: sg.hypothesis_summary(
                {"r": Found(pd.concat([found(1.0).frame] * 2), Basis(2, 2))},
                [sg.Hypothesis("H1", WORDS, "r", {"term": "x"})],
            ),
            "has 2 lines of term=x",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(make, match):
    with pytest.raises(sg.EstimationError, match=match):
        make()
