"""What tables of measurement and of data quality say: by hand-made rows, without rows, and where all is hidden."""

from dataclasses import replace
from functools import partial

import pytest
from tables.test_result_tables import NAMES, tables
from told_numbers import overclaimed, told

import sgsurvey as sg
from sgsurvey.causes import hypothesis_sentences, importance_sentences
from sgsurvey.causes.hypothesis_summary import VERDICTS as OF_HYPOTHESES
from sgsurvey.descriptives import known_groups_sentences
from sgsurvey.measurement import (
    adequacy_sentences,
    agreement_sentences,
    content_validity_sentences,
    correlation_sentences,
    factor_sentences,
    invariance_sentences,
    item_sentences,
    method_sentences,
    reliability_sentences,
    retention_sentences,
    retest_sentences,
    sem_sentences,
    validity_sentences,
)
from sgsurvey.measurement.criterion import VERDICTS
from sgsurvey.measurement.htmt_words import VERDICTS as OF_HTMT
from sgsurvey.quality import double_entry_sentences, flow_sentences, missing_sentences
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

A, B, C = same("A"), same("B"), same("C")
KINDS = {
    **dict.fromkeys(
        ["kmo", "msa", "cfi", "rmsea", "srmr", "alpha", "ave", "cr", "msv", "std", "citc", "icc"], "bounded"
    ),
    **dict.fromkeys(["p_value", "rank_p", "p_adjusted", "delta_p", "diff_p"], "p"),
    **dict.fromkeys(["df", "delta_df", "diff_df"], "df"),
    **dict.fromkeys(["n", "n_items", "n_differ", "n_checked", "n_flagged", "n_suspect", "n_missing"], "count"),
    **dict.fromkeys(["share", "agreement"], "percent"),
}


def page(*rows, kind="body"):
    """A table whose columns are the keys of the rows, pairs as intervals."""
    keys = list(rows[0])
    kinds = [KINDS.get(key, "interval" if ":" in key else "text" if isinstance(rows[0][key], Text) else "estimate")
             for key in keys]  # fmt: skip
    columns = tuple(
        Column(key, Text("95%置信区间", "95% CI") if ":" in key else HEADS.get(key, same(key)), kind)
        for key, kind in zip(keys, kinds, strict=True)
    )
    lines = [Row(tuple(Cell(row[k], c) for k, c in zip(keys, kinds, strict=True)), kind) for row in rows]
    return Table("page", same("Page"), columns, tuple(lines))


def in_english(sentences):
    return [sentence.en for sentence in sentences]


# Each function on the tables that it is for, without rows and with every number hidden ----------------------------

SPEAKERS = {
    "adequacy": adequacy_sentences.of_adequacy,
    "adequacy_items": adequacy_sentences.of_items,
    "agreement": agreement_sentences.of_agreement,
    "agreement_pairs": agreement_sentences.of_pairs,
    "cfa_loadings": sem_sentences.of_loadings,
    "coder_agreement": partial(agreement_sentences.of_coders, main=A),
    "content_validity": content_validity_sentences.of_items,
    "content_validity_experts": content_validity_sentences.of_experts,
    "correlations": correlation_sentences.of_matrix,
    "criterion": partial(correlation_sentences.of_criterion, criterion=A, verdicts=VERDICTS),
    "discrimination": item_sentences.of_discrimination,
    "efa_errors": factor_sentences.of_errors,
    "efa_fit": factor_sentences.of_fit,
    "efa_hierarchical": factor_sentences.of_hierarchical,
    "efa_loadings": partial(factor_sentences.of_loadings, limit=Text("0.30", ".30")),
    "efa_pattern": factor_sentences.of_pattern,
    "efa_phi": factor_sentences.of_phi,
    "efa_phi_errors": factor_sentences.of_phi_errors,
    "efa_variance": factor_sentences.of_variance,
    "htmt": partial(validity_sentences.of_ratios, verdicts=OF_HTMT),
    "invariance": partial(invariance_sentences.of_levels, reached=A, failed=B, comparable=True),
    "invariance_means": invariance_sentences.of_means,
    "item_selection": partial(item_sentences.of_selection, kept=A),
    "known_groups": partial(known_groups_sentences.of_known_groups, groups={"high": A, "low": B}, verdicts=VERDICTS),
    "method_bias": method_sentences.of_indices,
    "method_bias_marker": method_sentences.of_marker,
    "method_bias_models": method_sentences.of_models,
    "missing": missing_sentences.of_missing,
    "reliability": reliability_sentences.of_scales,
    "reliability_coefficients": reliability_sentences.of_coefficients,
    "reliability_items": reliability_sentences.of_items,
    "reliability_splits": reliability_sentences.of_splits,
    "retention": retention_sentences.of_eigenvalues,
    "retention_rules": retention_sentences.of_rules,
    "retest": retest_sentences.of_scales,
    "retest_items": retest_sentences.of_items,
    "sem_bootstrap": partial(sem_sentences.of_bootstrap, p_value=0.2, shown=A),
    "sem_fit": sem_sentences.of_fit,
    "sem_models": sem_sentences.of_models,
    "sem_paths": partial(sem_sentences.of_paths, claim=1),
    "validity": validity_sentences.of_factors,
    "validity_convergent": validity_sentences.of_convergent,
    "validity_discriminant": validity_sentences.of_matrix,
}


