import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_matrices import bfi
from rated_subjects import reference
from reference_values import assert_matches
from structural_models import holzinger

import sgsurvey as sg

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
NAMES = {s: [f"{s}{i}" for i in range(1, 6)] for s in "ACE"}


@pytest.fixture(scope="module")
def keyed():
    return sg.responses(bfi(), NAMES, reverse=["A1", "C4", "C5", "E1", "E2"], limits=(1, 6))


@pytest.mark.parametrize("kind", ["htmt", "htmt2"])
def test_ratios_are_those_of_semtools(kind):
    found = sg.htmt(holzinger(), HS)
    assert_matches(
        found.matrix(kind),
        reference()["hs"][kind],
        statistic=kind.upper(),
        reference="R semTools 0.5-6 htmt",
        data="Holzinger and Swineford",
        why="closed form",
        rtol=1e-8,
    )


def test_a_matrix_sums_and_rows_have_the_same_ratios():
    frame = holzinger()
    items = [item for group in HS.values() for item in group]
    rows = sg.htmt(frame, HS)
    matrix = sg.htmt(sg.CorrelationMatrix(frame[items].corr(), n=len(frame)), HS)
    moments = sg.htmt(sg.responses(frame, HS, limits=None).moments(items), HS)
    for other in (matrix, moments):
        np.testing.assert_allclose(other.frame["htmt"], rows.frame["htmt"], rtol=1e-9)
        assert other.interval == "delta"
        assert "normal rows" in str(other.table(language="en"))
        # Normal theory and fourth moments tell much the same of these tests.
        np.testing.assert_allclose(other.frame["htmt_high"], rows.frame["htmt_high"], rtol=0.12)
    assert sg.htmt(sg.CorrelationMatrix(frame[items].corr()), HS).interval is None


def test_three_intervals_agree_in_many_rows_and_the_seed_decides(keyed):
    delta = sg.htmt(keyed, ["A", "C", "E"]).frame
    for kind in ("percentile", "bca"):
        one, again, other = (sg.htmt(keyed, ["A", "C", "E"], interval=kind, seed=s) for s in (1, 1, 2))
        pd.testing.assert_frame_equal(one.frame, again.frame)
        assert (one.frame["htmt_low"] != other.frame["htmt_low"]).all()
        np.testing.assert_allclose(one.frame[["htmt_low", "htmt_high"]], delta[["htmt_low", "htmt_high"]], rtol=0.04)
        assert (one.seed, one.failed) == (1, 0)


@pytest.mark.parametrize("how", [{}, {"interval": "percentile", "seed": 5, "draws": 400}])
def test_intervals_cover_what_is_true(how):
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(80):
        factors = rng.normal(size=(150, 2)) @ np.linalg.cholesky(np.array([[1, 0.5], [0.5, 1]])).T
        x = np.repeat(factors, 3, axis=1) + rng.normal(size=(150, 6))
        frame = pd.DataFrame(x, columns=list("abcdef"))
        row = sg.htmt(frame, {"F": list("abc"), "G": list("def")}, **how).frame.iloc[0]
        covered += row["htmt_low"] <= 0.5 <= row["htmt_high"]
    assert covered >= 70


def test_weights_and_clusters_move_the_ratio_and_its_interval(keyed):
    rng = np.random.default_rng(2)
    x = keyed.items(["A", "C", "E"])
    frame = keyed.frame.assign(w=np.exp(0.3 * x["A1"].fillna(0)), area=rng.integers(0, 40, len(x)))
    answers = sg.survey_design(sg.Responses(frame, keyed.questionnaire), weights="w", clusters="area")
    plain, found = sg.htmt(keyed, ["A", "C"]).frame.iloc[0], sg.htmt(answers, ["A", "C"])
    assert found.frame.loc[0, "htmt"] != pytest.approx(plain["htmt"], rel=1e-3)
    assert "under the design" in str(found.table(language="en"))
    w = answers.frame["w"][x[NAMES["A"] + NAMES["C"]].notna().all(axis=1)]
    complete = x.loc[w.index, NAMES["A"] + NAMES["C"]]
    corr = np.cov(complete.T, aweights=w)
    matrix = sg.CorrelationMatrix(pd.DataFrame(corr, list(complete), list(complete)), n=100)
    direct = sg.htmt(matrix, {k: NAMES[k] for k in "AC"})
    assert found.frame.loc[0, "htmt"] == pytest.approx(direct.frame.loc[0, "htmt"], rel=1e-9)
    with pytest.raises(sg.DesignError, match="cannot use weights"):
        sg.htmt(answers, ["A", "C"], interval="bca", seed=1)


def test_replicate_weights_and_linearisation_agree(keyed):
    few = sg.Responses(keyed.frame.iloc[:400], keyed.questionnaire)
    group = np.arange(400) % 40
    jackknife = np.where(group[:, None] == np.arange(40), 0.0, 40 / 39)
    replicates = sg.Replicates("JK1", jackknife, 39 / 40, np.ones(40), 39.0)
    by_replicates = sg.htmt(sg.survey_design(few, replicates=replicates), ["A", "C"]).frame
    grouped = sg.Responses(few.frame.assign(g=group), few.questionnaire)
    by_clusters = sg.htmt(sg.survey_design(grouped, clusters="g"), ["A", "C"]).frame
    np.testing.assert_allclose(by_replicates["htmt_high"], by_clusters["htmt_high"], rtol=0.03)
    np.testing.assert_allclose(by_replicates["htmt"], by_clusters["htmt"], rtol=1e-9)


