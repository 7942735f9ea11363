from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sgsurvey as sg
from sgsurvey.descriptives.picks import borda_points
from sgsurvey.errors import DataError, DesignError
from sgsurvey.numerics.concordance import midranks
from sgsurvey.questionnaire.model import Choice, Item, Scale
from sgsurvey.text import same


def ranking(pulls, people, seed=1, most=3):
    """Ranks 1 to ``most`` of options by noisy pulls, 0 if not picked; one row per person."""
    rng = np.random.default_rng(seed)
    utility = np.asarray(pulls, dtype=float) + rng.gumbel(size=(people, len(pulls)))
    place = (-utility).argsort(axis=1).argsort(axis=1) + 1
    return np.where(place <= most, place, 0)


PULLS = {"villager": (2, 1.3, 1, 0, 0.5), "manager": (0, 1.3, 1, 2, 0.5), "cleaner": (1.8, 1.3, 1, 0.5, 0.2)}
COLUMNS = [f"L{k}" for k in range(1, 6)]


@pytest.fixture(scope="module")
def frame():
    parts = [
        pd.DataFrame(ranking(pulls, 300, seed=i), columns=COLUMNS).assign(role=role)
        for i, (role, pulls) in enumerate(PULLS.items())
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found(frame):
    return sg.rank_agreement(frame, {"L": COLUMNS}, seed=1)


def test_ranks_are_those_of_mean_points(frame, found):
    for role in PULLS:
        ranks = frame.loc[frame["role"] == role, COLUMNS].to_numpy(dtype=float)
        own = found.frame[found.frame["group"] == role].set_index("option").loc[COLUMNS]
        assert own["points"].to_numpy() == pytest.approx(borda_points(ranks, 3))
        assert own["rank"].tolist() == midranks(borda_points(ranks, 3)[None, :])[0].tolist()
    w, m = found.agreement, 3
    assert w.w == pytest.approx(((m - 1) * w.mean_spearman + 1) / m)
    assert found.pairs["spearman"].mean() == pytest.approx(w.mean_spearman)
    assert found.exact


def test_first_k_of_m_give_every_group_an_order_of_all_with_ties_for_what_nobody_ranks():
    """Two of five are ranked; c, d, e by nobody of x, a and e by nobody of y: mean ranks 4 and 4.5, W by hand."""
    x, y = {"a": 1, "b": 2, "c": 0, "d": 0, "e": 0}, {"a": 0, "b": 1, "c": 0, "d": 2, "e": 0}
    other = {"a": 0, "b": 2, "c": 1, "d": 0, "e": 0}
    frame = pd.DataFrame([*[x] * 6, *[y] * 6, *[other] * 6]).assign(role=["x"] * 6 + ["y"] * 12)
    found = sg.rank_agreement(frame, {"list": list("abcde")}, seed=1)
    ranks = found.frame.pivot(index="group", columns="option", values="rank")
    assert ranks.loc["x"].tolist() == [1, 2, 4, 4, 4]
    assert ranks.loc["y"].tolist() == [4.5, 1, 2, 3, 4.5]
    sums = ranks.sum().to_numpy()
    ties = (3**3 - 3) + (2**3 - 2)
    spread = ((sums - sums.mean()) ** 2).sum()
    assert found.agreement.w == pytest.approx(12 * spread / (2**2 * (5**3 - 5) - 2 * ties), rel=1e-12)
    assert "up to 2 options are ranked: 2 points for the first, one less for each next, 0 for the others" in str(
        found.table(language="en")
    )


def test_it_says_who_stands_apart_on_what(found):
    first = found.options.iloc[0]
    assert first["option"] in ("L1", "L4")
    assert "manager" in (first["first_group"], first["last_group"])
    page = str(found.table(language="en"))
    assert "Kendall's W" in page
    assert f"Most apart: {first['option']}" in page
    assert "分歧最大" in str(found.table(language="zh"))
    assert len(found.pairs_table(language="zh").frame) == 3


def test_the_order_of_rows_and_columns_does_not_matter(frame, found):
    shuffled = frame.sample(frac=1, random_state=2)
    other = sg.rank_agreement(shuffled, {"L": COLUMNS[::-1]}, seed=5)
    assert other.agreement == pytest.approx(found.agreement)
    assert other.permutation_p == found.permutation_p


def test_picks_without_an_order_are_ranked_by_their_share(frame):
    picked = frame.assign(**{c: (frame[c] > 0).astype(int) for c in COLUMNS})
    found = sg.rank_agreement(picked, {"L": COLUMNS}, seed=1)
    shares = sg.multiple_response(picked, {"L": COLUMNS}, by="role").frame
    both = found.frame.merge(shares, on=["option", "group"])
    assert both["points"].to_numpy() == pytest.approx(both["share_persons"].to_numpy())
    assert "share that picked" in str(found.table(language="en"))


def test_small_groups_are_left_out_and_small_counts_hidden(frame):
    few = pd.concat([frame, frame.head(3).assign(role="mayor")], ignore_index=True)
    found = sg.rank_agreement(few, {"L": COLUMNS}, seed=1)
    assert "mayor" not in set(found.frame["group"])
    assert "mayor" in str(found.table(language="en"))
    counts = sg.multiple_response(few, {"L": COLUMNS}, by="role").frame
    hidden = counts[counts["suppressed"]].set_index(["option", "group"]).index
    shown = found.frame.set_index(["option", "group"])
    assert shown.loc[shown.index.isin(hidden), ["points", "rank"]].isna().all(axis=None)


def test_a_weight_of_two_counts_like_two_persons(frame):
    options = Scale("levers", tuple(Choice(k, same(f"lever {k}")) for k in range(1, 6)))
    question = Item("L", "rank", same("levers"), scale=options)
    columns = dict(zip(COLUMNS, question.columns, strict=True))

    def asked(rows):
        made = sg.responses(rows.rename(columns=columns), {}, roles="role")
        return replace(made, questionnaire=replace(made.questionnaire, items=(question,)))

    heavy = asked(pd.concat([frame, frame[frame["L4"] == 1]], ignore_index=True))
    weighted = sg.survey_design(asked(frame.assign(w=np.where(frame["L4"] == 1, 2.0, 1.0))), weights="w")
    twice, once = (sg.rank_agreement(a, "L", seed=1) for a in (heavy, weighted))
    assert once.frame["points"].to_numpy() == pytest.approx(_in_order(twice.frame, once.frame), rel=1e-12)
    assert once.agreement == pytest.approx(twice.agreement)


def _in_order(frame, like):
    return frame.set_index(["option", "group"])["points"].loc[list(zip(like["option"], like["group"], strict=True))]


def test_what_cannot_be_compared_is_refused(frame):
    with pytest.raises(DataError, match="only 1 group"):
        sg.rank_agreement(frame[frame["role"] == "villager"], {"L": COLUMNS}, seed=1)
    with pytest.raises(DesignError, match="draws"):
        sg.rank_agreement(frame, {"L": COLUMNS}, draws=5, seed=1)


def test_the_picture_has_a_point_for_each_group(found):
    ax = found.plot(language="zh")
    assert len(ax.get_legend_handles_labels()[1]) == 3
