import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sgsurvey as sg
from sgsurvey.numerics.kappa import agreement_weights, cohen_kappa

ITEMS = ["a", "b", "c"]


def waves(seed=1, n=80, drift=0.0):
    """Two waves of one scale, the second in another order."""
    rng = np.random.default_rng(seed)
    true = rng.normal(size=(n, 1))
    one, two = (
        pd.DataFrame(np.clip(np.round(3 + true + 0.6 * rng.normal(size=(n, 3)) + d), 1, 5), columns=ITEMS)
        for d in (0.0, drift)
    )
    names = [f"p{i:03}" for i in range(n)]
    return one.assign(id=names), two.assign(id=names).sample(frac=1, random_state=seed)


def by_hand(one, two):
    joined = one.merge(two, on="id", suffixes=("_1", "_2"))
    return np.column_stack([joined[[f"{i}_{w}" for i in ITEMS]].mean(axis=1) for w in (1, 2)])


def test_scores_meet_by_key_whatever_the_order():
    one, two = waves()
    row = sg.retest(one, two, {"S": ITEMS}, key="id").frame.iloc[0]
    x = by_hand(one, two)
    assert row["r"] == pytest.approx(np.corrcoef(x.T)[0, 1], rel=1e-12)
    t = stats.ttest_rel(x[:, 1], x[:, 0])
    assert row["p_value"] == pytest.approx(t.pvalue, rel=1e-10)
    interval = t.confidence_interval(0.95)
    np.testing.assert_allclose(row[["diff_low", "diff_high"]].astype(float), [interval.low, interval.high], rtol=1e-10)


def test_signed_ranks_stand_beside_the_paired_t():
    one, two = waves(drift=0.4)
    found = sg.retest(one, two, {"S": ITEMS}, key="id")
    x = by_hand(one, two)
    change = np.round(x[:, 1] - x[:, 0], 9)
    theirs = stats.wilcoxon(change[change != 0], correction=True, method="asymptotic").pvalue
    assert found.frame.loc[0, "rank_p"] == pytest.approx(theirs, rel=1e-12)
    assert found.frame.loc[0, "agrees"]
    assert "Wilcoxon" in str(found.table(language="en"))
    still = sg.retest(one, one, {"S": ITEMS}, key="id").frame.iloc[0]
    assert pd.isna(still["agrees"]), "where nobody changed nothing is tested"


def test_icc_is_that_of_agreement_and_sem_that_of_its_parts():
    one, two = waves(drift=0.7)
    row = sg.retest(one, two, {"S": ITEMS}, key="id").frame.iloc[0]
    x = pd.DataFrame(by_hand(one, two), columns=["first", "second"])
    icc = sg.agreement(x, ["first", "second"], level="interval").frame.set_index("coefficient").loc["ICC2"]
    np.testing.assert_allclose(
        row[["icc", "conf_low", "conf_high"]].astype(float), icc[["estimate", "conf_low", "conf_high"]].astype(float)
    )
    # Of two times: the variance of the residual is half that of the changes, that of time half its square less n-th.
    change = x["second"] - x["first"]
    residual = change.var() / 2
    time = max(0.0, change.mean() ** 2 / 2 - residual / len(x))
    assert row["sem"] == pytest.approx(np.sqrt(residual + time), rel=1e-9)
    assert row["sdc"] == pytest.approx(1.959964 * np.sqrt(2) * row["sem"], rel=1e-6)
    assert row["icc"] < row["r"], "a drift of everybody is no agreement"


def test_items_have_weighted_kappas_on_the_scale_of_all_items():
    one, two = waves()
    joined = one.merge(two, on="id", suffixes=("_1", "_2"))
    for weights in ("none", "linear", "quadratic"):
        found = sg.retest(one, two, {"S": ITEMS}, key="id", weights=weights).items.set_index("item")
        for item in ITEMS:
            codes = joined[[f"{item}_1", f"{item}_2"]].to_numpy(dtype=int) - 1
            direct = cohen_kappa(codes[:, 0], codes[:, 1], agreement_weights(5, weights))
            assert found.loc[item, "kappa"] == pytest.approx(direct.estimate, rel=1e-12)
            assert found.loc[item, "std_error"] == pytest.approx(direct.std_error, rel=1e-12)


