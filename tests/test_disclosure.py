"""No page gives away how few people stand behind a number: every verb that counts people, attacked."""

import zipfile
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from attacker import Page, interval, intervals, open_to_all
from table_kinds import KINDS

import sgsurvey as sg
from sgsurvey.descriptives.columns_to_hide import moments_to_show
from sgsurvey.questionnaire.model import Block, Choice, Construct, Item, Questionnaire, Role, Scale
from sgsurvey.report.blocks import Figure
from sgsurvey.tables.beside import given_away, leaving_the_mean
from sgsurvey.text import Text, same

CODES = np.arange(1, 6)
AGREE = Scale(
    "agree",
    (
        *(Choice(k, same(f"answer {k}")) for k in CODES),
        Choice(9, same("do not know"), missing="dont_know"),
        Choice(8, same("refused"), missing="refused"),
    ),
)
LIST = Scale("list", tuple(Choice(k, same(f"option {k}")) for k in range(1, 5)))
SIZES = {"big": 90, "middle": 40, "small": 9, "tiny": 3}
SEEDS = range(12)


def survey(seed):
    """Answers with many small counts: four groups, some of them small, whose answers crowd at one end."""
    items = (
        *(Item(f"A{k}", "rating", same(f"A{k}"), scale=AGREE, construct="A") for k in (1, 2)),
        Item("B1", "rating", same("B1"), scale=AGREE, construct="B"),
        Item("sex", "select_one", same("sex"), scale=LIST),
        Item("PICK", "select_multiple", same("pick"), scale=LIST),
        Item("RANK", "rank", same("rank"), scale=LIST, most=2),
        Item("age", "integer", same("age"), limits=(16, 99)),
    )
    questionnaire = Questionnaire(
        id="q",
        version="1",
        title=same("q"),
        language="en",
        roles=tuple(Role(name, Text(name, name), blocks=("all",)) for name in SIZES),
        constructs=(Construct("A", same("A"), items=("A1", "A2")), Construct("B", same("B"), items=("B1",))),
        blocks=(Block("all", same("all"), tuple(item.name for item in items)),),
        items=items,
    )
    rng = np.random.default_rng(seed)
    n = sum(SIZES.values())
    frame = pd.DataFrame({"role": np.repeat(list(SIZES), list(SIZES.values()))})
    for name in ("A1", "A2", "B1"):
        share = rng.dirichlet([0.4, 0.6, 1, 4, 3, 0.3, 0.2])
        frame[name] = pd.array(rng.choice([1, 2, 3, 4, 5, 9, 8], size=n, p=share), dtype="Int64")
        frame.loc[rng.random(n) < 0.03, name] = pd.NA
    frame["sex"] = pd.array(rng.choice([1, 2, 3, 4], size=n, p=rng.dirichlet([3, 3, 0.3, 0.3])), dtype="Int64")
    for k, p in enumerate((0.9, 0.5, 0.1, 0.03), start=1):
        frame[f"PICK_{k}"] = (rng.random(n) < p).astype(float)
    order = np.argsort(rng.gumbel(size=(n, 4)) + np.array([3, 1.5, 0, -1]), axis=1)[:, ::-1]
    for k in range(4):
        place = np.argmax(order == k, axis=1) + 1
        frame[f"RANK_{k + 1}"] = np.where(place <= 2, place, 0).astype(float)
    frame["age"] = rng.integers(18, 85, size=n).astype(float)
    return sg.Responses(frame, questionnaire)


def is_small(counts):
    return (counts > 0) & (counts < 5)


def protected(page, full, small, told):
    """Whether each small cell has several possible values, or would have one even if nothing at all were shown."""
    for weights in small:
        low, high = interval(page, weights, occupied=told)
        if low == high:
            empty = interval(full, weights, occupied=told)
            assert empty[0] == empty[1], f"a small count must be {low}"
    return True


