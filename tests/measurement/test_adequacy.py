import numpy as np
import pytest
from factor_analyzer import calculate_bartlett_sphericity, calculate_kmo
from public_matrices import answers_with, attitude, harman74, reference, thurstone
from reference_values import assert_matches

import sgsurvey as sg
from sgsurvey.errors import DesignError, EstimationError

PSYCH = "R psych 2.2.9"
CLOSED = {"rtol": 1e-9, "why": "closed form; the data carry the matrix to rounding"}


@pytest.mark.parametrize(("name", "matrix", "n"), [("harman74", harman74, 145), ("thurstone", thurstone, 213)])
def test_kmo_and_bartlett_of_published_matrices_are_those_of_psych(name, matrix, n):
    found = sg.adequacy(answers_with(matrix(), n), list(matrix().columns))
    values = reference()[name]
    at = {"reference": PSYCH, "data": name, **CLOSED}
    assert_matches([found.kmo, *found.items["msa"]], [values["kmo"], *values["msa"]], statistic="KMO and MSA", **at)
    row = found.frame[["chi_square", "df"]].iloc[0]
    assert_matches(row, [values["chi"], values["df"]], statistic="Bartlett's sphericity", **at)


def test_attitude_agrees_with_psych_and_with_factor_analyzer():
    found = sg.adequacy(attitude(), list(attitude().columns))
    values = reference()["attitude"]
    at = {"data": "attitude", "rtol": 1e-10, "why": "closed form"}
    ours = [found.kmo, *found.items["msa"]]
    assert_matches(ours, [values["kmo"], *values["msa"]], statistic="KMO and MSA", reference=PSYCH, **at)
    each, overall = calculate_kmo(attitude())
    peer = "factor_analyzer 0.5.1"
    assert_matches(ours, [overall, *each], statistic="KMO and MSA", reference=peer, **at)
    tested = found.frame[["chi_square", "p_value"]].iloc[0]
    bartlett = values["bartlett"]
    wanted = [bartlett["chisq"], bartlett["p.value"]]
    assert_matches(tested, wanted, statistic="Bartlett's sphericity", reference=PSYCH, **at)
    theirs = calculate_bartlett_sphericity(attitude())
    assert_matches(tested, theirs, statistic="Bartlett's sphericity", reference=peer, **at)


def test_order_scale_and_direction_of_items_do_not_matter():
    names = list(attitude().columns)
    before = sg.adequacy(attitude(), names)
    changed = (attitude() * [-1, 2, -3, 4, 5, -6, 7])[names[::-1]]
    after = sg.adequacy(changed, names[::-1])
    np.testing.assert_allclose(after.items["msa"], before.items["msa"][::-1], rtol=1e-9)
    np.testing.assert_allclose(after.frame.to_numpy(float), before.frame.to_numpy(float), rtol=1e-9)


def test_incomplete_rows_are_counted(villagers):
    frame = villagers.frame.copy()
    frame.loc[:4, "SUP1"] = 8
    found = sg.adequacy(sg.Responses(frame, villagers.questionnaire), ["MGT", "SUP"])
    assert (found.n, dict(found.dropped)) == (195, {"incomplete": 5})
    assert "195 used (not used: incomplete 5)" in str(found.table())
    assert "使用195行（未使用：题项作答不完整5）" in str(found.table(language="zh"))
    assert "Item SUP1" in str(found.items_table())


def test_what_no_factor_may_be_sought_in_is_refused(villagers, two_roles):
    with pytest.raises(DesignError, match=r"where\(role='villager'\)"):
        sg.adequacy(two_roles, ["MGT", "SUP"])
    with pytest.raises(DesignError, match="list of separate answers"):
        sg.adequacy(villagers, ["MGT", "CAU"])
    with pytest.raises(DesignError, match="at least 30 complete rows"):
        sg.adequacy(attitude().iloc[:20], list(attitude().columns))
    with pytest.raises(EstimationError, match="at least three items"):
        sg.adequacy(attitude(), ["rating", "raises"])
    with pytest.raises(EstimationError, match="rating alike"):
        sg.adequacy(attitude().assign(rating=1.0), list(attitude().columns))
    with pytest.raises(EstimationError, match="rating and again correlate perfectly"):
        sg.adequacy(attitude().assign(again=attitude()["rating"] * 2), ["rating", "raises", "learning", "again"])


def test_few_rows_and_selected_rows_are_said(villagers):
    frame = villagers.frame.copy()
    frame.loc[:109, "SUP1"] = 8
    notes = [n.en for n in sg.adequacy(sg.Responses(frame, villagers.questionnaire), ["MGT", "SUP"]).table().notes]
    assert any("90 complete rows for 8 items" in n for n in notes)
    assert any("55% of the rows" in n for n in notes)
    whole = [n.en for n in sg.adequacy(villagers, ["MGT", "SUP"]).table().notes]
    assert not any("complete rows" in n or "of the rows" in n for n in whole)