def test_responses_are_keyed_and_worded(villagers):
    first = villagers.frame.assign(person=range(len(villagers)))
    second = first.assign(MGT1=first["MGT1"].where(first.index % 5 > 0, 3)).iloc[::-1]
    one, two = (sg.Responses(frame, villagers.questionnaire) for frame in (first, second))
    found = sg.retest(one, two, ["MGT", "SUP"], key="person")
    assert found.frame.set_index("construct").loc["SUP", "icc"] == 1
    assert found.frame.set_index("construct").loc["SUP", "sem"] == 0
    assert 0.9 < found.frame.set_index("construct").loc["MGT", "icc"] < 1
    assert "Management" in str(found.table())
    assert "MGT1题" in str(found.items_table(language="zh"))


@given(st.integers(0, 999), st.floats(0.1, 20), st.floats(-50, 50))
@settings(max_examples=15, deadline=None)
def test_a_new_unit_changes_sem_alone_and_exchanged_waves_the_sign_of_the_difference(seed, unit, zero):
    one, two = waves(seed, n=30)
    scaled = [w.assign(**{i: unit * w[i] + zero for i in ITEMS}) for w in (one, two)]
    row = sg.retest(one, two, {"S": ITEMS}, key="id").frame.iloc[0]
    other = sg.retest(*scaled, {"S": ITEMS}, key="id").frame.iloc[0]
    turned = sg.retest(two, one, {"S": ITEMS}, key="id").frame.iloc[0]
    assert other["icc"] == pytest.approx(row["icc"], rel=1e-7, abs=1e-9)
    assert other["sem"] == pytest.approx(unit * row["sem"], rel=1e-6)
    assert turned["icc"] == pytest.approx(row["icc"], rel=1e-10)
    assert turned["difference"] == pytest.approx(-row["difference"], abs=1e-12)


def test_who_answered_once_is_counted_and_told():
    one, two = waves(n=50)
    one.loc[3, "id"] = None
    found = sg.retest(one, two[two["id"] > "p009"], {"S": ITEMS}, key="id")
    # p003 lost its name in the first wave; ten people, one of them p003, have no second.
    assert found.n == 40
    assert found.dropped == {"answered the first time only": 9, "without the key of the respondent": 1}
    assert found.basis.n_in == 50
    assert "只答了前测9" in str(found.table(language="zh"))
    gone = two.copy()
    gone.loc[gone["id"] < "p005", ITEMS] = np.nan
    assert sg.retest(waves(n=50)[0], gone, {"S": ITEMS}, key="id").dropped == {"incomplete on every scale": 5}


def test_few_people_constant_scores_and_continuous_items_are_told():
    one, two = waves(n=12)
    assert "Fewer than 30" in str(sg.retest(one, two, {"S": ITEMS}, key="id").table())
    same = [w.assign(a=3.0, b=3.0, c=3.0) for w in (one, two)]
    found = sg.retest(*same, {"S": ITEMS}, key="id")
    assert "do not vary" in str(found.table())
    assert found.frame[["icc", "r"]].isna().all(axis=None)
    assert found.items["kappa"].isna().all()
    rng = np.random.default_rng(1)
    free = [w.assign(**{i: rng.normal(size=12) for i in ITEMS}) for w in (one, two)]
    assert "without a kappa: a, b, c" in str(sg.retest(*free, {"S": ITEMS}, key="id").table())


@pytest.mark.parametrize(
    ("change", "how", "error", "says"),
    [
        (lambda w: w, {"key": "who"}, sg.DataError, "no column 'who'"),
        (lambda w: w.assign(id="x"), {"key": "id"}, sg.DataError, "more than once"),
        (lambda w: w.assign(id=w["id"] + "!"), {"key": "id"}, sg.EstimationError, "0 person"),
        (lambda w: w, {"key": "id", "weights": "cubic"}, sg.EstimationError, "no 'cubic' weights"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_words(change, how, error, says):
    one, two = waves()
    with pytest.raises(error, match=says):
        sg.retest(one, change(two), {"S": ITEMS}, **how)


def test_of_few_people_nothing_but_their_number_is_told():
    one, two = waves(n=40)
    kept = one["id"].isin(one["id"].head(4))
    found = sg.retest(one[kept], two[two["id"].isin(one["id"].head(4))], {"S": ITEMS}, key="id")
    for frame in (found.frame, found.items):
        assert (frame["n"] == 4).all()
        assert frame.drop(columns=["construct", "item", "n"], errors="ignore").isna().all(axis=None)
    for table in (found.table(language="en"), found.items_table(language="en")):
        body = [row for row in table.rows if row.kind == "body"]
        assert all(cell.suppressed for row in body for cell in row.cells[2:])
        assert table.sentences == ()
