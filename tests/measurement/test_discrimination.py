import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from scipy import stats

import sgsurvey as sg
from sgsurvey.measurement.discrimination import extreme_groups

KEYS = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


@pytest.fixture(scope="module")
def answers():
    names = {s: [f"{s}{i}" for i in range(1, 6)] for s in "AC"}
    return sg.responses(bfi(), names, reverse=["A1", "C4", "C5"], limits=(1, 6))


def test_cr_is_welchs_t_of_the_ends(answers):
    found = sg.discrimination(answers, ["A", "C"])
    x = answers.items("A").dropna()
    total = x.sum(axis=1)
    low, high = (
        total <= np.sort(total)[int(np.ceil(0.27 * len(x))) - 1],
        total >= np.sort(total)[-int(np.ceil(0.27 * len(x)))],
    )
    for item in x:
        row = found.frame.set_index("item").loc[item]
        t = stats.ttest_ind(x.loc[high, item], x.loc[low, item], equal_var=False)
        assert row["statistic"] == pytest.approx(t.statistic, rel=1e-10)
        assert row["df"] == pytest.approx(t.df, rel=1e-10)
        assert (row["n_low"], row["n_high"]) == (low.sum(), high.sum())
        assert row["difference"] == pytest.approx(x.loc[high, item].mean() - x.loc[low, item].mean())


def test_the_item_total_correlation_of_reliability_stands_beside_it(answers):
    found, items = sg.discrimination(answers, ["A", "C"]), sg.reliability(answers, ["A", "C"]).items
    pd.testing.assert_series_equal(found.frame["citc"], items["citc"], check_names=False)


def test_ties_at_the_cut_are_all_in_and_told(answers):
    table = str(sg.discrimination(answers, "A").table())
    assert "A: everybody tied at the cut is in; the bottom group holds 31%, the top group 35%" in table


@given(st.lists(st.integers(0, 20), min_size=8, max_size=60), st.floats(0.05, 0.5))
@settings(max_examples=60, deadline=None)
def test_extreme_groups_hold_their_share_and_whoever_ties(values, share):
    total = np.array(values, dtype=float)
    low, high = extreme_groups(total, share)
    for group, inside in (
        (low, total[~low] if (~low).any() else None),
        (high, total[~high] if (~high).any() else None),
    ):
        assert group.sum() >= share * len(total) - 1e-6
        if inside is not None:
            assert not set(inside) & set(total[group])
    smaller = total[low] < total[low].max()
    assert smaller.sum() < np.ceil(share * len(total) - 1e-9)


@given(st.integers(0, 999), st.randoms())
@settings(max_examples=10, deadline=None)
def test_order_of_items_and_a_reversed_and_rekeyed_item_change_nothing(seed, random):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(
        np.clip(np.round(3 + rng.normal(size=(60, 1)) + rng.normal(size=(60, 4))), 1, 5), columns=list("abcd")
    )
    order = list("abcd")
    random.shuffle(order)
    one = sg.discrimination(sg.responses(x, {"S": list("abcd")}), "S").frame.set_index("item")
    other = sg.discrimination(sg.responses(x.assign(b=6 - x["b"]), {"S": order}, reverse=["b"]), "S").frame.set_index(
        "item"
    )
    pd.testing.assert_frame_equal(one, other.loc[list("abcd")])


def test_a_useless_item_does_not_discriminate_a_good_one_does():
    rng = np.random.default_rng(5)
    common = rng.normal(size=(300, 1))
    x = pd.DataFrame(common + 0.7 * rng.normal(size=(300, 5)), columns=list("abcde"))
    x["noise"] = rng.normal(size=300) * 0.1
    found = sg.discrimination(x, [*"abcde", "noise"]).frame.set_index("item")
    assert found.loc["a", "p_value"] < 1e-10
    assert found.loc["noise", "statistic"] < 3


def test_totals_of_two_values_have_no_ends():
    x = pd.DataFrame({"a": [1.0, 2.0] * 25, "b": [2.0, 1.0] * 25, "c": [1.0] * 50})
    found = sg.discrimination(x, ["a", "b", "c"])
    assert found.frame["statistic"].isna().all()
    assert "too few values" in str(found.table())
    assert "总分的不同取值太少" in str(found.table(language="zh"))


@pytest.mark.parametrize("share", [0, 0.51, -1])
def test_a_share_that_is_none_is_refused(share, answers):
    with pytest.raises(sg.EstimationError, match="not between 0 and"):
        sg.discrimination(answers, "A", share=share)


def test_several_roles_lists_and_designs_are_refused(two_roles, villagers, weighted):
    for data, what, says in [
        (two_roles, "MGT", "within one role"),
        (villagers, "CAU", "list"),
        (weighted, "MGT", "weights"),
    ]:
        with pytest.raises(sg.DesignError, match=says):
            sg.discrimination(data, what)


def test_nobody_complete_is_nan_and_said(villagers):
    frame = villagers.frame.assign(MGT1=[1.0, np.nan] * 100, MGT2=[np.nan, 2.0] * 100)
    found = sg.discrimination(sg.Responses(frame, villagers.questionnaire), ["MGT", "SUP"])
    assert found.frame.loc[found.frame["construct"] == "MGT", "statistic"].isna().all()
    assert found.frame.loc[found.frame["construct"] == "SUP", "statistic"].notna().all()
