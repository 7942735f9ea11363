import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi

import sgsurvey as sg
from sgsurvey.measurement.item_rules import RULES

REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
NAMES = {s: [f"{s}{i}" for i in range(1, 6)] for s in "ACENO"}


def pilot(seed=1, n=250, noise=True):
    """Two scales of five good items; a noisy item in A, one of A that also loads on B, a reversed one in B."""
    rng = np.random.default_rng(seed)
    f, g = rng.normal(size=(2, n, 1))
    a = f + 0.7 * rng.normal(size=(n, 5))
    b = g + 0.7 * rng.normal(size=(n, 5))
    frame = pd.DataFrame(np.hstack([a, b]), columns=[f"{s}{i}" for s in "AB" for i in range(1, 6)])
    if noise:
        frame["A6"] = rng.normal(size=n)
        frame["A7"] = (0.7 * f + 0.7 * g)[:, 0] + 0.5 * rng.normal(size=n)
    frame["B6"] = -(g[:, 0] + 0.7 * rng.normal(size=n))
    frame = np.clip(np.round(3 + frame), 1, 5)
    return frame, {s: [c for c in sorted(frame) if c[0] == s] for s in "AB"}


def answers_of(frame, names):
    return sg.responses(frame, names, reverse=["B6"])


@pytest.fixture(scope="module")
def selected():
    return sg.select_items(answers_of(*pilot()), ["A", "B"])


def test_bad_items_go_by_the_rule_that_they_break_and_good_ones_stay(selected):
    log = selected.log.set_index("item")
    assert log.loc["A6", "rule"] in ("discrimination", "citc")
    assert log.loc["A7", "rule"] == "cross_loading"
    assert list(log.index) == ["A6", "A7"]
    assert selected.kept == {"A": tuple(f"A{i}" for i in range(1, 6)), "B": tuple(f"B{i}" for i in range(1, 7))}
    assert selected.frame.set_index("item").loc["A6", "step"] == 1
    assert selected.frame["kept"].sum() == 11


def test_each_step_of_the_log_is_what_reliability_says_before_and_after_it(selected):
    frame, names = pilot()
    left = {k: list(v) for k, v in names.items()}
    for _, step in selected.log.iterrows():
        before = sg.reliability(answers_of(frame, left), step["construct"]).frame["alpha"].iloc[0]
        left[step["construct"]].remove(step["item"])
        after = sg.reliability(answers_of(frame, left), step["construct"]).frame["alpha"].iloc[0]
        assert step["alpha_before"] == pytest.approx(before, rel=1e-12)
        assert step["alpha_after"] == pytest.approx(after, rel=1e-12)
        assert step["n_items"] == len(left[step["construct"]])


def test_the_original_result_is_kept_beside_the_last(selected):
    original = sg.reliability(answers_of(*pilot()), ["A", "B"])
    pd.testing.assert_frame_equal(selected.before.frame, original.frame)
    pd.testing.assert_frame_equal(
        selected.frame[["item", "citc"]].reset_index(drop=True), original.items[["item", "citc"]]
    )
    assert selected.after.frame["n_items"].tolist() == [5, 6]


def test_numbers_of_factors_are_those_of_efa(selected):
    solution = sg.efa(answers_of(*pilot()), ["A", "B"], factors=2)
    found = selected.frame.set_index("item")
    np.testing.assert_allclose(found["communality"], solution.communality[found.index])
    largest = solution.loadings.abs().max(axis=1)[found.index]
    plain = [i for i in found.index if i not in ("A6", "A7")]
    np.testing.assert_allclose(found.loc[plain, "loading"], largest[plain])


def test_the_order_of_rules_decides_the_name_of_the_reason():
    frame, names = pilot()
    for rule in ("citc", "alpha"):
        rules = sg.ItemRules(order=(rule, *(r for r in RULES if r != rule)), alpha=0.001)
        found = sg.select_items(answers_of(frame, names), ["A", "B"], rules=rules)
        assert found.log.iloc[0][["item", "rule"]].tolist() == ["A6", rule]


def test_rules_left_out_are_not_asked_and_without_rules_everything_stays():
    frame, names = pilot()
    none = sg.ItemRules(**dict.fromkeys(RULES))
    found = sg.select_items(answers_of(frame, names), ["A", "B"], rules=none)
    assert found.frame["kept"].all()
    assert found.log.empty
    assert len(str(found.log_table(language="zh"))) > 0


