import json

import numpy as np
import pandas as pd
import pytest
from reference_values import DATA, VALUES, assert_matches
from scipy import stats

import sgsurvey as sg
from sgsurvey.quality.pooled import pooled

R = json.loads((VALUES / "imputation.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def completed():
    """The very sets that R pooled."""
    frame = pd.read_csv(DATA / "airquality.csv")
    sets = []
    for k in range(7):
        one = frame.copy()
        one.loc[one["Ozone"].isna(), "Ozone"] = R["ozone"][k]
        one.loc[one["Solar.R"].isna(), "Solar.R"] = R["solar"][k]
        sets.append(one.rename(columns={"Solar.R": "Solar"}))
    return sets


def gaps(n=200, k=4):
    rng = np.random.default_rng(1)
    factor = rng.standard_normal((n, 1))
    items = np.digitize(0.8 * factor + 0.6 * rng.standard_normal((n, k)), [-1.2, -0.4, 0.4, 1.2]) + 1.0
    return pd.DataFrame(items, columns=[f"q{j}" for j in range(k)]).mask(rng.random((n, k)) < 0.15)


@pytest.fixture(scope="module")
def imputed():
    frame = gaps().assign(group=np.arange(200) % 2)
    answers = sg.responses(frame, {"Q": ["q0", "q1", "q2", "q3"]})
    return sg.impute(answers, "Q", m=6, iterations=4, seed=2)


def test_regressions_pool_as_in_mice_and_mitml(completed):
    found = pooled([sg.ols(one, "Temp ~ Ozone + Solar + Wind", vcov="classical") for one in completed], conf_level=0.95)
    ours = found.frame.set_index("term").loc[["Intercept", "Ozone", "Solar", "Wind"]]
    said = {"data": "airquality completed 7 times", "why": "closed form; the reference has 15 digits", "rtol": 1e-10}
    assert_matches(
        [ours["estimate"], ours["std_error"] ** 2, ours["df"], ours["fmi"]],
        [[line[key] for line in R["small"]] for key in ("qbar", "t", "df", "fmi")],
        statistic="pooled regression: coefficients, variances, df, missing information",
        reference="R mice 3.15.0 pool.scalar",
        **said,
    )
    test = found.test()
    assert_matches(test[:3], R["d1_small"][:3], statistic="pooled regression: joint F (D1)",
                   reference="R mitml 0.4.4 testModels", **said)  # fmt: skip
    half = stats.t.ppf(0.975, ours["df"]) * ours["std_error"]
    np.testing.assert_allclose(ours["conf_high"] - ours["estimate"], half, rtol=1e-12)


@pytest.mark.parametrize(
    "analysis",
    [
        lambda a: sg.ols(a, "q0 ~ q1 + q2"),
        lambda a: sg.ordered(a, "q0 ~ q1 + q2"),
        lambda a: sg.logit(a, "group ~ q1 + q2"),
        lambda a: sg.mean(a, ["q0", "q1"], by="group"),
        lambda a: sg.proportion(a, "q0"),
    ],
    ids=["ols", "ordered", "logit", "mean", "proportion"],
)
def test_without_gaps_the_pooled_result_is_that_of_the_data(analysis):
    frame = gaps().dropna().assign(group=lambda f: np.arange(len(f)) % 2)
    answers = sg.responses(frame, {"Q": ["q0", "q1", "q2", "q3"]})
    found = sg.impute(answers, "Q", m=3, iterations=1, seed=1).pool(analysis).frame
    alone = analysis(answers).frame
    columns = ["estimate", "std_error", "df", "conf_low", "conf_high"]
    columns += [c for c in ("statistic", "p_value", "n") if c in found]
    alone = alone.assign(df=alone.get("df", np.inf))
    np.testing.assert_allclose(found[columns].to_numpy(float), alone[columns].to_numpy(float), rtol=1e-12, atol=1e-14)
    assert (found["fmi"] == 0).all()
    assert (found["m_needed"] == 1).all()


def test_pooling_a_mean_worked_by_hand(imputed):
    found = imputed.pool(lambda a: sg.mean(a, "q0")).frame.iloc[0]
    means = np.array([a.frame["q0"].mean() for a in imputed])
    variances = np.array([a.frame["q0"].var() / 200 for a in imputed])
    between = means.var(ddof=1)
    assert found["estimate"] == pytest.approx(means.mean(), rel=1e-12)
    assert found["std_error"] ** 2 == pytest.approx(variances.mean() + 7 / 6 * between, rel=1e-9)
    assert found["mc_error"] == pytest.approx(np.sqrt(between / 6), rel=1e-9)
    assert found["n"] == 200


def test_alphas_pool_on_the_scale_where_they_are_nearly_normal(imputed):
    found = imputed.pool(lambda a: sg.reliability(a, "Q"))
    alphas = np.array([sg.reliability(a, "Q").frame["alpha"].iloc[0] for a in imputed])
    logs = np.log(1 - alphas)
    total = 2 * 4 / (3 * 198) + 7 / 6 * logs.var(ddof=1)
    line = found.frame.iloc[0]
    assert line["estimate"] == pytest.approx(1 - np.exp(logs.mean()), rel=1e-12)
    assert line["std_error"] == pytest.approx(np.exp(logs.mean()) * np.sqrt(total), rel=1e-9)
    assert line["conf_low"] < line["estimate"] < line["conf_high"] < 1
    assert "Bonett" in found.table(language="en").notes[-1].en


def test_groups_keep_their_names_and_a_joint_test_takes_the_terms_named(imputed):
    found = imputed.pool(lambda a: sg.mean(a, ["q0", "q1"], by="group"))
    assert list(found.frame["term"]) == ["q0", "q1"] * 2
    assert found.table().frame["words"].tolist() == ["0: q0", "0: q1", "1: q0", "1: q1"]
    regression = imputed.pool(lambda a: sg.ols(a, "q0 ~ q1 + q2"))
    one = regression.test(["q1"])
    assert one.df1 == 1
    assert one.statistic == pytest.approx(regression.frame.set_index("term").loc["q1", "statistic"] ** 2, rel=1e-9)
    assert regression.test().df1 == 2
    with pytest.raises(sg.DataError, match="no term 'q9'"):
        regression.test(["q9"])


@pytest.mark.parametrize(("verb", "terms"), [(sg.logit, ["Intercept", "q1"]), (sg.ordered, ["q1", "q2"])])
def test_models_of_categories_hand_on_their_covariance(imputed, verb, terms):
    one = verb(imputed.completed(0), "group ~ q1 + q2" if verb is sg.logit else "q0 ~ q1 + q2")
    np.testing.assert_allclose(np.sqrt(np.diag(one.covariance)), one.frame["std_error"], rtol=1e-12)
    shifted = imputed.completed(0)
    moved = sg.responses(shifted.frame.assign(q1=shifted.frame["q1"] + 2), {"Q": ["q1", "q2"]}, limits=None)
    if verb is sg.logit:
        # b0 + 2 b1 of the one is b0 of the other, with the same error: the covariances have the right sign.
        other = sg.logit(moved, "group ~ q1 + q2")
        c = np.array([1.0, -2.0, 0.0])
        assert c @ one.covariance @ c == pytest.approx(other.frame["std_error"].iloc[0] ** 2, rel=1e-6)
    pool = imputed.pool(lambda a: verb(a, "group ~ q1 + q2" if verb is sg.logit else "q0 ~ q1 + q2"))
    assert pool.test(terms).df1 == 2


def test_tables_say_how_and_whether_m_is_enough(imputed):
    found = imputed.pool(lambda a: sg.ols(a, "q0 ~ q1"))
    notes = [note.en for note in found.table(language="en").notes]
    assert any("HC3" in note for note in notes)
    assert any(note.startswith("Pooled over 6 imputations by Rubin's rules") for note in notes)
    assert any(f"take m ≥ {found.frame['m_needed'].max():g}" in note for note in notes)
    assert "多重插补的合并结果" in str(found.table(language="zh"))


def test_small_groups_are_not_shown():
    frame = gaps(60).assign(group=np.r_[np.zeros(57), np.ones(3)])
    answers = sg.responses(frame, {"Q": ["q0", "q1"]})
    found = sg.impute(answers, "Q", m=2, iterations=1, seed=1).pool(lambda a: sg.mean(a, "q0", by="group"))
    assert found.frame["n"].tolist() == [57, 3]
    assert found.table().frame["estimate"].isna().tolist() == [False, True]


def test_frames_of_ones_own_may_be_pooled(imputed):
    found = imputed.pool(lambda a: pd.DataFrame({"estimate": [a.frame["q0"].median()], "std_error": [0.1]}))
    assert found.frame["term"].tolist() == ["0"]
    assert found.df_complete.tolist() == [np.inf]
    with pytest.raises(sg.EstimationError, match="no covariance"):
        found.test()


@pytest.mark.parametrize(
    ("analysis", "error", "message"),
    [
        (lambda a: None, sg.DataError, "returned no result"),
        (lambda a: sg.describe(a, ["q0"]), sg.DataError, "lacks estimate, std_error"),
        (
            lambda a: pd.DataFrame({"estimate": [np.nan], "std_error": [1.0]}),
            sg.EstimationError,
            "is missing in some set",
        ),
        (
            lambda a: pd.DataFrame({"term": [str(a.frame["q0"].sum())], "estimate": [0.0], "std_error": [1.0]}),
            sg.EstimationError,
            "do not give the same estimates",
        ),
    ],
)
def test_what_cannot_be_pooled_is_refused(imputed, analysis, error, message):
    with pytest.raises(error, match=message):
        imputed.pool(analysis)


def test_confidence_levels_lie_between_0_and_1(imputed):
    with pytest.raises(sg.DataError, match="not between 0 and 1"):
        imputed.pool(lambda a: sg.mean(a, "q0"), conf_level=95)
