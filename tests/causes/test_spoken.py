"""Open answers beside problems and measures: the shares of the table of themes, hidden where they are hidden there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from county_lists import LEVERS, with_lists
from small_county import DRIVERS, county

import sgsurvey as sg
from sgsurvey.answers.coding import coding_of
from sgsurvey.answers.coding_frame import Code, CodingFrame, Dimension
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.errors import DesignError
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.text import LANGUAGES, same


@pytest.fixture(scope="module")
def answers():
    made = with_lists(county(townships=12, seed=2))
    return replace(made, frame=made.frame.assign(said=[f"answer {k}" for k in range(len(made))]))


@pytest.fixture(scope="module")
def coding(answers):
    """Funding in every second answer, management in every fifth, supervision in 3 of all; B differs in every tenth."""
    given = open_answers(answers, "said")
    k = np.arange(len(given))
    first = np.where(k % 2 == 0, "FUN", np.where(k % 5 == 0, "MGT", np.where(k < 6, "SUP", "OTH")))
    other = np.where(k % 10 == 3, "FUN", first)
    lines = [
        given[["row", "item"]].assign(coder=coder, idea=1, aspect=codes, function="PRO", valence="-1")
        for coder, codes in (("A", first), ("B", other))
    ]
    return coding_of(pd.concat(lines), given, answers, CodingFrame.stakeholder(), ("A", "B"))


@pytest.fixture(scope="module")
def judged(answers):
    priorities = sg.priorities(answers, "SAT", DRIVERS, benchmark=88.0, cluster="township_id", draws=100, seed=1)
    shortfall = sg.shortfall(answers, DRIVERS, benchmark=88.0, by="role", cluster="township_id")
    return sg.countermeasures(answers, priorities, LEVERS, shortfall=shortfall)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_aspect_has_the_share_of_each_group_and_kappa(judged, coding, language):
    themes = sg.themes(coding, "aspect", by="role")
    found = judged.beside(themes)
    said = found.matrix.set_index("aspect")["spoken"]
    lines = themes.frame[themes.frame["theme"] == "FUN"]
    assert len(lines) == 3
    for line in lines.to_dict("records"):
        share, n = in_prose(line["share"], "percent", 0), in_prose(line["n_persons"], "count")
        assert share.to(language) in said["funding"].to(language)
        assert n.to(language) in said["funding"].to(language)
    kappa = sg.coder_agreement(coding).frame.set_index("code").loc["FUN", "kappa"]
    assert lines["kappa"].iloc[0] == pytest.approx(kappa, rel=1e-12)
    assert in_prose(kappa, "bounded", 2).to(language) in said["funding"].to(language)
    assert "spoken" in {column.key for column in found.table().columns}
    assert "spoken" not in {column.key for column in judged.table().columns}
    assert len(found.notes()) == len(judged.notes()) + 1


def test_what_the_table_of_themes_hides_is_hidden_here(judged, coding):
    themes = sg.themes(coding, "aspect", by="role")
    lines = themes.frame[themes.frame["theme"] == "SUP"]
    hidden = lines[lines["suppressed"]]
    assert len(hidden)
    words = judged.beside(themes).matrix.set_index("aspect").loc["supervision", "spoken"].en
    for line in hidden.to_dict("records"):
        assert f"{line['group_label'].en} —" in words
    assert words.count("—") == len(hidden)
    assert "κ" not in words


def test_all_together_the_share_has_its_interval(judged, coding):
    themes = sg.themes(coding, "aspect")
    line = themes.frame[themes.frame["theme"] == "FUN"].iloc[0]
    words = judged.beside(themes).matrix.set_index("aspect").loc["funding", "spoken"].en
    low, high = (in_prose(line[end], "percent", 0).en for end in ("conf_low", "conf_high"))
    assert f"50% (95% CI {low} to {high}, n = 288)" in words
    assert line["share"] == pytest.approx(0.5)


def test_one_coder_has_no_kappa_and_an_aspect_without_a_code_says_so(judged, coding, answers):
    alone = coding.frame[coding.frame["coder"] == "A"].drop(columns=["group", "quote_id"])
    known = {"FUN": "funding", "MGT": "management", "OTH": "", "SUP": ""}
    frame = CodingFrame(
        (Dimension("aspect", same("Aspect"), tuple(Code(c, same(c), aspect=a) for c, a in known.items())),)
    )
    lines = alone[["coder", "row", "item", "idea", "aspect"]]
    one = coding_of(lines, open_answers(answers, "said"), answers, frame, ("A",))
    said = judged.beside(sg.themes(one, by="role")).matrix.set_index("aspect")["spoken"]
    assert "κ" not in said["funding"].en
    assert said["supervision"].en == "no code for it"
    assert said["supervision"].zh == "编码框架未涉及"


def test_persons_are_not_added_up_over_themes(judged, coding):
    with pytest.raises(DesignError, match="one aspect of the questionnaire each"):
        judged.beside(sg.themes(coding, "function"))
    both = sg.themes(coding, ["aspect", "function"])
    assert both.aspects == {"MGT/PRO": "management", "FUN/PRO": "funding", "SUP/PRO": "supervision"}
    twice = replace(both, aspects={"FUN/PRO": "funding", "FUN/CAU": "funding"})
    with pytest.raises(DesignError, match=r'sg\.themes\(coding, "aspect"\)'):
        judged.beside(twice)


def test_themes_of_other_answers_are_refused(judged, coding, answers):
    some = coding.among(answers.where(role=["villager", "undertaker"]))
    with pytest.raises(DesignError, match=r"coding\.among\(answers\)"):
        judged.beside(sg.themes(some, "aspect"))


def test_nothing_in_it_claims_more_than_an_association(judged, coding):
    found = judged.beside(sg.themes(coding, "aspect", by="role"))
    words = [*found.notes(), *found.matrix["spoken"]]
    assert [claim for said in words for claim in overclaims_in(said, claim=1)] == []
