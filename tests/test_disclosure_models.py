"""Prices, decompositions and waves: no file of theirs holds what few people answered."""

import numpy as np
import pandas as pd
import pytest
from test_disclosure import content

import sgsurvey as sg
from sgsurvey.errors import DataError
from sgsurvey.report.blocks import Figure
from sgsurvey.text import same

PRICES = np.repeat([2.0, 5.0, 10.0, 20.0, 40.0], [40, 40, 40, 40, 3])


def priced(accepted):
    """Answers to five prices of which so many accept."""
    yes = np.concatenate([np.arange(n) < k for n, k in zip((40, 40, 40, 40, 3), accepted, strict=True)])
    return pd.DataFrame({"offer": PRICES, "yes": yes.astype(int)})


def test_shares_that_few_stand_behind_are_hidden_and_never_one_alone():
    found = sg.willingness_to_pay(priced((38, 30, 20, 10, 1)), "yes", "offer")
    assert found.shares["accepted"].isna().tolist() == [True, True, False, False, True]
    assert found.shares.loc[[0, 1, 4], ["n", "conf_low", "conf_high", "pooled"]].isna().all(axis=None)
    lone = sg.willingness_to_pay(priced((30, 25, 20, 10, 1)), "yes", "offer").shares["accepted"]
    assert lone.isna().sum() == 3
    many = sg.willingness_to_pay(priced((30, 25, 20, 10, 0))[:160], "yes", "offer")
    assert many.shares.notna().all(axis=None)
    assert many.frame["estimate"].notna().all()


def test_sums_of_shares_are_hidden_with_them():
    """With Turnbull's bound, Kriström's area and what the curve sums to, two hidden shares would be two unknowns."""
    found = sg.willingness_to_pay(priced((38, 30, 20, 10, 1)), "yes", "offer")
    amounts = found.frame.set_index("statistic")["estimate"]
    assert amounts[["turnbull", "kristrom"]].isna().all()
    assert amounts.drop(["turnbull", "kristrom"]).notna().all()
    told = [row.cells[1].suppressed for row in found.table(language="en").rows]
    assert told == found.frame["estimate"].isna().tolist()


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "html", "tex", "md", "csv"])
def test_the_table_of_prices_says_how_it_hides(suffix, tmp_path):
    table = sg.willingness_to_pay(priced((38, 30, 20, 10, 1)), "yes", "offer").shares_table(language="en")
    held = content(table.save(tmp_path / f"prices.{suffix}")).decode("utf-8", errors="replace")
    assert "33.3" not in held
    assert "95.0" not in held.replace("95.0%", "")
    assert "‹5" in held.replace("&#8249;", "‹") or suffix == "csv"


def test_the_picture_is_drawn_without_the_hidden_shares(tmp_path):
    found = sg.willingness_to_pay(priced((38, 30, 20, 10, 1)), "yes", "offer")
    report = sg.Report("r", language="en").add(Figure(found, caption=same("c")))
    page = report.save(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<svg" in page
    axes = found.plot(language="en")
    drawn = np.concatenate([np.asarray(dots.get_offsets()) for dots in axes.collections if len(dots.get_offsets())])
    assert not np.isclose(np.ma.getdata(drawn)[:, 1], 1 / 3, atol=1e-9).any()


def few_and_many():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(1, 6, (84, 2)).astype(float), columns=["x", "y"])
    return frame.assign(g=["many"] * 80 + ["few"] * 4)


@pytest.mark.parametrize(
    "verb", [lambda d: sg.oaxaca(d, "y ~ x", group="g"), lambda d: sg.compare_waves(d, ["x"], wave="g")]
)
def test_means_of_a_few_people_are_refused(verb):
    with pytest.raises(DataError, match="few"):
        verb(few_and_many())
