"""Pages of one report held against each other: what one of them hides, the others together do not tell."""

from dataclasses import replace

import numpy as np
import pytest
from attacker import Page, interval, open_to_all
from test_disclosure import CODES, SEEDS, SIZES, is_small, survey, told_on_all_pages, unit

import sgsurvey as sg

ROLES = tuple(SIZES)


def unsure_of(answers):
    return np.array([(answers.frame.loc[answers.frame["role"] == role, "A1"] == 9).sum() for role in ROLES])


@pytest.mark.parametrize("seed", SEEDS)
def test_do_not_knows_of_groups_beside_those_of_all(seed):
    """`describe` and `likert` by role, and the table of missing answers, which has all roles together."""
    attack_unsure(survey(seed))


@pytest.mark.parametrize("unsure", [(20, 10, 2, 0), (4, 0, 0, 0), (30, 3, 0, 0), (12, 11, 0, 3), (60, 6, 4, 0)])
def test_a_lone_do_not_know_is_not_the_sum_less_the_others(unsure):
    answers = survey(0)
    frame = answers.frame.assign(A1=answers.frame["A1"].replace({9: 3}))
    for role, n in zip(ROLES, unsure, strict=True):
        frame.loc[frame.index[frame["role"] == role][:n], "A1"] = 9
    attack_unsure(replace(answers, frame=frame))


def attack_unsure(answers):
    counts = unsure_of(answers)
    page = Page(np.full((1, len(ROLES)), np.nan))
    told = sg.missing(answers, ["A1"]).frame.set_index("role")["n_dont_know"]
    everybody = told[[role for role in told.index if role not in ROLES]]
    assert len(everybody) == 1
    if everybody.notna().all():
        page.knows(np.ones(len(ROLES)), float(everybody.iloc[0]))
    described = sg.describe(answers, ["A1"], by="role").frame
    shares = sg.likert(answers, ["A1"], by="role").frame.drop_duplicates("group")
    for k, role in enumerate(ROLES):
        page.knows(unit((1, len(ROLES)), (0, k)), SIZES[role] / 2, within=SIZES[role] / 2)  # who took part is known
        shown = [told[role]]
        for frame, labels in ((described, described["group"]), (shares, shares["group_label"])):
            own = frame.loc[[label.en == role for label in labels]].iloc[0]
            asked = own["n"] / (1 - own["dont_know"])  # nan where the share is hidden
            shown.append(asked - own["n"])
        for n in shown:
            if np.isfinite(n):
                page.knows(unit((1, len(ROLES)), (0, k)), round(float(n)))
    for k in np.flatnonzero(is_small(counts)):
        low, high = interval(page, unit((1, len(ROLES)), (0, k)))
        assert low < high, ROLES[k]


def one_scale(answers):
    """All that is printed by role of the scale B, which is the one item B1."""
    scale = sg.describe_scales(answers, ["B"], by="role").frame
    item = sg.describe(answers, ["B"], by="role").frame
    shares = sg.likert(answers, ["B"], by="role").frame
    together = {role: sg.correlations(answers.where(role=role), ["A", "B", "B1"]) for role in ("big", "middle")}
    return item, scale, shares, together


@pytest.mark.parametrize("seed", SEEDS)
def test_a_scale_of_one_item_beside_that_item(seed):
    """Distribution, description, scale score and correlations: means and deviations of the same answers."""
    answers = survey(seed)
    item, scale, shares, together = one_scale(answers)
    for at, line in item[item["shown"] == "all"].iterrows():
        role = line["group"].en
        own = answers.frame.loc[answers.frame["role"] == role, "B1"]
        counts = np.array([(own == code).sum() for code in CODES])
        part = shares[shares["group_label"] == line["group"]]
        printed = (part["share"] * part["n"]).round().to_numpy()
        page, n = told_on_all_pages(line, printed), line["n"]
        more = [scale.loc[at, ["mean", "sd"]]]
        more += [together[role].summary.set_index("variable").loc[name, ["mean", "sd"]] for name in ("B", "B1")]
        for mean, sd in more:
            assert np.isnan(mean) == np.isnan(line["mean"])
            assert np.isnan(sd) == np.isnan(line["sd"])
        alone = Page(printed[:, None])
        alone.columns_add_up_to([n])
        for cell in np.flatnonzero(is_small(counts)):
            if np.ptp(interval(page, unit((5, 1), (cell, 0)))) == 0:
                assert np.ptp(interval(alone, unit((5, 1), (cell, 0)))) == 0
    assert scale["sd"].isna().any()


@pytest.mark.parametrize("seed", SEEDS)
def test_thresholds_beside_a_distribution(seed):
    """A threshold is the share of all answers below it."""
    answers = survey(seed).where(role="big")
    found = sg.correlations(answers, ["A1", "A2", "B1"], method="polychoric").thresholds
    for name, lines in found.groupby("variable"):
        counts = np.array([(answers.frame[name] == code).sum() for code in CODES])
        part = sg.likert(answers, ["A", "B"]).frame
        part = part[part["item"] == name]
        page, alone = (Page((part["share"] * part["n"]).round().to_numpy()[:, None]) for _ in range(2))
        for each in (page, alone):
            each.columns_add_up_to([counts.sum()])
        for line in lines[lines["estimate"].notna()].to_dict("records"):
            page.knows(line["lower"] >= CODES, counts[line["lower"] >= CODES].sum())
        for cell in np.flatnonzero(is_small(counts)):
            spread = np.ptp(interval(page, unit((5, 1), (cell, 0))))
            assert spread == np.ptp(interval(alone, unit((5, 1), (cell, 0)))) or spread > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_frequencies_of_all_beside_those_by_group(seed):
    """The column of everybody hides nothing that the table of everybody shows, or it may be shown."""
    answers = survey(seed)
    for name in ("sex", "A1"):
        by = sg.frequencies(answers, [name], by="role").frame
        alone = sg.frequencies(answers, [name]).frame.set_index("category")["n"]
        true = sg.frequencies(open_to_all(answers), [name], by="role").frame
        own, full = (
            frame[frame["kind"] == "answer"].pivot_table(
                index="category", columns="group", values="n", sort=False, dropna=False
            )
            for frame in (by, true)
        )
        page = Page(own.to_numpy())
        counts = full.to_numpy()
        page.columns_add_up_to(counts.sum(axis=0))
        page.last_column_is_the_sum()
        for k, category in enumerate(own.index):
            if np.isfinite(alone[category]):
                page.knows(unit(counts.shape, (k, counts.shape[1] - 1)), alone[category])
        for cell in np.argwhere(is_small(counts) & own.isna().to_numpy()):
            low, high = interval(page, unit(counts.shape, tuple(cell)))
            assert low < high, (name, own.index[cell[0]], own.columns[cell[1]])


@pytest.mark.parametrize("seed", SEEDS)
def test_picks_by_role_beside_the_order_of_groups(seed):
    """Shares of a list by role, and the ranks that they make: a hidden share has no rank and no points."""
    answers = survey(seed)
    shares = sg.multiple_response(answers, "PICK", by="role").frame.set_index(["group", "option"])["share_persons"]
    ranks = sg.rank_agreement(answers, "PICK", by="role", seed=1).frame.set_index(["group", "option"])
    gone = shares.reindex(ranks.index).isna()
    assert ranks.loc[gone, ["rank", "points"]].isna().all(axis=None)
    assert "tiny" not in set(ranks.index.get_level_values("group"))