@pytest.fixture(scope="module")
def made():
    """One table of each kind."""
    return {table.id: table for name in NAMES for table in tables(name).values() if table.rows}


@pytest.mark.parametrize("identifier", SPEAKERS)
def test_where_there_is_nothing_to_read_nothing_is_said(identifier, made):
    table, speak = made[identifier], SPEAKERS[identifier]
    numbers = [column.key for column in table.columns if column.kind != "text"]
    hidden = table.hiding([numbers] * sum(row.kind == "body" for row in table.rows))
    assert speak(replace(table, rows=())) == speak(hidden) == ()
    assert speak(table) != () or identifier in ("coder_agreement", "item_selection")


@pytest.mark.parametrize("identifier", SPEAKERS)
def test_one_row_alone_can_be_spoken_of(identifier, made):
    table = made[identifier]
    first = next(i for i, row in enumerate(table.rows) if row.kind == "body")
    one = replace(table, rows=tuple(row for i, row in enumerate(table.rows) if row.kind != "body" or i == first))
    for sentence in SPEAKERS[identifier](one):
        assert "None" not in sentence.en
        assert "nan" not in sentence.en


# What is decided and what is not ---------------------------------------------------------------------------------


def test_a_low_kmo_and_a_large_p_settle_nothing():
    row = {"n_items": 4, "kmo": 0.41, "chi_square": 7.1, "df": 6, "p_value": 0.31}
    unfit, undecided, _ = adequacy_sentences.of_adequacy(page(row))
    assert unfit.en == "KMO of the 4 items is .410, by convention too low for a factor analysis."
    assert undecided == Text(
        "由Bartlett球形检验尚不能判定题项之间是否相关（近似χ²(6) = 7.10，p = 0.310）。",
        "Bartlett's test cannot decide whether the items correlate at all (approx. χ²(6) = 7.10, p = .310).",
    )


def test_correlations_with_a_criterion_are_told_by_verdict():
    rows = [("as expected", A, 0.4, (0.1, 0.6)), ("against", B, -0.3, (-0.5, -0.1)), ("unclear", C, 0.1, (-0.2, 0.3))]
    table = page(
        *({"construct": name, "estimate": r, "conf_low:conf_high": ends, "p_value": 0.02, "verdict": VERDICTS[verdict]}
          for verdict, name, r, ends in rows)
    )  # fmt: skip
    expected, against, unclear = correlation_sentences.of_criterion(table, Text("观察分", "the score"), VERDICTS)
    assert expected.en.startswith("The correlation with the score has the expected sign for A (r = 0.40")
    assert against.en.startswith("It has the other sign for B (r = −0.30")
    assert unclear.zh == (
        "C（r = 0.10，95%置信区间[−0.20, 0.30]，p = 0.020）的区间包含0，与观察分同向还是反向尚不能判定。"
    )


