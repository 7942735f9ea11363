import json

import numpy as np
import pytest
from public_matrices import bfi
from reference_values import VALUES, assert_matches

from sgsurvey.numerics.linalg import squared_multiple_correlation
from sgsurvey.numerics.null_data import pearson_draws, permuted_rows, polychoric_draws, rows_of_margins
from sgsurvey.numerics.pair_tables import dense_codes
from sgsurvey.numerics.parallel import BASES, average_partials, parallel_eigenvalues, smc_eigenvalues
from sgsurvey.numerics.polychoric import polychoric
from sgsurvey.numerics.wishart import null_correlations

R = json.loads((VALUES / "polychoric.json").read_text(encoding="utf-8"))
ITEMS = [f"{scale}{i}" for scale in "AN" for i in range(1, 6)]
PSYCH = "R psych 2.2.9 fa.parallel"
DATA = "bfi, A1-A5 and N1-N5, first 400 complete rows"
NOISE = "Monte Carlo error of both"


@pytest.fixture(scope="module")
def codes():
    return bfi().dropna()[ITEMS].to_numpy()[:400].astype(int)


def test_average_partials_of_polychorics_are_those_of_psych_and_of_base_r():
    corr = np.array(R["bfi"]["lavaan"])
    data = "bfi, polychoric matrix of lavaan"
    common = {"data": data, "rtol": 1e-10, "why": "closed form"}
    theirs = R["map"]["psych"]
    assert_matches(
        average_partials(corr)[1:9],
        theirs,
        statistic="Minimum average partial",
        reference="R psych 2.2.9 vss",
        **common,
    )
    assert_matches(
        average_partials(corr, power=4),
        R["map"]["fourth"],
        statistic="Minimum average partial, fourth power",
        reference="the formula of Velicer, Eaton and Fava (2000) in base R",
        **common,
    )
    # The last residual has one dimension: all its partial correlations are 1 or -1.
    assert len(average_partials(corr)) == 24


def assert_means_match(ours, theirs, what, *, draws, rest, first=None):
    """Means over draws: the first of a minres factor spreads by 0.3, where it is often a Heywood case."""
    common = {"reference": f"{PSYCH}, {draws} draws", "data": DATA, "why": NOISE}
    if first is not None:
        assert_matches(ours[:1], theirs[:1], statistic=f"Largest mean null eigenvalue, {what}", atol=first, **common)
    at = slice(1 if first is not None else 0, None)
    assert_matches(ours[at], theirs[at], statistic=f"Mean null eigenvalues, {what}", atol=rest, **common)


def test_ordinal_parallel_analysis_is_that_of_psych_within_its_noise(codes):
    dense, categories = dense_codes(codes)
    rows = rows_of_margins(np.ones(codes.shape), len(codes))
    null = polychoric_draws(dense, categories, rows, 60, np.random.default_rng(1))
    found = parallel_eigenvalues(polychoric(codes).corr, null)
    theirs = R["parallel"]
    for basis, observed in (("components", "pc"), ("factors", "fa")):
        assert_matches(
            found[basis].observed, theirs[observed], statistic=f"Eigenvalues of polychorics, {basis}", reference=PSYCH,
            data=DATA, atol=1e-3, why="psych's polychorics and minres are loose",
        )  # fmt: skip
    assert_means_match(found["components"].mean, theirs["pc_mean"], "polychoric, components", draws=20, rest=0.04)
    assert_means_match(found["factors"].mean, theirs["fa_mean"], "polychoric, factors", draws=20, rest=0.04, first=0.25)
    assert (found["components"].retained, found["factors"].retained) == (theirs["components"], theirs["factors"])


@pytest.mark.parametrize("how", ["normal", "permuted", "margins"])
def test_pearson_parallel_analysis_is_that_of_psych_within_its_noise(codes, how):
    values, rng = codes.astype(float), np.random.default_rng(2)
    rows = permuted_rows(*codes.shape) if how == "permuted" else rows_of_margins(np.ones(codes.shape), len(codes))
    null = null_correlations(10, 400, 300, rng) if how == "normal" else pearson_draws(values, rows, 300, rng)
    found = parallel_eigenvalues(np.corrcoef(values, rowvar=False), null)
    theirs, smc = R["parallel"]["pearson"], R["parallel"]["smc"]
    suffix = "sim" if how == "normal" else "simr"
    for basis, source, kind, first in (
        ("components", theirs, "pc", None),
        ("factors", theirs, "fa", 0.09),
        ("smc", smc, "fa", None),
    ):
        assert_matches(
            found[basis].observed, source[kind], statistic=f"Eigenvalues, {basis}", reference=PSYCH, data=DATA,
            atol=1e-3, why="psych's minres stops early",
        )  # fmt: skip
        mean = source[f"{kind}_{suffix}"]
        assert_means_match(found[basis].mean, mean, f"{how}, {basis}", draws=200, rest=0.02, first=first)


def test_a_permutation_keeps_every_column_and_margins_keep_their_shares(codes):
    rng = np.random.default_rng(3)
    rows = permuted_rows(*codes.shape)(rng)
    np.testing.assert_array_equal(np.sort(rows, axis=0), np.arange(400)[:, None].repeat(10, axis=1))
    there = np.ones(codes.shape)
    there[:100, 0] = 0
    there[100:, 1] *= np.where(np.arange(300) % 2, 3.0, 1.0)
    drawn = rows_of_margins(there, 20_000)(rng)
    assert drawn[:, 0].min() >= 100
    late = drawn[drawn[:, 1] >= 100, 1]
    assert np.mean((late - 100) % 2) == pytest.approx(0.75, abs=0.02)


def test_smc_eigenvalues_are_those_of_the_reduced_matrix_and_singular_blocks_survive():
    corr = np.corrcoef(bfi().dropna().to_numpy(), rowvar=False)
    reduced = corr - np.eye(25) + np.diag(squared_multiple_correlation(corr))
    np.testing.assert_allclose(smc_eigenvalues(corr[None])[0], np.linalg.eigvalsh(reduced)[::-1], atol=1e-10)
    indefinite = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    for values in (f(indefinite[None]) for f in BASES.values()):
        assert np.isfinite(values).all()


def test_rare_categories_and_few_rows_still_draw_matrices_that_rows_could_have():
    rng = np.random.default_rng(4)
    codes = (rng.random((40, 6)) < 0.08).astype(int)
    codes[0] = 1 - codes[0]
    dense, categories = dense_codes(codes)
    rows = rows_of_margins(np.ones(codes.shape), 40)
    block = np.concatenate(list(polychoric_draws(dense, categories, rows, 30, rng)))
    assert np.isfinite(block).all()
    assert (np.linalg.eigvalsh(block)[:, 0] > 0).all()
