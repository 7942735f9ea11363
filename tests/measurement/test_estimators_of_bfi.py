"""What estimates of ordered and continuous items must not depend on."""

import numpy as np
import pytest
from lavaan_values import CN, HS, conscience_and_neuroticism, schoolchildren, with_gaps

import sgsurvey as sg


@pytest.mark.parametrize(
    ("make", "model", "options"),
    [
        (schoolchildren, HS, {"estimator": "MLR"}),
        (lambda: with_gaps(schoolchildren()), HS, {"estimator": "MLR", "missing": "fiml"}),
        (conscience_and_neuroticism, CN, {"estimator": "WLSMV"}),
    ],
)
def test_the_order_of_rows_items_and_factors_decides_nothing(make, model, options):
    frame = make()
    plain = sg.cfa(frame, model, **options)
    turned = {factor: items[:1] + items[:0:-1] for factor, items in reversed(model.items())}
    other = sg.cfa(frame.sample(frac=1, random_state=3), turned, **options)
    for name in ("chi_square", "chi_square_scaled", "cfi", "cfi_robust", "rmsea_robust", "srmr"):
        np.testing.assert_allclose(other.fit[name], plain.fit[name], rtol=1e-6)
    loadings = [fit.frame[fit.frame["op"] == "=~"].set_index(["lhs", "rhs"]).sort_index() for fit in (plain, other)]
    np.testing.assert_allclose(loadings[1]["std_error"], loadings[0]["std_error"], atol=1e-6)


def test_units_of_continuous_items_and_codes_of_ordered_ones_decide_nothing():
    frame = schoolchildren()
    items = [item for group in HS.values() for item in group]
    plain = sg.cfa(frame, HS, estimator="MLR").fit
    other = sg.cfa(frame.assign(**{x: 3 * frame[x] - 7 for x in items}), HS, estimator="MLR").fit
    np.testing.assert_allclose(other["chi_square_scaled"], plain["chi_square_scaled"], rtol=1e-7)
    ordered = conscience_and_neuroticism()
    plain = sg.cfa(ordered, CN, estimator="WLSMV").fit
    other = sg.cfa(ordered.assign(**{x: 2 * ordered[x] + 10 for x in CN["C"]}), CN, estimator="WLSMV").fit
    np.testing.assert_allclose(other["chi_square_scaled"], plain["chi_square_scaled"], rtol=1e-9)


def test_what_is_no_ordered_answer_is_refused():
    twin = conscience_and_neuroticism()
    twin["C2"] = twin["C1"]
    with pytest.raises(sg.EstimationError, match=r"determine each other"):
        sg.cfa(twin, CN, estimator="WLSMV")


def test_rows_that_are_each_their_own_cluster_or_weigh_alike_change_nothing_of_wlsmv():
    frame = conscience_and_neuroticism()
    plain = sg.cfa(frame, CN, estimator="WLSMV")
    alone = sg.cfa(frame.assign(own=range(len(frame))), CN, estimator="WLSMV", cluster="own")
    even = sg.cfa(sg.survey_design(frame.assign(w=2.0), weights="w"), CN, estimator="WLSMV")
    for other in (alone, even):
        np.testing.assert_allclose(other.frame["std_error"].dropna(), plain.frame["std_error"].dropna(), rtol=1e-8)
        np.testing.assert_allclose(other.fit["chi_square_scaled"], plain.fit["chi_square_scaled"], rtol=1e-8)


def test_rows_drawn_in_clusters_move_the_errors_of_ordered_items():
    frame = conscience_and_neuroticism()
    score = frame[CN["C"]].sum(axis=1).rank(method="first")
    designed = sg.survey_design(frame.assign(village=(score // 20).astype(int)), clusters="village")
    wide, plain = (sg.cfa(data, CN, estimator="WLSMV") for data in (designed, frame))
    cuts = [fit.frame.set_index(["lhs", "op", "rhs"])["std_error"].loc[("C1", "|", "t3")] for fit in (wide, plain)]
    assert cuts[0] > 1.5 * cuts[1]