def test_items_short_of_a_convention_are_named():
    rows = [{"item": n, "statistic": t, "p_value": p, "rank_p": p, "citc": r}
            for n, t, p, r in ((A, 6.0, 0.001, 0.6), (B, 2.1, 0.04, 0.3), (C, 4.0, 0.06, 0.5))]  # fmt: skip
    _, short, weak, _ = in_english(item_sentences.of_discrimination(page(*rows)))
    assert short.endswith("(CR ≥ 3, and p below .05 by means and by ranks), for B, C.")
    assert weak == "The corrected item–total correlation is under .40 for B."


def test_what_was_deleted_is_named():
    rows = [{"item": A, "citc": 0.5, "decision": B}, {"item": C, "citc": 0.1, "decision": A}]
    deleted, weakest, _ = in_english(item_sentences.of_selection(page(*rows), kept=B))
    assert deleted == "By the rules set beforehand 1 of 2 items stay; deleted: C."
    assert weakest.endswith("is that of A, .500.")


def test_ave_is_low_unsure_or_shared():
    rows = [
        {"construct": n, "cr": 0.8, "ave": ave, "ave_low:ave_high": ends, "msv": 0.3, "discriminant": told_apart}
        for n, ave, ends, told_apart in (
            (A, 0.4, (0.3, 0.5), True),
            (B, 0.55, (0.45, 0.65), True),
            (C, 0.7, (0.6, 0.8), False),
        )
    ]
    _, low, unsure, shared = in_english(validity_sentences.of_factors(page(*rows)))
    assert low.startswith("AVE is under the customary .50 for A:")
    assert unsure.endswith("for B.")
    assert shared.endswith("for C.")


@pytest.mark.parametrize(
    ("r", "ratio", "said"),
    [
        (0.5, 0.6, ["The root of AVE exceeds", "The highest HTMT is that of A with B, 0.60; whether"]),
        (0.9, 0.95, ["A correlation is as large as", "The highest HTMT is that of A with B, 0.95, not below .90:"]),
    ],
)
def test_discriminant_validity_is_read_off_both_halves_of_the_matrix(r, ratio, said):
    rows = [{"construct": same("1 A"), "a": 0.8, "b": ratio}, {"construct": same("2 B"), "a": r, "b": 0.7}]
    found = in_english(validity_sentences.of_matrix(page(*rows)))
    assert [sentence.startswith(begins) for sentence, begins in zip(found, said, strict=True)] == [True, True]


def test_each_verdict_on_htmt_is_told():
    rows = [{"pair": n, "htmt": x, "htmt_low:htmt_high": (x - 0.1, x + 0.1), "verdict": OF_HTMT[v]}
            for n, x, v in ((A, 0.5, "distinct"), (B, 0.9, "unclear"), (C, 1.1, "not distinct"))]  # fmt: skip
    assert in_english(validity_sentences.of_ratios(page(*rows), OF_HTMT)) == [
        "HTMT lies between 0.50 and 1.10 (95% CI [1.00, 1.20]); the highest is that of C.",
        "The whole interval is below .90, so that they are distinct, for 1 of the pairs.",
        "It is above .90, so that they are not distinct, for C.",
        "It includes .90, so that this cannot be decided, for B.",
    ]


def test_a_level_that_fails_stops_the_comparison_of_means():
    change = {"delta_cfi": -0.03, "diff_chi_square": 20.0, "diff_df": 3, "diff_p": 0.0001}
    first = {"model": A, "cfi": 0.98, "rmsea": 0.05, "rmsea_low:rmsea_high": (0.02, 0.08), "decision": B}
    table = page({**first, **dict.fromkeys(change)}, {**first, "model": C, **change, "decision": A})
    _, reached, failed, means = invariance_sentences.of_levels(table, B, A, comparable=False)
    assert reached.en == "The level of invariance reached is “B”."
    assert failed.en == "“C” does not hold: ΔCFI is −0.03, Δχ²(3) = 20.00, p < .001."
    assert means.zh == "各组均值的差异因此不能直接解释为构念的差异。"


