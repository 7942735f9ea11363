"""Labels of several choices in one cell: read in one way, or not at all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgsurvey as sg
from sgsurvey.ingest.joined import bare, ways
from sgsurvey.text import Text

LABELS = {
    bare(text): code for code, text in enumerate(["红", "茶", "红 茶", "Black, green tea", "tea", "水稻"], start=1)
}


@pytest.mark.parametrize(
    ("text", "between", "found"),
    [
        ("水稻 茶", r"\s+", [(6, 2)]),
        ("红 茶", r"\s+", [(3,), (1, 2)]),
        ("茶 红", r"\s+", [(2, 1)]),
        ("Black, green tea, 水稻", r";|,\s?", [(4, 6)]),
        ("水稻;Black, green tea", r";|,\s?", [(6, 4)]),
        ("black, GREEN tea,tea", r",\s?", [(4, 5)]),
        ("红茶", r"\s+", []),
        ("水稻 水稻", r"\s+", []),
        ("水稻 高粱", r"\s+", []),
        ("", r"\s+", []),
    ],
)
def test_every_way_is_found(text, between, found):
    assert ways(text, LABELS, between) == found


@given(
    st.lists(st.text("ab ", min_size=1, max_size=5).map(bare).filter(bool), unique=True, min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_what_was_picked_is_always_among_the_ways_or_there_are_two(labels, chance):
    codes = {label: code for code, label in enumerate(labels)}
    picked = chance.sample(labels, chance.randint(1, len(labels)))
    found = ways(" ".join(picked), codes, r"\s+")
    assert tuple(codes[label] for label in picked) in found or len(found) == 2


def test_a_cell_that_can_be_read_in_two_ways_is_refused(instrument, write):
    rows = "role,TR1,TR2,TR3R,EF1,EF2,crops,_uuid\nvillager,1,2,3,4,5,水稻 茶,u1\n"
    assert sg.read_responses(write(rows), instrument, source="kobo").frame["crops_2"].tolist() == [1]
    crop = instrument.scales["crop"]
    # 水稻 and 茶 beside a choice that is called 水稻 茶.
    doubled = replace(crop, choices=(*crop.choices[:3], replace(crop.choices[3], label=Text("水稻 茶", "Both"))))
    items = tuple(replace(item, scale=doubled) if item.scale == crop else item for item in instrument.items)
    twofold = replace(instrument, items=items, scales={**instrument.scales, "crop": doubled})
    with pytest.raises(sg.DataError) as error:
        sg.read_responses(write(rows), twofold, source="kobo")
    assert error.value.code == "SG155"
    assert "98" in str(error.value)
