"""Every table that a thesis of this field reports (domain/tables.md, 0a to 27) is made by the result that owns it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from coded_answers import coded
from tables.test_result_tables import answers, panel, tables

import sgsurvey as sg
from sgsurvey.tables.table import Table
from sgsurvey.text import LANGUAGES, Text

ROOT = Path(__file__).parents[2]
COUNTS = {1: "complete", 2: "partial", 3: "refusal"}


@dataclass(frozen=True)
class Page:
    """A table, the keys of the columns that the page asks of it, and words that must stand in its rows or notes."""

    make: Callable[[], Table]
    keys: set[str]
    words: tuple[str, ...] = ()


@cache
def county() -> sg.Responses:
    """Answers to the bundled questionnaires."""
    return sg.simulate(sg.read_questionnaire(ROOT / "questionnaires"), seed=7)


@cache
def villagers() -> sg.Responses:
    return county().where(role="villager")


@cache
def steps():
    return sg.hierarchical(answers(), ["a ~ b", "+ c"])


@cache
def linked():
    return sg.hypothesis_summary(
        {"model": sg.sem(answers(), "a ~ b + c")},
        [sg.Hypothesis("H1", Text("甲与乙相关联", "b goes with a"), "model", {"op": "~", "rhs": "b"}, margin=0.1)],
    )


def field_report() -> Table:
    cases = pd.DataFrame({"disposition": [1] * 8 + [2, 3], "role": ["villager"] * 6 + ["post_holder"] * 4})
    cases["why"] = [None] * 6 + ["too quick", "too quick", None, None]
    report = sg.field_report(cases, COUNTS, by="role", valid="why", frame={"villager": 900, "post_holder": 90})
    told = report.fieldwork(
        mode={"villager": Text("面访", "face to face")}, dates={"villager": ("2026-09-01", "2026-09-20")}
    )
    return told.table()


def open_answers() -> Table:
    lines = [(coder, k, 1, "AB"[(k + k // 7 * at) % 2]) for at, coder in enumerate("xy") for k in range(30)]
    return sg.themes(coded(lines, 30), quotes=True).table()


def of(name: str, result: str, method: str = "table") -> Callable[[], Table]:
    """A table of the samples that every renderer prints."""
    return lambda: tables(name)[result, method, "en"]


TESTED = {"estimate", "std_error", "statistic", "p_value"}
FIT = {"chi_square", "df", "p_value", "chi_square_df", "cfi", "tli", "rmsea", "rmsea_low:rmsea_high", "srmr"}
INTERVAL = "conf_low:conf_high"
PAGES: dict[str, list[Page]] = {
    "0a": [
        Page(
            field_report,
            {"group", "frame", "selected", "issued", "returned", "excluded", "for too quick", "valid"}
            | {"return_rate", "valid_rate", "mode", "dates"},
        )
    ],
    "0b": [
        Page(
            lambda: sg.screen(county()).table(),
            {"rule", "threshold", "n_checked", "n_flagged", "n_suspect"},
            ("Suspect: two or more families",),
        )
    ],
    "0c": [
        Page(
            lambda: sg.missing(county(), ["MGT", "FUN"]).table(),
            {"item", "n_asked", "n_empty", "n_dont_know", "share_missing", "share_villager", "share_post_holder"},
        )
    ],
    "0d": [
        Page(
            lambda: sg.size_rules(county(), ["MGT", "FUN"], parameters=30).table(),
            {"rule", "needed", "n", "met"},
            ("5 times the items", "10 times", "5 times the free", "200", "Krejcie", "Cochran", "design effect"),
        )
    ],
    "1": [
        Page(lambda: sg.frequencies(villagers(), ["sex"]).table(), {"label", "n all", "share all", "cumulative all"}),
        Page(lambda: sg.frequencies(county(), ["sex"], by="role").table(), {"n villager", "share villager"}),
    ],
    "2": [
        Page(
            lambda: sg.describe(villagers(), ["MGT"]).table(),
            {"item", "n", "min", "max", "mean", "sd", "median", "skewness", "kurtosis"}
            | {"disagree", "neutral", "agree", "dont_know"},
            ("Convention",),
        )
    ],
    "3": [
        Page(
            lambda: sg.describe_scales(villagers(), ["MGT", "FUN"], cluster="township_id").table(),
            {"construct", "n_items", "n", "mean", "sd", INTERVAL, "floor", "ceiling", "icc"},
        )
    ],
    "4": [
        Page(
            of("multiple_response", "MultipleResponse"),
            {"label", "n", "share_answers", "share_persons", INTERVAL},
            ("Goodness of fit χ²", "Wilson"),
        )
    ],
    "F1": [Page(of("likert", "LikertShares"), {"item", "n", *(f"share {k}" for k in range(1, 6)), "dont_know"})],
    "5": [
        Page(
            of("discrimination", "Discrimination"),
            {"item", "mean_high", "mean_low", "statistic", "df", "p_value", "citc"},
            ("Convention",),
        )
    ],
    "6": [
        Page(
            of("reliability_by", "Reliability", "items_table"),
            {"item", "citc", "alpha_if_dropped", "alpha", INTERVAL, "omega", "mean_r", "alpha_ordinal"},
            ("Convention",),
        )
    ],
    "6b": [
        Page(of("reliability", "Reliability", "splits_table"), {"estimate", INTERVAL}, ("Spearman–Brown",)),
        Page(of("retest", "Retest"), {"construct", "icc", INTERVAL, "r"}),
        Page(of("retest", "Retest", "items_table"), {"item", "kappa", INTERVAL}),
        Page(of("intraclass", "Agreement"), {"coefficient", "estimate", INTERVAL}, ("ICC(A,1): two-way",)),
    ],
    "7": [
        Page(
            lambda: sg.content_validity(panel()).table(),
            {"item", "n_experts", "n_relevant", "i_cvi", INTERVAL, "kappa"},
            ("S-CVI/Ave", "Convention", "Convention for S-CVI/Ave"),
        )
    ],
    "8": [
        Page(of("adequacy", "Adequacy"), {"kmo", "chi_square", "df", "p_value"}, ("Kaiser and Rice (1974)",)),
        Page(of("adequacy", "Adequacy", "items_table"), {"item", "msa"}, ("Convention",)),
    ],
    "9": [
        Page(
            lambda: sg.efa(answers(), [*"abcd", "o1", "o2"], factors=2, seed=1).variance_table(),
            {"number", "eigenvalue", "share_before", "cumulative_before", "chance"}
            | {"ss_loadings", "share", "cumulative"},
            ("Convention",),
        )
    ],
    "10": [
        Page(of("two_factors", "EFA"), {"item", "F1", "F2", "communality"}, ("Convention", "Loadings below .30")),
        Page(
            of("two_factors", "EFA", "pattern_table"),
            {"item", "PatternF1", "PatternF2", "StructureF1", "StructureF2", "communality"},
            ("Factor 2, correlations",),
        ),
    ],
    "11": [
        Page(of("cfa", "SEM", "fit_table"), {*FIT, "gfi", "agfi", "nfi", "ifi"}, ("Convention", "Estimated by")),
        Page(of("compare_models", "ModelComparison"), {"model", *FIT, "delta_chi_square", "delta_cfi"}, ("one", "two")),
    ],
    "12": [
        Page(
            of("validity", "Validity", "convergent_table"),
            {"construct", "item", *TESTED, "std", "smc", "cr", "ave"},
            ("Convention", "Fornell and Larcker (1981)"),
        )
    ],
    "13": [
        Page(of("validity", "Validity", "discriminant_table"), {"construct", "scale", "out"}, ("root of AVE",)),
        Page(of("htmt", "HTMT"), {"pair", "htmt", "htmt_low:htmt_high", "htmt2"}, ("Henseler et al. (2015)",)),
    ],
    "14": [
        Page(
            of("marker", "MethodBias"),
            {"index", "value", "threshold"},
            ("Eigenvalues above 1", "First component (%)", "CFI of one factor", "None of these tests shows"),
        ),
        Page(of("marker", "MethodBias", "marker_table"), {"pair", "r", "r_adjusted"}),
        Page(of("method_bias", "MethodBias", "models_table"), {"model", "chi_square", "cfi", "rmsea", "delta_cfi"}),
    ],
    "15": [
        Page(
            of("invariance", "Invariance"),
            {"model", "chi_square", "df", "cfi", "rmsea", "srmr", "delta_cfi", "delta_rmsea", "delta_srmr", "decision"},
            ("Configural", "Metric (loadings)", "Scalar (intercepts)", "Strict (residuals)", "Convention"),
        )
    ],
    "16": [
        Page(
            of("compare_groups", "Comparison"),
            {"variable", "group", "n", "mean", "sd", "statistic", "df", "p_value", "p_adjusted", "estimate", "interval"}
            | {"post_hoc", "rank_p"},
        )
    ],
    "17": [
        Page(
            of("gaps", "Gaps"),
            {"construct", "mean_first", "mean_second", "estimate", INTERVAL, "superiority", "compared", "invariance"}
            | {"verdict"},
        )
    ],
    "18": [
        Page(
            lambda: sg.correlations(answers(), ["scale", "out"]).table(),
            {"variable", "mean", "sd", "scale", "out"},
            ("marked α: coefficient alpha", "Pearson's r below the diagonal"),
        )
    ],
    "19": [
        Page(
            lambda: sg.model_table(steps(), preset="spss").table(),
            {f"{key}{k}" for k in (1, 2) for key in (*TESTED, "beta", "tolerance", "vif")},
            ("n", "SE type", "R²", "Adjusted R²", "ΔR²", "F change (classical)", "Convention"),
        ),
        Page(lambda: steps().coefficients_table(2), {*TESTED, "beta", INTERVAL, "vif"}, ("F (classical)",)),
        Page(
            lambda: steps().changes_table(),
            {"model", "r_squared", "adj_r_squared", "delta_r_squared", "f_squared", "f_change", "p_value"},
        ),
        Page(lambda: sg.diagnostics(steps().models[1], durbin_watson=True).table(), set(), ("Durbin–Watson",)),
    ],
    "19b": [
        Page(
            of("ordered", "OrderedRegression"),
            {*TESTED, "odds_ratio", "odds_low:odds_high"},
            ("Threshold 0|1", "McFadden R²"),
        ),
        Page(lambda: sg.ordered(answers(), "level ~ b + c").brant().table(), {"term", "statistic", "df", "p_value"}),
        Page(of("margins", "Margins"), {"term", "event", "estimate", INTERVAL}),
    ],
    "20": [
        Page(
            of("mediation", "Mediation"),
            {"effect", "estimate", "std_error", INTERVAL, "share"},
            ("Total", "Direct", "Indirect"),
        ),
        Page(of("mediation", "Mediation", "paths_table"), {"term", *TESTED, INTERVAL}),
    ],
    "21": [
        Page(of("moderation", "Moderation"), {"term", *TESTED, INTERVAL}, ("ΔR² of the interaction",)),
        Page(of("moderation", "Moderation", "slopes_table"), {"place", *TESTED, INTERVAL}),
        Page(of("moderation", "Moderation", "regions_table"), {"low:high", "sign"}),
    ],
    "22": [
        Page(of("sem", "SEM", "paths_table"), {"path", *TESTED, "std", INTERVAL, "r_squared"}),
        Page(lambda: linked().table(), {"hypothesis", "verdict"}),
    ],
    "23": [
        Page(
            of("importance", "Importance"),
            {"term", "stated", "coefficient", "lmg", "performance", "gap", "stated means", "coefficient benchmark"},
            ("share of 100 bootstrap draws",),
        )
    ],
    "25": [
        Page(
            lambda: linked().table(),
            {"hypothesis", "statement", "expect", "evidence", "p_adjusted", "p_equivalence_adjusted", "verdict"},
            ("equivalence",),
        )
    ],
    "26": [
        Page(
            of("countermeasures", "Countermeasures"),
            {"label", "problem", "evidence", "causes", "levers", "disagreement"},
        )
    ],
    "27": [Page(open_answers, {"label", "n", "share_persons", INTERVAL, "kappa", "quote_id"})],
}
# AHP, entropy and fuzzy weights (24) are apart.
NUMBERS = {*["0a", "0b", "0c", "0d", "6b", "19b", "F1"], *map(str, range(1, 28))} - {"24"}


def test_every_number_of_the_page_has_its_tables():
    assert set(PAGES) == NUMBERS


@pytest.mark.parametrize("number", PAGES)
def test_a_table_has_the_columns_that_theses_report(number):
    for page in PAGES[number]:
        table = page.make()
        lacking = page.keys - {column.key for column in table.columns}
        assert not lacking, (table.id, lacking)
        assert any(row.kind == "body" for row in table.rows), table.id
        grid = table.to("en").grid()
        printed = "\n".join([*(cell.text for row in grid.rows for cell in row.cells), *grid.notes])
        assert not [words for words in page.words if words.lower() not in printed.lower()], (table.id, printed)
        for language in LANGUAGES:
            heads = [column.head.zh if language == "zh" else column.head.en for column in table.columns]
            assert all(heads), (table.id, heads)


def test_the_page_of_the_tables_runs_as_it_stands_and_names_every_one(monkeypatch):
    page = (ROOT / "docs" / "howto" / "tables_of_a_thesis.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(compile(code, "tables_of_a_thesis.md", "exec"), names)
    assert names["adequacy"].rows[-1].kind == "threshold"
    assert set(re.findall(r"^\| (F?\d+[a-d]?) ", page, re.M)) == NUMBERS
    assert {verb for verb in re.findall(r"`sg\.(\w+)\(", page) if not hasattr(sg, verb)} == set()


def test_a_gap_says_which_invariance_it_rests_on():
    table = of("gaps", "Gaps")()
    at = [column.key for column in table.columns].index("invariance")
    assert {row.cells[at].value.en for row in table.rows if row.kind == "body"} == {"not examined"}


def test_the_alpha_of_a_scale_stands_on_the_diagonal_of_its_correlations():
    table = sg.correlations(answers(), ["scale", "out"]).table()
    alphas = sg.reliability(answers(), ["scale", "out"]).frame["alpha"]
    shown = [cell.value for row in table.rows for cell in row.cells if cell.mark == "α"]
    assert shown == pytest.approx(alphas.tolist())