def test_latent_means_are_apart_or_undecided():
    rows = [{"factor": n, "difference": x, "conf_low:conf_high": ends, "d": x}
            for n, x, ends in ((A, 0.5, (0.2, 0.8)), (B, 0.1, (-0.2, 0.4)))]  # fmt: skip
    apart, undecided = in_english(invariance_sentences.of_means(page(*rows)))
    assert apart.startswith("Latent means can be told apart for A (")
    assert undecided.startswith("The interval includes 0, so that which group is higher cannot be decided, for B (")


def test_known_groups_are_told_with_their_size():
    row = {"variable": A, "estimate": 0.8, "conf_low:conf_high": (0.3, 1.3), "p_adjusted": 0.004,
           "verdict": VERDICTS["as expected"]}  # fmt: skip
    (said,) = known_groups_sentences.of_known_groups(page(row), {"high": B, "low": C}, VERDICTS)
    assert (
        said.en == "As expected beforehand, “B” is above “C” in A (g = 0.80, 95% CI [0.30, 1.30], adjusted p = .004)."
    )


def fitted(name, cfi, df, **more):
    row = {"model": name, "chi_square": 90.0, "df": df, "p_value": 0.001, "cfi": cfi, "tli": cfi, "rmsea": 0.09,
           "rmsea_low:rmsea_high": (0.07, 0.11), "srmr": 0.05}  # fmt: skip
    return row | more


def test_indices_outside_the_conventions_are_named():
    fit, off = in_english(sem_sentences.of_fit(page(fitted(A, 0.96, 20))))
    assert fit == "χ²(20) = 90.00, p = .001, CFI .960, TLI 0.96, RMSEA .090 (95% CI [0.07, 0.11]), SRMR .050."
    assert off.startswith("Outside the conventions: RMSEA.")


@pytest.mark.parametrize(
    ("p", "verdict"),
    [(0.001, "“B”, with fewer restrictions, fits better"), (0.4, "cannot be decided, and “A” is the simpler")],
)
def test_rivals_are_compared_by_the_test_of_their_difference(p, verdict):
    change = {"delta_cfi": 0.1, "delta_chi_square": 30.0, "delta_df": 3, "delta_p": p}
    table = page(fitted(A, 0.85, 23, **dict.fromkeys(change)), fitted(B, 0.95, 20, **change))
    said = sem_sentences.of_models(table)[1].en
    assert verdict in said
    assert "has ΔCFI 0.10," in said


def test_a_change_of_uncorrected_indices_is_not_taken_for_one_of_those_told_before():
    change = {"delta_cfi": 0.1, "delta_chi_square": 30.0, "delta_df": 3, "delta_p": 0.001}
    none = dict.fromkeys(change)
    corrected = [fitted(model, cfi, df, **none) | {"srmr": None} for model, cfi, df in ((A, 0.7, 23), (B, 0.9, 20))]
    table = page(fitted(A, 0.85, 23, **none), corrected[0], fitted(B, 0.95, 20, **change), corrected[1])
    each, changed = (sentence.en for sentence in sem_sentences.of_models(table)[:2])
    assert "CFI .700" in each
    assert "has uncorrected ΔCFI 0.10," in changed


def test_paths_are_told_from_zero_or_left_open():
    rows = [{"path": n, "estimate": b, "std": b, "conf_low:conf_high": ends, "p_value": p}
            for n, b, ends, p in ((A, -0.5, (-0.7, -0.3), 0.001), (B, 0.1, (-0.1, 0.3), 0.3))]  # fmt: skip
    told_from_zero, undecided, arrows = in_english(sem_sentences.of_paths(page(*rows), 1))
    assert "is A (−.500; unstandardised −0.50, 95% CI [−0.70, −0.30], p = .001)" in told_from_zero
    assert undecided.endswith("cannot be decided, for B (0.10, 95% CI [−0.10, 0.30]).")
    assert arrows.endswith("coefficients show association.")


