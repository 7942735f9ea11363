"""Somebody who reads a page and works out what it hides: sums as linear equations, counts as whole numbers."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from sgsurvey.answers.from_frame import as_columns


def open_to_all(data):
    """The same answers where nothing is hidden: the truth that the attacker is after."""
    return as_columns(data).showing(1)


class Page:
    """A table of counts with hidden cells (nan), and the sums that its reader knows."""

    def __init__(self, shown):
        self.shown = np.asarray(shown, dtype=float)
        self.rows, self.values, self.slack = [], [], []

    def knows(self, weights, value, *, within=0.0):
        """The cells times ``weights`` add up to ``value``, give or take ``within`` (rounding)."""
        weights = np.asarray(weights, dtype=float).reshape(self.shown.shape)
        seen = ~np.isnan(self.shown)
        self.rows.append(weights[~seen])
        self.values.append(value - (weights[seen] * self.shown[seen]).sum())
        self.slack.append(within)

    def columns_add_up_to(self, sums, **how):
        for j, value in enumerate(sums):
            weights = np.zeros(self.shown.shape)
            weights[:, j] = 1
            self.knows(weights, value, **how)

    def rows_add_up_to(self, sums, **how):
        for i, value in enumerate(sums):
            weights = np.zeros(self.shown.shape)
            weights[i] = 1
            self.knows(weights, value, **how)

    def last_column_is_the_sum(self):
        for i in range(len(self.shown)):
            weights = np.zeros(self.shown.shape)
            weights[i] = 1
            weights[i, -1] = -1
            self.knows(weights, 0.0)


def intervals(page, *, occupied=None):
    """Smallest and largest whole number that each hidden cell can hold; what is shown for the others.

    ``occupied``: cells of which the reader is told that somebody is in them.
    """
    hidden = np.isnan(page.shown)
    low, high = page.shown.copy(), page.shown.copy()
    for cell in map(tuple, np.argwhere(hidden)):
        weights = np.zeros(page.shown.shape)
        weights[cell] = 1
        low[cell], high[cell] = interval(page, weights, occupied=occupied)
    return low, high


def interval(page, weights, *, occupied=None):
    """Smallest and largest whole number that hidden cells times ``weights`` can add up to."""
    hidden = np.isnan(page.shown)
    least = np.zeros(hidden.sum()) if occupied is None else np.where(occupied[hidden], 1.0, 0.0)
    values, slack = np.asarray(page.values), np.asarray(page.slack)
    constraints = [LinearConstraint(np.asarray(page.rows), values - slack, values + slack)] if page.rows else []
    ends = []
    for sign in (1, -1):
        aim = sign * np.asarray(weights, dtype=float)[hidden]
        found = milp(aim, constraints=constraints, bounds=Bounds(least, np.inf), integrality=np.ones(len(aim)))
        assert found.status in (0, 3), f"the page contradicts itself: {found.message}"
        ends.append(round(sign * found.fun) if found.status == 0 else np.inf)
    return ends


def feasible(page, counts):
    """Whether ``counts`` agree with all that the page tells."""
    hidden = np.isnan(page.shown)
    told = all(
        abs(row @ counts[hidden] - value) <= slack + 1e-9
        for row, value, slack in zip(page.rows, page.values, page.slack, strict=True)
    )
    return told and bool((counts[~hidden] == page.shown[~hidden]).all())