def test_polychoric_ratios_have_their_own_errors_and_take_designs(keyed):
    few = sg.Responses(keyed.frame.iloc[:500].assign(w=1.0 + np.arange(500) % 3), keyed.questionnaire)
    found = sg.htmt(few, ["A", "C"], correlation="polychoric").frame.iloc[0]
    pairwise = sg.htmt(few, ["A", "C"], correlation=sg.Correlation("polychoric", "pairwise"))
    assert 0 < found["htmt_low"] < found["htmt"] < found["htmt_high"]
    assert pairwise.n > 480
    weighted = sg.htmt(sg.survey_design(few, weights="w"), ["A", "C"], correlation="polychoric").frame.iloc[0]
    assert weighted["htmt"] != found["htmt"]
    assert weighted["htmt_high"] - weighted["htmt_low"] > 0.9 * (found["htmt_high"] - found["htmt_low"])
    # Against resampled rows: the same spread, roughly, from 60 draws.
    x = few.items(["A", "C"]).dropna()
    rng = np.random.default_rng(0)
    drawn = [
        sg.htmt(
            x.sample(len(x), replace=True, random_state=rng), {k: NAMES[k] for k in "AC"}, correlation="polychoric"
        ).frame.loc[0, "htmt"]
        for _ in range(60)
    ]
    half = (np.log(found["htmt_high"]) - np.log(found["htmt_low"])) / 2 / 1.96
    assert np.log(drawn).std(ddof=1) == pytest.approx(half, rel=0.35)


@given(st.integers(0, 999), st.floats(0.1, 30), st.floats(-40, 40))
@settings(max_examples=10, deadline=None)
def test_rescaled_doubled_and_turned_items_change_no_ratio(seed, unit, zero):
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(60, 2))
    x = pd.DataFrame(np.repeat(f, 3, axis=1) + rng.normal(size=(60, 6)), columns=list("abcdef"))
    groups = {"F": list("abc"), "G": list("def")}
    base = sg.htmt(x, groups).frame
    rescaled = sg.htmt(x.assign(a=unit * x["a"] + zero), groups).frame
    doubled = sg.htmt(pd.concat([x, x], ignore_index=True), groups).frame
    turned = sg.responses(x.assign(b=-x["b"]), groups, reverse=["b"], limits=(-99, 99))
    rekeyed = sg.htmt(turned, ["F", "G"]).frame
    for other in (rescaled, doubled, rekeyed):
        np.testing.assert_allclose(other["htmt"], base["htmt"], rtol=1e-7)
        np.testing.assert_allclose(other["htmt2"], base["htmt2"], rtol=1e-7)
    np.testing.assert_allclose(rescaled["htmt_low"], base["htmt_low"], rtol=1e-6)


def test_codes_far_apart_are_categories_like_others(keyed):
    x = keyed.items(["A", "C"]).iloc[:300].dropna()
    groups = {k: NAMES[k] for k in "AC"}
    near, far = (sg.htmt(f, groups, correlation="polychoric").frame for f in (x, x.replace(6, 2_000_000_000)))
    pd.testing.assert_frame_equal(near, far)


def test_a_construct_turned_against_itself_has_no_ratio_and_the_key_is_named():
    found = sg.htmt(bfi(), NAMES)
    assert found.frame["htmt"].isna().any()
    assert "check the key" in str(found.table(language="en"))
    assert "请核对计分方向" in str(found.table(language="zh"))


def test_verdicts_go_by_the_whole_interval():
    rng = np.random.default_rng(3)
    f = rng.normal(size=(400, 1))
    same = pd.DataFrame(f + rng.normal(size=(400, 6)), columns=list("abcdef"))
    groups = {"F": list("abc"), "G": list("def")}
    assert sg.htmt(same, groups).frame["verdict"].tolist() in (["not distinct"], ["unclear"])
    apart = same.assign(**{c: rng.normal(size=400) + 0.8 * rng.normal(size=400) for c in "d"})
    g = rng.normal(size=400)
    apart = apart.assign(**{c: g + rng.normal(size=400) for c in "def"})
    assert sg.htmt(apart, groups).frame["verdict"].tolist() == ["distinct"]


@pytest.mark.parametrize(
    ("what", "how", "error", "says"),
    [
        ({"F": ["x1", "x2"]}, {}, sg.EstimationError, "two constructs or more"),
        ({"F": ["x1", "x2"], "G": ["x3"]}, {}, sg.EstimationError, "one item only: G"),
        (HS, {"interval": "bca"}, sg.EstimationError, "draws at random"),
        (HS, {"interval": "wald"}, sg.EstimationError, "no interval 'wald'"),
        (HS, {"correlation": "spearman"}, sg.EstimationError, "Pearson's or polychoric"),
        (HS, {"correlation": "polychoric"}, sg.DataError, "fractions"),
    ],
)
def test_what_is_no_ratio_is_refused_in_words(what, how, error, says):
    with pytest.raises(error, match=says):
        sg.htmt(holzinger(), what, **how)


def test_repeated_row_names_do_no_harm_but_a_constant_item_and_a_repeated_one_are_refused():
    frame = holzinger()
    twice = pd.concat([frame, frame])
    np.testing.assert_allclose(sg.htmt(twice, HS).frame["htmt"], sg.htmt(frame, HS).frame["htmt"], rtol=1e-9)
    with pytest.raises(sg.EstimationError, match="x1 alike"):
        sg.htmt(frame.assign(x1=1.0), HS)
    with pytest.raises(sg.EstimationError, match="determine each other"):
        sg.htmt(frame.assign(x1=frame["x2"]), HS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_stand_in_both_languages(language, keyed):
    found = sg.htmt(keyed, ["A", "C", "E"], interval="percentile", seed=1, draws=200)
    assert "HTMT2" in str(found.table(language=language))
    assert "HTMT2" in str(found.matrix_table(language=language))