def test_an_item_often_left_empty_goes_first():
    frame, names = pilot()
    frame.loc[frame.index % 3 == 0, "B2"] = np.nan
    step = sg.select_items(answers_of(frame, names), ["A", "B"]).log.iloc[0]
    assert step[["item", "rule"]].tolist() == ["B2", "missing"]
    assert step["value"] == pytest.approx(84 / 250)


def test_no_construct_falls_below_its_least_and_those_spared_are_named():
    frame, names = pilot()
    strict = sg.ItemRules(citc=0.99, least=4)
    found = sg.select_items(answers_of(frame, names), ["A", "B"], rules=strict)
    assert [len(kept) for kept in found.kept.values()] == [4, 4]
    assert set(found.spared["item"]) == {item for kept in found.kept.values() for item in kept}
    assert "has no items to spare" in str(found.table())


def test_a_wrong_key_is_not_taken_for_a_bad_item():
    frame, names = pilot()
    with pytest.raises(sg.DataError, match=r"run against their scale.*B6"):
        sg.select_items(sg.responses(frame, names), ["A", "B"])
    with pytest.raises(sg.DataError, match="A1"):
        sg.select_items(sg.responses(bfi(), NAMES, reverse=REVERSED[1:], limits=(1, 6)), "A")


def test_one_construct_has_one_factor_and_no_cross_loadings():
    frame, names = pilot()
    found = sg.select_items(answers_of(frame, names), "B")
    assert found.frame["cross_loading"].isna().all()
    assert found.frame["loading"].notna().all()
    assert found.log.empty


def test_without_a_factor_solution_the_other_rules_are_asked_and_the_reason_is_told():
    frame, names = pilot()
    frame["A1"] = frame["A2"]
    found = sg.select_items(answers_of(frame, names), ["A", "B"])
    assert "for want of a factor solution: the items determine each other" in str(found.table(language="en"))
    assert found.log["rule"].isin(["discrimination", "citc"]).all()


@given(st.integers(0, 500), st.randoms())
@settings(max_examples=5, deadline=None)
def test_order_of_items_and_a_turned_and_rekeyed_item_change_no_decision(seed, random):
    frame, names = pilot(seed, n=150)
    order = {k: list(v) for k, v in names.items()}
    for group in order.values():
        random.shuffle(group)
    turned = sg.responses(frame.assign(A2=6 - frame["A2"]), order, reverse=["A2", "B6"])
    one, other = sg.select_items(answers_of(frame, names), ["A", "B"]), sg.select_items(turned, ["B", "A"])
    pd.testing.assert_frame_equal(one.log, other.log, atol=1e-7, rtol=1e-6)


def test_the_table_and_the_log_tell_the_rules_in_both_languages(selected):
    zh, en = str(selected.table(language="zh")), str(selected.table(language="en"))
    assert "事先规定的规则及次序：缺失比例过高" in zh
    assert "第2步删除：交叉载荷" in zh
    assert "Step 2: loads on another factor too" in en
    assert "loads on another factor too" in str(selected.log_table(language="en"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"citc": 1.2}, "not from 0 to 1"),
        ({"order": ("citc", "kappa")}, "no rule 'kappa'"),
        ({"least": 1}, "two items or more"),
    ],
)
def test_rules_that_cannot_be_are_refused(change, says):
    with pytest.raises(sg.EstimationError, match=says):
        sg.ItemRules(**change)


def test_few_rows_several_roles_lists_and_designs_are_refused(two_roles, villagers, weighted):
    frame, names = pilot()
    few = answers_of(frame[:20], names)
    refused = [
        (few, "A", "fewer than 30"),
        (two_roles, "MGT", "one role"),
        (villagers, "CAU", "list"),
        (weighted, "MGT", "weights"),
    ]
    for data, what, says in refused:
        with pytest.raises(sg.DesignError, match=says):
            sg.select_items(data, what)


def test_a_scale_that_nobody_answered_is_refused():
    frame, names = pilot()
    frame[names["A"]] = np.nan
    with pytest.raises(sg.DataError, match="nobody answered any item of A"):
        sg.select_items(answers_of(frame, names), ["A", "B"])