def test_a_shift_between_two_times_counts_only_by_means_and_by_ranks():
    rows = [{"construct": n, "icc": 0.8, "p_value": p, "rank_p": rank, "conf_low:conf_high": (0.7, 0.9)}
            for n, p, rank in ((A, 0.01, 0.02), (B, 0.01, 0.2))]  # fmt: skip
    _, moved, undecided = in_english(retest_sentences.of_scales(page(*rows)))
    assert moved.startswith("Means differ between the times for A:")
    assert undecided == "Whether means changed between the times cannot be decided for B."


def test_nobody_who_does_not_know_is_not_the_most_frequent():
    rows = [
        {"item": A, "share_missing": 0.1, "n_dont_know": 0.0},
        {"item": B, "share_missing": 0.0, "n_dont_know": 0.0},
    ]
    said = " ".join(in_english(missing_sentences.of_missing(page(*rows))))
    assert "most frequent" not in said
    rows[1]["n_dont_know"] = 7.0
    assert "most frequent for B: 7" in " ".join(in_english(missing_sentences.of_missing(page(*rows))))


def test_importance_without_performance_is_told_without_it():
    rows = [{"term": A, "stated": 0.6, "coefficient": 0.2, "performance": None},
            {"term": B, "stated": 0.3, "coefficient": 0.4, "performance": None}]  # fmt: skip
    said = in_english(importance_sentences.of_importance(page(*rows)))
    assert said[0].startswith("Respondents name A most often")
    assert len(said) == 2


def test_scales_without_an_interval_are_not_said_to_have_a_limit():
    rows = [{"construct": A, "alpha": 0.81, "conf_low:conf_high": (None, None)},
            {"construct": B, "alpha": 0.72, "conf_low:conf_high": (None, None)}]  # fmt: skip
    assert len(reliability_sentences.of_scales(page(*rows))) == 1
    known = [row | {"conf_low:conf_high": (0.71, 0.85)} for row in rows]
    assert in_english(reliability_sentences.of_scales(page(*known)))[1] == "No lower limit is under the customary .70."


def test_factors_that_run_against_each_other_can_be_as_close_as_others():
    table = page({"factor": A, "x": 1.0, "y": None}, {"factor": B, "x": -0.85, "y": 1.0})
    said, close = in_english(factor_sentences.of_phi(table))
    assert said == "A and B correlate −0.85."
    assert close.startswith("Some factors correlate so highly")
    rows = [{"pair": A, "estimate": -0.7, "conf_low:conf_high": (-0.9, -0.4)},
            {"pair": B, "estimate": 0.3, "conf_low:conf_high": (-0.1, 0.6)}]  # fmt: skip
    largest, undecided, one = in_english(factor_sentences.of_phi_errors(page(*rows)))
    assert largest.startswith("The largest correlation of factors in size is A, −0.70")
    assert undecided.endswith("for B.")
    assert one.startswith("One end of the interval for A")


def test_rules_that_differ_leave_the_number_open():
    rows = [{"rule": n, "number": k, "agrees": k == 2} for n, k in ((A, 2.0), (B, 2.0), (C, 5.0))]
    table = page(*rows)
    columns = (table.columns[0], Column("number", same("Number"), "count"), table.columns[2])
    counted = [
        replace(row, cells=(row.cells[0], replace(row.cells[1], kind="count"), row.cells[2])) for row in table.rows
    ]
    divided, apart, _ = in_english(retention_sentences.of_rules(replace(table, columns=columns, rows=tuple(counted))))
    assert divided == "The rules do not agree: 2 rules say 2; 1 rules say 5."
    assert apart == "Those apart from the majority: C."


