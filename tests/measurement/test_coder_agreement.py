"""Agreement of coders: the formulas of sg.agreement, on the units that the page names."""

import numpy as np
import pandas as pd
import pytest
from coded_answers import coded
from rated_subjects import COHEN, KRIPPENDORFF, pairs_of
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.answers.coding_frame import Code, CodingFrame, Dimension
from sgsurvey.text import same

FINE = CodingFrame(
    (
        Dimension("aspect", same("Aspect"), (Code("E", same("E")), Code("e1", same("e1"), parent="E"),
                                             Code("e2", same("e2"), parent="E"), Code("O", same("O")))),
        Dimension("tone", same("Tone"), tuple(Code(c, same(c)) for c in ("-1", "0", "1")), ordered=True),
    )
)  # fmt: skip


def whole(found, dimension, level=1):
    own = found.frame[(found.frame["dimension"] == dimension) & (found.frame["level"] == level)]
    return own[own["unit"] == "first_idea"].iloc[0]


def test_main_ideas_of_two_coders_give_the_kappa_of_the_door_for_raters():
    pairs = pairs_of(COHEN)
    lines = [(coder, k, 1, "ABC"[pair[side]]) for k, pair in enumerate(pairs) for side, coder in enumerate("xy")]
    ours = whole(sg.coder_agreement(coded(lines, len(pairs)), draws=99, seed=1), "letter")
    direct = sg.agreement(pd.DataFrame(pairs, columns=["x", "y"]), ["x", "y"], level="nominal", draws=99, seed=1)
    raters = direct.frame.set_index("coefficient")
    kappa = ours[["kappa", "kappa_low", "kappa_high"]].tolist()
    np.testing.assert_allclose(kappa, raters.loc["kappa", ["estimate", "conf_low", "conf_high"]].tolist(), rtol=1e-12)
    alpha = ours[["alpha", "alpha_low", "alpha_high"]].tolist()
    ends = raters.loc["krippendorff", ["estimate", "conf_low", "conf_high"]].tolist()
    np.testing.assert_allclose(alpha, ends, rtol=1e-12)


def test_four_coders_with_gaps_have_krippendorffs_alpha():
    """His data of 12 units: printed in Krippendorff (2011), nominal alpha .743."""
    ratings = KRIPPENDORFF.to_numpy(dtype=float)
    lines = [
        (f"c{j}", k, 1, "ABCDE"[int(ratings[k, j]) - 1])
        for j in range(ratings.shape[1])
        for k in range(len(ratings))
        if not np.isnan(ratings[k, j])
    ]
    found = whole(sg.coder_agreement(coded(lines, len(ratings))), "letter")
    assert_matches(
        [found["alpha"]],
        [0.743],
        statistic="Krippendorff's alpha of coders of open answers",
        reference="Krippendorff 2011, nominal data, 4 observers with gaps",
        data="his 12 units",
        atol=5e-4,
        why="printed to three digits",
    )
    assert np.isnan(found["alpha_low"])


def test_a_code_is_compared_over_all_ideas_and_the_main_idea_alone_by_the_first():
    lines = []
    for k in range(20):
        lines += [("x", k, 1, "A"), ("x", k, 2, "B")] if k < 10 else [("x", k, 1, "C")]
        lines += [("y", k, 1, "B"), ("y", k, 2, "A")] if k < 10 else [("y", k, 1, "C" if k < 16 else "A")]
    lines += [("x", 20, 1, "A"), ("y", 21, 1, None)]
    found = sg.coder_agreement(coded(lines, 23))
    frame = found.frame.set_index("code")
    assert whole(found, "letter")["agreement"] == 6 / 20
    # A: both in 0-9, y alone in 16-19.
    equal, chance = 16 / 20, 0.5 * 0.7 + 0.5 * 0.3
    assert frame.loc["A", ["n", "agreement"]].tolist() == [20, equal]
    assert frame.loc["A", "kappa"] == pytest.approx((equal - chance) / (1 - chance), rel=1e-12)
    assert frame.loc["B", "kappa"] == pytest.approx(1)
    assert np.isnan(frame.loc["E", "kappa"])
    assert found.n == 20
    assert dict(found.dropped) == {"not coded": 2, "coded by one coder only": 1}
    assert found.basis.n_in - found.n == sum(found.dropped.values())


def test_levels_and_order_of_codes_each_have_their_rows():
    chance = np.random.default_rng(3)
    first = chance.choice(["e1", "e2", "O"], 40)
    second = np.where((first == "e1") & (np.arange(40) % 3 == 0), "e2", first)
    tone = chance.choice(["-1", "0", "1"], 40)
    lines = [("x", k, 1, first[k], tone[k]) for k in range(40)]
    lines += [("y", k, 1, second[k], tone[k] if k % 5 else "0") for k in range(40)]
    found = sg.coder_agreement(coded(lines, 40, FINE))
    assert whole(found, "aspect", 1)["alpha"] == pytest.approx(1)
    assert whole(found, "aspect", 2)["kappa"] < 1
    ranked = pd.DataFrame({c: [int(line[4]) for line in lines if line[0] == c] for c in "xy"})
    ordinal = sg.agreement(ranked, ["x", "y"], level="ordinal").frame.set_index("coefficient")
    assert whole(found, "tone")["alpha"] == pytest.approx(ordinal.loc["krippendorff", "estimate"], rel=1e-12)
    zh, en = (found.table(language=language).to_markdown() for language in ("zh", "en"))
    assert "第2级" in zh
    assert "Main idea" in en
    found.plot()


def test_one_coder_has_nobody_to_agree_with():
    with pytest.raises(sg.EstimationError, match="no two coders"):
        sg.coder_agreement(coded([("x", k, 1, "A") for k in range(5)], 5))