def unit(shape, cell):
    weights = np.zeros(shape)
    weights[cell] = 1
    return weights


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["answer", "missing"])
def test_frequencies_by_group(seed, kind):
    answers = survey(seed)
    shown, true = (sg.frequencies(a, ["sex", "A1"], by="role").frame for a in (answers, open_to_all(answers)))
    for variable in ("sex", "A1"):
        pages = []
        for frame in (shown, true):
            own = frame[(frame["variable"] == variable) & (frame["kind"] == kind)]
            pages.append(own.pivot_table(index="category", columns="group", values="n", sort=False, dropna=False))
        if pages[0].empty:
            continue
        counts = pages[1].reindex(index=pages[0].index, fill_value=0)[pages[0].columns].fillna(0).to_numpy()
        secret = is_small(counts) & np.array([c != "empty" for c in pages[0].index])[:, None]
        assert pages[0].isna().to_numpy()[secret].all() or kind == "missing"
        page, full = Page(pages[0].to_numpy()), Page(np.full(counts.shape, np.nan))
        for each in (page, full):
            each.columns_add_up_to(counts.sum(axis=0))
            each.last_column_is_the_sum()
        small = [unit(counts.shape, tuple(c)) for c in np.argwhere(secret & pages[0].isna().to_numpy())]
        assert protected(page, full, small, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_distribution_of_answers(seed):
    """From the page as it is printed: n, and percentages with one decimal."""
    answers = survey(seed)
    table = sg.likert(answers, ["A", "B"], by="role").table(language="en")
    true = sg.likert(open_to_all(answers), ["A", "B"], by="role").frame
    lines = iter(list(true.groupby(["group_label", "item"], sort=False)))
    hidden_at_all = 0
    for row in table.rows:
        if row.kind == "group":
            continue
        _, own = next(lines)
        values = [np.nan if c.suppressed else float(c.value) for c in row.cells[1:-1]]
        n, shares = values[0], np.array(values[1:])
        if np.isnan(n) or np.isnan(shares).all():
            continue  # a group too small to be shown at all
        counts = (own["share"] * own["n"]).round().to_numpy()
        page, full = Page((shares * n).round()[:, None]), Page(np.full((5, 1), np.nan))
        for each in (page, full):
            each.columns_add_up_to([n])
        assert np.isnan(shares)[is_small(counts)].all()
        small = [unit((5, 1), (k, 0)) for k in np.flatnonzero(is_small(counts))]
        hidden_at_all += len(small)
        assert protected(page, full, small, (counts > 0)[:, None])
    assert hidden_at_all or seed not in (0, 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("item", ["PICK", "RANK"])
def test_lists(seed, item):
    answers = survey(seed)
    for by in (None, "role"):
        found, true = (sg.multiple_response(a, item, by=by) for a in (answers, open_to_all(answers)))
        for _, own in found.frame.groupby("group", dropna=False):
            who = own["group"].iloc[0]
            rest = true.frame[true.frame["group"].isna() if by is None else true.frame["group"] == who]
            counts = rest.set_index("option").loc[own["option"], "n"].to_numpy()
            persons = int(own["n_persons"].iloc[0])
            secret = is_small(counts) | is_small(persons - counts)
            assert own["n"].isna().to_numpy()[secret].all()
            page, full = Page(own["n"].to_numpy()[:, None]), Page(np.full((4, 1), np.nan))
            for each in (page, full):
                each.columns_add_up_to([counts.sum()])
            assert protected(page, full, [unit((4, 1), (k, 0)) for k in np.flatnonzero(secret)], None)
            columns = [
                c for c in ("share_answers", "share_persons", "conf_low", "conf_high", "first", "borda") if c in own
            ]
            assert own.loc[own["n"].isna(), columns].isna().all(axis=None)
            tests = found.tests[found.tests["group"].isna() if by is None else found.tests["group"] == who]
            assert not own["n"].isna().any() or tests.drop(columns="group").isna().all(axis=None)


@pytest.mark.parametrize("seed", SEEDS)
def test_first_places_and_points(seed):
    """Borda points are three times the first places and twice the second: with n they would tell the first."""
    answers = survey(seed)
    own = sg.multiple_response(answers, "RANK").frame.set_index("option")
    first = pd.Series({name: (answers.frame[name] == 1).sum() for name in own.index})
    assert own.loc[is_small(first), ["first", "borda"]].isna().all(axis=None)
    page, full = Page((own["first"] * own["n_persons"]).round().to_numpy()[:, None]), Page(np.full((4, 1), np.nan))
    for each in (page, full):
        each.columns_add_up_to([first.sum()])
    assert protected(page, full, [unit((4, 1), (k, 0)) for k in np.flatnonzero(is_small(first))], None)


@pytest.mark.parametrize("seed", SEEDS)
def test_descriptions_of_items(seed):
    """Mean and standard deviation with two decimals, and shares: is there another distribution that prints the same?"""
    answers = survey(seed)
    shown, true = sg.describe(answers, ["A", "B"], by="role").frame, answers.frame
    for _, line in shown[shown["shown"] == "all"].iterrows():
        own = true.loc[true["role"] == line["group"].en, line["item"]]
        counts = np.array([(own == code).sum() for code in CODES])
        parts = {"disagree": CODES < 3, "neutral": CODES == 3, "agree": CODES > 3}
        secret = [part for part in parts.values() if is_small(counts[part].sum())]
        if not secret:
            continue
        assert line[list(parts)].isna().all()
        page = Page(np.full((5, 1), np.nan))
        n, mean, sd = line["n"], line["mean"], line["sd"]
        page.knows(np.ones(5), n)
        if np.isfinite(mean):
            page.knows(CODES, n * mean, within=1e-6 * n)
        if np.isfinite(sd):
            page.knows(CODES**2, (n - 1) * sd**2 + n * mean**2, within=1e-6 * n)
        for part in secret:
            low, high = interval(page, part.astype(float)[:, None])
            assert high > low
        assert line[["min", "max", "skewness", "kurtosis", "top_two"]].isna().all()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_item_on_several_pages_of_a_report(seed):
    """Counts, mean, standard deviation, median, thirds and top two of the same people, held against each other."""
    answers = survey(seed)
    shares = sg.likert(answers, ["A", "B"], by="role").frame
    described = sg.describe(answers, ["A", "B"], by="role").frame
    attacked = 0
    for _, line in described[described["shown"] == "all"].iterrows():
        own = answers.frame.loc[answers.frame["role"] == line["group"].en, line["item"]]
        counts = np.array([(own == code).sum() for code in CODES])
        part = shares[(shares["group_label"] == line["group"]) & (shares["item"] == line["item"])]
        printed = (part["share"] * part["n"]).round().to_numpy()
        secret = np.flatnonzero(is_small(counts))
        assert np.isnan(printed)[secret].all()
        if not len(secret):
            assert set(line["hidden"]) <= {"dont_know"}
            continue
        page = told_on_all_pages(line, printed)
        alone = Page(printed[:, None])
        alone.columns_add_up_to([line["n"]])
        for cell in secret:
            low, high = interval(page, unit((5, 1), (cell, 0)))
            if low == high:
                # Nothing beside the distribution is shown, and n itself tells.
                assert np.ptp(interval(alone, unit((5, 1), (cell, 0)))) == 0
            attacked += 1
    assert attacked


def told_on_all_pages(line, printed):
    """Everything that a report tells of one item in one group, as sums of its counts."""
    page, n = Page(printed[:, None]), line["n"]
    page.knows(np.ones(5), n)
    powers = {"mean": CODES, "sd": CODES**2}
    if np.isfinite(line["mean"]):
        page.knows(powers["mean"], n * line["mean"], within=1e-6 * n)
        if np.isfinite(line["sd"]):
            page.knows(powers["sd"], (n - 1) * line["sd"] ** 2 + n * line["mean"] ** 2, within=1e-6 * n)
    elif np.isfinite(line["sd"]):
        raise AssertionError("a deviation without its mean")
    told = {"disagree": CODES < 3, "neutral": CODES == 3, "agree": CODES > 3, "top_two": CODES > 3}
    for name, codes in told.items():
        if np.isfinite(line[name]):
            page.knows(codes.astype(float), line[name] if name == "top_two" else round(line[name] * n))
    return page


def test_a_mean_beside_two_hidden_counts_would_give_both_away():
    counts = np.array([2, 9, 20, 30, 29])
    page = Page([[np.nan], [np.nan], [20], [30], [29]])
    page.knows(np.ones(5), 90)
    assert np.ptp(interval(page, unit((5, 1), (0, 0)))) > 0
    page.knows(CODES, counts @ CODES)
    assert interval(page, unit((5, 1), (0, 0))) == [2, 2]
    # So the distribution hides one more, and the mean may stay; a deviation would tell them all the same.
    hidden = leaving_the_mean(counts, 5, np.array([True, True, False, False, False]))
    assert hidden.tolist() == [True, True, True, False, False]
    assert given_away(counts, 5, {"mean": [CODES], "sd": [CODES**2]}) == {"sd"}
    # Two answers alone have no third to hide behind.
    assert given_away(np.array([3, 40]), 5, {"mean": [CODES[:2]]}) == {"mean"}
    assert given_away(np.array([6, 9, 20, 30, 29]), 5, {"mean": [CODES], "sd": [CODES**2]}) == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_total_beside_its_groups_tells_no_count_that_a_mean_leans_on(seed):
    """What is hidden beside a mean stays hidden when groups and their total are held against each other."""
    shown = sg.frequencies(survey(seed), ["A1"], by="role").frame
    answers = shown[shown["kind"] == "answer"]
    own = answers.pivot_table(index="category", columns="group", values="n", sort=False, dropna=False)
    assert (own.isna().sum(axis=1) != 1).all()


def test_every_moment_stays_where_it_tells_nothing_and_goes_where_it_would():
    halves = [CODES < 3, CODES == 3, CODES > 3]
    assert moments_to_show(np.array([1, 2, 30, 30, 30]), halves, 5) == 2
    # Nobody between: a few who disagree could not be others under the same mean and standard deviation.
    assert moments_to_show(np.array([2, 0, 0, 0, 30]), halves, 5) == 0
    assert moments_to_show(np.array([3, 40]), [np.array([True, False]), np.array([False, True])], 5) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_extremes_that_are_one_persons_own_are_not_printed(seed):
    answers = survey(seed)
    for _, line in sg.describe(answers, "age", by="role").frame.iterrows():
        own = answers.frame.loc[answers.frame["role"] == line["group"].en, "age"]
        for key, at in (("min", own.min()), ("max", own.max())):
            assert np.isnan(line[key]) or (own == at).sum() >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_descriptions_of_scales(seed):
    answers = survey(seed)
    for _, line in sg.describe_scales(answers, ["A", "B"], by="role").frame.iterrows():
        score = answers.where(role=line["group"].en).scores(line["construct"])[line["construct"]].dropna()
        for key, hit in (("floor", score == 1), ("ceiling", score == 5)):
            small = is_small(hit.sum()) or is_small((~hit).sum())
            assert np.isnan(line[key]) or not small
        top = (score >= 4).sum()
        assert np.isnan(line["top_two"]) or not (is_small(top) or is_small(len(score) - top))


@pytest.mark.parametrize("seed", SEEDS)
def test_shortfalls(seed):
    answers = survey(seed)
    found = sg.shortfall(answers, ["A", "B"], by="role")
    assert found.frame.loc[found.frame["verdict"] == "suppressed", "n"].isna().all()
    for _, line in found.frame.iterrows():
        own = answers.where(role=line["group"]).scores(line["construct"])[line["construct"]].dropna()
        n_below = (own < 3).sum()
        if len(own) < 5 or is_small(n_below) or is_small(len(own) - n_below):
            assert np.isnan([line["below_midpoint"], line["below_low"], line["below_high"]]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_comparisons_leave_small_groups_out(seed):
    found = sg.compare(survey(seed), ["A", "B"], by="role")
    assert (found.groups["n"] >= 5).all()
    assert "tiny" not in set(found.groups["group"])


def test_a_mean_of_two_values_is_a_share():
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "x": [1.0] * 3 + [0.0] * 37 + [1.0] * 15 + [0.0] * 25})
    found = sg.compare(frame, ["x"], by="g")
    assert found.groups["mean"].isna().tolist() == [True, False]
    assert "0.08" not in str(found)
    assert found.frame[["statistic", "p_value", "p_adjusted", "estimate", "conf_low", "rank_p"]].isna().all(axis=None)
    assert found.pairs.empty
    assert "Hedges" in str(found)
    described = sg.describe(frame.assign(g=1), ["x"]).frame
    assert described["mean"].notna().all()
    assert sg.describe(frame[frame["g"] == "a"], ["x"]).frame["mean"].isna().all()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("suffix", ["docx", "xlsx", "html", "tex", "md", "csv"])
def test_no_file_holds_a_hidden_number_in_any_kind_of_table(kind, suffix, tmp_path):
    """Every number of the table becomes one that would be seen anywhere in the bytes of the file."""
    hidden, seen = marked(kind(), suppressed=True), marked(kind(), suppressed=False)
    assert b"8675309" not in content(hidden.save(tmp_path / f"hidden.{suffix}"))
    assert b"8675309" in content(seen.save(tmp_path / f"seen.{suffix}")).replace(b",", b"")
    assert hidden.frame.map(lambda value: value != 8675309).all(axis=None)


def marked(table, *, suppressed):
    def cell(old):
        number = isinstance(old.value, int | float | tuple)
        return replace(old, value=8675309, kind="count", suppressed=suppressed) if number else old

    rows = (replace(r, cells=tuple(map(cell, r.cells))) if r.kind == "body" else r for r in table.rows)
    return replace(table, rows=tuple(rows))


def content(path):
    """All bytes of a file, an Office file unpacked."""
    if path.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(path) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    return path.read_bytes()


def test_the_attacker_wins_where_nothing_is_hidden_well():
    """He reads a lone hidden cell in a column, and one of a pair that can only be one each."""
    page = Page([[np.nan], [9], [30]])
    page.columns_add_up_to([41])
    assert intervals(page)[0][0, 0] == intervals(page)[1][0, 0] == 2
    page = Page([[np.nan], [np.nan], [30]])
    page.columns_add_up_to([32])
    low, high = intervals(page, occupied=np.array([[True], [True], [False]]))
    assert (low == high).all()


ONE, OTHER = (2, 9, 29), (4, 7, 29)


def told_apart_by_nothing_but_what_is_hidden(counts):
    """Forty people of whom so many gave each of three answers, once as a rating and once as a pick from a list."""
    answer = np.repeat([1, 2, 3], counts)
    frame = pd.DataFrame({"x": answer, **{f"p{k}": (answer == k).astype(float) for k in (1, 2, 3)}})
    rated = sg.responses(frame[["x"]], {"X": ["x"]}, limits=(1, 3))
    found = (
        sg.frequencies(frame, "x"),
        sg.likert(rated, "X"),
        sg.multiple_response(frame, {"list": ["p1", "p2", "p3"]}),
    )
    report = sg.Report(same("report"), language="en")
    for result in found:
        report = report.add(result)
    for result in found[1:]:
        report = report.add(Figure(result, caption=same("figure"), alt=same("alternative")))
    return report, found


@pytest.mark.parametrize("suffix", ["html", "docx", "xlsx", "md"])
def test_reports_of_answers_that_differ_only_in_what_is_hidden_are_the_same_byte_for_byte(suffix, tmp_path):
    files = []
    for name, counts in (("one", ONE), ("other", OTHER)):
        report, _ = told_apart_by_nothing_but_what_is_hidden(counts)
        (tmp_path / name).mkdir()
        report.save(tmp_path / name / f"report.{suffix}")
        files.append({p.relative_to(tmp_path / name): content(p) for p in (tmp_path / name).rglob("*") if p.is_file()})
    assert files[0] == files[1]
    seen, _ = told_apart_by_nothing_but_what_is_hidden((6, 8, 26))
    (tmp_path / "seen").mkdir()
    seen.save(tmp_path / "seen" / f"report.{suffix}")
    assert content(tmp_path / "seen" / f"report.{suffix}") != files[0][Path(f"report.{suffix}")]


def test_frames_of_answers_that_differ_only_in_what_is_hidden_are_the_same():
    (_, ours), (_, theirs) = map(told_apart_by_nothing_but_what_is_hidden, (ONE, OTHER))
    for one, other in zip(ours, theirs, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(ours[2].tests, theirs[2].tests)


def test_pictures_of_answers_that_differ_only_in_what_is_hidden_are_the_same(tmp_path):
    drawn = []
    for counts in (ONE, OTHER):
        _, (_, shares, picks) = told_apart_by_nothing_but_what_is_hidden(counts)
        for result in (shares, picks):
            with mpl.rc_context({"svg.hashsalt": "same", "svg.fonttype": "none"}):
                file = tmp_path / "figure.svg"
                result.plot(language="en").figure.savefig(file, metadata={"Date": None})
            drawn.append(file.read_bytes())
    assert drawn[0] == drawn[2]
    assert drawn[1] == drawn[3]
    assert b"<text" in drawn[0]
