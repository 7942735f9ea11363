import numpy as np
import pandas as pd
import pytest
from public_matrices import answers_with, attitude, bfi, thurstone
from scipy import stats

import sgsurvey as sg
from sgsurvey.measurement.factor_sample import factor_sample

NAMES = [f"A{i}" for i in range(1, 6)] + [f"C{i}" for i in range(1, 6)]


@pytest.fixture(scope="module")
def gaps() -> pd.DataFrame:
    """The first ten questions of bfi with its own missing answers, 2,800 rows."""
    return bfi()[NAMES]


def test_listwise_pairwise_and_fiml_agree_where_nothing_is_missing():
    frame = attitude()
    found = [factor_sample(frame, list(frame), "efa", sg.Correlation(missing=m)) for m in ("listwise", "pairwise")]
    found.append(factor_sample(frame, list(frame), "efa", sg.Correlation(missing="fiml")))
    for one in found:
        np.testing.assert_allclose(one.corr, frame.corr(), atol=1e-9)
        np.testing.assert_allclose(one.mean, frame.mean(), rtol=1e-9)
        np.testing.assert_allclose(one.sd, frame.std(), rtol=1e-8)
        assert one.n == one.basis.n == 30


def test_pairwise_is_pandas_pairwise_and_counts_its_fewest_rows(gaps):
    found = factor_sample(gaps, NAMES, "efa", sg.Correlation(missing="pairwise"))
    np.testing.assert_allclose(found.corr, gaps.corr(), atol=1e-12)
    there = gaps.notna().astype(int)
    fewest = int((there.T @ there).to_numpy().min())
    assert found.n == fewest < found.basis.n == int(gaps.notna().any(axis=1).sum())
    assert any(f"n = {fewest}" in remark.en for remark in found.remarks)


def test_spearman_is_pearson_of_ranks(gaps):
    found = factor_sample(gaps, NAMES, "efa", "spearman")
    np.testing.assert_allclose(found.corr, stats.spearmanr(gaps.dropna()).statistic, atol=1e-12)
    by_pair = factor_sample(gaps, NAMES, "efa", sg.Correlation("spearman", "pairwise"))
    np.testing.assert_allclose(by_pair.corr, gaps.corr(method="spearman"), atol=1e-12)


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_a_weight_of_two_is_a_row_twice_and_tests_count_effective_rows(gaps, missing):
    frame = gaps.head(400)
    twice = np.resize([1, 2, 1], 400)
    weighted = sg.survey_design(sg.responses(frame.assign(w=twice), {"x": NAMES}, limits=None), weights="w")
    repeated = frame.loc[frame.index.repeat(twice)].reset_index(drop=True)
    plan = sg.Correlation(missing=missing)
    found = factor_sample(weighted, ["x"], "efa", plan)
    np.testing.assert_allclose(found.corr, factor_sample(repeated, NAMES, "efa", plan).corr, atol=1e-12)
    complete = twice[frame.notna().all(axis=1)] if missing == "listwise" else None
    if complete is not None:
        assert found.n == int(complete.sum() ** 2 / (complete**2).sum())
    assert found.n < found.basis.n
    assert any("Kish" in remark.en for remark in found.remarks)


def test_rows_of_weight_zero_are_not_there(gaps):
    frame = gaps.head(300).dropna()
    w = np.resize([1.0, 0.0, 1.0], len(frame))
    answers = sg.survey_design(sg.responses(frame.assign(w=w), {"x": NAMES}, limits=None), weights="w")
    found = factor_sample(answers, ["x"], "efa")
    np.testing.assert_allclose(found.corr, frame[w > 0].corr(), atol=1e-12)
    assert found.n == found.basis.n == (w > 0).sum()
    assert found.basis.dropped == {"weight 0": int((w == 0).sum())}


def test_moments_a_matrix_and_its_rows_give_the_same_factors():
    frame, names = answers_with(thurstone(), 213), list(thurstone())
    rows = sg.efa(frame, names, factors=3)
    sums = sg.efa(sg.responses(frame, {"x": names}, limits=None).moments(names), names, factors=3)
    alone = sg.efa(sg.CorrelationMatrix(thurstone(), n=213), names, factors=3)
    for other in (sums, alone):
        np.testing.assert_allclose(other.loadings, rows.loadings, atol=1e-7)
        np.testing.assert_allclose(other.fit, rows.fit, rtol=1e-6)
    assert sums.n == alone.n == 213
    part = sg.adequacy(sg.CorrelationMatrix(thurstone(), n=213), names[:6])
    assert part.frame["n_items"].item() == 6


def test_a_matrix_without_n_has_no_tests():
    found = sg.adequacy(sg.CorrelationMatrix(thurstone()), list(thurstone()))
    assert found.frame[["chi_square", "p_value"]].isna().all(axis=None)
    assert found.kmo == pytest.approx(sg.adequacy(sg.CorrelationMatrix(thurstone(), 213), list(thurstone())).kmo)
    with pytest.raises(sg.EstimationError, match="needs to know the number of rows"):
        sg.efa(sg.CorrelationMatrix(thurstone()), list(thurstone()), factors="parallel", seed=1)


