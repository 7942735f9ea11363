import numpy as np

from sgsurvey.numerics.paths import chain_coefficients, indirect_effects, routes


def test_routes_side_by_side_and_in_a_row():
    assert routes(2, serial=False) == [(0,), (1,)]
    assert routes(3, serial=True) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]


def test_slopes_are_those_of_the_regressions_and_effects_add_up_to_the_total():
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    m = np.column_stack([x, 0.5 * x]) + rng.normal(size=(200, 2))
    m[:, 1] += 0.7 * m[:, 0]
    y = 0.3 * x + m @ [0.4, -0.2] + rng.normal(size=200)
    z = np.column_stack([x, m, y])
    cov = np.cov(z, rowvar=False)[None]
    centred = z - z.mean(axis=0)
    for serial in (True, False):
        slopes = chain_coefficients(cov, 2, serial=serial)
        np.testing.assert_allclose(slopes[0, 3, :3], np.linalg.lstsq(centred[:, :3], centred[:, 3], rcond=None)[0])
        total = slopes[0, 3, 0] + indirect_effects(slopes, routes(2, serial=serial)).sum()
        np.testing.assert_allclose(total, cov[0, 0, 3] / cov[0, 0, 0])
    assert chain_coefficients(cov, 2, serial=False)[0, 2, 1] == 0