def test_groups_by_what_little_shows():
    rows = [
        {"role": n, "n": 50, "statistic": 40.0, "df": 30, "p_value": p} for n, p in ((A, 0.01), (B, 0.6), (C, None))
    ]
    related, compatible, untested = missing_sentences.of_little(page(*rows))
    assert related.en.endswith("completely at random, for A (χ²(30) = 40.00, p = .010).")
    assert compatible.zh == "数据与完全随机缺失相容、但不能由此断定缺失随机的是B（χ²(30) = 40.00，p = 0.600）。"
    assert untested.en == "Not tested: C."


def test_scattered_gaps_make_no_pattern():
    rows = [{"words": A, "n_missing": 0, "n": 30, "share": 0.6}, {"words": B, "n_missing": None, "n": 20, "share": 0.4}]
    assert in_english(missing_sentences.of_patterns(page(*rows), A)) == [
        "60.0% answered everything (all).",
        "No pattern with a gap is frequent enough to be listed: gaps are scattered.",
    ]


def contrasted(name, before, after):
    return {"term": name, "with_suspects": before, "without_suspects": after,
            "difference": None if after is None else after - before}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(A, 0.2, 0.2)], ["Without the suspect answers every number listed is as it was."]),
        (
            [(A, 0.2, -0.1), (B, 0.3, 0.4), (C, 0.5, None)],
            [
                "Without the suspect answers the largest change is that of A: from 0.20 to −0.10 (difference −0.30).",
                "The sign of 1 number(s) changes: it rests on a few answers.",
                "1 more are not compared, as too few persons stand behind them.",
            ],
        ),
    ],
)
def test_what_the_suspects_change_is_told(rows, said):
    table = page(*(contrasted(*row) for row in rows))
    hidden = table.hiding([() if after is not None else ("without_suspects", "difference") for *_, after in rows])
    assert in_english(flow_sentences.of_contrast(hidden)) == said


def test_two_entries_that_agree_have_no_item_to_look_up():
    total = {"item": A, "n": 40, "n_differ": 0, "agreement": 1.0}
    assert in_english(double_entry_sentences.of_entries(page(total, kind="stat"))) == [
        "The two entries agree on 100.0% of 40 filled cells and differ on 0."
    ]


def test_hypotheses_are_told_by_verdict():
    rows = [{"hypothesis": h, "p_adjusted": p, "verdict": OF_HYPOTHESES[v]}
            for h, p, v in ((A, 0.01, "supported"), (B, 0.4, "undecided"), (C, None, "not examined"))]  # fmt: skip
    assert in_english(hypothesis_sentences.of_hypotheses(page(*rows), OF_HYPOTHESES)) == [
        "Supported: A (adjusted p = .010).",
        "Undecided, which is neither support nor refutation: B (adjusted p = .400).",
        "Not examined: C.",
    ]


# The tables of data quality, which no verb of estimates gives ---------------------------------------------------------


@pytest.fixture(scope="module")
def screening():
    return sg.screen(sg.simulate(sg.read_questionnaire("questionnaires"), seed=1))


MADE = {
    "screening": lambda found: found,
    "flow": lambda found: sg.flow(found.keep(), issued=700),
    "patterns": lambda found: sg.missing(found.answers, ["FUN", "MGT"]).patterns(),
    "little": lambda found: sg.missing(found.answers, ["FUN", "MGT"]).little(),
    "contrast": lambda found: found.contrast(lambda given: sg.describe_scales(given, ["FUN"], by="role")),
    "reliability": lambda found: found.contrast(lambda given: sg.reliability(given, ["FUN"]), statistics=["alpha"]),
    "entries": lambda found: sg.compare_entries(found.answers, found.answers),
}


@pytest.mark.parametrize("name", MADE)
def test_tables_of_data_quality_say_what_stands_in_their_cells(name, screening):
    table = MADE[name](screening).table(language="zh")
    assert told(table)
    assert overclaimed(table, 1, []) == []


def test_the_flow_says_where_most_was_lost(screening):
    kept, loss = in_english(MADE["flow"](screening).sentences())
    assert kept == f"Of the 700 forms at the step “Issuing” {len(screening.keep())} are kept in the end."
    assert loss.startswith("The largest single loss is “not returned” at “Issuing” (")