def test_covariances_are_told_and_give_the_same():
    scale = np.arange(1, 10)
    given = sg.CorrelationMatrix(thurstone() * np.outer(scale, scale), n=213)
    found = factor_sample(given, list(thurstone()), "efa")
    np.testing.assert_allclose(found.corr, thurstone(), atol=1e-12)
    np.testing.assert_allclose(found.sd, scale)
    assert any("Covariances were given" in remark.en for remark in found.remarks)


def test_weighted_sums_do_not_know_their_rows():
    frame = answers_with(thurstone(), 213).assign(w=np.resize([1.0, 3.0], 213))
    answers = sg.survey_design(sg.responses(frame, {"x": list(thurstone())}, limits=None), weights="w")
    found = factor_sample(answers.moments(list(thurstone())), list(thurstone()), "efa")
    assert found.n is None
    np.testing.assert_allclose(found.corr, factor_sample(answers, ["x"], "efa").corr, atol=1e-12)


def test_contradicting_pairs_are_smoothed_and_said():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.standard_normal((90, 4)), columns=list("abcd"))
    noise = 0.3 * rng.standard_normal(90)
    frame.loc[:29, ["a", "b"]] = np.column_stack([frame["c"], frame["c"] + noise])[:30] * [np.nan, 1]
    frame.loc[30:59, "a"] = (frame["c"] + noise)[30:60]
    frame.loc[30:59, "b"] = np.nan
    frame.loc[60:, "a"] = (noise - frame["b"])[60:]
    frame.loc[60:, "c"] = np.nan
    found = factor_sample(frame, list("abcd"), "efa", sg.Correlation(missing="pairwise"))
    assert found.smoothed
    assert np.linalg.eigvalsh(found.corr)[0] > 0
    assert any("not positive definite" in remark.en for remark in found.remarks)


def test_fiml_undoes_what_depends_on_what_is_seen():
    full = pd.DataFrame(answers_with(thurstone(), 20_000))
    gone = full.copy()
    gone.loc[full.iloc[:, 0] > 0.3, full.columns[1:4]] = np.nan
    names = list(full)
    truth = full.corr().to_numpy()
    errors = {
        m: np.abs(factor_sample(gone, names, "efa", sg.Correlation(missing=m)).corr - truth).max()
        for m in ("listwise", "pairwise", "fiml")
    }
    assert errors["fiml"] < 0.03 < min(errors["listwise"], errors["pairwise"])


def refusals():
    names = list("abcd")
    good = pd.DataFrame(np.full((4, 4), 0.3) + 0.7 * np.eye(4), names, names)
    yield "named alike", lambda: sg.CorrelationMatrix(good.iloc[:3])
    yield "words, not numbers", lambda: sg.CorrelationMatrix(good.astype(str))
    words = pd.DataFrame(np.full((4, 4), "x"), columns=names)
    yield "holds words", lambda: sg.efa(words, names, factors=1)
    yield "not symmetric", lambda: sg.CorrelationMatrix(good + np.triu(np.full((4, 4), 0.1), 1))
    yield "missing", lambda: sg.CorrelationMatrix(good.where(good > 0.5))
    yield "beyond 1", lambda: sg.CorrelationMatrix(good + 1.5 * (1 - np.eye(4)))
    yield "of 0 or less", lambda: sg.CorrelationMatrix(good - np.eye(4))
    yield "its n is 0", lambda: sg.CorrelationMatrix(good, 0)
    yield "CorrelationMatrix", lambda: sg.efa(good, names, factors=1)
    yield "lacks e", lambda: sg.efa(sg.CorrelationMatrix(good), ["a", "b", "e"], factors=1)
    yield "settled", lambda: sg.efa(sg.CorrelationMatrix(good), names, factors=1, correlation="spearman")
    yield "30 complete rows", lambda: sg.efa(sg.CorrelationMatrix(good, 20), names, factors=1)
    yield "no 'kendall'", lambda: sg.Correlation("kendall")
    yield "for Pearson", lambda: sg.Correlation("spearman", "fiml")
    frame = attitude().assign(w=np.resize([1.0, 2.0], 30))
    answers = sg.survey_design(sg.responses(frame, {"x": list(attitude())}, limits=None), weights="w")
    yield "fiml cannot", lambda: sg.adequacy(answers, ["x"], correlation=sg.Correlation(missing="fiml"))
    yield "Spearman correlations cannot", lambda: sg.adequacy(answers, ["x"], correlation="spearman")
    never = attitude().assign(rating=np.nan)
    yield "on each pair", lambda: sg.adequacy(never, list(never), correlation=sg.Correlation(missing="pairwise"))
    yield "on each pair", lambda: sg.adequacy(never, list(never), correlation=sg.Correlation(missing="fiml"))
    same = attitude().assign(rating=2.0)
    for plan in (sg.Correlation("spearman"), sg.Correlation(missing="pairwise"), sg.Correlation(missing="fiml")):
        yield "rating alike", lambda plan=plan: sg.adequacy(same, list(same), correlation=plan)
    infinite = attitude().replace(43.0, np.inf)
    yield "infinite", lambda: sg.adequacy(infinite, list(infinite), correlation=sg.Correlation(missing="pairwise"))


@pytest.mark.parametrize(("words", "work"), list(refusals()))
def test_what_gives_no_matrix_is_refused_in_words(words, work):
    with pytest.raises(sg.SurveyError, match=words):
        work()
