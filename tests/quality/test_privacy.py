import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_values import DATA, VALUES, assert_matches

import sgsurvey as sg
from sgsurvey.errors import DataError, DesignError
from sgsurvey.quality.coarsening import Coarsening, banded, merged
from sgsurvey.quality.privacy import disclosure_risk

REFERENCE = json.loads((VALUES / "privacy.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def villagers():
    frame = pd.read_csv(DATA / "villagers.csv")
    return frame.assign(age20=frame["age"] // 20 * 20)


@pytest.mark.parametrize("cut", list(REFERENCE["villagers"]))
def test_k_and_l_are_those_of_pycanon(villagers, cut):
    theirs = REFERENCE["villagers"][cut]
    ours = disclosure_risk(villagers, theirs["quasi"], sensitive=["trust", "income"])
    about = {"reference": REFERENCE["version"], "data": f"villagers by {cut}", "why": "counts", "rtol": 1e-15}
    assert_matches(ours.k, theirs["k"], statistic="k-anonymity", **about)
    sizes = np.repeat(ours.frame["size"], ours.frame["classes"])
    assert_matches(sizes, theirs["sizes"], statistic="sizes of equivalence classes", **about)
    assert_matches(ours.sensitive["l"], list(theirs["l"].values()), statistic="distinct l-diversity", **about)
    # pycanon gives the whole part of the entropy's l.
    floors = np.floor(ours.sensitive["l_entropy"] + 1e-9)
    assert_matches(
        floors, list(theirs["l_entropy_floor"].values()), statistic="entropy l-diversity, whole part", **about
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", None]), st.integers(1, 3)), min_size=1, max_size=40
    )
)
def test_classes_are_those_of_a_groupby(rows):
    frame = pd.DataFrame(rows, columns=["x", "y", "s"])
    ours = disclosure_risk(frame, ["x", "y"], sensitive=["s"], k=3)
    groups = frame.fillna({"y": "-"}).groupby(["x", "y"])
    sizes = groups.size()
    assert ours.k == sizes.min()
    assert ours.n_unique == (sizes == 1).sum()
    assert ours.frame["n"].sum() == len(frame)
    assert len(ours.rows_at_risk) == sizes[sizes < 3].sum()
    own = groups["s"].transform("size")
    assert list(ours.rows_at_risk) == list(frame.index[own < 3])
    entropy = groups["s"].apply(lambda s: -(p := s.value_counts(normalize=True)) @ np.log(p))
    assert ours.sensitive["l_entropy"].iloc[0] == pytest.approx(np.exp(entropy.min()), rel=1e-12)
    assert ours.sensitive["l"].iloc[0] == groups["s"].nunique().min()


def test_entropy_l_is_at_most_distinct_l(villagers):
    found = disclosure_risk(villagers, ["sex", "village"], sensitive=["trust", "income"]).sensitive
    assert (found["l_entropy"] <= found["l"] + 1e-12).all()


def test_what_is_suggested_reaches_what_it_says(villagers):
    quasi = ["sex", "age", "village"]
    found = disclosure_risk(villagers, quasi)
    before = len(found.rows_at_risk)
    assert {"drop", "band"} <= set(found.suggestions["kind"])
    assert found.suggestions["n_at_risk"].is_monotonic_increasing
    for _, line in found.suggestions.iterrows():
        coarser = Coarsening(line["kind"], line["column"], line["size"]).apply(villagers[line["column"]])
        left = [q for q in quasi if q != line["column"] or coarser is not None]
        frame = villagers if coarser is None else villagers.assign(**{line["column"]: coarser})
        again = disclosure_risk(frame, left)
        assert (again.k, again.n_unique, len(again.rows_at_risk)) == (line["k"], line["n_unique"], line["n_at_risk"])
        assert line["saved"] == before - line["n_at_risk"]
    assert found.most_telling == "age"


def test_the_path_ends_at_the_k_that_is_wanted(villagers):
    found = disclosure_risk(villagers, ["sex", "age", "village"], k=5)
    assert found.path["n_at_risk"].iloc[-1] == 0
    assert found.path["k"].iloc[-1] >= 5
    assert found.path["saved"].sum() == len(found.rows_at_risk)
    assert found.path["kind"].iloc[0] != "drop"
    assert disclosure_risk(villagers, ["sex"]).path.empty


@given(st.lists(st.one_of(st.sampled_from("abcdef"), st.none()), max_size=60), st.integers(2, 8))
def test_merging_leaves_no_rare_value_where_there_are_enough_rows(values, least):
    series = pd.Series(values, dtype="object")
    after = merged(series, least)
    assert (after.isna() == series.isna()).all()
    counts = after.value_counts()
    assert len(counts) <= 1 or counts.min() >= least
    kept = series.notna() & (after == series)
    assert (series.map(series.value_counts())[kept] >= least).all()


def test_bands_hold_the_numbers_they_say():
    ages = pd.Series([18, 19.5, 20, 39, np.nan])
    assert banded(ages, 20).tolist()[:4] == [0, 0, 20, 20]
    assert np.isnan(banded(ages, 20)[4])


def test_what_others_know_is_taken_from_the_questionnaire(small_answers):
    found = disclosure_risk(small_answers, k=3)
    assert found.quasi == ("role", "village_id", "age")
    assert found.roles["role"].tolist() == ["villager", "official", "all"]
    assert found.roles["n"].iloc[-1] == found.roles["n"].iloc[:-1].sum() == len(small_answers)
    assert found.roles["n_at_risk"].iloc[-1] == len(found.rows_at_risk) == found.roles["n_at_risk"].iloc[:-1].sum()


@pytest.fixture
def small_answers(tmp_path):
    file = tmp_path / "q.yaml"
    file.write_text(
        """
id: small
version: "1"
title: {zh: 小问卷, en: Small}
roles:
  villager: {label: {zh: 村民, en: Villager}}
  official: {label: {zh: 干部, en: Official}}
choices:
  yesno: {1: {zh: 是, en: "Yes"}, 0: {zh: 否, en: "No"}}
blocks:
  who:
    label: {zh: 基本情况, en: Who}
    questions:
      - {name: age, type: integer, min: 16, max: 99, identifier: quasi, label: {zh: 年龄, en: Age}}
      - {name: sick, type: select_one, choices: yesno, label: {zh: 生病, en: Ill}}
""",
        encoding="utf-8",
    )
    questionnaire = sg.read_questionnaire(file)
    frame = pd.DataFrame(
        {
            "role": ["villager"] * 8 + ["official"] * 3,
            "village_id": ["V1"] * 6 + ["V2"] * 2 + [None] * 3,
            "age": [30, 30, 30, 41, 41, 41, 50, 51, 60, 60, 60],
            "sick": [1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 1],
        }
    )
    return sg.Responses(frame, questionnaire)


def test_every_page_is_there_in_both_languages(small_answers):
    found = disclosure_risk(small_answers, sensitive=["sick"], k=3)
    for table in (found.table, found.roles_table, found.suggestions_table):
        zh, en = str(table(language="zh")), str(table(language="en"))
        assert zh != en
        assert "None" not in zh + en
    page = str(found.table(language="en"))
    assert "k = 1; 2 unique, 2 in classes of fewer than 3; most telling: age Age" in page
    assert "sick Ill: l = 1 (distinct), 1.00 (entropy)" in page
    assert "not for print" in page


def test_no_page_shows_what_a_row_says(villagers):
    named = villagers.assign(village="Xanadu-" + villagers["village"])
    found = disclosure_risk(named, ["sex", "age", "village"])
    assert "Xanadu" not in "".join(map(str, (found.table(), found.roles_table(), found.suggestions_table())))


@pytest.mark.parametrize(
    ("quasi", "options", "kind"),
    [
        (None, {}, DesignError),
        ([], {}, DesignError),
        (["sex"], {"k": 1}, DesignError),
        (["sexx"], {}, DataError),
        (["sex"], {"sensitive": ["incom"]}, DataError),
    ],
)
def test_what_cannot_be_asked_is_told(villagers, quasi, options, kind):
    with pytest.raises(kind):
        disclosure_risk(villagers, quasi, **options)


def test_no_answers_are_told():
    with pytest.raises(DataError, match="no answers"):
        disclosure_risk(pd.DataFrame({"a": []}), ["a"])


def test_a_hundred_thousand_rows_take_seconds():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"a": rng.integers(0, 2, 100_000), "b": rng.integers(16, 90, 100_000), "c": rng.integers(0, 300, 100_000)}
    )
    start = time.perf_counter()
    disclosure_risk(frame, ["a", "b", "c"])
    assert time.perf_counter() - start < 10
