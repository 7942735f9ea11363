"""What must not matter, and what must never break: every verb of scales over the same drawn answers.

Order of items, reversal that the key undoes, rows said twice, new units; constant items, fewer rows than items, one
category, items that determine each other, nothing answered.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.errors import SurveyError

SCALES = {"F": ["f1", "f2", "f3", "f4"], "G": ["g1", "g2", "g3"]}
ITEMS = [item for items in SCALES.values() for item in items]
seeds = st.integers(0, 10_000)
few = settings(max_examples=4, deadline=None)


def drawn(seed, n=160):
    """Ratings of 1 to 6 on two scales that correlate."""
    rng = np.random.default_rng(seed)
    causes = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], n)
    loadings = rng.uniform(0.6, 0.85, len(ITEMS))
    latent = causes[:, [0] * 4 + [1] * 3] * loadings + rng.normal(size=(n, len(ITEMS))) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(np.digitize(latent, (-1.5, -0.8, 0, 0.8, 1.5)) + 1.0, columns=ITEMS)


def answers(frame, scales=SCALES, reverse=()):
    return sg.responses(frame, scales, reverse=list(reverse), limits=(1, 6))


def of_reliability(data):
    found = sg.reliability(data, ["F", "G"], correlation="polychoric").coefficients
    found = found[~found["coefficient"].str.contains("odd_even|first_second")]
    return {(r.construct, r.coefficient, end): getattr(r, end) for r in found.itertuples() for end in ENDS}


ENDS = ("estimate", "conf_low", "conf_high")


def of_correlations(method):
    def numbers(data):
        frame = sg.correlations(data, ITEMS, method=method).frame
        return {(frozenset((r.variable, r.other)), e): getattr(r, e) for r in frame.itertuples() for e in ENDS}

    return numbers


def of_efa(data):
    found = sg.efa(data, ITEMS, factors=2)
    return {**found.communality.to_dict(), "r": abs(found.phi.iloc[0, 1]), "chi2": found.fit.chi_square / found.n}


def of_cfa(data):
    found = sg.cfa(data, ["F", "G"])
    loads = found.frame[found.frame["op"] == "=~"]
    return {**dict(zip(loads["rhs"], loads["std"], strict=True)), "chi2": found.fit["chi_square"] / found.n,
            "r": found.phi.loc["F", "G"]}  # fmt: skip


def of_validity(data):
    found = sg.validity(sg.cfa(data, ["F", "G"]))
    rows = found.frame.set_index("construct")[["ave", "ave_low", "cr", "cr_high", "msv"]]
    return {**rows.stack().to_dict(), **found.htmt.frame.iloc[0][["htmt", "htmt2", "htmt_high"]].to_dict()}


def of_htmt(data):
    return sg.htmt(data, ["F", "G"], correlation="polychoric").frame.iloc[0][["htmt", "htmt2", "htmt_low"]].to_dict()


def of_agreement(data):
    """Each item of F as a rater of the rows."""
    found = sg.agreement(data, SCALES["F"], level="ordinal").frame
    return dict(zip(found["coefficient"], found["estimate"], strict=True))


VERBS = {
    "reliability": of_reliability,
    "correlations": of_correlations("pearson"),
    "ranks": of_correlations("spearman"),
    "polychorics": of_correlations("polychoric"),
    "efa": of_efa,
    "cfa": of_cfa,
    "validity": of_validity,
    "htmt": of_htmt,
    "agreement": of_agreement,
}


def same_numbers(one, other, *, rtol=2e-5, atol=1e-7):
    assert one.keys() == other.keys()
    keys = list(one)
    np.testing.assert_allclose([one[k] for k in keys], [other[k] for k in keys], rtol=rtol, atol=atol)


@pytest.mark.parametrize("verb", VERBS)
@given(seed=seeds, order=st.permutations(ITEMS))
@few
def test_the_order_of_items_does_not_matter(verb, seed, order):
    frame = drawn(seed)
    scales = {name: [item for item in order if item in items] for name, items in SCALES.items()}
    same_numbers(VERBS[verb](answers(frame)), VERBS[verb](answers(frame[order], scales)))


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "agreement"])
@given(seed=seeds, turned=st.sets(st.sampled_from(ITEMS), min_size=1))
@few
def test_reversed_items_that_are_keyed_are_the_same_items(verb, seed, turned):
    frame = drawn(seed)
    reversed_ = frame.assign(**{item: 7 - frame[item] for item in turned})
    same_numbers(VERBS[verb](answers(frame)), VERBS[verb](answers(reversed_, reverse=turned)))


@pytest.mark.parametrize("verb", VERBS)
@given(seed=seeds)
@few
def test_rows_said_twice_change_no_estimate(verb, seed):
    frame = drawn(seed)
    once, twice = (VERBS[verb](answers(f)) for f in (frame, pd.concat([frame, frame], ignore_index=True)))
    # Intervals narrow; Krippendorff's alpha and the corrected chi-square of factors count rows.
    keys = [k for k in once if not str(k).count("_low") + str(k).count("_high") and k not in COUNTING.get(verb, ())]
    same_numbers({k: once[k] for k in keys}, {k: twice[k] for k in keys})
    for low in [k for k in once if isinstance(k, tuple) and k[-1] == "conf_low" and once[k] == once[k]]:
        high = (*low[:-1], "conf_high")
        assert twice[high] - twice[low] < once[high] - once[low]


COUNTING = {"agreement": {"krippendorff"}, "efa": {"chi2"}}


@pytest.mark.parametrize("verb", ["correlations", "ranks", "efa", "cfa", "validity"])
@given(seed=seeds, units=st.lists(st.floats(0.1, 20), min_size=7, max_size=7), zero=st.floats(-50, 50))
@few
def test_new_units_change_nothing_standardised(verb, seed, units, zero):
    frame = drawn(seed)
    made = [sg.responses(f, SCALES, limits=None) for f in (frame, frame * units + zero)]
    same_numbers(*(VERBS[verb](data) for data in made))


@given(seed=seeds, unit=st.floats(0.1, 20), units=st.lists(st.floats(0.1, 20), min_size=4, max_size=4))
@few
def test_one_unit_changes_no_reliability_and_many_none_of_correlations(seed, unit, units):
    frame = drawn(seed)[SCALES["F"]]
    plain, one, many = (
        sg.reliability(f, {"F": SCALES["F"]}).coefficients.set_index("coefficient")[list(ENDS)]
        for f in (frame, frame * unit, frame * units)
    )
    np.testing.assert_allclose(one, plain, rtol=1e-6, atol=1e-9)
    standardised = ["alpha_std", "omega", "h", "lambda1", "lambda2", "lambda4", "lambda5", "lambda6", "glb"]
    np.testing.assert_allclose(many.loc[standardised], plain.loc[standardised], rtol=1e-6, atol=1e-9)


# Degenerate answers -----------------------------------------------------------------------------------------


def spoiled(kind, seed):
    frame = drawn(seed, n=60)
    return {
        "a constant item": lambda: frame.assign(f2=4.0),
        "fewer rows than items": lambda: frame.head(4),
        "one row": lambda: frame.head(1),
        "one category": lambda: frame * 0 + 3.0,
        "the same item twice": lambda: frame.assign(f2=frame["f1"]),
        "an item turned round": lambda: frame.assign(f2=7 - frame["f1"]),
        "nothing answered": lambda: frame * np.nan,
        "one item not answered": lambda: frame.assign(g1=np.nan),
        "no row complete": lambda: frame.mask(np.eye(len(ITEMS), dtype=bool)[np.arange(60) % len(ITEMS)]),
        "two values": lambda: (frame > 3) * 1.0 + 1,
    }[kind]()


KINDS = (
    "a constant item",
    "fewer rows than items",
    "one row",
    "one category",
    "the same item twice",
    "an item turned round",
    "nothing answered",
    "one item not answered",
    "no row complete",
    "two values",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", VERBS)
@given(seed=seeds)
@settings(max_examples=2, deadline=None)
def test_degenerate_answers_are_refused_in_words_or_give_numbers_within_bounds(verb, kind, seed):
    try:
        found = VERBS[verb](answers(spoiled(kind, seed)))
    except SurveyError as refusal:
        said = refusal.what
    else:
        values = np.array([v for v in found.values() if isinstance(v, float)])
        # Correlations, loadings and shares; a coefficient of items that run against each other may be far below 0.
        assert (values[np.isfinite(values)] < 1e3).all()
        return
    assert said.en
    assert said.zh
